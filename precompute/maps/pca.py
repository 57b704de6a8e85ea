"""The PCA map: the first two principal components."""

from __future__ import annotations

from collections.abc import Mapping

from precompute.maps.method import Embedding, Source


def pca(source: Source, parameters: Mapping[str, float]) -> Embedding:
    """The first two principal components."""
    del parameters  # it has none
    return Embedding(source.start, {})
