"""A tiny study of all methods and clusterers: what the pages show is what the tables hold, noise and all."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from precompute import pipeline, store
from precompute.config import Grid
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.store import SettingInfo, Study
from site_templates import publish, words
from site_templates.data import choices
from site_templates.output.serve import server
from site_templates.study import StudySite
from site_templates.views import StudyView
from tests.browser.conftest import Explorer
from tests.browser.firefox import running
from tests.browser.helpers import alert, complaints, opened, settle, until
from tests.browser.install import firefox as installed
from tests.conftest import TINY, compute_local, few_digits, shared

CLUSTERERS = ("kmeans", "ward", "gmm", "hdbscan")
MANY = 40
"""Settings at random whose figures are compared with the tables."""
UNLABELLED = (0, 7, 50)
"""Samples without a label."""


def made(folder: Path, methods: tuple[str, ...]) -> None:
    """Results and site of 120 digits by some methods and all clusterers; a few have no label."""
    data = few_digits(120)
    assert data.labels is not None
    labels = data.labels.copy()
    labels[list(UNLABELLED)] = -1
    grid = Grid.of(perplexity=(5, 10, 30), n_neighbors=(5, 15), k=(3, 10), min_cluster_size=(3, 5, 20))
    study = replace(TINY, id="every", grid=grid, methods=methods, clusterers=CLUSTERERS)
    with pytest.MonkeyPatch.context() as patch:
        compute_local(patch)
        every = planned(replace(data, labels=labels), study)
        assert not pipeline.compute(every, folder / "results", Machine()).failed
    publish.publish(folder / "results", folder / "site", ["every"], "Every one")


@pytest.fixture(
    scope="module",
    params=[("pca", "tsne"), pytest.param(("pca", "tsne", "umap"), marks=pytest.mark.slow)],
    ids=["quick", "whole"],
)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of the study and its site; UMAP alone takes ten seconds to compile."""
    methods: tuple[str, ...] = request.param
    return shared(tmp_path_factory, f"every-{len(methods)}", lambda path: made(path, methods))


@pytest.fixture(scope="module")
def tables(folder: Path) -> Study:
    """The tables of the study."""
    return store.read(folder / "results" / "every")


@pytest.fixture
def page(browser: Browser, folder: Path) -> Iterator[Explorer]:
    """The explorer of the study."""
    with opened(browser, (folder / "site").as_uri()) as found:
        yield found


def visit(page: Explorer, address: str = "") -> None:
    page.open(address, "every/index.html")


def site_of(tables: Study) -> StudySite:
    return StudySite(StudyView(choices.offered(tables.manifest), tables), None)


class Expected:
    """What the tables hold of one setting, worked out from their rows alone."""

    def __init__(self, study: Study, setting: SettingInfo, shown: str) -> None:
        rows = study.clusters(setting.part).to_pandas()
        own = rows[rows["setting"] == setting.slug].sort_values("sample")
        self.clusters = own["cluster"].to_numpy()
        self.labels = study.tables["samples"].to_pandas().sort_values("sample")["label"].to_numpy()
        self.noise = int((self.clusters == -1).sum())
        known = {
            cluster: np.bincount(self.labels[(self.clusters == cluster) & (self.labels >= 0)], minlength=1)
            for cluster in range(self.clusters.max() + 1)
        }
        self.dominant = {cluster: int(counts.argmax()) for cluster, counts in known.items() if counts.any()}
        self.wrong = [
            sample
            for sample, (cluster, label) in enumerate(zip(self.clusters.tolist(), self.labels.tolist(), strict=True))
            if label >= 0 and cluster in self.dominant and self.dominant[cluster] != label
        ]
        metrics = study.tables["metrics"].to_pandas()
        of_map = metrics["setting"].isna() & (metrics["embedding"] == shown)
        both = metrics[(metrics["setting"] == setting.slug) | of_map].dropna(subset=["value"])
        self.figures = dict(zip(both["metric"], both["value"], strict=True))


SHOWN = """() => ({
    figures: Object.fromEntries([...document.querySelectorAll("[data-metric]")].filter(one => one.dataset.value !== "")
        .map(one => [one.dataset.metric, Number(one.dataset.value)])),
    wrong: [...document.querySelectorAll("#cases [data-sample]")].map(one => Number(one.dataset.sample)),
    sizes: [...document.querySelectorAll("#clusters tbody .size .number")].map(one => Number(one.textContent)),
    noise: document.querySelector("#noise").hidden ? "" : document.querySelector("#noise button").textContent,
    of: document.querySelector("[data-of-share=purity]").textContent,
    cards: document.querySelectorAll("#cluster-cards > li").length,
    matrix: [...document.querySelectorAll("#confusion button[data-pair]")].filter(one => !one.hidden)
        .reduce((sum, one) => sum + Number(one.textContent), 0),
    unstated: document.body.innerText.match(/undefined|NaN|unknown/g),
})"""


