"""The README's recipes: a new metric, a new embedding method, a new page, each in a function and a registry entry."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from precompute import embeddings, metrics, pipeline, store
from precompute.config import Grid
from precompute.dataset import Dataset
from precompute.embeddings import Embedding, Method, Source
from precompute.metrics import Metric, Setting
from site_templates import pages, publish
from site_templates.pages import PageKind
from site_templates.study_site import Page, PageContent, StudySite
from tests.conftest import TINY

SMALL = replace(TINY, grid=Grid((5.0,), (3,)))


def test_a_new_metric(tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def largest(setting: Setting) -> float:
        """Share of the samples that the largest cluster holds."""
        return float(np.bincount(setting.clusters).max() / len(setting.clusters))

    entry = Metric("Largest cluster", "Share of samples in the largest cluster.", largest, 0, 1, "lower", None, ("k",))
    monkeypatch.setattr(metrics, "SETTING_METRICS", {**metrics.SETTING_METRICS, "largest": entry})
    pipeline.compute(tiny_data, SMALL, tmp_path / "results", jobs=1)
    rows = store.read(tmp_path / "results" / "tiny").tables["metrics"].to_pandas()
    assert (rows[rows.metric == "largest"].value > 1 / 3).all()
    publish.publish(tmp_path / "results", tmp_path / "site", ["tiny"], "A gallery")
    page = (tmp_path / "site" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert 'data-metric="largest"' in page
    assert "Share of samples in the largest cluster." in page


def test_a_new_metric_leaves_maps_and_clusters_alone(
    tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.compute(tiny_data, SMALL, tmp_path, jobs=1)
    entry: Metric[Setting] = Metric("One", "One.", lambda _: 1.0, 0, 1, None, None, ())
    monkeypatch.setattr(metrics, "SETTING_METRICS", {**metrics.SETTING_METRICS, "one": entry})
    reasons = pipeline.compute(tiny_data, SMALL, tmp_path, jobs=1).reasons
    changed = {name.split()[0] for name, reason in reasons.items() if not reason.startswith("kept")}
    assert changed == {"metrics"}
    assert reasons["metrics tsne-p5-k3"] == "changed: metrics.one None → 1"


def test_a_new_embedding_method(tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def last_components(source: Source, _: object) -> Embedding:
        """The last two components kept."""
        points: NDArray[np.float32] = np.ascontiguousarray(source.features[:, -2:])
        return Embedding(points, {})

    entry = Method("Last components", (), last_components, "last-1")
    monkeypatch.setattr(embeddings, "METHODS", {**embeddings.METHODS, "last": entry})
    outcome = pipeline.compute(tiny_data, replace(SMALL, methods=("tsne", "last")), tmp_path, jobs=1)
    assert not outcome.failed
    study = store.read(tmp_path / "tiny")
    assert [info.slug for info in study.manifest.embeddings] == ["pca", "last", "tsne-p5"]
    assert "last-k3" in {info.slug for info in study.manifest.settings}
    assert study.embedding("last").num_rows == tiny_data.n
    publish.publish(tmp_path, tmp_path / "site", ["tiny"], "A gallery")
    assert list((tmp_path / "site" / "tiny" / "data").glob("last-*.js"))


def test_a_new_page(tiny_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def facts(study: StudySite) -> PageContent:
        """How many settings there are."""
        page = Page("Facts", "Facts of the study.")
        return PageContent({"page": page, "count": len(study.manifest.settings)}, {})

    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "facts.html.j2").write_text(
        '{% extends "base.html.j2" %}{% block body %}<main><h1>{{ count }} settings</h1></main>{% endblock %}'
    )
    monkeypatch.setattr(pages, "TEMPLATES", (*pages.TEMPLATES, templates))
    monkeypatch.setattr(pages, "STUDY_PAGES", {**pages.STUDY_PAGES, "facts.html": PageKind("facts.html.j2", facts)})
    publish.publish(tiny_results, tmp_path / "site", ["tiny"], "A gallery")
    page = (tmp_path / "site" / "tiny" / "facts.html").read_text(encoding="utf-8")
    assert "<h1>12 settings</h1>" in page
    style = re.search(r'href="(\.\./assets/style-[0-9a-f]{12}\.css)"', page)
    assert style
    assert (tmp_path / "site" / "tiny" / style[1]).is_file()
