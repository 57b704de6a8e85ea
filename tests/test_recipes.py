"""The recipes of docs/extending.md, as they are printed there: a metric, a map method, a clusterer, a page.

What a reader sees of the method and the clusterer: tests/browser/test_recipes.py."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import vl_convert
from numpy.typing import NDArray

from clusterfolio import commands
from clusterfolio import options as command_line
from precompute import config, pipeline, store
from precompute.clusterers import kmeans
from precompute.clusterers import registry as clusterers_registry
from precompute.clusterers.clusterer import Clusterer, Options
from precompute.config import Grid
from precompute.dataset import Dataset
from precompute.maps import registry as maps_registry
from precompute.maps.method import Embedding, Method
from precompute.maps.tsne import PERPLEXITY
from precompute.metrics import registry as metrics_registry
from precompute.metrics.clusterings import Setting
from precompute.metrics.registry import Metric
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from site_templates import publish, words
from site_templates.charts.export_parts import Widgets
from site_templates.pages import render
from tests import documentation
from tests.conftest import TINY

SMALL = replace(TINY, grid=Grid.of(perplexity=(5.0,), k=(3,)))


def test_a_new_metric(tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    documentation.follow(metrics_registry, "SETTING_METRICS", monkeypatch)
    assert not pipeline.compute(planned(tiny_data, SMALL), tmp_path / "results", Machine()).failed
    rows = store.read(tmp_path / "results" / "tiny").tables["metrics"].to_pandas()
    shares = rows[rows.metric == "largest"].value
    assert len(shares) == 2
    assert (shares > 1 / 3).all()
    publish.publish(tmp_path / "results", tmp_path / "site", ["tiny"], "A gallery")
    page = (tmp_path / "site" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert 'data-metric="largest"' in page
    assert "Share of samples in the largest cluster." in page


def test_a_new_metric_leaves_maps_and_clusters_alone(
    tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.compute(planned(tiny_data, SMALL), tmp_path, Machine())
    entry: Metric[Setting] = Metric("One", "One.", lambda _: 1.0, 0, 1, None, None, ())
    monkeypatch.setattr(metrics_registry, "SETTING_METRICS", {**metrics_registry.SETTING_METRICS, "one": entry})
    reasons = pipeline.compute(planned(tiny_data, SMALL), tmp_path, Machine()).reasons
    changed = {name.split()[0] for name, reason in reasons.items() if not reason.startswith("kept")}
    assert changed == {"metrics"}
    assert reasons["metrics tsne-p5-k3"] == "changed: metrics.one None → 1"


BOTH = replace(
    SMALL,
    grid=Grid.of(perplexity=(5.0,), k=(3, 4), turn=(0.0, 30.0), strips=(2, 4)),
    methods=("tsne", "turned"),
    clusterers=("kmeans", "strips"),
)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method with two parameters and a clusterer with one, as the recipes register them."""
    documentation.follow(maps_registry, "METHODS", monkeypatch)
    documentation.follow(clusterers_registry, "CLUSTERERS", monkeypatch)


@pytest.mark.usefixtures("registered")
def test_command_line_and_configuration_know_what_is_registered(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "--methods",
        "tsne,turned",
        "--clusterers",
        "strips",
        "--turn",
        "0:20:10",
        "--stretch",
        "1,2",
        "--strips",
        "2:4",
    ]
    options = command_line.parsed(arguments, "build.py")
    (study,) = commands.gallery_of(options).studies
    assert study.methods == ("tsne", "turned")
    assert study.clusterers == ("strips",)
    assert study.grid.values == {"turn": (0, 10, 20), "stretch": (1, 2), "strips": (2, 3, 4)}
    assert [one.name for one in study.parameters] == ["perplexity", "turn", "stretch", "strips"]
    with pytest.raises(SystemExit):
        command_line.parsed(["--help"], "build.py")
    assert 'by how much the map is turned: "0,30,60"' in " ".join(capsys.readouterr().out.split())
    text = '[[dataset]]\nmethods = ["turned"]\nclusterers = ["strips"]\nturn = [0, 90]\nstrips = "2:5"\n'
    assert config.parse(text).studies[0].grid.values == {"turn": (0, 90), "strips": (2, 3, 4, 5)}
    for wrong, said in (
        ('methods = ["turnd"]', "there is no method 'turnd'; did you mean 'turned'? allowed: pca, tsne, umap, turned"),
        ('clusterers = ["strip"]', "there is no clusterer 'strip'; did you mean 'strips'?"),
        ("turn = 400", "400 is too large; allowed: 360 or less"),
        ("strips = 2.5", "2.5 is not allowed; allowed: whole numbers from 2"),
        ("strip = 2", "unknown key; did you mean 'strips'?"),
    ):
        with pytest.raises(config.ConfigError, match=re.escape(said)):
            config.parse(f"[[dataset]]\n{wrong}\n")


