"""What a site will weigh, before it is made: from the digits' and MNIST's, so about."""

from __future__ import annotations

from dataclasses import dataclass

FIXED = 2_000_000
"""Bytes of scripts, styles and pages that every site has."""
PER_SETTING = 21_000
"""Bytes of a setting's page with its pictures (digits: 20.8 kB)."""
PER_PLACE = 60
"""Bytes for each sample on each map, in the explorer's data and the downloads."""
PER_ASSIGNMENT = 6
"""Bytes for each sample in each setting."""
PER_VALUE = 2.7
"""Bytes for each value of a picture, shown and downloaded (MNIST)."""
SECONDS_PER_PAGE = 0.035
"""Seconds for each page, of one core (digits: 625 pages in 22 s)."""


@dataclass(frozen=True)
class Weight:
    """What a study's pages weigh: how many, their bytes with all that lies beside them, seconds of one core."""

    pages: int
    size: float
    seconds: float


def weight(n: int, values: int, maps: int, settings: int) -> Weight:
    """What the pages of a study weigh.

    Args:
        n: samples. values: of each picture, 0 without pictures. maps, settings: of the grid.
    """
    pages = settings + 5
    size = FIXED + PER_SETTING * settings + n * (PER_PLACE * maps + PER_ASSIGNMENT * settings + PER_VALUE * values)
    return Weight(pages, size, SECONDS_PER_PAGE * pages)
