"""CSV: one row a sample, with or without a line of names, plain or gzipped."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.columns import Roles, called, check_finite, roles, square
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, Limits, Raw, check_amount, check_dimensions, shown

_DELIMITERS = ",;\t"
_GLANCE = 1_000
"""Rows that tell whether a column that Arrow takes for texts holds numbers for the most part."""
_NEEDED = "needed: UTF-8, numbers, rows of one length"
_CONVERSION = re.compile(r"In CSV column #(\d+): .*CSV conversion error to double: invalid value '(.*)'")
_WHOLE = re.compile(r"(0|-?[1-9][0-9]*)(\.0)?")


def read_csv(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """A CSV (or TSV) of numbers, with labels and ids in columns of their own.

    The delimiter is the one of `,` `;` and tab that the first line has most of; the first line holds names unless
    all of it is numbers other than 0, 1, …, which pandas writes as names where there are none.

    Raises:
        DataError: no UTF-8 text, rows of different length, texts among the numbers, too large.
    """
    import pyarrow as pa

    where = path.name
    try:
        table = _table(path, limits)
        check_dimensions((1, len(table.names)), where, limits)
        try:
            table = _with_kinds(path, table, limits)
            names = table.names
            found = roles(names, [kind == "text" for kind in table.kinds], options, where)
            values, labels, ids = _rows(path, table, found, limits)
        except pa.ArrowInvalid as error:
            raise _refused(path, table, error, limits) from None
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: no CSV of numbers: {error}; {_NEEDED}") from None
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{where}: no whole gzip file ({error}); get it again") from None
    side = options.image_shape or square([names[at] for at in found.values])
    notes = list(found.notes)
    if table.left_out:
        count = "an empty column" if table.left_out == 1 else f"{table.left_out} empty columns"
        notes.append(f"{count} without a name at the end left out, as a delimiter at the end of each line makes")
    if table.headed and names == _counted(len(names)):
        notes.append(
            f"the first line, {names[0]} … {names[-1]}, is taken for the names of the columns, as pandas writes them; "
            "if it is a sample, put a line of names above it"
        )
    images = None
    if side is not None and options.image_shape is None:
        images, features = values.reshape(len(values), *side), None
    else:
        features = values
    return Raw(
        "CSV",
        images=images,
        features=features,
        labels=_whole(labels) if found.label is not None else None,
        ids=ids if found.id is not None else None,
        ids_from="ids" if found.id is None else called(names[found.id]),
        notes=tuple(notes),
    )


def _whole(labels: list[str]) -> NDArray[Any]:
    """Labels as whole numbers where all are written as such, or all as such with .0, else as texts.

    What is written otherwise, such as 01 or 1_1, is a text: as a number it would become one with 1 or 11.
    """
    found = [_WHOLE.fullmatch(label.strip()) for label in labels]
    whole = [match[1] for match in found if match]
    if len(whole) < len(labels) or len({match[2] for match in found if match}) > 1:
        return np.array(labels, dtype=object)
    try:
        return np.array([int(label) for label in whole], dtype=np.int64)
    except (ValueError, OverflowError):
        return np.array(labels, dtype=object)


def _counted(count: int) -> list[str]:
    """The names that pandas gives columns without names: 0, 1, …"""
    return [str(at) for at in range(count)]


@dataclass(frozen=True)
class _Table:
    """What the first lines tell.

    Attributes:
        names: of the columns.
        nameless: how many at the end have none.
        headed: whether the names stand in the first line.
        kinds: "number", "text" or nothing at all, "empty", of each.
        left_out: how many empty columns without a name there are behind these.
    """

    names: list[str]
    nameless: int
    delimiter: str
    headed: bool
    kinds: Sequence[str] = ()
    left_out: int = 0

    def keys(self, begin: int, end: int) -> list[str]:
        """What columns are called towards Arrow: names may repeat."""
        return [str(at) for at in range(begin, end)]

    def opened(self, stream: BinaryIO, types: Mapping[str, Any] | None = None) -> Any:
        """Arrow's reader; `types` by key."""
        from pyarrow import csv

        keys = self.keys(0, len(self.names) + self.left_out)
        read = csv.ReadOptions(column_names=keys, skip_rows=int(self.headed), block_size=1 << 22)
        parse = csv.ParseOptions(delimiter=self.delimiter)
        return csv.open_csv(stream, read, parse, csv.ConvertOptions(column_types=types, strings_can_be_null=False))


def _table(path: Path, limits: Limits) -> _Table:
    import csv as plain

    where = path.name
    with _opened(path, limits) as stream:
        first = _first_line(stream, limits.header_bytes + 1)
    if len(first) > limits.header_bytes:
        raise DataError(f"{where}: its first line is longer than {limits.header_bytes:,} bytes; needed: a row a sample")
    line = first.decode("utf-8-sig").rstrip("\r\n")
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        fields = next(plain.reader([line], delimiter=delimiter), [])
    except plain.Error as error:
        raise DataError(f"{where}: no CSV of numbers: its first line: {error}; {_NEEDED}") from None
    known = list(fields)
    while known and not known[-1].strip():
        known.pop()
    if not known:
        raise DataError(f"{where}: its first line is empty; needed: names of columns, or numbers")
    nameless = len(fields) - len(known)
    if known != _counted(len(known)) and all(_is_float(field) for field in known):
        return _Table([f"column {at}" for at in range(len(fields))], nameless, delimiter, headed=False)
    return _Table(fields, nameless, delimiter, headed=True)


def _first_line(stream: BinaryIO, most: int) -> bytes:
    """Up to the first line feed, or the first carriage return, by which alone some programs end lines."""
    return stream.readline(most).split(b"\r")[0]


