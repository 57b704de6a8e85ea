"""One gallery of data of every kind: each page of each opens, whatever is missing, and says what its tables say."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser

from precompute import pipeline, store
from precompute.config import Grid, StudyConfig
from precompute.loaders import assemble
from precompute.loaders.options import Options
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.store import Study
from site_templates import palette, publish
from tests.browser.conftest import Explorer
from tests.browser.helpers import complaints, opened
from tests.conftest import few_digits

Arrays = Mapping[str, NDArray[np.generic]]
GRID = Grid.of(perplexity=(5.0, 10.0), k=(3, 4))


def digits(n: int) -> tuple[NDArray[np.uint8], NDArray[np.int16]]:
    found = few_digits(n)
    assert found.pixels is not None
    assert found.labels is not None
    return found.pixels.reshape(n, 8, 8), found.labels


def letters() -> Arrays:
    """26 labels and pictures that are not square: one bright row and one bright column each, with noise."""
    rng = np.random.default_rng(0)
    label = np.arange(130) % 26
    images = rng.integers(0, 40, (130, 12, 7))
    images[np.arange(130), label % 12] += 200
    images[np.arange(130), :, label % 7] += 15
    return {"images": images.astype(np.uint8), "labels": np.array([chr(65 + each) for each in label])}


def colour() -> Arrays:
    """Pictures in colour, with labels that are long texts."""
    images, labels = digits(60)
    return {
        "images": np.stack([images, 255 - images, np.roll(images, 1, 1)], axis=-1),
        "labels": np.array([f"{each}, a label of many words that no column is wide enough for" for each in labels]),
    }


def vectors(labelled: bool) -> Arrays:
    """Features without pictures, with ids of their own where labelled."""
    rng = np.random.default_rng(1)
    label = np.arange(60) % 4
    features = rng.normal(size=(4, 9))[label] * 3 + rng.normal(size=(60, 9))
    if not labelled:
        return {"features": features}
    names = np.array(["ant", "bee", "cat", "dog"])[label]
    return {"features": features, "labels": names, "ids": np.array([f"row-{at}" for at in range(60)])}


KINDS: Mapping[str, tuple[Callable[[], Arrays], Grid]] = {
    "letters": (letters, Grid.of(perplexity=(5.0, 10.0), k=(3, 30))),
    "plain": (lambda: {"images": digits(60)[0]}, GRID),
    "colour": (colour, GRID),
    "vectors": (lambda: vectors(True), GRID),
    "bare": (lambda: vectors(False), GRID),
    "ten": (lambda: dict(zip(("images", "labels"), digits(10), strict=True)), Grid.of(perplexity=(2.0, 3.0), k=(2, 9))),
    "one-label": (lambda: {"images": 255 - digits(40)[0], "labels": np.zeros(40, np.int64)}, GRID),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    for id, (make, grid) in KINDS.items():
        np.savez(folder / f"{id}.npz", **make())  # type: ignore[arg-type]  # its stub takes the names for options
        data = assemble.load(folder / f"{id}.npz", id, Options()).data
        outcome = pipeline.compute(
            planned(data, StudyConfig(id=id, grid=grid, starts=2)), folder / "results", Machine()
        )
        assert not outcome.failed
    return folder / "results"


@pytest.fixture(scope="module")
def site(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds-site") / "site"
    publish.publish(results, folder, list(KINDS), "Many kinds")
    return folder


@pytest.fixture(scope="module")
def study(results: Path) -> Callable[[str], Study]:
    return lambda id: store.read(results / id)


@pytest.mark.parametrize("every", [pytest.param(True, marks=pytest.mark.slow), False])
@pytest.mark.parametrize("id", KINDS)
def test_every_setting_opens_and_its_clusters_are_those_of_the_table(
    browser: Browser, site: Path, study: Callable[[str], Study], id: str, every: bool
) -> None:
    """Quickly two of the settings of each space, in which each perplexity and each k comes once."""
    tables = study(id).tables
    stats = tables["cluster_stats"].to_pandas()
    grid = KINDS[id][1]
    with opened(browser, site.as_uri()) as page:
        for space in ("map", "features"):
            axes = grid["perplexity"], [int(k) for k in grid["k"]]
            pairs = itertools.product(*axes) if every else zip(*axes, strict=True)
            for perplexity, k in pairs:
                page.open(f"#perplexity={perplexity:g}&k={k}&space={space}&sample=7", f"{id}/index.html")
                here = stats[(stats.space == space) & (stats.k == k)]
                if space == "map":
                    here = here[here.perplexity == perplexity]
                shown = page.page.locator("#clusters tbody .size .number").all_inner_texts()
                assert [int(size) for size in shown if size] == here.sort_values("cluster")["size"].tolist()
        assert (page.page.locator("[role=alert]").text_content() or "").strip() == ""


@pytest.mark.parametrize(
    ("id", "width"),
    [  # quickly those with the most labels, with the longest, and with nothing
        *((id, 390) for id in ("letters", "colour", "bare")),
        *(pytest.param(id, 390, marks=pytest.mark.slow) for id in ("plain", "vectors", "ten", "one-label")),
        pytest.param("letters", 1440, marks=pytest.mark.slow),
    ],
)
def test_every_page_fits(browser: Browser, site: Path, id: str, width: int) -> None:
    for page in each_page(browser, site, id, width):
        assert page.page.evaluate("document.documentElement.scrollWidth") == width, page.page.url


@pytest.mark.parametrize(
    ("id", "name"),
    [*(("bare", name) for name in ("index", "audit")), *(pytest.param(id, "", marks=pytest.mark.slow) for id in KINDS)],
)
def test_axe_finds_nothing_on_any_page(browser: Browser, site: Path, id: str, name: str) -> None:
    """Quick on the study with the least in it, where its pages say so: what they are with the most, in both layouts and
    themes, is in each page's own test.
    """
    looked = 0
    for page in each_page(browser, site, id, 390):
        if not name or page.page.url.split("#", maxsplit=1)[0].endswith(f"/{id}/{name}.html"):
            assert complaints(page) == [], page.page.url
            looked += 1
    assert looked == (1 if name else looked) > 0


def each_page(browser: Browser, site: Path, id: str, width: int) -> Iterator[Explorer]:
    """Each page of a study, and two of its settings', one after the other."""
    pages = sorted(path.relative_to(site).as_posix() for path in (site / id).glob("*.html"))
    pages += sorted(path.relative_to(site).as_posix() for path in (site / id / "settings").glob("*.html"))[:2]
    assert len(pages) >= 5
    with opened(browser, site.as_uri(), viewport={"width": width, "height": 900}) as page:
        for path in pages:
            page.page.goto(f"{site.as_uri()}/{path}")
            page.page.wait_for_selector("html:not([data-state=loading])", state="attached")
            yield page


