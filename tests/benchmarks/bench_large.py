"""The explorer at 20,000, 70,000 and 1,000,000 synthetic samples in Chromium, software rendering.

Per study: a slider step from its input event to the frame that shows it (data at hand), the frames of a glide from one
map to the next, hovering and clicking, and memory. On a machine that others use, the clock says more of them than of
the page: the processor time of the page's main thread stands beside it. Up to 20,000 samples both layers of points are
measured, Vega's marks and the page's own canvas. Publishing is timed too. No t-SNE is run: the maps are blobs
(tests/synthetic.py).

    python tests/benchmarks/bench_large.py [--samples N …] [--steps N] [--work DIR]
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from unittest import mock

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from site_templates import publish
from site_templates.data import points
from tests import synthetic
from tests.benchmarks.bench_page import ARGUMENTS, WATCH, drag, quantile
from tests.browser.install import chromium

PERPLEXITIES, KS = (10.0, 30.0, 50.0, 100.0), tuple(range(5, 16))
FEW_KS = (5, 10, 15)
LARGE = 500_000
"""From so many samples on: fewer settings, and no pictures."""

BOTH = 20_000
"""Up to so many samples the layer of Vega's marks is measured, too."""

READY = 120_000

FRAMES = """(act) => new Promise((resolve) => {
    const times = [];
    const slider = document.querySelector("input[name=perplexity]");
    const from = performance.now();
    slider.value = act;
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    slider.dispatchEvent(new Event("change", {bubbles: true}));
    const tick = (now) => {
        times.push(now);
        if (document.documentElement.dataset.state === "ready" && now - from > 100) resolve(times);
        else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
})"""

PAINTED = """([name, steps]) => new Promise((resolve) => {
    /* A new value in every frame: panels are filled only when the slider rests. */
    const slider = document.querySelector(`input[name=${name}]`);
    const values = clusterfolio.get("study").parameters[name].values;
    let done = 0;
    const tick = () => {
        if (done === steps) return resolve(done);
        slider.value = values[(7 * done + 3) % values.length];
        slider.dispatchEvent(new Event("input", {bubbles: true}));
        done += 1;
        requestAnimationFrame(tick);
    };
    tick();
})"""

HOVER = """([x, y]) => new Promise((resolve) => {
    const canvas = document.querySelector("#map .canvas canvas");
    const box = canvas.getBoundingClientRect();
    const place = {clientX: box.x + x * box.width, clientY: box.y + y * box.height, bubbles: true};
    const began = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointermove", place));
    const handled = performance.now() - began;
    requestAnimationFrame(() => {
        const drawing = performance.now();
        setTimeout(() => resolve([handled, performance.now() - drawing]), 0);
    });
})"""

CLICK = """([x, y]) => {
    const canvas = document.querySelector("#map .canvas canvas");
    const box = canvas.getBoundingClientRect();
    const place = {clientX: box.x + x * box.width, clientY: box.y + y * box.height, bubbles: true};
    const began = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointerdown", place));
    canvas.dispatchEvent(new PointerEvent("pointerup", place));
    return performance.now() - began;
}"""


def show(name: str, values: Sequence[float]) -> None:
    """Print a line of figures in milliseconds."""
    print(
        f"  {name:36s} median {statistics.median(values):7.1f} ms, p95 {quantile(list(values), 0.95):7.1f} ms,"
        f" most {max(values):7.1f} ms ({len(values)})",
        flush=True,
    )


def prepare(work: Path, samples: int, layer: str) -> Path:
    """Make the study and the site, if they are not there; gives the site's folder."""
    name, large = f"blobs-{samples}", samples >= LARGE
    results, site = work / "results", work / f"site-{samples}-{layer}"
    if not (results / name / "manifest.json").is_file():
        synthetic.write(
            results / name,
            samples,
            PERPLEXITIES[:2] if large else PERPLEXITIES,
            FEW_KS if large else KS,
            pictures=not large,
        )
    if not (site / "index.html").is_file():
        began = time.perf_counter()
        limit = samples if layer == "marks" else 0
        with mock.patch.object(points, "LARGEST_MARKS", limit):
            publish.publish(results, site, [name], "Benchmark")
        print(f"  published in {time.perf_counter() - began:.0f} s", flush=True)
    data = sorted((site / name / "data").iterdir(), key=lambda path: path.name)
    maps = [path.stat().st_size for path in data if path.name.startswith("tsne")]
    all_data = sum(path.stat().st_size for path in data)
    print(f"  a map's chunk: {max(maps) / 1e6:.2f} MB as it lies on disk; all data {all_data / 1e6:.1f} MB", flush=True)
    return site / name / "index.html"


