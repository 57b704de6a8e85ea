"""Ids of the data's own: links and marks by them outlast a mended label and an added picture, and say what is gone."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from playwright.sync_api import Browser

from clusterfolio import cli
from precompute import store
from precompute.store import Study
from site_templates import publish
from site_templates.study import StudySite
from site_templates.views import StudyView
from tests.browser.helpers import alert, opened
from tests.conftest import shared
from tests.hostile.test_addresses import VISIT

ODD = ("a=b&k=4", "Käse (1).", "100%25", "x%3Dy", "12", "#sample=3", "猫+hund", "__proto__", "twice\x00", "twice\x01")
"""Ids of the first samples; the last two look alike on pages."""
IDS = [*ODD, *(f"{sample:04}.png" for sample in range(len(ODD), 200))]
STATES = {"first": (IDS, "a", "5"), "mended": (IDS, "b", "5"), "added": (["new.png", *IDS[:199]], "c", "6")}
"""Ids, fingerprint, and fingerprint of the samples: a label was mended, then a picture added before all others."""


@pytest.fixture(scope="module")
def states(tiny_study: Study, tiny_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results and site of the tiny study in three states, each under its name."""
    cells = store.read_cells(tiny_results / "tiny")
    assert cells is not None
    samples = tiny_study.tables["samples"]
    column = samples.schema.get_field_index("id")

    def make(folder: Path) -> None:
        for state, (ids, sha, samples_sha) in STATES.items():
            info = msgspec.structs.replace(
                tiny_study.manifest.dataset, sha256=sha * 64, samples_sha256=samples_sha * 64
            )
            named = samples.set_column(column, samples.schema.field(column), pa.array(ids, pa.string()))
            manifest = msgspec.structs.replace(tiny_study.manifest, dataset=info)
            store.write(folder / state / "r" / "tiny", manifest, {**tiny_study.tables, "samples": named}, cells)
            if state != "mended":
                publish.publish(folder / state / "r", folder / state / "site", ["tiny"], "Ids")
        # what a page says of its labels is of no matter here: of the data that marks depend on, only this differs
        site = shutil.copytree(folder / "first/site", folder / "mended/site")
        (chunk,) = (site / "tiny/data").glob("audit-*.js")
        chunk.write_text(chunk.read_text(encoding="utf-8").replace("a" * 64, "b" * 64), encoding="utf-8")

    return shared(tmp_path_factory, "sites-of-ids", make)


PAGES = (
    ("index", "perplexity=5&k=3&"),
    ("compare", "a=tsne-p5-k3&b=tsne-p30-k3&"),
    ("audit", "show=all&"),
)
"""Pages with an address, and what stands in theirs before a sample."""


def test_pages_of_settings_lead_to_samples_by_the_same_rule(
    states: Path, browser: Browser, tell: Callable[[str], None]
) -> None:
    """The address of a sample that the page does not say is made by a script: the one that Python would have said."""
    study = store.read(states / "first/r/tiny")
    site = StudySite(StudyView(study.manifest, study), None)
    tried: set[int] = set()
    made = 0
    with opened(browser, (states / "first/site").as_uri()) as page:
        for path in sorted((states / "first/site/tiny/settings").glob("*-k[34].html")):
            text = path.read_text(encoding="utf-8")
            made += text.count("<b class=")
            page.page.goto(path.as_uri())
            assert page.page.locator(".pairs b").count() == 0
            start = str(page.page.locator(".go-explore").get_attribute("href"))
            links = page.page.locator(".pairs p a").evaluate_all(
                "all => all.map((one) => [one.textContent, one.getAttribute('href'), one.className])"
            )
            assert len(links) >= 20
            for name, href, place in links:
                named = [sample for sample, shown in enumerate(site.ids) if shown == name]
                assert href in [f"{start}&{site.named(sample)}" for sample in named], name
                assert re.fullmatch(r"\d+-\d+", place)
                tried.update(named)
    assert made >= 100 and len(tried & set(range(len(ODD)))) >= 4
    tell(f"links from pages of settings: {len(tried)} samples, {made} by the script")


def test_a_link_names_the_id_and_an_added_picture_changes_nothing(states: Path, browser: Browser) -> None:
    with opened(browser, (states / "first/site").as_uri()) as page:
        for path, start in PAGES:
            page.open(f"#{start}sample=44", f"tiny/{path}.html")
            assert (page.hash(), alert(page)) == (f"#{start}id=0044.png", "")
    with opened(browser, (states / "added/site").as_uri()) as page:
        page.open("#show=all&id=0044.png", "tiny/audit.html")
        assert page.page.locator("html").get_attribute("data-sample") == "45"
        assert (page.hash(), alert(page)) == ("#show=all&id=0044.png", "")
        page.open("#perplexity=5&k=3&id=0199.png", "tiny/index.html")
        assert page.hash() == "#perplexity=5&k=3"
        assert "“0199.png” is no id: no sample is called that; it may have been renamed or taken out" in alert(page)


@pytest.mark.parametrize(("path", "start"), PAGES)
def test_any_id_survives_in_a_link_of_every_page(states: Path, browser: Browser, path: str, start: str) -> None:
    with opened(browser, (states / "first/site").as_uri()) as page:
        page.open("", f"tiny/{path}.html")
        given = [f"{start}sample={sample}" for sample in range(len(ODD))]
        links = [one["address"] for one in page.page.evaluate(VISIT, given)]
        for sample, link in enumerate(links):
            named = r"id=[\w.%~-]*[\w%~-]" if sample < 8 else f"sample={sample}"
            assert re.fullmatch(re.escape(f"#{start}") + named, link)
        for at, found in enumerate(page.page.evaluate(VISIT, [f"{start}sample=199", *links])):
            assert (found["address"], found["says"]) == (f"#{start}id=0199.png" if at == 0 else links[at - 1], "")


