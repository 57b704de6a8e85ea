"""The recipes of docs/extending.md, as they are printed there: a new metric, a new map method, a new page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from precompute import config, pipeline, store
from precompute.config import Grid, values
from precompute.dataset import Dataset
from precompute.maps import registry as maps_registry
from precompute.maps.method import Embedding, Method, Source
from precompute.metrics import registry as metrics_registry
from precompute.metrics.clusterings import Setting
from precompute.metrics.registry import Metric
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from site_templates import publish
from site_templates.images import thumbnail
from site_templates.pages import gallery, render
from site_templates.palette import cluster_colors
from site_templates.study import StudySite
from site_templates.views import StudyView
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


def test_a_new_embedding_method(tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    documentation.follow(maps_registry, "METHODS", monkeypatch)
    assert 'methods = ["tsne", "last"]' in documentation.text_of(documentation.EXTENDING)
    monkeypatch.setattr(values, "METHODS", maps_registry.METHODS)
    assert config.parse('[[dataset]]\nmethods = ["tsne", "last"]\n').studies[0].methods == ("tsne", "last")

    def by_label(source: Source, _: object) -> Embedding:
        """A map that no other can beat: samples of a label lie together."""
        del source
        assert tiny_data.labels is not None
        points = np.stack([tiny_data.labels, np.arange(tiny_data.n) / 1e4], axis=1).astype(np.float32)
        return Embedding(points, {})

    others = {"best": Method("Best", (), by_label, "1"), "able": Method("Able", ("perplexity",), by_label, "1")}
    monkeypatch.setattr(maps_registry, "METHODS", {**maps_registry.METHODS, **others})
    outcome = pipeline.compute(
        planned(tiny_data, replace(SMALL, methods=("tsne", "last", *others))), tmp_path, Machine()
    )
    assert not outcome.failed
    study = store.read(tmp_path / "tiny")
    assert [info.slug for info in study.manifest.embeddings] == ["pca", "able-p5", "best", "last", "tsne-p5"]
    assert "last-k3" in {info.slug for info in study.manifest.settings}
    assert study.embedding("last").num_rows == tiny_data.n
    publish.publish(tmp_path, tmp_path / "site", ["tiny"], "A gallery")
    assert list((tmp_path / "site" / "tiny" / "data").glob("last-*.js"))
    # b04, b05: the front page and the figures without a script are of maps that the explorer beside them shows
    rows = study.tables["metrics"].to_pandas()
    ami = rows[(rows.metric == "ami") & (rows.space == "map")].set_index("method").value
    assert ami.idxmax() != "tsne", "the others must be better for this to say anything"
    front = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert f"{ami['tsne']:.3f} at perplexity 5, k 3" in front
    assert 'href="tiny/index.html#perplexity=5&amp;k=3"' in front
    assert "nan" not in re.sub(r"<[^>]*>", "", front)
    site = StudySite(StudyView(study.manifest, study), None)
    assert site.first is not None and site.first.slug == "tsne-p5-k3"
    _, picture = gallery.card(site)
    own = next(one for one in study.manifest.embeddings if one.slug == "tsne-p5")
    png = thumbnail.map_png(site.view.points(own), cluster_colors(site.first), site.first.clusters, gallery.CARD_SIZE)
    assert picture is not None and picture.data == png


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("features", (), "method 'features': the name is taken"),
        ("grid", (), "method 'grid': the name is taken"),
        ("mine", ("neighbors",), "method 'mine': its parameters are neighbors; allowed: none, or perplexity"),
    ],
)
def test_a_method_that_no_grid_can_have_is_refused_before_computing(
    tmp_path: Path,
    tiny_data: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    parameters: tuple[str, ...],
    said: str,
) -> None:
    entry = Method("Mine", parameters, lambda source, _: Embedding(source.start, {}), "1")
    monkeypatch.setattr(maps_registry, "METHODS", {**maps_registry.METHODS, name: entry})
    monkeypatch.setattr(values, "METHODS", maps_registry.METHODS)
    with pytest.raises(config.ConfigError, match=said):
        config.parse(f'[[dataset]]\nmethods = ["tsne", "{name}"]\n')
    with pytest.raises(config.ConfigError, match=f"leaves the pages without a map.*add 'tsne'|{said}"):
        config.parse(f'[[dataset]]\nmethods = ["{name}"]\n')
    with pytest.raises(ValueError, match=said):
        pipeline.compute(planned(tiny_data, replace(SMALL, methods=("tsne", name))), tmp_path, Machine())
    assert not any(tmp_path.rglob("*.parquet"))


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
