"""K-Means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute import equality
from precompute.clusterers.clusterer import Clustering, Options, measured
from precompute.parameters import Parameter

ALGORITHM = "kmeans-2"
_LABELS = 45
"""Labels up to which the default grid of own data has a k for each."""


K = Parameter(
    name="k",
    letter="k",
    label="Clusters k",
    unit="clusters",
    meaning="How many clusters are made.",
    default=tuple(float(value) for value in range(3, 16)),
    large=tuple(float(value) for value in range(5, 16)),
    own=lambda facts: tuple(float(value) for value in range(2, max(15, min(facts.labels, _LABELS) + 5) + 1)),
    start=lambda facts: float(facts.labels) if facts.labels > 1 else 10.0,
    whole=True,
    # with k = n every sample would be a cluster, of which no silhouette is defined; of the same, none can be apart
    limits=lambda facts: (2.0, min(facts.n - 1.0, facts.different)),
)


def fit(
    points: NDArray[np.float32], wanted: Sequence[Mapping[str, float]], options: Options
) -> list[NDArray[np.int16]]:
    """K-Means for every wanted k, the best of `options.starts` starts; see `kmeans`."""
    ks = [int(values[K.name]) for values in wanted]
    found = kmeans(points, ks, options.starts, options.seed)
    return [found[k].clusters for k in ks]


def kmeans(points: NDArray[np.float32], ks: Sequence[int], starts: int = 10, seed: int = 0) -> dict[int, Clustering]:
    """Cluster points into k clusters for every k, taking the best of several k-means++ starts.

    Args:
        points: (n, d) float32.
        ks: numbers of clusters.
        starts: how many starts.
        seed: of the starts.

    Returns:
        A clustering for each k; that of one k does not depend on which others are asked for.

    Raises:
        ValueError: fewer distinct points than clusters.

    Source: S. Lloyd, "Least squares quantization in PCM", 1982; D. Arthur, S. Vassilvitskii, "k-means++", 2007;
    as in scikit-learn, with its k-means++ again in fewer steps: 10 starts for 13 k on a map of the digits took 0.37 s.
    """
    # imported here: a build with nothing to do must not pay for scikit-learn
    from sklearn.cluster import KMeans

    distinct = equality.different(points, max(ks, default=0))
    # on a map double precision costs nothing, and starts need no copy; in many dimensions it would double Lloyd's steps
    exact = points.astype(np.float64) if points.shape[1] <= 3 else points
    found = {}
    for k in ks:
        if k > distinct:
            raise ValueError(f"k = {k} but only {distinct} of {len(points)} points differ; allowed: k up to {distinct}")
        model = KMeans(n_clusters=k, init=plus_plus, n_init=starts, random_state=seed).fit(exact)
        found[k] = measured(points, model.labels_)
    return found


def plus_plus(points: NDArray[np.floating[Any]], k: int, random_state: np.random.RandomState) -> NDArray[np.float64]:
    """Centres to start from: each drawn with a chance in proportion to its squared distance to those drawn before.

    The same draws as `sklearn.cluster.kmeans_plusplus`, which on some thousand samples spends four fifths of its time
    on looking at its input.

    Args:
        points: (n, d).
        k: number of centres.
        random_state: source of the draws.

    Returns:
        (k, d) float64.

    Source: D. Arthur, S. Vassilvitskii, "k-means++", 2007, with several candidates for each centre, the best kept.
    """
    n, candidates = len(points), 2 + int(np.log(k))
    exact = points.astype(np.float64, copy=False)
    squares = (exact**2).sum(axis=1)

    def squared(chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        found = squares[None, :] + squares[chosen, None] - 2 * (exact[chosen] @ exact.T)
        found[np.arange(len(chosen)), chosen] = 0
        return np.asarray(np.maximum(found, 0, out=found))

    centers = [int(random_state.choice(n, p=np.full(n, 1 / n)))]
    nearest = squared(np.array(centers))[0]
    total = nearest.sum()
    for _ in range(1, k):
        drawn = np.searchsorted(np.cumsum(nearest), random_state.uniform(size=candidates) * total)
        drawn = np.minimum(drawn, n - 1)
        distances = np.minimum(nearest, squared(drawn))
        totals = distances.sum(axis=1)
        best = int(totals.argmin())
        nearest, total = distances[best], totals[best]
        centers.append(int(drawn[best]))
    return exact[centers]
