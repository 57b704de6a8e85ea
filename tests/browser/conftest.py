"""The tiny study's site, on disk and over http, and a browser that fails a test on anything unexpected."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from site_templates import publish
from tests.browser import chromium
from tests.browser.explorer import Explorer

Open = Callable[..., Explorer]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture(scope="session")
def tiny_site(tiny_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the tiny study; not to be written to."""
    site = tmp_path_factory.mktemp("site")
    publish.publish(tiny_results, site, ["tiny"], "Gallery")
    return site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        path = chromium.executable(playwright)
        assert path, "no Chromium; run: python -m tests.browser.install"
        started = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def over_http(tiny_site: Path) -> Iterator[str]:
    """Address of the site's folder when it is served under a sub-path."""
    handler = functools.partial(_Quiet, directory=str(tiny_site.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{tiny_site.name}/"
        server.shutdown()


@pytest.fixture(params=["file", "http"])
def address(request: pytest.FixtureRequest, tiny_site: Path, over_http: str) -> str:
    """Address of the site's folder, by double click and over http."""
    return over_http if request.param == "http" else f"{tiny_site.as_uri()}/"


@pytest.fixture
def open_page(browser: Browser, tiny_site: Path) -> Iterator[Open]:
    """Opens pages of the site. A console message, an error or a request that leaves the folder fails the test."""
    contexts = []
    problems: list[str] = []

    def open_(
        path: str = "tiny/index.html", site: str | None = None, expect: str = "ready", **options: Any
    ) -> Explorer:
        root = site or f"{tiny_site.as_uri()}/"
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: problems.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((root, "data:")) else problems.append(f"left: {request.url}")
            ),
        )
        page.goto(root + path)
        explorer = Explorer(page, problems)
        if expect:
            explorer.wait(expect)
        return explorer

    yield open_
    for context in contexts:
        context.close()
    assert problems == []