def test_the_front_page_has_a_card_for_each_with_its_best_setting(browser: Browser, site: Path) -> None:
    with opened(browser, site.as_uri()) as page:
        page.page.goto(f"{site.as_uri()}/index.html")
        cards = page.page.locator(".study")
        assert cards.count() == len(KINDS)
        for card in cards.all():
            assert card.locator("dd a").count() == 1
        cards.first.locator("dd a").click()
        page.ready()
        assert page.setting.startswith("tsne-p")


def test_without_labels_the_pages_say_what_is_missing(browser: Browser, site: Path) -> None:
    with opened(browser, site.as_uri()) as page:
        for path in ("plain/index.html", "bare/index.html", "bare/audit.html"):
            page.page.goto(f"{site.as_uri()}/{path}")
            page.page.wait_for_selector("html:not([data-state=loading])", state="attached")
            assert "no labels" in page.page.locator("main").inner_text().lower(), path


@pytest.mark.parametrize(("id", "follows"), [("one-label", False), ("plain", True), ("colour", False)])
def test_photographs_are_the_same_in_both_themes_and_strokes_follow_them(
    browser: Browser, site: Path, id: str, follows: bool
) -> None:
    """Grey pictures on white are photographs (b10): dark ones must not become bright in the dark theme."""
    shown = []
    for scheme in ("light", "dark"):
        with opened(browser, site.as_uri(), color_scheme=scheme) as page:
            page.open("#perplexity=10&k=3&sample=7", f"{id}/index.html")
            for place in ("[data-card=tile]", "#clusters tbody canvas.mean"):
                data = page.page.locator(place).first.screenshot(animations="disabled")
                shown.append(np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=np.int16)[3:-3, 3:-3])
    for light, dark in zip(shown[:2], shown[2:], strict=True):
        assert light.std() > 10
        if follows:
            assert np.corrcoef(light.ravel(), dark.ravel())[0, 1] < -0.99
        else:
            np.testing.assert_array_equal(light, dark)


@pytest.mark.parametrize(
    ("id", "said"), [("colour", "0 = dark, 255 = light"), ("one-label", "0 = dark, 255 = light"), ("plain", "= no ink")]
)
def test_the_download_says_what_the_numbers_of_pictures_mean(site: Path, id: str, said: str) -> None:
    """Once it said that 0 is paper, whatever the pictures were (b11)."""
    texts = [path.read_text() for path in (site / id / "download").iterdir() if path.suffix in (".json", ".html")]
    assert sum(said in text for text in texts) >= 3  # the page, the dictionary and Croissant
    assert not any("paper" in re.sub(r"<(script|style).*?</\1>|--paper", "", text, flags=re.DOTALL) for text in texts)


def test_twenty_six_labels_are_told_apart_by_colour_and_shape(browser: Browser, site: Path) -> None:
    with opened(browser, site.as_uri()) as page:
        page.open("#perplexity=10&k=30&color=label", "letters/index.html")
        chips = page.page.locator("#legend button:visible .swatch")
        looks = chips.evaluate_all("all => all.map(one => [one.style.backgroundColor, one.dataset.shape].join())")
        assert len(looks) == len(set(looks)) == 26
        assert [look.rsplit(",", 1)[1] for look in looks] == palette.label_shapes(26)
        drawn = page.page.evaluate(
            """shapes => clusterfolio.looks.dress(
                new Uint16Array(3), { study: { palette: { labels: shapes, shapes } }, labels: [0, 12, 25] },
                { clusters: [], isWrong: [] }, "label", null,
            ).filter((_, at) => at % 2 === 0).map(one => one.shape)""",
            palette.label_shapes(26),
        )
        assert drawn == palette.label_shapes(26)
