"""The download folder: tables as they are, dictionary, Croissant, citation."""

from __future__ import annotations

import json
from importlib.metadata import version

import pytest

from precompute.files import sha256
from precompute.store import Study
from site_templates import citation, download
from site_templates.csv_tables import csv_tables
from site_templates.dictionary import columns, dictionary
from site_templates.study_site import PageContent, StudySite
from site_templates.views import StudyView


@pytest.fixture(scope="module")
def content(tiny_study: Study) -> PageContent:
    """The page and its files, of a site whose address is known."""
    return download.page(StudySite(StudyView(tiny_study.manifest, tiny_study), "https://example.org/tiny/"))


def test_parquet_files_are_those_of_the_results(tiny_study: Study, content: PageContent) -> None:
    listed = {f"tables/{name}": info for name, info in tiny_study.manifest.files.items() if name.endswith(".parquet")}
    assert {name for name in content.files if name.startswith("tables/")} == set(listed)
    for name, info in listed.items():
        assert sha256(content.files[name]) == info.sha256, name


def test_every_file_is_named_on_the_page(content: PageContent) -> None:
    variables = content.variables
    named = {file.href for entry in variables["entries"] for file in (entry.csv, *entry.parquet)}
    named |= {chart.file.href for chart in variables["charts"]}
    named |= {file.href for file in variables["more"].values()}
    assert named == set(content.files)


def test_the_dictionary_covers_every_column_of_every_table(tiny_study: Study, content: PageContent) -> None:
    entries = {table.name: table for table in dictionary(tiny_study)}
    assert set(entries) == {name.split("/")[0] for name in tiny_study.tables}
    for kind, table in entries.items():
        assert table.about, kind
        assert all(column.meaning for column in table.columns), kind
        schema = tiny_study.tables[table.parquet[0].removesuffix(".parquet")].schema
        if kind != "features":
            assert [column.name for column in table.columns] == schema.names
    assert entries["clusters"].rows == 4 * 3 * 200
    assert entries["features"].columns[0].name == "sample"
    assert entries["features"].columns[1].name.startswith("pc_001 … pc_0")
    machine = json.loads(content.files["dictionary.json"])
    assert [table["name"] for table in machine["tables"]] == list(entries)
    assert {one["name"] for one in machine["measures"]} == {one.name for one in tiny_study.manifest.metrics}


def test_units_come_from_the_schema(tiny_study: Study) -> None:
    entropy = next(one for one in columns(tiny_study.tables["cluster_stats"].schema) if one.name == "entropy")
    assert entropy.unit == "bits"


def test_croissant_names_every_table_file_and_real_columns(tiny_study: Study, content: PageContent) -> None:
    described = json.loads(content.files["croissant.json"])
    assert described["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert described["@type"] == "sc:Dataset"
    files = {one["@id"]: one for one in described["distribution"]}
    assert set(files) == {name for name in content.files if name.startswith(("tables/", "csv/"))}
    for name, one in files.items():
        assert one["sha256"] == sha256(content.files[name])
        assert one["contentUrl"] == f"https://example.org/tiny/download/{name}"
        assert one["contentSize"] == f"{len(content.files[name])} B"
    heads = {name: _head(data) for name, data in csv_tables(tiny_study).items()}
    ids = [record["@id"] for record in described["recordSet"]]
    assert ids == sorted({name.split("/")[0] for name in tiny_study.tables})
    for record in described["recordSet"]:
        for field in record["field"]:
            assert field["@id"] == f"{record['@id']}/{field['name']}"
            source = field["source"]["fileObject"]["@id"]
            assert source in files
            if source.startswith("csv/"):
                assert field["name"] in heads[source.removeprefix("csv/")]
            else:
                table = tiny_study.tables[source.removeprefix("tables/").removesuffix(".parquet")]
                assert field["name"] in table.column_names
            assert field["dataType"] in ("sc:Integer", "sc:Float", "sc:Boolean", "sc:Text")


def _head(data: bytes) -> list[str]:
    import gzip

    return [name.strip('"') for name in gzip.decompress(data).decode().split("\n")[0].split(",")]


def test_without_an_address_files_are_named_relative_to_the_description(tiny_study: Study) -> None:
    content = download.page(StudySite(StudyView(tiny_study.manifest, tiny_study), None))
    described = json.loads(content.files["croissant.json"])
    assert all(one["contentUrl"] in content.files for one in described["distribution"])
    assert "url" not in described
    assert b"url:" not in content.files["CITATION.cff"]


def test_the_citation_names_data_program_and_address(content: PageContent, tiny_study: Study) -> None:
    info = tiny_study.manifest.dataset
    text = content.files["CITATION.cff"].decode()
    values = dict(line.split(": ", 1) for line in text.splitlines() if line[0].isalpha() and ": " in line)
    assert json.loads(values["cff-version"]) == "1.2.0"
    assert json.loads(values["title"]) == "A few digits: every clustering"
    assert json.loads(values["url"]) == "https://example.org/tiny/"
    assert info.sha256 in text
    assert f"Clusterfolio {version('clusterfolio')}" in text
    entry = content.files["citation.bib"].decode()
    assert entry.startswith("@misc{tiny-clusterings,\n")
    assert entry.count("{") == entry.count("}")


def test_texts_break_no_bibtex_and_no_yaml(tiny_study: Study) -> None:
    import msgspec

    info = msgspec.structs.replace(tiny_study.manifest.dataset, title='a}{"\\ # : %\n& $_^~', source="x\u2028y")
    entry = citation.bibtex(info, None)
    inner = entry.replace("\\{", "").replace("\\}", "")
    assert inner.count("{") == inner.count("}")
    assert "\\%" in entry
    lines = citation.cff(info, None).split("\n")
    title = next(line for line in lines if line.startswith("title: "))
    assert json.loads(title.removeprefix("title: ")) == 'a}{"\\ # : %\n& $_^~: every clustering'
    assert not any("\u2028" in line for line in lines)


@pytest.mark.parametrize(
    ("count", "text"), [(7, "7 B"), (1499, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"), (8_318_869, "8.3 MB")]
)
def test_sizes_in_words(count: int, text: str) -> None:
    assert download.size(count) == text
