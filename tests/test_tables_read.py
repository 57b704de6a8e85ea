"""Tables as people have them, with the right reading of each: features, labels, ids, columns kept beside, doubts.

Each case names the sentence that it is for; none differs from another in one value only.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from precompute.dataset import DataError
from precompute.loaders.assemble import load
from precompute.loaders.options import Options
from tests.reading import Case, check

N = 30
PETS = {"cat": 15, "dog": 15}
CONTINUOUS = "a continuous target is kept beside, not 148 classes"


def numbers(columns: int = 3, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(30, columns) numbers of two decimals, of one unit."""
    rng = np.random.default_rng(seed)
    return (rng.normal(3 * (np.arange(N) % 2)[:, None], 1, (N, columns)) + 20).round(2)


def pets() -> list[str]:
    return ["cat" if at % 2 else "dog" for at in range(N)]


def frame(columns: int = 3, **more: Any) -> pd.DataFrame:
    """Numbers a, b, c and, in the order given, further columns."""
    return pd.DataFrame(numbers(columns), columns=list("abcdefgh"[:columns])).assign(**more)


def written(name: str, content: str | bytes, encoding: str = "utf-8") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    return make


def csv(name: str = "x.csv", table: pd.DataFrame | None = None, **how: Any) -> Callable[[Path], Path]:
    """As pandas writes it."""

    def make(folder: Path) -> Path:
        (frame(label=pets()) if table is None else table).to_csv(folder / name, **{"index": False} | how)
        return folder / name

    return make


def text(delimiter: str = ",", head: Sequence[str] | None = ("a", "b", "c", "label"), comma: bool = False) -> str:
    """Rows as other programs write them."""
    rows = [[*(f"{each:.2f}" for each in row), kind] for row, kind in zip(numbers(), pets(), strict=True)]
    if comma:
        rows = [[cell.replace(".", ",") for cell in row] for row in rows]
    return "".join(delimiter.join(row) + "\n" for row in ([head, *rows] if head else rows))


def as_parquet(table: pd.DataFrame | pa.Table, **how: Any) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        if isinstance(table, pd.DataFrame):
            table.to_parquet(folder / "x.parquet", **how)
        else:
            parquet.write_table(table, folder / "x.parquet")
        return folder / "x.parquet"

    return make


def as_feather(folder: Path) -> Path:
    feather.write_feather(pa.Table.from_pandas(frame(label=pets())), folder / "x.feather")
    return folder / "x.feather"


