"""Colours: labels keep their hue, clusters that share one are told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from coloraide import Color
from numpy.typing import ArrayLike

from site_templates import palette


def rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))


def distance(one: str, other: str) -> float:
    return sum((a - b) ** 2 for a, b in zip(rgb(one), rgb(other), strict=True)) ** 0.5


# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes: "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", 2009, severity 1
SEEN: dict[str, ArrayLike] = {
    "everybody": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def closest(colors: Sequence[str], seen: ArrayLike) -> float:
    """Least distance of two colours in OKLab, as seen through a matrix over linear light."""
    light = np.array([Color(color).convert("srgb-linear").coords() for color in colors])
    seen_light = np.clip(light @ np.asarray(seen).T, 0, 1)
    places = [Color("srgb-linear", channels).convert("oklab").coords() for channels in seen_light.tolist()]
    return min(math.dist(one, other) for one, other in combinations(places, 2))


@pytest.mark.parametrize("who", SEEN)
def test_twenty_colours_are_told_apart_as_well_as_petroff_s_ten(who: str) -> None:
    assert closest(palette.label_colors(20), SEEN[who]) >= min(0.06, closest(palette.PETROFF, SEEN[who]) - 0.001)


def test_the_first_ten_are_petroff_s_however_many_there_are() -> None:
    assert tuple(palette.label_colors(26)[:10]) == palette.PETROFF


def test_colour_and_shape_together_are_a_label_s_own_up_to_a_hundred() -> None:
    looks = list(zip(palette.label_colors(100), palette.label_shapes(100), strict=True))
    assert len(set(looks)) == 100
    assert set(palette.label_shapes(10)) == {"circle"}
    assert len(palette.label_colors(200)) == len(palette.label_shapes(200)) == 200


@pytest.mark.parametrize("color", palette.PETROFF)
def test_shades_begin_with_the_colour_and_differ(color: str) -> None:
    found = palette.shades(color, 4)
    assert found[0] == color
    assert min(distance(a, b) for a, b in combinations(found, 2)) > 12


@pytest.mark.parametrize("color", [*palette.PETROFF, "#000000", "#ffffff"])
def test_oklch_and_back(color: str) -> None:
    assert distance(palette._hex(*palette._oklch(color)), color) <= 2
