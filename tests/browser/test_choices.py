"""A study of two methods, one with two parameters, and of two clusterers: the explorer offers what there is, no more.

Nothing of the pages knows these two: they are registered here, computed and published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from precompute import pipeline, store
from precompute.clusterers import registry as clusterers_registry
from precompute.clusterers.clusterer import Clusterer, Options
from precompute.config import Grid
from precompute.maps import registry as maps_registry
from precompute.maps.method import Embedding, Method, Source
from precompute.parameters import Parameter
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.store import Study
from site_templates import publish
from site_templates.data import choices
from site_templates.study import StudySite
from site_templates.views import StudyView
from tests.browser.conftest import Explorer
from tests.browser.helpers import INVERSE, alert, complaints, opened, settle
from tests.conftest import TINY, compute_local, few_digits, shared

WARP = Parameter(
    name="n_neighbors", letter="n", label="Neighbours", unit="neighbours", meaning="How many neighbours are looked at.",
    default=(5.0, 15.0, 40.0), start=lambda _: 15.0, whole=True, limits=lambda _: (2.0, 100.0),
)  # fmt: skip
DIST = Parameter(
    name="min_dist", letter="d", label="Least distance", unit="", meaning="How close points may be.",
    default=(0.1, 0.5), start=lambda _: 0.1, whole=False, limits=lambda _: (0.0, 1.0), implied=0.1,
)  # fmt: skip
SIZE = Parameter(
    name="min_cluster_size", letter="m", label="Smallest cluster", unit="samples", meaning="How small clusters may be.",
    default=(20.0, 50.0, 90.0), start=lambda _: 50.0, whole=True, limits=lambda _: (2.0, 100.0),
)  # fmt: skip


def warp(source: Source, parameters: Mapping[str, float]) -> Embedding:
    """The PCA map, bent."""
    x, y = (source.start / np.abs(source.start).max()).T.astype(np.float64)
    bent = np.stack([x + np.sin(parameters["n_neighbors"] * y) / 3, y + parameters["min_dist"] * x * x], axis=1)
    return Embedding(bent.astype(np.float32), {})


def slices(
    points: NDArray[np.float32], wanted: Sequence[Mapping[str, float]], options: Options
) -> list[NDArray[np.int16]]:
    """So many samples in each cluster, from one side to the other."""
    del options
    place = np.argsort(np.argsort(points[:, 0], kind="stable"), kind="stable")
    sizes = [int(values["min_cluster_size"]) for values in wanted]
    return [np.minimum(place // size, len(points) // size - 1).astype(np.int16) for size in sizes]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of the study, and its site."""

    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            compute_local(patch)
            patch.setattr(
                maps_registry,
                "METHODS",
                {**maps_registry.METHODS, "warp": Method("Warp", (WARP, DIST), warp, "warp-1")},
            )
            patch.setattr(
                clusterers_registry,
                "CLUSTERERS",
                {**clusterers_registry.CLUSTERERS, "slices": Clusterer("Slices", (SIZE,), slices, "slices-1", ())},
            )
            study = replace(
                TINY,
                id="two",
                grid=Grid.of(perplexity=(5, 30), k=(3, 4, 10)),
                methods=("tsne", "warp"),
                clusterers=("kmeans", "slices"),
            )
            assert not pipeline.compute(planned(few_digits(), study), folder / "results", Machine()).failed
        publish.publish(folder / "results", folder / "site", ["two"], "Two of each")

    return shared(tmp_path_factory, "two-of-each", make)


@pytest.fixture(scope="module")
def tables(two: Path) -> Study:
    """The tables of the study."""
    return store.read(two / "results" / "two")


@pytest.fixture
def page(browser: Browser, two: Path) -> Iterator[Explorer]:
    """The explorer of the study."""
    with opened(browser, (two / "site").as_uri()) as found:
        yield found


@pytest.fixture(scope="module")
def lasting(browser: Browser, two: Path) -> Iterator[Explorer]:
    """The explorer of the study, led from one address to the next."""
    with opened(browser, (two / "site").as_uri()) as found:
        found.stays = True
        yield found


def visit(page: Explorer, address: str = "") -> None:
    page.open(address, "two/index.html")


