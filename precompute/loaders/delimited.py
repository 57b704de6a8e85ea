"""CSV: one row a sample, with or without a line of names, plain or gzipped."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.columns import roles, square
from precompute.loaders.raw import LIMITS, Limits, Options, Raw, check_amount, check_dimensions

_DELIMITERS = ",;\t"
_WHOLE = re.compile(r"(0|-?[1-9][0-9]*)(\.0)?")


def read_csv(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """A CSV (or TSV) of numbers, with labels and ids in columns of their own.

    The delimiter is the one of `,` `;` and tab that the first line has most of; the first line holds names unless
    all of it is numbers other than 0, 1, …, which pandas writes as names where there are none.

    Raises:
        DataError: no UTF-8 text, rows of different length, texts among the numbers, too large.
    """
    import pyarrow as pa
    from pyarrow import csv

    where = path.name
    try:
        with _opened(path, limits) as stream:
            first = stream.readline(limits.header_bytes + 1)
        names, delimiter, headed = _names(first, where, limits)
        check_dimensions((1, len(names)), where, limits)
        read = csv.ReadOptions(column_names=names, skip_rows=int(headed), block_size=1 << 22)
        parse = csv.ParseOptions(delimiter=delimiter)
        with _opened(path, limits) as stream:
            kinds = csv.open_csv(stream, read, parse).schema.types
        found = roles(names, [not _is_number(kind) for kind in kinds], options, where)
        types = {name: pa.float64() for at, name in enumerate(names) if at in found.values}
        types |= {names[at]: pa.string() for at in (found.label, found.id) if at is not None}
        convert = csv.ConvertOptions(column_types=types, strings_can_be_null=False)
        blocks: list[NDArray[np.float64]] = []
        labels: list[str] = []
        ids: list[str] = []
        with _opened(path, limits) as stream:
            for batch in csv.open_csv(stream, read, parse, convert):
                block = np.stack([batch.column(at).to_numpy(zero_copy_only=False) for at in found.values], axis=1)
                blocks.append(block)
                check_amount((sum(map(len, blocks)), len(found.values)), where, limits)
                labels += batch.column(found.label).to_pylist() if found.label is not None else []
                ids += batch.column(found.id).to_pylist() if found.id is not None else []
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        text = str(error).splitlines()[0][:200]
        raise DataError(f"{where}: no CSV of numbers: {text}; needed: UTF-8, numbers, rows of one length") from None
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{where}: no whole gzip file ({error}); get it again") from None
    check_amount((sum(map(len, blocks)), len(found.values)), where, limits)
    values = np.concatenate(blocks)
    side = options.image_shape or square([names[at] for at in found.values])
    notes = list(found.notes)
    if headed and names == _counted(len(names)):
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
        notes=tuple(notes),
    )


def _whole(labels: list[str]) -> NDArray[Any]:
    """Labels as whole numbers where all are written as such, or all as such with .0, else as texts.

    What is written otherwise, such as 01 or 1_1, is a text: as a number it would become one with 1 or 11.
    """
    found = [_WHOLE.fullmatch(label.strip()) for label in labels]
    whole = [match[1] for match in found if match]
    if len(whole) < len(labels) or len({match[2] for match in found if match}) > 1:
        return np.array(labels)
    try:
        return np.array([int(label) for label in whole], dtype=np.int64)
    except (ValueError, OverflowError):
        return np.array(labels)


def _counted(count: int) -> list[str]:
    """The names that pandas gives columns without names: 0, 1, …"""
    return [str(at) for at in range(count)]


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind))


def _names(first: bytes, where: str, limits: Limits) -> tuple[list[str], str, bool]:
    """Names of the columns, the delimiter, and whether the first line holds the names."""
    import csv as plain

    if len(first) > limits.header_bytes:
        raise DataError(f"{where}: its first line is longer than {limits.header_bytes:,} bytes; needed: a row a sample")
    line = first.decode("utf-8-sig").rstrip("\r\n")
    if not line.strip():
        raise DataError(f"{where}: its first line is empty; needed: names of columns, or numbers")
    delimiter = max(_DELIMITERS, key=line.count)
    fields = next(plain.reader([line], delimiter=delimiter))
    if fields != _counted(len(fields)) and all(_is_float(field) for field in fields):
        return [f"column {at}" for at in range(len(fields))], delimiter, False
    return fields, delimiter, True


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
    if path.suffix != ".gz":
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
