"""The audit's tables: from clusterings, labels and neighbours to the columns that the store's contract asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from precompute import store
from precompute.labels import suspicion

EXAMPLES = 12
"""Samples named of each pair of confusable labels."""


@dataclass(frozen=True)
class Clustering:
    """One setting.

    Attributes:
        space: "map" or "features".
        kind: what made the map ("" for features), and what the clusters.
        evidence: whether it speaks against labels where others do, too.
        clusters: (n,), −1 for noise.
        dominant: (k,) each cluster's dominant label, −1 for none.
    """

    space: str
    kind: tuple[str, str]
    evidence: bool
    clusters: NDArray[np.int16]
    dominant: NDArray[np.int16]


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
        labels: (n,) codes from 0, −1 for a sample without one; None if there are no labels: then only what needs none
            is in the tables.
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
    enough = [one for one in clusterings if len(one.dominant) in counts]
    return [one for one in enough if one.evidence] or enough


def _given(labels: NDArray[np.int16], label_count: int, of: Sequence[Clustering]) -> NDArray[np.int32]:
    return suspicion.given_labels(((one.clusters, one.dominant) for one in of), len(labels), label_count)


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
    """How often each sample was misclassified, and as what, over the settings of each space in which it is in a cluster
    with a dominant label."""
    columns: dict[str, list[Any]] = {name: [] for name in _names("audit")}
    for space in ("map", "features"):
        own = [one for one in clusterings if one.space == space]
        if labels is None or not own:
            continue
        n = len(labels)
        given = _given(labels, label_count, own)
        columns["sample"] += range(n)
        columns["space"] += [space] * n
        columns["settings"] += given.sum(axis=1).tolist()
        columns["misclassified"] += _nulls(1 - _share(given, labels)).to_pylist()
        for name, values in _listed(given).items():
            columns[name] += values
    return columns


def _share(given: NDArray[np.int32], labels: NDArray[np.int16]) -> NDArray[np.float64]:
    """How often each sample was given its own label, as a share of how often it was given one: (n,).

    NaN where it was given none, and without a label.
    """
    times = given.sum(axis=1)
    own = given[np.arange(len(labels)), labels]  # of an unlabelled one that of the last label, which does not count
    return np.where((times > 0) & (labels >= 0), own / np.maximum(times, 1), np.nan)


def _review(
    labels: NDArray[np.int16] | None, label_count: int, counted: Sequence[Clustering], near: Near, close: Near
) -> dict[str, Any]:
    distance = close.distances.astype(np.float64).mean(axis=1)
    n = len(distance)
    columns: dict[str, Any] = {
        "sample": np.arange(n),
        "settings": np.zeros(n, dtype=np.int32),
        "distance": distance,
        "outlier": suspicion.outliers(distance),
        **dict.fromkeys(
            ("class", "suspicion", "other_in_clusters", "other_in_neighbors", "stability", "entropy"), [None] * n
        ),
        **dict.fromkeys(("labels", "counts"), [[]] * n),
    }
    if labels is not None:
        kinds = [
            [one.clusters for one in counted if one.kind == kind] for kind in dict.fromkeys(of.kind for of in counted)
        ]
        found = suspicion.evidence(kinds, near.indices, suspicion.weights(near.indices, near.distances), labels)
        given = _given(labels, label_count, counted)
        right, times = _share(given, labels), given.sum(axis=1)
        classes = suspicion.classify(right, found.suspicion, found.neighbors)
        columns |= {
            "class": pa.array(classes.tolist(), mask=labels < 0),
            "suspicion": _nulls(found.suspicion),
            "other_in_clusters": _nulls(found.clusters),
            "other_in_neighbors": _nulls(found.neighbors),
            "settings": times,
            "stability": _nulls(right),
            "entropy": pa.array(suspicion.entropy(given), mask=times == 0),
            **_listed(given),
        }
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
            for other in np.flatnonzero(given[own].any(axis=0)).tolist():
                times = given[own, other]
                if other == label:
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
