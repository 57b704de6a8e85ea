"""What a study will cost, before it is computed: from figures that were measured once, so about, on a usual machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from precompute import store
from precompute.clusterers import registry as clusterers_registry
from precompute.maps import registry as maps_registry
from precompute.run import cells
from precompute.run.cells import CellCache
from precompute.run.plan import EmbeddingPlan, Plan
from precompute.run.study import PlannedStudy

START = 10.0
"""Seconds until workers have loaded their libraries and know the features, whatever the data."""
NEIGHBORS = 1.5e-8
"""Seconds for each pair of samples that the true neighbours take: 10,000 and 20,000 samples of 154 components."""
MEASURES = (7e-7, 1.38)
"""Seconds a setting takes to be measured: factor and power of the number of samples."""


@dataclass(frozen=True)
class Cost:
    """What is to be computed of a study.

    Attributes:
        maps: of the grid.
        settings: of the grid.
        missing: cells that no earlier build computed.
        seconds: about, that these take.
    """

    maps: int
    settings: int
    missing: int
    seconds: float


def cost(study: PlannedStudy, results: Path, jobs: int) -> Cost:
    """What a study costs.

    Args:
        study: that is to be computed.
        results: where earlier builds left what they computed.
        jobs: processes at once.
    """
    plan, n = study.plan, study.data.n
    before = store.read_cells(results / study.config.id)
    known = {cell.key for cell in before.cells.values()} if before else set()
    cache = CellCache(results / cells.CACHE_FOLDER / study.config.id)
    for name, part in plan.every.items():  # by its file alone: what is in it is read when it is used
        if cache.path(name, part.cell.key).is_file():
            known |= {cell.key for cell in part.cells.values()}
    missing = sum(cell.key not in known for cell in plan.cells.values())
    work = sum(_seconds(part, n, known) for part in plan.every.values())
    seconds = work / jobs + (START if missing else 0.0)
    if plan.source.key not in known:
        seconds += NEIGHBORS * n * n
    maps = sum(part.is_map for part in plan.parts.values())
    return Cost(maps, settings_of(plan), missing, seconds)


def settings_of(plan: Plan) -> int:
    """How many settings the grid has."""
    return sum(len(part.settings) for part in plan.parts.values())


def _seconds(part: EmbeddingPlan, n: int, known: set[str]) -> float:
    """Seconds of one core that a part takes."""
    seconds = 0.0
    if part.is_map and part.cell.key not in known:
        seconds += maps_registry.METHODS[part.method].seconds(n, part.parameters)
    factor, power = MEASURES
    for one in part.settings.values():
        if not {one.clusters.key, one.metrics.key} <= known:
            seconds += factor * n**power + clusterers_registry.CLUSTERERS[one.clusterer].seconds(n, one.parameters)
    return seconds
