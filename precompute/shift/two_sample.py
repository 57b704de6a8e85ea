"""Tests of whether a shift is detectable: the clean half A is held against the shifted half B.

A sample is never held against its own copy: pairs would make every difference certain. Batches are other samples
anyway. All tests are given the scores on the kept components of the clean data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALGORITHM = "two-sample-1"
LIBRARIES = ("scikit-learn", "scipy", "numpy")

QUARTERS = 4
"""Parts of the samples: each is scored by a classifier that was trained on the others."""
MMD_SAMPLES = 500
"""Samples of each side that MMD² is taken from, at most."""
PERMUTATIONS = 999
"""Of the classifier and of MMD²: the smallest attainable p is 0.001."""
LABEL_PERMUTATIONS = 9_999
"""Of the label shares, where a permutation is cheaper."""
SMALLEST_SIDE = 50
"""Samples that each side must have."""
LEVEL = 0.05
"""Nothing is called drift whose corrected p is above it."""


class TooFewError(ValueError):
    """A side has too few samples to be tested."""


@dataclass(frozen=True)
class Result:
    """What a test found.

    Attributes:
        statistic: its value; what it is, and what none and more of a difference are, is in `TESTS`.
        p: chance of so large a statistic without a difference.
        smallest: the smallest p that it can give; 0 where nothing but the size of the difference limits it.
        components: (d,) p of each component, of the test that has one for each, else None.
    """

    statistic: float
    p: float
    smallest: float
    components: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Test:
    """A two-sample test and what a reader must know to read it.

    Attributes:
        label: its name on the page.
        meaning: one sentence for a reader.
        statistic: name of its statistic.
        none: value of the statistic where nothing differs, about.
        function: from scores of A and B, (n, d) and (m, d) float32, and a seed to a `Result`.
        version: raise it when results change.
    """

    __test__ = False  # no test of pytest's

    label: str
    meaning: str
    statistic: str
    none: float
    function: Callable[[NDArray[np.float32], NDArray[np.float32], int], Result]
    version: int = 1


def halves(n: int, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Samples of A and of B, each ascending: two halves of 0 … n − 1, drawn at random.

    Args:
        n: samples; of an odd number B has one more.
        seed: of the draw.
    """
    drawn = np.random.default_rng(seed).permutation(n)
    return np.sort(drawn[: n // 2]), np.sort(drawn[n // 2 :])


def check_sizes(clean: int, shifted: int) -> None:
    """Refuse sides that are too small for the tests.

    Raises:
        TooFewError: names the side, its size and what is needed.
    """
    for name, size in (("clean", clean), ("shifted", shifted)):
        if size < SMALLEST_SIDE:
            raise TooFewError(f"the {name} side has {size} samples; a test needs {SMALLEST_SIDE}")


def classifier(clean: NDArray[np.float32], shifted: NDArray[np.float32], seed: int = 0) -> Result:
    """Can a classifier tell the shifted samples from the clean ones? AUC on quarters that it was not trained on.

    A linear discriminant on the scores and their squares, so that a change of spread is seen as well as one of the
    mean. Scores of different classifiers are not compared: ranks are taken within each quarter, and the four AUC of
    Mann and Whitney are averaged. They depend on each other, since each quarter also trains the other three: with the
    normal approximation of their sum 6 of 40 splits of the clean digits were false alarms at 5 %. So p is from
    `PERMUTATIONS` permutations of the sides within the quarters, each with classifiers of its own, which costs little
    since the discriminant's covariance is that of both sides together and knows no side.

    Args:
        clean, shifted: (n, d) and (m, d) float32.
        seed: of the quarters and the permutations.

    Returns:
        AUC, 0.5 for no difference, and its one-sided p.

    Raises:
        TooFewError: a side is below `SMALLEST_SIDE`.

    Source: D. Lopez-Paz, M. Oquab, "Revisiting Classifier Two-Sample Tests", 2017; H. Mann, D. Whitney, 1947; the
    covariance by O. Ledoit, M. Wolf, "A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices", 2004.
    """
    from scipy import stats
    from sklearn.covariance import ledoit_wolf

    check_sizes(len(clean), len(shifted))
    rng = np.random.default_rng([seed, QUARTERS])
    scores = np.vstack([clean, shifted]).astype(np.float64)
    spread = scores.std(axis=0)
    scores = (scores - scores.mean(axis=0)) / np.where(spread > 0, spread, 1)
    values = np.hstack([scores, scores**2])
    quarter = np.concatenate([rng.permutation(len(part)) % QUARTERS for part in (clean, shifted)])
    sides = np.tile(np.repeat([0.0, 1.0], [len(clean), len(shifted)]), (1 + PERMUTATIONS, 1))
    for number in range(QUARTERS):
        held = np.flatnonzero(quarter == number)
        sides[1:, held] = rng.permuted(sides[1:, held], axis=1)
    areas = np.zeros(1 + PERMUTATIONS)
    for number in range(QUARTERS):
        held, train = np.flatnonzero(quarter == number), np.flatnonzero(quarter != number)
        covariance, _ = ledoit_wolf(values[train])
        ones = sides[:, train].sum(axis=1, keepdims=True)
        # from the mean of the clean side to that of the shifted one
        ways = (sides[:, train] / ones - (1 - sides[:, train]) / (len(train) - ones)) @ values[train]
        decisions = ways @ np.linalg.lstsq(covariance, values[held].T)[0]
        ranks = stats.rankdata(decisions, axis=1)
        count = sides[0, held].sum()
        larger = (ranks * sides[:, held]).sum(axis=1) - count * (count + 1) / 2
        areas += larger / (count * (len(held) - count)) / QUARTERS
    return _permuted(areas)


def mmd(clean: NDArray[np.float32], shifted: NDArray[np.float32], seed: int = 0) -> Result:
    """Maximum mean discrepancy: are pairs across the two sides farther apart than pairs within them?

    Unbiased MMD² with a Gaussian kernel exp(−d² / (2 s²)), s the median distance of all pairs, on `MMD_SAMPLES` of each
    side at most; p from `PERMUTATIONS` permutations of the sides.

    Args:
        clean, shifted: (n, d) and (m, d) float32.
        seed: of the samples drawn and the permutations.

    Raises:
        TooFewError: a side is below `SMALLEST_SIDE`.

    Source: A. Gretton, K. Borgwardt, M. Rasch, B. Schölkopf, A. Smola, "A Kernel Two-Sample Test", 2012.
    """
    from scipy.spatial import distance

    check_sizes(len(clean), len(shifted))
    rng = np.random.default_rng([seed, MMD_SAMPLES])
    parts = [
        part[np.sort(rng.choice(len(part), min(len(part), MMD_SAMPLES), replace=False))] for part in (clean, shifted)
    ]
    squares = distance.pdist(np.vstack(parts).astype(np.float64), "sqeuclidean")
    middle = float(np.median(squares))
    if middle <= 0:  # most samples are the same one
        middle = float(squares.mean())
    kernel = distance.squareform(np.exp(-squares / (2 * middle)) if middle > 0 else np.ones_like(squares))
    sides = np.zeros((len(kernel), 1 + PERMUTATIONS))
    sides[: len(parts[0]), 0] = 1
    for column in range(1, 1 + PERMUTATIONS):
        sides[rng.permutation(len(kernel))[: len(parts[0])], column] = 1
    return _permuted(_mmd_squared(kernel, sides))


def _permuted(statistics: NDArray[np.float64]) -> Result:
    """What permutations say of the first statistic, the others being theirs; equal up to rounding counts as equal."""
    extreme = int((statistics[1:] >= statistics[0] - 1e-12).sum())
    return Result(float(statistics[0]), (1 + extreme) / (1 + PERMUTATIONS), 1 / (1 + PERMUTATIONS))


def _mmd_squared(kernel: NDArray[np.float64], sides: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unbiased MMD² for each way of parting the samples: (p,).

    Args:
        kernel: (n, n), 0 on the diagonal.
        sides: (n, p) 1 for the samples of the first side, else 0.
    """
    rows = kernel.sum(axis=1)
    first = sides.sum(axis=0)
    second = len(kernel) - first
    within = (sides * (kernel @ sides)).sum(axis=0)
    across = rows @ sides - within
    other = rows.sum() - within - 2 * across
    return np.asarray(within / (first * (first - 1)) + other / (second * (second - 1)) - 2 * across / (first * second))


def components(clean: NDArray[np.float32], shifted: NDArray[np.float32], seed: int = 0) -> Result:
    """Kolmogorov–Smirnov on each component alone.

    Args:
        clean, shifted: (n, d) and (m, d) float32.
        seed: not needed: nothing of it is random.

    Returns:
        The largest distance of any component, p as d times the smallest p of a component (Bonferroni: this holds
        however components depend on each other), and the p of each.

    Raises:
        TooFewError: a side is below `SMALLEST_SIDE`.

    Source: N. Smirnov, "Table for estimating the goodness of fit of empirical distributions", 1948.
    """
    from scipy import stats

    del seed
    check_sizes(len(clean), len(shifted))
    pairs = [
        stats.ks_2samp(one, other, method="asymp")
        for one, other in zip(clean.T.astype(np.float64), shifted.T.astype(np.float64), strict=True)
    ]
    alone = np.array([pair.pvalue for pair in pairs])
    return Result(max(float(pair.statistic) for pair in pairs), min(1.0, float(alone.min()) * len(pairs)), 0.0, alone)


TESTS: Mapping[str, Test] = {
    "classifier": Test(
        "Classifier",
        "A classifier tries to tell shifted from clean samples: AUC 0.5 is guessing, 1 is always right.",
        "AUC",
        0.5,
        classifier,
    ),
    "mmd": Test(
        "MMD²",
        "Whether pairs across clean and shifted samples are less alike than pairs within: 0 is no difference.",
        "MMD²",
        0.0,
        mmd,
    ),
    "components": Test(
        "Components",
        "The largest distance between the distributions of one component (Kolmogorov–Smirnov): 0 is none, 1 all.",
        "D",
        0.0,
        components,
    ),
}


def label_shares(clean: NDArray[np.integer[Any]], shifted: NDArray[np.integer[Any]], seed: int = 0) -> Result:
    """Have the shares of the labels changed? For batches; the copies of a corruption have their originals' labels.

    Pearson's chi-square statistic, with p from `LABEL_PERMUTATIONS` tables of the same margins, not from the chi-square
    distribution: that one needs about five of each label on each side, which rare labels do not have.

    Args:
        clean, shifted: (n,) and (m,) codes; negative ones are unlabelled and left out.
        seed: of the tables drawn.

    Raises:
        TooFewError: a side has fewer than `SMALLEST_SIDE` labelled samples.

    Source: K. Pearson, 1900; tables by W. Patefield, "Algorithm AS 159", 1981.
    """
    from scipy import stats

    sides = [side[side >= 0] for side in (clean, shifted)]
    check_sizes(len(sides[0]), len(sides[1]))
    _, codes = np.unique(np.concatenate(sides), return_inverse=True)
    count = int(codes.max()) + 1
    table = np.array([np.bincount(part, minlength=count) for part in np.split(codes, [len(sides[0])])])
    smallest = 1 / (1 + LABEL_PERMUTATIONS)
    if count == 1:
        return Result(0.0, 1.0, 1.0)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    drawn = stats.random_table(table.sum(axis=1), table.sum(axis=0)).rvs(
        LABEL_PERMUTATIONS, random_state=np.random.default_rng([seed, count])
    )
    statistic = float(((table - expected) ** 2 / expected).sum())
    permuted = ((drawn - expected) ** 2 / expected).sum(axis=(1, 2))
    extreme = int((permuted >= statistic * (1 - 1e-12)).sum())
    return Result(statistic, (1 + extreme) * smallest, smallest)


@dataclass(frozen=True)
class Corrected:
    """p values corrected for their number.

    Attributes:
        p: (n,) corrected, in the order given.
        tests: how many there were.
        smallest: the smallest p that each of them can give, before the correction: that of the coarsest.
    """

    p: NDArray[np.float64]
    tests: int
    smallest: float

    @property
    def detected(self) -> NDArray[np.bool_]:
        """Which of them may be called drift: (n,)."""
        return self.p <= LEVEL


def corrected(results: Sequence[Result]) -> Corrected:
    """Correct all tests of all shifts together, so that of those called drift at most 5 % are none, on average.

    Args:
        results: of every test of every shift, at least one.

    Source: Y. Benjamini, Y. Hochberg, "Controlling the False Discovery Rate", 1995.
    """
    from scipy import stats

    p = stats.false_discovery_control(np.array([result.p for result in results]))
    return Corrected(np.asarray(p, dtype=np.float64), len(results), max(result.smallest for result in results))
