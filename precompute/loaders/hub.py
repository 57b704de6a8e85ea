"""Parquet as hubs keep it: splits and shards in folders, pictures as bytes in a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.columns import VECTORS
from precompute.loaders.decoding import START, kind_of
from precompute.loaders.layout import PARTS, part_of
from precompute.loaders.options import Options
from precompute.loaders.pictures import stacked
from precompute.loaders.raw import Doubt, LeftOut, Limits, check_amount, shown
from precompute.machine import arrow
from precompute.order import natural, ordered

_PICTURES = 16
"""Rows decoded at once; few where each may be a large picture that a dictionary holds only once."""
_IMAGES = ("image", "img", "images", "picture", "photo", "jpg", "jpeg", "png", "webp")
_POINTER = b"version https://git-lfs"
_SHARD = re.compile(r"(.+?)-(\d+)-of-(\d+)$")


@dataclass(frozen=True)
class Files:
    """Parquet files to read, in order.

    Attributes:
        paths: of the files.
        parts: the part of the data that each belongs to, as its name says.
        several: whether there are several parts.
        notes: what a person should know.
    """

    paths: tuple[Path, ...]
    parts: tuple[str, ...]
    several: bool = False
    notes: tuple[str, ...] = ()


def is_shards(path: Path) -> bool:
    """Whether it is a folder that holds Parquet files, or a repository of Hugging Face whose folders do."""
    return path.is_dir() and bool(_folders(path))


def _folders(path: Path) -> list[Path]:
    """Where a folder's Parquet files lie: in itself, or in its own folders if all of them hold some."""
    if _files(path):
        return [path]
    entries = (each for each in path.iterdir() if not each.name.startswith("."))
    # sorted last: a folder may hold a hundred thousand pictures
    inside = sorted((each for each in entries if each.is_dir() and not each.is_symlink()), key=_by_name)
    if len(inside) == 1 and not _files(inside[0]):
        return _folders(inside[0])
    return inside if all(_files(each) for each in inside) else []


def _by_name(path: Path) -> Any:
    return natural(path.name)


def _files(folder: Path) -> list[Path]:
    """A folder's Parquet files, also as links, which is how Hugging Face keeps them; one may lead nowhere.

    A table beside pictures is none of them.
    """
    named = (each for each in folder.iterdir() if each.suffix.lower() == ".parquet" and each.name[0] != ".")
    return sorted(
        (each for each in named if not each.is_dir() and each.stem.lower() != "metadata"),
        key=lambda each: natural(each.name),
    )


def files_of(path: Path, options: Options) -> Files:
    """The files to read: the one named, or those of a folder, of all parts or of `split` alone.

    Raises:
        DataError: several sets that are no parts of one, a link that leads nowhere, a pointer of Git LFS.
    """
    files = _shards(path, options) if path.is_dir() else _alone(path)
    for each in files.paths:
        if not each.is_file():
            problem = "a link that leads nowhere" if each.is_symlink() else "no file"
            raise DataError(f"{each.name}: {problem}; get it again")
        with each.open("rb") as stream:
            if stream.read(len(_POINTER)) == _POINTER:
                raise DataError(f"{each.name}: a pointer of Git LFS in place of the data; get them with: git lfs pull")
    return files


def _alone(path: Path) -> Files:
    """One file, which may be a shard of several."""
    match = _SHARD.match(path.stem)
    notes = []
    if match is not None and int(match[3]) > 1:
        notes.append(
            f"{shown(path.name)} is shard {int(match[2]) + 1} of {int(match[3])} of {shown(match[1])}, and read alone; "
            "name its folder to read all of them"
        )
    return Files((path,), (match[1] if match else path.stem,), notes=tuple(notes))


def _shards(path: Path, options: Options) -> Files:
    """The files of a folder, by the parts of the data."""
    folders = _folders(path)
    if len(folders) > 1 and not all(part_of(each.name) for each in folders):
        listed = ", ".join(each.name for each in folders[:5])
        raise DataError(f"{path.name}: several folders hold Parquet files ({listed}); name one of them")
    files = [(_part(each, folder), each) for folder in folders for each in _files(folder)]
    there = ordered({part for part, _ in files})
    if options.split is not None:
        chosen = [part for part in there if part == options.split] or [
            part for part in there if part_of(part) == (part_of(options.split) or options.split)
        ]
        if not chosen:
            listed = ", ".join(map(shown, there[:5]))
            raise DataError(f"{path.name}: there is no split {shown(options.split)}; allowed: {listed}")
        files = [(part, each) for part, each in files if part in chosen]
    elif len(there) > 1 and not all(map(part_of, there)):
        raise DataError(
            f"{path.name}: holds several sets ({', '.join(there[:5])}); say which: split = {there[0]!r} in a config, "
            f"or --split {there[0]}; or name one of its files"
        )
    order = list(PARTS)
    files.sort(key=lambda each: order.index(part_of(each[0]) or order[-1]))
    parts = tuple(part for part, _ in files)
    return Files(tuple(each for _, each in files), parts, len(set(parts)) > 1)


def _part(file: Path, folder: Path) -> str:
    """The part of the data that a file belongs to: by its own name, else by its folder's."""
    match = _SHARD.match(file.stem)
    name = match[1] if match else file.stem
    return folder.name if part_of(name) is None and part_of(folder.name) is not None else name


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


