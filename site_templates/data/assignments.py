"""Assignments: which sample belongs to which cluster, in as few bytes as a page can turn back into the table.

On a map, K-Means leaves every sample with its nearest centre, but for a few: the table's centres are means of its
last assignment, and coordinates travel in 16 bits. So a page gets the centres and a list of the exceptions; where a
clusterer makes many, it gets the clusters one by one. Here the page's rule is run on what the page will hold, the
exceptions are what differs from the table, and with them the result is compared with the table again: a chunk that
gives back anything else is never written.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from site_templates.data.columns import Column, codes, coordinates, decode, nibbles, numbers

EXCEPTIONS = 16
"""With more than one exception in so many samples, the plain column is no larger than centres and exceptions."""

_BLOCK = 65_536


def centers(points: NDArray[np.floating[Any]], clusters: NDArray[np.integer[Any]], count: int) -> NDArray[np.float64]:
    """Means of the clusters' members, in double precision: (count, d). No cluster is empty.

    Args:
        points: (n, d).
        clusters: (n,) in 0 … count − 1, or −1, which is in none.
    """
    inside = clusters >= 0
    own = clusters[inside]
    sizes = np.bincount(own, minlength=count)
    sums = [np.bincount(own, weights=column, minlength=count) for column in points[inside].T.astype(np.float64)]
    return np.stack(sums, axis=1) / sizes[:, None]


def nearest(
    x: NDArray[np.float32], y: NDArray[np.float32], center_x: NDArray[np.float32], center_y: NDArray[np.float32]
) -> NDArray[np.intp]:
    """The page's rule (decode.js, `nearest`): the centre at the smallest squared distance, the lower on a tie.

    All four are as decoded; the arithmetic is double precision, one operation after the other, as in JavaScript.
    """
    found = np.empty(len(x), dtype=np.intp)
    for begin in range(0, len(x), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        across = x[block, None].astype(np.float64) - center_x[None, :].astype(np.float64)
        up = y[block, None].astype(np.float64) - center_y[None, :].astype(np.float64)
        found[block] = (across * across + up * up).argmin(axis=1)
    return found


def on_map(
    x: Column, y: Column, points: NDArray[np.float32], clusters: NDArray[np.int16], count: int
) -> dict[str, Any]:
    """The assignments of one setting on a map: its centres, and either the exceptions or, if many, the plain column.

    Args:
        x, y: the map's coordinates as the page gets them.
        points: (n, 2) float32 as stored.
        clusters: (n,) as stored.
    """
    if not count:
        return {"clusters": column(clusters, count)}
    means = centers(points, clusters, count)
    at = [coordinates(column, extent=(axis["from"], axis["to"])) for axis, column in zip((x, y), means.T, strict=True)]
    derived = nearest(decode(x), decode(y), decode(at[0]), decode(at[1]))
    different = np.flatnonzero(derived != clusters)
    # a map's chunk says its extent once, with the coordinates
    record: dict[str, Any] = {"centers": [column["u16"] for column in at]}
    if len(different) * EXCEPTIONS > len(clusters) or (clusters < 0).any():
        return {**record, "clusters": column(clusters, count)}
    if len(different):
        record["exceptions"] = {"samples": numbers(different), "clusters": codes(clusters[different])}
        derived[decode(record["exceptions"]["samples"])] = decode(record["exceptions"]["clusters"])
    if not np.array_equal(derived, clusters):
        raise AssertionError("assignments do not come back from their centres; nothing was written")
    return record


def column(clusters: NDArray[np.int16], count: int) -> Column:
    """Assignments one by one: four bits each where there are at most 16 clusters. Noise has the number after the last,
    so that in no array it is somebody else's place.
    """
    return nibbles(np.where(clusters < 0, count, clusters))


def margins(margin: NDArray[np.float32], wrong: NDArray[np.bool_]) -> dict[str, Any] | None:
    """Margins that a page cannot derive, because the centres lie in the space of the features.

    Of misclassified samples those that have one, in the order of samples; all others are 0 or absent, but for the
    `others`. None where there is nothing to say.

    Args:
        margin: (n,) float32, NaN where no cluster bears the sample's label.
        wrong: (n,) misclassified.
    """
    has = np.isfinite(margin)
    values = margin[wrong & has]
    others = np.flatnonzero(~wrong & has & (margin != 0))
    found: dict[str, Any] = {}
    if len(values):
        found["wrong"] = coordinates(values)
    if len(others):
        found["others"] = {"samples": numbers(others), "values": coordinates(margin[others])}
    return found or None
