"""One picture from its bytes: its kind by its first bytes, weighed by its header, decoded no larger than is needed."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.raw import LIMITS, Limits, check_dimensions

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

KINDS = "PNG, JPEG, WebP, BMP, TIFF, GIF, PGM and PPM"
SUFFIXES = (
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff"),
    *(".pgm", ".ppm", ".pbm", ".pnm"),
)
"""Endings that pictures have which are read; what lies in the file decides."""
UNREAD = (
    *(".heic", ".heif", ".avif", ".jp2", ".j2k", ".jxl", ".svg", ".psd", ".tga", ".exr", ".hdr", ".ico", ".eps"),
    *(".dcm", ".dicom", ".nii", ".raw", ".dng", ".nef", ".cr2", ".cr3", ".arw", ".orf", ".rw2", ".raf"),
    *(".webm", ".mp4", ".mov", ".avi"),
)
"""Endings of pictures and films that are not read: a class that holds nothing else would vanish."""
AGAIN = "; get it again"
_FETCH = "; fetch what it stands for (git annex get, dvc pull, git lfs pull)"
_CONVERT = "; convert it to PNG or JPEG"
START = 32
"""Bytes at a file's beginning that say what it is."""
_ORIENTATION = 0x0112
_GAP = 4
"""A JPEG is decoded to at least four times the wanted side: the exact scaling afterwards decides the pixels."""
_WEBP = 12
"""Bytes a pixel that WebP's decoder takes: two canvases and the result, of four bytes each."""
_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")


class PictureError(DataError):
    """One picture cannot be read. `reason`: in words, without its name; `way_out`: what to do."""

    def __init__(self, where: str, reason: str, way_out: str) -> None:
        super().__init__(f"{where}: {reason}{way_out}")
        self.reason, self.way_out = reason, way_out


@dataclass(frozen=True)
class Picture:
    """One decoded picture.

    Attributes:
        pixels: (h, w) or (h, w, 3) uint8; (h, w) int32 or float32 where a pixel is deeper than 8 bits.
        animated: whether it has further frames, which are not read.
        squeezed: whether it holds colours of 16 bits, of which 8 are read.
    """

    pixels: NDArray[Any]
    animated: bool = False
    squeezed: bool = False


def kind_of(start: bytes) -> str | None:
    """The kind of a picture that is read, by its first `START` bytes; None: none of them."""
    kind = next((kind for kind, magics in _MAGICS.items() if start.startswith(magics)), None)
    sound = {
        "WebP": start[8:12] == b"WEBP",
        "BMP": int.from_bytes(start[14:18], "little") in (12, 40, 52, 56, 64, 108, 124),
        "PGM": start[2:3].isspace() and (start[3:4].isdigit() or start[3:4] in (b"#", b" ")),
    }
    return kind if kind is not None and sound.get(kind, True) else None


