"""Files that lie, burst or are broken: each is refused by name, soon, and in little memory; nothing is unpickled."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import feather, parquet

from clusterfolio import cli
from precompute.dataset import DataError
from precompute.loaders import archives, assemble, delimited, folder, idx
from precompute.loaders import parquet as parquets
from precompute.loaders.labels import NONE_WORDS
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS
from tests import loading
from tests.hostile import corpus

Case = Callable[[Path], Path]
MOST = 300_000_000
"""Bytes that a refusal may take at most; what the bombs would unpack to is ten times that and more."""


class Bomb:
    """Unpickling this writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


def npy(shape: str, descr: str = "'|u1'", data: bytes = b"", version: int = 1, length: int | None = None) -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    size = len(header) if length is None else length
    return b"\x93NUMPY" + bytes([version, 0]) + size.to_bytes(2 if version == 1 else 4, "little") + header + data


def write(name: str, content: bytes) -> Case:
    def made(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return made


def zipped(*members: tuple[str, bytes], **options: Any) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, **options)
    return sink.getvalue()


def encrypted() -> bytes:
    found = bytearray(zipped(("images.npy", npy("(1, 2, 2)", data=b"1234"))))
    at = found.find(b"PK\x01\x02")
    found[at + 8] |= 1
    found[6] |= 1
    return bytes(found)


def misplaced() -> bytes:
    """An archive whose end says that its directory begins later than it does, so its members begin before the file."""
    found = bytearray(zipped(("images.npy", npy("(1, 2, 2)", data=b"1234"))))
    at = found.find(b"PK\x05\x06") + 16
    found[at : at + 4] = (int.from_bytes(found[at : at + 4], "little") + 71).to_bytes(4, "little")
    return bytes(found)


def lying_size() -> bytes:
    """An archive whose directory says 20 bytes where 200 MB are packed."""
    found = bytearray(zipped(("images.npy", npy("(20000, 100, 100)", data=bytes(200_000_000)))))
    at = found.find(b"PK\x01\x02")
    found[at + 24 : at + 28] = (20).to_bytes(4, "little")
    return bytes(found)


def pickled(folder: Path) -> Path:
    np.save(folder / "x.npy", np.array([Bomb(folder / "run")] * 12, dtype=object), allow_pickle=True)
    return folder / "x.npy"


def pickled_labels(folder: Path) -> Path:
    np.savez(folder / "x.npz", features=np.eye(12), labels=np.array([Bomb(folder / "run")] * 12, dtype=object))
    return folder / "x.npz"


def only_pickle(folder: Path) -> Path:
    (folder / "x.npy").write_bytes(pickle.dumps(Bomb(folder / "run")))
    return folder / "x.npy"


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    sides = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", sides + bytes([8, 0, 0, 0, 0])) + pixels + chunk(b"IEND", b"")


def picture(name: str, content: bytes) -> Case:
    def made(folder: Path) -> Path:
        place = loading.classes(folder)
        (place / "digit 0" / name).write_bytes(content)
        return place

    return made


def saved(kind: str, **options: Any) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(sink, kind, **options)
    return sink.getvalue()


def resized_header(kind: str, at: int, sides: bytes) -> bytes:
    """A picture of 8 × 8 whose header says otherwise."""
    content = bytearray(saved(kind))
    content[at : at + len(sides)] = sides
    return bytes(content)


def webp_header(width: int, height: int) -> bytes:
    """A WebP with a canvas of these sides and a picture of 8 × 8 on it."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    content = b"WEBPVP8X" + (10).to_bytes(4, "little") + bytes(4) + sides + saved("WEBP")[12:]
    return b"RIFF" + len(content).to_bytes(4, "little") + content


def tiff(width: int, height: int) -> bytes:
    """A TIFF of one strip that lies behind the file's end."""
    tags = ((256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 10**6), (277, 1), (278, height), (279, 9))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)


