"""What every method of making maps takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from precompute.parameters import Parameter, unknown_seconds


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
        features: (n, m) float32.
        neighbors: true neighbours, as many as the largest perplexity needs.
        start: (n, 2) float32, the PCA map.
        seed: of everything random.
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


LIBRARIES = ("numba", "scikit-learn", "scipy", "numpy")
"""Libraries that decide the bits of most maps."""


@dataclass(frozen=True)
class Method:
    """An embedding method.

    Attributes:
        label: its name on the page.
        parameters: what it can be set to; the first is the axis of the heat map.
        fit: makes an embedding, from a value of each of its parameters by name. Where the method is stochastic, a
            further one, "restart", asks for another random start, one for each value.
        algorithm: version; raise it when results change.
        stochastic: whether its maps depend on a random start, so that others are looked at beside the one shown.
        evidence: whether clusters on its maps are evidence in the audit of labels where others are there, too.
        libraries: that decide the bits of its maps.
        seconds: of one core that a map of so many samples with such parameters takes, about: for the estimate before
            a build.
    """

    label: str
    parameters: tuple[Parameter, ...]
    fit: Callable[[Source, Mapping[str, float]], Embedding]
    algorithm: str
    stochastic: bool = False
    evidence: bool = True
    libraries: tuple[str, ...] = LIBRARIES
    seconds: Callable[[int, Mapping[str, float]], float] = unknown_seconds
