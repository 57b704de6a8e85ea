"""Sprites: the samples' pictures, many to an image, and mean pictures of clusters where there are too many to add up.

A few thousand small pictures are one image. More are shards, which a page loads as it shows their samples: no shard
is larger than browsers decode at once, and the mean pictures of clusters then travel with each setting, for a page
that must not load every picture cannot add them up.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precompute.store import Polarity
from site_templates.images.canvas import GREYS, INK, png

LARGEST_SPRITE = 4_194_304
"""Pixels of one image: 2048 × 2048."""

PER_SHARD = 256
"""Samples of a shard at most: about 60 kB of handwritten digits, 28 × 28 pixels; a page of a list touches dozens."""

SHARD_PIXELS = 262_144
"""Pixels of a shard, so that dozens of them fit into memory however large the pictures are: 1 MB decoded."""

LARGEST_SIDE = 8192
"""Pixels across or up: the most that browsers and graphics cards take without trouble."""

FEW_LEVELS = 32
"""Of grey: up to here they are written as a palette."""

_BLOCK = 8192


@dataclass(frozen=True)
class Sprite:
    """Pictures in one image, row by row: PNG bytes, and how many columns and rows of pictures."""

    png: bytes
    columns: int
    rows: int

    @property
    def uri(self) -> str:
        """The image as a data URI: on file://, a page may read no image that came as a file."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"


def per_sprite(n: int, height: int, width: int) -> int:
    """How many of n pictures go into each image: all, or as many as a shard holds."""
    most = max(1, LARGEST_SPRITE // (height * width))
    columns, rows = _layout(n, height, width)
    if n <= most and max(columns * width, rows * height) <= LARGEST_SIDE:
        return n
    return min(n, most, PER_SHARD, max(1, SHARD_PIXELS // (height * width)))


def sprites(pixels: NDArray[np.uint8], polarity: Polarity) -> list[Sprite]:
    """All pictures in one image or in shards, all laid out alike.

    Args:
        pixels: (n, height, width, channels) uint8.
        polarity: what they mean.

    Raises:
        ValueError: one picture alone is larger than an image may be.
    """
    n, height, width, _ = pixels.shape
    if max(height, width) > LARGEST_SIDE:
        raise ValueError(f"pictures of {width} × {height} pixels: allowed are at most {LARGEST_SIDE} a side")
    each = per_sprite(n, height, width)
    return [sprite(pixels[begin : begin + each], polarity, each) for begin in range(0, n, each)]


def sprite(pixels: NDArray[np.uint8], polarity: Polarity, room: int | None = None) -> Sprite:
    """Lay pictures out in one nearly square image: strokes in ink on nothing (`canvas.INK`), others as they are.

    Args:
        pixels: (n, height, width, channels) uint8.
        polarity: what they mean.
        room: for how many pictures, n if None.
    """
    from PIL import Image

    n, height, width, channels = pixels.shape
    columns, rows = _layout(room or n, height, width)
    sheet = np.zeros((rows * columns, height, width, channels), dtype=np.uint8)
    sheet[:n] = pixels
    tiles = sheet.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    whole = tiles.reshape(rows * height, columns * width, channels)
    # flat colours need no filter, and few levels fit a palette of fewer bits; photographs are smaller with filters
    if polarity == "ink":
        return Sprite(png(whole[:, :, 0], INK), columns, rows)
    if channels == 1 and len(np.unique(whole)) <= FEW_LEVELS:
        return Sprite(png(whole[:, :, 0], GREYS), columns, rows)
    image = Image.fromarray(whole[:, :, 0], "L") if channels == 1 else Image.fromarray(whole, "RGB")
    sink = io.BytesIO()
    image.save(sink, "PNG", optimize=True)
    return Sprite(sink.getvalue(), columns, rows)


def _layout(n: int, height: int, width: int) -> tuple[int, int]:
    columns = math.ceil(math.sqrt(n * height / width))
    columns = max(1, min(columns, LARGEST_SIDE // width))
    return columns, math.ceil(n / columns)


def means(pixels: NDArray[np.uint8], settings: Sequence[tuple[NDArray[np.int16], int]]) -> list[NDArray[np.uint8]]:
    """Mean picture of each cluster, for several settings at once.

    Args:
        pixels: (n, height, width, channels) uint8.
        settings: (n,) cluster numbers and k of each; no cluster is empty, and −1 is in none.

    Returns:
        For each setting (k, height, width, channels) uint8, rounded.
    """
    shape = pixels.shape[1:]
    flat = pixels.reshape(len(pixels), -1)
    firsts = np.cumsum([0, *(k for _, k in settings)])
    sums = np.zeros((int(firsts[-1]), flat.shape[1]), dtype=np.float64)
    for begin in range(0, len(flat), _BLOCK):
        block = flat[begin : begin + _BLOCK].astype(np.float32)
        member = np.zeros((int(firsts[-1]), len(block)), dtype=np.float32)
        for first, (clusters, _) in zip(firsts, settings, strict=False):
            own = clusters[begin : begin + _BLOCK]
            member[first + own[own >= 0], np.flatnonzero(own >= 0)] = 1
        # sums of 8,192 whole numbers below 256 are exact in single precision
        sums += member @ block
    found = []
    for first, (clusters, k) in zip(firsts, settings, strict=False):
        sizes = np.bincount(clusters[clusters >= 0], minlength=k)
        mean = np.rint(sums[first : first + k] / sizes[:, None]).astype(np.uint8)
        found.append(mean.reshape(k, *shape))
    return found