def _with_kinds(path: Path, table: _Table, limits: Limits) -> _Table:
    """The table with what each column holds at the beginning of the file, and without what is left out.

    A column of numbers with a few signs for missing ones, such as ? or -, is one of numbers.
    """
    import pyarrow as pa

    kinds = []
    with _opened(path, limits) as stream:
        reader = table.opened(stream)
        some = next(iter(reader), None)
    for at, kind in enumerate(reader.schema.types):
        if pa.types.is_null(kind):
            kinds.append("empty")
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
            kinds.append("number")
        else:
            texts = [] if some is None else [str(text) for text in some.column(at)[:_GLANCE].to_pylist()]
            filled = [text for text in texts if text.strip()]
            numbers = sum(map(_is_float, filled))
            kinds.append("number" if numbers * 2 > len(filled) else "text")
    left_out = 0
    while left_out < table.nameless and kinds[-1 - left_out] == "empty":
        left_out += 1
    count = len(table.names) - left_out
    return replace(table, names=table.names[:count], kinds=kinds[:count], left_out=left_out)


def _rows(path: Path, table: _Table, found: Roles, limits: Limits) -> tuple[NDArray[np.float64], list[str], list[str]]:
    """Numbers, labels and ids of all rows."""
    import pyarrow as pa

    left_out = table.keys(len(table.names), len(table.names) + table.left_out)
    types = {str(at): pa.float64() for at in found.values}
    types |= {str(at): pa.string() for at in (found.label, found.id) if at is not None}
    types |= dict.fromkeys(left_out, pa.string())
    blocks: list[NDArray[np.float64]] = []
    labels: list[str] = []
    ids: list[str] = []
    before = 0
    with _opened(path, limits) as stream:
        for batch in table.opened(stream, types):
            block = np.stack([batch.column(at).to_numpy(zero_copy_only=False) for at in found.values], axis=1)
            _check_block(path, table, block, found.values, before, limits)
            _check_left_out(batch, left_out, path.name)
            blocks.append(block)
            before += len(block)
            check_amount((before, len(found.values)), path.name, limits)
            labels += batch.column(found.label).to_pylist() if found.label is not None else []
            ids += batch.column(found.id).to_pylist() if found.id is not None else []
    check_amount((before, len(found.values)), path.name, limits)
    return np.concatenate(blocks), labels, ids


def _check_block(
    path: Path, table: _Table, block: NDArray[np.float64], values: Sequence[int], before: int, limits: Limits
) -> None:
    if not len(block):
        return
    for at, column in enumerate(values):
        if table.kinds[column] == "empty" and np.isnan(block[:, at]).all():
            raise DataError(f"{path.name}: {called(table.names[column])} is empty; take it away, or fill it")
    names = [table.names[at] for at in values]
    check_finite(block, names, path.name, before, lambda row: _line(path, table, limits, lambda at, _: at == row))


def _check_left_out(batch: Any, left_out: Sequence[str], where: str) -> None:
    for key in left_out:
        filled = [text for text in batch.column(key).to_pylist() if text.strip()]
        if filled:
            raise DataError(
                f"{where}: a column without a name is empty at first and holds {shown(filled[0])} later; give it a "
                "name, or empty it"
            )


def _refused(path: Path, table: _Table, error: Exception, limits: Limits) -> DataError:
    """What Arrow says of a CSV, by the line and the column's name where it knows them."""
    text = " ".join(str(error).splitlines()[:1])[:200]
    told = _CONVERSION.match(str(error).splitlines()[0]) if str(error) else None
    if told is None or int(told[1]) >= len(table.names):
        return DataError(f"{path.name}: no CSV of numbers: {text}; {_NEEDED}")
    column, value = int(told[1]), told[2]

    def is_it(_: int, fields: Sequence[str]) -> bool:
        return len(fields) > column and fields[column].strip() == value.strip()

    place = _line(path, table, limits, is_it)
    return DataError(
        f"{path.name}: {place}, {called(table.names[column])}: {shown(value)} is no number; repair or drop the row, or "
        "name the column of the labels (label_column) or of the ids (id_column) if it is one of them"
    )


def _line(path: Path, table: _Table, limits: Limits, is_it: Callable[[int, Sequence[str]], bool]) -> str:
    """A row of the file by the number of the line that it begins at; the file is read once more for it."""
    import csv as plain

    row = -1 if table.headed else 0
    with _opened(path, limits) as stream:
        lines = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
        reader = plain.reader(lines, delimiter=table.delimiter)
        begin = 1
        try:
            for fields in reader:
                if fields:
                    if row >= 0 and is_it(row, fields):
                        return f"line {begin:,}"
                    row += 1
                begin = reader.line_num + 1
        except plain.Error:
            pass
    return "a line"


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _opened(path: Path, limits: Limits) -> BinaryIO:
    """The text's bytes, unpacked where packed; reading more than allowed raises."""
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise DataError(f"{path.name}: {size:,} bytes; allowed: {limits.file_bytes:,}")
    if path.suffix.lower() != ".gz":
        return path.open("rb")
    most = min(limits.file_bytes, max(limits.ratio_from, size * limits.ratio))
    return cast(BinaryIO, io.BufferedReader(_Limited(path, most)))


class _Limited(io.RawIOBase):
    """A gzipped file that refuses to unpack to more than `most` bytes."""

    def __init__(self, path: Path, most: int) -> None:
        self._stream = gzip.GzipFile(path)  # closed by close()
        self._name, self._most, self._read = path.name, most, 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        count = self._stream.readinto(into)
        self._read += count
        if self._read > self._most:
            raise DataError(f"{self._name}: unpacks to more than {self._most:,} bytes, which is more than allowed")
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()
