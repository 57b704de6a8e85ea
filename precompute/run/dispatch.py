"""Dispatch: where the tasks of a study are done, on this machine's cores or on a cluster's workers."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from precompute.maps import tsne
from precompute.run import cluster, environment, workers
from precompute.run.cells import CellCache, Part
from precompute.run.parts import Task, compute_local, compute_remote, read_prepared

if TYPE_CHECKING:
    from distributed import Client


KERNELS = "kernels"
"""Name of the task that compiles what embeddings need, for all workers."""


@dataclass(frozen=True)
class Machine:
    """Where cells are computed, and what they may take.

    Attributes:
        jobs: processes at once on this machine.
        scheduler: address of a dask scheduler whose workers compute the cells; None: this machine does.
        limit: seconds that an embedding with its clusterings, or features and neighbours, may take on this machine;
            None: as long as they need; see `workers.run`.
        pool: this machine's workers, to use and to leave for the next study; None: some for this one.
    """

    jobs: int = 1
    scheduler: str | None = None
    limit: float | None = None
    pool: workers.WorkerPool | None = None


@contextmanager
def connected(scheduler: str | None, pending: Sequence[str]) -> Iterator[Client | None]:
    """Connected to the scheduler, if there is one and something to compute; before anything is computed.

    Raises:
        ClusterError: its workers cannot be used.
    """
    if scheduler is None or not pending:
        yield None
        return
    with cluster.connect(scheduler, sorted(environment.libraries())) as client:
        yield client


def run(
    tasks: Mapping[str, Task],
    known: Mapping[str, Part | None],
    cache: CellCache,
    machine: Machine,
    each: int,
    client: Client | None,
    notes: list[str],
    compiled: bool = False,
) -> Generator[tuple[str, Part | workers.TaskFailure]]:
    """Do the tasks, on the cluster if there is one, and yield (name, part or failure) as each ends.

    Args:
        tasks: by name.
        known: what earlier builds computed of each.
        cache: where this machine's workers read.
        machine: how many processes at once, if memory allows, and for how long.
        each: bytes that one needs.
        client: of a cluster.
        notes: told of a cluster that was lost; what it leaves is done here.
        compiled: whether the kernels are.
    """
    left = dict(tasks)
    if client is not None and left:
        prepared = read_prepared(cache.folder, next(iter(left.values())).source_key)
        sent = {name: (task, known[name]) for name, task in left.items()}
        try:
            for name, result in cluster.run(client, compute_remote, sent, prepared):
                del left[name]
                yield name, result
        except cluster.SchedulerLost as lost:
            notes.append(f"the cluster was lost ({lost}); {len(left)} of {len(tasks)} tasks were computed here instead")
    if not left:
        return
    jobs = _affordable(machine.jobs, each, notes)
    if len(left) > 1 and not compiled:  # once, before several workers would all do it; a single one does it itself
        list(workers.run(workers.call, {KERNELS: tsne.compile_kernels}, jobs, machine.limit, machine.pool))
    yield from workers.run(compute_local, left, jobs, machine.limit, machine.pool)


def _affordable(jobs: int, each: int, notes: list[str]) -> int:
    """As many processes as memory allows; a note if that is fewer than asked for."""
    allowed = workers.affordable(jobs, each)
    if allowed < jobs:
        notes.append(f"{allowed} of {jobs} processes at once: each may need {each / 1e9:.1f} GB of memory")
    return allowed
