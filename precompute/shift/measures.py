"""Measures of a shift: what it harms. One function and one entry in `MEASURES` each.

Every measure is a number for each sample, so that a label's share and the samples that moved most come from the same
function as the figure of the whole shift.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from precompute import neighbors
from precompute.metrics.vicinity import UNLABELLED

ALGORITHM = "shift-measures-1"
LIBRARIES = ("numpy",)
NONE = -1
"""No original: the sample of a later batch."""


@dataclass(frozen=True)
class Shifted:
    """Samples of a shift, beside what the clean data gave in one representation.

    Attributes:
        labels: (m,) codes, `UNLABELLED` where there is none.
        nearest_center: (m,) the nearest of the clean centres.
        center_labels: (k,) dominant label of each, `UNLABELLED` where there is none.
        neighbors: (m, count) nearest clean samples, a sample's own original left out.
        distances: (m, count) to them.
        clean_labels: (n,) codes of the clean samples.
        clean_centers: (n,) their nearest centres.
        clean_distances: (n, count) to their own neighbours.
        own: (m,) the clean sample that each was made from, or `NONE`.
    """

    labels: NDArray[np.integer[Any]]
    nearest_center: NDArray[np.integer[Any]]
    center_labels: NDArray[np.integer[Any]]
    neighbors: NDArray[np.integer[Any]]
    distances: NDArray[np.floating[Any]]
    clean_labels: NDArray[np.integer[Any]]
    clean_centers: NDArray[np.integer[Any]]
    clean_distances: NDArray[np.floating[Any]]
    own: NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Measure:
    """A measure of a shift and what a reader must know to read it.

    Attributes:
        label: its name on the page.
        meaning: one sentence for a reader; "{neighbors}" stands for how many neighbours are looked at.
        function: from `Shifted` to a number for each sample, NaN where it does not count.
        better: which way is better.
        unit: "share" (0 … 1) or "times" (the clean data are 1).
        summary: how the numbers of samples become one.
        decimals: digits after the point on the page.
        needs_labels: it is left out where there are none.
        needs_originals: it is left out where the samples were not made from clean ones.
        version: raise it when the function's results change.
    """

    label: str
    meaning: str
    function: Callable[[Shifted], NDArray[np.float64]]
    better: Literal["higher", "lower"]
    unit: Literal["share", "times"] = "share"
    summary: Literal["mean", "median"] = "mean"
    decimals: int = 3
    needs_labels: bool = False
    needs_originals: bool = False
    version: int = 1

    def applies(self, shift: Shifted) -> bool:
        """Whether the samples have what it needs."""
        labelled = bool((shift.labels != UNLABELLED).any())
        return (labelled or not self.needs_labels) and (bool((shift.own != NONE).any()) or not self.needs_originals)

    def of(self, numbers: NDArray[np.float64]) -> float:
        """One number from those of samples; NaN where none counts."""
        counted = numbers[~np.isnan(numbers)]
        if not len(counted):
            return float("nan")
        return float(np.mean(counted) if self.summary == "mean" else np.median(counted))

    def explained(self, count: int) -> str:
        """Its meaning where so many neighbours are looked at."""
        return self.meaning.replace("{neighbors}", str(count))


def wrong_center(shift: Shifted) -> NDArray[np.float64]:
    """1 where the nearest centre bears another label, else 0; NaN without a label."""
    label = shift.center_labels[shift.nearest_center]
    unknown = (shift.labels == UNLABELLED) | (label == UNLABELLED)
    return np.where(unknown, np.nan, label != shift.labels)


def label_agreement(shift: Shifted) -> NDArray[np.float64]:
    """Share of the same label among the clean neighbours that have one; NaN without a label."""
    labels = shift.clean_labels[shift.neighbors]
    labelled = (labels != UNLABELLED).sum(axis=1)
    same = (labels == shift.labels[:, None]).sum(axis=1)
    return np.where((shift.labels == UNLABELLED) | (labelled == 0), np.nan, same / np.maximum(labelled, 1))


def changed_cluster(shift: Shifted) -> NDArray[np.float64]:
    """1 where the nearest centre is another than the original's, else 0; NaN without an original."""
    before = shift.clean_centers[np.maximum(shift.own, 0)]
    return np.where(shift.own == NONE, np.nan, shift.nearest_center != before)


def distance(shift: Shifted) -> NDArray[np.float64]:
    """Mean distance to the neighbours, in those of the median clean sample."""
    usual = float(np.median(shift.clean_distances.mean(axis=1, dtype=np.float64)))
    means = shift.distances.mean(axis=1, dtype=np.float64)
    return means / usual if usual > 0 else np.full(len(means), np.nan)


MEASURES: Mapping[str, Measure] = {
    "wrong_center": Measure(
        "Wrong centre",
        "Share of samples whose nearest centre of the clean data bears another label.",
        wrong_center,
        "lower",
        needs_labels=True,
    ),
    "label_agreement": Measure(
        "Label agreement",
        "Share of the {neighbors} nearest clean samples that bear the sample's own label, its original left out.",
        label_agreement,
        "higher",
        needs_labels=True,
    ),
    "changed_cluster": Measure(
        "Changed cluster",
        "Share of samples that are nearest to another centre than their original.",
        changed_cluster,
        "lower",
        needs_originals=True,
    ),
    "distance": Measure(
        "Distance to neighbours",
        "How far the {neighbors} nearest clean samples are, against the clean data's own: 1 is as near.",
        distance,
        "lower",
        unit="times",
        summary="median",
        decimals=2,
    ),
}


def nearest_centers(scores: NDArray[np.float32], centers: NDArray[np.floating[Any]]) -> NDArray[np.int32]:
    """The nearest centre of each sample, the lower on a tie: (m,) int32.

    Args:
        scores: (m, d) float32.
        centers: (k, d).
    """
    return neighbors.nearest_among(scores, centers, 1).indices[:, 0]


def measure(shift: Shifted) -> dict[str, float]:
    """Every measure that applies: name → figure of the whole shift, in the registry's order."""
    return {name: one.of(one.function(shift)) for name, one in MEASURES.items() if one.applies(shift)}


def by_label(shift: Shifted) -> dict[str, dict[int, float]]:
    """Every measure that applies, for each label alone: name → label → figure. The unlabelled are in none."""
    labels = [int(label) for label in np.unique(shift.labels) if label != UNLABELLED]
    figures = {}
    for name, one in MEASURES.items():
        if one.applies(shift):
            numbers = one.function(shift)
            figures[name] = {label: one.of(numbers[shift.labels == label]) for label in labels}
    return figures
