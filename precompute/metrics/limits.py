"""How many neighbours are looked at, and above how many samples what needs n² steps is left out."""

from __future__ import annotations

QUADRATIC_LIMIT = 5_000
"""Samples above which quadratic measures draw a sample: 5,000² distances in float64 are 200 MB."""

NEIGHBORS = 10
"""Neighbours that the neighbourhood measures look at, where there are samples enough (`neighbor_count`)."""


def neighbor_count(n: int) -> int:
    """Neighbours that the neighbourhood measures look at among n samples: fewer than half of all.

    With more, the sum of ranks that they are normalised by is too small, or negative: they would leave their ranges.
    """
    return min(NEIGHBORS, (n - 1) // 2)
