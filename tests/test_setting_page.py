"""Pages of settings: their figures those of the tables, readable without a script, small, linked to neighbours."""

from __future__ import annotations

import gzip
import html
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from precompute.store import Study
from site_templates import publish
from site_templates.output.budget import kind
from site_templates.pages import setting, setting_errors
from site_templates.pages.render import short
from site_templates.publish import FILES, site_files
from site_templates.study import StudySite
from site_templates.views import SettingView, StudyView
from tests.test_raster import read

ROOT = "https://user.github.io/repo/"


@pytest.fixture(scope="module")
def site(tiny_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the tiny study, with a public address."""
    folder = tmp_path_factory.mktemp("settings") / "site"
    publish.publish(tiny_results, folder, ["tiny"], "A gallery", ROOT)
    return folder


@pytest.fixture(scope="module")
def settings(tiny_study: Study) -> list[SettingView]:
    """All settings, from the tables."""
    view = StudyView(tiny_study.manifest, tiny_study)
    return [one for part in ("features", "tsne-p5", "tsne-p12.5", "tsne-p30") for one in view.settings(part)]


class Figures(HTMLParser):
    """Figures of a page as (value, shown text) by name, and its table cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, tuple[float, str]] = {}
        self._open: tuple[str, str] | None = None
        self.feed(text)

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "data-metric" in given:
            self._open = (given["data-metric"] or "", given["data-value"] or "")

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[self._open[0]] = (float(self._open[1]), data)
            self._open = None


def page(site: Path, slug: str) -> str:
    return (site / "tiny" / "settings" / f"{slug}.html").read_text(encoding="utf-8")


class Links(HTMLParser):
    """Links and names without an address, as (address, text, class); of a text with tags in it, the first part."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self._open: tuple[str, str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._open = (given.get("href") or "", given.get("class") or "") if tag in ("a", "b") else None

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found.append((self._open[0], data, self._open[1]))
            self._open = None


def buttons(text: str) -> list[str]:
    """Where the page's buttons lead."""
    return [href for href, _, kind in Links(text).found if kind.startswith("button")]


