"""Marks read back: a good file is shown, and every fault names the file, the row, the value and what is allowed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from clusterfolio import cli
from precompute import store
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


IDS = [f"{sample:04}.png" for sample in range(1, 201)]
MARKED = {27: "mislabelled", 29: "fine", 48: "mislabelled"}
"""Marks of the ids 28, 30 and 49."""


def held(folder: Path, study: Study, ids: list[str], sha: str, samples_sha: str | None) -> Path:
    """Results that hold the study with other ids and fingerprints; the folder."""
    info = msgspec.structs.replace(study.manifest.dataset, sha256=sha, samples_sha256=samples_sha, n=len(ids))
    column = study.tables["samples"].schema.get_field_index("id")
    short = {name: study.tables[name].slice(0, len(ids)) for name in ("samples", "review")}
    field = short["samples"].schema.field(column)
    tables = short | {"samples": short["samples"].set_column(column, field, pa.array(ids, pa.string()))}
    cells = store.Cells(format=store.FORMAT, cells={}, failed=[])
    store.write(folder / "tiny", msgspec.structs.replace(study.manifest, dataset=info), tables, cells)
    return folder


def given(ids: list[str], fingerprint: str, marks: dict[int, str] = MARKED) -> list[dict[str, Any]]:
    """Marks as the page of these ids exports them."""
    return [
        {"dataset": "tiny", "fingerprint": fingerprint, "sample": sample, "id": ids[sample], "mark": mark}
        for sample, mark in marks.items()
    ]


@pytest.mark.parametrize("ending", ["csv", "json"])
@pytest.mark.parametrize("ids", [IDS, [str(sample) for sample in range(200)]], ids=["own ids", "numbers"])
def test_marks_outlast_a_mended_label(
    tiny_study: Study, tmp_path: Path, ending: str, ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    results = held(tmp_path / "results", tiny_study, ids, sha="b" * 64, samples_sha="5" * 64)
    path = saved(tmp_path / f"marks.{ending}", given(ids, "5" * 64))
    assert cli.main(["--review", str(path), "--results", str(results)]) == 0
    printed = capsys.readouterr().out
    assert "3 samples marked: 1 fine, 0 ambiguous, 2 mislabelled" in printed
    assert "changed since" not in printed
    assert {one.sample: one.mark for one in review.read(path, results).marks} == MARKED


def test_marks_outlast_a_picture_that_moves_to_another_class(tiny_study: Study, tmp_path: Path) -> None:
    """Its place is that of its name, so the samples are the same ones; only its id has another folder."""
    ids = [f"cats/{name}" for name in IDS]
    moved = [name.replace("cats", "dogs") if sample == 29 else name for sample, name in enumerate(ids)]
    results = held(tmp_path / "results", tiny_study, moved, sha="b" * 64, samples_sha="5" * 64)
    path = saved(tmp_path / "marks.csv", given(ids, "5" * 64))
    assert [one.id for one in review.read(path, results).marks] == ["cats/0028.png", "dogs/0030.png", "cats/0049.png"]
    saved(path, [{**given(ids, "5" * 64)[1], "id": "cats/0031x.png"}])
    with pytest.raises(review.ReviewError, match="is not that of sample 29"):
        review.read(path, results)


@pytest.mark.parametrize("print_", ["a" * 64, "5" * 64], ids=["by an earlier version", "by this one"])
def test_marks_outlast_an_added_picture_by_their_ids(
    tiny_study: Study, tmp_path: Path, print_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    results = held(tmp_path / "results", tiny_study, ["0000.png", *IDS[:199]], sha="c" * 64, samples_sha="6" * 64)
    path = saved(tmp_path / "marks.csv", given(IDS, print_))
    assert cli.main(["--review", str(path), "--results", str(results)]) == 0
    printed = capsys.readouterr().out
    assert "3 of the marks found by their ids" in printed
    assert "sample 28 (id 0028.png" in printed
    assert [one.id for one in review.read(path, results).marks] == ["0028.png", "0030.png", "0049.png"]


def test_marks_whose_id_is_gone_are_named_and_the_others_stay(
    tiny_study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = [one for one in IDS if one not in ("0002.png", "0030.png")]
    results = held(tmp_path / "results", tiny_study, left, sha="c" * 64, samples_sha="6" * 64)
    path = saved(tmp_path / "marks.csv", given(IDS, "5" * 64))
    assert cli.main(["--review", str(path), "--results", str(results)]) == 0
    printed = capsys.readouterr().out
    assert "2 samples marked" in printed
    assert "no longer in the data: 1 marked samples (ids 0030.png)" in printed
    saved(path, given(IDS, "5" * 64, {29: "fine"}))
    assert cli.main(["--review", str(path), "--results", str(results)]) == 2
    assert "none of its 1 ids is one of 'tiny'" in capsys.readouterr().err


def test_numbers_of_other_samples_are_no_ids(tiny_study: Study, tmp_path: Path) -> None:
    numbers = [str(sample) for sample in range(200)]
    path = saved(tmp_path / "marks.csv", given(numbers, "5" * 64))
    for at, ids in enumerate((numbers, [str(sample) for sample in range(1, 201)])):
        results = held(tmp_path / f"results{at}", tiny_study, ids, sha="c" * 64, samples_sha="6" * 64)
        with pytest.raises(review.ReviewError, match="of other samples, and without ids of the data's own"):
            review.read(path, results)
    # of the same samples, which have got ids since, numbers say all
    results = held(tmp_path / "named", tiny_study, IDS, sha="c" * 64, samples_sha="5" * 64)
    assert [one.id for one in review.read(path, results).marks] == ["0028.png", "0030.png", "0049.png"]


def test_results_of_an_earlier_version_know_marks_by_the_fingerprint_that_they_have(
    tiny_study: Study, tmp_path: Path
) -> None:
    results = held(tmp_path / "results", tiny_study, IDS, sha="a" * 64, samples_sha=None)
    path = saved(tmp_path / "marks.csv", given(IDS, "a" * 64))
    assert {one.sample: one.mark for one in review.read(path, results).marks} == MARKED


CODES = [f"{sample:04}" for sample in range(200)]


@pytest.mark.parametrize(
    ("delimiter", "end", "encoding", "change"),
    [
        (",", "\r\n", "utf-8-sig", str),
        (";", "\r\n", "utf-8-sig", str),
        (";", "\r\n", "cp1252", lambda text: text.replace('"', "").replace(",00", ",")),
        ("\t", "\r\n", "utf-16", str),
        (",", "\r\n", "utf-16", str),
        (",", "\r", "utf-8", str),
        (";", "\r\n", "utf-8-sig", lambda text: f"sep=;\n{text}"),
        (";", "\r\n", "utf-8-sig", lambda text: text.replace("\n", ",,\n") + ",,,,,,\n"),
        (",", "\r\n", "utf-8-sig", lambda text: text.replace('"0012"', "12").replace('"0013"', "13.0")),
    ],
)
def test_what_a_spreadsheet_makes_of_the_marks_is_read(
    tiny_study: Study, tmp_path: Path, delimiter: str, end: str, encoding: str, change: Any
) -> None:
    results = held(tmp_path / "results", tiny_study, CODES, sha="c" * 64, samples_sha="5" * 64)
    path = saved(tmp_path / "marks.csv", given(CODES, "5" * 64, {12: "mislabelled", 13: "fine"}))
    text = change(path.read_text())
    path.write_bytes(text.replace(",", delimiter).replace("\n", end).encode(encoding))
    assert {one.sample: one.mark for one in review.read(path, results).marks} == {12: "mislabelled", 13: "fine"}


@pytest.mark.parametrize("number", ["12", "12.0", "12,0", " 12 ", "1,2E+01"])
def test_a_number_made_of_an_id_is_that_of_its_sample_only(tiny_study: Study, tmp_path: Path, number: str) -> None:
    results = held(tmp_path / "results", tiny_study, CODES, sha="c" * 64, samples_sha="5" * 64)
    row = given(CODES, "5" * 64, {12: "fine"})[0] | {"id": number}
    path = saved(tmp_path / "marks.json", [row])
    assert [one.id for one in review.read(path, results).marks] == ["0012"]
    saved(path, [row | {"sample": 13}])
    with pytest.raises(review.ReviewError, match=r"is not that of sample 13 \('0013'\); a spreadsheet changes numbers"):
        review.read(path, results)
    twice = held(tmp_path / "twice", tiny_study, [*CODES[:-1], "012"], sha="c" * 64, samples_sha="6" * 64)
    saved(path, [row | {"sample": 14}])
    with pytest.raises(review.ReviewError, match="may be that of 2 samples"):
        review.read(path, twice)


def test_a_workbook_is_named(tiny_results: Path, tmp_path: Path) -> None:
    path = tmp_path / "marks.xlsx"
    path.write_bytes(b"PK\x03\x04 and more")
    with pytest.raises(review.ReviewError, match=r"is a workbook; save it as CSV"):
        review.read(path, tiny_results)
