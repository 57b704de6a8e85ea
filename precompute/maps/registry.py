"""Embeddings: a registry of methods that lay samples out on a plane.

A new method is one function from a `Source` and its parameters to an `Embedding`, and one entry in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from precompute.maps.method import LIBRARIES, Method
from precompute.maps.pca import pca
from precompute.maps.tsne import PERPLEXITY, tsne
from precompute.maps.umap import MIN_DIST, N_NEIGHBORS, umap

METHODS: Mapping[str, Method] = {
    # two components tell few labels apart: with them as evidence the audit finds fewer wrong ones (docs/audit.md)
    "pca": Method("PCA", (), pca, "pca-map-1", evidence=False),
    # seconds: the digits (1,797) 0.95, MNIST (70,000) 64 to 103
    "tsne": Method(
        "t-SNE",
        (PERPLEXITY,),
        tsne,
        "tsne-4",
        stochastic=True,
        libraries=("openTSNE", *LIBRARIES),
        seconds=lambda n, _: 8.5e-5 * n**1.244,
    ),
    # seconds: the digits 2.1 at 15 neighbours and 3.0 at 50, after 10 s of compiling
    "umap": Method(
        "UMAP",
        (N_NEIGHBORS, MIN_DIST),
        umap,
        "umap-1",
        stochastic=True,
        libraries=("umap-learn", *LIBRARIES),
        seconds=lambda n, values: 1e-3 * n * (1 + values["n_neighbors"] / 75),
    ),
}
