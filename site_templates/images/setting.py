"""The pictures of one setting: its map and its preview card."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from site_templates.images.canvas import Canvas, rgb, text_width, wrapped

MAP_SIZE = 640
CARD_WIDTH, CARD_HEIGHT = 1200, 630
NOISE_SIZE = 0.55
"""Of the dots of noise, beside all others."""

_PAPER, _RAISED, _INK, _MUTED, _LINE, _ACCENT = (
    rgb(text) for text in ("#fbfaf7", "#ffffff", "#1d1b18", "#5f5a52", "#dedad2", "#0b63a5")
)


@dataclass(frozen=True)
class MapOf:
    """A map to draw.

    Attributes:
        points: (n, 2) float32.
        groups: (n,) cluster of each sample.
        colors: "#rrggbb" by cluster.
        shapes: by cluster.
        marks: what to write at a sample, as (sample, text).
        noise: the group whose dots are smaller and lie under the others; −1 for none.
    """

    points: NDArray[np.float32]
    groups: NDArray[np.integer[Any]]
    colors: tuple[str, ...]
    shapes: tuple[str, ...]
    marks: tuple[tuple[int, str], ...]
    noise: int = -1


@dataclass(frozen=True)
class CardText:
    """The words on a card: data set, lines that name the setting, and figures as (name, value, remark)."""

    title: str
    setting: tuple[str, ...]
    figures: tuple[tuple[str, str, str], ...]


def map_picture(content: MapOf) -> bytes:
    """The map on a transparent ground as a square PNG; up is up, both axes have one scale."""
    canvas = Canvas(MAP_SIZE, MAP_SIZE, None)
    _draw_map(canvas, content, 0, 0, MAP_SIZE, 20)
    return canvas.png()


def _draw_map(canvas: Canvas, content: MapOf, left: int, top: int, side: int, size: int, dots: int = 104) -> None:
    """Draw a map; `size` is of its letters, `dots` the radius of a dot times √n at a side of 400, in pixels."""
    points = content.points.astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    span = float((high - low).max()) or 1.0
    at = (points - (low + high) / 2) / span * (side * 0.95)
    at[:, 1] *= -1
    at += [left + side / 2, top + side / 2]
    radius = max(1.0, min(3.0, dots / math.sqrt(len(points)))) / 400 * side
    noise = content.groups == content.noise
    colors = [rgb(color) for color in content.colors]
    for which, size_ in ((noise, NOISE_SIZE), (~noise, 1)):
        if which.any():
            canvas.dots(at[which], radius * size_, colors, content.shapes, content.groups[which])
    for sample, text in content.marks:
        x, y = (round(value) for value in at[sample].tolist())
        wide, high_ = max(text_width(text, size) + size // 2 + 4, round(size * 1.5)), round(size * 1.5)
        canvas.box(x - wide // 2, y - high_ // 2, wide, high_, _INK, high_ // 2)
        canvas.text(x - text_width(text, size) // 2, y - round(size * 0.36), text, size, _RAISED, _INK)


def card(content: MapOf, words: CardText) -> bytes:
    """The preview card of a setting: 1200 × 630 PNG, words on the left, the map on the right."""
    canvas = Canvas(CARD_WIDTH, CARD_HEIGHT, _PAPER)
    canvas.box(0, 0, 12, CARD_HEIGHT, _ACCENT)
    _draw_map(canvas, content, 666, 81, 468, 20, 88)
    left, width, top = 72, 510, 84
    for line in wrapped(words.title, 46, width, 3):
        canvas.text(left, top, line, 46, _INK)
        top += 58
    top += 14
    for line in words.setting:
        canvas.text(left, top, line, 28, _ACCENT)
        top += 42
    bottom = CARD_HEIGHT - 204
    canvas.box(left, bottom, 480, 2, _LINE)
    x = left
    for name, value, remark in words.figures:
        canvas.text(x, bottom + 32, name, 22, _MUTED)
        end = x + canvas.text(x, bottom + 70, value, 46, _INK)
        canvas.text(x, bottom + 122, remark, 20, _MUTED)
        x = max(end + 48, x + 230)
    return canvas.png()
