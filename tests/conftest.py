"""Fixtures that several tests share: a tiny study, computed and published once, and one browser."""

from __future__ import annotations

import functools
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page, sync_playwright

from precompute import dataset, pipeline, store
from precompute.config import Grid, StudyConfig
from precompute.dataset import Dataset
from precompute.run import workers
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.store import Study
from site_templates import publish
from site_templates.output import assets, bundles
from tests.browser.install import chromium

TINY = StudyConfig(
    methods=("tsne",),
    clusterers=("kmeans",),
    id="tiny",
    grid=Grid.of(perplexity=(5.0, 12.5, 30.0), k=(3, 4, 10)),
    robustness=False,
)

PLAIN = ("--methods", "tsne", "--clusterers", "kmeans")
"""Options of a build that tries something else than methods and clusterers: UMAP takes ten seconds to compile."""
PLAIN_KEYS = 'methods = ["tsne"]\nclusterers = ["kmeans"]\n'
"""The same as keys of a data set in a configuration."""

PAGE_SCRIPTS = ("start.js", "explorer.js", "compare.js", "audit.js")
STARTS = ("explorer/explorer.js", "compare/compare.js", "audit/audit.js")
"""Sources that build their page as soon as they are loaded."""

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]


def few_digits(n: int = 200) -> Dataset:
    """The first n digits."""
    digits = dataset.load("digits")
    assert digits.pixels is not None
    assert digits.labels is not None
    return replace(
        digits,
        values=digits.values[:n],
        pixels=digits.pixels[:n],
        labels=digits.labels[:n],
        ids=digits.ids[:n],
        title="A few digits",
        description="A few handwritten digits.",
    )


def write_few_digits(path: Path) -> None:
    """The first digits as a person's own .npz."""
    few = few_digits()
    assert few.pixels is not None
    assert few.labels is not None
    np.savez(path, images=few.pixels.reshape(-1, 8, 8), labels=few.labels)


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process of this run that needs it makes, for all of them; not to be written to.

    Args:
        name: of the folder. make: fills it, given its path; the folder is not there yet.
    """
    base = factory.getbasetemp()
    # a worker of pytest-xdist has a folder of its own in the one of the run
    base = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    base.mkdir(exist_ok=True)
    folder, made = base / name, base / f"{name}.made"
    with FileLock(base / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            made.touch()
    return folder


RUN = workers.run


def compute_local(patch: pytest.MonkeyPatch) -> None:
    """Have builds compute in this process: a worker takes seconds to start, and computes the same.

    A command line has a limit of time for each cell, so that its cells have workers even where there is one job.
    """
    patch.setattr(workers, "run", lambda function, tasks, jobs, limit, pool: RUN(function, tasks, 1))


@pytest.fixture(scope="session", autouse=True)
def one_bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The Vega bundle is made once a run: it is every site's, and takes as long as the rest of a tiny one."""
    make = assets.vega_bundle

    @functools.cache
    def bundle() -> bytes:
        return shared(tmp_path_factory, "vega.js", lambda path: path.write_bytes(make())).read_bytes()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assets, "vega_bundle", bundle)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """Builds in this process wait for no disk: nothing here takes the power away. A test that looks says so itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """A shell has its background jobs ignore Ctrl-C, and the builds that the tests start would ignore it too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def tiny_data() -> Dataset:
    """200 digits."""
    return few_digits()


@pytest.fixture(scope="session")
def tiny_results(tmp_path_factory: pytest.TempPathFactory, tiny_data: Dataset) -> Path:
    """A results folder with the tiny study in `tiny`; not to be written to."""

    def make(folder: Path) -> None:
        assert not pipeline.compute(planned(tiny_data, TINY), folder, Machine()).failed

    return shared(tmp_path_factory, "tiny-results", make)


@pytest.fixture(scope="session")
def tiny_study(tiny_results: Path) -> Study:
    """The tiny study, read back."""
    return store.read(tiny_results / "tiny")


@pytest.fixture(scope="session")
def tiny_site(tiny_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the tiny study, "A gallery"; not to be written to."""
    return shared(
        tmp_path_factory, "tiny-site", lambda folder: publish.publish(tiny_results, folder, ["tiny"], "A gallery")
    )


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Takes a line on how many cases a test tried; all lines are printed when the run has ended."""
    return functools.partial(record_property, "tried")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was tried, whichever process tried it: those of pytest-xdist print nothing themselves."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    lines = [value for report in reports for name, value in report.user_properties if name == "tried"]
    if lines:
        terminalreporter.section("tried")
        terminalreporter.write("".join(f"{line}\n" for line in lines))


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded generator."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def sources(browser: Browser) -> Iterator[Page]:
    """A blank page with the sources of all pages, but those that start one: for what needs no document and no study."""
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    load_sources(page)
    assert faults == []
    yield page
    page.close()


def load_sources(page: Page) -> None:
    """Give a page the sources of all bundles, each once and in their order, but those that start a page."""
    names = [name for bundle in PAGE_SCRIPTS for name in bundles.BUNDLES[bundle]]
    for name in dict.fromkeys(name for name in names if name not in STARTS):
        page.add_script_tag(content=(bundles.STATIC / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    executable = chromium()
    assert executable, "no Chromium; run: python -m tests.browser.install"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield running
        running.close()
