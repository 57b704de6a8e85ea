"""The README's snippets on the tables, run exactly as printed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clusterfolio import cli
from precompute import config

README = Path(__file__).parents[1] / "README.md"
SECTION = README.read_text(encoding="utf-8").split("## Read the tables")[1].split("\n## ")[0]
SNIPPETS = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tiny_results: Path, tiny_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a build leaves it, with the tiny study where the README has the digits."""
    place = tmp_path_factory.mktemp("readme")
    shutil.copytree(tiny_site, place / "site")
    (place / "results").mkdir()
    (place / "results" / "digits").symlink_to(tiny_results / "tiny")
    (place / "site" / "digits").symlink_to(place / "site" / "tiny")
    return place


def test_the_readme_shows_each_reader() -> None:
    assert [re.search(r"import (\w+)", snippet)[1] for snippet in SNIPPETS] == [  # type: ignore[index]
        "pyarrow", "duckdb", "polars", "pandas",
    ]  # fmt: skip


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.split()[1])
def test_a_snippet_runs_as_printed(folder: Path, snippet: str) -> None:
    made = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippet], cwd=folder, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    assert len(made.stdout.splitlines()) >= 3, made.stdout


def test_the_configuration_that_it_shows_is_allowed() -> None:
    shown = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(shown) == 1
    studies = config.parse(shown[0]).studies
    assert [study.id for study in studies] == ["digits", "pets"]
    # a key that is only named there must be allowed, too
    config.parse(re.sub(r"^# (?=\w+ =)", "", shown[0], flags=re.MULTILINE))


def test_every_option_that_it_names_is_one() -> None:
    text = README.read_text(encoding="utf-8")
    ours = re.findall(r"build\.py[^`\n]*", text)
    named = {option for line in ours for option in re.findall(r"--[a-z][a-z-]*", line.split("#")[0])}
    known = set(re.findall(r"--[a-z][a-z-]*", cli._parser("build.py").format_help()))
    assert named
    assert named <= known