class Processor:
    """Processor time that the page's main thread has used, in milliseconds."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
        self.session.send("Performance.enable")

    def read(self) -> float:
        """Since the page began."""
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def memory(session: CDPSession) -> str:
    """JavaScript's heap and array buffers after a collection."""
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")
    heap, buffers = used["usedSize"], used.get("backingStorageSize", 0)
    return f"{heap / 1e6:.0f} MB heap, {buffers / 1e6:.0f} MB in arrays"


def renderer(browser: Browser) -> str:
    """Memory of the largest of the browser's processes that runs pages, on Linux."""
    session = browser.new_browser_cdp_session()
    ids = [one["id"] for one in session.send("SystemInfo.getProcessInfo")["processInfo"] if one["type"] == "renderer"]
    sizes = []
    for number in ids:
        status = Path(f"/proc/{number}/smaps_rollup")
        if status.is_file():
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines()[1:])
            sizes.append(int(lines["Pss"].split()[0]) * 1024)
    return f"{max(sizes) / 1e6:.0f} MB of memory in the page's process" if sizes else "not measured here"


def measure(browser: Browser, address: str, steps: int) -> None:
    """All figures of one page."""
    page: Page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(READY)
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector('html[data-state="ready"]', state="attached")
    print(f"  ready after {time.perf_counter() - began:.1f} s")
    page.evaluate(WATCH)
    chunks = page.evaluate("Object.keys(clusterfolio.get('study').chunks).filter(name => !name.startsWith('sprite'))")
    page.evaluate(
        "async (names) => { const {chunks} = clusterfolio.get('study');"
        " for (const name of names) await clusterfolio.load(name, chunks[name]); }",
        chunks,
    )
    order = random.Random(0)
    processor = Processor(page)
    for name in ("perplexity", "k"):
        drag(page, name, [0.0, 0.3, 0.6, 1.0])  # each map once: its first visit decodes its columns
        used = processor.read()
        timed = drag(page, name, [order.random() for _ in range(steps)])
        used = (processor.read() - used) / len(timed)
        show(f"{name}, dragged: to the painted frame", [one[0] for one in timed])
        show(f"{name}, dragged: all panels ready", [one[1] for one in timed])
        print(f"  {name + ', dragged: processor time':36s} mean   {used:7.1f} ms a step, panels and all")
        used = processor.read()
        painted = page.evaluate(PAINTED, [name, steps])
        used = (processor.read() - used) / painted
        print(
            f"  {name + ', without panels':36s} mean   {used:7.1f} ms of processor time a step ({painted})", flush=True
        )
    values = page.evaluate("clusterfolio.get('study').parameters.perplexity.values")
    frames = []
    used = processor.read()
    for step in range(12):
        times = page.evaluate(FRAMES, str(values[step % 2]))
        frames += [after - before for before, after in pairwise(times[1:])]
    show("glide: time between frames", frames)
    used = (processor.read() - used) / len(frames)
    rate = 1000 / statistics.mean(frames)
    print(f"  {'glide: frames a second':36s} {rate:.0f}; {used:.1f} ms of processor time a frame")
    places = [[order.random(), order.random()] for _ in range(60)]
    page.evaluate(HOVER, [0.5, 0.5])
    moves = [page.evaluate(HOVER, place) for place in places]
    show("hover: finding the sample", [one[0] for one in moves])
    show("hover: drawing ring, tip and card", [one[1] for one in moves])
    show("click: pinning", [page.evaluate(CLICK, place) for place in places[:20]])
    print(f"  memory: {memory(page.context.new_cdp_session(page))}; {renderer(browser)}", flush=True)
    page.close()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, nargs="+", default=[20_000, 70_000, 1_000_000])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--work", type=Path, help="keep studies and sites here, to measure again")
    options = parser.parse_args()
    executable = chromium()
    if executable is None:
        parser.error("no Chromium; run: python -m tests.browser.install")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for samples in options.samples:
            for layer in ("marks", "canvas") if samples <= BOTH else ("canvas",):
                print(f"{samples:,} samples, {layer}:", flush=True)
                address = prepare(options.work or Path(folder), samples, layer).resolve().as_uri()
                browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
                measure(browser, address, options.steps)
                browser.close()


if __name__ == "__main__":
    main()
