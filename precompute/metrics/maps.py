"""Measures of a map, against the data that it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from precompute.metrics.geometry import Geometry
from precompute.metrics.limits import neighbor_count


@dataclass(frozen=True)
class Mapping2D:
    """One embedding beside the feature space that it shows.

    Attributes:
        points: (n, 2) float32, the map.
        features: (n, m) float32.
        map_neighbors, true_neighbors: (n, ≥ `neighbor_count`) int32, nearest first, in the map and in feature space.
    """

    points: NDArray[np.float32]
    features: NDArray[np.float32]
    map_neighbors: NDArray[np.int32]
    true_neighbors: NDArray[np.int32]

    @cached_property
    def drawn(self) -> NDArray[np.int64]:
        """Samples over which ranks are taken: all of them up to `QUADRATIC_LIMIT`."""
        return Geometry(self.points).drawn


def _rank_penalty(
    points: NDArray[np.float32], near: NDArray[np.int32], true: NDArray[np.int32], drawn: NDArray[np.int64]
) -> float:
    """1 − the normalised sum of how far down, by rank in `points`, lie those of `near` that `true` lacks.

    Blocks of rows keep memory at some tens of megabytes for any n.
    """
    n, count = len(points), neighbor_count(len(points))
    exact = points.astype(np.float64)
    squares = (exact**2).sum(axis=1)
    excess = 0
    for rows in np.array_split(drawn, max(1, len(drawn) * n // 2_000_000)):
        neighbors = near[rows, :count]
        strangers = ~(neighbors[:, :, None] == true[rows, None, :count]).any(axis=2)
        squared = squares[rows, None] + squares[None, :] - 2 * exact[rows] @ exact.T
        squared[np.arange(len(rows)), rows] = -np.inf  # a sample is its own rank 0
        for row in np.flatnonzero(strangers.any(axis=1)):
            limits = squared[row, neighbors[row, strangers[row]]]
            ranks = (squared[row] < limits[:, None]).sum(axis=1)
            excess += int((ranks - count).clip(min=0).sum())
    return 1.0 - excess * 2.0 / (len(drawn) * count * (2 * n - 3 * count - 1))


def trustworthiness(mapping: Mapping2D) -> float:
    """Share, by rank, of the map's neighbours that are true neighbours: 1 = the map invents none.

    Source: J. Venna, S. Kaski, "Neighborhood preservation in nonlinear projection methods", 2001.
    """
    return _rank_penalty(mapping.features, mapping.map_neighbors, mapping.true_neighbors, mapping.drawn)


def continuity(mapping: Mapping2D) -> float:
    """Share, by rank, of the true neighbours that are still neighbours on the map: 1 = the map loses none.

    Source: as for `trustworthiness`, with the two spaces exchanged.
    """
    return _rank_penalty(mapping.points, mapping.true_neighbors, mapping.map_neighbors, mapping.drawn)


def neighbors_kept(mapping: Mapping2D) -> float:
    """Mean share of the true neighbours (`neighbor_count`) that are among as many nearest on the map, in [0, 1]."""
    count = neighbor_count(len(mapping.points))
    near, true = mapping.map_neighbors[:, :count], mapping.true_neighbors[:, :count]
    return float((near[:, :, None] == true[:, None, :]).any(axis=2).mean())
