"""Texts of other people stay text: every page is the page of a harmless study with the texts put in, and nothing else.

A study with placeholders for its texts is opened first. The page of a hostile study must then have the same elements
and attributes, one by one, and every text and attribute must be the harmless one's with the hostile strings in place
of the placeholders: no place can be forgotten, because none is listed. So it is with each file that a page saves
(saves.py), and with the single file. Watched as every page here: a dialog, an error, a violation of the policy or a
request to the outside fails the test too.

What is allowed to change: controls, bidirectional overrides and the like show as U+FFFD (site_templates/texts.py), for
HTML forbids or drops some of them and others would turn round what stands beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from precompute.store import Study
from site_templates.copies import offline
from tests.browser.conftest import Explorer
from tests.browser.helpers import opened, settle
from tests.browser.tables import Tables
from tests.hostile import corpus
from tests.hostile.saves import KEPT, Saved, check, open_drawings, take
from tests.hostile.texts import DRAWN, Texts, compare, drawn, harmless, hostile, snapshot, unhashed, visible

FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
POINT = """([across, down]) => {
    const canvas = document.querySelector("#map .canvas canvas"), box = canvas.getBoundingClientRect();
    const at = { clientX: box.left + across * box.width, clientY: box.top + down * box.height, bubbles: true };
    canvas.dispatchEvent(new PointerEvent("pointermove", at));
}"""
ELSEWHERE = (
    "tiny/compare.html#a=tsne-p30-k10&b=features-k3&sample={sample}&color=label",
    "tiny/audit.html#show=all&sort=sample&sample={sample}",
    "tiny/settings/tsne-p30-k10.html",
    "tiny/settings/index.html",
    "tiny/download/index.html",
    "404.html",
)
"""The other kinds of page, at addresses that show a text wherever there may be one."""


@dataclass(frozen=True)
class Seen:
    """A site as the browser has it: names of its files, each page in each state, and what was drawn on the maps."""

    files: list[str]
    pages: dict[str, list[Any]]
    drawn: set[str]
    globals: int
    saved: Saved


def wrong_one(study: Study) -> tuple[int, str]:
    """A misclassified sample, and the address that shows it with all others that are mistaken so."""
    tables = Tables(study, 30.0, 10)
    sample = int(tables.wrong[0])
    pair = f"{tables.labels[sample]}-{tables.dominant[tables.clusters[sample]]}"
    return sample, f"#perplexity=30&k=10&sample={sample}&pair={pair}"


def look(browser: Browser, site: Path, study: Study, folder: Path, every: bool, wanted: set[str] | None = None) -> Seen:
    """Open all pages, and everything on the explorer that shows a text of the study, and save what they offer.

    Args:
        folder: for drawings. every: whether to save all that pages offer, or of each the first of every kind of file.
        wanted: names of the files to save; None: all.
    """
    sample, pinned = wrong_one(study)
    pages: dict[str, Any] = {}
    saved = Saved({}, {}, {})
    with opened(browser, site.as_uri()) as page:
        for script in (DRAWN, KEPT):
            page.page.add_init_script(script)
        page.page.goto(f"{site.as_uri()}/index.html")
        pages["gallery"] = snapshot(page)
        page.open(pinned, "tiny/index.html")
        pages["pinned"] = snapshot(page)
        go(page, "#perplexity=12.5&k=10&space=features&color=label")
        pages["labels"] = snapshot(page)
        go(page, "#perplexity=30&k=3&color=right")
        at = Tables(study, 30.0, 3).places()[sample]
        page.page.evaluate(POINT, [float(at[0]), float(at[1])])
        page.page.wait_for_selector(".tip:not([hidden])")
        page.page.evaluate(FRAMES)
        pages["pointed at"] = snapshot(page)
        select_all(page)
        pages["selected"] = snapshot(page)
        drawn = set(page.page.evaluate("[...window.drawn]"))
        go(page, pinned)
        take(page, "explorer", saved, wanted, every)
        for path in ELSEWHERE:
            page.page.goto(f"{site.as_uri()}/{path.format(sample=sample)}")
            page.page.wait_for_selector("html:not([data-state=loading])", state="attached")
            assert page.page.locator("html").get_attribute("data-state") in (None, "ready")
            pages[path] = snapshot(page)
            take(page, path.split("#")[0], saved, wanted, every)
        count = int(page.page.evaluate("Object.getOwnPropertyNames(Object.prototype).length"))
    files = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    open_drawings(browser, folder, saved)
    return Seen([unhashed(name) for name in files], pages, drawn, count, saved)


def go(page: Explorer, fragment: str) -> None:
    page.page.evaluate("fragment => { location.hash = fragment }", fragment)
    settle(page)


def select_all(page: Explorer) -> None:
    """Drag a box over the whole map."""
    canvas = page.page.locator("#map .canvas canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for share, steps in ((0.01, 1), (0.5, 3), (0.99, 3)):
        page.page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"], steps=steps)
        if share == 0.01:
            page.page.mouse.down()
    page.page.mouse.up()
    page.page.wait_for_selector("#strip button:nth-child(200)", state="attached")
    page.page.mouse.move(0, 0)
    page.page.evaluate(FRAMES)


@pytest.mark.parametrize("every", [pytest.param(True, marks=pytest.mark.slow), False])
def test_texts_stay_texts_wherever_they_show_and_in_what_is_saved(
    build: Callable[[Texts], Path],
    browser: Browser,
    crowd: Study,
    tmp_path: Path,
    tell: Callable[[str], None],
    every: bool,
) -> None:
    """All pages; of what they save all, or quickly one file of each kind."""
    strings, n = corpus.strings(), crowd.manifest.dataset.n
    assert 60 <= len(strings) <= n
    plain = look(browser, build(harmless(n)), crowd, tmp_path, every)
    texts = hostile(strings, n)
    seen = look(browser, build(texts), crowd, tmp_path, every, plain.saved.with_texts())
    assert seen.files == plain.files
    assert seen.globals == plain.globals
    places = sum(
        compare(plain.pages[name], page, texts, squeezed="/settings/" in name) for name, page in seen.pages.items()
    )
    assert visible(seen.drawn) == visible({drawn(text, texts) for text in plain.drawn})
    saved, files = check(plain.saved, seen.saved, texts), len(seen.saved.files)
    assert places > 2000
    assert saved > (2000 if every else 500)
    assert files > (30 if every else 6)
    tell(f"hostile texts: {len(strings)} strings × 7 texts, compared in {places:,} places")
    tell(f"hostile texts exported: in {files} saved files, compared in {saved:,} places")


def test_texts_stay_texts_in_a_single_file(
    build: Callable[[Texts], Path],
    browser: Browser,
    crowd: Study,
    tmp_path: Path,
    tell: Callable[[str], None],
) -> None:
    strings, n = corpus.strings(), crowd.manifest.dataset.n
    plain = single(browser, build(harmless(n)), crowd, tmp_path)
    texts = hostile(strings, n)
    found = single(browser, build(texts), crowd, tmp_path)
    places = sum(compare(wanted, page, texts) for wanted, page in zip(plain, found, strict=True))
    assert places > 2000
    tell(f"hostile texts in single files: {len(strings)} strings × 7 texts, compared in {places:,} places")


def single(browser: Browser, site: Path, study: Study, folder: Path) -> list[Any]:
    """Make a site's single file and open it: as it opens by double click, and at a sample."""
    path = folder / "tiny.html"
    offline.write(site, offline.Copies(None, {"tiny": path}))
    with opened(browser, path.as_uri()) as page:
        page.page.goto(path.as_uri())
        page.ready()
        first = snapshot(page)
        go(page, wrong_one(study)[1])
        return [first, snapshot(page)]
