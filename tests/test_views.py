"""Views: the tables, split by setting, with what follows from them counted again the slow way."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from precompute.store import Study
from site_templates.views import StudyView


@pytest.fixture(scope="module")
def view(tiny_study: Study) -> StudyView:
    return StudyView(tiny_study.manifest, tiny_study)


def test_grey_pictures_of_older_results_are_never_negatives(view: StudyView, tiny_study: Study) -> None:
    """They had 0 for white, and did not say whether they were strokes: they are shown as they are, dark on white."""
    assert view.polarity == "ink"
    info = msgspec.structs.replace(tiny_study.manifest.dataset, polarity=None)
    old = StudyView(msgspec.structs.replace(tiny_study.manifest, dataset=info), tiny_study)
    assert old.polarity == "light"
    assert old.pixels is not None
    assert view.pixels is not None
    np.testing.assert_array_equal(old.pixels, 255 - view.pixels)


def test_settings_of_a_part_by_k(view: StudyView) -> None:
    found = view.settings("tsne-p12.5")
    assert [setting.slug for setting in found] == ["tsne-p12.5-k3", "tsne-p12.5-k4", "tsne-p12.5-k10"]
    assert [len(setting.stats) for setting in found] == [3, 4, 10]
    assert view.settings("pca") == []


def test_misclassified_pairs_and_dominant_labels(view: StudyView) -> None:
    for setting in view.settings("features"):
        assert setting.labels is not None
        wrong = np.flatnonzero(setting.dominant != setting.labels)
        assert sorted(setting.misclassified) == wrong.tolist()
        assert len(wrong) == setting.metrics["misclassified"]
        for true, dominant, count in setting.pairs:
            assert count == ((setting.labels == true) & (setting.dominant == dominant)).sum() > 0
        assert sum(count for *_, count in setting.pairs) == len(setting.labels)


def test_unavoidable_errors_are_the_rarest_labels(view: StudyView) -> None:
    counts = sorted(np.bincount(view.labels).tolist())  # type: ignore[arg-type]
    assert [setting.unavoidable for setting in view.settings("features")] == [sum(counts[:7]), sum(counts[:6]), 0]


def test_pixels_and_points_have_their_shapes(view: StudyView) -> None:
    assert view.pixels is not None
    assert view.pixels.shape == (200, 8, 8, 1)
    assert view.points(view.manifest.embeddings[1]).shape == (200, 2)
    assert view.components == len(view.study.tables["features"].column_names) - 1
    assert set(view.embedding_metrics("pca")) == {"trustworthiness", "continuity", "neighbors_kept"}
