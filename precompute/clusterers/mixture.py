"""Gaussian mixtures: each cluster is a normal distribution with a shape of its own."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from precompute.clusterers.clusterer import Options
from precompute.clusterers.kmeans import K

ALGORITHM = "gmm-1"
STARTS = 3
"""Starts of which the likeliest mixture is kept."""


def fit(
    points: NDArray[np.float32], wanted: Sequence[Mapping[str, float]], options: Options
) -> list[NDArray[np.int64]]:
    """The likeliest component of each point, for a mixture of every wanted number of components.

    A component that is the likeliest of no point is no cluster, so there may be fewer than k.

    Args:
        points: (n, d) float32.
        wanted: "k" of each.
        options: the seed.

    Source: A. Dempster, N. Laird, D. Rubin, "Maximum likelihood from incomplete data via the EM algorithm", 1977; as
    in scikit-learn, with full covariances.
    """
    # imported here: a build with nothing to do must not pay for scikit-learn
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    found = []
    for values in wanted:
        model = GaussianMixture(int(values[K.name]), n_init=STARTS, random_state=options.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # after 100 steps it is near enough
            likeliest = model.fit_predict(points.astype(np.float64))
        found.append(np.unique(likeliest, return_inverse=True)[1])
    return found
