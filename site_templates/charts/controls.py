"""Controls of a page, as they are declared with the charts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

import altair as alt

from site_templates.charts.vega import theme_colors

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


def parameters(
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
