"""Parquet read in one way: by `ParquetFile`, which leaves no thread behind.

`pyarrow.parquet.read_table`, and pandas' `read_parquet` with it, go through Arrow's data sets, whose threads may still
run when the interpreter ends: then the process dies of SIGABRT after all is said ("terminate called without an active
exception"; apache/arrow#34314, #39862, #50482).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def opened(source: Path | bytes, checked: bool = False) -> Any:
    """A Parquet file, of which only the footer has been read; ask it for its content with `use_threads=False`.

    Args:
        source: where it lies, or its bytes.
        checked: whether pages that are read are held against their checksums.

    Raises:
        pyarrow.ArrowException: it is no whole Parquet file.
        OSError: it cannot be read.
    """
    import pyarrow as pa
    from pyarrow import parquet

    place = pa.BufferReader(source) if isinstance(source, bytes) else source
    # what is read ahead is read by a thread of Arrow's
    return parquet.ParquetFile(place, pre_buffer=False, page_checksum_verification=checked)


def table(source: Path | bytes) -> Any:
    """All of a Parquet file as a table, its pages held against their checksums, read by this thread alone.

    Args:
        source: where it lies, or its bytes.

    Raises:
        pyarrow.ArrowException: it is no whole Parquet file.
        OSError: it cannot be read, or a page is damaged.
    """
    with opened(source, checked=True) as file:
        return file.read(use_threads=False)


def frame(value: Any) -> Any:
    """A data frame of any library that speaks Arrow's interface as a table; pandas' index is left out.

    Args:
        value: a pandas, polars or pyarrow frame, or arrays by name.

    Raises:
        TypeError, ValueError: it has columns that Arrow has no type for, or of different length.
    """
    import pyarrow as pa

    if hasattr(value, "iloc"):
        return pa.Table.from_pandas(value, preserve_index=False)
    table = pa.table(value)
    # polars' texts are views, which few of Arrow's functions take
    views = [field for field in table.schema if pa.types.is_string_view(field.type)]
    for field in views:
        at = table.schema.get_field_index(field.name)
        table = table.set_column(at, field.name, table.column(at).cast(pa.string()))
    return table


def flat(column: Any) -> Any:
    """A table's column as one array, categories as what they stand for."""
    import pyarrow as pa

    array = column.combine_chunks()
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def write(table: Any, path: Path) -> None:
    """Write a table as a Parquet file, which is read again at once: nothing is packed."""
    from pyarrow import parquet

    parquet.write_table(table, path, compression="none", use_dictionary=False)
