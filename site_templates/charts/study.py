"""The charts of one study, made from its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from site_templates.charts import heat_map, maps, vega
from site_templates.charts import variance as charts_variance
from site_templates.charts.controls import Control
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
    """The t-SNE map, the PCA map, explained variance (rows in `variance`), the grid and curves along its axes."""

    map: alt.LayerChart
    pca: alt.LayerChart
    explained: alt.LayerChart
    variance: Variance
    grid: alt.LayerChart
    over_perplexity: alt.LayerChart
    over_k: alt.LayerChart

    def compiled(self) -> dict[str, dict[str, Any]]:
        """The charts as Vega, by the names under which the page's scripts know them."""
        return {
            "map": vega.compiled(self.map),
            "pca": vega.compiled(self.pca),
            "variance": vega.compiled(self.explained),
            "grid": vega.compiled(self.grid),
            "over_perplexity": vega.compiled(self.over_perplexity),
            "over_k": vega.compiled(self.over_k),
        }


def study_charts(view: StudyView, controls: Sequence[Control]) -> StudyCharts:
    """All charts of a study.

    Args:
        view: its tables.
        controls: what its maps depend on.
    """
    perplexity, k = (next(one.values for one in controls if one.name == name) for name in ("perplexity", "k"))
    variance = _variance(view)
    pca = next(one for one in view.manifest.embeddings if one.slug == "pca")
    points = view.points(pca)
    (left, low), (right, high) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    extent = (left, right, low, high)
    shares = (variance.rows[0].ratio, variance.rows[1].ratio)
    return StudyCharts(
        map=maps.embedding_map(controls, len(points)),
        pca=maps.pca_map(controls, len(points), extent, shares),
        explained=charts_variance.explained_variance(variance.rows, variance.threshold),
        variance=variance,
        grid=heat_map.heat_map(perplexity, k),
        over_perplexity=heat_map.curve("perplexity", perplexity),
        over_k=heat_map.curve("clusters k", k),
    )


def _variance(view: StudyView) -> Variance:
    rows = tuple(charts_variance.Component(**row) for row in view.study.tables["variance"].to_pylist())
    kept = view.components
    return Variance(kept, rows[kept - 1].cumulative, view.manifest.parameters["variance"], rows)
