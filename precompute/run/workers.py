"""Tasks in parallel processes: one thread each, one writer (the parent), and a worker's death costs one task.

Workers are spawned by loky, never forked: a forked child would keep the parent's locks after the parent's death.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from precompute.machine import interrupts, os_errors

Task = TypeVar("Task")
Result = TypeVar("Result")


TICK = 0.5
"""Seconds of waiting at a time: on Windows nothing interrupts a wait."""


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
        jobs: processes that cores would allow.
        each: bytes that one needs at its peak.
    """
    import psutil

    return max(1, min(jobs, int(psutil.virtual_memory().available // each)))


def single_threaded(function: Callable[[Task], Result], task: Task) -> Result:
    """Call a function with every numeric library held to one thread.

    The bits of a result change with the number of BLAS threads: held to one everywhere, serial runs included, a
    result does not depend on the number of jobs.
    """
    from threadpoolctl import threadpool_limits

    _load_libraries()  # only libraries that are loaded can be held
    with threadpool_limits(limits=1):
        return function(task)


def call(task: Callable[[], Result]) -> Result:
    """Do a task that is a function; so that tasks of several kinds can be done in one run."""
    return task()


def attempt(function: Callable[[Task], Result], task: Task) -> Result | TaskFailure:
    """Call a function on one thread; its fault is a result, not the end of the others.

    Raises:
        MemoryError: too much for now.
        OSError, ModuleNotFoundError: the machine's fault, see `os_errors.of_machine`.
    """
    try:
        return single_threaded(function, task)
    except MemoryError:
        raise  # two at once may be too much where one is not: tried again alone, as after a worker's death
    except Exception as error:  # a cell's fault must not stop the others; it is shown as failed, with this reason
        if os_errors.of_machine(error):
            raise  # a full disk or a missing right is no cell's fault: the build ends, what was finished is kept
        # an OSError's own text would put a path of this machine into the manifest and on the page
        text = error.strerror if isinstance(error, OSError) and error.strerror else error
        return TaskFailure(f"{type(error).__name__}: {text}")


class WorkerPool:
    """Workers that stay from one `run` to the next: starting one, with its libraries, takes seconds.

    To be used as a context; at its end, and after a fault, none of them is left.
    """

    def __init__(self) -> None:
        self._executor: Any = None
        self._size = 0

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    def executor(self, size: int) -> Any:
        """An executor of so many workers: the one there is, or a new one."""
        from joblib.externals.loky import ProcessPoolExecutor

        if self._executor is None or self._size != size:
            self.shutdown()
            with interrupts.held():
                self._executor = ProcessPoolExecutor(max_workers=size, initializer=_begin, initargs=(os.getpid(),))
                self._size = size
        return self._executor

    def shutdown(self) -> None:
        """End the workers, whatever they do, and every thread that served them; an interrupt waits for it."""
        with interrupts.held():
            executor, self._executor = self._executor, None
            if executor is not None:
                _end(executor)


def run(
    function: Callable[[Task], Result],
    tasks: Mapping[str, Task],
    jobs: int,
    limit: float | None = None,
    pool: WorkerPool | None = None,
) -> Generator[tuple[str, Result | TaskFailure]]:
    """Do all tasks, at most `jobs` at once, and yield (name, result or failure) as each ends.

    When a worker dies or runs out of memory, what was running then is tried again, each task alone in a fresh worker;
    so a task that always kills its worker is found out and the others finish. A task over its time is given up.

    Args:
        function: what to do with a task; importable by name in another process.
        tasks: by name.
        jobs: processes at once.
        limit: seconds that a task may take. Without it, one job or a single task runs in this process, where nothing
            can be given up and a death is the build's own.
        pool: workers to use and to leave for the next run; None: some that are started for this one.

    Raises:
        OSError, ModuleNotFoundError: the machine's fault (disk, rights, open files, a package), met by a task.
    """
    if limit is None and (jobs == 1 or len(tasks) <= 1):
        for name, task in tasks.items():
            try:
                result = attempt(function, task)
            except MemoryError as error:
                result = TaskFailure(f"MemoryError: {error}")
            yield name, result
        return
    left = dict(tasks)
    while left:
        batch, before = _Batch(function, left, jobs, limit, pool), len(left)
        for name, result in batch.results():
            del left[name]
            yield name, result
        # a pool that broke before anything ran is nobody's fault, but must not break for ever
        for name in batch.suspects or list(left)[: int(len(left) == before)]:
            # it may only have shared the pool with a task that killed its worker, so it has two attempts of its own
            alone = {name: left.pop(name)}
            found = dict(_Batch(function, alone, 1, limit).results()) or dict(
                _Batch(function, alone, 1, limit).results()
            )
            yield name, found.get(name, TaskFailure(_DIED))


_DIED = "its worker process died, and twice again when it ran alone: killed by the system, or out of memory"


class _Batch(Generic[Task, Result]):
    """Workers for some tasks, until all are done, a worker dies, or a task is over its time; fresh ones without a pool.

    Attributes:
        suspects: names of the tasks that ran when a worker died; one of them killed it.
    """

    def __init__(
        self,
        function: Callable[[Task], Result],
        tasks: Mapping[str, Task],
        jobs: int,
        limit: float | None,
        pool: WorkerPool | None = None,
    ) -> None:
        self.function, self.tasks, self.limit = function, dict(tasks), limit
        self.size = jobs if pool else min(jobs, len(tasks))
        self.pool, self.stays = pool or WorkerPool(), pool is not None
        self.suspects: list[str] = []
        self._left: dict[Future[Any], str] = {}
        self._started: dict[Future[Any], float] = {}

    def results(self) -> Iterator[tuple[str, Result | TaskFailure]]:
        """Yield what is finished, in the order in which it ends."""
        executor, ended = self.pool.executor(self.size), False
        try:
            ready = _start(executor)
            waiting = list(self.tasks.items())[::-1]

            def submit() -> None:
                while waiting and len(self._left) < 2 * self.size:  # two for each worker: none is ever idle
                    name, task = waiting.pop()
                    with interrupts.held():
                        self._left[executor.submit(attempt, self.function, task)] = name

            submit()
            while not ready.done():  # a worker takes seconds to start, which is no task's time
                wait([ready], TICK)
            ready.result()
            while self._left:
                done = wait(self._left, self._time_left(), FIRST_COMPLETED).done
                for future in [one for one in self._left if one in done]:
                    result = future.result()
                    # first handed on: submitting finds out that the pool is broken, which is not this task's loss
                    yield self._left.pop(future), result
                    submit()
                overdue = self._overdue() if not done else []
                if overdue:
                    yield from overdue
                    return
            ended = True
        except (BrokenProcessPool, MemoryError):
            finished = [future for future in self._left if _has_result(future)]
            # where all that ran is finished, a worker died between two tasks: then any may be the next to suffer
            self.suspects = [self._left[one] for one in self._running() if one not in finished] or [
                name for future, name in self._left.items() if future not in finished
            ]
            yield from [(self._left[future], future.result()) for future in finished]
        finally:
            if not (ended and self.stays):
                self.pool.shutdown()

    def _running(self) -> list[Future[Any]]:
        """What runs now: workers take tasks in the order given, so the first that are left."""
        running = list(self._left)[: self.size]
        for future in running:
            self._started.setdefault(future, time.monotonic())
        return running

    def _time_left(self) -> float:
        """Seconds to wait before looking again."""
        if self.limit is None:
            return TICK
        first = min(self._started[one] for one in self._running())
        return max(0.0, min(TICK, first + self.limit - time.monotonic()))

    def _overdue(self) -> list[tuple[str, TaskFailure]]:
        if self.limit is None:
            return []
        failure = TaskFailure(f"it took longer than {self.limit:g} s, the limit for one cell (--cell-time)")
        now = time.monotonic()
        return [(self._left[one], failure) for one in self._running() if now - self._started[one] >= self.limit]


def _start(pool: Any) -> Future[Any]:
    """Start a pool's workers; returns what is done as soon as one of them can work.

    Ctrl-C in a terminal reaches them too, and one that has not yet come to `_end_with` would print a traceback: they
    inherit that it is blocked. The parent gets it a moment later.
    """
    masks = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else ()
    try:
        with interrupts.held():  # a worker started by halves would not be known to the pool
            ready: Future[Any] = pool.submit(_load_libraries)
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return ready


def _end(pool: Any) -> None:
    """Kill a pool's workers, and wait until its threads have ended, one after another.

    loky leaves two things to chance. What is submitted and not yet queued it drops, and its manager then stumbles over
    the number of it (a KeyError, printed as a traceback). The thread that feeds the queue it never waits for: that
    thread may still wait for a worker to read, or be the last to hold the queue's locks, and take with it into the
    process's end what tells the tracker that they are gone ("leaked semlock objects").
    """
    calls, numbers = pool._call_queue, pool._work_ids
    with contextlib.suppress(queue.Empty):
        while True:
            numbers.get_nowait()
    pool.shutdown(wait=True, kill_workers=True)
    if calls is not None and calls._thread is not None:
        calls.close()
        calls._reader.close()  # the last reader: what still waits to be read is given up
        calls._thread.join()


def _begin(parent: int) -> None:
    """Ready a worker: its libraries are loaded before it takes a task, whose time would else hold theirs."""
    _end_with(parent)
    with contextlib.suppress(ImportError):  # a missing package is met again, and told, by the task
        _load_libraries()


def _end_with(parent: int) -> None:
    """Have this worker end with its parent, and with nothing else.

    Ctrl-C in a terminal reaches every process at once: the parent ends its workers in order. A parent that is killed
    cannot, so each worker looks whether it still has one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name != "posix" or os.getppid() != parent:  # only POSIX gives the child of a dead parent another one
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _load_libraries() -> None:
    """Load what brings every BLAS and OpenMP that the stages use."""
    import scipy.linalg  # noqa: F401
    import sklearn.utils  # noqa: F401


def _has_result(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
