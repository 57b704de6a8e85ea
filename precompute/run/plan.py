"""The plan: which cells a study has, and what each is made from; nothing is computed here.

Only versions, parameters and fingerprints are looked at, so a plan costs milliseconds and the heavy libraries stay
unimported.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from precompute import features, neighbors, store
from precompute.clusterers import kmeans
from precompute.config import Grid, StudyConfig
from precompute.dataset import Dataset, fingerprint
from precompute.labels import stability, suspicion
from precompute.maps import registry as maps_registry
from precompute.metrics import cluster_stats, clusterings, contingency, geometry, limits, maps
from precompute.metrics import registry as metrics_registry
from precompute.run import cells, rules
from precompute.store import CellRecord

FEATURES = "features"
PCA = "pca"
SOURCE_CELL = "features and neighbors"

MEASURED_BY = (metrics_registry, clusterings, maps, cluster_stats, geometry, limits, contingency)
"""Modules that measures follow from: their text is in the keys of cells and in the rules of tables."""


@dataclass(frozen=True)
class EmbeddingPlan:
    """One embedding of the grid and the k to cluster it into; no k for the PCA map, which is not clustered.

    One that is not measured is only there to be compared with others.
    """

    slug: str
    method: str
    parameters: Mapping[str, float]
    ks: tuple[int, ...]
    cell: CellRecord
    measures: CellRecord
    settings: Mapping[int, tuple[CellRecord, CellRecord]]
    measured: bool = True

    def up_to(self, distinct: int | None) -> EmbeddingPlan:
        """The same without each k that is more than the number of points that differ; None: all of them."""
        if distinct is None:
            return self
        settings = {k: pair for k, pair in self.settings.items() if k <= distinct}
        return replace(self, ks=tuple(k for k in self.ks if k <= distinct), settings=settings)

    @property
    def cells(self) -> dict[str, CellRecord]:
        """All cells by name."""
        if not self.measured:
            clusterings = {f"clusters {self.slug}-k{k}": cell for k, (cell, _) in self.settings.items()}
            return {f"embedding {self.slug}": self.cell} | clusterings
        named = {f"embedding {self.slug}": self.cell, f"measures {self.slug}": self.measures}
        if self.slug == FEATURES:
            named = {}
        for k, (clustering, measured) in self.settings.items():
            slug = store.setting_slug(None if self.slug == FEATURES else self.slug, k)
            named |= {f"clusters {slug}": clustering, f"metrics {slug}": measured}
        return named


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
        """Parts in the order of the tables: features, PCA, then by perplexity."""
        first = {FEATURES: 0, PCA: 1}
        return sorted(
            self.parts.values(),
            key=lambda part: (first.get(part.slug, 2), part.method, part.parameters.get("perplexity", 0.0)),
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

    Raises:
        ValueError: a method cannot be computed over this grid; see `maps.registry.check_method`.
    """
    for name in config.methods:
        maps_registry.check_method(name)
    feature = cells.record(
        values=data.values_sha256,
        variance=config.variance,
        algorithm=features.ALGORITHM,
        libraries=cells.versions(features.LIBRARIES),
    )
    count = min(data.n - 1, max(limits.NEIGHBORS, suspicion.NEIGHBORS, math.ceil(3 * max(grid.perplexity))))
    source = cells.record(
        features=feature.key,
        neighbors=count,
        algorithm=neighbors.ALGORITHM,
        libraries=cells.versions(neighbors.LIBRARIES),
    )
    labels = fingerprint(data.labels)
    measures_by = rules.of(*MEASURED_BY)

    def settings(points: str, ks: Sequence[int]) -> dict[int, tuple[CellRecord, CellRecord]]:
        found = {}
        for k in ks:
            clustering = cells.record(
                points=points,
                labels=labels,
                k=k,
                starts=config.starts,
                seed=config.seed,
                algorithm=kmeans.ALGORITHM,
                libraries=cells.versions(kmeans.LIBRARIES),
            )
            found[k] = (
                clustering,
                cells.record(
                    clusters=clustering.key,
                    label_names=len(data.label_names),
                    algorithm=metrics_registry.ALGORITHM,
                    metrics={name: metric.version for name, metric in metrics_registry.SETTING_METRICS.items()},
                    rules=measures_by,
                    libraries=cells.versions(metrics_registry.LIBRARIES),
                ),
            )
        return found

    def part(slug: str, method: str, parameters: Mapping[str, float], ks: tuple[int, ...]) -> EmbeddingPlan:
        chosen = maps_registry.METHODS[method]
        cell = cells.record(
            features=feature.key,
            neighbors=neighbors.ALGORITHM,
            method=method,
            parameters=dict(parameters),
            seed=config.seed,
            algorithm=chosen.algorithm,
            libraries=cells.versions(maps_registry.LIBRARIES),
        )
        measures = cells.record(
            embedding=cell.key,
            algorithm=metrics_registry.ALGORITHM,
            metrics={name: metric.version for name, metric in metrics_registry.EMBEDDING_METRICS.items()},
            rules=measures_by,
            libraries=cells.versions(metrics_registry.LIBRARIES),
        )
        return EmbeddingPlan(slug, method, parameters, ks, cell, measures, settings(cell.key, ks))

    parts = {
        FEATURES: EmbeddingPlan(FEATURES, "", {}, grid.k, feature, feature, settings(feature.key, grid.k)),
        PCA: part(PCA, PCA, {}, ()),
    }
    for method in config.methods:
        if "perplexity" not in maps_registry.METHODS[method].parameters:
            parts[method] = part(method, method, {}, grid.k)
            continue
        # the costly high perplexities first, so that no worker is left with one at the end
        for perplexity in sorted(grid.perplexity, reverse=True):
            slug = store.embedding_slug(method, perplexity)
            parts[slug] = part(slug, method, {"perplexity": perplexity}, grid.k)
    restarts = {}
    if config.is_robust(data.n) and "tsne" in config.methods:
        for perplexity in sorted(stability.perplexities(grid.perplexity), reverse=True):
            for restart in range(1, stability.SEEDS):
                one = _restart(part, perplexity, restart, grid.k)
                restarts[one.slug] = one
    return Plan(source, count, parts, restarts)


def _restart(
    part: Callable[[str, str, Mapping[str, float], tuple[int, ...]], EmbeddingPlan],
    perplexity: float,
    restart: int,
    ks: tuple[int, ...],
) -> EmbeddingPlan:
    """The plan of a t-SNE map from another start: clustered, not measured."""
    slug = f"{store.embedding_slug('tsne', perplexity)}-restart{restart}"
    made = part(slug, "tsne", {"perplexity": perplexity, "restart": restart}, ks)
    settings = {k: (clustering, clustering) for k, (clustering, _) in made.settings.items()}
    return replace(made, settings=settings, measured=False)
