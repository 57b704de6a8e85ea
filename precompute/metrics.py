"""Metrics: registries of measures of one setting (an embedding clustered into k) and of one embedding.

A new measure is one function and one entry in `SETTING_METRICS` or `EMBEDDING_METRICS`; the tables, the manifest and
the page read the registry. Labels are compared with clusters here and nowhere earlier.

Everything is computed from the stored (float32) coordinates. Measures that are quadratic in the number of samples use
at most `QUADRATIC_LIMIT` samples, drawn with a fixed seed; the table then says how many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from precompute import contingency

ALGORITHM = "metrics-2"
LIBRARIES = ("scikit-learn", "scipy", "numpy")

QUADRATIC_LIMIT = 5_000
"""Samples above which quadratic measures draw a sample: 5,000² distances in float64 are 200 MB."""

NEIGHBORS = 10
"""Neighbours that the neighbourhood measures look at, where there are samples enough (`neighbor_count`)."""

T = TypeVar("T")
Better = Literal["higher", "lower"]


def neighbor_count(n: int) -> int:
    """Neighbours that the neighbourhood measures look at among n samples: fewer than half of all.

    With more, the sum of ranks that they are normalised by is too small, or negative: they would leave their ranges.
    """
    return min(NEIGHBORS, (n - 1) // 2)


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
        if n <= QUADRATIC_LIMIT:
            return np.arange(n)
        return np.sort(np.random.default_rng(0).choice(n, QUADRATIC_LIMIT, replace=False))

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


@dataclass(frozen=True)
class Setting:
    """One clustering of one embedding, and what it is measured against.

    Attributes:
        clusters: (n,) int16, from 0 to k − 1, none empty.
        k: number of clusters.
        clustered: the space in which K-Means ran.
        features: the feature space.
        inertia: sum of squared distances to the nearest centre in the space clustered.
        labels: (n,) int16 true label codes, None if unlabelled.
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
        """How many samples of each cluster bear each label: (k, label_count) int64."""
        if self.labels is None:
            raise ValueError("a setting without labels has no contingency table; this measure needs labels")
        return contingency.crossed(self.clusters, self.labels, (self.k, self.label_count))

    @cached_property
    def information(self) -> tuple[float, float, float]:
        """Homogeneity, completeness, V-measure, each in [0, 1]."""
        return contingency.information(self.contingency)


@dataclass(frozen=True)
class Mapping2D:
    """One embedding beside the feature space that it shows.

    Attributes:
        points: (n, 2) float32, the map.
        features: (n, m) float32.
        map_neighbors, true_neighbors: (n, ≥ `neighbor_count`) int32, nearest first, in the map and in feature space.
    """

    points: NDArray[np.float32]
    features: NDArray[np.float32]
    map_neighbors: NDArray[np.int32]
    true_neighbors: NDArray[np.int32]

    @cached_property
    def drawn(self) -> NDArray[np.int64]:
        """Samples over which ranks are taken: all of them up to `QUADRATIC_LIMIT`."""
        return Geometry(self.points).drawn


@dataclass(frozen=True)
class Metric(Generic[T]):
    """A measure and what a reader must know to read it.

    Attributes:
        label: its name on the page.
        meaning: one sentence for a reader; "{neighbors}" stands for how many neighbours are looked at (`explained`).
        function: from `Setting` or `Mapping2D` to a number.
        lower, upper: bounds of its range; None where open.
        better: which way is better; None where it is provenance only.
        space: where distances are taken: "clustered" (the space K-Means ran in), "features", "map", or None.
        comparable_over: along which of perplexity, k, space, method values may be ranked.
        decimals: digits after the point on the page.
        needs_labels: it is left out where there are none.
        quadratic: it uses at most `QUADRATIC_LIMIT` samples.
        version: raise it when the function's results change.
    """

    label: str
    meaning: str
    function: Callable[[T], float]
    lower: float | None
    upper: float | None
    better: Better | None
    space: Literal["clustered", "features", "map"] | None
    comparable_over: tuple[str, ...]
    decimals: int = 3
    needs_labels: bool = False
    quadratic: bool = False
    version: int = 1

    def explained(self, n: int) -> str:
        """Its meaning where it is measured on n samples."""
        drawn = ""
        if self.quadratic and n > QUADRATIC_LIMIT:
            drawn = f" Estimated on {QUADRATIC_LIMIT:,} of the {n:,} samples, drawn with a fixed seed."
        return self.meaning.replace("{neighbors}", str(neighbor_count(n))) + drawn


