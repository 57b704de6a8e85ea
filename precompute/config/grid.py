"""What is computed: the grid of a study, and how it fits the data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from precompute.dataset import Dataset
from precompute.loaders.raw import Options
from precompute.store import number_slug

DEFAULT_PERPLEXITY = tuple(float(value) for value in range(5, 51))
DEFAULT_K = tuple(range(3, 16))
LARGE = 15_000
"""Samples above which the default grid is coarser: one map then takes minutes, not half a second."""
LARGE_PERPLEXITY = (10.0, 30.0, 50.0, 100.0)
LARGE_K = tuple(range(5, 16))
LISTED = 5
"""Faults or values of one kind that a message names; the rest is counted."""


class ConfigError(ValueError):
    """The configuration cannot be used. `problems` holds one line a fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Grid:
    """The settings to compute: every perplexity with every k.

    Attributes:
        perplexity: ascending, each > 0.
        k: ascending, each ≥ 2.
        explicit: names of the axes that a person asked for; these are refused, not clipped, where data are too few.
    """

    perplexity: tuple[float, ...] = DEFAULT_PERPLEXITY
    k: tuple[int, ...] = DEFAULT_K
    explicit: frozenset[str] = frozenset()

    def fitted(self, n: int, different: int | None = None) -> tuple[Grid, list[str]]:
        """The grid that n samples, of which so many differ (None: all), allow, and notes.

        There is a note for each default axis that was clipped, made coarser or, where it begins too high for very few
        samples, moved down to what these allow.

        A perplexity p needs 3 p neighbours, so p ≤ (n − 1) / 3. With k = n every sample would be a
        cluster, of which no silhouette is defined, so k ≤ n − 1. Of samples that are the same, none can be apart.

        Raises:
            ConfigError: an explicit value is out of range, or nothing of a default axis is left.
        """
        highest = (n - 1) / 3
        problems, notes = [], []
        axes: dict[str, tuple[float, ...]] = {"perplexity": self.perplexity, "k": self.k}
        if n > LARGE:
            for name, default, coarse in (
                ("perplexity", DEFAULT_PERPLEXITY, LARGE_PERPLEXITY),
                ("k", DEFAULT_K, LARGE_K),
            ):
                if name not in self.explicit and axes[name] == default:
                    axes[name] = coarse
                    notes.append(f"{name}: {_listed(coarse)}, the default above {LARGE:,} samples")
        limits = {"perplexity": highest, "k": min(n - 1.0, n if different is None else different)}
        few = {"k": f" of which {different} differ" if limits["k"] < n - 1 else ""}
        kept: dict[str, Any] = {}
        for name, values in axes.items():
            kept[name] = tuple(value for value in values if value <= limits[name])
            lost = [value for value in values if value > limits[name]]
            who = f"{n} samples" + few.get(name, "")
            if not kept[name] and name not in self.explicit and limits[name] >= 2:
                kept[name] = (type(values[0])(math.floor(limits[name])),)
                notes.append(f"{name}: {_listed(kept[name])}, the largest whole one that {who} allow")
            elif lost and (name in self.explicit or not kept[name]):
                problems.append(f"{name}: {_listed(lost)} too large for {who}; allowed: at most {limits[name]:g}")
            elif lost:
                notes.append(f"{name}: {_listed(lost)} left out, {who} allow at most {limits[name]:g}")
        if problems:
            raise ConfigError(problems)
        return replace(self, **kept), notes


def _listed(values: Sequence[float]) -> str:
    more = f" and {len(values) - LISTED} more" if len(values) > LISTED else ""
    return ", ".join(number_slug(value) for value in values[:LISTED]) + more


@dataclass(frozen=True)
class StudyConfig:
    """What to compute of one data set.

    Attributes:
        source: name of a built-in data set.
        path: file or folder in its place.
        options: how to read that.
        id: folder name.
        grid: the settings.
        methods: names of the embedding methods to compute; PCA is always there.
        variance: share of variance that PCA keeps.
        starts: K-Means starts, the best is taken.
        seed: of everything random.
        robustness: whether to look for the same clusters from other starts and in shuffled data; None: where that is
            quick, on the default perplexities of data that are not large.
        texts: title, description, source, license given in place of the data set's own.
    """

    source: str = "digits"
    path: Path | None = None
    options: Options = field(default_factory=Options)
    id: str = "digits"
    grid: Grid = field(default_factory=Grid)
    methods: tuple[str, ...] = ("tsne",)
    variance: float = 0.95
    starts: int = 10
    seed: int = 0
    robustness: bool | None = None
    texts: Mapping[str, str] = field(default_factory=dict)

    def fitted(self, data: Dataset) -> tuple[Grid, list[str]]:
        """The grid that the data allow, and notes on what they do not; see `Grid.fitted`.

        Raises:
            ConfigError: an explicit value is out of range.
        """
        return self.grid.fitted(data.n, data.different(max(self.grid.k) + 1))

    def is_robust(self, n: int) -> bool:
        """Whether robustness is looked at, for n samples."""
        if self.robustness is not None:
            return self.robustness
        return "perplexity" not in self.grid.explicit and n <= LARGE


@dataclass(frozen=True)
class Config:
    """A gallery: its title, if it was given one, and its studies."""

    title: str | None = None
    studies: tuple[StudyConfig, ...] = (StudyConfig(),)


def with_robustness(config: Config) -> Config:
    """The configuration with robustness looked at for all its data sets."""
    return replace(config, studies=tuple(replace(study, robustness=True) for study in config.studies))


def with_axes(config: Config, perplexity: tuple[float, ...] | None, k: tuple[int, ...] | None) -> Config:
    """The configuration with axes from the command line in place of its own, for all its data sets."""
    given: dict[str, Any] = {}
    if perplexity is not None:
        given["perplexity"] = perplexity
    if k is not None:
        given["k"] = k
    if not given:
        return config
    studies = tuple(
        replace(study, grid=replace(study.grid, **given, explicit=study.grid.explicit | set(given)))
        for study in config.studies
    )
    return replace(config, studies=studies)
