"""Tables that lie beside pictures (metadata.csv, labels.csv, train.csv …) and say more of each by its file's name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from precompute.dataset import DataError
from precompute.loaders import delimited, tables
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, Limits, Raw, shown

NAMES = (
    "metadata",
    "labels",
    "label",
    "train",
    "annotations",
    "classes",
    "trainlabels",
    "train_labels",
    "index",
    "data",
)
"""Names of such tables, the likeliest first."""
ENDINGS = (".csv", ".tsv", ".jsonl")
_KEYS = (
    *("file_name", "filename", "file", "filepath", "file_path", "path", "image", "image_path", "image_name", "img"),
    *("img_name", "image_id", "imageid", "img_id", "id", "name", "fname", "picture", "photo"),
)
"""Columns that name a picture, in lower case, the likeliest first."""
_MOST = 200_000_000
"""Bytes of such a table."""
_LISTED = 5

Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Beside:
    """What a table says of each picture, in the order of the pictures.

    Attributes:
        file: the table's name.
        key: the column that names the pictures.
        columns: its other columns as texts, None where it says nothing.
        missing: pictures that the table does not name; `unknown`: rows that name no picture.
    """

    file: str
    key: str
    columns: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    missing: int = 0
    unknown: int = 0

    def notes(self) -> list[str]:
        """What a person should know."""
        notes = [f"{shown(self.file)} is read: column {shown(self.key)} has the names of the pictures"]
        if self.missing:
            notes.append(f"{self.missing:,} pictures have no row in {shown(self.file)}")
        if self.unknown:
            notes.append(f"{self.unknown:,} rows of {shown(self.file)} name no picture that is there")
        return notes

    def raw(self, options: Options, *, labelled: bool) -> Raw | None:
        """Labels and columns by the one rule for tables; None: it has no column but the key.

        Args:
            options: keys that decide.
            labelled: whether a label is looked for.

        Raises:
            DataError: as for `tables.raw_of`.
        """
        import pyarrow as pa

        if not self.columns:
            return None
        inner = replace(
            options,
            label_column=options.label_column if labelled else "",
            id_column=options.id_column or "",
            features=None,
            feature_column=None,
        )
        content = pa.table({name: pa.array(texts, pa.string()) for name, texts in self.columns.items()})
        count = len(content)
        stand_in = tables.Embedded(images=np.zeros((count, 1, 1), dtype=np.uint8))
        return tables.raw_of(tables.in_memory("table", self.file, content), inner, embedded=stand_in)


def find(folder: Path, tables: Sequence[str], names: Sequence[str], options: Options) -> Beside | None:
    """The table that names the most of the pictures; None: there is none that names any.

    Args:
        folder: the data's.
        tables: relative paths of the files with one of `ENDINGS` in it.
        names: relative paths of the pictures.

    Raises:
        DataError: `label_column` is asked for and there is no such table, or a picture has several rows.
    """
    likely = [each for each in tables if PurePosixPath(each).name.split(".")[0].lower() in NAMES]
    likely.sort(key=lambda each: (NAMES.index(PurePosixPath(each).name.split(".")[0].lower()), each.count("/"), each))
    parts = [part for each in likely if (part := _matched(folder, each, names, options)) is not None]
    # train/metadata.csv and test/metadata.csv name pictures of their own folders
    of_folders = [part for part in parts if part[0].file.rsplit("/", 1)[-1] == parts[0][0].file.rsplit("/", 1)[-1]]
    if not parts:
        if isinstance(options.label_column, str) and options.label_column:
            listed = ", ".join(map(shown, tables[:_LISTED])) or "no table"
            raise DataError(
                f"{folder.name}: label_column {shown(options.label_column)} is a column of a table that names the "
                f"pictures, such as metadata.csv; beside them lies {listed}"
            )
        return None
    return _joined(of_folders, names) if len(of_folders) > 1 else parts[0][0]


def _matched(
    folder: Path, table: str, names: Sequence[str], options: Options
) -> tuple[Beside, Sequence[int | None]] | None:
    """One table, held against the pictures: the column that names the most of them is the key."""
    rows = _rows(folder / table)
    if not rows:
        return None
    header = [name for name in rows[0] if name is not None]
    forms = _forms(names, table)
    best: str | None = None
    places: list[int | None] = []
    lower = {name.strip().lower(): name for name in reversed(header)}
    for key in (*(lower[each] for each in _KEYS if each in lower), *header):
        found = [forms.get(str(row.get(key) or "").strip().replace("\\", "/").lower()) for row in rows]
        if sum(each is not None for each in found) > sum(each is not None for each in places):
            best, places = key, found
    hits = sum(each is not None for each in places)
    if best is None or hits < min(len(rows), len(names)) / 2:
        return None
    taken: dict[int, int] = {}
    for row, place in enumerate(places):
        if place is not None and taken.setdefault(place, row) != row and rows[taken[place]] != rows[row]:
            if not options.label_column:
                return None  # a row for each box in a picture, and not for each picture
            raise DataError(
                f"{table}: {shown(names[place])} stands in the rows {taken[place]} and {row} (from 0) and they differ; "
                "leave one of them"
            )
    others = [name for name in header if name != best]
    columns = {
        name: [rows[taken[place]].get(name) if place in taken else None for place in range(len(names))]
        for name in others
    }
    unknown = sum(place is None for place in places)
    return Beside(table, best, columns, len(names) - len(taken), unknown), places


def _joined(parts: Sequence[tuple[Beside, Sequence[int | None]]], names: Sequence[str]) -> Beside:
    """Tables of one name in several folders as one."""
    first = parts[0][0]
    columns: dict[str, list[str | None]] = {name: [None] * len(names) for part, _ in parts for name in part.columns}
    seen: set[int] = set()
    for part, places in parts:
        seen |= {place for place in places if place is not None}
        for name, values in part.columns.items():
            columns[name] = [value or before for value, before in zip(values, columns[name], strict=True)]
    unknown = sum(part.unknown for part, _ in parts)
    return Beside(first.file, first.key, columns, len(names) - len(seen), unknown)


def _forms(names: Sequence[str], table: str) -> dict[str, int]:
    """How a table may write each picture: its path from the table or from above, its name, its name without the ending.

    What would mean two pictures means none.
    """
    inside = f"{table.rsplit('/', 1)[0]}/" if "/" in table else ""
    forms: dict[str, int] = {}
    twice: set[str] = set()
    for place, name in enumerate(names):
        path = PurePosixPath(name)
        ways = {name, path.name, path.stem, str(path.with_suffix(""))}
        if name.startswith(inside):
            ways |= {name[len(inside) :], f"./{name[len(inside) :]}"}
        for way in {way.lower() for way in ways}:
            if forms.setdefault(way, place) != place:
                twice.add(way)
    return {way: place for way, place in forms.items() if way not in twice}


def _rows(path: Path, limits: Limits = LIMITS) -> list[Row]:
    """The rows of a table as texts, each by the names of its columns; none where it is no such table."""
    if path.stat().st_size > _MOST:
        return []
    if path.suffix.lower() == ".jsonl":
        return _of_lines(path.read_bytes())
    try:
        table = delimited.table_of(path, Options(), limits)
    except DataError:
        return []
    columns = [table.texts(at) for at in range(len(table.names))]
    return [dict(zip(table.names, row, strict=True)) for row in zip(*columns, strict=True)]


def _of_lines(content: bytes) -> list[Row]:
    """Objects of JSON, one a line."""
    try:
        records: list[Any] = [json.loads(line) for line in content.decode("utf-8-sig").splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return []
    return [{name: _text(value) for name, value in each.items()} for each in records if isinstance(each, dict)]


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