def several_scans(width: int, height: int) -> bytes:
    """A progressive JPEG in full colour, of which libjpeg would keep every coefficient."""
    sink = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(sink, "JPEG", progressive=True, subsampling=0)
    content = bytearray(sink.getvalue())
    at = content.index(b"\xff\xc2") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def heic_class(folder: Path) -> Path:
    place = loading.classes(folder)
    (place / "digit 11").mkdir()
    (place / "digit 11" / "a.heic").write_bytes(b"\0\0\0\x18ftypheic")
    return place


def circle(folder: Path) -> Path:
    (folder / "x").mkdir()
    (folder / "x" / "again").symlink_to(folder / "x", target_is_directory=True)
    return folder / "x"


def sparse(shape: tuple[int, int], place: int = 0, form: str = "csr") -> bytes:
    """What scipy.sparse writes, with one number a row, at `place`."""
    rows = 12
    parts = {
        "format": np.array(form.encode()),
        "shape": np.array(shape),
        "data": np.ones(rows),
        "indices": np.full(rows, place, np.int32),
        "indptr": np.arange(rows + 1, dtype=np.int32),
    }
    sink = io.BytesIO()
    np.savez(sink, **parts)  # type: ignore[arg-type]
    return sink.getvalue()


def table(**columns: Any) -> Case:
    def made(folder: Path) -> Path:
        parquet.write_table(pa.table(columns), folder / "x.parquet")
        return folder / "x.parquet"

    return made


def cut(case: Case, keep: float) -> Case:
    def made(folder: Path) -> Path:
        path = case(folder)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
        return path

    return made


def idx_file(shape: tuple[int, ...], data: bytes, kind: int = 8, packed: bool = False) -> Case:
    content = bytes([0, 0, kind, len(shape)]) + b"".join(side.to_bytes(4, "big") for side in shape) + data
    return write("x-idx3-ubyte.gz" if packed else "x-idx3-ubyte", gzip.compress(content, 1) if packed else content)


def other_labels(folder: Path) -> Path:
    path = loading.idx(folder)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 1, 1]))
    return path


def feather_of(folder: Path, column: Any, compression: str) -> Path:
    path = folder / "x.feather"
    feather.write_feather(pa.table({"a": column}), path, compression=compression)
    return path


