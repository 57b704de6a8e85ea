"""The built site, opened in Chromium: every page is watched, and a fault that nobody looked for fails the test too."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from precompute import dataset, pipeline, store
from precompute.config import Grid, StudyConfig
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.store import Study
from site_templates import publish
from site_templates.output.serve import server
from tests.conftest import shared

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
STUDY = StudyConfig(
    methods=("tsne",),
    clusterers=("kmeans",),
    grid=Grid.of(perplexity=(5.0, 10.0, 30.0, 31.0, 32.0, 35.0, 50.0), k=tuple(range(3, 16))),
    robustness=False,
)
WIDE = (1440, 900)
WAIT = 20_000
"""Milliseconds after which a page that is not ready has failed."""


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of all digits over a part of the grid."""

    def make(folder: Path) -> None:
        assert not pipeline.compute(planned(dataset.load("digits"), STUDY), folder, Machine(jobs=2)).failed

    return shared(tmp_path_factory, "browser-results", make)


@pytest.fixture(scope="session")
def study(results: Path) -> Study:
    """The tables behind the page."""
    return store.read(results / "digits")


@pytest.fixture(scope="session")
def site(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, in a sub-folder of what is served, as under user.github.io/repo/."""

    def make(folder: Path) -> None:
        publish.publish(results, folder / "repo", ["digits"], "Clusterfolio")

    return shared(tmp_path_factory, "browser-site", make) / "repo"


@pytest.fixture(scope="session")
def http(site: Path) -> Iterator[str]:
    """Address of the site over http, under a sub-path."""
    with server(site.parent) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}/repo"
        running.shutdown()


@pytest.fixture(params=["file", "http"])
def root(request: pytest.FixtureRequest, site: Path) -> str:
    """Address of the site, by double click and from a server."""
    return site.as_uri() if request.param == "file" else str(request.getfixturevalue("http"))


LEAD = """async ([fragment, most]) => {
    const root = document.documentElement, late = performance.now() + most, url = new URL(location);
    url.hash = fragment;
    let heard = url.hash === location.hash;
    addEventListener("hashchange", () => { heard = true; }, { once: true });
    location.hash = fragment;
    const pause = () => new Promise((resolve) => setTimeout(resolve, 0));
    while (!heard && performance.now() < late) await pause();
    while (root.dataset.state === "loading" && performance.now() < late) await pause();
}"""
"""Leads an open page to an address, until it is there and ready."""


@dataclass
class Watch:
    """What went wrong on a page that no test asked about."""

    root: str
    faults: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def request(self, request: Request) -> None:
        if urlsplit(request.url).scheme != "data" and not request.url.startswith(self.root):
            self.faults.append(f"request outside the site: {request.url}")

    def check(self) -> None:
        left = [fault for fault in self.faults if not any(text in fault for text in self.allowed)]
        assert left == []


class Explorer:
    """The explorer's page, by its hooks.

    Attributes:
        stays: whether a page that is open already is led on by its address alone, as by a link inside it.
    """

    def __init__(self, page: Page, root: str, watch: Watch, stays: bool = False) -> None:
        self.page, self.root, self.watch, self.stays = page, root, watch, stays

    def open(self, address: str = "", path: str = "digits/index.html") -> None:
        """Open a page at an address such as "#perplexity=35&k=10"."""
        if self.stays and self.page.url.split("#")[0] == f"{self.root}/{path}":
            # first to the start, so that nothing that was said of another address is left
            for fragment in ("", address):
                self.page.evaluate(LEAD, [fragment, WAIT])
        else:
            self.page.goto(f"{self.root}/{path}{address}")
        self.ready()

    def ready(self, setting: str | None = None) -> None:
        """Wait until everything shows the setting."""
        which = f'[data-setting="{setting}"]' if setting else ""
        self.page.wait_for_selector(f'html[data-state="ready"]{which}', timeout=WAIT, state="attached")

    @property
    def setting(self) -> str:
        return self.page.locator("html").get_attribute("data-setting") or ""

    def slide(self, name: str, value: float) -> None:
        """Set a slider as a finished drag does."""
        self.page.eval_on_selector(
            f"input[type=range][name={name}]",
            "(input, value) => { input.value = value;"
            " input.dispatchEvent(new Event('input', {bubbles: true}));"
            " input.dispatchEvent(new Event('change', {bubbles: true})); }",
            str(value),
        )

    def figures(self) -> dict[str, float]:
        """Every figure of the setting: name → unrounded value."""
        found: dict[str, float] = self.page.eval_on_selector_all(
            "[data-metric]",
            "all => Object.fromEntries(all.map(one => [one.dataset.metric, Number(one.dataset.value)]))",
        )
        return found

    def hash(self) -> str:
        """The address after the page's name."""
        return str(self.page.evaluate("location.hash"))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile with a large window."""
    made = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, reduced_motion="reduce")
    yield made
    made.close()


@pytest.fixture
def explorer(context: BrowserContext, root: str) -> Iterator[Explorer]:
    """An explorer on a watched page; the test fails on any console error, policy violation or outside request."""
    page, watch = context.new_page(), Watch(root)
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.faults.append(f"page error: {error}"))
    page.on("request", watch.request)
    yield Explorer(page, root, watch)
    watch.check()


@dataclass
class Tab:
    """One watched page of one profile, for the tests of a module, one after the other."""

    page: Page
    watch: Watch

    def empty(self) -> None:
        """Nothing is open, stored, pressed or emulated any more."""
        for other in self.page.context.pages:
            if other is not self.page:
                other.close()
        self.page.goto("about:blank")
        session = self.page.context.new_cdp_session(self.page)
        session.send("Storage.clearDataForOrigin", {"origin": "file://", "storageTypes": "all"})
        session.detach()
        self.rest()

    def rest(self) -> None:
        """The window and the pointer are as at the start, and nothing is held against the next test."""
        self.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.page.mouse.move(0, 0)
        self.watch.faults, self.watch.allowed = [], []


@pytest.fixture(scope="module")
def tab(site: Path, browser: Browser) -> Iterator[Tab]:
    """A profile with one page, kept for a module: another one for each test takes as long as the test itself."""
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, reduced_motion="reduce")
    page, watch = context.new_page(), Watch(site.as_uri())
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.faults.append(f"page error: {error}"))
    page.on("request", watch.request)
    yield Tab(page, watch)
    context.close()


@pytest.fixture
def local(request: pytest.FixtureRequest, site: Path, tab: Tab) -> Iterator[Explorer]:
    """As `explorer`, on file:// only, for what cannot depend on the scheme, in a profile that the module's tests share.

    Each test loads its pages anew. One that is marked `stays` goes on with the page that the one before it, marked so
    too, has left open: such a test changes nothing of a page but what an address sets.
    """
    stays = request.node.get_closest_marker("stays") is not None
    tab.rest()
    yield Explorer(tab.page, site.as_uri(), tab.watch, stays)
    try:
        tab.watch.check()
    except AssertionError:
        tab.empty()  # nothing of it for the tests after this
        raise
    if not stays:
        tab.empty()
