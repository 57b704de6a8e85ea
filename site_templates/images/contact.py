"""The contact sheet of a study: the pictures of many samples in a few images, which every page of a setting shares.

A page names the place of a sample's picture by a class, its column and its row ("4-10"); the style sheet that goes with
the images says where that is. So a picture costs a page a few bytes, and needs no script. Names hold a hash of the
content: a page can never show another build's pictures under its names.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precompute.machine.files import sha256
from precompute.store import Polarity
from site_templates.images.canvas import GREYS, ON_PAPER, png
from site_templates.images.queue import Drawing
from site_templates.images.sprites import FEW_LEVELS, LARGEST_SIDE, LARGEST_SPRITE

STROKES_SHOWN, PHOTOGRAPHS_SHOWN = 28, 56
"""CSS pixels of a picture's height, whatever it has: strokes and flat colours are told when small; both can be hit."""

WIDEST_SHOWN = 224
"""CSS pixels of a picture's width."""

DENSITY = 2
"""Pixels kept for a CSS pixel, as many as most screens show: larger pictures are scaled down."""

QUALITY = 80
"""Of WebP: photographs weigh an eighth of what they do without loss."""

PALETTE = 256
"""Colours up to which pictures are kept exactly, as a PNG."""


@dataclass(frozen=True)
class ContactSheet:
    """Where the pictures of samples are to be found.

    Attributes:
        places: class of each sample's picture, by sample.
        style: name of the style sheet, and its content.
        images: to be drawn, by name.
    """

    places: Mapping[int, str]
    style: tuple[str, bytes]
    images: Mapping[str, Drawing]


def contact_sheet(
    pixels: NDArray[np.uint8], samples: Sequence[int], polarity: Polarity, largest: int = LARGEST_SPRITE
) -> ContactSheet:
    """Lay the pictures of samples out in a nearly square image, or in several where one would be too large.

    Args:
        pixels: (n, height, width, channels) uint8 of all samples.
        samples: whose pictures are wanted.
        polarity: what the pixels mean.
        largest: pixels of one image.
    """
    height, width, _ = pixels.shape[1:]
    exact = _exact(pixels[np.asarray(samples, dtype=np.int64)], polarity)
    shown = shown_size(height, width, STROKES_SHOWN if exact else PHOTOGRAPHS_SHOWN)
    kept = (min(height, DENSITY * shown[0]), min(width, DENSITY * shown[1]))
    exact = exact and (polarity == "ink" or kept == (height, width))  # scaled down, few colours become many
    square = math.ceil(math.sqrt(min(len(samples) * math.prod(kept), largest)))
    columns = max(1, math.ceil(square / kept[1]))
    rows = max(1, min(LARGEST_SIDE, largest // (columns * kept[1])) // kept[0])
    images: dict[str, Drawing] = {}
    rules = [f".pairs p>[class]::before{{width:{shown[1]}px;height:{shown[0]}px}}"]
    if exact and height < shown[0]:
        rules.append(".pairs p>[class]::before{image-rendering:pixelated}")
    for first in range(0, len(samples), rows * columns):
        chosen = np.asarray(samples[first : first + rows * columns], dtype=np.int64)
        drawing = Drawing(draw, (pixels[chosen], columns, kept, polarity, exact))
        name = f"misclassified-{drawing.key[:12]}.{'png' if exact else 'webp'}"
        images[name] = drawing
        own = range(first // columns, first // columns + math.ceil(len(chosen) / columns))
        size = f"{columns * shown[1]}px {len(own) * shown[0]}px"
        where = ",".join(f'[class$="-{row}"]::before' for row in own)
        rules.append(f'{where}{{background-image:url("{name}");background-size:{size}}}')
        rules += [
            f'[class$="-{row}"]::before{{background-position-y:{-at * shown[0]}px}}' for at, row in enumerate(own) if at
        ]
    rules += [
        f'[class^="{column}-"]::before{{background-position-x:{-column * shown[1]}px}}' for column in range(1, columns)
    ]
    style = "\n".join([*rules, ""]).encode()
    places = {int(sample): f"{place % columns}-{place // columns}" for place, sample in enumerate(samples)}
    return ContactSheet(places, (f"misclassified-{sha256(style)[:12]}.css", style), images)


def shown_size(height: int, width: int, tall: int) -> tuple[int, int]:
    """How large a picture is shown, `tall` if that is not too wide: height and width in its proportions."""
    scale = min(tall / height, WIDEST_SHOWN / width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _exact(pictures: NDArray[np.uint8], polarity: Polarity) -> bool:
    """Whether pictures are kept as they are: strokes, and others of few colours, which a loss would smear."""
    if pictures.shape[3] == 1:
        return polarity == "ink" or len(np.unique(pictures)) <= FEW_LEVELS
    found: NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)
    for picture in pictures:  # photographs are told by the first few
        found = np.union1d(found, picture.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32))
        if len(found) > PALETTE:
            return False
    return True


def draw(pictures: NDArray[np.uint8], columns: int, kept: tuple[int, int], polarity: Polarity, exact: bool) -> bytes:
    """One image of a contact sheet on white: strokes as dark ink, others as they are. PNG if exact, else WebP.

    Args:
        pictures: (n, height, width, channels) uint8.
        columns: pictures side by side.
        kept: height and width of each picture in the image; where it has more, it is scaled down.
        polarity: what the pixels mean.
        exact: whether nothing may be lost in packing.
    """
    from PIL import Image

    if kept != pictures.shape[1:3]:
        pictures = np.stack([_scaled(picture, kept) for picture in pictures])
    n, height, width, channels = pictures.shape
    rows = math.ceil(n / columns)
    white = 0 if polarity == "ink" else 255
    sheet = np.full((rows * columns, height, width, channels), white, dtype=np.uint8)
    sheet[:n] = pictures
    tiles = sheet.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    whole = tiles.reshape(rows * height, columns * width, channels)
    if exact and channels == 1:
        return png(whole[:, :, 0], ON_PAPER if polarity == "ink" else GREYS, noisy=True)
    if exact:
        colors, places = np.unique(whole.reshape(-1, channels), axis=0, return_inverse=True)
        palette = np.pad(colors, ((0, 0), (0, 1)), constant_values=255)
        return png(places.reshape(whole.shape[:2]), palette, noisy=True)
    sink = io.BytesIO()
    Image.fromarray(np.repeat(whole, 3, axis=2) if channels == 1 else whole, "RGB").save(sink, "WEBP", quality=QUALITY)
    return sink.getvalue()


def _scaled(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture of another size, each pixel the mean of those that it stands for."""
    from PIL import Image

    channels = picture.shape[2]
    image = Image.fromarray(picture[:, :, 0] if channels == 1 else picture)
    found = np.asarray(image.resize((size[1], size[0]), Image.Resampling.BOX))
    return found.reshape(*size, channels)
