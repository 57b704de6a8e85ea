"""Payload: the data of the explorer as chunks, each a classic script that calls one function.

Fetch and modules fail when a page is opened by double click, scripts do not. Each chunk's name carries the hash of
its content, and chunks name each other by it, so a page never mixes two builds. One chunk an embedding keeps what a
slider needs small: 16-bit coordinates (`columns`), clusters from their centres (`assignments`). What follows from
clusters and labels, such as the misclassified samples, is not in them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from precompute.store import (
    FEATURES,
    IMPLIED,
    Axis,
    ClustererInfo,
    EmbeddingInfo,
    Manifest,
    MethodInfo,
    MetricInfo,
    own_ids,
)
from site_templates import palette, words
from site_templates.data import assignments, choices
from site_templates.data.choices import maps, plain
from site_templates.data.chunk import Chunk, chunk
from site_templates.data.columns import codes, coordinates
from site_templates.data.examples import content as examples_of
from site_templates.data.grid import grid, ticks
from site_templates.data.points import points_layer
from site_templates.data.why import history_chunk, near_chunk
from site_templates.images import sprites
from site_templates.insights import insights
from site_templates.texts import FORMULA, shown
from site_templates.views import NONE, ClusterView, SettingView, StudyView

FORMAT = 2


def most_clusters(study: StudyView) -> int:
    """The largest number of clusters of any setting that the pages can show."""
    return max((view.count for part in _parts(study.manifest) for view in study.settings(part)), default=1)


def _parts(manifest: Manifest) -> list[str]:
    """What is clustered: the maps to choose from, and the features."""
    return [*(one.slug for one in maps(manifest)), FEATURES]


def count_of(study: StudyView, clusterer: ClustererInfo) -> str | None:
    """The parameter of a clusterer that says how many clusters there are, if one does at every setting."""
    views = [view for part in _parts(study.manifest) for view in study.settings(part)]
    own = [view for view in views if view.info.clusterer == clusterer.name]
    return next(
        (name for name in clusterer.parameters if all(view.info.parameters[name] == view.count for view in own)), None
    )


def setting(manifest: Manifest, view: SettingView, names: Sequence[str], clusters: Mapping[str, Any]) -> dict[str, Any]:
    """One setting as the page gets it; `clusters` says which sample is where, and how sure."""
    clusterer = next(one for one in manifest.clusterers if one.name == view.info.clusterer)
    return {
        "slug": view.slug,
        "clusterer": view.info.clusterer,
        "parameters": [plain(value) for value in choices.values(view.info, clusterer)],
        **clusters,
        **({"noise": view.noise} if view.noise else {}),
        "metrics": {name: _finite(value) for name, value in view.metrics.items()},
        # by column: half of what rows take
        "stats": {one.name: [getattr(row, one.name) for row in view.stats] for one in fields(ClusterView)}
        | {"color": palette.cluster_colors(view)},
        "pairs": view.pairs,
        "unavoidable": view.unavoidable,
        **({"vanished": view.robustness.vanished} if view.robustness.vanished else {}),
        "insights": [vars(insight) for insight in insights(view, names)],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def embedding(study: StudyView, info: EmbeddingInfo) -> Chunk:
    """All of one map: coordinates, measures, and every way that it is clustered."""
    points = study.points(info)
    names = study.manifest.dataset.labels or ()
    x, y = coordinates(points[:, 0]), coordinates(points[:, 1])
    views = study.settings(info.slug)
    settings = [
        setting(study.manifest, view, names, assignments.on_map(x, y, points, view.clusters, view.count) | means)
        for view, means in zip(views, _means(study, views), strict=True)
    ]
    return chunk(
        info.slug,
        {
            "x": x,
            "y": y,
            "metrics": study.embedding_metrics(info.slug),
            "settings": settings,
        },
    )


def features(study: StudyView) -> Chunk:
    """Every way that the features are clustered."""
    names = study.manifest.dataset.labels or ()
    views = study.settings(FEATURES)
    settings = [
        setting(study.manifest, view, names, _listed(view) | means)
        for view, means in zip(views, _means(study, views), strict=True)
    ]
    return chunk(FEATURES, {"settings": settings})


def _listed(view: SettingView) -> dict[str, Any]:
    clusters: dict[str, Any] = {"clusters": assignments.column(view.clusters, view.count)}
    if view.labels is None:
        return clusters
    return {**clusters, "margins": assignments.margins(view.margin, view.wrong)}


def _pictures(study: StudyView) -> tuple[list[Chunk], dict[str, Any] | None]:
    """Chunks of the pictures, and how the page finds a sample's: in which one, and where."""
    if study.pixels is None:
        return [], None
    made = sprites.sprites(study.pixels, study.polarity)
    names = ["sprite"] if len(made) == 1 else [f"sprite-{number}" for number in range(len(made))]
    chunks = [
        chunk(name, {"uri": one.uri, "columns": one.columns, "rows": one.rows})
        for name, one in zip(names, made, strict=True)
    ]
    each = sprites.per_sprite(*study.pixels.shape[:3])
    return chunks, {"chunks": names, "each": each, "columns": made[0].columns, "rows": made[0].rows}


