"""Parquet: numbers in columns of their own, in a list column, or pictures as bytes, as Hugging Face stores them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import Column, DataError
from precompute.loaders import hub
from precompute.loaders.columns import called, check_finite, roles, square, without_index
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, Limits, Raw, check_amount, check_dimensions, shown

_ROWS = 1024


def read_parquet(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """A Parquet file, or a folder of them that belong together (`train-00000-of-00002.parquet`).

    Pictures are a column of bytes or of {bytes, path}, whose paths are never opened; features are a column of lists of
    one length, or columns of numbers. Names of classes are taken from the file's Hugging Face part.

    Raises:
        DataError: no Parquet, damaged, too large, lists of different length, texts among the numbers.
    """
    import pyarrow as pa

    files = hub.files_of(path, options)
    try:
        opened = hub.opened(files.paths, limits)
        raw = _read(path.name, opened, opened[0].schema_arrow, options, limits)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        text = str(error).splitlines()[0][:200]
        raise DataError(f"{path.name}: no whole Parquet file ({text}); get it again") from None
    parts = hub.parts_of(files, opened)
    columns = [] if parts is None else [Column("split", pa.array(parts), "the part of the data, by file")]
    splits = {} if parts is None else dict(Counter(parts))
    return replace(raw, columns=[*raw.columns, *columns], splits=splits, notes=(*files.notes, *raw.notes))


def _read(where: str, files: Sequence[Any], schema: Any, options: Options, limits: Limits) -> Raw:
    names, notes = without_index(schema.names, options)
    pictures = [name for name in names if hub.is_picture(schema.field(name).type)]
    lists = [name for name in names if _is_list(schema.field(name).type)]
    rows = sum(file.metadata.num_rows for file in files)
    found_pictures = hub.embedding(
        files, lists, lambda name: _lists(files, name, rows, where, limits), options, where, limits
    )
    if found_pictures is None and len(lists) > 1:
        raise DataError(f"{where}: lists of numbers in {', '.join(map(shown, lists))}; keep one of them")
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
    images = features = None
    if found_pictures is not None:
        images, features = found_pictures.images, found_pictures.features
    elif lists:
        features = _lists(files, lists[0], rows, where, limits)
    else:
        features = _flat(files, [flat[at] for at in found.values], rows, where, limits)
    if features is not None and features.ndim > 2 and images is None:
        images, features = features, None
    side = None if lists or pictures else square([flat[at] for at in found.values])
    if side is not None and options.image_shape is None and features is not None:
        images, features = features.reshape(rows, *side), None
    labels, classes = _labels(files, schema, label, options)
    return Raw(
        "Parquet",
        images=images,
        features=features,
        labels=labels,
        names=classes,
        ids=_ids(files, own, where) if own is not None else None,
        ids_from="ids" if own is None else called(own),
        notes=(*found.notes, *notes, *(() if found_pictures is None else found_pictures.notes)),
        left_out=() if found_pictures is None else found_pictures.left_out,
        doubts=() if found_pictures is None else found_pictures.doubts,
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
    found: list[NDArray[Any]] = []
    before = 0
    for file in files:
        for batch in file.iter_batches(_ROWS * 16, columns=list(names), use_threads=False):
            columns = [batch.column(name) for name in names]
            for name, column in zip(names, columns, strict=True):
                if column.null_count:
                    row = before + column.is_null().index(True).as_py()
                    at = f"{where}: row {row} (from 0), {called(name)}"
                    raise DataError(f"{at}: a number is missing; repair or drop the row")
            block = np.stack([column.to_numpy(zero_copy_only=False) for column in columns], axis=1)
            check_finite(block, names, where, before)
            found.append(block)
            before += len(block)
    return np.concatenate(found)


def _labels(
    files: Sequence[Any], schema: Any, label: str | None, options: Options
) -> tuple[NDArray[Any] | None, tuple[str, ...] | None]:
    """The labels, and the names of the classes where the file gives them and their order.

    That is what Hugging Face writes beside the schema, and an ordered categorical, of which the classes that are used
    are taken.
    """
    import pyarrow as pa

    if label is None:
        return None, None
    found, names = _column(files, label), _class_names(schema.metadata, label)
    kind = schema.field(label).type
    if names is None and options.label_names is None and pa.types.is_dictionary(kind) and kind.ordered:
        used = set(found.tolist())
        columns = [file.read(columns=[label], use_threads=False).column(0) for file in files]
        chunks = [chunk for column in columns for chunk in column.chunks]
        orders = {tuple(chunk.dictionary.to_pylist()) for chunk in chunks}
        if len(orders) == 1 and None not in used and all(isinstance(each, str) for each in used):
            names = tuple(name for name in orders.pop() if name in used)
            codes = {name: code for code, name in enumerate(names)}
            found = np.array([codes[each] for each in found.tolist()], dtype=np.int64)
    return found, names


def _ids(files: Sequence[Any], name: str, where: str) -> list[str]:
    import pyarrow as pa

    found: list[Any] = _column(files, name, pa.string()).tolist()
    if None in found:
        raise DataError(
            f"{where}: row {found.index(None)} (from 0) has no id in {called(name)}; every sample needs an id of its "
            'own: give it one, or take another column (id_column), or none (id_column = "" in a config)'
        )
    return found


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
