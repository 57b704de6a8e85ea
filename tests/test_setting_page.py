"""Pages of settings: their figures those of the tables, readable without a script, small, linked to neighbours."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from precompute.store import Study
from site_templates import publish
from site_templates.images.setting import sheet_layout
from site_templates.output.budget import kind
from site_templates.pages import setting, setting_errors
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


def named(text: str) -> list[list[int]]:
    """The samples named for each pair, in the page's order."""
    return [
        [int(one) for one in re.findall(r">(\d+)</a>", block)]
        for block in re.findall(r'<p class="named">(.*?)</p>', text)
    ]


def test_every_setting_has_a_page_and_its_pictures(site: Path, settings: list[SettingView], tiny_study: Study) -> None:
    assert {one.slug for one in settings} == {info.slug for info in tiny_study.manifest.settings}
    for one in settings:
        text = page(site, one.slug)
        for name in (f"{one.slug}.png", f"{one.slug}-errors.png"):
            assert f'"{name}"' in text
            assert read((site / "tiny" / "settings" / name).read_bytes()).shape[2] == 4


def test_figures_equal_the_tables_without_a_script(site: Path, settings: list[SettingView], tiny_study: Study) -> None:
    decimals = {metric.name: metric.decimals for metric in tiny_study.manifest.metrics}
    for one in settings:
        found = Figures(page(site, one.slug)).found
        assert found["clusters"][0] == one.k
        assert set(one.metrics) <= set(found)
        for name, value in one.metrics.items():
            assert found[name][0] == value
            assert abs(float(found[name][1].replace(",", "").replace("−", "-")) - value) <= 0.51 * 10 ** -decimals[name]


def test_tables_and_pairs_equal_the_tables(site: Path, settings: list[SettingView]) -> None:
    for one in settings:
        text = page(site, one.slug)
        rows = re.findall(r"</svg> (\d+)</th>\s*<td>(\d)</td>\s*<td>([\d,]+)</td>", text)
        assert [(int(number), int(label), int(size)) for number, label, size in rows] == [
            (row.cluster, row.label, row.size) for row in one.stats
        ]
        pairs = re.findall(r"(\d+) samples? of (\d) in clusters of (\d)</a></h3>", text)
        wrong = sorted((count, true, dominant) for true, dominant, count in one.pairs if true != dominant)
        assert sorted((int(count), int(true), int(dominant)) for count, true, dominant in pairs) == wrong
        ids = [sample for block in named(text) for sample in block]
        assert sorted(ids) == sorted(one.misclassified.tolist())
        found = set(re.findall(r'<a href="\.\./index\.html#([^"]+)&amp;sample=(\d+)">(\d+)</a>', text))
        assert {sample for _, sample, name in found if sample == name} == {str(sample) for sample in ids}
        at = next(iter(re.findall(r'class="button go-explore" href="\.\./index\.html#([^"]+)"', text)))
        assert {address for address, _, _ in found} == {at}, "each at this setting"


def test_each_pair_shows_its_own_part_of_the_sheet(site: Path, settings: list[SettingView], tiny_study: Study) -> None:
    pixels = StudyView(tiny_study.manifest, tiny_study).pixels
    assert pixels is not None
    for one in settings[::5]:
        sheet = read((site / "tiny" / "settings" / f"{one.slug}-errors.png").read_bytes())[:, :, 0]
        text = page(site, one.slug)
        for box, ids in zip(re.findall(r'viewBox="([\d ]+)"', text), named(text), strict=True):
            left, top, width, height = (int(word) for word in box.split())
            part = sheet[top : top + height, left : left + width]
            for at, sample in enumerate(ids):
                row, column = divmod(at, 24)
                found = part[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
                assert (found == 255 - pixels[sample, :, :, 0]).all()


def test_sheets_of_colour_pictures_are_smaller_the_more_there_are() -> None:
    many = [9000, 5]
    assert sum(setting_errors.pictured(many, 611, (28, 28, 1))) == 1500, "grey: as many as ever"
    assert sum(setting_errors.pictured(many, 20, (32, 32, 3))) == 1500
    assert sum(setting_errors.pictured(many, 100, (32, 32, 3))) == 150_000_000 // (100 * 3072)
    assert sum(setting_errors.pictured(many, 611, (64, 64, 3))) == 40
    assert setting_errors.pictured([30, 30, 30], 611, (64, 64, 3)) == [14, 13, 13]


def test_every_pair_shows_its_first_however_small_it_is() -> None:
    sizes = [60, *[1] * 49, *[2] * 10, 3]
    found = setting_errors.pictured(sizes, 611, (32, 32, 3))
    assert sum(found) == 79 < sum(sizes) == 132
    assert min(found) == 1 and found[0] == max(found)
    ninety = [500] * 45 + [1] * 45
    assert setting_errors.pictured(ninety, 611, (64, 64, 3)) == [1] * 90, "one each is more than the least"
    assert setting_errors.fair(ninety, lambda counts: sum(counts) <= 400) == [8] * 40 + [7] * 5 + [1] * 45
    assert setting_errors.fair([], lambda counts: False) == []


@pytest.mark.parametrize("channels", [1, 3])
def test_no_sheet_is_too_tall(channels: int) -> None:
    for height in (28, 64, 128, 500, 9000):
        found = setting_errors.pictured([700, 300, *range(120, 0, -1)], 1, (height, 64, channels))
        assert sheet_layout([count for count in found if count])[-1].row <= max(1, 8192 // height)
        assert found[0]
        assert all(found) or 24 * max(1, 8192 // height) < len(found)
    assert setting_errors.pictured([1000, 30, 20], 1, (200, 20, 1)) == [888, 30, 20]


def test_a_page_says_how_many_colour_pictures_it_shows(tiny_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    view = StudyView(tiny_study.manifest, tiny_study)
    assert view.pixels is not None
    vars(view)["pixels"] = np.repeat(view.pixels, 3, axis=3)
    monkeypatch.setattr(setting_errors, "SMALLEST_SHEET", 3)
    monkeypatch.setattr(setting_errors, "SHEETS_BYTES", 1)
    found = {slug: content for slug, content in setting.pages(StudySite(view, None)) if "-k3" in slug}
    assert found
    for slug, content in found.items():
        errors = content.variables["errors"]
        assert errors.pictured == f"{sum(one.slice.count for one in errors.pairs if one.slice)} of {errors.count}"
        assert [one.slice.count for one in errors.pairs if one.slice] == [1] * max(3, len(errors.pairs))
        assert read(content.drawings[f"{slug}-errors.png"]()).shape[:2] == (errors.sheet.height, errors.sheet.width)


def test_pages_are_small(site: Path) -> None:
    for path in (site / "tiny" / "settings").glob("*.html"):
        data = path.read_bytes()
        assert len(data) <= 120_000
        assert len(gzip.compress(data)) <= 30_000


def test_neighbours_and_the_explorer_are_one_link_away(site: Path) -> None:
    found = re.findall(r'<a class="button[^"]*" href="([^"]+)"', page(site, "tsne-p12.5-k4"))
    assert found == [
        "../index.html#perplexity=12.5&amp;k=4",
        "tsne-p5-k4.html",
        "tsne-p30-k4.html",
        "tsne-p12.5-k3.html",
        "tsne-p12.5-k10.html",
        "features-k4.html",
        "index.html",
    ]
    features = re.findall(r'<a class="button[^"]*" href="([^"]+)"', page(site, "features-k10"))
    assert features[0] == "../index.html#perplexity=30&amp;k=10&amp;space=features"
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
