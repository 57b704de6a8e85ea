"""The charts of one study, made from its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from precompute.store import ClustererInfo, Manifest, MethodInfo, number_slug
from site_templates.charts import heat_map, maps, vega
from site_templates.charts import variance as charts_variance
from site_templates.charts.controls import Control
from site_templates.data.choices import pairs
from site_templates.data.explorer import most_clusters
from site_templates.data.grid import ticks
from site_templates.views import StudyView


@dataclass(frozen=True)
class Variance:
    """What PCA keeps: components kept, the share they keep, the share asked for, and all components."""

    components: int
    share: float
    threshold: float
    rows: tuple[charts_variance.Component, ...]


@dataclass(frozen=True)
class StudyCharts:
    """The map, the PCA map, explained variance (rows in `variance`), the grid and a curve along one of its axes."""

    map: alt.LayerChart
    pca: alt.LayerChart
    explained: alt.LayerChart
    variance: Variance
    grid: alt.LayerChart
    curve: alt.LayerChart

    def compiled(self) -> dict[str, dict[str, Any]]:
        """The charts as Vega, by the names under which the page's scripts know them."""
        return {
            "map": vega.compiled(self.map),
            "pca": vega.compiled(self.pca),
            "variance": vega.compiled(self.explained),
            "grid": vega.compiled(self.grid),
            "curve": vega.compiled(self.curve),
        }


@debug_mode(False)  # as in `vega.compiled`: the tests validate, not each build
def study_charts(view: StudyView, controls: Sequence[Control]) -> StudyCharts:
    """All charts of a study.

    Args:
        view: its tables.
        controls: what its maps depend on.
    """
    clusters = most_clusters(view)
    variance = _variance(view)
    pca = next(one for one in view.manifest.embeddings if one.slug == "pca")
    points = view.points(pca)
    (left, low), (right, high) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    extent = (left, right, low, high)
    shares = (variance.rows[0].ratio, variance.rows[1].ratio)
    return StudyCharts(
        map=maps.embedding_map(controls, len(points), clusters),
        pca=maps.pca_map(controls, len(points), clusters, extent, shares),
        explained=charts_variance.explained_variance(variance.rows, variance.threshold),
        variance=variance,
        grid=_grid(view.manifest),
        curve=heat_map.curve(max((len(axis.values) for axis in view.manifest.axes), default=1)),
    )


def _grid(manifest: Manifest) -> alt.LayerChart:
    """The heat map, as large as the largest that a method and a clusterer have, with the axes of the first of them."""
    found = [(_along(manifest, one.method), _along(manifest, one.clusterer)) for one in pairs(manifest)]
    return heat_map.heat_map(max(len(across.names) * len(up.names) for across, up in found), *found[0])


def _along(manifest: Manifest, of: MethodInfo | ClustererInfo) -> heat_map.Along:
    """The axis of a method or clusterer: that of its first parameter, else itself as the one place there is."""
    axis = next((one for one in manifest.axes if one.name in of.parameters[:1]), None)
    if axis is None:
        return heat_map.Along("", [of.label], [0])
    return heat_map.Along(axis.label.lower(), [number_slug(value) for value in axis.values], ticks(axis.values))


def _variance(view: StudyView) -> Variance:
    rows = tuple(charts_variance.Component(**row) for row in view.study.tables["variance"].to_pylist())
    kept = view.components
    return Variance(kept, rows[kept - 1].cumulative, view.manifest.parameters["variance"], rows)
