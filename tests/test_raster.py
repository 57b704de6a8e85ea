"""The canvas: dots, boxes and text where they belong, PNG files that another reader reads the same."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from site_templates import palette
from site_templates.images import canvas as images_canvas
from site_templates.images.canvas import Canvas


def read(png: bytes) -> NDArray[np.uint8]:
    """A PNG as Pillow reads it: (height, width, 4)."""
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        return np.asarray(image.convert("RGBA"))


def test_a_disc_lies_at_its_centre_and_later_ones_lie_over_earlier_ones() -> None:
    canvas = Canvas(20, 10, (255, 255, 255))
    canvas.dots(np.array([[5.0, 4.0], [6.0, 4.0]]), 2.0, [(255, 0, 0), (0, 0, 255)], ["circle"] * 2, np.array([0, 1]))
    found = read(canvas.png())
    assert found[4, 3].tolist() == [255, 0, 0, 255]
    assert found[4, 5].tolist() == [0, 0, 255, 255]
    assert found[4, 9].tolist() == [255, 255, 255, 255]
    assert found[1, 5].tolist() == [255, 255, 255, 255]


@pytest.mark.parametrize("ground", [(250, 250, 247), None])
@pytest.mark.parametrize("colors", [2, 16, 17, 200, 256, 300])
@pytest.mark.parametrize("width", [7, 8])
def test_a_png_reads_as_it_was_drawn(colors: int, width: int, ground: images_canvas.Color | None) -> None:
    rng = np.random.default_rng(colors)
    palette = rng.integers(0, 256, (colors, 4), dtype=np.uint8)
    palette[:, 3] = 255 if ground else rng.integers(1, 256, colors)
    pixels = np.arange(width * 60).reshape(60, width) % colors
    assert (read(images_canvas.png(pixels, palette)) == palette[pixels]).all()


def test_nothing_is_drawn_outside_of_the_canvas() -> None:
    canvas = Canvas(8, 8, (0, 0, 0))
    canvas.dots(np.array([[0.0, 0.0], [9.0, 9.0]]), 3.0, [(9, 9, 9)], ["circle"], np.array([0, 0]))
    canvas.box(-4, -4, 6, 6, (1, 1, 1))
    canvas.text(5, 6, "wide", 20, (2, 2, 2))
    assert read(canvas.png()).shape == (8, 8, 4)


def test_text_is_as_wide_as_said_and_its_capitals_begin_at_the_top() -> None:
    canvas = Canvas(200, 60, (255, 255, 255))
    width = canvas.text(10, 12, "HEH", 30, (0, 0, 0))
    ink = np.argwhere(read(canvas.png())[:, :, 0] < 128)
    assert abs(int(ink[:, 0].min()) - 12) <= 1
    assert ink[:, 1].min() >= 10 and ink[:, 1].max() <= 10 + width
    assert abs(images_canvas.text_width("HEH", 30) - width) <= 2


@pytest.mark.parametrize("text", ["Digits", "k = 10", "(2.8 %)", "A-Z 0.5…", ""])
def test_letters_of_the_typeface_are_drawable(text: str) -> None:
    assert images_canvas.drawable(text)


@pytest.mark.parametrize("text", ["漢字", "Цифры", "Zürich é", "שלום", "Digits ∞", "😀"])
def test_letters_that_would_show_as_boxes_are_found(text: str) -> None:
    assert not images_canvas.drawable(text)


@pytest.mark.parametrize("text", ["one two three four five six seven", "W" * 300, "a", "", "b " * 200])
def test_wrapped_lines_fit_and_say_when_something_is_left_out(text: str) -> None:
    lines = images_canvas.wrapped(text, 40, 300, 2)
    assert len(lines) <= 2
    assert all(images_canvas.text_width(line, 40) <= 300 for line in lines)
    assert " ".join(lines).split() == text.split() or lines[-1].endswith("…")


@pytest.mark.parametrize("shape", palette.SHAPES)
def test_dots_of_all_shapes_have_a_disc_s_area_and_stand_in_their_place(shape: str) -> None:
    canvas = Canvas(60, 60, None)
    canvas.dots(np.array([[30.0, 30.0]]), 10.0, [(1, 2, 3)], [shape], np.array([0]))
    covered = np.argwhere(canvas.pixels > 0)
    assert abs(len(covered) / (np.pi * 100) - 1) < 0.1
    assert (abs((covered.min(axis=0) + covered.max(axis=0)) / 2 - 30) <= 0.5).all()


def test_shapes_differ_and_lie_over_one_another_in_order() -> None:
    drawn = set()
    for shape in palette.SHAPES:
        canvas = Canvas(30, 30, None)
        canvas.dots(np.array([[15.0, 15.0]]), 4.0, [(1, 2, 3)], [shape], np.array([0]))
        drawn.add(canvas.pixels.tobytes())
    assert len(drawn) == len(palette.SHAPES)
    canvas = Canvas(30, 30, None)
    canvas.dots(np.full((3, 2), 15.0), 4.0, [(1, 1, 1), (2, 2, 2)], ["square", "diamond"], np.array([0, 1, 0]))
    assert canvas.pixels[15, 15] == 1  # the last
    assert 2 in canvas.pixels  # the diamond's corners
