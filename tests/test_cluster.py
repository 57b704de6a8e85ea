"""A real cluster: the same bytes as here, faults kept to their task, and a lost scheduler costs nothing."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from clusterfolio import cli
from precompute import pipeline
from precompute.dataset import Dataset
from precompute.run import cluster, dispatch, parts
from precompute.run.cells import Part
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.run.workers import TaskFailure
from tests.conftest import TINY
from tests.test_pipeline import files

# dask opens event loops and sockets whose closing it leaves to the collector
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
ROOT = Path(__file__).parents[1]
SECONDS = 60
"""After which something that a test waits for has failed."""


@dataclass
class Running:
    """Scheduler and workers as processes of their own, as on several machines."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]

    def wait(self) -> None:
        """Until all workers are there, those that were killed started again by their nannies."""
        from distributed import Client

        with Client(self.address, timeout=SECONDS, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=SECONDS)


def _dask(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(count: int, threads: int = 1) -> Iterator[Running]:
    """A scheduler and some workers on loopback."""
    address = f"tcp://127.0.0.1:{_free_port()}"
    scheduler = _dask(
        "scheduler", "--host", "127.0.0.1", "--port", address.rsplit(":", 1)[1], "--no-dashboard", "--no-show"
    )
    started = [
        _dask("worker", address, "--nthreads", str(threads), "--host", "127.0.0.1", "--no-dashboard")
        for _ in range(count)
    ]
    try:
        from distributed import Client

        with Client(address, timeout=SECONDS, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=SECONDS)
        yield Running(address, scheduler, started)
    finally:
        for process in [*started, scheduler]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Running]:
    """Two workers that several tests share."""
    with running(2) as found:
        yield found


def square(value: int, shared: int) -> int:
    return value * value + shared


def divide(value: int, _: int) -> float:
    return 1 / value


def die(value: int, _: int) -> int:
    if value == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return value


def die_once(path: str, _: int) -> str:
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def large(size: int, _: int) -> bytes:
    return b"x" * size


def poisoned(task: tuple[parts.Task, Part | None], prepared: parts.SourceData) -> Part:
    if task[0].part.slug == "tsne-p12.5":
        os.kill(os.getpid(), signal.SIGKILL)
    return parts.compute_remote(task, prepared)


class Killer:
    """Kills a worker that has a task in hand, once, when the first result has come back; or all workers at once."""

    def __init__(self, address: str, most: int) -> None:
        self.address, self.most, self.killed = address, most, 0

    def __call__(self, at: pipeline.Progress) -> None:
        from distributed import Client

        if at.done > 1:
            return
        with Client(self.address, timeout=SECONDS, set_as_default=False) as client:
            at_work = [worker for worker, keys in client.processing().items() if keys][: self.most]
            pids = client.run(os.getpid, workers=at_work)
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
        self.killed += len(pids)


def run(address: str, function: object, tasks: Mapping[str, object]) -> dict[str, object]:
    with cluster.connect(address, ["numpy"]) as client:
        return dict(cluster.run(client, function, tasks, 1))  # type: ignore[arg-type]


def test_all_tasks_are_done_with_what_they_share(two_workers: Running) -> None:
    assert run(two_workers.address, square, {str(n): n for n in range(5)}) == {str(n): n * n + 1 for n in range(5)}


def test_a_fault_stays_with_its_task(two_workers: Running) -> None:
    found = run(two_workers.address, divide, {"0": 0, "1": 1})
    assert found == {"0": TaskFailure("ZeroDivisionError: division by zero"), "1": 1.0}


def test_a_worker_that_dies_once_costs_nothing(two_workers: Running, tmp_path: Path) -> None:
    assert run(two_workers.address, die_once, {"a": str(tmp_path / "died")}) == {"a": "alive"}
    assert (tmp_path / "died").exists()


@pytest.mark.slow  # quick: test_a_worker_that_dies_once_costs_nothing, and the same here in test_workers.py
def test_a_task_that_always_kills_its_worker_is_found_out_and_the_others_finish(two_workers: Running) -> None:
    found = run(two_workers.address, die, {str(n): n for n in range(6)})
    failed = found.pop("3")
    assert isinstance(failed, TaskFailure)
    assert "died" in failed.reason
    assert found == {str(n): n for n in range(6) if n != 3}


def test_results_are_byte_identical_to_those_computed_here(
    two_workers: Running, tmp_path: Path, tiny_data: Dataset, tiny_results: Path
) -> None:
    outcome = pipeline.compute(planned(tiny_data, TINY), tmp_path, Machine(scheduler=two_workers.address))
    assert not outcome.failed
    assert not outcome.notes
    assert files(tmp_path / "tiny") == files(tiny_results / "tiny")


