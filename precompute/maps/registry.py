"""Embeddings: a registry of methods that lay samples out on a plane.

A new method is one function from a `Source` and its parameters to an `Embedding`, and one entry in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from precompute.maps.method import Method
from precompute.maps.pca import pca
from precompute.maps.tsne import tsne

LIBRARIES = ("openTSNE", "numba", "scikit-learn", "scipy", "numpy")


METHODS: Mapping[str, Method] = {
    "pca": Method("PCA", (), pca, "pca-map-1"),
    "tsne": Method("t-SNE", ("perplexity",), tsne, "tsne-4"),
}


TAKEN = frozenset(
    {"audit", "compare", "examples", "features", "film", "grid", "history", "neighbors", "pca", "sprite", "study"}
)
"""Words by which other parts of a study go: no name for a method of one's own."""


def check_method(name: str) -> str:
    """Return the name of a method unchanged if a study's grid can be computed with it.

    Raises:
        ValueError: its name stands for another part of a study, or it has parameters that are no axis of the grid.
    """
    parameters = METHODS[name].parameters
    if name in TAKEN:
        raise ValueError(f"method {name!r}: the name is taken; register it under another, as in 'my-{name}'")
    if parameters not in ((), ("perplexity",)):
        raise ValueError(
            f"method {name!r}: its parameters are {', '.join(parameters)}; allowed: none, or perplexity alone, since "
            "the grid has no other axis; fix them inside of its function"
        )
    return name