@pytest.mark.parametrize("path", ["index", "compare", "audit"])
def test_two_samples_in_one_address_are_told_apart(states: Path, browser: Browser, path: str) -> None:
    with opened(browser, (states / "first/site").as_uri()) as page:
        page.open("#id=0044.png&sample=3", f"tiny/{path}.html")
        assert page.hash().endswith("&id=0044.png")
        assert "names two samples; this is the one of its id" in alert(page)
        page.open("#id=twice%EF%BF%BD", f"tiny/{path}.html")
        assert "is no id" in alert(page)


def stand(states: Path, state: str, place: Path) -> None:
    """Publish a state where another may have stood: marks are of a place."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(states / state / "site", place)


def test_marks_outlast_a_mended_label_and_an_added_picture(
    states: Path, browser: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "here"

    def marked(state: str) -> str:
        stand(states, state, place)
        page.page.goto("about:blank")
        page.open("#show=all&sort=sample", "here/tiny/audit.html")
        return page.page.locator("#marked").inner_text()

    def exported(kind: str) -> Path:
        with page.page.expect_download() as waiting:
            page.page.click(f"#export-{kind}")
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    stand(states, "first", place)
    stand(states, "first", tmp_path / "elsewhere")
    with opened(browser, tmp_path.as_uri()) as page:
        for sample, key in ((28, "3"), (30, "1"), (49, "3"), (199, "2")):
            page.open(f"#show=all&sample={sample}", "here/tiny/audit.html")
            page.page.keyboard.press(key)
        assert marked("first") == "4 marked"
        assert marked("mended") == "4 marked"
        assert cli.main(["--review", str(exported("csv")), "--results", str(states / "mended/r")]) == 0
        assert "4 samples marked: 1 fine, 1 ambiguous, 2 mislabelled" in capsys.readouterr().out
        said = marked("added")
        assert said.startswith("3 marked; 3 of them found by id: the samples have changed since; 1 more of samples")
        page.page.fill("#search", "0030.png")
        assert page.page.locator("#rows tr[data-sample='31'] .mark").inner_text() == "fine"
        for kind in ("csv", "json"):
            assert cli.main(["--review", str(exported(kind)), "--results", str(states / "added/r")]) == 0
            printed = capsys.readouterr().out
            assert "3 samples marked: 1 fine, 0 ambiguous, 2 mislabelled" in printed
            assert "no longer in the data: 1 marked samples (ids 0199.png)" in printed
            assert "sample 29 (id 0028.png" in printed
        assert marked("first") == "4 marked", "what was gone is there again"
        page.open("#show=all", "elsewhere/tiny/audit.html")
        assert page.page.locator("#marked").inner_text() == "0 marked", "another gallery of the same host"
        assert marked("first") == "4 marked"
        page.page.click("#forget")
        page.page.click("#undo")
        assert page.page.locator("#marked").inner_text() == "4 marked"


def test_marks_of_an_earlier_version_are_taken_over(states: Path, browser: Browser, tmp_path: Path) -> None:
    stand(states, "first", tmp_path)
    with opened(browser, tmp_path.as_uri()) as page:
        page.open("", "tiny/audit.html")
        page.page.evaluate(
            "([name, text]) => localStorage.setItem(name, text)",
            [f"clusterfolio.marks.tiny.{'a' * 16}", json.dumps([[28, "fine"], [0, "ambiguous"], [999, "fine"]])],
        )
        page.page.reload()
        page.ready()
        assert page.page.locator("#marked").inner_text() == "2 marked"
        stand(states, "added", tmp_path)
        page.page.reload()
        page.ready()
        assert page.page.locator("#marked").inner_text().startswith("2 marked; 2 of them found by id")
        names = page.page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('clusterfolio.marks'))")
        assert names == [f"clusterfolio.marks.tiny@{tmp_path.as_uri().removeprefix('file://')}/tiny/"]
        page.page.evaluate(
            "([name, text]) => localStorage.setItem(name, text)",
            [f"clusterfolio.marks.tiny.{'d' * 16}", json.dumps([[28, "fine"]])],
        )
        page.page.reload()
        page.ready()
        said = page.page.locator("#marked").inner_text()
        assert said.endswith("; 1 more, given to another state of this data set, stay in this browser")


def test_pages_without_scripts_write_the_same_links(states: Path, browser: Browser) -> None:
    folder = states / "first/site/tiny"
    text = (folder / "audit.html").read_text(encoding="utf-8")
    pages = [text, *(path.read_text(encoding="utf-8") for path in sorted((folder / "settings").glob("*-k3.html")))]
    links = {link for page in pages for link in re.findall(r'index\.html#(?:[^"]*&amp;)?((?:id|sample)=[^"]*)"', page)}
    assert len(links) > 20
    with opened(browser, (states / "first/site").as_uri()) as page:
        page.open("", "tiny/index.html")
        written = page.page.evaluate(
            """() => {
                const { ids } = clusterfolio.get("study").samples;
                return ids.map((_, sample) => clusterfolio.ids.written(ids, sample));
            }"""
        )
    assert links <= set(written)
    assert set(written[:8]) == {one for one in written[:10] if one.startswith("id=")}