def chosen(page: Explorer) -> list[str]:
    """Names of the sliders that show."""
    found: list[str] = page.page.eval_on_selector_all(
        "input[type=range]", "all => all.filter(one => one.checkVisibility()).map(one => one.name)"
    )
    return found


def test_only_the_parameters_of_what_is_chosen_have_a_slider(page: Explorer) -> None:
    visit(page)
    assert (page.setting, page.hash()) == ("tsne-p30-k10", "#perplexity=30&k=10")
    assert chosen(page) == ["perplexity", "k"]
    page.page.locator("input[name=method][value=warp]").check(force=True)
    settle(page)
    assert (page.setting, page.hash()) == ("warp-n15-k10", "#method=warp&n_neighbors=15&min_dist=0.1&k=10")
    assert chosen(page) == ["k", "n_neighbors", "min_dist"] or chosen(page) == ["n_neighbors", "min_dist", "k"]
    assert page.page.locator("#map-title").inner_text() == "Warp map"
    page.slide("min_dist", 0.5)
    settle(page)
    page.page.locator("input[name=clusterer][value=slices]").check(force=True)
    settle(page)
    assert page.setting == "warp-n15-d0.5-slices-m50"
    assert page.hash() == "#method=warp&n_neighbors=15&min_dist=0.5&clusterer=slices&min_cluster_size=50"
    page.page.locator("input[name=method][value=tsne]").check(force=True)
    settle(page)
    assert page.hash() == "#perplexity=30&clusterer=slices&min_cluster_size=50"
    page.page.locator("input[name=method][value=warp]").check(force=True)
    settle(page)
    assert "min_dist=0.5" in page.hash(), "what a method was set to is kept while another one is shown"
    page.page.go_back()
    page.ready("tsne-p30-slices-m50")
    assert complaints(page) == []


@pytest.mark.parametrize(
    ("given", "setting", "says"),
    [
        ("#perplexity=5&k=4", "tsne-p5-k4", ""),
        ("#method=warp", "warp-n15-k10", ""),
        ("#method=warp&n_neighbors=38&k=4", "warp-n40-k4", "There is no n_neighbors 38 here; this is 40, the nearest."),
        ("#method=warp&perplexity=5", "warp-n15-k10", "perplexity 5 is passed over: Warp has no such parameter."),
        ("#clusterer=slices&k=4", "tsne-p30-slices-m50", "k 4 is passed over: Slices has no such parameter."),
        ("#k=4&method=umap", "tsne-p30-k4", "“umap” is no method: method is one of tsne, warp."),
        ("#method=warp&min_dist=0.5&space=features&k=3", "features-k3", ""),
        ("#clusterer=slices&min_cluster_size=90&space=features&method%3Dwarp", "features-slices-m90", "is read as"),
    ],
)
def test_addresses_of_any_method_and_clusterer(lasting: Explorer, given: str, setting: str, says: str) -> None:
    visit(lasting, given)
    assert lasting.setting == setting
    assert (says in alert(lasting)) if says else alert(lasting) == ""


def test_a_cluster_that_a_setting_has_not_is_let_go(page: Explorer) -> None:
    """How many clusters there are, no parameter of this clusterer says."""
    visit(page, "#clusterer=slices&min_cluster_size=90&cluster=9")
    assert page.setting == "tsne-p30-slices-m90"
    assert "no cluster 9 here" in alert(page)
    visit(page, "#clusterer=slices&min_cluster_size=20&cluster=9")
    assert "cluster=9" in page.hash()
    page.slide("min_cluster_size", 90)
    settle(page)
    assert "cluster" not in page.hash().replace("clusterer", "").replace("min_cluster_size", "")


def test_state_and_address_are_inverse(lasting: Explorer) -> None:
    visit(lasting)
    assert lasting.page.evaluate(f"() => ({INVERSE})(clusterfolio.get('study'), 3000)") == []


