"""Studies of any size without computing one: blobs as maps, a few rounds of Lloyd as K-Means, plain pictures.

For trying the page, not for conclusions: no t-SNE is run. Figures that the page shows are those of the clusters in
the tables; a silhouette is that of a sample of 1,000.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from precompute import store
from precompute.clusterers.kmeans import K
from precompute.maps.tsne import PERPLEXITY
from precompute.metrics import cluster_stats, clusterings, registry
from precompute.metrics.geometry import Geometry
from site_templates.data.assignments import centers

LABELS = 10
SIDE = 28
_SHOWN = ("silhouette", "misclassified", "purity", "entropy")


@dataclass(frozen=True)
class Blobs:
    """Samples of ten kinds: (n,) labels, and (n, 4) features of which the first two are the PCA map."""

    labels: NDArray[np.int16]
    features: NDArray[np.float32]


def write(
    folder: Path, n: int, perplexities: Sequence[float], ks: Sequence[int], *, pictures: bool = True, seed: int = 0
) -> store.Manifest:
    """Write a study of n samples into a folder whose name is its id; returns the manifest."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, LABELS, n).astype(np.int16)
    places = rng.normal(0, 2, (LABELS, 4))
    data = Blobs(labels, (places[labels] + rng.normal(0, 1, (n, 4))).astype(np.float32))
    manifest = _manifest(folder.name, n, perplexities, ks, pictures)
    tables = dict(_sample_tables(manifest, data, rng, pictures))
    rows: dict[str, list[dict[str, Any]]] = {"metrics": [], "cluster_stats": []}
    for info in manifest.embeddings:
        points = _map(data, info.parameters["perplexity"], rng) if info.parameters else data.features[:, :2]
        columns = {"sample": np.arange(n), "x": points[:, 0], "y": points[:, 1]}
        tables[f"embeddings/{info.slug}"] = _table(manifest, "embeddings", store.keys(manifest, info) | columns)
        if info.parameters:
            tables[f"clusters/{info.slug}"] = _clusters(manifest, info, points, data, rng, rows)
    tables["clusters/features"] = _clusters(manifest, None, data.features, data, rng, rows)
    for kind in ("audit", "stability", "review", "near_duplicates", "confusable", *rows):
        listed = rows.get(kind, [])
        names = store.schema(kind, manifest).names
        tables[kind] = _table(manifest, kind, {name: [row[name] for row in listed] for name in names})
    return store.write(folder, manifest, tables, store.Cells(format=store.FORMAT, cells={}, failed=[]))


def _table(manifest: store.Manifest, kind: str, columns: dict[str, Any]) -> pa.Table:
    return store.table(store.schema(kind, manifest), columns)


