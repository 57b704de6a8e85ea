"""The pages on every screen, in both themes, without script, and for people who do not use a mouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from precompute.store import Study
from tests.browser.helpers import LOOKED_AT, WINDOWS, complaints, opened, picture
from tests.browser.tables import Tables


@pytest.fixture(scope="module")
def here(site: Path) -> str:
    """Address of the site on disk: looks do not depend on how a page came."""
    return site.as_uri()


@pytest.mark.parametrize(
    ("address", "width", "scheme"),
    [
        ("index.html#perplexity=30&k=10&sample=3", 390, "dark"),
        ("compare.html#a=tsne-p5-k4&b=features-k10&sample=37", 1440, "light"),
        ("audit.html#show=all&sample=3", 390, "dark"),
    ],
)
def test_axe_finds_nothing_on_the_pages_of_a_tiny_study(
    browser: Browser, tiny_site: Path, address: str, width: int, scheme: Any
) -> None:
    """Quickly each in one window; the slow tests look at each in both layouts and themes, with more on it."""
    root = tiny_site.as_uri()
    with opened(browser, root, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.open(path=f"tiny/{address}")
        assert complaints(page) == []


@pytest.mark.parametrize(("width", "scheme", "looked"), WINDOWS)
def test_the_explorer_fits_and_axe_finds_nothing(
    browser: Browser, here: str, width: int, scheme: Any, looked: bool
) -> None:
    with opened(browser, here, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.open("#perplexity=30&k=10&pair=8-1&sample=3")
        picture(page, f"explorer-{width}-{scheme}")
        assert page.page.evaluate("document.documentElement.scrollWidth") == width
        assert not looked or complaints(page) == []


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        *LOOKED_AT,
        *(pytest.param(*pair, marks=pytest.mark.slow) for pair in ((390, "light"), (1440, "dark"))),
    ],
)
def test_the_gallery_fits_and_axe_finds_nothing(browser: Browser, here: str, width: int, scheme: Any) -> None:
    with opened(browser, here, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.page.goto(f"{here}/index.html")
        picture(page, f"gallery-{width}-{scheme}")
        assert page.page.evaluate("document.documentElement.scrollWidth") == width
        assert (width, scheme) not in LOOKED_AT or complaints(page) == []


def test_the_page_for_missing_pages_stands_alone(browser: Browser, here: str) -> None:
    with opened(browser, here) as page:
        page.page.goto(f"{here}/404.html")
        assert page.page.locator("h1").inner_text() == "There is no such page"
        assert complaints(page) == []


def test_targets_are_large_enough_for_fingers(browser: Browser, here: str) -> None:
    with opened(browser, here, viewport={"width": 390, "height": 844}) as page:
        page.open()
        small = page.page.evaluate(
            """() => [...document.querySelectorAll("button, input, select, summary, .see a")]
                .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 40)
                .map((each) => each.outerHTML.slice(0, 120))"""
        )
        assert small == []


def test_without_script_the_start_setting_is_readable(browser: Browser, here: str, study: Study) -> None:
    with opened(browser, here, java_script_enabled=False) as page:
        page.page.goto(f"{here}/digits/index.html")
        text = page.page.locator("noscript").inner_text()
        tables = Tables(study, 30.0, 10)
        assert f"{tables.metrics['silhouette']:.3f}" in text
        assert str(len(tables.wrong)) in text
        assert page.page.locator("#maps").is_hidden()


def test_points_glide_only_where_the_reader_does_not_mind_motion(browser: Browser, here: str) -> None:
    frames = """async () => {
        const seen = new Set();
        const slider = document.querySelector("input[name=perplexity]");
        slider.value = "5";
        for (const type of ["input", "change"]) slider.dispatchEvent(new Event(type, { bubbles: true }));
        while (document.documentElement.dataset.state !== "ready") {
            await new Promise(requestAnimationFrame);
            seen.add(document.querySelector("#map canvas").toDataURL());
        }
        return seen.size;
    }"""
    counts = {}
    for motion in ("no-preference", "reduce"):
        with opened(browser, here, reduced_motion=motion) as page:
            page.open("#perplexity=30&k=10")
            page.slide("perplexity", 5)  # its data are at hand from here on
            page.ready("tsne-p5-k10")
            page.slide("perplexity", 30)
            page.ready("tsne-p30-k10")
            counts[motion] = page.page.evaluate(frames)
    assert counts["reduce"] <= 2  # the old picture, if a frame came first, and the new one
    assert counts["no-preference"] > 2
