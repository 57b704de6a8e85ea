"""Pictures made at build time: maps as PNG, points drawn antialiased on a transparent ground."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from site_templates.images.canvas import Canvas, rgb

_OVERSAMPLE = 3


def map_png(points: NDArray[np.float32], colors: Sequence[str], groups: NDArray[np.integer[Any]], size: int) -> bytes:
    """A map as a square PNG.

    Args:
        points: (n, 2) float32.
        colors: "#rrggbb" by group.
        groups: (n,) group of each sample.
        size: pixels a side.

    Returns:
        PNG bytes; up is up, both axes have one scale, a margin of 3 % is left free.
    """
    from PIL import Image

    side = size * _OVERSAMPLE
    low, high = points.min(axis=0), points.max(axis=0)
    span = float((high - low).max()) or 1.0
    at = ((points.astype(np.float64) - (low + high) / 2) / span * 0.94 + 0.5) * side
    at[:, 1] = side - at[:, 1]
    radius = max(1.2, min(3.4, 150 / np.sqrt(len(points)))) / 400 * side
    canvas = Canvas(side, side, None)
    canvas.dots(at, radius, [rgb(color) for color in colors], ["circle"] * len(colors), groups)
    image = Image.fromarray(canvas.rgba(), "RGBA").resize((size, size), Image.Resampling.BOX)
    sink = io.BytesIO()
    image.quantize(colors=255, method=Image.Quantize.FASTOCTREE).save(sink, "PNG", optimize=True)
    return sink.getvalue()
