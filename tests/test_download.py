"""The download folder: tables as they are, dictionary, Croissant, citation."""

from __future__ import annotations

import json
from importlib.metadata import version

import pyarrow as pa
import pytest

from precompute import store
from precompute.machine import arrow
from precompute.machine.files import sha256
from precompute.store import Study
from site_templates.downloads import citation, csv_tables
from site_templates.downloads import tables as downloads_tables
from site_templates.downloads.dictionary import columns, dictionary
from site_templates.output.assets import load_assets
from site_templates.output.budget import size
from site_templates.pages import download, render
from site_templates.study import PageContent, StudySite
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
    assert set(entries) == set(store.TABLES) == {name.split("/")[0] for name in tiny_study.tables}
    described = {record["@id"] for record in json.loads(content.files["croissant.json"])["recordSet"]}
    assert described == set(store.TABLES), "each kind of table stands in Croissant"
    assert {f"csv/{kind}.csv.gz" for kind in store.TABLES} <= set(content.files), "and as CSV"
    for kind, table in entries.items():
        assert table.about, kind
        assert all(column.meaning for column in table.columns), kind
        schema = tiny_study.tables[table.parquet[0].removesuffix(".parquet")].schema
        if kind not in ("features", "projection"):
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
    heads = {name: _head(data) for name, data in csv_tables.csv_tables(tiny_study).items()}
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

    return [name.strip('"') for name in gzip.decompress(data).decode("utf-8-sig").split("\n")[0].split(",")]


def test_without_an_address_files_are_named_relative_to_the_description(tiny_study: Study) -> None:
    content = download.page(StudySite(StudyView(tiny_study.manifest, tiny_study), None))
    described = json.loads(content.files["croissant.json"])
    assert all(one["contentUrl"] in content.files for one in described["distribution"])
    assert "url" not in described
    assert b"url:" not in content.files["CITATION.cff"]


def _small(tiny_study: Study) -> PageContent:
    return download.page(StudySite(StudyView(tiny_study.manifest, tiny_study), None))


def test_tables_too_large_for_a_host_are_cut_into_parts_and_said(
    tiny_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {name: len(tiny_study.files[name]) for name in tiny_study.tables}
    limit = max(whole["features"], whole["samples"]) - 1
    monkeypatch.setattr(downloads_tables, "TABLE_LIMIT", limit)
    content = _small(tiny_study)
    tables = {name: data for name, data in content.files.items() if name.startswith(("tables/", "csv/"))}
    assert all(len(data) <= limit for data in tables.values())
    cut = {name for name in whole if whole[name] > limit}
    assert cut
    for name in cut:
        parts = [data for path, data in tables.items() if path.startswith(f"tables/{name}-part-")]
        assert len(parts) > 1
        assert f"tables/{name}-part-1-of-{len(parts)}.parquet" in tables
        assert f"tables/{name}.parquet" not in tables
        read = pa.concat_tables([arrow.table(part) for part in parts])
        assert read.equals(tiny_study.tables[name])
        assert any(f"{name} is cut into {len(parts)} Parquet files" in note for note in content.notes)
    entries = {entry.table.name: entry for entry in content.variables["entries"]}
    named = {file.href for entry in entries.values() for file in (*entry.parquet, *([entry.csv] if entry.csv else []))}
    assert named == set(tables)
    machine = {table["name"]: table for table in json.loads(content.files["dictionary.json"])["tables"]}
    for kind, table in machine.items():
        listed = {f"tables/{name}" for name in table["parquet"]} | ({f"csv/{table['csv']}"} if table["csv"] else set())
        assert listed == {name for name in named if name.split("/")[1].split("-part")[0].split(".")[0] == kind}


def test_csv_too_large_is_left_out_and_the_description_names_the_parquet_files(
    tiny_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_tables, "LARGEST_VALUES", 5_000)  # clusters have 5,600
    content = _small(tiny_study)
    left = {note.split(" ")[1] for note in content.notes if " is left out" in note}
    assert "clusters.csv.gz" in left and "metrics.csv.gz" not in left
    assert not {f"csv/{name}" for name in left} & set(content.files)
    described = json.loads(content.files["croissant.json"])
    sets = {one["@id"]: one["includes"] for one in described["distribution"] if one["@type"] == "cr:FileSet"}
    assert sets["clusters-files"] == "tables/clusters/*.parquet"
    record = next(one for one in described["recordSet"] if one["@id"] == "clusters")
    assert {field["source"]["fileSet"]["@id"] for field in record["field"]} == {"clusters-files"}
    assert [field["name"] for field in record["field"]] == tiny_study.clusters("features").column_names


def test_what_the_folder_cannot_hold_is_left_out_largest_first_and_said_by_page_and_build(
    tiny_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = {name: data for name, data in _small(tiny_study).files.items() if name.startswith("tables/")}
    kinds: dict[str, int] = {}
    for name, data in tables.items():
        kinds[name.split("/")[1].split(".")[0]] = kinds.get(name.split("/")[1].split(".")[0], 0) + len(data)
    largest = max(kinds, key=lambda kind: kinds[kind])
    monkeypatch.setattr(downloads_tables, "FOLDER_LIMIT", sum(kinds.values()) - kinds[largest] // 2)
    study = StudySite(StudyView(tiny_study.manifest, tiny_study), None)
    made = render.Rendered()
    path = "download/index.html"
    environment = render._environment(render.TEMPLATES)
    render._study_pages(environment, load_assets(), study, path, render.STUDY_PAGES[path], made)
    assert not any(name.startswith("tiny/download/csv/") for name in made.files)
    kept = {name.split("/")[3].split(".")[0] for name in made.files if "/tables/" in name}
    assert kept == set(kinds) - {largest}
    gone = next(note for note in made.notes if note.startswith(f"tiny: download: {largest} is left out: "))
    assert gone.endswith("who built the site has it in results/tiny.")
    page = made.files["tiny/download/index.html"].decode()
    for note in made.notes:
        assert note.removeprefix("tiny: download: ") in page
    described = json.loads(made.files["tiny/download/croissant.json"])
    assert {record["@id"] for record in described["recordSet"]} == kept


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
    lines = citation.cff(msgspec.structs.replace(tiny_study.manifest, dataset=info), None).split("\n")
    title = next(line for line in lines if line.startswith("title: "))
    assert json.loads(title.removeprefix("title: ")) == 'a}{"\\ # : %\n& $_^~: every clustering'
    assert not any("\u2028" in line for line in lines)


@pytest.mark.parametrize(
    ("count", "text"), [(7, "7 B"), (1499, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"), (8_318_869, "8.3 MB")]
)
def test_sizes_in_words(count: int, text: str) -> None:
    assert size(count) == text
