"""True nearest neighbours, exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ALGORITHM = "exact-neighbors-1"
LIBRARIES = ("scikit-learn", "scipy", "numpy")


@dataclass(frozen=True)
class Neighbors:
    """Nearest neighbours of every sample, itself left out.

    Attributes:
        indices: (n, count) int32, nearest first, the lower index first on a tie.
        distances: (n, count) float32, Euclidean, rising.
    """

    indices: NDArray[np.int32]
    distances: NDArray[np.float32]


def nearest(points: NDArray[np.float32], count: int) -> Neighbors:
    """Find the nearest neighbours of every point, by comparing all pairs (scikit-learn, in blocks).

    Args:
        points: (n, d) float32. count: neighbours of each, from 1 to n − 1.

    Raises:
        ValueError: `count` is out of range.
    """
    n = len(points)
    if not 1 <= count <= n - 1:
        raise ValueError(f"{count} neighbours of {n} points; allowed: 1 to {n - 1}")
    # imported here: a build with nothing to do must not pay for scikit-learn
    from sklearn.neighbors import NearestNeighbors

    model = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(points)
    distances, indices = model.kneighbors()
    by_index = np.argsort(indices, axis=1)
    order = np.take_along_axis(
        by_index, np.argsort(np.take_along_axis(distances, by_index, axis=1), axis=1, kind="stable"), axis=1
    )
    return Neighbors(
        np.take_along_axis(indices, order, axis=1).astype(np.int32),
        np.take_along_axis(distances, order, axis=1).astype(np.float32),
    )
