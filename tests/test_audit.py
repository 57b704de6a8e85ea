"""Audit: every score counted again the slow way, and the rules on toys worked out by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from precompute import neighbors, store, tables
from precompute.labels import audit_tables
from precompute.labels import suspicion as labels_suspicion
from precompute.store import Study
from site_templates.pages import audit as audit_page
from site_templates.study import StudySite
from site_templates.views import StudyView


def naive_share(clusters: NDArray[np.int16], labels: NDArray[np.int16], sample: int) -> float:
    """Leave-one-out share of other labels in the sample's own cluster."""
    others = [other for other in range(len(labels)) if other != sample and clusters[other] == clusters[sample]]
    return sum(labels[other] != labels[sample] for other in others) / len(others) if others else math.nan


def test_the_share_of_other_labels_leaves_the_sample_out(rng: np.random.Generator) -> None:
    clusters = rng.integers(0, 7, 60).astype(np.int16)
    clusters[5] = 7  # alone
    labels = rng.integers(0, 4, 60).astype(np.int16)
    expected = [naive_share(clusters, labels, sample) for sample in range(60)]
    np.testing.assert_allclose(labels_suspicion.other_labels(clusters, labels), expected, rtol=1e-12)
    assert math.isnan(expected[5])


def test_a_kind_weighs_the_same_however_many_settings_it_has(rng: np.random.Generator) -> None:
    n = 40
    labels = rng.integers(0, 3, n).astype(np.int16)
    spaces = [[rng.integers(0, 5, n).astype(np.int16) for _ in range(count)] for count in (4, 1)]
    spaces[0][2][7] = 5  # alone in one setting of the first space
    near = np.array([rng.permutation(n)[:6] for _ in range(n)])
    weight = rng.random((n, 6)) + 0.01
    found = labels_suspicion.evidence(spaces, near, weight, labels)
    for sample in range(n):
        means = [np.nanmean([naive_share(clusters, labels, sample) for clusters in space]) for space in spaces]
        of_neighbors = np.average([labels[other] != labels[sample] for other in near[sample]], weights=weight[sample])
        assert found.clusters[sample] == pytest.approx(np.mean(means))
        assert found.neighbors[sample] == pytest.approx(of_neighbors)
        assert found.suspicion[sample] == pytest.approx((np.mean(means) + of_neighbors) / 2)


def test_without_a_setting_that_counts_the_neighbors_alone_speak() -> None:
    labels = np.array([0, 0, 1], dtype=np.int16)
    found = labels_suspicion.evidence([[], []], np.array([[1, 2], [0, 2], [0, 1]]), np.ones((3, 2)), labels)
    assert np.isnan(found.clusters).all()
    assert found.suspicion.tolist() == [0.5, 0.5, 1.0]
    assert labels_suspicion.counting([2, 3, 4], labels) == [2, 3, 4]
    assert labels_suspicion.counting([2, 3, 4], np.array([0, 5, 7], dtype=np.int16)) == [3, 4]


def naive_weight(near: NDArray[np.int32], distances: NDArray[np.float32], sample: int, at: int) -> float:
    """What the neighbour of a rank weighs, where nothing is 0."""
    own, other = distances[sample, 6], distances[near[sample, at], 6]
    return math.exp(-(float(distances[sample, at]) ** 2) / (float(own) * float(other)))


def test_neighbors_weigh_by_their_distance_on_the_scale_of_both_places(rng: np.random.Generator) -> None:
    points = np.concatenate([rng.normal(0, 1, (40, 3)), rng.normal(20, 9, (20, 3))]).astype(np.float32)
    near = neighbors.nearest(points, 12)
    found = labels_suspicion.weights(near.indices, near.distances)
    assert found.max(axis=1).tolist() == [1.0] * 60
    for sample in range(60):
        expected = np.array([naive_weight(near.indices, near.distances, sample, at) for at in range(12)])
        np.testing.assert_allclose(found[sample], expected / expected.max(), rtol=1e-6)


