"""Tables of other programs: Feather and Arrow files, JSON Lines, and Excel's worksheets."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from precompute.dataset import DataError
from precompute.loaders import tables
from precompute.loaders.dialect import opened
from precompute.loaders.options import Options
from precompute.loaders.parquet import class_names, index_names
from precompute.loaders.raw import LIMITS, Doubt, LeftOut, Limits, Raw, Reading, check_amount, check_size, shown


def read_arrow(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """A Feather or Arrow file, in Arrow's format of files or of streams.

    Args:
        path: the file.
        options: how to read it.
        limits: what may be decoded.

    Raises:
        DataError: damaged, too large, or no column of numbers.
    """
    import pyarrow as pa
    from pyarrow import feather, ipc

    check_size(path, limits)
    try:
        with path.open("rb") as stream:
            start = stream.read(6)
        if start.startswith(b"ARROW1"):
            with pa.OSFile(str(path)) as source:
                content = _batches(ipc.open_file(source), path, limits)
        elif start.startswith(b"FEA1"):
            content = feather.read_table(path, use_threads=False, memory_map=False)
        else:
            with pa.OSFile(str(path)) as source:
                content = _batches(ipc.open_stream(source), path, limits)
        content.validate(full=True)
    except DataError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        text = str(error).splitlines()[0][:200]
        raise DataError(f"{path.name}: no whole Feather or Arrow file ({text}); get it again") from None
    facts = {"index": index_names(content.schema.metadata), "classes": {}}
    facts["classes"] = {
        name: known
        for name in content.schema.names
        if (known := class_names(content.schema.metadata, name)) is not None
    }
    return tables.raw_of(tables.in_memory("Feather (Arrow)", path.name, content, **facts), options, limits)


def _batches(reader: Any, path: Path, limits: Limits) -> Any:
    """All batches, weighed as they come: what is packed may be large."""
    import pyarrow as pa

    size = path.stat().st_size
    most = limits.unpacked(size)
    count = reader.num_record_batches if hasattr(reader, "num_record_batches") else None
    found, weight, rows = [], 0, 0
    batches = reader if count is None else (reader.get_batch(at) for at in range(count))
    for batch in batches:
        weight += batch.nbytes
        rows += len(batch)
        if weight > most:
            raise DataError(f"{path.name}: {size:,} bytes unpack to more than {most:,}, which is more than allowed")
        check_amount((max(rows, 1), 1), path.name, limits)
        found.append(batch)
    return pa.Table.from_batches(found, schema=reader.schema)


def read_json_lines(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """JSON Lines: an object a line; or a JSON file that is a list of objects. Also gzipped.

    Raises:
        DataError: no such file, or as `tables.raw_of` says.
    """
    import gzip
    import zlib

    import pyarrow as pa
    from pyarrow import json as arrow_json

    where = path.name
    try:
        with opened(path, limits) as stream:
            start = stream.peek(64)[:64].lstrip(b"\xef\xbb\xbf \r\n\t") if hasattr(stream, "peek") else stream.read(0)
            if start.startswith(b"["):
                records = json.loads(stream.read().decode("utf-8-sig"))
                if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
                    raise DataError(f"{where}: no list of objects; needed: one object a sample, or JSON Lines")
                content = pa.Table.from_pylist(_same_keys(records))
            else:
                text = stream.read().removeprefix(b"\xef\xbb\xbf")
                content = arrow_json.read_json(
                    io.BytesIO(text), arrow_json.ReadOptions(use_threads=False, block_size=max(1 << 20, len(text)))
                )
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{where}: no whole gzip file ({error}); get it again") from None
    except DataError:
        raise
    except (pa.ArrowException, ValueError, RecursionError, OverflowError) as error:
        text_of = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise DataError(f"{where}: no JSON Lines ({text_of}); needed: one object a line") from None
    place = (lambda row: f"line {row + 1:,}") if not start.startswith(b"[") else (lambda row: f"object {row} (from 0)")
    table = tables.in_memory(
        "JSON Lines" if not start.startswith(b"[") else "JSON", where, content, reading=Reading("UTF-8"), place=place
    )
    return tables.raw_of(table, options, limits)


def _same_keys(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    names = dict.fromkeys(name for record in records for name in record)
    return [{name: record.get(name) for name in names} for record in records]


def read_excel(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """A worksheet of Excel (.xlsx): the first, or the one that `split` names.

    Raises:
        DataError: openpyxl is not installed, no whole workbook, too large, or as `tables.raw_of` says.
    """
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise DataError(
            f"{path.name}: Excel files need the package openpyxl: pip install 'clusterfolio[excel]', or save the sheet "
            "as CSV"
        ) from None
    try:
        _check_zip(path, limits)
        book = load_workbook(path, read_only=True, data_only=True)
        names = list(book.sheetnames)
        name = options.split or names[0]
        if name not in names:
            raise DataError(f"{path.name}: split {shown(name)}: no such sheet; allowed: {', '.join(names[:10])}")
        rows = []
        for row in book[name].iter_rows(values_only=True):
            rows.append(list(row))
            check_amount((len(rows), max(1, len(row))), path.name, limits)
        book.close()
    except DataError:
        raise
    except Exception as error:  # openpyxl raises nearly anything on damaged files
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DataError(
            f"{path.name}: no whole Excel workbook ({str(error)[:100] or type(error).__name__}); save it anew"
        ) from None
    others = [each for each in names if each != name]
    left_out = [LeftOut(f"sheet {shown(each)}", "another sheet") for each in others]
    doubts = [Doubt(f"of {len(names)} sheets, {shown(name)} is read", "split", repr(others[0]))] if others else []
    if options.split is not None:
        doubts, options = [], replace(options, split=None)
    try:
        table = replace(_sheet(path.name, name, rows, options, left_out), doubts=doubts)
        return tables.raw_of(table, options, limits)
    except DataError as error:
        if not doubts:
            raise
        raise DataError(
            f"{error}. The workbook has other sheets ({', '.join(map(shown, others[:5]))}): split names the one to read"
        ) from None


def _check_zip(path: Path, limits: Limits) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
        size = path.stat().st_size
        if unpacked > limits.unpacked(size):
            raise DataError(f"{path.name}: {size:,} bytes unpack to {unpacked:,}, which is more than allowed")


def _sheet(where: str, name: str, rows: list[list[Any]], options: Options, left_out: Sequence[LeftOut]) -> tables.Table:
    """A worksheet as a table: titles above and empty rows and columns are passed over."""

    numbered = [(at + 1, row) for at, row in enumerate(rows) if any(_there(cell) for cell in row)]
    if not numbered:
        raise DataError(f"{where}: sheet {shown(name)} is empty; name another with split")
    used = [
        at for at in range(max(len(row) for _, row in numbered)) if any(_there(_cell(row, at)) for _, row in numbered)
    ]
    body = [(line, [_cell(row, at) for at in used]) for line, row in numbered]
    details = [f"sheet {shown(name)}"]
    while len(body) > 2 and len(used) > 2 and sum(map(_there, body[0][1])) <= 1:
        body.pop(0)
    if len(body) < len(numbered):
        details.append(f"{len(numbered) - len(body)} rows of title passed over")
    head, rest = body[0][1], [row for _, row in body[1:]]
    is_header = options.header == "first" or (
        options.header == "auto" and bool(rest) and all(isinstance(cell, str) or not _there(cell) for cell in head)
    )
    if is_header and options.header == "auto":
        is_header = any(
            not isinstance(row[at], str) and _there(row[at]) for row in rest for at in range(len(head))
        ) or not (set(map(str, head)) & {str(cell) for row in rest for cell in row})
    lines = [line for line, _ in body]
    if is_header:
        body, lines = body[1:], lines[1:]
        names = tuple("" if cell is None else re.sub(r"\s+", " ", str(cell)).strip() for cell in head)
    else:
        names = tuple(f"column {at}" for at in range(len(used)))
    cells = [[row[at] for _, row in body] for at in range(len(used))]
    return tables.Table(
        "Excel",
        where,
        names,
        [_typed(column) for column in cells],
        lambda at: [None if not _there(cell) else _written(cell) for cell in cells[at]],
        lambda row: f"row {lines[row]}",
        headed=is_header,
        reading=Reading(header=f"row {lines[0] - 1}" if is_header else "none", details=tuple(details)),
        left_out=left_out,
    )


def _cell(row: Sequence[Any], at: int) -> Any:
    return row[at] if at < len(row) else None


def _there(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _written(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15 else str(cell)


def _typed(cells: Sequence[Any]) -> Any:
    """A column of cells with the type that all of them have, else as texts."""
    import datetime

    import pyarrow as pa

    filled = [cell for cell in cells if _there(cell)]
    plain = [cell if _there(cell) else None for cell in cells]
    if not filled:
        return pa.nulls(len(plain))
    if all(isinstance(cell, bool) for cell in filled):
        return pa.array(plain, pa.bool_())
    if all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in filled):
        return pa.array([None if cell is None else float(cell) for cell in plain], pa.float64())
    if all(isinstance(cell, datetime.datetime) for cell in filled):
        return pa.array(plain, pa.timestamp("us"))
    if all(isinstance(cell, datetime.date | datetime.time) for cell in filled):
        return pa.array([None if cell is None else str(cell) for cell in plain], pa.string())
    return pa.array([None if cell is None else _written(cell) for cell in plain], pa.string())
