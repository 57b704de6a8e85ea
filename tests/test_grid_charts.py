"""The charts of the grid: marks for every setting, labels that name some of them, and no function the page lacks."""

from __future__ import annotations

import json
import re
from typing import Any

from site_templates.charts import heat_map, vega

VEGA = {
    "abs", "bandwidth", "data", "floor", "format", "indexof", "isFinite", "isValid", "join", "length", "max", "sequence"
}  # fmt: skip


def calls(spec: dict[str, Any]) -> set[str]:
    return set(re.findall(r"([A-Za-z]\w*)\(", json.dumps(spec)))


ACROSS = heat_map.Along("perplexity", ("5", "12.5", "30"), (0, 1, 2))
UP = heat_map.Along("clusters k", ("3", "4", "10"), (0, 1, 2))


def signals(spec: dict[str, Any]) -> dict[str, Any]:
    return {signal["name"]: signal.get("value") for signal in spec["signals"]}


def test_there_is_a_cell_for_every_setting() -> None:
    spec = vega.compiled(heat_map.heat_map(12, ACROSS, UP))
    sequences = [step for data in spec["data"] for step in data.get("transform", []) if step["type"] == "sequence"]
    # the most of any method and clusterer: a filter leaves out those that this one has not
    assert max(step["stop"] for step in sequences) == 12
    assert calls(spec) - VEGA == {"gridFill", "gridBest"}


def test_axes_are_signals_that_the_page_can_set() -> None:
    spec = vega.compiled(heat_map.heat_map(9, ACROSS, UP))
    found = signals(spec)
    assert (found["across"], found["columns"], found["columnTicks"]) == ("perplexity", ["5", "12.5", "30"], [0, 1, 2])
    assert (found["up"], found["rows"], found["rowTicks"]) == ("clusters k", ["3", "4", "10"], [0, 1, 2])
    assert {axis["title"]["signal"] for axis in spec["axes"]} == {"across", "up"}
    assert {axis["values"]["signal"] for axis in spec["axes"]} == {"columnTicks", "rowTicks"}
    assert {scale["domain"]["signal"] for scale in spec["scales"]} == {
        "sequence(0, length(columns))",
        "sequence(0, length(rows))",
    }


def test_a_curve_has_a_point_for_every_value_that_it_is_given() -> None:
    spec = vega.compiled(heat_map.curve(3))
    sequences = [step for data in spec["data"] for step in data.get("transform", []) if step["type"] == "sequence"]
    assert {step["stop"] for step in sequences} == {3}
    assert signals(spec)["places"] == []
    assert "lineValue" in calls(spec) <= VEGA | {"lineValue"}
