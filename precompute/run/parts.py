"""Parts: all that is computed of one embedding, its map, its measures, its clusterings and theirs, as one task.

A worker is given a `Task` and what every part is made from; where it runs does not matter to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from precompute import equality, neighbors, store
from precompute.clusterers import canonical
from precompute.clusterers import registry as clusterers_registry
from precompute.clusterers.clusterer import Clustering, Options, measured
from precompute.maps import method as maps_method
from precompute.maps import registry as maps_registry
from precompute.maps import tsne
from precompute.maps.method import Source
from precompute.metrics import cluster_stats, clusterings, geometry, limits, maps
from precompute.metrics import registry as metrics_registry
from precompute.run.cells import Array, CellCache, Part, SettingPart
from precompute.run.plan import EmbeddingPlan, SettingPlan

SOURCE = "source"
"""Name of the part that holds features and neighbours."""


@dataclass(frozen=True)
class SourceData:
    """What every part is made from: features, neighbours, PCA map, and the geometry of feature space."""

    part: Part

    @cached_property
    def source(self) -> Source:
        """What embeddings start from."""
        arrays = {name: array.unpack() for name, array in self.part.arrays.items()}
        return maps_method.Source(
            features=arrays["scores"],
            neighbors=neighbors.Neighbors(arrays["indices"], arrays["distances"]),
            start=np.ascontiguousarray(arrays["scores"][:, :2]),
            seed=0,
        )

    @cached_property
    def geometry(self) -> geometry.Geometry:
        """Feature space; its distances are shared by all parts that one worker computes."""
        return geometry.Geometry(self.source.features)


@dataclass(frozen=True)
class Task:
    """What a worker needs to know to compute one part; the large arrays it reads from the cache, once."""

    folder: Path
    source_key: str
    part: EmbeddingPlan
    starts: int
    seed: int
    labels: NDArray[np.int16] | None
    label_count: int


def peak_bytes(n: int, dimensions: int, neighbor_count: int) -> int:
    """About how much memory a worker needs at its peak, in bytes.

    Args:
        n: samples.
        dimensions: of the data, no fewer than of the features.
        neighbor_count: 3 × the largest perplexity.

    Measured on MNIST, n = 70,000 and 154 components: 0.57 GB at perplexity 10, 0.67 at 30, 0.85 at 50, 1.23 at 100,
    of which 0.2 GB are the process and its libraries, before forces were interpolated on meshes. These take 60 bytes
    for each node across times each node up: of MNIST's 1,500 at perplexity 10, and of 4,000 at the most.
    """
    shared = n * (4 * dimensions + 8 * neighbor_count)
    affinities = 40 * n * neighbor_count
    mesh = min(1_900 * n, 960_000_000)
    return 300_000_000 + shared + affinities + mesh


@lru_cache(maxsize=1)
def read_prepared(folder: Path, key: str) -> SourceData:
    """What every part is made from, read from the cache once by each worker."""
    part = CellCache(folder).read(SOURCE, key)
    if part is None:
        raise store.StoreError(f"{folder}: the features vanished from the cache while building; build again")
    return SourceData(part)


def compute_local(task: Task) -> Part:
    """Compute a part on this machine: what is known is read from the cache."""
    known = CellCache(task.folder).read(task.part.slug, task.part.cell.key)
    return compute_part(task, known, read_prepared(task.folder, task.source_key))


def compute_remote(task: tuple[Task, Part | None], prepared: SourceData) -> Part:
    """Compute a part on another machine: what is known has been sent."""
    tsne.compile_kernels()
    return compute_part(*task, prepared)


def compute_part(task: Task, known: Part | None, prepared: SourceData) -> Part:
    """Compute what is missing of one embedding: its map, its measures, its clusterings and theirs.

    Args:
        task: what is wanted.
        known: what earlier builds computed of it; what has the wanted keys is taken from there.
        prepared: what every part is made from.
    """
    from sklearn import config_context

    # data were checked as they were loaded, maps are as they are made: scikit-learn's own checks, many thousand times
    # on some thousand samples, would be a seventh of the work
    with config_context(assume_finite=True, skip_parameter_validation=True):
        return _computed(task, known, prepared)


def _computed(task: Task, known: Part | None, prepared: SourceData) -> Part:
    source, feature_space = prepared.source, prepared.geometry
    wanted = task.part
    part = known or _embed(wanted, source, task.seed)
    points = feature_space.points if not wanted.is_map else part.arrays["points"].unpack()
    if wanted.measured and wanted.is_map and part.measures_key != wanted.measures.key:
        count = limits.neighbor_count(len(points))
        mapping = maps.Mapping2D(
            points=points,
            features=source.features,
            map_neighbors=neighbors.nearest(points, count).indices,
            true_neighbors=source.neighbors.indices[:, :count],
        )
        measured = metrics_registry.measure(
            metrics_registry.EMBEDDING_METRICS, mapping, labelled=task.labels is not None
        )
        part = msgspec.structs.replace(part, measures_key=wanted.measures.key, measures=measured)
    distinct = equality.different(points, wanted.most)
    if distinct < wanted.most:
        part = msgspec.structs.replace(part, distinct=distinct)
        task = replace(task, part=wanted.up_to(distinct))
    settings, failed = _cluster(task, part, points, feature_space)
    return msgspec.structs.replace(part, settings=dict(part.settings) | settings, failed=failed)


def _embed(wanted: EmbeddingPlan, source: Source, seed: int) -> Part:
    if not wanted.is_map:
        return Part(key=wanted.cell.key, arrays={})
    method = maps_registry.METHODS[wanted.method]
    embedding = method.fit(replace(source, seed=seed), wanted.parameters)
    if not np.isfinite(embedding.points).all():
        raise FloatingPointError(f"{method.label}, {dict(wanted.parameters)}: the map did not stay finite")
    return Part(key=wanted.cell.key, arrays={"points": Array.of(embedding.points)}, reported=dict(embedding.measures))


def _cluster(
    task: Task, part: Part, points: NDArray[np.float32], feature_space: geometry.Geometry
) -> tuple[dict[str, SettingPart], dict[str, str]]:
    """Cluster and measure what of the settings is not in the part; and why some could not be."""
    missing = {
        name: plan
        for name, plan in task.part.settings.items()
        if name not in part.settings or part.settings[name].clusters_key != plan.clusters.key
    }
    fitted, failed = _fitted(task, points, missing)
    space = geometry.Geometry(points) if task.part.is_map else feature_space
    settings = {}
    for name, plan in task.part.settings.items():
        if name in failed:
            continue
        if name in fitted and not task.part.measured:
            settings[name] = _unmeasured(fitted[name], plan.clusters.key)
            continue
        if name in fitted:
            ordered = canonical.canonical(fitted[name], task.labels)
            assigned, inertia = ordered.clusters, ordered.inertia
            if task.labels is None:
                margin = np.full(len(points), np.nan, dtype=np.float32)
            else:
                dominant = canonical.dominant_labels(assigned, task.labels, ordered.count)
                margin = canonical.margins(points, ordered.centers, assigned, dominant, task.labels)
        elif part.settings[name].metrics_key != plan.metrics.key:
            kept = part.settings[name]
            assigned, inertia, margin = kept.clusters.unpack(), kept.inertia, kept.margin.unpack()
        else:
            continue
        count = int(assigned.max()) + 1
        setting = clusterings.Setting(assigned, count, space, feature_space, inertia, task.labels, task.label_count)
        values = metrics_registry.measure(metrics_registry.SETTING_METRICS, setting, labelled=task.labels is not None)
        settings[name] = SettingPart(
            clusters_key=plan.clusters.key,
            clusters=Array.of(assigned),
            margin=Array.of(margin),
            inertia=inertia,
            metrics_key=plan.metrics.key,
            metrics=values,
            stats=[asdict(row) for row in cluster_stats.cluster_stats(setting)],
        )
    return settings, failed


def _fitted(
    task: Task, points: NDArray[np.float32], missing: Mapping[str, SettingPlan]
) -> tuple[dict[str, Clustering], dict[str, str]]:
    """The clusterings of some settings, those of one clusterer all at once; and why some could not be made.

    What one clusterer cannot do is not the map's fault, nor that of the others.
    """
    options = Options(task.starts, task.seed)
    fitted: dict[str, Clustering] = {}
    failed: dict[str, str] = {}
    for clusterer in dict.fromkeys(plan.clusterer for plan in missing.values()):
        wanted = {name: plan.parameters for name, plan in missing.items() if plan.clusterer == clusterer}
        try:
            entry = clusterers_registry.CLUSTERERS[clusterer]
            assignments = entry.fit(points, list(wanted.values()), options)
            fitted |= {
                name: measured(points, clusters, noise=entry.noise)
                for name, clusters in zip(wanted, assignments, strict=True)
            }
        except (ValueError, ArithmeticError, LookupError, TypeError, np.linalg.LinAlgError) as error:
            failed |= dict.fromkeys(wanted, f"{clusterer}: {type(error).__name__}: {error}")
    return fitted, failed


def _unmeasured(clustering: Clustering, key: str) -> SettingPart:
    """A clustering that is only there to be compared with others."""
    nothing = Array.of(np.empty(0, dtype=np.float32))
    assigned = Array.of(clustering.clusters)
    return SettingPart(key, assigned, nothing, clustering.inertia, metrics_key=key, metrics={}, stats=[])
