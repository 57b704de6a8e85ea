"""Workers: all tasks done, faults kept to their task, deaths survived."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from joblib.externals import loky
from threadpoolctl import threadpool_info

from precompute.machine import interrupts
from precompute.run import workers
from precompute.run.workers import TaskFailure


def square(value: int) -> int:
    return value * value


def divide(value: int) -> float:
    return 1 / value


def die(value: int) -> int:
    if value == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return value


def die_once(path: str) -> str:
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


ATTEMPT = workers.attempt


def light_attempt(function: Callable[[Any], Any], task: Any) -> Any:
    """`attempt`, in a worker that loads no library."""
    workers._load_libraries = no_libraries
    return ATTEMPT(function, task)


def no_libraries() -> None:
    """What a worker loads in most of these tests."""


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers without the numeric libraries, which take seconds to load, for tests of who dies and who goes on."""
    monkeypatch.setattr(workers, "attempt", light_attempt)
    monkeypatch.setattr(workers, "_load_libraries", no_libraries)
    monkeypatch.setattr(workers, "_begin", workers._end_with)


def threads(_: int) -> list[int]:
    """Threads of every pool that a task meets, with the libraries of all stages loaded."""
    import openTSNE  # noqa: F401
    import scipy.spatial  # noqa: F401
    import sklearn.cluster
    import sklearn.decomposition  # noqa: F401

    return [pool["num_threads"] for pool in threadpool_info()]


@pytest.mark.usefixtures("light")
@pytest.mark.parametrize("jobs", [1, 2])
def test_all_tasks_are_done(jobs: int) -> None:
    assert dict(workers.run(square, {str(n): n for n in range(5)}, jobs)) == {str(n): n * n for n in range(5)}


@pytest.mark.usefixtures("light")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_fault_is_kept_to_its_task(jobs: int) -> None:
    found = dict(workers.run(divide, {"a": 0, "b": 2}, jobs))
    assert found == {"a": TaskFailure("ZeroDivisionError: division by zero"), "b": 0.5}


def open_missing(path: str) -> bytes:
    return Path(path).read_bytes()


def test_a_reason_names_no_path_of_this_machine(tmp_path: Path) -> None:
    found = dict(workers.run(open_missing, {"a": str(tmp_path / "none")}, 1))
    assert found == {"a": TaskFailure("FileNotFoundError: No such file or directory")}


@pytest.mark.usefixtures("light")
def test_a_task_that_kills_its_worker_is_found_out_and_the_others_finish() -> None:
    found = dict(workers.run(die, {str(n): n for n in range(6)}, 2))
    failure = found.pop("3")
    assert isinstance(failure, TaskFailure)
    assert "died, and twice again when it ran alone" in failure.reason
    assert found == {str(n): n for n in range(6) if n != 3}


class Fragile:
    """A pool that breaks at its fourth task; until then it does each at once."""

    def __init__(self, **_: object) -> None:
        self.submitted = 0
        self._call_queue, self._work_ids = None, queue.SimpleQueue[int]()

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        self.submitted += 1
        if self.submitted == 4:
            raise BrokenProcessPool
        future: Future[Any] = Future()
        future.set_result(function(*arguments))
        return future

    def shutdown(self, **_: object) -> None:
        pass


def test_what_was_finished_when_the_pool_broke_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loky, "ProcessPoolExecutor", Fragile)
    found = dict(workers._Batch(square, {"1": 1, "2": 2, "3": 3}, 1, None).results())
    assert found == {"1": 1, "2": 4}, "the first task is the pool's own"


@pytest.mark.usefixtures("light")
def test_a_worker_killed_once_is_tried_again(tmp_path: Path) -> None:
    tasks = {"a": str(tmp_path / "a"), "b": str(tmp_path / "b")}
    assert dict(workers.run(die_once, tasks, 2)) == {"a": "alive", "b": "alive"}


def process(_: int) -> int:
    return os.getpid()


@pytest.mark.usefixtures("light")
def test_a_pool_stays_from_run_to_run_and_ends_with_its_context() -> None:
    tasks = {str(n): n for n in range(8)}
    with workers.WorkerPool() as pool:
        first = set(dict(workers.run(process, tasks, 2, pool=pool)).values())
        again = set(dict(workers.run(process, tasks, 2, pool=pool)).values())
        assert len(first | again) <= 2
    assert not any(psutil.pid_exists(pid) for pid in first)


