"""The same small pictures in every format, written as people write them."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image
from pyarrow import feather, parquet

from precompute.machine import arrow
from tests.conftest import few_digits

N, SIDE = 40, 8
NAMES = tuple(f"digit {code}" for code in range(10))


def pictures() -> NDArray[np.uint8]:
    """(40, 8, 8) uint8, bright ink."""
    found = few_digits(N).pixels
    assert found is not None
    return found.reshape(N, SIDE, SIDE)


def labels() -> NDArray[np.int16]:
    found = few_digits(N).labels
    assert found is not None
    return found


def npz(folder: Path) -> Path:
    path = folder / "mine.npz"
    np.savez_compressed(path, images=pictures(), labels=labels())
    return path


def npy(folder: Path) -> Path:
    path = folder / "mine.npy"
    np.save(path, pictures())
    return path


def _rows() -> list[list[Any]]:
    header = ["label", *(f"pixel{at}" for at in range(SIDE * SIDE))]
    return [header, *([int(label), *row.ravel().tolist()] for label, row in zip(labels(), pictures(), strict=True))]


def csv_file(folder: Path) -> Path:
    path = folder / "mine.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(_rows())
    return path


def csv_packed(folder: Path) -> Path:
    path = folder / "mine.csv.gz"
    path.write_bytes(gzip.compress(csv_file(folder).read_bytes()))
    return path


def parquet_flat(folder: Path) -> Path:
    header, *rows = _rows()
    path = folder / "mine.parquet"
    parquet.write_table(pa.table({name: [row[at] for row in rows] for at, name in enumerate(header)}), path)
    return path


def feather_file(folder: Path) -> Path:
    path = folder / "mine.feather"
    feather.write_feather(arrow.table(parquet_flat(folder)), path)
    return path


def json_lines(folder: Path) -> Path:
    header, *rows = _rows()
    path = folder / "mine.jsonl"
    path.write_text("".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows))
    return path


def excel(folder: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    for row in _rows():
        book.active.append(row)
    path = folder / "mine.xlsx"
    book.save(path)
    return path


def parquet_list(folder: Path) -> Path:
    path = folder / "lists.parquet"
    column = pa.array([picture.tolist() for picture in pictures()], pa.list_(pa.list_(pa.uint8())))
    parquet.write_table(pa.table({"image": column, "label": labels(), "split": ["train"] * N}), path)
    return path


def png(picture: NDArray[np.uint8], mode: str = "L") -> bytes:
    from io import BytesIO

    sink = BytesIO()
    Image.fromarray(picture).convert(mode).save(sink, "PNG")
    return sink.getvalue()


def hugging_face(folder: Path) -> Path:
    """Two shards in a folder, pictures as {bytes, path}, names of the classes beside the schema."""
    place = folder / "faces"
    place.mkdir()
    features = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": list(NAMES)}}
    about = {"huggingface": json.dumps({"info": {"features": features}})}
    rows = [{"bytes": png(picture), "path": "../../etc/passwd"} for picture in pictures()]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    for shard, part in enumerate((slice(0, 25), slice(25, N))):
        table = pa.table({"image": pa.array(rows[part], kind), "label": labels()[part].astype(np.int64)})
        parquet.write_table(table.replace_schema_metadata(about), place / f"train-{shard:05}-of-00002.parquet")
    return place


def idx(folder: Path, packed: bool = False) -> Path:
    for name, rank, data in (("images-idx3", 3, pictures()), ("labels-idx1", 1, labels().astype(np.uint8))):
        sides = b"".join(side.to_bytes(4, "big") for side in data.shape)
        content = bytes([0, 0, 8, rank]) + sides + data.tobytes()
        path = folder / f"t10k-{name}-ubyte{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(content) if packed else content)
    return folder / f"t10k-images-idx3-ubyte{'.gz' if packed else ''}"


def idx_packed(folder: Path) -> Path:
    place = folder / "mnist"
    place.mkdir()
    idx(place, packed=True)
    return place


def classes(folder: Path, mode: str = "L") -> Path:
    """A folder a class, a PNG a picture, with what other programs leave in folders."""
    place = folder / "by class"
    for sample, (label, picture) in enumerate(zip(labels(), pictures(), strict=True)):
        inside = place / NAMES[label]
        inside.mkdir(parents=True, exist_ok=True)
        (inside / f"{sample:03}.png").write_bytes(png(picture, mode))
    (place / ".DS_Store").write_bytes(b"\0")
    (place / "notes.txt").write_text("not a picture")
    return place


FORMATS: dict[str, Callable[[Path], Path]] = {
    "npz": npz,
    "npy": npy,
    "csv": csv_file,
    "csv.gz": csv_packed,
    "feather": feather_file,
    "json lines": json_lines,
    "excel": excel,
    "parquet, flat": parquet_flat,
    "parquet, lists": parquet_list,
    "hugging face": hugging_face,
    "idx": idx,
    "idx.gz in a folder": idx_packed,
    "folder": classes,
}
UNLABELLED = frozenset({"npy"})
