"""Looks of the data: a colour for each label, shades of it for clusters that share the label, a shape beyond ten.

Ten colours are M. Petroff's "Accessible Color Sequences for Data Visualization" (2021), chosen so that people with any
common colour-vision deficiency tell them apart; the page never relies on colour alone. Ten more keep as far from these
and from one another as the ten are already (OKLab, and as seen with each deficiency after G. Machado and others, 2009),
on light and on dark paper. Shades are steps of lightness in OKLCH (B. Ottosson, 2020), where equal steps look equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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
    return [color, *(_hex((one, chroma * 0.85, hue)) for one in used[1:])]


def _spread(number: int) -> float:
    """The van der Corput sequence in base 2: fills [0, 1) evenly at any length."""
    return sum((number >> bit & 1) / (2 << bit) for bit in range(8))


RAMP_STEPS = 32


def ramp(dark: bool) -> list[str]:
    """Colours for values from low to high: one hue, even steps of lightness in OKLCH, low near the page's ground."""
    (low, high), hue = ((0.28, 0.9) if dark else (0.955, 0.34)), math.radians(248)
    found = []
    for step in range(RAMP_STEPS):
        share = step / (RAMP_STEPS - 1)
        found.append(_hex((low + (high - low) * share, 0.02 + 0.1 * math.sin(math.pi * share * 0.8), hue)))
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
    r, g, b = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    l_, m_, s_ = (
        math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b),
        math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b),
        math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b),
    )
    lightness = 0.2104542553 * l_ + 0.7936177850 * m_ - 0.0040720468 * s_
    a = 1.9779984951 * l_ - 2.4285922050 * m_ + 0.4505937099 * s_
    b_ = 0.0259040371 * l_ + 0.7827717662 * m_ - 0.8086757660 * s_
    return lightness, math.hypot(a, b_), math.atan2(b_, a)


def _hex(color: Sequence[float]) -> str:
    lightness, chroma, hue = color
    a, b_ = chroma * math.cos(hue), chroma * math.sin(hue)
    l_ = (lightness + 0.3963377774 * a + 0.2158037573 * b_) ** 3
    m_ = (lightness - 0.1055613458 * a - 0.0638541728 * b_) ** 3
    s_ = (lightness - 0.0894841775 * a - 1.2914855480 * b_) ** 3
    channels = (
        4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
        -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
        -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(1.0, max(0.0, value)))):02x}" for value in channels)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else float(1.055 * value ** (1 / 2.4) - 0.055)
