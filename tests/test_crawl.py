"""The whole site, by links alone: over http and from disk, as valid HTML, the same wherever it is built."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import url2pathname, urlopen

import html5lib
import pytest

from site_templates import publish
from site_templates.output.budget import budget
from site_templates.output.serve import server
from site_templates.publish import site_files
from tests.crawl import Crawl, crawl

PUBLISH = """
import sys
from pathlib import Path
from site_templates import publish
if __name__ == "__main__":
    publish.publish(Path(sys.argv[1]), Path(sys.argv[2]), ["tiny"], "A gallery", "https://a.b/c/", int(sys.argv[3]))
"""


@pytest.fixture(scope="module")
def site(tiny_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the tiny study in a folder that is served from above."""
    return Path(shutil.copytree(tiny_site, tmp_path_factory.mktemp("crawl") / "user" / "repo"))


@pytest.fixture(scope="module")
def http(site: Path) -> Iterator[str]:
    """Address of the site over http, under /user/repo."""
    with server(site.parents[1]) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}/user/repo"
        running.shutdown()


def from_disk(address: str) -> bytes:
    return Path(url2pathname(address.removeprefix("file://"))).read_bytes()


def from_server(address: str) -> bytes:
    with urlopen(address, timeout=30) as answer:
        return bytes(answer.read())


def names(found: Crawl, root: str) -> set[str]:
    return {address.removeprefix(f"{root}/") for address in [*found.pages, *found.files]}


def test_every_link_anchor_and_picture_is_there_and_every_page_is_reached(site: Path, http: str) -> None:
    over_http = crawl(http, from_server)
    on_disk = crawl(site.as_uri(), from_disk)
    assert over_http.faults == on_disk.faults == []
    reached = names(on_disk, site.as_uri())
    assert reached == names(over_http, http)
    made = set(site_files(site))
    assert {name for name in made if name.endswith(".html")} - reached == {"404.html"}
    pictures = {name for name in made if name.startswith("tiny/settings/") and name.endswith(".png")}
    assert {name for name in pictures - reached if not name.endswith("-card.png")} == set()


def test_pages_are_html_without_a_parse_error(site: Path) -> None:
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        # html5lib knows only the standard of 2014, in which a bare "&" was an error; today it is none where an address
        # goes on with a key that begins no character's name
        for key in set(re.findall(r'(?<=&)[a-z]+(?==[^"<>]*")', text)):
            assert html.unescape(f"&{key}") == f"&{key}", path.name
            text = text.replace(f"&{key}=", f"&amp;{key}=")
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(text)
        assert parser.errors == [], path.name


def test_ids_are_there_once(site: Path) -> None:
    for path in sorted(site.rglob("*.html")):
        tree = html5lib.parse(path.read_bytes(), transport_encoding="utf-8", namespaceHTMLElements=False)
        ids = [one.get("id") for one in tree.iter() if one.get("id")]
        assert len(ids) == len(set(ids)), path.name
        images = [one for one in tree.iter("img") if one.get("alt") is None]
        assert images == [], path.name


def test_hosts_take_the_site_as_it_is(site: Path) -> None:
    found = budget({name: len(data) for name, data in site_files(site).items()})
    assert not found.errors and not found.warnings
    assert (site / ".nojekyll").read_bytes() == b""


def test_two_builds_in_other_folders_time_zones_locales_and_jobs_are_the_same(
    tiny_results: Path, tmp_path: Path
) -> None:
    """One build in this process, and one where all is otherwise."""
    here, there = tmp_path / "one" / "site", tmp_path / "a b" / "ü" / "site"
    there.parent.mkdir(parents=True)
    publish.publish(tiny_results, here, ["tiny"], "A gallery", "https://a.b/c/", 1)
    zone = "Asia/Kolkata" if time.timezone != -19_800 else "America/New_York"
    more = {"TZ": zone, "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "7", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", PUBLISH, str(tiny_results), str(there), "2"]
    subprocess.run(command, check=True, env={**os.environ, **more}, cwd=Path(__file__).parents[1])
    assert site_files(here) == site_files(there)
