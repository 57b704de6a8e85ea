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
    maps = {store.embedding_slug("tsne", value): _map(data, value, rng) for value in perplexities}
    tables = dict(_sample_tables(data, rng, pictures))
    tables["embeddings/pca"] = _embedding("pca", None, data.features[:, :2])
    rows: dict[str, list[dict[str, Any]]] = {"metrics": [], "cluster_stats": []}
    for value, (slug, points) in zip(perplexities, maps.items(), strict=True):
        tables[f"embeddings/{slug}"] = _embedding("tsne", value, points)
        keys = {"method": "tsne", "perplexity": value, "space": "map"}
        tables[f"clusters/{slug}"] = _clusters(keys, points, data, ks, rng, rows)
    keys = {"method": None, "perplexity": None, "space": "features"}
    tables["clusters/features"] = _clusters(keys, data.features, data, ks, rng, rows)
    for kind, found in rows.items():
        tables[kind] = store.table(kind, {name: [row[name] for row in found] for name in store.SCHEMAS[kind].names})
    for kind in ("audit", "stability", "review", "near_duplicates", "confusable"):
        tables[kind] = store.table(kind, {name: [] for name in store.SCHEMAS[kind].names})
    manifest = _manifest(folder.name, n, perplexities, ks, list(maps), pictures)
    return store.write(folder, manifest, tables, store.Cells(format=store.FORMAT, cells={}, failed=[]))


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


def _sample_tables(data: Blobs, rng: np.random.Generator, pictures: bool) -> Iterator[tuple[str, pa.Table]]:
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
    yield "samples", store.table("samples", {"sample": sample, "id": ids, "label": data.labels, "pixels": pixels})
    variance = data.features.var(axis=0)
    ratio = variance / variance.sum()
    rows = {"component": np.arange(1, 5), "ratio": ratio, "cumulative": np.cumsum(ratio)}
    yield "variance", store.table("variance", rows)
    columns = [pa.array(sample), *(pa.array(column) for column in data.features.T)]
    yield "features", pa.table(columns, schema=store.features_schema(4))
    near = {"sample": sample, "rank": np.ones(n), "neighbor": np.roll(sample, 1), "distance": np.zeros(n)}
    yield "neighbors", store.table("neighbors", near)


def _embedding(method: str, perplexity: float | None, points: NDArray[np.float32]) -> pa.Table:
    n = len(points)
    columns = {"sample": np.arange(n), "x": points[:, 0], "y": points[:, 1]}
    return store.table("embedding", {"method": [method] * n, "perplexity": [perplexity] * n, **columns})


def _clusters(
    keys: dict[str, Any],
    points: NDArray[np.float32],
    data: Blobs,
    ks: Sequence[int],
    rng: np.random.Generator,
    rows: dict[str, list[dict[str, Any]]],
) -> pa.Table:
    n, geometry, assigned = len(points), Geometry(points), []
    for k in ks:
        clusters = _lloyd(points, k, rng)
        setting = clusterings.Setting(clusters, k, geometry, geometry, 0.0, data.labels, LABELS)
        stats = cluster_stats.cluster_stats(setting)
        rows["cluster_stats"] += [{**keys, "k": k, **vars(each)} for each in stats]
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
            {**keys, "k": k, "metric": name, "value": value, "n": sizes.get(name)} for name, value in values.items()
        ]
        assigned.append(clusters)
    count = n * len(ks)
    columns: dict[str, Any] = {name: [value] * count for name, value in keys.items()}
    columns |= {"k": np.repeat(ks, n), "sample": np.tile(np.arange(n), len(ks)), "cluster": np.concatenate(assigned)}
    return store.table("clusters", {**columns, "margin": pa.nulls(count, pa.float32())})


def _manifest(
    name: str, n: int, perplexities: Sequence[float], ks: Sequence[int], slugs: Sequence[str], pictures: bool
) -> store.Manifest:
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

    axes = [
        store.Axis(
            name="perplexity", label="Perplexity", meaning="None: these maps are blobs.", values=list(perplexities)
        ),
        store.Axis(name="k", label="Clusters k", meaning="How many clusters.", values=[float(k) for k in ks]),
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
        embeddings=[
            store.EmbeddingInfo(slug="pca", method="pca", perplexity=None),
            *(
                store.EmbeddingInfo(slug=slug, method="tsne", perplexity=value)
                for slug, value in zip(slugs, perplexities, strict=True)
            ),
        ],
        settings=[
            *(store.SettingInfo(slug=store.setting_slug(None, k), embedding=None, space="features", k=k) for k in ks),
            *(
                store.SettingInfo(slug=store.setting_slug(slug, k), embedding=slug, space="map", k=k)
                for slug in slugs
                for k in ks
            ),
        ],
        metrics=[definition(metric) for metric in _SHOWN],
        failed=[],
        versions={},
        machine={},
        files={},
    )
