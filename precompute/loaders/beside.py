"""Tables that lie beside pictures (metadata.csv, labels.csv, train.csv …) and say more of each by its file's name."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from precompute.dataset import Column, DataError
from precompute.loaders.columns import LABELS
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, LeftOut, Limits, shown

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
_CLASSES = (*LABELS, "category", "species", "breed", "class_name", "label_name", "diagnosis", "dx", "kind", "type")
_LISTED = 5


@dataclass(frozen=True)
class Beside:
    """What a table says of each picture, in the order of the pictures.

    Attributes:
        file: the table's name.
        key: the column that names the pictures.
        columns: its other columns as texts, "" where it says nothing.
        label: which of them is the label; None: none.
        missing: pictures that the table does not name; `unknown`: rows that name no picture.
    """

    file: str
    key: str
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    label: str | None = None
    missing: int = 0
    unknown: int = 0

    def notes(self, label: str | None) -> list[str]:
        """What a person should know; `label`: the column that is taken for the labels."""
        taken = f", {shown(label)} for the labels" if label is not None else ""
        notes = [f"{shown(self.file)} is read: column {shown(self.key)} for the names of the pictures{taken}"]
        if self.missing:
            notes.append(f"{self.missing:,} pictures have no row in {shown(self.file)}")
        if self.unknown:
            notes.append(f"{self.unknown:,} rows of {shown(self.file)} name no picture that is there")
        return notes


def find(folder: Path, tables: Sequence[str], names: Sequence[str], options: Options) -> Beside | None:
    """The table that names the most of the pictures; None: there is none that names any.

    Args:
        folder: the data's.
        tables: relative paths of the files with one of `ENDINGS` in it.
        names: relative paths of the pictures.

    Raises:
        DataError: `label_column` is no column of it, or it is asked for and a picture has several rows.
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
        name: [_text(rows[taken[place]].get(name)) if place in taken else "" for place in range(len(names))]
        for name in others
    }
    label = _label(columns, options, table)
    unknown = sum(place is None for place in places)
    return Beside(table, best, columns, label, len(names) - len(taken), unknown), places


def _joined(parts: Sequence[tuple[Beside, Sequence[int | None]]], names: Sequence[str]) -> Beside:
    """Tables of one name in several folders as one."""
    first = parts[0][0]
    columns: dict[str, list[str]] = {name: [""] * len(names) for part, _ in parts for name in part.columns}
    seen: set[int] = set()
    for part, places in parts:
        seen |= {place for place in places if place is not None}
        for name, values in part.columns.items():
            columns[name] = [value or before for value, before in zip(values, columns[name], strict=True)]
    unknown = sum(part.unknown for part, _ in parts)
    return Beside(first.file, first.key, columns, first.label, len(names) - len(seen), unknown)


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


def _label(columns: Mapping[str, Sequence[str]], options: Options, table: str) -> str | None:
    asked = options.label_column
    if asked == "":
        return None
    if isinstance(asked, str):
        if asked not in columns:
            listed = ", ".join(map(shown, list(columns)[:_LISTED]))
            raise DataError(f"{table}: label_column {shown(asked)} is no column; allowed: {listed}")
        return asked
    few = [name for name, values in columns.items() if 1 < len({each for each in values if each}) <= len(values) / 2]
    named = {name.strip().lower(): name for name in few}
    usual = next((named[each] for each in _CLASSES if each in named), None)
    return usual if usual is not None else next(iter(few), None) if len(columns) == 1 else None


def columns_of(beside: Beside, options: Options, label: str | None) -> tuple[list[Column], list[LeftOut]]:
    """The table's other columns with their types, and those that are left out."""
    kept, left_out = [], []
    for name, texts in beside.columns.items():
        if name == label:
            continue
        if options.drop is not None and name in options.drop:
            left_out.append(LeftOut(f"column {shown(name)}", "by the key drop"))
        else:
            kept.append(Column(name, typed(texts), f"of {beside.file}"))
    return kept, left_out


@dataclass(frozen=True)
class Roles:
    """What the columns of a table are: labels and ids as texts, the others kept beside or left out."""

    labels: Sequence[str] | None
    ids: Sequence[str] | None
    columns: tuple[Column, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


def roles(columns: Mapping[str, Sequence[str]], options: Options, where: str) -> Roles:
    """Labels, ids and columns of a table that has a row for each sample.

    Raises:
        DataError: `label_column` or `id_column` is none of them.
    """
    label = _label(columns, options, where)
    own: str | None = None
    if isinstance(options.id_column, str) and options.id_column:
        if options.id_column not in columns:
            listed = ", ".join(map(shown, list(columns)[:_LISTED]))
            raise DataError(f"{where}: id_column {shown(options.id_column)} is no column; allowed: {listed}")
        own = options.id_column
    elif options.id_column is None:
        unique = [name for name, values in columns.items() if name != label and len(set(values)) == len(values)]
        usual = [name for wanted in _KEYS for name in unique if name.lower() == wanted]
        texts = [name for name in unique if str(typed(columns[name]).type) == "string"]
        own = next(iter([*usual, *(texts if len(texts) == 1 else [])]), None)
    rest = Beside(where, own or "", {name: values for name, values in columns.items() if name != own})
    kept, left_out = columns_of(rest, options, label)
    notes = [
        f"column {shown(name)} of {where} is taken for the {what}"
        for name, what in ((label, "labels"), (own, "ids"))
        if name is not None
    ]
    labels = None if label is None else columns[label]
    ids = None if own is None else columns[own]
    return Roles(labels, ids, tuple(kept), tuple(left_out), tuple(notes))


def typed(texts: Sequence[str]) -> Any:
    """Texts as whole numbers, fractions or dates where all are written so, else as texts; "" is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    array = pa.array([text or None for text in texts], pa.string())
    if any(len(text) > 1 and text[0] == "0" and text.isdigit() for text in texts):
        return array
    for kind in (pa.int64(), pa.float64(), pa.date32()):
        try:
            return pc.cast(array, kind)
        except pa.ArrowInvalid:
            continue
    return array


def _rows(path: Path, limits: Limits = LIMITS) -> list[dict[str, Any]]:
    """The rows of a table, each by the names of its columns; none where it is no such table."""
    if path.stat().st_size > limits.ratio_from * 4:
        return []
    content = path.read_bytes()
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    lines = text.splitlines()
    if path.suffix.lower() == ".jsonl":
        try:
            rows = [json.loads(line) for line in lines if line.strip()]
        except (ValueError, RecursionError):
            return []
        return [row for row in rows if isinstance(row, dict)]
    if not lines:
        return []
    delimiter = max("\t,;|", key=lines[0].count)
    try:
        return list(csv.DictReader(lines, delimiter=delimiter))
    except csv.Error:
        return []


def _text(value: Any) -> str:
    return "" if value is None else value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
