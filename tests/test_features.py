"""PCA: as many components as scikit-learn keeps, the same scores, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from precompute import dataset, features
from precompute.features import principal_components


def test_digits_keep_29_components_equal_to_scikit_learns() -> None:
    values = dataset.load("digits").values
    found = principal_components(values, 0.95)
    reference = PCA(n_components=0.95, svd_solver="full").fit(values.astype(np.float64))
    assert found.components == reference.n_components_ == 29
    np.testing.assert_allclose(found.scores, reference.transform(values.astype(np.float64)), atol=1e-5)
    assert found.scores.dtype == np.float32
    assert found.ratio.shape == (64,)
    assert found.ratio.sum() == pytest.approx(1)


def test_at_least_two_components_for_the_map() -> None:
    rng = np.random.default_rng(0)
    values = (np.outer(rng.random(30), [1, 1, 1]) * 0.9 + rng.random((30, 3)) * 1e-3).astype(np.float32)
    assert principal_components(values, 0.5).components == 2


@pytest.mark.parametrize("variance", [0, 1, -0.1, 1.5, float("nan")])
def test_variance_out_of_range_is_refused(variance: float) -> None:
    with pytest.raises(ValueError, match="variance to keep is .*allowed: a share above 0 and below 1"):
        principal_components(np.eye(12, dtype=np.float32), variance)


def test_data_on_a_line_are_refused() -> None:
    line = np.outer(np.linspace(0, 1, 20), [1, 1]).astype(np.float32)
    with pytest.raises(ValueError, match="fewer than two dimensions"):
        principal_components(line)


def test_components_from_the_covariance_are_those_of_the_decomposition(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = (rng.random((300, 12)) @ rng.random((12, 12)) / 12).astype(np.float32)
    exact = features.principal_components(values)
    monkeypatch.setattr(features, "FULL_LIMIT", 1_000)
    large = features.principal_components(values)
    assert large.components == exact.components
    np.testing.assert_allclose(large.ratio, exact.ratio, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(large.scores, exact.scores, atol=1e-5)
