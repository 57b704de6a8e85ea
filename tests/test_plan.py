"""The plan: every cell of the grid once, and keys that see what a cell is made from and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from precompute.config import Grid, StudyConfig
from precompute.dataset import Dataset
from precompute.run.plan import Plan, plan
from tests.conftest import TINY


@pytest.fixture
def tiny_plan(tiny_data: Dataset) -> Plan:
    return plan(tiny_data, TINY, TINY.grid)


def keys(data: Dataset, config: StudyConfig = TINY) -> dict[str, str]:
    return {name: cell.key for name, cell in plan(data, config, config.grid).cells.items()}


def test_every_cell_of_the_grid_once(tiny_plan: Plan) -> None:
    maps = ("tsne-p5", "tsne-p12.5", "tsne-p30")
    settings = [f"{part}-k{k}" for part in (*maps, "features") for k in (3, 4, 10)]
    assert set(tiny_plan.cells) == {
        "features and neighbors",
        *(f"{kind} {part}" for kind in ("embedding", "measures") for part in (*maps, "pca")),
        *(f"{kind} {setting}" for kind in ("clusters", "metrics") for setting in settings),
    }
    assert [part.slug for part in tiny_plan.ordered] == ["features", "pca", *maps]
    assert len({cell.key for cell in tiny_plan.cells.values()}) == len(tiny_plan.cells)


def test_neighbours_suffice_for_the_largest_perplexity(tiny_plan: Plan) -> None:
    assert tiny_plan.neighbor_count == 90


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"seed": 1}, {"embedding", "measures", "clusters", "metrics"}),
        ({"starts": 11}, {"clusters", "metrics"}),
        ({"variance": 0.9}, {"features", "embedding", "measures", "clusters", "metrics"}),
        ({"texts": {"title": "x"}}, set()),
        ({"id": "other"}, set()),
    ],
)
def test_parameters_change_what_they_decide(tiny_data: Dataset, change: dict[str, object], changed: set[str]) -> None:
    before, after = keys(tiny_data), keys(tiny_data, replace(TINY, **change))  # type: ignore[arg-type]
    assert {name.split()[0] for name in before if before[name] != after[name]} == changed


def test_a_cell_does_not_depend_on_the_rest_of_the_grid(tiny_data: Dataset) -> None:
    before = keys(tiny_data)
    after = keys(tiny_data, replace(TINY, grid=Grid.of(perplexity=(5.0, 60.0), k=(4, 5))))
    common = set(before) & set(after) - {"features and neighbors"}
    assert "embedding tsne-p5" in common
    assert {name for name in common if before[name] != after[name]} == set()


def test_values_and_labels_are_seen_apart(tiny_data: Dataset) -> None:
    assert tiny_data.labels is not None
    other = tiny_data.labels.copy()
    other[0] = 9 - other[0]
    before, after = keys(tiny_data), keys(replace(tiny_data, labels=other))
    assert {name.split()[0] for name in before if before[name] != after[name]} == {"clusters", "metrics"}
    values = tiny_data.values.copy()
    values[0, 0] = 0.5
    after = keys(replace(tiny_data, values=values))
    assert all(before[name] != after[name] for name in before)
