"""What nearest neighbours say of labels: how they vote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.neighbors import weights

UNLABELLED = -1
"""Code of a sample without a label: it votes for nothing, and is in no figure."""
_TIE = 1e-9
"""Share of a vote by which others may differ through the order of their sums alone."""


@dataclass(frozen=True)
class Vicinity:
    """The nearest neighbours of all samples in one space, and the labels.

    Attributes:
        neighbors: (n, m) sample numbers, nearest first, the sample itself left out.
        distances: (n, m), rising.
        labels: (n,) codes from 0, `UNLABELLED` for a sample without one.
    """

    neighbors: NDArray[np.integer[Any]]
    distances: NDArray[np.floating[Any]]
    labels: NDArray[np.int16]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which samples have a label: (n,)."""
        return np.asarray(self.labels != UNLABELLED)

    def right(self) -> NDArray[np.bool_]:
        """Whether the neighbours' weighted vote is the sample's own label: (n,), false for a sample without one.

        A tie is wrong, and so is a sample none of whose neighbours has a label.
        """
        if not self.known.any():
            return np.zeros(len(self.labels), dtype=bool)
        weight = weights(self.neighbors, self.distances)
        votes = np.zeros((len(self.labels), int(self.labels.max()) + 1))
        sample, rank = np.nonzero(self.known[self.neighbors])
        np.add.at(votes, (sample, self.labels[self.neighbors[sample, rank]]), weight[sample, rank])
        own = votes[np.arange(len(votes)), np.maximum(self.labels, 0)]
        votes[np.arange(len(votes)), np.maximum(self.labels, 0)] = 0
        return np.asarray(self.known & (own > votes.max(axis=1) * (1 + _TIE)))


def label_agreement(vicinity: Vicinity) -> float:
    """Share of the labelled samples whose neighbours' weighted vote, themselves left out, is their label: 0 … 1.

    Source: the k-nearest-neighbour rule, left-one-out (T. Cover, P. Hart, "Nearest neighbor pattern classification",
    1967), with the weights of the audit (`weights`).

    Raises:
        ValueError: no sample has a label.
    """
    if not vicinity.known.any():
        raise ValueError("no sample has a label; label agreement needs some")
    return float(vicinity.right()[vicinity.known].mean())
