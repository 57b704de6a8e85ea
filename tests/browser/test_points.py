"""Points drawn on a canvas of the page's own: the same picture and the same answers as the chart's marks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext

from precompute.store import Study
from site_templates import charts, publish
from tests.browser.conftest import Explorer, Watch
from tests.browser.helpers import opened, settle, until
from tests.browser.tables import Tables

STATES = [
    "#perplexity=30&k=10",
    "#perplexity=50&k=3&color=label",
    "#perplexity=10&k=15&color=right&sample=1234",
    "#perplexity=5&k=8&space=features&color=cluster&cluster=2",
    "#perplexity=32&k=9&color=right&pair=1-8",
]


@pytest.fixture(scope="module")
def canvas_root(results: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same study, published as if it were too large for marks."""
    folder = tmp_path_factory.mktemp("canvas-site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "LARGEST_MARKS", 100)
        publish.publish(results, folder, ["digits"], "Clusterfolio")
    return folder.as_uri()


@pytest.fixture
def canvas(context: BrowserContext, canvas_root: str) -> Iterator[Explorer]:
    """The explorer with its own layer."""
    page, watch = context.new_page(), Watch(canvas_root)
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.faults.append(f"page error: {error}"))
    page.on("request", watch.request)
    yield Explorer(page, canvas_root, watch)
    watch.check()


def picture(explorer: Explorer, name: str) -> np.ndarray:
    data = explorer.page.locator(f"#{name}").screenshot(animations="disabled")
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int16)


def test_only_large_studies_get_the_layer(local: Explorer, canvas: Explorer) -> None:
    for explorer, count in ((local, 0), (canvas, 2)):
        explorer.open()
        assert explorer.page.locator("canvas.points").count() == count
        assert explorer.page.evaluate("clusterfolio.get('study').points") == ("canvas" if count else "marks")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_layers_place_and_colour_the_same_points(local: Explorer, canvas: Explorer, theme: str) -> None:
    for explorer in (local, canvas):
        explorer.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    for state in STATES if theme == "light" else STATES[2:3]:
        drawn = {}
        for name, explorer in (("marks", local), ("canvas", canvas)):
            explorer.open("?")
            explorer.open(state)
            settle(explorer)
            drawn[name] = [picture(explorer, figure) for figure in ("map", "pca")]
        for marks, points in zip(drawn["marks"], drawn["canvas"], strict=True):
            apart = np.abs(marks - points).max(axis=2)
            ink = np.abs(marks - marks[2, -3]).max(axis=2) > 12
            assert ink.mean() > 0.02, state  # there is something to compare
            # symbols stand within an eighth of a pixel of where they belong: only their soft edges differ, a little
            assert (apart[ink] > 48).mean() < 0.01, state
            assert apart.mean() < 2, state


def lonely(places: np.ndarray, count: int) -> list[int]:
    """Samples that stand farthest from all others."""
    apart = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2)) + np.eye(len(places))
    return [int(sample) for sample in np.argsort(-apart.min(axis=1))[:count]]


def test_pointer_and_box_answer_as_on_marks(canvas: Explorer, study: Study) -> None:
    tables = Tables(study, 30.0, 10)
    canvas.open(tables.address)
    places = tables.places()
    page = canvas.page
    box = page.locator("#map .canvas canvas").bounding_box()
    assert box

    def pixel(place: np.ndarray) -> tuple[float, float]:
        return box["x"] + float(place[0]) * box["width"], box["y"] + float(place[1]) * box["height"]

    for sample in lonely(places, 5):
        page.mouse.move(*pixel(places[sample]))
        until(page, "id => document.querySelector('[data-card=title]').textContent.includes(id)", str(sample))
        page.mouse.click(*pixel(places[sample]))
        settle(canvas)
        assert f"sample={sample}" in canvas.hash()
    low, high = np.array([0.4, 0.4]), np.array([0.8, 0.8])
    page.mouse.move(*pixel(low))
    page.mouse.down()
    page.mouse.move(*pixel((low + high) / 2), steps=3)
    page.mouse.move(*pixel(high), steps=3)
    page.mouse.up()
    settle(canvas)
    inside = ((places > low + 0.004) & (places < high - 0.004)).all(axis=1).sum()
    around = ((places > low - 0.004) & (places < high + 0.004)).all(axis=1).sum()
    said = int((page.locator("#selection-text").text_content() or "").split()[0].replace(",", ""))
    assert inside <= said <= around


def test_points_glide_to_their_places(browser: Browser, canvas_root: str, local: Explorer) -> None:
    """With motion allowed, the layer ends where the marks end."""
    with opened(browser, canvas_root, viewport={"width": 1440, "height": 900}) as canvas:
        canvas.open("#perplexity=30&k=10")
        canvas.slide("perplexity", 50)
        canvas.ready("tsne-p50-k10")
        moved = picture(canvas, "map")
    local.open("#perplexity=50&k=10")
    marks = picture(local, "map")
    assert np.abs(marks - moved).mean() < 2
