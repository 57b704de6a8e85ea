"""Assignments: clusters come back from centres and exceptions, whatever the clustering."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from site_templates.data import assignments
from site_templates.data.columns import Column, coordinates, decode


def blobs(rng: np.random.Generator, k: int, n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Points around k places, each with the nearest mean of its own kind after some rounds of Lloyd."""
    points = (rng.normal(0, 40, (k, 2))[rng.integers(0, k, n)] + rng.normal(0, 6, (n, 2))).astype(np.float32)
    at = points[rng.choice(n, k, replace=False)].astype(np.float64)
    for _ in range(30):
        clusters = ((points[:, None] - at[None]) ** 2).sum(axis=2).argmin(axis=1)
        clusters[:k] = np.arange(k)  # none is empty
        at = np.stack([points[clusters == c].mean(axis=0, dtype=np.float64) for c in range(k)])
    return points, clusters.astype(np.int16)


def back(x: Column, y: Column, record: dict[str, Any]) -> np.ndarray:
    """Clusters as a page finds them."""
    if "clusters" in record:
        return decode(record["clusters"])
    at = [
        decode({"u16": packed, "from": axis["from"], "to": axis["to"]})
        for axis, packed in zip((x, y), record["centers"], strict=True)
    ]
    found = assignments.nearest(decode(x), decode(y), *at)
    if "exceptions" in record:
        found[decode(record["exceptions"]["samples"])] = decode(record["exceptions"]["clusters"])
    return found


def test_centers_are_means() -> None:
    points = np.array([[0, 0], [2, 4], [10, 10]], dtype=np.float32)
    np.testing.assert_array_equal(assignments.centers(points, np.array([0, 0, 1]), 2), [[1, 2], [10, 10]])


def test_ties_go_to_the_lower_number() -> None:
    def one(*values: float) -> np.ndarray:
        return np.array(values, dtype=np.float32)

    assert assignments.nearest(one(0, 0), one(0, 1), one(1, -1, 0), one(0, 0, 2)).tolist() == [0, 2]


@pytest.mark.parametrize("k", [1, 3, 15, 40])
def test_clusters_come_back_from_their_centres(rng: np.random.Generator, k: int) -> None:
    points, clusters = blobs(rng, k)
    x, y = coordinates(points[:, 0]), coordinates(points[:, 1])
    record = assignments.on_map(x, y, points, clusters, k)
    assert "clusters" not in record
    np.testing.assert_array_equal(back(x, y, record), clusters)


def test_samples_far_from_their_centre_are_exceptions(rng: np.random.Generator) -> None:
    points, clusters = blobs(rng, 5)
    x, y = coordinates(points[:, 0]), coordinates(points[:, 1])
    moved = [7, 300, 599]
    clusters[moved] = (clusters[moved] + 1) % 5
    record = assignments.on_map(x, y, points, clusters, 5)
    assert set(moved) <= set(decode(record["exceptions"]["samples"]).tolist())
    np.testing.assert_array_equal(back(x, y, record), clusters)


def test_many_exceptions_are_a_column(rng: np.random.Generator) -> None:
    points, _ = blobs(rng, 5)
    clusters = rng.permutation(np.arange(len(points)) % 5).astype(np.int16)
    x, y = coordinates(points[:, 0]), coordinates(points[:, 1])
    record = assignments.on_map(x, y, points, clusters, 5)
    assert "exceptions" not in record
    np.testing.assert_array_equal(back(x, y, record), clusters)


def test_margins_that_cannot_be_derived() -> None:
    margin = np.array([0, 0.5, np.nan, -0.25, 0, 2], dtype=np.float32)
    found = assignments.margins(margin, np.array([False, True, True, False, False, True]))
    assert found is not None
    np.testing.assert_allclose(decode(found["wrong"]), [0.5, 2], atol=2 / 65535)
    assert decode(found["others"]["samples"]).tolist() == [3]
    np.testing.assert_array_equal(decode(found["others"]["values"]), [-0.25])
    assert assignments.margins(np.zeros(3, dtype=np.float32), np.zeros(3, dtype=bool)) is None
