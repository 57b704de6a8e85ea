"""Parquet as hubs keep it: splits and shards in folders, pictures as bytes in a column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from precompute.dataset import DataError
from precompute.loaders.raw import Limits, check_amount, shown
from precompute.machine import arrow
from precompute.order import natural, ordered

_PICTURES = 16
"""Rows decoded at once; few where each may be a large picture that a dictionary holds only once."""
_POINTER = b"version https://git-lfs"
_SHARD = re.compile(r"(.+?)-\d+-of-\d+$")


def is_shards(path: Path) -> bool:
    """Whether it is a folder that holds Parquet files, or a repository of Hugging Face whose folders do."""
    return path.is_dir() and bool(_folders(path))


def _folders(path: Path) -> list[Path]:
    """Where a folder's Parquet files lie: in itself, or in its own folders if all of them hold some."""
    if _files(path):
        return [path]
    entries = sorted(path.iterdir(), key=lambda each: natural(each.name))
    inside = [each for each in entries if each.is_dir() and not each.is_symlink() and not each.name.startswith(".")]
    return inside if all(_files(each) for each in inside) else []


def _files(folder: Path) -> list[Path]:
    """A folder's Parquet files, also as links, which is how Hugging Face keeps them; one may lead nowhere."""
    named = (each for each in folder.iterdir() if each.suffix.lower() == ".parquet" and each.name[0] != ".")
    return sorted((each for each in named if not each.is_dir()), key=lambda each: natural(each.name))


def files_of(path: Path) -> list[Path]:
    """The files to read, in order: the one named, or those of a folder.

    Raises:
        DataError: several sets, a link that leads nowhere, a pointer of Git LFS.
    """
    files = _shards(path) if path.is_dir() else [path]
    for each in files:
        if not each.is_file():
            problem = "a link that leads nowhere" if each.is_symlink() else "no file"
            raise DataError(f"{each.name}: {problem}; get it again")
        with each.open("rb") as stream:
            if stream.read(len(_POINTER)) == _POINTER:
                raise DataError(f"{each.name}: a pointer of Git LFS in place of the data; get them with: git lfs pull")
    return files


def opened(files: Sequence[Path], limits: Limits) -> list[Any]:
    """The files, of which only the footers have been read, weighed and found to have the same columns.

    Raises:
        DataError: too large, or other columns than the first.
        pyarrow.ArrowException: no whole Parquet file.
    """
    readers = [arrow.opened(each) for each in files]
    for file, reader in zip(files, readers, strict=True):
        _check(file, reader, limits)
        if not reader.schema_arrow.equals(readers[0].schema_arrow):
            raise DataError(f"{file.name}: other columns than {files[0].name}; name one file")
    return readers


def _shards(path: Path) -> list[Path]:
    folders = _folders(path)
    if len(folders) > 1:
        listed = ", ".join(each.name for each in folders[:5])
        raise DataError(f"{path.name}: several folders hold Parquet files ({listed}); name one of them")
    path = folders[0]
    files = _files(path)
    sets = ordered({match[1] if (match := _SHARD.match(each.stem)) else each.stem for each in files})
    if len(sets) > 1:
        raise DataError(
            f"{path.name}: holds several sets ({', '.join(sets[:5])}); name one of its files, or put the files of one "
            "set into a folder of their own"
        )
    return files


def _check(path: Path, file: Any, limits: Limits) -> None:
    """Weigh a file by its own account, before any page of it is unpacked."""
    footer = file.metadata
    size = path.stat().st_size
    unpacked = sum(footer.row_group(at).total_byte_size for at in range(footer.num_row_groups))
    check_amount((footer.num_rows, 1), path.name, limits)
    values = max(
        (
            sum(footer.row_group(at).column(column).num_values for at in range(footer.num_row_groups))
            for column in range(footer.num_columns)
        ),
        default=0,
    )
    if values > limits.numbers:
        raise DataError(f"{path.name}: {values:,} numbers in a column; allowed are at most {limits.numbers:,}")
    if unpacked > limits.file_bytes or (unpacked > limits.ratio_from and unpacked > limits.ratio * size):
        raise DataError(
            f"{path.name}: {size:,} bytes unpack to {unpacked:,}; allowed are {limits.file_bytes:,}, at a ratio of "
            f"{limits.ratio}"
        )
    if footer.num_columns > limits.dimensions + limits.members:
        raise DataError(f"{path.name}: {footer.num_columns:,} columns; allowed are at most {limits.dimensions:,}")


def is_picture(kind: Any) -> bool:
    """Whether a column of this type may hold pictures: bytes, or {bytes, path}."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return any(field.name == "bytes" and _is_bytes(field.type) for field in kind)
    return _is_bytes(kind)


def _is_bytes(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def pictures(files: Sequence[Any], name: str, where: str) -> Iterator[tuple[str, bytes]]:
    """The bytes of each row's picture, and the row for messages; a path beside them is never opened.

    Raises:
        DataError: a row without bytes.
    """
    row = 0
    for file in files:
        for batch in file.iter_batches(_PICTURES, columns=[name], use_threads=False):
            for value in batch.column(0).to_pylist():
                content = value["bytes"] if isinstance(value, Mapping) else value
                if not content:
                    raise DataError(
                        f"{where}: row {row} has no picture's bytes in {shown(name)}; a path is never opened: store "
                        "the bytes, or bring the folder of pictures"
                    )
                yield f"row {row}", content
                row += 1
