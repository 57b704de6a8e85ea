"""Pictures, folders, archives and hubs as people have them: a table of small inputs with the right reading of each."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from PIL import Image
from pyarrow import parquet
from scipy import sparse

from precompute.dataset import DataError
from precompute.loaders import decoding
from precompute.loaders.assemble import load
from precompute.loaders.options import Options
from tests import reading
from tests.reading import Case

SIDE = 6
Make = Callable[[Path], Path]


def tone(at: int, channels: int = 3, side: int = SIDE) -> NDArray[np.uint8]:
    """A picture of its own for each number, of three kinds; nowhere quite black or grey."""
    rng = np.random.default_rng(at)
    shape = (side, side, channels) if channels > 1 else (side, side)
    return (rng.integers(20, 90, shape) + 50 * (at % 3)).astype(np.uint8)


def encoded(picture: NDArray[Any], kind: str, **options: Any) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(picture).save(sink, kind, **options)
    return sink.getvalue()


def files(*names: str, kind: str = "PNG", channels: int = 1) -> Make:
    """A folder with a picture of each name; "cat/{0-9}" stands for ten of them."""

    def made(folder: Path) -> Path:
        for at, name in enumerate(expanded(names)):
            path = folder / "own" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded(tone(at, channels), kind))
        return folder / "own"

    return made


def expanded(names: Sequence[str]) -> list[str]:
    """Names in which {n} stands for each number below n."""
    found = []
    for name in names:
        if "{" not in name:
            found.append(name)
            continue
        before, rest = name.split("{")
        count, after = rest.split("}")
        found += [f"{before}{at}{after}" for at in range(int(count))]
    return found


def also(make: Make, contents: Mapping[str, bytes | str]) -> Make:
    """A folder with further files."""

    def made(folder: Path) -> Path:
        path = make(folder)
        for name, content in contents.items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return made


def converted(folder: Path) -> Path:
    """Twelve pictures of as many forms, of two classes."""
    place = folder / "own"
    forms: list[tuple[str, str, dict[str, Any]]] = [
        ("JPEG", "jpg", {"quality": 95}),
        ("WEBP", "webp", {"lossless": True}),
        ("BMP", "bmp", {}),
        ("TIFF", "tif", {"compression": "tiff_lzw"}),
        ("GIF", "gif", {}),
        ("PPM", "ppm", {}),
    ]
    for at in range(12):
        kind, ending, options = forms[at // 2]
        (place / "ab"[at % 2]).mkdir(parents=True, exist_ok=True)
        (place / "ab"[at % 2] / f"{at}.{ending}").write_bytes(encoded(tone(at), kind, **options))
    return place


def misnamed(folder: Path) -> Path:
    place = files("cat/{6}.jpg", "dog/{6}.jpg")(folder)
    (place / "cat" / "a.jpg").write_bytes(encoded(tone(20), "WEBP"))
    (place / "dog" / "b").write_bytes(encoded(tone(21), "PNG"))
    return place


def deep(highest: int, fill: Callable[[NDArray[Any]], Any] = lambda picture: picture) -> Make:
    """Sixteen-bit pictures of 0 … highest."""

    def made(folder: Path) -> Path:
        for at in range(12):
            values = np.linspace(0, highest, SIDE * SIDE).round().astype(np.uint16)
            picture = np.roll(values, at).reshape(SIDE, SIDE)
            (folder / "own" / "ab"[at % 2]).mkdir(parents=True, exist_ok=True)
            (folder / "own" / "ab"[at % 2] / f"{at}.png").write_bytes(encoded(fill(picture), "PNG"))
        return folder / "own"

    return made


def mixed_depth(folder: Path) -> Path:
    place = deep(65_535)(folder)
    (place / "a" / "0.png").write_bytes(encoded(tone(0, 1), "PNG"))
    return place


def animated(folder: Path) -> Path:
    place = files("{12}.png", channels=3)(folder)
    frames = [Image.fromarray(tone(at)) for at in (30, 31)]
    frames[0].save(place / "film.gif", save_all=True, append_images=frames[1:])
    return place


def squeezed(folder: Path) -> Path:
    place = files("{12}.png", channels=3)(folder)
    pixels = b"".join(b"\0" + bytes(range(6 * SIDE)) for _ in range(SIDE))
    (place / "wide.png").write_bytes(png(2, 16, pixels))
    return place


def png(colour: int, bits: int, rows: bytes) -> bytes:
    """A PNG that Pillow does not write."""
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = SIDE.to_bytes(4, "big") * 2 + bytes([bits, colour, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def linked(folder: Path) -> Path:
    """A folder of links into the folder, hidden and not, and one that leads to what is read anyway."""
    place = files("cat/{6}.png", ".store/{6}.png")(folder)
    (place / "dog").symlink_to(place / ".store", target_is_directory=True)
    (place / "again").symlink_to(place / "cat", target_is_directory=True)
    return place


def snapshot(folder: Path) -> Path:
    """Hugging Face's cache: all files are links to blobs."""
    place, blobs = folder / "hub" / "snapshots" / "abc", folder / "hub" / "blobs"
    blobs.mkdir(parents=True)
    for at in range(12):
        (blobs / str(at)).write_bytes(encoded(tone(at, 1), "PNG"))
        (place / "ab"[at % 2]).mkdir(parents=True, exist_ok=True)
        (place / "ab"[at % 2] / f"{at}.png").symlink_to(blobs / str(at))
    return place


