"""The comparison in Chromium: drags of its sliders, pointing, lighting up, frames of the film, and its weight.

Called by bench_page.py, which says what a step is; for pointing and clicks it is from the event's time stamp to the
first task after the next frame, when card, rings and maps have been painted.
"""

from __future__ import annotations

import gzip
import random
import statistics
import threading
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

from site_templates.output.serve import server
from tests.benchmarks.bench_page import WATCH, drag, open_page, quantile

PAINTED = """() => {
    const channel = new MessageChannel();
    window.painted = [];
    let began = 0;
    for (const type of ["pointermove", "click"]) document.addEventListener(type, (event) => {
        if (began) return;
        began = event.timeStamp;
        /* the page draws in a frame that it asked for: that one, or the next */
        requestAnimationFrame(() => requestAnimationFrame(() => channel.port2.postMessage(0)));
    }, true);
    channel.port1.onmessage = () => {
        window.painted.push(performance.now() - began);
        began = 0;
    };
}"""


def report(name: str, times: list[float]) -> None:
    """Print the median and the 95th percentile."""
    print(
        f"  {name:28s} median {statistics.median(times):6.1f} ms, p95 {quantile(times, 0.95):6.1f} ms "
        f"({len(times)} times)"
    )


def time_comparison(browser: Browser, site: Path, count: int) -> None:
    """Time every kind of interaction of digits/compare.html, on file://, and weigh the page."""
    print("comparison, event to painted frame, chunks at hand:")
    page = open_page(browser, (site / "digits" / "compare.html").resolve().as_uri())
    page.evaluate(WATCH)
    order = random.Random(0)
    drag(page, "perplexity-a", [share / 200 for share in range(201)])  # every chunk once
    for name in ("perplexity-a", "k-a", "perplexity-b"):
        timed = drag(page, name, [order.random() for _ in range(count)])
        report(f"slider {name}", [one[0] for one in timed])
        report(f"slider {name}, all lists", [one[1] for one in timed])
    page.close()
    _pointing(browser, site, count)
    _weigh(browser, site)


def _pointing(browser: Browser, site: Path, count: int) -> None:
    page = open_page(browser, (site / "digits" / "compare.html").resolve().as_uri())
    page.evaluate(PAINTED)
    order = random.Random(1)
    for name, selector in (
        ("pointing at a map", "#map-a .canvas canvas"),
        ("pointing at a frame", "[data-map='tsne-p20']"),
    ):
        page.locator(selector).scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        box = page.locator(selector).bounding_box()
        assert box
        page.evaluate("window.painted.length = 0")
        for _ in range(count):
            page.mouse.move(
                box["x"] + (0.1 + 0.8 * order.random()) * box["width"],
                box["y"] + (0.1 + 0.8 * order.random()) * box["height"],
            )
            page.wait_for_timeout(20)
        _settled(page, name)
    clicks = {
        "lighting up the changed": "label:has([name=only][value=changed])",
        "lighting up all": "label:has([name=only][value=all])",
        "a move": "#moves button",
        "swap": "#swap",
    }
    for name, selector in clicks.items():
        page.evaluate("window.painted.length = 0")
        for _ in range(10):
            page.evaluate("selector => document.querySelector(selector).click()", selector)
            page.wait_for_timeout(250)
        _settled(page, name)
    page.close()


def _settled(page: Page, name: str) -> None:
    page.wait_for_timeout(300)
    report(name, page.evaluate("window.painted"))


def _weigh(browser: Browser, site: Path) -> None:
    with server(site.resolve()) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"http://127.0.0.1:{running.server_address[1]}/digits/compare.html")
        page.wait_for_selector('html[data-state="ready"]', state="attached")
        asked = page.evaluate("performance.getEntries().map(one => one.name).filter(one => one.startsWith('http'))")
        page.close()
        running.shutdown()
    names = sorted({urlsplit(url).path.lstrip("/") for url in asked})
    size = sum(len(gzip.compress((site / name).read_bytes(), 9)) for name in names)
    print(f"  bytes until ready, gzipped: {size / 1e3:.0f} kB in {len(names)} files")
