"""Random numbers that belong to a sample: they depend on the seed and the sample's own number, never on its company."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Draws:
    """Random numbers of a batch of samples, a stream for each.

    The counter of a Philox generator (J. Salmon and others: "Parallel Random Numbers: As Easy as 1, 2, 3", 2011) holds
    the sample's number, so no stream is made from another one. Severities of one corruption are given the same
    numbers: a fog becomes denser, and is not another fog.
    """

    def __init__(self, seed: int, name: str, numbers: Sequence[int] | NDArray[np.integer[Any]]) -> None:
        """Begin the streams.

        Args:
            seed: from 0.
            name: of what the numbers are for; another name has other numbers.
            numbers: (n,) the samples' own numbers, from 0.
        """
        self._key = [seed, zlib.crc32(name.encode())]
        self._numbers = [int(number) for number in numbers]
        self._calls = 0

    def uniform(self, *shape: int) -> NDArray[np.float64]:
        """Numbers in [0, 1): (n, *shape) float64."""
        return self._each(lambda stream, _: stream.random(shape), shape)

    def normal(self, *shape: int) -> NDArray[np.float64]:
        """Numbers of the standard normal distribution: (n, *shape) float64."""
        return self._each(lambda stream, _: stream.standard_normal(shape), shape)

    def poisson(self, means: NDArray[np.float64]) -> NDArray[np.float64]:
        """Counts with given means: (n, …) → the same shape, float64."""
        return self._each(lambda stream, row: stream.poisson(means[row]), means.shape[1:])

    def directions(self) -> NDArray[np.float64]:
        """−1 or 1 for each sample: (n,) float64."""
        return np.where(self.uniform() < 0.5, -1.0, 1.0)

    def _each(
        self, draw: Callable[[np.random.Generator, int], NDArray[Any] | float], shape: tuple[int, ...]
    ) -> NDArray[np.float64]:
        self._calls += 1
        numbers = np.empty((len(self._numbers), *shape))
        bits = np.random.Philox(key=self._key)
        stream, state = np.random.Generator(bits), bits.state
        for row, number in enumerate(self._numbers):
            # the upper words of the counter: the lower ones count what a stream has given; to set it takes 2 µs, a
            # generator for each sample 40
            state["state"]["counter"] = np.array([0, 0, self._calls, number], dtype=np.uint64)
            bits.state = state
            numbers[row] = draw(stream, row)
        return numbers
