"""The number −1: noise is in no cluster, an unlabelled sample has no label; each is left out, or counted apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import sklearn.cluster
import sklearn.metrics
from numpy.typing import NDArray

from precompute import pipeline, store, verify
from precompute.clusterers import canonical, clusterer
from precompute.clusterers.clusterer import Clustering, Options
from precompute.clusterers.hdbscan import MIN_CLUSTER_SIZE
from precompute.clusterers.registry import CLUSTERERS
from precompute.config import ConfigError, Grid, StudyConfig
from precompute.dataset import DataError, Dataset
from precompute.labels import audit_tables, stability, suspicion
from precompute.metrics import cluster_stats, clusterings, contingency
from precompute.metrics import registry as metrics_registry
from precompute.metrics.clusterings import Setting
from precompute.metrics.geometry import Geometry
from precompute.metrics.registry import SETTING_METRICS
from precompute.parameters import Facts
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from tests.conftest import TINY

Codes = NDArray[np.int16]


@pytest.fixture
def noisy(rng: np.random.Generator) -> Setting:
    """300 samples of five kinds in five clusters, a fifth noise, another fifth unlabelled."""
    kinds = rng.integers(0, 5, 300)
    features = (rng.normal(size=(300, 8)) + 1.5 * rng.normal(size=(5, 8))[kinds]).astype(np.float32)
    clusters = np.where(rng.random(300) < 0.7, kinds, rng.integers(0, 5, 300))
    clusters[rng.random(300) < 0.2] = -1
    labels = np.where(rng.random(300) < 0.2, -1, kinds)
    return setting(clusters, labels, features[:, :2].copy(), features)


def setting(
    clusters: NDArray[np.int64], labels: NDArray[np.int64], points: NDArray[np.float32], features: NDArray[np.float32]
) -> Setting:
    k = int(clusters.max()) + 1
    return Setting(clusters.astype(np.int16), k, Geometry(points), Geometry(features), 1.0, labels.astype(np.int16), 5)


def test_measures_of_points_are_those_of_the_clustered_samples_alone(noisy: Setting) -> None:
    inside = noisy.clusters >= 0
    points, features = (one.exact[inside] for one in (noisy.clustered, noisy.features))
    expected = {
        "silhouette": sklearn.metrics.silhouette_score(points, noisy.clusters[inside]),
        "silhouette_features": sklearn.metrics.silhouette_score(features, noisy.clusters[inside]),
        "davies_bouldin": sklearn.metrics.davies_bouldin_score(points, noisy.clusters[inside]),
        "calinski_harabasz": sklearn.metrics.calinski_harabasz_score(points, noisy.clusters[inside]),
        "clustered": inside.mean(),
    }
    found = metrics_registry.measure(SETTING_METRICS, noisy, labelled=True)
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-9)


def test_agreement_counts_noise_as_a_group_and_leaves_unlabelled_samples_out(noisy: Setting) -> None:
    labels = noisy.known
    known = labels >= 0
    both = labels[known], noisy.clusters[known]
    homogeneity, completeness, v_measure = sklearn.metrics.homogeneity_completeness_v_measure(*both)
    expected = {
        "ami": sklearn.metrics.adjusted_mutual_info_score(*both),
        "ari": sklearn.metrics.adjusted_rand_score(*both),
        "nmi": sklearn.metrics.normalized_mutual_info_score(*both),
        "homogeneity": homogeneity,
        "completeness": completeness,
        "v_measure": v_measure,
    }
    found = metrics_registry.measure(SETTING_METRICS, noisy, labelled=True)
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-9)


def test_purity_and_entropy_are_over_labelled_and_clustered_samples(noisy: Setting) -> None:
    counted = (noisy.clusters >= 0) & (noisy.known >= 0)
    table = sklearn.metrics.cluster.contingency_matrix(noisy.known[counted], noisy.clusters[counted])
    wrong = int(counted.sum() - table.max(axis=0).sum())
    assert clusterings.misclassified(noisy) == wrong
    assert clusterings.purity(noisy) == pytest.approx(1 - wrong / counted.sum())
    shares = table / table.sum(axis=0)
    bits = -(shares * np.log2(shares, where=shares > 0, out=np.zeros_like(shares))).sum(axis=0)
    assert clusterings.entropy(noisy) == pytest.approx((bits * table.sum(axis=0)).sum() / counted.sum())


@pytest.mark.parametrize("clusters", [np.full(12, -1), np.where(np.arange(12) < 9, 0, -1), np.zeros(12)])
def test_fewer_than_two_clusters_have_no_silhouette_and_the_registry_says_why(
    clusters: NDArray[np.int64], rng: np.random.Generator
) -> None:
    points = rng.normal(size=(12, 2)).astype(np.float32)
    one = setting(clusters.astype(np.int64), np.arange(12) % 3, points, points)
    found = metrics_registry.measure(SETTING_METRICS, one, labelled=True)
    missing = {name for name, value in found.items() if value is None}
    of_points = {"silhouette", "silhouette_features", "davies_bouldin", "calinski_harabasz"}
    assert missing == (of_points if one.k else of_points | {"purity", "entropy"})
    assert all(SETTING_METRICS[name].undefined for name in missing)
    assert found["ami"] == pytest.approx(
        sklearn.metrics.adjusted_mutual_info_score(np.arange(12) % 3, clusters), abs=1e-12
    )
    assert found["misclassified"] == (0 if not one.k else (clusters == 0).sum() * 2 / 3)
    assert len(cluster_stats.cluster_stats(one)) == one.k


def test_what_leaves_noise_out_ranks_no_clusterer_with_noise() -> None:
    leaving = {name for name, metric in SETTING_METRICS.items() if not metric.ranks_noise}
    assert {"purity", "entropy", "misclassified"} <= leaving
    assert not leaving & {"ami", "ari", "clustered"}


def test_a_cluster_without_a_label_has_no_dominant_one_and_comes_last() -> None:
    clusters = np.array([0, 0, 0, 1, 1, 2, 2, -1, -1], dtype=np.int16)
    labels = np.array([-1, -1, -1, 1, -1, 0, 1, 0, 0], dtype=np.int16)
    assert canonical.dominant_labels(clusters, labels, 3).tolist() == [-1, 1, 0]
    centers = np.arange(6, dtype=np.float32).reshape(3, 2)
    found = canonical.canonical(Clustering(clusters, centers, 1.0), labels)
    assert found.clusters.tolist() == [2, 2, 2, 1, 1, 0, 0, -1, -1]
    assert found.centers.tolist() == centers[[2, 1, 0]].tolist()
    points = np.zeros((9, 2), dtype=np.float32)
    margin = canonical.margins(points, found.centers, found.clusters, np.array([0, 1, -1], np.int16), labels)
    assert np.flatnonzero(~np.isnan(margin)).tolist() == [3, 5, 6]
    rows = cluster_stats.cluster_stats(Setting(found.clusters, 3, Geometry(points), Geometry(points), 0.0, labels, 2))
    assert [(row.size, row.label, row.purity, row.runner_up) for row in rows] == [
        (2, 0, 0.5, 1), (2, 1, 1.0, None), (3, None, None, None)
    ]  # fmt: skip


def test_all_may_be_noise() -> None:
    points = np.arange(10, dtype=np.float32).reshape(5, 2)
    found = clusterer.measured(points, np.full(5, -1), noise=True)
    assert (found.count, found.inertia, found.centers.shape) == (0, 0.0, (0, 2))
    same = canonical.canonical(found, np.zeros(5, dtype=np.int16))
    assert same.clusters.tolist() == [-1] * 5
    nothing = np.empty(0, dtype=np.int16)
    assert np.isnan(canonical.margins(points, found.centers, same.clusters, nothing, np.zeros(5, np.int16))).all()


def test_noise_is_refused_from_a_clusterer_that_has_none() -> None:
    with pytest.raises(ValueError, match="the least -1; allowed: one for each point, from 0 without a gap$"):
        clusterer.measured(np.zeros((3, 2), np.float32), np.array([0, 0, -1]))
    with pytest.raises(ValueError, match="without a gap, or -1 for noise"):
        clusterer.measured(np.zeros((3, 2), np.float32), np.array([0, 2, -1]), noise=True)


def test_centres_and_inertia_leave_noise_out() -> None:
    points = np.array([[0, 0], [2, 0], [9, 9], [5, 5]], dtype=np.float32)
    found = clusterer.measured(points, np.array([0, 0, -1, 1]), noise=True)
    assert found.centers.tolist() == [[1, 0], [5, 5]]
    assert found.inertia == 2


def test_crossed_leaves_minus_one_out() -> None:
    rows, columns = np.array([0, 1, -1, 0], dtype=np.int16), np.array([0, -1, 1, 1], dtype=np.int16)
    assert contingency.crossed(rows, columns, (2, 2)).tolist() == [[1, 1], [0, 0]]
    assert contingency.with_noise(rows).tolist() == [0, 1, 2, 0]
    assert contingency.with_noise(np.full(2, -1, np.int16)).tolist() == [0, 0]


def test_stability_counts_noise_as_a_group_that_is_no_cluster(rng: np.random.Generator) -> None:
    one, other = (rng.integers(-1, 3, 200).astype(np.int16) for _ in range(2))
    found = stability.agreement([one, other])
    assert found.mean == pytest.approx(sklearn.metrics.adjusted_rand_score(one, other))
    for cluster, best in enumerate(stability.counterparts(one, other)):
        own = one == cluster
        assert best == pytest.approx(max((own & (other == at)).sum() / (own | (other == at)).sum() for at in range(3)))
    dense = np.repeat([0, 1], 50).astype(np.int16)
    nothing = np.full(100, -1, dtype=np.int16)
    assert stability.agreement([dense, nothing]).vanished == (0, 1)
    assert stability.agreement([nothing, dense]).vanished == ()
    assert stability.agreement([nothing, nothing]).mean == 1


def naive_share(clusters: Codes, labels: Codes, sample: int) -> float:
    if clusters[sample] < 0 or labels[sample] < 0:
        return math.nan
    others = [
        other
        for other in range(len(labels))
        if other != sample and clusters[other] == clusters[sample] and labels[other] >= 0
    ]
    return sum(labels[other] != labels[sample] for other in others) / len(others) if others else math.nan


def test_noise_and_unlabelled_samples_are_no_evidence(rng: np.random.Generator) -> None:
    n = 60
    clusters, labels = (rng.integers(-1, 4, n).astype(np.int16) for _ in range(2))
    expected = [naive_share(clusters, labels, sample) for sample in range(n)]
    np.testing.assert_allclose(suspicion.other_labels(clusters, labels), expected)
    near = np.array([rng.choice(np.delete(np.arange(n), at), 6, replace=False) for at in range(n)])
    near[7] = np.flatnonzero(labels < 0)[:6]
    weight = rng.random((n, 6)) + 0.01
    found = suspicion.evidence([[clusters]], near, weight, labels)
    for sample in range(n):
        known = [at for at in range(6) if labels[near[sample, at]] >= 0]
        other = [at for at in known if labels[near[sample, at]] != labels[sample]]
        share = weight[sample, other].sum() / weight[sample, known].sum() if known else math.nan
        share = share if labels[sample] >= 0 else math.nan
        assert found.neighbors[sample] == pytest.approx(share, nan_ok=True)
        kinds = [one for one in (expected[sample], share) if not math.isnan(one)]
        assert found.suspicion[sample] == pytest.approx(np.mean(kinds) if kinds else math.nan, nan_ok=True)
    assert suspicion.counting([3, 4, 5], labels) == [4, 5]


def test_the_audit_says_what_clusters_say_of_unlabelled_samples_and_suspects_none(rng: np.random.Generator) -> None:
    n = 40
    labels = np.where(np.arange(n) % 5 == 0, -1, np.arange(n) % 2).astype(np.int16)
    clusters = np.where(np.arange(n) % 7 == 0, -1, np.arange(n) % 2).astype(np.int16)
    near = audit_tables.Near(np.array([np.delete(np.arange(n), at)[:5] for at in range(n)]), rng.random((n, 5)) + 1)
    of = audit_tables.Clustering("map", ("tsne", "hdbscan"), True, clusters, np.array([0, 1], dtype=np.int16))
    found = audit_tables.audit_tables(labels, 2, [of], near, 5)
    review = store.table(_columns("review"), found["review"]).to_pylist()
    audit = store.table(_columns("audit"), found["audit"]).to_pylist()
    for sample, row in enumerate(review):
        unlabelled, noise = labels[sample] < 0, clusters[sample] < 0
        assert (row["suspicion"] is None) == (row["class"] is None) == unlabelled
        assert row["labels"] == ([] if noise else [sample % 2])
        assert row["settings"] == audit[sample]["settings"] == (0 if noise else 1)
        assert (row["stability"] is None) == (audit[sample]["misclassified"] is None) == (unlabelled or noise)
    assert found["confusable"]["label"] == []


def _columns(kind: str) -> pa.Schema:
    return pa.schema(store.TABLES[kind].columns)


SIZES = (5, 10, 20)


def hdbscan(points: NDArray[np.float32]) -> Sequence[NDArray[np.integer]]:
    wanted = [{"min_cluster_size": float(size)} for size in SIZES]
    return CLUSTERERS["hdbscan"].fit(points, wanted, Options())


def test_hdbscans_clusters_are_those_of_scikit_learn(rng: np.random.Generator) -> None:
    dense = [rng.normal(at, 0.5, (80, 2)) for at in (0, 5, 9)]
    points = np.concatenate([*dense, rng.uniform(-9, 18, (60, 2))]).astype(np.float32)
    for size, found in zip(SIZES, hdbscan(points), strict=True):
        direct = sklearn.cluster.HDBSCAN(min_cluster_size=size, min_samples=size, copy=True)
        np.testing.assert_array_equal(found, direct.fit_predict(points.astype(float)))
        assert found.min() == -1 and found.max() >= 1


@pytest.mark.parametrize("kind", ["duplicates", "the same", "even", "one cloud"])
def test_hdbscan_of_points_without_groups_makes_legal_clusterings(kind: str, rng: np.random.Generator) -> None:
    points = {
        "duplicates": np.repeat(rng.normal(size=(3, 2)), 30, axis=0),
        "the same": np.zeros((90, 2)),
        "even": np.stack(np.meshgrid(np.arange(10), np.arange(9)), axis=2).reshape(-1, 2),
        "one cloud": rng.normal(size=(90, 2)),
    }[kind].astype(np.float32)
    for found in hdbscan(points):
        made = canonical.canonical(clusterer.measured(points, found, noise=True), np.arange(90, dtype=np.int16) % 3)
        assert np.isfinite(made.centers).all()
        assert made.clusters.max() == made.count - 1


def test_half_of_all_samples_is_the_most_that_a_least_cluster_may_have(tiny_data: Dataset) -> None:
    assert MIN_CLUSTER_SIZE.limits(Facts(40, 40)) == (2, 20)
    asked = Grid({"min_cluster_size": (15.0, 150.0)}, explicit=frozenset({"min_cluster_size"}))
    with pytest.raises(ConfigError, match="min_cluster_size: 150 too large for 200 samples; allowed: at most 100"):
        planned(tiny_data, StudyConfig(methods=("tsne",), clusterers=("hdbscan",), grid=asked))


def test_a_study_with_noise_and_unlabelled_samples(tmp_path: Path, tiny_data: Dataset) -> None:
    assert tiny_data.labels is not None
    labels = np.where(np.arange(200) % 4 == 0, -1, tiny_data.labels).astype(np.int16)
    data = replace(tiny_data, labels=labels)
    grid = Grid.of(perplexity=(10.0,), k=(10,), min_cluster_size=(5, 10))
    config = replace(TINY, grid=grid, clusterers=("kmeans", "hdbscan"), robustness=True)
    assert not pipeline.compute(planned(data, config), tmp_path, Machine()).failed
    study = store.read(tmp_path / "tiny")
    assert study.tables["samples"].column("label").to_pylist() == labels.tolist()
    assert {one.name: one.noise for one in study.manifest.clusterers} == {"kmeans": False, "hdbscan": True}
    slugs = {one.slug for one in study.manifest.settings}
    assert {"tsne-p10-hdbscan-m5", "features-hdbscan-m10"} <= slugs
    rows = study.tables["metrics"].to_pandas()
    stats = study.tables["cluster_stats"].to_pandas()
    points = study.embedding("tsne-p10").select(["x", "y"]).to_pandas().to_numpy()
    clusters = study.clusters("tsne-p10").to_pandas()
    for size in (5, 10):
        slug = f"tsne-p10-hdbscan-m{size}"
        own = clusters[clusters.setting == slug].sort_values("sample").cluster.to_numpy()
        direct = sklearn.cluster.HDBSCAN(min_cluster_size=size, copy=True).fit_predict(points.astype(float))
        assert sklearn.metrics.adjusted_rand_score(direct, own) == 1
        np.testing.assert_array_equal(own == -1, direct == -1)
        value = rows[rows.setting == slug].set_index("metric").value
        assert value.clustered == pytest.approx((direct >= 0).mean())
        known = labels >= 0
        assert value.ami == pytest.approx(sklearn.metrics.adjusted_mutual_info_score(labels[known], direct[known]))
        assert stats[stats.setting == slug]["size"].sum() == (direct >= 0).sum()
    review = study.tables["review"].to_pandas()
    assert review[labels < 0].suspicion.isna().all()
    assert review[labels >= 0].suspicion.notna().all()
    assert verify.results(tmp_path).problems == []


def test_labels_of_which_none_is_known_are_refused(tiny_data: Dataset) -> None:
    with pytest.raises(DataError, match="no sample has a label"):
        replace(tiny_data, labels=np.full(200, -1, dtype=np.int16))
    with pytest.raises(DataError, match="label codes run from -2"):
        replace(tiny_data, labels=np.full(200, -2, dtype=np.int16))


def test_what_is_weak_evidence_counts_where_there_is_nothing_else(rng: np.random.Generator) -> None:
    labels = rng.integers(0, 3, 40).astype(np.int16)
    near = audit_tables.Near(np.array([np.delete(np.arange(40), at)[:5] for at in range(40)]), rng.random((40, 5)) + 1)

    def of(clusters: Codes, evidence: bool) -> audit_tables.Clustering:
        return audit_tables.Clustering("map", ("pca", "ward"), evidence, clusters, np.arange(3, dtype=np.int16))

    weak, strong = (rng.integers(0, 3, 40).astype(np.int16) for _ in range(2))

    def heard(clusterings: list[audit_tables.Clustering]) -> list[float]:
        values = audit_tables.audit_tables(labels, 3, clusterings, near, 5)["review"]["other_in_clusters"]
        return list(values.to_pylist())

    both = heard([of(weak, False), of(strong, True)])
    assert both == heard([of(strong, True)])
    assert both != heard([of(weak, False)]) == suspicion.other_labels(weak, labels).tolist()
