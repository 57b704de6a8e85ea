"""Forces interpolated on a mesh: near the exact ones on maps of any size, and nothing outside the mesh is touched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.maps import descent, gradient, interpolation
from precompute.maps.interpolation import Mesh
from tests.test_gradient import affinities


def blobs(n: int, seed: int, span: float, flat: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of clusters on a map so wide, and `flat` times as tall."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(7, 2))[rng.integers(0, 7, n)] * 4 + rng.normal(size=(n, 2))
    points -= points.mean(axis=0)
    points *= span / np.ptp(points, axis=0) * [1, flat]
    return np.ascontiguousarray(points[:, 0], np.float32), np.ascontiguousarray(points[:, 1], np.float32)


def both(x: np.ndarray, y: np.ndarray, mesh: Mesh) -> tuple[float, float]:
    """Errors of Z and of the forces (root mean square), as shares of the exact ones."""
    exact, found = np.empty((2, 2, len(x)), np.float32)
    z = gradient.repulsion(x, y, *exact)
    other = mesh.repulsion(x, y, *found)
    return abs(other / z - 1), float(np.sqrt(((found - exact) ** 2).sum() / (exact.astype(np.float64) ** 2).sum()))


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(400, 1_500),
    seed=st.integers(0, 10**6),
    span=st.floats(1e-5, 100),
    flat=st.sampled_from([1.0, 0.3, 1e-3, 0.0]),
)
def test_forces_are_near_the_exact_ones(n: int, seed: int, span: float, flat: float) -> None:
    off, error = both(*blobs(n, seed, span, flat), Mesh())
    assert off < 1e-3
    assert error < 0.006


def test_a_mesh_follows_a_map_as_it_grows_and_shrinks() -> None:
    mesh = Mesh()
    for span in (1e-4, 0.01, 3, 20, 60, 61, 140, 30, 0.5):
        off, error = both(*blobs(400, 3, span), mesh)
        assert off < 1e-3, span
        assert error < 0.006, span


def test_the_same_map_again_needs_no_new_kernels() -> None:
    mesh, (x, y) = Mesh(), blobs(300, 1, 50)
    out = np.empty((2, 300), np.float32)
    first = mesh.repulsion(x, y, *out)
    kernels = dict(mesh._kernels)
    assert mesh.repulsion(x * np.float32(1.05), y * np.float32(1.05), *out) != first
    assert len(kernels) == 2
    assert all(mesh._kernels[share] is kept for share, kept in kernels.items())


def test_forces_on_the_whole_are_none() -> None:
    """What one sample does to another, the other does to it."""
    x, y = blobs(2_000, 5, 80)
    found = np.empty((2, 2_000), np.float32)
    Mesh().repulsion(x, y, *found)
    assert np.abs(found.sum(axis=1)).max() < 1e-5 * np.abs(found).sum()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=2, max_size=30), st.integers(0, 10**6))
def test_nothing_outside_the_mesh_is_touched(places: list[float], seed: int) -> None:
    """Python's own indexing would raise beyond the end, and a node before the first one would show at the far end."""
    x = np.array(places, np.float32)
    y = np.random.default_rng(seed).permutation(x)
    wide = float(x.max()) - float(x.min())
    spacing = interpolation.spacing_for(wide)
    nodes = int(wide / spacing) + 5
    mesh = np.zeros((nodes, nodes + 1), np.float32)
    scale = np.float32(1 / spacing)
    interpolation.spread.py_func(x, y, x.min(), y.min(), scale, mesh)  # type: ignore[attr-defined]  # numba's
    assert mesh.sum() == pytest.approx(len(x), rel=1e-5)
    assert not mesh[:, -1].any()


@pytest.mark.parametrize("span", [1e-30, 1e-3, 1.0, 25.6, 300.0, 1_000.0, 1_001.0, 1e5, 1e9])
def test_a_mesh_has_enough_nodes_and_not_too_many(span: float) -> None:
    nodes = span / interpolation.spacing_for(span)
    assert nodes * 1.001 >= interpolation.FEWEST or span < 1e-29
    assert nodes <= interpolation.MOST


def test_weights_are_a_partition_of_one_with_the_right_mean() -> None:
    for at in np.linspace(0, 1, 21, dtype=np.float32):
        shares = interpolation.weights(at)
        assert sum(shares) == pytest.approx(1, abs=1e-6)
        assert min(shares) >= 0
        assert sum(share * place for share, place in zip(shares, (-1, 0, 1, 2), strict=True)) == pytest.approx(
            float(at), abs=1e-6
        )


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_points_that_are_not_finite_are_refused(wrong: float) -> None:
    x = np.array([0, 1, wrong], np.float32)
    with pytest.raises(FloatingPointError, match="did not stay finite"):
        Mesh().repulsion(x, x, *np.empty((2, 3), np.float32))


def test_a_descent_by_either_force_takes_the_same_way() -> None:
    p = affinities(300, 4)
    start = np.random.default_rng(4).normal(size=(300, 2)) * 1e-2
    ways = [kind(p, start) for kind in (descent.Descent, descent.InterpolatedDescent)]
    for way in ways:
        way.run(20, 4.0, 20.0, 0.5)
        way.rest()
        way.run(20, 1.0, 50.0, 0.8)
    np.testing.assert_allclose(ways[1].x, ways[0].x, atol=0.02 * float(np.ptp(ways[0].x)))
    assert ways[1].divergence() == pytest.approx(ways[0].divergence(), rel=1e-3)
