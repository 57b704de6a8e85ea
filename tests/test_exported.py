"""Exported charts: they draw, and hold what the tables hold. Their sliders: tests/browser/test_exported.py."""

from __future__ import annotations

import json
import re
from typing import Any

import altair as alt
import msgspec
import numpy as np
import pyarrow as pa
import pytest
import vl_convert

from precompute.store import Study
from site_templates.charts import export_maps
from site_templates.charts.export_parts import ExportedChart, slider
from site_templates.study import StudySite
from site_templates.views import StudyView


def made(study: Study) -> dict[str, ExportedChart]:
    """All charts by name."""
    return {one.name: one for one in StudySite(StudyView(study.manifest, study), None).exported}


@pytest.fixture(scope="module")
def all_charts(tiny_study: Study) -> dict[str, ExportedChart]:
    """The tiny study's charts."""
    return made(tiny_study)


def unlabelled(study: Study) -> Study:
    """The study as it would be without labels."""
    tables = dict(study.tables)
    for name, columns in (("samples", ["label"]), ("cluster_stats", ["label", "purity", "entropy", "runner_up"])):
        for column in columns:
            at = tables[name].schema.get_field_index(column)
            kind = tables[name].schema.field(column)
            tables[name] = tables[name].set_column(at, kind, pa.nulls(tables[name].num_rows, kind.type))
    info = msgspec.structs.replace(study.manifest.dataset, labels=None)
    return Study(msgspec.structs.replace(study.manifest, dataset=info), tables)


def test_every_chart_compiles_and_draws(all_charts: dict[str, ExportedChart]) -> None:
    assert list(all_charts) == ["maps", "metrics", "clusters", "confusion", "variance"]
    for one in all_charts.values():
        text = json.dumps(one.spec, allow_nan=False)
        assert vl_convert.vegalite_to_svg(text).count("<path") > 20, one.name
        assert "url" not in json.dumps(one.spec.get("data", {})), one.name


def test_every_chart_is_what_the_schema_of_vega_lite_allows(tiny_study: Study) -> None:
    """A build does not ask the schema, which takes most of a small site's time."""
    site = StudySite(StudyView(tiny_study.manifest, tiny_study), None)
    charts = site.charts
    for own in (charts.map, charts.pca, charts.explained, charts.grid, charts.curve):
        own.to_dict(validate=True)
    for study in (tiny_study, unlabelled(tiny_study)):
        for one in made(study).values():
            alt.Chart.from_dict(dict(one.spec), validate=True)


def test_charts_of_a_study_without_labels_draw(tiny_study: Study) -> None:
    charts = made(unlabelled(tiny_study))
    assert list(charts) == ["maps", "metrics", "clusters", "variance"]
    svg = vl_convert.vegalite_to_svg(json.dumps(charts["maps"].spec, allow_nan=False))
    assert svg.count('aria-roledescription="point"') >= 200


def test_labels_and_titles_of_any_kind_draw(tiny_study: Study) -> None:
    """Vega stops at a text in an expression that is a name of every object's; titles could be wider than a picture."""
    names = ["constructor", "__proto__", "toString", "valueOf", "hasOwnProperty", "", "null", '\\"', "'", "W" * 10_000]
    info = msgspec.structs.replace(tiny_study.manifest.dataset, labels=names, title="W" * 10_000)
    charts = made(Study(msgspec.structs.replace(tiny_study.manifest, dataset=info), tiny_study.tables))
    for one in charts.values():
        svg = vl_convert.vegalite_to_svg(json.dumps(one.spec, allow_nan=False))
        found = re.match(r'<svg[^>]* width="([0-9.]+)"', svg)
        assert found and float(found[1]) < 1500, one.name
        if one.name in ("clusters", "confusion"):
            assert svg.count(">constructor<") >= 1, one.name


def test_a_legend_names_every_label_however_many(tiny_study: Study) -> None:
    """Vega left out all after the thirtieth."""
    names = [f"label {code}" for code in range(40)]
    info = msgspec.structs.replace(tiny_study.manifest.dataset, labels=names)
    many = made(Study(msgspec.structs.replace(tiny_study.manifest, dataset=info), tiny_study.tables))
    drawn = vl_convert.vegalite_to_svg(json.dumps(many["clusters"].spec))
    assert [name for name in names if f">{name}<" not in drawn] == []


