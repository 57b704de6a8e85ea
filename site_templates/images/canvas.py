"""A canvas of indexed colours: dots, rounded boxes and text as numpy stamps, written as a PNG with a palette.

Maps of some thousand points are few colours in many places. Drawn as palette indices, with centres on whole pixels so
that every dot of a shape is the same stamp, they cost a few milliseconds and a few kilobytes. Text is drawn with the
typeface that comes inside Pillow, so that a picture is the same on every machine.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import ImageFont

TEXT_STEPS = 2
"""Steps of coverage at the edge of a letter; each colour takes as many places in the palette."""

_EFFORT = 6
"""Of zlib: the maps and contact sheets of the digits take half as long as at 8, and are a twentieth larger."""

Color = tuple[int, int, int]

_LEVELS = np.arange(256, dtype=np.uint8)[:, None]
GREYS = np.hstack([_LEVELS, _LEVELS, _LEVELS, np.full_like(_LEVELS, 255)])
"""Palette of grey pictures as they are: dark to light."""
INK = np.hstack([np.tile(np.array([0x1D, 0x1B, 0x18], dtype=np.uint8), (256, 1)), _LEVELS])
"""Palette of strokes on nothing: the light theme's ink, less or more of it. The page puts its own ink in its place."""
ON_PAPER = np.hstack([255 - _LEVELS, 255 - _LEVELS, 255 - _LEVELS, np.full_like(_LEVELS, 255)])
"""Palette of strokes on white, where no page can put its ink."""


def rgb(text: str) -> Color:
    """ "#rrggbb" as three numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


class Canvas:
    """A picture of `width` × `height` pixels on a ground of one colour, or on none (transparent)."""

    def __init__(self, width: int, height: int, ground: Color | None) -> None:
        self.pixels: NDArray[np.uint16] = np.zeros((height, width), dtype=np.uint16)
        self._ground = ground
        self._palette: list[tuple[int, int, int, int]] = [(*(ground or (0, 0, 0)), 255 if ground else 0)]
        self._ramps: dict[tuple[Color, Color | None, int], int] = {}

    def ramp(self, color: Color, over: Color | None = None, steps: int = 1) -> int:
        """First palette index of a colour's steps of coverage over a ground (default: the canvas's)."""
        under = over or self._ground
        if (color, under, steps) not in self._ramps:
            self._ramps[color, under, steps] = len(self._palette)
            for step in range(1, steps + 1):
                part = step / steps
                if under is None:
                    self._palette.append((*color, round(255 * part)))
                else:
                    red, green, blue = (
                        round(one * part + two * (1 - part)) for one, two in zip(color, under, strict=True)
                    )
                    self._palette.append((red, green, blue, 255))
        return self._ramps[color, under, steps]

    def dots(
        self,
        at: NDArray[np.float64],
        radius: float,
        colors: Sequence[Color],
        shapes: Sequence[str],
        groups: NDArray[Any],
    ) -> None:
        """Draw dots with hard edges, later ones over earlier ones.

        Args:
            at: (n, 2) centres as x, y in pixels, rounded to whole ones.
            radius: of a disc, in pixels; other shapes have its area.
            colors, shapes: by group, shapes of the palette.
            groups: (n,) group of each dot.
        """
        ramps = np.array([self.ramp(color) for color in colors], dtype=np.uint16)[groups]
        centres = np.rint(at).astype(np.int64)
        stamps = [_stamp_of(shape, radius) for shape in shapes]
        # every stamp as long as the longest, so that all dots are painted at once and in their order
        longest = max(len(x) for x, _ in stamps)
        dx, dy = (
            np.array([np.pad(stamp[axis], (0, longest - len(stamp[axis])), "edge") for stamp in stamps])[groups]
            for axis in (0, 1)
        )
        height, width = self.pixels.shape
        x = np.clip(centres[:, :1] + dx, 0, width - 1)
        y = np.clip(centres[:, 1:] + dy, 0, height - 1)
        self.pixels[y, x] = ramps[:, None]

    def box(self, left: int, top: int, width: int, height: int, color: Color, radius: int = 0) -> None:
        """Fill a box with round corners."""
        part = np.ones((height, width), dtype=np.int64)
        if radius:
            edge = radius - np.arange(radius) - 0.5
            corner = (edge[:, None] ** 2 + edge[None, :] ** 2 <= radius**2).astype(np.int64)
            part[:radius, :radius] = corner
            part[:radius, -radius:] = corner[:, ::-1]
            part[-radius:, :radius] = corner[::-1]
            part[-radius:, -radius:] = corner[::-1, ::-1]
        self._stamp(left, top, part, self.ramp(color))

    def text(self, left: int, top: int, text: str, size: int, color: Color, over: Color | None = None) -> int:
        """Write a line whose capitals begin at `top`; returns its width in pixels."""
        mask = _text_mask(text, size)
        part = (mask.astype(np.int64) * TEXT_STEPS + 127) // 255
        self._stamp(left, top - _rise(size), part, self.ramp(color, over, TEXT_STEPS))
        return int(mask.shape[1])

    def _stamp(self, left: int, top: int, part: NDArray[np.int64], base: int) -> None:
        height, width = self.pixels.shape
        y0, x0 = max(0, -top), max(0, -left)
        part = part[y0 : height - top, x0 : width - left]
        if not part.size:
            return
        view = self.pixels[top + y0 : top + y0 + part.shape[0], left + x0 : left + x0 + part.shape[1]]
        view[part > 0] = (base + part[part > 0] - 1).astype(np.uint16)

    def rgba(self) -> NDArray[np.uint8]:
        """The picture as (height, width, 4) red, green, blue and alpha, to be made smaller."""
        return np.array(self._palette, dtype=np.uint8)[self.pixels]

    def png(self) -> bytes:
        """The picture as PNG."""
        return png(self.pixels, np.array(self._palette, dtype=np.uint8))


def png(pixels: NDArray[np.integer[Any]], palette: NDArray[np.uint8], noisy: bool = False) -> bytes:
    """A PNG file: with the palette's colours that are used where they are at most 256, else in full colour.

    Args:
        pixels: (height, width) rows of `palette`.
        palette: (colours, 4) red, green, blue and alpha.
        noisy: whether hardly anything is repeated, as in photographs: short repeats then cost more than they save.

    Pixels are compressed without a filter, which suits flat colours; so packed, maps are a third smaller than Pillow's.
    """
    used = np.flatnonzero(np.bincount(pixels.ravel(), minlength=len(palette)))
    opaque = bool((palette[used, 3] == 255).all())
    height, width = pixels.shape
    if len(used) > 256:
        rows = palette[pixels][:, :, : 3 if opaque else 4].reshape(height, -1)
        return _png_file(width, height, 8, 2 if opaque else 6, [], rows, noisy)
    dense = np.zeros(len(palette), dtype=np.uint8)
    dense[used] = np.arange(len(used))
    rows = dense[pixels]
    depth = 4 if len(used) <= 16 else 8
    if depth == 4:
        rows = np.pad(rows, ((0, 0), (0, width % 2)))
        rows = rows[:, ::2] << 4 | rows[:, 1::2]
    parts = [(b"PLTE", palette[used, :3].tobytes())]
    if not opaque:
        parts.append((b"tRNS", palette[used, 3].tobytes()))
    return _png_file(width, height, depth, 3, parts, rows, noisy)


def _png_file(
    width: int,
    height: int,
    depth: int,
    kind: int,
    parts: Sequence[tuple[bytes, bytes]],
    rows: NDArray[np.uint8],
    noisy: bool,
) -> bytes:
    """Put a PNG file together (ISO/IEC 15948); each row of bytes gets the number of its filter, 0 for none."""
    packer = zlib.compressobj(
        _EFFORT, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_FILTERED if noisy else zlib.Z_DEFAULT_STRATEGY
    )
    data = packer.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes()) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    chunks = [(b"IHDR", head), *parts, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


@cache
def _stamp_of(shape: str, radius: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Offsets x, y of the pixels that a dot covers: of a disc's area, whatever its shape."""
    area = math.pi * radius**2
    reach = math.ceil(1.6 * radius)
    x, y = (grid.astype(np.float64) for grid in np.meshgrid(*2 * (np.arange(-reach, reach + 1),)))
    if shape == "square":
        covered = np.maximum(abs(x), abs(y)) <= math.sqrt(area) / 2
    elif shape == "diamond":
        covered = abs(x) + abs(y) <= math.sqrt(area / 2)
    elif shape in ("triangle-up", "triangle-down"):
        height = math.sqrt(area * math.sqrt(3))
        depth = (y if shape == "triangle-up" else -y) + height / 2
        covered = (abs(x) <= depth / math.sqrt(3)) & (depth <= height)
    else:
        covered = x**2 + y**2 <= radius**2
    rows, columns = np.nonzero(covered)
    return columns - reach, rows - reach


