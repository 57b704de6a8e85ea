"""Charts compiled to Vega, in the page's type and colours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

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
"""What the page's scripts must provide before they run a map (static/maps/charts.js)."""

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


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
    for axis in spec.get("axes", ()):
        name = _TITLED.fullmatch(axis.get("title", ""))
        if name:
            axis["title"] = {"signal": name[1]}
    return spec


_TITLED = re.compile(r"\{(\w+)\}")
"""An axis title that a parameter holds, "{across}": Vega allows that, Vega-Lite has no word for it."""


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


def theme_colors() -> list[alt.Parameter]:
    """Theme colours as parameters: the page sets them from its style sheet when the theme changes."""
    light = {"ink": "#1d1b18", "paper": "#fbfaf7", "faint": "#8d877d", "accent": "#0b63a5"}
    return [alt.param(name=name, value=value) for name, value in light.items()]


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
