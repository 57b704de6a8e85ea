"""`--json`: what a program is told of a build, of a check and of marks."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clusterfolio import cli
from precompute import store
from precompute.dataset import Dataset
from tests.conftest import compute_local

N = 40


@pytest.fixture(scope="module")
def folder(tiny_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with few digits as a file."""
    place = tmp_path_factory.mktemp("json")
    assert tiny_data.pixels is not None and tiny_data.labels is not None
    np.savez(place / "few.npz", images=tiny_data.pixels[:N].reshape(N, 8, 8), labels=tiny_data.labels[:N])
    return place


@pytest.fixture(autouse=True)
def here(folder: Path) -> Iterator[None]:
    """In that folder, without workers."""
    with pytest.MonkeyPatch.context() as patch:
        compute_local(patch)
        patch.chdir(folder)
        yield


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command and reads all that it printed; its exit code is that of the object."""

    def run(*arguments: str) -> dict[str, Any]:
        code = cli.main([*arguments, "--json"])
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert found["exit"] == code
        return found

    return run


def test_a_build_its_check_and_its_marks(told: Any, folder: Path) -> None:
    grid = [
        "--data",
        "few.npz",
        "--perplexity",
        "5",
        "--k",
        "3",
        "--jobs",
        "1",
        "--methods",
        "tsne",
        "--clusterers",
        "kmeans",
    ]
    built = told(*grid, "--zip")
    (study,) = built["studies"]
    assert (study["id"], study["folder"], study["settings"], study["failed"]) == ("few", "results/few", 2, [])
    assert study["computed"] == study["cells"] > 0
    assert Path(built["site"]["page"]).is_file()
    assert built["site"]["bytes"] == sum(path.stat().st_size for path in Path("site").rglob("*") if path.is_file()) - (
        Path("site/files.json").stat().st_size
    )
    assert built["copies"] == [{"path": "site.zip", "bytes": Path("site.zip").stat().st_size}]
    assert "errors" not in built
    assert any("shown as dark ink" in note for note in built["notes"])

    again = told(*grid, "--explain")
    (study,) = again["studies"]
    assert (study["computed"], again["site"]["written"]) == (0, 0)
    assert "tables" in study["reasons"] and any("tsne-p5" in cell for cell in study["reasons"])

    checked = told("--verify")
    assert checked == {"exit": 0, "files": checked["files"]}
    page = folder / "site" / "index.html"
    page.write_bytes(page.read_bytes() + b" ")
    damaged = told("--verify")
    assert damaged["exit"] == 1 and "index.html" in damaged["errors"][0]

    info = store.read_manifest(folder / "results" / "few").dataset
    with (folder / "marks.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["dataset", "fingerprint", "sample", "id", "mark"])
        rows.writerow(["few", info.same_samples, 12, "12", "mislabelled"])
    review = told("--review", "marks.csv")["review"]
    assert review["dataset"] == "few"
    assert [(one["sample"], one["mark"]) for one in review["marks"]] == [(12, "mislabelled")]


def test_a_refusal_is_told_too(told: Any) -> None:
    refused = told("--data", "none.npz")
    assert refused["exit"] == 2
    assert "there is no such file" in refused["errors"][0]
    (understood,) = told("--check-data", "few.npz")["data"]
    assert understood["estimate"].startswith("few: ")
