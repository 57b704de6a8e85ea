"""Embeddings: good by judges that nobody here wrote, the same every time, and independent of the rest of the grid."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sklearn.manifold
from openTSNE import TSNE
from threadpoolctl import threadpool_limits

from precompute import features
from precompute.dataset import Dataset
from precompute.maps import align, descent, tsne
from precompute.maps.method import Embedding, Source
from precompute.maps.registry import METHODS
from precompute.neighbors import nearest
from tests.conftest import few_digits

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """As workers have it: where other work is done beside these tests, threads wait for each other longer than they
    compute.
    """
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="module")
def data() -> Dataset:
    return few_digits(500)


@pytest.fixture(scope="module")
def source(data: Dataset) -> Source:
    scores = features.principal_components(data.values).scores
    return Source(scores, nearest(scores, 150), scores[:, :2].copy(), 0)


@pytest.fixture(scope="module")
def embedding(source: Source) -> Embedding:
    return METHODS["tsne"].fit(source, {"perplexity": 20})


def test_pca_map_is_the_first_two_components(source: Source) -> None:
    np.testing.assert_array_equal(METHODS["pca"].fit(source, {}).points, source.features[:, :2])


def test_reported_divergence_equals_the_formula_on_the_stored_points(source: Source, embedding: Embedding) -> None:
    p = tsne.joint_probabilities(source.neighbors, 20).toarray()
    assert p.sum() == pytest.approx(1)
    points = embedding.points.astype(np.float64)
    q = 1 / (1 + ((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(q, 0)
    q /= q.sum()
    at = p > 0
    assert embedding.measures["kl_divergence"] == pytest.approx((p[at] * np.log(p[at] / q[at])).sum(), rel=1e-9)


def test_reported_divergence_equals_scikit_learns_own_evaluation(source: Source, embedding: Embedding) -> None:
    """scikit-learn's objective function, given our coordinates and our P."""
    from scipy.spatial.distance import squareform
    from sklearn.manifold._t_sne import _kl_divergence

    p = tsne.joint_probabilities(source.neighbors, 20).toarray()
    condensed = np.maximum(squareform(p, checks=False), np.finfo(np.double).eps)
    theirs, _ = _kl_divergence(embedding.points.astype(np.float64).ravel(), condensed, 1, len(p), 2)
    # it counts each pair once where the formula counts both orders, and floors P at the smallest double step
    assert embedding.measures["kl_divergence"] == pytest.approx(theirs, rel=1e-6)


def test_quality_is_no_worse_than_scikit_learns_and_opentsnes(source: Source, embedding: Embedding) -> None:
    """KL under one exact evaluator and one P; trustworthiness by scikit-learn."""
    p = tsne.joint_probabilities(source.neighbors, 20)
    others = [
        sklearn.manifold.TSNE(perplexity=20, init="pca", random_state=0).fit_transform(source.features),
        np.asarray(TSNE(perplexity=20, random_state=0, n_jobs=1, negative_gradient_method="bh").fit(source.features)),
    ]
    ours = embedding.measures["kl_divergence"]
    for other in others:
        assert ours <= descent.kl_divergence(p, other.astype(np.float32)) * 1.02
        trust = [
            sklearn.manifold.trustworthiness(source.features, points, n_neighbors=10)
            for points in (embedding.points, other)
        ]
        assert trust[0] >= trust[1] - 0.01


def test_the_same_bytes_every_time_and_for_any_larger_grid(source: Source, embedding: Embedding) -> None:
    again = METHODS["tsne"].fit(source, {"perplexity": 20})
    np.testing.assert_array_equal(again.points, embedding.points)
    narrow = Source(source.features, nearest(source.features, 60), source.start, 0)
    np.testing.assert_array_equal(METHODS["tsne"].fit(narrow, {"perplexity": 20}).points, embedding.points)


def test_stops_by_the_rule(embedding: Embedding) -> None:
    steps = embedding.measures["iterations"] - descent.EARLY_ITERATIONS
    assert 0 < steps <= descent.MOST_ITERATIONS
    assert steps % descent.CHECK_EVERY == 0
    assert descent.has_converged(1.0, 0.9995)
    assert not descent.has_converged(1.0, 0.998)
    assert not descent.has_converged(np.inf, 5.0)


def test_perplexity_need_not_be_whole(source: Source) -> None:
    found = METHODS["tsne"].fit(source, {"perplexity": 12.5})
    assert np.isfinite(found.points).all()


@pytest.mark.parametrize("perplexity", [0, -1, 51, 200, float("nan")])
def test_perplexity_out_of_range(source: Source, perplexity: float) -> None:
    with pytest.raises(
        ValueError,
        match=r"perplexity is .*; allowed for 500 samples with 150 neighbours each: above 0, at "
        "most 50",
    ):
        METHODS["tsne"].fit(source, {"perplexity": perplexity})


def test_samples_that_are_all_equal_are_refused() -> None:
    same = np.ones((40, 3), np.float32)
    with pytest.raises(ValueError, match="spread of 0 along its first axis; allowed: above 0"):
        METHODS["tsne"].fit(Source(same, nearest(same, 30), same[:, :2].copy(), 0), {"perplexity": 5})