def _means(study: StudyView, views: Sequence[SettingView]) -> list[dict[str, Any]]:
    """What each setting says of its clusters' mean pictures: nothing where the page can add them up itself."""
    if study.pixels is None or sprites.per_sprite(*study.pixels.shape[:3]) == len(study.pixels):
        return [{} for _ in views]
    found = sprites.means(study.pixels, [(view.clusters, view.count) for view in views])
    made = [sprites.sprite(one, study.polarity) for one in found]
    return [{"means": {"uri": one.uri, "columns": one.columns, "rows": one.rows}} for one in made]


def _entry(one: MethodInfo | ClustererInfo) -> dict[str, Any]:
    return {"name": one.name, "label": one.label, "parameters": one.parameters}


def _parameter(axis: Axis) -> dict[str, Any]:
    return {
        "label": axis.label,
        "word": words.of_axis(axis),
        "unit": axis.unit,
        "meaning": axis.meaning,
        "values": [plain(value) for value in axis.values],
        "start": plain(axis.start),
        "implied": plain(axis.implied),
        "whole": axis.whole,
        "ticks": ticks(axis.values),
    }


def _indexed(manifest: Manifest, one: EmbeddingInfo) -> dict[str, Any]:
    method = next(each for each in manifest.methods if each.name == one.method)
    values = {name: plain(one.parameters[name]) for name in method.parameters}
    return {
        "representation": one.representation,
        "method": one.method,
        "parameters": values,
        "chunk": one.slug,
        "clusterers": choices.clusterers_on(manifest, one),
    }


def _definition(info: MetricInfo) -> dict[str, Any]:
    return {
        "of": info.of,
        "label": info.label,
        "meaning": info.meaning,
        "lower": info.lower,
        "upper": info.upper,
        "better": info.better,
        "comparable_over": info.comparable_over,
        "ranks_noise": info.ranks_noise,
        "undefined": info.undefined,
        "decimals": info.decimals,
    }


@dataclass(frozen=True)
class Payload:
    """All chunks of a study; `study` names the others by their files. `charts` are those to export."""

    study: Chunk
    others: tuple[Chunk, ...]
    charts: tuple[Chunk, ...] = ()


