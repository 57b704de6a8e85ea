"""Marks that a person gave on the audit page, read back from an exported file and held against the study."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from precompute import store
from site_templates.texts import FORMULA, shown

MARKS = ("fine", "ambiguous", "mislabelled")
FIELDS = ("dataset", "fingerprint", "sample", "id", "mark")
LARGEST = 100_000_000
"""Bytes; what is larger was not exported by a page."""
SHOWN = 10
DELIMITERS = ",;\t"
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,40}([.,][0-9]{1,40})?([eE][+-]?[0-9]{1,3})?\s*", re.ASCII)


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
    """All marks of one study, by sample.

    Attributes:
        dataset: id of the study.
        marks: of samples that are there.
        moved: how many of them were given before the samples changed, and found by their ids.
        gone: ids of marked samples that the data no longer hold.
    """

    dataset: str
    marks: Sequence[Mark]
    moved: int = 0
    gone: Sequence[str] = ()

    def lines(self) -> list[str]:
        """What to tell a person: how many of each mark, and the mislabelled samples, most suspicious first."""
        counts = Counter(mark.mark for mark in self.marks)
        tally = ", ".join(f"{counts[name]} {name}" for name in MARKS)
        lines = [f"{self.dataset}: {len(self.marks)} samples marked: {tally}"]
        if self.moved:
            lines.append(f"  the samples have changed since: {self.moved} of the marks found by their ids")
        if self.gone:
            more = f" and {len(self.gone) - SHOWN} more" if len(self.gone) > SHOWN else ""
            ids = ", ".join(shown(gone) for gone in self.gone[:SHOWN])
            lines.append(f"  no longer in the data: {len(self.gone)} marked samples (ids {ids}{more})")
        wrong = sorted(
            (mark for mark in self.marks if mark.mark == "mislabelled"),
            key=lambda mark: (-(mark.suspicion or 0), mark.sample),
        )
        for mark in wrong[:SHOWN]:
            label = "" if mark.label is None else f", labelled {mark.label}"
            doubt = "" if mark.suspicion is None else f", suspicion {mark.suspicion:.3f}"
            lines.append(f"  mislabelled: sample {mark.sample} (id {shown(mark.id)}{label}{doubt})")
        if len(wrong) > SHOWN:
            lines.append(f"  and {len(wrong) - SHOWN} more")
        return lines


def read(path: Path, results: Path) -> Review:
    """Read marks and check them: one data set, of these results, ids, marks, none twice.

    Marks of the same samples are matched by the sample's number, whatever has become of labels. Where the samples are
    others, marks are matched by id if the data have ids of their own; numbers alone would be those of other samples.

    Args:
        path: CSV or JSON as the audit page exports it, or a CSV as a spreadsheet saves that again.
        results: folder that holds one folder a data set.

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
    known = _Known(info, samples["id"], numbered=all(row["id"] == row["sample"] for row in rows))
    marks: dict[int, Mark] = {}
    moved, gone = 0, []
    for number, row in enumerate(rows, start=1):
        where = f"{path}: row {number}"
        if row["dataset"] != name:
            raise ReviewError(
                f"{where}: dataset {_short(row['dataset'])}; the rows above are of {name!r}: one data set a file"
            )
        if row["mark"] not in MARKS:
            raise ReviewError(f"{where}: mark {_short(row['mark'])} is unknown; allowed: {', '.join(MARKS)}")
        sample = known.sample(row, where)
        if sample is None:
            gone.append(row["id"])
            continue
        if sample in marks:
            raise ReviewError(f"{where}: sample {sample} is marked twice; leave one of the rows")
        moved += row["fingerprint"] not in known.prints
        label = samples["label"][sample]
        named = info.labels[label] if info.labels and label is not None else None
        marks[sample] = Mark(sample, samples["id"][sample], named, row["mark"], suspicion[sample])
    if not marks:
        raise ReviewError(
            f"{path}: none of its {len(gone)} ids is one of {name!r} (the first is {_short(gone[0])}): the marks are "
            "of other samples; export them from the page built from these results"
        )
    return Review(name, [marks[sample] for sample in sorted(marks)], moved, gone)


