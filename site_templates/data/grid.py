"""Grid: every measure at every setting of a study, as one chunk for the explorer's heat map and curves.

Values travel unrounded: a figure read off the grid is the figure of the table. What is best, and along which axis that
may be asked, follows on the page (static/data/grid.js) from the registry's `better` and `comparable_over`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from precompute.store import MetricInfo
from site_templates.views import StudyView

Values = list[float | None]


@dataclass(frozen=True)
class MetricGrid:
    """One measure over the grid.

    Attributes:
        name: the measure.
        scales: ends of the colour scale in each space, which may measure in other units: the registry's limits; 0 for a
            lower limit that no value there comes below, and the largest value there where the registry sets no limit.
        map: at each perplexity and k on the maps, k varying fastest; for a measure of the map, at each perplexity.
        features: at each k where K-Means ran on the features; empty for a measure of the map.
            None where a setting could not be computed, or the measure has no value.
    """

    name: str
    scales: dict[str, tuple[float, float]]
    map: Values
    features: Values


def grid(study: StudyView, axes: Mapping[str, Sequence[float]]) -> list[MetricGrid]:
    """Every measure of the study over its grid, in the registry's order."""
    slugs = {info.perplexity: info.slug for info in study.manifest.embeddings if info.method == "tsne"}
    parts = [slugs.get(perplexity) for perplexity in axes["perplexity"]]
    settings = {
        part: {view.k: view.metrics for view in study.settings(part)} for part in (*filter(None, parts), "features")
    }
    found = []
    for metric in study.manifest.metrics:
        if metric.of != "setting":  # of a map, as measured or as its method reports it
            on_maps = [_value(study.embedding_metrics(part) if part else {}, metric.name) for part in parts]
            on_features: Values = []
        else:
            on_maps = [
                _value(settings[part].get(int(k), {}) if part else {}, metric.name) for part in parts for k in axes["k"]
            ]
            on_features = [_value(settings["features"].get(int(k), {}), metric.name) for k in axes["k"]]
        scales = {
            space: limits(metric, [value for value in values if value is not None])
            for space, values in (("map", on_maps), ("features", on_features))
        }
        found.append(MetricGrid(metric.name, scales, on_maps, on_features))
    return found


def limits(metric: MetricInfo, values: Sequence[float]) -> tuple[float, float]:
    """Ends of a measure's colour scale: not stretched to the values, so that a small difference looks small."""
    low = 0.0 if metric.lower is None or (metric.lower < 0 and min(values, default=0.0) >= 0) else metric.lower
    low = min(low, *values) if values else low
    high = metric.upper if metric.upper is not None else max(values, default=1.0)
    return low, high if high > low else low + 1.0


def _value(metrics: Mapping[str, float], name: str) -> float | None:
    value = metrics.get(name)
    return value if value is not None and math.isfinite(value) else None