def pairs(text: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Each pair's heading and the samples under it, as links, in the page's order."""
    blocks = re.findall(r"<h3>(.*?)</h3><p>(.*?)</p>", text, re.DOTALL)
    return [(Links(heading).found[0][1], Links(samples).found) for heading, samples in blocks]


def sheet(site: Path, text: str, side: int = 8, shown: int = 28) -> dict[str, NDArray[np.uint8]]:
    """What the page's own style sheet shows for each class: the part of the image that lies in the element's box."""
    style = re.search(r"misclassified-\w+\.css", text)
    assert style
    folder = site / "tiny" / "settings"
    rules = (folder / style[0]).read_text(encoding="utf-8")
    image = re.search(r'url\("([^"]+)"\)', rules)
    assert image
    assert f"width:{shown}px;height:{shown}px" in rules
    whole = read((folder / image[1]).read_bytes())
    size = re.search(r"background-size:(\d+)px (\d+)px", rules)
    assert size
    assert (int(size[1]) * side, int(size[2]) * side) == (whole.shape[1] * shown, whole.shape[0] * shown)
    left = {"0": 0} | {name: int(at) for name, at in re.findall(r'\^="(\d+)-"\]::before\{[^}]*-x:-(\d+)px', rules)}
    top = {"0": 0} | {name: int(at) for name, at in re.findall(r'\$="-(\d+)"\]::before\{[^}]*-y:-(\d+)px', rules)}
    return {
        f"{x}-{y}": whole[down * side // shown :, across * side // shown :][:side, :side, 0]
        for x, across in left.items()
        for y, down in top.items()
    }


def test_every_setting_has_a_page_and_its_pictures(site: Path, settings: list[SettingView], tiny_study: Study) -> None:
    assert {one.slug for one in settings} == {info.slug for info in tiny_study.manifest.settings}
    for one in settings:
        text = page(site, one.slug)
        assert f"<img src={one.slug}.png " in text
        assert read((site / "tiny" / "settings" / f"{one.slug}.png").read_bytes()).shape == (640, 640, 4)
        assert len(sheet(site, text)) > 1
    sheets = [path.suffix for path in (site / "tiny" / "settings").glob("misclassified-*")]
    assert sorted(sheets) == [".css", ".png"], "one for all"


def test_figures_equal_the_tables_without_a_script(site: Path, settings: list[SettingView], tiny_study: Study) -> None:
    decimals = {metric.name: metric.decimals for metric in tiny_study.manifest.metrics}
    for one in settings:
        found = Figures(page(site, one.slug)).found
        assert found["clusters"][0] == one.count == one.info.parameters["k"]
        assert set(one.metrics) <= set(found)
        for name, value in one.metrics.items():
            assert found[name][0] == value
            assert abs(float(found[name][1].replace(",", "").replace("−", "-")) - value) <= 0.51 * 10 ** -decimals[name]


def test_tables_and_pairs_equal_the_tables(site: Path, settings: list[SettingView], tiny_study: Study) -> None:
    for one in settings:
        text = page(site, one.slug)
        rows = re.findall(r"</svg> (\d+)<td>(\d)<td>([\d,]+)<td>", text)
        assert [(int(number), int(label), int(size)) for number, label, size in rows] == [
            (row.cluster, row.label, row.size) for row in one.stats
        ]
        found = pairs(text)
        headings = [re.fullmatch(r"(\d+) samples? of (\d) in clusters of (\d)", heading) for heading, _ in found]
        wrong = sorted((count, true, dominant) for true, dominant, count in one.pairs if true != dominant)
        assert sorted(tuple(int(word) for word in heading.groups()) for heading in headings if heading) == wrong
        at = next(href for href, _, kind in Links(text).found if "go-explore" in kind)
        told = re.search(r"(\d+) of (\d+) shown", text)
        shown = [name for _, samples in found for _, name, _ in samples]
        assert (len(shown), len(one.misclassified)) == (
            (int(told[1]), int(told[2])) if told else (len(one.misclassified),) * 2
        )
        order = one.misclassified.tolist()
        for (_, samples), heading in zip(found, headings, strict=True):
            assert heading and 1 <= len(samples) <= int(heading[1])
            ids = [int(name) for _, name, _ in samples]
            of_pair = [
                sample
                for sample in order
                if (tiny_study.tables["samples"]["label"][sample].as_py(), int(one.dominant[sample]))
                == (int(heading[2]), int(heading[3]))
            ]
            assert ids == of_pair[: len(ids)], "the most clearly wrong first"
            hrefs = [href for href, _, _ in samples]
            said = [href for href in hrefs if href]
            assert said and hrefs == [*said, *[""] * (len(hrefs) - len(said))], (
                "of the first, and a script makes others"
            )
            assert said == [f"{at}&sample={sample}" for sample in ids[: len(said)]], "at this setting"
        room = setting_errors.ROOM - len(text[text.index('<table class="clusters') : text.index("measures-title")])
        assert "<b class=" not in text or room < 500, "as many addresses as there is room for"


def test_each_image_is_the_sample_that_its_name_says(
    site: Path, settings: list[SettingView], tiny_study: Study
) -> None:
    pixels = StudyView(tiny_study.manifest, tiny_study).pixels
    assert pixels is not None
    for one in settings[::5]:
        text = page(site, one.slug)
        images = sheet(site, text)
        for _, samples in pairs(text):
            for _, name, place in samples:
                assert (images[place] == 255 - pixels[int(name), :, :, 0]).all()


def test_every_pair_shows_its_first_however_small_it_is() -> None:
    ninety = [500] * 45 + [1] * 45
    assert setting_errors.fair(ninety, lambda counts: sum(counts) <= 90) == [1] * 90
    assert setting_errors.fair(ninety, lambda counts: sum(counts) <= 400) == [8] * 40 + [7] * 5 + [1] * 45
    assert setting_errors.fair([], lambda counts: False) == []


def test_a_page_without_room_shows_the_first_of_each_pair_and_says_so(
    tiny_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = StudyView(tiny_study.manifest, tiny_study)
    monkeypatch.setattr(setting_errors, "ROOM", 0)
    found = {slug: content for slug, content in setting.pages(StudySite(view, None)) if "-k3" in slug}
    assert found
    for content in found.values():
        errors = content.variables["errors"]
        assert errors.shown == f"{len(errors.pairs)} of {errors.count}"
        assert [[bool(name.href) for name in one.named] for one in errors.pairs] == [[True]] * len(errors.pairs)


def test_addresses_are_short_where_nothing_else_can_be_read_in_them() -> None:
    plain = "../index.html#perplexity=35&k=10&sample=1234"
    assert short(plain) == plain
    for address in (plain, "a&amp;b", "?a&copy=1", "&lt", 'a"b&k=1', "<&>", "?x&#65;"):
        assert html.unescape(short(address)) == address
        assert not set(short(address)) & set('"<>')


def test_pages_are_small(site: Path) -> None:
    """As those of all digits are, for the misclassified have so much room and no more (the site has an address)."""
    for path in (site / "tiny" / "settings").glob("*-k*.html"):
        data = path.read_bytes()
        previews = sum(len(line) for line in data.splitlines() if b"og:" in line or b"twitter:" in line)
        assert len(data) - previews <= 14_000, path.name
        assert len(gzip.compress(data)) <= 4_500, path.name
        assert path.with_suffix(".png").stat().st_size <= 8_000


def test_neighbours_and_the_explorer_are_one_link_away(site: Path) -> None:
    found = buttons(page(site, "tsne-p12.5-k4"))
    assert found == [
        "../index.html#perplexity=12.5&k=4",
        "tsne-p5-k4.html",
        "tsne-p30-k4.html",
        "tsne-p12.5-k3.html",
        "tsne-p12.5-k10.html",
        "features-k4.html",
        "index.html",
    ]
    features = buttons(page(site, "features-k10"))
    assert features[0] == "../index.html#perplexity=30&k=10&space=features"
    assert "tsne-p30-k10.html" in features


def test_previews_are_absolute_and_only_where_the_address_is_known(
    site: Path, tiny_results: Path, tmp_path: Path
) -> None:
    for name in ["index.html", "tiny/index.html", *(f"tiny/settings/{slug}.html" for slug in ("tsne-p5-k3",))]:
        text = (site / name).read_text(encoding="utf-8")
        image = re.search(r'property="og:image" content="([^"]+)"', text)
        assert image
        assert image[1].startswith(f"{ROOT}tiny/settings/")
        assert read((site / image[1].removeprefix(ROOT)).read_bytes()).shape == (630, 1200, 4)
        canonical = re.search(r'rel="canonical" href="([^"]+)"', text)
        address = re.search(r'property="og:url" content="([^"]+)"', text)
        assert canonical and address and canonical[1] == address[1] == ROOT + name.removesuffix("index.html")
        assert 'name="twitter:card" content="summary_large_image"' in text
    plain = tmp_path / "plain"
    publish.publish(tiny_results, plain, ["tiny"], "A gallery")
    for path in plain.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "og:" not in text and "twitter:" not in text and "canonical" not in text, path
    assert not (plain / "sitemap.xml").exists()


def test_the_sitemap_names_all_pages(site: Path) -> None:
    named = set(re.findall(r"<loc>([^<]+)</loc>", (site / "sitemap.xml").read_text(encoding="utf-8")))
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    assert named == {ROOT + name.removesuffix("index.html") for name in pages}


def test_without_a_public_address_there_is_no_card(site: Path, tiny_site: Path) -> None:
    assert list(site.rglob("*-card.png"))
    assert not list(tiny_site.rglob("*-card.png")), "nothing would lead to it"


def test_what_did_not_change_is_not_drawn_again(
    site: Path, tiny_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from site_templates.images import queue

    asked: list[set[str]] = []
    finish = queue.Drawer.finish

    def watched(drawer: queue.Drawer, drawings: dict[str, queue.Drawing]) -> dict[str, bytes]:
        asked.append(set(drawings))
        return finish(drawer, drawings)

    monkeypatch.setattr(queue.Drawer, "finish", watched)
    again = tmp_path / "site"
    publish.publish(tiny_results, again, ["tiny"], "A gallery", ROOT)
    made = {name for name in site_files(again) if kind(name) in ("cards", "pictures") and "settings/" in name}
    assert asked.pop() == made
    damaged = again / "tiny" / "settings" / "tsne-p5-k3.png"
    damaged.write_bytes(b"not a picture")
    publish.publish(tiny_results, again, ["tiny"], "Another title", ROOT)
    assert asked == [{"tiny/settings/tsne-p5-k3.png"}]
    for name in made:
        assert (again / name).read_bytes() == (site / name).read_bytes()
    publish.publish(tiny_results, again, ["tiny"], "Another title", ROOT)
    assert len(asked) == 1, "a build with nothing to do asks for no picture"
    assert (again / FILES).is_file()
