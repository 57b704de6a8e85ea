"""The maps to take away: t-SNE and PCA side by side over the whole grid, in one Vega-Lite file.

One row a perplexity holds the places of all samples, and their clusters for each k, as strings in which every sample
has as many characters: a third of the size of lists. The chart's transforms pick the row, spread it over the samples,
and cut each sample's part out. Whoever wants coordinates takes the tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from precompute.store import number_slug
from site_templates import palette
from site_templates.charts.export_parts import Parts, Portable, finished, plain, radio, setting_controls, slider
from site_templates.data import explorer
from site_templates.texts import shown
from site_templates.views import SettingView, StudyView

BUDGET = 3_000_000
"""Bytes, about, that the maps may take; with more samples fewer perplexities are in the chart, and it says so."""

_CODES = "0123456789abcdefghijklmnopqrstuvwxyz"


def maps(view: StudyView, parts: Parts, axes: Mapping[str, Sequence[float]], start: Mapping[str, Any]) -> Portable:
    """The t-SNE map and the PCA map side by side, for every perplexity, k and space.

    Args:
        parts: settings of each t-SNE map, at least one, and of the features.
        axes, start: as the explorer has them.
    """
    n = view.manifest.dataset.n
    made = {info.perplexity: info for info in view.manifest.embeddings if info.slug in parts}
    values = [value for value in axes["perplexity"] if value in made]
    width = sum(_digits(int(k)) for k in axes["k"])
    first = explorer.nearest(values, start["perplexity"])
    kept = chosen(values, first, max(1, BUDGET // (n * (6 + width))))
    rows = [
        {"perplexity": plain(value)} | _frame(view.points(made[value]), "") | _codes(parts[made[value].slug], "k")
        for value in kept
    ]
    samples = _samples(view, parts["features"])
    names = view.manifest.dataset.labels
    base = _spread(n, samples, names)
    both = alt.hconcat(_points(base, "t-SNE map", "", names, axes), _points(base, "PCA map", "pca_", names, axes))
    params = [slider("perplexity", "Perplexity", kept, first), *setting_controls(axes, start)[1:]]
    if names is not None:
        params.append(radio("color", "Colour by", (("cluster", "cluster"), ("label", "true label")), "cluster"))
    title = f"{view.manifest.dataset.title}: t-SNE and PCA maps"
    left_out = _left_out(kept, axes["perplexity"])
    data = {"maps": rows, "samples": [samples]}
    return Portable("maps", title, left_out, finished(both, data, params, title, left_out, kept))


def _samples(view: StudyView, settings: Sequence[SettingView]) -> dict[str, Any]:
    """What holds at every perplexity, as one row: ids, labels, the PCA map, and the clusters on the features."""
    pca = next(info for info in view.manifest.embeddings if info.slug == "pca")
    row = {"all": 1, "id": [shown(name) for name in view.samples["id"]], **_frame(view.points(pca), "pca_")}
    if view.labels is not None:
        row |= {"label": view.labels.tolist(), "names": view.manifest.dataset.labels}
    return row | _codes(settings, "f")


def _spread(n: int, samples: Mapping[str, Any], names: Sequence[str] | None) -> alt.Chart:
    """The row of the current perplexity, one row a sample, with the sample's cluster and what it is coloured by."""
    base = (
        alt.Chart(alt.NamedData("maps"))
        .transform_filter("datum.perplexity == perplexity")
        .transform_calculate(all="1", sample=f"sequence(0, {n})")
        .transform_lookup("all", alt.LookupData(alt.NamedData("samples"), "all", [*samples][1:]))
        .transform_calculate(
            codes="space == 'features' ? datum['f' + k] : datum['k' + k]",
            dominant="space == 'features' ? datum['df' + k] : datum['dk' + k]",
        )
        .transform_flatten(["sample", "id", *(["label"] if names is not None else [])])
    )
    width = f"length(datum.codes) / {n}"
    each = f"slice(datum.codes, datum.sample * {width}, (datum.sample + 1) * {width})"
    small = f"indexof('{_CODES}', datum.code)"
    base = base.transform_calculate(code=f"isString(datum.codes) ? {each} : ''").transform_calculate(
        cluster=f"datum.code == '' ? null : length(datum.code) == 1 ? {small} : toNumber(datum.code)"
    )
    if names is None:
        return base
    return base.transform_calculate(
        true_label="datum.names[datum.label]",
        cluster_label="datum.cluster == null ? null : datum.names[datum.dominant[datum.cluster]]",
        verdict="datum.cluster == null ? null"
        " : datum.dominant[datum.cluster] == datum.label ? 'right' : 'misclassified'",
    ).transform_calculate(shown="color == 'label' ? datum.true_label : datum.cluster_label")


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


def _frame(points: NDArray[np.float32], prefix: str) -> dict[str, Any]:
    """Places in a square around all points, as one string for each axis, three digits a sample: 000 … 999."""
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    half = float((high - low).max() / 2 * 1.05) or 1.0
    places = np.rint(((points - (low + high) / 2) / half + 1) / 2 * 999).astype(int)
    return {f"{prefix}{axis}": "".join(f"{place:03d}" for place in places[:, at]) for at, axis in enumerate("xy")}


def _digits(k: int) -> int:
    """Characters for one of k cluster numbers: one from `_CODES`, or as many decimal digits as all need."""
    return 1 if k <= len(_CODES) else len(str(k - 1))


def _codes(settings: Sequence[SettingView], key: str) -> dict[str, Any]:
    """Cluster numbers of all samples as one string for each k, all equally wide, and dominant labels."""
    found: dict[str, Any] = {}
    for setting in settings:
        width = _digits(setting.k)
        written = [_CODES[cluster] if width == 1 else f"{cluster:0{width}d}" for cluster in range(setting.k)]
        found[f"{key}{setting.k}"] = "".join(written[cluster] for cluster in setting.clusters.tolist())
        if setting.labels is not None:
            found[f"d{key}{setting.k}"] = [row.label for row in setting.stats]
    return found


def _points(
    base: alt.Chart, title: str, prefix: str, names: Sequence[str] | None, axes: Mapping[str, Sequence[float]]
) -> alt.Chart:
    place = {
        name: f"toNumber(slice(datum.{prefix}{axis}, 3 * datum.sample, 3 * datum.sample + 3))"
        for name, axis in (("across", "x"), ("up", "y"))
    }
    scale = alt.Scale(domain=[0, 999], nice=False, zero=False)
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
