"""Parquet: numbers in columns of their own, in a list column, or pictures as bytes, as Hugging Face stores them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute import arrow
from precompute.dataset import DataError
from precompute.loaders.columns import roles, square, without_index
from precompute.loaders.pictures import stacked
from precompute.loaders.raw import LIMITS, Limits, Options, Raw, check_amount, check_dimensions, shown

_ROWS = 1024
_PICTURES = 16
"""Rows decoded at once; few where each may be a large picture that a dictionary holds only once."""
_POINTER = b"version https://git-lfs"
_SHARD = re.compile(r"(.+?)-\d+-of-\d+$")


def is_shards(path: Path) -> bool:
    """Whether it is a folder that holds Parquet files, or a repository of Hugging Face whose folders do."""
    return path.is_dir() and bool(_folders(path))


def _folders(path: Path) -> list[Path]:
    """Where a folder's Parquet files lie: in itself, or in its own folders if all of them hold some."""
    entries = sorted(path.iterdir())
    if any(each.suffix == ".parquet" for each in entries):
        return [path]
    inside = [each for each in entries if each.is_dir() and not each.is_symlink() and not each.name.startswith(".")]
    return inside if all(any(one.suffix == ".parquet" for one in each.iterdir()) for each in inside) else []


def read_parquet(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """A Parquet file, or a folder of them that belong together (`train-00000-of-00002.parquet`).

    Pictures are a column of bytes or of {bytes, path}, whose paths are never opened; features are a column of lists of
    one length, or columns of numbers. Names of classes are taken from the file's Hugging Face part.

    Raises:
        DataError: no Parquet, damaged, too large, lists of different length, texts among the numbers.
    """
    import pyarrow as pa

    files = _shards(path) if path.is_dir() else [path]
    for each in files:
        with each.open("rb") as stream:
            if stream.read(len(_POINTER)) == _POINTER:
                raise DataError(f"{each.name}: a pointer of Git LFS in place of the data; get them with: git lfs pull")
    try:
        opened = [arrow.opened(each) for each in files]
        schema = opened[0].schema_arrow
        for file, one in zip(files, opened, strict=True):
            _check(file, one, limits)
            if not one.schema_arrow.equals(schema):
                raise DataError(f"{file.name}: other columns than {files[0].name}; name one file")
        return _read(path.name, opened, schema, options, limits)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        text = str(error).splitlines()[0][:200]
        raise DataError(f"{path.name}: no whole Parquet file ({text}); get it again") from None


def _shards(path: Path) -> list[Path]:
    folders = _folders(path)
    if len(folders) > 1:
        listed = ", ".join(each.name for each in folders[:5])
        raise DataError(f"{path.name}: several folders hold Parquet files ({listed}); name one of them")
    path = folders[0]
    files = sorted(each for each in path.iterdir() if each.suffix == ".parquet" and not each.is_symlink())
    sets = sorted({found[1] if (found := _SHARD.match(each.stem)) else each.stem for each in files})
    if len(sets) > 1:
        raise DataError(
            f"{path.name}: holds several sets ({', '.join(sets[:5])}); name one of its files, or put the files of one "
            "set into a folder of their own"
        )
    return files


def _check(path: Path, file: Any, limits: Limits) -> None:
    """Weigh a file by its own account, before any page of it is unpacked."""
    found = file.metadata
    size = path.stat().st_size
    unpacked = sum(found.row_group(at).total_byte_size for at in range(found.num_row_groups))
    check_amount((found.num_rows, 1), path.name, limits)
    values = max(
        (
            sum(found.row_group(at).column(column).num_values for at in range(found.num_row_groups))
            for column in range(found.num_columns)
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
    if found.num_columns > limits.dimensions + limits.members:
        raise DataError(f"{path.name}: {found.num_columns:,} columns; allowed are at most {limits.dimensions:,}")


def _read(where: str, files: Sequence[Any], schema: Any, options: Options, limits: Limits) -> Raw:
    import pyarrow as pa

    names, notes = without_index(schema.names, options)
    pictures = [name for name in names if _is_picture(schema.field(name).type)]
    lists = [name for name in names if _is_list(schema.field(name).type)]
    for what, several in (("pictures", pictures), ("lists of numbers", lists)):
        if len(several) > 1:
            raise DataError(f"{where}: {what} in {', '.join(map(shown, several))}; keep one of them")
    flat = [name for name in names if name not in pictures + lists]
    texts = [_is_text(schema.field(name).type) for name in flat]
    others = [name for name, text in zip(flat, texts, strict=True) if not (text or _is_number(schema.field(name).type))]
    if others:
        raise DataError(f"{where}: column {shown(others[0])} holds {schema.field(others[0]).type}; needed: numbers")
    place = [pictures[0] if pictures else lists[0]] if pictures or lists else []
    if place:
        # what is embedded is there, so a column of numbers or texts beside it need not be anything
        kept, passed = _beside(flat, options)
        notes += [f"columns left out: {', '.join(map(shown, passed[:5]))}"] if passed else []
        flat, texts = kept, [_is_text(schema.field(name).type) for name in kept]
        flat, texts = [*flat, place[0]], [*texts, False]
    found = roles(flat, texts, options, where)
    label = flat[found.label] if found.label is not None else None
    own = flat[found.id] if found.id is not None else None
    rows = sum(file.metadata.num_rows for file in files)
    images = features = None
    if pictures:
        images = stacked(_pictures(files, pictures[0], where), rows, options.image_shape, where, limits)
    if lists:
        features = _lists(files, lists[0], rows, where, limits)
    elif not pictures:
        features = _flat(files, [flat[at] for at in found.values], rows, where, limits)
    if features is not None and features.ndim > 2 and images is None:
        images, features = features, None
    side = None if lists or pictures else square([flat[at] for at in found.values])
    if side is not None and options.image_shape is None and features is not None:
        images, features = features.reshape(rows, *side), None
    return Raw(
        "Parquet",
        images=images,
        features=features,
        labels=_column(files, label) if label is not None else None,
        names=_class_names(schema.metadata, label),
        ids=[str(each) for each in _column(files, own, pa.string()).tolist()] if own is not None else None,
        notes=(*found.notes, *notes),
    )


def _beside(flat: Sequence[str], options: Options) -> tuple[list[str], list[str]]:
    """Columns that are label or id, and those that are nothing."""
    from precompute.loaders.columns import IDS, LABELS

    def wanted(name: str) -> bool:
        asked = (options.label_column, options.id_column)
        return name in asked or name.lower() in (*LABELS, *IDS)

    numbered = any(isinstance(each, int) for each in (options.label_column, options.id_column))
    kept = [name for name in flat if numbered or wanted(name)]
    return kept, [name for name in flat if name not in kept]


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)):
        return False
    return _is_number(kind.value_type) or _is_list(kind.value_type)


def _is_picture(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return any(field.name == "bytes" and _is_bytes(field.type) for field in kind)
    return _is_bytes(kind)


def _is_bytes(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _pictures(files: Sequence[Any], name: str, where: str) -> Iterator[tuple[str, bytes]]:
    row = 0
    for file in files:
        for batch in file.iter_batches(_PICTURES, columns=[name], use_threads=False):
            for value in batch.column(0).to_pylist():
                found = value["bytes"] if isinstance(value, Mapping) else value
                if not found:
                    raise DataError(
                        f"{where}: row {row} has no picture's bytes in {shown(name)}; a path is never opened: store "
                        "the bytes, or bring the folder of pictures"
                    )
                yield f"row {row}", found
                row += 1


def _lists(files: Sequence[Any], name: str, rows: int, where: str, limits: Limits) -> NDArray[Any]:
    """A column of lists of one length, also of lists of lists, as one array."""
    found: list[NDArray[Any]] = []
    for file in files:
        for batch in file.iter_batches(_ROWS, columns=[name], use_threads=False):
            block = _dense(batch.column(0), name, where)
            if not found:
                check_amount((rows, *block.shape[1:]), where, limits)
                check_dimensions((rows, *block.shape[1:]), where, limits)
            if found and block.shape[1:] != found[0].shape[1:]:
                raise DataError(f"{where}: lists of different length in {shown(name)}; each needs as many numbers")
            found.append(block)
    return np.concatenate(found)


def _dense(column: Any, name: str, where: str) -> NDArray[Any]:
    import pyarrow as pa

    shape = [len(column)]
    while _is_list(column.type):
        if column.null_count:
            raise DataError(f"{where}: a list is missing in {shown(name)}; repair or drop the row")
        if pa.types.is_fixed_size_list(column.type):
            lengths = {column.type.list_size}
        else:
            offsets = np.diff(column.offsets.to_numpy())
            lengths = set(offsets.tolist())
        if len(lengths) != 1:
            raise DataError(f"{where}: lists of different length in {shown(name)}; each needs as many numbers")
        shape.append(int(lengths.pop()))
        column = column.flatten()
    if column.null_count:
        raise DataError(f"{where}: a number is missing in {shown(name)}; repair or drop the row")
    dense: NDArray[Any] = column.to_numpy(zero_copy_only=False).reshape(shape)
    return dense


def _flat(files: Sequence[Any], names: Sequence[str], rows: int, where: str, limits: Limits) -> NDArray[Any]:
    check_amount((rows, len(names)), where, limits)
    check_dimensions((rows, len(names)), where, limits)
    found = []
    for file in files:
        for batch in file.iter_batches(_ROWS * 16, columns=list(names), use_threads=False):
            columns = [batch.column(name) for name in names]
            for name, column in zip(names, columns, strict=True):
                if column.null_count:
                    raise DataError(f"{where}: a number is missing in {shown(name)}; repair or drop the row")
            found.append(np.stack([column.to_numpy(zero_copy_only=False) for column in columns], axis=1))
    return np.concatenate(found)


def _column(files: Sequence[Any], name: str, kind: Any = None) -> NDArray[Any]:
    """One column over all files, missing values as None."""
    found: list[Any] = []
    for file in files:
        column = file.read(columns=[name], use_threads=False).column(0)
        found += (column if kind is None else column.cast(kind)).to_pylist()
    return np.array(found, dtype=object)


def _class_names(metadata: Mapping[bytes, bytes] | None, label: str | None) -> tuple[str, ...] | None:
    """Names of the classes as `datasets` writes them beside the schema; None where they are not, or not well-formed."""
    try:
        info = json.loads((metadata or {})[b"huggingface"])["info"]["features"][label]
        names = info["names"] if info["_type"] == "ClassLabel" else None
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return tuple(names)
