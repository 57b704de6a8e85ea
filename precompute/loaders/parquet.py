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
from precompute.loaders import hub, tables
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
    """The columns that are flat or lists as a table; pictures, where there are any, are embedded."""
    import pyarrow as pa

    rows = sum(file.metadata.num_rows for file in files)
    left = {*(options.drop or ()), *(options.columns or ())}
    is_list = {name: tables.is_list(schema.field(name).type) for name in schema.names}
    embedding = hub.embedding(
        files,
        [name for name in schema.names if is_list[name] and name not in left],
        lambda name: _lists(files, name, rows, where, limits),
        options,
        where,
        limits,
    )
    flat = [name for name in schema.names if not hub.is_picture(schema.field(name).type)]
    flat = [name for name in flat if embedding is None or name not in embedding.used]
    parts = [file.read(columns=flat, use_threads=False) for file in files]
    content = pa.concat_tables(parts, promote_options="permissive") if flat else pa.table({"": pa.nulls(rows)})
    classes = {name: known for name in schema.names if (known := class_names(schema.metadata, name)) is not None}
    facts = {"index": index_names(schema.metadata), "classes": classes}
    if embedding is None:
        return tables.raw_of(tables.in_memory("Parquet", where, content, **facts), options, limits)
    if len(embedding.kept) < rows:
        content = content.take(pa.array(embedding.kept))
    table = tables.in_memory(
        "Parquet",
        where,
        content,
        **facts,
        left_out=embedding.left_out,
        doubts=embedding.doubts,
        notes=embedding.notes,
    )
    embedded = tables.Embedded(embedding.images, embedding.features)
    raw = tables.raw_of(table, replace(options, feature_column=None), limits, embedded)
    left_out = [one for one in raw.left_out if one.what != "a column without a name"]
    return replace(raw, left_out=left_out, remarks=(*embedding.remarks, *raw.remarks))


def _lists(files: Sequence[Any], name: str, rows: int, where: str, limits: Limits) -> NDArray[Any]:
    """A column of lists of one length, also of lists of lists, as one array."""
    blocks: list[NDArray[Any]] = []
    for file in files:
        for batch in file.iter_batches(_ROWS, columns=[name], use_threads=False):
            block = tables.dense(batch.column(0), name, where)
            if not blocks:
                check_amount((rows, *block.shape[1:]), where, limits)
                check_dimensions((rows, *block.shape[1:]), where, limits)
            if blocks and block.shape[1:] != blocks[0].shape[1:]:
                raise DataError(f"{where}: lists of different length in {shown(name)}; each needs as many numbers")
            blocks.append(block)
    return np.concatenate(blocks)


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
