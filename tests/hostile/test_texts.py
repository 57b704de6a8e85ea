"""Texts of other people stay text: every page is the page of a harmless study with the texts put in, and nothing else.

A study with placeholders for its texts is opened first. The page of a hostile study must then have the same elements
and attributes, one by one, and every text and attribute must be the harmless one's with the hostile strings in place
of the placeholders: no place can be forgotten, because none is listed. Watched as every page here: a dialog, an error,
a violation of the policy or a request to the outside fails the test too.

What is allowed to change: controls, bidirectional overrides and the like show as U+FFFD (site_templates/texts.py), for
HTML forbids or drops some of them and others would turn round what stands beside them.
"""

from __future__ import annotations

import html
import re
import shutil
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from playwright.sync_api import Browser

from precompute import store
from precompute.store import Study
from site_templates import publish
from tests.browser.conftest import Explorer
from tests.browser.helpers import opened, settle, until
from tests.browser.tables import Tables
from tests.hostile import corpus

PLACEHOLDER = re.compile(r"Q(title|description|source|license|gallery|label|id)(\d*)q")
DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

SNAPSHOT = """() => Array.from(document.querySelectorAll("*"), node => [
    node.tagName,
    Object.fromEntries(Array.from(node.attributes, each => [each.name, each.value])),
    Array.from(node.childNodes).filter(each => each.nodeType === Node.TEXT_NODE).map(each => each.data).join(""),
    Array.from(node.childNodes).filter(each => each.nodeType === Node.COMMENT_NODE).length,
])"""
DRAWN = """for (const name of ["fillText", "strokeText"]) {
    const draw = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (text, ...rest) {
        (window.drawn ??= new Set()).add(String(text));
        return draw.call(this, text, ...rest);
    };
}"""
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
POINT = """([across, down]) => {
    const canvas = document.querySelector("#map .canvas canvas"), box = canvas.getBoundingClientRect();
    const at = { clientX: box.left + across * box.width, clientY: box.top + down * box.height, bubbles: true };
    canvas.dispatchEvent(new PointerEvent("pointermove", at));
}"""


ELSEWHERE = (
    "tiny/compare.html#a=tsne-p30-k10&b=features-k3&sample={sample}&color=label",
    "tiny/audit.html#show=all&sort=sample&sample={sample}",
    "tiny/settings/tsne-p30-k10.html",
    "tiny/settings/index.html",
    "tiny/download/index.html",
    "404.html",
)
"""The other kinds of page, at addresses that show a text wherever there may be one."""


@dataclass(frozen=True)
class Texts:
    """All texts of a study that are not this project's own."""

    title: str
    description: str
    source: str
    license: str
    gallery: str
    labels: Sequence[str]
    ids: Sequence[str]

    def put_in(self, text: str) -> tuple[str, int]:
        """A harmless page's text with these texts in place of the placeholders, and how many there were."""

        def value(match: re.Match[str]) -> str:
            lists = {"label": self.labels, "id": self.ids}
            found = lists[match[1]][int(match[2])] if match[2] else getattr(self, match[1])
            return displayed(found)

        return PLACEHOLDER.subn(value, text)


def displayed(text: str) -> str:
    """What a page shows of a text, by the Unicode database."""
    return "".join(
        "\ufffd"
        if (unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\t\n")
        or unicodedata.bidirectional(letter) in DIRECTIONS
        else letter
        for letter in text
    )


def hostile(batch: Sequence[str], n: int) -> Texts:
    """One string a label, all of them in every other text; ids differ by their number."""
    whole = " ¦ ".join(batch)
    ids = [f"{batch[sample % len(batch)]}{sample}" for sample in range(n)]
    return Texts(whole, whole, whole, whole, whole, batch, ids)


def harmless(n: int) -> Texts:
    labels = [f"Qlabel{code}q" for code in range(corpus.BATCH)]
    ids = [f"Qid{sample}q" for sample in range(n)]
    return Texts("Qtitleq", "Qdescriptionq", "Qsourceq", "Qlicenseq", "Qgalleryq", labels, ids)


@pytest.fixture(scope="module")
def build(tiny_study: Study, tiny_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Texts], Path]:
    """Builds the site of the tiny study with other texts, through the store."""
    folder = tmp_path_factory.mktemp("hostile")
    results = Path(shutil.copytree(tiny_results, folder / "results"))
    cells = store.read_cells(results / "tiny")
    assert cells is not None
    samples = tiny_study.tables["samples"]

    def made(texts: Texts) -> Path:
        info = msgspec.structs.replace(
            tiny_study.manifest.dataset,
            title=texts.title,
            description=texts.description,
            source=texts.source,
            license=texts.license,
            labels=list(texts.labels),
        )
        manifest = msgspec.structs.replace(tiny_study.manifest, dataset=info)
        column = samples.schema.get_field_index("id")
        named = samples.set_column(column, samples.schema.field(column), pa.array(texts.ids, pa.string()))
        store.write(results / "tiny", manifest, {**tiny_study.tables, "samples": named}, cells)
        publish.publish(results, folder / "site", ["tiny"], texts.gallery, "https://example.org/")
        return folder / "site"

    return made


@dataclass(frozen=True)
class Seen:
    """A site as the browser has it: names of its files, each page in each state, and what was drawn on the maps."""

    files: list[str]
    pages: dict[str, list[Any]]
    drawn: set[str]
    globals: int


