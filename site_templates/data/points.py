"""Which layer draws the points of a map."""

from __future__ import annotations

LARGEST_MARKS = 1_000
"""Up to so many samples are marks of the Vega chart; more are drawn by the page on a canvas under it.

Vega asks its expressions for every mark again, and draws each as a path. At 1,797 samples a step of a slider takes a
third of the processor time with the canvas, at 20,000 a twenty-fifth (tests/benchmarks/bench_large.py). What a reader
saves is drawn by Vega all the same, mark by mark (`still` in static/maps/charts.js).
"""


def points_layer(samples: int) -> str:
    """Which layer draws so many samples: "marks" of the chart, or the page's own "canvas" (static/maps/points.js)."""
    return "marks" if samples <= LARGEST_MARKS else "canvas"
