"""The store: what is written is read back equal, explains itself, and is never read damaged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precompute import parameters, store
from precompute.clusterers.kmeans import K
from precompute.machine import arrow, owned_folder
from precompute.machine.files import write_atomic
from precompute.maps.tsne import PERPLEXITY
from precompute.store import Cells, Manifest, StoreError, Study


@pytest.fixture
def written(tiny_study: Study, tmp_path: Path) -> Path:
    """The tiny study, written anew."""
    store.write(tmp_path, tiny_study.manifest, tiny_study.tables, Cells(format=store.FORMAT, cells={}, failed=[]))
    return tmp_path


@pytest.mark.parametrize(("value", "slug"), [(35.0, "35"), (12.5, "12.5"), (5, "5"), (0.1, "0.1"), (100.0, "100")])
def test_numbers_are_printed_shortest(value: float, slug: str) -> None:
    assert store.number_slug(value) == slug


def test_slugs() -> None:
    assert parameters.slug("tsne", (PERPLEXITY,), {"perplexity": 35.0}) == "tsne-p35"
    assert parameters.slug("pca", (), {}) == "pca"
    assert parameters.slug("", (K,), {"k": 10.0}) == "k10"
    assert parameters.slug("ward", (K,), {"k": 10.0}) == "ward-k10"
    spread = replace(PERPLEXITY, name="min_dist", letter="d", implied=0.1)
    assert parameters.slug("umap", (spread,), {"min_dist": 0.1}) == "umap"
    assert parameters.slug("umap", (spread,), {"min_dist": 0.25}) == "umap-d0.25"
    assert store.embedding_slug("tsne-p35") == "tsne-p35"
    assert store.embedding_slug("tsne-p35", "cnn") == "cnn.tsne-p35"
    assert store.setting_slug("tsne-p35", "k10") == "tsne-p35-k10"
    assert store.setting_slug(store.FEATURES, "k10") == "features-k10"


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "../a", "a/b", "a" * 65, "é", "a.b", "a\n"])
def test_ids_that_are_no_folder_names(name: str) -> None:
    with pytest.raises(ValueError, match="allowed are at most 64 lower-case"):
        store.check_dataset_id(name)


@pytest.mark.parametrize("name", ["assets", "nul", "com1"])
def test_ids_that_are_taken(name: str) -> None:
    with pytest.raises(ValueError, match=f"the name is taken; add a word, as in 'my-{name}'"):
        store.check_dataset_id(name)


def test_reads_what_was_written(tiny_study: Study, written: Path) -> None:
    read = store.read(written)
    assert set(read.tables) == set(tiny_study.tables)
    for name, rows in tiny_study.tables.items():
        assert read.tables[name].equals(rows), name
    of_files = {"files": {}, "fingerprint": ""}
    assert msgspec.structs.replace(read.manifest, **of_files) == msgspec.structs.replace(
        tiny_study.manifest, **of_files
    )
    assert store.damaged(written, read.manifest) == []


def test_equal_studies_give_equal_bytes(
    tiny_study: Study, written: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    store.write(other, tiny_study.manifest, tiny_study.tables, Cells(format=store.FORMAT, cells={}, failed=[]))
    names = sorted(path.relative_to(written) for path in written.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file())
    for name in names:
        assert (written / name).read_bytes() == (other / name).read_bytes(), name


def test_tables_have_exactly_the_columns_of_the_contract(tiny_study: Study) -> None:
    for name, rows in tiny_study.tables.items():
        if name == "features":
            assert rows.schema.names[:2] == ["sample", "pc_001"]
            continue
        if name == "projection":
            assert rows.schema.names[:4] == ["dimension", "mean", "scale", "pc_001"]
            continue
        assert rows.schema.equals(store.schema(name.split("/")[0], tiny_study.manifest)), name


def test_every_column_says_what_it_means(written: Path) -> None:
    for path in written.rglob("*.parquet"):
        for field in pq.read_schema(path):
            assert field.metadata and field.metadata.get(b"meaning"), f"{path.name}: {field.name}"


def test_files_are_zstd_with_page_checksums(written: Path) -> None:
    metadata = pq.read_metadata(written / "metrics.parquet")
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    assert arrow.table(written / "metrics.parquet").num_rows == metadata.num_rows


def test_json_is_strict_and_sorted(written: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    for name in (store.MANIFEST, store.CELLS):
        text = (written / name).read_text(encoding="utf-8")
        content = json.loads(text, parse_constant=refuse)
        assert list(content) == sorted(content)
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.to_json({"value": float("nan")})


@pytest.mark.parametrize("harm", ["flip", "truncate", "empty", "swap", "remove"])
def test_damage_is_found_and_named(written: Path, harm: str) -> None:
    path = written / "metrics.parquet"
    data = bytearray(path.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 1
    elif harm == "truncate":
        del data[-10:]
    elif harm == "empty":
        data.clear()
    elif harm == "swap":
        data = bytearray((written / "variance.parquet").read_bytes())
    path.write_bytes(data)
    if harm == "remove":
        path.unlink()
    with pytest.raises(StoreError, match=r"metrics\.parquet: (damaged|missing).*run build\.py to recompute"):
        store.read(written)
    assert store.damaged(written, store.read_manifest(written)) == ["metrics.parquet"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"format": 3}', "format 3; this version reads format 2"),
        ('{"format": 1}', "format 1; this version reads format 2"),
        ('{"format": 2}', "damaged"),
        ("{", "damaged"),
        ("[]", "format None"),
        ("", "damaged"),
    ],
)
def test_manifests_that_cannot_be_read(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / store.MANIFEST).write_text(content)
    with pytest.raises(StoreError, match=message):
        store.read_manifest(tmp_path)


def test_unknown_fields_are_refused(written: Path) -> None:
    path = written / store.MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), "extra": 1}))
    with pytest.raises(StoreError, match="unknown field `extra`"):
        store.read_manifest(written)


def test_no_results_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there are no results here; run build.py"):
        store.read_manifest(tmp_path)


def test_damaged_cells_count_as_none(tmp_path: Path) -> None:
    assert store.read_cells(tmp_path) is None
    (tmp_path / store.CELLS).write_text("{")
    assert store.read_cells(tmp_path) is None
    (tmp_path / store.CELLS).write_text('{"format": 0, "cells": {}, "failed": []}')
    assert store.read_cells(tmp_path) is None


def test_tables_of_earlier_grids_go_and_strangers_stay(tiny_study: Study, tmp_path: Path) -> None:
    """Also a stranger among the store's own, with a name as the store would give it."""
    folder, nothing = tmp_path / "tiny", Cells(format=store.FORMAT, cells={}, failed=[])
    wider = {**tiny_study.tables, "embeddings/tsne-p99": tiny_study.embedding("tsne-p5")}
    store.write(folder, tiny_study.manifest, wider, nothing)
    strangers = [folder / "notes.txt", folder / "embeddings" / "mine.parquet", folder / "clusters" / "tsne-p98.parquet"]
    for path in strangers:
        path.write_text("mine")
    written = store.write(folder, tiny_study.manifest, tiny_study.tables, nothing)
    assert not (folder / "embeddings" / "tsne-p99.parquet").exists()
    store.remove_stale(folder, written.files)
    assert [path.read_text() for path in strangers] == ["mine"] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_a_table_whose_build_was_killed_before_the_manifest_named_it_goes_too(
    tiny_study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, nothing = tmp_path / "tiny", Cells(format=store.FORMAT, cells={}, failed=[])
    sound = store.write(folder, tiny_study.manifest, tiny_study.tables, nothing)
    wider = {**tiny_study.tables, "embeddings/tsne-p99": tiny_study.embedding("tsne-p5")}

    def die(path: Path, data: bytes) -> None:
        if path.name == store.CELLS:
            raise KeyboardInterrupt
        write_atomic(path, data)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(owned_folder, "write_atomic", die)
        store.write(folder, tiny_study.manifest, wider, replace_cells(nothing))
    assert (folder / "embeddings" / "tsne-p99.parquet").exists()
    assert store.read_manifest(folder) == sound
    store.remove_stale(folder, sound.files)  # as a build with nothing to do does
    assert not (folder / "embeddings" / "tsne-p99.parquet").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def replace_cells(cells: Cells) -> Cells:
    """Cells of another build, so that their file is written."""
    return msgspec.structs.replace(cells, failed=[store.Failure(cell="a", reason="b")])


def test_manifest_names_no_time_and_no_path(written: Path) -> None:
    text = (written / store.MANIFEST).read_text()
    assert str(Path.cwd()) not in text
    assert str(Path.home()) + "/" not in text


def test_table_refuses_wrong_types(tiny_study: Study) -> None:
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError, ValueError)):
        store.table(
            store.schema("variance", tiny_study.manifest), {"component": ["one"], "ratio": [0.5], "cumulative": [0.5]}
        )


