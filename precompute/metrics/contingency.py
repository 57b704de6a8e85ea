"""How two groupings of the same samples agree, from the table that crosses them; −1 is a sample in no group.

Equal to what scikit-learn computes from the samples, without its looking through them for every measure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def crossed(rows: NDArray[np.int16], columns: NDArray[np.int16], shape: tuple[int, int]) -> NDArray[np.int64]:
    """How many samples lie in each group of one and each of the other.

    Args:
        rows, columns: (n,) groups from 0; a sample that is −1 in one of them counts nowhere.
        shape: number of groups of each.
    """
    places = (rows.astype(np.int64) * shape[1] + columns)[(rows >= 0) & (columns >= 0)]
    return np.bincount(places, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int64)


def with_noise(clusters: NDArray[np.int16]) -> NDArray[np.int16]:
    """Groups from 0, noise (−1) being one of its own, the last: (n,) int16."""
    return np.where(clusters < 0, clusters.max() + 1, clusters).astype(np.int16)


def adjusted_rand(table: NDArray[np.int64]) -> float:
    """Adjusted Rand index: agreement over pairs of samples, 0 by chance, 1 if the groups are the same.

    Source: L. Hubert, P. Arabie, "Comparing partitions", 1985.
    """
    # in Python's integers: products of numbers of pairs pass 64 bits at some ten thousand samples
    n, both = int(table.sum()), int((table**2).sum())
    by_row, by_column = int((table.sum(axis=1) ** 2).sum()), int((table.sum(axis=0) ** 2).sum())
    only_row, only_column, together = by_row - both, by_column - both, both - n
    apart = n**2 - only_row - only_column - both
    if only_row == only_column == 0:
        return 1.0
    above = 2 * (together * apart - only_row * only_column)
    below = (together + only_row) * (only_row + apart) + (together + only_column) * (only_column + apart)
    return above / below


def information(table: NDArray[np.int64]) -> tuple[float, float, float]:
    """Homogeneity and completeness of the rows as groups of the columns, and their harmonic mean, the V-measure.

    Each lies in [0, 1].

    Source: A. Rosenberg, J. Hirschberg, "V-Measure: a conditional entropy-based external cluster evaluation measure",
    2007.
    """
    joint = table / table.sum()
    row, column = joint.sum(axis=1), joint.sum(axis=0)
    at = joint > 0
    mutual = float((joint[at] * np.log(joint[at] / np.outer(row, column)[at])).sum())
    of_rows, of_columns = _entropy(row), _entropy(column)
    homogeneity = min(1.0, max(0.0, mutual / of_columns)) if of_columns else 1.0
    completeness = min(1.0, max(0.0, mutual / of_rows)) if of_rows else 1.0
    if homogeneity + completeness == 0:
        return 0.0, 0.0, 0.0
    return homogeneity, completeness, 2 * homogeneity * completeness / (homogeneity + completeness)


def _entropy(shares: NDArray[np.float64]) -> float:
    used = shares[shares > 0]
    return 0.0 if len(used) == 1 else float(-(used * np.log(used)).sum())
