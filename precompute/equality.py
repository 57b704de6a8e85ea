"""Equality: how many points differ, which no number of clusters can exceed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def different(points: NDArray[np.float32], enough: int) -> int:
    """How many of the points differ, counted up to `enough`.

    Args:
        points: (n, d); they are the same where all numbers are equal.
    """
    seen: set[bytes] = set()
    for point in points:
        if len(seen) >= enough:
            break
        seen.add((point + 0).tobytes())  # + 0: −0 is equal to 0
    return len(seen)