def test_every_figure_is_the_tables(page: Explorer, tables: Study) -> None:
    """40 settings at random, and all of a clusterer with noise."""
    study = site_of(tables)
    visit(page)
    settings = list(tables.manifest.settings)
    noisy = [one for one in settings if one.clusterer == "hdbscan"]
    some = random.Random(18).sample(settings, min(MANY, len(settings)))
    assert {one.clusterer for one in some} == set(CLUSTERERS)
    for one in {each.slug: each for each in (*noisy, *some)}.values():
        visit(page, choices.address(study.manifest, study.states[one.slug], study.start))
        assert (page.setting, alert(page)) == (one.slug, "")
        state = {**study.start, **study.states[one.slug]}
        drawn = next(
            info.slug
            for info in study.manifest.embeddings
            if info.method == state["method"] and all(state[name] == value for name, value in info.parameters.items())
        )
        expected = Expected(tables, one, one.embedding or drawn)
        shown = page.page.evaluate(SHOWN)
        sizes = np.bincount(expected.clusters[expected.clusters >= 0]).tolist()
        assert shown["figures"] == {**expected.figures, "clusters": len(sizes)}, one.slug
        assert (shown["sizes"], shown["cards"]) == (sizes, len(sizes))
        assert sorted(shown["wrong"]) == expected.wrong
        counted = sum(
            label >= 0 and cluster in expected.dominant
            for cluster, label in zip(expected.clusters.tolist(), expected.labels.tolist(), strict=True)
        )
        assert shown["matrix"] == counted
        noise = expected.noise
        assert shown["noise"] == (f"{noise} sample{' is' if noise == 1 else 's are'} noise" if noise else "")
        assert shown["of"] == (f"of the {words.share(1 - noise / 120)} clustered" if noise else "")
        assert shown["unstated"] is None, one.slug


def test_words_and_addresses_are_the_same_in_both_languages(page: Explorer, tables: Study) -> None:
    study = site_of(tables)
    visit(page)
    given = [
        [
            one.slug,
            choices.address(study.manifest, study.states[one.slug], study.start),
            words.setting(study.manifest, one) if one.embedding else words.clustering(study.manifest, one),
            one.space,
        ]
        for one in study.manifest.settings
    ]
    different = page.page.evaluate(
        """given => {
            const study = clusterfolio.get("study"), { choices, state } = clusterfolio;
            return given.filter(([slug, address, text, space]) => {
                const { state: at, notes } = state.parse(address, study);
                const words = space === "map" ? choices.setting(study, at) : choices.clustering(study, at);
                return words !== text || notes.length || `#${state.format(at, study)}` !== address;
            });
        }""",
        given,
    )
    assert different == []


def test_noise_is_grey_counted_and_highlighted(page: Explorer, tables: Study) -> None:
    expected = next(
        found
        for one in tables.manifest.settings
        if one.clusterer == "hdbscan" and (one.embedding or "").startswith("tsne")
        for found in [Expected(tables, one, one.embedding or "")]
        if found.noise and found.dominant
    )
    slug = next(
        one.slug
        for one in tables.manifest.settings
        if one.clusterer == "hdbscan"
        and (one.embedding or "").startswith("tsne")
        and Expected(tables, one, one.embedding or "").noise == expected.noise
    )
    study = site_of(tables)
    visit(page, choices.address(study.manifest, study.states[slug], study.start))
    chip = page.page.locator("#legend button", has_text="noise")
    assert f"({expected.noise})" in chip.inner_text()
    page.page.locator("#noise button").click()
    settle(page)
    assert page.hash().endswith("&cluster=-1")
    assert chip.get_attribute("aria-pressed") == "true"
    page.page.reload()
    page.ready()
    assert page.page.locator("#noise button").get_attribute("aria-pressed") == "true"
    noise = int(np.flatnonzero(expected.clusters == -1)[0])
    page.page.locator("#go-id").fill(str(noise))
    page.page.locator("#go button").click()
    settle(page)
    assert page.page.locator("#card [data-card=cluster]").inner_text() == "noise"
    assert "not counted" in page.page.locator("#card [data-card=verdict]").inner_text()
    until(page.page, "document.querySelector('[data-why=sentence]').dataset.kind === 'noise'")
    assert page.page.locator("#caution").inner_text().startswith("t-SNE evens out densities")
    page.page.locator("input[name=color][value=right]").check(force=True)
    settle(page)
    assert "not counted" in page.page.locator("#legend").inner_text()
    assert complaints(page) == []


def test_samples_without_a_label_are_grey_and_never_misclassified(page: Explorer) -> None:
    visit(page, f"#perplexity=10&k=3&color=label&sample={UNLABELLED[1]}")
    assert f"unlabelled\n({len(UNLABELLED)})" in page.page.locator("#legend").inner_text()
    assert page.page.locator("#card [data-card=label]").inner_text() == "unlabelled"
    assert "not counted" in page.page.locator("#card [data-card=verdict]").inner_text()
    page.page.locator("#legend button", has_text="unlabelled").click()
    settle(page)
    assert "label=-1" in page.hash()
    page.open(f"#show=all&sample={UNLABELLED[0]}", "every/audit.html")
    assert "unlabelled" in page.page.locator("#card").inner_text()
    assert "undefined" not in page.page.locator("body").inner_text()


