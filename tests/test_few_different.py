"""s15: few different samples, as surveys and one-hot tables have; a k that is too many for a space is left out."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from clusterfolio import cli
from precompute import equality, store
from tests.browser.helpers import opened
from tests.conftest import PLAIN, compute_local


def build(folder: Path, *more: str) -> int:
    """Build from the survey in the folder; returns the exit code."""
    folders = ("--results", str(folder / "results"), "--site", str(folder / "site"))
    return cli.main(["--data", str(folder / "survey.csv"), "--perplexity", "5", *PLAIN, "--jobs", "1", *folders, *more])


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 answers to three questions, of which 12 differ, and what is built of them."""
    folder = tmp_path_factory.mktemp("survey")
    answers = np.random.default_rng(0).permutation(list(product(range(3), range(2), range(2))))
    rows = [",".join(map(str, answers[at % 12])) for at in range(240)]
    (folder / "survey.csv").write_text("\n".join(["q1,q2,q3", *rows]) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        compute_local(patch)
        assert build(folder, "-q") == 0
    return folder


def ks(manifest: store.Manifest, embedding: str | None) -> list[int]:
    return [int(one.parameters["k"]) for one in manifest.settings if one.embedding == embedding]


def test_every_k_that_a_space_has_points_for_is_computed(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = store.read_manifest(survey / "results" / "survey")
    on_map = manifest.distinct["tsne-p5"]
    assert manifest.failed == []
    assert 3 < on_map < 12, "the map joins some of the answers; were it none, this test would try nothing"
    assert ks(manifest, "tsne-p5") == list(range(2, on_map + 1))
    assert ks(manifest, None) == manifest.axis("k") == list(range(2, 13))
    assert build(survey, "--only", "compute", "--explain") == 0
    said = capsys.readouterr()
    assert "k: 13, 14, 15 left out, 240 samples of which 12 differ allow at most 12" in said.err
    assert f"left out in 1 map, where only {on_map} of 240 points differ" in said.err
    assert "0 of 49 cells computed now" in said.out
    assert f"clusters tsne-p5-k12: left out: only {on_map} points differ" in said.out
    assert store.read_manifest(survey / "results" / "survey") == manifest


def test_one_too_many_asked_by_hand_is_named_before_anything_is_computed(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(survey, "--k", "11:13", "--only", "compute") == 2
    assert "k: 13 too large for 240 samples of which 12 differ; allowed: at most 12" in capsys.readouterr().err


def test_the_explorer_says_why_a_map_has_fewer(survey: Path, browser: Browser) -> None:
    most = store.read_manifest(survey / "results" / "survey").distinct["tsne-p5"]
    with opened(browser, (survey / "site").as_uri()) as page:
        page.open("", "survey/index.html")
        assert page.page.locator("html").get_attribute("data-setting") == f"tsne-p5-k{min(most, 10)}"
        page.page.evaluate("location.hash = '#perplexity=5&k=12'")
        page.page.wait_for_selector("html[data-state=error]")
        assert f"k = 12 is more than the {most} different points of this map." in page.page.inner_text("[role=alert]")
        page.open("#perplexity=5&k=12&space=features", "survey/index.html")
        assert page.page.locator("html").get_attribute("data-setting") == "features-k12"


def test_points_that_differ_are_counted_as_far_as_needed() -> None:
    points = np.array([[0, 1], [-0.0, 1], [0, 2], [0, 3]], dtype=np.float32)
    assert [equality.different(points, enough) for enough in (0, 2, 3, 9)] == [0, 2, 3, 3]
