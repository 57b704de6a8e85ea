"""Audit: which samples the whole grid doubts, and why.

Labels never enter the clustering, so what the clusters of many settings say of a label is evidence that the label
itself did not make. Two kinds of evidence are kept apart, so that people see why a sample is listed: other labels in
the sample's own clusters, and other labels among its nearest neighbours in feature space.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute import neighbors
from precompute.metrics.contingency import crossed

CORE, AMBIGUOUS, SUSPECT = "core", "ambiguous", "suspect"
SUSPICIOUS = 0.5
"""Suspicion from which a sample is a suspect: half of all evidence bears other labels."""
CLOSE = 0.25
"""Share of the usual distance to the nearest neighbour below which two samples count as near-duplicates."""
FAR = 3.0
"""Spreads (of the usual kind, 1.4826 × median absolute deviation) above the median from which a sample lies far."""
NEIGHBORS = 20
"""Nearest neighbours whose labels are evidence, or as many as there are."""
ROUNDING = 1e-5
"""Share of the median distance by which distances may differ through rounding alone: they are kept as float32."""

PARAMETERS: Mapping[str, float] = {
    "audit": 3,
    "audit_neighbors": NEIGHBORS,
    "audit_scale": neighbors.SCALE,
    "suspicious": SUSPICIOUS,
    "near_duplicate": CLOSE,
    "outlier": FAR,
}
"""Version and thresholds, for the manifest: results made by others are written anew."""


@dataclass(frozen=True)
class Evidence:
    """What speaks against each sample's label; all arrays (n,) float64, NaN where there is no evidence.

    Attributes:
        clusters: share of other labels among the other members of the sample's cluster, averaged over the settings of
            each kind of map and clusterer, then over the kinds.
        neighbors: share of other labels among its nearest neighbours in feature space, nearer ones weighing more.
    """

    clusters: NDArray[np.float64]
    neighbors: NDArray[np.float64]

    @property
    def suspicion(self) -> NDArray[np.float64]:
        """Mean of the two kinds of evidence, or the one that there is: (n,) in 0 … 1."""
        return _known_mean([self.clusters, self.neighbors])


def other_labels(clusters: NDArray[np.int16], labels: NDArray[np.int16]) -> NDArray[np.float64]:
    """Leave-one-out share of other labels among the labelled samples of each sample's own cluster.

    Args:
        clusters: (n,) from 0; −1 for noise.
        labels: (n,) codes from 0; −1 where unlabelled.

    Returns:
        (n,), NaN for a sample that is alone in its cluster, in none, or unlabelled.
    """
    counted = (clusters >= 0) & (labels >= 0)
    cluster, label = clusters[counted], labels[counted]
    table = crossed(clusters, labels, (int(clusters.max()) + 1, int(labels.max()) + 1))
    others = table.sum(axis=1)[cluster] - 1
    same = table[cluster, label] - 1
    found = np.full(len(clusters), np.nan)
    found[counted] = np.where(others > 0, 1 - same / np.maximum(others, 1), np.nan)
    return found


def counting(ks: Iterable[int], labels: NDArray[np.int16]) -> list[int]:
    """The k that count: at least as many clusters as labels occur.

    Below that some labels have no cluster of their own, and their samples would all be under suspicion.
    """
    needed = len(np.unique(labels[labels >= 0]))
    return [k for k in ks if k >= needed]


def evidence(
    kinds: Iterable[Sequence[NDArray[np.int16]]],
    neighbors: NDArray[np.integer[Any]],
    weight: NDArray[np.floating[Any]],
    labels: NDArray[np.int16],
) -> Evidence:
    """What clusters and neighbours say against each label.

    Args:
        kinds: for each kind of map and clusterer, (n,) cluster numbers of each of its settings that count; may be
            empty. A kind weighs the same however many settings it has: maps are many, and they share their mistakes.
        neighbors, weight: (n, m) nearest neighbours in feature space, and what each one's label weighs.
        labels: (n,) codes from 0; −1 where unlabelled, which is no evidence against another.
    """
    means = [share for share in (_mean_share(clusterings, labels) for clusterings in kinds) if share is not None]
    of_clusters = _known_mean(means) if means else np.full(len(labels), np.nan)
    known = np.where(labels[neighbors] >= 0, weight, 0.0)
    others = np.where(labels[neighbors] != labels[:, None], known, 0.0)
    total = known.sum(axis=1)
    nothing = np.full(len(labels), np.nan)
    return Evidence(of_clusters, np.divide(others.sum(axis=1), total, out=nothing, where=(total > 0) & (labels >= 0)))


def _mean_share(clusterings: Sequence[NDArray[np.int16]], labels: NDArray[np.int16]) -> NDArray[np.float64] | None:
    return _known_mean([other_labels(clusters, labels) for clusters in clusterings]) if clusterings else None


def _known_mean(rows: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Mean over rows, NaN left out; NaN where all are."""
    total, count = np.zeros(len(rows[0])), np.zeros(len(rows[0]))
    for row in rows:
        known = ~np.isnan(row)
        total[known] += row[known]
        count += known
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def given_labels(
    clusterings: Iterable[tuple[NDArray[np.int16], NDArray[np.int16]]], n: int, label_count: int
) -> NDArray[np.int32]:
    """How often each sample was given each label: (n, label_count) int32; noise is given none.

    Args:
        clusterings: cluster of each sample and dominant label of each cluster, for every setting; −1 for none.
    """
    given = np.zeros((n, label_count), dtype=np.int32)
    for clusters, dominant in clusterings:
        labels = np.append(dominant, np.int16(-1))[clusters]  # the last for noise, where −1 leads
        known = np.flatnonzero(labels >= 0)
        given[known, labels[known]] += 1
    return given


