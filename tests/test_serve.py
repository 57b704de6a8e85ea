"""Serving: this machine only, the site's folder only, no listings."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from site_templates.serve import server


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
