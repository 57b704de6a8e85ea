"""Colours: labels keep their hue, clusters that share one are told apart."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from site_templates import palette


def rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))


def distance(one: str, other: str) -> float:
    return sum((a - b) ** 2 for a, b in zip(rgb(one), rgb(other), strict=True)) ** 0.5


@pytest.mark.parametrize("count", [1, 10, 11, 26])
def test_labels_have_colours_of_their_own(count: int) -> None:
    colors = palette.label_colors(count)
    assert len(set(colors)) == count
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors)
    assert min((distance(a, b) for a, b in combinations(colors, 2)), default=99) > 15


@pytest.mark.parametrize("color", palette.PETROFF)
def test_shades_begin_with_the_colour_and_differ(color: str) -> None:
    found = palette.shades(color, 4)
    assert found[0] == color
    assert min(distance(a, b) for a, b in combinations(found, 2)) > 12


@pytest.mark.parametrize("color", [*palette.PETROFF, "#000000", "#ffffff"])
def test_oklch_and_back(color: str) -> None:
    assert distance(palette._hex(palette._oklch(color)), color) <= 2
