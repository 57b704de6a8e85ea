"""What a site has for programs: settings.json, llms.txt, and the head of a Space."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from precompute import store
from site_templates import publish
from site_templates.downloads import machines


@pytest.fixture(scope="module")
def described(tiny_site: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tiny_site / "tiny" / "settings.json").read_bytes())
    return found


def test_every_figure_is_that_of_the_tables(described: dict[str, Any], tiny_results: Path) -> None:
    study = store.read(tiny_results / "tiny")
    rows = study.tables["metrics"].to_pylist()
    expected: dict[str, dict[str, float | None]] = {}
    for row in rows:
        if row["setting"] is not None:
            expected.setdefault(row["setting"], {})[row["metric"]] = row["value"]
    assert {one["setting"]: one["measures"] for one in described["settings"]} == expected
    assert [one["setting"] for one in described["settings"]] == [one.slug for one in study.manifest.settings]
    defined = {one["name"] for one in described["measures"]}
    assert defined >= {name for one in expected.values() for name in one}
    values = [value for one in expected.values() for value in one.values() if value is not None]
    assert values and all(math.isfinite(value) for value in values)


def test_every_setting_has_its_place(described: dict[str, Any], tiny_site: Path) -> None:
    by_slug = {one["setting"]: one for one in described["settings"]}
    one = by_slug["tsne-p12.5-k4"]
    assert (one["method"], one["clusterer"], one["space"]) == ("tsne", "kmeans", "map")
    assert one["parameters"] == {"perplexity": 12.5, "k": 4}
    assert one["explorer"] == "index.html#perplexity=12.5&k=4"
    features = by_slug["features-k3"]
    assert (features["method"], features["space"], features["parameters"]) == (None, "features", {"k": 3})
    assert all((tiny_site / "tiny" / one["page"]).is_file() for one in described["settings"])


def test_every_link_of_llms_txt_leads_somewhere(tiny_site: Path) -> None:
    text = (tiny_site / "llms.txt").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[0].startswith("# ") and lines[2].startswith("> ")
    links = re.findall(r"^- \[([^\]]+)\]\(([^)]+)\): \S", text, flags=re.MULTILINE)
    assert [name for name, _ in links] == [name for _, name, _ in machines.LINKS]
    assert all((tiny_site / unquote(href)).is_file() for _, href in links)


def test_with_an_address_links_are_whole_and_texts_are_no_markdown(tiny_results: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish.publish(tiny_results, site, ["tiny"], "A [b](c)\n# d", "https://a.b/c/", space=True)
    text = (site / "llms.txt").read_text(encoding="utf-8")
    assert text.startswith("# A \\[b\\](c) \\# d\n\n> ")
    links = re.findall(r"\]\((https[^)]+)\)", text)
    assert len(links) == len(machines.LINKS)
    for link in links:
        path = unquote(link).removeprefix("https://a.b/c/")
        assert (site / (f"{path}index.html" if path.endswith("/") else path)).is_file()
    head = (site / "README.md").read_text(encoding="utf-8").split("---\n")[1]
    found = dict(line.split(": ", 1) for line in head.splitlines())
    assert json.loads(found["title"]) == "A [b](c)\n# d"
    assert (found["sdk"], found["app_file"], found["pinned"]) == ('"static"', '"index.html"', "false")
    again = publish.publish(tiny_results, site, ["tiny"], "A [b](c)\n# d", "https://a.b/c/", space=True)
    assert (again.written, again.removed) == (0, 0)
    publish.publish(tiny_results, site, ["tiny"], "A [b](c)\n# d", "https://a.b/c/")
    assert not (site / "README.md").exists(), "a site that is no Space any more has no head of one"
