"""Parquet: numbers in columns of their own, in a list column, or pictures as bytes, as Hugging Face stores them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from precompute.dataset import DataError
from precompute.loaders import hub, tables
from precompute.loaders.columns import VECTORS, called
from precompute.loaders.options import Options
from precompute.loaders.pictures import stacked
from precompute.loaders.raw import LIMITS, Doubt, LeftOut, Limits, Raw, check_dimensions, shown


def read_parquet(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """A Parquet file, or a folder of them that belong together (`train-00000-of-00002.parquet`).

    Pictures are a column of bytes or of {bytes, path}, whose paths are never opened; features are a column of lists of
    one length, or columns of numbers. Names of classes are taken from the file's Hugging Face part.

    Raises:
        DataError: no Parquet, damaged, too large, lists of different length, texts among the numbers.
    """
    import pyarrow as pa

    files = hub.files_of(path)
    try:
        opened = hub.opened(files, limits)
        return _read(path.name, opened, opened[0].schema_arrow, options, limits)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        text = str(error).splitlines()[0][:200]
        raise DataError(f"{path.name}: no whole Parquet file ({text}); get it again") from None


def _read(where: str, files: Sequence[Any], schema: Any, options: Options, limits: Limits) -> Raw:
    """The columns that are flat or lists as a table; pictures, where there are any, are embedded."""
    import pyarrow as pa

    dropped = {*(options.drop or ()), *(options.columns or ())}
    pictures = [name for name in schema.names if hub.is_picture(schema.field(name).type) and name not in dropped]
    doubts: list[Doubt] = []
    if options.image_column is not None:
        if options.image_column not in schema.names:
            listed = ", ".join(map(shown, schema.names[:5]))
            raise DataError(f"{where}: image_column {shown(options.image_column)} is no column; there are: {listed} …")
        picture: str | None = options.image_column
    else:
        picture = next((name for name in ("image", "img", "picture") if name in pictures), (*pictures, None)[0])
        others = [name for name in pictures if name != picture]
        if others:
            sentence = f"pictures stand in {', '.join(map(shown, pictures))}; {shown(str(picture))} is taken"
            doubts.append(Doubt(sentence, "image_column", repr(others[0])))
    flat = [name for name in schema.names if not hub.is_picture(schema.field(name).type)]
    left_out = [
        LeftOut(called(name), "further pictures") for name in schema.names if name not in flat and name != picture
    ]
    rows = sum(file.metadata.num_rows for file in files)
    parts = [file.read(columns=flat, use_threads=False) for file in files]
    content = pa.concat_tables(parts, promote_options="permissive") if flat else None
    embedded = None
    if picture is not None:
        images = stacked(hub.pictures(files, picture, where), rows, options.image_shape, where, limits)
        chosen = options.feature_column
        lists = None
        if content is not None and (chosen or any(name.lower() in VECTORS for name in flat)):
            name = chosen or next(name for name in flat if name.lower() in VECTORS)
            if name in flat and tables.is_list(schema.field(name).type):
                lists = np.concatenate([tables.dense(chunk, name, where) for chunk in content.column(name).chunks])
                check_dimensions(lists.shape, where, limits)
                content = content.drop_columns([name])
        embedded = tables.Embedded(images.pixels, lists)
    classes = {name: known for name in schema.names if (known := class_names(schema.metadata, name)) is not None}
    if content is None:
        content = pa.table({"row": pa.nulls(rows)})
    table = tables.in_memory(
        "Parquet", where, content, index=index_names(schema.metadata), classes=classes, left_out=left_out, doubts=doubts
    )
    inner = options if embedded is None else replace(options, feature_column=None)
    return tables.raw_of(table, inner, limits, embedded)


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