def test_widgets_cover_the_grid_and_start_where_the_page_starts(all_charts: dict[str, ExportedChart]) -> None:
    params = {one["name"]: one for one in all_charts["maps"].spec["params"] if "bind" in one}
    assert params["perplexity"]["bind"]["options"] == [5, 12.5, 30]  # uneven: a list, a slider would stop in between
    assert params["perplexity"]["value"] == 30
    assert params["k"]["bind"]["options"] == [3, 4, 10]
    assert params["k"]["value"] == 10
    assert set(params) == {"perplexity", "k", "space", "color", "beside"}
    assert params["beside"]["bind"]["options"] == ["pca", "tsne-p5", "tsne-p12.5", "tsne-p30"]
    even = alt.Chart().mark_point().add_params(slider("k", "k", [3, 4, 5], 4)).to_dict(validate=False)["params"][0]
    assert even["bind"] == {"input": "range", "min": 3, "max": 5, "step": 1, "name": "k "}


def test_rows_hold_what_the_tables_hold(tiny_study: Study, all_charts: dict[str, ExportedChart]) -> None:
    data: Any = all_charts["maps"].spec["datasets"]
    row = next(one for one in data["maps"] if one["perplexity"] == 12.5)
    table = tiny_study.embedding("tsne-p12.5")
    exact = np.stack([table.column(axis).to_numpy() for axis in ("x", "y")], axis=1)
    place = next(one for one in data["places"] if one["slug"] == row["slug"])
    places = np.array([[int(place[axis][3 * at : 3 * at + 3]) for axis in ("x", "y")] for at in range(200)])
    middle, half = (exact.min(axis=0) + exact.max(axis=0)) / 2, np.ptp(exact, axis=0).max() / 2 * 1.05
    assert np.abs(middle + (places / 999 * 2 - 1) * half - exact).max() <= half / 999 * 1.001
    clusters = tiny_study.clusters("tsne-p12.5").to_pandas()
    expected = clusters[clusters.k == 10].sort_values("sample").cluster
    assert [int(code, 36) for code in row["k10"]] == expected.tolist()
    features = tiny_study.clusters("features").to_pandas()
    expected = features[features.k == 4].sort_values("sample").cluster
    assert [int(code, 36) for code in data["samples"][0]["fk4"]] == expected.tolist()
    metrics = tiny_study.tables["metrics"].to_pandas()
    value = metrics.query("metric == 'silhouette' and perplexity == 5 and k == 4 and space == 'map'").value.item()
    rows: Any = all_charts["metrics"].spec["datasets"]["settings"]
    shown = next(one for one in rows if (one["perplexity"], one["k"], one["space"]) == (5, 4, "map"))
    assert shown["silhouette"] == pytest.approx(value, rel=1e-5)


def test_many_clusters_have_as_many_digits_as_they_need() -> None:
    assert export_maps._digits(36) == 1
    assert export_maps._digits(37) == export_maps._digits(100) == 2
    assert export_maps._digits(101) == 3


@pytest.mark.parametrize(("count", "kept"), [(9, [5, 10, 20, 30, 40, 50]), (3, [5, 30, 50]), (2, [5, 30]), (1, [30])])
def test_few_perplexities_keep_the_start(count: int, kept: list[float]) -> None:
    assert export_maps.chosen([5, 10, 20, 30, 40, 50], 30, count) == kept


def test_a_chart_that_leaves_perplexities_out_says_so(tiny_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_maps, "BUDGET", 2 * 200 * 9)
    chart = made(tiny_study)["maps"]
    assert chart.left_out == "To keep the file small, 2 of 3 values of perplexity (5, 30) are in this chart."
    assert chart.spec["title"]["subtitle"] == [chart.left_out]
    assert [row["perplexity"] for row in chart.spec["datasets"]["maps"]] == [5, 30]
    assert chart.spec["usermeta"] == {"values": {"perplexity": [5, 30]}}
