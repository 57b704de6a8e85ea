"""Metrics: worked out by hand on toys, equal to scikit-learn on random data, blind to how clusters are numbered."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sklearn.manifold
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from precompute.clusterers import clusterer
from precompute.metrics import cluster_stats, clusterings, limits, maps
from precompute.metrics import registry as metrics_registry
from precompute.metrics.clusterings import Setting
from precompute.metrics.geometry import Geometry
from precompute.metrics.maps import Mapping2D
from precompute.metrics.registry import EMBEDDING_METRICS, SETTING_METRICS


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
    assert clusterings.misclassified(TOY) == 2
    assert clusterings.purity(TOY) == 1 - 2 / 8
    first = -(3 / 4 * math.log2(3 / 4) + 1 / 4 * math.log2(1 / 4))
    second = -(2 / 3 * math.log2(2 / 3) + 1 / 3 * math.log2(1 / 3))
    assert clusterings.entropy(TOY) == pytest.approx((4 * first + 3 * second) / 8)


def test_silhouette_by_hand() -> None:
    """Points 0, 1 | 4: a(0) = 1, b(0) = 4; a(1) = 1, b(1) = 3; a cluster of one has width 0."""
    points = np.array([[0, 0], [1, 0], [4, 0]], dtype=np.float32)
    value = clusterings.silhouette(np.array([0, 0, 1], dtype=np.int16), 2, Geometry(points))
    assert value == pytest.approx((3 / 4 + 2 / 3 + 0) / 3)


def test_silhouette_of_coinciding_points_is_zero() -> None:
    assert (
        clusterings.silhouette(np.array([0, 0, 1, 1], dtype=np.int16), 2, Geometry(np.zeros((4, 2), np.float32))) == 0
    )


def test_cluster_stats_by_hand() -> None:
    points = np.array([[0, 0], [1, 0], [2, 0], [7, 0], [10, 0], [11, 0], [12, 0], [20, 0]], dtype=np.float32)
    first, second, third = cluster_stats.cluster_stats(setting(TOY.clusters, TOY.labels, points))
    assert (first.size, first.label, first.runner_up, first.runner_up_size, first.purity) == (4, 0, 1, 1, 0.75)
    assert first.medoid == 2, "the mean is 2.5, the member nearest to it is at 2"
    assert (second.label, second.medoid) == (1, 5)
    assert (third.size, third.purity, third.entropy, third.runner_up, third.runner_up_size) == (1, 1, 0, None, None)


def test_dominant_label_is_the_lowest_on_a_tie() -> None:
    assert cluster_stats.cluster_stats(setting([0, 0, 1], [1, 0, 1]))[0].label == 0


def test_stats_without_labels_know_only_sizes() -> None:
    row = cluster_stats.cluster_stats(setting([0, 0, 1], None))[0]
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
    "clustered": lambda s: (s.clusters >= 0).mean(),
    "inertia": lambda s: s.inertia,
}


@pytest.mark.parametrize("name", SETTING_METRICS)
def test_every_measure_equals_scikit_learns(name: str, blobs: Setting) -> None:
    assert SETTING_METRICS[name].function(blobs) == pytest.approx(REFERENCE[name](blobs), rel=1e-9)


@pytest.mark.parametrize("name", SETTING_METRICS)
def test_values_lie_in_the_declared_range(name: str, blobs: Setting) -> None:
    metric = SETTING_METRICS[name]
    value = metric.function(blobs)
    assert value is not None
    assert metric.lower is None or value >= metric.lower
    assert metric.upper is None or value <= metric.upper


def few(kind: str, n: int) -> np.ndarray:
    """Few samples of a kind: (n, 5) float32, in which at least two differ."""
    rng = np.random.default_rng(n)
    made = {
        "random": rng.normal(size=(n, 5)),
        "far from the origin": rng.normal(size=(n, 5)) * 0.01 + 50,
        "many equal": np.where(np.arange(n)[:, None] < n - 4, 0.5, rng.random((n, 5))),
        "two places": np.repeat([[0.0], [1.0]], [n // 2, n - n // 2], axis=0) * np.ones(5),
        "two far groups": rng.normal(size=(n, 5)) * 1e-3 + 100.0 * (np.arange(n) % 2)[:, None],
        "a line": np.arange(n)[:, None] * np.ones(5),
        "one far away": np.where(np.arange(n)[:, None] == 0, 1e4, rng.random((n, 5))),
    }
    return made[kind].astype(np.float32)


KINDS = ("random", "far from the origin", "many equal", "two places", "two far groups", "a line", "one far away")


def assert_in_range(
    values: dict[str, float | None], registry: dict[str, metrics_registry.Metric[Any]], where: object
) -> None:
    assert set(values) == set(registry)
    for name, value in values.items():
        lower, upper = registry[name].lower, registry[name].upper
        assert value is not None and math.isfinite(value), (name, where)
        assert lower is None or value >= lower, (name, value, where)
        assert upper is None or value <= upper, (name, value, where)


def in_order(points: np.ndarray, count: int) -> np.ndarray:
    """The nearest neighbours of every point, found the slow way: (n, count)."""
    apart = ((points[:, None].astype(float) - points[None].astype(float)) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    return np.argsort(apart, axis=1, kind="stable")[:, :count].astype(np.int32)


def turned_over(features: np.ndarray) -> np.ndarray:
    """A map on which the middle lies outside: (n, 2)."""
    order = np.argsort(np.argsort(features[:, 0], kind="stable"))
    return np.stack([order * np.where(order % 2, -1, 1), order // 2], axis=1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_measure_of_a_map_of_few_samples_lies_in_its_range(kind: str) -> None:
    """b01: trustworthiness was 2.23 of 15 samples, and -0.20 of 16."""
    for n in range(10, 61):
        features, count = few(kind, n), limits.neighbor_count(n)
        for points in (np.random.default_rng(n).normal(size=(n, 2)), turned_over(features), features[::-1, :2]):
            shown = np.ascontiguousarray(points, dtype=np.float32)
            mapping = Mapping2D(shown, features, in_order(shown, count), in_order(features, count))
            values = metrics_registry.measure(EMBEDDING_METRICS, mapping, labelled=True)
            assert_in_range(values, dict(EMBEDDING_METRICS), (kind, n))


def test_trustworthiness_of_few_samples_is_scikit_learns() -> None:
    for n in range(10, 61):
        rng = np.random.default_rng(n)
        features, points = (rng.normal(size=(n, d)).astype(np.float32) for d in (5, 2))
        k = min(10, (n - 1) // 2)
        found = Mapping2D(points, features, in_order(points, k), in_order(features, k))
        one, other = features.astype(float), points.astype(float)
        expected = [sklearn.manifold.trustworthiness(*spaces, n_neighbors=k) for spaces in ((one, other), (other, one))]
        assert [maps.trustworthiness(found), maps.continuity(found)] == pytest.approx(expected), n
        assert f"the {k} nearest" in EMBEDDING_METRICS["trustworthiness"].explained(n)


@pytest.mark.parametrize("kind", KINDS)
def test_every_measure_of_a_clustering_of_few_samples_lies_in_its_range(kind: str) -> None:
    for n in range(10 + KINDS.index(kind) % 4, 61, 4):
        features = few(kind, n)
        rng = np.random.default_rng(n)
        k = (2, 3, n // 2, n - 1)[n // 4 % 4]
        found = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
        ordered = np.argsort(np.argsort(features.sum(axis=1), kind="stable")) * k // n
        labels = (np.arange(n), np.arange(n) % 3, np.zeros(n), found, found % 2)[n % 5].astype(np.int16)
        for clusters in (found.astype(np.int16), ordered.astype(np.int16)):
            inertia = clusterer.measured(features, clusters).inertia
            one = setting(clusters, labels, features[:, :2].copy(), features, inertia)
            with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
                assert_in_range(
                    metrics_registry.measure(SETTING_METRICS, one, labelled=True), dict(SETTING_METRICS), (kind, n)
                )
            for row in cluster_stats.cluster_stats(one):
                assert 1 <= row.size <= n, (kind, n)
                assert row.purity is not None and 0 < row.purity <= 1, (kind, n)
                assert row.entropy is not None and row.entropy >= 0, (kind, n)


def test_clusters_that_are_the_labels_match_perfectly_and_not_more() -> None:
    """scikit-learn's AMI of 30 samples in these 15 clusters is 1.0000000000000007."""
    clusters = np.concatenate([np.arange(15), np.random.default_rng(30).integers(0, 15, 15)])
    same = setting(clusters, clusters)
    assert_in_range(metrics_registry.measure(SETTING_METRICS, same, labelled=True), dict(SETTING_METRICS), "the labels")


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
    assert maps.trustworthiness(mapping) == pytest.approx(expected, rel=1e-12)


