"""Charts to take away: Vega-Lite with the data inside and Vega's own widgets, for any viewer.

The page's own charts read its typed arrays and would not run elsewhere. These are made from the tables. A row holds
what one position of the sliders needs, with its samples as arrays, and the chart's own transforms pick the row and
spread it: so a slider works wherever Vega-Lite does, and a whole grid stays a few megabytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from precompute.store import number_slug
from site_templates import charts, palette, payload
from site_templates.views import SettingView, StudyView

BUDGET = 3_000_000
"""Bytes, about, that the maps may take; with more samples fewer perplexities are in the chart, and it says so."""

_NOW = "'perplexity ' + perplexity + ', k ' + k + (space == 'features' ? ', clustered in the features' : '')"
_GREY = "#8d877d"
_RIGHT, _WRONG = "#0b63a5", "#d9660a"


_Parts = Mapping[str, Sequence[SettingView]]
"""Settings by what was clustered: an embedding's slug, or "features"."""

_Settings = Sequence[tuple[Mapping[str, Any], SettingView]]
"""Settings with their keys: perplexity (None on the features), k and space."""


@dataclass(frozen=True)
class Portable:
    """A chart to take away: its name, what it shows, what it leaves out (empty: nothing), and its Vega-Lite."""

    name: str
    title: str
    left_out: str
    spec: Mapping[str, Any]


def portable_charts(view: StudyView, axes: Mapping[str, Sequence[float]], start: Mapping[str, Any]) -> list[Portable]:
    """All charts of a study.

    Args:
        view: its tables. axes: values of "perplexity" and "k". start: the state in which the explorer starts.
    """
    parts = {info.slug: view.settings(info.slug) for info in view.manifest.embeddings if info.perplexity is not None}
    parts["features"] = view.settings("features")
    settings = _keyed(view, parts)
    made = [
        _maps(view, parts, axes, start),
        _metrics(view, settings, start),
        _clusters(view, settings, axes, start),
        _variance(view),
    ]
    if view.labels is not None:
        made.insert(3, _confusion(view, settings, axes, start))
    return made


# ----------------------------------------------------------------------------------------------------------- maps


