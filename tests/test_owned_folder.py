"""A folder of own files among strangers': what is in the way, what is written, and what is removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from precompute.machine.files import sha256
from precompute.machine.owned_folder import OwnedFolder, lies_inside


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../../b", "a\\b", "C:a", "a\0"])
def test_names_that_lead_out_of_a_folder(name: str) -> None:
    assert not lies_inside(name)
    assert lies_inside("a/b.txt")


def test_what_no_list_names_is_in_the_way_unless_it_is_what_would_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    for name in ("same.txt", "other.txt", "own.txt", "above"):
        (tmp_path / name).write_bytes(b"content")
    names = ["above/a.txt", "folder.txt", "new.txt", "other.txt", "own.txt", "same.txt"]
    owned = OwnedFolder(tmp_path, {"own.txt"})
    every = [tmp_path / name for name in ("above", "folder.txt", "other.txt", "same.txt")]
    assert owned.strangers(names) == every
    assert owned.strangers(names, lambda name: sha256(b"content" if name == "same.txt" else b"else")) == every[:3]


def test_only_what_differs_is_written_and_in_the_order_given(tmp_path: Path) -> None:
    owned = OwnedFolder(tmp_path, ())
    assert owned.put([("b/b.txt", b"1"), ("a.txt", b"1")]) == ["b/b.txt", "a.txt"]
    assert owned.put([("b/b.txt", b"1"), ("a.txt", b"2")]) == ["a.txt"]


def test_the_last_written_goes_first_with_folders_that_are_empty_then_and_nothing_outside(tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "mine.txt"
    outside.write_bytes(b"mine")
    owned = OwnedFolder(folder, (), lambda name: (name.endswith(".html"), name))
    owned.put((name, b"") for name in ("a/b/one.js", "a/two.js", "three.html"))
    (folder / "link").symlink_to(tmp_path)
    assert owned.outside(["a/two.js", "link/mine.txt", "../mine.txt"]) == ["link/mine.txt", "../mine.txt"]
    stale = ["a/b/one.js", "three.html", "gone.js", "link/mine.txt", "../mine.txt"]
    assert owned.remove(stale)[0] == "three.html"
    assert sorted(path.name for path in folder.iterdir()) == ["a", "link"]
    assert [path.name for path in (folder / "a").iterdir()] == ["two.js"]
    assert outside.read_bytes() == b"mine"
