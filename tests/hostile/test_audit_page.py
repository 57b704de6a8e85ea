"""The audit and the comparison under hostile addresses and stored values: ready, valid marks only, corrections said."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from playwright.sync_api import Browser

from precompute.store import Study
from tests.browser.helpers import opened
from tests.hostile import corpus
from tests.hostile.test_addresses import ESCAPES, NOISE, NUMBERS, VISIT

GOOD = {
    "show": ("all", "suspect", "ambiguous", "core", "outlier", "duplicate", "marked"),
    "sort": ("suspicion", "entropy", "distance", "stability", "sample"),
    "label": ("0", "9"),
    "find": ("1", "19", "x"),
    "sample": ("0", "199"),
}
MARK = "fine"
NAMES = ("fine", "ambiguous", "mislabelled")

STORED = """([key, texts]) => texts.map((text) => {
    localStorage.setItem(key, text);
    dispatchEvent(new StorageEvent("storage", { key }));
    const shown = document.getElementById("marked").textContent;
    const cells = Array.from(document.querySelectorAll("#rows .mark"), each => each.textContent);
    return [shown, cells, document.documentElement.dataset.state];
})"""


def addresses() -> list[str]:
    """Good addresses, each with a value of another kind for one key, and noise."""
    order = random.Random(11)
    values = [*NUMBERS, *ESCAPES, *NOISE, *(quote(text) for text in corpus.strings())]
    made = [f"{order.choice(tuple(GOOD))}={value}" for value in values]
    for value in values:
        pairs = {key: order.choice(GOOD[key]) for key in order.sample(tuple(GOOD), 3)}
        pairs[order.choice([*GOOD, "x", "__proto__", "toString"])] = value
        made.append("&".join(f"{key}={each}" for key, each in pairs.items()))
    return [*made, "&" * 500, "show", "show=all&show=core", "sample=&label=&find=&sort=", "#" * 20, "samples", "pairs"]


def check(found: dict[str, Any]) -> None:
    """Hold what the page did with an address to what it was given: kept, or said."""
    assert found["state"] == "ready", found
    assert found["elements"] == 0, found
    pairs = parse_qsl(found["address"].removeprefix("#"), keep_blank_values=True, strict_parsing=True)
    state = dict(pairs)
    assert len(state) == len(pairs), found
    assert set(state) <= set(GOOD), found
    for key in ("show", "sort"):
        assert state.get(key, GOOD[key][0]) in GOOD[key], found
    for key, most in (("label", 10), ("sample", 200)):
        assert key not in state or (state[key].isdecimal() and int(state[key]) < most), found
    if found["given"] == found["before"] or found["part"]:
        return
    given = parse_qsl(found["given"].lstrip("#"), keep_blank_values=True)
    lost = [key for key, value in given if key not in GOOD or (key in state and state[key] != value.strip())]
    assert not lost or found["says"] or all(key in ("find", "label", "sample") for key in lost), found
    assert all(key in GOOD for key, _ in given) or found["says"], found


def test_any_address_of_the_audit_ends_ready_on_what_there_is(
    site: Path, browser: Browser, tell: Callable[[str], None]
) -> None:
    tried = addresses()
    with opened(browser, site.as_uri(), reduced_motion="reduce") as page:
        page.open(path="tiny/audit.html")
        found = page.page.evaluate(VISIT, tried)
        for each in found:
            check(each)
        page.page.goto("about:blank")
        page.open(f"#{tried[0]}&show=core&sample=199", "tiny/audit.html")
        assert page.page.locator("html").get_attribute("data-sample") == "199"
    said = sum(bool(each["says"]) for each in found)
    assert len(tried) / 4 < said < len(tried)
    tell(f"hostile addresses of the audit: {len(tried)} in one page, {said} of them corrected with a message")


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
    key = f"clusterfolio.marks.{info.id}.{info.sha256[:16]}"
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
    with opened(browser, site.as_uri(), reduced_motion="reduce") as page:
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
