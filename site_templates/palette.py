"""Looks of the data: a colour for each label, shades of it for clusters that share the label, a shape beyond ten.

Ten colours are M. Petroff's "Accessible Color Sequences for Data Visualization" (2021), chosen so that people with any
common colour-vision deficiency tell them apart; the page never relies on colour alone. Ten more keep as far from these
and from one another as the ten are already (OKLab, and as seen with each deficiency after G. Machado and others, 2009),
on light and on dark paper. Shades are steps of lightness in OKLCH (B. Ottosson, 2020), where equal steps look equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from site_templates.views import SettingView

PETROFF = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd")
MORE = ("#900b64", "#4e59e9", "#e990ff", "#374e85", "#d343b1", "#4e6437", "#16d3a6", "#d364ff", "#bcd37a", "#37b1d3")
COLORS = (*PETROFF, *MORE)
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down")
"""Names of Vega's symbols, one for each ten labels; its cross marks what is misclassified."""
RIGHT = "#9aa3a8"
WRONG = "#d1242f"
NONE = "#8a8f98"
"""Of noise, and of samples and clusters without a label: it stands out against light and dark paper."""


def label_colors(count: int) -> list[str]:
    """A colour as "#rrggbb" for each of `count` labels; after twenty they begin again, in other shapes."""
    return [COLORS[number % len(COLORS)] for number in range(count)]


def label_shapes(count: int) -> list[str]:
    """A shape for each of `count` labels. With its colour it is the label's own up to a hundred labels."""
    return [SHAPES[number // 10 % len(SHAPES)] for number in range(count)]


def shades(color: str, count: int) -> list[str]:
    """`count` shades of a colour, itself first; a shade does not depend on how many are asked for."""
    lightness, chroma, hue = _oklch(color)
    used = [lightness]
    number, apart = 0, 0.08
    while len(used) < count:
        number += 1
        if number == 64:
            number, apart = 1, apart / 2
        wanted = 0.32 + 0.58 * _spread(number)
        if min(abs(wanted - one) for one in used) >= apart:
            used.append(wanted)
    return [color, *(_hex(one, chroma * 0.85, hue) for one in used[1:])]


def _spread(number: int) -> float:
    """The van der Corput sequence in base 2: fills [0, 1) evenly at any length."""
    return sum((number >> bit & 1) / (2 << bit) for bit in range(8))


RAMP_STEPS = 32


def ramp(dark: bool) -> list[str]:
    """Colours for values from low to high: one hue, even steps of lightness in OKLCH, low near the page's ground."""
    (low, high), hue = ((0.28, 0.9) if dark else (0.955, 0.34)), 248
    found = []
    for step in range(RAMP_STEPS):
        share = step / (RAMP_STEPS - 1)
        found.append(_hex(low + (high - low) * share, 0.02 + 0.1 * math.sin(math.pi * share * 0.8), hue))
    return found


def cluster_colors(setting: SettingView) -> list[str]:
    """A colour for each cluster: its dominant label's hue, clusters that share a label take shades of it.

    Without labels, every cluster has a hue of its own; a cluster of samples without one is grey.
    """
    if setting.labels is None:
        return label_colors(setting.count)
    hues = label_colors(setting.label_count)
    seen: dict[int, int] = {}
    found = []
    for row in setting.stats:
        if row.label is None:
            found.append(NONE)
            continue
        found.append(shades(hues[row.label], seen.get(row.label, 0) + 1)[-1])
        seen[row.label] = seen.get(row.label, 0) + 1
    return found


def cluster_shapes(setting: SettingView) -> list[str]:
    """A shape for each cluster: its dominant label's; without labels its own."""
    if setting.labels is None:
        return label_shapes(setting.count)
    shapes = label_shapes(setting.label_count)
    return [SHAPES[0] if row.label is None else shapes[row.label] for row in setting.stats]


@dataclass(frozen=True)
class Dressed:
    """What the dots of a setting wear: the group of each sample, (n,), and by group a colour and a shape.

    Groups are the clusters, and noise, where there is some, the one after the last, in grey.
    """

    groups: NDArray[np.integer[Any]]
    colors: tuple[str, ...]
    shapes: tuple[str, ...]


def dressed(setting: SettingView) -> Dressed:
    """What the dots of a setting wear."""
    none = setting.noise > 0
    groups = np.where(setting.clusters < 0, setting.count, setting.clusters)
    colors, shapes = [NONE] * none, [SHAPES[0]] * none
    return Dressed(groups, (*cluster_colors(setting), *colors), (*cluster_shapes(setting), *shapes))


def _oklch(color: str) -> tuple[float, float, float]:
    """Lightness from 0 to 1, chroma, and hue in degrees."""
    # imported here: a build with nothing to do paints nothing
    from coloraide import Color

    lightness, chroma, hue = Color(color).convert("oklch").coords(nans=False)
    return lightness, chroma, hue


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """The colour as "#rrggbb"; what no screen can show is clipped, channel by channel."""
    from coloraide import Color

    return str(Color("oklch", [lightness, chroma, hue]).convert("srgb").fit(method="clip").to_string(hex=True))
