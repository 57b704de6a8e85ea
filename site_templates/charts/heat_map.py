"""The charts of the grid: a heat map of one measure over all settings, and curves along each of its axes.

As on the maps, the marks hold positions only; values and colours come from the page's arrays through `FUNCTIONS`
(static/data/grid.js), so that another measure, theme or setting swaps no rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt

from site_templates.charts.vega import axis_of, finish, theme_colors

FUNCTIONS = ("gridFill", "gridBest", "lineValue")
"""What the page's scripts must provide before they run these charts."""

_SHORT = "abs(datum.value) >= 10000 ? format(datum.value, '.2~s') : datum.label"

LABELS = 10
"""At most this many labels along an axis of the grid."""


def heat_map(perplexities: Sequence[float], ks: Sequence[float]) -> alt.LayerChart:
    """Perplexity across, k up, a cell each; the best ones outlined, the current and the hovered one marked.

    `series`, set by the page, says which of its arrays this is: all charts of a page share expression functions.
    """
    columns, rows = len(perplexities), len(ks)
    x = alt.X(
        "column:O", scale=alt.Scale(domain=list(range(columns)), padding=0), axis=_labels("perplexity", perplexities)
    )
    y = alt.Y(
        "row:O", scale=alt.Scale(domain=list(range(rows)), padding=0, reverse=True), axis=_labels("clusters k", ks)
    )
    cells = alt.Chart(alt.sequence(0, columns * rows, as_="cell")).transform_calculate(
        column=f"floor(datum.cell / {rows})", row=f"datum.cell % {rows}"
    )
    values = cells.mark_rect(fill=alt.ExprRef("gridFill(series, datum.cell, shown)"), stroke=None)
    best = cells.mark_rect(
        fill=None,
        stroke=alt.ExprRef("ink"),
        strokeWidth=1.6,
        opacity=alt.ExprRef("gridBest(series, datum.cell, shown) ? 1 : 0"),
    )
    marks = alt.Chart(alt.sequence(0, 2, as_="mark")).transform_calculate(
        cell="datum.mark ? current : hovered", column=f"floor(datum.cell / {rows})", row=f"datum.cell % {rows}"
    )
    # two strokes: one of the two colours stands out against any cell
    halo = marks.mark_rect(
        fill=None,
        stroke=alt.ExprRef("paper"),
        strokeWidth=alt.ExprRef("datum.mark ? 6 : 3"),
        opacity=alt.ExprRef("datum.cell < 0 ? 0 : 1"),
    )
    ring = marks.mark_rect(
        fill=None,
        stroke=alt.ExprRef("ink"),
        strokeWidth=alt.ExprRef("datum.mark ? 3 : 1"),
        opacity=alt.ExprRef("datum.cell < 0 ? 0 : 1"),
    )
    params = [
        alt.param(name="series", value=""),
        alt.param(name="shown", value=0),
        alt.param(name="current", value=-1),
        alt.param(name="hovered", value=-1),
        *theme_colors(),
    ]
    return finish([layer.encode(x=x, y=y) for layer in (values, best, halo, ring)], params, "Measure over the grid")


def curve(name: str, values: Sequence[float]) -> alt.LayerChart:
    """A measure along one axis of the grid: its values as dots on a line, the best ringed, the current one marked.

    `series` is as in `heat_map`. The page sets the ends of the upright axis, `low` and `high`: those of the measure
    over the whole grid, so that the axis stays where it is while a slider moves.
    """
    x = alt.X(
        "place:Q",
        scale=alt.Scale(
            domain=[values[0], values[-1]] if len(values) > 1 else [values[0] - 1, values[0] + 1],
            nice=False,
            zero=False,
            padding=8,
        ),
        axis=axis_of(name, tickCount=6),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[alt.ExprRef("low"), alt.ExprRef("high")], nice=False, zero=False),
        axis=axis_of("", tickCount=4, grid=True, labelExpr=_SHORT),
    )
    points = (
        alt.Chart(alt.sequence(0, len(values), as_="at"))
        .transform_calculate(place="places[datum.at]", value="lineValue(series, datum.at, shown)")
        .transform_filter("isValid(datum.value)")
    )
    ink, accent, paper = alt.ExprRef("ink"), alt.ExprRef("accent"), alt.ExprRef("paper")
    line = points.mark_line(color=ink, strokeWidth=1.4, opacity=0.55)
    dots = points.mark_point(filled=True, size=22, color=ink, opacity=0.8)
    best = points.mark_point(
        filled=False,
        fill=None,
        shape="square",
        size=110,
        stroke=ink,
        strokeWidth=1.6,
        opacity=alt.ExprRef("indexof(best, datum.at) >= 0 ? 1 : 0"),
    )
    here = points.mark_point(
        filled=True,
        size=90,
        fill=accent,
        stroke=paper,
        strokeWidth=2,
        opacity=alt.ExprRef("datum.at == current ? 1 : 0"),
    )
    params = [
        alt.param(name="places", value=list(values)),
        alt.param(name="series", value=""),
        alt.param(name="shown", value=0),
        alt.param(name="current", value=-1),
        alt.param(name="best", value=[]),
        alt.param(name="low", value=0),
        alt.param(name="high", value=1),
        *theme_colors(),
    ]
    return finish([layer.encode(x=x, y=y) for layer in (line, dots, best, here)], params, f"Measure over {name}")


def _labels(title: str, values: Sequence[float]) -> alt.Axis:
    """An axis that names some of its places by their values: round ones if there are enough, else every few."""
    round_ones = [at for at, value in enumerate(values) if value % 5 == 0]
    if not 3 <= len(round_ones) <= LABELS:
        round_ones = list(range(0, len(values), math.ceil(len(values) / LABELS)))
    if len(values) <= LABELS + 3:
        round_ones = list(range(len(values)))
    names = [f"{value:g}" for value in values]
    return axis_of(
        title,
        values=round_ones,
        labelExpr=f"{names}[datum.value]".replace("'", '"'),
        labelAngle=0,
        ticks=False,
        domain=False,
        labelOverlap=False,
    )
