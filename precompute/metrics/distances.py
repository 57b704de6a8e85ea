"""How far a map keeps the order of distances."""

from __future__ import annotations

import numpy as np

from precompute.metrics.maps import Mapping2D

DRAWN = 2_000
"""Samples above which some are drawn, with a fixed seed: their two million pairs are ranked."""


def distance_correlation(mapping: Mapping2D) -> float:
    """Spearman's rank correlation of all distances on the map with those in the feature space: −1 … 1.

    0 where all distances of one of the two are equal.

    Source: C. Spearman, "The proof and measurement of association between two things", 1904; for maps D. Kobak,
    P. Berens, "The art of using t-SNE for single-cell transcriptomics", 2019.
    """
    # imported here: reading the registry must not pay for SciPy
    from scipy.spatial.distance import pdist
    from scipy.stats import rankdata

    rows = np.arange(len(mapping.points))
    if len(rows) > DRAWN:
        rows = np.sort(np.random.default_rng(0).choice(len(rows), DRAWN, replace=False))
    ranks = [rankdata(pdist(space[rows].astype(np.float64))) for space in (mapping.points, mapping.features)]
    one, other = (each - each.mean() for each in ranks)
    below = float((one @ one) * (other @ other)) ** 0.5
    return float(one @ other) / below if below > 0 else 0.0
