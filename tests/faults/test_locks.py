"""One build at a time in a folder: the second waits, then leaves; nothing stays locked after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from precompute.machine import files, locks
from tests.conftest import PLAIN
from tests.faults.small import FIRST, SECOND, Small, tree
from tests.test_build import processes_of

ROOT = Path(__file__).parents[2]
MANY = [
    *(sys.executable, str(ROOT / "build.py"), "--data", "few.npz"),
    *("--perplexity", "10:50", "--k", "3:15", *PLAIN, "--jobs", "2", "-q"),
]
"""A build of many maps, of which the first is soon there, and the last long after."""


def write_few(folder: Path) -> None:
    """Data of a person's own, large enough for the perplexities of `MANY`."""
    features = np.random.default_rng(0).normal(size=(300, 8))
    np.savez(folder / "few.npz", features=features, labels=np.arange(300) % 3)


@pytest.mark.parametrize("what", ["results", "site"])
def test_a_second_build_leaves_and_names_the_folder(
    small: Small, folder: Path, what: str, capsys: pytest.CaptureFixture[str], tell: Callable[[str], None]
) -> None:
    ways = ([*FIRST, "--only", "site"], ["--verify"], SECOND)
    for arguments in ways:
        before = tree(folder)
        lock = locks.results_lock(folder / "results") if what == "results" else locks.site_lock(folder / "site")
        with locks.held(lock, folder / what, 0, print):
            assert small.build(folder, *arguments) == 1
        assert f"error: {folder / what}: another build is at work in this folder" in capsys.readouterr().err
        assert tree(folder) == before
        assert small.build(folder, *arguments) == 0
    tell(f"second builds: {len(ways)} kinds while {what}/ was in use, all left by name, nothing changed")


def test_a_second_build_waits_for_the_end_of_the_first(
    small: Small, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = FileLock(locks.results_lock(folder / "results"), thread_local=False)
    first.acquire()
    end = threading.Timer(0.5, first.release)
    end.start()
    assert small.build(folder, *SECOND, "--wait", "300") == 0
    assert "another build is at work here; waiting up to 300 s" in capsys.readouterr().err
    end.join()


def test_one_folder_has_one_lock_whatever_it_is_called(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "site", target_is_directory=True)
    assert len({locks.site_lock(place) for place in (folder / "site", folder / "link", folder / "x/../site")}) == 1


def test_the_sites_lock_is_not_published(folder: Path) -> None:
    assert not any("lock" in name for name in tree(folder) if name.startswith("site/"))
    assert locks.site_lock(folder / "site").parent == folder


def test_where_no_lock_can_be_made_beside_the_site_the_temporary_folder_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refuse(path: object, *rest: object, **options: object) -> int:
        if str(path).startswith(str(tmp_path / "readonly")):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    lock = locks.site_lock(tmp_path / "readonly" / "site")
    with locks.held(lock, tmp_path, 0, print):
        with pytest.raises(locks.BusyError), locks.held(lock, tmp_path, 0, print):
            pass
        assert not lock.exists()


def _leads_to(descriptor: Path, file: Path) -> bool:
    try:
        return descriptor.samefile(file)
    except OSError:  # of another person's process, or closed by now
        return False


def _until_computing(process: subprocess.Popen[Any], parts: Path) -> None:
    """Wait for the first map of a build; a build that ends or hangs before that fails the test."""
    deadline = time.monotonic() + 600
    while not list(parts.glob("tsne-*.part")):
        assert process.poll() is None, f"ended with {process.returncode} before its first map"
        if time.monotonic() > deadline:
            process.kill()
            raise AssertionError("no map within ten minutes")
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_a_build_killed_alone_leaves_no_lock_and_no_process(tmp_path: Path, tell: Callable[[str], None]) -> None:
    """SIGKILL of the parent only, while its workers compute."""
    write_few(tmp_path)
    process = subprocess.Popen(MANY, cwd=tmp_path, stderr=subprocess.DEVNULL, start_new_session=True)
    parts, lock = tmp_path / "results/.cells/few", tmp_path / "results/.lock"
    _until_computing(process, parts)
    holders = [path.parts[2] for path in Path("/proc").glob("[0-9]*/fd/*") if _leads_to(path, lock)]
    others = len(processes_of(process.pid)) - 1
    process.kill()
    process.wait(timeout=60)
    assert holders == [str(process.pid)], "only the build itself holds its lock"
    assert others >= 2, "its workers were at work"
    with FileLock(lock).acquire(timeout=30):
        kept = {path.name for path in parts.iterdir() if not files.is_leftover(path)}
        assert any(name.startswith("tsne-") for name in kept)
    ended = time.monotonic() + 60
    while processes_of(process.pid) and time.monotonic() < ended:
        time.sleep(0.1)
    assert processes_of(process.pid) == []
    tell(f"builds killed alone: 1 with {others} processes of its own, no lock and none of them left")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_in_a_terminal_reaches_all_processes_and_says_so_once(tmp_path: Path) -> None:
    write_few(tmp_path)
    process = subprocess.Popen(MANY, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True)
    parts = tmp_path / "results/.cells/few"
    _until_computing(process, parts)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said == "interrupted; what was finished is kept, the next build goes on from there\n"
    ended = time.monotonic() + 60
    while processes_of(process.pid) and time.monotonic() < ended:
        time.sleep(0.1)
    assert processes_of(process.pid) == []
    assert not [path for path in tmp_path.rglob("*") if files.is_leftover(path)]
