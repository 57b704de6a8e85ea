"""Measures of a representation, and of two of the same samples, free of any map and of any number of clusters.

A new measure is one function and one entry in `REPRESENTATION_METRICS` or `PAIR_METRICS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from precompute.metrics.registry import EVERYWHERE, Metric
from precompute.metrics.vicinity import Vicinity, label_agreement

_BLOCK = 4_000_000
"""Numbers of a product of two matrices that are held at once: 32 MB."""
_DRAWS = 2_000
LEVEL = 0.95
"""Share of the draws that an interval holds."""


@dataclass(frozen=True)
class Pair:
    """Two representations of the same samples.

    Attributes:
        scores: for each, (n, m) float32, the principal components that are kept.
        neighbors: for each, (n, count) nearest neighbours, the sample itself left out.
    """

    scores: tuple[NDArray[np.float32], NDArray[np.float32]]
    neighbors: tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]]]


def common_neighbors(pair: Pair) -> float:
    """Mean over samples of the Jaccard index of their neighbours, common ones over all: 0 … 1.

    Source: P. Jaccard, "The distribution of the flora in the alpine zone", 1912.
    """
    one, other = pair.neighbors
    count = one.shape[1]
    common = (one[:, :, None] == other[:, None, :]).any(axis=2).sum(axis=1)
    return float((common / (2 * count - common)).mean())


def alignment(pair: Pair) -> float:
    """Debiased linear CKA: 1 if one is the other but for rotation and one scale, about 0 if they are independent.

    Source: S. Kornblith et al., "Similarity of neural network representations revisited", 2019; debiased as in
    T. Nguyen et al., "Do wide and deep networks learn the same things?", 2021, by the unbiased estimate of the
    Hilbert–Schmidt independence criterion of L. Song et al., "Feature selection via dependence maximization", 2012.

    Raises:
        ValueError: fewer than four samples, for which the estimate is not defined.
    """
    one, other = (scores.astype(np.float64) - scores.mean(axis=0, dtype=np.float64) for scores in pair.scores)
    if len(one) < 4:
        raise ValueError(f"{len(one)} samples; CKA needs at least 4")
    below = _independence(one, one) * _independence(other, other)
    return _independence(one, other) / below**0.5 if below > 0 else 0.0


def _independence(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Unbiased estimate of the criterion for linear kernels whose diagonals are left out, without an (n, n) matrix."""
    n = len(one)
    lengths = [(each**2).sum(axis=1) for each in (one, other)]
    sums = [each @ each.sum(axis=0) - length for each, length in zip((one, other), lengths, strict=True)]
    columns = max(1, _BLOCK // other.shape[1])
    together = -float(lengths[0] @ lengths[1])
    for begin in range(0, one.shape[1], columns):
        together += float(((one[:, begin : begin + columns].T @ other) ** 2).sum())
    totals = float(sums[0].sum()) * float(sums[1].sum()) / ((n - 1) * (n - 2))
    return (together + totals - 2 / (n - 2) * float(sums[0] @ sums[1])) / (n * (n - 3))


@dataclass(frozen=True)
class Difference:
    """How much more often one representation's neighbours are right than another's.

    Attributes:
        mean: of the samples' differences, in −1 … 1; above 0 where the first is right more often.
        low, high: ends of its interval at `LEVEL`.
        verdict: "better" or "worse" only where the interval leaves out 0, else None.
    """

    mean: float
    low: float
    high: float

    @property
    def verdict(self) -> Literal["better", "worse"] | None:
        """Of the first."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else None


def difference(first: Vicinity, second: Vicinity, seed: int = 0) -> Difference:
    """Label agreement of one representation less that of another, with a paired bootstrap interval over samples.

    Each sample is −1, 0 or 1, so that to draw n of them with replacement is to draw how often each of the three comes.
    Samples share neighbours, which the interval does not know: it is that of other samples judged by the same ones.

    Args:
        first, second: of the same samples, with the same labels.
        seed: of the draws.

    Raises:
        ValueError: the labels are not the same, or there are none.

    Source: B. Efron, R. Tibshirani, "An introduction to the bootstrap", 1993, the percentile interval.
    """
    if not np.array_equal(first.labels, second.labels):
        raise ValueError("the two representations have different labels; needed: the same samples and labels")
    known = first.known
    if not known.any():
        raise ValueError("no sample has a label; label agreement needs some")
    signs = first.right()[known].astype(np.int64) - second.right()[known]
    counts = np.bincount(signs + 1, minlength=3)
    drawn = np.random.default_rng(seed).multinomial(len(signs), counts / len(signs), size=_DRAWS)
    means = (drawn[:, 2] - drawn[:, 0]) / len(signs)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Difference(float(signs.mean()), float(low), float(high))


REPRESENTATION_METRICS: Mapping[str, Metric[Vicinity]] = {
    "label_agreement": Metric(
        "Label agreement",
        "Share of samples whose {neighbors} nearest neighbours, weighted by their distance, vote for their label.",
        label_agreement,
        0,
        1,
        "higher",
        "features",
        EVERYWHERE,
        needs_labels=True,
    ),
}
"""Measures of one representation, in the kept principal components."""

PAIR_METRICS: Mapping[str, Metric[Pair]] = {
    "common_neighbors": Metric(
        "Common neighbours",
        "Mean overlap (Jaccard index) of the {neighbors} nearest neighbours in the two representations.",
        common_neighbors,
        0,
        1,
        None,
        "features",
        EVERYWHERE,
    ),
    "cka": Metric(
        "CKA",
        "How alike all distances are, debiased linear CKA: 1 is the same but for rotation and scale, 0 is unrelated.",
        alignment,
        None,
        1,
        None,
        "features",
        EVERYWHERE,
    ),
}
"""Measures of two representations of the same samples."""
