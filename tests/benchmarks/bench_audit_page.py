"""The audit page: bytes to its first picture, and time to a painted frame of filtering, stepping and scrolling.

Run by bench_page.py.
"""

from __future__ import annotations

import gzip
import statistics
from pathlib import Path

from playwright.sync_api import Browser

from tests.benchmarks.bench_page import open_page, quantile

STEPS = """async count => {
    const painted = () => new Promise(done => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = done;
        channel.port2.postMessage(0);
    }));
    const frame = document.getElementById("window");
    const view = document.getElementById("view");
    const found = {filter: [], step: [], scroll: []};
    const time = async (name, act) => {
        await painted();
        const began = performance.now();
        act();
        await painted();
        found[name].push(performance.now() - began);
    };
    const press = key => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
    for (let at = 0; at < count; at += 1) {
        await time("filter", () => {
            view.value = at % 2 ? "all" : "core";
            view.dispatchEvent(new Event("change", {bubbles: true}));
        });
    }
    view.value = "all";
    view.dispatchEvent(new Event("change", {bubbles: true}));
    for (let at = 0; at < count; at += 1) await time("step", () => press("j"));
    for (let at = 0; at < count; at += 1) {
        await time("scroll", () => { frame.scrollTop = (at * 7919) % frame.scrollHeight; });
    }
    return found;
}"""


def time_audit(browser: Browser, site: Path, count: int) -> None:
    """Print the page's weight, and median and p95 of each interaction."""
    html = site / "digits" / "audit.html"
    own = [html, *sorted((site / "digits" / "data").glob("audit-*.js"))]
    weights = ", ".join(f"{path.name} {len(gzip.compress(path.read_bytes(), 9)) / 1e3:.1f} kB" for path in own)
    print(f"audit page, gzipped: {weights}")
    page = open_page(browser, html.resolve().as_uri())
    for name, times in page.evaluate(STEPS, count).items():
        middle, high = statistics.median(times), quantile(times, 0.95)
        print(f"  {name:8s} to painted frame: median {middle:6.1f} ms, p95 {high:6.1f} ms")
    page.close()
