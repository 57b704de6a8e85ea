"""What is computed: the grid of a study, and how it fits the data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from precompute.clusterers import registry as clusterers_registry
from precompute.dataset import Dataset
from precompute.loaders.options import Options
from precompute.maps import registry as maps_registry
from precompute.parameters import LARGE, Facts, Parameter
from precompute.store import FEATURES, number_slug

LISTED = 5
"""Faults or values of one kind that a message names; the rest is counted."""


class ConfigError(ValueError):
    """The configuration cannot be used. `problems` holds one line a fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Grid:
    """The values to compute of each parameter.

    Attributes:
        values: ascending, by the parameter's name; a parameter that is not among them has its default.
        explicit: names of the parameters that a person asked for; these are refused, not clipped, where data are too
            few.
    """

    values: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    explicit: frozenset[str] = frozenset()

    @classmethod
    def of(cls, **values: Sequence[float]) -> Grid:
        """A grid of these values, as defaults: they are clipped where data are too few."""
        return cls({name: tuple(float(value) for value in listed) for name, listed in values.items()})

    def __getitem__(self, name: str) -> tuple[float, ...]:
        return self.values[name]

    def fitted(self, parameters: Sequence[Parameter], facts: Facts, own: bool = False) -> tuple[Grid, list[str]]:
        """The grid over some parameters that data of these facts allow, and notes.

        Args:
            parameters: of the methods and clusterers.
            facts: of the data.
            own: whether the default is that of own data, with fewer values.

        There is a note for each default axis that was clipped, made coarser or, where it begins too high for very few
        samples, moved down to what these allow.

        Raises:
            ConfigError: an explicit value is out of range, or nothing of a default axis is left.
        """
        problems: list[str] = []
        notes: list[str] = []
        kept = {}
        for one in parameters:
            given = self.values.get(one.name)
            if given is None and facts.n > LARGE and one.large is not None:
                given = one.large
                notes.append(f"{one.name}: {_listed(given)}, the default above {LARGE:,} samples")
            elif given is None and own and one.own is not None:
                given = one.own(facts)
            kept[one.name] = self._clipped(one, one.default if given is None else given, facts, problems, notes)
        if problems:
            raise ConfigError(problems)
        return replace(self, values=kept), notes

    def _clipped(
        self, one: Parameter, values: tuple[float, ...], facts: Facts, problems: list[str], notes: list[str]
    ) -> tuple[float, ...]:
        """Those of a parameter's values that the data allow; what is to be said of the others."""
        low, high = one.limits(facts)
        kept = tuple(value for value in values if one.allows(value, facts))
        lost = [value for value in values if value not in kept]
        repeats = high < one.limits(replace(facts, different=facts.n))[1]
        who = f"{facts.n} samples" + (f" of which {facts.different} differ" if repeats else "")
        if not kept and one.name not in self.explicit and values[0] > high >= low:
            kept = (float(math.floor(high)) if math.floor(high) >= low else high,)
            notes.append(f"{one.name}: {_listed(kept)}, the largest whole one that {who} allow")
        elif lost and (one.name in self.explicit or not kept):
            small = "" if lost[-1] > high else f" too small for {who}; allowed: at least {low:g}"
            large = f" too large for {who}; allowed: at most {high:g}"
            problems.append(f"{one.name}: {_listed(lost)}{small or large}")
        elif lost:
            notes.append(f"{one.name}: {_listed(lost)} left out, {who} allow at most {high:g}")
        return kept


def _listed(values: Sequence[float]) -> str:
    more = f" and {len(values) - LISTED} more" if len(values) > LISTED else ""
    return ", ".join(number_slug(value) for value in values[:LISTED]) + more


@dataclass(frozen=True)
class LeftOut:
    """A clusterer that is not computed of so many samples: in one space, or in none (None), and its limit."""

    clusterer: str
    space: str | None
    most: int

    @property
    def what(self) -> str:
        """What is to be said after its name."""
        where = " in feature space" if self.space else ""
        return f"left out{where}, it is computed{' there' if where else ''} of up to {self.most:,} samples"


