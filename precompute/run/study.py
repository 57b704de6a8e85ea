"""A study before it is computed: its data, the grid that these allow, and its plan, made once and passed on."""

from __future__ import annotations

from dataclasses import dataclass

from precompute.config import Grid, StudyConfig
from precompute.dataset import Dataset
from precompute.run.plan import Plan, plan


@dataclass(frozen=True)
class PlannedStudy:
    """A study that can be computed.

    Attributes:
        data: the samples.
        config: what was asked for.
        grid: the settings, as the data allow them.
        plan: all cells, and what each is made from.
        notes: what a person should know of the grid.
    """

    data: Dataset
    config: StudyConfig
    grid: Grid
    plan: Plan
    notes: tuple[str, ...] = ()


def planned(data: Dataset, config: StudyConfig) -> PlannedStudy:
    """Fit the grid to the data, and plan the cells.

    Raises:
        ConfigError: the grid does not fit the data.
        ValueError: a method cannot be computed over this grid; see `maps.registry.check_method`.
    """
    grid, notes = config.fitted(data)
    return PlannedStudy(data, config, grid, plan(data, config, grid), tuple(notes))
