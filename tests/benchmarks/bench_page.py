"""The page in Chromium, software rendering: input to painted frame, time to ready, bytes to the first picture.

A step is a move of the mouse that drags a slider's thumb: from the time stamp of its input event to the first task
after the frame that shows the new setting, when that frame's pixels have been produced. Some steps also compare what
was then on both maps with what is there at the end: the positions must be final. What follows below the fold is timed
apart, until the page says that it is ready.

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

from site_templates.output.serve import server
from tests.browser.install import chromium

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

WATCH = """() => {
    const channel = new MessageChannel();
    const maps = () => [...document.querySelectorAll("#map canvas, #pca canvas")].map((one) => one.toDataURL()).join();
    const root = document.documentElement;
    const nextFrame = () => requestAnimationFrame(() => channel.port2.postMessage(0));
    window.bench = {began: 0, drawn: 0, then: "", look: false, maps};
    let before = "";
    document.addEventListener("input", (event) => {
        Object.assign(window.bench, {began: event.timeStamp, drawn: 0});
        before = root.dataset.setting;
        nextFrame();
    }, true);
    channel.port1.onmessage = () => {
        if (root.dataset.setting === before) return void nextFrame();
        window.bench.drawn = performance.now();
        if (window.bench.look) window.bench.then = maps();
    };
}"""

DONE = """() => new Promise((resolve) => {
    const wait = () => {
        const {began, drawn, look, then, maps} = window.bench;
        if (drawn && document.documentElement.dataset.state === "ready")
            resolve([drawn - began, performance.now() - began, look && then === maps()]);
        else setTimeout(wait, 1);
    };
    wait();
})"""

TIMED = """what => {
    const state = () => what === "grid" ? document.querySelector("[data-grid=readout]").dataset.cell
        : document.querySelector("#why").dataset.sampleShown;
    const before = state();
    const channel = new MessageChannel();
    window.timed = new Promise((resolve) => {
        let began = 0;
        const next = () => requestAnimationFrame(() => channel.port2.postMessage(0));
        channel.port1.onmessage = () => state() === before ? next() : resolve(performance.now() - began);
        const start = (event) => { began = event.timeStamp; next(); };
        document.addEventListener("keydown", start, {capture: true, once: true});
    });
}"""

LOAD_ALL = """async () => {
    const {chunks} = clusterfolio.get("study");
    for (const [name, path] of Object.entries(chunks)) await clusterfolio.load(name, path);
}"""

SHOWN = """
    window.shownAt = 0; /* the maps and figures show a setting; fetching ahead begins later */
    new MutationObserver(() => {
        if (!window.shownAt && document.documentElement.dataset.setting) window.shownAt = performance.now();
    }).observe(document, {subtree: true, attributes: true, attributeFilter: ["data-setting"]});
