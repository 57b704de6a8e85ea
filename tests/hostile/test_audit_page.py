"""The audit and the comparison under hostile stored values: ready, and valid marks only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from precompute.store import Study
from tests.browser.helpers import opened
from tests.hostile import corpus

MARK = "fine"
NAMES = ("fine", "ambiguous", "mislabelled")

STORED = """([key, texts]) => texts.map((text) => {
    localStorage.setItem(key, text);
    dispatchEvent(new StorageEvent("storage", { key }));
    const shown = document.getElementById("marked").textContent;
    const cells = Array.from(document.querySelectorAll("#rows .mark"), each => each.textContent);
    return [shown, cells, document.documentElement.dataset.state];
})"""


def valid(text: str) -> int:
    """How many marks a stored text holds that a reader of 200 samples can have made."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return 0
    if not isinstance(found, list):
        return 0
    pairs = [each for each in found if isinstance(each, list) and len(each) == 2]
    good = [one for one, mark in pairs if isinstance(one, int) and 0 <= one < 200 and mark in NAMES]
    return len(set(good))


def test_stored_marks_are_taken_only_as_a_reader_can_have_made_them(
    site: Path, browser: Browser, tiny_study: Study, tell: Callable[[str], None]
) -> None:
    info = tiny_study.manifest.dataset
    key = f"clusterfolio.marks.{info.id}.{info.same_samples[:16]}"
    texts = [
        *corpus.strings(),
        *(json.dumps([[1, text], [text, MARK], text, [2, MARK, text], {text: MARK}]) for text in corpus.strings()),
        *(json.dumps({text: [[1, MARK]]}) for text in corpus.strings()[:10]),
        *(f'[[{number},"{MARK}"]]' for number in ("-1", "200", "0.5", "1e9", "01", "9" * 40, "null", '"3"', "NaN")),
        "[" * 5_000,
        json.dumps([[sample % 250, NAMES[sample % 3]] for sample in range(20_000)]),
        json.dumps([[7, MARK]]),
    ]
    with opened(browser, site.as_uri()) as page:
        page.open("#show=all&sort=sample", "tiny/audit.html")
        found = page.page.evaluate(STORED, [key, texts])
        for text, (shown, cells, state) in zip(texts, found, strict=True):
            assert shown == f"{valid(text)} marked", text[:200]
            assert set(cells) <= {"", *NAMES}, text[:200]
            assert state == "ready", text[:200]
        assert found[-1][0] == "1 marked"
        for text in (corpus.strings()[0], texts[-3], texts[len(corpus.strings())]):
            page.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, text])
            page.page.reload()
            page.ready()
            assert page.page.locator("#marked").inner_text() == f"{valid(text)} marked"
    tell(f"hostile marks: {len(texts)} stored texts, of which {sum(map(bool, map(valid, texts)))} hold marks")


def test_stored_themes_leave_the_comparison_and_the_audit_whole(
    site: Path, browser: Browser, tell: Callable[[str], None]
) -> None:
    values = [*corpus.strings()[::40], "DARK", '{"theme":"dark"}', "dark"]
    with opened(browser, site.as_uri()) as page:
        for path in ("tiny/compare.html", "tiny/audit.html"):
            page.open(path=path)
            for value in values:
                page.page.evaluate("text => localStorage.setItem('clusterfolio.theme', text)", value)
                page.page.reload()
                page.ready()
                wanted = value if value in ("dark", "light") else None
                assert page.page.locator("html").get_attribute("data-theme") == wanted
                assert page.page.locator("[role=alert]").text_content() == ""
            page.page.evaluate("localStorage.clear()")
    tell(f"hostile themes: {len(values)} stored values on each of 2 pages")
