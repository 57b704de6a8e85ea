"""Fixtures that several tests share: a tiny study, computed once, and one browser."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, sync_playwright

from precompute import dataset, pipeline, store
from precompute.config import Grid, StudyConfig
from precompute.dataset import Dataset
from precompute.store import Study
from tests.browser.install import chromium

TINY = StudyConfig(id="tiny", grid=Grid((5.0, 12.5, 30.0), (3, 4, 10)), robustness=False)

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
    results = tmp_path_factory.mktemp("results")
    outcome = pipeline.compute(tiny_data, TINY, results, jobs=1)
    assert not outcome.failed
    return results


@pytest.fixture(scope="session")
def tiny_study(tiny_results: Path) -> Study:
    """The tiny study, read back."""
    return store.read(tiny_results / "tiny")


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded generator."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    executable = chromium()
    assert executable, "no Chromium; run: python -m tests.browser.install"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield running
        running.close()
