"""The exported maps: any two side by side over the whole grid, in one Vega-Lite file.

A row of each map holds the places of all samples, another their clusters for each setting, as strings in which every
sample has as many characters: a third of the size of lists. The chart's transforms pick the row, spread it over the
samples, and cut each sample's part out. Whoever wants coordinates takes the tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from precompute.store import FEATURES, EmbeddingInfo, number_slug
from site_templates import nearest, palette, words
from site_templates.charts.export_parts import ExportedChart, Widgets, finished, radio, select
from site_templates.texts import shown
from site_templates.views import SettingView, StudyView, of_each

BUDGET = 3_000_000
"""Bytes, about, that the maps may take; with more samples fewer maps are in the chart, and it says so."""

_CODES = "0123456789abcdefghijklmnopqrstuvwxyz"
_NOISE = "-"
"""In the place of each digit of a cluster's number."""


def maps(view: StudyView, widgets: Widgets) -> ExportedChart:
    """The map that is chosen and one beside it, at first that of PCA, for every setting.

    Args:
        view: a study with maps that are clustered.
        widgets: what chooses a setting.
    """
    n, manifest = view.manifest.dataset.n, view.manifest
    names = {one.name for one in widgets.methods}
    made = [one for one in manifest.embeddings if one.method in names and view.settings(one.slug)]
    width = sum(_digits(one.count) for one in max((view.settings(info.slug) for info in made), key=len))
    kept = _kept(widgets, made, max(1, BUDGET // (n * (6 + width))))
    shown = [one for one in made if all(one.parameters[name] in values for name, values in kept.items()
             if name in one.parameters)]  # fmt: skip
    rows = [
        widgets.keys_of(info) | {"slug": info.slug} | _codes(view.settings(info.slug), "", widgets) for info in shown
    ]
    flat = next(info for info in manifest.embeddings if info.slug == words.PCA)
    stood = {info.slug: info for info in (flat, *shown)}
    places = [{"slug": slug, **_frame(view.points(info), "")} for slug, info in stood.items()]
    samples = _samples(view, widgets)
    labels = manifest.dataset.labels
    base = _spread(n, samples, labels, widgets)
    most = max(one.count for part in (FEATURES, *(info.slug for info in made)) for one in view.settings(part))
    first = f"{widgets.methods[0].label} map" if len(widgets.methods) == 1 else "Map"
    both = alt.hconcat(_points(base, first, "", labels, most), _points(base, "Map beside", "beside_", labels, most))
    named = words.besides(manifest)
    params = [*widgets.of_settings(kept), select("beside", "Map beside", [*stood], named, words.PCA)]
    if labels is not None:
        params.append(radio("color", "Colour by", (("cluster", "cluster"), ("label", "true label")), "cluster"))
    both_named = words.listed([*(one.label for one in widgets.methods if one.name != words.PCA), "PCA"])
    title = f"{manifest.dataset.title}: {both_named} maps"
    left_out = _left_out(kept, widgets)
    data = {"maps": rows, "places": places, "samples": [samples]}
    return ExportedChart("maps", title, left_out, finished(both, data, params, title, widgets.now, left_out, kept))


def _kept(widgets: Widgets, made: Sequence[EmbeddingInfo], count: int) -> dict[str, list[float]]:
    """Values of each method's first parameter that so few maps allow; the methods share them out."""
    found = {}
    for method in widgets.methods:
        own = [one.parameters for one in made if one.method == method.name]
        if not method.parameters:
            continue
        name = method.parameters[0]
        values = sorted({one[name] for one in own})
        each = len(own) / len(values)  # maps of one value
        first = nearest.value(values, widgets.start[name])
        found[name] = chosen(values, first, max(1, int(count / len(widgets.methods) / each)))
    return found


def _samples(view: StudyView, widgets: Widgets) -> dict[str, Any]:
    """What holds on every map, as one row: ids, labels, and the clusters of the features."""
    row: dict[str, Any] = {"all": 1, "id": [shown(name) for name in view.samples["id"]]}
    if view.labels is not None:
        row |= {"label": view.labels.tolist(), "names": view.manifest.dataset.labels}
    return row | _codes(view.settings(FEATURES), "f", widgets)


def _spread(n: int, samples: Mapping[str, Any], names: Sequence[str] | None, widgets: Widgets) -> alt.Chart:
    """The row of the current map, one row a sample, with the sample's cluster and what it is coloured by."""
    of = f"({widgets.clustering})"
    base = (
        alt.Chart(alt.NamedData("maps"))
        .transform_filter(widgets.same_map)
        .transform_calculate(all="1", sample=f"sequence(0, {n})", other="beside")
        .transform_lookup("slug", alt.LookupData(alt.NamedData("places"), "slug", ["x", "y"]))
        .transform_lookup(
            "other", alt.LookupData(alt.NamedData("places"), "slug", ["x", "y"]), as_=["beside_x", "beside_y"]
        )
        .transform_lookup("all", alt.LookupData(alt.NamedData("samples"), "all", [*samples][1:]))
        .transform_calculate(
            codes=f"space == 'features' ? datum['f' + {of}] : datum[{of}]",
            dominant=f"space == 'features' ? datum['df' + {of}] : datum['d' + {of}]",
        )
        .transform_flatten(["sample", "id", *(["label"] if names is not None else [])])
    )
    width = f"length(datum.codes) / {n}"
    each = f"slice(datum.codes, datum.sample * {width}, (datum.sample + 1) * {width})"
    small = f"indexof('{_CODES}', datum.code)"
    base = (
        base.transform_calculate(code=f"isString(datum.codes) ? {each} : ''")
        .transform_calculate(noise=f"indexof(datum.code, '{_NOISE}') >= 0")
        .transform_calculate(
            cluster=f"datum.noise || datum.code == '' ? null : length(datum.code) == 1 ? {small} : toNumber(datum.code)"
        )
    )
    if names is None:
        return base
    return (
        base.transform_calculate(
            given="datum.cluster == null ? null : datum.dominant[datum.cluster]",
        )
        .transform_calculate(
            true_label="datum.label < 0 ? null : datum.names[datum.label]",
            cluster_label="datum.given == null ? null : datum.names[datum.given]",
            verdict="datum.given == null || datum.label < 0 ? null"
            " : datum.given == datum.label ? 'right' : 'misclassified'",
        )
        .transform_calculate(shown="color == 'label' ? datum.true_label : datum.cluster_label")
    )


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


def _left_out(kept: Mapping[str, Sequence[float]], widgets: Widgets) -> str:
    """A sentence on the values that are not in the chart; "" where all are."""
    told = []
    for name, values in kept.items():
        all_of_it = widgets.manifest.axis(name)
        if len(values) < len(all_of_it):
            listed = ", ".join(number_slug(value) for value in values)
            told.append(f"{len(values)} of {len(all_of_it)} values of {words.word(widgets.manifest, name)} ({listed})")
    return f"To keep the file small, {words.listed(told)} are in this chart." if told else ""


def _frame(points: NDArray[np.float32], prefix: str) -> dict[str, Any]:
    """Places in a square around all points, as one string for each axis, three digits a sample: 000 … 999."""
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    half = float((high - low).max() / 2 * 1.05) or 1.0
    places = np.rint(((points - (low + high) / 2) / half + 1) / 2 * 999).astype(int)
    return {f"{prefix}{axis}": "".join(f"{place:03d}" for place in places[:, at]) for at, axis in enumerate("xy")}


def _digits(k: int) -> int:
    """Characters for one of k cluster numbers: one from `_CODES`, or as many decimal digits as all need."""
    return 1 if k <= len(_CODES) else len(str(k - 1))


def _codes(settings: Sequence[SettingView], prefix: str, widgets: Widgets) -> dict[str, Any]:
    """Cluster numbers of all samples as one string for each clustering, all equally wide, and dominant labels."""
    found: dict[str, Any] = {}
    for setting in settings:
        width, key = _digits(setting.count), f"{prefix}{widgets.clustering_of(setting.info)}"
        written = [_CODES[cluster] if width == 1 else f"{cluster:0{width}d}" for cluster in range(setting.count)]
        found[key] = "".join(of_each(written, setting.clusters, _NOISE * width).tolist())
        if setting.labels is not None:
            found[f"d{key}"] = [row.label for row in setting.stats]
    return found


def _points(base: alt.Chart, title: str, prefix: str, names: Sequence[str] | None, most: int) -> alt.Chart:
    place = {
        name: f"toNumber(slice(datum.{prefix}{axis}, 3 * datum.sample, 3 * datum.sample + 3))"
        for name, axis in (("across", "x"), ("up", "y"))
    }
    scale = alt.Scale(domain=[0, 999], nice=False, zero=False)
    tooltip = [alt.Tooltip("id:N", title="sample"), alt.Tooltip("cluster:Q", title="cluster")]
    more: dict[str, Any] = {}
    color: Any
    none = alt.value(palette.NONE)  # noise, and what has no label
    if names is None:
        hues = alt.Scale(domain=list(range(most)), range=palette.label_colors(most))
        color = alt.condition("datum.cluster == null", none, alt.Color("cluster:O", scale=hues, title="cluster"))
    else:
        hues = alt.Scale(domain=list(names), range=palette.label_colors(len(names)))
        color = alt.condition("datum.shown == null", none, alt.Color("shown:N", scale=hues, title="label"))
        shapes = alt.Scale(domain=["right", "misclassified"], range=["circle", "cross"])
        more["shape"] = alt.Shape("verdict:N", scale=shapes, title="verdict")
        tooltip += [
            alt.Tooltip("true_label:N", title="true label"),
            alt.Tooltip("cluster_label:N", title="cluster is mostly"),
        ]
    drawn: alt.Chart = (
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
    return drawn
