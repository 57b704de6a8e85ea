"""What TensorBoard's projector reads: vectors.tsv, numbers with tabs between them, and metadata.tsv beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from precompute.dataset import DataError
from precompute.loaders import tables
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, Limits, Raw, check_amount, check_dimensions, check_size

_VECTORS = ("vectors.tsv", "tensors.tsv")
_METADATA = "metadata.tsv"


def is_projector(path: Path) -> bool:
    """Whether it is a file of vectors by its name, or a folder that holds one."""
    return _vectors(path) is not None


def _vectors(path: Path) -> Path | None:
    if path.is_dir():
        return next((path / name for name in _VECTORS if (path / name).is_file()), None)
    return path if path.is_file() and path.name.lower().endswith(_VECTORS) else None


def read_projector(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """Vectors, and of each what metadata.tsv beside them says: one text a line, or columns under a line of names.

    Raises:
        DataError: no numbers, too many, or metadata of another number of samples.
    """
    import pyarrow as pa

    vectors = _vectors(path)
    if vectors is None:
        raise DataError(f"{path.name}: no vectors.tsv")
    block = _numbers(vectors, limits)
    metadata = vectors.parent / _METADATA
    if not metadata.is_file():
        return Raw("TensorBoard's vectors (.tsv)", features=block)
    columns = _table(metadata, len(block), limits)
    content = pa.table({name: pa.array([text or None for text in texts]) for name, texts in columns.items()})
    table = tables.in_memory("TensorBoard's vectors (.tsv) with metadata.tsv", metadata.name, content)
    return tables.raw_of(table, options, limits, tables.Embedded(features=block))


def _numbers(path: Path, limits: Limits) -> Any:
    """(n, d) float64 of a file of numbers with tabs between them."""
    import pyarrow as pa
    from pyarrow import csv

    check_size(path, limits)
    with path.open("rb") as stream:
        first = stream.readline(limits.header_bytes)
    width = first.count(b"\t") + 1
    if not first.strip() or len(first) >= limits.header_bytes:
        raise DataError(f"{path.name}: its first line is empty or too long; needed: numbers with tabs between them")
    check_dimensions((1, width), path.name, limits)
    names = [str(at) for at in range(width)]
    try:
        table = csv.read_csv(
            path,
            csv.ReadOptions(column_names=names, use_threads=False),
            csv.ParseOptions(delimiter="\t", quote_char=False),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pa.float64())),
        )
    except pa.ArrowException as error:
        raise DataError(f"{path.name}: no table of numbers ({str(error).splitlines()[0][:200]})") from None
    check_amount((table.num_rows, width), path.name, limits)
    return np.stack([column.to_numpy() for column in table.columns], axis=1)


def _table(path: Path, n: int, limits: Limits) -> dict[str, list[str]]:
    """Columns by their names; a single column has no line of names."""
    if path.stat().st_size > limits.ratio_from * 4:
        raise DataError(f"{path.name}: {path.stat().st_size:,} bytes; allowed: {limits.ratio_from * 4:,}")
    lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    rows = [line.split("\t") for line in lines]
    headed = len(lines) == n + 1
    if len(lines) - headed != n:
        raise DataError(f"{path.name}: {len(lines):,} lines for {n:,} vectors; needed: one each, after a line of names")
    names = [name.strip() or f"column {at}" for at, name in enumerate(rows[0])] if headed else ["label"]
    rows = rows[headed:]
    if not headed and any(len(row) > 1 for row in rows):
        raise DataError(f"{path.name}: several columns and no line of names; needed: one, as there are {n:,} vectors")
    wrong = next((at for at, row in enumerate(rows) if len(row) != len(names)), None)
    if wrong is not None:
        raise DataError(f"{path.name}: line {wrong + 1 + headed}: {len(rows[wrong])} fields; needed: {len(names)}")
    return {name: [row[at].strip() for row in rows] for at, name in enumerate(names)}
