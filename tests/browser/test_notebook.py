"""A study in a notebook: the explorer in a sandboxed frame, as a page and in a real Jupyter server."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page

import clusterfolio as cf
from precompute.store import Study
from tests.browser.conftest import WAIT, Watch

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "digits.ipynb"
FEW = 300
"""Digits of the example that the test looks at."""
SLIDE = """(input, value) => { input.value = value;
    for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, { bubbles: true })); }"""


def explorer_in(page: Page, setting: str = "") -> Frame:
    """The frame of an explorer that is ready, inside a page."""
    frame = page.wait_for_selector("iframe[srcdoc]", timeout=240_000, state="attached")
    inside = frame.content_frame() if frame else None
    assert inside
    ready(inside, setting)
    return inside


def ready(frame: Frame, setting: str) -> None:
    which = f'[data-setting="{setting}"]' if setting else ""
    frame.wait_for_selector(f'html[data-state="ready"]{which}', timeout=WAIT, state="attached")


def figure(frame: Frame, name: str) -> float:
    return float(frame.locator(f"[data-metric={name}]").get_attribute("data-value") or "nan")


def stored(study: Study, setting: str, name: str) -> float:
    rows = study.tables["metrics"].to_pylist()
    (value,) = (row["value"] for row in rows if (row["setting"], row["metric"]) == (setting, name))
    return float(value)


def test_the_explorer_works_in_a_frame_without_origin(
    browser: Browser, tiny_site: Path, tiny_results: Path, tiny_study: Study, tmp_path: Path
) -> None:
    """There `replaceState` and storage throw."""
    cell = tmp_path / "cell.html"
    view = cf.Gallery(tiny_site, tiny_results, ["tiny"]).show(height=600)
    cell.write_text(f"<!doctype html><meta charset=utf-8><title>A cell</title>{view.html}", encoding="utf-8")
    page, watch = browser.new_page(), Watch(cell.as_uri())
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.faults.append(f"page error: {error}"))
    page.on("request", watch.request)
    page.goto(cell.as_uri())
    frame = explorer_in(page)
    assert frame.evaluate("origin") == "null"
    assert page.locator("iframe").bounding_box()["height"] == 600  # type: ignore[index]
    frame.eval_on_selector("input[name=k]", SLIDE, "4")
    ready(frame, "tsne-p30-k4")
    assert figure(frame, "silhouette") == stored(tiny_study, "tsne-p30-k4", "silhouette")
    frame.locator("a[href='#perplexity=30&k=3']").first.click()
    ready(frame, "tsne-p30-k3")
    frame.locator("[data-action=theme]").click()
    assert frame.evaluate("document.documentElement.dataset.theme") == "dark"
    assert not frame.locator("#copy").is_visible(), "a frame has no address that leads anywhere"
    assert page.url == cell.as_uri()
    page.close()
    watch.check()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A Jupyter server with the example, and its folder; what it runs in has JupyterLab, or is named in JUPYTER."""
    python = os.environ.get("JUPYTER") or (sys.executable if importlib.util.find_spec("jupyterlab") else None)
    if python is None:
        pytest.skip("no JupyterLab here, nor a Python that has it in JUPYTER")
    folder = tmp_path_factory.mktemp("jupyter")
    text = EXAMPLE.read_text(encoding="utf-8")
    load = "X, y = load_digits(return_X_y=True)"
    assert load in text
    (folder / EXAMPLE.name).write_text(text.replace(load, f"{load}; X, y = X[:{FEW}], y[:{FEW}]"), encoding="utf-8")
    environment = {
        **os.environ,
        **{f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")},
        "PYTHONPATH": str(ROOT),
    }
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0", f"--ServerApp.root_dir={folder}"]
    token = "--IdentityProvider.token=letmein"
    log = folder / "log"
    with log.open("w") as sink:
        running = subprocess.Popen(
            [python, "-m", "jupyterlab", *options, token], env=environment, stdout=sink, stderr=sink
        )
    try:
        end = time.monotonic() + 300
        while not (address := re.search(r"http://127\.0\.0\.1:\d+/", log.read_text(encoding="utf-8"))):
            assert running.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < end, log.read_text(encoding="utf-8")
            time.sleep(0.2)
        yield address[0], folder
    finally:
        running.terminate()
        running.wait(30)


@pytest.mark.slow  # quick: the same frame in a plain page, and the cells of the example (tests/test_python.py)
def test_the_example_runs_in_jupyter(browser: Browser, server: tuple[str, Path]) -> None:
    address, folder = server
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}lab/tree/digits.ipynb?token=letmein&reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.locator(".jp-Notebook .jp-CodeCell").first.click()
    page.locator("text=Run >> nth=0").click()
    page.locator("text=Run All Cells >> nth=0").click()
    frame = explorer_in(page, "tsne-p30-k10")
    frame.eval_on_selector("input[name=perplexity]", SLIDE, "50")
    ready(frame, "tsne-p50-k10")
    assert 0 < figure(frame, "silhouette") < 1
    page.wait_for_selector("text=suspicion", timeout=60_000)
    page.keyboard.press("Control+s")
    end = time.monotonic() + 120
    outputs = ""
    while "srcdoc" not in outputs:
        assert time.monotonic() < end
        time.sleep(0.2)
        with contextlib.suppress(ValueError):  # half written
            saved = json.loads((folder / EXAMPLE.name).read_text(encoding="utf-8"))
            outputs = json.dumps([cell.get("outputs") for cell in saved["cells"]])
    assert "tree-shaker" not in outputs
    assert "Traceback" not in outputs
    page.close()
