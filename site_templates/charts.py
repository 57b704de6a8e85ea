"""The explorer's charts, declared once in Altair, with the parameters that drive them.

A parameter and the widget that sets it are declared together (`alt.param(bind=…)`). `controls` reads the
widgets back out of a finished chart, so that the page's form and the chart cannot disagree; `compiled`
gives the Vega that the page runs, so that no Vega-Lite is compiled in a browser.

The maps hold one row per sample, `{id}`, and no coordinates. Position, colour, opacity and shape come from
the page's typed arrays through the expression functions named in `FUNCTIONS`: swapping a chart's rows costs
five times as long as asking the arrays again. The arguments after the first say on which parameters a value
depends, and so when Vega asks again; `setting` and `look` bundle them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

import altair as alt
import vl_convert

LARGEST_MARKS = 1_000
"""Up to so many samples are marks of the Vega chart; more are drawn by the page on a canvas under it.

Vega asks its expressions for every mark again, and draws each as a path. At 1,797 samples a step of a slider takes a
third of the processor time with the canvas, at 20,000 a twenty-fifth (tests/benchmarks/bench_large.py). What a reader
saves is drawn by Vega all the same, mark by mark (`still` in static/charts.js).
"""

FUNCTIONS = (
    "mapX",
    "mapY",
    "pcaX",
    "pcaY",
    "pointFill",
    "pointOpacity",
    "pointShape",
    "clusterAt",
    "clusterText",
    "linkTo",
    "linkKept",
)
"""What the page's scripts must provide before they run a map (static/charts.js)."""

LINKS = 10
"""Lines that a map can draw from the pinned sample."""

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_UNITS = {"perplexity": "neighbours", "k": "clusters"}
_COLORS = (("cluster", "cluster"), ("label", "true label"), ("right", "right or wrong"))


@dataclass(frozen=True)
class Option:
    """One choice of a radio group: the value that the parameter takes, and its name on the page."""

    value: str
    label: str


@dataclass(frozen=True)
class Control:
    """A form control read from a chart's bound parameter.

    `kind` is the input's type, "range" or "radio". A range has `minimum`, `maximum`, `step` and, as its step
    alone cannot describe an uneven axis, the `values` it may take; a radio group has `options`.
    """

    name: str
    label: str
    kind: str
    value: float | str
    unit: str = ""
    minimum: float = 0.0
    maximum: float = 0.0
    step: float = 1.0
    values: tuple[float, ...] = ()
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Component:
    """One principal component: its number from 1, its share of the variance, and the share of all up to it."""

    component: int
    ratio: float
    cumulative: float


def points_layer(samples: int) -> str:
    """Which layer draws so many samples: "marks" of the chart, or the page's own "canvas" (static/points.js)."""
    return "marks" if samples <= LARGEST_MARKS else "canvas"


def embedding_map(
    axes: Mapping[str, Sequence[float]],
    spaces: Sequence[tuple[str, str]],
    start: Mapping[str, float | str],
    samples: int,
    labelled: bool = True,
) -> alt.LayerChart:
    """The t-SNE map of one perplexity, square, without ticks: the units of a t-SNE map mean nothing.

    `axes` gives the values of "perplexity" and "k", `spaces` (name, label) pairs of where K-Means ran, `start`
    the first value of each parameter, `samples` the number of rows. The page scales each map into [-1, 1].
    """
    scale = alt.Scale(domain=[-1, 1], nice=False, zero=False)
    x = alt.X("across:Q", scale=scale, axis=None)
    y = alt.Y("up:Q", scale=scale, axis=None)
    points, *above = _layers(samples, _clusters(axes), ("mapX", "mapY", "perplexity, glide"), x, y)
    parameters = [*_parameters(axes, spaces, start, labelled), alt.param(name="linked", value=0)]
    return finish([points, _links(x, y), *above], parameters, "t-SNE map")


def pca_map(
    axes: Mapping[str, Sequence[float]],
    spaces: Sequence[tuple[str, str]],
    start: Mapping[str, float | str],
    samples: int,
    extent: tuple[float, float, float, float],
    shares: tuple[float, float],
    labelled: bool = True,
) -> alt.LayerChart:
    """The first two principal components, in their own units, one unit as long across as up.

    `extent` is the smallest and largest x and the smallest and largest y; `shares` the part of the variance
    that each of the two components explains, in [0, 1]. The other arguments are those of `embedding_map`.
    """
    left, right, low, high = extent
    half = max(right - left, high - low) / 2 * 1.04 or 1.0
    middle, centre = (left + right) / 2, (low + high) / 2
    x = alt.X(
        "across:Q",
        scale=alt.Scale(domain=[middle - half, middle + half], nice=False, zero=False),
        axis=axis_of(f"PC1, {shares[0]:.1%} of the variance"),
    )
    y = alt.Y(
        "up:Q",
        scale=alt.Scale(domain=[centre - half, centre + half], nice=False, zero=False),
        axis=axis_of(f"PC2, {shares[1]:.1%} of the variance"),
    )
    layers = _layers(samples, _clusters(axes), ("pcaX", "pcaY", "0"), x, y)
    return finish(layers, _parameters(axes, spaces, start, labelled), "PCA map")


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
            text=[f"{kept} components", f"keep {threshold:.0%}"], align="left", baseline="top", dy=8, dx=8, color=ink
        )
        .encode(x="component:Q", y="threshold:Q")
    )
    return finish([bars, rule, drop, line, dots, note], theme_colors(), "Explained variance")


