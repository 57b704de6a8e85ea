"""Copies to take along: the zip and the single file. Opened in browsers: tests/browser/test_offline.py."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from site_templates import publish
from site_templates.copies import offline
from site_templates.copies.archive import zipped
from site_templates.copies.single_file import single_file
from site_templates.publish import SiteError


@pytest.fixture(scope="module")
def site(tiny_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the tiny study, in a folder that a test may add to."""
    return Path(shutil.copytree(tiny_site, tmp_path_factory.mktemp("offline") / "site"))


@pytest.fixture(scope="module")
def single(site: Path) -> str:
    """The explorer in one file."""
    return single_file(publish.site_files(site), "tiny/index.html").decode()


def test_the_zip_holds_the_site_in_one_folder_and_nothing_else(site: Path) -> None:
    (site / "mine.txt").write_text("not the site's")
    packed = zipfile.ZipFile(io.BytesIO(zipped(publish.site_files(site))))
    (site / "mine.txt").unlink()
    files = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert packed.namelist() == sorted(f"clusterfolio/{name}" for name in files)
    for name, data in files.items():
        assert packed.read(f"clusterfolio/{name}") == data
    for entry in packed.infolist():
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.external_attr >> 16 == 0o100644
        assert entry.create_system == 3


def test_equal_sites_in_other_folders_give_equal_copies(site: Path, tiny_results: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "pages"
    publish.publish(tiny_results, other, ["tiny"], "A gallery")
    for name, folder in (("a", site), ("b", other)):
        copies = offline.targets(folder, tmp_path / f"{name}.zip", tmp_path / f"{name}.html", ["tiny"])
        sizes = offline.write(folder, copies)
        assert sizes == {path: path.stat().st_size for path in (tmp_path / f"{name}.zip", tmp_path / f"{name}.html")}
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_the_policy_names_every_script_and_style_of_the_single_file(single: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', single)
    assert policy
    allowed = set(re.findall(r"'(sha256-[^']*)'", policy[1]))
    texts = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", single, re.DOTALL)
    assert len(texts) == 4, "a style sheet, the script of the start, that of the page, and Vega"
    hashes = {"sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts}
    assert hashes == allowed
    assert "'self'" not in policy[1]
    assert "unsafe" not in policy[1]
    assert "default-src 'none'" in policy[1]


def test_the_single_file_points_to_nothing_outside(single: str) -> None:
    page = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", single, flags=re.DOTALL)
    addresses = re.findall(r'\s(?:src|href)="([^"]*)"', page)
    assert addresses
    assert all(address.startswith(("#", "data:")) for address in addresses), addresses


def test_the_single_file_holds_every_chunk_as_json(single: str) -> None:
    blocks = dict(re.findall(r'<script type="application/json" data-chunk="([^"]*)">(.*?)</script>', single, re.DOTALL))
    study = json.loads(blocks["study"])
    assert set(blocks) == {"study", *study["chunks"]}
    assert json.loads(blocks["tsne-p12.5"])
    assert all("<" not in text for text in blocks.values())


def test_links_of_a_site_with_an_address_stay(tiny_results: Path, tmp_path: Path) -> None:
    publish.publish(tiny_results, tmp_path / "site", ["tiny"], "A gallery", "https://example.org/repo/")
    page = single_file(publish.site_files(tmp_path / "site"), "tiny/index.html").decode()
    assert 'href="https://example.org/repo/index.html"' in page
    assert 'href="https://example.org/repo/tiny/download/index.html"' in page


def test_a_script_that_would_end_itself_is_refused(site: Path) -> None:
    files = publish.site_files(site)
    name = next(name for name in files if name.startswith("assets/explorer-") and name.endswith(".js"))
    files[name] += b"// </SCRIPT>"
    with pytest.raises(SiteError, match="would end a script"):
        single_file(files, "tiny/index.html")


def test_data_that_are_no_data_are_refused(site: Path) -> None:
    files = publish.site_files(site)
    name = next(name for name in files if name.startswith("tiny/data/tsne"))
    files[name] = b"alert(1)"
    with pytest.raises(SiteError, match="not written as data are"):
        single_file(files, "tiny/index.html")


def test_a_changed_site_is_not_copied(site: Path, tmp_path: Path) -> None:
    page = site / "tiny" / "index.html"
    before = page.read_bytes()
    page.write_bytes(before + b"x")
    try:
        with pytest.raises(SiteError, match=r"tiny/index\.html: missing or changed"):
            offline.write(site, offline.targets(site, tmp_path / "a.zip", None, ["tiny"]))
    finally:
        page.write_bytes(before)
    assert not (tmp_path / "a.zip").exists()


def test_targets_beside_the_site_and_by_name(tmp_path: Path) -> None:
    site = tmp_path / "site"
    beside = offline.targets(site, True, True, ["a", "b"])
    assert beside.zip == tmp_path / "site.zip"
    assert beside.single == {"a": tmp_path / "a.html", "b": tmp_path / "b.html"}
    assert offline.targets(site, None, None, ["a"]) == offline.Copies(None, {})
    assert offline.targets(site, None, tmp_path, ["a", "b"]).single["b"] == tmp_path / "b.html"
    assert offline.targets(site, None, tmp_path / "x.html", ["a"]).single == {"a": tmp_path / "x.html"}


def test_the_folder_one_is_in_is_a_folder_as_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "srv" / "site" / "in").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    site = tmp_path / "srv" / "site"
    for here in (Path(), Path("./")):
        assert offline.targets(site, None, here, ["pets"]).single["pets"].resolve() == tmp_path / "here" / "pets.html"
        with pytest.raises(SiteError, match="a folder stands where the file should be"):
            offline.targets(site, here, None, ["pets"])
    for folder, name in ((site, "."), (site / "in", "..")):  # the site itself, named by where one is
        monkeypatch.chdir(folder)
        beside = offline.targets(Path(name), True, True, ["pets"])
        assert beside.zip == tmp_path / "srv" / "site.zip"
        assert beside.single == {"pets": tmp_path / "srv" / "pets.html"}


def test_targets_that_cannot_be_are_refused(tmp_path: Path) -> None:
    site = tmp_path / "site"
    with pytest.raises(SiteError, match=r"one file holds one data set, and there are 2 \(a, b\)"):
        offline.targets(site, None, tmp_path / "x.html", ["a", "b"])
    with pytest.raises(SiteError, match="lies in the site's own folder"):
        offline.targets(site, site / "site.zip", None, ["a"])
    with pytest.raises(SiteError, match="a folder stands where the file should be"):
        offline.targets(site, tmp_path, None, ["a"])
