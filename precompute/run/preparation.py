"""Features and neighbours of a study, from which all of its cells start: computed in a worker, into the cache."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute import features, neighbors
from precompute.machine import files
from precompute.maps import tsne
from precompute.run import dispatch, workers
from precompute.run.cells import Array, CellCache, Part
from precompute.run.parts import SOURCE
from precompute.run.study import PlannedStudy


class SourceFailed(Exception):
    """Features and neighbours of a study could not be computed, so none of its cells can be; says why."""


@dataclass(frozen=True)
class Preparation:
    """What a worker needs to know to compute features and neighbours.

    Attributes:
        values: file of the samples, (n, d) float32.
        folder: of the cache.
        key: of the part.
        variance: share to keep.
        neighbor_count: of each sample.
        withheld: whether mean and components, from which pictures could be drawn again, are left out.
    """

    values: Path
    folder: Path
    key: str
    variance: float
    neighbor_count: int
    withheld: bool = False


def have_prepared(
    study: PlannedStudy,
    cache: CellCache,
    machine: dispatch.Machine,
    compiles: bool,
) -> None:
    """Have a worker compute features and neighbours into the cache, as a cell: its death is not the build's.

    Args:
        study: whose.
        cache: where they are kept.
        machine: whose workers.
        compiles: whether a second worker compiles the kernels meanwhile, which all cells need next.

    Raises:
        SourceFailed: it could not.
        OSError: a fault of the machine.
    """
    data, plan = study.data, study.plan
    jobs = machine.jobs if compiles else 1  # as many as come after it: a pool of another size is another pool
    # as a file: what travels to a worker is copied twice, and a worker killed while it receives stops its pool's end
    with files.scratch(cache.folder, "values.npy", lambda file: np.save(file, data.values)) as path:
        task = Preparation(
            path, cache.folder, plan.source.key, study.config.variance, plan.neighbor_count, data.withheld
        )
        tasks: dict[str, Callable[[], None]] = {SOURCE: partial(prepare, task)}
        if compiles:
            tasks[dispatch.KERNELS] = tsne.compile_kernels
        try:
            with closing(workers.run(workers.call, tasks, jobs, machine.limit, machine.pool)) as found:
                result = dict(found)[SOURCE]
        finally:
            files.remove_leftovers_of(cache.path(SOURCE, plan.source.key))
    if isinstance(result, workers.TaskFailure):
        raise SourceFailed(result.reason)


def prepare(task: Preparation) -> None:
    """Compute features and neighbours and write them into the cache."""
    values = np.asarray(np.load(task.values, mmap_mode="r"))
    found = features.principal_components(values, task.variance)
    near = neighbors.nearest(found.scores, task.neighbor_count)
    arrays: dict[str, NDArray[Any]] = {
        "scores": found.scores,
        "ratio": found.ratio,
        "mean": found.mean[:0] if task.withheld else found.mean,
        "axes": found.axes[:0] if task.withheld else found.axes,
        "indices": near.indices,
        "distances": near.distances,
    }
    part = Part(task.key, {name: Array.of(array) for name, array in arrays.items()})
    CellCache(task.folder).write(SOURCE, part)
