"""Grid: every measure at every setting of a method and a clusterer, as a chunk for the explorer's heat map and curves.

Values travel unrounded: a figure read off the grid is the figure of the table. What is best, and along which axis that
may be asked, follows on the page (static/data/grid.js) from the registry's `better` and `comparable_over`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from precompute.store import FEATURES, Manifest, MetricInfo
from site_templates.data.choices import Pair, combinations, values
from site_templates.views import SettingView, StudyView

Values = list[float | None]

LABELS = 10
"""At most this many labels along an axis of the grid."""


@dataclass(frozen=True)
class MetricGrid:
    """One measure over the settings of a method and a clusterer.

    Attributes:
        name: the measure.
        scales: ends of the colour scale in each space, which may measure in other units: the registry's limits; 0 for a
            lower limit that no value there comes below, and the largest value there where the registry sets no limit.
        map: at each combination of the method's parameters and then of the clusterer's, the last one's values varying
            fastest; for a measure of the map, at each of the method's.
        features: at each combination of the clusterer's parameters on the features; empty for a measure of the map.
            None where a setting could not be computed, or the measure has no value.
    """

    name: str
    scales: dict[str, tuple[float, float]]
    map: Values
    features: Values


def parts(manifest: Manifest, pair: Pair) -> list[str | None]:
    """The maps of a method by the combinations of its parameters: their slugs, None where one could not be computed."""
    slugs = {
        values(one, pair.method): one.slug
        for one in manifest.embeddings
        if (one.representation, one.method) == (pair.representation, pair.method.name)
    }
    return [slugs.get(each) for each in combinations(manifest, pair.method.parameters)]


def clusterings(study: StudyView, pair: Pair, part: str) -> dict[tuple[float, ...], SettingView]:
    """The settings of a clusterer on a map or on the features, by the values of its parameters."""
    own = (pair.representation, pair.clusterer.name)
    return {
        values(view.info, pair.clusterer): view
        for view in study.settings(part)
        if (view.info.representation, view.info.clusterer) == own
    }


def grid(study: StudyView, pair: Pair) -> list[MetricGrid]:
    """Every measure of the study over the settings of a method and a clusterer, in the registry's order."""
    maps = parts(study.manifest, pair)
    each = combinations(study.manifest, pair.clusterer.parameters)
    settings = {part: clusterings(study, pair, part) for part in (*filter(None, maps), FEATURES)}

    def measured(part: str | None, name: str) -> Values:
        found = settings[part] if part else {}
        return [_value(found[one].metrics, name) if one in found else None for one in each]

    found = []
    for metric in study.manifest.metrics:
        if metric.of != "setting":  # of a map, as measured or as its method reports it
            on_maps = [_value(study.embedding_metrics(part) if part else {}, metric.name) for part in maps]
            on_features: Values = []
        else:
            on_maps = [value for part in maps for value in measured(part, metric.name)]
            on_features = measured(FEATURES, metric.name)
        scales = {
            space: limits(metric, [value for value in listed if value is not None])
            for space, listed in (("map", on_maps), ("features", on_features))
        }
        found.append(MetricGrid(metric.name, scales, on_maps, on_features))
    return found


def ticks(values: Sequence[float]) -> list[int]:
    """The places of an axis that are named by their values: round ones if there are enough, else every few."""
    if len(values) <= LABELS + 3:
        return list(range(len(values)))
    round_ones = [at for at, value in enumerate(values) if value % 5 == 0]
    every_few = list(range(0, len(values), math.ceil(len(values) / LABELS)))
    return round_ones if 3 <= len(round_ones) <= LABELS else every_few


def limits(metric: MetricInfo, values: Sequence[float]) -> tuple[float, float]:
    """Ends of a measure's colour scale: not stretched to the values, so that a small difference looks small."""
    low = 0.0 if metric.lower is None or (metric.lower < 0 and min(values, default=0.0) >= 0) else metric.lower
    low = min(low, *values) if values else low
    high = metric.upper if metric.upper is not None else max(values, default=1.0)
    return low, high if high > low else low + 1.0


def _value(metrics: Mapping[str, float], name: str) -> float | None:
    value = metrics.get(name)
    return value if value is not None and math.isfinite(value) else None
