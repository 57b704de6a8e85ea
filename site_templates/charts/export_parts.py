"""What the charts to take away share: the finished chart with its data, and the widgets that drive it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt

from site_templates.data import explorer
from site_templates.views import SettingView

_NOW = "'perplexity ' + perplexity + ', k ' + k + (space == 'features' ? ', clustered in the features' : '')"

LONGEST_TITLE = 900
"""Pixels of a chart's title that are drawn: a picture as wide as any title could be larger than a browser makes one."""

Parts = Mapping[str, Sequence[SettingView]]
"""Settings by what was clustered: an embedding's slug, or "features"."""

Settings = Sequence[tuple[Mapping[str, Any], SettingView]]
"""Settings with their keys: perplexity (None on the features), k and space."""


@dataclass(frozen=True)
class Portable:
    """A chart to take away: its name, what it shows, what it leaves out (empty: nothing), and its Vega-Lite."""

    name: str
    title: str
    left_out: str
    spec: Mapping[str, Any]


def finished(
    chart: Any,
    data: Mapping[str, Sequence[Mapping[str, Any]]],
    params: Sequence[alt.Parameter],
    title: str,
    note: str = "",
    perplexities: Sequence[float] | None = None,
) -> dict[str, Any]:
    """The finished chart with its data, which Altair never sees: it would copy and check every value of them.

    `usermeta` tells the page's scripts to which perplexities a slider may be set.
    """
    text: Any = title
    if any(param.name == "k" for param in params):
        text = alt.ExprRef(f"[{json.dumps(title)}, {_NOW}]")
    heading = alt.TitleParams(
        text, subtitle=[note] if note else [], anchor="start", fontSize=15, offset=14, limit=LONGEST_TITLE
    )
    whole = chart.add_params(*params).properties(title=heading, background="white", padding=12)
    whole = whole.configure_view(stroke="#dedad2").configure_legend(symbolLimit=0)  # else all after 30 are left out
    spec: dict[str, Any] = whole.to_dict(validate=False) | {"datasets": dict(data)}
    if perplexities is not None:
        spec["usermeta"] = {"perplexities": [plain(value) for value in perplexities]}
    return spec


def setting_controls(axes: Mapping[str, Sequence[float]], start: Mapping[str, Any]) -> list[alt.Parameter]:
    return [
        slider("perplexity", "Perplexity", axes["perplexity"], start["perplexity"]),
        slider("k", "Clusters k", axes["k"], start["k"]),
        space_control(start),
    ]


def space_control(start: Mapping[str, Any]) -> alt.Parameter:
    return radio("space", "Cluster in", explorer.SPACES, start["space"])


def slider(name: str, label: str, values: Sequence[float], value: float) -> alt.Parameter:
    """A slider where the values are evenly spaced, else a list to choose from: a slider would stop in between."""
    ordered = [plain(one) for one in sorted(values)]
    steps = {round(b - a, 9) for a, b in pairwise(ordered)}
    bind: Any
    if len(steps) == 1:
        bind = alt.binding_range(min=ordered[0], max=ordered[-1], step=plain(steps.pop()), name=f"{label} ")
    else:
        bind = alt.binding_select(options=ordered, name=f"{label} ")
    return alt.param(name=name, value=plain(value), bind=bind)


def radio(name: str, label: str, options: Sequence[tuple[str, str]], value: str) -> alt.Parameter:
    bind = alt.binding_radio(
        options=[one for one, _ in options], labels=[text for _, text in options], name=f"{label} "
    )
    return alt.param(name=name, value=value, bind=bind)


def select(name: str, label: str, options: Sequence[str], labels: Mapping[str, str]) -> alt.Parameter:
    bind = alt.binding_select(options=list(options), labels=[labels[one] for one in options], name=f"{label} ")
    return alt.param(name=name, value=options[0] if options else None, bind=bind)


def plain(value: float | None) -> Any:
    """35.0 is written 35."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def short(value: Any) -> Any:
    """A measure to six significant digits: what a chart can show. Infinite and missing ones are null."""
    if not isinstance(value, float):
        return value
    return plain(float(f"{value:.6g}")) if math.isfinite(value) else None