@pytest.mark.usefixtures("registered")
def test_a_method_and_a_clusterer_are_data(tmp_path: Path, tiny_data: Dataset) -> None:
    outcome = pipeline.compute(planned(tiny_data, BOTH), tmp_path / "results", Machine())
    assert not outcome.failed
    study = store.read(tmp_path / "results" / "tiny")
    manifest = study.manifest
    assert [info.slug for info in manifest.embeddings] == [
        "pca", "tsne-p5", "turned-t0", "turned-t0-s2", "turned-t30", "turned-t30-s2"
    ]  # fmt: skip
    parts = ["features", "tsne-p5", "turned-t0", "turned-t0-s2", "turned-t30", "turned-t30-s2"]
    settings = [f"{part}-{one}" for part in parts for one in ("k3", "k4", "strips-w2", "strips-w4")]
    assert [info.slug for info in manifest.settings] == settings
    rows = study.tables["metrics"].to_pandas()
    row = rows[(rows.setting == "turned-t30-s2-strips-w4") & (rows.metric == "purity")].iloc[0]
    assert (row.method, row.turn, row.stretch, row.clusterer, row.strips) == ("turned", 30, 2, "strips", 4)
    assert np.isnan(row.perplexity) and np.isnan(row.k)
    clusters = study.clusters("turned-t30-s2").to_pandas()
    own = clusters[clusters.setting == "turned-t30-s2-strips-w4"].sort_values("sample").cluster.to_numpy()
    assert np.bincount(own).tolist() == [50, 50, 50, 50]
    labels = study.tables["samples"].column("label").to_numpy()
    right = sum(np.bincount(labels[own == cluster]).max() for cluster in range(4))
    assert row.value == pytest.approx(right / 200)
    publish.publish(tmp_path / "results", tmp_path / "site", ["tiny"], "A gallery")
    site = tmp_path / "site" / "tiny"
    assert {path.stem for path in (site / "settings").glob("*.html")} == {*settings, "index"}
    page = (site / "settings" / "turned-t30-s2-strips-w4.html").read_text(encoding="utf-8")
    said = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "4 clusters (Strips, strips 4) on the Turned PCA map at turn 30, stretch 2" in said
    assert "by how much the map is turned" in said
    for link in ("turned-t0-s2-strips-w4", "turned-t30-strips-w4", "turned-t30-s2-strips-w2", "features-strips-w4"):
        assert f"{link}.html" in page, link
    dictionary = json.loads((site / "download" / "dictionary.json").read_text(encoding="utf-8"))
    named = {table["name"]: {column["name"] for column in table["columns"]} for table in dictionary["tables"]}
    assert {"turn", "stretch", "strips", "k", "perplexity"} <= named["metrics"]
    assert {"turn", "stretch"} <= named["embeddings"]
    assert "strips" not in named["embeddings"]
    chart = json.loads((site / "download" / "charts" / "maps.vl.json").read_text(encoding="utf-8"))
    widgets = {one["name"] for one in chart["params"] if "bind" in one}
    assert widgets == {
        "method", "perplexity", "turn", "stretch", "clusterer", "k", "strips", "space", "color", "beside"
    }  # fmt: skip
    for name in ("maps", "metrics", "clusters", "confusion"):
        text = (site / "download" / "charts" / f"{name}.vl.json").read_text(encoding="utf-8")
        assert vl_convert.vegalite_to_svg(text).count("<path") > 15, name


