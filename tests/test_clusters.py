"""Clusters: as good as scikit-learn's, the same numbers whatever K-Means called them, margins worked out by hand."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import AgglomerativeClustering, KMeans, kmeans_plusplus
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from precompute import describe
from precompute.clusterers import canonical, kmeans, registry
from precompute.clusterers.clusterer import Clustering, Options
from precompute.clusterers.registry import CLUSTERERS
from precompute.config import ConfigError, Grid, StudyConfig
from precompute.run.study import planned
from tests.conftest import few_digits


@pytest.fixture
def blobs(rng: np.random.Generator) -> np.ndarray:
    return (rng.normal(size=(300, 2)) + 6 * rng.normal(size=(6, 2))[rng.integers(0, 6, 300)]).astype(np.float32)


def test_no_worse_than_ten_starts_of_scikit_learn(blobs: np.ndarray) -> None:
    for k, found in kmeans.kmeans(blobs, range(2, 9)).items():
        reference = KMeans(k, n_init=10, random_state=1).fit(blobs.astype(float))
        assert found.inertia <= reference.inertia_ * 1.01
        apart = np.linalg.norm(blobs[:, None] - found.centers[None], axis=2)
        assert (apart.argmin(axis=1) == found.clusters).mean() > 0.99
        assert len(np.unique(found.clusters)) == k


def test_one_k_does_not_depend_on_the_others(blobs: np.ndarray) -> None:
    alone, among = kmeans.kmeans(blobs, [5])[5], kmeans.kmeans(blobs, [3, 4, 5, 9])[5]
    np.testing.assert_array_equal(alone.clusters, among.clusters)
    assert alone.inertia == among.inertia


def test_too_few_distinct_points() -> None:
    points = np.repeat(np.eye(3, 2, dtype=np.float32), 5, axis=0)
    with pytest.raises(ValueError, match="k = 4 but only 3 of 15 points differ; allowed: k up to 3"):
        kmeans.kmeans(points, [3, 4])


def test_wards_clusters_are_those_of_scikit_learn(blobs: np.ndarray) -> None:
    ks = [2, 3, 6, 40]
    found = CLUSTERERS["ward"].fit(blobs, [{"k": float(k)} for k in ks], Options())
    for k, clusters in zip(ks, found, strict=True):
        expected = AgglomerativeClustering(k, linkage="ward").fit_predict(blobs.astype(float))
        assert adjusted_rand_score(expected, clusters) == 1
        assert sorted(set(clusters.tolist())) == list(range(k))


def test_a_mixtures_clusters_are_those_of_scikit_learn(blobs: np.ndarray) -> None:
    found = CLUSTERERS["gmm"].fit(blobs, [{"k": 3.0}, {"k": 6.0}], Options(seed=4))
    for k, clusters in zip((3, 6), found, strict=True):
        expected = GaussianMixture(k, n_init=3, random_state=4).fit_predict(blobs.astype(float))
        assert adjusted_rand_score(expected, clusters) == 1


def test_a_component_of_no_point_is_no_cluster() -> None:
    points = np.repeat([[0.0, 0.0], [1.0, 1.0], [1.0, 1.1]], [50, 49, 1], axis=0).astype(np.float32)
    (found,) = CLUSTERERS["gmm"].fit(points, [{"k": 3.0}], Options())
    assert sorted(set(found.tolist())) == list(range(found.max() + 1))


def test_a_clusterer_is_left_out_where_there_are_too_many_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    data = few_digits(60)
    small = {**CLUSTERERS, "ward": replace(CLUSTERERS["ward"], most=59)}
    monkeypatch.setattr(registry, "CLUSTERERS", small)
    study = planned(data, StudyConfig(methods=("tsne",), clusterers=("kmeans", "ward")))
    assert study.notes[0] == "clusterers: ward left out, it is computed of up to 59 samples"
    assert {one.clusterer for part in study.plan.parts.values() for one in part.settings.values()} == {"kmeans"}
    (missing,) = describe.describe(study).failed
    assert (missing.clusterer, missing.space) == ("ward", None)
    assert missing.reason == "it is computed of up to 59 samples, and these are 60"
    with pytest.raises(
        ConfigError, match="ward left out, it is computed of up to 59 samples; these are 60: name another"
    ):
        planned(data, StudyConfig(methods=("tsne",), clusterers=("ward",)))


def test_a_clusterer_may_be_left_out_in_feature_space_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    data = few_digits(60)
    small = {**CLUSTERERS, "hdbscan": replace(CLUSTERERS["hdbscan"], most_in_features=59)}
    monkeypatch.setattr(registry, "CLUSTERERS", small)
    study = planned(data, StudyConfig(methods=("tsne",), clusterers=("kmeans", "hdbscan")))
    assert study.notes[0] == ("clusterers: hdbscan left out in feature space, it is computed there of up to 59 samples")
    used = {slug: {one.clusterer for one in part.settings.values()} for slug, part in study.plan.parts.items()}
    assert used["features"] == {"kmeans"}
    assert used["tsne-p10"] == {"kmeans", "hdbscan"}
    (missing,) = describe.describe(study).failed
    assert (missing.clusterer, missing.space) == ("hdbscan", "features")


def test_costly_clusterers_are_computed_on_the_maps_of_coarse_values() -> None:
    methods, clusterers = ("tsne", "umap", "pca"), tuple(CLUSTERERS)
    config = StudyConfig(methods=methods, clusterers=clusterers)
    plan = planned(few_digits(400), config).plan
    used = {slug: {one.clusterer for one in part.settings.values()} for slug, part in plan.parts.items()}
    whole = {slug for slug, names in used.items() if names == set(clusterers)}
    assert whole == {
        "features", "pca", "tsne-p10", "tsne-p30", "tsne-p50", "umap-n5", "umap-n15", "umap-n50"
    }  # fmt: skip
    assert {tuple(names) for slug, names in used.items() if slug not in whole} == {("kmeans",)}
    assert {one.clusterer for part in plan.restarts.values() for one in part.settings.values()} == {"kmeans"}
    assert {slug.rpartition("-")[0] for slug in plan.restarts} == {"tsne-p10", "tsne-p30", "tsne-p50", "umap-n15"}
    asked = replace(config, methods=("tsne",), grid=Grid({"perplexity": (20.0, 40.0)}, frozenset({"perplexity"})))
    chosen = planned(few_digits(400), asked).plan.parts["tsne-p20"]
    assert {one.clusterer for one in chosen.settings.values()} == set(clusterers), "nearest to 10"


def test_nothing_asked() -> None:
    assert kmeans.kmeans(np.zeros((5, 2), np.float32), []) == {}


def test_dominant_label_is_the_most_frequent_and_the_lowest_on_a_tie() -> None:
    found = canonical.dominant_labels(
        np.array([0, 0, 0, 1, 1, 2], dtype=np.int16), np.array([4, 4, 2, 3, 1, 0], dtype=np.int16), 3
    )
    assert found.tolist() == [4, 1, 0]


def clustering(assigned: list[int]) -> Clustering:
    array = np.array(assigned, dtype=np.int16)
    k = int(array.max()) + 1
    return Clustering(array, np.arange(2 * k, dtype=np.float32).reshape(k, 2), 1.5)


def test_canonical_by_dominant_label_then_size_then_first_sample() -> None:
    labels = np.array([1, 1, 1, 1, 1, 1, 0, 0], dtype=np.int16)
    found = canonical.canonical(clustering([3, 3, 2, 2, 2, 1, 0, 0]), labels)
    assert found.clusters.tolist() == [2, 2, 1, 1, 1, 3, 0, 0]
    assert found.centers[:, 0].tolist() == [0, 4, 6, 2]
    tied = canonical.canonical(clustering([1, 0, 1, 0]), np.array([0, 0, 0, 0], dtype=np.int16))
    assert tied.clusters.tolist() == [0, 1, 0, 1]


def test_canonical_without_labels_is_by_size() -> None:
    assert canonical.canonical(clustering([0, 1, 1, 2, 2, 2]), None).clusters.tolist() == [2, 1, 1, 0, 0, 0]


@given(data=st.data())
def test_canonical_forgets_how_clusters_were_numbered(data: st.DataObject) -> None:
    k = data.draw(st.integers(2, 6))
    assigned = data.draw(st.permutations([*range(k), *data.draw(st.lists(st.integers(0, k - 1), max_size=20))]))
    labels = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(assigned), max_size=len(assigned))), np.int16)
    renamed = data.draw(st.permutations(range(k)))
    one = canonical.canonical(clustering(list(assigned)), labels)
    other = canonical.canonical(clustering([renamed[c] for c in assigned]), labels)
    np.testing.assert_array_equal(one.clusters, other.clusters)
    dominant = canonical.dominant_labels(one.clusters, labels, k)
    keys = list(zip(dominant.tolist(), (-np.bincount(one.clusters, minlength=k)).tolist(), strict=True))
    assert keys == sorted(keys)


def test_margins_by_hand() -> None:
    """Centres at 0 (label 0), 10 (label 1), 20 (label 0)."""
    points = np.array([[1, 0], [9, 0], [9, 0], [20, 0], [12, 0]], dtype=np.float32)
    centers = np.array([[0, 0], [10, 0], [20, 0]], dtype=np.float32)
    found = canonical.margins(
        points,
        centers,
        np.array([0, 1, 1, 2, 1], dtype=np.int16),
        np.array([0, 1, 0], dtype=np.int16),
        np.array([0, 1, 0, 2, 0], dtype=np.int16),
    )
    np.testing.assert_allclose(found[[0, 1, 2, 4]], [0, 0, 8, 6])
    assert np.isnan(found[3]), "no cluster bears label 2"


def test_margins_do_not_depend_on_how_many_rows_are_held_at_once(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = rng.normal(size=(1000, 154)).astype(np.float32)
    centers = rng.normal(size=(15, 154)).astype(np.float32)
    own, dominant, labels = (rng.integers(0, 10, size).astype(np.int16) for size in (1000, 15, 1000))
    whole = canonical.margins(points, centers, own, dominant, labels)
    for numbers in (1, 15 * 154 * 7, 15 * 154 * 999):
        monkeypatch.setattr(canonical, "_NUMBERS", numbers)
        assert canonical.margins(points, centers, own, dominant, labels).tobytes() == whole.tobytes()


def test_margins_take_little_memory_in_many_dimensions(rng: np.random.Generator) -> None:
    points = rng.normal(size=(20_000, 154)).astype(np.float32)
    codes = rng.integers(0, 15, 20_000).astype(np.int16)
    tracemalloc.start()
    try:
        canonical.margins(points, points[:15], codes, np.arange(15, dtype=np.int16), codes)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 120_000_000, "all at once: 740 MB"


@pytest.mark.parametrize("k", [2, 3, 8, 15])
@pytest.mark.parametrize("dimensions", [2, 30])
def test_starts_are_those_of_scikit_learn(k: int, dimensions: int, rng: np.random.Generator) -> None:
    points = rng.normal(size=(300, dimensions))
    for seed in range(5):
        expected, _ = kmeans_plusplus(points, k, random_state=np.random.RandomState(seed))
        assert np.array_equal(kmeans.plus_plus(points, k, np.random.RandomState(seed)), expected)


def test_starts_on_points_that_coincide(rng: np.random.Generator) -> None:
    points = np.repeat(rng.normal(size=(3, 2)), 20, axis=0)
    assert len(np.unique(kmeans.plus_plus(points, 3, np.random.RandomState(0)), axis=0)) == 3