def test_measures_that_leave_noise_out_rank_nothing(page: Explorer) -> None:
    visit(page, "#perplexity=10&clusterer=hdbscan&min_cluster_size=5&metric=purity")
    until(page.page, "document.querySelector('[data-grid=reading]').textContent.includes('nothing is outlined')")
    assert "clustered" in page.page.locator("[data-grid=readout]").inner_text()
    for axis in ("all", "up", "across"):
        assert page.page.locator(f"[data-grid=best-{axis}]").is_hidden()
    page.page.locator("input[name=clusterer][value=kmeans]").check(force=True)
    settle(page)
    assert "not comparable" in page.page.locator("[data-change=purity]").inner_text()


SPREAD = """() => {
    const places = new Set();
    (function walk(group) {
        for (const item of group.items || []) {
            if (group.marktype === "symbol") places.add(Math.round(item.x));
            walk(item);
        }
    })(clusterfolio.charts.view(document.querySelector("#pca .canvas")).scenegraph().root);
    return places.size;
}"""
"""How many different places across the dots of the map beside have."""


def test_the_map_beside_is_chosen_and_in_the_address(page: Explorer) -> None:
    visit(page)
    assert "beside" not in page.hash()
    assert page.page.evaluate(SPREAD) > 60, "points are where the PCA map has them"
    box = page.page.locator("select[name=beside]")
    assert box.input_value() == "pca"
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    box.select_option("tsne-p5")
    settle(page)
    assert any("/tsne-p5-" in url for url in asked), "its data are asked for when it is chosen"
    assert page.hash().endswith("&beside=tsne-p5")
    places = """() => {
        const view = clusterfolio.charts.view(document.querySelector("#pca .canvas"));
        return [view.signal("beside"), view.signal("axes"), ...view.scale("x").domain()];
    }"""
    assert page.page.evaluate(places) == ["tsne-p5", 0, -1, 1]
    assert page.page.evaluate(SPREAD) > 60
    page.slide("k", 3)
    settle(page)
    assert page.hash().endswith("&beside=tsne-p5"), "a slider leaves it as it is"
    page.page.go_back()
    page.page.go_back()
    settle(page)
    assert box.input_value() == "pca"
    assert page.page.evaluate(places)[:2] == ["pca", 1]
    visit(page, "#method=pca&k=10&beside=tsne-p30")
    assert page.setting == "pca-k10"
    assert page.page.evaluate(places)[0] == "tsne-p30"
    visit(page, "#beside=nothing")
    assert "“nothing” is no beside" in alert(page)


def test_the_strip_has_the_maps_of_each_method(page: Explorer) -> None:
    page.open("#a=tsne-p10-k10&b=tsne-p30-ward-k3", "every/compare.html")
    assert page.page.locator("#frames h3").first.inner_text() == "t-SNE by perplexity"
    page.page.locator("#frames [data-map=pca]").click()
    settle(page)
    assert page.hash() == "#a=tsne-p10-k10&b=pca-ward-k3", "the clusterer and its k stay"
    page.open("#a=tsne-p10-k10&b=tsne-p10-hdbscan-m5&color=right", "every/compare.html")
    assert "clustered" in page.page.locator("#measures [data-measure=purity] [data-of=b]").inner_text()
    assert page.page.locator("#measures [data-measure=purity] [data-of=verdict]").inner_text() == ""


def addresses(folder: Path) -> dict[str, str]:
    """Addresses that were promised, and the settings that they lead to."""
    given = {"#perplexity=30&clusterer=hdbscan&min_cluster_size=20": "tsne-p30-hdbscan-m20"}
    if (folder / "site/every/settings/umap-n15-k10.html").exists():
        given["#method=umap&n_neighbors=15&k=10"] = "umap-n15-k10"
    return given


@pytest.fixture(params=["file", "http"])
def root(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Address of the site, by double click and from a server."""
    if request.param == "file":
        yield (folder / "site").as_uri()
        return
    with server(folder / "site") as running_server:
        threading.Thread(target=running_server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running_server.server_address[1]}"
        running_server.shutdown()


def test_addresses_open_by_file_and_http(browser: Browser, folder: Path, root: str) -> None:
    with opened(browser, root) as page:
        for address, slug in addresses(folder).items():
            visit(page, address)
            assert (page.setting, page.hash(), alert(page)) == (slug, address, "")


@pytest.mark.slow  # Firefox takes seconds to start; quickly the same is asked of Chromium
def test_addresses_open_in_firefox(tmp_path: Path, folder: Path, root: str) -> None:
    if installed() is None:
        pytest.skip("no Firefox here: neither FIREFOX names one nor is firefox or firefox-esr on the path")
    with running(tmp_path) as fox:
        for address, slug in addresses(folder).items():
            fox.go("about:blank")
            fox.go(f"{root}/every/index.html{address}")
            fox.until("document.documentElement.dataset.state === 'ready'")
            found = fox.run("return [document.documentElement.dataset.setting, location.hash]")
            assert found == [slug, address]
