"""Robustness: would the same clusters be found again? Maps are started anew from random points, several times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from precompute.metrics import contingency

SEEDS = 5
"""Maps that are compared at each: the one that is shown, and others from random starts."""
COUNTERPART = 0.5
"""Jaccard index from which a cluster of another map counts as the same."""


@dataclass(frozen=True)
class Agreement:
    """How far clusterings of the same samples agree.

    Attributes:
        mean, least: adjusted Rand index over all pairs of clusterings.
        vanished: clusters of the first that most of the others do not have.
    """

    mean: float
    least: float
    vanished: tuple[int, ...]


def agreement(clusterings: Sequence[NDArray[np.int16]]) -> Agreement:
    """Compare clusterings, the first being the one that is shown.

    Args:
        clusterings: two or more, each (n,) from 0; noise, −1, is a group of its own, but no cluster.

    Source: L. Hubert, P. Arabie, "Comparing partitions", 1985; C. Hennig, "Cluster-wise assessment of cluster
    stability", 2007 (Jaccard index of a cluster with its best counterpart).
    """
    scores = [contingency.adjusted_rand(_crossed(one, other)) for one, other in combinations(clusterings, 2)]
    best = np.stack([counterparts(clusterings[0], other) for other in clusterings[1:]])
    lost = (best < COUNTERPART).sum(axis=0) * 2 > len(best)
    return Agreement(float(np.mean(scores)), min(scores), tuple(int(one) for one in np.flatnonzero(lost)))


def counterparts(own: NDArray[np.int16], other: NDArray[np.int16]) -> NDArray[np.float64]:
    """Jaccard index of each cluster with the cluster of another clustering that is most like it: (k,) float64."""
    table = _crossed(own, other)
    union = np.maximum(table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table, 1)
    return np.asarray((table / union)[:-1, :-1].max(axis=1, initial=0))


def _crossed(one: NDArray[np.int16], other: NDArray[np.int16]) -> NDArray[np.int64]:
    """The table of two clusterings, noise as one more cluster, the last."""
    groups = contingency.with_noise(one), contingency.with_noise(other)
    return contingency.crossed(*groups, (int(one.max()) + 2, int(other.max()) + 2))
