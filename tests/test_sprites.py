"""Sprites: every picture is where the page looks for it, in one image or in shards, and means are means."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from precompute.store import Polarity
from site_templates.images import sprites


def sheet(made: sprites.Sprite) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(made.png)).convert("RGBA"))


@pytest.mark.parametrize("shape", [(5, 3, 7, 1), (4, 6, 2, 3), (1, 8, 8, 1)])
def test_sprites_of_other_shapes(rng: np.random.Generator, shape: tuple[int, ...]) -> None:
    pixels = rng.integers(0, 256, shape).astype(np.uint8)
    made = sprites.sprite(pixels, "light")
    assert Image.open(io.BytesIO(made.png)).size == (made.columns * shape[2], made.rows * shape[1])
    assert made.columns * made.rows >= shape[0]


def test_few_pictures_are_one_image(rng: np.random.Generator) -> None:
    assert sprites.per_sprite(1797, 8, 8) == 1797
    assert len(sprites.sprites(rng.integers(0, 256, (40, 8, 8, 1)).astype(np.uint8), "ink")) == 1


@pytest.mark.parametrize(("polarity", "levels"), [("ink", 256), ("ink", 9), ("light", 256), ("light", 9)])
def test_many_pictures_are_shards_laid_out_alike(rng: np.random.Generator, polarity: Polarity, levels: int) -> None:
    pixels = rng.integers(0, levels, (2500, 46, 46, 1)).astype(np.uint8)
    made = sprites.sprites(pixels, polarity)
    assert len(made) == 21
    assert {(one.columns, one.rows) for one in made} == {(12, 11)}
    for sample in (0, 122, 123, 2047, 2499):
        shard, place = divmod(sample, sprites.per_sprite(2500, 46, 46))
        row, column = divmod(place, made[shard].columns)
        found = sheet(made[shard])[row * 46 : row * 46 + 46, column * 46 : column * 46 + 46]
        # ink is more or less opaque, of one colour; light is grey
        np.testing.assert_array_equal(found[:, :, 3 if polarity == "ink" else 0], pixels[sample, :, :, 0])
        assert np.ptp(found[:, :, :3], axis=2 if polarity == "light" else (0, 1)).max() == 0


@pytest.mark.parametrize(("side", "expected"), [(28, 256), (64, 64), (128, 16), (600, 1)])
def test_shards_of_large_pictures_hold_fewer_of_them(side: int, expected: int) -> None:
    """A page shows pictures of dozens of shards at once, and must not need a gigabyte for them."""
    assert sprites.per_sprite(70_000, side, side) == expected
    assert expected == 1 or expected * side * side <= sprites.SHARD_PIXELS


@pytest.mark.parametrize(
    ("n", "height", "width"), [(70_000, 28, 28), (10_000, 256, 256), (300, 4000, 900), (9, 2, 8192)]
)
def test_no_image_is_larger_than_browsers_take(n: int, height: int, width: int) -> None:
    each = sprites.per_sprite(n, height, width)
    columns, rows = sprites._layout(each, height, width)
    assert columns * rows >= each
    assert max(columns * width, rows * height) <= 8192


def test_a_picture_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="9000 × 1 pixels: allowed are at most 8192 a side"):
        sprites.sprites(np.zeros((1, 1, 9000, 1), dtype=np.uint8), "ink")


def test_means_of_clusters(rng: np.random.Generator) -> None:
    pixels = rng.integers(0, 256, (20_000, 3, 2, 1)).astype(np.uint8)
    settings = [(np.arange(20_000, dtype=np.int16) % k, k) for k in (2, 5)]
    for (clusters, k), found in zip(settings, sprites.means(pixels, settings), strict=True):
        for cluster in range(k):
            np.testing.assert_array_equal(found[cluster], np.rint(pixels[clusters == cluster].mean(axis=0)))