def as_stream(folder: Path) -> Path:
    table = pa.Table.from_pandas(frame(label=pets()), preserve_index=False)
    with pa.OSFile(str(folder / "x.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return folder / "x.arrow"


def as_views(folder: Path) -> Path:
    """Texts as views and labels in runs, as newer writers store them."""
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([N // 2, N], pa.int32()), pa.array(["cat", "dog"]))
    table = pa.table(
        {
            "id": pa.array([f"i{at}" for at in range(N)], pa.string_view()),
            "vector": pa.array(numbers(3).tolist(), pa.list_view(pa.float64())),
            "label": runs,
        }
    )
    with pa.OSFile(str(folder / "x.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return folder / "x.arrow"


def excel(*above: Sequence[Any], table: pd.DataFrame | None = None) -> Callable[[Path], Path]:
    """A workbook with rows above the table."""

    def make(folder: Path) -> Path:
        from openpyxl import Workbook

        book, content = Workbook(), frame(label=pets()) if table is None else table
        for row in (*above, list(content.columns), *content.itertuples(index=False)):
            book.active.append(list(row))
        book.create_sheet("notes").append(["made by us"])
        book.save(folder / "x.xlsx")
        return folder / "x.xlsx"

    return make


def holes(**places: tuple[int, Any]) -> pd.DataFrame:
    """The numbers, with something else in one row of some columns."""
    table = frame(label=pets()).astype(object)
    for name, (row, value) in places.items():
        table.loc[row, name] = value
    return table


def plain(of: str, make: Callable[[Path], Path], **more: Any) -> Case:
    """The usual reading: 30 samples of 3 numbers, cats and dogs."""
    usual: dict[str, Any] = {"of": of, "make": make, "n": N, "numbers": 3, "labels": PETS}
    return Case(**(usual | more))


def unlabelled(count: int, sign: str) -> list[str]:
    return [sign] * count + pets()[count:]


SOME = {"cat": 12, "dog": 12}
LINES = text().splitlines()
CASES: dict[str, Case] = {
    # ------------------------------------------------------------------------------------------------------ dialects
    "semicolons and decimal commas": plain("decimal comma", written("x.csv", text(";", comma=True))),
    "tabs in a .txt": plain("delimiter tab", written("x.txt", text("\t"))),
    "bars": plain("delimiter |", written("x.csv", text("|"))),
    "blanks": plain("delimiter blanks", written("x.dat", text(" "))),
    "columns that blanks line up": plain(
        "delimiter blanks",
        written("x.txt", pd.DataFrame(numbers()).assign(k=pets()).to_string(index=False, header=False)),
    ),
    "blanks after commas": plain("quoted numbers", written("x.csv", text(", "))),
    "sep=": plain("sep=", written("x.csv", "sep=;\n" + text(";"))),
    "UTF-8 with a mark": plain("BOM", written("x.csv", text(), "utf-8-sig"), notes=["column 'label' is taken"]),
    "UTF-16 of Excel": plain("UTF-16", written("x.txt", text("\t"), "utf-16")),
    "UTF-16 without a mark": plain("UTF-16", written("x.csv", text(), "utf-16-le")),
    "Windows-1252": plain(
        "Windows-1252 (said)",
        written("x.csv", text().replace("cat", "Käse").replace("a,b", "größe,b"), "cp1252"),
        labels={"dog": 15, "Käse": 15},
        doubts=["encoding"],
    ),
    "carriage returns alone": plain("CR, CRLF", written("x.csv", text().replace("\n", "\r"))),
    "CRLF and a comment": plain(
        "comment lines", written("x.csv", ("# by us, 2020; a,b\n" + text()).replace("\n", "\r\n"))
    ),
    "names in the comment of numpy.savetxt": Case(
        of="comment lines",
        make=written("x.txt", "# width height depth\n" + "\n".join(" ".join(map(str, row)) for row in numbers())),
        n=N,
        numbers=3,
        labels={},
    ),
    "titles": plain("title lines", written("x.csv", "Our pets; 2020\n\n" + text(";", comma=True))),
    "a line of units": plain("unit lines", written("x.csv", "\n".join([LINES[0], "cm,cm,cm,", *LINES[1:]]))),
    "a line at the end": plain(
        "title lines", written("x.csv", text() + "Source: us\n"), left_out=["1 × rows at the end"]
    ),
    "trailing delimiters": plain(
        "trailing delimiter",
        written("x.csv", "".join(f"{line};;\n" for line in text(";").splitlines())),
        left_out=["2 × columns: empty and without a name"],
    ),
    "R's row names": plain(
        "R's index",
        written("x.csv", "a,b,c,label\n" + "".join(f'"r{at}",{line}\n' for at, line in enumerate(LINES[1:]))),
        ids=["r0", "r1"],
    ),
    "pandas' index": plain("pandas' index", csv(index=True), ids=["0", "1"]),
    "pandas' index twice": plain(
        "pandas' index",
        csv(table=frame(label=pets()).reset_index().rename(columns={"index": "Unnamed: 0"}), index=True),
        columns=["Unnamed: 0"],
    ),
    "iris.data": plain("no header (iris.data)", written("iris.data", text(head=None))),
    "ionosphere: equal values in the first line": plain(
        "no header (sonar)",
        written("x.data", text(head=None).replace(LINES[1], "1,1,0.5,cat")),
        labels={"cat": 16, "dog": 14},
    ),
    "names of the columns are years": Case(
        of="no header",
        make=written(
            "x.csv",
            "country,1990,1991,1992\n" + "".join(f"c{at},{a},{b},{c}\n" for at, (a, b, c) in enumerate(numbers())),
        ),
        n=N,
        numbers=3,
        ids=["c0"],
    ),
    "names with blanks and delimiters": plain(
        "names with blanks or delimiters inside quotes",
        written("x.csv", text(head=('"width, cm"', '"height; cm"', '"a depth"', "label"))),
    ),
    "all numbers quoted": plain("quoted numbers", csv(quoting=1)),
    "commas and quotes": plain("quoted numbers", csv(decimal=",", quoting=1)),
    "thousands": Case(
        of="thousands",
        make=csv(
            table=pd.DataFrame(
                {"a": [f"{1000 + at * at:,}" for at in range(N)], "b": [f"{at * 37 + 2000:,}" for at in range(N)]}
            )
        ),
        n=N,
        numbers=2,
        range=(1000, 3073),
        doubts=["decimal"],
    ),
    "German thousands": Case(
        of="thousands",
        make=written("x.csv", "a;b\n" + "".join(f"1.{at + 100},5;2.{at * at % 900 + 100},25\n" for at in range(N))),
        n=N,
        numbers=2,
        range=(1100.5, 2941.25),
        doubts=["scale"],
    ),
    "scikit-learn's own iris.csv": plain(
        'scikit-learn\'s own iris.csv header line ("150,4,setosa,…")',
        written(
            "x.csv", f"{N},3,dog,cat\n" + "".join(f"{a},{b},{c},{at % 2}\n" for at, (a, b, c) in enumerate(numbers()))
        ),
        doubts=["header"],
    ),
    "gzip in capitals": plain(".gz in any case", written("X.CSV.GZ", gzip.compress(text().encode()))),
    # ------------------------------------------------------------------------------------------------------- formats
    "Feather with pandas' index": plain("Feather/Arrow", as_feather),
    "a stream of Arrow": plain("Feather/Arrow", as_stream),
    "JSON Lines": plain("JSON Lines", written("x.jsonl", frame(label=pets()).to_json(orient="records", lines=True))),
    "JSON of records": plain("JSON Lines", written("x.json", frame(label=pets()).to_json(orient="records"))),
    "Excel with a title": plain(
        "Excel by an extra",
        excel(["Our pets"], [], table=frame(day=pd.Timestamp("2020-01-01"), label=pets())),
        columns=["day"],
        left_out=["sheet 'notes'"],
        doubts=["split"],
    ),
    "views and runs of Arrow": plain(
        "Feather/Arrow",
        as_views,
        ids=["i0", "i1"],
    ),
    "columns of one name": plain(
        "no message says 'take the others away' where a key could",
        written("x.csv", text(head=("a", "a", "c", "label"))),
        doubts=["drop"],
    ),
    "columns of one name, the later dropped by its place": plain(
        "every choice has a key and an option",
        written("x.csv", text(head=("a", "a", "c", "label"))),
        options={"drop": ("1",)},
        numbers=2,
        left_out=["column 'a.1'"],
    ),
    "rows in groups, and a truth value": plain(
        "Row numbers, ids, truth values about the sample are columns kept beside or doubts",
        as_parquet(
            frame(
                trip=[at // 3 for at in range(N)],
                mode=[at % 3 + 1 for at in range(N)],
                taken=[int(at % 5 == 0) for at in range(N)],
                label=pets(),
            )
        ),
        numbers=4,
        columns=["trip", "mode"],
        doubts=["features", "features", "columns"],
    ),
    "a column more than the rule takes": plain(
        "every choice has a key and an option",
        as_parquet(frame(year=[2000 + at % 7 for at in range(N)], number=list(range(5, N + 5)), label=pets())),
        options={"features": ("…", "year")},
        numbers=4,
        columns=["number"],
        doubts=["features"],
    ),
    "codes with zeros before them": plain(
        "numbers that vary and say something of the sample's content",
        written("x.csv", frame(zip=[f"0{1000 + 37 * at}" for at in range(N)], label=pets()).to_csv(index=False)),
        columns=["zip"],
        doubts=["features"],
    ),
    "percents, currencies and a typographic minus": plain(
        "numbers that vary",
        written(
            "x.csv",
            pd.DataFrame(
                {
                    "a": [f"{at % 7}%" for at in range(N)],
                    "b": [f"${at % 11}.50" for at in range(N)],
                    "c": [f"−{at % 5}.25" for at in range(N)],
                    "label": pets(),
                }
            ).to_csv(index=False),
        ),
        range=(-4.25, 10.5),
    ),
    "decimal points that may be thousands": plain(
        "decimal mark",
        written(
            "x.csv",
            "a;b;c;label\n"
            + "".join(
                f"1.{at % 7 + 100};2.{at % 11 + 200};3.{at % 5 + 300};{kind}\n" for at, kind in enumerate(pets())
            ),
        ),
        doubts=["decimal"],
    ),
    "a cell longer than Python's csv takes by itself": plain(
        "names with blanks or delimiters inside quotes",
        written("x.csv", frame(note=["x" * 200_000, *(["y"] * (N - 1))], label=pets()).to_csv(index=False)),
        columns=["note"],
    ),
    "bytes that are no pictures": plain(
        "columns of other kinds left out with a note",
        as_parquet(frame(hash=[bytes([at]) * 8 for at in range(N)], label=pets())),
        left_out=["column 'hash'"],
    ),
    "labels in the first row of merged cells": plain(
        "A label is a column with few values that repeat, or one so named and such",
        as_parquet(frame(label=[f"kind {at // 10}" if at % 10 == 0 else None for at in range(N)])),
        labels={},
        columns=["label"],
        doubts=["label_column"],
    ),
    # ------------------------------------------------------------------------------------------------------- features
    "a date, a truth value, a path, a split": plain(
        "dates, truth values, paths and split columns are columns kept beside, for every format by one stated rule",
        as_parquet(
            frame(
                day=pd.date_range("2024-01-01", periods=N),
                seen=[at % 3 == 0 for at in range(N)],
                label=pets(),
                file=[f"img/{at}.jpg" for at in range(N)],
                part=["train", "test", "val"] * 10,
            )
        ),
        columns=["day", "seen", "part"],
        ids=["img/0.jpg"],
    ),
    "the same as CSV": plain(
        "for every format by one stated rule (Parquet and CSV differ today)",
        csv(
            table=frame(
                day=pd.date_range("2024-01-01", periods=N),
                seen=[at % 3 == 0 for at in range(N)],
                label=pets(),
                file=[f"img/{at}.jpg" for at in range(N)],
                part=["train", "test", "val"] * 10,
            )
        ),
        columns=["day", "seen", "part"],
        ids=["img/0.jpg"],
    ),
    "a date in German": plain(
        "dates",
        csv(table=frame(day=[f"{at % 28 + 1}.{at % 12 + 1}.2020" for at in range(N)], label=pets())),
        columns=["day"],
    ),
    "a named index": plain(
        "a named index (pandas metadata in Parquet)",
        as_parquet(
            frame(label=pets()).set_index(pd.Index(np.random.default_rng(0).permutation(N) + 70, name="PassengerId"))
        ),
        ids=[str(np.random.default_rng(0).permutation(N)[0] + 70)],
    ),
    "a shuffled row number": plain(
        "row numbers",
        csv(table=frame(nr=np.random.default_rng(0).permutation(N) + 1, label=pets())),
        columns=["nr"],
        doubts=["features"],
    ),
    "an id that repeats": plain(
        "ids",
        csv(table=frame(patient_id=[at * at % 17 for at in range(N)], label=pets())),
        columns=["patient_id"],
        doubts=["features"],
    ),
    "a second spelling of the label": plain(
        "a second spelling of the label",
        csv(table=frame(target=[at % 2 for at in range(N)], target_name=pets())),
        labels={"0": 15, "1": 15},
        columns=["target_name"],
    ),
    "constants": plain(
        "constant columns are left out, said",
        csv(table=frame(unit="cm", zero=0.0, label=pets())),
        left_out=["column 'unit': the same", "column 'zero': the same"],
    ),
    "an empty column": plain(
        "numbers that vary", csv(table=frame(nothing=np.nan, label=pets())), left_out=["column 'nothing': empty"]
    ),
    "a continuous target": Case(
        of=CONTINUOUS,
        make=csv(table=frame(target=numbers(1, 1)[:, 0])),
        n=N,
        numbers=3,
        labels={},
        columns=["target"],
        doubts=["label_column"],
    ),
    "x, y and z": Case(
        of="a column with few values that repeat, or one so named AND such",
        n=N,
        numbers=3,
        labels={},
        make=csv(table=pd.DataFrame(numbers(), columns=list("xyz"))),
    ),
    "a year and a price beside a vector": Case(
        of="numbers that say something of the content",
        n=N,
        numbers=6,
        labels=PETS,
        columns=["year", "price"],
        make=csv(
            table=pd.DataFrame(numbers(6), columns=[f"f{at}" for at in range(6)]).assign(
                year=[1990 + at % 20 for at in range(N)], price=[at * at * 10 + 5 for at in range(N)], kind=pets()
            )
        ),
        doubts=["features", "features"],
    ),
    "two columns of texts": Case(
        of="doubtful is asked",
        n=N,
        numbers=3,
        labels={},
        columns=["sex", "island"],
        doubts=["label_column"],
        make=csv(table=frame(sex=["m", "f"] * 15, island=["x", "y", "z"] * 10)),
    ),
    "one-hot labels": plain(
        "one-hot labels beside",
        csv(
            table=frame(
                label_cat=[int(each == "cat") for each in pets()], label_dog=[int(each == "dog") for each in pets()]
            )
        ),
    ),
    "one-hot lists": plain(
        "one-hot labels beside",
        as_parquet(
            pa.table({**{name: frame()[name] for name in "abc"}, "label": [[at % 2, 1 - at % 2] for at in range(N)]})
        ),
        labels={"0": 15, "1": 15},
    ),
    "lists in text": Case(
        of='lists packed in text ("[0.1, …]")',
        n=N,
        numbers=5,
        labels=PETS,
        columns=["price"],
        make=csv(
            table=pd.DataFrame(
                {"embedding": [row.tolist() for row in numbers(5)], "price": range(0, 60, 2), "label": pets()}
            )
        ),
    ),
    "pixels in text": Case(
        of='"70 80 82" (fer.csv)',
        n=N,
        image=(8, 8, 1),
        labels={"0": 15, "1": 15},
        columns=["Usage"],
        make=csv(
            table=pd.DataFrame(
                {
                    "emotion": [at % 2 for at in range(N)],
                    "pixels": [" ".join(map(str, row)) for row in np.random.default_rng(0).integers(0, 255, (N, 64))],
                    "Usage": ["Training", "PublicTest"] * 15,
                }
            )
        ),
    ),
    "MNIST's CSV": Case(
        of="MNIST's CSV (label first, 784 numbers, no names) is known",
        n=N,
        image=(8, 8, 1),
        labels={"0": 15, "1": 15},
        make=csv(
            table=pd.DataFrame(np.column_stack([np.arange(N) % 2, np.random.default_rng(0).integers(1, 255, (N, 64))])),
            header=False,
        ),
        doubts=["label_column"],
    ),
    "labels first and no names": Case(
        of="no header",
        n=N,
        numbers=3,
        labels={"1": 15, "2": 15},
        doubts=["label_column"],
        make=csv(table=pd.DataFrame(np.column_stack([np.arange(N) % 2 + 1, numbers()])).astype({0: int}), header=False),
    ),
    "lists beside a vector's name": Case(
        of="vectors",
        n=N,
        numbers=4,
        labels={},
        ids=["t0"],
        make=as_parquet(pa.table({"id": [f"t{at}" for at in range(N)], "embedding": numbers(4).tolist()})),
    ),
    # --------------------------------------------------------------------------------------------------------- labels
    "labels trimmed and composed": plain(
        "trim and NFC",
        csv(table=frame(label=["Cafe\u0301 ", "Caf\u00e9", " dog"] * 10)),
        labels={"Café": 20, "dog": 10},
    ),
    "capitals": plain(
        "spellings that differ in capitals are a doubt",
        csv(table=frame(label=["cat", "Cat", "dog"] * 10)),
        labels={"Cat": 10, "cat": 10, "dog": 10},
        doubts=["capitals"],
    ),
    "capitals ignored": plain(
        "a key decides it",
        csv(table=frame(label=["cat", "Cat", "cat", "dog", "dog", "dog"] * 5)),
        options={"capitals": "ignore"},
        labels={"cat": 15, "dog": 15},
    ),
    "empty labels": plain("unlabelled: empty", csv(table=frame(label=unlabelled(6, ""))), labels=SOME, unlabelled=6),
    "null labels of Parquet": plain(
        "unlabelled: null", as_parquet(frame(label=[None] * 6 + pets()[6:])), labels=SOME, unlabelled=6
    ),
    "NA of R": plain(
        "unlabelled: NaN",
        csv(table=frame(label=unlabelled(6, "NA"))),
        labels=SOME,
        unlabelled=6,
        notes=["'NA' (6) stand for none"],
    ),
    "a question mark": plain(
        "a value by unlabelled =",
        csv(table=frame(label=unlabelled(6, "?"))),
        labels={"?": 6, **SOME},
        doubts=["unlabelled"],
    ),
    "a question mark, answered": plain(
        "a value by unlabelled =",
        csv(table=frame(label=unlabelled(6, "unknown"))),
        options={"unlabelled": "unknown"},
        labels=SOME,
        unlabelled=6,
    ),
    "-1 without names": plain(
        "-1 without names is a doubt",
        csv(table=frame(label=[-1] * 6 + [0, 1] * 12)),
        labels={"-1": 6, "0": 12, "1": 12},
        doubts=["unlabelled"],
    ),
    "-1 and 1": plain("-1 without names is a doubt", csv(table=frame(y=[-1, 1] * 15)), labels={"-1": 15, "1": 15}),
    "-1 with names": plain(
        "unlabelled",
        csv(table=frame(label=[-1] * 6 + [0, 2] * 12)),
        options={"label_names": ("cat", "cow", "dog")},
        labels=SOME,
        unlabelled=6,
    ),
    # -------------------------------------------------------------------------------------------------------- missing
    "missing numbers dropped": plain(
        "missing: drop",
        csv(table=holes(a=(3, ""), b=(4, "?"))),
        options={"missing": "drop"},
        n=N - 2,
        labels={"cat": 14, "dog": 14},
    ),
    "missing numbers filled in": plain("missing: median", csv(table=holes(a=(3, "NA"))), options={"missing": "median"}),
    "-999": plain("-999 as a doubt", csv(table=holes(b=(5, -999))), doubts=["missing_signs", "scale"]),
    "-999, answered": plain(
        "signs of a missing value",
        csv(table=holes(b=(5, -999))),
        options={"missing_signs": ("-999",), "missing": "drop"},
        n=N - 1,
        labels={"cat": 14, "dog": 15},
    ),
    # -------------------------------------------------------------------------------------------------------- scaling
    "units that differ": plain(
        "units that differ by far", csv(table=frame(2, price=numbers(1)[:, 0] * 1000, label=pets())), doubts=["scale"]
    ),
    "one column with most of the variance": plain(
        "one column with most of the variance",
        csv(table=frame(2, wide=numbers(1)[:, 0] * 4, label=pets())),
        doubts=["scale"],
    ),
    "an outlier": plain(
        "one outlier is named (column, sample)", csv(table=holes(c=(7, 60_000.5))), doubts=["scale", "missing_signs"]
    ),
    # ----------------------------------------------------------------------------------------------------------- keys
    "features, columns and drop": Case(
        of="features, columns, drop, also as options",
        n=N,
        numbers=2,
        labels=PETS,
        ids=["0"],
        columns=["c"],
        make=csv(table=frame(4, label=pets())),
        options={"columns": ("c",), "drop": ("d",)},
        left_out=["column 'd': as drop says"],
    ),
    "features by name": Case(
        of="features = […]",
        n=N,
        numbers=2,
        labels=PETS,
        columns=["a", "d"],
        make=csv(table=frame(4, label=pets())),
        options={"features": ("c", "b")},
    ),
    "a split of a table": Case(
        of="split columns",
        n=10,
        numbers=3,
        labels={"cat": 5, "dog": 5},
        columns=["part"],
        options={"split": "test"},
        make=csv(table=frame(part=["train", "test", "val"] * 10, label=pets())),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_tables_are_read_rightly_or_doubted(name: str, tmp_path: Path) -> None:
    check(CASES[name], tmp_path)


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a missing number by line and column": (
        csv(table=holes(b=(7, "-"))),
        r"line 9, column 'b': '-' is no number.*missing = ",
    ),
    "a missing number of Excel": (
        excel(["Our pets"], table=holes(a=(7, None))),
        r"row 10, column 'a': no number",
    ),
    "a missing number of JSON Lines": (
        written("x.jsonl", holes(a=(7, None)).to_json(orient="records", lines=True)),
        r"line 8, column 'a': no number",
    ),
    "ids that repeat by their rows": (
        csv(table=frame(id=[f"p{at if at != 9 else 3}" for at in range(N)], label=pets())),
        r"column 'id': 'p3' stands in rows 3 and 9",
    ),
    "a row that is longer": (written("x.csv", text() + "1,2,3,cat,5\n" + LINES[1]), r"line 32 has 5 fields, others 4"),
    "a text among numbers": (
        csv(table=holes(b=(7, "much"))),
        r"line 9, column 'b': 'much' is no number.*missing_signs = ",
    ),
    "a shortened list of numpy": (
        csv(table=pd.DataFrame({"embedding": ["[0.1 0.2 0.3]"] * 29 + ["[0.1 ... 0.3]"], "label": pets()})),
        r"numpy wrote it shortened",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_named_with_the_key_that_decides(name: str, tmp_path: Path) -> None:
    make, message = REFUSED[name]
    with pytest.raises(DataError, match=message) as error:
        load(make(tmp_path), "mine", Options())
    assert "away" not in str(error.value)


def test_columns_kept_beside_have_their_types(tmp_path: Path) -> None:
    table = frame(
        day=pd.date_range("2024-01-01", periods=N), seen=[True, False, None] * 10, price=range(N), label=pets()
    )
    found = load(as_parquet(table)(tmp_path), "mine", Options(columns=("price",)))
    assert {one.name: str(one.values.type) for one in found.data.columns} == {
        "day": str(pa.array(table.day).type), "seen": "bool", "price": "int64"
    }  # fmt: skip
    assert found.data.columns[1].values.null_count == 10


def test_what_was_dropped_is_said_on_the_page(tmp_path: Path) -> None:
    make = csv(table=holes(a=(3, ""), b=(4, "")))
    assert "2 samples that lack a number" in load(make(tmp_path), "x", Options(missing="drop")).data.description
    assert "2 missing numbers, of 2 samples" in load(make(tmp_path), "x", Options(missing="median")).data.description


def test_the_conversation_is_the_same_for_people_and_programs(tmp_path: Path) -> None:
    found = load(CASES["units that differ"].make(tmp_path), "mine", Options())
    answer = json.loads(json.dumps(found.as_json()))
    assert answer["features"]["largest"]["name"] == "'price'"
    assert [doubt["option"] for doubt in answer["doubts"]] == ["--scale values"]
    heads = [line.split(":")[0] for line in found.lines()]
    assert heads == ["read as", "samples", "labels", "ids", "features", "scaled to [0, 1]", "images", "note", "doubt"]
    assert found.data.reading["doubts"] == [found.doubts[0].sentence]
    assert found.data.units[2][0] == "price"
