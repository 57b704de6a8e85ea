"""Pages that need no script, in the browser: figures without JavaScript, axe, no sideways scroll, print, old links."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from precompute.store import Study
from tests.browser.conftest import Explorer, Watch
from tests.browser.helpers import opened

OLD_LINKS = json.loads((Path(__file__).parent / "old_links.json").read_text(encoding="utf-8"))
PAGES = ("digits/settings/tsne-p35-k10.html", "digits/settings/features-k3.html", "digits/settings/index.html")


def metrics(study: Study, slug: str) -> dict[str, float]:
    """The measures of a t-SNE setting, from the tables."""
    perplexity, k = slug.removeprefix("tsne-p").split("-k")
    rows = study.tables["metrics"].to_pandas()
    found = rows[(rows.perplexity == float(perplexity)) & (rows.k == int(k)) & (rows.space == "map")]
    return dict(zip(found.metric, found.value, strict=True))


def test_figures_without_javascript_equal_the_tables(browser: Browser, site: Path, study: Study) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.as_uri()}/digits/settings/tsne-p35-k10.html")
    expected = metrics(study, "tsne-p35-k10")
    for name, value in expected.items():
        place = page.locator(f'[data-metric="{name}"]')
        assert float(place.get_attribute("data-value") or "nan") == value
        assert place.is_visible()
    assert f"Misclassified: {expected['misclassified']:,.0f} of 1,797" in page.locator("main").inner_text()
    assert page.locator(".drawn img").evaluate("one => one.complete && one.naturalWidth") == 640
    context.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_pages_fit_and_axe_finds_nothing(browser: Browser, site: Path, path: str, width: int, scheme: Any) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    watch = Watch(site.as_uri())
    page.on("console", watch.console)
    page.on("request", watch.request)
    page.goto(f"{site.as_uri()}/{path}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page, options={"preload": False})
    assert found.response["violations"] == [], found.generate_report()
    watch.check()
    page.close()


def test_the_explorer_leads_to_the_page_of_the_setting_it_shows(explorer: Explorer) -> None:
    explorer.open("#perplexity=31&k=7")
    link = explorer.page.locator("#setting-page")
    assert str(link.evaluate("one => one.href")).endswith("/digits/settings/tsne-p31-k7.html")
    explorer.slide("k", 9)
    explorer.ready("tsne-p31-k9")
    link.click()
    explorer.page.wait_for_selector('html[data-setting="tsne-p31-k9"] h1')
    explorer.page.locator(".go-explore").click()
    explorer.ready("tsne-p31-k9")


@pytest.mark.parametrize("old", OLD_LINKS, ids=lambda old: old["link"])
def test_links_of_format_1_show_what_they_always_did(local: Explorer, old: dict[str, Any]) -> None:
    local.page.goto(f"{local.root}/{old['link']}")
    local.page.wait_for_selector(f'html[data-setting="{old["setting"]}"]', state="attached", timeout=20_000)
    for selector, text in old.get("shows", {}).items():
        assert text in local.page.locator(selector).first.inner_text()
    for selector, value in old.get("checked", {}).items():
        assert local.page.locator(selector).is_checked() is value


def test_names_and_images_of_a_strip_lead_to_the_samples_card(local: Explorer, study: Study) -> None:
    page = local.page
    address = f"{local.root}/digits/settings/tsne-p35-k10.html"
    page.goto(address)
    strip = page.locator(".strip").first
    names = page.locator(".named").first.locator("a")
    ids = [int(name) for name in names.all_inner_texts()]
    rows = study.clusters("tsne-p35").to_pandas()
    clusters = rows[rows.k == 10].set_index("sample").cluster
    assert len(set(clusters[ids])) <= 3 and len(ids) > 5
    box = strip.bounding_box()
    assert box
    columns = int(strip.get_attribute("data-columns") or 0)
    at = min(len(ids), columns) - 2
    strip.click(position={"x": box["width"] * (at + 0.5) / columns, "y": 5})
    local.ready("tsne-p35-k10")
    assert local.hash() == f"#perplexity=35&k=10&sample={ids[at]}"
    assert page.locator("#why").inner_text().count(str(ids[at])) >= 1
    page.goto(address)
    names.nth(2).focus()
    page.keyboard.press("Enter")
    local.ready("tsne-p35-k10")
    assert local.hash() == f"#perplexity=35&k=10&sample={ids[2]}"
    page.go_back()
    page.wait_for_selector('html[data-setting="tsne-p35-k10"] h1')


def test_without_a_script_a_strip_leads_to_its_pair(browser: Browser, site: Path) -> None:
    with opened(browser, site.as_uri(), java_script_enabled=False) as page:
        page.page.goto(f"{site.as_uri()}/digits/settings/features-k10.html")
        href = page.page.locator(".strip").first.get_attribute("href") or ""
        heading = page.page.locator(".pairs h3 a").first.get_attribute("href")
        assert href == heading
        assert (
            page.page.locator(".named a")
            .first.get_attribute("href", timeout=5000)
            .startswith(  # type: ignore[union-attr]
                "../index.html#perplexity=30&k=10&space=features&sample="
            )
        )
