"""Cells that kill their worker or never end: the others finish, the page says of each why it is missing, exit 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import url2pathname

import pytest
from playwright.sync_api import Browser

from clusterfolio import cli, options
from precompute import dataset, pipeline, store
from precompute.config import Grid, StudyConfig
from precompute.machine import files
from precompute.metrics import clusterings, registry
from precompute.run import dispatch, preparation, workers
from precompute.run.dispatch import Machine
from precompute.run.parts import SOURCE
from precompute.run.study import planned
from site_templates import publish
from tests.browser.helpers import alert, opened
from tests.conftest import PLAIN, PLAIN_KEYS, RUN, few_digits
from tests.crawl import crawl
from tests.faults import deadly

GRID = ["--perplexity", "5,6,8,10,12", "--k", "3,4", *PLAIN]
LIMIT = 20
"""Seconds that a cell may take: some twenty times what a sound one of 60 samples needs, for other work is done here."""
REASONS = {
    "tsne-p5": "its worker process died, and twice again when it ran alone: killed by the system, or out of memory",
    "tsne-p6": "its worker process died, and twice again when it ran alone: killed by the system, or out of memory",
    "tsne-p8": f"it took longer than {LIMIT} s, the limit for one cell (--cell-time)",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("holes")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    data = few_digits(60)
    monkeypatch.setattr(dataset, "BUILT_IN", {**dataset.BUILT_IN, "digits": lambda: data})


def run(folder: Path, *arguments: str) -> int:
    places = ["--results", str(folder / "results"), "--site", str(folder / "site")]
    return cli.main([*places, *GRID, "--jobs", "2", "-q", *arguments])


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_deadly_cells_are_isolated_and_the_others_finish(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tell: Callable[[str], None]
) -> None:
    monkeypatch.setattr(dispatch, "compute_local", deadly.compute)
    assert run(folder, "--cell-time", str(LIMIT)) == 1
    said = capsys.readouterr().err
    for cell, reason in REASONS.items():
        assert f"error: digits: {cell} could not be computed: {reason}" in said
    study = store.read(folder / "results/digits")
    assert {failure.cell: failure.reason for failure in study.manifest.failed} == REASONS
    assert {one.slug for one in study.manifest.embeddings} == {"pca", "tsne-p10", "tsne-p12"}
    assert (folder / "results/.cells/digits/died").exists(), "one died once, and was done when tried again"
    tell(f"deadly cells: {len(REASONS)} isolated, 1 saved by trying again, 4 parts computed")


@pytest.mark.slow
def test_the_page_shows_each_hole_with_its_reason(folder: Path, browser: Browser, tell: Callable[[str], None]) -> None:
    root = (folder / "site").as_uri()
    with opened(browser, root) as explorer:
        for cell, reason in REASONS.items():
            explorer.page.goto(f"{root}/digits/index.html#perplexity={cell.removeprefix('tsne-p')}&k=4")
            explorer.page.reload()
            explorer.page.wait_for_selector('html[data-state="error"]', state="attached")
            assert reason in alert(explorer)
            assert "Other settings still work" in alert(explorer)
            assert explorer.page.locator("[role=alert]").first.is_visible()
            for value in (10, 12):
                explorer.slide("perplexity", value)
                explorer.ready(f"tsne-p{value}-k4")
                assert explorer.figures()["clusters"] == 4
                assert reason not in alert(explorer)
        explorer.page.wait_for_selector("[data-grid=readout]:not(:empty)")
        explorer.slide("perplexity", float(cell.removeprefix("tsne-p")))
        explorer.page.wait_for_selector('html[data-state="error"]', state="attached")
        assert explorer.page.locator("[data-grid=readout]").inner_text().endswith("k 4: not computed")
        assert explorer.page.locator("#grid").evaluate("one => getComputedStyle(one).pointerEvents") == "auto"
    tell(f"missing settings in the browser: {len(REASONS)}, each with its reason; the other settings work")


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_the_next_build_fills_the_holes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in (folder / "results/.cells/digits").glob("*.part")}
    assert run(folder) == 0
    manifest = store.read_manifest(folder / "results/digits")
    assert (manifest.failed, len(manifest.embeddings)) == ([], 6)
    assert {path: path.stat().st_mtime_ns for path in before} == before, "what was finished was not computed again"
    assert run(folder, "--verify") == 0
    assert "error" not in capsys.readouterr().err


TWO = f"""
[[dataset]]
id = "deadly"
perplexity = 5
k = 3
{PLAIN_KEYS}[[dataset]]
id = "sound"
perplexity = 5
k = 3
{PLAIN_KEYS}"""


def dies_of_deadly(
    function: Callable[[Any], Any], tasks: Mapping[str, Any], jobs: int, limit: float | None, pool: workers.WorkerPool
) -> Iterator[tuple[str, Any]]:
    """`workers.run` in this process, as if preparing one study killed its worker."""
    assert (jobs, limit) == (1, options.CELL_TIME) and pool is not None
    if SOURCE in tasks and tasks[SOURCE].args[0].folder.name == "deadly":
        yield SOURCE, workers.TaskFailure(REASONS["tsne-p5"])
    else:
        yield from RUN(function, tasks, 1)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("really", [pytest.param(True, marks=pytest.mark.slow), False])
def test_a_study_that_kills_its_worker_before_the_first_cell_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], really: bool
) -> None:
    """Really killed, or quickly given what test_workers.py has of a worker that was."""
    (tmp_path / "gallery.toml").write_text(TWO)
    command = ["--results", str(tmp_path / "results"), "--site", str(tmp_path / "site"), "--jobs", "1", "-q"]
    command += ["--config", str(tmp_path / "gallery.toml")]
    with monkeypatch.context() as patch:
        if really:
            patch.setattr(preparation, "prepare", deadly.prepare)
        else:
            patch.setattr(workers, "run", dies_of_deadly)
        assert cli.main(command) == 1
        said = capsys.readouterr().err
        assert f"error: deadly: features and neighbours could not be computed: {REASONS['tsne-p5']}\n" == said
        assert {one.name for one in (tmp_path / "site").iterdir() if one.is_dir()} == {"assets", "sound"}
        assert not (tmp_path / "results" / "deadly").exists()
    assert not [path for path in tmp_path.rglob("*") if files.is_leftover(path)]
    assert store.read_manifest(tmp_path / "results" / "sound").failed == []


def test_features_over_their_time_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "prepare", deadly.prepare_for_ever)
    study = StudyConfig(
        methods=("tsne",), clusterers=("kmeans",), grid=Grid.of(perplexity=(5.0,), k=(3,)), robustness=False
    )
    with pytest.raises(preparation.SourceFailed, match="it took longer than 1 s, the limit for one cell"):
        pipeline.compute(planned(few_digits(60), study), tmp_path, Machine(limit=1))
    assert not [path for path in tmp_path.rglob("*") if files.is_leftover(path)]


def test_a_study_of_holes_alone_is_published_and_says_so(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: clusterings.Setting) -> float:
        raise ValueError("nothing works today")

    entry = registry.Metric("Broken", "Broken.", broken, 0, 1, "lower", None, ())
    monkeypatch.setattr(registry, "SETTING_METRICS", {**registry.SETTING_METRICS, "broken": entry})
    study = StudyConfig(
        methods=("tsne",), clusterers=("kmeans",), grid=Grid.of(perplexity=(5.0,), k=(3,)), robustness=False
    )
    outcome = pipeline.compute(planned(few_digits(60), study), tmp_path / "results", Machine())
    assert [one.cell for one in outcome.failed] == ["features", "tsne-p5"]
    publish.publish(tmp_path / "results", tmp_path / "site", ["digits"], "A gallery")
    root = (tmp_path / "site").as_uri()
    found = crawl(root, lambda address: Path(url2pathname(address.removeprefix("file://"))).read_bytes())
    assert found.faults == []
    with opened(browser, root) as explorer:
        explorer.page.goto(f"{root}/digits/index.html")
        explorer.page.wait_for_selector('html[data-state="error"]', state="attached")
        assert "nothing works today" in alert(explorer)
        for page in found.pages:
            explorer.page.goto(page)
