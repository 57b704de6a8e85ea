"""Any address ends ready on a valid setting and says what it could not take; any stored value leaves the page whole.

What an address should give is judged here by a rule of its own, not the page's: every key and value of the fragment is
either found again in the address that the page ends with, or the page has said something in its alert.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from playwright.sync_api import Browser, Page

from precompute import store
from precompute.store import Manifest, Study
from tests.browser.helpers import opened
from tests.hostile import corpus

SEED = 6
ADDRESSES = 1_000
QUERIES = 20
KEYS = ("perplexity", "k", "space", "color", "method", "metric", "sample", "cluster", "label", "pair")
DEFAULTS = {"perplexity": "30", "k": "10", "space": "map", "color": "cluster", "method": "tsne", "metric": "silhouette"}
GOOD: Mapping[str, Sequence[str]] = {
    "perplexity": ("5", "12.5", "30"),
    "k": ("3", "4", "10"),
    "space": ("map", "features"),
    "color": ("cluster", "label", "right"),
    "method": ("tsne",),
    "metric": ("silhouette", "ami"),
    "sample": ("0", "7", "199"),
    "cluster": ("0", "2"),
    "label": ("0", "9"),
    "pair": ("8-1", "3-3"),
}
NUMBERS = (
    "-1",
    "0",
    "2",
    "7",
    "12.50",
    "010",
    "99",
    "1e1",
    "1e999",
    "-0",
    "0x10",
    "+5",
    " 5",
    "5 ",
    "٣",
    "Infinity",
    "NaN",
    "200",
    "9" * 40,
    "1.",
    ".5",
    "3,5",
    "4;",
    "12.5.1",
)
ESCAPES = (
    "%",
    "%0",
    "%00",
    "%zz",
    "%E0%A4%A",
    "%ff%fe",
    "%u0041",
    "%26k=3",
    "%23",
    "%3D",
    "%25%32%35",
    "+",
    "%2B",
    "%0d%0a",
    "%EF%BB%BF",
)
NOISE = ("", "=", "&", "#", "?", "-", "\x00", "<", "é", "🙂", "%")
EXTRA_KEYS = (
    "",
    "K",
    "perplexity[]",
    "k%20",
    "%6b",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "maps",
    "theme",
)

VISIT = """async fragments => {
    const root = document.documentElement, box = document.querySelector("[role=alert]");
    const pause = () => new Promise(resolve => setTimeout(resolve, 0));
    const found = [];
    for (const fragment of fragments) {
        const before = location.hash;
        let heard = false;
        addEventListener("hashchange", () => { heard = true; }, { once: true });
        const url = new URL(location), late = performance.now() + 20000;
        url.hash = fragment;
        const given = url.hash;
        location.hash = fragment;
        while (given !== before && !heard && performance.now() < late) await pause();
        while (root.dataset.state === "loading" && performance.now() < late) await pause();
        found.push({
            before, given, address: location.hash, state: root.dataset.state, setting: root.dataset.setting,
            says: box.hidden ? "" : box.textContent, elements: box.childElementCount,
            part: document.getElementById(given.slice(1)) !== null,
        });
    }
    return found;
}"""

STORE = """text => {
    localStorage.clear();
    for (const name of ["clusterfolio.theme", text, `clusterfolio.${text}`]) localStorage.setItem(name, text);
}"""


def addresses(order: random.Random, count: int) -> list[str]:
    """Addresses made from good ones by mutation, from keys and values of all kinds, and from noise."""
    made = [*corpus.strings(), *(quote(text) for text in corpus.strings()), "&" * 2_000, "k=3&" * 2_000, "#" * 99]
    made += [f"{key}={quote(text)}" for text in corpus.strings()[:40] for key in order.sample(KEYS, 2)]
    while len(made) < count:
        pairs = [(key, order.choice(GOOD[key])) for key in order.sample(KEYS, order.randint(0, 5))]
        for _ in range(order.randint(0, 3)):
            pairs = _with_fault(pairs, order)
        text = "&".join(f"{key}={value}" for key, value in pairs)
        made.append(_damaged(text, order) if order.random() < 0.3 else text)
    return made[:count]


def _with_fault(pairs: list[tuple[str, str]], order: random.Random) -> list[tuple[str, str]]:
    """Some pairs with one more, one changed, one twice or all in another order."""
    any_value = order.choice(
        [
            *NUMBERS,
            *ESCAPES,
            *(value for values in GOOD.values() for value in values),
            quote(order.choice(corpus.strings())),
        ]
    )
    kind = order.randrange(5) if pairs else 0
    if kind == 0:
        return [*pairs, (order.choice([*KEYS, *EXTRA_KEYS, *ESCAPES]), any_value)]
    at = order.randrange(len(pairs))
    if kind in (1, 2):
        return [*pairs[:at], (pairs[at][0], any_value), *pairs[at + 1 :]]
    return [*pairs, pairs[at]] if kind == 3 else order.sample(pairs, len(pairs))


def _damaged(text: str, order: random.Random) -> str:
    """A text with a few characters dropped, doubled or put in."""
    letters = list(text)
    for _ in range(order.randint(1, 4)):
        at = order.randint(0, len(letters))
        letters[at : at + order.randint(0, 2)] = order.choice(NOISE)
    return "".join(letters)


def described(found: Mapping[str, Any]) -> str:
    return f"{found['given'][:200]!r} gave {found['address']!r}, which says {found['says'][:200]!r}"


def check(found: Mapping[str, Any], manifest: Manifest) -> None:
    """Hold what the page did with one address to what it was given."""
    case = described(found)
    assert (found["state"], found["elements"]) == ("ready", 0), case
    state = {**DEFAULTS, **dict(parse_qsl(found["address"][1:]))}
    assert found["setting"] == slug(state), case
    check_read(found, manifest)


def slug(state: Mapping[str, str]) -> str:
    """The setting that an address names."""
    on_map = state["space"] == "map"
    part = f"tsne-p{store.number_slug(float(state['perplexity']))}" if on_map else store.FEATURES
    return store.setting_slug(part, f"k{state['k']}")


def check_read(found: Mapping[str, Any], manifest: Manifest) -> None:
    """Hold what an address was read as, and what is said of it, to what was given."""
    case = described(found)
    assert re.fullmatch(r"#perplexity=[\d.]+&k=\d+(&[a-z]+=[\w-]+)*", found["address"]), case
    state = {**DEFAULTS, **dict(parse_qsl(found["address"][1:]))}
    assert slug(state) in {setting.slug for setting in manifest.settings}, case
    assert set(state) <= set(KEYS), case
    assert state["metric"] in {metric.name for metric in manifest.metrics}, case
    for key, value in state.items():
        assert allowed(key, value, state), case
    if found["given"] == found["before"] or found["part"]:
        return  # the address as it was, or a part of the page: nothing was to be done, and an earlier message stays
    pairs = parse_qsl(found["given"].removeprefix("#").removeprefix("#"), keep_blank_values=True)
    if len(pairs) != len({key for key, _ in pairs}) or any(lost(state, *pair) for pair in pairs):
        assert found["says"], case
    elif all(state.get(key) == value for key, value in pairs):
        assert not found["says"], case


def allowed(key: str, value: str, state: Mapping[str, str]) -> bool:
    """Whether a value may stand in the address that the page ends with."""
    if key in ("sample", "cluster", "label"):
        return value.isdecimal() and int(value) < {"sample": 200, "cluster": int(state["k"]), "label": 10}[key]
    if key == "pair":
        return bool(re.fullmatch(r"\d-\d", value))
    return key == "metric" or value in GOOD[key]


def lost(state: Mapping[str, str], key: str, value: str) -> bool:
    """Whether what was given is not what is shown: 010 and 10 are the same number."""
    return key not in state or canonical(state[key]) != canonical(value)


def canonical(value: str) -> str:
    return "-".join(f"{float(part):g}" if re.fullmatch(r"\d+(\.\d+)?", part) else part for part in value.split("-"))


READ = """([fragments, study]) => fragments.map((fragment) => {
    const { parse, format } = clusterfolio.state;
    const url = new URL("file:///page.html");
    url.hash = fragment;
    const read = parse(url.hash, study);
    const address = format(read.state, study);
    const again = parse(address, study);
    return {
        given: url.hash, before: null, part: false, address: `#${address}`, says: read.notes.join(" "),
        same: JSON.stringify(again) === JSON.stringify({ state: read.state, notes: [] }),
    };
})"""


@pytest.fixture(scope="module")
def catalog(site: Path) -> Any:
    """What the page of the tiny study knows of it."""
    (chunk,) = (site / "tiny" / "data").glob("study-*.js")
    name, content = chunk.read_text(encoding="utf-8").removeprefix("clusterfolio.receive(").split(",", 1)
    assert name == '"study"'
    return json.loads(content.rstrip().removesuffix(");"))


def test_any_address_is_read_as_a_valid_setting_and_what_could_not_be_taken_is_said(
    sources: Page, catalog: Any, tiny_study: Study, tell: Callable[[str], None]
) -> None:
    """As the page reads it: `state.parse` and `state.format`, without a page for each."""
    tried = addresses(random.Random(SEED), ADDRESSES)
    read = sources.evaluate(READ, [tried, catalog])
    for found in read:
        check_read(found, tiny_study.manifest)
        assert found["same"], f"{described(found)}: the address that it ends with gives another state"
    messages = sum(bool(found["says"]) for found in read)
    assert messages > ADDRESSES / 3
    assert messages < ADDRESSES
    tell(f"hostile addresses: {len(tried)} fragments read, {messages} of them corrected with a message")


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 32])
def test_any_address_ends_ready_on_a_valid_setting_and_says_what_it_could_not_take(
    site: Path,
    browser: Browser,
    sources: Page,
    catalog: Any,
    tiny_study: Study,
    tell: Callable[[str], None],
    every: int,
) -> None:
    tried = addresses(random.Random(SEED), ADDRESSES)
    some = tried[::every]
    messages = 0
    with opened(browser, site.as_uri()) as page:
        page.open(path="tiny/index.html")
        for found, read in zip(page.page.evaluate(VISIT, some), sources.evaluate(READ, [some, catalog]), strict=True):
            check(found, tiny_study.manifest)
            if found["given"] != found["before"] and not found["part"]:
                assert (found["address"], found["says"]) == (read["address"], read["says"])
            messages += bool(found["says"])
        page.page.evaluate("fragments => { for (const each of fragments) location.hash = each; }", tried[-300:])
        page.ready()
        (found,) = page.page.evaluate(VISIT, ["perplexity=5&k=3"])
        assert (found["setting"], found["says"]) == ("tsne-p5-k3", "")
    assert messages > len(some) / 3
    assert messages < len(some)
    tell(f"hostile addresses: {len(some)} fragments in one page, {messages} of them corrected with a message")


@pytest.mark.parametrize("count", [pytest.param(QUERIES, marks=pytest.mark.slow), 3])
def test_any_link_opens_whatever_its_query_string(
    site: Path, browser: Browser, tiny_study: Study, tell: Callable[[str], None], count: int
) -> None:
    order = random.Random(SEED)
    fragments = [f"#{text}" if text else "" for text in addresses(order, 5_000)[-count:]]
    queries = [quote(text[:2_000], safe="<>'\"{}&=/;") for text in order.sample(corpus.strings(), count)]
    with opened(browser, site.as_uri()) as page:
        for query, fragment in zip(queries, fragments, strict=True):
            page.page.goto("about:blank")
            page.open(f"?{query}{fragment}", "tiny/index.html")
            (found,) = page.page.evaluate(VISIT, [page.hash()])
            given = page.page.evaluate("text => new URL(text, location).hash", fragment)
            check({**found, "given": given, "before": None, "part": False}, tiny_study.manifest)
    tell(f"hostile links: {len(queries)} query strings, each with a fragment, opened anew")


@pytest.mark.parametrize("every", [pytest.param(4, marks=pytest.mark.slow), 12])
def test_stored_values_choose_a_known_theme_or_nothing(
    site: Path, browser: Browser, tell: Callable[[str], None], every: int
) -> None:
    values = [
        *corpus.strings()[::every],
        "DARK",
        " dark",
        "dark ",
        "auto",
        '"dark"',
        '{"theme":"dark"}',
        "dark",
        "light",
    ]
    with opened(browser, site.as_uri()) as page:
        page.page.goto(f"{site.as_uri()}/index.html")
        for value in values:
            page.page.evaluate(STORE, value)
            page.page.reload()
            theme = page.page.locator("html").get_attribute("data-theme")
            assert theme == (value if value in ("dark", "light") else None)
            assert page.page.locator("[data-action=theme]").is_visible()
        page.page.evaluate("text => localStorage.setItem('clusterfolio.theme', text)", corpus.strings()[0])
        page.open("#perplexity=5&k=3", "tiny/index.html")
        assert (page.setting, page.page.locator("html").get_attribute("data-theme")) == ("tsne-p5-k3", None)
    tell(f"hostile storage: {len(values)} stored values under three names")


@pytest.mark.parametrize(
    "storage",
    [
        "get() { throw new DOMException('denied', 'SecurityError'); }",
        "get() { return null; }",
        "get() { return { getItem() { return 'dark'; }, setItem() { throw new DOMException('full', 'QuotaExceededError'); } }; }",  # noqa: E501
        "get() { return { getItem() { return { toString() { return 'dark'; } }; }, setItem() {} }; }",
    ],
)
def test_a_storage_that_is_forbidden_full_or_odd_stops_nothing(site: Path, browser: Browser, storage: str) -> None:
    with opened(browser, site.as_uri(), color_scheme="light") as page:
        page.page.add_init_script(f"Object.defineProperty(window, 'localStorage', {{ {storage} }});")
        page.open("#perplexity=5&k=3", "tiny/index.html")
        for _ in range(2):
            before = page.page.locator("[data-action=theme]").get_attribute("aria-pressed")
            page.page.locator("[data-action=theme]").click()
            assert page.page.locator("[data-action=theme]").get_attribute("aria-pressed") != before
        page.ready("tsne-p5-k3")
