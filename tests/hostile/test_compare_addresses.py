"""Any address of the comparison ends ready on two settings that there are, and what it could not take it says."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

from playwright.sync_api import Browser

from precompute.store import Study
from tests.browser.helpers import opened
from tests.hostile import corpus
from tests.hostile.test_addresses import ESCAPES, NOISE, NUMBERS, VISIT

SIDES = (
    "tsne-p5-k3", "tsne-p12.5-k10", "features-k4", "tiny:tsne-p30-k10", "tsne-p-k", "tsne-p5", "k4", "p30", "-k3",
    "tsne-p1e3-k4", "tsne-p30-k10-k3", "tsne-p030-k010", ":", "::", ":tsne-p5-k3", "tiny:", "other:tsne-p5-k3",
    "../x:tsne-p5-k3", "__proto__", "__proto__:tsne-p5-k3", "constructor:features-k3", "toString", "p" * 999,
    "features-k" + "9" * 40, "TSNE-P5-K3", "tsne-p5-k3 ", "tsne-p٥-k٣",
)  # fmt: skip


def addresses() -> list[str]:
    """Addresses with sides of all kinds, with values of all kinds for the other keys, and noise."""
    order = random.Random(9)
    made = [f"a={side}" for side in SIDES] + [f"a=tsne-p5-k4&b={side}&b={side}" for side in SIDES]
    values = [*NUMBERS, *ESCAPES, *NOISE, *corpus.strings()[:20]]
    made += [f"{order.choice(('a', 'b', 'sample', 'only', 'color', 'x'))}={value}" for value in values]
    return [*made, "&" * 500, "a=&b=", "a", "a=tsne-p5-k4&a", "#" * 20, "maps", "film"]


def test_any_address_ends_on_two_settings_that_there_are(
    browser: Browser, site: Path, tiny_study: Study, tell: Callable[[str], None]
) -> None:
    slugs = {info.slug for info in tiny_study.manifest.settings}
    with opened(browser, site.as_uri()) as page:
        page.open("", "tiny/compare.html")
        found = page.page.evaluate(VISIT, addresses())
        assert len(found) > 100
        for one in found:
            assert one["state"] == "ready", one
            assert one["elements"] == 0, one
            state = dict(parse_qsl(one["address"][1:], strict_parsing=True))
            assert {state["a"], state["b"]} <= slugs, one
            given = parse_qsl(one["given"][1:], keep_blank_values=True)
            kept = all(state.get(key) == value or f"tiny:{state.get(key)}" == value for key, value in given)
            defaults = {"only": "all", "color": "cluster"}
            assert kept or one["says"] or one["part"] or all(defaults.get(key) == value for key, value in given), one
    said = sum(bool(one["says"]) for one in found)
    tell(f"hostile addresses of the comparison: {len(found)} in one page, {said} of them with a message")