def test_continuity_is_trustworthiness_with_the_spaces_exchanged(mapping: Mapping2D) -> None:
    expected = sklearn.manifold.trustworthiness(
        mapping.points.astype(float), mapping.features.astype(float), n_neighbors=10
    )
    assert maps.continuity(mapping) == pytest.approx(expected, rel=1e-12)


def test_neighbors_kept_counts_common_neighbours(mapping: Mapping2D) -> None:
    common = [len(set(a) & set(b)) for a, b in zip(mapping.map_neighbors, mapping.true_neighbors, strict=True)]
    assert maps.neighbors_kept(mapping) == pytest.approx(np.mean(common) / 10)


def test_a_faithful_map_scores_one(mapping: Mapping2D) -> None:
    same = Mapping2D(mapping.points, mapping.points, mapping.map_neighbors, mapping.map_neighbors)
    assert {metric.function(same) for metric in EMBEDDING_METRICS.values()} == {1.0}


def test_large_data_are_measured_on_a_seeded_sample(monkeypatch: pytest.MonkeyPatch, blobs: Setting) -> None:
    monkeypatch.setattr(limits, "QUADRATIC_LIMIT", 120)
    fresh = setting(blobs.clusters, blobs.labels, blobs.clustered.points, blobs.features.points)
    drawn = fresh.clustered.drawn
    assert len(np.unique(drawn)) == 120
    expected = sklearn.metrics.silhouette_score(fresh.clustered.points[drawn].astype(float), fresh.clusters[drawn])
    assert SETTING_METRICS["silhouette"].function(fresh) == pytest.approx(expected, rel=1e-9)


def test_without_labels_only_label_free_measures(blobs: Setting) -> None:
    blind = setting(blobs.clusters, None, blobs.clustered.points)
    found = metrics_registry.measure(SETTING_METRICS, blind, labelled=False)
    assert set(found) == {name for name, metric in SETTING_METRICS.items() if not metric.needs_labels}
    with pytest.raises(ValueError, match="needs labels"):
        clusterings.purity(blind)


def test_registry_says_what_may_be_compared() -> None:
    assert SETTING_METRICS["silhouette"].comparable_over == ("k", "clusterer")
    assert "k" not in SETTING_METRICS["purity"].comparable_over
    assert set(SETTING_METRICS["ami"].comparable_over) == set(metrics_registry.ROLES)
