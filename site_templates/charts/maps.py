"""The explorer's charts, declared once in Altair, with the parameters that drive them.

A parameter and the widget that sets it come from one declaration (`controls.Control`), as does the page's form, so that
they cannot disagree; `vega.compiled` gives the Vega that the page runs, so that no Vega-Lite is compiled in a browser.

The maps hold one row per sample, `{id}`, and no coordinates. Position, colour, opacity and shape come from
the page's typed arrays through the expression functions named in `FUNCTIONS`: swapping a chart's rows costs
five times as long as asking the arrays again. The arguments after the first say on which parameters a value
depends, and so when Vega asks again; `setting` and `look` bundle them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from site_templates.charts.controls import Control, parameters
from site_templates.charts.vega import axis_of, finish
from site_templates.data.points import points_layer

LINKS = 10
"""Lines that a map can draw from the pinned sample."""


def embedding_map(controls: Sequence[Control], samples: int, clusters: int) -> alt.LayerChart:
    """The map of one place of the grid, square, without ticks: the units of most methods' maps mean nothing.

    The page scales each map into [-1, 1].

    Args:
        controls: what the map depends on.
        samples, clusters: how many there are, at most.
    """
    scale = alt.Scale(domain=[-1, 1], nice=False, zero=False)
    x = alt.X("across:Q", scale=scale, axis=None)
    y = alt.Y("up:Q", scale=scale, axis=None)
    points, *above = _layers(samples, clusters, ("mapX", "mapY", "place, glide"), x, y)
    driven = [*parameters(controls), alt.param(name="linked", value=0)]
    return finish([points, _links(x, y), *above], driven, "Map")


def pca_map(
    controls: Sequence[Control],
    samples: int,
    clusters: int,
    extent: tuple[float, float, float, float],
    shares: tuple[float, float],
) -> alt.LayerChart:
    """The map beside, at first the first two principal components, in their own units, one unit as long across as up.

    Which map that is, the page says; with another one it sets the ends of the axes, which are then out of sight.

    Args:
        controls: what the map depends on.
        samples, clusters: how many there are, at most.
        extent: the smallest and largest x, then the smallest and largest y.
        shares: the part of the variance that each of the two components explains, in [0, 1].
    """
    left, right, low, high = extent
    half = max(right - left, high - low) / 2 * 1.04 or 1.0
    middle, centre = (left + right) / 2, (low + high) / 2
    x = alt.X(
        "across:Q",
        scale=alt.Scale(domain=[alt.ExprRef("west"), alt.ExprRef("east")], nice=False, zero=False),
        axis=_axis("besideX"),
    )
    y = alt.Y(
        "up:Q",
        scale=alt.Scale(domain=[alt.ExprRef("south"), alt.ExprRef("north")], nice=False, zero=False),
        axis=_axis("besideY"),
    )
    layers = _layers(samples, clusters, ("pcaX", "pcaY", "beside"), x, y)
    titles = [f"PC{number}, {share:.1%} of the variance" for number, share in enumerate(shares, 1)]
    axes: dict[str, Any] = {
        "west": middle - half,
        "east": middle + half,
        "south": centre - half,
        "north": centre + half,
    }
    axes |= {"besideX": titles[0], "besideY": titles[1], "axes": 1}
    driven = [*parameters(controls, beside=True), *(alt.param(name=name, value=value) for name, value in axes.items())]
    return finish(layers, driven, "Map beside")


def _axis(title: str) -> alt.Axis:
    """An axis that the page can put out of sight; its title is in a parameter."""
    seen = alt.ExprRef("axes")
    return axis_of(f"{{{title}}}", labelOpacity=seen, tickOpacity=seen, domainOpacity=seen)


def _layers(samples: int, clusters: int, position: tuple[str, str, str], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Points, then the dominant label at each cluster's medoid, then rings on the hovered and pinned samples.

    The box is an interval selection; hover and pin are plain parameters, because the other map and the address
    have to set them too, and a selection has no setter.
    """
    across, up, depends = position

    def at(sample: str) -> dict[str, str]:
        return {"across": f"{across}({sample}, {depends})", "up": f"{up}({sample}, {depends})"}

    # one mention of `look` makes Vega ask for everything that a point wears again
    points = (
        alt.Chart(alt.sequence(0, samples if points_layer(samples) == "marks" else 0, as_="id"))
        .transform_calculate(**at("datum.id"))
        .mark_point(
            filled=True,
            strokeWidth=0,
            size=alt.ExprRef("dot"),
            fill=alt.ExprRef("pointFill(datum.id, look)"),
            opacity=alt.ExprRef("pointOpacity(datum.id)"),
            shape=alt.ExprRef("pointShape(datum.id)"),
        )
        .encode(x=x, y=y)
        .add_params(
            alt.selection_interval(
                name="box",
                encodings=["x", "y"],
                translate=False,
                zoom=False,
                mark=alt.BrushConfig(fill="#888888", fillOpacity=0.12, stroke="#888888", strokeOpacity=0.9),
            )
        )
    )
    medoids = alt.Chart(alt.sequence(0, clusters, as_="cluster")).transform_calculate(
        **at("clusterAt(datum.cluster, setting)")
    )
    text: dict[str, Any] = {
        "text": alt.ExprRef("clusterText(datum.cluster, setting)"),
        "fontSize": 15,
        "fontWeight": 700,
    }
    halo = medoids.mark_text(
        **text, fill=None, stroke=alt.ExprRef("paper"), strokeWidth=4, strokeJoin="round", opacity=0.9
    )
    labels = medoids.mark_text(**text, fill=alt.ExprRef("ink"), opacity=1)
    rings = (
        alt.Chart(alt.sequence(0, 2, as_="ring"))
        .transform_calculate(**at("datum.ring ? pinned : hovered"))
        .mark_point(
            filled=False,
            fill=None,
            size=alt.ExprRef("max(dot, 12) * (datum.ring ? 9 : 6)"),
            stroke=alt.ExprRef("datum.ring ? accent : ink"),
            strokeWidth=2,
            opacity=alt.ExprRef("(datum.ring ? pinned : hovered) < 0 ? 0 : 1"),
        )
    )
    return [points, *(layer.encode(x=x, y=y) for layer in (halo, labels, rings))]


def _links(x: alt.X, y: alt.Y) -> alt.Chart:
    """Lines from the pinned sample to its true neighbours: solid where the map keeps them near, dashed where not."""

    def at(axis: str, sample: str) -> str:
        return f"map{axis}({sample}, place, glide)"

    links: alt.Chart = (
        alt.Chart(alt.sequence(0, LINKS, as_="link"))
        .transform_calculate(other="linkTo(datum.link, linked)")
        .transform_calculate(
            across=at("X", "pinned"), up=at("Y", "pinned"), far=at("X", "datum.other"), high=at("Y", "datum.other")
        )
        .mark_rule(
            stroke=alt.ExprRef("ink"),
            strokeWidth=1.4,
            strokeDash=alt.ExprRef("linkKept(datum.link) ? [1, 0] : [3, 4]"),
            opacity=alt.ExprRef("pinned < 0 || datum.other < 0 ? 0 : linkKept(datum.link) ? 0.8 : 0.55"),
        )
        .encode(x=x, y=y, x2="far:Q", y2="high:Q")
    )
    return links
