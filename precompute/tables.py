"""Tables: from the parts of a study to the columns that the store's contract asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from precompute import store
from precompute.dataset import Dataset
from precompute.labels import audit_tables, stability, suspicion
from precompute.metrics import limits, registry
from precompute.run.cells import Part
from precompute.run.plan import FEATURES, EmbeddingPlan, Plan

Parts = Sequence[tuple[EmbeddingPlan, Part]]


def assemble(
    data: Dataset,
    arrays: Mapping[str, NDArray[Any]],
    parts: Parts,
    manifest: store.Manifest,
    restarts: Parts = (),
) -> dict[str, pa.Table]:
    """All tables of a study by name.

    Args:
        data: the samples.
        arrays: of the source part: scores, ratio, indices, distances.
        parts: what was computed, in the order of the tables.
        manifest: says how many neighbours are kept.
        restarts: the same embeddings from other starts, where they were computed.
    """
    tables = dict(_sample_tables(data, arrays, int(manifest.parameters["neighbors"])))
    for plan, part in parts:
        if plan.slug != FEATURES:
            tables[f"embeddings/{plan.slug}"] = _embedding_table(plan, part)
        if plan.ks:
            tables[f"clusters/{plan.slug}"] = _clusters_table(plan, part)
    tables["metrics"] = _rows("metrics", _metric_rows(parts, data.n))
    tables["cluster_stats"] = _rows(
        "cluster_stats",
        ({**_keys(plan), "k": k, **row} for plan, part in parts for k in plan.ks for row in part.settings[k].stats),
    )
    tables["stability"] = _rows("stability", _stability_rows(parts, restarts))
    near = audit_tables.Near(arrays["indices"], arrays["distances"]).first(suspicion.NEIGHBORS)
    count = int(manifest.parameters["neighbors"])
    tables |= audit_tables.audit_tables(data.labels, len(data.label_names), clusterings(parts), near, count)
    return tables


def names(plan: Plan) -> set[str]:
    """Names of all tables that a study with nothing lost has."""
    found = {name.removesuffix(".parquet") for name in store.ALWAYS}
    found |= {f"embeddings/{part.slug}" for part in plan.parts.values() if part.slug != FEATURES}
    return found | {f"clusters/{part.slug}" for part in plan.parts.values() if part.ks}


def clusterings(parts: Parts) -> list[audit_tables.Clustering]:
    """Every setting's clusters, in the order of the tables."""
    return [
        audit_tables.Clustering(
            space=_keys(plan)["space"],
            k=k,
            clusters=part.settings[k].clusters.unpack(),
            dominant=[row["label"] for row in part.settings[k].stats],
        )
        for plan, part in parts
        for k in plan.ks
    ]


def _keys(plan: EmbeddingPlan) -> dict[str, Any]:
    if plan.slug == FEATURES:
        return {"method": None, "perplexity": None, "space": "features"}
    return {"method": plan.method, "perplexity": plan.parameters.get("perplexity"), "space": "map"}


def _rows(kind: str, rows: Iterator[dict[str, Any]]) -> pa.Table:
    listed = list(rows)
    return store.table(kind, {name: [row[name] for row in listed] for name in store.SCHEMAS[kind].names})


def _sample_tables(data: Dataset, arrays: Mapping[str, NDArray[Any]], count: int) -> Iterator[tuple[str, pa.Table]]:
    sample = np.arange(data.n, dtype=np.int32)
    yield (
        "samples",
        store.table(
            "samples",
            {
                "sample": sample,
                "id": list(data.ids),
                "label": pa.nulls(data.n, pa.int16()) if data.labels is None else data.labels,
                "pixels": pa.nulls(data.n, pa.list_(pa.uint8()))
                if data.pixels is None
                else pa.FixedSizeListArray.from_arrays(pa.array(data.pixels.ravel()), data.pixels.shape[1]).cast(
                    pa.list_(pa.uint8())
                ),
            },
            store.samples_schema(None if data.pixels is None else data.polarity),
        ),
    )
    ratio = arrays["ratio"]
    yield (
        "variance",
        store.table(
            "variance", {"component": np.arange(1, len(ratio) + 1), "ratio": ratio, "cumulative": np.cumsum(ratio)}
        ),
    )
    scores = arrays["scores"]
    schema = store.features_schema(scores.shape[1])
    yield "features", pa.table([pa.array(sample), *(pa.array(column) for column in scores.T)], schema=schema)
    yield (
        "neighbors",
        store.table(
            "neighbors",
            {
                "sample": np.repeat(sample, count),
                "rank": np.tile(np.arange(1, count + 1), data.n),
                "neighbor": arrays["indices"][:, :count].ravel(),
                "distance": arrays["distances"][:, :count].ravel(),
            },
        ),
    )


def _embedding_table(plan: EmbeddingPlan, part: Part) -> pa.Table:
    points = part.arrays["points"].unpack()
    n = len(points)
    return store.table(
        "embedding",
        {
            "method": [plan.method] * n,
            "perplexity": [plan.parameters.get("perplexity")] * n,
            "sample": np.arange(n),
            "x": points[:, 0],
            "y": points[:, 1],
        },
    )


def _clusters_table(plan: EmbeddingPlan, part: Part) -> pa.Table:
    settings = [part.settings[k] for k in plan.ks]
    assigned = np.concatenate([setting.clusters.unpack() for setting in settings])
    margin = np.concatenate([setting.margin.unpack() for setting in settings])
    n = len(assigned) // len(settings)
    columns: dict[str, Any] = {name: [value] * len(assigned) for name, value in _keys(plan).items()}
    columns |= {
        "k": np.repeat(plan.ks, n),
        "sample": np.tile(np.arange(n), len(settings)),
        "cluster": assigned,
        "margin": pa.array(margin, type=pa.float32(), mask=np.isnan(margin)),
    }
    return store.table("clusters", columns)


def _metric_rows(parts: Parts, n: int) -> Iterator[dict[str, Any]]:
    quadratic = {name for name, metric in registry.SETTING_METRICS.items() if metric.quadratic}
    quadratic |= {name for name, metric in registry.EMBEDDING_METRICS.items() if metric.quadratic}
    used = limits.QUADRATIC_LIMIT if n > limits.QUADRATIC_LIMIT else None
    for plan, part in parts:
        keys = _keys(plan)
        for name, value in {**part.reported, **part.measures}.items():
            yield {
                **keys,
                "space": None,
                "k": None,
                "metric": name,
                "value": value,
                "n": used if name in quadratic else None,
            }
        for k in plan.ks:
            for name, value in part.settings[k].metrics.items():
                yield {**keys, "k": k, "metric": name, "value": value, "n": used if name in quadratic else None}


def _stability_rows(parts: Parts, restarts: Parts) -> Iterator[dict[str, Any]]:
    """How far the clusterings of the maps from other starts agree with the one that is shown."""
    for plan, part in parts:
        again = [
            (other_plan.ks, other)
            for other_plan, other in restarts
            if other_plan.method == plan.method
            and other_plan.parameters["perplexity"] == plan.parameters.get("perplexity")
        ]
        for k in plan.ks:
            clusterings = [one.settings[k].clusters.unpack() for one in (part, *(one for ks, one in again if k in ks))]
            if len(clusterings) == 1:
                continue
            found = stability.agreement(clusterings)
            yield {
                **_keys(plan),
                "k": k,
                "seeds": len(clusterings),
                "ari_mean": found.mean,
                "ari_least": found.least,
                "vanished": list(found.vanished),
            }