_MAGICS: Mapping[str, tuple[bytes, ...]] = {
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "JPEG": (b"\xff\xd8\xff",),
    "WebP": (b"RIFF",),
    "GIF": (b"GIF87a", b"GIF89a"),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "BMP": (b"BM",),
    "PGM": (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"),
}


def decoded(source: Path | bytes, where: str, shape: tuple[int, ...] | None, limits: Limits = LIMITS) -> Picture:
    """One picture, upright, transparency on white, grey where it holds no colour.

    A JPEG is scaled while it is decoded where `shape` is far smaller, so that a phone's photograph takes a few
    megabytes. A picture deeper than 8 bits keeps every level. Of several frames the first is read.

    Args:
        source: path or bytes.
        where: for messages.
        shape: (height, width[, channels]) to scale to, cropped at the centre to keep proportions; None: as it is.

    Raises:
        PictureError: of no kind that is read, damaged or too large.
        OSError: of the operating system.
    """
    try:
        size = source.stat().st_size if isinstance(source, Path) else len(source)
    except OSError:
        if not (isinstance(source, Path) and source.is_symlink()):
            raise
        raise PictureError(where, "a link that leads nowhere", _FETCH) from None
    if size > limits.image_bytes:
        raise PictureError(where, f"{size:,} bytes; allowed for one picture: {limits.image_bytes:,}", "")
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as stream:
        start = stream.read(START)
        kind = kind_of(start)
        if kind is None:
            raise PictureError(where, *_no_picture(start))
        stream.seek(0)
        try:
            return _decoded(cast(IO[bytes], stream), kind, where, shape, limits)
        except DataError:
            raise
        # Pillow's decoders raise nearly anything on damaged bytes
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            cut = any(word in str(error).lower() for word in ("truncated", "unexpected end", "eof"))
            raise PictureError(where, f"{kind} that is {'cut off' if cut else 'damaged'}", AGAIN) from None


def _no_picture(start: bytes) -> tuple[str, str]:
    """Why bytes are no picture that is read, and what to do."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "empty file", AGAIN
    if text.startswith(b"version https://git-lfs"):
        return "pointer of Git LFS in place of the picture", "; get them with: git lfs pull"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "web page in place of the picture", AGAIN
    if text.startswith((b"<svg", b"<?xml")):
        return "SVG or XML, which is not read", _CONVERT
    if start[4:8] == b"ftyp":
        named = "AVIF" if start[8:11] == b"avi" else "HEIC" if start[8:10] in (b"he", b"mi") else "film"
        return f"{named}, which is not read", _CONVERT
    return f"no picture of a kind that is read ({KINDS})", AGAIN


def _decoded(stream: IO[bytes], kind: str, where: str, shape: tuple[int, ...] | None, limits: Limits) -> Picture:
    from PIL import Image, ImageOps

    if kind == "WebP":
        # its decoder makes room for the picture before it tells the sides
        _check(_webp_sides(stream), _WEBP, where, limits)
    opened = _openers()[kind](stream)
    _check(opened.size, _kept_whole(opened, stream), where, limits)
    if shape is not None and kind == "JPEG":
        side = _GAP * max(shape[:2])  # it may be turned yet
        opened.draft(cast(str, None), (side, side))
    _check(opened.size, _WEBP if kind == "WebP" else _BYTES.get(opened.mode, 4), where, limits)
    if shape is None:
        check_dimensions((1, *opened.size[::-1]), where, limits)
    animated, squeezed = _animated(opened, kind), _squeezed(opened)
    opened.load()
    image = _turned(opened)
    if image.mode in _DEEP:
        return Picture(_deep(image, shape), animated, squeezed)
    if shape is not None:
        image = _reduced(image, shape)
    image = _plain(image)
    if shape is not None and image.size != (shape[1], shape[0]):
        image = ImageOps.fit(image, (shape[1], shape[0]), Image.Resampling.BOX)
    pixels = np.asarray(image, dtype=np.uint8)
    if pixels.ndim == 3 and (pixels[:, :, :1] == pixels[:, :, 1:]).all():
        pixels = pixels[:, :, 0].copy()
    return Picture(pixels, animated, squeezed)


def _openers() -> Mapping[str, Callable[[IO[bytes]], ImageFile]]:
    """What reads a header; not `Image.open`, which refuses large ones before their sides are known, and JPEGs for what
    stands behind their first picture."""
    from PIL.BmpImagePlugin import BmpImageFile
    from PIL.GifImagePlugin import GifImageFile
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile
    from PIL.PpmImagePlugin import PpmImageFile
    from PIL.TiffImagePlugin import TiffImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    return {
        "PNG": PngImageFile,
        "JPEG": JpegImageFile,
        "WebP": WebPImageFile,
        "GIF": GifImageFile,
        "TIFF": TiffImageFile,
        "BMP": BmpImageFile,
        "PGM": PpmImageFile,
    }


def _check(sides: tuple[int, int], bytes_a_pixel: float, where: str, limits: Limits) -> None:
    """Refuse a picture by its sides."""
    width, height = sides
    sentence = f"{width:,} × {height:,} pixels"
    if width * height > limits.image_pixels:
        raise PictureError(where, f"{sentence}; allowed: {limits.image_pixels:,} in all", "")
    if width * height * bytes_a_pixel > limits.image_bytes:
        needed = int(width * height * bytes_a_pixel)
        raise PictureError(where, f"{sentence} take {needed:,} bytes; allowed: {limits.image_bytes:,}", "")


_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
"""A pixel, by Pillow's mode; 4 for all others."""


def _kept_whole(opened: ImageFile, stream: IO[bytes]) -> float:
    """Bytes a pixel that a decoder keeps of the whole picture, however far it is scaled down meanwhile.

    libjpeg decodes a JPEG line by line where its first scan holds all components. Of any other, such as a progressive
    one, it keeps every coefficient, two bytes each.
    """
    layers = getattr(opened, "layer", None)
    if not layers:
        return 0
    length = 6 + 2 * len(layers)
    stream.seek(max(0, stream.tell() - length))
    if stream.read(length)[:3] == bytes([0, length, len(layers)]) and "progressive" not in opened.info:
        return 0
    widest, highest = (max(layer[at] for layer in layers) for at in (1, 2))
    return float(2 * sum(layer[1] * layer[2] for layer in layers) / max(1, widest * highest))


def _webp_sides(stream: IO[bytes]) -> tuple[int, int]:
    """Width and height of a WebP.

    Source: Google, "WebP Container Specification" and RFC 6386, section 9.1, RFC 9649, section 3.4.
    """
    start = stream.read(30)
    stream.seek(0)
    if start[12:16] == b"VP8X":
        return int.from_bytes(start[24:27], "little") + 1, int.from_bytes(start[27:30], "little") + 1
    if start[12:16] == b"VP8L":
        bits = int.from_bytes(start[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if start[12:16] == b"VP8 " and len(start) == 30:
        width, height = struct.unpack("<HH", start[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise SyntaxError("no WebP chunk")


def _animated(opened: ImageFile, kind: str) -> bool:
    """Whether there are further frames; a JPEG's are previews."""
    if kind == "JPEG":
        return False
    try:
        return bool(getattr(opened, "is_animated", False))
    # the first frame may be sound where the second is not
    except Exception:
        return True


def _squeezed(opened: ImageFile) -> bool:
    """Whether Pillow drops the lower 8 bits: it has no colours of 16."""
    wide = any(";16" in str(tile[3]) for tile in opened.tile)
    return wide and opened.mode not in _DEEP


def _turned(image: Image) -> Image:
    """Upright, as the EXIF says; as it is where that cannot be read, for pixels are sound without it."""
    from PIL import Image as pillow

    turns = {
        2: pillow.Transpose.FLIP_LEFT_RIGHT,
        3: pillow.Transpose.ROTATE_180,
        4: pillow.Transpose.FLIP_TOP_BOTTOM,
        5: pillow.Transpose.TRANSPOSE,
        6: pillow.Transpose.ROTATE_270,
        7: pillow.Transpose.TRANSVERSE,
        8: pillow.Transpose.ROTATE_90,
    }
    try:
        turn = turns.get(image.getexif().get(_ORIENTATION, 1))
    # nearly anything on damaged bytes, as above
    except Exception:
        turn = None
    return image if turn is None else image.transpose(turn)


def _reduced(image: Image, shape: tuple[int, ...]) -> Image:
    """A large picture by a whole factor, before copies are made of it, to `_GAP` times the wanted sides or more."""
    factor = min(image.width // (_GAP * shape[1]), image.height // (_GAP * shape[0]))
    if factor < 2 or image.mode not in ("L", "RGB", "RGBA", "CMYK"):
        return image
    return image.reduce(factor)


def _plain(image: Image) -> Image:
    """As grey or colour of 8 bits, transparency on white."""
    from PIL import Image as pillow

    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        clear = image.convert("RGBA")
        ground = pillow.new("RGBA", clear.size, "white")
        return pillow.alpha_composite(ground, clear).convert("RGB")
    wanted = "L" if image.mode in ("1", "L") else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def _deep(image: Image, shape: tuple[int, ...] | None) -> NDArray[Any]:
    """Whole numbers of more than 8 bits as int32, fractions as float32; scaled as fractions."""
    from PIL import Image as pillow
    from PIL import ImageOps

    pixels = np.asarray(image)
    if shape is None or image.size == (shape[1], shape[0]):
        return pixels.astype(np.float32 if image.mode == "F" else np.int32)
    wide = pillow.fromarray(pixels.astype(np.float32))
    fitted = np.asarray(ImageOps.fit(wide, (shape[1], shape[0]), pillow.Resampling.BOX))
    return fitted.copy() if image.mode == "F" else np.rint(fitted).astype(np.int32)
