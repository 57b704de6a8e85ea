"""The audit's tables: from clusterings, labels and neighbours to the columns that the store's contract asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from precompute import neighbors, store
from precompute.labels import suspicion

EXAMPLES = 12
"""Samples named of each pair of confusable labels."""


@dataclass(frozen=True)
class Clustering:
    """One setting: the space clustered, (n,) clusters, and each cluster's dominant label (None where unlabelled)."""

    space: str
    clusters: NDArray[np.int16]
    dominant: Sequence[int | None]

    @property
    def labels(self) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Clusters, and their dominant labels as codes. Labelled data only."""
        return self.clusters, np.array(self.dominant, dtype=np.int16)


@dataclass(frozen=True)
class Near:
    """Nearest neighbours in feature space, nearest first: (n, m) sample numbers and distances."""

    indices: NDArray[np.integer[Any]]
    distances: NDArray[np.floating[Any]]

    def first(self, count: int) -> Near:
        """The nearest of them, at most `count` of each sample."""
        return Near(self.indices[:, :count], self.distances[:, :count])


def audit_tables(
    labels: NDArray[np.int16] | None, label_count: int, clusterings: Sequence[Clustering], near: Near, count: int
) -> dict[str, dict[str, Any]]:
    """The columns of the tables audit, review, near_duplicates and confusable.

    Args:
        labels: (n,) codes from 0, None if unlabelled; then only what needs no labels is in them.
        label_count: number of label names.
        clusterings: of all settings.
        near: true neighbours, `suspicion.NEIGHBORS` of each sample if there are so many.
        count: how many of them distances and near-duplicates are taken from.
    """
    middle = float(np.median(near.distances[:, 0]))
    close = near.first(count)
    pairs = suspicion.near_duplicates(close.indices, close.distances)
    counted = [] if labels is None else _counting(labels, clusterings)
    return {
        "audit": _audit(labels, label_count, clusterings),
        "review": _review(labels, label_count, counted, near, close),
        "near_duplicates": {
            "sample": [pair.sample for pair in pairs],
            "other": [pair.other for pair in pairs],
            "distance": [pair.distance for pair in pairs],
            "ratio": [pair.distance / middle if middle else 0.0 for pair in pairs],
        },
        "confusable": _confusable(labels, label_count, clusterings, counted),
    }


def _counting(labels: NDArray[np.int16], clusterings: Sequence[Clustering]) -> list[Clustering]:
    counts = set(suspicion.counting({len(one.dominant) for one in clusterings}, labels))
    return [one for one in clusterings if len(one.dominant) in counts]


def _given(labels: NDArray[np.int16], label_count: int, of: Sequence[Clustering]) -> NDArray[np.int32]:
    return suspicion.given_labels((one.labels for one in of), len(labels), label_count)


def _listed(given: NDArray[np.int32]) -> dict[str, list[list[int]]]:
    """Labels given and how often, the most frequent first."""
    order = np.argsort(-given, axis=1, kind="stable")
    had = (given > 0).sum(axis=1)
    counts = np.take_along_axis(given, order, axis=1)
    return {
        name: [row[:count].tolist() for row, count in zip(values, had, strict=True)]
        for name, values in (("labels", order), ("counts", counts))
    }


def _audit(labels: NDArray[np.int16] | None, label_count: int, clusterings: Sequence[Clustering]) -> dict[str, Any]:
    """How often each sample was misclassified, and as what, over the settings of each space."""
    columns: dict[str, list[Any]] = {name: [] for name in _names("audit")}
    for space in ("map", "features"):
        own = [one for one in clusterings if one.space == space]
        if labels is None or not own:
            continue
        n = len(labels)
        given = _given(labels, label_count, own)
        columns["sample"] += range(n)
        columns["space"] += [space] * n
        columns["settings"] += [len(own)] * n
        columns["misclassified"] += (1 - given[np.arange(n), labels] / len(own)).tolist()
        for name, values in _listed(given).items():
            columns[name] += values
    return columns


def _review(
    labels: NDArray[np.int16] | None, label_count: int, counted: Sequence[Clustering], near: Near, close: Near
) -> dict[str, Any]:
    distance = close.distances.astype(np.float64).mean(axis=1)
    n = len(distance)
    columns: dict[str, Any] = {
        "sample": np.arange(n),
        "settings": np.full(n, len(counted)),
        "distance": distance,
        "outlier": suspicion.outliers(distance),
        **dict.fromkeys(
            ("class", "suspicion", "other_in_clusters", "other_in_neighbors", "stability", "entropy"), [None] * n
        ),
        **dict.fromkeys(("labels", "counts"), [[]] * n),
    }
    if labels is not None:
        spaces = [[one.clusters for one in counted if one.space == space] for space in ("map", "features")]
        found = suspicion.evidence(spaces, near.indices, neighbors.weights(near.indices, near.distances), labels)
        columns["other_in_clusters"] = _nulls(found.clusters)
        columns["other_in_neighbors"] = found.neighbors
        columns["suspicion"] = found.suspicion
        right = np.full(n, np.nan)
        if counted:
            given = _given(labels, label_count, counted)
            right = given[np.arange(n), labels] / len(counted)
            columns |= {"stability": right, "entropy": suspicion.entropy(given), **_listed(given)}
        columns["class"] = suspicion.classify(right, found.suspicion, found.neighbors).tolist()
    return columns


def _nulls(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _confusable(
    labels: NDArray[np.int16] | None,
    label_count: int,
    clusterings: Sequence[Clustering],
    counted: Sequence[Clustering],
) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    if labels is not None:
        given = _given(labels, label_count, clusterings)
        where_enough = _given(labels, label_count, counted)
        for label in range(label_count):
            own = np.flatnonzero(labels == label)
            for other in range(label_count):
                times = given[own, other]
                if other == label or not times.any():
                    continue
                # settings with enough clusters first: below, a digit without a cluster says nothing of its samples
                order = np.lexsort((own, -times, -where_enough[own, other]))[:EXAMPLES]
                rows.append(
                    {
                        "label": label,
                        "given": other,
                        "times": int(times.sum()),
                        "counted": int(where_enough[own, other].sum()),
                        "samples": int((times > 0).sum()),
                        "examples": own[order][times[order] > 0].tolist(),
                    }
                )
    rows.sort(key=lambda row: (-row["counted"], -row["times"], row["label"], row["given"]))
    return {name: [row[name] for row in rows] for name in _names("confusable")}


def _names(kind: str) -> list[str]:
    return [column.name for column in store.TABLES[kind].columns]