def test_python_writes_the_addresses_that_the_page_writes(lasting: Explorer, tables: Study) -> None:
    """The two languages agree: each setting's address leads there, and the page writes the same."""
    visit(lasting)
    study = StudySite(StudyView(tables.manifest, tables), None)
    assert set(study.states) == {one.slug for one in tables.manifest.settings}
    given = {slug: choices.address(tables.manifest, at, study.start) for slug, at in study.states.items()}
    found = lasting.page.evaluate(
        """async given => {
            const study = clusterfolio.get("study"), { parse, format } = clusterfolio.state;
            for (const [name, path] of Object.entries(study.chunks)) await clusterfolio.load(name, path);
            const model = clusterfolio.model.create(study);
            return Object.entries(given).map(([slug, text]) => {
                const { state, notes } = parse(text, study);
                return [slug, model.setting(state).slug, `#${format(state, study)}`, notes];
            });
        }""",
        given,
    )
    assert [[slug, got, text, notes] for slug, got, text, notes in found] == [
        [slug, slug, text, []] for slug, text in given.items()
    ]


def test_every_cell_of_the_grid_is_the_tables(lasting: Explorer, tables: Study) -> None:
    """For each pair of a method and a clusterer, and each value of what is no axis."""
    visit(lasting)
    rows = tables.tables["metrics"].to_pandas()
    values = {(row.setting, row.metric): row.value for row in rows.itertuples() if row.setting}
    for of_map, axes in (("", ["perplexity"]), ("method=warp&min_dist=0.5&", ["n_neighbors"])):
        for of_clusters, more in (("", ["k"]), ("clusterer=slices&", ["min_cluster_size"])):
            text = lasting.page.evaluate(
                """async address => {
                    const study = clusterfolio.get("study"), { choices, grid, model, state } = clusterfolio;
                    const own = model.create(study);
                    const at = state.parse(address, study).state;
                    const known = await own.chunk(choices.pair(study, at).grid, grid.read);
                    const made = grid.create(known, study, at);
                    const cells = Array.from({ length: made.cells.columns * made.cells.rows }, (_, cell) => cell);
                    const found = [];
                    for (const cell of cells) {
                        const there = { ...at, ...made.cells.state(cell) };
                        await own.ensure(there);
                        found.push([own.setting(there).slug, made.value("ami", "map", cell), made.cells.cell(there)]);
                    }
                    return JSON.stringify([made.cells.across, made.cells.up, found]);
                }""",
                of_map + of_clusters,
            )
            across, up, found = json.loads(text)
            assert [across, up] == [*axes, *more]
            assert len({slug for slug, _, _ in found}) == len(found)
            for place, (slug, value, cell) in enumerate(found):
                assert (value, cell) == (values[slug, "ami"], place), slug


def test_the_heat_map_has_the_axes_of_what_is_chosen(page: Explorer) -> None:
    visit(page, "#method=warp&min_dist=0.5&n_neighbors=5&clusterer=slices&min_cluster_size=20&metric=ami&sample=3")
    inner = page.page.locator
    assert (
        inner("[data-grid=readout]")
        .inner_text()
        .startswith("Warp, neighbours 5, least distance 0.5, Slices, smallest cluster 20: AMI")
    )
    title = inner("[data-grid=across-title]").inner_text()
    assert title.endswith("over neighbours at least distance 0.5, smallest cluster 20")
    assert "All at least distance 0.5." in inner("[data-grid=reading]").inner_text()
    assert inner("[data-grid=elbow]").is_hidden(), "no parameter says how many clusters there are"
    inner("[data-grid=map]").focus()
    page.page.keyboard.press("ArrowRight")
    settle(page)
    assert page.setting == "warp-n15-d0.5-slices-m20"
    inner("[data-why=history]").focus()
    page.page.keyboard.press("ArrowUp")
    settle(page)
    assert page.setting == "warp-n15-d0.5-slices-m50"
    assert (
        "Warp, neighbours 15, least distance 0.5, Slices, smallest cluster 50"
        in inner("[data-why=history-readout]").inner_text()
    )
    page.page.locator("input[name=method][value=tsne]").check(force=True)
    page.page.locator("input[name=clusterer][value=kmeans]").check(force=True)
    settle(page)
    assert inner("[data-grid=readout]").inner_text().startswith("t-SNE, perplexity 30, K-Means, k 10: AMI")
    assert inner("[data-grid=elbow]").is_visible()
    titles = page.page.evaluate(
        "() => ['across', 'up'].map(name => clusterfolio.charts.view(document.querySelector("
        "'[data-grid=map] .canvas')).signal(name))"
    )
    assert titles == ["perplexity", "clusters k"]


