"""Which Chromium the browser tests use: one named in CHROMIUM, the system's, or Playwright's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


def system() -> str | None:
    """Path of a Chromium that this machine already has, or None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def executable(playwright: Playwright) -> str | None:
    """Path of a Chromium to start, or None where there is none."""
    own = playwright.chromium.executable_path
    return system() or (own if Path(own).is_file() else None)
