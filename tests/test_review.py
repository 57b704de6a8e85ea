"""Marks read back: a good file is shown, and every fault names the file, the row, the value and what is allowed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clusterfolio import cli
from precompute.store import Study
from site_templates import review


def rows(study: Study, marks: dict[int, str]) -> list[dict[str, Any]]:
    """Marks as the page exports them."""
    info = study.manifest.dataset
    ids = study.tables["samples"].column("id").to_pylist()
    return [
        {"dataset": info.id, "fingerprint": info.sha256, "sample": sample, "id": ids[sample], "mark": mark}
        for sample, mark in marks.items()
    ]


def saved(path: Path, content: list[dict[str, Any]]) -> Path:
    """The rows as a CSV or JSON file, by the path's ending."""
    if path.suffix == ".json":
        path.write_text(json.dumps(content))
        return path
    lines = [",".join(review.FIELDS)]
    lines += [",".join(f'"{row[name]}"' for name in review.FIELDS) for row in content]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_marks_are_read_and_summed_up(
    tiny_results: Path, tiny_study: Study, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path / f"marks.{ending}", rows(tiny_study, {7: "mislabelled", 3: "fine", 9: "fine"}))
    assert cli.main(["--review", str(path), "--results", str(tiny_results)]) == 0
    printed = capsys.readouterr().out
    assert "tiny: 3 samples marked: 2 fine, 0 ambiguous, 1 mislabelled" in printed
    suspicion = tiny_study.tables["review"].column("suspicion")[7].as_py()
    label = tiny_study.tables["samples"].column("label")[7].as_py()
    assert f"sample 7 (id 7, labelled {label}, suspicion {suspicion:.3f})" in printed
    assert [one.sample for one in review.read(path, tiny_results).marks] == [3, 7, 9]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mark": "wrong"}, "row 2: mark 'wrong' is unknown; allowed: fine, ambiguous, mislabelled"),
        ({"sample": 200}, "row 2: sample '200' is no sample; allowed: whole numbers from 0 to 199"),
        ({"sample": 3, "id": "3"}, "row 2: sample 3 is marked twice"),
        ({"id": "8"}, "row 2: id '8' is not that of sample 7"),
        ({"dataset": "other"}, "row 2: dataset 'other'"),
        ({"fingerprint": "0" * 64}, "is not that of 'tiny'"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "json"])
def test_faults_are_named_and_end_with_2(
    tiny_results: Path,
    tiny_study: Study,
    tmp_path: Path,
    ending: str,
    change: dict[str, Any],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    content = rows(tiny_study, {3: "fine", 7: "fine"})
    content[1] |= change
    path = saved(tmp_path / f"marks.{ending}", content)
    assert cli.main(["--review", str(path), "--results", str(tiny_results)]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert str(path) in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"dataset,mark\nx,fine\n",
        b"[1]",
        b"[" * 100_000,
        b"{}",
        b"[]",
        b'[{"dataset": "../x", "fingerprint": "", "sample": 1, "id": "1", "mark": "fine"}]',
        b'[{"dataset": "tiny", "fingerprint": "", "sample": true, "id": "1", "mark": "fine"}]',
        b'[{"dataset": "none-such", "fingerprint": "", "sample": 1, "id": "1", "mark": "fine"}]',
        b'dataset,fingerprint,sample,id,mark\n"tiny,x',
    ],
)
def test_what_no_page_exported_is_refused(tiny_results: Path, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "marks"
    path.write_bytes(content)
    with pytest.raises(review.ReviewError, match="marks"):
        review.read(path, tiny_results)


def test_a_missing_file_is_named(tiny_results: Path, tmp_path: Path) -> None:
    with pytest.raises(review.ReviewError, match="nowhere"):
        review.read(tmp_path / "nowhere.csv", tiny_results)
