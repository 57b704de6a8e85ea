"""Measures of representations against scikit-learn, SciPy, or counts by hand; which k, on blobs and on noise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from precompute import neighbors
from precompute.clusterers.kmeans import kmeans
from precompute.metrics.clusterings import silhouette
from precompute.metrics.distances import distance_correlation
from precompute.metrics.geometry import Geometry
from precompute.metrics.maps import Mapping2D
from precompute.metrics.registry import Metric
from precompute.metrics.representations import (
    PAIR_METRICS,
    REPRESENTATION_METRICS,
    Difference,
    Pair,
    alignment,
    common_neighbors,
    difference,
)
from precompute.metrics.strength import Advice, Curve, advised, prediction_strength
from precompute.metrics.vicinity import Vicinity, label_agreement
from precompute.neighbors import weights
from precompute.representations.halving import strengths


def around(points: NDArray[np.floating], labels: NDArray[np.integer], count: int = 10) -> Vicinity:
    near = neighbors.nearest(points.astype(np.float32), count)
    return Vicinity(near.indices, near.distances, labels.astype(np.int16))


def clouds(rng: np.random.Generator, n: int = 200) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Three that overlap: points and their labels."""
    labels = rng.integers(0, 3, n)
    return rng.normal(0, 1, (n, 4)) + np.eye(3, 4)[labels] * 2, labels


def test_label_agreement_is_the_weighted_vote_of_scikit_learn(rng: np.random.Generator) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    points, labels = clouds(rng)
    vicinity = around(points, labels)
    # the same neighbours and weights, given to scikit-learn as distances of its own
    weight = weights(vicinity.neighbors, vicinity.distances)
    right = []
    for sample in range(len(points)):
        own = iter([weight[sample]])
        model = KNeighborsClassifier(10, weights=lambda _, own=own: next(own)[None, :], algorithm="brute")
        others = np.delete(np.arange(len(points)), sample)
        exact = points.astype(np.float32).astype(np.float64)
        model.fit(exact[others], labels[others])
        right.append(model.predict(exact[sample : sample + 1])[0] == labels[sample])
    np.testing.assert_array_equal(vicinity.right(), right)
    assert label_agreement(vicinity) == pytest.approx(np.mean(right))
    assert 0.6 < np.mean(right) < 1


def test_ties_are_wrong_and_the_unlabelled_are_in_no_figure() -> None:
    near = np.array([[1, 2], [0, 2], [0, 1], [0, 2]])
    same = np.ones((4, 2))
    tied = Vicinity(near, same, np.array([0, 0, 1, 1], dtype=np.int16))
    assert tied.right().tolist() == [False, False, False, False]
    # the second has no label: it votes for nothing and is not counted
    some = Vicinity(near, same, np.array([0, -1, 0, 1], dtype=np.int16))
    assert some.right().tolist() == [True, False, True, False]
    assert label_agreement(some) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="no sample has a label"):
        label_agreement(Vicinity(near, same, np.full(4, -1, dtype=np.int16)))


def test_common_neighbors_by_hand() -> None:
    one, other = np.array([[1, 2], [2, 0], [0, 1]]), np.array([[2, 1], [2, 3], [4, 5]])
    scores = np.zeros((3, 2), dtype=np.float32)
    assert common_neighbors(Pair((scores, scores), (one, other))) == pytest.approx((1 + 1 / 3 + 0) / 3)


