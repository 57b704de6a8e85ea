"""The site's own defences, tried: its policy in the browser, its scripts' vocabulary, and names that lead elsewhere."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Route

from precompute import store
from precompute.store import EmbeddingInfo, Manifest, StoreError, Study
from site_templates import publish
from site_templates.output.assets import Asset
from site_templates.output.bundles import BUNDLES, STATIC
from site_templates.pages import render
from site_templates.publish import SiteError
from tests.hostile import corpus

FORBIDDEN = {
    "HTML from strings": r"(?:inner|outer|insertAdjacent|set)HTML|document\.write|DOMParser|ContextualFragment|srcdoc",
    "code from strings": r"\beval\b|\bFunction\s*\(|set(?:Timeout|Interval)\(\s*[\"'`]|\bimport\s*\(|javascript:",
    "requests": r"\bfetch\b\s*\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|\bWorker\b|window\.open",
    "traces": r"document\.cookie|sessionStorage|indexedDB",
    "handlers or styles as attributes": r"setAttribute\(\s*[\"'](?:on|style)|[{,]\s*(?:on(?!ly\b)[a-z]+|style): [\"'`]",
}
VIOLATE = """async way => {
    const seen = new Promise(resolve => document.addEventListener(
        "securitypolicyviolation", event => resolve(event.effectiveDirective), { once: true }));
    const add = (tag, more, parent = document.body) => parent.append(Object.assign(document.createElement(tag), more));
    window.got = [];
    ({
        script: () => add("script", { textContent: "got.push(1)" }),
        "outside script": () => add("script", { src: "https://example.org/x.js" }),
        "data script": () => add("script", { src: "data:text/javascript,got.push(1)" }),
        handler: () => { document.body.setAttribute("onclick", "got.push(1)"); document.body.click(); },
        address: () => { add("a", { href: "javascript:got.push(1)", id: "bad" }); window.bad.click(); },
        eval: () => { setTimeout("got.push(1)"); },
        style: () => add("style", { textContent: "body { color: red }" }),
        "style attribute": () => document.body.setAttribute("style", "color: red"),
        "outside style": () => add("link", { rel: "stylesheet", href: "https://example.org/x.css" }, document.head),
        image: () => add("img", { src: "https://example.org/x.png" }),
        frame: () => add("iframe", { src: "https://example.org/" }),
        "frame of text": () => add("iframe", { src: "data:text/html,hello" }),
        object: () => add("object", { data: "https://example.org/x" }),
        base: () => add("base", { href: "https://example.org/" }, document.head),
        form: () => { add("form", { action: "https://example.org/", id: "out" }); window.out.submit(); },
        fetch: () => { fetch("https://example.org/").catch(() => {}); },
        font: () => { new FontFace("x", "url(https://example.org/x.woff)").load().catch(() => {}); },
        worker: () => { try { new Worker("data:text/javascript,1"); } catch {} },
        media: () => add("video", { src: "https://example.org/x.mp4" }),
    })[way]();
    return [await Promise.race([seen, new Promise(resolve => setTimeout(() => resolve(""), 9000))]), window.got.length];
}"""
WAYS = {
    "script": "script-src-elem", "outside script": "script-src-elem", "data script": "script-src-elem",
    "handler": "script-src-attr", "address": "script-src-elem", "eval": "script-src", "style": "style-src-elem",
    "style attribute": "style-src-attr", "outside style": "style-src-elem", "image": "img-src", "frame": "frame-src",
    "frame of text": "frame-src", "object": "object-src", "base": "base-uri", "form": "form-action",
    "fetch": "connect-src", "font": "font-src", "worker": "worker-src", "media": "media-src",
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.js")), ids=lambda path: path.relative_to(STATIC).as_posix())
def test_scripts_make_no_code_no_markup_and_no_request(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for kind, pattern in FORBIDDEN.items():
        assert not re.search(pattern, text), f"{kind}: {re.search(pattern, text)}"
    assert '(function () {\n  "use strict";' in text


@pytest.mark.parametrize(
    "line",
    [
        "node.innerHTML = text;", "new Function('a', 'b')", "eval(text)", "setTimeout('go()', 1)", "fetch(path)",
        "node.setAttribute('onclick', text)", 'dom.el("p", { style: `color: ${text}` })', "document.write(text)",
    ],
)  # fmt: skip
def test_the_search_finds_what_is_forbidden(line: str) -> None:
    assert any(re.search(pattern, line) for pattern in FORBIDDEN.values())


def test_styles_name_no_other_file() -> None:
    for path in STATIC.rglob("*.css"):
        assert not re.search(r"url\(|@import|expression\(|-moz-binding", path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize("page", ["index.html", "tiny/index.html", "404.html"])
def test_the_policy_holds_in_the_browser(site: Path, browser: Browser, page: str, tell: Callable[[str], None]) -> None:
    context = browser.new_context()
    opened = context.new_page()
    outside: list[str] = []

    def note(route: Route) -> None:
        outside.append(route.request.url)
        route.abort()

    context.route(re.compile("^https?:"), note)
    opened.goto(f"{site.as_uri()}/{page}")
    for way, directive in WAYS.items():
        assert opened.evaluate(VIOLATE, way) == [directive, 0], way
        assert opened.url.startswith(f"{site.as_uri()}/{page}")
    context.close()
    assert outside == []
    tell(f"policy of {page}: {len(WAYS)} ways in, all refused")


def replaced(results: Path, change: Callable[[Manifest], Manifest]) -> None:
    """Change the manifest of the tiny study as someone could who hands on a folder of results."""
    path = results / "tiny" / store.MANIFEST
    path.write_bytes(store.encode_manifest(change(store.read_manifest(results / "tiny"))))


@pytest.fixture
def results(tiny_results: Path, tmp_path: Path) -> Path:
    """A copy of the tiny results, deep enough that a path that climbs out of the site stays in the test's folder."""
    return Path(shutil.copytree(tiny_results, tmp_path / "a" / "b" / "c" / "results"))


