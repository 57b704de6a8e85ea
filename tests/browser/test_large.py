"""A study of many samples: pictures in shards, long lists in portions, mean pictures that travel with each setting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext

from precompute import store
from precompute.store import Study
from site_templates import publish
from tests import synthetic
from tests.browser.conftest import Explorer, Watch
from tests.browser.helpers import misclassified, settle, until
from tests.browser.tables import Tables

N = 6000

PAINTED = """tile => {
    const canvas = tile.querySelector("canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return Array.from(data).filter((_, at) => at % 4 === 3);
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results and site of a synthetic study, too large for marks and for one sprite."""
    made = tmp_path_factory.mktemp("large")
    synthetic.write(made / "results" / "blobs", N, (10.0, 30.0), (5, 10))
    publish.publish(made / "results", made / "site", ["blobs"], "Large")
    return made


@pytest.fixture(scope="module")
def blobs(folder: Path) -> Study:
    """The tables."""
    return store.read(folder / "results" / "blobs")


@pytest.fixture
def large(context: BrowserContext, folder: Path) -> Iterator[Explorer]:
    """The explorer of the synthetic study."""
    root = (folder / "site").as_uri()
    page, watch = context.new_page(), Watch(root)
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.faults.append(f"page error: {error}"))
    page.on("request", watch.request)
    explorer = Explorer(page, root, watch)
    explorer.open("#perplexity=30&k=5", "blobs/index.html")
    yield explorer
    watch.check()


def tiles(explorer: Explorer, selector: str) -> int:
    """How many tiles have a picture."""
    return explorer.page.locator(f"{selector} .tile > canvas").count()


def pixels(study: Study) -> np.ndarray:
    column = study.tables["samples"].column("pixels").combine_chunks().flatten()
    return column.to_numpy(zero_copy_only=False).reshape(N, 28, 28)


def test_pictures_come_in_shards_when_they_are_shown(large: Explorer, blobs: Study) -> None:
    chunks = large.page.evaluate("Object.keys(clusterfolio.get('study').chunks)")
    assert sum(name.startswith("sprite-") for name in chunks) == 24
    assert tiles(large, "#misclassified") < 600  # most of the list is below the fold
    for sample in (4097, 5999, 1):
        large.page.fill("#go-id", str(sample))
        large.page.press("#go-id", "Enter")
        settle(large)
        tile = large.page.locator("[data-card=tile]")
        until(large.page, "tile => tile.querySelector('canvas') !== null", tile.element_handle())
        np.testing.assert_array_equal(tile.evaluate(PAINTED), pixels(blobs)[sample].ravel())


def test_shards_that_are_not_seen_make_room_by_their_pixels(large: Explorer) -> None:
    """However large pictures are, those at hand take no more memory."""
    found = large.page.evaluate(
        """async () => {
            const { pictures } = clusterfolio, made = {};
            const drawn = (side) => {
                if (made[side]) return made[side];
                const canvas = Object.assign(document.createElement("canvas"), {width: side, height: side});
                canvas.getContext("2d").fillRect(0, 0, side, side);
                return made[side] = {uri: canvas.toDataURL(), columns: 1, rows: 1};
            };
            const most = {};
            for (const [side, last] of [[1000, 25], [2000, 9]]) {
                const asked = new Set();
                const load = async (number) => { asked.add(number); return drawn(side); };
                const image = {width: side, height: side, channels: 3};
                const sheets = await pictures.create(drawn(side), image, {each: 1, load});
                const show = async (sample) => {
                    asked.delete(sample);
                    const tile = pictures.tile(sheets, sample);
                    document.body.prepend(tile);
                    while (!tile.firstChild) await new Promise(requestAnimationFrame);
                    const across = tile.firstChild.width;
                    tile.remove();
                    return across;
                };
                for (let sample = 1; sample <= last; sample += 1) most.across = await show(sample);
                let kept = 1;
                for (let sample = last; sample > 0; sample -= 1, kept += 1) {
                    await show(sample);
                    if (asked.has(sample)) break;
                }
                most[side] = kept;
            }
            return most;
        }"""
    )
    assert found == {"1000": 20, "2000": 5, "across": 192}


def test_tiles_out_of_sight_hold_no_picture_and_get_it_back(large: Explorer) -> None:
    page, first = large.page, large.page.locator("#misclassified .tile").first
    first.scroll_into_view_if_needed()
    until(page, "tile => tile.firstChild !== null", first.element_handle())
    page.evaluate("scrollTo(0, 0)")
    until(page, "tile => tile.firstChild === null", first.element_handle())
    first.scroll_into_view_if_needed()
    until(page, "tile => tile.firstChild !== null", first.element_handle())


def test_pictures_follow_the_theme(large: Explorer) -> None:
    page, tile = large.page, large.page.locator("#misclassified .tile").first
    tile.scroll_into_view_if_needed()
    until(page, "tile => tile.firstChild !== null", tile.element_handle())
    for dark in (True, False):
        page.emulate_media(color_scheme="dark" if dark else "light")
        until(
            page,
            """([tile, dark]) => {
                const { data } = tile.firstChild.getContext("2d").getImageData(0, 0, 28, 28);
                const inked = data.findIndex((value, at) => at % 4 === 3 && value > 40);
                return inked > 0 && (data[inked - 1] > 128) === dark;
            }""",
            [tile.element_handle(), dark],
        )


def test_misclassified_samples_in_portions_are_all_there(large: Explorer, blobs: Study) -> None:
    wrong = Tables(blobs, 30.0, 5).wrong
    assert len(wrong) > 2000
    pages = large.page.locator("#misclassified .portions")
    seen: list[int] = []
    while True:
        seen += misclassified(large)
        assert f"to {len(seen):,} of {len(wrong):,}" in (pages.text_content() or "")
        if pages.get_by_text("Next").is_disabled():
            break
        pages.get_by_text("Next").click()
    assert len(seen) == len(wrong)
    assert sorted(seen) == wrong.tolist()
    assert large.page.locator("#cases-status").text_content() == f"{len(wrong):,} misclassified samples"


def test_the_maps_are_drawn_on_the_page_s_own_canvas(large: Explorer, blobs: Study) -> None:
    """Every point that stands alone is there, in the colour of its cluster."""
    tables = Tables(blobs, 30.0, 5)
    places = tables.places()
    colors = large.page.evaluate(
        "clusterfolio.get('tsne-p30').settings.find(one => one.slug === 'tsne-p30-k5').stats.color"
    )
    script = """places => {
        const canvas = document.querySelector("#map canvas.points");
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return places.map(([x, y]) => {
            const at = 4 * (Math.floor(y * canvas.height) * canvas.width + Math.floor(x * canvas.width));
            return [...data.slice(at, at + 3)];
        });
    }"""
    some = np.random.default_rng(0).choice(N, 1500, replace=False)
    drawn = np.array(large.page.evaluate(script, places[some].tolist()))
    wanted = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in colors])
    nearest = np.abs(drawn[:, None] - wanted[None]).sum(axis=2).argmin(axis=1)
    assert (drawn.min(axis=1) < 235).mean() > 0.99  # hardly a pixel of bare paper where a sample is
    assert (nearest == tables.clusters[some]).mean() > 0.9  # but for points that others cover


def test_mean_pictures_are_the_means_in_the_table_and_on_the_cards(large: Explorer, blobs: Study) -> None:
    script = """all => all.map(one => Array.from(one.getContext("2d").getImageData(0, 0, one.width, one.height).data)
        .filter((_, at) => at % 4 === 3))"""
    large.watch.allowed.append("willReadFrequently")
    for k in (5, 10):  # the second follows the first: none of its pictures may be left
        large.slide("k", k)
        large.ready(f"tsne-p30-k{k}")
        clusters = Tables(blobs, 30.0, k).clusters
        for place in ("#clusters tbody canvas.mean", "#cluster-cards canvas.mean"):
            drawn = large.page.eval_on_selector_all(place, script)
            assert len(drawn) == k
            for cluster in range(k):
                mean = pixels(blobs)[clusters == cluster].mean(axis=0).ravel()
                assert np.abs(np.array(drawn[cluster]) - mean).max() <= 1, (place, cluster)


def test_mean_pictures_on_the_cards_follow_the_theme(large: Explorer) -> None:
    script = """color => [...document.querySelectorAll("#cluster-cards canvas.mean")].every((one) => {
        const { data } = one.getContext("2d").getImageData(0, 0, one.width, one.height);
        const strong = [...data.keys()].filter((at) => at % 4 === 3 && data[at] > 100);
        const near = (at) => color.every((each, i) => Math.abs(data[at - 3 + i] - each) <= 4);
        return strong.length > 0 && strong.every(near);
    })"""
    ink = "getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()"
    large.watch.allowed.append("willReadFrequently")
    colors = []
    for scheme in ("light", "dark"):
        large.page.emulate_media(color_scheme=scheme)
        name = str(large.page.evaluate(ink))
        colors.append(name)
        until(large.page, script, [int(name[at : at + 2], 16) for at in (1, 3, 5)])
    assert colors[0] != colors[1]
