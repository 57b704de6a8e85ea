"""Who is next to whom: data scripts from which a page finds the nearest neighbours of every sample, exactly.

The explorer's coordinates have 16 bits, enough to draw; of two neighbours almost equally far away they may swap the
tenth and the eleventh. These scripts hold the tables' own float32 coordinates, so that what a page finds is what anyone
finds in the tables. Neighbours in feature space come from neighbors.parquet as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from precompute.store import FEATURES
from site_templates.data.choices import maps
from site_templates.data.chunk import Chunk, chunk
from site_templates.data.columns import floats, numbers
from site_templates.views import StudyView


@dataclass(frozen=True)
class Neighborhoods:
    """The scripts by what was clustered, a map's slug or that of the features; and how many neighbours they have."""

    chunks: dict[str, Chunk]
    count: int


def neighborhoods(view: StudyView) -> Neighborhoods:
    """One script for each map to choose from: x and y, float32; one for the features: neighbours of each sample."""
    found = {}
    for info in maps(view.manifest):
        points = view.points(info)
        found[info.slug] = chunk(f"places-{info.slug}", {"x": floats(points[:, 0]), "y": floats(points[:, 1])})
    rows = view.study.tables["neighbors"]
    sample, rank, neighbor = (rows.column(name).to_numpy() for name in ("sample", "rank", "neighbor"))
    ordered = neighbor[np.lexsort((rank, sample))]
    found[FEATURES] = chunk(f"places-{FEATURES}", {"neighbors": numbers(ordered)})
    return Neighborhoods(found, len(ordered) // view.manifest.dataset.n)
