"""Clusterers: a registry of ways to put points into groups.

A new one is one function from points and values of its parameters to the cluster of each point, and one entry in
`CLUSTERERS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from precompute.clusterers import kmeans
from precompute.clusterers.clusterer import Clusterer

CLUSTERERS: Mapping[str, Clusterer] = {
    "kmeans": Clusterer("K-Means", (kmeans.K,), kmeans.fit, kmeans.ALGORITHM),
}
