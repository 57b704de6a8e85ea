"""The download folder of a study: its tables, charts, dictionary and citation, and the page that explains them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from precompute import store
from site_templates.charts.export_parts import ExportedChart
from site_templates.downloads import citation
from site_templates.downloads.croissant import croissant
from site_templates.downloads.dictionary import CSV_RULES, Table, as_json, dictionary
from site_templates.downloads.tables import TableFiles, table_files
from site_templates.output.budget import size
from site_templates.study import Page, PageContent, StudySite


@dataclass(frozen=True)
class File:
    """A file to download: its address relative to the page, its name and its size in words."""

    href: str
    name: str
    size: str


@dataclass(frozen=True)
class Entry:
    """A kind of table on the page: its dictionary entry, its CSV if any, its Parquet files and their size in all."""

    table: Table
    csv: File | None
    parquet: tuple[File, ...]
    size: str


@dataclass(frozen=True)
class ChartEntry:
    """A chart on the page."""

    title: str
    left_out: str
    file: File


def page(study: StudySite) -> PageContent:
    """The page's variables, and all files of the folder beside it."""
    info = study.manifest.dataset
    whole = study.view.study
    made = table_files(whole)
    files = made.files
    tables = [_with_files(table, made) for table in dictionary(whole)]
    address = f"{study.address}download/" if study.address else None
    cite = citation.bibtex(info, study.address)
    described = croissant(whole, info, tables, files, address, cite)
    charts = {f"charts/{one.name}.vl.json": _compact(one.spec) for one in study.exported}
    more = {
        "dictionary.json": store.to_json(as_json(whole, tables)),
        "croissant.json": store.to_json(described),
        "manifest.json": store.to_json(whole.manifest),
        "CITATION.cff": citation.cff(study.manifest, study.address).encode(),
        "citation.bib": cite.encode(),
    }
    every = {**files, **charts, **more}
    variables = {
        "page": Page(f"{info.title} – download", f"Tables and charts of {info.title} to download.", address),
        "title": info.title,
        "entries": [_entry(table, every) for table in tables],
        "charts": [_chart(one, every) for one in study.exported],
        "more": {name: _sized(name, every) for name in more},
        "labels": info.labels,
        "rules": CSV_RULES,
        "left_out": made.notes,
        "size": size(sum(len(data) for data in every.values())),
        "cite": cite,
        "folder": study.folder,
    }
    return PageContent(variables, every, notes=[f"download: {note}" for note in made.notes])


def _with_files(table: Table, made: TableFiles) -> Table:
    """The table with the files that are there."""
    parquet = tuple(path.removeprefix("tables/") for path in made.parquet.get(table.name, ()))
    return replace(table, parquet=parquet, csv=made.csv.get(table.name, "").removeprefix("csv/"))


def _entry(table: Table, files: Mapping[str, bytes]) -> Entry:
    parquet = tuple(_sized(f"tables/{name}", files) for name in table.parquet)
    together = sum(len(files[file.href]) for file in parquet)
    csv = _sized(f"csv/{table.csv}", files) if table.csv else None
    return Entry(table, csv, parquet, size(together))


def _chart(chart: ExportedChart, files: Mapping[str, bytes]) -> ChartEntry:
    return ChartEntry(chart.title, chart.left_out, _sized(f"charts/{chart.name}.vl.json", files))


def _sized(path: str, files: Mapping[str, bytes]) -> File:
    return File(path, path.partition("/")[2] or path, size(len(files[path])))


def _compact(spec: Mapping[str, object]) -> bytes:
    return (json.dumps(spec, allow_nan=False, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
