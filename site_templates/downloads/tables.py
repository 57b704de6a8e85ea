"""Which files of the download folder hold the tables: a Parquet file each, or parts of one, and a CSV for each kind.

Hosts refuse files and sites above a size (`budget`). A table too large for one file is cut into parts, by rows; a CSV
too large, or of more values than a spreadsheet holds, is left out, for the Parquet files have the same; and where all
of it would take more than half of what a site may have, the largest kinds are left out. All of that is said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from precompute import store
from site_templates.downloads import csv_tables
from site_templates.output.budget import FILE_LIMIT, SITE_LIMIT, size

TABLE_LIMIT = FILE_LIMIT
"""Bytes of the largest table that stays one file; parts of a larger one have at most half of it."""

FOLDER_LIMIT = SITE_LIMIT // 2
"""Bytes of all tables of a study."""


@dataclass
class TableFiles:
    """Files by path in the folder, those of each kind of table, and sentences on what is cut or left out.

    Attributes:
        files: bytes by path.
        parquet: paths by kind, in the order of the grid.
        csv: path by kind.
        notes: sentences.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    parquet: dict[str, list[str]] = field(default_factory=dict)
    csv: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def table_files(study: store.Study) -> TableFiles:
    """All tables of a study as files that hosts take."""
    downloads = TableFiles()
    for name in csv_tables.in_order(study, study.tables):
        rows = study.tables[name]
        whole = study.files.get(name) or store.encode(rows)
        parts = [whole] if len(whole) <= TABLE_LIMIT else _parts(rows, len(whole))
        paths = [f"tables/{name}.parquet"]
        if len(parts) > 1:
            paths = [f"tables/{name}-part-{at}-of-{len(parts)}.parquet" for at in range(1, len(parts) + 1)]
            downloads.notes.append(
                f"{name} is cut into {len(parts)} Parquet files, by rows: one would have {size(len(whole))}, and hosts "
                f"allow {size(TABLE_LIMIT)}."
            )
        downloads.files |= dict(zip(paths, parts, strict=True))
        downloads.parquet.setdefault(name.split("/")[0], []).extend(paths)
    texts = csv_tables.csv_tables(study)
    for kind in downloads.parquet:
        name = f"{kind}.csv.gz"
        text = texts.get(name)
        if text is None:
            downloads.notes.append(
                f"{name} is left out: more than {csv_tables.LARGEST_VALUES:,} values; the Parquet files have them."
            )
        elif len(text) > TABLE_LIMIT:
            downloads.notes.append(
                f"{name} is left out: {size(len(text))}, and hosts allow {size(TABLE_LIMIT)}; the Parquet files have "
                "the same."
            )
        else:
            downloads.csv[kind] = f"csv/{name}"
            downloads.files[f"csv/{name}"] = text
    _lighten(downloads, study.manifest.dataset.id)
    return downloads


def _parts(rows: pa.Table, whole: int) -> list[bytes]:
    """A table cut by rows into Parquet files of at most half of what one may have."""
    count = math.ceil(whole / (TABLE_LIMIT / 2))
    while True:
        each = max(1, math.ceil(rows.num_rows / count))
        parts = [store.encode(rows.slice(begin, each)) for begin in range(0, rows.num_rows, each)]
        if each == 1 or max(map(len, parts)) <= TABLE_LIMIT / 2:
            return parts
        count += 1  # rows do not all pack alike


def _lighten(downloads: TableFiles, folder: str) -> None:
    """Leave the largest out until all that is left may stay: CSV first, whose values the Parquet files have."""
    while sum(map(len, downloads.files.values())) > FOLDER_LIMIT:
        of_kind: Mapping[str, Sequence[str]] = {
            kind: [path] for kind, path in downloads.csv.items()
        } or downloads.parquet
        kind = max(of_kind, key=lambda kind: sum(len(downloads.files[path]) for path in of_kind[kind]))
        removed = sum(len(downloads.files.pop(path)) for path in of_kind[kind])
        why = f"{size(removed)}, and all tables may take {size(FOLDER_LIMIT)}"
        if downloads.csv:
            del downloads.csv[kind]
            downloads.notes.append(f"{kind}.csv.gz is left out: {why}; the Parquet files have the same.")
        else:
            del downloads.parquet[kind]
            downloads.notes = [note for note in downloads.notes if not note.startswith((f"{kind} ", f"{kind}/"))]
            downloads.notes.append(f"{kind} is left out: {why}; who built the site has it in results/{folder}.")
