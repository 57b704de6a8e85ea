"""The grid: every measure where the table has it, on a scale that does not flatter."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import pyarrow.compute as pc
import pytest

from precompute.store import Study
from site_templates.data import choices
from site_templates.data.grid import MetricGrid, grid, limits, ticks
from site_templates.views import StudyView


def made(study: Study) -> tuple[dict[str, MetricGrid], dict[str, tuple[float, ...]]]:
    axes = {axis.name: tuple(axis.values) for axis in study.manifest.axes}
    [pair] = choices.pairs(study.manifest)
    return {one.name: one for one in grid(StudyView(study.manifest, study), pair)}, axes


def test_every_value_of_the_table_is_there_unrounded(tiny_study: Study) -> None:
    found, axes = made(tiny_study)
    perplexities, ks = axes["perplexity"], axes["k"]
    seen = 0
    for row in tiny_study.tables["metrics"].to_pylist():
        if row["method"] == "pca":
            continue
        one, value = found[row["metric"]], row["value"]
        if row["space"] == "features":
            got = one.features[ks.index(row["k"])]
        elif row["k"] is None:
            got = one.map[perplexities.index(row["perplexity"])]
        else:
            got = one.map[perplexities.index(row["perplexity"]) * len(ks) + ks.index(row["k"])]
        assert got == (value if math.isfinite(value) else None)
        seen += 1
    assert seen == sum(len(one.map) + len(one.features) for one in found.values())
    assert list(found) == [metric.name for metric in tiny_study.manifest.metrics]


def test_a_map_that_could_not_be_computed_is_a_hole(tiny_study: Study) -> None:
    manifest = tiny_study.manifest
    kept = [one for one in manifest.embeddings if one.slug != "tsne-p12.5"]
    settings = [one for one in manifest.settings if one.embedding != "tsne-p12.5"]
    tables = {
        name: table.filter(pc.fill_null(pc.not_equal(table["perplexity"], 12.5), True))
        for name, table in tiny_study.tables.items()
        if "perplexity" in table.column_names
    }
    less = replace(
        tiny_study,
        manifest=msgspec.structs.replace(manifest, embeddings=kept, settings=settings),
        tables={**tiny_study.tables, **tables},
    )
    found, axes = made(less)
    ks = len(axes["k"])
    assert axes["perplexity"][1] == 12.5
    assert found["silhouette"].map[ks : 2 * ks] == [None] * ks
    assert found["trustworthiness"].map[1] is None
    assert None not in found["silhouette"].map[:ks]


def test_each_space_has_a_scale_of_its_own_units(tiny_study: Study) -> None:
    found, _ = made(tiny_study)
    for name in ("inertia", "calinski_harabasz"):
        one = found[name]
        on_maps, on_features = ([value for value in values if value is not None] for values in (one.map, one.features))
        assert one.scales == {"map": (0, max(on_maps)), "features": (0, max(on_features))}
        assert max(on_maps) != pytest.approx(max(on_features), rel=0.1)
    assert found["purity"].scales == {"map": (0, 1), "features": (0, 1)}


@pytest.mark.parametrize(
    ("name", "values", "ends"),
    [
        ("silhouette", [0.4, 0.6], (0, 1)),  # no value below 0: the lower half of the scale would be idle
        ("silhouette", [-0.1, 0.6], (-1, 1)),
        ("purity", [0.9, 0.95], (0, 1)),
        ("inertia", [10.0, 40.0], (0, 40)),
        ("ami", [0.2, 0.3], (0, 1)),
        ("ami", [-0.02, 0.3], (-0.02, 1)),
        ("entropy", [], (0, 1)),
    ],
)
def test_a_scale_ends_where_the_registry_says(
    tiny_study: Study, name: str, values: list[float], ends: tuple[float, float]
) -> None:
    metric = next(one for one in tiny_study.manifest.metrics if one.name == name)
    assert limits(metric, values) == ends


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
    assert [values[place] for place in ticks(values)] == pytest.approx(named)
