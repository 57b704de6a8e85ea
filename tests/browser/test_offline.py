"""The copies to take along, opened by double click: in Chromium, and in Firefox if there is one."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser

from precompute.store import Study
from site_templates.copies import offline
from tests.browser.firefox import Marionette, running
from tests.browser.helpers import opened
from tests.browser.install import firefox
from tests.browser.tables import Tables
from tests.browser.test_export import saved

FIGURES = (
    "Object.fromEntries([...document.querySelectorAll('[data-metric]')].map(x => [x.dataset.metric, +x.dataset.value]))"
)
READY = "document.documentElement.dataset.state === 'ready' && document.documentElement.dataset.setting === '{}'"


@pytest.fixture(scope="module")
def copies(site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of the explorer in an unpacked zip and in one file, each in a folder with nothing else."""
    folder = tmp_path_factory.mktemp("copies")
    made = offline.targets(site, folder / "zip" / "site.zip", folder / "single" / "mine.html", ["digits"])
    offline.write(site, made)
    with zipfile.ZipFile(folder / "zip" / "site.zip") as packed:
        packed.extractall(folder / "with space")
    page = folder / "with space" / "clusterfolio" / "digits" / "index.html"
    return {"zip": page.as_uri(), "single": made.single["digits"].as_uri()}


@pytest.mark.parametrize("copy", ["zip", "single"])
def test_a_copy_works_in_chromium(browser: Browser, copies: dict[str, str], study: Study, copy: str) -> None:
    folder, page = copies[copy].rsplit("/", 1)
    root = folder.removesuffix("/digits") if copy == "zip" else copies[copy]
    with opened(browser, root) as explorer:  # which fails on any other request, console error or policy violation
        explorer.page.goto(f"{copies[copy]}#perplexity=35&k=9")
        explorer.ready("tsne-p35-k9")
        explorer.slide("perplexity", 50)
        explorer.ready("tsne-p50-k9")
        explorer.page.locator("input[name=space][value=features]").check()
        explorer.ready("features-k9")
        figures = explorer.figures()
        tables = Tables(study, 50.0, 9, "features")
        assert figures["silhouette"] == tables.metrics["silhouette"]
        assert figures["misclassified"] == len(tables.wrong)
        assert explorer.page.locator("#misclassified .tile").first.is_visible()
        name, data = saved(explorer, "map", "csv")
        assert name == "digits-features-k9-map.csv"
        assert data.count(b"\n") == 1798
        assert saved(explorer, "confusion", "json")[1].startswith(b'{"')
    assert page in copies[copy]


def test_the_single_file_has_no_dead_links(browser: Browser, copies: dict[str, str]) -> None:
    with opened(browser, copies["single"]) as explorer:
        explorer.page.goto(copies["single"])
        explorer.ready()
        links = explorer.page.eval_on_selector_all(
            "a[href]", "all => all.filter(a => a.checkVisibility()).map(a => a.getAttribute('href'))"
        )
        assert links
        assert all(link.startswith("#") for link in links), links
        for link in links:
            if "=" not in link:
                assert explorer.page.locator(link).count() == 1
        explorer.page.goto(copies["single"] + "?embed")
        explorer.ready()
        explorer.page.locator("[data-open]").focus()
        assert explorer.page.locator("[data-open]").get_attribute("href") == f"{copies['single']}#perplexity=30&k=10"


@pytest.fixture(scope="module")
def fox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Marionette, Path]]:
    """Firefox, and the folder of what it saves."""
    if firefox() is None:
        pytest.skip("no Firefox here: neither FIREFOX names one nor is firefox or firefox-esr on the path")
    folder = tmp_path_factory.mktemp("firefox")
    with running(folder) as session:
        yield session, folder / "downloads"


@pytest.mark.parametrize("copy", ["zip", "single"])
def test_a_copy_works_in_firefox(fox: tuple[Marionette, Path], copies: dict[str, str], study: Study, copy: str) -> None:
    session, downloads = fox
    session.go(f"{copies[copy]}#perplexity=35&k=9")
    session.until(READY.format("tsne-p35-k9"))
    session.run(
        """const slider = document.querySelector("input[name=k]"); slider.value = "8";
        for (const type of ["input", "change"]) slider.dispatchEvent(new Event(type, { bubbles: true }));"""
    )
    session.until(READY.format("tsne-p35-k8"))
    figures = session.run(f"return {FIGURES}")
    tables = Tables(study, 35.0, 8)
    assert figures["silhouette"] == tables.metrics["silhouette"]
    assert figures["misclassified"] == len(tables.wrong)
    for view, kind in (("map", "csv"), ("map", "png"), ("pca", "svg"), ("confusion", "png"), ("clusters", "json")):
        session.run(f"document.querySelector('[data-save={view}] [data-as={kind}]').click()")
        name = f"digits-tsne-p35-k8-{view}.{'vl.json' if kind == 'json' else kind}"
        path = downloads / name
        end = time.monotonic() + 30
        while not (path.is_file() and path.stat().st_size and not list(downloads.glob("*.part"))):
            said = session.run("return document.querySelector('[role=alert]').textContent")
            assert time.monotonic() < end, f"{name} was not saved: {said}"
            time.sleep(0.1)
        data = path.read_bytes()
        path.unlink()
        start = {"csv": b'\xef\xbb\xbf"perplexity"', "png": b"\x89PNG", "svg": b"<svg", "json": b"{"}[kind]
        assert data.startswith(start)
        if kind == "csv":
            (downloads / "rows.csv").write_bytes(data)
            assert pd.read_csv(downloads / "rows.csv")["cluster"].tolist() == tables.clusters.tolist()