def silhouette(clusters: NDArray[np.int16], k: int, geometry: Geometry) -> float:
    """Mean silhouette of the drawn samples, in [−1, 1].

    Equal to `sklearn.metrics.silhouette_score`, but from distances that all k share and one matrix product.

    Source: P. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", 1987.
    """
    own = clusters[geometry.drawn]
    member = np.zeros((len(own), k))
    member[np.arange(len(own)), own] = 1
    sizes = member.sum(axis=0)
    sums = geometry.distances @ member
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
    return float(len(setting.clusters) - setting.contingency.max(axis=1).sum())


def purity(setting: Setting) -> float:
    """1 − misclassified / n, in (0, 1]. Source: Manning, Raghavan, Schütze, "Introduction to IR", 2008, ch. 16."""
    return 1.0 - misclassified(setting) / len(setting.clusters)


def entropy_bits(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shannon entropy in bits of each row of counts: (rows, labels) → (rows,) float64."""
    share = counts / counts.sum(axis=1, keepdims=True)
    logs = np.log2(share, out=np.zeros_like(share), where=share > 0)
    return np.asarray(np.maximum(0.0, -(share * logs).sum(axis=1)))


def entropy(setting: Setting) -> float:
    """Mean over samples of the Shannon entropy (bits) of the true labels in their cluster; 0 is best."""
    sizes = setting.contingency.sum(axis=1)
    return float((entropy_bits(setting.contingency) * sizes).sum() / sizes.sum())


def _adjusted_mutual_information(setting: Setting) -> float:
    from sklearn.metrics import adjusted_mutual_info_score

    # rounding may carry a perfect match above 1
    return min(1.0, float(adjusted_mutual_info_score(setting.labels, setting.clusters)))


def davies_bouldin(setting: Setting) -> float:
    """Mean over clusters of their likeness, (spread + other's spread) / distance of centres, to the one most like them.

    Equal to `sklearn.metrics.davies_bouldin_score`, which takes twenty times as long on some thousand samples.

    Source: D. Davies, D. Bouldin, "A cluster separation measure", 1979.
    """
    points, clusters = setting.clustered.exact, setting.clusters
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


def _calinski_harabasz(setting: Setting) -> float:
    from sklearn.metrics import calinski_harabasz_score

    return float(calinski_harabasz_score(setting.clustered.exact, setting.clusters))


def _rank_penalty(
    points: NDArray[np.float32], near: NDArray[np.int32], true: NDArray[np.int32], drawn: NDArray[np.int64]
) -> float:
    """1 − the normalised sum of how far down, by rank in `points`, lie those of `near` that `true` lacks.

    Blocks of rows keep memory at some tens of megabytes for any n.
    """
    n, count = len(points), neighbor_count(len(points))
    exact = points.astype(np.float64)
    squares = (exact**2).sum(axis=1)
    excess = 0
    for rows in np.array_split(drawn, max(1, len(drawn) * n // 2_000_000)):
        neighbors = near[rows, :count]
        strangers = ~(neighbors[:, :, None] == true[rows, None, :count]).any(axis=2)
        squared = squares[rows, None] + squares[None, :] - 2 * exact[rows] @ exact.T
        squared[np.arange(len(rows)), rows] = -np.inf  # a sample is its own rank 0
        for row in np.flatnonzero(strangers.any(axis=1)):
            limits = squared[row, neighbors[row, strangers[row]]]
            ranks = (squared[row] < limits[:, None]).sum(axis=1)
            excess += int((ranks - count).clip(min=0).sum())
    return 1.0 - excess * 2.0 / (len(drawn) * count * (2 * n - 3 * count - 1))


def trustworthiness(mapping: Mapping2D) -> float:
    """Share, by rank, of the map's neighbours that are true neighbours: 1 = the map invents none.

    Source: J. Venna, S. Kaski, "Neighborhood preservation in nonlinear projection methods", 2001.
    """
    return _rank_penalty(mapping.features, mapping.map_neighbors, mapping.true_neighbors, mapping.drawn)


def continuity(mapping: Mapping2D) -> float:
    """Share, by rank, of the true neighbours that are still neighbours on the map: 1 = the map tears none away.

    Source: as for `trustworthiness`, with the two spaces exchanged.
    """
    return _rank_penalty(mapping.points, mapping.true_neighbors, mapping.map_neighbors, mapping.drawn)


def neighbors_kept(mapping: Mapping2D) -> float:
    """Mean share of the true neighbours (`neighbor_count`) that are among as many nearest on the map, in [0, 1]."""
    count = neighbor_count(len(mapping.points))
    near, true = mapping.map_neighbors[:, :count], mapping.true_neighbors[:, :count]
    return float((near[:, :, None] == true[:, None, :]).any(axis=2).mean())


SETTING_METRICS: Mapping[str, Metric[Setting]] = {
    "silhouette": Metric(
        "Silhouette",
        "How clearly the clusters stand apart in the space that was clustered: "
        "1 is far apart, 0 is touching, below 0 is in the wrong cluster.",
        lambda s: silhouette(s.clusters, s.k, s.clustered),
        -1,
        1,
        "higher",
        "clustered",
        ("k",),
        quadratic=True,
    ),
    "silhouette_features": Metric(
        "Silhouette in feature space",
        "The same clusters measured with the distances of the data, not of the map: "
        "where this is much lower, the map flatters.",
        lambda s: silhouette(s.clusters, s.k, s.features),
        -1,
        1,
        "higher",
        "features",
        ("perplexity", "k", "space"),
        quadratic=True,
    ),
    "misclassified": Metric(
        "Misclassified",
        "Samples whose true label is not the most frequent label of their cluster.",
        misclassified,
        0,
        None,
        "lower",
        None,
        ("perplexity", "space"),
        decimals=0,
        needs_labels=True,
    ),
    "purity": Metric(
        "Purity",
        "Share of samples that bear the most frequent label of their cluster; it rises with k by itself.",
        purity,
        0,
        1,
        "higher",
        None,
        ("perplexity", "space"),
        needs_labels=True,
    ),
    "entropy": Metric(
        "Entropy",
        "How mixed the true labels are inside the clusters, in bits: 0 means one label in each cluster.",
        entropy,
        0,
        None,
        "lower",
        None,
        ("perplexity", "space"),
        needs_labels=True,
    ),
    # normalised by the mean of the two entropies, it is the V-measure (Vinh, Epps, Bailey 2010)
    "nmi": Metric(
        "NMI",
        "Normalised mutual information between clusters and labels; not corrected for chance.",
        lambda s: s.information[2],
        0,
        1,
        "higher",
        None,
        ("perplexity", "space"),
        needs_labels=True,
    ),
    "ami": Metric(
        "AMI",
        "Adjusted mutual information between clusters and labels: 0 is chance, 1 is a perfect match.",
        _adjusted_mutual_information,
        None,
        1,
        "higher",
        None,
        ("perplexity", "k", "space"),
        needs_labels=True,
    ),
    "ari": Metric(
        "ARI",
        "Adjusted Rand index, agreement of clusters and labels over pairs of samples: 0 is chance, 1 is perfect.",
        lambda s: contingency.adjusted_rand(s.contingency),
        -0.5,
        1,
        "higher",
        None,
        ("perplexity", "k", "space"),
        needs_labels=True,
    ),
    "homogeneity": Metric(
        "Homogeneity",
        "1 if every cluster holds one label only; it rises with k by itself.",
        lambda s: s.information[0],
        0,
        1,
        "higher",
        None,
        ("perplexity", "space"),
        needs_labels=True,
    ),
    "completeness": Metric(
        "Completeness",
        "1 if every label lies in one cluster only; it falls with k by itself.",
        lambda s: s.information[1],
        0,
        1,
        "higher",
        None,
        ("perplexity", "space"),
        needs_labels=True,
    ),
    "v_measure": Metric(
        "V-measure",
        "Harmonic mean of homogeneity and completeness; not corrected for chance.",
        lambda s: s.information[2],
        0,
        1,
        "higher",
        None,
        ("perplexity", "space"),
        needs_labels=True,
    ),
    "davies_bouldin": Metric(
        "Davies–Bouldin",
        "Mean likeness of each cluster to the one most like it, in the space clustered: lower is better.",
        davies_bouldin,
        0,
        None,
        "lower",
        "clustered",
        ("k",),
    ),
    "calinski_harabasz": Metric(
        "Calinski–Harabasz",
        "Spread between the clusters against spread within them, in the space clustered.",
        _calinski_harabasz,
        0,
        None,
        "higher",
        "clustered",
        ("k",),
        decimals=0,
    ),
    "inertia": Metric(
        "Inertia",
        "Sum of squared distances to the cluster centres, in the space clustered; it falls with k by itself.",
        lambda s: s.inertia,
        0,
        None,
        None,
        "clustered",
        (),
        decimals=0,
    ),
}
"""Measures of one setting. Sources: `silhouette`, `purity`, `davies_bouldin` above; ARI, homogeneity to V-measure in
`contingency`; NMI, AMI (Vinh, Epps, Bailey 2010) and Calinski–Harabasz (1974), the last two as scikit-learn computes
them."""

EMBEDDING_METRICS: Mapping[str, Metric[Mapping2D]] = {
    "trustworthiness": Metric(
        "Trustworthiness",
        "How far the {neighbors} nearest on the map are true neighbours: 1 means that the map invents none.",
        trustworthiness,
        0,
        1,
        "higher",
        "features",
        ("perplexity", "method"),
        quadratic=True,
        version=2,
    ),
    "continuity": Metric(
        "Continuity",
        "How far the {neighbors} true nearest stay neighbours on the map: 1 means that the map tears none apart.",
        continuity,
        0,
        1,
        "higher",
        "map",
        ("perplexity", "method"),
        quadratic=True,
        version=2,
    ),
    "neighbors_kept": Metric(
        "Neighbours kept",
        "Share of the {neighbors} true nearest neighbours that are among the {neighbors} nearest on the map.",
        neighbors_kept,
        0,
        1,
        "higher",
        "map",
        ("perplexity", "method"),
        version=2,
    ),
}


@dataclass(frozen=True)
class Provenance:
    """A figure that a method reports of its own run; never a ranking over settings."""

    label: str
    meaning: str
    decimals: int


PROVENANCE: Mapping[str, Provenance] = {
    "kl_divergence": Provenance(
        "KL divergence", "What t-SNE minimised: its size depends on the perplexity, so it ranks no perplexities.", 3
    ),
    "iterations": Provenance("Iterations", "Steps that t-SNE took until it stopped improving.", 0),
}


def measure(metrics: Mapping[str, Metric[T]], subject: T, *, labelled: bool) -> dict[str, float]:
    """Evaluate every measure of a registry that applies.

    Returns:
        name → value, in the registry's order; measures that need labels are left out where there are none.
    """
    return {name: metric.function(subject) for name, metric in metrics.items() if labelled or not metric.needs_labels}


@dataclass(frozen=True)
class ClusterStats:
    """Facts of one cluster.

    Attributes:
        cluster: its number. size: its members. medoid: the member nearest to the mean of all (least sum of squared
            distances to the others) in the space clustered, lowest sample on a tie.
        label, purity, entropy: dominant label's code, its share, entropy (bits) of the labels; None if unlabelled.
        runner_up, runner_up_size: second most frequent label and its members; None if there is no second.
    """

    cluster: int
    size: int
    medoid: int
    label: int | None
    purity: float | None
    entropy: float | None
    runner_up: int | None
    runner_up_size: int | None


def cluster_stats(setting: Setting) -> list[ClusterStats]:
    """Facts of every cluster of a setting, by cluster number."""
    rows = []
    for cluster in range(setting.k):
        members = np.flatnonzero(setting.clusters == cluster)
        points = setting.clustered.exact[members]
        medoid = members[int(((points - points.mean(axis=0)) ** 2).sum(axis=1).argmin())]
        known: dict[str, Any] = dict.fromkeys(("label", "purity", "entropy", "runner_up", "runner_up_size"))
        if setting.labels is not None:
            counts = setting.contingency[cluster]
            order = np.argsort(-counts, kind="stable")
            known["label"] = int(order[0])
            known["purity"] = float(counts[order[0]] / len(members))
            known["entropy"] = float(entropy_bits(counts[None, :])[0])
            if len(order) > 1 and counts[order[1]] > 0:
                known["runner_up"], known["runner_up_size"] = int(order[1]), int(counts[order[1]])
        rows.append(ClusterStats(cluster=cluster, size=len(members), medoid=int(medoid), **known))
    return rows
