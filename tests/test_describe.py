"""The manifest: complete for a reader, silent about the machine's names and paths."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from precompute import pipeline, store
from precompute.config import Grid, StudyConfig
from precompute.dataset import Dataset
from precompute.metrics import limits, registry
from precompute.run import environment
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.store import Study, to_json
from site_templates.pages import explorer
from site_templates.pages import setting as pages_setting
from site_templates.study import StudySite
from site_templates.views import StudyView


def test_manifest_names_axes_settings_and_measures(tiny_study: Study) -> None:
    manifest = tiny_study.manifest
    assert [(axis.name, axis.values) for axis in manifest.axes] == [("perplexity", [5, 12.5, 30]), ("k", [3, 4, 10])]
    assert [info.slug for info in manifest.embeddings] == ["pca", "tsne-p5", "tsne-p12.5", "tsne-p30"]
    assert len(manifest.settings) == 12
    assert manifest.settings[0].slug == "features-k3"
    assert (manifest.settings[0].embedding, manifest.settings[0].space) == (None, "features")
    assert {metric.name for metric in manifest.metrics} == {
        *registry.SETTING_METRICS,
        *registry.EMBEDDING_METRICS,
        *registry.PROVENANCE,
    }
    assert manifest.dataset.image == (8, 8, 1)
    assert manifest.dataset.labels == [str(digit) for digit in range(10)]


def test_every_measure_in_the_table_is_defined(tiny_study: Study) -> None:
    names = set(tiny_study.tables["metrics"].column("metric").to_pylist())
    assert names == {metric.name for metric in tiny_study.manifest.metrics}


def test_divergence_is_provenance_and_ranks_nothing(tiny_study: Study) -> None:
    found = next(metric for metric in tiny_study.manifest.metrics if metric.name == "kl_divergence")
    assert (found.of, found.better, found.comparable_over) == ("provenance", None, [])


def test_what_is_measured_on_a_sample_says_so_beside_every_figure(
    tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "QUADRATIC_LIMIT", 150)
    config = StudyConfig(
        methods=("tsne",), clusterers=("kmeans",), id="tiny", grid=Grid.of(perplexity=(5.0,), k=(3,)), robustness=False
    )
    pipeline.compute(planned(tiny_data, config), tmp_path, Machine())
    study = store.read(tmp_path / "tiny")
    rows = study.tables["metrics"].to_pylist()
    drawn = {row["metric"] for row in rows if row["n"] == 150}
    assert drawn == {"silhouette", "silhouette_features", "trustworthiness", "continuity"}
    assert {row["metric"] for row in rows if row["n"] is None} == {row["metric"] for row in rows} - drawn
    told = "Estimated on 150 of the 200 samples, drawn with a fixed seed."
    assert {one.name for one in study.manifest.metrics if told in one.meaning} == drawn
    view = StudyView(study.manifest, study)
    setting = view.settings("tsne-p5")[0]
    figures = pages_setting._figures(StudySite(view, None), setting, study.manifest.embeddings[1])
    assert {one.name for one in figures if told in one.meaning} == drawn
    assert {one.name for one in map(explorer._metric_text, study.manifest.metrics) if told in one.meaning} == drawn


def test_provenance_says_what_decides_bits_and_names_nobody() -> None:
    found = environment.machine()
    assert set(found) == {"machine", "python", "blas", "cpu_features"}
    text = to_json(found).decode()
    assert socket.gethostname() not in text
    assert os.sep + "lib" not in text
    assert {"numpy", "scikit-learn", "openTSNE", "numba"} <= set(environment.libraries())