def test_keys_are_real_columns_of_the_declared_types(tiny_study: Study) -> None:
    rows = tiny_study.clusters("features")
    assert rows.schema.field("k").type == pa.int32()
    assert rows.column("method").null_count == rows.column("perplexity").null_count == rows.num_rows
    assert rows.column("setting")[0].as_py() == "features-k3"
    assert set(rows.column("clusterer").to_pylist()) == {"kmeans"}
    on_map = tiny_study.embedding("tsne-p12.5")
    assert on_map.schema.names == ["embedding", "representation", "method", "perplexity", "sample", "x", "y"]
    assert set(on_map.column("perplexity").to_pylist()) == {12.5}
    assert np.unique(rows.column("space").to_numpy(zero_copy_only=False)).tolist() == ["features"]


def test_axis_by_name(tiny_study: Study) -> None:
    manifest: Manifest = tiny_study.manifest
    assert manifest.axis("k")
    assert manifest.axis("severity") == []


@pytest.mark.parametrize("text", ["a\ud800b", "\udfff"])
def test_half_a_character_is_refused_before_anything_is_written(tiny_study: Study, tmp_path: Path, text: str) -> None:
    info = msgspec.structs.replace(tiny_study.manifest.dataset, title=text)
    manifest = msgspec.structs.replace(tiny_study.manifest, dataset=info)
    with pytest.raises(StoreError, match=r"manifest\.dataset\.title: '.*' holds half a character .*no file can hold"):
        store.write(tmp_path / "new", manifest, tiny_study.tables, Cells(format=store.FORMAT, cells={}, failed=[]))
    assert not (tmp_path / "new").exists()


def test_a_manifest_that_was_changed_is_damaged(written: Path) -> None:
    """Any byte of it, also where the result would still be a manifest."""
    path = written / store.MANIFEST
    data = path.read_bytes()
    for at in range(0, len(data), 97):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(StoreError, match="run build.py to recompute"):
            store.read_manifest(written)