def test_neighbors_among_duplicates_and_beside_them_have_weights() -> None:
    places = np.array([0.0] * 9 + [1.0, 2.0, 3.5, 1e-30] + [5.0] * 2)
    near = neighbors.nearest(places[:, None].astype(np.float32), 8)
    found = labels_suspicion.weights(near.indices, near.distances)
    assert np.isfinite(found).all()
    assert (found.max(axis=1) == 1).all()
    assert found[0].tolist() == [1.0] * 8, "duplicates alone"
    assert found[9].tolist() == [1.0] * 8, (
        "all neighbours of 1.0 are duplicates, at no distance from their own: the same"
    )
    labels = np.array([0] * 9 + [1] * 6, dtype=np.int16)
    share = labels_suspicion.evidence([], near.indices, found, labels).neighbors
    assert share[0] == 0 and share.min() >= 0 and share.max() <= 1


def test_entropy_in_bits() -> None:
    given = np.array([[4, 0, 0], [2, 2, 0], [1, 1, 2], [0, 0, 0]], dtype=np.int32)
    np.testing.assert_allclose(labels_suspicion.entropy(given), [0, 1, 1.5, 0])


def test_classes() -> None:
    right = np.array([1.0, 1.0, 0.9, 0.0, math.nan, math.nan])
    suspicion = np.array([0.0, 0.05, 0.1, 0.5, 0.0, 0.2])
    near = np.array([0.0, 0.1, 0.0, 0.2, 0.0, 0.2])
    assert labels_suspicion.classify(right, suspicion, near).tolist() == [
        "core",
        "ambiguous",
        "ambiguous",
        "suspect",
        "core",
        "ambiguous",
    ]


def test_outliers_do_not_hide_each_other() -> None:
    distance = np.array([*np.linspace(0.9, 1.1, 50), 50.0, 60.0])
    assert np.flatnonzero(labels_suspicion.outliers(distance)).tolist() == [50, 51]
    assert not labels_suspicion.outliers(np.ones(20)).any()


def test_outliers_where_most_distances_are_one() -> None:
    assert not labels_suspicion.outliers(np.zeros(20)).any()
    duplicates = np.array([0.0] * 60 + [1.0] * 40)
    assert not labels_suspicion.outliers(duplicates).any(), "not every sample that has no duplicate"
    assert np.flatnonzero(labels_suspicion.outliers(np.append(duplicates, 30.0))).tolist() == [100]
    rounded = np.full(100, 0.7) + np.linspace(0, 3e-8, 100)
    assert not labels_suspicion.outliers(rounded).any(), "equal but for rounding"
    assert np.flatnonzero(labels_suspicion.outliers(np.append(rounded, 0.8))).tolist() == [100]


def test_near_duplicates_are_pairs_named_once_the_closest_first() -> None:
    near = np.array([[1, 2], [0, 2], [3, 0], [2, 1], [0, 1]])
    distances = np.array([[0.1, 4.0], [0.1, 4.0], [0.0, 4.0], [0.0, 4.0], [4.0, 5.0]])
    distances = np.concatenate([distances, np.full((6, 2), 4.0)])
    near = np.concatenate([near, np.zeros((6, 2), dtype=int)])
    found = labels_suspicion.near_duplicates(near, distances)
    assert [(pair.sample, pair.other, pair.distance) for pair in found] == [(2, 3, 0.0), (0, 1, 0.1)]


def test_the_page_has_the_closest_of_many_near_duplicates_and_counts_all(tiny_study: Study) -> None:
    """b15: nine blank pictures of ten gave ten pairs a picture, all of them on the page."""
    rows = {"sample": [0] * 1500, "other": range(1, 1501), "distance": np.arange(1500.0), "ratio": np.zeros(1500)}
    many = replace(
        tiny_study,
        tables={
            **tiny_study.tables,
            "near_duplicates": store.table(store.schema("near_duplicates", tiny_study.manifest), rows),
        },
    )
    study = StudySite(StudyView(many.manifest, many), None)
    vars(study)["data"] = SimpleNamespace(study=SimpleNamespace(file="study.js"))
    made = audit_page.page(study)
    (data,) = made.files.values()
    listed = json.loads(data[data.index(b",") + 1 : -3])["duplicates"]
    assert listed == [[0, at + 1, at] for at in range(1000)]
    (queue,) = [one.text for one in made.variables["queues"] if one.name == "duplicate"]
    assert queue == "near-duplicates (1,500 pairs, the closest 1,000 here)"


