"""Tables as CSV."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import duckdb
import msgspec
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pytest

from precompute.loaders import delimited
from precompute.loaders.options import Options
from precompute.store import Study
from site_templates.downloads import csv_tables


@pytest.fixture(scope="module")
def frames(tiny_study: Study) -> dict[str, pd.DataFrame]:
    """The tiny study's CSV files, read back by pandas."""
    return {
        name.removesuffix(".csv.gz"): pa.csv.read_csv(io.BytesIO(gzip.decompress(data))).to_pandas()
        for name, data in csv_tables.csv_tables(tiny_study).items()
    }


def test_flat_tables_come_back_as_they_are(tiny_study: Study) -> None:
    files = csv_tables.csv_tables(tiny_study)
    for kind in ("metrics", "cluster_stats", "variance", "neighbors", "features"):
        table = tiny_study.tables[kind]
        types = pa.csv.ConvertOptions(
            column_types={one.name: pa.string() if pa.types.is_list(one.type) else one.type for one in table.schema},
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )  # fmt: skip
        read = pa.csv.read_csv(io.BytesIO(gzip.decompress(files[f"{kind}.csv.gz"])), convert_options=types)
        for name in table.column_names:
            expected = table.column(name)
            if pa.types.is_list(expected.type):  # numbers with spaces, an apostrophe before a minus
                numbers = [np.array(text.lstrip("'").split(), np.float32) for text in read.column(name).to_pylist()]
                assert [one.tolist() for one in numbers] == expected.to_pylist(), (kind, name)
                continue
            assert read.column(name).to_pylist() == expected.to_pylist(), (kind, name)


def test_all_maps_are_in_one_file_in_the_order_of_the_grid(tiny_study: Study, frames: dict[str, pd.DataFrame]) -> None:
    rows = frames["embeddings"]
    assert rows.drop_duplicates(["method", "perplexity"])["perplexity"].tolist()[1:] == [5.0, 12.5, 30.0]
    part = rows[rows.perplexity == 12.5]
    expected = tiny_study.embedding("tsne-p12.5")
    assert part.x.to_numpy(np.float32).tolist() == expected.column("x").to_pylist()


def test_clusters_have_one_column_for_each_k(tiny_study: Study, frames: dict[str, pd.DataFrame]) -> None:
    rows = frames["clusters"]
    assert list(rows.columns) == [
        "embedding", "representation", "method", "perplexity", "space", "sample", "k3", "k4", "k10"
    ]  # fmt: skip
    assert len(rows) == 4 * 200
    long = tiny_study.clusters("tsne-p30").to_pandas()
    for k in (3, 4, 10):
        expected = long[long.k == k].sort_values("sample").cluster.tolist()
        assert rows[rows.perplexity == 30][f"k{k}"].tolist() == expected
    features = tiny_study.clusters("features").to_pandas()
    part = rows[rows.space == "features"]
    assert part.perplexity.isna().all()
    assert part.k4.tolist() == features[features.k == 4].sort_values("sample").cluster.tolist()


def test_samples_carry_label_names_and_pixels(tiny_study: Study, frames: dict[str, pd.DataFrame]) -> None:
    rows = frames["samples"]
    assert rows.label_name.astype(str).tolist() == rows.label.astype(str).tolist()  # digits are named by themselves
    pixels = tiny_study.tables["samples"].column("pixels")[7].as_py()
    assert rows.filter(like="pixel_").iloc[7].tolist() == pixels


def test_many_pictures_are_left_out(tiny_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_tables, "LARGEST_PICTURES", 199)
    head = gzip.decompress(csv_tables.csv_tables(tiny_study)["samples.csv.gz"]).split(b"\n")[0]
    assert head == b'\xef\xbb\xbf"sample","id","label","label_name"'


def test_letters_of_any_language_survive_excel_and_all_readers(tmp_path: Path) -> None:
    path = tmp_path / "texts.csv.gz"
    path.write_bytes(csv_tables.gzipped(csv_tables.csv(pa.table({"label": ["Käse", "猫"], "n": [1, 2]}))))
    assert gzip.decompress(path.read_bytes()).startswith(b"\xef\xbb\xbf"), "Excel takes the rest for UTF-8"
    assert pd.read_csv(path).to_dict("list") == {"label": ["Käse", "猫"], "n": [1, 2]}
    assert pl.read_csv(path).to_dict(as_series=False) == {"label": ["Käse", "猫"], "n": [1, 2]}
    assert duckdb.execute(f"SELECT label, n FROM '{path}'").fetchall() == [("Käse", 1), ("猫", 2)]
    assert pa.csv.read_csv(path).column_names == ["label", "n"]
    rows = pa.table({"label": ["Käse", "猫"] * 10, "n": [at * at for at in range(20)], "m": [1, 5, 2, 3] * 5})
    path.write_bytes(csv_tables.gzipped(csv_tables.csv(rows)))
    raw = delimited.read_csv(path, Options())
    assert raw.labels is not None
    assert raw.labels.tolist() == ["Käse", "猫"] * 10


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_starts_a_formula_is_made_safe(start: str) -> None:
    table = pa.table(
        {"id": [f'{start}HYPERLINK("http://evil")', "plain", None, f"a{start}b"], "value": [-1.5, 2.0, 3.0, -4.0]}
    )
    read = pd.read_csv(io.BytesIO(csv_tables.csv(table)), keep_default_na=False, lineterminator="\n")
    assert read.id.tolist() == [f'\'{start}HYPERLINK("http://evil")', "plain", "", f"a{start}b"]
    assert read.value.tolist() == [-1.5, 2.0, 3.0, -4.0]


def test_lists_are_numbers_with_spaces_and_safe() -> None:
    table = pa.table({"counts": pa.array([[3, 1], [], None, [-2, 5]], pa.list_(pa.int16()))})
    assert csv_tables.csv(table).decode("utf-8-sig").split("\n") == ['"counts"', '"3 1"', '""', "", '"\'-2 5"', ""]


def test_label_names_are_made_safe(tiny_study: Study) -> None:
    info = msgspec.structs.replace(tiny_study.manifest.dataset, labels=["=1+1", *"123456789"])
    study = Study(msgspec.structs.replace(tiny_study.manifest, dataset=info), tiny_study.tables)
    text = gzip.decompress(csv_tables.csv_tables(study)["samples.csv.gz"])
    assert b'"\'=1+1"' in text
    assert b'"=1+1"' not in text


def test_gzip_holds_no_time_no_name_and_no_system() -> None:
    packed = csv_tables.gzipped(b"a,b\n" * 100)
    assert packed[3] == 0  # no name, no comment
    assert packed[4:8] == b"\0\0\0\0"
    assert packed[9] == 255
    assert gzip.decompress(packed) == b"a,b\n" * 100
