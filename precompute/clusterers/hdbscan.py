"""HDBSCAN: groups that are denser than what lies around them, however many there are; the rest is noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from precompute.clusterers.clusterer import Options
from precompute.parameters import Parameter

ALGORITHM = "hdbscan-1"
MOST_IN_FEATURES = 15_000
"""Samples up to which it is computed in feature space: it looks at all pairs, in so many dimensions for minutes."""

MIN_CLUSTER_SIZE = Parameter(
    name="min_cluster_size",
    letter="m",
    label="Min cluster size",
    unit="samples",
    meaning="The fewest samples that make a cluster; so many neighbours (min_samples) also say how dense a place is.",
    default=(5.0, 10.0, 15.0, 20.0, 30.0, 50.0),
    start=lambda _: 20.0,
    whole=True,
    # with more than half of all in each, there could be no two clusters
    limits=lambda facts: (2.0, float(facts.n // 2)),
)


def fit(
    points: NDArray[np.float32], wanted: Sequence[Mapping[str, float]], options: Options
) -> list[NDArray[np.int64]]:
    """HDBSCAN's clusters for every wanted least size, −1 for noise; `min_samples` is the same number, as by default.

    There may be one cluster or none: of points without denser places all are noise.

    Args:
        points: (n, d) float32.
        wanted: "min_cluster_size" of each.
        options: not asked, for nothing is random.

    Source: R. Campello, D. Moulavi, J. Sander, "Density-based clustering based on hierarchical density estimates",
    2013; L. McInnes, J. Healy, "Accelerated hierarchical density based clustering", 2017; as in scikit-learn.
    """
    del options
    # imported here: a build with nothing to do must not pay for scikit-learn
    from sklearn.cluster import HDBSCAN

    exact = points.astype(np.float64)
    sizes = [int(values[MIN_CLUSTER_SIZE.name]) for values in wanted]
    return [HDBSCAN(min_cluster_size=size, copy=True).fit_predict(exact) for size in sizes]