def test_figures_are_judged_only_where_the_registry_allows_it(page: Explorer) -> None:
    visit(page, "#perplexity=30&k=10")
    page.page.locator("input[name=method][value=warp]").check(force=True)
    settle(page)
    change = page.page.locator("[data-change=purity]").inner_text()
    assert re.search("better|worse|unchanged", change), "purity compares over maps"
    assert page.page.locator("#reference").inner_text() == "Compared with t-SNE."
    page.page.locator("input[name=clusterer][value=slices]").check(force=True)
    settle(page)
    assert "not comparable" in page.page.locator("[data-change=purity]").inner_text()


STUDY: Mapping[str, Any] = {
    "methods": [
        {"name": "a", "label": "A", "parameters": ["p"]},
        {"name": "b", "label": "B", "parameters": ["n", "d"]},
    ],
    "clusterers": [
        {"name": "c", "label": "C", "parameters": ["k"], "count": "k"},
        {"name": "w", "label": "W", "parameters": ["k"], "count": "k"},
        {"name": "h", "label": "H", "parameters": ["m"], "count": None},
    ],
}


@pytest.mark.parametrize(
    ("before", "after", "roles"),
    [
        ({}, {}, []),
        ({"p": 5}, {"p": 9}, ["method"]),
        ({"n": 5}, {"n": 9}, []),  # of a method that neither shows
        ({}, {"method": "b"}, ["method"]),
        ({"method": "b", "d": 0.1}, {"method": "b", "d": 0.5}, ["method"]),
        ({"k": 3}, {"k": 4}, ["k"]),
        ({}, {"clusterer": "w"}, ["clusterer"]),
        ({"k": 3}, {"clusterer": "w", "k": 4}, ["clusterer", "k"]),
        ({}, {"clusterer": "h"}, ["clusterer", "k"]),
        ({"clusterer": "h", "m": 5}, {"clusterer": "h", "m": 9}, ["k"]),
        ({"space": "map"}, {"space": "features", "p": 9}, ["space", "method"]),
        ({}, {"representation": "cnn"}, ["representation"]),
    ],
)
def test_what_moved_in_roles(sources: Page, before: dict[str, Any], after: dict[str, Any], roles: list[str]) -> None:
    start = {"representation": "values", "method": "a", "p": 5, "n": 5, "d": 0.1}
    start |= {"clusterer": "c", "k": 3, "m": 5, "space": "map"}
    found = sources.evaluate(
        "([study, one, other]) => clusterfolio.choices.roles(study, one, other)",
        [STUDY, {**start, **before}, {**start, **after}],
    )
    assert sorted(found) == sorted(roles)


def test_the_nearest_map_is_found_by_one_parameter_after_the_other(sources: Page) -> None:
    """`model.find`: exact where there is the map, of the same method where that has any, the lower on a tie."""
    index = [
        *({"method": "a", "parameters": {"p": p}, "chunk": f"a-{p}"} for p in (5, 15, 35)),
        *({"method": "b", "parameters": {"n": n, "d": d}, "chunk": f"b-{n}-{d}"} for n, d in ((5, 1), (5, 3), (9, 1))),
    ]
    study = {
        **STUDY,
        "index": [{"representation": "values", **one} for one in index],
        "dataset": {"n": 2, "labels": None},
        "samples": {"ids": None, "label": None},
        "parameters": {name: {"start": 5} for name in "pnd"},
    }
    wanted = [
        {"method": "a", "p": 15},
        {"method": "a", "p": 25},
        {"method": "a", "p": 99},
        {"method": "b", "n": 9, "d": 1},
        {"method": "b", "n": 9, "d": 3},
        {"method": "b", "n": 7, "d": 3},
        {"method": "a"},
        {"method": "a", "p": 35, "representation": "cnn"},
    ]
    found = sources.evaluate(
        """([study, wanted]) => {
            const model = clusterfolio.model.create(study);
            return wanted.map((at) => model.find({ representation: "values", clusterer: "c", ...at }).chunk);
        }""",
        [study, wanted],
    )
    assert found == ["a-15", "a-15", "a-35", "b-9-1", "b-9-1", "b-5-3", "a-5", "a-35"]
