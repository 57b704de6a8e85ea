"""The plan: which cells a study has, and what each is made from; nothing is computed here.

Only versions, parameters and fingerprints are looked at, so a plan costs milliseconds and the heavy libraries stay
unimported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from precompute import features, neighbors, store
from precompute import parameters as parameters_module
from precompute.clusterers import registry as clusterers_registry
from precompute.config import Grid, StudyConfig
from precompute.dataset import Dataset, fingerprint
from precompute.labels import stability, suspicion
from precompute.maps import registry as maps_registry
from precompute.metrics import cluster_stats, clusterings, contingency, geometry, limits, maps
from precompute.metrics import registry as metrics_registry
from precompute.parameters import Facts, combinations
from precompute.run import cells, rules
from precompute.store import FEATURES, CellRecord

PCA = "pca"
SOURCE_CELL = "features and neighbors"
CLUSTERS, METRICS = "clusters ", "metrics "
"""How the names of a setting's two cells begin; its slug follows."""

MEASURED_BY = (metrics_registry, clusterings, maps, cluster_stats, geometry, limits, contingency)
"""Modules that measures follow from: their text is in the keys of cells and in the rules of tables."""


@dataclass(frozen=True)
class SettingPlan:
    """A setting of an embedding: its slug, what clusters it with which values, and its two cells."""

    slug: str
    clusterer: str
    parameters: Mapping[str, float]
    clusters: CellRecord
    metrics: CellRecord


@dataclass(frozen=True)
class EmbeddingPlan:
    """One embedding of the grid, or the features, and the ways to cluster it; the PCA map may have none.

    One that is not measured is only there to be compared with others.

    Attributes:
        slug: the map's, or `store.FEATURES`.
        method: that makes the map; "" for the features.
        parameters: of the method, a value each.
        facts: of the data.
        cell, measures: of the map.
        settings: by the clusterer with its values, as in "k10".
    """

    slug: str
    method: str
    parameters: Mapping[str, float]
    facts: Facts
    cell: CellRecord
    measures: CellRecord
    settings: Mapping[str, SettingPlan]
    measured: bool = True

    @property
    def is_map(self) -> bool:
        """Whether it is a map, not the features."""
        return self.slug != FEATURES

    @property
    def most(self) -> int:
        """Of how many different points its settings need to know that there are so many."""
        return int(max((value for one in self.settings.values() for value in one.parameters.values()), default=0))

    def up_to(self, distinct: int | None) -> EmbeddingPlan:
        """The same without each setting that so many different points do not allow; None: all of them differ."""
        if distinct is None:
            return self
        facts = replace(self.facts, different=distinct)
        return replace(self, settings={name: one for name, one in self.settings.items() if _allowed(one, facts)})

    def having(self, names: Collection[str]) -> EmbeddingPlan:
        """The same with these settings alone."""
        return replace(self, settings={name: one for name, one in self.settings.items() if name in names})

    @property
    def cells(self) -> dict[str, CellRecord]:
        """All cells by name."""
        if not self.measured:
            clusterings = {f"{CLUSTERS}{one.slug}": one.clusters for one in self.settings.values()}
            return {f"embedding {self.slug}": self.cell} | clusterings
        named = {f"embedding {self.slug}": self.cell, f"measures {self.slug}": self.measures} if self.is_map else {}
        for one in self.settings.values():
            named |= {f"{CLUSTERS}{one.slug}": one.clusters, f"{METRICS}{one.slug}": one.metrics}
        return named


def _allowed(setting: SettingPlan, facts: Facts) -> bool:
    parameters = clusterers_registry.CLUSTERERS[setting.clusterer].parameters
    return all(one.allows(setting.parameters[one.name], facts) for one in parameters)


@dataclass(frozen=True)
class Plan:
    """All cells of a study: where they start (features and neighbours), and those of each embedding.

    `restarts` are embeddings from other starts, by their slugs; they are not part of the grid.
    """

    source: CellRecord
    neighbor_count: int
    parts: Mapping[str, EmbeddingPlan]
    restarts: Mapping[str, EmbeddingPlan]

    @property
    def every(self) -> dict[str, EmbeddingPlan]:
        """All embeddings, restarts included, by slug."""
        return {**self.parts, **self.restarts}

    @property
    def ordered(self) -> list[EmbeddingPlan]:
        """Parts in the order of the tables: features, PCA, then by method and its parameters."""
        first = {FEATURES: 0, PCA: 1}
        return sorted(
            self.parts.values(),
            key=lambda part: (first.get(part.slug, 2), part.method, tuple(part.parameters.values())),
        )

    @property
    def cells(self) -> dict[str, CellRecord]:
        """All cells by name."""
        named = {SOURCE_CELL: self.source}
        for part in self.every.values():
            named |= part.cells
        return named