def test_the_tables_say_what_the_clusters_say(tiny_study: Study) -> None:
    labels = tiny_study.tables["samples"].column("label").to_numpy()
    review = tiny_study.tables["review"].to_pandas()
    assert (review["settings"] == 4).all(), "k = 10 on three maps and the features"
    rows = {name: tiny_study.clusters(name).to_pandas() for name in ("tsne-p5", "tsne-p12.5", "tsne-p30", "features")}
    at_ten = {name: one[one.k == 10].sort_values("sample").cluster.to_numpy() for name, one in rows.items()}
    near = tiny_study.tables["neighbors"].to_pandas()
    features = tiny_study.tables["features"].drop_columns(["sample"]).to_pandas().to_numpy()
    wide = neighbors.nearest(features, 20)
    for sample in range(0, 200, 7):
        shares = {name: naive_share(clusters, labels, sample) for name, clusters in at_ten.items()}
        on_maps = np.nanmean([share for name, share in shares.items() if name != "features"])
        row = review.loc[sample]
        assert row["other_in_clusters"] == pytest.approx(np.nanmean([on_maps, shares["features"]]))
        own = near[near["sample"] == sample]
        weight = [naive_weight(wide.indices, wide.distances, sample, at) for at in range(20)]
        of_neighbors = np.average(labels[wide.indices[sample]] != labels[sample], weights=weight)
        assert row["other_in_neighbors"] == pytest.approx(of_neighbors)
        assert row["suspicion"] == pytest.approx((row["other_in_clusters"] + of_neighbors) / 2)
        assert row["distance"] == pytest.approx(own.distance.mean(), rel=1e-6)
        given = [int(np.bincount(labels[clusters == clusters[sample]]).argmax()) for clusters in at_ten.values()]
        assert row["stability"] == np.mean([label == labels[sample] for label in given])
        assert dict(zip(row["labels"], row["counts"], strict=True)) == {one: given.count(one) for one in set(given)}


def test_confusable_pairs_are_counted_over_the_whole_grid(tiny_study: Study) -> None:
    labels = tiny_study.tables["samples"].column("label").to_numpy()
    times: dict[tuple[int, int], int] = {}
    for name in ("tsne-p5", "tsne-p12.5", "tsne-p30", "features"):
        for _, own in tiny_study.clusters(name).to_pandas().groupby("k"):
            clusters = own.sort_values("sample").cluster.to_numpy()
            for cluster in np.unique(clusters):
                inside = labels[clusters == cluster]
                given = int(np.bincount(inside).argmax())
                for label in inside[inside != given]:
                    times[int(label), given] = times.get((int(label), given), 0) + 1
    rows = tiny_study.tables["confusable"].to_pylist()
    assert {(row["label"], row["given"]): row["times"] for row in rows} == times
    assert all(labels[sample] == row["label"] for row in rows for sample in row["examples"])
    assert [row["counted"] for row in rows] == sorted((row["counted"] for row in rows), reverse=True)


def test_without_labels_only_what_needs_none_is_there(rng: np.random.Generator) -> None:
    n = 30
    points = rng.normal(size=(n, 2))
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    order = np.argsort(apart, axis=1)[:, :5]
    near = audit_tables.Near(order, np.take_along_axis(apart, order, axis=1))
    clustering = audit_tables.Clustering(
        "map", ("tsne", "kmeans"), True, rng.integers(0, 3, n).astype(np.int16), np.full(3, -1, np.int16)
    )
    found = audit_tables.audit_tables(None, 0, [clustering], near, 3)
    assert found["audit"]["sample"] == found["confusable"]["label"] == []
    assert found["review"]["suspicion"] == found["review"]["class"] == [None] * n
    np.testing.assert_allclose(found["review"]["distance"], near.distances[:, :3].mean(axis=1))
    assert tables.clusterings([]) == []
