"""Marks that a person gave on the audit page, read back from an exported file and held against the study."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from precompute import store
from site_templates.csv_tables import FORMULA
from site_templates.texts import shown

MARKS = ("fine", "ambiguous", "mislabelled")
FIELDS = ("dataset", "fingerprint", "sample", "id", "mark")
LARGEST = 100_000_000
"""Bytes; what is larger was not exported by a page."""
SHOWN = 10


class ReviewError(ValueError):
    """The file cannot be used; the message names the file, the row, the value, what is allowed and the way out."""


@dataclass(frozen=True)
class Mark:
    """One mark: the sample's number, its id and label's name (None where unlabelled), the mark, and its suspicion."""

    sample: int
    id: str
    label: str | None
    mark: str
    suspicion: float | None


@dataclass(frozen=True)
class Review:
    """All marks of one study, by sample."""

    dataset: str
    marks: Sequence[Mark]

    def lines(self) -> list[str]:
        """What to tell a person: how many of each mark, and the mislabelled samples, most suspicious first."""
        counts = Counter(one.mark for one in self.marks)
        told = ", ".join(f"{counts[name]} {name}" for name in MARKS)
        found = [f"{self.dataset}: {len(self.marks)} samples marked: {told}"]
        wrong = sorted(
            (one for one in self.marks if one.mark == "mislabelled"),
            key=lambda one: (-(one.suspicion or 0), one.sample),
        )
        for one in wrong[:SHOWN]:
            label = "" if one.label is None else f", labelled {one.label}"
            doubt = "" if one.suspicion is None else f", suspicion {one.suspicion:.3f}"
            found.append(f"  mislabelled: sample {one.sample} (id {shown(one.id)}{label}{doubt})")
        if len(wrong) > SHOWN:
            found.append(f"  and {len(wrong) - SHOWN} more")
        return found


def read(path: Path, results: Path) -> Review:
    """Read marks and check them: one data set, of these results and of the same samples, ids, marks, none twice.

    Args:
        path: CSV or JSON as the audit page exports it. results: folder that holds one folder a data set.

    Raises:
        ReviewError: the file cannot be read, or anything in it does not hold.
        StoreError: the study is missing or damaged.
    """
    rows = _rows(path)
    name = rows[0]["dataset"]
    try:
        store.check_dataset_id(name)
    except ValueError as error:
        raise ReviewError(f"{path}: row 1: {error}") from None
    if not (results / name / store.MANIFEST).exists():
        raise ReviewError(
            f"{path}: row 1: dataset {name!r}: {results} holds no such study; name its folder by --results"
        )
    study = store.read(results / name, ("samples", "review"))
    info = study.manifest.dataset
    samples = study.tables["samples"].select(["id", "label"]).to_pydict()
    suspicion = study.tables["review"].column("suspicion").to_pylist()
    marks: dict[int, Mark] = {}
    for number, row in enumerate(rows, start=1):
        where = f"{path}: row {number}"
        if row["dataset"] != name:
            raise ReviewError(
                f"{where}: dataset {_short(row['dataset'])}; the rows above are of {name!r}: one data set a file"
            )
        if row["fingerprint"] != info.sha256:
            raise ReviewError(
                f"{where}: fingerprint {_short(row['fingerprint'])} is not that of {name!r} ({info.sha256[:12]}…): the "
                "marks are of other samples or labels; export them from the page built from these results"
            )
        sample = _sample(row["sample"], info.n, where)
        if not _same_id(row["id"], samples["id"][sample]):
            raise ReviewError(
                f"{where}: id {_short(row['id'])} is not that of sample {sample} ({samples['id'][sample]!a})"
            )
        if row["mark"] not in MARKS:
            raise ReviewError(f"{where}: mark {_short(row['mark'])} is unknown; allowed: {', '.join(MARKS)}")
        if sample in marks:
            raise ReviewError(f"{where}: sample {sample} is marked twice; leave one of the rows")
        label = samples["label"][sample]
        named = info.labels[label] if info.labels and label is not None else None
        marks[sample] = Mark(sample, samples["id"][sample], named, row["mark"], suspicion[sample])
    return Review(name, [marks[sample] for sample in sorted(marks)])


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        if path.stat().st_size > LARGEST:
            raise ReviewError(f"{path}: {path.stat().st_size:,} bytes; allowed: at most {LARGEST:,}")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReviewError(f"{path}: is not UTF-8 text; name a file that the audit page exported") from None
    except OSError as error:
        raise ReviewError(
            f"{path}: cannot be read: {error.strerror}; name a file that the audit page exported"
        ) from None
    rows = _json(text, path) if text.lstrip().startswith(("[", "{")) else _csv(text, path)
    if not rows:
        raise ReviewError(f"{path}: holds no marks; mark samples on the audit page and export them")
    return rows


def _csv(text: str, path: Path) -> list[dict[str, str]]:
    try:
        head, *lines = list(csv.reader(io.StringIO(text, newline=""), strict=True)) or [[]]
    except csv.Error as error:
        raise ReviewError(f"{path}: not valid CSV: {error}; export it again") from None
    if tuple(head) != FIELDS:
        raise ReviewError(f"{path}: columns {_short(','.join(head))}; needed: {','.join(FIELDS)}")
    lines = [line for line in lines if line]
    for number, line in enumerate(lines, start=1):
        if len(line) != len(FIELDS):
            raise ReviewError(f"{path}: row {number}: {len(line)} cells; needed: {len(FIELDS)}")
    return [dict(zip(FIELDS, line, strict=True)) for line in lines]


def _json(text: str, path: Path) -> list[dict[str, str]]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReviewError(f"{path}: not valid JSON: {error}; export it again") from None
    if not isinstance(content, list):
        raise ReviewError(f"{path}: needed: a list of marks, as the audit page exports it")
    return [_checked(row, f"{path}: row {number}") for number, row in enumerate(content, start=1)]


def _checked(row: Any, where: str) -> dict[str, str]:
    if not isinstance(row, Mapping) or set(row) != set(FIELDS):
        raise ReviewError(f"{where}: needed: an object with {', '.join(FIELDS)}")
    for name, value in row.items():
        kind: type = int if name == "sample" else str
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ReviewError(f"{where}: {name} {_short(str(value))} is no {'number' if kind is int else 'text'}")
    return {name: str(value) for name, value in row.items()}


def _sample(text: str, n: int, where: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) >= n:
        raise ReviewError(f"{where}: sample {_short(text)} is no sample; allowed: whole numbers from 0 to {n - 1}")
    return int(text)


def _same_id(found: str, expected: str) -> bool:
    """Whether an id is the sample's, as it is, as pages show it, or as made safe for spreadsheets."""
    forms = {expected, shown(expected)}
    return found in forms | {f"'{form}" for form in forms if re.match(FORMULA, form)}


def _short(text: str) -> str:
    return ascii(text if len(text) <= 80 else text[:80] + "…")
