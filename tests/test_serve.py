"""Serving: this machine only, the site's folder only, no listings."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from site_templates.output.serve import server


def test_serves_the_folder_and_nothing_else(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "empty").mkdir(parents=True)
    (site / "index.html").write_text("hello")
    (tmp_path / "secret.txt").write_text("secret")
    with server(site) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        assert running.server_address[0] == "127.0.0.1"
        root = f"http://127.0.0.1:{running.server_address[1]}"
        with urllib.request.urlopen(f"{root}/") as answer:
            assert answer.read() == b"hello"
        for path in ("/empty/", "/../secret.txt", "/%2e%2e/secret.txt", "/none.html"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(root + path)
        running.shutdown()


def test_links_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    site, outside = tmp_path / "site", tmp_path / "outside"
    (site / "inner").mkdir(parents=True)
    (site / "leading").mkdir()
    outside.mkdir()
    (outside / "index.html").write_text("secret")
    (site / "page.html").write_text("page")
    (site / "same.html").symlink_to("page.html")
    (site / "leak.html").symlink_to(outside / "index.html")
    (site / "leak").symlink_to(outside)
    (site / "inner" / "index.htm").symlink_to(outside / "index.html")
    (site / "leading" / "index.html").symlink_to("../../outside/index.html")
    (site / "loop.html").symlink_to("loop.html")
    with server(site) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{running.server_address[1]}"
        with urllib.request.urlopen(f"{root}/same.html") as answer:
            assert answer.read() == b"page"
        leaks = ("leak.html", "leak/", "leak/index.html", "inner/", "leading/", "%2e%2e%2foutside/")
        for path in (*leaks, "loop.html", "a%00b"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{root}/{path}")
        running.shutdown()