@pytest.mark.usefixtures("light")
def test_after_a_death_a_pool_has_new_workers(tmp_path: Path) -> None:
    with workers.WorkerPool() as pool:
        before = dict(workers.run(process, {"a": 0, "b": 0}, 2, pool=pool))
        died = {"a": str(tmp_path / "a"), "b": str(tmp_path / "b")}
        assert dict(workers.run(die_once, died, 2, pool=pool)) == {"a": "alive", "b": "alive"}
        after = dict(workers.run(process, {"a": 0, "b": 0}, 2, pool=pool))
    assert not set(before.values()) & set(after.values())


def sleep(_: object) -> None:
    time.sleep(600)


def threads_of_pools() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name in ("ExecutorManagerThread", "QueueFeederThread")]


def ended(pids: Iterable[int]) -> bool:
    return not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.usefixtures("light")
def test_a_pool_that_is_ended_as_a_call_comes_in_ends_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that loky's own thread has not yet seen, so that it would look it up when it is gone."""
    with workers.WorkerPool() as pool:
        executor = pool.executor(1)
        busy = executor.submit(sleep, None)
        while not busy.running():
            time.sleep(0.01)
        with monkeypatch.context() as patch:
            patch.setattr(executor._executor_manager_thread_wakeup, "wakeup", lambda: None)
            late = executor.submit(sleep, None)
        assert executor._work_ids.qsize() == 1
    assert busy.done()
    assert late.done()
    assert threads_of_pools() == []


@pytest.mark.usefixtures("light")
def test_a_pool_that_is_ended_waits_for_the_thread_that_feeds_its_queue() -> None:
    """Even if nobody reads any more what it wants to send: more than a pipe holds."""
    with workers.WorkerPool() as pool:
        executor = pool.executor(1)
        busy, _ = executor.submit(sleep, None), executor.submit(sleep, b"x" * 1_000_000)
        while not busy.running():
            time.sleep(0.01)
    assert threads_of_pools() == []


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_a_pool_is_ended_waits_for_its_end(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    alive: set[int] = set()
    real = loky.ProcessPoolExecutor.shutdown

    def interrupted(self: Any, **options: Any) -> None:
        alive.update(self._processes)
        signal.raise_signal(number)
        real(self, **options)
        signal.raise_signal(number)

    monkeypatch.setattr(loky.ProcessPoolExecutor, "shutdown", interrupted)
    with interrupts.interruptible(ends=False):
        pool = workers.WorkerPool()
        pool.executor(2).submit(sleep, None)
        with pytest.raises(KeyboardInterrupt) as stop:
            pool.shutdown()
    assert stop.type is (interrupts.Terminated if number == signal.SIGTERM else KeyboardInterrupt)
    assert len(alive) == 2
    assert ended(alive)
    assert threads_of_pools() == []


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupt_while_workers_are_started_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    real = loky.ProcessPoolExecutor._adjust_process_count

    def interrupted(self: Any) -> None:
        signal.raise_signal(signal.SIGTERM)
        real(self)
        started.extend(self._processes)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(loky.ProcessPoolExecutor, "_adjust_process_count", interrupted)
    with interrupts.interruptible(ends=False), pytest.raises(interrupts.Terminated):
        dict(workers.run(square, {"a": 1, "b": 2}, 2))
    assert len(started) == 2
    assert ended(started)
    assert threads_of_pools() == []


@pytest.mark.usefixtures("light")
def test_tasks_that_are_functions_can_be_of_several_kinds() -> None:
    tasks: dict[str, Callable[[], Any]] = {"a": partial(square, 3), "b": partial(divide, 2)}
    assert dict(workers.run(workers.call, tasks, 2)) == {"a": 9, "b": 0.5}


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_has_one_thread(jobs: int) -> None:
    for counts in dict(workers.run(threads, {"a": 0, "b": 1}, jobs)).values():
        assert set(counts) == {1}  # type: ignore[arg-type]


def test_there_is_a_core() -> None:
    assert workers.available_cores() >= 1


def test_no_more_processes_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    available = psutil.virtual_memory()._replace(available=5_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: available)
    assert workers.affordable(4, 1_000) == 4
    assert workers.affordable(8, 2_000) == 2
    assert workers.affordable(8, 9_000) == 1
