"""A build killed at a step of its writing, one after another, leaves whole files and a site that works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.helpers import opened
from tests.faults.killer import FEW_STRIDE, STRIDE

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def report(place: Path) -> dict[str, Any]:
    """What the killer found."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    command = [sys.executable, "-m", "tests.faults.killer", str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_build_killed_at_any_step_loses_nothing(report: dict[str, Any], tell: Callable[[str], None]) -> None:
    kills = ", ".join(f"{number} in the {name} build" for name, number in report["kills"].items())
    tell(f"killed builds: {kills}; {report['between']} sites between the old and the new")
    assert report["faults"] == []
    assert list(report["kills"]) == ["first", "second", "whole first", "whole second"]
    for name, number in report["kills"].items():
        wanted = 200 // STRIDE if name.startswith("whole") else 60 // FEW_STRIDE
        assert number > wanted, "the builds must have been killed"


def test_sites_of_killed_builds_work(
    report: dict[str, Any], place: Path, browser: Browser, tell: Callable[[str], None]
) -> None:
    kept = sorted((place / "kept").iterdir())
    assert report["between"] and kept
    for site in kept:
        with opened(browser, site.as_uri()) as explorer:
            explorer.page.goto(f"{site.as_uri()}/index.html")
            explorer.page.get_by_role("link", name="Explore").first.click()
            explorer.ready()
            for k in (3, 4, 5):
                explorer.slide("k", k)
                explorer.ready()
            assert explorer.figures()["clusters"] in (4, 5)
    tell(f"sites of killed builds in the browser: {len(kept)}")
