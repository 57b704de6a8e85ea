"""Embeddings: a registry of methods that lay samples out on a plane.

A new method is one function from a `Source` and its parameters to an `Embedding`, and one entry in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from precompute.maps.method import Method
from precompute.maps.pca import pca
from precompute.maps.tsne import PERPLEXITY, tsne

LIBRARIES = ("openTSNE", "numba", "scikit-learn", "scipy", "numpy")

METHODS: Mapping[str, Method] = {
    "pca": Method("PCA", (), pca, "pca-map-1"),
    # the digits (1,797): 0.95 s; MNIST (70,000): 64 to 103 s
    "tsne": Method("t-SNE", (PERPLEXITY,), tsne, "tsne-4", stochastic=True, seconds=lambda n, _: 8.5e-5 * n**1.244),
}