@pytest.mark.slow
@pytest.mark.parametrize("most", [1, 2])
def test_workers_killed_in_the_middle_of_a_build_cost_it_nothing(
    most: int, two_workers: Running, tmp_path: Path, tiny_data: Dataset, tiny_results: Path
) -> None:
    """With both of them dead, what had been sent to them is gone, too."""
    two_workers.wait()
    killer = Killer(two_workers.address, most)
    outcome = pipeline.compute(planned(tiny_data, TINY), tmp_path, Machine(scheduler=two_workers.address), killer)
    assert killer.killed == most
    assert not outcome.failed
    assert not outcome.notes
    assert files(tmp_path / "tiny") == files(tiny_results / "tiny")


@pytest.mark.slow
def test_a_cell_that_kills_its_workers_is_a_hole_and_all_others_are_as_here(
    two_workers: Running, tmp_path: Path, tiny_data: Dataset, tiny_results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_workers.wait()
    monkeypatch.setattr(dispatch, "compute_remote", poisoned)
    outcome = pipeline.compute(planned(tiny_data, TINY), tmp_path, Machine(scheduler=two_workers.address))
    assert [one.cell for one in outcome.failed] == ["tsne-p12.5"]
    assert "died, and twice again when it ran alone" in outcome.failed[0].reason
    assert not outcome.notes
    found, expected = files(tmp_path / "tiny"), files(tiny_results / "tiny")
    of_cells = {name for name in expected if name.startswith(("embeddings/", "clusters/"))}
    assert {name for name in of_cells if "12.5" in name} == of_cells - set(found)
    for name in of_cells & set(found):
        assert found[name] == expected[name], name
    monkeypatch.undo()
    two_workers.wait()
    again = pipeline.compute(planned(tiny_data, TINY), tmp_path, Machine(scheduler=two_workers.address))
    assert 0 < again.computed < len(again.reasons)
    assert files(tmp_path / "tiny") == expected


def test_a_large_result_may_take_its_time(two_workers: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of a million samples do: no time is set for carrying them, only for the scheduler's first answer."""
    two_workers.wait()
    with cluster.connect(two_workers.address, ["numpy"]) as client:
        monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.01)
        monkeypatch.setattr(cluster, "QUIET_SECONDS", 0.01)
        found = dict(cluster.run(client, large, {"a": 50_000_000}, b"y" * 50_000_000))
    assert found == {"a": large(50_000_000, 0)}


@pytest.mark.slow
def test_with_the_scheduler_lost_the_build_goes_on_here(
    tmp_path: Path, tiny_data: Dataset, tiny_results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "QUIET_SECONDS", 1)
    with running(1) as found:

        def lose(at: pipeline.Progress) -> None:
            if at.done == 1:
                os.killpg(found.scheduler.pid, signal.SIGKILL)

        outcome = pipeline.compute(planned(tiny_data, TINY), tmp_path, Machine(scheduler=found.address), lose)
    assert not outcome.failed
    note = re.search(
        r"the cluster was lost .* (\d+) of (\d+) tasks were computed here instead", " ".join(outcome.notes)
    )
    assert note
    assert 0 < int(note[1]) < int(note[2]), "what had come back was kept"
    assert files(tmp_path / "tiny") == files(tiny_results / "tiny")


@pytest.mark.slow
def test_a_local_cluster_works_too_its_worker_killed_in_between(
    tmp_path: Path, tiny_data: Dataset, tiny_results: Path
) -> None:
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1") as local:
        killer = Killer(local.scheduler_address, 1)
        outcome = pipeline.compute(
            planned(tiny_data, TINY), tmp_path, Machine(scheduler=local.scheduler_address), killer
        )
    assert killer.killed == 1
    assert not outcome.failed
    assert not outcome.notes
    assert files(tmp_path / "tiny") == files(tiny_results / "tiny")


def test_a_worker_with_several_threads_is_refused() -> None:
    with running(1, threads=2) as found, pytest.raises(cluster.ClusterError, match="--nthreads 1"):
        run(found.address, square, {"a": 1})


def test_a_worker_with_other_versions_is_refused(two_workers: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "python_version", lambda: "3.0.0")
    with pytest.raises(cluster.ClusterError, match=r"has Python .* this process 3\.0\.0"):
        run(two_workers.address, square, {"a": 1})


def test_without_a_scheduler_nothing_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    address = f"tcp://127.0.0.1:{_free_port()}"
    results = tmp_path / "results"
    arguments = ["--scheduler", address, "--results", str(results), "--site", str(tmp_path / "site")]
    assert cli.main([*arguments, "--perplexity", "5", "--k", "3"]) == 2
    assert f"--scheduler {address}: no scheduler answers there" in capsys.readouterr().err
    assert not (results / "digits").exists()


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(cluster.ClusterError, match="no scheduler answers there"):
        run("nonsense://x", square, {"a": 1})
