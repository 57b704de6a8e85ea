"""A Chromium for the browser tests: the system's, else Playwright's own, else from the package manager; and a Firefox.

Without a Chromium there are no browser tests; without a Firefox, which Playwright cannot bring, its few are skipped.

python -m tests.browser.install
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The one without a window first: the same engine, and a test takes it a fifth less time."""


def chromium() -> Path | None:
    """The browser to test with: one named in CHROMIUM, the system's, or Playwright's; None if there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return Path(found)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.is_file() else None


def ways() -> list[list[list[str]]]:
    """Ways to get one here, each a list of commands that must all succeed."""
    playwright = [sys.executable, "-m", "playwright", "install"]
    found = [[[*playwright, "chromium"]]]
    if _apt():
        for at, name in enumerate(("chromium-headless-shell", "chromium")):  # older releases have only the second
            found.insert(at, _apt(name, "fonts-dejavu-core"))
        found.insert(2, [[*playwright, "--with-deps", "chromium"]])
    return found


def _apt(*names: str) -> list[list[str]]:
    """Commands that install packages of Debian and its kin; none where that cannot be."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    return [["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "--yes", *names]]


def firefox() -> str | None:
    """The Firefox of this machine, from FIREFOX or the path; None if there is none."""
    named = os.environ.get("FIREFOX")
    return named or next((found for name in ("firefox-esr", "firefox") if (found := shutil.which(name))), None)


def main() -> int:
    """Make sure that there is a Chromium, and try to get a Firefox; 0 if there is a Chromium."""
    found = _chromium()
    if found == 0 and not firefox() and _apt():
        print("no Firefox yet, trying:", *_apt("firefox-esr")[-1], file=sys.stderr)
        all(_runs(command) for command in _apt("firefox-esr"))
    if not firefox():
        print("note: no Firefox; its tests will be skipped (FIREFOX names one)", file=sys.stderr)
    return found


def _chromium() -> int:
    if chromium():
        return 0
    for way in ways():
        print("no Chromium yet, trying:", *way[-1], file=sys.stderr)
        if all(_runs(command) for command in way) and chromium():
            return 0
    print(
        f"error: no Chromium for the browser tests ({', '.join(NAMES)}), and none could be installed; install one with "
        "your package manager (Debian: apt-get install chromium), or name one in CHROMIUM",
        file=sys.stderr,
    )
    return 1


def _runs(command: list[str]) -> bool:
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())
