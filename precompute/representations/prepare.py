"""How pictures are brought to what an image encoder expects. A new way is one function and one entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError, Dataset

Pixels = NDArray[np.uint8]
Inputs = NDArray[np.float32]

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
"""Means and deviations of the channels, as the makers of the encoders took them of their training pictures."""

_BITS = 32
"""Side of the picture of bits that strokes are brought to, and `_GRID` that of the counts that are made of it."""
_GRID = 8
_WIDEST = 20
"""Bits: strokes are scaled to the full height, and to at most this width (M. Garris et al., "NIST Form-Based Handprint
Recognition System", 1994, by whose programs the digits were made)."""
_INK = 0.305
"""Share of the bits that are ink: that of scikit-learn's digits, whose spread is a ninth of it."""
_FAINT, _FULL = 0.05, 0.9
"""Between which the darkness lies from which a bit is ink, whatever the share."""
_STROKE = 0.3
"""Darkness from which a pixel belongs to the strokes whose box is taken."""
_FINER = 2
"""Points a bit and side at which larger pictures are looked at, so that no thin stroke is missed."""
_BLOCK = 1_024
"""Pictures that are brought to bits at once."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """A way to prepare pictures.

    Attributes:
        label: in words.
        shape: (channels, height, width) of what an encoder gets; None: as the pictures are.
        strokes: whether it is for bright strokes on an empty ground only.
        prepare: from (n, h, w, 1 or 3) bytes to (n, channels, height, width) float32; pictures one by one, so that no
            picture changes another's numbers.
    """

    label: str
    shape: tuple[int, int, int] | None
    strokes: bool = False
    prepare: Callable[[Pixels], Inputs]

    def sides(self, pictures: tuple[int, int, int]) -> tuple[int, int, int]:
        """(channels, height, width) of what an encoder gets of pictures of (height, width, channels)."""
        height, width, channels = pictures
        return self.shape or (channels, height, width)


def check(name: str, data: Dataset, who: str) -> Preparation:
    """The preparation of a name, if it suits the data.

    Args:
        name: of `PREPARATIONS`.
        who: for messages.

    Raises:
        DataError: it is unknown, there are no pictures, or they are not what it is for.
    """
    if name not in PREPARATIONS:
        raise DataError(f"{who}: prepare = {name!r} is unknown; allowed: {', '.join(PREPARATIONS)}")
    preparation = PREPARATIONS[name]
    if data.pixels is None or data.image_shape is None:
        raise DataError(f"{who}: the data have no pictures for an image encoder; bring its numbers as a file (path)")
    if preparation.strokes and (data.polarity != "ink" or data.image_shape[2] != 1):
        raise DataError(
            f"{who}: prepare = {name!r} is for grey pictures of bright strokes on an empty ground, which these are not "
            'taken for; ink = "bright" under [[dataset]] says that they are'
        )
    return preparation


def _plain(pictures: Pixels) -> Inputs:
    """As they are: bytes over 255, channels first."""
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), dtype=np.float32) / np.float32(255)


def _square(
    pictures: Pixels, *, side: int, resized: int, filter: str, norm: tuple[tuple[float, ...], tuple[float, ...]]
) -> Inputs:
    """Colour, the shorter side scaled to `resized`, the middle `side` × `side` of it, each channel standardised."""
    from PIL import Image

    mean, deviation = (np.array(each, dtype=np.float32)[:, None, None] for each in norm)
    inputs = np.empty((len(pictures), 3, side, side), dtype=np.float32)
    for at, picture in enumerate(pictures):
        height, width = picture.shape[:2]
        scale = resized / min(height, width)
        size = (max(resized, round(width * scale)), max(resized, round(height * scale)))
        image = Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture).convert("RGB")
        image = image.resize(size, Image.Resampling[filter])
        left, top = (size[0] - side) // 2, (size[1] - side) // 2
        colours = np.asarray(image.crop((left, top, left + side, top + side)), dtype=np.float32)
        inputs[at] = (colours.transpose(2, 0, 1) / np.float32(255) - mean) / deviation
    return inputs


def _strokes(pictures: Pixels) -> Inputs:
    """Bright strokes in the form of scikit-learn's digits: counts of ink in 8 × 8 blocks of 4 × 4 bits, over 16.

    Pictures of 8 × 8 are taken to be in that form.
    """
    if pictures.shape[1:3] == (_GRID, _GRID):
        return _plain(pictures)
    counts = np.empty((len(pictures), 1, _GRID, _GRID), dtype=np.float32)
    for begin in range(0, len(pictures), _BLOCK):
        block = pictures[begin : begin + _BLOCK, :, :, 0]
        counts[begin : begin + _BLOCK, 0] = stroke_counts(block.astype(np.float32) / np.float32(255))
    return counts


def stroke_counts(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """The stroke's box scaled to 32 bits height and at most 20 width, and counted in blocks of 4 × 4.

    Args:
        pictures: (n, h, w) in [0, 1], 1 is ink.

    Returns:
        (n, 8, 8) float32 in [0, 1]; 0 for an empty picture.
    """
    n, height, width = pictures.shape
    # a picture without a pixel that is dark enough is taken as a whole
    on = pictures > np.minimum(_STROKE, pictures.max(axis=(1, 2)) / 2)[:, None, None]
    on[~on.any(axis=(1, 2))] = True
    rows, columns = on.any(axis=2), on.any(axis=1)
    top, bottom = rows.argmax(axis=1), height - rows[:, ::-1].argmax(axis=1)
    left, right = columns.argmax(axis=1), width - columns[:, ::-1].argmax(axis=1)
    tall, wide = bottom - top, right - left
    shown = np.minimum(_BITS * wide / tall, _WIDEST)
    finer = 1 if max(height, width) <= _BITS else _FINER * -(-max(height, width) // _BITS)
    points = (np.arange(_BITS * finer) + 0.5) / finer
    y = top[:, None] + points / _BITS * tall[:, None]
    x = left[:, None] + ((points - _BITS / 2) / shown[:, None] + 0.5) * wide[:, None]
    ink = _sampled(pictures, y, x).reshape(n, _BITS, finer, _BITS, finer).mean(axis=(2, 4))
    rank = round(_BITS**2 * (1 - _INK))
    darkness = np.partition(ink.reshape(n, -1), rank, axis=1)[:, rank]
    bits = ink > np.clip(darkness, _FAINT, _FULL)[:, None, None]
    each = _BITS // _GRID
    counts: NDArray[np.float32] = bits.reshape(n, _GRID, each, _GRID, each).mean(axis=(2, 4)).astype(np.float32)
    return counts


def _sampled(pictures: NDArray[np.float32], y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float32]:
    """Pictures at other places, linear between the middles of pixels, 0 outside.

    Args:
        pictures: (n, h, w).
        y: (n, rows) places of the rows, 0 at the upper edge of the first pixel; x: (n, columns) likewise.

    Returns:
        (n, rows, columns).
    """
    framed = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    low, part = [], []
    for places, most in ((y, framed.shape[1]), (x, framed.shape[2])):
        # the frame's middle lies half a pixel outside; beyond it there is nothing either
        inside = np.clip(places + 0.5, 0, most - 1)
        below = np.minimum(inside.astype(np.int64), most - 2)
        low.append(below)
        part.append((inside - below).astype(np.float32))
    at, row, column = np.arange(len(pictures))[:, None, None], low[0][:, :, None], low[1][:, None, :]
    down, across = part[0][:, :, None], part[1][:, None, :]
    upper = framed[at, row, column] * (1 - across) + framed[at, row, column + 1] * across
    lower = framed[at, row + 1, column] * (1 - across) + framed[at, row + 1, column + 1] * across
    sampled: NDArray[np.float32] = upper * (1 - down) + lower * down
    return sampled


def _standard(label: str, side: int, resized: int, filter: str, norm: tuple[tuple[float, ...], ...]) -> Preparation:
    return Preparation(
        label=label,
        shape=(3, side, side),
        prepare=partial(_square, side=side, resized=resized, filter=filter, norm=(norm[0], norm[1])),
    )


PREPARATIONS: Mapping[str, Preparation] = {
    "plain": Preparation(label="as they are, over 255", shape=None, prepare=_plain),
    "imagenet-224": _standard("torchvision's for ImageNet, 224 × 224", 224, 256, "BILINEAR", IMAGENET),
    "clip-224": _standard("CLIP's, 224 × 224", 224, 224, "BICUBIC", CLIP),
    "half-224": _standard("mean and deviation 0.5, as many ViTs have it, 224 × 224", 224, 224, "BICUBIC", HALF),
    "strokes-8x8": Preparation(
        label="bright strokes in the form of scikit-learn's digits, 8 × 8",
        shape=(1, _GRID, _GRID),
        strokes=True,
        prepare=_strokes,
    ),
}