def naive_independence(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Song et al. 2012, equation 4, over all quadruples of different samples."""
    from itertools import permutations

    first, second = one @ one.T, other @ other.T
    terms = [
        first[i, j] * (second[i, j] + second[q, r] - 2 * second[i, q])
        for i, j, q, r in permutations(range(len(one)), 4)
    ]
    return float(np.mean(terms))


def test_alignment_is_the_ratio_of_unbiased_estimates(rng: np.random.Generator) -> None:
    one = rng.normal(0, 1, (9, 3))
    other = one @ rng.normal(0, 1, (3, 5)) + rng.normal(0, 0.5, (9, 5)) + 7
    near = (np.zeros((9, 1), int), np.zeros((9, 1), int))
    found = alignment(Pair((one.astype(np.float32), other.astype(np.float32)), near))
    below = naive_independence(one, one) * naive_independence(other, other)
    assert found == pytest.approx(naive_independence(one, other) / below**0.5, rel=1e-4)


def test_alignment_knows_rotation_and_scale_and_sees_nothing_in_noise(rng: np.random.Generator) -> None:
    one = rng.normal(0, 1, (300, 6)).astype(np.float32)
    turned = (one @ np.linalg.qr(rng.normal(0, 1, (6, 6)))[0] * 3).astype(np.float32)
    near = (np.zeros((300, 1), int), np.zeros((300, 1), int))
    assert alignment(Pair((one, turned), near)) == pytest.approx(1, abs=1e-5)
    # in many dimensions the biased estimate is far above 0 here
    wide = [rng.normal(0, 1, (300, 400)).astype(np.float32) for _ in range(2)]
    assert abs(alignment(Pair((wide[0], wide[1]), near))) < 0.05


@pytest.mark.parametrize("n", [60, 2_100])
def test_distances_of_a_map_are_ranked_as_scipy_ranks_them(rng: np.random.Generator, n: int) -> None:
    from scipy.spatial.distance import pdist
    from scipy.stats import spearmanr

    features = rng.normal(0, 1, (n, 5)).astype(np.float32)
    points = features[:, :2] + rng.normal(0, 0.3, (n, 2)).astype(np.float32)
    none = np.zeros((n, 1), dtype=np.int32)
    found = distance_correlation(Mapping2D(points, features, none, none))
    expected = float(spearmanr(pdist(points), pdist(features)).statistic)
    assert found == pytest.approx(expected, abs=1e-9 if n < 2_000 else 0.02)
    assert distance_correlation(Mapping2D(np.zeros_like(points), features, none, none)) == 0


def test_a_difference_is_better_only_where_its_interval_leaves_out_nothing(rng: np.random.Generator) -> None:
    points, labels = clouds(rng)
    noisy = points + rng.normal(0, 2, points.shape)
    clear, poor = around(points, labels), around(noisy, labels)
    found = difference(clear, poor)
    assert found.mean == pytest.approx(label_agreement(clear) - label_agreement(poor))
    assert found.low < found.mean < found.high
    assert found.verdict == "better" and difference(poor, clear).verdict == "worse"
    assert difference(clear, clear) == Difference(0.0, 0.0, 0.0) and difference(clear, clear).verdict is None
    # as drawn sample by sample
    signs = clear.right().astype(int) - poor.right()
    draws = [signs[rng.integers(0, len(signs), len(signs))].mean() for _ in range(4_000)]
    np.testing.assert_allclose([found.low, found.high], np.quantile(draws, [0.025, 0.975]), atol=0.015)
    with pytest.raises(ValueError, match="different labels"):
        difference(clear, around(points, (labels + 1) % 3))


def test_prediction_strength_counts_pairs(rng: np.random.Generator) -> None:
    table = rng.integers(1, 6, (3, 3))
    shares = []
    for row in table:
        members = [column for column, count in enumerate(row) for _ in range(count)]
        pairs = [(i, j) for i in range(len(members)) for j in range(len(members)) if i != j]
        shares.append(Counter(members[i] == members[j] for i, j in pairs)[True] / len(pairs))
    assert prediction_strength(table) == pytest.approx(min(shares))
    assert prediction_strength(np.array([[5, 0], [0, 1]])) == 0, "a cluster of one"


def shuffled_apart(points: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    return rng.permuted(points, axis=0)


def curve(points: NDArray[np.float32], rng: np.random.Generator) -> Curve:
    ks = range(2, 8)
    rises = []
    for each in (points, shuffled_apart(points, rng)):
        found = kmeans(each, list(ks), 3, 0)
        rises.append([silhouette(found[k].clusters, k, Geometry(each)) for k in ks])
    return Curve(strengths(points, list(ks)), {k: own - base for k, own, base in zip(ks, *rises, strict=True)})


def test_four_blobs_say_four(rng: np.random.Generator) -> None:
    centers = np.array([[0, 0, 0], [9, 1, 0], [1, 8, 2], [2, 3, 9]])
    points = (centers[np.arange(240) % 4] + rng.normal(0, 0.8, (240, 3))).astype(np.float32)
    assert advised(curve(points, rng)) == Advice(4, 4, 4, "agree")


def test_of_noise_no_number_is_named(rng: np.random.Generator) -> None:
    found = advised(curve(rng.normal(0, 1, (240, 6)).astype(np.float32), rng))
    assert found.k is None and found.reason == "neither"


def test_a_number_is_named_only_where_both_measures_name_it() -> None:
    strong = {2: [1.0] * 5, 3: [0.9] * 5, 4: [0.3] * 5}
    assert advised(Curve(strong, {2: 0.2, 3: 0.1, 4: 0.0})) == Advice(None, 3, 2, "differ")
    assert advised(Curve(strong, {2: 0.01, 3: 0.02, 4: 0.0})) == Advice(None, 3, None, "not clear")
    assert advised(Curve({2: [0.1] * 5}, {2: 0.3})) == Advice(None, None, 2, "not strong")
    # mean 0.78 and standard error 0.03 reach 0.8
    assert advised(Curve({2: [0.7, 0.75, 0.8, 0.8, 0.85]}, {2: 0.3})).k == 2


def test_strength_is_the_same_at_each_run_and_leaves_out_what_cannot_be() -> None:
    points = np.repeat(np.array([[0.0, 0], [1, 0], [0, 1]], dtype=np.float32), 8, axis=0)
    found = strengths(points, [2, 3, 4])
    assert set(found) <= {2, 3} and all(len(values) == 5 for values in found.values())
    assert found == strengths(points, [2, 3, 4])


@pytest.mark.parametrize("registry", [REPRESENTATION_METRICS, PAIR_METRICS])
def test_every_measure_says_what_it_is(registry: Mapping[str, Metric[Any]]) -> None:
    for metric in registry.values():
        assert metric.label and metric.explained(50).endswith(".") and "{" not in metric.explained(50)