def named_at(pattern: Callable[[int], str]) -> Make:
    return files(*(pattern(at) for at in range(12)))


def npz(**arrays: Any) -> Make:
    def made(folder: Path) -> Path:
        np.savez(folder / "own.npz", **arrays)
        return folder / "own.npz"

    return made


def positional(folder: Path) -> Path:
    np.savez(folder / "own.npz", IMAGES, CODES)
    return folder / "own.npz"


def sparse_npz(form: str) -> Make:
    def made(folder: Path) -> Path:
        sparse.save_npz(folder / "own.npz", sparse.coo_array(IMAGES.reshape(12, -1) // 64).asformat(form))
        return folder / "own.npz"

    return made


IMAGES = np.stack([tone(at, 1) for at in range(12)])
COLOURS = np.stack([tone(at) for at in range(12)])
CODES = np.arange(12) % 3
THREE = {"0": 4, "1": 4, "2": 4}
PNGS = [encoded(picture, "PNG") for picture in IMAGES]
BYTES = pa.array([{"bytes": one, "path": "/etc/passwd"} for one in PNGS])


def table(name: str = "own.parquet", about: dict[str, Any] | None = None, **columns: Any) -> Make:
    def made(folder: Path) -> Path:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        content = pa.table(columns)
        if about is not None:
            content = content.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": about}})})
        parquet.write_table(content, folder / name)
        return folder / name

    return made


def shards(*names: str) -> Make:
    def made(folder: Path) -> Path:
        for name in names:
            table(f"repo/{name}.parquet", image=BYTES, label=CODES)(folder)
        return folder / "repo"

    return made


def projector(metadata: str | None) -> Make:
    def made(folder: Path) -> Path:
        place = folder / "projector"
        place.mkdir()
        np.savetxt(place / "vectors.tsv", IMAGES.reshape(12, -1)[:, :5], delimiter="\t")
        if metadata is not None:
            (place / "metadata.tsv").write_text(metadata)
        return place

    return made


BY_NAME = "file_name,label,weight\n" + "".join(f"{at:02}.png,{'cat' if at % 2 else 'dog'},{at}.5\n" for at in range(12))
BY_STEM = "id\tbreed\n" + "".join(f"{at:02}\t{'pug' if at % 3 else 'collie'}\n" for at in range(12))
BY_LINE = "".join(json.dumps({"file_name": f"{at:02}.png", "class": "ab"[at % 2]}) + "\n" for at in range(12))
FLAT = named_at(lambda at: f"{at:02}.png")

CASES: dict[str, Case] = {
    # ------------------------------------------------------------------------------------------------- pictures
    "kinds": Case(
        of="PNG, JPEG, WebP, BMP, TIFF, GIF (first frame), PGM/PPM",
        make=converted,
        n=12,
        image=(6, 6, 3),
        labels={"a": 6, "b": 6},
        ids=("a/0.jpg", "b/1.jpg"),
    ),
    "content": Case(
        of="by content and not by ending",
        make=misnamed,
        n=14,
        labels={"cat": 7, "dog": 7},
        notes=["1 files are pictures by their content, whatever their ending: 'dog/b'"],
    ),
    "16 bits": Case(
        of="16-bit with its own range",
        make=deep(4095),
        n=12,
        image=(6, 6, 1),
        range=(0.0, 4095.0),
        notes=["pixels are deeper than 8 bits; all their levels are kept"],
    ),
    "16 bits, scaled": Case(
        of="16-bit with its own range; scaled while decoding",
        make=deep(60_000),
        options={"image_shape": (3, 3)},
        n=12,
        image=(3, 3, 1),
        notes=["pictures scaled to 3 × 3"],
    ),
    "8 among 16 bits": Case(
        of="16-bit with its own range: what is likely is done and said",
        make=mixed_depth,
        n=12,
        notes=["1 pictures of 8 bits stand among 11 deeper ones; their values are multiplied by 257"],
    ),
    "fractions": Case(
        of="16-bit with its own range: TIFF of fractions",
        make=lambda folder: also(
            files("{11}.tif", kind="TIFF"), {"x.tif": encoded(tone(3, 1) / np.float32(7), "TIFF")}
        )(folder),
        n=12,
        image=(6, 6, 1),
        notes=["11 pictures of 8 bits stand among 1 deeper ones"],
    ),
    "frames": Case(
        of="GIF (first frame)",
        make=animated,
        n=13,
        image=(6, 6, 3),
        notes=["1 pictures have further frames; the first is read: 'film.gif'"],
    ),
    "colours of 16 bits": Case(
        of="never silently wrong: levels that Pillow drops",
        make=squeezed,
        n=13,
        notes=["1 pictures hold colours of 16 bits, of which 8 are read: 'wide.png'"],
    ),
    "skipped": Case(
        of='broken = "skip" goes on and counts them on the page',
        make=also(files("a/{6}.png", "b/{6}.png"), {"a/x.png": b"", "b/y.png": PNGS[0][:50]}),
        options={"broken": "skip"},
        n=12,
        labels={"a": 6, "b": 6},
        notes=["2 of 14 pictures cannot be read and are left out: empty file: a/x.png; PNG that is cut off: b/y.png"],
    ),
    "passed over": Case(
        of="What is passed over is counted by ending and by class",
        make=also(files("a/{6}.png", "b/{6}.png"), {"a/x.txt": "x", "b/y.txt": "y", "b/Thumbs.db": b"x"}),
        n=12,
        labels={"a": 6, "b": 6},
        left_out=["2 × files .txt: no pictures: a 1, b 1", "1 × files .db: no pictures: b 1"],
    ),
    # -------------------------------------------------------------------------------------------------- folders
    "classes": Case(
        of="the class is the folder that holds the pictures",
        make=files("cat/{6}.png", "dog/{6}.png"),
        n=12,
        labels={"cat": 6, "dog": 6},
        ids=("cat/0.png", "dog/0.png", "cat/1.png"),
    ),
    "wrapper": Case(
        of="wrappers are descended",
        make=files("PetImages/Cat/{6}.png", "PetImages/Dog/{6}.png"),
        n=12,
        labels={"Cat": 6, "Dog": 6},
        ids=("PetImages/Cat/0.png",),
    ),
    "wrapper inside": Case(
        of="wrappers are descended, also below the class",
        make=files("cat/images/{6}.png", "dog/images/{6}.png"),
        n=12,
        labels={"cat": 6, "dog": 6},
    ),
    "one folder": Case(
        of="wrappers are descended: a folder around all is no label",
        make=files("images/{12}.png"),
        n=12,
        labels={},
        notes=["all pictures lie in one folder, 'images', which is taken for no label"],
    ),
    "below a class": Case(
        of="the class is the folder that holds the pictures, or the outermost that does",
        make=files("cat/{4}.png", "cat/old/{2}.png", "dog/{6}.png"),
        n=12,
        labels={"cat": 6, "dog": 6},
    ),
    "two levels": Case(
        of="the class is the folder that holds the pictures; what is doubtful is asked",
        make=files("animals/cat/{3}.png", "animals/dog/{3}.png", "things/car/{3}.png", "things/cup/{3}.png"),
        n=12,
        labels={"car": 3, "cat": 3, "cup": 3, "dog": 3},
        columns=["folder"],
        doubts=["label_pattern"],
    ),
    "two levels, asked": Case(
        of="every choice has a key: label_pattern with a slash reads the path",
        make=files("animals/cat/{3}.png", "animals/dog/{3}.png", "things/car/{3}.png", "things/cup/{3}.png"),
        options={"label_pattern": "^([^/]+)/"},
        n=12,
        labels={"animals": 6, "things": 6},
        columns=["folder"],
    ),
    "train and test": Case(
        of="train/val/test are a split column, not classes",
        make=files("train/cat/{4}.png", "train/dog/{4}.png", "test/cat/{2}.png", "test/dog/{2}.png"),
        n=12,
        labels={"cat": 6, "dog": 6},
        columns=["split"],
        splits={"train": 8, "test": 4},
    ),
    "their spellings": Case(
        of="in all their spellings (seg_train, dev, holdout)",
        make=files(
            *(f"{split}/{split}/{kind}/{{2}}.png" for split in ("seg_train", "dev", "Hold-out") for kind in "ab")
        ),
        n=12,
        labels={"a": 6, "b": 6},
        columns=["split"],
        splits={"seg_train": 4, "dev": 4, "Hold-out": 4},
    ),
    "one split": Case(
        of="split: read only one, by any of its spellings",
        make=files("seg_train/a/{6}.png", "seg_train/b/{6}.png", "seg_test/a/{5}.png"),
        options={"split": "train"},
        n=12,
        labels={"a": 6, "b": 6},
        columns=["split"],
        splits={"seg_train": 12},
    ),
    "split below the class": Case(
        of="train/val/test are a split column, wherever they stand",
        make=files("cat/train/{4}.png", "cat/valid/{2}.png", "dog/train/{4}.png", "dog/valid/{2}.png"),
        n=12,
        labels={"cat": 6, "dog": 6},
        columns=["split"],
        splits={"train": 8, "valid": 4},
    ),
    "a class called train": Case(
        of="a split column, not classes: but a train among buses is a class, which is doubted",
        make=files("bus/{4}.png", "train/{4}.png", "tram/{4}.png"),
        n=12,
        labels={"bus": 4, "train": 4, "tram": 4},
        doubts=["label_pattern"],
    ),
    "underscores": Case(
        of="`__background__`-like names are classes",
        make=also(files("__background__/{6}.png", "_other_/{6}.png"), {"__MACOSX/x.png": PNGS[0]}),
        n=12,
        labels={"__background__": 6, "_other_": 6},
        notes=["1 folders passed over: '__MACOSX'"],
    ),
    "links": Case(
        of="links are followed inside the folder",
        make=linked,
        n=12,
        labels={"cat": 6, "dog": 6},
        notes=["1 folders passed over: '.store'", "1 links to folders passed over, which lead outside or to what is"],
    ),
    "metadata.csv": Case(
        of="metadata.csv beside them (by file_name) gives labels and columns",
        make=also(FLAT, {"metadata.csv": BY_NAME}),
        n=12,
        labels={"cat": 6, "dog": 6},
        columns=["weight"],
        notes=["'metadata.csv' is read: column 'file_name' has the names of the pictures", "column 'label' is taken"],
    ),
    "labels.tsv": Case(
        of="labels.csv beside them (by id, without the ending)",
        make=also(FLAT, {"labels.tsv": BY_STEM}),
        n=12,
        labels={"collie": 4, "pug": 8},
    ),
    "metadata.jsonl": Case(
        of="metadata beside them, as Hugging Face writes it line by line",
        make=also(FLAT, {"metadata.jsonl": BY_LINE}),
        n=12,
        labels={"a": 6, "b": 6},
    ),
    "train.csv by path": Case(
        of="train.csv beside them (by path), in one folder of pictures",
        make=also(
            files("images/{12}.png"),
            {"train.csv": "path,target\n" + "".join(f"images/{at}.png,{at // 6}\n" for at in range(12))},
        ),
        n=12,
        labels={"0": 6, "1": 6},
        notes=["all pictures lie in one folder"],
    ),
    "a row missing": Case(
        of="metadata.csv: what it does not name is said",
        make=also(FLAT, {"metadata.csv": BY_NAME.replace("11.png,cat", "99.png,cat")}),
        options={"label_column": ""},
        n=12,
        labels={},
        columns=["label", "weight"],
        notes=["1 pictures have no row in 'metadata.csv'", "1 rows of 'metadata.csv' name no picture that is there"],
    ),
    "a table that is none": Case(
        of="metadata.csv: a row for each box is no row for each picture",
        make=also(FLAT, {"annotations.csv": "file_name,x\n" + "".join(f"0{at % 5}.png,{at}\n" for at in range(20))}),
        n=12,
        labels={},
        left_out=["1 × files .csv"],
    ),
    "cat.0.jpg": Case(
        of="class in the file name (cat.0.jpg): likely is done and said",
        make=named_at(lambda at: f"{('cat', 'dog')[at % 2]}.{at}.png"),
        n=12,
        labels={"cat": 6, "dog": 6},
        doubts=["label_column"],
    ),
    "cameras": Case(
        of="class in the file name: IMG_1 and DSC_2 are no classes, a doubt with the key that decides it",
        make=named_at(lambda at: f"{('IMG', 'DSC')[at % 2]}_{at}.png"),
        n=12,
        labels={},
        doubts=["label_pattern"],
    ),
    "7_12.png": Case(
        of="class in the file name: a number before a number is doubted",
        make=named_at(lambda at: f"{at % 3}_{at}.png"),
        n=12,
        labels={},
        doubts=["label_pattern"],
    ),
    "label_pattern": Case(
        of="class in the file name by label_pattern",
        make=named_at(lambda at: f"{at % 3}_{at}.png"),
        options={"label_pattern": r"^(\d+)_"},
        n=12,
        labels=THREE,
    ),
    "order": Case(
        of="Order by file name, then path, so that a picture that moves keeps its place",
        make=files("b/1.png", "a/2.png", "b/2.png", "a/10.png", *(f"a/{at}.png" for at in range(20, 28))),
        n=12,
        ids=("b/1.png", "a/2.png", "b/2.png", "a/10.png", "a/20.png"),
    ),
    "snapshot": Case(
        of="links are followed inside the cache's blobs",
        make=snapshot,
        n=12,
        labels={"a": 6, "b": 6},
        ids=("a/0.png", "b/1.png"),
    ),
    # ------------------------------------------------------------------------------------------------- archives
    "Keras": Case(
        of="by well-known names: Keras; which part is read is said",
        make=npz(x_train=IMAGES, y_train=CODES, x_test=IMAGES[:5], y_test=CODES[:5]),
        n=12,
        image=(6, 6, 1),
        labels=THREE,
        left_out=["array 'x_test'", "array 'y_test'"],
        doubts=["split"],
        notes=["array 'x_train' is taken for the pictures"],
    ),
    "MedMNIST": Case(
        of="by well-known names: MedMNIST; n × 1 squeezed",
        make=npz(train_images=IMAGES[:5], train_labels=CODES[:5, None], val_images=IMAGES, val_labels=CODES[:, None]),
        options={"split": "val"},
        n=12,
        labels=THREE,
        left_out=["array 'train_images'", "array 'train_labels'"],
        notes=["array 'val_labels' has one column, which is the labels"],
    ),
    "savez(a, b)": Case(
        of="by well-known names: arr_0",
        make=positional,
        n=12,
        image=(6, 6, 1),
        labels=THREE,
        notes=["array 'arr_0' is taken for the pictures", "array 'arr_1' is taken for the labels"],
    ),
    "one-hot": Case(
        of="one-hot made labels (said)",
        make=npz(images=IMAGES, labels=np.eye(3)[CODES]),
        n=12,
        labels=THREE,
        notes=["array 'labels' is one-hot"],
    ),
    "several labels": Case(
        of="never silently wrong: rows of several ones are no label",
        make=npz(images=IMAGES, labels=np.tri(12, 3)),
        n=12,
        labels={},
        left_out=["array 'labels': 3 values a sample"],
    ),
    "by keys": Case(
        of='or by keys (images = "x_test")',
        make=npz(x_train=IMAGES[:5], x_test=IMAGES, y_test=CODES, wanted=IMAGES[:, 0]),
        options={"images": "x_test", "features": ("wanted",)},
        n=12,
        numbers=6,
        image=(6, 6, 1),
        labels=THREE,
        left_out=["array 'x_train'"],
        notes=["array 'wanted' is taken for the features", "array 'y_test' is taken for the labels"],
    ),
    "float16, channels first": Case(
        of="float16, NCHW",
        make=npz(x=(COLOURS / 255).astype(np.float16).transpose(0, 3, 1, 2), y=CODES),
        n=12,
        image=(6, 6, 3),
        labels=THREE,
        notes=["pictures have their 3 channels first; brought to the end"],
    ),
    "RGBA": Case(
        of="RGBA: alpha on white",
        make=npz(images=np.concatenate([COLOURS, np.zeros((12, 6, 6, 1), np.uint8) + 128], axis=3)),
        n=12,
        image=(6, 6, 3),
        notes=["pictures have a fourth channel, taken for their opacity; laid on white"],
    ),
    "sparse": Case(
        of="scipy.sparse within memory",
        make=sparse_npz("csr"),
        n=12,
        numbers=36,
        image=(),
    ),
    "sparse, by coordinates": Case(
        of="scipy.sparse .npz in its other formats", make=sparse_npz("coo"), n=12, numbers=36
    ),
    "columns of an archive": Case(
        of="columns kept beside: arrays of one value a sample; the rest left out, said",
        make=npz(embeddings=IMAGES[:, 0] / 7, filenames=[f"{at}.png" for at in range(12)], age=CODES, more=IMAGES[:3]),
        n=12,
        numbers=6,
        ids=("0.png",),
        columns=["age"],
        left_out=["array 'more'"],
        notes=["array 'filenames' is taken for the ids"],
    ),
    "another name": Case(
        of="likely is done and said: the only array of several dimensions",
        make=npz(spectra=IMAGES[:, 0] / 7, y=CODES),
        n=12,
        numbers=6,
        labels=THREE,
        doubts=["images"],
        notes=["array 'spectra' is taken for the features"],
    ),
    # ----------------------------------------------------------------------------------------------------- hubs
    "splits of a hub": Case(
        of="several splits and shards",
        make=shards("train-00000-of-00002", "train-00001-of-00002", "test-00000-of-00001"),
        n=36,
        image=(6, 6, 1),
        labels={"0": 12, "1": 12, "2": 12},
        columns=["split"],
        splits={"train": 24, "test": 12},
    ),
    "splits in folders": Case(
        of="several splits, as the hub's own conversion has them",
        make=shards("default/train/0000", "default/validation/0000"),
        options={"split": "validation"},
        n=12,
        labels=THREE,
    ),
    "a shard": Case(
        of="a shard named alone is said",
        make=lambda folder: (
            shards("train-00000-of-00002", "train-00001-of-00002")(folder) / "train-00000-of-00002.parquet"
        ),
        n=12,
        notes=["'train-00000-of-00002.parquet' is shard 1 of 2 of 'train', and read alone"],
    ),
    "masks": Case(
        of="image_column; columns of other kinds left out with a note (masks)",
        make=table(mask=BYTES, image=BYTES, label=CODES),
        n=12,
        labels=THREE,
        left_out=["column 'mask': another column of pictures"],
        doubts=["image_column"],
    ),
    "several pictures": Case(
        of="columns of other kinds: lists of pictures",
        make=table(images=pa.array([[{"bytes": one}, {"bytes": PNGS[0]}] for one in PNGS]), label=CODES),
        n=12,
        image=(6, 6, 1),
        labels=THREE,
        notes=["column 'images' holds several pictures a sample; the first is read"],
    ),
    "sounds": Case(
        of="columns of other kinds left out with a note: bytes that are no pictures",
        make=table(audio=pa.array([{"bytes": b"RIFFxxxxWAVE", "path": None}] * 12), image=BYTES, label=CODES),
        n=12,
        labels=THREE,
        left_out=["column 'audio': bytes that are no pictures"],
    ),
    "an embedding beside": Case(
        of="feature_column: an embedding beside pictures is embedded",
        make=table(image=BYTES, clip_embedding=pa.array(IMAGES[:, 0].tolist()), label=CODES),
        n=12,
        numbers=6,
        image=(6, 6, 1),
        notes=["column 'clip_embedding' is embedded, by its name; the pictures are shown"],
    ),
    "a tensor": Case(
        of="Hugging Face: an embedding of several dimensions is no picture",
        make=table(embedding=pa.array((IMAGES[:, :2, :3] / 7).tolist()), label=CODES),
        n=12,
        numbers=6,
        image=(),
        labels=THREE,
        notes=["column 'label' is taken for the labels"],
    ),
    "rows without a picture": Case(
        of='broken = "skip", in Parquet',
        make=table(image=pa.array([*PNGS, None, b"no"]), label=[*CODES, 0, 0]),
        options={"broken": "skip"},
        n=12,
        labels=THREE,
        notes=["2 of 14 pictures cannot be read and are left out"],
    ),
    "projector": Case(
        of="TensorBoard's vectors.tsv with metadata.tsv",
        make=projector("word\tkind\n" + "".join(f"w{at}\t{'nv'[at % 2]}\n" for at in range(12))),
        n=12,
        numbers=5,
        labels={"n": 6, "v": 6},
        ids=("w0", "w1"),
    ),
    "projector of labels": Case(
        of="TensorBoard's metadata.tsv of one column has no names",
        make=projector("".join(f"{'nv'[at % 2]}\n" for at in range(12))),
        n=12,
        labels={"n": 6, "v": 6},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_input_is_read_rightly(name: str, tmp_path: Path) -> None:
    reading.check(CASES[name], tmp_path)


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (files("a/{6}.png", "{6}.png"), {}, r"6 pictures lie beside the folders .* label_pattern = '\(\[\^/\]\+\)/"),
        (also(files("a/{12}.png"), {"b/x.heic": b""}), {}, r"no picture in 'b' is of a kind that is read \(.heic are"),
        (also(files("a/{12}.png"), {"b/x.png": b""}), {"broken": "skip"}, "of 'b' no picture can be read"),
        (files("a/{6}.png", "b/{6}.png"), {"split": "train"}, "no split 'train'; the folders are no parts of the data"),
        (files("train/{6}.png", "test/{6}.png"), {"split": "dev"}, "no split 'dev'; allowed: 'test', 'train'"),
        (FLAT, {"label_pattern": "^[a-z]+"}, "label_pattern '.*' finds no label in any of 12 names, such as '00.png'"),
        (FLAT, {"label_column": "kind"}, "label_column 'kind' is a column of a table .* beside them lies no table"),
        (
            also(FLAT, {"metadata.csv": BY_NAME}),
            {"label_column": "kind"},
            "label_column 'kind' is no column; there are 2: 'label', 'weight'",
        ),
        (
            npz(mine=IMAGES, yours=IMAGES),
            {},
            r"holds 'mine' \(12 × 6 × 6 of uint8\), .* name the one to read: images =",
        ),
        (npz(images=IMAGES), {"images": "x_test"}, "images 'x_test' is no array; allowed: 'images'"),
        (npz(x_train=IMAGES), {"split": "test"}, "there is no split 'test'; allowed: train"),
        (npz(images=IMAGES, labels=CODES[:5]), {}, "5 labels for 12 samples"),
        (shards("a", "b"), {}, r"holds several sets \(a, b\); say which: split = 'a' in a config, or --split a"),
        (table(image=BYTES, label=CODES), {"image_column": "label"}, "'label' is no such column; allowed: 'image'"),
        (projector("a\nb\n"), {}, "metadata.tsv: 2 lines for 12 vectors"),
    ],
)
def test_what_is_doubtful_is_refused_with_the_key_that_decides(
    make: Make, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=message):
        load(make(tmp_path), "mine", Options(**options))


@pytest.mark.parametrize(
    ("address", "command"),
    [
        ("https://example.org/a%20b.csv?x=1", "curl --location --output 'a b.csv' 'https://example.org/a%20b.csv?x=1'"),
        ("https://huggingface.co/datasets/ylecun/mnist", "hf download ylecun/mnist --repo-type dataset"),
        ("s3://bucket/photos", "aws s3 cp --recursive s3://bucket/photos photos"),
    ],
)
def test_an_address_is_named_with_the_commands_that_fetch_it(address: str, command: str, tmp_path: Path) -> None:
    for path in (Path(address), tmp_path / address):
        with pytest.raises(DataError) as error:
            load(path, "mine", Options())
        assert f"is an address, and nothing is fetched from one here; fetch it first: {command}" in str(error.value)


# ------------------------------------------------------------------------------------------------------ one picture


def pixels(content: bytes, shape: tuple[int, ...] | None = None) -> NDArray[Any]:
    return decoding.decoded(content, "x", shape).pixels


def test_transparency_lies_on_white_in_every_way_to_write_it() -> None:
    clear = np.zeros((2, 2, 4), np.uint8)
    for kind in ("PNG", "WEBP", "TIFF"):
        assert (pixels(encoded(clear, kind)) > 253).all(), kind
    sink = io.BytesIO()
    Image.fromarray(np.zeros((2, 2), np.uint8)).convert("P").save(sink, "PNG", transparency=0)
    assert (pixels(sink.getvalue()) == 255).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_exif_turns_a_picture_of_every_kind(kind: str) -> None:
    wide = np.repeat(np.linspace(0, 255, 8).astype(np.uint8)[None, :], 4, axis=0)
    turned = Image.Exif()
    turned[0x0112] = 6
    upright = pixels(encoded(wide, kind, exif=turned))
    assert upright.shape[:2] == (8, 4)
    assert upright[0].max() < upright[-1].min()


def test_a_cmyk_jpeg_has_its_colours() -> None:
    red = Image.fromarray(np.full((8, 8, 3), (220, 30, 40), np.uint8))
    sink = io.BytesIO()
    red.convert("CMYK").save(sink, "JPEG", quality=95)
    assert np.abs(pixels(sink.getvalue()).astype(int) - (220, 30, 40)).max() < 12


def test_a_large_jpeg_is_scaled_while_it_is_decoded_and_a_large_png_before_it_is_copied() -> None:
    """Eight by eight squares of a photograph, exactly scaled: what decoding to a smaller size gives is close to it."""
    rng = np.random.default_rng(0)
    large = np.kron(rng.integers(0, 255, (8, 8, 3)), np.ones((160, 160, 1))).astype(np.uint8)
    exact = large[::160, ::160].astype(int)
    for kind in ("JPEG", "PNG"):
        scaled = pixels(encoded(large, kind), (8, 8)).astype(int)
        assert np.abs(scaled - exact).max() <= (12 if kind == "JPEG" else 0), kind


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty file; get it again"),
        (b"<!DOCTYPE html><title>404</title>", "web page in place of the picture; get it again"),
        (b"version https://git-lfs.github.com/spec/v1", "pointer of Git LFS in place of the picture; .*git lfs pull"),
        (b"\0\0\0\x1cftypheic", "HEIC, which is not read; convert it"),
        (b"\0\0\0\x1cftypavif", "AVIF, which is not read; convert it"),
        (b"BMy text begins like a bitmap", "no picture of a kind that is read"),
        (b"P5 is what a PGM begins with", "no picture of a kind that is read"),
        (PNGS[0][:60], "PNG that is cut off"),
        (encoded(tone(0), "JPEG")[:400], "JPEG that is cut off"),
    ],
)
def test_what_is_no_picture_is_named_for_what_it_is(content: bytes, message: str) -> None:
    with pytest.raises(decoding.PictureError, match=message):
        decoding.decoded(content, "x", None)
