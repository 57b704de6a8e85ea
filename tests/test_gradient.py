"""The gradient: equal to the formula in double precision, to finite differences, and to openTSNE's own descent."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openTSNE.tsne import gradient_descent
from scipy.sparse import csr_matrix

from precompute.maps import gradient


def affinities(n: int, seed: int) -> csr_matrix:
    """A sparse symmetric P that sums to 1."""
    rng = np.random.default_rng(seed)
    dense = rng.random((n, n)) * (rng.random((n, n)) < 0.4)
    dense = dense + dense.T
    np.fill_diagonal(dense, 0)
    return csr_matrix(dense / dense.sum())


def exact(p: csr_matrix, points: np.ndarray) -> tuple[float, np.ndarray]:
    """KL and its gradient by the formula, all pairs, in float64 (without openTSNE's omitted factor 4)."""
    offsets = points[:, None] - points[None]
    q = 1 / (1 + (offsets**2).sum(axis=2))
    np.fill_diagonal(q, 0)
    dense = p.toarray()
    normal = q / q.sum()
    at = dense > 0
    kl = float((dense[at] * np.log(dense[at] / normal[at])).sum())
    return kl, (((dense - normal) * q)[:, :, None] * offsets).sum(axis=1)


def ours(p: csr_matrix, points: np.ndarray) -> tuple[float, np.ndarray]:
    x, y = (np.ascontiguousarray(points[:, axis], dtype=np.float32) for axis in range(2))
    push, pull = np.empty((2, 2, len(x)), np.float32)
    z = gradient.repulsion(x, y, push[0], push[1])
    gradient.attraction(p.indptr, p.indices, p.data.astype(np.float32), x, y, pull[0], pull[1])
    kl = gradient.kl_divergence(p.indptr, p.indices, p.data, x, y)
    return kl, (pull - push / np.float32(z)).T


@settings(max_examples=30, deadline=None)
@given(n=st.integers(4, 60), seed=st.integers(0, 10**6), scale=st.floats(1e-3, 10))
def test_equals_the_formula_in_double_precision(n: int, seed: int, scale: float) -> None:
    points = (np.random.default_rng(seed).normal(size=(n, 2)) * scale).astype(np.float32)
    p = affinities(n, seed)
    (kl, slope), (kl_exact, slope_exact) = ours(p, points), exact(p, points.astype(np.float64))
    assert kl == pytest.approx(kl_exact, rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(slope, slope_exact, atol=2e-4 * np.abs(slope_exact).max() + 1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_equals_finite_differences_of_the_divergence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, p = rng.normal(size=(12, 2)).astype(np.float32), affinities(12, seed)
    _, slope = ours(p, points)
    for sample, axis in ((0, 0), (5, 1), (11, 0)):
        ends = []
        for step in (1e-5, -1e-5):
            moved = points.astype(np.float64)
            moved[sample, axis] += step
            ends.append(exact(p, moved)[0])
        # the derivative is four times the sum that t-SNE codes work with
        assert 4 * slope[sample, axis] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-3, abs=1e-5)


def test_descent_follows_opentsne_step_by_step() -> None:
    """The same update rule: given the same gradient, openTSNE's optimiser lands on the same points."""
    p, rng = affinities(50, 3), np.random.default_rng(3)
    points = rng.normal(size=(50, 2))

    def objective(embedding: np.ndarray, p_: csr_matrix, **_: object) -> tuple[float, np.ndarray]:
        return exact(p_, embedding)

    _, theirs = gradient_descent()(
        points.copy(), p.copy(), 15, objective, learning_rate=40.0, momentum=0.8, exaggeration=4
    )
    x, y = (np.ascontiguousarray(points[:, axis], dtype=np.float32) for axis in range(2))
    gradient.descend(
        p.indptr,
        p.indices,
        p.data.astype(np.float32),
        x,
        y,
        np.zeros((2, 50), np.float32),
        np.ones((2, 50), np.float32),
        15,
        4.0,
        40.0,
        0.8,
    )
    np.testing.assert_allclose(np.stack([x, y], axis=1), theirs, atol=2e-3)


def test_opentsne_takes_the_gradient_as_its_own() -> None:
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PrecomputedAffinities

    p, start = affinities(60, 5), np.random.default_rng(5).normal(size=(60, 2))
    maps = []
    for method in (gradient.exact_gradient, "bh"):
        # an angle of 0 opens every cell of the tree: no approximation is left
        begun = TSNEEmbedding(
            start.copy(),
            PrecomputedAffinities(p, normalize=False),
            negative_gradient_method=method,
            theta=0,
            n_jobs=1,
            learning_rate=50.0,
        )
        maps.append(begun.optimize(20, exaggeration=2, momentum=0.5))
    np.testing.assert_allclose(np.asarray(maps[0]), np.asarray(maps[1]), atol=2e-3)
    assert maps[0].kl_divergence == pytest.approx(exact(p, np.asarray(maps[0], dtype=float))[0], rel=0.05)


def test_the_divergence_for_opentsne_is_the_formulas() -> None:
    p, points = affinities(40, 2), np.random.default_rng(2).normal(size=(40, 2)).astype(np.float32)
    kl, slope = gradient.exact_gradient(points.astype(np.float64), p, should_eval_error=True)
    assert kl == pytest.approx(exact(p, points.astype(np.float64))[0], rel=1e-9)
    assert slope.shape == (40, 2)
    assert slope.dtype == np.float64


@pytest.mark.parametrize("wrong", [{"dof": 0.8}, {"reference_embedding": np.zeros((4, 2))}])
def test_what_the_exact_gradient_cannot_do(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="takes dof 1, two dimensions and no reference"):
        gradient.exact_gradient(np.zeros((4, 2)), affinities(4, 0), **wrong)


def test_points_stay_centred_and_steps_bounded() -> None:
    p = affinities(30, 1)
    x, y = np.random.default_rng(1).normal(size=(2, 30)).astype(np.float32)
    before = np.stack([x - x.mean(), y - y.mean()])
    gradient.descend(
        p.indptr,
        p.indices,
        p.data.astype(np.float32),
        x,
        y,
        np.zeros((2, 30), np.float32),
        np.ones((2, 30), np.float32),
        1,
        12.0,
        1e6,
        0.5,
    )
    assert abs(x.mean()) < 1e-4
    assert np.hypot(*(np.stack([x, y]) - before)).max() <= 10.01, "a step of at most 5, then centring"


PROGRAM = """
import hashlib, numpy as np
from precompute.maps import gradient
from precompute.maps.descent import InterpolatedDescent
from tests.test_gradient import affinities
p = affinities(400, 0)
x, y = np.random.default_rng(0).normal(size=(2, 400)).astype(np.float32)
gradient.descend(p.indptr, p.indices, p.data.astype(np.float32), x, y, np.zeros((2, 400), np.float32),
                 np.ones((2, 400), np.float32), 60, 1.0, 400.0, 0.9)
way = InterpolatedDescent(p, np.stack([x, y], axis=1))
way.run(60, 1.0, 400.0, 0.9)
print(hashlib.sha256(x.tobytes() + y.tobytes() + way.x.tobytes() + way.y.tobytes()).hexdigest())
"""

ASSEMBLY = """
import numpy as np
from precompute.maps import gradient
gradient.repulsion(*np.zeros((4, 8), np.float32))
print(next(iter(gradient.repulsion.inspect_asm().values())))
"""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="looks for x86 instructions")
def test_loops_use_wide_vectors(tmp_path: Path) -> None:
    """Without error_model="numpy" the loop would silently fall back to one pair at a time."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[1])}
    code = subprocess.run([sys.executable, "-c", ASSEMBLY], env=environment, capture_output=True, text=True, check=True)
    assert re.search(r"v(mulps|fmadd\d+ps)", code.stdout), "packed single-precision products"


@pytest.mark.slow  # it compiles all kernels anew
def test_code_just_compiled_and_code_from_disk_give_the_same_bytes(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[1])}
    runs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert {path.name.split(".")[0] for path in tmp_path.rglob("*.nbc")} == {"gradient", "interpolation"}
    assert runs[0] == runs[1]
