"""What pages export, saved as a reader would, and held to what a harmless study gives.

The page's own buttons save. Taken is what the browser is given to keep, for it keeps ten files a second at most; that
they arrive is tested in tests/browser/test_export.py. A drawing is opened in the browser by itself, where a script in
it would run, and has no other elements and attributes than the harmless one; a chart is run; of a PNG, what was written
into it counts; rows are read by Python's reader. Files without any text of the study, such as the variance's rows, need
to be saved of the harmless one only.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser

from site_templates.texts import FORMULA
from tests.browser.conftest import WAIT, Explorer
from tests.browser.helpers import opened
from tests.hostile.texts import PLACEHOLDER, SNAPSHOT, Texts, visible

RUN = ("explorer map.json", "explorer variance.json")
"""Charts that no picture is made from: the map's shows the page's own, the variance's too."""

KEPT = """{
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
        window.kept?.push(blob);
        return make.call(URL, blob);
    };
}"""
ENTRIES = """() => [
    ...Array.from(document.querySelectorAll("[data-save] [data-as]"),
        button => `${button.closest("[data-save]").dataset.save}.${button.dataset.as}`),
    ...Array.from(document.querySelectorAll("[id^=export-]"), button => `marks.${button.id.slice(7)}`),
]"""
SAVE = """async ([entries, most]) => {
    const problem = document.querySelector("[role=alert]");
    const found = [];
    for (const entry of entries) {
        const [view, kind] = entry.split(".");
        [window.drawn, window.kept] = [new Set(), []];
        problem.textContent = "";
        (document.querySelector(`[data-save="${view}"] [data-as="${kind}"]`)
            || document.querySelector(`#export-${kind}`)).click();
        const late = performance.now() + most;
        while (!window.kept.length && !problem.textContent && performance.now() < late) {
            await new Promise(done => setTimeout(done));
        }
        const bytes = window.kept.length ? new Uint8Array(await window.kept[0].arrayBuffer()) : [];
        const data = Array.from(bytes, one => String.fromCharCode(one)).join("");
        found.push([problem.textContent, data, [...window.drawn]]);
    }
    return found;
}"""
CHART = """async text => {
    const { view } = await vegaEmbed(document.createElement("div"), JSON.parse(text), {
        mode: "vega-lite", ast: true, actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true } });
    return view.toSVG();
}"""
DRAWING = {"svg", "g", "path", "text", "tspan", "rect", "line", "defs", "clipPath", "linearGradient", "stop", "image"}
LAYOUT = {"transform", "d", "width", "height", "viewBox", "x", "y", "x1", "x2", "y1", "y2", "dx", "dy"}
"""Attributes of a drawing that depend on how long its texts are."""
PNG = {b"IHDR", b"sRGB", b"sBIT", b"pHYs", b"IDAT", b"IEND"}
"""Parts of a PNG, none of which holds a text."""


@dataclass(frozen=True)
class Saved:
    """What pages gave away.

    Attributes:
        files: by page and entry of a menu, "explorer map.svg". written: what was written into pictures meanwhile.
        drawings: elements of those that are drawings, once they have been opened.
    """

    files: dict[str, bytes]
    written: dict[str, set[str]]
    drawings: dict[str, Sequence[Any]]

    def with_texts(self) -> set[str]:
        """Names of the files that show a placeholder."""
        texts = {
            name: self.written[name] if name.endswith(".png") else {self.files[name].decode()} for name in self.files
        }
        return {name for name, found in texts.items() if any(map(PLACEHOLDER.search, found))}


def take(page: Explorer, place: str, saved: Saved, wanted: set[str] | None, every: bool = True) -> None:
    """Save what a page offers, with one sample marked where that can be, and run charts.

    Args:
        place: name of the page. wanted: names of the files to save; None: all. every: or the first of each kind only.
    """
    if place == "tiny/audit.html":
        page.page.keyboard.press("1")
    entries = [one for one in page.page.evaluate(ENTRIES) if wanted is None or f"{place} {one}" in wanted]
    if not every:
        entries = list({one.split(".")[1]: one for one in reversed(entries)}.values())
    for entry, (problem, data, written) in zip(entries, page.page.evaluate(SAVE, [entries, WAIT]), strict=True):
        name = f"{place} {entry}"
        assert data and not problem, f"{name}: {problem}"
        saved.files[name], saved.written[name] = data.encode("latin-1"), set(written)
    for name in RUN[: 2 if every else 1] if place == "explorer" else ():
        saved.files[f"{name} run.svg"] = page.page.evaluate(CHART, saved.files[name].decode()).encode()


