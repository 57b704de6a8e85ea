"""Metrics: worked out by hand on toys, equal to scikit-learn on random data, blind to how clusters are numbered."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sklearn.manifold
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from precompute import metrics
from precompute.metrics import EMBEDDING_METRICS, SETTING_METRICS, Geometry, Mapping2D, Setting


def setting(
    clusters: list[int] | np.ndarray,
    labels: list[int] | np.ndarray | None,
    points: np.ndarray | None = None,
    features: np.ndarray | None = None,
    inertia: float = 1.0,
) -> Setting:
    assigned = np.asarray(clusters, dtype=np.int16)
    true = None if labels is None else np.asarray(labels, dtype=np.int16)
    where = np.random.default_rng(0).random((len(assigned), 2)).astype(np.float32) if points is None else points
    return Setting(
        assigned,
        int(assigned.max()) + 1,
        Geometry(where),
        Geometry(where if features is None else features),
        inertia,
        true,
        0 if true is None else int(true.max()) + 1,
    )


TOY = setting([0, 0, 0, 0, 1, 1, 1, 2], [0, 0, 0, 1, 1, 1, 0, 2])


def test_toy_by_hand() -> None:
    """Clusters {0,0,0,1}, {1,1,0}, {2}: two samples do not bear the dominant label."""
    assert metrics.misclassified(TOY) == 2
    assert metrics.purity(TOY) == 1 - 2 / 8
    first = -(3 / 4 * math.log2(3 / 4) + 1 / 4 * math.log2(1 / 4))
    second = -(2 / 3 * math.log2(2 / 3) + 1 / 3 * math.log2(1 / 3))
    assert metrics.entropy(TOY) == pytest.approx((4 * first + 3 * second) / 8)


def test_silhouette_by_hand() -> None:
    """Points 0, 1 | 4: a(0) = 1, b(0) = 4; a(1) = 1, b(1) = 3; a cluster of one has width 0."""
    points = np.array([[0, 0], [1, 0], [4, 0]], dtype=np.float32)
    value = metrics.silhouette(np.array([0, 0, 1], dtype=np.int16), 2, Geometry(points))
    assert value == pytest.approx((3 / 4 + 2 / 3 + 0) / 3)


def test_silhouette_of_coinciding_points_is_zero() -> None:
    assert metrics.silhouette(np.array([0, 0, 1, 1], dtype=np.int16), 2, Geometry(np.zeros((4, 2), np.float32))) == 0


def test_cluster_stats_by_hand() -> None:
    points = np.array([[0, 0], [1, 0], [2, 0], [7, 0], [10, 0], [11, 0], [12, 0], [20, 0]], dtype=np.float32)
    first, second, third = metrics.cluster_stats(setting(TOY.clusters, TOY.labels, points))
    assert (first.size, first.label, first.runner_up, first.runner_up_size, first.purity) == (4, 0, 1, 1, 0.75)
    assert first.medoid == 2, "the mean is 2.5, the member nearest to it is at 2"
    assert (second.label, second.medoid) == (1, 5)
    assert (third.size, third.purity, third.entropy, third.runner_up, third.runner_up_size) == (1, 1, 0, None, None)


def test_dominant_label_is_the_lowest_on_a_tie() -> None:
    assert metrics.cluster_stats(setting([0, 0, 1], [1, 0, 1]))[0].label == 0


def test_stats_without_labels_know_only_sizes() -> None:
    row = metrics.cluster_stats(setting([0, 0, 1], None))[0]
    assert (row.size, row.label, row.purity, row.entropy, row.runner_up) == (2, None, None, None, None)


@pytest.fixture(scope="module")
def blobs() -> Setting:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 5, 300)
    features = (rng.normal(size=(300, 8)) + 1.5 * rng.normal(size=(5, 8))[labels]).astype(np.float32)
    clusters = np.where(rng.random(300) < 0.7, labels, rng.integers(0, 5, 300))
    return setting(clusters, labels, features[:, :2].copy(), features)


REFERENCE = {
    "silhouette": lambda s: sklearn.metrics.silhouette_score(s.clustered.points.astype(float), s.clusters),
    "silhouette_features": lambda s: sklearn.metrics.silhouette_score(s.features.points.astype(float), s.clusters),
    "misclassified": lambda s: (
        len(s.labels) - sklearn.metrics.cluster.contingency_matrix(s.labels, s.clusters).max(axis=0).sum()
    ),
    "purity": lambda s: (
        sklearn.metrics.cluster.contingency_matrix(s.labels, s.clusters).max(axis=0).sum() / len(s.labels)
    ),
    # conditional entropy of the labels given the clusters, from scikit-learn's natural-log figures
    "entropy": lambda s: (
        (1 - sklearn.metrics.homogeneity_score(s.labels, s.clusters))
        * sklearn.metrics.mutual_info_score(s.labels, s.labels)
        / math.log(2)
    ),
    "nmi": lambda s: sklearn.metrics.normalized_mutual_info_score(s.labels, s.clusters),
    "ami": lambda s: sklearn.metrics.adjusted_mutual_info_score(s.labels, s.clusters),
    "ari": lambda s: sklearn.metrics.adjusted_rand_score(s.labels, s.clusters),
    "homogeneity": lambda s: sklearn.metrics.homogeneity_score(s.labels, s.clusters),
    "completeness": lambda s: sklearn.metrics.completeness_score(s.labels, s.clusters),
    "v_measure": lambda s: sklearn.metrics.v_measure_score(s.labels, s.clusters),
    "davies_bouldin": lambda s: sklearn.metrics.davies_bouldin_score(s.clustered.points.astype(float), s.clusters),
    "calinski_harabasz": lambda s: sklearn.metrics.calinski_harabasz_score(
        s.clustered.points.astype(float), s.clusters
    ),
    "inertia": lambda s: s.inertia,
}


@pytest.mark.parametrize("name", SETTING_METRICS)
def test_every_measure_equals_scikit_learns(name: str, blobs: Setting) -> None:
    assert SETTING_METRICS[name].function(blobs) == pytest.approx(REFERENCE[name](blobs), rel=1e-9)


@pytest.mark.parametrize("name", SETTING_METRICS)
def test_values_lie_in_the_declared_range(name: str, blobs: Setting) -> None:
    metric = SETTING_METRICS[name]
    value = metric.function(blobs)
    assert metric.lower is None or value >= metric.lower
    assert metric.upper is None or value <= metric.upper


@settings(max_examples=25, deadline=None)
@given(data=st.data(), k=st.integers(2, 6))
def test_numbers_of_clusters_mean_nothing(data: st.DataObject, k: int) -> None:
    """Permuting the cluster ids changes no measure."""
    n = 40
    clusters = np.array(data.draw(st.lists(st.integers(0, k - 1), min_size=n - k, max_size=n - k)) + list(range(k)))
    labels = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    permuted = np.array(data.draw(st.permutations(range(k))))[clusters]
    points = np.random.default_rng(2).random((n, 2)).astype(np.float32)
    one, other = setting(clusters, labels, points), setting(permuted, labels, points)
    for name, metric in SETTING_METRICS.items():
        assert metric.function(one) == pytest.approx(metric.function(other), rel=1e-9, abs=1e-12), name


@pytest.fixture(scope="module")
def mapping() -> Mapping2D:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(200, 6)).astype(np.float32)
    points = (features[:, :2] + 0.2 * rng.normal(size=(200, 2))).astype(np.float32)

    def near(where: np.ndarray) -> np.ndarray:
        model = NearestNeighbors(n_neighbors=11).fit(where.astype(float))
        return model.kneighbors(return_distance=False)[:, :10].astype(np.int32)

    return Mapping2D(points, features, near(points), near(features))


def test_trustworthiness_equals_scikit_learns(mapping: Mapping2D) -> None:
    expected = sklearn.manifold.trustworthiness(
        mapping.features.astype(float), mapping.points.astype(float), n_neighbors=10
    )
    assert metrics.trustworthiness(mapping) == pytest.approx(expected, rel=1e-12)


def test_continuity_is_trustworthiness_with_the_spaces_exchanged(mapping: Mapping2D) -> None:
    expected = sklearn.manifold.trustworthiness(
        mapping.points.astype(float), mapping.features.astype(float), n_neighbors=10
    )
    assert metrics.continuity(mapping) == pytest.approx(expected, rel=1e-12)


def test_neighbors_kept_counts_common_neighbours(mapping: Mapping2D) -> None:
    common = [len(set(a) & set(b)) for a, b in zip(mapping.map_neighbors, mapping.true_neighbors, strict=True)]
    assert metrics.neighbors_kept(mapping) == pytest.approx(np.mean(common) / 10)


def test_a_faithful_map_scores_one(mapping: Mapping2D) -> None:
    same = Mapping2D(mapping.points, mapping.points, mapping.map_neighbors, mapping.map_neighbors)
    assert {metric.function(same) for metric in EMBEDDING_METRICS.values()} == {1.0}


def test_large_data_are_measured_on_a_seeded_sample(monkeypatch: pytest.MonkeyPatch, blobs: Setting) -> None:
    monkeypatch.setattr(metrics, "QUADRATIC_LIMIT", 120)
    fresh = setting(blobs.clusters, blobs.labels, blobs.clustered.points, blobs.features.points)
    drawn = fresh.clustered.drawn
    assert len(np.unique(drawn)) == 120
    expected = sklearn.metrics.silhouette_score(fresh.clustered.points[drawn].astype(float), fresh.clusters[drawn])
    assert SETTING_METRICS["silhouette"].function(fresh) == pytest.approx(expected, rel=1e-9)


def test_without_labels_only_label_free_measures(blobs: Setting) -> None:
    blind = setting(blobs.clusters, None, blobs.clustered.points)
    found = metrics.measure(SETTING_METRICS, blind, labelled=False)
    assert set(found) == {name for name, metric in SETTING_METRICS.items() if not metric.needs_labels}
    with pytest.raises(ValueError, match="needs labels"):
        metrics.purity(blind)


def test_registry_says_what_may_be_compared() -> None:
    assert SETTING_METRICS["silhouette"].comparable_over == ("k",)
    assert "k" not in SETTING_METRICS["purity"].comparable_over
    assert set(SETTING_METRICS["ami"].comparable_over) >= {"perplexity", "k"}
