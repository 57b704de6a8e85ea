"""The page in Chromium, software rendering: input to painted frame, time to ready, bytes to the first picture.

A step is a slider's input event; it ends with the first task after the frame that follows it, when that frame's pixels
have been produced. Some steps also compare what was then on both maps with what is there at the end: the positions
must be final. What follows below the fold is timed apart, until the page says that it is ready.

    python tests/benchmarks/bench_page.py [--site DIR] [--steps N]
"""

from __future__ import annotations

import argparse
import gzip
import random
import statistics
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from site_templates.serve import server
from tests.browser.install import chromium

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

STEP = """([name, value, look]) => new Promise((resolve) => {
    const input = document.querySelector(`input[type=range][name=${name}]`);
    const root = document.documentElement;
    const maps = [...document.querySelectorAll("#map canvas, #pca canvas")];
    const pixels = () => maps.map((one) => one.toDataURL()).join();
    const channel = new MessageChannel();
    let drawn = 0, then = "";
    const began = performance.now();
    input.value = value;
    input.dispatchEvent(new Event("input", {bubbles: true}));
    channel.port1.onmessage = () => { drawn = performance.now() - began; if (look) then = pixels(); };
    requestAnimationFrame(() => channel.port2.postMessage(0));
    const wait = () => {
        if (root.dataset.state === "ready" && drawn)
            resolve([drawn, performance.now() - began, look && then === pixels()]);
        else setTimeout(wait, 1);
    };
    wait();
})"""


def quantile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def steps(page: Page, name: str, values: list[str], count: int) -> None:
    """Time steps of one slider to random places."""
    painted, ready = [], []
    for value in random.Random(0).choices(values, k=count):
        frame, done, _ = page.evaluate(STEP, [name, value, False])
        painted.append(frame)
        ready.append(done)
    final = [page.evaluate(STEP, [name, value, True])[2] for value in random.Random(2).choices(values, k=10)]
    print(
        f"  {name:10s} input to painted frame: median {statistics.median(painted):6.1f} ms, "
        f"p95 {quantile(painted, 0.95):6.1f} ms; all panels ready: median {statistics.median(ready):6.1f} ms, "
        f"p95 {quantile(ready, 0.95):6.1f} ms ({count} steps); positions final in that frame: {sum(final)} of 10"
    )


def open_page(browser: Browser, address: str) -> Page:
    """The explorer in a fresh profile, showing its setting."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    page.wait_for_selector('html[data-state="ready"]', state="attached")
    return page


def time_loads(browser: Browser, address: str) -> None:
    """Time from the call to ready, on file://."""
    loads = []
    for _ in range(7):
        began = time.perf_counter()
        page = open_page(browser, address)
        loads.append((time.perf_counter() - began) * 1e3)
        page.close()
    print(f"file://, time to ready: median {statistics.median(loads):.0f} ms, most {max(loads):.0f} ms of {len(loads)}")


def time_steps(browser: Browser, address: str, count: int) -> None:
    """Time both sliders, with chunks from disk and at hand."""
    page = open_page(browser, address)
    perplexities = [str(p) for p in page.evaluate("clusterfolio.get('study').axes.perplexity")]
    ks = [str(k) for k in page.evaluate("clusterfolio.get('study').axes.k")]
    print("chunk read from disk:")
    fresh = random.Random(1).sample(perplexities, min(20, len(perplexities)))
    steps(page, "perplexity", fresh, len(fresh))
    for value in perplexities:
        page.evaluate(STEP, ["perplexity", value, False])
    print("chunk at hand:")
    steps(page, "perplexity", perplexities, count)
    steps(page, "k", ks, count)
    page.close()


def weigh(browser: Browser, site: Path) -> None:
    """Count the bytes to the first picture, over http, and those of all data."""
    with server(site.resolve()) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{running.server_address[1]}/digits/index.html")
        # until the first points are on the canvas; the chunks fetched ahead come after it
        page.wait_for_selector("#map canvas")
        first = [urlsplit(url).path.lstrip("/") for url in asked if url.startswith("http")]
        page.close()
        running.shutdown()
    sizes = {name: len(gzip.compress((site / name).read_bytes(), 9)) for name in first}
    print(f"bytes to the first picture, gzipped: {sum(sizes.values()) / 1e3:.0f} kB in {len(sizes)} files")
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:6]:
        print(f"  {size / 1e3:6.1f} kB  {name}")
    data = sum(len(gzip.compress(path.read_bytes(), 9)) for path in (site / "digits" / "data").iterdir())
    print(f"all data of the explorer, gzipped: {data / 1e6:.2f} MB")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, default=Path("site"), help="a built site")
    parser.add_argument("--steps", type=int, default=100)
    options = parser.parse_args()
    explorer = options.site / "digits" / "index.html"
    if not explorer.is_file():
        parser.error(f"{explorer}: no such page; build the gallery first, or name its site with --site")
    executable = chromium()
    if executable is None:
        parser.error("no Chromium; run: python -m tests.browser.install")
    address = explorer.resolve().as_uri()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        time_loads(browser, address)
        time_steps(browser, address, options.steps)
        weigh(browser, options.site)
        browser.close()


if __name__ == "__main__":
    main()
