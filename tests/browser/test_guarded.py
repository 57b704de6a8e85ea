"""Browsers that guard canvases (Firefox's `privacy.resistFingerprinting`): what a page reads of its drawings is noise.

Quickly it is a Chromium whose canvases give noise, with the slow tests Firefox itself.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from site_templates import publish
from site_templates.data import points
from tests.browser.firefox import Marionette, running
from tests.browser.helpers import opened, settle
from tests.browser.install import firefox

DOTS = "#map .canvas"
SHOWN = (DOTS, "[data-card=tile]", "#clusters tbody", "#cluster-cards")
"""Dots, a picture, and mean pictures: drawn from typed arrays, from a sprite, and added up."""
SAID = "['[role=status]', '[role=alert]'].map((each) => document.querySelector(each).textContent).join('').trim()"


NOISE = """{
    const noise = (width, height) => {
        const made = new ImageData(width, height);
        for (let at = 0; at < made.data.length; at += 1) made.data[at] = 256 * Math.random();
        return made;
    };
    const noisy = (canvas) => {
        const made = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
        made.getContext("2d").putImageData(noise(canvas.width, canvas.height), 0, 0);
        return made;
    };
    for (const name of ["toBlob", "toDataURL"]) {
        const real = HTMLCanvasElement.prototype[name];
        HTMLCanvasElement.prototype[name] = function (...given) { return real.apply(noisy(this), given); };
    }
    CanvasRenderingContext2D.prototype.getImageData = (x, y, width, height) => noise(width, height);
}"""


def test_where_canvases_give_noise_the_same_is_drawn_and_no_picture_is_said_to_be_saved(
    browser: Browser, site: Path
) -> None:
    drawn = {}
    for guarded in (True, False):
        with opened(browser, site.as_uri()) as page:
            if guarded:
                page.page.add_init_script(NOISE)
            page.open("#perplexity=30&k=4&sample=7")
            assert page.page.locator("#map canvas.points").count() == 1
            settle(page)
            drawn[guarded] = [page.page.locator(one).first.screenshot(animations="disabled") for one in SHOWN[:3]]
            if guarded:  # in test_export.py it is saved
                page.page.locator("[data-save=map] summary").click()
                page.page.locator("[data-save=map] [data-as=png]").click()
                page.page.wait_for_selector("[role=alert]:not([hidden])")
                said = page.page.locator("[role=alert]").first.text_content() or ""
                assert said.startswith("This could not be saved. This browser does not let a page read what it has")
    for selector, one, other in zip(SHOWN[:3], drawn[True], drawn[False], strict=True):
        guarded_picture, plain = (
            np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int16) for data in (one, other)
        )
        assert plain.std() > 10, selector  # there is something to compare
        np.testing.assert_array_equal(guarded_picture, plain, err_msg=selector)


@pytest.fixture(scope="module")
def address(tiny_results: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tiny study, its dots on a canvas of the page's own, as if they were many."""
    folder = tmp_path_factory.mktemp("guarded-site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "LARGEST_MARKS", 100)
        publish.publish(tiny_results, folder, ["tiny"], "A gallery")
    return f"{folder.as_uri()}/tiny/index.html#perplexity=12.5&k=4&sample=7"


@pytest.fixture(scope="module")
def foxes(tmp_path_factory: pytest.TempPathFactory, address: str) -> Iterator[Mapping[bool, tuple[Marionette, Path]]]:
    """Firefox with and without the guard, at the address, and where each saves."""
    if firefox() is None:
        pytest.skip("no Firefox here: neither FIREFOX names one nor is firefox or firefox-esr on the path")
    folders = {guarded: tmp_path_factory.mktemp("firefox") for guarded in (True, False)}
    with (
        running(folders[True], {"privacy.resistFingerprinting": True}) as guarded,
        running(folders[False]) as plain,
    ):
        sessions = {True: guarded, False: plain}
        for session in sessions.values():
            session.go(address)
        # the guard rounds the window's size, and the pages shall be laid out alike
        wide, high = guarded.run("return [innerWidth, innerHeight]")
        edge = plain.run("return [outerWidth - innerWidth, outerHeight - innerHeight]")
        plain.command("WebDriver:SetWindowRect", width=wide + edge[0], height=high + edge[1])
        for session in sessions.values():
            session.until(f"innerWidth === {wide} && document.documentElement.dataset.state === 'ready'")
        yield {which: (session, folders[which] / "downloads") for which, session in sessions.items()}


@pytest.mark.slow  # quick: the first test
def test_what_is_drawn_is_the_same(foxes: Mapping[bool, tuple[Marionette, Path]]) -> None:
    for selector in SHOWN:
        guarded, plain = (
            np.asarray(Image.open(io.BytesIO(foxes[which][0].picture(selector))).convert("RGB"), dtype=np.int16)
            for which in (True, False)
        )
        assert plain.std() > 10, selector  # there is something to compare
        apart = np.abs(guarded - plain).max(axis=2)
        # the guard also says that the screen has two pixels for one, so dots are drawn finer and shown smaller
        assert apart.max() == 0 or (selector == DOTS and apart.mean() < 1 and (apart > 48).mean() < 0.005), selector


@pytest.mark.slow  # quick: the first test
def test_a_picture_that_cannot_be_saved_is_not_said_to_be(foxes: Mapping[bool, tuple[Marionette, Path]]) -> None:
    for guarded, (session, downloads) in foxes.items():
        session.run("document.querySelector('[data-save=map] [data-as=png]').click()")
        said = session.until(SAID)
        if guarded:
            assert said.startswith("This could not be saved. This browser does not let a page read what it has drawn")
            assert list(downloads.iterdir()) == []
        else:
            assert said == "Saved as tiny-tsne-p12.5-k4-map.png."
