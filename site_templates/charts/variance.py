"""The chart of explained variance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt

from site_templates.charts.vega import axis_of, finish, theme_colors


@dataclass(frozen=True)
class Component:
    """One principal component: its number from 1, its share of the variance, and the share of all up to it."""

    component: int
    ratio: float
    cumulative: float


def explained_variance(rows: Sequence[Component], threshold: float) -> alt.LayerChart:
    """Variance explained by each component (bars) and by all up to it (line), with the `threshold` in [0, 1].

    Rows are drawn up to a little past the component that reaches the threshold: the rest is a flat tail.
    """
    kept = next((row.component for row in rows if row.cumulative >= threshold - 1e-9), len(rows))
    shown = [row for row in rows if row.component <= math.ceil(kept * 1.35)]
    data = alt.InlineData([asdict(row) for row in shown])
    x = alt.X(
        "component:Q",
        title="component",
        scale=alt.Scale(domain=[0.4, len(shown) + 0.6], nice=False, zero=False),
        axis=axis_of("component", tickCount=8, format="d"),
    )
    axis = axis_of("share of the variance", tickCount=5, format="%", grid=True)
    y = alt.Y("ratio:Q", scale=alt.Scale(domain=[0, 1]), axis=axis)
    ink, accent = alt.ExprRef("ink"), alt.ExprRef("accent")
    width = alt.ExprRef(f"max(1, width / {len(shown)} - 3)")
    bars = alt.Chart(data).mark_bar(size=width, color=ink, opacity=0.28).encode(x=x, y=y)
    line = alt.Chart(data).mark_line(color=accent, strokeWidth=2).encode(x=x, y=alt.Y("cumulative:Q"))
    dots = alt.Chart(data).mark_point(filled=True, size=14, color=accent, opacity=1).encode(x=x, y="cumulative:Q")
    mark = alt.InlineData([{"component": kept, "threshold": threshold}])
    rule = alt.Chart(mark).mark_rule(color=ink, strokeDash=[4, 4], opacity=0.7).encode(y="threshold:Q")
    drop = alt.Chart(mark).mark_rule(color=ink, strokeDash=[1, 3], opacity=0.7).encode(x="component:Q")
    note = (
        alt.Chart(mark)
        .mark_text(
            text=[f"{kept} component{'' if kept == 1 else 's'}", f"keep{'s' if kept == 1 else ''} {threshold:.0%}"],
            align="left",
            baseline="top",
            dy=8,
            dx=8,
            color=ink,
        )
        .encode(x="component:Q", y="threshold:Q")
    )
    return finish([bars, rule, drop, line, dots, note], theme_colors(), "Explained variance")
