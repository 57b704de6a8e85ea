"""Neighbours: exact, self left out, lower index first on a tie, independent of how many are asked."""

from __future__ import annotations

import numpy as np
import pytest

from precompute import neighbors
from precompute.neighbors import nearest


def test_equals_the_slow_way(rng: np.random.Generator) -> None:
    points = rng.normal(size=(120, 5)).astype(np.float32)
    found = nearest(points, 7)
    apart = np.linalg.norm(points[:, None].astype(float) - points[None].astype(float), axis=2)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_array_equal(found.indices, np.argsort(apart, axis=1)[:, :7])
    np.testing.assert_allclose(found.distances, np.sort(apart, axis=1)[:, :7], rtol=1e-6)
    assert [found.indices.dtype.name, found.distances.dtype.name] == ["int32", "float32"]


def test_ties_go_to_the_lower_index_and_copies_are_neighbours() -> None:
    points = np.array([[0, 0], [1, 0], [-1, 0], [0, 0], [0, 1]], dtype=np.float32)
    assert nearest(points, 4).indices[0].tolist() == [3, 1, 2, 4]
    assert nearest(points, 4).indices[3].tolist() == [0, 1, 2, 4]


def test_the_first_columns_do_not_depend_on_the_count(rng: np.random.Generator) -> None:
    points = rng.normal(size=(200, 3)).astype(np.float32)
    few, many = nearest(points, 15), nearest(points, 150)
    np.testing.assert_array_equal(few.indices, many.indices[:, :15])
    np.testing.assert_array_equal(few.distances, many.distances[:, :15])


@pytest.mark.parametrize("kind", ["grid", "copies", "two places", "far from the origin", "blank"])
def test_ties_at_the_last_rank_go_to_the_lower_index_for_any_count(kind: str, rng: np.random.Generator) -> None:
    places = {
        "grid": rng.integers(0, 4, (300, 3)),
        "copies": np.repeat(rng.normal(size=(25, 6)), 12, axis=0),
        "two places": np.repeat([[0, 0], [1, 1]], 60, axis=0),
        "far from the origin": rng.integers(0, 4, (300, 3)) + 4096,
        "blank": np.where(np.arange(300)[:, None] % 10 > 0, [0.0, -0.0, 0.0, 0.0], rng.random((300, 4))),
    }
    points = places[kind].astype(np.float32)
    apart = ((points[:, None].astype(float) - points[None].astype(float)) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    expected = np.argsort(apart, axis=1, kind="stable")
    for count in (1, 7, 15, 100, len(points) - 1):
        found = nearest(points, count)
        np.testing.assert_array_equal(found.indices, expected[:, :count])
        np.testing.assert_array_equal(found.distances, np.sqrt(np.sort(apart, axis=1)[:, :count]).astype(np.float32))


def test_one_search_serves_all_copies_of_a_point(rng: np.random.Generator) -> None:
    """b15: each of 900 blank pictures was held against all 1,000."""
    points = np.where(np.arange(1000)[:, None] % 10 > 0, 0.5, rng.random((1000, 8)))
    groups = neighbors.alike(points, np.arange(1000))
    assert sorted(len(group) for group in groups) == [1] * 100 + [900]
    assert np.sort(np.concatenate(groups)).tolist() == list(range(1000))


@pytest.mark.parametrize("count", [0, 10, -1])
def test_counts_out_of_range(count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} neighbours of 10 points; allowed: 1 to 9"):
        nearest(np.zeros((10, 2), np.float32), count)
