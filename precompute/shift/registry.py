"""Corruptions: the registry, and how one is done to the pictures of a data set.

A new corruption is one function in `pictures` and one entry in `CORRUPTIONS`; everything else reads the registry.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.shift import pictures
from precompute.shift.draws import Draws

ALGORITHM = "corruptions-1"
LIBRARIES = ("scipy", "numpy")

SEVERITIES = (1, 2, 3, 4, 5)
SMALLEST = 8
"""Pixels of the shorter side below which nothing is corrupted."""
ENLARGED_BELOW = 28
"""Pixels of the shorter side below which pictures are enlarged, corrupted, and averaged back."""
ENLARGED = 4
"""Times that they are enlarged."""

_BLOCK = 1_000_000
"""Numbers of enlarged pictures held at once: 8 MB a copy."""

MNIST_C = "Mu, Gilmer: MNIST-C, 2019"
_GRADED = f"{MNIST_C}; graded here"


class CorruptionError(ValueError):
    """A corruption cannot be done; the message names it, the value, what is allowed and the way out."""


@dataclass(frozen=True)
class Corruption:
    """A corruption and what a reader must know of it.

    Attributes:
        label: its name on the page.
        meaning: one sentence for a reader.
        function: from pictures, a strength and a `Context` to pictures; see `pictures`.
        strengths: at the severities 1 … 5, as people read them.
        unit: of the strengths, as it follows a number.
        source: where it is from.
        per_unit: what the function is given for a strength of 1: 0.01 for percent.
        smallest: pixels of the shorter side from which it shows anything that has a name.
        colour: whether it has a meaning for pictures in colour.
        too_small: why not below `smallest`.
        version: raise it when the function's results change.
    """

    label: str
    meaning: str
    function: Callable[[pictures.Pictures, float, pictures.Context], pictures.Pictures]
    strengths: tuple[float, float, float, float, float]
    unit: str
    source: str = MNIST_C
    per_unit: float = 1.0
    smallest: int = SMALLEST
    colour: bool = True
    too_small: str = "nothing of it can be told from other corruptions"
    version: int = 1

    def described(self, severity: int) -> str:
        """A severity in its unit: "27°", "12 % of the side"."""
        space = "" if self.unit.startswith("°") else " "
        return f"{self.strengths[severity - 1]:g}{space}{self.unit}"


CORRUPTIONS: Mapping[str, Corruption] = {
    "shot-noise": Corruption(
        "Shot noise",
        "Grain as of a camera in the dark: the lighter a pixel, or the more ink, the more it varies.",
        pictures.shot_noise,
        (15, 25, 35, 45, 60),
        "% spread of full light",
        per_unit=0.01,
    ),
    "impulse-noise": Corruption(
        "Impulse noise",
        "Single pixels are full or empty (salt and pepper).",
        pictures.impulse_noise,
        (3, 6, 10, 17, 27),
        "% of the pixels",
        per_unit=0.01,
    ),
    "glass-blur": Corruption(
        "Glass blur",
        "Each pixel shows a place nearby, as through frosted glass.",
        pictures.glass_blur,
        (4, 7, 10, 13, 16),
        "% of the side",
        per_unit=0.01,
    ),
    "motion-blur": Corruption(
        "Motion blur",
        "Smeared along one direction, another one for each sample.",
        pictures.motion_blur,
        (5, 8, 11, 15, 20),
        "% of the side",
        per_unit=0.01,
    ),
    "shear": Corruption(
        "Shear", "Uprights lean to one side, rows stay level.", pictures.shear, (9, 18, 27, 36, 45), "°"
    ),
    "scale": Corruption("Scale", "Made smaller.", pictures.scale, (10, 20, 30, 40, 50), "% smaller", per_unit=0.01),
    "rotate": Corruption("Rotate", "Turned to the left or the right.", pictures.rotate, (9, 18, 27, 36, 45), "°"),
    "brightness": Corruption(
        "Brightness",
        "Lighter, or covered with ink, by the same amount everywhere.",
        pictures.brightness,
        (10, 20, 30, 40, 50),
        "% of the range",
        per_unit=0.01,
    ),
    "translate": Corruption(
        "Translate",
        "Moved sideways and up or down.",
        pictures.translate,
        (4, 6, 10, 13, 22),
        "% of the side",
        per_unit=0.01,
    ),
    "stripe": Corruption(
        "Stripe",
        "Inverted in an upright stripe at each of the two sides.",
        pictures.stripe,
        (5, 10, 15, 20, 25),
        "% of the width, each",
        source=_GRADED,
        per_unit=0.01,
    ),
    "fog": Corruption(
        "Fog",
        "Clouds over the picture, whose contrast falls.",
        pictures.fog,
        (50, 80, 120, 180, 260),
        "% of full light",
        per_unit=0.01,
    ),
    "spatter": Corruption(
        "Spatter",
        "Covered by splashes of mud.",
        pictures.spatter,
        (6, 12, 18, 25, 33),
        "% of the picture",
        per_unit=0.01,
    ),
    "dotted-line": Corruption(
        "Dotted line",
        "Straight dotted lines across the picture.",
        pictures.dotted_line,
        (1, 2, 3, 4, 5),
        "lines",
        source=_GRADED,
    ),
    "zigzag": Corruption(
        "Zigzag",
        "Zigzag lines across the picture.",
        pictures.zigzag,
        (1, 2, 3, 4, 5),
        "lines",
        source=_GRADED,
    ),
    "canny-edges": Corruption(
        "Canny edges",
        "The picture fades and its edges come out.",
        pictures.canny_edges,
        (30, 50, 70, 85, 100),
        "% edges",
        source=f"{_GRADED}; Canny, 1986",
        per_unit=0.01,
    ),
}
"""In the order of MNIST-C."""


def unknown(name: str) -> str:
    """What to say of a name that no corruption has."""
    near = difflib.get_close_matches(name, CORRUPTIONS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"there is no corruption {name!r}{hint} (allowed: {', '.join(CORRUPTIONS)})"


def left_out(shape: tuple[int, int, int]) -> dict[str, str]:
    """Corruptions that pictures of a shape cannot show, by name, each with the reason.

    Args:
        shape: height, width, channels.
    """
    side, colour = min(shape[:2]), shape[2] > 1
    reasons = {}
    for name, corruption in CORRUPTIONS.items():
        if side < SMALLEST:
            reasons[name] = f"pictures of {shape[0]} × {shape[1]} are too small; needed: {SMALLEST} × {SMALLEST}"
        elif side < corruption.smallest:
            limit = f"{corruption.smallest} × {corruption.smallest}"
            reasons[name] = f"below {limit} pixels {corruption.too_small}; the pictures are {shape[0]} × {shape[1]}"
        elif colour and not corruption.colour:
            reasons[name] = "it has no meaning for pictures in colour"
    return reasons


def levels_of(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The different values of clean pictures, ascending: what corrupted ones are rounded to."""
    return np.unique(values)