"""


def quantile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def drag(page: Page, name: str, places: list[float], look: bool = False) -> list[tuple[float, float, bool]]:
    """Drag a slider to places given as shares of its axis; (painted ms, ready ms, final in that frame) of each step."""
    slider = page.locator(f"input[type=range][name={name}]")
    box = slider.bounding_box()
    assert box
    page.evaluate("look => { window.bench.look = look; }", look)
    found = []
    thumb = 10  # half the thumb's width: its middle does not reach the ends of the track

    def move(share: float) -> None:
        page.mouse.move(box["x"] + thumb + share * (box["width"] - 2 * thumb), box["y"] + box["height"] / 2)

    value = slider.input_value()
    low, high = (float(slider.get_attribute(end) or 0) for end in ("min", "max"))
    move((float(value) - low) / (high - low))
    page.mouse.down()
    for share in places:
        before = slider.input_value()
        move(share)
        if slider.input_value() != before:
            found.append(tuple(page.evaluate(DONE)))
    page.mouse.up()
    return found


def steps(page: Page, name: str, count: int) -> None:
    """Time steps of one slider to random places."""
    order = random.Random(0)
    timed = drag(page, name, [order.random() for _ in range(count)])
    final = [one[2] for one in drag(page, name, [order.random() for _ in range(12)], look=True)]
    painted, ready = [one[0] for one in timed], [one[1] for one in timed]
    print(
        f"  {name:10s} input to painted frame: median {statistics.median(painted):6.1f} ms, "
        f"p95 {quantile(painted, 0.95):6.1f} ms; all panels ready: median {statistics.median(ready):6.1f} ms, "
        f"p95 {quantile(ready, 0.95):6.1f} ms ({len(timed)} steps); positions final then: {sum(final)} of {len(final)}"
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
    page.evaluate(WATCH)
    print("chunk read from disk (the first visit of each):")
    steps(page, "perplexity", 20)
    page.evaluate(LOAD_ALL)
    print("chunk at hand:")
    steps(page, "perplexity", count)
    steps(page, "k", count)
    page.close()


def time_keys(browser: Browser, address: str, count: int) -> None:
    """Time arrow keys on the heat map (until it marks the new setting) and from sample to sample (until the card)."""
    page = open_page(browser, f"{address}#perplexity=30&k=10&sample=5")
    page.evaluate(LOAD_ALL)
    order = random.Random(0)
    for what, place, name in (("grid", "[data-grid=map]", "heat map"), ("why", "#map", "why card")):
        page.locator(place).focus()
        taken = []
        for step in range(count):
            key = ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown")[step % 4 if order.random() < 0.8 else 0]
            page.evaluate(TIMED, what)
            page.keyboard.press(key)
            moved = page.evaluate("Promise.race([timed, new Promise((done) => setTimeout(done, 1500, null))])")
            if moved is not None:
                taken.append(moved)
            page.wait_for_selector('html[data-state="ready"]', state="attached")
        print(
            f"  {name:10s} key to painted frame: median {statistics.median(taken):6.1f} ms, "
            f"p95 {quantile(taken, 0.95):6.1f} ms ({len(taken)} steps)"
        )
    page.close()


def weigh(browser: Browser, site: Path) -> None:
    """Count the bytes to the first picture, over http, and those of all data."""
    with server(site.resolve()) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(SHOWN)
        page.goto(f"http://127.0.0.1:{running.server_address[1]}/digits/index.html")
        page.wait_for_selector('html[data-state="ready"]', state="attached")
        asked = page.evaluate(
            "performance.getEntries().filter(one => one.name.startsWith('http') && one.startTime < shownAt)"
            ".map(one => one.name)"
        )
        first = [urlsplit(url).path.lstrip("/") for url in asked]
        page.close()
        running.shutdown()
    sizes = {name: len(gzip.compress((site / name).read_bytes(), 9)) for name in first}
    print(f"bytes to the first picture, gzipped: {sum(sizes.values()) / 1e3:.0f} kB in {len(sizes)} files")
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:6]:
        print(f"  {size / 1e3:6.1f} kB  {name}")
    explorer, rest = 0, 0
    for path in (site / "digits" / "data").iterdir():
        size = len(gzip.compress(path.read_bytes(), 9))
        if path.name.startswith(("study-", "pca-", "tsne-", "features-", "sprite")):
            explorer += size
        else:
            rest += size
    print(f"data behind the explorer's sliders, gzipped: {explorer / 1e6:.2f} MB; all else {rest / 1e6:.2f} MB")


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
    from tests.benchmarks.bench_audit_page import time_audit
    from tests.benchmarks.bench_compare import time_comparison  # which imports from here

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        time_loads(browser, address)
        time_steps(browser, address, options.steps)
        time_keys(browser, address, options.steps)
        weigh(browser, options.site)
        time_comparison(browser, options.site, options.steps)
        time_audit(browser, options.site, options.steps)
        browser.close()


if __name__ == "__main__":
    main()