def look(browser: Browser, site: Path, study: Study) -> Seen:
    """Open all pages, and everything on the explorer that shows a text of the study."""
    tables = Tables(study, 30.0, 10)
    sample = int(tables.wrong[0])
    pair = f"{tables.labels[sample]}-{tables.dominant[tables.clusters[sample]]}"
    pages = {}
    with opened(browser, site.as_uri(), reduced_motion="reduce") as page:
        page.page.add_init_script(DRAWN)
        page.page.goto(f"{site.as_uri()}/index.html")
        pages["gallery"] = snapshot(page)
        page.open(f"#perplexity=30&k=10&sample={sample}&pair={pair}", "tiny/index.html")
        pages["pinned"] = snapshot(page)
        go(page, "#perplexity=12.5&k=10&space=features&color=label")
        pages["labels"] = snapshot(page)
        go(page, "#perplexity=30&k=3&color=right")
        at = tables.places()[sample]
        page.page.evaluate(POINT, [float(at[0]), float(at[1])])
        page.page.wait_for_selector(".tip:not([hidden])")
        page.page.evaluate(FRAMES)
        pages["pointed at"] = snapshot(page)
        select_all(page)
        pages["selected"] = snapshot(page)
        drawn = set(page.page.evaluate("[...window.drawn]"))
        for path in ELSEWHERE:
            page.page.goto(f"{site.as_uri()}/{path.format(sample=sample)}")
            page.page.wait_for_selector("html:not([data-state=loading])", state="attached")
            assert page.page.locator("html").get_attribute("data-state") in (None, "ready")
            pages[path] = snapshot(page)
        count = int(page.page.evaluate("Object.getOwnPropertyNames(Object.prototype).length"))
    files = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    return Seen([unhashed(name) for name in files], pages, drawn, count)


def snapshot(page: Explorer) -> Any:
    """The page, once no chunk is being fetched: a script tag stands there as long as one is."""
    until(page.page, "!document.querySelector('script[data-folder]')")
    return page.page.evaluate(SNAPSHOT)


def go(page: Explorer, fragment: str) -> None:
    page.page.evaluate("fragment => { location.hash = fragment }", fragment)
    settle(page)


def select_all(page: Explorer) -> None:
    """Drag a box over the whole map."""
    canvas = page.page.locator("#map .canvas canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for share, steps in ((0.01, 1), (0.5, 3), (0.99, 3)):
        page.page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"], steps=steps)
        if share == 0.01:
            page.page.mouse.down()
    page.page.mouse.up()
    page.page.wait_for_selector("#strip button:nth-child(200)", state="attached")
    page.page.mouse.move(0, 0)
    page.page.evaluate(FRAMES)


def unhashed(name: str) -> str:
    return re.sub(r"-[0-9a-f]{12}(?=\.\w+$)", "", name)


def attribute(tag: str, name: str, value: str) -> str:
    """An attribute's value, without what the layout decides and the hashes in names of files."""
    if name == "style" or (tag == "CANVAS" and name in ("width", "height")):
        return ""
    return unhashed(value) if name in ("href", "src") else value


def compare(plain: Sequence[Any], page: Sequence[Any], texts: Texts, squeezed: bool = False) -> int:
    """Hold a hostile page to the harmless one; how many places showed a text.

    `squeezed`: the page is written without blank lines and indentation, those of texts included.
    """
    lines = without_indentation if squeezed else str
    assert [each[0] for each in page] == [each[0] for each in plain]
    places = 0
    for (tag, wanted, words, comments), (_, found, text, count) in zip(plain, page, strict=True):
        assert count == comments
        assert set(found) == set(wanted), tag
        read = html.unescape if tag == "NOSCRIPT" else str  # markup of its own, kept as text where scripts run
        expected, times = texts.put_in(read(words))
        same = SAME.get(tag, unsized)
        assert same(lines(read(text))) == same(lines(expected)), f"<{tag.lower()}>"
        places += times
        for name, value in wanted.items():
            expected, times = texts.put_in(attribute(tag, name, value))
            assert lines(attribute(tag, name, found[name])) == lines(expected), f"<{tag.lower()} {name}>"
            places += times
    return places


def without_indentation(text: str) -> str:
    return re.sub(r"\s*\n\s*", "\n", text)


def one_line(text: str) -> str:
    return re.sub(r"[ \t\n]+", " ", text).strip(" ")


def unsized(text: str) -> str:
    """A text without the sizes of files, which are larger where their texts are longer."""
    return SIZE.sub("size", text)


SIZE = re.compile(r"\b[\d,.]+ k?M?B\b")
SAME: Mapping[str, Callable[[str], str]] = {
    "TITLE": one_line,  # the page has set it from document.title, which gives one line
    "PRE": lambda text: "",  # BibTeX has escapes of its own: tests/test_download.py
}


def drawn(plain: str, texts: Texts) -> str:
    """What a map draws for a text of the harmless page: a label's name, shortened, or the text itself."""
    name, labels = texts.put_in(plain)
    return f"{name[:13]}…" if labels and len(name) > 14 else name


def visible(texts: set[str]) -> set[str]:
    """Texts without the blanks around them, which Vega drops, as JavaScript's trim does."""
    return {text.strip().strip("\ufeff") for text in texts} - {""}


def test_texts_stay_texts_wherever_they_show(
    build: Callable[[Texts], Path], browser: Browser, tiny_study: Study, tell: Callable[[str], None]
) -> None:
    assert len(corpus.strings()) >= 60
    n = tiny_study.manifest.dataset.n
    plain = look(browser, build(harmless(n)), tiny_study)
    places = 0
    for batch in corpus.batches():
        texts = hostile(batch, n)
        seen = look(browser, build(texts), tiny_study)
        assert seen.files == plain.files
        assert seen.globals == plain.globals
        for name, page in seen.pages.items():
            places += compare(plain.pages[name], page, texts, squeezed="/settings/" in name)
        assert visible(seen.drawn) == visible({drawn(text, texts) for text in plain.drawn})
    assert places > 12 * 1000
    tell(f"hostile texts: {len(corpus.strings())} strings × 7 texts, compared in {places:,} places")