def corrupted(
    values: NDArray[np.float32],
    shape: tuple[int, int, int],
    name: str,
    severity: int,
    *,
    numbers: Sequence[int] | NDArray[np.integer[Any]],
    levels: NDArray[np.float32],
    seed: int = 0,
) -> NDArray[np.float32]:
    """Pictures under a corruption.

    Args:
        values: (n, height × width × channels) float32 in [0, 1], 0 is no ink or dark.
        shape: height, width, channels.
        name: of the corruption.
        severity: 1 … 5.
        numbers: (n,) the samples' own numbers, from 0: with the seed they decide what is random in a sample.
        levels: of the data (`levels_of`).
        seed: of everything random, from 0.

    Returns:
        (n, d) float32, each value one of the levels, so that nothing is detectable by its rounding.

    Raises:
        CorruptionError: no such corruption or severity, or the shape cannot show it.
    """
    if name not in CORRUPTIONS:
        raise CorruptionError(unknown(name))
    if severity not in SEVERITIES:
        raise CorruptionError(f"{name}: severity is {severity}; allowed: {', '.join(map(str, SEVERITIES))}")
    reason = left_out(shape).get(name)
    if reason is not None:
        raise CorruptionError(f"{name}: {reason}")
    corruption = CORRUPTIONS[name]
    strength = corruption.strengths[severity - 1] * corruption.per_unit
    return apply(values, shape, name, strength, numbers=numbers, levels=levels, seed=seed)


def apply(
    values: NDArray[np.float32],
    shape: tuple[int, int, int],
    name: str,
    strength: float,
    *,
    numbers: Sequence[int] | NDArray[np.integer[Any]],
    levels: NDArray[np.float32],
    seed: int = 0,
) -> NDArray[np.float32]:
    """Pictures under a corruption of any strength, as its function takes it; see `corrupted`."""
    function = CORRUPTIONS[name].function
    grain = ENLARGED if min(shape[:2]) < ENLARGED_BELOW else 1
    middles = (levels[1:].astype(np.float64) + levels[:-1]) / 2
    result = np.empty_like(values)
    rows = max(1, _BLOCK // (values.shape[1] * grain**2))
    for begin in range(0, len(values), rows):
        block = slice(begin, begin + rows)
        clean = values[block].reshape(-1, *shape).astype(np.float64)
        if grain > 1:
            clean = clean.repeat(grain, axis=1).repeat(grain, axis=2)
        changed = function(clean, strength, pictures.Context(Draws(seed, name, numbers[block]), grain))
        if grain > 1:
            split = (-1, shape[0], grain, shape[1], grain, shape[2])
            changed = np.clip(changed, 0, 1).reshape(split).mean(axis=(2, 4))
        result[block] = levels[np.searchsorted(middles, changed.reshape(len(changed), -1))]
    return result