@dataclass(frozen=True)
class StudyConfig:
    """What to compute of one data set.

    Attributes:
        source: name of a built-in data set.
        path: file or folder in its place.
        options: how to read that.
        id: folder name.
        grid: the settings.
        methods: names of the methods whose maps are computed and clustered; a PCA map is always there.
        clusterers: names of the clusterers that put maps and features into groups.
        variance: share of variance that PCA keeps.
        starts: K-Means starts, the best is taken.
        seed: of everything random.
        robustness: whether to look for the same clusters from other starts and in shuffled data; None: where that is
            quick: over the default grid of data that are not large.
        full: whether the default grid has every value also of own data.
        texts: title, description, source, license given in place of the data set's own.
    """

    source: str = "digits"
    path: Path | None = None
    options: Options = field(default_factory=Options)
    id: str = "digits"
    grid: Grid = field(default_factory=Grid)
    methods: tuple[str, ...] = ("tsne", "umap", "pca")
    clusterers: tuple[str, ...] = ("kmeans", "ward", "gmm", "hdbscan")
    variance: float = 0.95
    starts: int = 10
    seed: int = 0
    robustness: bool | None = None
    full: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> list[Parameter]:
        """What its methods and clusterers can be set to, methods' first, each once."""
        of_maps = (one for name in self.methods for one in maps_registry.METHODS[name].parameters)
        of_clusters = (one for name in self.clusterers for one in clusterers_registry.CLUSTERERS[name].parameters)
        return list({one.name: one for one in (*of_maps, *of_clusters)}.values())

    def computed(self, n: int, in_features: bool = False) -> tuple[str, ...]:
        """The clusterers that so many samples allow on maps, or in feature space."""
        limits = {name: clusterers_registry.CLUSTERERS[name].limit(in_features) for name in self.clusterers}
        return tuple(name for name, most in limits.items() if most is None or n <= most)

    def left_out(self, n: int) -> list[LeftOut]:
        """The clusterers that are not computed of so many samples, and where not."""
        found = []
        for name in self.clusterers:
            entry = clusterers_registry.CLUSTERERS[name]
            on_maps, in_features = (entry.limit(features) for features in (False, True))
            if on_maps is not None and n > on_maps:
                found.append(LeftOut(name, None, on_maps))
            elif in_features is not None and n > in_features:
                found.append(LeftOut(name, FEATURES, in_features))
        return found

    @property
    def quick_clusterers(self) -> tuple[str, ...]:
        """The clusterers that are looked at from other starts and on shuffled data: those that are not coarse, if
        there are such."""
        return (
            tuple(one for one in self.clusterers if not clusterers_registry.CLUSTERERS[one].coarse) or self.clusterers
        )

    def facts(self, data: Dataset) -> Facts:
        """What limits and starts of the parameters depend on."""
        labels = 0 if data.labels is None else len(np.unique(data.labels[data.labels >= 0]))
        whole = [one for one in self.parameters if one.whole]
        few = Facts(data.n, data.n, labels)
        enough = max(
            (max(self.grid.values.get(one.name, (*one.default, *(one.own(few) if one.own else ())))) for one in whole),
            default=1,
        )
        return Facts(data.n, data.different(int(min(enough, data.n)) + 1), labels)

    def fitted(self, data: Dataset) -> tuple[Grid, list[str]]:
        """The grid that the data allow, and notes on what they do not; see `Grid.fitted`.

        Raises:
            ConfigError: an explicit value is out of range.
        """
        said = [f"clusterers: {one.clusterer} {one.what}" for one in self.left_out(data.n)]
        if not self.computed(data.n):
            raise ConfigError([f"{one}; these are {data.n:,}: name another" for one in said])
        unused = self.grid.explicit - {one.name for one in self.parameters}
        said += [f"{name}: not used, no method or clusterer named here has it" for name in sorted(unused)]
        grid, notes = self.grid.fitted(self.parameters, self.facts(data), self.path is not None and not self.full)
        return grid, [*said, *notes]

    def is_robust(self, n: int) -> bool:
        """Whether robustness is looked at, for n samples."""
        if self.robustness is not None:
            return self.robustness
        methods = [maps_registry.METHODS[name] for name in self.methods]
        drawn = {one.name for method in methods if method.stochastic for one in method.parameters}
        return not drawn & self.grid.explicit and n <= LARGE


@dataclass(frozen=True)
class Config:
    """A gallery: its title, if it was given one, and its studies."""

    title: str | None = None
    studies: tuple[StudyConfig, ...] = (StudyConfig(),)


def with_every_value(config: Config) -> Config:
    """The configuration with every value of the default grid, also for own data."""
    return replace(config, studies=tuple(replace(study, full=True) for study in config.studies))


def with_robustness(config: Config) -> Config:
    """The configuration with robustness looked at for all its data sets."""
    return replace(config, studies=tuple(replace(study, robustness=True) for study in config.studies))


def with_axes(
    config: Config,
    values: Mapping[str, tuple[float, ...]],
    methods: tuple[str, ...] | None = None,
    clusterers: tuple[str, ...] | None = None,
) -> Config:
    """The configuration with what the command line says of the grid in place of its own, for all its data sets.

    Args:
        config: the gallery.
        values: of the parameters that were given, by name.
        methods, clusterers: their names; None: as they are.
    """
    studies = tuple(
        replace(
            study,
            grid=replace(
                study.grid, values={**study.grid.values, **values}, explicit=study.grid.explicit | set(values)
            ),
            methods=methods or study.methods,
            clusterers=clusterers or study.clusterers,
        )
        for study in config.studies
    )
    return replace(config, studies=studies)
