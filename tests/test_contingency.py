"""Agreement of two groupings: the figures are scikit-learn's, at the ends of their ranges too."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from precompute.metrics import contingency

GROUPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=60)


def table(one: list[int], other: list[int]) -> np.ndarray:
    rows, columns = np.array(one, dtype=np.int16), np.array(other, dtype=np.int16)
    return contingency.crossed(rows, columns, (5, 4))


@given(GROUPS)
def test_figures_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    one, other = (list(column) for column in zip(*pairs, strict=True))
    crossed = table(one, other)
    assert crossed.sum() == len(pairs)
    assert contingency.adjusted_rand(crossed) == pytest.approx(sklearn.metrics.adjusted_rand_score(one, other))
    expected = sklearn.metrics.homogeneity_completeness_v_measure(other, one)
    assert contingency.information(crossed) == pytest.approx(expected, abs=1e-7)


def test_a_million_samples_do_not_pass_the_integers() -> None:
    half = np.array([[500_000, 0], [0, 500_000]])
    assert contingency.adjusted_rand(half) == 1
    assert contingency.adjusted_rand(np.full((2, 2), 250_000)) == pytest.approx(0, abs=1e-5)
