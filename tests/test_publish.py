"""Publishing: pages after what they name, nothing foreign touched, nothing done twice, every link inside."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
import pytest

from precompute import store
from precompute.machine import owned_folder
from precompute.machine.files import sha256, write_atomic
from precompute.store import StoreError
from site_templates import publish
from site_templates.downloads import citation
from site_templates.publish import SiteError

ADDRESS = "https://user.github.io/repo/"


@pytest.fixture
def site(tiny_site: Path, tmp_path: Path) -> Path:
    """A copy of the site that a test may change."""
    return Path(shutil.copytree(tiny_site, tmp_path / "site"))


class Links(HTMLParser):
    """All addresses and ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: set[str] = set()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids |= {found["id"]} if found.get("id") else set()  # type: ignore[arg-type]
        self.addresses += [value for name in ("href", "src") if (value := found.get(name)) is not None]


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_link_resolves_inside_the_site(tiny_site: Path) -> None:
    count = 0
    for page in pages(tiny_site):
        links = Links(page.read_text(encoding="utf-8"))
        for address in links.addresses:
            parts = urlsplit(address)
            if address.startswith(("data:,", "data:image/png;base64,")):
                continue
            assert not parts.scheme and not parts.netloc, f"{page}: {address}"
            if not parts.path:
                assert parts.fragment in links.ids or "=" in parts.fragment, f"{page}: {address}"
                continue
            target = (page.parent / unquote(parts.path)).resolve()
            assert target.is_relative_to(tiny_site.resolve()), f"{page}: {address}"
            assert target.is_file(), f"{page}: {address}"
            count += 1
    assert count > 20


def test_links_of_the_explorer_name_settings_of_the_grid(tiny_site: Path) -> None:
    links = Links((tiny_site / "tiny" / "index.html").read_text(encoding="utf-8"))
    states = [address for address in links.addresses if address.startswith("#") and "=" in address]
    assert len(states) >= 8
    for address in states:
        found = dict(pair.split("=") for pair in address[1:].split("&"))
        assert found["perplexity"] in ("5", "12.5", "30")
        assert found["k"] in ("3", "4", "10")


def test_names_hold_the_hash_of_the_content(tiny_site: Path) -> None:
    for path in [*(tiny_site / "assets").iterdir(), *(tiny_site / "tiny" / "data").iterdir()]:
        match = re.fullmatch(r".+-([0-9a-f]{12})\.\w+", path.name)
        assert match, path.name
        assert sha256(path.read_bytes()).startswith(match[1])


