"""Pictures: points where the table says, up is up, the ground transparent."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from site_templates.images.thumbnail import map_png


def test_points_are_drawn_in_their_colours_and_places() -> None:
    points = np.array([[0, 0], [10, 0], [0, 10]], dtype=np.float32)
    png = map_png(points, ["#ff0000", "#00ff00", "#0000ff"], np.array([0, 1, 2], dtype=np.int16), 200)
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))
    assert pixels.shape == (200, 200, 4)
    assert pixels[194, 6, :3].tolist() == [255, 0, 0], "the origin is at the lower left"
    assert pixels[194, 6, 3] > 200
    assert pixels[194, 194, :3].tolist() == [0, 255, 0]
    assert pixels[194, 194, 3] > 200
    assert pixels[6, 6, :3].tolist() == [0, 0, 255], "up is up"
    assert pixels[6, 6, 3] > 200
    assert pixels[100, 100, 3] == 0


def test_equal_maps_give_equal_bytes() -> None:
    points = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    groups = np.zeros(50, dtype=np.int16)
    assert map_png(points, ["#123456"], groups, 64) == map_png(points, ["#123456"], groups, 64)
