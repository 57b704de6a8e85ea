"""A study with hostile texts and one with placeholders: how both are made, and how what shows of them is compared."""

from __future__ import annotations

import functools
import html
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.browser.conftest import Explorer
from tests.browser.helpers import until
from tests.hostile import corpus

PLACEHOLDER = re.compile(r"Q(title|description|source|license|gallery|label|id)(\d*)q")
DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

SNAPSHOT = """root => JSON.stringify(Array.from(document.querySelectorAll("*"), node => [
    node.tagName,
    Object.fromEntries(Array.from(node.attributes,
        each => [each.name, root ? each.value.replaceAll(root, "") : each.value])),
    Array.from(node.childNodes).filter(each => each.nodeType === Node.TEXT_NODE).map(each => each.data).join(""),
    Array.from(node.childNodes).filter(each => each.nodeType === Node.COMMENT_NODE).length,
]))"""
"""As text: Playwright would look at each of its many thousand values by itself."""
DRAWN = """for (const name of ["fillText", "strokeText"]) {
    const draw = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (text, ...rest) {
        (window.drawn ??= new Set()).add(String(text));
        return draw.call(this, text, ...rest);
    };
}"""


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

    def put_in(self, text: str, written: Callable[[str], str] = str) -> tuple[str, int]:
        """A harmless page's text with these texts in place of the placeholders, and how many there were.

        `written` gives a text as it stands there, where it has escapes; the id of a link has those of addresses.
        """

        def value(match: re.Match[str]) -> str:
            lists = {"label": self.labels, "id": self.ids}
            found = lists[match[1]][int(match[2])] if match[2] else getattr(self, match[1])
            linked = match.string[max(0, match.start() - 4) : match.start()] in ("#id=", "&id=")
            return quote(displayed(found), safe="") if linked else written(displayed(found))

        return PLACEHOLDER.subn(value, text)


@functools.cache
def displayed(text: str) -> str:
    """What a page shows of a text, by the Unicode database."""
    return "".join("\ufffd" if disturbs(letter) else letter for letter in text)


def disturbs(letter: str) -> bool:
    """Whether a character is a control, a half, one that turns round what stands beside it, or none by definition."""
    if ord(letter) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(letter) <= 0xFDEF:
        return True
    control = unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\t\n"
    return control or unicodedata.bidirectional(letter) in DIRECTIONS


def hostile(batch: Sequence[str], n: int) -> Texts:
    """One string a label, all of them in every other text; ids differ by their number."""
    whole = " ¦ ".join(batch)
    ids = [f"{batch[sample % len(batch)]}{sample}" for sample in range(n)]
    return Texts(whole, whole, whole, whole, whole, batch, ids)


def harmless(n: int) -> Texts:
    labels = [f"Qlabel{code}q" for code in range(len(corpus.strings()))]
    ids = [f"Qid{sample}q" for sample in range(n)]
    return Texts("Qtitleq", "Qdescriptionq", "Qsourceq", "Qlicenseq", "Qgalleryq", labels, ids)


def snapshot(page: Explorer) -> Any:
    """The page, once no chunk is being fetched: a script tag stands there as long as one is.

    Without the address of its site, for each has a folder of its own.
    """
    until(page.page, "!document.querySelector('script[data-folder]')")
    found: list[Any] = json.loads(page.page.evaluate(SNAPSHOT, page.root))
    return found


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
        if "data-chunk" in wanted:  # data of a single file, packed: what is shown of them is what counts
            assert "<" not in text
            continue
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
