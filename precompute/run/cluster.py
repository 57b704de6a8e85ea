"""Tasks on a `dask.distributed` cluster: more machines, the same tasks, the same bytes, still one writer (the caller).

What all tasks read is scattered to the workers once; results come back as they end. The scheduler itself hands a dead
worker's tasks to others; a task whose workers keep dying is tried once more with nothing beside it, so that one which
only shared a worker with it is not blamed. If the scheduler is lost, what has come back is kept and the caller goes
on without it.
"""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager
from importlib.metadata import version
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any, TypeVar

from precompute.run import workers
from precompute.run.workers import TaskFailure

if TYPE_CHECKING:
    from distributed import Client

Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT_SECONDS = 10
"""How long to wait for the scheduler's first answer."""
WORKER_SECONDS = 60
"""How long to wait for a worker where there is none: a nanny may be about to start its worker again."""
QUIET_SECONDS = 5
"""How often to ask whether the scheduler is still there while no task ends."""


class ClusterError(Exception):
    """The cluster cannot be used; the message names the scheduler, what is wrong and the way out."""


class SchedulerLost(Exception):
    """The scheduler, or every worker, has gone; what had come back was yielded before."""


@contextmanager
def connect(address: str, libraries: Sequence[str]) -> Iterator[Client]:
    """A client of the scheduler, once its workers have been checked.

    Args:
        address: of the scheduler, as in "tcp://10.0.0.5:8786".
        libraries: those whose versions decide the bits of results; they must be the same everywhere.

    Raises:
        ClusterError: no scheduler answers, it has no workers, or these would compute other bits.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError(
            f"--scheduler {address}: dask.distributed is not installed; install the extra: pip install '.[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ClusterError(
            f"--scheduler {address}: no scheduler answers there ({reason}); start one with `dask scheduler`, "
            "or leave --scheduler out to compute here"
        ) from error
    with closing(client):
        _check(client, address, libraries)
        yield client


def run(
    client: Client, function: Callable[[Task, Any], Result], tasks: Mapping[str, Task], shared: Any
) -> Iterator[tuple[str, Result | TaskFailure]]:
    """Do all tasks on a cluster, and yield (name, result or failure) as each ends.

    Args:
        client: connected by `connect`.
        function: called on a worker with a task and `shared`, on one thread.
        tasks: by name.
        shared: what all tasks read; sent to the workers once.

    Raises:
        SchedulerLost: contact was lost on the way.
    """
    try:
        again = []
        for name, result in _round(client, function, tasks, shared):
            if isinstance(result, _Died):
                again.append(name)
            else:
                yield name, result
        for name in again:
            result = _Died()
            for _ in range(2):
                if isinstance(result, _Died):
                    ((_, result),) = _round(client, function, {name: tasks[name]}, shared)
            failure = TaskFailure("its worker process died, and twice again when it ran alone")
            yield name, failure if isinstance(result, _Died) else result
    except (OSError, TimeoutError) as error:
        raise SchedulerLost(str(error) or type(error).__name__) from error


def _check(client: Client, address: str, libraries: Sequence[str]) -> None:
    """Refuse workers that would compute other bits than this process."""
    found = client.scheduler_info(n_workers=-1)["workers"]
    if not found:
        raise ClusterError(
            f"--scheduler {address}: it has no workers; start some with `dask worker {address} --nthreads 1`"
        )
    threads = {worker: info["nthreads"] for worker, info in found.items() if info["nthreads"] != 1}
    for worker, count in threads.items():
        raise ClusterError(
            f"--scheduler {address}: worker {worker} runs {count} tasks at once; allowed: 1, because the threads of "
            "numeric libraries are held per process; start it with --nthreads 1, and more of them with --nworkers"
        )
    own = versions(libraries)
    try:
        others = client.run(versions, libraries)
    except Exception as error:  # whatever stops a worker from importing this package
        raise ClusterError(
            f"--scheduler {address}: its workers cannot run this package ({type(error).__name__}: {error}); install "
            "the same release there"
        ) from error
    for worker, other in others.items():
        for name, release in own.items():
            if other[name] != release:
                raise ClusterError(
                    f"--scheduler {address}: worker {worker} has {name} {other[name]}, this process {release}; results "
                    "would differ in their bits: install the same versions on both"
                )


def versions(libraries: Sequence[str]) -> dict[str, str]:
    """What decides the bits of results, beside the machine: Python, and the libraries' versions."""
    return {"Python": platform.python_version(), **{name: version(name) for name in (*libraries, "clusterfolio")}}


class _Died:
    """In place of a result: the worker died, or the last one that held what all tasks read did."""


def _round(
    client: Client, function: Callable[[Task, Any], Result], tasks: Mapping[str, Task], shared: Any
) -> Iterator[tuple[str, Result | TaskFailure | _Died]]:
    """Submit tasks at once, and yield (name, result) as each ends.

    dask's own `as_completed` would wait for ever on a scheduler that has gone: this asks for it whenever nothing ends.
    """
    from distributed import KilledWorker

    client.wait_for_workers(1, timeout=WORKER_SECONDS)
    common = _patient(client, lambda: client.scatter(shared, broadcast=True, hash=False))
    futures = {name: client.submit(_attempt, function, task, common, pure=False) for name, task in tasks.items()}
    ended: Queue[str] = Queue()
    for name, future in futures.items():
        future.add_done_callback(lambda _, name=name: ended.put(name))
    for _ in futures:
        name = _next(client, ended)
        future = futures[name]
        try:
            result = _patient(client, future.result)
        except (KilledWorker, CancelledError):
            _require(client)
            result = _Died()
        future.release()
        yield name, result


def _attempt(function: Callable[[Task, Any], Result], task: Task, shared: Any) -> Result | TaskFailure | _Died:
    try:
        return workers.attempt(lambda one: function(one, shared), task)
    except MemoryError:
        return _Died()


def _next(client: Client, ended: Queue[str]) -> str:
    seen = time.monotonic()
    while True:
        try:
            return ended.get(timeout=QUIET_SECONDS)
        except Empty:
            _require(client)
            if client.scheduler_info(n_workers=-1)["workers"]:
                seen = time.monotonic()
            elif time.monotonic() - seen > WORKER_SECONDS:
                raise TimeoutError("the scheduler has no workers any more") from None


def _patient(client: Client, call: Callable[[], Any]) -> Any:
    """What a call to the cluster gives, however long it takes to carry its data, while the scheduler is there.

    A limit in seconds would be one on the size of data: a million samples are gigabytes on their way, and a tenth of
    one back. The call has a thread of its own, which nobody waits for once the scheduler has gone.
    """
    ended: Queue[tuple[Any, BaseException | None]] = Queue()

    def act() -> None:
        try:
            ended.put((call(), None))
        except BaseException as error:
            ended.put((None, error))

    threading.Thread(target=act, daemon=True).start()
    while True:
        try:
            found, fault = ended.get(timeout=QUIET_SECONDS)
        except Empty:
            _require(client)
            continue
        if fault is not None:
            raise fault
        return found


def _require(client: Client) -> None:
    if client.status != "running":
        raise TimeoutError("no answer from the scheduler")