def test_large_data_descend_by_interpolated_forces(
    source: Source, embedding: Embedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descent, "EXACT_LIMIT", 100)
    other = METHODS["tsne"].fit(source, {"perplexity": 20})
    assert other.measures["kl_divergence"] == pytest.approx(embedding.measures["kl_divergence"], rel=0.02)
    assert other.measures["iterations"] > descent.EARLY_ITERATIONS


def test_alignment_turns_and_mirrors_but_keeps_the_shape(rng: np.random.Generator) -> None:
    onto = rng.normal(size=(40, 2)).astype(np.float32)
    angle = 2.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (3 * onto @ turn @ np.diag([1, -1]) + [5, 7]).astype(np.float32)
    found = align.align(moved, onto)
    np.testing.assert_allclose(found, 3 * (onto - onto.mean(axis=0)), atol=1e-4)


def test_maps_lie_as_the_pca_map_does(source: Source, embedding: Embedding) -> None:
    angle = 0.3
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    start = source.start - source.start.mean(axis=0)

    def fit(points: np.ndarray) -> float:
        return float((points * start).sum())

    aligned = fit(embedding.points)
    for other in (embedding.points @ turn, embedding.points @ turn.T, embedding.points * [1, -1], -embedding.points):
        assert fit(other) <= aligned


@pytest.mark.parametrize("limit", [100, 15_000])
def test_nothing_that_is_not_finite_is_returned(source: Source, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(descent, "EXACT_LIMIT", limit)
    monkeypatch.setattr(descent, "MOMENTUM", np.nan)
    with pytest.raises(FloatingPointError, match="perplexity 20: the map did not stay finite"):
        METHODS["tsne"].fit(source, {"perplexity": 20})


@pytest.fixture(scope="module")
def umap_map(source: Source) -> Embedding:
    return METHODS["umap"].fit(source, {"n_neighbors": 15, "min_dist": 0.1})


def test_umap_is_umap_learns_own_from_the_same_neighbours(source: Source, umap_map: Embedding) -> None:
    """With exactly n_neighbors columns: with more it makes another map of few samples, in silence."""
    import umap as umap_learn

    own = np.arange(500)[:, None]
    near = np.hstack([own, source.neighbors.indices[:, :14]]), np.hstack([own * 0, source.neighbors.distances[:, :14]])
    model = umap_learn.UMAP(
        n_neighbors=15,
        min_dist=0.1,
        random_state=np.random.RandomState([0, 0]),
        n_jobs=1,
        precomputed_knn=(near[0].astype(np.int32), near[1].astype(np.float32)),
    )
    with pytest.warns(UserWarning, match="transforming new data"):
        expected = model.fit_transform(source.features)
    turned = align.align(expected.astype(np.float32), source.start)
    np.testing.assert_array_equal(umap_map.points, turned)
    assert model.graph_.nnz < 500 * 15 * 2


def test_umap_gives_the_same_bits_again_and_other_maps_from_other_starts(source: Source, umap_map: Embedding) -> None:
    values = {"n_neighbors": 15.0, "min_dist": 0.1}
    np.testing.assert_array_equal(METHODS["umap"].fit(source, values).points, umap_map.points)
    others = [METHODS["umap"].fit(source, {**values, "restart": restart}).points for restart in (1.0, 2.0)]
    assert not np.allclose(others[0], umap_map.points)
    assert not np.allclose(others[0], others[1])


def test_what_is_compiled_for_umap_is_kept_for_the_next_process(umap_map: Embedding) -> None:
    from umap import layouts, umap_

    assert len(umap_map.points) == 500
    for function in (umap_.smooth_knn_dist, layouts._nb_optimize_layout_euclidean_single_epoch):
        assert function.stats.cache_path is not None


_FIRST_MAP = """
import hashlib
from threadpoolctl import threadpool_limits
import numpy as np
from precompute.maps.method import Source
from precompute.maps.registry import METHODS
from precompute.neighbors import nearest
points = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
source = Source(points, nearest(points, 9), np.ascontiguousarray(points[:, :2]), 0)
with threadpool_limits(limits=1):
    made = METHODS["umap"].fit(source, {"n_neighbors": 10, "min_dist": 0.1})
print(hashlib.sha256(made.points.tobytes()).hexdigest())
"""


@pytest.mark.slow  # numba compiles all of umap-learn; that it is kept at all is tested above
def test_umap_gives_the_same_bits_with_an_empty_and_with_a_full_cache(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def first_map() -> str:
        command = [sys.executable, "-c", _FIRST_MAP]
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    empty = first_map()
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")}
    assert kept
    assert first_map() == empty
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")} == kept  # nothing was compiled anew


def test_umap_keeps_neighbours_together(source: Source, umap_map: Embedding) -> None:
    near = nearest(umap_map.points, 10).indices
    kept = (near[:, :, None] == source.neighbors.indices[:, None, :10]).any(axis=2).mean()
    assert kept > 0.4


def test_umap_says_how_many_neighbours_there_are(source: Source) -> None:
    with pytest.raises(ValueError, match="n_neighbors is 200; allowed with 150 neighbours: 151"):
        METHODS["umap"].fit(source, {"n_neighbors": 200, "min_dist": 0.1})
