"""Metrics: registries of measures of one setting (an embedding clustered into k) and of one embedding.

A new measure is one function and one entry in `SETTING_METRICS` or `EMBEDDING_METRICS`; the tables, the manifest and
the page read the registry. Labels are compared with clusters here and nowhere earlier.

Everything is computed from the stored (float32) coordinates. Measures that are quadratic in the number of samples use
at most `QUADRATIC_LIMIT` samples, drawn with a fixed seed; the table then says how many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from precompute.metrics import contingency, limits
from precompute.metrics.clusterings import (
    Setting,
    adjusted_mutual_information,
    calinski_harabasz,
    clustered,
    davies_bouldin,
    entropy,
    misclassified,
    purity,
    silhouette,
)
from precompute.metrics.limits import neighbor_count
from precompute.metrics.maps import Mapping2D, continuity, neighbors_kept, trustworthiness

ALGORITHM = "metrics-3"
LIBRARIES = ("scikit-learn", "scipy", "numpy")

ROLES: Mapping[str, str] = {
    "method": "any change of map, by its method or one of that one's parameters",
    "k": "any parameter of a clusterer",
    "clusterer": "the clusterer",
    "space": "clusters of a map or of the features",
    "representation": "the representation",
}
"""What may differ between two settings, as `Metric.comparable_over` names it."""
EVERYWHERE = tuple(ROLES)
AT_EQUAL_COUNTS = ("method", "clusterer", "space", "representation")
"""Where a measure improves, or falls, with the number of clusters by itself."""
IN_ONE_SPACE = ("k", "clusterer")
"""Where the unit is that of the space that was clustered."""
TWO_CLUSTERS = "fewer than two clusters"
NONE_COUNTED = "no labelled sample is in a cluster"

T = TypeVar("T")
Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Metric(Generic[T]):
    """A measure and what a reader must know to read it.

    Attributes:
        label: its name on the page.
        meaning: one sentence for a reader; "{neighbors}" stands for how many neighbours are looked at (`explained`).
        function: from `Setting` or `Mapping2D` to a number, or to None where there is none (`undefined`).
        lower, upper: bounds of its range; None where open.
        better: which way is better; None where it is provenance only.
        space: where distances are taken: "clustered" (the space K-Means ran in), "features", "map", or None.
        comparable_over: what may differ between settings that are ranked by it, of `ROLES`.
        ranks_noise: whether settings of a clusterer with noise may be ranked by it; not if it leaves noise out, for the
            more is called noise the better the rest looks.
        undefined: why a setting may have no value.
        decimals: digits after the point on the page.
        needs_labels: it is left out where there are none.
        quadratic: it uses at most `QUADRATIC_LIMIT` samples.
        version: raise it when the function's results change.
    """

    label: str
    meaning: str
    function: Callable[[T], float | None]
    lower: float | None
    upper: float | None
    better: Better | None
    space: Literal["clustered", "features", "map"] | None
    comparable_over: tuple[str, ...]
    decimals: int = 3
    ranks_noise: bool = True
    undefined: str = ""
    needs_labels: bool = False
    quadratic: bool = False
    version: int = 1

    def explained(self, n: int) -> str:
        """Its meaning where it is measured on n samples."""
        drawn = ""
        if self.quadratic and n > limits.QUADRATIC_LIMIT:
            drawn = f" Estimated on {limits.QUADRATIC_LIMIT:,} of the {n:,} samples, drawn with a fixed seed."
        return self.meaning.replace("{neighbors}", str(neighbor_count(n))) + drawn


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
        IN_ONE_SPACE,
        ranks_noise=False,
        undefined=TWO_CLUSTERS,
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
        ("method", "k", "clusterer", "space"),
        ranks_noise=False,
        undefined=TWO_CLUSTERS,
        quadratic=True,
    ),
    "misclassified": Metric(
        "Misclassified",
        "Samples whose true label is not the most frequent label of their cluster; noise is not counted.",
        misclassified,
        0,
        None,
        "lower",
        None,
        AT_EQUAL_COUNTS,
        decimals=0,
        ranks_noise=False,
        needs_labels=True,
    ),
    "purity": Metric(
        "Purity",
        "Share of the clustered samples that bear the most frequent label of their cluster; it rises with k by itself.",
        purity,
        0,
        1,
        "higher",
        None,
        AT_EQUAL_COUNTS,
        ranks_noise=False,
        undefined=NONE_COUNTED,
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
        AT_EQUAL_COUNTS,
        ranks_noise=False,
        undefined=NONE_COUNTED,
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
        AT_EQUAL_COUNTS,
        needs_labels=True,
    ),
    "ami": Metric(
        "AMI",
        "Adjusted mutual information between clusters and labels: 0 is chance, 1 is a perfect match.",
        adjusted_mutual_information,
        None,
        1,
        "higher",
        None,
        EVERYWHERE,
        needs_labels=True,
    ),
    "ari": Metric(
        "ARI",
        "Adjusted Rand index, agreement of clusters and labels over pairs of samples: 0 is chance, 1 is perfect.",
        lambda s: contingency.adjusted_rand(s.partition),
        -0.5,
        1,
        "higher",
        None,
        EVERYWHERE,
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
        AT_EQUAL_COUNTS,
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
        AT_EQUAL_COUNTS,
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
        AT_EQUAL_COUNTS,
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
        IN_ONE_SPACE,
        ranks_noise=False,
        undefined=TWO_CLUSTERS,
    ),
    "calinski_harabasz": Metric(
        "Calinski–Harabasz",
        "Spread between the clusters against spread within them, in the space clustered.",
        calinski_harabasz,
        0,
        None,
        "higher",
        "clustered",
        IN_ONE_SPACE,
        ranks_noise=False,
        undefined=TWO_CLUSTERS,
        decimals=0,
    ),
    "clustered": Metric(
        "Share clustered",
        "Share of samples that are in a cluster; the others are noise.",
        clustered,
        0,
        1,
        None,
        None,
        EVERYWHERE,
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
        ("method",),
        quadratic=True,
        version=2,
    ),
    "continuity": Metric(
        "Continuity",
        "How far the {neighbors} true nearest stay neighbours on the map: 1 means that the map loses none.",
        continuity,
        0,
        1,
        "higher",
        "map",
        ("method",),
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
        ("method",),
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


def measure(metrics: Mapping[str, Metric[T]], subject: T, *, labelled: bool) -> dict[str, float | None]:
    """Evaluate every measure of a registry that applies.

    Returns:
        name → value, None where there is none, in the registry's order; measures that need labels are left out where
        there are no labels.
    """
    return {name: metric.function(subject) for name, metric in metrics.items() if labelled or not metric.needs_labels}
