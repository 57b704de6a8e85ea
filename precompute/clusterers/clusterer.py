"""What every way of clustering takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precompute.parameters import Parameter, unknown_seconds

NOISE = -1
"""Stands where the number of a cluster would, for a point that is in none."""


@dataclass(frozen=True)
class Clustering:
    """A clustering of n points in d dimensions, no cluster empty; there may be none, where all are noise.

    Attributes:
        clusters: (n,) int16, from 0; `NOISE` for a point that is in none.
        centers: (clusters, d) float32, means of the clusters.
        inertia: sum of squared distances to the own centre, of the points that are in a cluster.
    """

    clusters: NDArray[np.int16]
    centers: NDArray[np.float32]
    inertia: float

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return len(self.centers)


@dataclass(frozen=True)
class Options:
    """What holds for every clustering of a study.

    Attributes:
        starts: how many random starts to take the best of, where a clusterer has such.
        seed: of everything random.
    """

    starts: int = 10
    seed: int = 0


@dataclass(frozen=True)
class Clusterer:
    """A way of clustering.

    Attributes:
        label: its name on the page.
        parameters: what it can be set to; the first is the axis of the heat map.
        fit: the cluster of each point, (n,) whole numbers from 0 without a gap, for every wanted combination of values
            of its parameters by name: all at once, since some share their work. What it gives for one combination must
            not depend on which others are wanted.
        algorithm: version; raise it when results change.
        libraries: that decide the bits of its results.
        noise: whether it calls points noise, `NOISE`, that are in no cluster.
        coarse: whether it is computed on the maps of the coarse values only (`Parameter.coarse`), on those of methods
            without parameters and in feature space; then it is looked at from no other start and on no shuffled data.
        evidence: whether its clusters are evidence in the audit of labels where those of others are there, too.
        by_centers: whether a new point is in the cluster of the nearest centre, and not in that of the nearest point.
        most: samples up to which it is computed; None: any number.
        most_in_features: samples up to which it is computed in feature space; None: as many as on maps.
        memory: bytes that it needs at its peak for so many points, beside them.
        seconds: of one core that a clustering of so many samples with such parameters takes, about: for the estimate
            before a build.
    """

    label: str
    parameters: tuple[Parameter, ...]
    fit: Callable[[NDArray[np.float32], Sequence[Mapping[str, float]], Options], Sequence[NDArray[np.integer]]]
    algorithm: str
    libraries: tuple[str, ...] = ("scikit-learn", "scipy", "numpy")
    noise: bool = False
    coarse: bool = False
    evidence: bool = True
    by_centers: bool = False
    most: int | None = None
    most_in_features: int | None = None
    memory: Callable[[int], int] = lambda _: 0
    seconds: Callable[[int, Mapping[str, float]], float] = unknown_seconds

    def limit(self, in_features: bool) -> int | None:
        """Samples up to which it is computed on a map, or in feature space; None: any number."""
        limits = [one for one in (self.most, self.most_in_features if in_features else None) if one is not None]
        return min(limits, default=None)


def measured(points: NDArray[np.float32], clusters: NDArray[np.integer], *, noise: bool = False) -> Clustering:
    """A clustering with centres and inertia computed in double precision from its assignments.

    Args:
        points: (n, d) float32.
        clusters: (n,) whole numbers.
        noise: whether `NOISE` may be among them.

    Raises:
        ValueError: not one number for each point, or a number below the greatest that no point has.
    """
    least = NOISE if noise else 0
    fits = len(clusters) == len(points) and clusters.min() >= least
    inside = clusters >= 0
    sizes = np.bincount(clusters[inside]) if fits else np.zeros(1)
    if not sizes.all():
        raise ValueError(
            f"clusters of {len(points)} points: {len(clusters)} numbers, the least {clusters.min()}; allowed: one for "
            f"each point, from 0 without a gap{f', or {NOISE} for noise' if noise else ''}"
        )
    exact, own = points[inside].astype(np.float64), clusters[inside]
    sums = np.stack([np.bincount(own, weights=column, minlength=len(sizes)) for column in exact.T], axis=1)
    centers = sums / sizes[:, None]
    inertia = float(((exact - centers[own]) ** 2).sum())
    return Clustering(clusters.astype(np.int16), centers.astype(np.float32), inertia)
