"""Workers: all tasks done, faults kept to their task, deaths survived."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from joblib.externals import loky
from threadpoolctl import threadpool_info

from precompute import workers
from precompute.workers import TaskFailure


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


def threads(_: int) -> list[int]:
    """Threads of every pool that a task meets, with the libraries of all stages loaded."""
    import openTSNE  # noqa: F401
    import scipy.spatial  # noqa: F401
    import sklearn.cluster
    import sklearn.decomposition  # noqa: F401

    return [pool["num_threads"] for pool in threadpool_info()]


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_tasks_are_done(jobs: int) -> None:
    assert dict(workers.run(square, {str(n): n for n in range(5)}, jobs)) == {str(n): n * n for n in range(5)}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_fault_is_kept_to_its_task(jobs: int) -> None:
    found = dict(workers.run(divide, {"a": 0, "b": 2}, jobs))
    assert found == {"a": TaskFailure("ZeroDivisionError: division by zero"), "b": 0.5}


def open_missing(path: str) -> bytes:
    return Path(path).read_bytes()


def test_a_reason_names_no_path_of_this_machine(tmp_path: Path) -> None:
    found = dict(workers.run(open_missing, {"a": str(tmp_path / "none")}, 1))
    assert found == {"a": TaskFailure("FileNotFoundError: No such file or directory")}


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
    found = dict(workers._Pool(square, {"1": 1, "2": 2, "3": 3}, 1, None).results())
    assert found == {"1": 1, "2": 4}, "the first task is the pool's own"


def test_a_worker_killed_once_is_tried_again(tmp_path: Path) -> None:
    tasks = {"a": str(tmp_path / "a"), "b": str(tmp_path / "b")}
    assert dict(workers.run(die_once, tasks, 2)) == {"a": "alive", "b": "alive"}


def process(_: int) -> int:
    return os.getpid()


def test_a_crew_stays_from_run_to_run_and_ends_with_its_context() -> None:
    tasks = {str(n): n for n in range(8)}
    with workers.Crew() as crew:
        first = set(dict(workers.run(process, tasks, 2, crew=crew)).values())
        again = set(dict(workers.run(process, tasks, 2, crew=crew)).values())
        assert len(first | again) <= 2
    assert not any(psutil.pid_exists(pid) for pid in first)


def test_after_a_death_a_crew_has_new_workers(tmp_path: Path) -> None:
    with workers.Crew() as crew:
        before = dict(workers.run(process, {"a": 0, "b": 0}, 2, crew=crew))
        died = {"a": str(tmp_path / "a"), "b": str(tmp_path / "b")}
        assert dict(workers.run(die_once, died, 2, crew=crew)) == {"a": "alive", "b": "alive"}
        after = dict(workers.run(process, {"a": 0, "b": 0}, 2, crew=crew))
    assert not set(before.values()) & set(after.values())


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
