"""Any address of the audit ends ready on a queue that there is, and what it could not take it says."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, quote

import pytest
from playwright.sync_api import Browser

from tests.browser.helpers import opened
from tests.hostile import corpus
from tests.hostile.test_addresses import ESCAPES, EXTRA_KEYS, NOISE, NUMBERS, VISIT, canonical

ORDERS = {
    "all": "suspicion", "suspect": "suspicion", "ambiguous": "entropy", "core": "suspicion", "outlier": "distance",
    "duplicate": "twin", "marked": "suspicion",
}  # fmt: skip
SORTS = ("suspicion", "entropy", "stability", "distance", "twin", "sample")
KEYS = ("show", "sort", "label", "find", "sample")
EDGES = re.compile(r"^[\s\ufeff]+|[\s\ufeff]+$")
"""White space at the ends, as JavaScript has it: the mark of a byte order, too."""
GOOD = {
    "show": ("all", "suspect", "ambiguous", "core", "outlier", "duplicate", "marked"),
    "sort": ("suspicion", "entropy", "distance", "stability", "sample"),
    "label": ("0", "9"),
    "find": ("1", "19", "x"),
    "sample": ("0", "199"),
}
WORDS = ("__proto__", "constructor", "toString", "hasOwnProperty", "Suspect", " suspect", "suspect ", "")


def addresses() -> list[str]:
    """Each key with values of all kinds, good ones in any company, and noise."""
    order = random.Random(4)
    values = [*WORDS, *NUMBERS, *ESCAPES, *NOISE, *(quote(text) for text in corpus.strings()[:30])]
    made = [f"{key}={value}" for value in values for key in order.sample(KEYS, 2)]
    made += [f"show={queue}&sort={sort}&label={order.randrange(12)}" for queue in ORDERS for sort in SORTS]
    made += [f"show=all&find={value}&find={value}&sample=7&{order.choice(EXTRA_KEYS)}=1" for value in values[:40]]
    made += [
        "find=" + "x" * 101,
        "find=" + quote("🙂" * 200),
        "find=" + "+" * 300 + "1",
        "find=a%20%20b",
        "find=%ED%A0%80",
    ]
    made += [f"{order.choice(KEYS)}={quote(text)}" for text in corpus.strings()]
    for value in [*NUMBERS, *ESCAPES, *NOISE, *map(quote, corpus.strings())]:
        pairs = {key: order.choice(GOOD[key]) for key in order.sample(tuple(GOOD), 3)}
        pairs[order.choice([*GOOD, "x", "__proto__", "toString"])] = value
        made.append("&".join(f"{key}={each}" for key, each in pairs.items()))
    made += ["show=all&show=core", "sample=&label=&find=&sort="]
    return [*made, *corpus.strings()[:40], "&" * 500, "show=&sort=", "show", "samples", "top", "pairs", "#" * 20]


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 8])
def test_any_address_ends_on_a_queue_that_there_is(
    browser: Browser, site: Path, tell: Callable[[str], None], every: int
) -> None:
    with opened(browser, site.as_uri()) as page:
        page.open("", "tiny/audit.html")
        found = page.page.evaluate(VISIT, addresses()[::every])
        for one in found:
            assert one["state"] == "ready", one
            assert one["elements"] == 0, one
            pairs = parse_qsl(one["address"][1:], keep_blank_values=True, strict_parsing=True)
            state = dict(pairs)
            assert len(state) == len(pairs), one
            assert set(state) <= set(KEYS), one
            assert state["show"] in ORDERS, one
            state = {"sort": ORDERS[state["show"]], **state}
            assert state["sort"] in SORTS, one
            assert 0 <= int(state.get("label", 0)) < 10, one
            assert 0 <= int(state.get("sample", 0)) < 200, one
            assert len(state.get("find", "")) <= 100, one
            given = parse_qsl(one["given"][1:], keep_blank_values=True)
            kept = all(canonical(state.get(key, "")) == canonical(EDGES.sub("", value)) for key, value in given)
            assert kept or one["says"] or one["part"] or one["given"] == one["before"], one
            known = all(key in KEYS for key, _ in given)
            assert known or one["says"] or one["part"] or one["given"] == one["before"], one
        said = sum(bool(one["says"]) for one in found)
        assert len(found) / 4 < said < len(found)
        # the address that the page ends with gives the same page again, and nothing to say
        ends = list(dict.fromkeys(one["address"] for one in found))
        again = page.page.evaluate(VISIT, ends)
        assert [one["address"] for one in again] == ends
        assert [one["says"] for one in again if one["given"] != one["before"]] == [""] * (len(ends) - 1)
        page.page.goto("about:blank")
        page.open(f"#{addresses()[0]}&show=core&sample=199", "tiny/audit.html")
        assert page.page.locator("html").get_attribute("data-sample") == "199"
    tell(f"addresses of the audit: {len(found)} tried, and the {len(ends)} that they ended with once more")
