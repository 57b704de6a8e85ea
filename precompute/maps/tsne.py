"""t-SNE: affinities by openTSNE, descent by `descent`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
from precompute.maps.align import align
from precompute.maps.method import Embedding, NearestNeighbors, Source
from precompute.parameters import Parameter

PERPLEXITY = Parameter(
    name="perplexity",
    letter="p",
    label="Perplexity",
    unit="neighbours",
    meaning="About how many neighbours t-SNE keeps close to each sample.",
    default=tuple(float(value) for value in range(5, 51)),
    large=(10.0, 30.0, 50.0, 100.0),
    own=lambda _: (5.0, 8.0, 12.0, 20.0, 30.0, 50.0),  # maps that differ: tests/benchmarks/bench_spacing.py
    coarse=(10.0, 30.0, 50.0, 100.0),  # the default grid has the last above 15,000 samples only
    start=lambda _: 30.0,
    whole=False,
    limits=lambda facts: (1.0, (facts.n - 1) / 3),
    neighbors=lambda value: math.ceil(3 * value),
)


def tsne(source: Source, parameters: Mapping[str, float]) -> Embedding:
    """t-SNE, started from the PCA map or from random points, turned and mirrored onto the PCA map at the end.

    Started anew for every perplexity, so a cell does not depend on which others are in the grid.

    Args:
        source: the data.
        parameters: "perplexity", from above 0 to (n − 1) / 3; "restart": if it is there, the start is random, another
            one for each value.

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
    from precompute.maps import descent

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


def compile_kernels() -> None:
    """Compile what a map needs, or load it from disk: once, before workers start that need it."""
    from precompute.maps import descent

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
