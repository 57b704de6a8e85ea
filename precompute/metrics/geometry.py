"""Distances and sums of a set of points, computed once for all of its measures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from precompute.metrics import limits


@dataclass(frozen=True)
class Geometry:
    """Points of one space, and their distances, computed once for all measures and all k.

    Attributes:
        points: (n, d) float32.
    """

    points: NDArray[np.float32]

    @cached_property
    def drawn(self) -> NDArray[np.int64]:
        """Samples that quadratic measures use: (m,) int64, ascending; all of them up to `QUADRATIC_LIMIT`."""
        n = len(self.points)
        if n <= limits.QUADRATIC_LIMIT:
            return np.arange(n)
        return np.sort(np.random.default_rng(0).choice(n, limits.QUADRATIC_LIMIT, replace=False))

    @cached_property
    def exact(self) -> NDArray[np.float64]:
        """The points in double precision: in single, some measures would depend on how clusters are numbered."""
        return self.points.astype(np.float64)

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """Euclidean distances between the drawn samples: (m, m) float64, zero on the diagonal."""
        # imported here: reading the registry must not pay for scikit-learn
        from sklearn.metrics import pairwise_distances

        return np.asarray(pairwise_distances(self.exact[self.drawn]), dtype=np.float64)