def open_drawings(browser: Browser, folder: Path, saved: Saved) -> None:
    """Open each SVG as a file of its own, where a script in it would run."""
    with opened(browser, folder.as_uri()) as page:
        for name in [one for one in saved.files if one.endswith(".svg")]:
            path = folder / "drawing.svg"
            path.write_bytes(saved.files[name])
            page.page.goto(path.as_uri())
            saved.drawings[name] = json.loads(page.page.evaluate(SNAPSHOT))


def check(plain: Saved, found: Saved, texts: Texts) -> int:
    """Hold the files of a hostile study to those of the harmless one; how many places showed a text."""
    places = 0
    for name in found.files:
        if name in found.drawings:
            places += check_drawing(plain.drawings[name], found.drawings[name], texts, name)
        elif name.endswith(".json"):
            places += check_chart(json.loads(plain.files[name]), json.loads(found.files[name]), texts, name)
        elif name.endswith(".csv"):
            places += check_rows(plain.files[name], found.files[name], texts, name)
        else:
            check_png(found.files[name])
            places += check_written(plain.written[name], found.written[name], texts, name)
    return places


def check_drawing(plain: Sequence[Any], found: Sequence[Any], texts: Texts, name: str) -> int:
    assert [one[0] for one in found] == [one[0] for one in plain], name
    assert {one[0] for one in found} <= DRAWING, name
    places = 0
    for (tag, wanted, words, _), (_, attributes, text, comments) in zip(plain, found, strict=True):
        assert (set(attributes), comments) == (set(wanted), 0), f"{name}: <{tag}>"
        for key in [None, *wanted]:
            expected, times = texts.put_in(words if key is None else wanted[key])
            shown = text if key is None else attributes[key]
            assert key in LAYOUT or alike(expected, shown), f"{name}: <{tag} {key}>: {shown[:200]!r}"
            places += times
    return places


def alike(expected: str, found: str) -> bool:
    """Whether a text is the expected one, blanks around it apart, or as much of its beginning as there is room for."""
    (wanted,), (shown,) = visible({expected}) or {""}, visible({found}) or {""}
    return shown == wanted or (shown.endswith("…") and wanted.startswith(shown[:-1]))


def check_chart(plain: Any, found: Any, texts: Texts, where: str) -> int:
    """Of expressions the texts are constants: JSON in JSON."""
    assert type(found) is type(plain), where
    if isinstance(plain, dict):
        assert set(found) == set(plain), where
        return sum(check_chart(value, found[key], texts, f"{where}.{key}") for key, value in plain.items())
    if isinstance(plain, list):
        assert len(found) == len(plain), where
        return sum(check_chart(*pair, texts, where) for pair in zip(plain, found, strict=True))
    if not isinstance(plain, str):
        assert found == plain, where
        return 0
    escaped = where.endswith((".expr", ".calculate"))
    expected, places = texts.put_in(plain, (lambda text: json.dumps(text)[1:-1]) if escaped else str)
    assert found == expected, where
    return places


def check_rows(plain: bytes, found: bytes, texts: Texts, name: str) -> int:
    """What would start a formula has an apostrophe before it."""
    places = 0
    texts_of = [io.StringIO(data.decode("utf-8-sig"), newline="") for data in (plain, found)]
    tables = [list(csv.reader(text, strict=True)) for text in texts_of]
    for wanted, row in zip(*tables, strict=True):
        for cell, shown in zip(wanted, row, strict=True):
            expected, times = texts.put_in(cell)
            guarded = times and re.match(FORMULA, expected)  # numbers may begin with a minus
            assert shown == (f"'{expected}" if guarded else expected), name
            places += times
    return places


def check_png(data: bytes) -> None:
    """A sound picture, with nothing in it but the picture."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
    at = 8
    while at < len(data):
        assert data[at + 4 : at + 8] in PNG
        at += 12 + int.from_bytes(data[at : at + 4])


def check_written(plain: set[str], found: set[str], texts: Texts, name: str) -> int:
    made = [texts.put_in(text) for text in plain]
    wanted, shown = visible({text for text, _ in made}), visible(found)
    assert [text for text in shown if not any(alike(one, text) for one in wanted)] == [], name
    assert [one for one in wanted if not any(alike(one, text) for text in shown)] == [], name
    return sum(times for _, times in made)
