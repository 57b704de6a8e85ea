"""Placing new samples on a map that stands, by one rule for every method.

umap-learn refuses to place after precomputed neighbours, and in openTSNE and umap-learn a sample's place depends on
the others that are placed with it. Here each sample is placed on its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute import neighbors
from precompute.neighbors import Neighbors

ALGORITHM = "placing-1"
NEIGHBORS = 10
"""Clean neighbours by which a sample is placed."""
STEPS = 50
"""Steps after the weighted mean; most samples are at rest after fewer."""


def reach(points: NDArray[np.float32]) -> float:
    """How far apart neighbours lie on a map: the median distance to the neighbour of rank `NEIGHBORS`, or the last.

    Args:
        points: (n, 2) float32, the map.

    Returns:
        Above 0; 1 where all of them lie on one another.
    """
    near = neighbors.nearest(points, min(NEIGHBORS, len(points) - 1))
    median = float(np.median(near.distances[:, -1]))
    return median if median > 0 else 1.0


def weighted_mean(
    points: NDArray[np.float32], near: NDArray[np.integer[Any]], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean of the neighbours' places: (m, 2).

    Args:
        points: (n, 2) float32, the map.
        near, weights: (m, count) neighbours of each new sample among the n, and what each weighs.
    """
    places = points[near].astype(np.float64)
    return np.asarray((weights[..., None] * places).sum(axis=1) / weights.sum(axis=1)[:, None])


def place(
    points: NDArray[np.float32],
    near: Neighbors,
    scales: NDArray[np.floating[Any]],
    length: float,
    steps: int = STEPS,
) -> NDArray[np.float32]:
    """Places of new samples on a map that is held: each gets the same one alone and in company.

    Begun at the weighted mean of its neighbours' places, a sample y moves so that Σ w_j · log(1 + |y − y_j|² / length²)
    falls: the attraction of t-SNE, with the weights of the neighbours as affinities and the map's own unit of length.
    The mean of neighbours in two groups lies between them, where nobody is; from there it goes to the better one.
    Each step is again a weighted mean, so it never overshoots (iteratively reweighted least squares).

    Args:
        points: (n, 2) float32, the map.
        near: `NEIGHBORS` neighbours of each new sample among the n, in feature space.
        scales: (n,) `neighbors.own_scales` of the n, in feature space.
        length: `reach` of the map.
        steps: 0 leaves the weighted mean.

    Returns:
        (m, 2) float32.

    Source: the objective is the attractive part of L. van der Maaten, G. Hinton, "Visualizing Data using t-SNE", 2008;
    the map held as in P. Poličar, M. Stražar, B. Zupan, "Embedding to reference t-SNE space addresses batch effects in
    single-cell classification", 2019.
    """
    weights = neighbors.weights(near.indices, near.distances, scales)
    across, up = points[near.indices].astype(np.float64).transpose(2, 0, 1)
    x, y = weighted_mean(points, near.indices, weights).T[:, :, None]
    for _ in range(steps):
        pull = weights / (1 + ((across - x) ** 2 + (up - y) ** 2) / length**2)
        total = pull.sum(axis=1, keepdims=True)
        x, y = (pull * across).sum(axis=1, keepdims=True) / total, (pull * up).sum(axis=1, keepdims=True) / total
    return np.hstack([x, y]).astype(np.float32)


def kept(
    places: NDArray[np.float32], points: NDArray[np.float32], near: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """Share of each sample's neighbours that are among as many nearest on the map: (m,).

    Args:
        places: (m, 2) float32, of the samples.
        points: (n, 2) float32, the map.
        near: (m, count) true neighbours of each sample among the n.
    """
    on_map = neighbors.nearest_among(places, points, near.shape[1]).indices
    return np.asarray((on_map[:, :, None] == near[:, None, :]).any(axis=2).mean(axis=1))
