"""Measures of a clustering, against its points and against the labels.

Those against the points are over the samples that are in a cluster; those against the labels over labelled ones.
Purity, entropy and the misclassified leave noise out, the others count it as a group of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from precompute.metrics import contingency
from precompute.metrics.geometry import Geometry


@dataclass(frozen=True)
class Setting:
    """One clustering of one embedding, and what it is measured against.

    Attributes:
        clusters: (n,) int16, from 0 to k − 1, none empty; −1 for noise.
        k: number of clusters, from 0.
        clustered: the space that was clustered.
        features: the feature space.
        inertia: sum of squared distances to the own centre in the space clustered.
        labels: (n,) int16 true label codes, −1 for a sample without one; None if there are no labels.
        label_count: number of label names.
    """

    clusters: NDArray[np.int16]
    k: int
    clustered: Geometry
    features: Geometry
    inertia: float
    labels: NDArray[np.int16] | None
    label_count: int

    @cached_property
    def contingency(self) -> NDArray[np.int64]:
        """How many samples of each cluster bear each label, noise and unlabelled left out: (k, label_count) int64."""
        return contingency.crossed(self.clusters, self.known, (self.k, self.label_count))

    @cached_property
    def partition(self) -> NDArray[np.int64]:
        """The same with noise as one more cluster, the last."""
        return contingency.crossed(contingency.with_noise(self.clusters), self.known, (self.k + 1, self.label_count))

    @cached_property
    def information(self) -> tuple[float, float, float]:
        """Homogeneity, completeness, V-measure, each in [0, 1]."""
        return contingency.information(self.partition)

    @property
    def known(self) -> NDArray[np.int16]:
        """The labels.

        Raises:
            ValueError: there are none.
        """
        if self.labels is None:
            raise ValueError("a setting without labels has no contingency table; this measure needs labels")
        return self.labels

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Which samples are in a cluster: (n,)."""
        return self.clusters >= 0


def clustered(setting: Setting) -> float:
    """Share of the samples that are in a cluster, in [0, 1]."""
    return float(setting.inside.mean())


def silhouette(clusters: NDArray[np.int16], k: int, geometry: Geometry) -> float | None:
    """Mean silhouette of the drawn samples that are in a cluster, in [−1, 1]; None for fewer than two clusters.

    Equal to `sklearn.metrics.silhouette_score`, but from distances that all k share and one matrix product.

    Source: P. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", 1987.
    """
    if k < 2:
        return None
    drawn = clusters[geometry.drawn]
    at = np.flatnonzero(drawn >= 0)
    own = drawn[at]
    if not len(own):
        return None
    member = np.zeros((len(drawn), k))
    member[at, own] = 1
    sizes = member.sum(axis=0)
    sums = (geometry.distances @ member)[at]
    row = np.arange(len(own))
    with np.errstate(divide="ignore", invalid="ignore"):
        within = sums[row, own] / (sizes[own] - 1)
        mean = np.where(sizes > 0, sums / sizes, np.inf)
        mean[row, own] = np.inf
        between = mean.min(axis=1)
        widths = (between - within) / np.maximum(within, between)
    # a cluster of one has no within-distance: its width is 0 by definition; coinciding points give 0 / 0
    widths[(sizes[own] == 1) | ~np.isfinite(widths)] = 0
    return float(widths.mean())


def misclassified(setting: Setting) -> float:
    """Samples whose true label is not the dominant (most frequent) label of their cluster: a count, 0 … n."""
    return float(setting.contingency.sum() - setting.contingency.max(axis=1, initial=0).sum())


def purity(setting: Setting) -> float | None:
    """1 − misclassified / (labelled and clustered), in (0, 1]; None if no sample is both.

    Source: Manning, Raghavan, Schütze, "Introduction to IR", 2008, ch. 16.
    """
    counted = setting.contingency.sum()
    return 1.0 - misclassified(setting) / float(counted) if counted else None


def entropy_bits(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shannon entropy in bits of each row of counts: (rows, labels) → (rows,) float64, 0 for a row of none."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    logs = np.log2(share, out=np.zeros_like(share), where=share > 0)
    return np.asarray(np.maximum(0.0, -(share * logs).sum(axis=1)))


def entropy(setting: Setting) -> float | None:
    """Mean over samples of the Shannon entropy (bits) of the true labels in their cluster; 0 is best.

    Over the samples that are labelled and in a cluster; None if there are none.
    """
    sizes = setting.contingency.sum(axis=1)
    return float((entropy_bits(setting.contingency) * sizes).sum() / sizes.sum()) if sizes.any() else None


def adjusted_mutual_information(setting: Setting) -> float:
    from sklearn.metrics import adjusted_mutual_info_score

    labelled = setting.known >= 0
    # rounding may carry a perfect match above 1
    return min(1.0, float(adjusted_mutual_info_score(setting.known[labelled], setting.clusters[labelled])))


def davies_bouldin(setting: Setting) -> float | None:
    """Mean over clusters of their likeness, (spread + other's spread) / distance of centres, to the one most like them.

    None for fewer than two clusters.

    Equal to `sklearn.metrics.davies_bouldin_score`, which takes twenty times as long on some thousand samples.

    Source: D. Davies, D. Bouldin, "A cluster separation measure", 1979.
    """
    if setting.k < 2:
        return None
    points, clusters = setting.clustered.exact[setting.inside], setting.clusters[setting.inside]
    sizes = np.bincount(clusters, minlength=setting.k)
    sums = np.stack([np.bincount(clusters, weights=column, minlength=setting.k) for column in points.T], axis=1)
    centers = sums / sizes[:, None]
    own = np.sqrt(((points - centers[clusters]) ** 2).sum(axis=1))
    spread = np.bincount(clusters, weights=own, minlength=setting.k) / sizes
    apart = np.sqrt(((centers[:, None] - centers[None, :]) ** 2).sum(axis=2))
    if np.allclose(spread, 0) or np.allclose(apart, 0):
        return 0.0
    apart[apart == 0] = np.inf
    return float(((spread[:, None] + spread[None, :]) / apart).max(axis=1).mean())


def calinski_harabasz(setting: Setting) -> float | None:
    from sklearn.metrics import calinski_harabasz_score

    if setting.k < 2:
        return None
    return float(calinski_harabasz_score(setting.clustered.exact[setting.inside], setting.clusters[setting.inside]))
