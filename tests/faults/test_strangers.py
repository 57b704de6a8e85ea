"""A file that no build made is never written over by a study's tables; what a killed build left is gone on with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from precompute import store
from precompute.machine.files import write_atomic
from precompute.store import writing
from tests.conftest import PLAIN_KEYS
from tests.faults.small import FIRST, SECOND, Small, tree
from tests.faults.test_damage import resealed

NAMES = (
    *("metrics.parquet", "samples.parquet", "embeddings/pca.parquet", "embeddings/tsne-p5.parquet"),
    *("clusters/features.parquet", "cells.json", "manifest.json", "embeddings", "clusters"),
)


def own(folder: Path) -> dict[str, bytes]:
    """All files but the locks, which a build makes first."""
    return {name: data for name, data in tree(folder).items() if not name.endswith(".lock")}


@pytest.mark.parametrize("kind", ["file", "empty", "folder"])
def test_a_stranger_is_named_before_anything_is_computed(
    small: Small,
    finished: Path,
    tmp_path: Path,
    kind: str,
    capsys: pytest.CaptureFixture[str],
    tell: Callable[[str], None],
) -> None:
    names = [name for name in NAMES if kind != "folder" or name.endswith(".parquet")]
    for name in names:
        path = tmp_path / "results" / "digits" / name
        path.parent.mkdir(parents=True)
        if kind == "folder":
            (path / "mine").mkdir(parents=True)
        else:
            path.write_bytes(b"mine" if kind == "file" else b"")
        before = own(tmp_path)
        small.computed.clear()
        capsys.readouterr()
        code = small.build(tmp_path, *FIRST)
        if (name, kind) == ("manifest.json", "empty"):  # a damaged one, as far as anyone can tell, and nothing is lost
            assert code == 0
        else:
            assert code == 1
            said = capsys.readouterr().err
            assert f"error: {path}: no build made it" in said
            assert "nothing was written: move it elsewhere, or name another folder with --results" in said
            assert small.computed == []
            assert own(tmp_path) == before
            assert not (tmp_path / "site").exists()
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            assert small.build(tmp_path, *FIRST) == 0
        assert own(tmp_path) == own(finished)
        for part in ("results", "site"):
            shutil.rmtree(tmp_path / part)
    tell(f"strangers in the results: {len(names)} names, each as {kind}, all named and left alone")


@pytest.mark.parametrize("name", ["embeddings/tsne-p10.parquet", "clusters/tsne-p10.parquet"])
def test_a_stranger_among_the_tables_of_another_grid_is_named(
    small: Small, folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "results" / "digits" / name
    path.write_text("mine")
    before = tree(folder)
    assert small.build(folder, *FIRST) == 0  # which needs no such name
    small.computed.clear()
    assert small.build(folder, *SECOND) == 1
    assert f"error: {path}: no build made it" in capsys.readouterr().err
    assert small.computed == []
    assert tree(folder) == before


def test_nothing_of_a_gallery_is_computed_if_a_stranger_is_in_the_way_of_one(
    small: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = 'source = "digits"\nperplexity = [5, 8]\nk = [3, 4]\n' + PLAIN_KEYS
    (tmp_path / "gallery.toml").write_text("".join(f'[[dataset]]\nid = "{name}"\n{grid}' for name in ("one", "two")))
    path = tmp_path / "results" / "two" / "review.parquet"
    write_atomic(path, b"mine")
    small.computed.clear()
    assert small.build(tmp_path, "--config", str(tmp_path / "gallery.toml")) == 1
    assert f"error: {path}: no build made it" in capsys.readouterr().err
    assert small.computed == []
    assert own(tmp_path) == {"results/two/review.parquet": b"mine"}


def test_what_a_killed_build_left_is_gone_on_with_whatever_comes_next(
    small: Small, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables and cells of a first build that no manifest names yet: the next one has another grid."""

    def die(path: Path, data: bytes) -> None:
        if path.name == store.MANIFEST:
            raise KeyboardInterrupt
        write_atomic(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "write_atomic", die)
        assert small.build(tmp_path, *FIRST) == 130
    left = set(own(tmp_path))
    assert {"results/digits/cells.json", "results/digits/metrics.parquet"} <= left
    assert "results/digits/manifest.json" not in left
    undisturbed = Path(shutil.copytree(finished, tmp_path / "undisturbed"))
    for folder in (tmp_path, undisturbed):
        assert small.build(folder, *SECOND) == 0
    tables = {name for name in own(undisturbed) if not name.endswith(".part")}
    assert {name: own(tmp_path)[name] for name in tables} == {name: own(undisturbed)[name] for name in tables}


@pytest.mark.parametrize("harm", ["format", "truncated", "flipped"])
def test_a_list_of_tables_that_cannot_be_trusted_still_says_whose_they_are(
    small: Small, folder: Path, harm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "results" / "digits" / store.MANIFEST
    sound = path.read_bytes()
    if harm == "format":
        resealed(path, '"format": 2', '"format": 3')
    else:
        path.write_bytes(sound[:-10] if harm == "truncated" else sound.replace(b"{", b"[", 1))
    assert small.build(folder, *SECOND) == 0
    assert str(path) in capsys.readouterr().err
    assert small.build(folder, "--verify") == 0


def test_without_a_list_only_what_would_be_written_anyway_is_taken_for_a_builds_own(
    small: Small, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = tree(folder)
    (folder / "results" / "digits" / store.MANIFEST).unlink()
    assert small.build(folder, *FIRST) == 0
    assert tree(folder) == sound
    (folder / "results" / "digits" / store.MANIFEST).unlink()
    before = tree(folder)
    small.computed.clear()
    assert small.build(folder, *SECOND) == 1
    assert "no build made it (no manifest.json here names it)" in capsys.readouterr().err
    assert small.computed == []
    assert tree(folder) == before
