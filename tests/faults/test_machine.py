"""Faults of the machine: a full or read-only disk, missing rights, too many open files.

Each ends the build with the file's or folder's name, nothing half-written, and the next build goes on. A file that
cannot be read is never taken for missing or damaged: nothing is computed over it, nothing removed.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from precompute.machine import files
from tests.conftest import PLAIN
from tests.faults.killer import MANIFEST, check_left
from tests.faults.small import FIRST, SECOND, Small, tree

ROOT = Path(__file__).parents[2]
STRIDE = 23
"""Of the writes of the site, so few fail: they are many, and alike."""
KINDS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES)


def fault(kind: int, path: object = None) -> OSError:
    """An error as the file system gives it: a full disk names no file, a refused one does."""
    return OSError(kind, os.strerror(kind)) if path is None else OSError(kind, os.strerror(kind), str(path))


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 5])
def test_a_fault_at_any_write_loses_nothing(
    small: Small,
    every: int,
    finished: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tell: Callable[[str], None],
) -> None:
    undisturbed, folder = Path(shutil.copytree(finished, tmp_path / "undisturbed")), tmp_path / "folder"
    assert small.build(undisturbed, *SECOND) == 0
    old, new = tree(finished), tree(undisturbed)
    number, cases = 1, 0
    while True:
        shutil.copytree(finished, folder)
        kind, writes = KINDS[cases % len(KINDS)], 0

        def sync(_: Any, at: int = number, kind: int = kind) -> None:
            nonlocal writes
            writes += 1
            if writes == at:
                raise fault(kind)

        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", sync)
            code = small.build(folder, *SECOND)
        if writes < number:
            assert code == 0
            break
        said = capsys.readouterr().err.splitlines()[-1]
        assert code == 1
        assert said.startswith(f"error: {folder}"), said
        assert f": {os.strerror(kind)}; " in said
        left = tree(folder)
        assert check_left(left, old, new) == []
        assert not [path for path in folder.rglob("*") if files.is_leftover(path)]
        assert small.build(folder, *SECOND) == 0
        assert tree(folder) == new
        shutil.rmtree(folder)
        cases += 1
        number += every * (STRIDE if left.get(MANIFEST) == new[MANIFEST] else 1)
    tell(f"faults while writing: {cases} builds ended by name, nothing partial, all resumed")
    assert cases > 15 / every


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_a_file_that_cannot_be_read_is_not_taken_for_damaged(
    small: Small,
    every: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tell: Callable[[str], None],
) -> None:
    """Each file is tried with the slow tests; quickly each fourth of every kind."""
    cases, real, kinds = 0, Path.read_bytes, Counter[tuple[str, str]]()
    for number, name in enumerate(tree(folder)):
        kinds[name.split("/")[0], Path(name).suffix] += 1
        if kinds[name.split("/")[0], Path(name).suffix] % every != 1 % every:
            continue
        path = folder / name
        if path.name == ".lock":
            continue
        if path.suffix == ".part":  # they are read when the tables are not what they should be
            (folder / "results/digits/metrics.parquet").unlink(missing_ok=True)
        before, kind = tree(folder), (errno.EACCES, errno.EIO, errno.EMFILE)[number % 3]

        def read(self: Path, victim: Path = path, kind: int = kind) -> bytes:
            if self == victim:
                raise fault(kind, self)
            return real(self)

        small.computed.clear()
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_bytes", read)
            assert small.build(folder, *FIRST) == 1, name
            said = capsys.readouterr().err.splitlines()[-1]
            assert said.startswith(f"error: {path}: {os.strerror(kind)}; "), said
            assert small.build(folder, "--verify") == 1
            assert f"error: {path}: cannot be read: {os.strerror(kind)}" in capsys.readouterr().err
        assert small.computed == []
        assert tree(folder) == before, name
        if path.suffix == ".part":
            assert small.build(folder, *FIRST) == 0
        cases += 1
    tell(f"unreadable files: {cases}, none taken for damaged")
    assert cases > 60 / every


@pytest.mark.parametrize("kind", [errno.EACCES, errno.EROFS, errno.ENOSPC])
@pytest.mark.parametrize("what", ["results", "site"])
def test_folders_that_cannot_be_written_are_found_before_computing(
    small: Small,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    kind: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / what).mkdir()
    real = tempfile.TemporaryFile

    def refuse(*arguments: Any, **options: Any) -> Any:
        if Path(options["dir"]) == tmp_path / what:
            raise fault(kind)
        return real(*arguments, **options)

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    small.computed.clear()
    assert small.build(tmp_path, *FIRST) == 1
    assert f"error: {tmp_path / what}: {os.strerror(kind)}; " in capsys.readouterr().err
    assert small.computed == []
    assert [name for name in tree(tmp_path) if not name.endswith(".lock")] == []


@pytest.mark.parametrize(("results", "site"), [("one", "one"), ("one", "one/site"), ("one/results", "one")])
def test_results_and_site_must_lie_apart(
    small: Small, tmp_path: Path, results: str, site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ["--results", str(tmp_path / results), "--site", str(tmp_path / site)]
    assert small.build(tmp_path, *FIRST, *places) == 2
    assert "must not lie in one another" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_should_be(small: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "results").write_text("mine")
    assert small.build(tmp_path, *FIRST) == 1
    assert f"error: {tmp_path / 'results'}" in capsys.readouterr().err
    assert (tmp_path / "results").read_text() == "mine"


DISK = """
set -e
mount -t tmpfs -o size=500k tmpfs "$1"
cd "$1"
grid="--perplexity 30 --k 3 --methods tsne --clusterers kmeans"
build() { set +e; "$2" "$3" $grid --jobs 1 -q --only compute 2> /dev/stdout; echo "code $?"; set -e; }
leftovers() { echo "leftovers $(find . -name '*.clusterfolio.tmp' | wc -l)"; }
dd if=/dev/zero of=full bs=4k 2> /dev/null || true
build "$@"; echo "computed $(find . -name '*.part' | wc -l)"; rm full
build "$@"; leftovers
mount -o remount,ro,size=500k "$1"
build "$@"
mount -o remount,rw,size=100m "$1"
build "$@"; leftovers
set +e; "$2" "$3" --verify --only compute
"""


def _can_mount() -> bool:
    command = ["unshare", "--map-root-user", "--mount", "true"]
    return bool(shutil.which("unshare")) and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.slow  # quick: a fault at any write, made in this process
@pytest.mark.skipif(not _can_mount(), reason="needs a name space of its own to mount a small disk")
def test_a_small_disk(tmp_path: Path) -> None:
    """A real one: full from the start, full on the way, read-only, and large enough at last."""
    (tmp_path / "disk").mkdir()
    arguments = [str(tmp_path / "disk"), sys.executable, str(ROOT / "build.py")]
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", DISK, "sh", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1200)
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith(("code", "leftovers", "computed", "verified"))] == [
        *("code 1", "computed 0"),
        *("code 1", "leftovers 0"),
        "code 1",
        *("code 0", "leftovers 0"),
        lines[-1],
    ], done.stdout + done.stderr
    assert lines[-1].endswith("all as they were written")
    errors = [line for line in lines if line.startswith("error")]
    reasons = ["No space left on device", "No space left on device", "Read-only file system"]
    assert [reason in error for reason, error in zip(reasons, errors, strict=True)] == [True] * 3, errors


@pytest.mark.skipif(not shutil.which("prlimit"), reason="needs prlimit")
@pytest.mark.parametrize("limit", [14, 18])
def test_too_many_open_files(tmp_path: Path, limit: int) -> None:
    command = ["prlimit", f"--nofile={limit}", sys.executable, str(ROOT / "build.py"), "--perplexity", "30"]
    command += ["--k", "3", *PLAIN]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 1
    assert "Too many open files; raise the limit of open files" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "site").exists()
    assert not [path for path in tmp_path.rglob("*") if files.is_leftover(path)]
