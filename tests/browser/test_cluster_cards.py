"""A card for each cluster: examples and flows against the tables, with and without labels and pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from precompute import pipeline
from precompute.config import Grid, StudyConfig
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.store import Study
from site_templates import publish
from tests.browser.conftest import Explorer
from tests.browser.helpers import opened
from tests.browser.tables import Tables
from tests.conftest import few_digits


def parts(explorer: Explorer, selector: str) -> dict[int, int]:
    """Parts of a band: key → size."""
    found = explorer.page.eval_on_selector_all(
        f"{selector} [data-part]", "all => all.map(one => [Number(one.dataset.part), Number(one.dataset.size)])"
    )
    return dict(found)


def examples(explorer: Explorer, cluster: int, row: str) -> list[int]:
    """Samples in a row of a card."""
    found = explorer.page.locator(f"[data-card-of='{cluster}'] .card-row:has(> h4:text-is('{row}')) button")
    return [int(sample) for sample in found.evaluate_all("all => all.map(one => one.dataset.example)")]


@pytest.mark.parametrize("space", ["map", "features"])
@pytest.mark.stays
def test_cards_show_what_the_tables_say(local: Explorer, study: Study, space: str) -> None:
    tables = Tables(study, 30.0, 10, space)
    names = [name for name in study.tables["features"].column_names if name != "sample"]
    features = np.stack([study.tables["features"].column(name).to_numpy() for name in names], axis=1)
    points = (tables.points if space == "map" else features).astype(np.float64)
    centers = np.stack([points[tables.clusters == one].mean(axis=0) for one in range(10)])
    distances = np.sqrt(((points[:, None] - centers[None]) ** 2).sum(axis=2))
    near = np.sort(distances, axis=1)
    local.open(tables.address)
    others = {k: Tables(study, 30.0, k, space).clusters for k in (9, 11)}
    for cluster in range(10):
        members = np.flatnonzero(tables.clusters == cluster)
        own = distances[members, cluster]
        by_center = members[np.argsort(own)]
        assert examples(local, cluster, "Medoid") == [by_center[0]]
        assert examples(local, cluster, "Central") == by_center[1:6].tolist()
        gaps = np.where(near[members, 0] == own, near[members, 1], near[members, 0]) - own
        assert examples(local, cluster, "Borderline") == members[np.argsort(gaps)][:5].tolist()
        for k, clusters in others.items():
            went, counts = np.unique(clusters[members], return_counts=True)
            found = parts(local, f"[data-card-of='{cluster}'] [data-flow-to='{k}']")
            assert found == dict(zip(went.tolist(), counts.tolist(), strict=True))
        labels, counts = np.unique(tables.labels[members], return_counts=True)
        histogram = parts(local, f"[data-card-of='{cluster}'] .card-row:has(> h4:text-is('True labels'))")
        assert histogram == dict(zip(labels.tolist(), counts.tolist(), strict=True))


@pytest.mark.stays
def test_at_the_ends_of_the_grid_one_band_is_missing(local: Explorer) -> None:
    local.open("#perplexity=30&k=3")
    assert local.page.locator("[data-card-of='0'] [data-flow-to]:visible").count() == 1
    assert local.page.locator("[data-card-of]").count() == 3


@pytest.mark.stays
def test_an_example_can_be_chosen(local: Explorer) -> None:
    local.open("#perplexity=30&k=10")
    button = local.page.locator("[data-card-of='2'] [data-example]").first
    sample = button.get_attribute("data-example")
    button.click()
    assert local.hash() == f"#perplexity=30&k=10&sample={sample}"
    local.page.wait_for_selector(f"#why[data-sample-shown='{sample}']")


def test_a_card_is_one_stop_for_the_tab_key_and_arrows_go_on(local: Explorer) -> None:
    local.open("#perplexity=30&k=10")
    assert local.page.locator("#cluster-cards button").count() == 110
    assert local.page.locator("#cluster-cards button[tabindex='0']").count() == 10
    local.page.locator("[data-card-of='2'] button").first.focus()
    local.page.keyboard.press("ArrowRight")
    wanted = examples(local, 2, "Central")[0]
    assert local.page.evaluate("Number(document.activeElement.dataset.example)") == wanted
    local.page.keyboard.press("Tab")
    assert local.page.evaluate("document.activeElement.closest('[data-card-of]').dataset.cardOf") == "3"
    assert local.page.locator("#cluster-cards button[tabindex='0']").count() == 10


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a site over samples with neither labels nor pictures."""
    folder = tmp_path_factory.mktemp("plain")
    data = replace(few_digits(60), labels=None, label_names=(), pixels=None, image_shape=None)
    outcome = pipeline.compute(
        planned(
            data,
            StudyConfig(
                methods=("tsne",), clusterers=("kmeans",), id="plain", grid=Grid.of(perplexity=(5.0, 8.0), k=(3, 4))
            ),
        ),
        folder / "results",
        Machine(),
    )
    assert not outcome.failed
    publish.publish(folder / "results", Path(folder / "site"), ["plain"], "Clusterfolio")
    return (folder / "site").as_uri()


def test_without_labels_and_pictures_all_of_it_works(browser: Browser, plain: str) -> None:
    with opened(browser, plain) as page:
        page.open("#perplexity=8&k=4&sample=3", path="plain/index.html")
        page.page.wait_for_selector("#why[data-sample-shown='3']")
        assert page.page.locator("[data-why=sentence]").get_attribute("data-kind") == "unlabelled"
        assert page.page.locator("[data-why=near] button").count() == 10
        assert page.page.locator("[data-why=history]").count() == 0
        assert page.page.locator("[data-card-of]").count() == 4
        assert page.page.locator("[data-card-of='0'] h4:text-is('True labels')").count() == 0
        assert page.page.locator("[data-card-of='0'] [data-flow-to='3']").count() == 1
        options = page.page.locator("[data-grid=metric] option").evaluate_all("all => all.map(one => one.value)")
        assert "silhouette" in options
        assert not {"purity", "ari", "misclassified"} & set(options)
        page.page.locator("[data-grid=best-up]").click()
        page.ready()
        assert page.page.locator("[data-grid=best-up]").get_attribute("aria-pressed") == "true"
