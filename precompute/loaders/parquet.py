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

from precompute.dataset import DataError
from precompute.loaders import hub, tables
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, LeftOut, Limits, Raw, check_dimensions, shown


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
        readers = hub.opened(files.paths, limits)
        return _read(path.name, files, readers, options, limits)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        text = str(error).splitlines()[0][:200]
        raise DataError(f"{path.name}: no whole Parquet file ({text}); get it again") from None


def _read(where: str, files: hub.Files, readers: Sequence[Any], options: Options, limits: Limits) -> Raw:
    """The columns that are flat or lists as a table; pictures, where there are any, are embedded."""
    import pyarrow as pa

    schema = readers[0].schema_arrow
    dropped = {*(options.drop or ()), *(options.columns or ())}
    flat = [name for name in schema.names if not hub.is_picture(schema.field(name).type)]
    lists = [name for name in flat if name not in dropped and tables.is_list(schema.field(name).type)]
    rows = sum(reader.metadata.num_rows for reader in readers)
    content = pa.concat_tables([reader.read(columns=flat, use_threads=False) for reader in readers])
    if not flat:
        content = pa.table({"row": pa.nulls(rows)})

    def dense(name: str) -> NDArray[Any]:
        array = np.concatenate([tables.dense(chunk, name, where) for chunk in content.column(name).chunks])
        check_dimensions(array.shape, where, limits)
        return array

    parts = hub.parts_of(files, readers)
    if parts is not None and "split" not in content.column_names:
        content = content.append_column("split", pa.array(parts))
    pictures = hub.embedding(readers, lists, dense, dropped, options, where, limits)
    classes = {name: known for name in schema.names if (known := class_names(schema.metadata, name)) is not None}
    facts = {"index": index_names(schema.metadata), "classes": classes}
    if pictures is None:
        bytes_of = [name for name in schema.names if name not in flat and name not in dropped]
        left_out = [LeftOut(f"column {shown(name)}", "bytes that are no pictures") for name in bytes_of]
        table = tables.in_memory("Parquet", where, content, notes=files.notes, left_out=left_out, **facts)
        raw = tables.raw_of(table, options, limits)
    else:
        table = tables.in_memory(
            "Parquet",
            where,
            content.take(pictures.kept).drop_columns([name for name in pictures.used if name in content.column_names]),
            left_out=pictures.left_out,
            doubts=pictures.doubts,
            notes=[*files.notes, *pictures.notes],
            **facts,
        )
        embedded = tables.Embedded(pictures.images, pictures.features)
        raw = tables.raw_of(table, replace(options, feature_column=None), limits, embedded)
        raw = replace(raw, remarks=[*pictures.remarks, *raw.remarks])
    split = next((column.values.to_pylist() for column in raw.columns if column.name == "split"), None)
    return raw if parts is None or split is None else replace(raw, splits=dict(Counter(split)))


def index_names(metadata: Mapping[bytes, bytes] | None) -> frozenset[str]:
    """Names of the columns that pandas wrote its index to."""
    try:
        names = json.loads((metadata or {})[b"pandas"])["index_columns"]
        return frozenset(name for name in names if isinstance(name, str))
    except (KeyError, TypeError, ValueError, RecursionError):
        return frozenset()


def class_names(metadata: Mapping[bytes, bytes] | None, label: str | None) -> tuple[str, ...] | None:
    """Names of the classes as `datasets` writes them beside the schema; None where they are not, or not well-formed."""
    try:
        info = json.loads((metadata or {})[b"huggingface"])["info"]["features"][label]
        names = info["names"] if info["_type"] == "ClassLabel" else None
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return tuple(names)