def entropy(given: NDArray[np.int32]) -> NDArray[np.float64]:
    """Entropy in bits of the labels each sample was given: (n,), 0 where it was always the same one."""
    share = given / np.maximum(given.sum(axis=1, keepdims=True), 1)
    logs = np.log2(share, out=np.zeros_like(share), where=share > 0)
    bits: NDArray[np.float64] = np.abs((share * logs).sum(axis=1))
    return bits


def classify(
    right: NDArray[np.float64], suspicion: NDArray[np.float64], of_neighbors: NDArray[np.float64]
) -> NDArray[np.str_]:
    """The class of each sample: *suspect*, *core* or *ambiguous*.

    Args:
        right: share of the settings that count in which the sample was given its own label, NaN without any.
        suspicion: see `Evidence`.
        of_neighbors: share of other labels among the neighbours.

    A suspect has more evidence against its label than for it. Core samples are never in doubt: every setting gives
    them their own label, or there is none that counts, and all their neighbours bear it. The rest is ambiguous.
    """
    certain = (np.isnan(right) | (right == 1)) & (of_neighbors == 0)
    return np.where(suspicion >= SUSPICIOUS, SUSPECT, np.where(certain, CORE, AMBIGUOUS))


def outliers(distance: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Samples unusually far from their neighbours.

    Args:
        distance: (n,) mean distance to the nearest neighbours.

    The rule is the median and its absolute deviation (Hampel's identifier): outliers do not widen it. That deviation is
    0 where more than half of all distances are one, as with duplicates; then the mean absolute deviation times 1.2533
    (which is the standard deviation of a normal distribution, too) stands in, as in the modified z-score of SPSS.
    """
    middle = float(np.median(distance))
    away, rounding = np.abs(distance - middle), ROUNDING * middle
    spread = 1.4826 * float(np.median(away))
    if spread <= rounding:
        spread = 1.2533 * float(away.mean())
    return np.asarray(distance > middle + max(FAR * spread, rounding))


@dataclass(frozen=True)
class Pair:
    """Two samples that nearly are the same, `sample` < `other`, and their distance in feature space."""

    sample: int
    other: int
    distance: float


def near_duplicates(neighbors: NDArray[np.integer[Any]], distances: NDArray[np.floating[Any]]) -> list[Pair]:
    """Pairs far closer than samples usually are to their nearest neighbour, the closest first.

    Args:
        neighbors, distances: (n, m) nearest neighbours in feature space, nearest first.
    """
    limit = CLOSE * float(np.median(distances[:, 0]))
    found: dict[tuple[int, int], float] = {}
    for sample, rank in np.argwhere(distances <= limit).tolist():
        other = int(neighbors[sample, rank])
        found[min(sample, other), max(sample, other)] = float(distances[sample, rank])
    return [Pair(*pair, distance) for pair, distance in sorted(found.items(), key=lambda one: (one[1], one[0]))]
