"""Features: principal components that keep a given share of the variance of the scaled values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ALGORITHM = "pca-2"
LIBRARIES = ("scikit-learn", "scipy", "numpy")

FULL_LIMIT = 10_000_000
"""Numbers up to which components are found by singular value decomposition of all, and from the covariance above.

MNIST (70,000 × 784): 3.9 s and 1.3 GB from the covariance, 11.4 s and 2.1 GB by decomposition."""

AXES_LIMIT = 10_000_000
"""Numbers up to which the components themselves are kept, 40 MB: of wide data they would outweigh all else."""


@dataclass(frozen=True)
class Features:
    """Principal components.

    Attributes:
        scores: (n, m) float32, the samples in the first m components, which keep the asked share of variance.
        ratio: (d,) float64, share of the variance that each of all components explains, falling.
        mean: (d,) float64, of the values: what a new sample's values are moved by.
        axes: (m, d) float32, the components: a score is the sum over the moved values times the component; (0, d)
            where they are more than `AXES_LIMIT` numbers.
    """

    scores: NDArray[np.float32]
    ratio: NDArray[np.float64]
    mean: NDArray[np.float64]
    axes: NDArray[np.float32]

    @property
    def components(self) -> int:
        """Number of components kept."""
        return int(self.scores.shape[1])


def principal_components(values: NDArray[np.float32], variance: float = 0.95) -> Features:
    """Project samples on the principal components that keep `variance` of the total variance.

    Args:
        values: (n, d) float32 in [0, 1].
        variance: share of the variance to keep, in (0, 1).

    Returns:
        `Features` with at least two components (the PCA map needs two), in float32. The signs are fixed by
        scikit-learn's `svd_flip`, so the map does not flip between runs.

    Raises:
        ValueError: `variance` is not in (0, 1), or the data have fewer than two dimensions that vary.

    Source: K. Pearson, "On lines and planes of closest fit to systems of points in space", 1901.
    """
    if not 0 < variance < 1:
        raise ValueError(f"variance to keep is {variance}; allowed: a share above 0 and below 1, such as 0.95")
    # imported here: a build with nothing to do must not pay seconds for scikit-learn
    from sklearn.decomposition import PCA

    # the singular value decomposition is the more exact of the two, and takes three times the memory of the data
    wide = values.shape[1] > values.shape[0]
    solver = "full" if wide or values.size <= FULL_LIMIT else "covariance_eigh"
    model = PCA(svd_solver=solver).fit(values.astype(np.float64))
    ratio = model.explained_variance_ratio_
    if np.count_nonzero(ratio > 1e-12) < 2:
        raise ValueError("the samples vary in fewer than two dimensions; a map needs at least two")
    kept = max(2, int(np.searchsorted(np.cumsum(ratio), variance, side="right")) + 1)
    scores = np.empty((len(values), kept), dtype=np.float32)
    rows = max(1, FULL_LIMIT // values.shape[1])
    for begin in range(0, len(values), rows):
        block = slice(begin, begin + rows)
        scores[block] = model.transform(values[block].astype(np.float64))[:, :kept]
    axes = model.components_[: kept if kept * values.shape[1] <= AXES_LIMIT else 0].astype(np.float32)
    return Features(scores=scores, ratio=ratio, mean=model.mean_, axes=axes)


def project(values: NDArray[np.float32], mean: NDArray[np.float64], axes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores of other samples on components that are kept.

    Args:
        values: (n, d) float32, scaled as those that the components are from.
        mean, axes: see `Features`.

    Returns:
        (n, m) float32.

    Raises:
        ValueError: the components were too many to be kept, or are of another number of values.
    """
    if len(axes) == 0:
        raise ValueError(f"the components were not kept, since they are more than {AXES_LIMIT:,} numbers")
    if values.shape[1] != axes.shape[1]:
        raise ValueError(f"samples have {values.shape[1]} values; the components are of {axes.shape[1]}")
    scores = np.empty((len(values), len(axes)), dtype=np.float32)
    rows = max(1, FULL_LIMIT // values.shape[1])
    for begin in range(0, len(values), rows):
        block = slice(begin, begin + rows)
        scores[block] = (values[block] - mean) @ axes.T.astype(np.float64)
    return scores
