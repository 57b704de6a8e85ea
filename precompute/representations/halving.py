"""Whether the clusters of one half of the samples come back on the other half."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from precompute import equality
from precompute.clusterers.kmeans import kmeans
from precompute.metrics.contingency import crossed
from precompute.metrics.strength import prediction_strength

HALVINGS = 5
DRAWN = 10_000
"""Samples above which some are drawn, with the seed."""


def strengths(
    points: NDArray[np.float32], ks: Sequence[int], starts: int = 3, seed: int = 0, halvings: int = HALVINGS
) -> dict[int, list[float]]:
    """Prediction strength of K-Means for every k, over several random halvings.

    Each half is clustered, and held against the centres of the other; a halving's strength is the mean of the two.

    Args:
        points: (n, d) float32, such as the kept principal components.
        ks: numbers of clusters; those for which a half has too few different samples are left out.
        starts: of K-Means.
        seed: of the halvings and of the starts.
        halvings: how many.

    Returns:
        k → a strength in 0 … 1 for each halving.

    Source: see `metrics.strength.prediction_strength`.
    """
    rng = np.random.default_rng(seed)
    if len(points) > DRAWN:
        points = points[np.sort(rng.choice(len(points), DRAWN, replace=False))]
    found: dict[int, list[float]] = {k: [] for k in ks}
    for _ in range(halvings):
        order = rng.permutation(len(points))
        halves = [points[np.sort(part)] for part in np.array_split(order, 2)]
        fewest = min(equality.different(half, max(ks, default=0)) for half in halves)
        found = {k: values for k, values in found.items() if k <= fewest}
        clusterings = [kmeans(half, list(found), starts, seed) for half in halves]
        for k, values in found.items():
            groups = [each[k].clusters for each in clusterings]
            both = []
            for own, other in ((0, 1), (1, 0)):
                nearest = _nearest_center(halves[own], halves[other], groups[other], k)
                both.append(prediction_strength(crossed(groups[own], nearest, (k, k))))
            values.append(sum(both) / 2)
    return found


def _nearest_center(
    points: NDArray[np.float32], others: NDArray[np.float32], clusters: NDArray[np.int16], k: int
) -> NDArray[np.int16]:
    """For each point the cluster of the others whose centre is nearest, the lower number on a tie: (n,)."""
    centers = np.stack([others[clusters == cluster].mean(axis=0, dtype=np.float64) for cluster in range(k)])
    squares = (centers**2).sum(axis=1) - 2 * points.astype(np.float64) @ centers.T
    nearest: NDArray[np.int16] = squares.argmin(axis=1).astype(np.int16)
    return nearest
