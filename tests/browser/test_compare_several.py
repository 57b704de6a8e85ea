"""The comparison of two methods and two clusterers: choices, sliders of what is chosen, and any two settings.

One clusterer is made up here and has a parameter of its own, so nothing of the page can know it but from the data.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser
from sklearn.metrics import adjusted_rand_score

from precompute import pipeline, store
from precompute.clusterers import registry
from precompute.clusterers.clusterer import Clusterer, Options
from precompute.config import Grid
from precompute.parameters import Parameter
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from site_templates import publish
from tests.browser.conftest import Explorer
from tests.browser.helpers import alert, complaints, opened, settle
from tests.conftest import TINY, few_digits

SLICES = Parameter(
    name="slice_count",
    letter="s",
    label="Slices",
    unit="slices",
    meaning="How many slices of equally many points are cut.",
    default=(2.0, 5.0),
    start=lambda _: 5.0,
    whole=True,
    limits=lambda facts: (2.0, facts.n / 2),
)


def slices(points: NDArray[np.float32], wanted: Sequence[Mapping[str, float]], _: Options) -> list[NDArray[np.integer]]:
    """Points by their first coordinate, in slices."""
    rank = np.argsort(np.argsort(points[:, 0], kind="stable"), kind="stable")
    return [(rank * int(values[SLICES.name])) // len(points) for values in wanted]


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Results and site of a study of t-SNE and PCA maps, clustered by K-Means and in slices."""
    folder = tmp_path_factory.mktemp("several")
    config = replace(
        TINY,
        id="several",
        methods=("tsne", "pca"),
        clusterers=("kmeans", "slices"),
        grid=Grid.of(perplexity=(5, 10, 20), k=(3, 4), slice_count=(2, 5)),
    )
    with pytest.MonkeyPatch.context() as patch:
        made = Clusterer("Slices", (SLICES,), slices, "slices-1")
        patch.setattr(registry, "CLUSTERERS", {**registry.CLUSTERERS, "slices": made})
        outcome = pipeline.compute(planned(few_digits(80), config), folder / "results", Machine())
    assert not outcome.failed
    publish.publish(folder / "results", folder / "site", ["several"], "A gallery")
    return folder / "results" / "several", folder / "site"


@pytest.fixture
def page(browser: Browser, several: tuple[Path, Path]) -> Iterator[Explorer]:
    """The comparison at its start, watched."""
    with opened(browser, several[1].as_uri()) as found:
        found.open("", "several/compare.html")
        yield found


def shown(page: Explorer, side: str) -> list[str]:
    """Names of the sliders that a side shows."""
    return [
        one.get_attribute("name") or ""
        for one in page.page.locator(f".side[data-side={side}] input[type=range]").all()
        if one.is_visible()
    ]


def choose(page: Explorer, name: str, value: str) -> None:
    """Choose as a reader does."""
    page.page.locator(f"input[name={name}][value={value}]").locator("..").click()
    settle(page)


def test_each_side_has_the_choices_and_the_sliders_of_what_is_chosen(page: Explorer) -> None:
    assert page.hash() == "#a=tsne-p5-k4&b=tsne-p20-k4"
    assert shown(page, "a") == ["perplexity-a", "k-a"]
    title = page.page.locator(".side[data-side=a] [data-title]")
    assert title.inner_text() == "t-SNE, perplexity 5, K-Means, k 4"
    choose(page, "method-a", "pca")
    assert page.hash() == "#a=pca-k4&b=tsne-p20-k4"
    assert shown(page, "a") == ["k-a"]
    assert shown(page, "b") == ["perplexity-b", "k-b"]
    choose(page, "clusterer-a", "slices")
    assert page.hash() == "#a=pca-slices-s5&b=tsne-p20-k4"
    assert shown(page, "a") == ["slice_count-a"]
    assert title.inner_text() == "PCA, Slices, slices 5"
    page.slide("slice_count-a", 2)
    settle(page)
    choose(page, "method-a", "tsne")  # with the perplexity that this side had
    assert page.hash() == "#a=tsne-p5-slices-s2&b=tsne-p20-k4"
    choose(page, "space-a", "features")
    assert page.hash() == "#a=features-slices-s2&b=tsne-p20-k4"
    assert page.page.locator("input[name=perplexity-a]").is_disabled()
    assert page.page.locator("input[name=method-a]").first.is_disabled()
    note = page.page.locator(".side[data-side=a] .side-note").inner_text()
    assert "drawn on the map of t-SNE, perplexity 20." in note
    assert alert(page) == ""
    for _ in range(5):
        page.page.go_back()
        settle(page)
    assert page.hash() == "#a=tsne-p5-k4&b=tsne-p20-k4"


