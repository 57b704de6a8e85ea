"""Embeddings: a registry of methods that lay samples out on a plane.

A new method is one function from a `Source` and its parameters to an `Embedding`, and one entry in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LIBRARIES = ("openTSNE", "numba", "scikit-learn", "scipy", "numpy")


class NearestNeighbors(Protocol):
    """Neighbours as the method needs them: indices (n, count) int32 and distances (n, count), nearest first."""

    @property
    def indices(self) -> NDArray[np.int32]:
        """Sample numbers."""

    @property
    def distances(self) -> NDArray[np.float32]:
        """Euclidean distances."""


@dataclass(frozen=True)
class Source:
    """What an embedding is made from; the same for all cells of a study, but for the seed.

    Attributes:
        features: (n, m) float32. neighbors: true neighbours, as many as the largest perplexity needs.
        start: (n, 2) float32, the PCA map. seed: of everything random.
    """

    features: NDArray[np.float32]
    neighbors: NearestNeighbors
    start: NDArray[np.float32]
    seed: int


@dataclass(frozen=True)
class Embedding:
    """A map: points (n, 2) float32, and what the method reports of its run, by name."""

    points: NDArray[np.float32]
    measures: Mapping[str, float]


@dataclass(frozen=True)
class Method:
    """An embedding method.

    Attributes:
        label: its name on the page. parameters: names of its parameters. fit: makes an embedding.
        algorithm: version; raise it when results change.
    """

    label: str
    parameters: tuple[str, ...]
    fit: Callable[[Source, Mapping[str, float]], Embedding]
    algorithm: str


def pca(source: Source, parameters: Mapping[str, float]) -> Embedding:
    """The first two principal components."""
    del parameters  # it has none
    return Embedding(source.start, {})


def tsne(source: Source, parameters: Mapping[str, float]) -> Embedding:
    """t-SNE, started from the PCA map or from random points, turned and mirrored onto the PCA map at the end.

    Started anew for every perplexity, so a cell does not depend on which others are in the grid.

    Args:
        source: the data. parameters: "perplexity", from above 0 to (n − 1) / 3; "restart": if it is there, the start
            is random, another one for each value.

    Returns:
        The map, and "kl_divergence" (nats, of the stored float32 coordinates) and "iterations".

    Raises:
        ValueError: the perplexity is out of range, or needs more neighbours than the source has; or all samples are
            equal.
        FloatingPointError: the map did not stay finite.

    Source: L. van der Maaten, G. Hinton, "Visualizing Data using t-SNE", 2008; D. Kobak, P. Berens, "The art of using
    t-SNE for single-cell transcriptomics", 2019 (start and learning rate).
    """
    # imported here: a build with nothing to do must not pay for numba
    from precompute import descent

    affinities = joint_probabilities(source.neighbors, parameters["perplexity"])
    # scaled as openTSNE does, so small that early exaggeration shapes the map
    start = source.start.astype(np.float64)
    spread = start[:, 0].std()
    if not spread > 0:
        raise ValueError(
            f"the PCA map that t-SNE starts from has a spread of {spread:g} along its first axis; allowed: above 0; "
            "t-SNE needs samples that differ"
        )
    start = start / spread * 1e-4
    if "restart" in parameters:
        rng = np.random.default_rng([source.seed, int(parameters["restart"])])
        start = rng.standard_normal(start.shape) * 1e-4
    try:
        points, iterations = descent.descend(affinities, start)
    except FloatingPointError as error:
        raise FloatingPointError(f"t-SNE at perplexity {parameters['perplexity']:g}: {error}") from error
    points = align(points, source.start)
    divergence = descent.kl_divergence(affinities, points)
    return Embedding(points, {"kl_divergence": divergence, "iterations": float(iterations)})


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


def compile_kernels() -> None:
    """Compile what a map needs, or load it from disk: once, before workers start that need it."""
    from precompute import descent

    descent.compile_kernels()


def joint_probabilities(neighbors: NearestNeighbors, perplexity: float) -> csr_matrix:
    """P of t-SNE as openTSNE makes it: symmetric, summing to 1, from the 3 × perplexity nearest neighbours.

    Raises:
        ValueError: the perplexity is out of range, or needs more neighbours than there are.
    """
    from openTSNE.affinity import joint_probabilities_nn

    n, count = neighbors.indices.shape
    limit = min((n - 1) / 3, count / 3)
    if not 0 < perplexity <= limit:
        raise ValueError(
            f"perplexity is {perplexity:g}; allowed for {n} samples with {count} neighbours each: "
            f"above 0, at most {limit:g}"
        )
    wanted = int(np.ceil(3 * perplexity))
    probabilities = joint_probabilities_nn(
        neighbors.indices[:, :wanted], neighbors.distances[:, :wanted], [perplexity], n_jobs=1
    )
    probabilities.sort_indices()
    return probabilities


def align(points: NDArray[np.float32], onto: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn and, if need be, mirror a map so that it lies as the other does; shape and size stay.

    Args:
        points, onto: (n, 2) float32.

    Returns:
        (n, 2) float32, centred on the origin.

    Source: P. Schönemann, "A generalized solution of the orthogonal Procrustes problem", 1966.
    """
    from scipy.linalg import orthogonal_procrustes

    centered = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    other = onto.astype(np.float64) - onto.mean(axis=0, dtype=np.float64)
    rotation, _ = orthogonal_procrustes(centered, other)
    return np.asarray(centered @ rotation, dtype=np.float32)
