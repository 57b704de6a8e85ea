"""Natural order: numbers in names by their value."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.order import natural_path, ordered


@pytest.mark.parametrize(
    "expected",
    [
        [str(at) for at in range(16)],
        ["class 1", "class 2", "class 10", "class 11"],
        ["dose 0.25", "dose 0.5", "dose 1.0", "dose 10.0"],
        ["v1.9.0", "v1.10.0", "v1.10.1"],
        ["-10", "-2", "-1.5", "0", "2"],
        ["+1", "1", "2"],
        ["001", "01", "1", "2"],
        ["a", "a2", "a10", "b"],
        ["cat.0.jpg", "cat.9.jpg", "cat.10.jpg"],
        ["x" + "9" * 5000, "x1" + "0" * 5000],
        ["²", "猫2", "猫10"],
        [],
    ],
)
def test_numbers_in_names_count(expected: list[str]) -> None:
    assert ordered(reversed(expected)) == expected


def test_paths_are_ordered_folder_by_folder() -> None:
    paths = ["a/2.png", "a/10.png", "a b/1.png", "a2/1.png", "a10/1.png"]
    assert sorted(set(paths), key=natural_path) == paths


@given(st.lists(st.text(st.sampled_from("0129.-_ aé"), max_size=6), max_size=6, unique=True))
def test_the_order_is_one_order_however_the_names_come(names: list[str]) -> None:
    assert len({tuple(ordered(turned)) for turned in itertools.permutations(names[:5])}) == 1
