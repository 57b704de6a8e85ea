"""Croissant: the download described in JSON-LD, so that data set search engines and ML libraries can read it.

Format: MLCommons, "Croissant Format Specification", version 1.1, http://mlcommons.org/croissant/1.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from precompute.machine.files import sha256
from precompute.store import DatasetInfo, Study
from site_templates import words
from site_templates.downloads import csv_tables
from site_templates.downloads.dictionary import Table

VERSION = "http://mlcommons.org/croissant/1.1"

CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The specification's own context (its appendix 1)."""

_FORMATS = {".parquet": "application/x-parquet", ".csv.gz": "text/csv", ".json": "application/json"}


def croissant(
    study: Study, info: DatasetInfo, tables: Sequence[Table], files: Mapping[str, bytes], address: str | None, cite: str
) -> dict[str, Any]:
    """The description of a download folder.

    Record sets take the Parquet file where a kind of table is one file, else the CSV that holds all of its files, else
    the set of its Parquet files. Kinds without a file have no record set.

    Args:
        info: the data set, its texts as pages show them.
        tables: the dictionary.
        cite: a BibTeX entry.
        files: the folder's files by path.
        address: public address of the folder, ending in "/", if known; without it addresses of files are relative to
            the description.
    """
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": info.id,
        "alternateName": info.title,
        "description": f"{info.description} Every setting of a clustering study of them: {_grid(study)}, with all "
        "measures.".strip(),
        "conformsTo": VERSION,
        "version": "1.0.0",
        "citeAs": cite,
        **({"license": info.license} if info.license else {}),
        **({"isBasedOn": info.source} if info.source else {}),
        **({"url": address} if address else {}),
        "distribution": [
            *(_file(path, files[path], address or "") for path in files),
            *(_file_set(table) for table in tables if _is_set(table)),
        ],
        "recordSet": [_records(study, table) for table in tables if table.parquet],
    }


def _grid(study: Study) -> str:
    """The methods and clusterers of a study, and over what they were computed."""
    manifest = study.manifest
    used = words.used(manifest)
    return f"{used} over a grid of {words.listed([words.of_axis(axis) for axis in manifest.axes])}"


def _file(path: str, data: bytes, address: str) -> dict[str, Any]:
    ending = next(ending for ending in _FORMATS if path.endswith(ending))
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": f"{address}{path}",
        "contentSize": f"{len(data)} B",
        "encodingFormat": _FORMATS[ending],
        "sha256": sha256(data),
    }


def _is_set(table: Table) -> bool:
    """Whether only several Parquet files together hold a kind of table."""
    return len(table.parquet) > 1 and not table.csv


def _file_set(table: Table) -> dict[str, Any]:
    pattern = f"{table.name}/*" if "/" in table.parquet[0] else f"{table.name}-part-*"
    return {
        "@type": "cr:FileSet",
        "@id": f"{table.name}-files",
        "name": f"{table.name}-files",
        "encodingFormat": _FORMATS[".parquet"],
        "includes": f"tables/{pattern}.parquet",
    }


def _records(study: Study, table: Table) -> dict[str, Any]:
    schema = next(rows.schema for name, rows in study.tables.items() if name.split("/")[0] == table.name)
    if len(table.parquet) == 1:
        source = {"fileObject": {"@id": f"tables/{table.parquet[0]}"}}
    elif table.csv:
        source, schema = {"fileObject": {"@id": f"csv/{table.csv}"}}, _csv_schema(study, table, schema)
    else:
        source = {"fileSet": {"@id": f"{table.name}-files"}}
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.about,
        "field": [_field(table.name, field, source) for field in schema],
    }


def _csv_schema(study: Study, table: Table, schema: pa.Schema) -> pa.Schema:
    """What the CSV of several files has: clusters are wide there."""
    if table.name != "clusters":
        return schema
    keys = [schema.field(name) for name in csv_tables.map_keys(schema)]
    made = dict.fromkeys(csv_tables.clustering(one.slug, one.embedding) for one in study.manifest.settings)
    meaning = (schema.field("cluster").metadata or {}).get(b"meaning", b"").decode()
    return pa.schema(
        [*keys, *(pa.field(name, pa.int16(), metadata={"meaning": f"{name}: {meaning}"}) for name in made)]
    )


def _field(table: str, field: pa.Field, source: Mapping[str, Any]) -> dict[str, Any]:
    told = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    many = pa.types.is_list(field.type)
    unit = f" ({told['unit']})" if "unit" in told else ""
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{field.name}",
        "name": field.name,
        "description": f"{told.get('meaning', '')}{unit}",
        "dataType": _type(field.type.value_type if many else field.type),
        **({"isArray": True, "arrayShape": "-1"} if many else {}),
        "source": {**source, "extract": {"column": field.name}},
    }


def _type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "sc:Integer"
    if pa.types.is_floating(kind):
        return "sc:Float"
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    return "sc:Text"
