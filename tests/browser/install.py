"""A Chromium for the browser tests: the system's, else Playwright's own, else from the package manager.

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
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        apt = ["apt-get", "-qq"]
        for at, name in enumerate(("chromium-headless-shell", "chromium")):  # older releases have only the second
            found.insert(at, [[*apt, "update"], [*apt, "install", "--yes", name, "fonts-dejavu-core"]])
        found.insert(2, [[*playwright, "--with-deps", "chromium"]])
    return found


def main() -> int:
    """Make sure that there is a Chromium; 0 if so."""
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
