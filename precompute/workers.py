"""Tasks in parallel processes: one thread each, one writer (the parent), and a worker's death costs one task.

Workers are spawned by loky, never forked: a forked child would keep the parent's locks after the parent's death.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class TaskFailure:
    """A task that could not be done, and why."""

    reason: str


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def affordable(jobs: int, each: int) -> int:
    """How many of `jobs` processes fit into the memory that is free now; at least one.

    Args:
        jobs: processes that cores would allow. each: bytes that one needs at its peak.
    """
    import psutil

    return max(1, min(jobs, int(psutil.virtual_memory().available // each)))


def single_threaded(function: Callable[[Task], Result], task: Task) -> Result:
    """Call a function with every numeric library held to one thread.

    The bits of a result change with the number of BLAS threads: held to one everywhere, serial runs included, a
    result does not depend on the number of jobs.
    """
    # only libraries that are loaded can be held: these two bring every BLAS and OpenMP that the stages use
    import scipy.linalg  # noqa: F401
    import sklearn.utils  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return function(task)


def attempt(function: Callable[[Task], Result], task: Task) -> Result | TaskFailure:
    """Call a function on one thread; its fault is a result, not the end of the others."""
    try:
        return single_threaded(function, task)
    except Exception as error:  # a cell's fault must not stop the others; it is shown as a hole, with this reason
        # an OSError's own text would put a path of this machine into the manifest and on the page
        text = error.strerror if isinstance(error, OSError) and error.strerror else error
        return TaskFailure(f"{type(error).__name__}: {text}")


def run(
    function: Callable[[Task], Result], tasks: Mapping[str, Task], jobs: int
) -> Iterator[tuple[str, Result | TaskFailure]]:
    """Do all tasks, at most `jobs` at once, and yield (name, result or failure) as each ends.

    When a worker dies, the tasks that are left are tried again, each alone in a fresh worker, so a task that always
    kills its worker is found out and the others finish.
    """
    if jobs == 1 or len(tasks) <= 1:
        for name, task in tasks.items():
            yield name, attempt(function, task)
        return
    left = dict(tasks)
    for name, result in _pool(function, left, jobs):
        del left[name]
        yield name, result
    for name, task in left.items():
        # it may only have shared the pool with a task that killed its worker, so it has two attempts of its own
        alone = dict(_pool(function, {name: task}, 1)) or dict(_pool(function, {name: task}, 1))
        yield name, alone.get(name, TaskFailure("its worker process died, and twice again when it ran alone"))


def _pool(
    function: Callable[[Task], Result], tasks: Mapping[str, Task], jobs: int
) -> Iterator[tuple[str, Result | TaskFailure]]:
    """Yield what a pool of workers finishes before all is done or a worker dies."""
    from joblib.externals.loky import ProcessPoolExecutor

    pool = ProcessPoolExecutor(max_workers=min(jobs, len(tasks)))
    try:
        futures: dict[Future[Any], str] = {pool.submit(attempt, function, task): name for name, task in tasks.items()}
        for future in as_completed(futures):
            try:
                result = future.result()
            except BrokenProcessPool:
                continue
            yield futures[future], result
    finally:
        pool.shutdown(wait=True, kill_workers=True)