def parts_of(files: Files, readers: Sequence[Any]) -> list[str] | None:
    """The part of the data that each row belongs to; None: there is one part."""
    if not files.several:
        return None
    counts = [reader.metadata.num_rows for reader in readers]
    return [part for part, count in zip(files.parts, counts, strict=True) for _ in range(count)]


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
    if unpacked > limits.unpacked(size):
        raise DataError(
            f"{path.name}: {size:,} bytes unpack to {unpacked:,}; allowed are {limits.file_bytes:,}, at a ratio of "
            f"{limits.ratio}"
        )
    if footer.num_columns > limits.dimensions + limits.members:
        raise DataError(f"{path.name}: {footer.num_columns:,} columns; allowed are at most {limits.dimensions:,}")


@dataclass(frozen=True)
class Embedding:
    """Pictures of a column, and lists of numbers beside them.

    Attributes:
        images: (n, h, w) or (n, h, w, 3).
        features: (n, d) of the column that is embedded while the pictures are shown; None: the pictures are.
        used: the columns of the two.
        kept: (n,) rows that were read.
        left_out: other columns of pictures.
        notes, doubts, remarks: for the conversation and the pages.
    """

    images: NDArray[Any]
    features: NDArray[Any] | None
    used: tuple[str, ...]
    kept: NDArray[np.int64]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    remarks: tuple[str, ...]


def embedding(
    files: Sequence[Any],
    lists: Sequence[str],
    read_lists: Callable[[str], NDArray[Any]],
    dropped: AbstractSet[str | int],
    options: Options,
    where: str,
    limits: Limits,
) -> Embedding | None:
    """The pictures of a table, decoded; None: it has no column of pictures.

    Args:
        files: as `opened` gives them.
        lists: columns of lists of numbers.
        read_lists: one of them as an array.
        dropped: columns that are not to be looked at.

    Raises:
        DataError: `image_column` or `feature_column` is none, or as for `pictures.stacked`.
    """
    schema = files[0].schema_arrow
    columns = [name for name in schema.names if name not in dropped and is_picture(schema.field(name).type)]
    sound = [name for name in columns if _holds_pictures(files, name)]
    if not sound and options.image_column is None:  # such as hashes, beside which there may be numbers
        columns = [name for name in columns if name.lower() in _IMAGES or not _is_bytes(schema.field(name).type)]
        sound = columns[:1]
    image = _chosen(options.image_column, columns, sound, _IMAGES, "image_column", where)
    if image is None:
        return None
    wanted = [name for name in lists if name.lower() in VECTORS or "embedding" in name.lower()]
    feature = _chosen(options.feature_column, lists, wanted, (), "feature_column", where)
    rows = sum(file.metadata.num_rows for file in files)
    skip = options.broken == "skip"
    decoded = stacked(_pictures(files, image, where, skip), rows, options.image_shape, where, limits, skip=skip)
    notes, doubts = list(decoded.notes), []
    left_out = [
        LeftOut(
            f"column {shown(name)}", "another column of pictures" if name in sound else "bytes that are no pictures"
        )
        for name in columns
        if name != image
    ]
    others = [name for name in sound if name != image]
    if others and options.image_column is None:
        doubts.append(
            Doubt(f"of the columns of pictures, column {shown(image)} is read", "image_column", repr(others[0]))
        )
    if pa_list(schema.field(image).type):
        notes.append(f"column {shown(image)} holds several pictures a sample; the first is read")
    features = None
    if feature is not None:
        features = read_lists(feature)[decoded.kept]
        features = features.reshape(len(features), -1)
        if options.feature_column is None:
            notes.append(f"column {shown(feature)} is embedded, by its name; the pictures are shown")
    used = (image,) if feature is None else (image, feature)
    return Embedding(
        decoded.pixels, features, used, decoded.kept, tuple(left_out), tuple(notes), tuple(doubts), decoded.remarks
    )


def _chosen(
    asked: str | None, allowed: Sequence[str], likely: Sequence[str], order: Sequence[str], key: str, where: str
) -> str | None:
    """The column that is asked for, else the likeliest; None: there is none."""
    if asked is not None and allowed:
        if asked not in allowed:
            listed = ", ".join(map(shown, allowed[:5]))
            raise DataError(f"{where}: {key} {shown(asked)} is no such column; allowed: {listed}")
        return asked
    named = [name for wanted in order for name in likely if name.lower() == wanted]
    return next(iter([*named, *likely]), None)


def is_picture(kind: Any) -> bool:
    """Whether a column of this type may hold pictures: bytes, or {bytes, path}, or lists of these."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return any(field.name == "bytes" and _is_bytes(field.type) for field in kind)
    return _is_bytes(kind) or (pa_list(kind) and is_picture(kind.value_type))


def pa_list(kind: Any) -> bool:
    """Whether a type is one of lists."""
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _is_bytes(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _holds_pictures(files: Sequence[Any], name: str) -> bool:
    """Whether the first bytes of a column are those of a picture, and not of a sound."""
    first = next((content for _, content in _pictures(files[:1], name, "", True) if content), b"")
    return kind_of(first[:START]) is not None


def _pictures(files: Sequence[Any], name: str, where: str, skip: bool) -> Iterator[tuple[str, bytes]]:
    """The bytes of each row's picture, and the row for messages; a path beside them is never opened.

    Raises:
        DataError: a row without bytes, unless such are left out.
    """
    row = 0
    for file in files:
        for batch in file.iter_batches(_PICTURES, columns=[name], use_threads=False):
            for value in batch.column(0).to_pylist():
                content = _first_bytes(value)
                if not content and not skip:
                    raise DataError(
                        f"{where}: row {row} has no picture's bytes in {shown(name)}; a path is never opened: store "
                        'the bytes, or go on without such rows: broken = "skip" in a config, or --broken skip'
                    )
                yield f"row {row}", content
                row += 1


def _first_bytes(value: Any) -> bytes:
    if isinstance(value, list):
        return _first_bytes(value[0]) if value else b""
    content = value["bytes"] if isinstance(value, Mapping) else value
    return content or b""