def _map(data: Blobs, perplexity: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Ten clouds around a ring, wider apart with a larger perplexity, turned so that each map differs."""
    angle = 2 * np.pi * (np.arange(LABELS) + perplexity / 7) / LABELS
    middle = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (30 + perplexity / 5)
    spread = rng.normal(0, 7, (len(data.labels), 2))
    return (middle[data.labels] + spread).astype(np.float32)


def _lloyd(points: NDArray[np.float32], k: int, rng: np.random.Generator) -> NDArray[np.int16]:
    at = points[rng.choice(len(points), k, replace=False)].astype(np.float64)
    clusters = np.zeros(len(points), dtype=np.int64)
    for _ in range(6):
        distances = np.stack([((points - center) ** 2).sum(axis=1) for center in at], axis=1)
        clusters = distances.argmin(axis=1)
        clusters[:k] = np.arange(k)  # none is empty
        at = centers(points, clusters, k)
    return clusters.astype(np.int16)


def _sample_tables(
    manifest: store.Manifest, data: Blobs, rng: np.random.Generator, pictures: bool
) -> Iterator[tuple[str, pa.Table]]:
    n = len(data.labels)
    sample = np.arange(n, dtype=np.int32)
    pixels = pa.nulls(n, pa.list_(pa.uint8()))
    if pictures:
        # a blurred stroke for each kind, fainter or stronger, on an empty ground: compresses about as digits do
        kinds = np.zeros((LABELS, SIDE, SIDE))
        for kind in kinds:
            row, column = rng.integers(7, 20, 2)
            kind[4:24, column : column + 3] = 1
            kind[row : row + 3, 5:23] = 1
        strength = rng.integers(8, 17, (n, 1)) * 15
        grey = (kinds.reshape(LABELS, -1)[data.labels] * strength).astype(np.uint8)
        pixels = pa.FixedSizeListArray.from_arrays(pa.array(grey.ravel()), SIDE * SIDE).cast(pa.list_(pa.uint8()))
    ids = [str(each) for each in range(n)]
    samples = {"sample": sample, "id": ids, "label": data.labels, "pixels": pixels}
    yield "samples", _table(manifest, "samples", samples)
    yield "columns", _table(manifest, "columns", {"sample": sample})
    variance = data.features.var(axis=0)
    ratio = variance / variance.sum()
    rows = {"component": np.arange(1, 5), "ratio": ratio, "cumulative": np.cumsum(ratio)}
    yield "variance", _table(manifest, "variance", rows)
    features: list[Any] = [sample, *data.features.T]
    projection: list[Any] = [[0], [0.0], [None], *data.features[:1].T]
    for name, listed in (("features", features), ("projection", projection)):
        schema = store.component_columns(name, 4, manifest)
        yield name, store.table(schema, dict(zip(schema.names, listed, strict=True)))
    near = {"sample": sample, "rank": np.ones(n), "neighbor": np.roll(sample, 1), "distance": np.zeros(n)}
    yield "neighbors", _table(manifest, "neighbors", near)


def _clusters(
    manifest: store.Manifest,
    info: store.EmbeddingInfo | None,
    points: NDArray[np.float32],
    data: Blobs,
    rng: np.random.Generator,
    rows: dict[str, list[dict[str, Any]]],
) -> pa.Table:
    n, geometry, assigned = len(points), Geometry(points), []
    for own in manifest.settings:
        if own.embedding != (info and info.slug):
            continue
        keys, k = store.keys(manifest, info, own), int(own.parameters["k"])
        clusters = _lloyd(points, k, rng)
        setting = clusterings.Setting(clusters, k, geometry, geometry, 0.0, data.labels, LABELS)
        rows["cluster_stats"] += [{**keys, **vars(each)} for each in cluster_stats.cluster_stats(setting)]
        some = rng.choice(n, min(n, 1000), replace=False)
        values = {
            "silhouette": clusterings.silhouette(
                np.unique(clusters[some], return_inverse=True)[1].astype(np.int16), k, Geometry(points[some])
            ),
            "misclassified": clusterings.misclassified(setting),
            "purity": clusterings.purity(setting),
            "entropy": clusterings.entropy(setting),
        }
        sizes = {"silhouette": len(some)}
        rows["metrics"] += [
            {**keys, "metric": name, "value": value, "n": sizes.get(name)} for name, value in values.items()
        ]
        columns = {"sample": np.arange(n), "cluster": clusters, "margin": pa.nulls(n, pa.float32())}
        assigned.append(_table(manifest, "clusters", keys | columns))
    return pa.concat_tables(assigned)


def _manifest(name: str, n: int, perplexities: Sequence[float], ks: Sequence[int], pictures: bool) -> store.Manifest:
    def definition(metric: str) -> store.MetricInfo:
        known = registry.SETTING_METRICS[metric]
        return store.MetricInfo(
            name=metric,
            of="setting",
            label=known.label,
            meaning=known.meaning,
            lower=known.lower,
            upper=known.upper,
            better=known.better,
            space=known.space,
            comparable_over=list(known.comparable_over),
            decimals=known.decimals,
        )

    maps = [
        store.EmbeddingInfo(slug=slug, representation=store.VALUES, method=method, parameters=parameters)
        for slug, method, parameters in (
            ("pca", "pca", {}),
            *((f"tsne-p{store.number_slug(one)}", "tsne", {"perplexity": float(one)}) for one in perplexities),
        )
    ]
    settings = [
        store.SettingInfo(
            slug=store.setting_slug(part, f"k{k}"),
            embedding=None if part == store.FEATURES else part,
            representation=store.VALUES,
            space="features" if part == store.FEATURES else "map",
            clusterer=store.KMEANS,
            parameters={"k": float(k)},
        )
        for part in (store.FEATURES, *(one.slug for one in maps[1:]))
        for k in ks
    ]
    axes = [
        store.Axis(
            name=one.name,
            letter=one.letter,
            label=one.label,
            unit=one.unit,
            meaning=one.meaning,
            values=[float(value) for value in values],
            start=min((float(value) for value in values), key=lambda value: abs(value - start)),
            whole=one.whole,
            implied=one.implied,
        )
        for one, values, start in ((PERPLEXITY, perplexities, 30.0), (K, ks, 10.0))
    ]
    return store.Manifest(
        format=store.FORMAT,
        dataset=store.DatasetInfo(
            id=name,
            title=f"{n:,} synthetic samples",
            description="",
            source="",
            license="",
            n=n,
            dimensions=SIDE * SIDE,
            image=(SIDE, SIDE, 1) if pictures else None,
            polarity="ink" if pictures else None,
            labels=[str(label) for label in range(LABELS)],
            scaling="none",
            sha256="",
        ),
        parameters={"variance": 0.95, "starts": 1, "seed": 0, "neighbors": 1},
        axes=axes,
        methods=[
            store.MethodInfo(name="pca", label="PCA", parameters=[]),
            store.MethodInfo(name="tsne", label="t-SNE", parameters=["perplexity"]),
        ],
        clusterers=[store.ClustererInfo(name=store.KMEANS, label="K-Means", parameters=["k"])],
        representations=[store.RepresentationInfo(name=store.VALUES, label="Pixels", dimensions=SIDE * SIDE)],
        embeddings=maps,
        settings=settings,
        metrics=[definition(metric) for metric in _SHOWN],
        failed=[],
        versions={},
        machine={},
        files={},
    )
