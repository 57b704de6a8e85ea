"""Pages that need no script, in the browser: figures without JavaScript, axe, no sideways scroll, print, old links."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from precompute.store import Study
from site_templates.views import StudyView
from tests.browser.conftest import Explorer, Watch
from tests.browser.helpers import AXE, opened
from tests.test_raster import read

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


@pytest.mark.parametrize(
    ("path", "width", "scheme"),
    [
        (PAGES[0], 1440, "light"),
        (PAGES[1], 390, "dark"),  # made of the same template as the first
        (PAGES[2], 390, "dark"),
        pytest.param(PAGES[0], 390, "dark", marks=pytest.mark.slow),
        pytest.param(PAGES[1], 1440, "light", marks=pytest.mark.slow),
        pytest.param(PAGES[2], 1440, "light", marks=pytest.mark.slow),
    ],
)
def test_pages_fit_and_axe_finds_nothing(browser: Browser, site: Path, path: str, width: int, scheme: Any) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    watch = Watch(site.as_uri())
    page.on("console", watch.console)
    page.on("request", watch.request)
    page.goto(f"{site.as_uri()}/{path}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page, options=AXE)
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
@pytest.mark.stays
def test_links_of_format_1_show_what_they_always_did(local: Explorer, old: dict[str, Any]) -> None:
    path, hash, fragment = old["link"].partition("#")
    if hash:
        local.open(f"#{fragment}", path)
    else:
        local.page.goto(f"{local.root}/{path}")
    done = f'html[data-setting="{old["setting"]}"]:not([data-state="loading"])'
    local.page.wait_for_selector(done, state="attached", timeout=20_000)
    for selector, text in old.get("shows", {}).items():
        assert text in local.page.locator(selector).first.inner_text()
    for selector, value in old.get("checked", {}).items():
        assert local.page.locator(selector).is_checked() is value


def test_an_image_and_its_name_lead_to_the_samples_card(local: Explorer, study: Study) -> None:
    page = local.page
    address = f"{local.root}/digits/settings/tsne-p35-k10.html"
    page.goto(address)
    misclassified = page.locator('[data-metric="misclassified"]').inner_text()
    assert page.locator(".pairs p a").count() == int(misclassified), "so few are all on the page"
    assert page.locator(".pairs b").count() == 0, "all are links"
    links = page.locator(".pairs p").first.locator("a")
    ids = [int(name) for name in links.all_inner_texts()]
    rows = study.clusters("tsne-p35").to_pandas()
    clusters = rows[rows.k == 10].set_index("sample").cluster
    assert len(set(clusters[ids])) <= 3 and len(ids) > 5
    links.nth(4).click(position={"x": 15, "y": 15})  # on the image
    local.ready("tsne-p35-k10")
    assert local.hash() == f"#perplexity=35&k=10&sample={ids[4]}"
    assert page.locator("#why").inner_text().count(str(ids[4])) >= 1
    page.goto(address)
    links.nth(2).focus()
    page.keyboard.press("Enter")
    local.ready("tsne-p35-k10")
    assert local.hash() == f"#perplexity=35&k=10&sample={ids[2]}"
    page.go_back()
    page.wait_for_selector('html[data-setting="tsne-p35-k10"] h1')


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_a_script_each_name_stands_under_its_image(
    browser: Browser, site: Path, study: Study, scheme: Any
) -> None:
    pixels = StudyView(study.manifest, study).pixels
    assert pixels is not None
    with opened(browser, site.as_uri(), java_script_enabled=False, color_scheme=scheme) as page:
        page.page.goto(f"{site.as_uri()}/digits/settings/features-k10.html")
        page.page.wait_for_load_state("load")
        at = "../index.html#perplexity=30&k=10&space=features"
        assert str(page.page.locator(".pairs h3 a").first.get_attribute("href")).startswith(f"{at}&pair=")
        assert page.page.locator(".pairs p").count() == page.page.locator(".pairs p > a:first-child").count()
        for one in page.page.locator(".pairs p > *").all()[:12]:
            name = one.inner_text()
            assert one.get_attribute("href") in (None, f"{at}&sample={name}")
            one.scroll_into_view_if_needed()
            box = one.bounding_box()
            assert box
            left = round(box["x"] + (box["width"] - 28) / 2)
            taken = page.page.screenshot(clip={"x": left, "y": round(box["y"]) + 2, "width": 28, "height": 28})
            middles = np.floor((np.arange(8) + 0.5) * 3.5).astype(int)
            found = read(taken)[:, :, 0][np.ix_(middles, middles)].astype(int)
            expected = 255 - pixels[int(name), :, :, 0].astype(int)
            assert abs(found - expected).max() <= 1, "dark strokes on white paper in both themes"


def test_paper_shows_the_images_too(browser: Browser, site: Path) -> None:
    with opened(browser, site.as_uri()) as page:
        page.page.goto(f"{site.as_uri()}/digits/settings/tsne-p35-k10.html")
        page.page.emulate_media(media="print")
        style = page.page.locator(".pairs p a").first.evaluate(
            "one => (({printColorAdjust, backgroundImage}) => [printColorAdjust, backgroundImage])"
            "(getComputedStyle(one, '::before'))"
        )
        assert style[0] == "exact" and "misclassified-" in style[1]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1440, 390])
def test_every_link_can_be_hit(browser: Browser, site: Path, path: str, width: int) -> None:
    """24 CSS pixels a side, as WCAG 2.2 asks for."""
    with opened(browser, site.as_uri(), viewport={"width": width, "height": 900}) as page:
        page.page.goto(f"{site.as_uri()}/{path}")
        small = page.page.evaluate(
            """() => [...document.querySelectorAll("a, button, summary, input")]
              .map((one) => [one.outerHTML, one.getBoundingClientRect()])
              .filter(([, box]) => box.width && (box.width < 24 || box.height < 24)).map(([text]) => text)"""
        )
        assert small == []


def test_a_setting_of_the_digits_is_small(site: Path, study: Study, tell: Callable[[str], None]) -> None:
    """At most 14 kB of page on a map, and 28 kB with the map and its share of the sheet, which the settings have in
    common; only clusters of the features confuse so many pairs that a page which shows each is larger.
    """
    folder = site / "digits" / "settings"
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    slugs = [info.slug for info in study.manifest.settings]
    on_maps = [slug for slug in slugs if not slug.startswith("features")]
    assert max(sizes[f"{slug}.html"] for slug in on_maps) <= 14_000
    assert max(sizes[f"{slug}.png"] for slug in on_maps) <= 10_000
    assert max(sizes[f"{slug}.html"] for slug in slugs) <= 17_500
    shared = sum(size for name, size in sizes.items() if name.startswith("misclassified-"))
    assert shared <= 50_000
    # the default grid has 46 maps
    share = sum(sizes[f"{slug}{end}"] for slug in on_maps for end in (".html", ".png")) / len(on_maps)
    assert share + shared / len(slugs) <= 24_000
    tell(f"a setting of the digits on a map: {share + shared / len(slugs):,.0f} bytes, {shared:,} in common")
