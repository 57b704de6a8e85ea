"""Makes sure that there is a Chromium for the browser tests: `python -m tests.browser.install`."""

from __future__ import annotations

import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

from tests.browser import chromium


def main() -> int:
    """Install a Chromium if there is none; the exit code."""
    with sync_playwright() as playwright:
        if chromium.executable(playwright):
            return 0
    for command in ([sys.executable, "-m", "playwright", "install", "chromium"], _package_manager()):
        if command and subprocess.run(command, check=False).returncode == 0:
            with sync_playwright() as playwright:
                if chromium.executable(playwright):
                    return 0
    names = ", ".join(chromium.NAMES)
    print(
        f"error: no Chromium found ({names}) and none could be installed; install one, or name it in CHROMIUM",
        file=sys.stderr,
    )
    return 1


def _package_manager() -> list[str] | None:
    """The command that installs Chromium here without questions, where there is a package manager."""
    commands = {
        "apt-get": ["apt-get", "install", "--yes", "chromium"],
        "dnf": ["dnf", "install", "--assumeyes", "chromium"],
        "pacman": ["pacman", "--sync", "--noconfirm", "chromium"],
        "brew": ["brew", "install", "--cask", "chromium"],
    }
    return next((command for name, command in commands.items() if shutil.which(name)), None)


if __name__ == "__main__":
    raise SystemExit(main())
