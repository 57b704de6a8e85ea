"""CSV and its like: one row a sample, in whichever dialect, plain or gzipped."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from precompute.dataset import DataError
from precompute.loaders import tables
from precompute.loaders.dialect import DELIMITERS, MISSING, NEEDED, Dialect, detected, located, opened, rows
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, LeftOut, Limits, Raw, Reading, check_amount, check_dimensions, shown

_CODECS = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "utf-32": "UTF-32", "cp1252": "Windows-1252",
}  # fmt: skip
_GLANCE = 200
_FOOTERS = 20
"""Rows at the end that may be none, such as a line with the source."""


def read_csv(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """A CSV (or TSV, or a text with other delimiters): which column is what is decided by `columns.roles`.

    Args:
        path: the file.
        options: how to read it.
        limits: what may be decoded.

    Raises:
        DataError: no text, rows of different length, no column of numbers, too large.
    """
    return tables.raw_of(table_of(path, options, limits), options, limits)


def table_of(path: Path, options: Options, limits: Limits = LIMITS) -> tables.Table:
    """The columns of such a file with their types; see `read_csv`."""
    import pyarrow as pa

    where = path.name
    try:
        dialect = detected(path, options, limits)
        check_dimensions((1, dialect.width), where, limits)
        return _table(path, dialect, options, limits)
    except pa.ArrowInvalid as error:
        text = " ".join(str(error).splitlines()[:1])[:200]
        raise DataError(f"{where}: no CSV: {text}; {NEEDED}") from None
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{where}: no whole gzip file ({error}); get it again") from None


def _table(path: Path, dialect: Dialect, options: Options, limits: Limits) -> tables.Table:
    source = _Source(path, dialect, options, limits)
    columns, passed = source.read()
    count = len(columns[0]) if columns else 0
    check_amount((count, 1), path.name, limits)
    names = list(dialect.names or [f"column {at}" for at in range(dialect.width)])
    place = located(path, dialect, limits)
    left_out = list(dialect.left_out)
    if passed:
        left_out.append(LeftOut("rows at the end", "of one field, such as a line with the source", passed))
    kept = _without_nameless(columns, names, dialect, place, path.name)
    if len(kept) < len(columns):
        what = "columns" if len(columns) - len(kept) > 1 else "a column"
        why = "empty and without a name at the end, as a delimiter at the end of each line makes"
        left_out.append(LeftOut(what, why, len(columns) - len(kept)))
    return tables.Table(
        kind="TSV" if dialect.delimiter == "\t" else "CSV",
        where=path.name,
        names=tuple(names[at] for at in kept),
        columns=[columns[at] for at in kept],
        texts=lambda at: source.texts(kept[at]),
        place=place,
        headed=dialect.names is not None,
        decimal=dialect.decimal,
        coded=_coded(path, dialect, [names[at] for at in kept], kept, limits),
        label_names=dialect.label_names if dialect.rows in (None, count) else None,
        reading=Reading(
            _CODECS.get(dialect.encoding, dialect.encoding),
            DELIMITERS.get(dialect.delimiter, dialect.delimiter),
            dialect.decimal,
            f"line {dialect.header}" if dialect.header else "none",
            dialect.details,
        ),
        doubts=dialect.doubts,
        left_out=tuple(left_out),
    )


def _coded(path: Path, dialect: Dialect, names: Sequence[str], places: Sequence[int], limits: Limits) -> frozenset[str]:
    """Columns of whole numbers of which the first rows have some with zeros before them, such as 01067.

    None where most columns are written so, which then is how these numbers are formatted.
    """
    first = [fields for _, fields in islice(rows(path, dialect, limits), _GLANCE)]
    coded, numbers = [], 0
    for name, at in zip(names, places, strict=True):
        texts = [fields[at].strip() for fields in first if len(fields) > at and fields[at].strip() not in MISSING]
        if not texts or not all(map(dialect.is_number, texts)):
            continue
        numbers += 1
        if all(map(str.isdecimal, texts)) and any(len(text) > 1 and text[0] == "0" for text in texts):
            coded.append(name)
    return frozenset(coded) if len(coded) * 2 <= numbers else frozenset()


def _without_nameless(
    columns: Sequence[Any], names: Sequence[str], dialect: Dialect, place: Any, where: str
) -> list[int]:
    """Places of the columns but for empty ones at the end that have no name."""
    kept = list(range(len(columns)))
    while kept and (dialect.names is None or not names[kept[-1]].strip()):
        column = columns[kept[-1]]
        if column.null_count == len(column):
            kept.pop()
            continue
        texts = tables.empty_share(column)
        if texts == 1:
            kept.pop()
            continue
        if dialect.names is not None and texts > 0.5:
            row = tables.first_filled(column)
            raise DataError(
                f"{where}: {place(row)}: a column without a name is empty at first and holds "
                f"{shown(str(column[row].as_py()))}; give it a name in the first line, or leave it out: "
                f"drop = [{kept[-1]}] in a config, or --drop {kept[-1]}"
            )
        break
    return kept


class _Source:
    """A file in its dialect, from which columns can be read with or without their types being found."""

    def __init__(self, path: Path, dialect: Dialect, options: Options, limits: Limits) -> None:
        self.path, self.dialect, self.limits = path, dialect, limits
        self.keys = [str(at) for at in range(dialect.width)]
        self.signs = sorted({*MISSING, *(options.missing_signs or ())})
        self._plain: bytes | None = None if dialect.plain else self._rewritten()

    def read(self) -> tuple[list[Any], int]:
        """Every column with its type, and how many rows at the end are none."""
        bad: list[Any] = []
        table = self._opened(None, None, bad)
        passed = self._footers(bad, len(table))
        return [table.column(key) for key in self.keys], passed

    def texts(self, at: int) -> list[str | None]:
        """A column as it is written, but for blanks around it."""
        import pyarrow as pa

        table = self._opened({self.keys[at]: pa.string()}, [self.keys[at]], [])
        return [None if text is None else text.strip() for text in table.column(0).to_pylist()]

    def _opened(self, types: Mapping[str, Any] | None, only: Sequence[str] | None, bad: list[Any]) -> Any:
        from pyarrow import csv as arrow_csv

        def passed_over(row: Any) -> str:
            bad.append(row)
            return "skip"

        read = arrow_csv.ReadOptions(
            column_names=self.keys,
            skip_rows=0 if self._plain is not None else self.dialect.begin - 1,
            block_size=1 << 24,
            use_threads=False,
        )
        delimiter = "," if self._plain is not None else self.dialect.delimiter
        parse = arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=passed_over)
        convert = arrow_csv.ConvertOptions(
            column_types=types,
            include_columns=list(only) if only else None,
            null_values=self.signs,
            strings_can_be_null=False,
            quoted_strings_can_be_null=True,
            decimal_point=self.dialect.decimal,
        )
        with self._stream() as stream:
            return arrow_csv.read_csv(stream, read, parse, convert)

    def _stream(self) -> BinaryIO:
        return io.BytesIO(self._plain) if self._plain is not None else opened(self.path, self.limits)

    def _rewritten(self) -> bytes:
        """The rows as plain CSV in UTF-8, which Arrow can read."""
        sink = io.StringIO()
        writer = csv.writer(sink, lineterminator="\n")
        for at, (_, fields) in enumerate(rows(self.path, self.dialect, self.limits)):
            writer.writerow([text.strip() for text in fields])
            check_amount((at + 1, len(fields)), self.path.name, self.limits)
        return sink.getvalue().encode("utf-8", "replace")

    def _footers(self, bad: Sequence[Any], count: int) -> int:
        """How many rows of another length there are, if they are a few lines at the end.

        Raises:
            DataError: they stand elsewhere, or have many fields.
        """
        if not bad:
            return 0
        first = next(
            (
                (at, line, fields)
                for at, (line, fields) in enumerate(rows(self.path, self.dialect, self.limits))
                if len(fields) != self.dialect.width
            ),
            None,
        )
        if first is None:
            raise DataError(f"{self.path.name}: no CSV: {bad[0].text[:80]}; {NEEDED}")
        at, line, fields = first
        if at == count and len(bad) <= _FOOTERS and all(row.actual_columns <= 2 for row in bad):
            return len(bad)
        raise DataError(
            f"{self.path.name}: no CSV: line {line:,} has {len(fields):,} fields, others {self.dialect.width:,} "
            f"(delimiter: {DELIMITERS.get(self.dialect.delimiter, self.dialect.delimiter)}); {NEEDED}. Another "
            "delimiter can be named: delimiter in a config, or --delimiter"
        )
