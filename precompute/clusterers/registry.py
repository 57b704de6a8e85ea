"""Clusterers: a registry of ways to put points into groups.

A new one is one function from points and values of its parameters to the cluster of each point, and one entry in
`CLUSTERERS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from precompute.clusterers import hdbscan, kmeans, mixture, ward
from precompute.clusterers.clusterer import Clusterer

# evidence: with Ward's, mixtures' and HDBSCAN's clusters the audit finds no more wrong labels (docs/audit.md)
CLUSTERERS: Mapping[str, Clusterer] = {
    # with its measures a setting of k = 10 takes 0.05 s of the digits (1,797), and 9 s of MNIST (70,000)
    "kmeans": Clusterer(
        "K-Means",
        (kmeans.K,),
        kmeans.fit,
        kmeans.ALGORITHM,
        by_centers=True,
        seconds=lambda n, values: 7e-8 * values["k"] * n**1.38,
    ),
    # distances of all pairs in double precision, and as many again while clusters are joined
    "ward": Clusterer(
        "Ward",
        (kmeans.K,),
        ward.fit,
        ward.ALGORITHM,
        coarse=True,
        evidence=False,
        most=ward.MOST,
        memory=lambda n: 8 * n * n,
        seconds=lambda n, _: 3e-8 * n**2,
    ),
    # of the digits 0.1 s on a map, and 0.4 s in feature space
    "gmm": Clusterer(
        "Gaussian mixture",
        (kmeans.K,),
        mixture.fit,
        mixture.ALGORITHM,
        coarse=True,
        evidence=False,
        seconds=lambda n, values: 7e-6 * values["k"] * n,
    ),
    # of the digits 0.03 s on a map, 0.15 s in feature space; all pairs are looked at
    "hdbscan": Clusterer(
        "HDBSCAN",
        (hdbscan.MIN_CLUSTER_SIZE,),
        hdbscan.fit,
        hdbscan.ALGORITHM,
        noise=True,
        coarse=True,
        evidence=False,
        most_in_features=hdbscan.MOST_IN_FEATURES,
        seconds=lambda n, _: 1e-8 * n**2,
    ),
}
