"""Tables as CSV, gzipped, for spreadsheets and for whoever has no Parquet reader.

They begin with the mark of UTF-8 (EF BB BF): without it Excel takes them for the letters of its own country, and Käse
becomes KÃ¤se. pandas, Polars, DuckDB and this project's own readers pass over it.

A spreadsheet runs a text cell that starts with `=` as a formula, whoever wrote it. Text cells that begin with one of
`= + - @`, a tab or a carriage return get a leading apostrophe (OWASP, "CSV Injection"); numbers stay numbers.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from precompute.store import FEATURES, Study
from site_templates.texts import FORMULA

MARK = "\ufeff"
"""How every CSV begins, for Excel to see that it is UTF-8."""

PARTS = ("embeddings", "clusters")
"""Kinds of tables of which there is one for each embedding."""

LARGEST_PICTURES = 10_000
"""Samples up to which pictures go into the CSV, one column a value."""

LARGEST_VALUES = 50_000_000
"""Values of a kind of table up to which it becomes CSV: more take minutes to write, and no spreadsheet opens them."""


def csv_tables(study: Study) -> dict[str, bytes]:
    """All tables as gzipped CSV by file name, "metrics.csv.gz".

    Tables of one kind become one file: all embeddings are in embeddings.csv.gz. Clusters are wide, one column for each
    k, and without the margins. Lists are numbers with a space between; pictures have one column for each value, and
    are left out above `LARGEST_PICTURES` samples. A kind of more than `LARGEST_VALUES` values is left out.
    """
    kinds: dict[str, list[pa.Table]] = {}
    for name in in_order(study, study.tables):
        kinds.setdefault(name.split("/")[0], []).append(study.tables[name])
    found = {}
    for kind, tables in kinds.items():
        if sum(_values(kind, one) for one in tables) > LARGEST_VALUES:
            continue
        rows = pa.concat_tables(
            [wide(one) for one in tables] if kind == "clusters" else tables, promote_options="default"
        )
        if kind == "samples":
            rows = _samples(rows, study.manifest.dataset.labels)
        found[f"{kind}.csv.gz"] = gzipped(csv(rows))
    return found


def _values(kind: str, rows: pa.Table) -> int:
    """About how many values a table's CSV has: clusters are wide there, lists are as many values as they hold."""
    if kind == "clusters":
        settings = len(pc.unique(rows.column("setting"))) or 1
        return int(rows.num_rows // settings * (len(map_keys(rows.schema)) + settings))
    lists = [column for column in rows.columns if pa.types.is_list(column.type)]
    if kind == "samples":
        lists = []  # pictures have a limit of their own
    return int(rows.num_rows * rows.num_columns + sum(len(pc.list_flatten(column)) for column in lists))


def in_order(study: Study, names: Iterable[str]) -> list[str]:
    """Names of tables, those of one kind in the order of the manifest's embeddings, which is that of the grid."""
    order = {f"{part}/{info.slug}": at for at, info in enumerate(study.manifest.embeddings) for part in PARTS}
    return sorted(names, key=lambda name: (name.split("/")[0], order.get(name, -1), name))


def csv(rows: pa.Table) -> bytes:
    """A table as CSV: UTF-8 with its mark, a head, LF; missing values are empty, text is safe for spreadsheets."""
    columns = {name: _cells(rows.column(name)) for name in rows.column_names}
    sink = io.BytesIO()
    sink.write(MARK.encode())
    pa.csv.write_csv(pa.table(columns), sink)
    return sink.getvalue()


def gzipped(data: bytes) -> bytes:
    """The data as gzip without a name, a time or the name of a system, so that equal data give equal bytes."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = bytearray(pack.compress(data) + pack.flush())
    packed[9] = 255  # operating system: unknown
    return bytes(packed)


def wide(rows: pa.Table) -> pa.Table:
    """Clusters with one row a sample and one column for each clustering, "k3" …, in place of a row for each of both.

    Args:
        rows: a table of the kind "clusters", of one map or of the features.
    """
    by_sample = [("sample", "ascending")]
    columns: dict[str, Any] = {}
    for slug in pc.unique(rows.column("setting")).to_pylist():
        part = rows.filter(pc.equal(rows.column("setting"), slug)).sort_by(by_sample)
        columns = columns or {name: part.column(name) for name in map_keys(rows.schema)}
        columns[clustering(slug, part.column("embedding")[0].as_py())] = part.column("cluster")
    return pa.table(columns)


def map_keys(schema: pa.Schema) -> list[str]:
    """Columns of the kind "clusters" that say which map and sample a row is about."""
    names = list(schema.names)
    return [*names[names.index("embedding") : names.index("clusterer")], "sample"]


def clustering(setting: str, embedding: str | None) -> str:
    """The clusterer with its values, as in "k10": what a setting's slug adds to that of what was clustered."""
    return setting.removeprefix(f"{embedding or FEATURES}-")


def _samples(rows: pa.Table, labels: Sequence[str] | None) -> pa.Table:
    """Samples with the name of each label, and pictures spread over columns."""
    columns: dict[str, Any] = {}
    for name in rows.column_names:
        if name == "pixels":
            columns |= _pixels(rows)
            continue
        columns[name] = rows.column(name)
        if name == "label" and labels is not None:
            codes = rows.column(name).combine_chunks()
            known = pc.if_else(pc.greater_equal(codes, 0), codes, None)  # −1 is that of no label
            columns["label_name"] = pc.take(pa.array(labels, pa.string()), known)
    return pa.table(columns)


def _pixels(rows: pa.Table) -> Mapping[str, Any]:
    pixels = rows.column("pixels").combine_chunks()
    if pixels.null_count or rows.num_rows == 0 or rows.num_rows > LARGEST_PICTURES:
        return {}
    values = pixels.flatten().to_numpy(zero_copy_only=False).reshape(rows.num_rows, -1)
    return {f"pixel_{at:03d}": pa.array(values[:, at]) for at in range(values.shape[1])}


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_list(kind):
        written = "{:.9g}".format if pa.types.is_float32(kind.value_type) else str
        texts = [None if cell is None else " ".join(written(value) for value in cell) for cell in column.to_pylist()]
        return _cells(pa.chunked_array([pa.array(texts, pa.string())]))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        risky = pc.match_substring_regex(column, FORMULA)
        return pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)
    return column
