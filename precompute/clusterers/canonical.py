"""What labels say of clusters afterwards: dominant labels, canonical numbers, margins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from precompute.clusterers.clusterer import Clustering

_NUMBERS = 4_000_000
"""So many differences of coordinates are held at once: 32 MB."""


def dominant_labels(clusters: NDArray[np.int16], labels: NDArray[np.int16], k: int) -> NDArray[np.int16]:
    """The most frequent true label of each cluster, the lowest on a tie: (k,) int16."""
    table = np.zeros((k, int(labels.max()) + 1), dtype=np.int64)
    np.add.at(table, (clusters, labels), 1)
    return np.asarray(table.argmax(axis=1), dtype=np.int16)


def canonical(found: Clustering, labels: NDArray[np.int16] | None) -> Clustering:
    """Renumber clusters so that a number keeps its meaning from one setting to the next.

    They are ordered by dominant label, then by size, largest first, then by their lowest sample; without labels by
    size alone. How the clusters were numbered before does not matter.
    """
    k = found.count
    sizes = np.bincount(found.clusters, minlength=k)
    first = np.full(k, len(found.clusters))
    np.minimum.at(first, found.clusters, np.arange(len(found.clusters)))
    dominant = np.zeros(k) if labels is None else dominant_labels(found.clusters, labels, k)
    order = np.lexsort((first, -sizes, dominant))
    number = np.empty(k, dtype=np.int16)
    number[order] = np.arange(k, dtype=np.int16)
    return Clustering(number[found.clusters], found.centers[order], found.inertia)


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
        clusters: (n,).
        dominant: (k,) labels.
        labels: (n,).

    Returns:
        (n,) float32: 0 where the own cluster bears the true label and is the nearest that does, positive for
        misclassified samples, NaN where no cluster bears the true label.
    """
    found = np.empty(len(points), dtype=np.float32)
    exact = centers.astype(np.float64)
    rows = max(1, _NUMBERS // max(1, exact.size))
    for begin in range(0, len(points), rows):
        block = slice(begin, begin + rows)
        offsets = points[block, None, :].astype(np.float64) - exact[None, :, :]
        distances = np.sqrt((offsets**2).sum(axis=2))
        own = distances[np.arange(len(distances)), clusters[block]]
        distances[dominant[None, :] != labels[block, None]] = np.inf
        nearest = distances.min(axis=1)
        found[block] = np.where(np.isinf(nearest), np.nan, nearest - own)
    return found
