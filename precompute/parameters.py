"""Parameters: what a method or a clusterer can be set to, each described in one place.

Command line, configuration, plan, tables, slugs, sliders, addresses and the words beside a slider are made from these;
nothing else spells a parameter's name, default, unit or limit. A method's parameters stand in its registry entry
(`maps.registry.METHODS`), a clusterer's in its own (`clusterers.registry.CLUSTERERS`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from precompute.store.slugs import number_slug


@dataclass(frozen=True)
class Facts:
    """What limits and starts depend on.

    Attributes:
        n: samples.
        different: how many of the points differ, as far as that was counted.
        labels: how many labels occur; 0 where there are none.
    """

    n: int
    different: int
    labels: int = 0


DECIMALS = 4
"""Of a value: with more it would be written with an exponent, or be another one, in slugs and addresses."""

ANY = Facts(10**9, 10**9)
"""Data that limit nothing: what is out of a parameter's limits here is so for all data."""


def _nothing(_: float) -> int:
    return 0


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter, the only home of what is known of it.

    Attributes:
        name: in options, keys, columns and addresses: "min_cluster_size".
        letter: in slugs: "m".
        label: beside its slider.
        unit: of its values, in the plural.
        meaning: a sentence for a reader.
        default: the grid, ascending.
        large: the grid above `LARGE` samples; None: the same.
        own: the grid of own data that are not large, by their facts; None: the default.
        coarse: the values on whose maps costly clusterers are computed; None: all.
        robust: the values at which other starts and shuffled data are looked at; None: the coarse ones.
        start: where a page begins.
        whole: whether only whole numbers make sense.
        limits: the least and the greatest value, both included.
        implied: the value that a slug leaves out.
        neighbors: how many true neighbours a value needs.
    """

    name: str
    letter: str
    label: str
    unit: str
    meaning: str
    default: tuple[float, ...]
    large: tuple[float, ...] | None = None
    own: Callable[[Facts], tuple[float, ...]] | None = None
    coarse: tuple[float, ...] | None = None
    robust: tuple[float, ...] | None = None
    start: Callable[[Facts], float]
    whole: bool
    limits: Callable[[Facts], tuple[float, float]]
    implied: float | None = None
    neighbors: Callable[[float], int] = _nothing

    def checked(self, values: tuple[float, ...]) -> tuple[float, ...]:
        """The values, if some data allow them.

        Args:
            values: ascending.

        Raises:
            ValueError: one is too small or too large for any data, or no whole number; says what is allowed.
        """
        low, high = self.limits(ANY)
        most = "" if high >= ANY.n // 4 else f" to {number_slug(high)}"
        for value in values:
            if round(value, DECIMALS) != value:
                raise ValueError(f"{value!r} has too many decimals; allowed: at most {DECIMALS}, as slugs write them")
            if self.whole and (value != int(value) or not low <= value <= high):
                raise ValueError(
                    f"{number_slug(value)} is not allowed; allowed: whole numbers from {number_slug(low)}{most}"
                )
            if value < low:
                raise ValueError(f"{number_slug(value)} is too small; allowed: {number_slug(low)} or more")
            if value > high:
                raise ValueError(f"{number_slug(value)} is too large; allowed: {number_slug(high)} or less")
        return values

    def allows(self, value: float, facts: Facts) -> bool:
        """Whether data of these facts allow a value."""
        low, high = self.limits(facts)
        return low <= value <= high

    def coarsely(self, grid: Sequence[float]) -> tuple[float, ...]:
        """The values of a grid nearest to the coarse ones, ascending, the lower on a tie."""
        return _nearest(grid, self.coarse)

    def robustly(self, grid: Sequence[float]) -> tuple[float, ...]:
        """The values of a grid nearest to those at which other starts and shuffled data are looked at, likewise."""
        return _nearest(grid, self.coarse if self.robust is None else self.robust)


def _nearest(grid: Sequence[float], wanted: Sequence[float] | None) -> tuple[float, ...]:
    if wanted is None:
        return tuple(grid)
    return tuple(sorted({min(grid, key=lambda value: (abs(value - one), value)) for one in wanted}))


def unknown_seconds(samples: int, values: Mapping[str, float]) -> float:
    """How long something takes of which nobody has said it: the estimate before a build leaves it out."""
    del samples, values
    return 0.0


LARGE = 15_000
"""Samples above which the default grid is coarser: one map then takes minutes, not half a second."""


def slug(name: str, parameters: Sequence[Parameter], values: Mapping[str, float]) -> str:
    """A method or clusterer with its values: "tsne-p35", "ward-k10"; "k10" without a name.

    A value that is a parameter's implied one adds nothing.
    """
    tokens = [f"{one.letter}{number_slug(values[one.name])}" for one in parameters if values[one.name] != one.implied]
    return "-".join([name, *tokens] if name else tokens)


def combinations(parameters: Sequence[Parameter], grid: Mapping[str, Sequence[float]]) -> Iterator[dict[str, float]]:
    """Every combination of a grid's values for these parameters, the last one's varying fastest."""
    names = [one.name for one in parameters]
    for values in itertools.product(*(grid[name] for name in names)):
        yield dict(zip(names, values, strict=True))