def controls(chart: alt.LayerChart, axes: Mapping[str, Sequence[float]] | None = None) -> tuple[Control, ...]:
    """The form controls of a chart's bound parameters, in the order in which they were declared.

    `axes` adds the values that a range may take where they are not evenly spaced.
    """
    found = []
    for param in chart.to_dict(validate=False).get("params", []):
        bind = param.get("bind")
        if not isinstance(bind, dict):
            continue
        name, value, label = param["name"], param["value"], bind["name"]
        if bind["input"] == "range":
            control = Control(
                name=name,
                label=label,
                kind="range",
                value=value,
                unit=_UNITS.get(name, ""),
                minimum=bind["min"],
                maximum=bind["max"],
                step=bind["step"],
                values=tuple((axes or {}).get(name, ())),
            )
        else:
            options = tuple(Option(v, text) for v, text in zip(bind["options"], bind["labels"], strict=True))
            control = Control(name=name, label=label, kind=bind["input"], value=value, options=options)
        found.append(control)
    return tuple(found)


def compiled(chart: alt.LayerChart) -> dict[str, Any]:
    """The chart as Vega for the page: without widgets (the page's form sets the signals) and without size.

    Not validated at each build, which would take five times as long as all else: the tests do it, for all charts.
    """
    spec: dict[str, Any] = vl_convert.vegalite_to_vega(chart.to_dict(validate=False))
    for signal in spec["signals"]:
        signal.pop("bind", None)
    spec.pop("$schema", None)
    for mark in spec["marks"]:
        _lighten(mark)
    return spec


def _lighten(mark: dict[str, Any]) -> None:
    """Drop work that Vega would repeat for every sample: tests for invalid places, and the search under the pointer.

    The page's arrays hold finite numbers only, and it finds the nearest sample itself.
    """
    places = mark["encode"]["update"]
    for channel in ("x", "y"):
        rules = places.get(channel)
        if isinstance(rules, list) and str(rules[0].get("test", "")).startswith("!isValid("):
            places[channel] = rules[-1]
    if mark["type"] == "symbol":
        mark["interactive"] = False


def _clusters(axes: Mapping[str, Sequence[float]]) -> int:
    return int(max(axes["k"]))


def _parameters(
    axes: Mapping[str, Sequence[float]],
    spaces: Sequence[tuple[str, str]],
    start: Mapping[str, float | str],
    labelled: bool,
) -> list[alt.Parameter]:
    """What a map depends on: the setting, chosen by widgets, and what the page shows of it."""
    colors = _COLORS if labelled else _COLORS[:1]
    return [
        _range("perplexity", "Perplexity", axes["perplexity"], start["perplexity"]),
        _range("k", "Clusters k", axes["k"], start["k"]),
        _choice("space", "Cluster in", spaces, start["space"]),
        _choice("color", "Colour by", colors, start["color"]),
        alt.param(name="setting", expr="[perplexity, k, space]"),
        alt.param(name="look", expr="[setting, color, focus]"),
        alt.param(name="glide", value=1),
        alt.param(name="focus", value=0),
        alt.param(name="hovered", value=-1),
        alt.param(name="pinned", value=-1),
        alt.param(name="dot", value=28),
        *theme_colors(),
    ]


def theme_colors() -> list[alt.Parameter]:
    """Theme colours as parameters: the page sets them from its style sheet when the theme changes."""
    light = {"ink": "#1d1b18", "paper": "#fbfaf7", "faint": "#8d877d", "accent": "#0b63a5"}
    return [alt.param(name=name, value=value) for name, value in light.items()]


def _range(name: str, label: str, axis: Sequence[float], value: float | str) -> alt.Parameter:
    values = sorted(axis)
    bind = alt.binding_range(min=_plain(values[0]), max=_plain(values[-1]), step=_step(values), name=label)
    return alt.param(name=name, value=_plain(value), bind=bind)


def _choice(name: str, label: str, options: Sequence[tuple[str, str]], value: float | str) -> alt.Parameter:
    values, labels = [option[0] for option in options], [option[1] for option in options]
    return alt.param(name=name, value=value, bind=alt.binding_radio(options=values, labels=labels, name=label))


def _plain(value: float | str) -> Any:
    """35.0 is written 35, in widgets and in addresses."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _step(values: Sequence[float]) -> Any:
    """The largest step from the first value that meets every value of the axis; 1 for an axis of one value."""
    steps = [Fraction(str(b)) - Fraction(str(a)) for a, b in pairwise(values)]
    if not steps:
        return 1
    common = reduce(
        lambda a, b: Fraction(
            math.gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator
        ),
        steps,
    )
    return _plain(float(common))


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
        return f"map{axis}({sample}, perplexity, glide)"

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


def axis_of(title: str, **more: Any) -> alt.Axis:
    """A quiet axis whose colours follow the theme."""
    settings: dict[str, Any] = {"grid": False, **({} if "values" in more else {"tickCount": 4}), **more}
    ink, faint = alt.ExprRef("ink"), alt.ExprRef("faint")
    return alt.Axis(
        title=title,
        titleColor=ink,
        labelColor=ink,
        tickColor=faint,
        domainColor=faint,
        gridColor=faint,
        gridOpacity=0.25,
        titleFontWeight="normal",
        labelFontSize=11,
        titleFontSize=12,
        **settings,
    )


def finish(layers: Sequence[alt.Chart], params: Sequence[alt.Parameter], description: str) -> alt.LayerChart:
    """One layered chart on a transparent ground; the page sets its width and height."""
    first, *others = layers
    # at once, not by Altair's chained methods: each of those copies the whole chart
    return alt.LayerChart(
        layer=[first.add_params(*params), *others],
        width=400,
        height=400,
        background="transparent",
        description=description,
        autosize=alt.AutoSizeParams(type="none"),
        config=alt.Config(
            font=_FONT, aria=False, padding=0, mark=alt.MarkConfig(invalid=None), view=alt.ViewConfig(stroke=None)
        ),
    )
