"""True nearest neighbours, exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALGORITHM = "exact-neighbors-2"
LIBRARIES = ("scikit-learn", "scipy", "numpy")

_TREE_DIMENSIONS = 3
"""Up to which a tree is the faster search: 70,000 points of a map take 0.3 s, all pairs 8 s."""

SCALE = 7
"""Rank of the neighbour whose distance is a sample's own scale when neighbours are weighted (see `weights`)."""

_BLOCK = 4_000_000
"""Numbers held at once (double precision, 32 MB) when distances are taken anew."""

_SPARE = 6
"""Candidates beyond those asked for, so that few rows need all distances anew."""


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


def nearest_among(
    points: NDArray[np.float32],
    others: NDArray[np.floating[Any]],
    count: int,
    own: NDArray[np.integer[Any]] | None = None,
) -> Neighbors:
    """Find the nearest of some samples to each of other points, exact; a point's neighbours depend on no other point.

    Ties go to the lower index, as in `nearest`.

    Args:
        points: (m, d) float32.
        others: (n, d), among whom neighbours are looked for.
        count: neighbours of each, from 1 to n, and to n − 1 with `own`.
        own: (m,) which of the others is left out for each point, since the point is made from it; −1: none.

    Raises:
        ValueError: `count` is out of range.
    """
    n, d = others.shape
    limit = n if own is None else n - 1
    if not 1 <= count <= limit:
        raise ValueError(f"{count} neighbours among {n} samples; allowed: 1 to {limit}")
    exact, moved = others.astype(np.float64), points.astype(np.float64)
    lengths = (exact**2).sum(axis=1)
    indices = np.empty((len(points), count), dtype=np.int32)
    distances = np.empty((len(points), count), dtype=np.float32)
    more = min(count + _SPARE, n)
    rows = max(1, _BLOCK // max(n, more * d))
    for begin in range(0, len(points), rows):
        block = slice(begin, begin + rows)
        some = moved[block]
        self = (some**2).sum(axis=1)
        roughly = lengths - 2 * (some @ exact.T) + self[:, None]
        if own is not None:
            known = np.flatnonzero(own[block] >= 0)
            roughly[known, own[block][known]] = np.inf
        found = np.sort(np.argpartition(roughly, more - 1, axis=1)[:, :more], axis=1)
        farthest = np.take_along_axis(roughly, found, axis=1).max(axis=1)
        squares = ((exact[found] - some[:, None]) ** 2).sum(axis=2)
        squares[np.take_along_axis(roughly, found, axis=1) == np.inf] = np.inf
        order = np.argsort(squares, axis=1, kind="stable")[:, :count]
        indices[block] = np.take_along_axis(found, order, axis=1)
        nearer = np.take_along_axis(squares, order, axis=1)
        distances[block] = np.sqrt(nearer)
        # how far |a|² + |b|² − 2ab can be from |a − b|²: where it could hide a neighbour, all are looked at
        error = 8 * (d + 4) * np.finfo(np.float64).eps * (self + lengths.max())
        for row in np.flatnonzero((farthest - nearer[:, -1] <= 2 * error) & (more < n)):
            truly = ((exact - some[row]) ** 2).sum(axis=1)
            truly[roughly[row] == np.inf] = np.inf
            order = np.argsort(truly, kind="stable")[:count]
            indices[begin + row], distances[begin + row] = order, np.sqrt(truly[order])
    return Neighbors(indices, distances)


def weights(
    neighbors: NDArray[np.integer[Any]],
    distances: NDArray[np.floating[Any]],
    scales: NDArray[np.floating[Any]] | None = None,
) -> NDArray[np.float64]:
    """What each neighbour weighs: (n, m), 1 for the weightiest of each sample.

    Args:
        neighbors, distances: (n, m) nearest neighbours in feature space, nearest first.
        scales: distance of each sample that is a neighbour to its own neighbour of rank `SCALE`; None: the samples
            are their own neighbours.

    The weight is exp(−d² / (s · t)) with d the distance and s, t the distances of the two samples to their own
    neighbour of rank `SCALE`, so that it means the same in dense and in sparse places (L. Zelnik-Manor, P. Perona:
    Self-Tuning Spectral Clustering, NIPS 2004, where the rank is 7, too). Where all other weights vanish, among
    duplicates, neighbours at distance 0 weigh alone, and all the same if there is none.
    """
    squares = distances.astype(np.float64) ** 2
    scale = own_scales(distances)
    both = scale[:, None] * (scale if scales is None else scales.astype(np.float64))[neighbors]
    exponent = np.divide(squares, both, out=np.where(squares > 0, np.inf, 0.0), where=both > 0)
    least = exponent.min(axis=1, keepdims=True)
    # only the ratios of a sample's weights matter; seen from the least exponent none of them is lost to underflow
    above = np.subtract(exponent, least, out=np.zeros_like(exponent), where=np.isfinite(least))
    shares: NDArray[np.float64] = np.exp(-above)
    return shares


def own_scales(distances: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Distance of each sample to its neighbour of rank `SCALE`, or to the farthest that there is: (n,)."""
    return distances[:, min(SCALE, distances.shape[1]) - 1].astype(np.float64)


def alike(points: NDArray[np.float64], some: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Some of the points, equal ones together: among many copies, such as blank pictures, one search serves all."""
    groups: dict[bytes, list[int]] = {}
    for i in some.tolist():
        groups.setdefault((points[i] + 0.0).tobytes(), []).append(i)  # + 0.0: −0 is equal to 0
    return [np.array(members) for members in groups.values()]
