"""The data dictionary: what each table and column means, read from the tables' own field metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from precompute.store import FORMAT, TABLES, Study
from site_templates.data.audit import MOST_TWINS
from site_templates.downloads import csv_tables

ABOUT: Mapping[str, str] = {
    "near_duplicates": f"The audit page has the {MOST_TWINS:,} closest.",
}
"""What is to be said of a kind of table beside what the store says of it."""

_NUMBERED = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True)
class Column:
    """A column; `name` may stand for a run of columns, "pc_001 … pc_040"."""

    name: str
    type: str
    unit: str
    meaning: str
    nullable: bool


@dataclass(frozen=True)
class Table:
    """A kind of table: its rows in all, its Parquet files by path, the name of its CSV ("": none), and its columns."""

    name: str
    about: str
    rows: int
    parquet: tuple[str, ...]
    csv: str
    columns: tuple[Column, ...]


def dictionary(study: Study) -> list[Table]:
    """One entry for each kind of table, by name; tables of one kind share their columns."""
    kinds: dict[str, list[str]] = {}
    for name in study.tables:
        kinds.setdefault(name.split("/")[0], []).append(name)
    return [
        Table(
            name=kind,
            about=" ".join(filter(None, (TABLES[kind].about, ABOUT.get(kind)))),
            rows=sum(study.tables[name].num_rows for name in names),
            parquet=tuple(f"{name}.parquet" for name in csv_tables.in_order(study, names)),
            csv=f"{kind}.csv.gz",
            columns=tuple(columns(study.tables[names[0]].schema)),
        )
        for kind, names in sorted(kinds.items())
    ]


def columns(schema: pa.Schema) -> list[Column]:
    """A schema's columns; a run of numbered ones of one type is one entry."""
    found: list[Column] = []
    runs: list[str] = []
    for field in schema:
        told = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        column = Column(field.name, str(field.type), told.get("unit", ""), told.get("meaning", ""), field.nullable)
        numbered = _NUMBERED.fullmatch(field.name)
        run = f"{numbered[1]} {field.type}" if numbered else ""
        if run and runs and runs[-1] == run:
            first = found[-1]
            start = first.name.split(" … ")[0]
            meaning = _generic(first.meaning)
            found[-1] = Column(f"{start} … {field.name}", first.type, first.unit, meaning, first.nullable)
        else:
            found.append(column)
            runs.append(run)
    return found


def _generic(meaning: str) -> str:
    return re.sub(r"\b\d+\b", "of this number", meaning)


def as_json(study: Study, tables: Sequence[Table]) -> dict[str, Any]:
    """The dictionary for programs: tables, columns, measures, label names and how the CSV is written."""
    manifest = study.manifest
    return {
        "format": FORMAT,
        "dataset": manifest.dataset.id,
        "title": manifest.dataset.title,
        "labels": None if manifest.dataset.labels is None else dict(enumerate(manifest.dataset.labels)),
        "tables": [asdict(table) for table in tables],
        "measures": [
            {
                "name": one.name,
                "label": one.label,
                "meaning": one.meaning,
                "lower": one.lower,
                "upper": one.upper,
                "better": one.better,
                "comparable_over": one.comparable_over,
            }
            for one in manifest.metrics
        ],
        "csv": list(CSV_RULES),
    }


CSV_RULES = (
    "Gzipped, UTF-8 with its mark, comma, first line holds the names; missing values are empty.",
    "A text cell that begins with =, +, -, @, a tab or a carriage return has an apostrophe before it, so that no "
    "spreadsheet runs it as a formula; numbers are numbers.",
    "clusters.csv.gz is wide: one row for each map and sample, one column for each k; margins are in the Parquet "
    "files only.",
    "A cluster of -1 is noise, a label of -1 no label; their names are empty.",
    "embeddings.csv.gz holds all maps; lists are numbers with a space between.",
    f"Pictures are one column for each value, pixel_000 …, and left out above {csv_tables.LARGEST_PICTURES:,} samples.",
)
"""How the CSV files differ from the Parquet files."""
