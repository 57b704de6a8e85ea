"""Contact sheets: every sample's picture where its class says, exact or like a photograph, in images of a fair size."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from precompute.store import Polarity
from site_templates.images.contact import STROKES_SHOWN, ContactSheet, contact_sheet, shown_size


def photographs(n: int, side: int, channels: int = 3) -> NDArray[np.uint8]:
    """Pictures that are smooth and noisy, and no two alike."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (n, 4, 4, channels), dtype=np.uint8)
    found = []
    for one in coarse:
        image = Image.fromarray(one[:, :, 0] if channels == 1 else one).resize((side, side), Image.Resampling.BICUBIC)
        found.append(np.asarray(image, dtype=np.int16).reshape(side, side, channels))
    noisy = np.stack(found) + rng.integers(-4, 5, (n, side, side, channels))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def shown(sheet: ContactSheet) -> dict[int, NDArray[np.uint8]]:
    """What the style sheet shows of each sample, in the image's own pixels."""
    rules = sheet.style[1].decode()
    box = re.search(r"width:(\d+)px;height:(\d+)px", rules)
    assert box
    width, height = int(box[1]), int(box[2])
    images = {}
    for where, name, across, down in re.findall(
        r'([^\n]+)\{[^}]*url\("([^"]+)"\);background-size:(\d+)px (\d+)px', rules
    ):
        data = sheet.images[name]()
        with Image.open(io.BytesIO(data)) as image:
            assert image.format == {"png": "PNG", "webp": "WEBP"}[name.rsplit(".", 1)[1]]
            pixels = np.asarray(image.convert("RGB"))
        for row in re.findall(r'\$="-(\d+)"', where):
            images[row] = pixels, int(across), int(down)
    assert {name for name in sheet.images if name not in rules} == set()
    left = {"0": 0} | {name: int(at) for name, at in re.findall(r'\^="(\d+)-"\]::before\{[^}]*-x:-(\d+)px', rules)}
    top = dict(re.findall(r'\$="-(\d+)"\]::before\{[^}]*-y:-(\d+)px', rules))
    found = {}
    for sample, place in sheet.places.items():
        column, row = place.split("-")
        pixels, across, down = images[row]
        assert across % width == down % height == 0
        tall, wide = (
            size * one // whole for size, one, whole in zip(pixels.shape, (height, width), (down, across), strict=False)
        )
        y, x = int(top.get(row, 0)) // height * tall, left[column] // width * wide
        found[sample] = pixels[y : y + tall, x : x + wide]
    return found


@pytest.mark.parametrize(("channels", "polarity"), [(1, "ink"), (1, "light"), (3, "light")])
@pytest.mark.parametrize("shape", [(8, 8), (5, 12), (30, 7)])
def test_strokes_and_few_colours_are_exact(channels: int, polarity: Polarity, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 6, (90, *shape, channels), dtype=np.uint8) * 40
    samples = [1, 2, 5, 30, *range(40, 87)]
    sheet = contact_sheet(pixels, samples, polarity)
    assert [name.rsplit(".", 1)[1] for name in sheet.images] == ["png"]
    found = shown(sheet)
    assert list(found) == samples
    for sample, picture in found.items():
        expected = np.broadcast_to(pixels[sample], (*shape, 3))
        assert (picture == (255 - expected if polarity == "ink" else expected)).all()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("side", "kept"), [(32, 32), (64, 64), (130, 112)])
def test_photographs_look_the_same_and_weigh_an_eighth(channels: int, side: int, kept: int) -> None:
    pixels = photographs(60, side, channels)
    sheet = contact_sheet(pixels, range(60), "light")
    assert [name.rsplit(".", 1)[1] for name in sheet.images] == ["webp"]
    for sample, picture in shown(sheet).items():
        assert picture.shape == (kept, kept, 3)
        one = Image.fromarray(np.broadcast_to(pixels[sample], (side, side, 3)).copy())
        expected = np.asarray(one.resize((kept, kept), Image.Resampling.BOX), dtype=np.int16)
        assert abs(picture - expected).mean() < 10
    assert sum(len(one()) for one in sheet.images.values()) <= 60 * kept * kept * 3 / 8


def test_more_than_an_image_holds_are_several_none_larger_than_allowed() -> None:
    pixels = photographs(50, 32)
    largest = 12 * 32 * 32
    sheet = contact_sheet(pixels, range(50), "light", largest)
    assert len(sheet.images) == 5
    for one in sheet.images.values():
        with Image.open(io.BytesIO(one())) as image:
            assert image.width * image.height <= largest
    for sample, picture in shown(sheet).items():
        assert abs(picture - pixels[sample].astype(np.int16)).mean() < 10


def test_names_tell_contents_apart_and_builds_are_alike() -> None:
    pixels = photographs(9, 32)
    first, again, other = (contact_sheet(pixels, chosen, "light") for chosen in ([1, 2], [1, 2], [1, 3]))
    assert (first.places, first.style, list(first.images)) == (again.places, again.style, list(again.images))
    assert [one() for one in first.images.values()] == [one() for one in again.images.values()]
    assert not set(first.images) & set(other.images) and first.style[0] != other.style[0]


@pytest.mark.parametrize(
    ("size", "expected"),
    [((8, 8), (28, 28)), ((28, 20), (28, 20)), ((64, 32), (28, 14)), ((2, 400), (1, 224)), ((500, 1), (28, 1))],
)
def test_pictures_are_shown_in_their_proportions(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert shown_size(*size, STROKES_SHOWN) == expected


def test_a_picture_larger_than_an_image_may_be_is_scaled() -> None:
    pixels = photographs(1, 300)
    wide = np.tile(pixels, (3, 1, 40, 1))
    assert wide.shape[2] == 12_000
    assert {picture.shape for picture in shown(contact_sheet(wide, [0, 2], "light")).values()} == {(12, 448, 3)}
