"""The two languages agree: what payload.py writes, the page's scripts read."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Error

from site_templates import payload
from tests.browser.conftest import Explorer


@pytest.mark.parametrize("high", [1, 12, 40, 41, 255, 65_535, 70_000])
def test_whole_numbers_come_back(local: Explorer, high: int) -> None:
    values = np.random.default_rng(high).integers(0, high, 200, endpoint=True)
    values[:2] = 0, high
    local.open()
    for coded in (payload.codes(values), payload.numbers(values)):
        read = local.page.evaluate("coded => Array.from(clusterfolio.decode.column(coded))", coded)
        assert read == values.tolist()


def test_coordinates_come_back_as_written(local: Explorer) -> None:
    values = np.random.default_rng(0).normal(0, 30, 500).astype(np.float32)
    coded = payload.coordinates(values)
    local.open()
    read = np.array(local.page.evaluate("coded => Array.from(clusterfolio.decode.column(coded))", coded))
    assert np.abs(read - values).max() <= (values.max() - values.min()) / 65_535


def test_margins_come_back_with_their_gaps(local: Explorer) -> None:
    values = np.array([1.5, np.nan, -0.25, 3e-8], dtype=np.float32)
    local.open()
    script = "coded => Array.from(clusterfolio.decode.column(coded)).map(value => Number.isNaN(value) ? null : value)"
    read = local.page.evaluate(script, payload.floats(values))
    assert read == [None if np.isnan(value) else float(value) for value in values]


@pytest.mark.parametrize("coded", [{"chars": "012"}, {"f64": "AAAA"}])
def test_a_column_that_cannot_be_right_is_refused(local: Explorer, coded: dict[str, str]) -> None:
    local.open()
    with pytest.raises(Error, match="A column has"):
        local.page.evaluate("coded => { clusterfolio.decode.column(coded, 4); }", coded)


def test_only_three_names_are_global(local: Explorer) -> None:
    names = "Object.keys(window)"
    local.page.goto(f"{local.root}/404.html")  # a page without scripts
    before = set(local.page.evaluate(names))
    local.open()
    assert set(local.page.evaluate(names)) - before == {"clusterfolio", "vega", "vegaEmbed"}