def everything(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if ".cells" not in path.parts}


@pytest.mark.parametrize(
    "name", ["../../evil", "/tmp/evil", "other", "", ".", "tiny/../../evil", "..\\evil", "evil\x00"]
)
def test_an_id_in_the_results_that_is_not_their_folders_is_refused(results: Path, tmp_path: Path, name: str) -> None:
    def change(manifest: Manifest) -> Manifest:
        return msgspec.structs.replace(manifest, dataset=msgspec.structs.replace(manifest.dataset, id=name))

    replaced(results, change)
    before = everything(tmp_path)
    with pytest.raises(StoreError, match=r"the data set's id is .*, its folder's 'tiny'"):
        publish.publish(results, results.parent / "site", ["tiny"], "A gallery")
    assert everything(tmp_path) == before


def test_an_embedding_whose_name_climbs_out_of_the_site_is_refused(
    results: Path, tiny_study: Study, tmp_path: Path
) -> None:
    cells = store.read_cells(results / "tiny")
    assert cells is not None
    slug = "../../../../evil"
    found = [
        *tiny_study.manifest.embeddings,
        EmbeddingInfo(slug=slug, representation="values", method="pca", parameters={}),
    ]
    tables: dict[str, Any] = dict(tiny_study.tables)
    tables[f"embeddings/{slug}"] = tables["embeddings/pca"]
    before = everything(tmp_path)
    with pytest.raises(StoreError, match=r"would lie outside of it: .*evil.*; nothing was written"):
        store.write(results / "tiny", msgspec.structs.replace(tiny_study.manifest, embeddings=found), tables, cells)
    with pytest.raises(SiteError, match=r"would lie outside of it: .*evil"):
        whole = publish.Made(format=publish.FORMAT, made_from="", files={})
        publish._write(results.parent / "site", {f"tiny/data/{slug}.js": b""}, None, whole, ())
    assert everything(tmp_path) == before


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil", "..\\evil", "c:evil", "evil\x00", ""])
def test_results_that_name_a_file_outside_are_refused(results: Path, name: str) -> None:
    def change(manifest: Manifest) -> Manifest:
        return msgspec.structs.replace(manifest, files={**manifest.files, name: next(iter(manifest.files.values()))})

    replaced(results, change)
    with pytest.raises(StoreError, match=r"names a file outside of its folder: .*; run build\.py to recompute"):
        store.read(results / "tiny")


def test_only_plain_names_become_folders(tell: Callable[[str], None]) -> None:
    taken = []
    for text in corpus.strings():
        try:
            taken.append(store.check_dataset_id(text))
        except ValueError:
            continue
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", text) for text in taken)
    assert len(taken) < 10
    tell(f"names of folders: {len(corpus.strings())} tried, taken: {', '.join(taken)}")


def test_half_a_character_in_a_title_is_shown_as_unknown() -> None:
    """No file can hold it, and argv or JSON may bring it."""
    files = render.render([], {"404.css": Asset("assets/404.css", b""), **_nothing()}, "a\ud800b").files
    assert "<h1>a\ufffdb</h1>".encode() in files["index.html"]


def _nothing() -> dict[str, Asset]:
    return {name: Asset(f"assets/{name}", b"") for name in BUNDLES if name != "404.css"}
