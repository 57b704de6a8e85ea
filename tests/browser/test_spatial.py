"""The spatial index finds what looking at every point finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

SEARCH = """([x, y, queries, count, places, boxes]) => {
    const index = clusterfolio.spatial.create(Float32Array.from(x), Float32Array.from(y));
    return {
        neighbors: queries.map((i) => index.neighbors(i, count)),
        nearest: places.map(([px, py, radius]) => index.nearest(px, py, radius)),
        even: places.map(([px, py, radius]) => index.nearest(px, py, radius, (i) => i % 2 === 0)),
        inside: boxes.map((box) => index.inside(...box)),
    };
}"""

RANDOM = np.random.default_rng(7)
CLOUDS: dict[str, NDArray[Any]] = {
    "even": RANDOM.random((700, 2)),
    "two far groups": np.concatenate([RANDOM.normal(0, 1, (400, 2)), RANDOM.normal(1e4, 0.01, (300, 2))]),
    "a lattice full of ties": np.stack(np.meshgrid(np.arange(20), np.arange(25)), axis=-1).reshape(-1, 2),
    "a line": np.stack([RANDOM.random(300), np.full(300, 2.0)], axis=1),
    "one place": np.full((200, 2), -3.25),
    "many twice": np.repeat(RANDOM.random((120, 2)), 3, axis=0),
    "one outlier": np.concatenate([RANDOM.random((300, 2)) * 1e-3, [[1e6, -1e6]]]),
    "one": np.array([[4.0, 5.0]]),
    "none": np.zeros((0, 2)),
}


def test_points_at_one_place_are_not_all_looked_at_for_each(sources: Page) -> None:
    script = """n => {
        let reads = 0;
        const x = new Proxy(new Float32Array(n), { get: (array, name) => { reads += 1; return array[name]; } });
        const index = clusterfolio.spatial.create(x, new Float32Array(n));
        reads = 0;
        const found = [0, 5, n - 1].map((i) => index.neighbors(i, 3));
        return [found, reads];
    }"""
    found, reads = sources.evaluate(script, 40_000)
    assert found == [[1, 2, 3], [0, 1, 2], [0, 1, 2]]
    assert reads < 50


@pytest.mark.parametrize("cloud", CLOUDS, ids=str)
def test_the_index_finds_what_looking_at_every_point_finds(sources: Page, cloud: str) -> None:
    points = CLOUDS[cloud].astype(np.float32).astype(np.float64)
    n = len(points)
    low, high = (points.min(axis=0), points.max(axis=0)) if n else (np.zeros(2), np.ones(2))
    span = (high - low).max() or 1.0
    random = np.random.default_rng(n)
    queries = random.choice(n, min(n, 40), replace=False).tolist() if n else []
    middles = low - 0.2 * span + random.random((40, 2)) * 1.4 * (high - low + 0.1)
    places = [
        [*place, radius * span] for place, radius in zip(middles, random.choice([0, 0.02, 0.3, 5], 40), strict=True)
    ]
    places += [[*point, 0.0] for point in points[:5]]
    boxes = np.concatenate([middles[:15], middles[15:30]], axis=1)
    boxes = np.concatenate([boxes, np.concatenate([points[:5], points[-5:]], axis=1)]) if n >= 10 else boxes
    given = [points[:, 0].tolist(), points[:, 1].tolist(), queries, 12, places, boxes.tolist()]
    found = sources.evaluate(SEARCH, given)

    def by_distance(x: float, y: float) -> tuple[NDArray[Any], NDArray[Any]]:
        distances = (points[:, 0] - x) ** 2 + (points[:, 1] - y) ** 2
        return np.lexsort((np.arange(n), distances)), distances

    def first(x: float, y: float, radius: float, step: int) -> int:
        order, distances = by_distance(x, y)
        close = [int(i) for i in order if distances[i] <= radius * radius and i % step == 0]
        return close[0] if close else -1

    for query, neighbors in zip(queries, found["neighbors"], strict=True):
        order, _ = by_distance(*points[query])
        assert neighbors == [int(i) for i in order if i != query][:12]
    assert found["nearest"] == [first(x, y, radius, 1) for x, y, radius in places]
    assert found["even"] == [first(x, y, radius, 2) for x, y, radius in places]
    for (x0, y0, x1, y1), members in zip(boxes.tolist(), found["inside"], strict=True):
        across = (points[:, 0] >= min(x0, x1)) & (points[:, 0] <= max(x0, x1))
        up = (points[:, 1] >= min(y0, y1)) & (points[:, 1] <= max(y0, y1))
        assert members == np.flatnonzero(across & up).tolist()


def test_seventy_thousand_points(sources: Page) -> None:
    points = np.random.default_rng(0).normal(size=(70_000, 2)).astype(np.float32)
    found = sources.evaluate(SEARCH, [points[:, 0].tolist(), points[:, 1].tolist(), [0, 69_999], 10, [[0, 0, 0.5]], []])
    exact = points.astype(np.float64)
    for query, neighbors in zip((0, 69_999), found["neighbors"], strict=True):
        distances = ((exact - exact[query]) ** 2).sum(axis=1)
        assert neighbors == np.argsort(distances)[1:11].tolist()
    assert found["nearest"] == [int((exact**2).sum(axis=1).argmin())]
