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
from site_templates import publish
from site_templates.data import points as layers
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
def marks_root(results: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same study, published as if it were small enough for marks."""
    folder = tmp_path_factory.mktemp("marks-site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layers, "LARGEST_MARKS", 10_000)
        publish.publish(results, folder, ["digits"], "Clusterfolio")
    return folder.as_uri()


@pytest.fixture
def marks(context: BrowserContext, marks_root: str) -> Iterator[Explorer]:
    """The explorer with Vega's marks."""
    page, watch = context.new_page(), Watch(marks_root)
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.faults.append(f"page error: {error}"))
    page.on("request", watch.request)
    yield Explorer(page, marks_root, watch)
    watch.check()


def picture(explorer: Explorer, name: str) -> np.ndarray:
    data = explorer.page.locator(f"#{name}").screenshot(animations="disabled")
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int16)


def test_only_small_studies_are_marks(local: Explorer, marks: Explorer) -> None:
    for explorer, count in ((marks, 0), (local, 2)):
        explorer.open()
        assert explorer.page.locator("canvas.points").count() == count
        assert explorer.page.evaluate("clusterfolio.get('study').points") == ("canvas" if count else "marks")


@pytest.mark.parametrize(
    ("theme", "states"),
    [("light", STATES[3:]), ("dark", STATES[2:3]), pytest.param("light", STATES, marks=pytest.mark.slow)],
)
def test_both_layers_place_and_colour_the_same_points(
    local: Explorer, marks: Explorer, theme: str, states: list[str]
) -> None:
    for explorer in (local, marks):
        explorer.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        explorer.stays = True
    for state in states:
        drawn = {}
        for name, explorer in (("marks", marks), ("canvas", local)):
            explorer.open(state)
            settle(explorer)
            drawn[name] = [picture(explorer, figure) for figure in ("map", "pca")]
        for exact, points in zip(drawn["marks"], drawn["canvas"], strict=True):
            apart = np.abs(exact - points).max(axis=2)
            ink = np.abs(exact - exact[2, -3]).max(axis=2) > 12
            assert ink.mean() > 0.02, state  # there is something to compare
            # symbols stand within an eighth of a pixel of where they belong: only their soft edges differ, a little
            assert (apart[ink] > 48).mean() < 0.01, state
            assert apart.mean() < 2, state


def lonely(places: np.ndarray, count: int) -> list[int]:
    """Samples that stand farthest from all others."""
    apart = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2)) + np.eye(len(places))
    return [int(sample) for sample in np.argsort(-apart.min(axis=1))[:count]]


def test_pointer_and_box_answer_as_on_marks(local: Explorer, study: Study) -> None:
    tables = Tables(study, 30.0, 10)
    local.open(tables.address)
    places = tables.places()
    page = local.page
    box = page.locator("#map .canvas canvas").bounding_box()
    assert box

    def pixel(place: np.ndarray) -> tuple[float, float]:
        return box["x"] + float(place[0]) * box["width"], box["y"] + float(place[1]) * box["height"]

    for sample in lonely(places, 5):
        page.mouse.move(*pixel(places[sample]))
        until(page, "id => document.querySelector('[data-card=title]').textContent.includes(id)", str(sample))
        page.mouse.click(*pixel(places[sample]))
        settle(local)
        assert f"sample={sample}" in local.hash()
    low, high = np.array([0.4, 0.4]), np.array([0.8, 0.8])
    page.mouse.move(*pixel(low))
    page.mouse.down()
    page.mouse.move(*pixel((low + high) / 2), steps=3)
    page.mouse.move(*pixel(high), steps=3)
    page.mouse.up()
    settle(local)
    inside = ((places > low + 0.004) & (places < high - 0.004)).all(axis=1).sum()
    around = ((places > low - 0.004) & (places < high + 0.004)).all(axis=1).sum()
    said = int((page.locator("#selection-text").text_content() or "").split()[0].replace(",", ""))
    assert inside <= said <= around


def test_points_glide_to_their_places(browser: Browser, site: Path, marks: Explorer) -> None:
    """With motion allowed, the layer ends where the marks end."""
    with opened(
        browser, site.as_uri(), viewport={"width": 1440, "height": 900}, reduced_motion="no-preference"
    ) as canvas:
        canvas.open("#perplexity=30&k=10")
        canvas.slide("perplexity", 50)
        canvas.ready("tsne-p50-k10")
        moved = picture(canvas, "map")
    marks.open("#perplexity=50&k=10")
    assert np.abs(picture(marks, "map") - moved).mean() < 2
