"""Which number of clusters comes back on other samples, and where the measures agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

STRONG = 0.8
"""Prediction strength from which a number of clusters counts as found: the authors' lower bound."""
CLEAR = 0.05
"""How far a silhouette has to lie above the shuffled baseline's to speak for clusters at all."""


def prediction_strength(table: NDArray[np.int64]) -> float:
    """How well the clusters of one half foretell which samples of the other half are together: 0 … 1.

    Args:
        table: (clusters of this half, clusters of the other half's centres) counts of this half's samples.

    For each cluster of this half, the share of its pairs of samples that the other half's nearest centres also put
    together; the least of these. A cluster of one has no pair, and nothing that comes back: it counts as 0.

    Source: R. Tibshirani, G. Walther, "Cluster validation by prediction strength", 2005.
    """
    sizes = table.sum(axis=1)
    pairs = sizes * (sizes - 1)
    together = (table * (table - 1)).sum(axis=1)
    return float(np.divide(together, pairs, out=np.zeros(len(table)), where=pairs > 0).min())


@dataclass(frozen=True)
class Curve:
    """The two measures that need no labels, for ascending k.

    Attributes:
        strengths: for each k, prediction strength of each halving.
        silhouettes: for each k, the silhouette less the shuffled baseline's.
    """

    strengths: Mapping[int, Sequence[float]]
    silhouettes: Mapping[int, float]


@dataclass(frozen=True)
class Advice:
    """Which k the measures name.

    Attributes:
        k: what both name; None where they do not agree.
        by_strength: the largest k whose clusters come back on other samples; None if those of no k do.
        by_silhouette: the k whose silhouette lies highest above the baseline's; None if none lies clearly above.
        reason: "agree", "differ", or which of the two names nothing: "not strong", "not clear", "neither".
    """

    k: int | None
    by_strength: int | None
    by_silhouette: int | None
    reason: Literal["agree", "differ", "not strong", "not clear", "neither"]


def advised(curve: Curve) -> Advice:
    """The k that prediction strength and silhouette both name, if there is one.

    Prediction strength names the largest k of which mean and standard error over the halvings together reach `STRONG`,
    the rule of its authors.
    """
    strong = [k for k, values in curve.strengths.items() if _upper(values) >= STRONG]
    clear = [k for k, value in curve.silhouettes.items() if value >= CLEAR]
    by_strength = max(strong, default=None)
    by_silhouette = max(clear, key=lambda k: (curve.silhouettes[k], -k), default=None)
    if by_strength is None or by_silhouette is None:
        missing = (by_strength is None, by_silhouette is None)
        reason: Literal["not strong", "not clear", "neither"] = (
            "neither" if all(missing) else "not strong" if missing[0] else "not clear"
        )
        return Advice(None, by_strength, by_silhouette, reason)
    if by_strength != by_silhouette:
        return Advice(None, by_strength, by_silhouette, "differ")
    return Advice(by_strength, by_strength, by_silhouette, "agree")


def _upper(values: Sequence[float]) -> float:
    array = np.array(values)
    error = float(array.std(ddof=1)) / len(array) ** 0.5 if len(array) > 1 else 0.0
    return float(array.mean()) + error