@pytest.mark.usefixtures("registered")
def test_the_best_of_all_is_named_whatever_made_it(tmp_path: Path, tiny_data: Dataset) -> None:
    """b04, b05: the front page names a setting that the explorer beside it shows."""
    pipeline.compute(planned(tiny_data, BOTH), tmp_path / "results", Machine())
    publish.publish(tmp_path / "results", tmp_path / "site", ["tiny"], "A gallery")
    study = store.read(tmp_path / "results" / "tiny")
    rows = study.tables["metrics"].to_pandas()
    ami = rows[(rows.metric == "ami") & (rows.space == "map")].set_index("setting").value
    front = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    best = next(one for one in study.manifest.settings if one.slug == ami.idxmax())
    assert f"{ami.max():.3f} at {words.setting(study.manifest, best)}" in front
    assert "nan" not in re.sub(r"<[^>]*>", "", front)


def failing(points: NDArray[np.float32], wanted: Sequence[Mapping[str, float]], _: Options) -> list[NDArray[np.int64]]:
    """A clusterer that cannot do maps, and of the features gives numbers that no cluster may have."""
    if points.shape[1] == 2:
        raise ValueError("no maps, please")
    return [np.full(len(points), -1) for _ in wanted]


def test_what_one_clusterer_cannot_do_loses_nothing_of_the_others(
    tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Clusterer("Failing", (kmeans.K,), failing, "1")
    monkeypatch.setattr(clusterers_registry, "CLUSTERERS", {**clusterers_registry.CLUSTERERS, "failing": entry})
    study = planned(tiny_data, replace(SMALL, methods=("tsne", "pca"), clusterers=("kmeans", "failing")))
    outcome = pipeline.compute(study, tmp_path / "results", Machine())
    assert {one.cell: one.reason for one in outcome.failed} == {
        "clusters features-failing-k3": "failing: ValueError: clusters of 200 points: 200 numbers, the least -1; "
        "allowed: one for each point, from 0 without a gap",
        "clusters pca-failing-k3": "failing: ValueError: no maps, please",
        "clusters tsne-p5-failing-k3": "failing: ValueError: no maps, please",
    }
    assert [one.slug for one in outcome.manifest.settings] == ["features-k3", "pca-k3", "tsne-p5-k3"]
    assert {info.slug for info in outcome.manifest.embeddings} == {"pca", "tsne-p5"}
    publish.publish(tmp_path / "results", tmp_path / "site", ["tiny"], "A gallery")
    index = (tmp_path / "site" / "tiny" / "settings" / "index.html").read_text(encoding="utf-8")
    assert "clusters tsne-p5-failing-k3: failing: ValueError: no maps, please" in " ".join(index.split())
    again = pipeline.compute(study, tmp_path / "results", Machine())
    assert len(again.failed) == 3
    assert again.computed == 0


def test_parameters_that_nothing_asked_for_has_are_said(tiny_data: Dataset) -> None:
    asked = replace(SMALL, grid=replace(SMALL.grid, explicit=frozenset({"n_neighbors", "k"})))
    assert planned(tiny_data, asked).notes[0] == "n_neighbors: not used, no method or clusterer named here has it"


def test_a_study_without_any_parameter_is_published(
    tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    halves = Clusterer("Halves", (), lambda points, wanted, _: [np.arange(len(points)) * 2 // len(points)], "1")
    monkeypatch.setattr(clusterers_registry, "CLUSTERERS", {"halves": halves})
    config_of = replace(SMALL, methods=("pca",), clusterers=("halves",))
    assert not pipeline.compute(planned(tiny_data, config_of), tmp_path / "results", Machine()).failed
    publish.publish(tmp_path / "results", tmp_path / "site", ["tiny"], "A gallery")
    assert (tmp_path / "site" / "tiny" / "settings" / "pca-halves.html").is_file()
    for name in ("maps", "metrics", "clusters", "confusion"):
        path = tmp_path / "site" / "tiny" / "download" / "charts" / f"{name}.vl.json"
        assert vl_convert.vegalite_to_svg(path.read_text(encoding="utf-8")).count("<path") > 5, name


def test_names_of_clusterings_in_charts_hold_no_dot_and_follow_the_clusterer(
    tmp_path: Path, tiny_data: Dataset
) -> None:
    """Vega takes a dot for a path; the manifest's own order of parameters is that of the alphabet."""
    manifest = pipeline.compute(planned(tiny_data, SMALL), tmp_path, Machine()).manifest
    info = msgspec.structs.replace(manifest.settings[-1], clusterer="soft", parameters={"a": 0.5, "z": 2})
    axes = [msgspec.structs.replace(manifest.axes[0], name=name, letter=name) for name in ("z", "a")]
    soft = store.ClustererInfo(name="soft", label="Soft", parameters=["z", "a"])
    manifest = msgspec.structs.replace(manifest, axes=axes, clusterers=[soft])
    widgets = Widgets(manifest, {"z": 2, "a": 0.5, "space": "map"})
    assert widgets.clustering_of(info) == "z2a0_5"
    assert widgets.clustering == "'' + 'z' + replace(z + '', '.', '_') + 'a' + replace(a + '', '.', '_')"


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("features", {}, "method 'features': the name is taken"),
        ("grid", {}, "method 'grid': the name is taken"),
        ("My own", {}, "method 'My own': allowed are lower-case letters, digits and dashes"),
        ("mine", {"name": "seed"}, "method 'mine': parameter 'seed': the name is taken; choose another"),
        ("mine", {"letter": "pp"}, "method 'mine': parameter 'perplexity': allowed are a name such as"),
        ("mine", {"name": "size"}, "method 'mine': parameter 'size': the name is taken"),
        ("mine", {"name": "scale"}, "method 'mine': parameter 'scale': the name is taken"),
        ("mine", {"name": "k"}, "clusterer 'kmeans': parameter 'k': a method has one of this name"),
        ("mine", {"label": "Mine"}, "method 'mine': parameter 'perplexity': another entry has a different one"),
    ],
)
def test_what_no_grid_can_have_is_refused_before_computing(
    monkeypatch: pytest.MonkeyPatch, name: str, change: dict[str, Any], said: str
) -> None:
    parameters = (replace(PERPLEXITY, **change),) if change else ()
    entry = Method("Mine", parameters, lambda source, _: Embedding(source.start, {}), "1")
    monkeypatch.setattr(maps_registry, "METHODS", {**maps_registry.METHODS, name: entry})
    with pytest.raises(ValueError, match=re.escape(said)):
        config.parse(f'[[dataset]]\nmethods = ["tsne", "{name}"]\n')


def test_a_new_page(tiny_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "facts.html.j2").write_text(documentation.recipe("templates/facts.html.j2", "jinja"), encoding="utf-8")
    monkeypatch.setattr(render, "TEMPLATES", (*render.TEMPLATES, templates))
    documentation.follow(render, "STUDY_PAGES", monkeypatch)
    publish.publish(tiny_results, tmp_path / "site", ["tiny"], "A gallery")
    page = (tmp_path / "site" / "tiny" / "facts.html").read_text(encoding="utf-8")
    assert "<h1>12 settings</h1>" in page
    assert "Facts</a>" in (tmp_path / "site" / "tiny" / "index.html").read_text(encoding="utf-8")
    style = re.search(r'href="(\.\./assets/page-[0-9a-f]{12}\.css)"', page)
    assert style
    assert (tmp_path / "site" / "tiny" / style[1]).is_file()
