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

EXACT_LIMIT = 15_000
"""Samples up to which the exact gradient is used, and openTSNE's interpolation (FFT) above: where the two cross.

Milliseconds an iteration on one thread, MNIST at perplexity 30, tests/benchmarks/bench_scaling.py: 0.51 against 8.1 at
n = 1,797; 8.1 against 19.4 at 10,000; 17.6 against 22.7 at 15,000; 67 against 37 at 30,000; 327 against 70 at 70,000.
Barnes–Hut is slower than the exact gradient at every size measured, up to 70,000."""

EARLY_ITERATIONS = 100
EARLY_EXAGGERATION = 12.0
EARLY_MOMENTUM = 0.5
MOMENTUM = 0.9
CHECK_EVERY = 50
LEAST_IMPROVEMENT = 1e-3
MOST_ITERATIONS = 1_000
"""The stop rule: after the early phase, stop when 50 iterations improve KL by less than 0.1 %, at the latest after
1,000. Tried on the digits, mean KL over perplexities 5, 8 … 50: momentum 0.9 in place of the usual 0.8 ends lower
(at perplexity 5: 0.838 against 0.878); an early phase of 100 iterations (0.7392) is no worse than the usual 250
(0.7400) and takes 17 % less time in all; stopping at 0.2 % takes another 17 % less, but ends higher (0.7414)."""

FFT_LEAST_IMPROVEMENT = 1e-2
"""The same rule with 1 % for the interpolated gradient, whose iterations grow dearer as the map spreads. MNIST, 70,000
samples, perplexity 30, one thread: it stops after 500 iterations at KL 2.83 (70 s); openTSNE's own 750 iterations end
at 2.86 (111 s with its neighbours), 800 of these at 2.73 (168 s)."""


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
    affinities = joint_probabilities(source.neighbors, parameters["perplexity"])
    n = len(source.start)
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
    descend = _descend_exactly if n <= EXACT_LIMIT else _descend_by_fft
    points, iterations = descend(affinities, start, source.seed)
    if not np.isfinite(points).all():  # before it is aligned, which would fail with less to say
        raise FloatingPointError(f"t-SNE at perplexity {parameters['perplexity']:g}: the map did not stay finite")
    points = align(points, source.start)
    return Embedding(points, {"kl_divergence": kl_divergence(affinities, points), "iterations": float(iterations)})


METHODS: Mapping[str, Method] = {
    "pca": Method("PCA", (), pca, "pca-map-1"),
    "tsne": Method("t-SNE", ("perplexity",), tsne, "tsne-3"),
}


def compile_kernels() -> None:
    """Compile the gradient, or load it from disk: once, before workers start that need it."""
    from scipy.sparse import csr_matrix

    few = csr_matrix(np.full((4, 4), 1 / 16))
    points, _ = _descend_exactly(few, np.eye(4, 2), 0, most=CHECK_EVERY)
    kl_divergence(few, points)


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


def kl_divergence(affinities: csr_matrix, points: NDArray[np.float32]) -> float:
    """KL divergence, in nats, of a map from its affinities, exact."""
    from precompute import gradient

    x, y = (np.ascontiguousarray(points[:, axis], dtype=np.float32) for axis in range(2))
    return float(gradient.kl_divergence(affinities.indptr, affinities.indices, affinities.data, x, y))


def has_converged(before: float, now: float, least: float = LEAST_IMPROVEMENT) -> bool:
    """The stop rule: whether KL improved by less than the share `least` of itself since the last check."""
    return before - now < least * before


def _descend_exactly(
    affinities: csr_matrix, start: NDArray[np.float64], seed: int, most: int = MOST_ITERATIONS
) -> tuple[NDArray[np.float32], int]:
    """Run t-SNE with the exact gradient; (n, 2) float32 and the number of iterations."""
    from precompute import gradient

    del seed  # nothing here is random
    n = len(start)
    indptr, indices = affinities.indptr, affinities.indices
    single = affinities.data.astype(np.float32)
    x, y = (np.ascontiguousarray(start[:, axis], dtype=np.float32) for axis in range(2))

    def fresh() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return np.zeros((2, n), dtype=np.float32), np.ones((2, n), dtype=np.float32)

    gradient.descend(
        indptr,
        indices,
        single,
        x,
        y,
        *fresh(),
        EARLY_ITERATIONS,
        EARLY_EXAGGERATION,
        n / EARLY_EXAGGERATION,
        EARLY_MOMENTUM,
    )
    update, gains = fresh()
    before, done = np.inf, 0
    while done < most:
        gradient.descend(indptr, indices, single, x, y, update, gains, CHECK_EVERY, 1.0, float(n), MOMENTUM)
        done += CHECK_EVERY
        now = gradient.kl_divergence(indptr, indices, affinities.data, x, y)
        if has_converged(before, now):
            break
        before = now
    return np.stack([x, y], axis=1), EARLY_ITERATIONS + done


def _descend_by_fft(affinities: csr_matrix, start: NDArray[np.float64], seed: int) -> tuple[NDArray[np.float32], int]:
    """Run t-SNE with openTSNE's interpolated gradient, for large data; as `_descend_exactly`."""
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PrecomputedAffinities

    embedding = TSNEEmbedding(
        start.copy(),
        PrecomputedAffinities(affinities, normalize=False),
        negative_gradient_method="fft",
        n_jobs=1,
        random_state=seed,
    )
    embedding.optimize(EARLY_ITERATIONS, inplace=True, exaggeration=EARLY_EXAGGERATION, momentum=EARLY_MOMENTUM)
    before, done = np.inf, 0

    def stop(iteration: int, error: float, _: NDArray[np.float64]) -> bool:
        nonlocal before, done
        done = iteration
        converged = has_converged(before, error, FFT_LEAST_IMPROVEMENT)
        before = error
        return converged

    embedding = embedding.optimize(
        MOST_ITERATIONS, momentum=MOMENTUM, callbacks=stop, callbacks_every_iters=CHECK_EVERY
    )
    return np.asarray(embedding, dtype=np.float32), EARLY_ITERATIONS + done


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