def test_any_two_settings_compare(page: Explorer, several: tuple[Path, Path]) -> None:
    study = store.read(several[0])
    infos = study.manifest.settings
    assert len(infos) == (3 + 1 + 1) * 4
    clusters = {}
    for part in {info.part for info in infos}:
        for slug, rows in study.clusters(part).to_pandas().sort_values("sample").groupby("setting"):
            clusters[slug] = rows["cluster"].to_numpy()
    slugs = [info.slug for info in infos]
    for a, b in zip(slugs, [*slugs[7:], *slugs[:7]], strict=True):
        page.open(f"#a={a}&b={b}", "several/compare.html")
        assert page.hash() == f"#a={a}&b={b}"
        assert alert(page) == ""
        found = float(page.page.locator("[data-agreement=ari]").get_attribute("data-value") or "nan")
        assert found == pytest.approx(adjusted_rand_score(clusters[a], clusters[b]), abs=1e-9)


def test_verdicts_stand_where_a_measure_compares_over_what_differs(page: Explorer) -> None:
    def judged(address: str) -> set[str]:
        page.open(address, "several/compare.html")
        rows = page.page.locator("#measures tr[data-measure]:not([hidden])")
        found: list[list[str]] = rows.evaluate_all(
            "all => all.map((row) => [row.dataset.measure, row.querySelector('[data-of=verdict]').textContent])"
        )
        return {name for name, verdict in found if verdict}

    other_map = judged("#a=tsne-p20-k4&b=pca-k4")
    assert {"trustworthiness", "purity"} <= other_map
    assert "silhouette" not in other_map
    other_clusterer = judged("#a=tsne-p20-k4&b=tsne-p20-slices-s5")
    assert "silhouette" in other_clusterer
    assert not {"trustworthiness", "purity"} & other_clusterer  # one map; and another number of clusters


def test_the_film_has_a_row_for_each_method_that_of_the_start_first(page: Explorer) -> None:
    title = page.page.locator("#film-title")
    assert title.inner_text() == "All 4 maps"
    assert page.page.locator("#frames h3").all_inner_texts() == ["t-SNE by perplexity", "PCA"]
    frames = page.page.locator("#frames .frame")
    assert [one.get_attribute("data-map") for one in frames.all()] == ["tsne-p5", "tsne-p10", "tsne-p20", "pca"]
    choose(page, "method-b", "pca")
    choose(page, "clusterer-b", "slices")
    assert page.page.locator("#frames [data-shown]").count() == 2
    page.page.locator("#frames [data-map='tsne-p10']").click()
    settle(page)
    assert page.hash() == "#a=tsne-p5-k4&b=tsne-p10-slices-s5"


def test_the_rows_of_a_side_name_what_it_was_made_by(page: Explorer, tmp_path: Path) -> None:
    page.open("#a=pca-slices-s2&b=tsne-p20-k4", "several/compare.html")
    columns = {}
    for side in "ab":
        page.page.locator(f"[data-save={side}] summary").click()
        with page.page.expect_download() as download:
            page.page.locator(f"[data-save={side}] [data-as=csv]").click()
        download.value.save_as(tmp_path / side)
        with (tmp_path / side).open(encoding="utf-8-sig", newline="") as lines:
            columns[side] = next(csv.DictReader(lines))
    assert columns["a"].items() >= {"method": "pca", "clusterer": "slices", "slice_count": "2", "space": "map"}.items()
    assert columns["b"].items() >= {"method": "tsne", "perplexity": "20", "clusterer": "kmeans", "k": "4"}.items()
    assert "perplexity" not in columns["a"]


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_and_axe_finds_nothing(browser: Browser, several: tuple[Path, Path], width: int) -> None:
    with opened(browser, several[1].as_uri(), viewport={"width": width, "height": 900}) as page:
        page.open("#a=pca-slices-s2&b=features-k4", "several/compare.html")
        assert page.page.evaluate("document.documentElement.scrollWidth") == width
        assert complaints(page) == []
