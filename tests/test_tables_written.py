"""Tables come back as they were written, whichever program wrote them: pandas, polars, R or Excel."""

from __future__ import annotations

import csv
import io
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precompute.loaders import registry
from precompute.loaders.options import Options

_LETTERS = st.characters(codec="utf-8", categories=["L"], max_codepoint=0x2FF)
TEXTS = st.tuples(_LETTERS, st.text(st.sampled_from(",;()-_.|é猫 9"), max_size=6)).map(
    lambda parts: unicodedata.normalize("NFC", "".join(parts).strip())
)
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 6) + 0.0)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Two to four columns of numbers that vary, and labels of two or three texts."""
    n = draw(st.integers(10, 16))
    names = draw(st.lists(TEXTS, min_size=2, max_size=4, unique_by=lambda text: text.strip().lower()))
    labels = draw(st.lists(TEXTS, min_size=2, max_size=3, unique=True))
    table = pd.DataFrame({f"{name} cm": draw(st.lists(NUMBERS, min_size=n, max_size=n, unique=True)) for name in names})
    return table.assign(label=[labels[at % len(labels)] for at in range(n)])


def as_pandas(table: pd.DataFrame, folder: Path) -> Path:
    table.to_csv(folder / "x.csv", index=False)
    return folder / "x.csv"


def as_polars(table: pd.DataFrame, folder: Path) -> Path:
    pl.from_dict({name: table[name].tolist() for name in table}).write_csv(folder / "x.tsv", separator="\t")
    return folder / "x.tsv"


def as_german_excel(table: pd.DataFrame, folder: Path) -> Path:
    """What Excel saves as CSV where the decimal mark is a comma: semicolons, CRLF, a byte order mark."""
    table.to_csv(folder / "x.csv", index=False, sep=";", decimal=",", encoding="utf-8-sig", lineterminator="\r\n")
    return folder / "x.csv"


def as_r(table: pd.DataFrame, folder: Path) -> Path:
    """What write.table writes: row names without a name above them, texts in quotes, blanks between."""
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=" ", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(table.columns)
    for at, row in enumerate(table.itertuples(index=False)):
        writer.writerow([f"{at + 1}", *row])
    (folder / "x.txt").write_text(sink.getvalue(), encoding="utf-8")
    return folder / "x.txt"


def as_excel(table: pd.DataFrame, folder: Path) -> Path:
    table.to_excel(folder / "x.xlsx", index=False)
    return folder / "x.xlsx"


def as_json_lines(table: pd.DataFrame, folder: Path) -> Path:
    table.to_json(folder / "x.jsonl", orient="records", lines=True, double_precision=15, force_ascii=False)
    return folder / "x.jsonl"


def as_parquet(table: pd.DataFrame, folder: Path) -> Path:
    table.to_parquet(folder / "x.parquet")
    return folder / "x.parquet"


WRITERS: dict[str, Callable[[pd.DataFrame, Path], Path]] = {
    "pandas": as_pandas,
    "polars": as_polars,
    "Excel's CSV": as_german_excel,
    "R": as_r,
    "Excel": as_excel,
    "JSON Lines": as_json_lines,
    "Parquet": as_parquet,
}


@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(table=tables())
def test_what_is_written_is_read(writer: str, table: pd.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        raw = registry.read(WRITERS[writer](table, Path(folder)), Options(label_column="label", unlabelled=""))
    numbers = table.drop(columns="label")
    assert raw.feature_names == tuple(numbers)
    assert raw.features is not None
    np.testing.assert_allclose(raw.features, numbers.to_numpy(), rtol=1e-12)
    assert raw.labels is not None
    assert [str(each) for each in raw.labels] == table.label.tolist()
