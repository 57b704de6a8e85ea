"""Exported charts: Vega-Lite with the data inside and Vega's own widgets, for any viewer.

The page's own charts read its typed arrays and would not run elsewhere. These are made from the tables. A row holds
what one position of the sliders needs, with its samples or clusters as arrays, and the chart's own transforms pick the
row and spread it: so a slider works wherever Vega-Lite does, and a whole grid stays a few megabytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from precompute.store import Entry, Manifest
from site_templates import palette, words
from site_templates.charts import variance
from site_templates.charts.export_maps import maps
from site_templates.charts.export_parts import (
    LONGEST_TITLE,
    ExportedChart,
    Settings,
    Widgets,
    finished,
    select,
    short,
)
from site_templates.views import StudyView

_GREY = "#8d877d"
_RIGHT, _WRONG = "#0b63a5", "#d9660a"


@debug_mode(False)  # as in `vega.compiled`: the tests validate, not each build
def exported_charts(view: StudyView, start: Mapping[str, Any]) -> list[ExportedChart]:
    """All charts of a study.

    Args:
        view: its tables.
        start: the state in which the explorer starts.
    """
    widgets = Widgets(view.manifest, start)
    settings = [
        (widgets.keys(setting.info), setting)
        for part in dict.fromkeys(info.part for info in view.manifest.settings)
        for setting in view.settings(part)
    ]
    charts = [maps(view, widgets)] if widgets.methods else []
    if settings:
        charts += [_metrics(view, settings, widgets), _clusters(view, settings, widgets)]
        if view.labels is not None:
            charts.append(_confusion(view, settings, widgets))
    return [*charts, _variance(view)]


# -------------------------------------------------------------------------------------- one row for each setting


def _here(widgets: Widgets, flat: Sequence[str]) -> alt.Chart:
    """Rows of the current setting, their arrays spread."""
    return alt.Chart(alt.NamedData("settings")).transform_filter(widgets.same).transform_flatten(list(flat))


def _names(names: Sequence[str]) -> list[dict[str, Any]]:
    """Label names as the one row of a table: in an expression, Vega stops at a text such as "constructor"."""
    return [{"all": 1, "names": names}]


def _with_names(chart: alt.Chart) -> alt.Chart:
    """Every row with the label names."""
    names = alt.LookupData(alt.NamedData("labels"), "all", ["names"])
    return chart.transform_calculate(all="1").transform_lookup("all", names)


def _clusters(view: StudyView, settings: Settings, widgets: Widgets) -> ExportedChart:
    """Size, dominant label and purity of each cluster of a setting."""
    fields = ["cluster", "label", "size", "purity", "entropy", "medoid"]
    rows = [
        {**keys} | {name: [short(getattr(row, name)) for row in setting.stats] for name in fields}
        for keys, setting in settings
    ]
    names = view.manifest.dataset.labels
    data: dict[str, Any] = {"settings": rows}
    chart = _here(widgets, fields)
    tooltip = ["cluster:O", "size:Q", alt.Tooltip("medoid:Q", title="medoid (sample)")]
    if names is None:
        color: Any = alt.value(_GREY)
    else:
        data["labels"] = _names(names)
        chart = _with_names(chart).transform_calculate(mostly="datum.names[datum.label]")
        hues = alt.Scale(domain=names, range=palette.label_colors(len(names)))
        color = alt.Color("mostly:N", scale=hues, title="mostly")
        tooltip += ["mostly:N", alt.Tooltip("purity:Q", format=".1%"), alt.Tooltip("entropy:Q", format=".3f")]
    size = alt.X("size:Q", title="samples", stack=None)  # stacks are sorted, by an expression with the labels in it
    drawn = (
        chart.mark_bar()
        .encode(y=alt.Y("cluster:O", title="cluster"), x=size, color=color, tooltip=tooltip)
        .properties(width=520, height=alt.Step(24))
    )
    title = f"{view.manifest.dataset.title}: clusters"
    return ExportedChart("clusters", title, "", finished(drawn, data, widgets.of_settings(), title, widgets.now))


def _confusion(view: StudyView, settings: Settings, widgets: Widgets) -> ExportedChart:
    """Samples by dominant label of their cluster and true label."""
    fields = ["true", "dominant", "samples"]
    rows = [
        {**keys} | dict(zip(fields, map(list, zip(*setting.pairs, strict=True)), strict=True))
        for keys, setting in settings
        if setting.pairs  # of noise alone there are none
    ]
    names = view.manifest.dataset.labels or []
    chart = (
        _with_names(_here(widgets, fields))
        .transform_calculate(true_label="datum.names[datum.true]", mostly="datum.names[datum.dominant]")
        .transform_joinaggregate(of_label="sum(samples)", groupby=["true"])
        .transform_calculate(share="datum.samples / datum.of_label")
    )
    x = alt.X(
        "true_label:N", title="true label", scale=alt.Scale(domain=names), axis=alt.Axis(orient="top", labelAngle=0)
    )
    y = alt.Y("mostly:N", title="cluster is mostly", scale=alt.Scale(domain=names))
    right = alt.datum.true == alt.datum.dominant
    cells = chart.mark_rect().encode(
        x=x,
        y=y,
        color=alt.condition(right, alt.value(_RIGHT), alt.value(_WRONG)),
        opacity=alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.06, 0.6]), legend=None),
        tooltip=["true_label:N", "mostly:N", "samples:Q", alt.Tooltip("share:Q", format=".1%", title="of this label")],
    )
    counts = chart.mark_text().encode(x=x, y=y, text="samples:Q")
    side = max(240, min(40 * len(names), 900))
    title = f"{view.manifest.dataset.title}: confusion matrix"
    drawn = (cells + counts).properties(width=side, height=side)
    data = {"settings": rows, "labels": _names(names)}
    return ExportedChart("confusion", title, "", finished(drawn, data, widgets.of_settings(), title, widgets.now))


# ---------------------------------------------------------------------------------------------------- the whole grid


def _metrics(view: StudyView, settings: Settings, widgets: Widgets) -> ExportedChart:
    """A measure over the first parameters of method and clusterer, and a measure of the maps over that of the method.

    All other parameters have the value that their widget gives.
    """
    labels = {metric.name: metric.label for metric in view.manifest.metrics}
    rows = [{**keys} | {name: short(value) for name, value in setting.metrics.items()} for keys, setting in settings]
    of_settings = [name for name in labels if any(name in setting.metrics for _, setting in settings)]
    methods, clusterers = widgets.methods, widgets.clusterers
    maps_made = [info for info in view.manifest.embeddings if info.method in {method.name for method in methods}]
    measured = {info.slug: view.embedding_metrics(info.slug) for info in maps_made}
    of_maps = [name for name in labels if any(name in values for values in measured.values())]
    title = f"{view.manifest.dataset.title}: measures over the grid"
    first = {entry.parameters[0] for entry in (*methods, *clusterers) if entry.parameters}
    others = [widget for widget in widgets.of_settings() if widget.name not in {*first, "space"}]
    params = [select("measure", "Measure", of_settings, labels), *others, widgets.space]
    data: dict[str, Any] = {"settings": rows}
    of_map, of_clusters = widgets.others(methods, "method"), widgets.others(clusterers, "clusterer")
    same = " && ".join(
        filter(None, ("datum.space == space", of_map and f"(space == 'features' || {of_map})", of_clusters))
    )
    across, up = (
        _axis_title(widgets.manifest, entries, several)
        for entries, several in ((methods, "parameter of the map"), (clusterers, "parameter of the clusterer"))
    )
    first_of_map = widgets.first(methods, "method") if methods else "null"
    heads = [f"{name}:{'N' if name == 'space' else 'Q'}" for name in settings[0][0] if name not in _CHOICES]
    drawn: Any = (
        alt.Chart(alt.NamedData("settings"))
        .transform_filter(same)
        .transform_calculate(
            value="datum[measure]",
            across=first_of_map,
            up=widgets.first(clusterers, "clusterer"),
            column="datum.space == 'features' ? 'any' : toString(datum.across)",
        )
        .mark_rect()
        .encode(
            x=alt.X("column:O", title=across, sort=alt.EncodingSortField("across", op="min")),
            y=alt.Y("up:O", title=up, sort="descending"),
            color=alt.Color("value:Q", scale=alt.Scale(scheme="viridis", zero=False), title="value"),
            tooltip=[*heads, alt.Tooltip("value:Q", format=".4f")],
        )
        .properties(width=640, height=alt.Step(22), title="Measures of settings")
    )
    if of_maps and first_of_map != "null":
        data["maps"] = [
            widgets.keys_of(info) | {name: short(value) for name, value in measured[info.slug].items()}
            for info in maps_made
        ]
        chart = alt.Chart(alt.NamedData("maps"))
        line = (
            (chart.transform_filter(of_map) if of_map else chart)
            .transform_calculate(value="datum[map_measure]", across=first_of_map)
            .mark_line(point=True)
            .encode(
                x=alt.X("across:Q", title=across, scale=alt.Scale(zero=False)),
                y=alt.Y("value:Q", scale=alt.Scale(zero=False), title="value"),
                tooltip=[alt.Tooltip("across:Q", title=across), alt.Tooltip("value:Q", format=".4f")],
            )
            .properties(width=640, height=200, title="Measures of maps")
        )
        drawn = drawn & line
        params.append(select("map_measure", "Measure of maps", of_maps, labels))
    return ExportedChart("metrics", title, "", finished(drawn, data, params, title))


_CHOICES = ("method", "clusterer")


def _axis_title(manifest: Manifest, entries: Sequence[Entry], several: str) -> str:
    """Name of the first parameter, where there is one entry that has one."""
    names = {one.parameters[0] for one in entries if one.parameters}
    return words.word(manifest, names.pop()) if len(names) == 1 else several


def _variance(view: StudyView) -> ExportedChart:
    """Explained variance, as the page draws it, with room for its axes."""
    rows = [variance.Component(**row) for row in view.study.tables["variance"].to_pylist()]
    chart = variance.explained_variance(rows, view.manifest.parameters["variance"])
    title = f"{view.manifest.dataset.title}: explained variance"
    chart = chart.properties(autosize=alt.AutoSizeParams(type="pad"), padding=12, background="white", width=560)
    heading = alt.TitleParams(title, limit=LONGEST_TITLE)
    return ExportedChart("variance", title, "", chart.properties(title=heading, height=300).to_dict(validate=False))
