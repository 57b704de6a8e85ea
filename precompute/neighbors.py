"""True nearest neighbours, exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ALGORITHM = "exact-neighbors-2"
LIBRARIES = ("scikit-learn", "scipy", "numpy")

_TREE_DIMENSIONS = 3
"""Up to which a tree is the faster search: 70,000 points of a map take 0.3 s, all pairs 8 s."""

_BLOCK = 4_000_000
"""Numbers held at once (double precision, 32 MB) when distances are taken anew."""


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
    """Find the nearest neighbours of every point, exact: on a map by a k-d tree, else by comparing all pairs in blocks.

    Ties, at the last rank too, go to the lower index: so the first columns do not depend on `count`, and a map
    does not depend on the other perplexities of its grid.

    Args:
        points: (n, d) float32.
        count: neighbours of each, from 1 to n − 1.

    Raises:
        ValueError: `count` is out of range.
    """
    n, d = points.shape
    if not 1 <= count <= n - 1:
        raise ValueError(f"{count} neighbours of {n} points; allowed: 1 to {n - 1}")
    # imported here: a build with nothing to do must not pay for scikit-learn
    from sklearn.neighbors import NearestNeighbors

    exact = points.astype(np.float64)
    # one more than asked shows whether the last rank is tied
    algorithm = "kd_tree" if d <= _TREE_DIMENSIONS else "brute"
    model = NearestNeighbors(n_neighbors=min(count + 1, n - 1), algorithm=algorithm).fit(exact)
    found = np.sort(model.kneighbors(return_distance=False), axis=1)
    squares = np.empty(found.shape)
    rows = max(1, _BLOCK // (found.shape[1] * d))
    for begin in range(0, n, rows):
        block = slice(begin, begin + rows)
        squares[block] = ((exact[found[block]] - exact[block, None]) ** 2).sum(axis=2)
    # equal distances keep the order of their indices
    order = np.argsort(squares, axis=1, kind="stable")
    found, squares = np.take_along_axis(found, order, axis=1), np.take_along_axis(squares, order, axis=1)
    if count < n - 1:
        lengths = (exact**2).sum(axis=1)
        # how far |a|² + |b|² − 2ab, which scikit-learn compares, can be from |a − b|²
        error = 8 * (d + 4) * np.finfo(np.float64).eps * (lengths + lengths.max())
        groups = alike(exact, np.flatnonzero(squares[:, count] - squares[:, count - 1] <= 2 * error))
        rows = max(1, _BLOCK // n)
        for begin in range(0, len(groups), rows):
            some = groups[begin : begin + rows]
            ones = np.array([members[0] for members in some])
            roughly = lengths + lengths[ones, None] - 2 * (exact[ones] @ exact.T)
            for i, group, apart in zip(ones.tolist(), some, roughly, strict=True):
                others = np.flatnonzero(apart <= squares[i, count - 1] + 2 * error[i])
                truly = ((exact[others] - exact[i]) ** 2).sum(axis=1)
                # one more than asked: those of the group that are among them leave themselves out
                order = np.argsort(truly, kind="stable")[: count + 1]
                others, truly = others[order], truly[order]
                found[group, :count], squares[group, :count] = others[:count], truly[:count]
                for at in np.flatnonzero(np.isin(others, group)):
                    found[others[at], :count], squares[others[at], :count] = np.delete(others, at), np.delete(truly, at)
    return Neighbors(found[:, :count].astype(np.int32), np.sqrt(squares[:, :count]).astype(np.float32))


def alike(points: NDArray[np.float64], some: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Some of the points, equal ones together: among many copies, such as blank pictures, one search serves all."""
    groups: dict[bytes, list[int]] = {}
    for i in some.tolist():
        groups.setdefault((points[i] + 0.0).tobytes(), []).append(i)  # + 0.0: −0 is equal to 0
    return [np.array(members) for members in groups.values()]