# ----------------------------------------------------------------------------------------------------------- text


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return font


@cache
def _rise(size: int) -> int:
    """Pixels between the top of a text's mask and the top of its capitals."""
    return int(_font(size).getbbox("H")[1])


@lru_cache(maxsize=512)
def _text_mask(text: str, size: int) -> NDArray[np.uint8]:
    """Coverage of a line of text from 0 to 255: (height, width)."""
    from PIL import Image, ImageDraw

    font = _font(size)
    ascent, descent = font.getmetrics()
    image = Image.new("L", (max(1, round(font.getlength(text))) + 2, ascent + descent))
    ImageDraw.Draw(image).text((0, 0), text, fill=255, font=font)
    return np.asarray(image)


def text_width(text: str, size: int) -> int:
    """Width of a line in pixels."""
    return round(_font(size).getlength(text))


def drawable(text: str) -> bool:
    """Whether the typeface has every character of the text; it would show boxes for the others."""
    font = _font(24)
    box = bytes(font.getmask("\U0010ffff"))
    return all(character == " " or bytes(font.getmask(character)) != box for character in set(text))


def wrapped(text: str, size: int, width: int, lines: int) -> list[str]:
    """A text in at most `lines` lines of at most `width` pixels; what does not fit ends in "…"."""
    found = [""]
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        if text_width(longer, size) <= width or not found[-1]:
            found[-1] = longer
        else:
            found.append(word)
    kept = found[:lines]
    if len(found) > lines:
        kept[-1] += "…"
    return [_cut(line, size, width) for line in kept]


def _cut(line: str, size: int, width: int) -> str:
    if text_width(line, size) <= width:
        return line
    line = line.removesuffix("…")
    while line and text_width(f"{line}…", size) > width:
        line = line[:-1].rstrip()
    return f"{line}…"