class _Known:
    """The samples that a study has, by what a mark says of them."""

    def __init__(self, info: store.DatasetInfo, ids: Sequence[str], numbered: bool) -> None:
        """`numbered`: the ids in the file are nothing but numbers of samples."""
        self.info, self.ids = info, ids
        self.prints = {info.same_samples, info.sha256}
        """Of these very samples; the second, which labels are part of, is what earlier versions wrote."""
        self._by_id = store.own_ids(ids) and not numbered
        self._named: dict[str, list[int]] = {}
        self._valued: dict[Decimal, list[int]] = {}
        for sample, name in enumerate(ids):
            for form in _forms(name):
                self._named.setdefault(form, []).append(sample)
            value = _value(name)
            if value is not None:
                self._valued.setdefault(value, []).append(sample)

    def sample(self, row: Mapping[str, str], where: str) -> int | None:
        """The number of the marked sample; None if the data no longer hold it.

        Raises:
            ReviewError: the row's id is another sample's, its number is none, or nothing says which sample is meant.
        """
        print_, name, number = row["fingerprint"], row["id"], row["sample"]
        if print_ in self.prints:
            sample = _sample(number, self.info.n, where)
            called = self._called(name)
            moved = not called and name.rsplit("/", 1)[-1] == self.ids[sample].rsplit("/", 1)[-1]  # to another class
            if sample not in called and not moved and (called or name != number):  # a number is written without an id
                raise ReviewError(
                    f"{where}: id {_short(name)} is not that of sample {sample} ({self.ids[sample]!a}); a spreadsheet "
                    "changes numbers and dates: open the file there with all columns as text, or export it again"
                )
            return sample
        if not self._by_id:
            raise ReviewError(
                f"{where}: fingerprint {_short(print_)} is not that of {self.info.id!r} "
                f"({self.info.same_samples[:12]}…): the marks are of other samples, and without ids of the data's own "
                "nothing says which; export them from the page built from these results"
            )
        called = self._called(name)
        if len(called) > 1:
            raise ReviewError(f"{where}: id {_short(name)} may be that of {len(called)} samples; write it as they do")
        return called[0] if called else None

    def _called(self, name: str) -> list[int]:
        """Samples of this id; else those whose id is the same number, for a spreadsheet makes 12 of 0012."""
        value = _value(name)
        return self._named.get(name) or ([] if value is None else self._valued.get(value, []))


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        if path.stat().st_size > LARGEST:
            raise ReviewError(f"{path}: {path.stat().st_size:,} bytes; allowed: at most {LARGEST:,}")
        text = _text(path.read_bytes(), path)
    except OSError as error:
        raise ReviewError(
            f"{path}: cannot be read: {error.strerror}; name a file that the audit page exported"
        ) from None
    rows = _json(text, path) if text.lstrip().startswith(("[", "{")) else _csv(text, path)
    if not rows:
        raise ReviewError(f"{path}: holds no marks; mark samples on the audit page and export them")
    return rows


def _text(data: bytes, path: Path) -> str:
    """A file's text: UTF-8, UTF-16 with its mark, or the code page of Windows, as spreadsheets save each of them."""
    if data.startswith(b"PK\x03\x04"):
        raise ReviewError(f"{path}: is a workbook; save it as CSV (UTF-8) and name that")
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    raise ReviewError(f"{path}: is not UTF-8 text; name a file that the audit page exported")


def _csv(text: str, path: Path) -> list[dict[str, str]]:
    """Rows of a CSV as the page writes it, or as a spreadsheet does: `;` or tabs between, `sep=` first, empty cells."""
    first, _, rest = text.partition("\n")
    declared = re.fullmatch(r'"?sep=(.)"?[,;\t]*\r?', first, re.IGNORECASE)
    if declared:
        text, first = rest, rest.partition("\n")[0]
    delimiter = declared[1] if declared else max(DELIMITERS, key=first.count)
    try:
        head, *lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)) or [[]]
    except csv.Error as error:
        raise ReviewError(f"{path}: not valid CSV: {error}; export it again") from None
    if tuple(_filled(head)) != FIELDS:
        raise ReviewError(f"{path}: columns {_short(','.join(head))}; needed: {','.join(FIELDS)}")
    lines = [cells for line in lines if (cells := _filled(line))]
    for number, line in enumerate(lines, start=1):
        if len(line) != len(FIELDS):
            raise ReviewError(f"{path}: row {number}: {len(line)} cells; needed: {len(FIELDS)}")
    return [dict(zip(FIELDS, line, strict=True)) for line in lines]


def _filled(line: Sequence[str]) -> list[str]:
    """The cells up to the last that is not empty."""
    last = max((at for at, cell in enumerate(line, start=1) if cell), default=0)
    return list(line[:last])


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


def _forms(name: str) -> set[str]:
    """How an id may be written: as it is, as pages show it, or as made safe for spreadsheets."""
    forms = {name, shown(name)}
    return forms | {f"'{form}" for form in forms if re.match(FORMULA, form)}


def _value(name: str) -> Decimal | None:
    """The number that a spreadsheet takes an id for; None for a text."""
    return Decimal(name.strip().replace(",", ".")) if _NUMBER.fullmatch(name) else None


def _short(text: str) -> str:
    return ascii(text if len(text) <= 80 else text[:80] + "…")
