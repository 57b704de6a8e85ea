"""The charts of the grid: marks for every setting, labels that name some of them, and no function the page lacks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from site_templates.charts import heat_map, vega

VEGA = {"floor", "max", "bandwidth", "isValid", "indexof", "abs", "format", "isFinite", "data", "length"}


def calls(spec: dict[str, Any]) -> set[str]:
    return set(re.findall(r"([A-Za-z]\w*)\(", json.dumps(spec)))


def test_there_is_a_cell_for_every_setting() -> None:
    spec = vega.compiled(heat_map.heat_map((5.0, 12.5, 30.0), (3, 4, 10)))
    sequences = [step for data in spec["data"] for step in data.get("transform", []) if step["type"] == "sequence"]
    assert max(step["stop"] for step in sequences) == 9
    assert calls(spec) - VEGA == {"gridFill", "gridBest"}


def test_a_curve_has_a_point_for_every_value() -> None:
    spec = vega.compiled(heat_map.curve("perplexity", (5.0, 12.5, 30.0)))
    places = next(signal for signal in spec["signals"] if signal["name"] == "places")
    assert places["value"] == [5.0, 12.5, 30.0]
    assert "lineValue" in calls(spec) <= VEGA | {"lineValue"}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (tuple(range(5, 51)), [5, 10, 15, 20, 25, 30, 35, 40, 45, 50]),
        (tuple(range(3, 16)), list(range(3, 16))),
        ((30.0,), [30.0]),
        (tuple(1.1 + step for step in range(40)), [1.1, 5.1, 9.1, 13.1, 17.1, 21.1, 25.1, 29.1, 33.1, 37.1]),
    ],
)
def test_an_axis_names_round_values_where_it_can(values: tuple[float, ...], named: list[float]) -> None:
    spec = vega.compiled(heat_map.heat_map(values, (3, 4)))
    axis = next(axis for axis in spec["axes"] if axis["orient"] == "bottom")
    assert [values[place] for place in axis["values"]] == pytest.approx(named)


def test_one_value_makes_a_grid_too() -> None:
    assert vega.compiled(heat_map.curve("perplexity", (30.0,)))["marks"]
