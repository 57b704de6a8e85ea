"""Ward's method: clusters are joined two by two, always those whose joining adds least to the spread within them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from precompute.clusterers.clusterer import Options
from precompute.clusterers.kmeans import K

ALGORITHM = "ward-2"
MOST = 15_000
"""Samples up to which it is computed: it holds the distances of all pairs, 1.8 GB at this number, 19.6 GB at 70,000."""


def fit(
    points: NDArray[np.float32], wanted: Sequence[Mapping[str, float]], options: Options
) -> list[NDArray[np.int64]]:
    """Ward's clusters for every wanted k, all cut from one tree: the partitions of scikit-learn's
    `AgglomerativeClustering`.

    Args:
        points: (n, d) float32.
        wanted: "k" of each.
        options: not asked, for nothing is random.

    Source: J. H. Ward, "Hierarchical grouping to optimize an objective function", 1963.
    """
    del options
    # imported here: a build with nothing to do must not pay for SciPy
    from scipy.cluster import hierarchy

    merges = hierarchy.ward(points.astype(np.float64))[:, :2].astype(np.int64)
    return [_cut(merges, int(values[K.name])) for values in wanted]


def _cut(merges: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """The k clusters that are left before the last k − 1 merges.

    SciPy's own cut builds the tree of the clusters as objects: it took three times as long as making the merges.

    Args:
        merges: (n − 1, 2) which two clusters are joined, those of one sample numbered 0 to n − 1 and merge i making
            number n + i.
        k: from 1 to n.
    """
    n = len(merges) + 1
    top = np.arange(2 * n - 1)
    top[merges[: n - k]] = np.arange(n, 2 * n - k)[:, None]
    while not np.array_equal(top, higher := top[top]):
        top = higher
    return np.unique(top[:n], return_inverse=True)[1]
