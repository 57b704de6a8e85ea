"""What labels say of clusters afterwards: dominant labels, canonical numbers, margins.

Noise is in no cluster and unlabelled samples say nothing; both have the number −1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.clusterers.clusterer import NOISE, Clustering

_NUMBERS = 4_000_000
"""So many differences of coordinates are held at once: 32 MB."""


def dominant_labels(clusters: NDArray[np.int16], labels: NDArray[np.int16], k: int) -> NDArray[np.int16]:
    """The most frequent true label of each cluster, the lowest on a tie, −1 where none of it is labelled.

    Args:
        clusters, labels: (n,) from 0, or −1.
        k: number of clusters.

    Returns:
        (k,) int16.
    """
    counted = (clusters >= 0) & (labels >= 0)
    table = np.zeros((k, int(labels.max()) + 1), dtype=np.int64)
    np.add.at(table, (clusters[counted], labels[counted]), 1)
    return np.where(table.any(axis=1), table.argmax(axis=1), -1).astype(np.int16)


def of_each(values: NDArray[Any], clusters: NDArray[np.int16]) -> NDArray[Any]:
    """What each sample's cluster has of (k,) values, −1 for noise: (n,)."""
    # the last one, which is where −1 leads
    return np.append(values, values.dtype.type(-1))[clusters]


def canonical(found: Clustering, labels: NDArray[np.int16] | None) -> Clustering:
    """Renumber clusters so that a number keeps its meaning from one setting to the next.

    They are ordered by dominant label, those without one last, then by size, largest first, then by their lowest
    sample; without labels by size alone. How the clusters were numbered before does not matter. Noise stays noise.
    """
    k, inside = found.count, found.clusters != NOISE
    sizes = np.bincount(found.clusters[inside], minlength=k)
    first = np.full(k, len(found.clusters))
    np.minimum.at(first, found.clusters[inside], np.flatnonzero(inside))
    dominant = np.zeros(k) if labels is None else dominant_labels(found.clusters, labels, k)
    order = np.lexsort((first, -sizes, dominant, dominant < 0))
    number = np.empty(k, dtype=np.int16)
    number[order] = np.arange(k, dtype=np.int16)
    return Clustering(of_each(number, found.clusters), found.centers[order], found.inertia)


def margins(
    points: NDArray[np.float32],
    centers: NDArray[np.float32],
    clusters: NDArray[np.int16],
    dominant: NDArray[np.int16],
    labels: NDArray[np.int16],
) -> NDArray[np.float32]:
    """How much farther each sample is from the nearest centre of its true label than from its own centre.

    Args:
        points: (n, d) float32.
        centers: (k, d) float32.
        clusters: (n,), −1 for noise.
        dominant: (k,) labels, −1 for none.
        labels: (n,), −1 where unlabelled.

    Returns:
        (n,) float32: 0 where the own cluster bears the true label and is the nearest that does, positive for
        misclassified samples, NaN where no cluster bears the true label, for noise, and where there is no label.
    """
    found = np.full(len(points), np.nan, dtype=np.float32)
    exact = centers.astype(np.float64)
    rows = max(1, _NUMBERS // max(1, exact.size))
    samples = np.flatnonzero((clusters >= 0) & (labels >= 0))
    for begin in range(0, len(samples), rows):
        block = samples[begin : begin + rows]
        offsets = points[block, None, :].astype(np.float64) - exact[None, :, :]
        distances = np.sqrt((offsets**2).sum(axis=2))
        own = distances[np.arange(len(distances)), clusters[block]]
        distances[dominant[None, :] != labels[block, None]] = np.inf
        nearest = distances.min(axis=1)
        found[block] = np.where(np.isinf(nearest), np.nan, nearest - own)
    return found
