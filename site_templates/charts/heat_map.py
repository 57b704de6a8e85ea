"""The charts of the grid: a heat map of one measure over all settings, and curves along each of its axes.

As on the maps, the marks hold positions only; values and colours come from the page's arrays through `FUNCTIONS`
(static/data/grid.js), so that another measure, theme or setting swaps no rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from site_templates.charts.vega import axis_of, finish, theme_colors

FUNCTIONS = ("gridFill", "gridBest", "lineValue")
"""What the page's scripts must provide before they run these charts."""

_WHOLE = "indexof(join(places, ' '), '.') < 0 ? 1 : 0"
"""The least step between ticks: there is no k of 2.5."""

_SHORT = "abs(datum.value) >= 10000 ? format(datum.value, '.2~s') : datum.label"


@dataclass(frozen=True)
class Along:
    """An axis of the grid: its title, its values' names, and the places that are named."""

    title: str
    names: Sequence[str]
    ticks: Sequence[int]


def heat_map(cells: int, across: Along, up: Along) -> alt.LayerChart:
    """One axis across, one up, a cell each; the best ones outlined, the current and the hovered one marked.

    `series`, set by the page, says which of its arrays this is: all charts of a page share expression functions. The
    page sets the axes, too: which they are depends on the method and the clusterer.

    Args:
        cells: the most that there are.
        across, up: the axes at the start.
    """
    x = alt.X("column:O", scale=_band("columns", reverse=False), axis=_labels("across", "columns", "columnTicks"))
    y = alt.Y("row:O", scale=_band("rows", reverse=True), axis=_labels("up", "rows", "rowTicks"))
    column, row = "floor(datum.cell / length(rows))", "datum.cell % length(rows)"
    all_cells = (
        alt.Chart(alt.sequence(0, cells, as_="cell"))
        .transform_filter("datum.cell < length(columns) * length(rows)")
        .transform_calculate(column=column, row=row)
    )
    values = all_cells.mark_rect(fill=alt.ExprRef("gridFill(series, datum.cell, shown)"), stroke=None)
    best = all_cells.mark_rect(
        fill=None,
        stroke=alt.ExprRef("ink"),
        strokeWidth=1.6,
        opacity=alt.ExprRef("gridBest(series, datum.cell, shown) ? 1 : 0"),
    )
    marks = alt.Chart(alt.sequence(0, 2, as_="mark")).transform_calculate(
        cell="datum.mark ? current : hovered", column=column, row=row
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
        *_named(across=across.title, columns=list(across.names), columnTicks=list(across.ticks)),
        *_named(up=up.title, rows=list(up.names), rowTicks=list(up.ticks)),
        *_named(series="", shown=0, current=-1, hovered=-1),
        *theme_colors(),
    ]
    return finish([layer.encode(x=x, y=y) for layer in (values, best, halo, ring)], params, "Measure over the grid")


def curve(most: int) -> alt.LayerChart:
    """A measure along one axis of the grid: its values as dots on a line, the best ringed, the current one marked.

    `series` is as in `heat_map`. The page sets the axis, `along` and `places`, and the ends of the upright one, `low`
    and `high`: those of the measure over the whole grid, so that the axis stays where it is while a slider moves.

    Args:
        most: values that an axis has at most.
    """
    x = alt.X(
        "place:Q",
        scale=alt.Scale(domain=[alt.ExprRef("first"), alt.ExprRef("last")], nice=False, zero=False, padding=8),
        axis=axis_of("{along}", tickCount=6, tickMinStep=alt.ExprRef(_WHOLE)),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[alt.ExprRef("low"), alt.ExprRef("high")], nice=False, zero=False),
        axis=axis_of("", tickCount=4, grid=True, labelExpr=_SHORT),
    )
    points = (
        alt.Chart(alt.sequence(0, most, as_="at"))
        .transform_filter("datum.at < length(places)")
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
        *_named(along="", places=[], first=0, last=1, series="", shown=0, current=-1, best=[], low=0, high=1),
        *theme_colors(),
    ]
    return finish(
        [layer.encode(x=x, y=y) for layer in (line, dots, best, here)], params, "Measure along an axis of the grid"
    )


def _named(**values: Any) -> list[alt.Parameter]:
    return [alt.param(name=name, value=value) for name, value in values.items()]


def _band(names: str, reverse: bool) -> alt.Scale:
    """A scale with a band for each of the names that a parameter holds."""
    return alt.Scale(domain=alt.ExprRef(f"sequence(0, length({names}))"), padding=0, reverse=reverse)


def _labels(title: str, names: str, ticks: str) -> alt.Axis:
    """An axis that names some of its places; title, names and places are in parameters."""
    return axis_of(
        f"{{{title}}}",
        values=alt.ExprRef(ticks),
        labelExpr=f"{names}[datum.value]",
        labelAngle=0,
        ticks=False,
        domain=False,
        labelOverlap=False,
    )