def payload(
    study: StudyView,
    charts: Mapping[str, Any],
    address: str | None = None,
    exported: Mapping[str, Mapping[str, Any]] | None = None,
) -> Payload:
    """Make all chunks of a study.

    Args:
        study: the tables.
        charts: compiled Vega specs by name.
        address: public address of the explorer, if known.
        exported: Vega-Lite of the exported charts, by name.
    """
    manifest = study.manifest
    info = manifest.dataset
    chunks = [embedding(study, one) for one in manifest.embeddings]
    chunks.append(features(study))
    pictures, found = _pictures(study)
    chunks += pictures
    taken = [chunk(f"chart-{name}", spec, packed=True) for name, spec in (exported or {}).items()]
    pairs, grids = choices.pairs(manifest), []
    for pair in pairs:
        made = {
            "grid": chunk(f"grid-{pair.slug}", {"metrics": [asdict(one) for one in grid(study, pair)]}, packed=True)
        }
        past = history_chunk(study, pair)
        if past is not None:
            made["history"] = chunk(f"history-{pair.slug}", past, packed=True)
        chunks.extend(made.values())
        key = {"representation": pair.representation, "method": pair.method.name, "clusterer": pair.clusterer.name}
        grids.append(key | {name: one.name for name, one in made.items()})
    chunks.append(chunk("examples", examples_of(study), packed=True))
    near = near_chunk(study)
    if near is not None:
        chunks.append(chunk("neighbors", near, packed=True))
    besides = words.besides(manifest)
    ids = study.samples["id"].tolist()
    most = most_clusters(study)
    variance = study.study.tables["variance"]
    kept = study.components
    content = {
        "format": FORMAT,
        "dataset": {
            "id": info.id,
            "title": info.title,
            "n": info.n,
            "image": None
            if info.image is None
            else dict(zip(("height", "width", "channels"), info.image, strict=True)) | {"polarity": study.polarity},
            "labels": info.labels,
        },
        "representations": [{"name": one.name, "label": one.label} for one in manifest.representations],
        "methods": [_entry(one) for one in words.methods(manifest)],
        "clusterers": [
            _entry(one) | {"count": count_of(study, one), "noise": one.noise} for one in manifest.clusterers
        ],
        "cautions": words.cautions(manifest),
        "parameters": {axis.name: _parameter(axis) for axis in manifest.axes},
        "implied": IMPLIED,
        "spaces": [{"name": name, "label": label} for name, label in choices.SPACES],
        "index": [_indexed(manifest, one) for one in (*maps(manifest), *choices.lost(manifest))],
        "features": choices.clusterers_on(manifest),
        "idle": dict(study.idle),
        "maps": list(besides),
        "besides": besides,
        "flat": words.PCA,
        "grids": grids,
        "most": most,
        "start": choices.start(manifest),
        "address": address,
        "metrics": {metric.name: _definition(metric) for metric in manifest.metrics},
        "samples": {
            "ids": [shown(name) for name in ids] if own_ids(ids) else None,
            # without a label: the code after the last
            "label": None
            if study.labels is None
            else codes(np.where(study.labels == NONE, len(info.labels or ()), study.labels)),
            "unlabelled": study.unlabelled,
        },
        "palette": {
            "labels": palette.label_colors(len(info.labels or ())),
            "shapes": palette.label_shapes(len(info.labels or ()) or most),
            "right": palette.RIGHT,
            "wrong": palette.WRONG,
            "none": palette.NONE,
            "ramp": {"light": palette.ramp(dark=False), "dark": palette.ramp(dark=True)},
        },
        "chunks": {one.name: f"data/{one.file}" for one in chunks} | {one.name: f"charts/{one.file}" for one in taken},
        "distinct": manifest.distinct,
        "failed": {failure.cell: failure.reason for failure in manifest.failed},
        # clusterers that so many samples do not allow
        "absent": [
            {"clusterer": one.clusterer, "space": one.space, "reason": one.reason}
            for one in manifest.failed
            if one.clusterer is not None
        ],
        "charts": charts,
        "points": points_layer(info.n),
        "pictures": found,
        "variance": {
            "components": kept,
            "share": variance.column("cumulative")[kept - 1].as_py(),
            "threshold": manifest.parameters["variance"],
            "rows": variance.to_pylist(),
        },
        "formula": FORMULA,
    }
    return Payload(chunk("study", content), tuple(chunks), tuple(taken))