def plan(data: Dataset, config: StudyConfig, grid: Grid) -> Plan:
    """Which cells a study has, and what each is made from.

    Args:
        data: the samples.
        config: what was asked for.
        grid: fitted to the data; see `StudyConfig.fitted`.
    """
    feature = cells.record(
        values=data.values_sha256,
        variance=config.variance,
        algorithm=features.ALGORITHM,
        libraries=cells.versions(features.LIBRARIES),
    )
    needed = [one.neighbors(max(grid[one.name])) for one in config.parameters]
    count = min(data.n - 1, max(limits.NEIGHBORS, suspicion.NEIGHBORS, *needed))
    # results that hold what leads back to withheld pixels are not kept
    withheld = {"withheld": True} if data.withheld else {}
    source = cells.record(
        features=feature.key,
        neighbors=count,
        **withheld,
        algorithm=neighbors.ALGORITHM,
        libraries=cells.versions(neighbors.LIBRARIES),
    )
    planner = _Planner(data, config, grid, feature)
    parts = {FEATURES: planner.features(), PCA: planner.part(PCA, {}, clustered=PCA in config.methods)}
    restarts = {}
    for name in config.methods:
        if name == PCA:
            continue
        parameters = maps_registry.METHODS[name].parameters
        # the costly high values first, so that no worker is left with one at the end
        for values in reversed(list(combinations(parameters, grid.values))):
            made = planner.part(name, values)
            parts[made.slug] = made
    if config.is_robust(data.n):
        for one in planner.restarts():
            restarts[one.slug] = one
    return Plan(source, count, parts, restarts)


@dataclass(frozen=True)
class _Planner:
    """Makes the plans of single embeddings.

    Attributes:
        data, config, grid: as for `plan`.
        feature: the cell that they are made from.
    """

    data: Dataset
    config: StudyConfig
    grid: Grid
    feature: CellRecord

    @cached_property
    def facts(self) -> Facts:
        return self.config.facts(self.data)

    @cached_property
    def labels(self) -> str | None:
        return fingerprint(self.data.labels)

    @cached_property
    def measured_by(self) -> dict[str, str]:
        return rules.of(*MEASURED_BY)

    def features(self) -> EmbeddingPlan:
        """The features, which have no map of their own."""
        settings = self.settings(FEATURES, self.feature.key)
        return EmbeddingPlan(FEATURES, "", {}, self.facts, self.feature, self.feature, settings)

    def part(
        self, method: str, parameters: Mapping[str, float], restart: int | None = None, clustered: bool = True
    ) -> EmbeddingPlan:
        """One map, from another random start if `restart` says which."""
        chosen = maps_registry.METHODS[method]
        slug = store.embedding_slug(parameters_module.slug(method, chosen.parameters, parameters))
        given = dict(parameters)
        if restart is not None:
            slug, given = f"{slug}-restart{restart}", {**given, "restart": restart}
        cell = cells.record(
            features=self.feature.key,
            neighbors=neighbors.ALGORITHM,
            method=method,
            parameters=given,
            seed=self.config.seed,
            algorithm=chosen.algorithm,
            libraries=cells.versions(chosen.libraries),
        )
        measures = cells.record(
            embedding=cell.key,
            algorithm=metrics_registry.ALGORITHM,
            metrics={name: metric.version for name, metric in metrics_registry.EMBEDDING_METRICS.items()},
            rules=self.measured_by,
            libraries=cells.versions(metrics_registry.LIBRARIES),
        )
        settings = self.settings(slug, cell.key) if clustered else {}
        return EmbeddingPlan(slug, method, given, self.facts, cell, measures, settings)

    def restarts(self) -> Iterator[EmbeddingPlan]:
        """Maps from other random starts, at the coarse values of each stochastic method: clustered, not measured."""
        for name in self.config.methods:
            method = maps_registry.METHODS[name]
            coarse = {one.name: one.coarsely(self.grid[one.name]) for one in method.parameters}
            for values in reversed(list(combinations(method.parameters, coarse)) if method.stochastic else []):
                for restart in range(1, stability.SEEDS):
                    made = self.part(name, values, restart)
                    settings = {key: replace(one, metrics=one.clusters) for key, one in made.settings.items()}
                    yield replace(made, settings=settings, measured=False)

    def settings(self, part: str, points: str) -> dict[str, SettingPlan]:
        """Every clustering of a part.

        Args:
            part: its slug.
            points: key of the cell that holds what is clustered.
        """
        found = {}
        for name in self.config.computed(self.data.n):
            clusterer = clusterers_registry.CLUSTERERS[name]
            for values in combinations(clusterer.parameters, self.grid.values):
                key = parameters_module.slug("" if name == store.KMEANS else name, clusterer.parameters, values)
                clusters = cells.record(
                    points=points,
                    labels=self.labels,
                    clusterer=name,
                    parameters=values,
                    starts=self.config.starts,
                    seed=self.config.seed,
                    algorithm=clusterer.algorithm,
                    libraries=cells.versions(clusterer.libraries),
                )
                found[key] = SettingPlan(store.setting_slug(part, key), name, values, clusters, self._metrics(clusters))
        return found

    def _metrics(self, clusters: CellRecord) -> CellRecord:
        return cells.record(
            clusters=clusters.key,
            label_names=len(self.data.label_names),
            algorithm=metrics_registry.ALGORITHM,
            metrics={name: metric.version for name, metric in metrics_registry.SETTING_METRICS.items()},
            rules=self.measured_by,
            libraries=cells.versions(metrics_registry.LIBRARIES),
        )