def _maps(view: StudyView, parts: _Parts, axes: Mapping[str, Sequence[float]], start: Mapping[str, Any]) -> Portable:
    """The t-SNE map and the PCA map side by side, for every perplexity, k and space."""
    n = view.manifest.dataset.n
    width = sum(_digits(int(k)) for k in axes["k"])
    kept = chosen(axes["perplexity"], start["perplexity"], max(1, BUDGET // (n * (10 + width))))
    rows = [_map_row(view, parts, value) for value in kept]
    samples: dict[str, Any] = {"all": 1, "id": view.samples["id"].tolist(), **_codes(parts["features"], "f")}
    pca = next(info for info in view.manifest.embeddings if info.slug == "pca")
    samples |= _frame(view.points(pca), "pca_")
    names = view.manifest.dataset.labels
    if names is not None and view.labels is not None:
        samples |= {"label": view.labels.tolist(), "names": names}
    left_out = _left_out(kept, axes["perplexity"])
    base = alt.Chart(alt.NamedData("maps"))
    base = base.transform_filter("datum.perplexity == perplexity").transform_calculate(
        all="1", sample=f"sequence(0, {n})"
    )
    base = base.transform_lookup("all", alt.LookupData(alt.NamedData("samples"), "all", [*samples][1:]))
    spread = ["sample", "id", "x", "y", "pca_x", "pca_y", *(["label"] if "label" in samples else [])]
    base = base.transform_calculate(
        codes="space == 'features' ? datum['f' + k] : datum['k' + k]",
        dominant="space == 'features' ? datum['df' + k] : datum['dk' + k]",
    ).transform_flatten(spread)
    base = base.transform_calculate(
        cluster=f"isString(datum.codes) ? toNumber(slice(datum.codes, datum.sample * length(datum.codes) / {n},"
        f" (datum.sample + 1) * length(datum.codes) / {n})) : null",
    )
    if names is not None:
        base = base.transform_calculate(
            true_label="datum.names[datum.label]",
            cluster_label="datum.cluster == null ? null : datum.names[datum.dominant[datum.cluster]]",
            verdict="datum.cluster == null ? null : datum.dominant[datum.cluster] == datum.label ?"
            " 'right' : 'misclassified'",
        ).transform_calculate(shown="color == 'label' ? datum.true_label : datum.cluster_label")
    tsne = _points(base, "t-SNE map", "", names, axes)
    both = alt.hconcat(tsne, _points(base, "PCA map", "pca_", names, axes))
    params = [_slider("perplexity", "Perplexity", kept, start["perplexity"]), *_setting(axes, start)[1:]]
    if names is not None:
        params.append(_radio("color", "Colour by", (("cluster", "cluster"), ("label", "true label")), "cluster"))
    title = f"{view.manifest.dataset.title}: t-SNE and PCA maps"
    data = {"maps": rows, "samples": [samples]}
    return Portable("maps", title, left_out, _spec(both, data, params, title, left_out, kept))


def chosen(values: Sequence[float], always: float, count: int) -> list[float]:
    """At most `count` of the values, ascending: `always`, and others as evenly spread as can be."""
    ordered = sorted(values)
    if count >= len(ordered):
        return ordered
    if count == 1:
        return [always]
    picks = {round(at) for at in np.linspace(0, len(ordered) - 1, count)}
    if ordered.index(always) not in picks:
        here = ordered.index(always)
        picks.remove(min(picks, key=lambda at: (abs(at - here), at)))
        picks.add(here)
    return [ordered[at] for at in sorted(picks)]


def _left_out(kept: Sequence[float], values: Sequence[float]) -> str:
    if len(kept) == len(values):
        return ""
    listed = ", ".join(number_slug(value) for value in kept)
    return f"To keep the file small, {len(kept)} of {len(values)} perplexities are in this chart: {listed}."


def _map_row(view: StudyView, parts: _Parts, perplexity: float) -> dict[str, Any]:
    """One perplexity: coordinates, the frame they lie in, and for each k the clusters and their dominant labels."""
    info = next((one for one in view.manifest.embeddings if one.perplexity == perplexity), None)
    row: dict[str, Any] = {"perplexity": _plain(perplexity)}
    if info is None:
        return row
    return row | _frame(view.points(info), "") | _codes(parts[info.slug], "k")


def _frame(points: NDArray[np.float32], prefix: str) -> dict[str, Any]:
    """Coordinates rounded to a thousandth of their range, and the middle and half side of the square around them."""
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    side = float((high - low).max()) or 1.0
    decimals = max(0, 3 - math.floor(math.log10(side)))
    # a range of 100 keeps one decimal, one of 3 keeps three
    decimals = max(0, decimals - (1 if side >= 10 else 0))
    x, y = ([_plain(round(float(value), decimals)) for value in points[:, axis]] for axis in (0, 1))
    middle = (low + high) / 2
    return {
        f"{prefix}x": x,
        f"{prefix}y": y,
        f"{prefix}mid_x": round(float(middle[0]), decimals + 2),
        f"{prefix}mid_y": round(float(middle[1]), decimals + 2),
        f"{prefix}half": round(side / 2 * 1.05, decimals + 2),
    }


def _digits(k: int) -> int:
    return len(str(k - 1))


def _codes(settings: Sequence[SettingView], key: str) -> dict[str, Any]:
    """Cluster numbers of all samples as one string of digits for each k, all equally wide, and dominant labels."""
    found: dict[str, Any] = {}
    for setting in settings:
        width = _digits(setting.k)
        found[f"{key}{setting.k}"] = "".join(f"{cluster:0{width}d}" for cluster in setting.clusters.tolist())
        if setting.labels is not None:
            found[f"d{key}{setting.k}"] = [row.label for row in setting.stats]
    return found


def _points(
    base: alt.Chart, title: str, prefix: str, names: Sequence[str] | None, axes: Mapping[str, Sequence[float]]
) -> alt.Chart:
    place = {
        "across": f"(datum.{prefix}x - datum.{prefix}mid_x) / datum.{prefix}half",
        "up": f"(datum.{prefix}y - datum.{prefix}mid_y) / datum.{prefix}half",
    }
    scale = alt.Scale(domain=[-1, 1], nice=False, zero=False)
    tooltip = [alt.Tooltip("id:N", title="sample"), alt.Tooltip("cluster:Q", title="cluster")]
    more: dict[str, Any] = {}
    if names is None:
        k = int(max(axes["k"]))
        hues = alt.Scale(domain=list(range(k)), range=palette.label_colors(k))
        color = alt.Color("cluster:O", scale=hues, title="cluster")
    else:
        hues = alt.Scale(domain=list(names), range=palette.label_colors(len(names)))
        color = alt.Color("shown:N", scale=hues, title="label")
        shapes = alt.Scale(domain=["right", "misclassified"], range=["circle", "cross"])
        more["shape"] = alt.Shape("verdict:N", scale=shapes, title="verdict")
        tooltip += [
            alt.Tooltip("true_label:N", title="true label"),
            alt.Tooltip("cluster_label:N", title="cluster is mostly"),
        ]
    return (
        base.transform_calculate(**place)
        .mark_point(filled=True, size=24, opacity=0.85)
        .encode(
            x=alt.X("across:Q", scale=scale, axis=None),
            y=alt.Y("up:Q", scale=scale, axis=None),
            color=color,
            tooltip=tooltip,
            **more,
        )
        .properties(width=460, height=460, title=title)
    )


# -------------------------------------------------------------------------------------- one row for each setting


def _keyed(view: StudyView, parts: _Parts) -> _Settings:
    """Every setting with the keys of its row."""
    value = {info.slug: info.perplexity for info in view.manifest.embeddings}
    return [
        ({"perplexity": _plain(value.get(part)), "k": one.k, "space": one.space}, one)
        for part, settings in parts.items()
        for one in settings
    ]


def _here(flat: Sequence[str]) -> alt.Chart:
    """Rows of the current setting, their arrays spread."""
    same = "datum.space == space && datum.k == k && (space == 'features' || datum.perplexity == perplexity)"
    return alt.Chart(alt.NamedData("settings")).transform_filter(same).transform_flatten(list(flat))


def _clusters(
    view: StudyView, settings: _Settings, axes: Mapping[str, Sequence[float]], start: Mapping[str, Any]
) -> Portable:
    """Size, dominant label and purity of each cluster of a setting."""
    fields = ["cluster", "label", "size", "purity", "entropy", "medoid"]
    rows = [
        {**keys} | {name: [_short(getattr(row, name)) for row in setting.stats] for name in fields}
        for keys, setting in settings
    ]
    names = view.manifest.dataset.labels
    chart = _here(fields)
    tooltip = ["cluster:O", "size:Q", alt.Tooltip("medoid:Q", title="medoid (sample)")]
    if names is None:
        color: Any = alt.value(_GREY)
    else:
        chart = chart.transform_calculate(mostly=f"{json.dumps(names)}[datum.label]")
        hues = alt.Scale(domain=names, range=palette.label_colors(len(names)))
        color = alt.Color("mostly:N", scale=hues, title="mostly")
        tooltip += ["mostly:N", alt.Tooltip("purity:Q", format=".1%"), alt.Tooltip("entropy:Q", format=".3f")]
    drawn = (
        chart.mark_bar()
        .encode(y=alt.Y("cluster:O", title="cluster"), x=alt.X("size:Q", title="samples"), color=color, tooltip=tooltip)
        .properties(width=520, height=alt.Step(24))
    )
    title = f"{view.manifest.dataset.title}: clusters"
    return Portable("clusters", title, "", _spec(drawn, {"settings": rows}, _setting(axes, start), title))


def _confusion(
    view: StudyView, settings: _Settings, axes: Mapping[str, Sequence[float]], start: Mapping[str, Any]
) -> Portable:
    """Samples by dominant label of their cluster and true label."""
    fields = ["true", "dominant", "samples"]
    rows = [
        {**keys} | dict(zip(fields, map(list, zip(*setting.pairs, strict=True)), strict=True))
        for keys, setting in settings
    ]
    names = view.manifest.dataset.labels or []
    listed = json.dumps(names)
    chart = (
        _here(fields)
        .transform_calculate(true_label=f"{listed}[datum.true]", mostly=f"{listed}[datum.dominant]")
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
    return Portable("confusion", title, "", _spec(drawn, {"settings": rows}, _setting(axes, start), title))


# ---------------------------------------------------------------------------------------------------- the whole grid


def _metrics(view: StudyView, settings: _Settings, start: Mapping[str, Any]) -> Portable:
    """A measure over the whole grid of perplexity and k, and a measure of the maps over perplexity."""
    labels = {metric.name: metric.label for metric in view.manifest.metrics}
    rows = [{**keys} | {name: _short(value) for name, value in setting.metrics.items()} for keys, setting in settings]
    of_settings = [name for name in labels if any(name in setting.metrics for _, setting in settings)]
    maps = [info for info in view.manifest.embeddings if info.perplexity is not None]
    measured = {info.slug: view.embedding_metrics(info.slug) for info in maps}
    of_maps = [name for name in labels if any(name in found for found in measured.values())]
    title = f"{view.manifest.dataset.title}: measures over the grid"
    params = [_select("measure", "Measure", of_settings, labels), _space(start)]
    data: dict[str, Any] = {"settings": rows}
    drawn: Any = (
        alt.Chart(alt.NamedData("settings"))
        .transform_filter("datum.space == space")
        .transform_calculate(
            value="datum[measure]", column="datum.perplexity == null ? 'any' : toString(datum.perplexity)"
        )
        .mark_rect()
        .encode(
            x=alt.X("column:O", title="perplexity", sort=alt.EncodingSortField("perplexity", op="min")),
            y=alt.Y("k:O", title="clusters k", sort="descending"),
            color=alt.Color("value:Q", scale=alt.Scale(scheme="viridis", zero=False), title="value"),
            tooltip=["perplexity:Q", "k:Q", "space:N", alt.Tooltip("value:Q", format=".4f")],
        )
        .properties(width=640, height=alt.Step(22), title="Measures of settings")
    )
    if of_maps:
        data["maps"] = [
            {"perplexity": _plain(info.perplexity)}
            | {name: _short(value) for name, value in measured[info.slug].items()}
            for info in maps
        ]
        line = (
            alt.Chart(alt.NamedData("maps"))
            .transform_calculate(value="datum[map_measure]")
            .mark_line(point=True)
            .encode(
                x=alt.X("perplexity:Q", scale=alt.Scale(zero=False)),
                y=alt.Y("value:Q", scale=alt.Scale(zero=False), title="value"),
                tooltip=["perplexity:Q", alt.Tooltip("value:Q", format=".4f")],
            )
            .properties(width=640, height=200, title="Measures of maps")
        )
        drawn = drawn & line
        params.append(_select("map_measure", "Measure of maps", of_maps, labels))
    return Portable("metrics", title, "", _spec(drawn, data, params, title))


def _variance(view: StudyView) -> Portable:
    """Explained variance, as the page draws it, with room for its axes."""
    rows = [charts.Component(**row) for row in view.study.tables["variance"].to_pylist()]
    chart = charts.explained_variance(rows, view.manifest.parameters["variance"])
    title = f"{view.manifest.dataset.title}: explained variance"
    chart = chart.properties(autosize=alt.AutoSizeParams(type="pad"), padding=12, background="white", width=560)
    return Portable("variance", title, "", chart.properties(title=title, height=300).to_dict())


# ----------------------------------------------------------------------------------------------------------- parts


def _spec(
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
    heading = alt.TitleParams(text, subtitle=[note] if note else [], anchor="start", fontSize=15, offset=14)
    finished = chart.add_params(*params).properties(title=heading, background="white", padding=12)
    finished = finished.configure_view(stroke="#dedad2")
    spec: dict[str, Any] = finished.to_dict() | {"datasets": dict(data)}
    if perplexities is not None:
        spec["usermeta"] = {"perplexities": [_plain(value) for value in perplexities]}
    return spec


def _setting(axes: Mapping[str, Sequence[float]], start: Mapping[str, Any]) -> list[alt.Parameter]:
    return [
        _slider("perplexity", "Perplexity", axes["perplexity"], start["perplexity"]),
        _slider("k", "Clusters k", axes["k"], start["k"]),
        _space(start),
    ]


def _space(start: Mapping[str, Any]) -> alt.Parameter:
    return _radio("space", "Cluster in", payload.SPACES, start["space"])


def _slider(name: str, label: str, values: Sequence[float], value: float) -> alt.Parameter:
    """A slider where the values are evenly spaced, else a list to choose from: a slider would stop in between."""
    ordered = [_plain(one) for one in sorted(values)]
    steps = {round(b - a, 9) for a, b in zip(ordered, ordered[1:], strict=False)}
    bind: Any
    if len(steps) == 1:
        bind = alt.binding_range(min=ordered[0], max=ordered[-1], step=_plain(steps.pop()), name=f"{label} ")
    else:
        bind = alt.binding_select(options=ordered, name=f"{label} ")
    return alt.param(name=name, value=_plain(value), bind=bind)


def _radio(name: str, label: str, options: Sequence[tuple[str, str]], value: str) -> alt.Parameter:
    bind = alt.binding_radio(
        options=[one for one, _ in options], labels=[text for _, text in options], name=f"{label} "
    )
    return alt.param(name=name, value=value, bind=bind)


def _select(name: str, label: str, options: Sequence[str], labels: Mapping[str, str]) -> alt.Parameter:
    bind = alt.binding_select(options=list(options), labels=[labels[one] for one in options], name=f"{label} ")
    return alt.param(name=name, value=options[0] if options else None, bind=bind)


def _plain(value: float | None) -> Any:
    """35.0 is written 35."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _short(value: Any) -> Any:
    """A measure to six significant digits: what a chart can show. Infinite and missing ones are null."""
    if not isinstance(value, float):
        return value
    return _plain(float(f"{value:.6g}")) if math.isfinite(value) else None
