"""Turn a map onto another, so that both can be compared by eye."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def align(points: NDArray[np.float32], onto: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn and, if need be, mirror a map so that it lies as the other does; shape and size stay.

    Args:
        points, onto: (n, 2) float32.

    Returns:
        (n, 2) float32, centred on the origin.

    Source: P. Schönemann, "A generalized solution of the orthogonal Procrustes problem", 1966.
    """
    from scipy.linalg import orthogonal_procrustes

    centered = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    other = onto.astype(np.float64) - onto.mean(axis=0, dtype=np.float64)
    rotation, _ = orthogonal_procrustes(centered, other)
    return np.asarray(centered @ rotation, dtype=np.float32)
