"""What several browser tests need: a page with options of its own, and the page's tables as rows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import ARTIFACTS, WAIT, Explorer, Watch

REST = """most => new Promise(resolve => {
    const root = document.documentElement, late = performance.now() + most;
    const now = () => JSON.stringify([location.href, root.dataset]);
    let [before, calm] = [now(), 0];
    requestAnimationFrame(function look() {
        const here = now();
        calm = here === before && root.dataset.state !== "loading" ? calm + 1 : 0;
        before = here;
        if (calm > 2 || performance.now() > late) resolve();
        else requestAnimationFrame(look);
    });
})"""


INVERSE = """(study, times) => {
    const { choices, state: { start, parse, format } } = clusterfolio;
    const any = (values) => values[Math.floor(Math.random() * values.length)];
    const named = (entries) => any(entries).name;
    const failures = [];
    for (let i = 0; i < times; i += 1) {
        const state = {
            ...start(study), representation: named(study.representations), method: named(study.methods),
            clusterer: named(study.clusterers), space: named(study.spaces),
            metric: any(Object.keys(study.metrics)), sample: any([null, 0, study.dataset.n - 1]),
        };
        for (const name of choices.parameters(study, state)) state[name] = any(study.parameters[name].values);
        state.cluster = any([null, 0, choices.clusters(study, state) - 1]);
        if (study.dataset.labels) {
            const last = study.dataset.labels.length - 1;
            state.color = any(["cluster", "label", "right"]);
            Object.assign(state, { label: any([null, 0, last]), pair: any([null, `${last}-0`, `${last}-${last}`]) });
        }
        const text = format(state, study);
        const read = parse(text, study);
        if (JSON.stringify(read.state) !== JSON.stringify(state) || read.notes.length) {
            failures.push([state, text, read]);
        }
    }
    return failures;
}"""
"""States that do not come back from their addresses, of so many of a study drawn at random; each with all of this."""


@contextmanager
def opened(browser: Browser, root: str, allowed: tuple[str, ...] = (), **options: Any) -> Iterator[Explorer]:
    """An explorer in a browser context with `options`, watched like the fixtures' own, and as still as they are."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **options})
    page, watch = context.new_page(), Watch(root, allowed=list(allowed))
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.faults.append(f"page error: {error}"))
    page.on("dialog", lambda dialog: watch.faults.append(f"dialog: {dialog.message}"))
    page.on("request", watch.request)
    yield Explorer(page, root, watch)
    context.close()
    watch.check()


def settle(explorer: Explorer) -> None:
    """Wait for what the last action started, until the page is at rest and ready.

    At rest: from one frame to the next, twice, neither the address nor what the page says of itself has changed, and it
    is not loading. Events of the address arrive a task after the action, so a page that is ready now may not be in a
    moment; they come before the frame after it.
    """
    explorer.page.evaluate(REST, WAIT)
    explorer.ready()


def until(page: Page, expression: str, arg: Any = None) -> None:
    """Wait for a JavaScript expression, or a function of `arg`, to hold.

    Playwright's own `wait_for_function` asks again by `eval` inside the page, which the pages' policy forbids: it fails
    whenever the first answer is no. Each evaluation from outside is exempt.
    """
    deadline = time.monotonic() + WAIT / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < deadline, f"never true within {WAIT / 1000:g} s: {expression}"
        page.wait_for_timeout(20)


def alert(explorer: Explorer) -> str:
    """What the page says of problems."""
    return explorer.page.locator("[role=alert]").text_content() or ""


def misclassified(explorer: Explorer) -> list[int]:
    """Sample numbers of the misclassified images, in their order."""
    found: list[str] = explorer.page.eval_on_selector_all("[data-sample]", "all => all.map(one => one.dataset.sample)")
    return [int(sample) for sample in found]


def rows(explorer: Explorer, selector: str) -> list[list[str]]:
    """Text of a table's body, cell by cell."""
    found: list[list[str]] = explorer.page.eval_on_selector_all(
        f"{selector} tbody tr", "all => all.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return found


def picture(explorer: Explorer, name: str) -> None:
    """Keep a picture of the whole page in `artifacts/`, for who asks for it with CLUSTERFOLIO_ARTIFACTS=1."""
    if os.environ.get("CLUSTERFOLIO_ARTIFACTS"):
        ARTIFACTS.mkdir(exist_ok=True)
        explorer.page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)


AXE = {"preload": False, "resultTypes": ["violations"]}
"""It would fetch style sheets, which the pages' policy forbids. Where all is well it names one node a rule: naming
each of some thousand takes longer than looking at them."""


def complaints(explorer: Explorer) -> list[tuple[str, str]]:
    """What axe finds."""
    found = Axe().run(explorer.page, options=AXE).response["violations"]
    return [(each["id"], each["nodes"][0]["html"]) for each in found]


LOOKED_AT = ((390, "dark"), (1440, "light"))
"""Windows in which axe looks at a page: both layouts and both themes, once each."""

WINDOWS = [
    *(pytest.param(*window, False) for window in ((390, "dark"), (768, "light"), (1440, "light"))),
    *(
        pytest.param(width, scheme, (width, scheme) in LOOKED_AT, marks=pytest.mark.slow)
        for width in (390, 768, 1440)
        for scheme in ("light", "dark")
        if (width, scheme) != (768, "light")
    ),
]
"""Width, theme, and whether axe looks, which takes ten seconds where there is much on a page: quickly it looks at the
same pages of a tiny study (test_looks.py), and each width is tried in one theme."""