def entities(folder: Path) -> Path:
    """A workbook whose texts would unfold to a billion letters."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["a", "b"])
    book.save(folder / "sound.xlsx")
    kinds = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{kinds}]>'
    text += '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a9;</t></si></sst>'
    with zipfile.ZipFile(folder / "sound.xlsx") as old, zipfile.ZipFile(folder / "x.xlsx", "w") as new:
        for info in old.infolist():
            content = text.encode() if info.filename == "xl/sharedStrings.xml" else old.read(info.filename)
            new.writestr(info.filename, content)
    return folder / "x.xlsx"


LIES: dict[str, tuple[Case, str]] = {
    "npy: a pickle for an array": (only_pickle, "no NumPy array"),
    "npy: Python objects": (pickled, "never unpickled"),
    "npz: Python objects as labels": (pickled_labels, "never unpickled"),
    "npy: more said than there is": (write("x.npy", npy("(12, 9)")), "108 bytes, but 0 are there"),
    "npy: less said than there is": (write("x.npy", npy("(12, 9)", data=bytes(999))), "but 999 are there"),
    "npy: sides that overflow": (write("x.npy", npy(f"({2**40}, {2**40})")), "allowed are at most"),
    "npy: too many numbers": (write("x.npy", npy("(1000000, 9000)")), "1,000,000,000 numbers in all"),
    "npy: nothing": (write("x.npy", npy("(0, 4)")), "holds no sample"),
    "npy: samples of no number": (write("x.npy", npy("(12, 0)")), "12 × 0: samples without a single number"),
    "npy: one number": (write("x.npy", npy("()", data=b"1")), "holds no sample"),
    "npy: a negative side": (write("x.npy", npy("(-4, 4)")), "none of NumPy's"),
    "npy: no header": (write("x.npy", b"\x93NUMPY\x01\0\x10\0" + b"(" * 16), "none of NumPy's"),
    "npy: code for a header": (write("x.npy", npy("__import__('os').system('touch run')")), "none of NumPy's"),
    "npy: a header without end": (write("x.npy", npy("(1, 2)", version=2, length=2**31)), "a header of 2,147,483,648"),
    "npy: a deep header": (write("x.npy", npy("(" * 5000 + ")" * 5000)), "none of NumPy's"),
    "npy: records": (write("x.npy", npy("(12,)", "[('a', '<f8')]", bytes(96))), "a record of several fields"),
    "npy: dates": (write("x.npy", npy("(12, 1)", "'<M8[s]'", bytes(96))), "datetime64"),
    "npy: complex numbers": (write("x.npy", npy("(12, 1)", "'<c16'", bytes(192))), "complex128"),
    "npy: numbers of no length": (write("x.npy", npy("(12, 1)", "'|S0'")), "allowed: whole numbers, floats"),
    "npy: texts for numbers": (write("x.npy", npy("(12, 1)", "'<U1'", bytes(48))), "allowed: whole numbers, floats"),
    "npy: cut": (cut(lambda folder: loading.npy(folder), 0.5), "the file is damaged"),
    "npy: empty": (write("x.npy", b""), "no NumPy array"),
    "npz: no zip": (write("x.npz", b"PK nothing"), "no whole .npz archive"),
    "npz: cut": (cut(loading.npz, 0.7), "no whole .npz archive"),
    "npz: a path for a member": (
        write("x.npz", zipped(("../images.npy", b""))),
        "no array is called as samples usually",
    ),
    "npz: an absolute member": (write("x.npz", zipped(("/etc/images.npy", b""))), "no array is called as samples"),
    "npz: another member": (write("x.npz", zipped(("evil.npy", b""))), "it holds 'evil'; name the one to read"),
    "npz: a script for a member": (write("x.npz", zipped(("images", b"import os"))), "images: no array"),
    "npz: a sparse matrix of 10^12 numbers": (write("x.npz", sparse((10**6, 10**6))), "at most 1,000,000,000 numbers"),
    "npz: a sparse matrix that points outside": (write("x.npz", sparse((12, 4), place=99)), "no whole .npz archive"),
    "npz: a sparse matrix of a strange format": (
        write("x.npz", sparse((12, 4), form="dok")),
        "allowed: csr, csc and coo",
    ),
    "npz: no array of samples": (write("x.npz", zipped(("labels.npy", b""))), "no array is called as samples"),
    "npz: 1,000 members": (write("x.npz", zipped(*((f"{at}.npy", b"") for at in range(1000)))), "1,000 members"),
    "npz: a member before the file's beginning": (write("x.npz", misplaced()), "no whole .npz archive"),
    "npz: encrypted": (write("x.npz", encrypted()), "is encrypted"),
    "npz: a bomb": (
        lambda folder: write("x.npz", zipped(("images.npy", npy("(20000, 100, 100)", data=bytes(200_000_000)))))(
            folder
        ),
        "allowed is a ratio of 200",
    ),
    "npz: a bomb that lies": (lambda folder: write("x.npz", lying_size())(folder), "but -|no whole .npz"),
    "idx: too large": (idx_file((2**31, 28, 28), b""), "at most 2,000,000 samples"),
    "idx: pictures of no width": (idx_file((40, 0), b""), "40 × 0: samples without a single number"),
    "idx: overflow": (idx_file((4, 2**32 - 1, 2**32 - 1), b""), "1,000,000,000 numbers"),
    "idx: more said than there is": (idx_file((12, 8, 8), b"123"), "768 bytes, but 3 are there"),
    "idx: more there than said": (idx_file((12, 8, 8), bytes(2000)), "but 2000 are there"),
    "idx.gz: more there than said": (idx_file((12, 8, 8), bytes(2000), packed=True), "more than 768"),
    "idx.gz: a bomb": (lambda at: idx_file((200_000, 28, 28), bytes(10**8), packed=True)(at), "a ratio of 200"),
    "idx.gz: cut": (cut(idx_file((12, 8, 8), bytes(768), packed=True), 0.6), "no whole gzip file"),
    "idx: another type": (idx_file((12, 8, 8), bytes(768), kind=0x55), "no IDX file"),
    "idx: cut in its header": (write("x-idx3-ubyte", bytes([0, 0, 8, 3, 0])), "ends within its header"),
    "idx: labels of others": (other_labels, "2 labels for 40 images"),
    "idx: labels for images": (idx_file((12,), bytes(12)), "name the file of the images"),
    "csv: empty": (write("x.csv", b""), "its first line is empty"),
    "csv: one endless line": (write("x.csv", b"1," * 600_000), "longer than 1,000,000 bytes"),
    "csv: 40,000 columns": (write("x.csv", b"1," * 40_000 + b"1\n"), "at most 16,384 numbers a sample"),
    "csv: rows of different length": (write("x.csv", b"a,b\n1,2\n1,2,3\n"), "no CSV: line 3 has 3 fields"),
    "csv: words": (
        write("x.csv", b"a,b,c\n" + b"1,y,x\n" * 20),
        "'b': the same in every row, 'c': the same in every row",
    ),
    "csv: words among numbers": (
        write("x.csv", b"a,b,c\n1,y,x\n" + b"1,2,3\n" * 20),
        "line 2, column 'b': 'y' is no number",
    ),
    "csv: late words": (
        write("x.csv", b"a,b\n" + b"1,2\n" * 1_900_000 + b"1,x\n"),
        "line 1,900,002, column 'b': 'x' is no number",
    ),
    "csv: holes": (write("x.csv", b"a,b\n" + b"1,\n" * 20), "'b': empty"),
    "csv: a web page": (
        write("x.csv", b"<!DOCTYPE html><title>404, not found</title>\n"),
        "a web page or XML in place",
    ),
    "csv: infinity": (write("x.csv", b"a,b\n1,inf\n" + b"1,2\n" * 20), "line 2, column 'b': inf; only finite numbers"),
    "csv: no text": (write("x.csv", bytes(range(128, 256)) * 10), "utf-8|UTF-8"),
    "csv: NUL": (write("x.csv", b"a,b\n\0,1\n" * 20), "CSV|texts|different labels|number"),
    "csv.gz: a bomb": (
        lambda at: write("x.csv.gz", gzip.compress((b"1," * 49 + b"2\n") * 1_000_000, 9))(at),
        "unpacks to more than",
    ),
    "csv.gz: cut": (cut(loading.csv_packed, 0.5), "no whole gzip file"),
    "parquet: no Parquet": (write("x.parquet", b"PAR1 nothing PAR1"), "no whole Parquet file"),
    "parquet: cut": (cut(loading.parquet_flat, 0.5), "no whole Parquet file"),
    "parquet: empty": (write("x.parquet", b""), "no whole Parquet file"),
    "parquet: too many rows": (
        lambda at: table(a=pa.array(np.zeros(3_000_000, np.int8)), b=np.zeros(3_000_000, np.int8))(at),
        "at most 2,000,000 samples",
    ),
    "parquet: lists of different length": (table(x=[[1, 2], [1]] * 10), "lists of different length"),
    "parquet: lists with holes": (table(x=[[1, None]] * 10), "a number is missing"),
    "parquet: missing lists": (table(x=[[1, 2], None] * 10), "a list is missing"),
    "parquet: holes": (table(x=[1, None, 3, 4] * 5, y=[1, 2] * 10), "no number, and 4 more are missing"),
    "parquet: a path and no bytes": (
        table(image=pa.array([{"bytes": None, "path": "/etc/passwd"}] * 12)),
        "a path is never opened|holds struct",
    ),
    "parquet: bytes that are no picture": (
        table(image=[b"GIF89a"] * 12),
        "12 of 12 pictures cannot be read: GIF that is damaged: row 0, row 1, .*, row 11; get each again",
    ),
    "feather: no Feather": (write("x.feather", b"ARROW1 nothing ARROW1"), "no whole Feather or Arrow file"),
    "feather: cut": (cut(loading.feather_file, 0.5), "no whole Feather or Arrow file"),
    "feather: a bomb": (
        lambda at: feather_of(at, pa.array(np.zeros(40_000_000)), compression="zstd"),
        "at most 2,000,000 samples|unpack to more than",
    ),
    "json: half an object": (write("x.jsonl", b'{"a": 1, "b": 2}\n{"a": 1, '), "no JSON Lines"),
    "json: a list of numbers": (write("x.json", b"[1, 2, 3]"), "no list of objects"),
    "json: nested without an end": (write("x.json", b"[" * 100_000), "no JSON Lines"),
    "json.gz: a bomb": (
        lambda at: write("x.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 8_000_000, 9))(at),
        "unpacks to more than",
    ),
    "excel: no workbook": (write("x.xlsx", b"PK\x03\x04 nothing"), "no whole Excel workbook"),
    "excel: a bomb": (write("x.xlsx", zipped(("xl/worksheets/sheet1.xml", b" " * 100_000_000))), "unpack to"),
    "excel: an entity bomb": (lambda at: entities(at), "no whole Excel workbook|no column of numbers"),
    "csv: no text in UTF-16": (write("x.csv", b"\xff\xfe" + bytes(range(1, 256)) * 3), "CSV|first line|number|sample"),
    "parquet: dates": (table(x=pa.array([0] * 12, pa.timestamp("s")), y=[1] * 12), "'x': dates"),
    "folder: nothing": (lambda at: at, "no picture"),
    "folder: a PNG of 60,000 × 60,000": (
        picture("x.png", png_header(60_000, 60_000)),
        "x.png: 60,000 × 60,000 pixels; allowed: 400,000,000 in all",
    ),
    "folder: a PNG of 2^31": (
        picture("x.png", png_header(2**31 - 1, 2**31 - 1)),
        "x.png: 2,147,483,647 × 2,147,483,647 pixels; allowed: 400,000,000 in all",
    ),
    "folder: a PNG of no width": (picture("x.png", png_header(0, 8)), "x.png: PNG that is damaged"),
    "folder: half a PNG": (picture("x.png", saved("PNG")[:45]), "x.png: PNG that is cut off"),
    "folder: half a JPEG": (picture("x.jpg", saved("JPEG")[:300]), "x.jpg: JPEG that is"),
    "folder: an EPS called PNG": (
        picture("x.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
        r"x.png: no picture of a kind that is read \(PNG, JPEG, ",
    ),
    "folder: an empty picture": (picture("x.png", b""), "x.png: empty file"),
    "folder: an SVG that asks for a file": (
        picture(
            "x.png", b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
        ),
        "x.png: SVG or XML, which is not read",
    ),
    "folder: a GIF without a frame": (picture("x.gif", b"GIF89a\xff\xff\xff\xff\0\0\0;"), "x.gif: "),
    "folder: a GIF of 65,535 × 65,535": (
        picture("x.gif", resized_header("GIF", 6, struct.pack("<HH", 65_535, 65_535))),
        "x.gif: 65,535 × 65,535 pixels; allowed|x.gif: GIF that is damaged",
    ),
    "folder: a BMP of 60,000 × 60,000": (
        picture("x.bmp", resized_header("BMP", 18, struct.pack("<ii", 60_000, 60_000))),
        "x.bmp: 60,000 × 60,000 pixels; allowed: 400,000,000",
    ),
    "folder: a WebP of 16,384 × 16,384": (
        picture("x.webp", webp_header(16_384, 16_384)),
        "x.webp: 16,384 × 16,384 pixels take 3,221,225,472 bytes; allowed: 500,000,000",
    ),
    "folder: a WebP that is larger inside than it says": (picture("x.webp", webp_header(4, 4)), "x.webp: WebP that is"),
    "folder: a PPM of 60,000 × 60,000": (
        picture("x.ppm", b"P6 60000 60000 255\n" + bytes(99)),
        "x.ppm: 60,000 × 60,000 pixels; allowed: 400,000,000",
    ),
    "folder: a PGM of more than there is": (picture("x.pgm", b"P5 8 8 255\n" + bytes(9)), "x.pgm: PGM that is cut off"),
    "folder: a PGM of no number": (picture("x.pgm", b"P2 8 8 x\n"), "x.pgm: PGM that is damaged"),
    "folder: a TIFF of 100,000 × 100,000": (
        picture("x.tif", tiff(100_000, 100_000)),
        "x.tif: 100,000 × 100,000 pixels; allowed: 400,000,000",
    ),
    "folder: a TIFF whose strip lies outside": (picture("x.tif", tiff(64, 64)), "x.tif: TIFF that is"),
    "folder: a JPEG of several scans and 15,000 × 15,000": (
        picture("x.jpg", several_scans(15_000, 15_000)),
        "x.jpg: 15,000 × 15,000 pixels take 1,350,000,000 bytes; allowed: 500,000,000",
    ),
    "folder: a class of pictures that are not read": (heic_class, "no picture in 'digit 11' is of a kind that is read"),
    "folder: a link in a circle of folders": (circle, "holds no picture|no picture"),
    "no such path": (lambda at: at / "none.npz", "there is no such file"),
    "no such format": (write("x.pickle", b"\x80\x04."), "in no format that is known"),
    "a path that is too long": (lambda at: at / ("a" * 300), "no such file|too long"),
}


def resident_now() -> int:
    """Bytes of this process in memory; its highest mark is set back to them. tracemalloc is not for this: it does not
    see Arrow's memory, and stopping it while one of Arrow's threads lets go of a Python object is a segmentation fault
    (seen with Python 3.11)."""
    Path("/proc/self/clear_refs").write_text("5")
    return status("VmRSS")


def resident_peak() -> int:
    return status("VmHWM")


def status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(field)).split()[1])


@pytest.mark.skipif(
    not os.access("/proc/self/clear_refs", os.W_OK), reason="the highest mark can be set back on Linux only"
)
@pytest.mark.parametrize("name", LIES)
def test_bombs_and_lies_are_refused_by_name(name: str, tmp_path: Path) -> None:
    case, message = LIES[name]
    path = case(tmp_path)
    before = resident_now()
    with pytest.raises(DataError, match=message) as error:
        assemble.load(path, "x", Options())
    assert resident_peak() - before < MOST
    assert not (tmp_path / "run").exists()
    assert len(str(error.value)) < 800
    assert "\n" not in str(error.value)


def test_the_number_of_lies(tell: Callable[[str], None]) -> None:
    tell(f"files that lie, burst or are broken: {len(LIES)}, all refused by name")
    assert {name.split(":")[0].split(".")[0] for name in LIES} >= {"npy", "npz", "idx", "csv", "parquet", "folder"}


@pytest.mark.parametrize("name", loading.FORMATS)
def test_flipped_bytes_never_end_otherwise_than_by_name(name: str, tmp_path: Path, tell: Callable[[str], None]) -> None:
    """A damaged file is read (where its format has no checksum) or refused; nothing else may come of it."""
    path = loading.FORMATS[name](tmp_path)
    kinds = (".gz", ".png", ".parquet")
    target = path if path.is_file() else min(each for each in path.rglob("*") if each.suffix in kinds)
    content, rng, refused = target.read_bytes(), np.random.default_rng(7), 0
    places = [*range(0, min(len(content), 60), 2), *rng.integers(0, len(content), 40).tolist()]
    small = replace(LIMITS, numbers=1_000_000)
    readers = {"npz": archives.read_npz, "npy": archives.read_npy, "csv": delimited.read_csv, "idx": idx.read_idx}
    reader: Any = readers.get(name.split(".", maxsplit=1)[0]) or (
        folder.read_folder if name == "folder" else parquets.read_parquet
    )
    for at in places:
        damaged = bytearray(content)
        damaged[at] ^= 1 << int(rng.integers(8))
        target.write_bytes(bytes(damaged))
        try:
            reader(path, Options(), small)
        except DataError:
            refused += 1
    tell(f"{name}: {len(places)} flipped bytes, {refused} refused by name")


def test_links_to_files_are_read_and_told_and_those_to_folders_are_not(tmp_path: Path) -> None:
    """A data set may be all links (DVC, git-annex); whoever publishes pictures from elsewhere is told."""
    outside = tmp_path / "outside.png"
    outside.write_bytes(saved("PNG"))
    place = loading.classes(tmp_path)
    (place / "digit 0" / "link.png").symlink_to(outside)
    (place / "digit 0" / "inside.png").symlink_to("../digit 0/000.png")
    (place / "more").symlink_to(tmp_path, target_is_directory=True)
    loaded = assemble.load(place, "x", Options())
    assert loaded.data.n == loading.N + 2
    assert loaded.notes[:2] == (
        "1 links to folders passed over, which lead outside or to what is read anyway: 'more'; put the folders "
        "themselves there",
        "1 links lead to pictures outside of the folder, which are read: 'digit 0/link.png'",
    )


def test_links_that_lead_nowhere_in_a_circle_or_to_no_picture_are_named(tmp_path: Path) -> None:
    place = loading.classes(tmp_path)
    (place / "digit 0" / "lost.png").symlink_to(tmp_path / "none.png")
    (place / "digit 0" / "circle.png").symlink_to("circle.png")
    secret = tmp_path / "secret"
    secret.write_text("a password")
    (place / "digit 1" / "secret.png").symlink_to(secret)
    with pytest.raises(DataError, match="3 of 43 pictures cannot be read") as error:
        assemble.load(place, "x", Options())
    assert "a link that leads nowhere: digit 0/circle.png, digit 0/lost.png" in str(error.value)
    assert (
        "no picture of a kind that is read (PNG, JPEG, WebP, BMP, TIFF, GIF, PGM and PPM): digit 1/secret.png"
        in str(error.value)
    )
    assert "a password" not in str(error.value)
    for name in ("none.csv", "none.parquet"):
        (tmp_path / name).symlink_to("nowhere")
        with pytest.raises(DataError, match=f"{name}': a link that leads nowhere, to 'nowhere'"):
            assemble.load(tmp_path / name, "x", Options())
    shards = loading.hugging_face(tmp_path)
    (shards / "train-00001-of-00002.parquet").unlink()
    (shards / "train-00001-of-00002.parquet").symlink_to("../blobs/1")
    with pytest.raises(DataError, match="train-00001-of-00002.parquet: a link that leads nowhere"):
        assemble.load(shards, "x", Options())


def test_hostile_names_of_classes_and_files_stay_names(tmp_path: Path) -> None:
    place, used = tmp_path / "classes", 0
    for text in corpus.strings():
        name = text.replace("/", "∕").replace("\0", "␀")[:60]
        if not name.strip() or name.startswith((".", "__")):
            continue
        try:
            name.encode()
        except UnicodeEncodeError:
            continue
        (place / name).mkdir(parents=True, exist_ok=True)
        (place / name / f"{name}.png").write_bytes(loading.png(loading.pictures()[used % loading.N]))
        used += 1
    data = assemble.load(place, "x", Options()).data
    assert used >= 60
    names = {unicodedata.normalize("NFC", id.split("/")[0]).strip() for id in data.ids}
    assert set(data.label_names) == {name for name in names if name.lower() not in NONE_WORDS}


def test_the_command_line_refuses_and_computes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.npz").write_bytes(b"nothing")
    where = ["--results", str(tmp_path / "results"), "--site", str(tmp_path / "site")]
    assert cli.main([*where, "--data", str(tmp_path / "x.npz")]) == 2
    assert "error: x.npz: no whole .npz archive" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["x.npz"]
