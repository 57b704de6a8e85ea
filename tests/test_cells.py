"""Cells: keys see every input, reasons say what changed, parts are never read damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from precompute.run import cells
from precompute.run.cells import Array, CellCache, Part
from precompute.store import Cells


def test_keys_depend_on_every_input_and_not_on_their_order() -> None:
    one = cells.record(a=1, b={"x": 1.5})
    assert cells.record(b={"x": 1.5}, a=1).key == one.key
    assert (
        len(
            {
                one.key,
                cells.record(a=2, b={"x": 1.5}).key,
                cells.record(a=1, b={"x": 1.25}).key,
                cells.record(a=1).key,
                cells.record(a=1, b={"y": 1.5}).key,
            }
        )
        == 5
    )


def test_reasons() -> None:
    old = Cells(format=1, cells={"cell": cells.record(a=1, b="x")}, failed=[])
    assert cells.explain("cell", cells.record(a=1, b="x"), old).startswith("kept")
    assert cells.explain("cell", cells.record(a=2, b="x"), old) == "changed: a 1 → 2"
    assert cells.explain("other", cells.record(a=1), old).startswith("new")
    assert cells.explain("cell", cells.record(a=1), None).startswith("new")


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.int16).reshape(2, 3),
        np.array([0.5, np.nan], dtype=np.float32),
        np.zeros((0, 2)),
        np.arange(12).reshape(3, 4)[:, ::2],
    ],
)
def test_arrays_come_back(array: np.ndarray) -> None:
    back = Array.of(array).unpack()
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype


def test_parts_come_back_by_name_and_key(tmp_path: Path) -> None:
    cache, part = CellCache(tmp_path), Part("k" * 64, {"points": Array.of(np.eye(2))}, {"kl": 1.5})
    cache.write("tsne-p5", part)
    assert cache.read("tsne-p5", part.key) == part
    assert cache.read("tsne-p5", "k" * 16 + "j" * 48) is None, "equal beginning, other key"
    assert cache.read("tsne-p6", part.key) is None


@pytest.mark.parametrize("position", [0, 30, 100, -1])
def test_a_flipped_byte_is_noticed(tmp_path: Path, position: int) -> None:
    cache, part = CellCache(tmp_path), Part("k" * 64, {"points": Array.of(np.eye(2))})
    cache.write("a", part)
    (path,) = tmp_path.iterdir()
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    assert cache.read("a", part.key) is None
    path.write_bytes(b"")
    assert cache.read("a", part.key) is None


def test_versions_are_those_of_the_packages() -> None:
    assert cells.versions(["numpy"]) == {"numpy": np.__version__}