def test_pictures_of_settings_keep_their_names_and_come_before_their_page(
    site: Path, tiny_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So an old page can stand beside a new picture, until a killed build is made up for (see pages/setting.py)."""
    publish.publish(tiny_results, site, ["tiny"], "A gallery", ADDRESS)
    pictures = {path.name for path in (site / "tiny" / "settings").glob("*.png")}
    sheets = {name for name in pictures if re.fullmatch(r"misclassified-[0-9a-f]{12}\.png", name)}
    assert len(sheets) == 1, "named by its content, like assets and data: a page never shows another build's"
    study = store.read(tiny_results / "tiny")
    ends = (".png", "-card.png")
    assert pictures - sheets == {f"{one.slug}{end}" for one in study.manifest.settings for end in ends}
    info = msgspec.structs.replace(study.manifest.dataset, title="Another title")  # which the cards show
    cells = store.read_cells(tiny_results / "tiny")
    assert cells is not None
    store.write(
        tmp_path / "results" / "tiny", msgspec.structs.replace(study.manifest, dataset=info), study.tables, cells
    )
    page = site / "tiny" / "settings" / "tsne-p30-k10.html"
    card = page.with_name("tsne-p30-k10-card.png")
    before = page.read_bytes(), card.read_bytes()

    def die(path: Path, data: bytes) -> None:
        if path.suffix == ".html":
            raise KeyboardInterrupt
        write_atomic(path, data)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(owned_folder, "write_atomic", die)
        publish.publish(tmp_path / "results", site, ["tiny"], "A gallery", ADDRESS)
    assert page.read_bytes() == before[0]
    assert card.read_bytes() != before[1]
    publish.publish(tmp_path / "results", site, ["tiny"], "A gallery", ADDRESS)
    assert page.read_bytes() != before[0]
    assert {path.name for path in page.parent.glob("*.png")} == pictures


def test_no_outside_address_anywhere_but_in_namespaces(tiny_site: Path) -> None:
    """Vega's bundle and the exported charts name Vega-Lite's schema; pages, styles and our scripts name nothing."""
    for path in tiny_site.rglob("*"):
        if path.suffix in (".html", ".css", ".js") and not path.name.startswith("vega-"):
            text = path.read_text(encoding="utf-8").replace("https://vega.github.io/schema/vega-lite/", "")
            assert not re.search(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text), path.name


def test_every_page_has_a_strict_policy_first(tiny_site: Path) -> None:
    for page in pages(tiny_site):
        text = page.read_text(encoding="utf-8")
        head = text[text.index("<head>") + 6 :].lstrip()
        assert head.startswith('<meta http-equiv="Content-Security-Policy" content="default-src \'none\'')
        policy = head.split('content="')[1].split('"')[0]
        assert "unsafe" not in policy
        links = Links(text)
        for tag, attributes in links.tags:
            assert "style" not in attributes, tag
            assert not any(name.startswith("on") for name in attributes), tag
            assert tag != "script" or attributes.get("src"), "inline script"


def test_data_scripts_hold_strict_json(tiny_site: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    scripts = sorted((tiny_site / "tiny" / "data").glob("*.js"))
    names = {path.stem.rsplit("-", 1)[0] for path in scripts}
    assert names >= {"study", "pca", "tsne-p5", "tsne-p12.5", "tsne-p30", "features", "sprite"}
    assert names >= {"grid-values-tsne-kmeans", "examples", "neighbors", "history-values-tsne-kmeans"}
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        json.loads(text[text.index(",") + 1 : text.rindex(")")], parse_constant=refuse)


def test_vega_comes_from_the_bundle_and_stays_in_its_function(tiny_site: Path) -> None:
    text = next((tiny_site / "assets").glob("vega-*.js")).read_text(encoding="utf-8")
    assert text.startswith("(function(){")
    assert text.rstrip().endswith("})();")
    assert "window.vegaEmbed=" in text


def test_without_javascript_the_page_shows_the_numbers_of_its_tables(tiny_site: Path, tiny_results: Path) -> None:
    text = (tiny_site / "tiny" / "index.html").read_text(encoding="utf-8")
    metrics = store.read(tiny_results / "tiny").tables["metrics"].to_pandas()
    own = metrics[(metrics.perplexity == 30) & (metrics.k == 10)]
    value = dict(zip(own.metric, own.value, strict=True))
    block = text[text.index("<noscript>") : text.index("</noscript>")]
    for name, decimals in (("silhouette", 3), ("misclassified", 0), ("purity", 3), ("ari", 3)):
        assert f">{value[name]:.{decimals}f}<" in block, name


def test_a_second_build_writes_nothing(site: Path, tiny_results: Path) -> None:
    times = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    report = publish.publish(tiny_results, site, ["tiny"], "A gallery")
    assert (report.written, report.removed) == (0, 0)
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*")} == times


def test_a_new_version_publishes_anew(
    site: Path, tiny_results: Path, tiny_site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """b08: citations name the version, whose code may differ in what no list of files foresees."""
    real = metadata.version
    for module in (publish, citation):
        monkeypatch.setattr(module, "version", lambda name: "9.9" if name == "clusterfolio" else real(name))
    assert publish.publish(tiny_results, site, ["tiny"], "A gallery").written
    for name in ("CITATION.cff", "citation.bib"):
        path = site / "tiny" / "download" / name
        assert "Clusterfolio 9.9" in path.read_text(encoding="utf-8")
        assert path.read_bytes() != (tiny_site / path.relative_to(site)).read_bytes()


@pytest.mark.parametrize(
    "changed", ["site_templates/images/canvas.py", "site_templates/static/core/a.js", "precompute/store/format.py"]
)
def test_whatever_code_makes_pages_counts(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = publish._inputs(None)
    copies = [Path(shutil.copytree(folder, tmp_path / folder.name)) for folder in publish._CODE]
    monkeypatch.setattr(publish, "_CODE", copies)
    for copy in copies:
        (copy / "__pycache__").mkdir(exist_ok=True)
        (copy / "__pycache__" / "kernel.nbc").touch()
    assert publish._inputs(None) == before, "what is compiled comes and goes"
    with (tmp_path / changed).open("ab") as file:
        file.write(b"\n")
    assert publish._inputs(None) != before


def test_two_builds_are_byte_identical(tiny_site: Path, tiny_results: Path, tmp_path: Path) -> None:
    publish.publish(tiny_results, tmp_path / "other", ["tiny"], "A gallery")
    files = {path.relative_to(tiny_site) for path in tiny_site.rglob("*") if path.is_file()}
    assert files == {path.relative_to(tmp_path / "other") for path in (tmp_path / "other").rglob("*") if path.is_file()}
    for name in files:
        assert (tiny_site / name).read_bytes() == (tmp_path / "other" / name).read_bytes(), name


def test_a_missing_or_changed_file_is_written_again(site: Path, tiny_results: Path, tiny_site: Path) -> None:
    victims = [next((site / "tiny" / "data").glob("pca-*.js")), site / "index.html"]
    victims[0].unlink()
    victims[1].write_text("changed")
    assert len(publish.damaged(site)) == 2
    report = publish.publish(tiny_results, site, ["tiny"], "A gallery")
    assert report.written == 2
    for path in victims:
        assert path.read_bytes() == (tiny_site / path.relative_to(site)).read_bytes()


def listed(site: Path, name: str) -> None:
    """Have the site's list name one more file, as if a build of another grid had made it."""
    made = publish._read_made(site)
    assert made is not None
    made = msgspec.structs.replace(made, made_from="", files={**made.files, name: "0"})
    (site / publish.FILES).write_bytes(made.encode())


def test_stale_files_go_and_foreign_files_stay(site: Path, tiny_results: Path) -> None:
    (site / "assets" / "old-0.js").write_text("old")
    listed(site, "assets/old-0.js")
    (site / "CNAME").write_text("example.org")
    report = publish.publish(tiny_results, site, ["tiny"], "A gallery")
    assert report.removed == 1
    assert not (site / "assets" / "old-0.js").exists()
    assert (site / "CNAME").read_text() == "example.org"


def test_a_list_that_names_files_outside_removes_nothing_there(site: Path, tiny_results: Path) -> None:
    outside = site.parent / "mine.txt"
    outside.write_text("mine")
    listed(site, "../mine.txt")
    publish.publish(tiny_results, site, ["tiny"], "A gallery")
    assert outside.read_text() == "mine"


@pytest.mark.parametrize(
    ("stranger", "wanted"),
    [("sitemap.xml", "a file"), ("tiny/audit.html/mine.txt", "a file"), ("tiny/download", "a folder")],
)
def test_a_stranger_in_the_way_is_named_and_nothing_is_written(
    site: Path, tiny_results: Path, stranger: str, wanted: str
) -> None:
    """The site needs a name that it did not need before, and somebody else's file or folder bears it."""
    made = publish._read_made(site)
    assert made is not None
    path = site / stranger
    top = path.parent if wanted == "a file" and path.parent.name.endswith(".html") else path
    mine = {name: one for name, one in made.files.items() if not (site / name).is_relative_to(top)}
    (site / publish.FILES).write_bytes(msgspec.structs.replace(made, made_from="", files=mine).encode())
    for name in set(made.files) - set(mine):
        (site / name).unlink()
    if top.is_dir():
        shutil.rmtree(top)
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    before = {one: one.read_bytes() for one in site.rglob("*") if one.is_file()}
    with pytest.raises(
        SiteError, match=rf"{re.escape(str(top))}: no build made it, and the site needs {wanted} of that"
    ):
        publish.publish(tiny_results, site, ["tiny"], "A gallery", "https://example.org/")
    assert {one: one.read_bytes() for one in site.rglob("*") if one.is_file()} == before
    path.unlink()
    if top.is_dir():
        top.rmdir()
    publish.publish(tiny_results, site, ["tiny"], "A gallery", "https://example.org/")
    assert publish.damaged(site) == []


def test_a_filled_folder_is_adopted_only_when_told_so(tiny_results: Path, tmp_path: Path) -> None:
    site = tmp_path / "mine"
    site.mkdir()
    (site / "CNAME").write_text("example.org")
    (site / ".nojekyll").write_bytes(b"")  # as the build makes it
    with pytest.raises(SiteError, match=r"holds other files .* keep them beside the site with --adopt"):
        publish.publish(tiny_results, site, ["tiny"], "A gallery")
    assert sorted(path.name for path in site.iterdir()) == [".nojekyll", "CNAME"]
    publish.publish(tiny_results, site, ["tiny"], "A gallery", adopt=True)
    publish.check_target(site)  # from now on it is the site's
    report = publish.publish(tiny_results, site, ["tiny"], "Another gallery")
    assert report.written
    assert (site / "CNAME").read_text() == "example.org"
    for place in (Path("/"), Path.home()):
        with pytest.raises(SiteError, match="not the root or the home folder"):
            publish.check_target(place, adopt=True)


def test_pages_are_written_after_what_they_name(
    tiny_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def note(path: Path, data: bytes) -> None:
        order.append(path.name)
        write_atomic(path, data)

    monkeypatch.setattr(owned_folder, "write_atomic", note)
    publish.publish(tiny_results, tmp_path / "site", ["tiny"], "A gallery")
    first_page = next(at for at, name in enumerate(order) if name.endswith(".html"))
    assert all(name.endswith(".html") for name in order[first_page:-1])
    assert order[0] == order[-1] == publish.FILES


def test_folders_that_are_not_the_sites_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(SiteError, match=r"holds other files \(it has no files.json\); name an empty folder"):
        publish.check_target(tmp_path)
    for place in (Path("/"), Path.home()):
        with pytest.raises(SiteError, match="not the root or the home folder"):
            publish.check_target(place)
    with pytest.raises(SiteError, match="a file stands where"):
        publish.check_target(tmp_path / "thesis.tex")


def test_no_results_is_an_error_that_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no results here; run build\.py"):
        publish.publish(tmp_path, tmp_path / "site", ["digits"], "A gallery")
    assert not (tmp_path / "site").exists()


def test_public_address(tiny_results: Path, tmp_path: Path) -> None:
    publish.publish(tiny_results, tmp_path / "site", ["tiny"], "A gallery", "https://example.org/gallery/")
    page = (tmp_path / "site" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert '<link rel="canonical" href="https://example.org/gallery/tiny/">' in page
    assert 'href="https://example.org/gallery/"' in (tmp_path / "site" / "404.html").read_text(encoding="utf-8")


def test_hostile_texts_stay_text(tiny_results: Path, tmp_path: Path) -> None:
    results = Path(shutil.copytree(tiny_results, tmp_path / "results"))
    study = store.read(results / "tiny")
    evil = "</title></script><script>alert(1)</script>\"'{{7*7}}"
    info = msgspec.structs.replace(study.manifest.dataset, title=evil, description=evil, source=evil, license=evil)
    manifest = msgspec.structs.replace(study.manifest, dataset=info)
    cells = store.read_cells(results / "tiny")
    assert cells is not None
    store.write(results / "tiny", manifest, study.tables, cells)
    publish.publish(results, tmp_path / "site", ["tiny"], evil)
    for page in pages(tmp_path / "site"):
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "49" not in Links(text).ids
        assert all(tag != "script" or attributes.get("src") for tag, attributes in Links(text).tags)
