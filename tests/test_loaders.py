"""Own data: the same pictures in every format give the same data set; what a file does not say can be said."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from PIL import Image
from pyarrow import parquet

from precompute.dataset import DataError, fingerprint
from precompute.loaders import download, registry
from precompute.loaders.assemble import id_of, load
from precompute.loaders.columns import Seen, roles, square
from precompute.loaders.conversation import Loaded
from precompute.loaders.labels import cleaned, coded
from precompute.loaders.options import Options
from precompute.loaders.raw import LeftOut
from precompute.loaders.registry import FORMATS as KNOWN
from precompute.loaders.scaling import scaled
from precompute.machine import arrow
from tests import documentation, loading

MNIST = Path(__file__).parents[2] / "shared" / "data" / "mnist"


def loaded(path: Path, **options: Any) -> Loaded:
    return load(path, "mine", Options(**options))


@pytest.mark.parametrize("name", loading.FORMATS)
def test_every_format_gives_the_same_data_set(name: str, tmp_path: Path) -> None:
    data = loaded(loading.FORMATS[name](tmp_path)).data
    values = loading.pictures().reshape(loading.N, -1)
    np.testing.assert_allclose(data.values, values / 255, atol=1e-7)
    assert data.pixels is not None
    np.testing.assert_array_equal(data.pixels, values)
    assert data.image_shape == (8, 8, 1)
    if name in loading.UNLABELLED:
        assert data.labels is None
        return
    assert data.labels is not None
    np.testing.assert_array_equal(data.labels, loading.labels())
    named = name in ("folder", "hugging face")
    assert data.label_names == (loading.NAMES if named else tuple(map(str, range(10))))


def test_every_known_format_is_tried() -> None:
    assert {name.split(",")[0].split(".")[0].split(" ")[0] for name in loading.FORMATS} >= set(KNOWN) - {"parquet"}
    assert {"parquet", "hugging"} <= {name.split(",")[0].split(" ")[0] for name in loading.FORMATS}


@pytest.mark.parametrize(
    ("array", "expected", "words"),
    [
        (np.array([[0, 255]], np.uint8), [[0, 1]], "value / 255"),
        (np.array([[0, 65535]], np.uint16), [[0, 1]], "value / 65535"),
        (np.array([[-128, 127]], np.int8), [[0, 1]], "(value + 128) / 255"),
        (np.array([[0, 8, 16]], np.int64), [[0, 0.5, 1]], "(value − 0) / 16, min–max over all values"),
        (np.array([[0.25, 0.5]]), [[0.25, 0.5]], "kept: the values lie in [0, 1]"),
        (np.array([[-1.0, 3.0]], np.float32), [[0, 1]], "(value − -1) / 4, min–max over all values"),
        (np.array([[True, False]]), [[1, 0]], "false = 0, true = 1"),
    ],
)
def test_numbers_of_every_type_are_scaled_and_the_words_say_how(array: NDArray[Any], expected: Any, words: str) -> None:
    found = scaled(array, "x")
    np.testing.assert_allclose(found.values, np.array(expected, np.float64))
    assert found.values.dtype == np.float32
    assert found.words == words
    (_, shift, span), *_ = found.units
    np.testing.assert_allclose((array.astype(np.float64) - shift) / span, found.values, atol=1e-6)


def test_columns_of_different_units_can_be_scaled_each_by_itself() -> None:
    found = scaled(np.array([[0, 1000], [1, 3000], [2, 2000]]), "x", "columns", ("a", "b"))
    np.testing.assert_allclose(found.values, np.array([[0, 0], [0.5, 1], [1, 0.5]]))
    assert found.words == "each column min–max scaled by itself"
    assert found.units == (("a", 0, 2), ("b", 1000, 2000))


def test_labels_may_be_numbers_texts_or_named_numbers() -> None:
    codes, names = coded(["b", "a", "b"], None, "x")
    assert (codes.tolist(), names) == ([1, 0, 1], ("a", "b"))
    codes, names = coded(np.array([10, 2, 10]), None, "x")
    assert (codes.tolist(), names) == ([1, 0, 1], ("2", "10"))
    codes, names = coded(np.array([10.0, 2.0], object), None, "x")
    assert (codes.tolist(), names) == ([1, 0], ("2", "10"))
    codes, names = coded(np.array([2.0, 0.0]), ("cat", "dog", "owl"), "x")
    assert (codes.tolist(), names) == ([1, 0], ("cat", "owl"))  # only those in use count


@pytest.mark.parametrize(
    ("labels", "names", "message"),
    [
        (np.array([1.5, 2.0]), None, "label 1.5 of sample 0"),
        (np.arange(1001), None, "1,001 different labels; allowed are at most 1,000"),
        (np.array([0, 5]), ("a", "b"), "labels run from 0 to 5 but 2 names are given"),
        (np.array([0, 1]), ("a", "a"), "stands twice"),
        (np.array(["", ""]), None, "no label in the labels"),
        (np.array([[1], [2]]), None, "needed: one a sample"),
        (np.array([1, "a"], object), None, "labels of several types"),
        (np.array([2**70], object), None, "beyond 64 bits"),
        (np.array([1.5, 2.0], object), None, "label 1.5 of sample 0"),
        (np.array([b"cat"]), ("a",), "1 label names are given, but the labels are texts, the first is 'cat'"),
        (np.array([], np.int64), ("a",), "no label in the labels"),
    ],
)
def test_labels_that_are_none_are_refused(labels: NDArray[Any], names: tuple[str, ...] | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        coded(labels, names, "x")


def test_columns_are_found_by_their_names_or_told() -> None:
    rng = np.random.default_rng(0)
    columns = [
        Seen("", pa.array(range(12)), "number"),
        Seen("width", pa.array(rng.random(12)), "number"),
        Seen("height", pa.array(rng.random(12)), "number"),
        Seen("species", pa.array(["cat", "dog"] * 6), "text"),
    ]
    found = roles(columns, Options(), "x")
    assert (found.id, found.label, found.features) == (0, 3, [1, 2])
    assert "taken for the labels" in found.notes[0]
    found = roles(columns, Options(label_column=-1, id_column="", features=("width", "height")), "x")
    assert (found.id, found.label, found.features, found.beside) == (
        None,
        3,
        [1, 2],
        [(0, "numbers, not named in features")],
    )
    with pytest.raises(DataError, match=r"label_column 'kind' is no column; there are 4"):
        roles(columns, Options(label_column="kind"), "x")
    with pytest.raises(DataError, match=r"'height' stands in drop and in features; name it in one"):
        roles(columns, Options(drop=("height",), features=("height",)), "x")
    assert square([f"pixel{at}" for at in range(784)]) == (28, 28)
    assert square([f"{row}x{column}" for row in range(3) for column in range(3)]) == (3, 3)
    assert square(["a", "b", "c", "d"]) is None


def test_features_with_pictures_beside_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    large = rng.integers(0, 256, (12, 100, 50, 3), dtype=np.uint8)
    np.savez(tmp_path / "x.npz", features=rng.normal(size=(12, 5)), images=large, ids=[f"n{at}" for at in range(12)])
    found = loaded(tmp_path / "x.npz")
    assert found.data.values.shape == (12, 5)
    assert found.data.image_shape == (64, 32, 3)
    assert found.data.ids[3] == "n3"
    assert found.data.scaling.endswith("min–max over all values")
    assert any("scaled to 32 × 64" in note for note in found.notes)


def test_flat_rows_become_pictures_where_told(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", loading.pictures().reshape(loading.N, -1))
    assert loaded(tmp_path / "x.npy").data.image_shape is None
    assert loaded(tmp_path / "x.npy", image_shape=(4, 16)).data.image_shape == (4, 16, 1)
    with pytest.raises(DataError, match="rows of 64 numbers are no pictures of 5 × 5, which need 25"):
        loaded(tmp_path / "x.npy", image_shape=(5, 5))


def test_photographs_do_not_become_negatives(tmp_path: Path) -> None:
    bright = np.clip(255 - loading.pictures().astype(int), 20, 255).astype(np.uint8)
    np.save(tmp_path / "x.npy", bright)
    for ink, polarity in (("auto", "light"), ("dark", "light"), ("bright", "ink")):
        data = loaded(tmp_path / "x.npy", ink=ink).data
        assert data.pixels is not None
        assert data.polarity == polarity
        np.testing.assert_array_equal(data.pixels.reshape(bright.shape), bright)
        np.testing.assert_allclose(data.values.reshape(bright.shape), bright / 255, atol=1e-7)


def test_strokes_are_ink_and_colour_is_light_whatever_is_asked_for(tmp_path: Path) -> None:
    strokes = loading.pictures()
    np.save(tmp_path / "grey.npy", strokes)
    np.save(tmp_path / "colour.npy", np.stack([strokes] * 2 + [strokes // 2], axis=-1))
    for ink, polarity in (("auto", "ink"), ("bright", "ink"), ("dark", "light")):
        assert loaded(tmp_path / "grey.npy", ink=ink).data.polarity == polarity
        assert loaded(tmp_path / "colour.npy", ink=ink).data.polarity == "light"


def test_colour_grey_and_turned_pictures(tmp_path: Path) -> None:
    place = loading.classes(tmp_path, "RGB")
    assert loaded(place).data.image_shape == (8, 8, 1), "grey stored as colour is grey"
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[:, :4, 0] = 200
    Image.fromarray(picture).save(place / "digit 0" / "red.png")
    assert loaded(place).data.image_shape == (8, 8, 3)


def test_pictures_of_different_sizes_need_a_size(tmp_path: Path) -> None:
    place = loading.classes(tmp_path)
    Image.fromarray(np.zeros((30, 20), np.uint8)).save(place / "digit 9" / "other.png")
    with pytest.raises(DataError, match=r"different sizes .*8 × 8, digit 9/other.png: 20 × 30.*--image-shape 48x48"):
        loaded(place)
    found = loaded(place, image_shape=(6, 6))
    assert found.data.image_shape == (6, 6, 1)
    assert found.data.n == loading.N + 1


def test_a_folder_without_classes_is_unlabelled(tmp_path: Path) -> None:
    for sample, picture in enumerate(loading.pictures()):
        Image.fromarray(picture).save(tmp_path / f"{sample:02}.png")
    found = loaded(tmp_path)
    assert found.data.labels is None
    assert found.data.ids[:2] == ("00.png", "01.png")
    (tmp_path / "class").mkdir()
    Image.fromarray(loading.pictures()[0]).save(tmp_path / "class" / "a.png")
    with pytest.raises(DataError, match=r"40 pictures lie beside the folders .* label_pattern = '\(\[\^/\]\+\)/"):
        loaded(tmp_path)
    assert loaded(tmp_path, label_column="").data.n == loading.N + 1


def test_csv_of_other_makes(tmp_path: Path) -> None:
    rows = [f"{at};{at % 3}.5;{at * 2};{'cat' if at % 2 else 'dog'}" for at in range(12)]
    path = tmp_path / "pets.csv"
    path.write_text("id;weight;age;kind\n" + "\n".join(rows), encoding="utf-8-sig")
    data = loaded(path, scale="columns").data
    assert data.values.shape == (12, 2)
    assert data.label_names == ("cat", "dog")
    path.write_text("\n".join(f"{at},{at * at},{at % 2}" for at in range(12)))
    assert loaded(path).data.values.shape == (12, 3)
    assert loaded(path, label_column=-1).data.label_names == ("0", "1")


def test_labels_with_leading_zeros_and_a_late_fraction(tmp_path: Path) -> None:
    """Types are not guessed from the first rows: a column that turns to fractions later is read all the same."""
    path = tmp_path / "x.csv"
    path.write_text(
        "label,a,b\n" + "".join(f"0{at % 3},{at},{at if at < 390_000 else at + 0.5}\n" for at in range(400_000))
    )
    found = loaded(path)
    assert found.data.label_names == ("00", "01", "02")
    assert found.data.n == 400_000


def test_pandas_numbers_for_names_are_no_sample(tmp_path: Path) -> None:
    frame = pd.DataFrame(np.arange(48).reshape(12, 4) * 2)
    path = tmp_path / "x.csv"
    frame.to_csv(path, index=False)
    found = loaded(path)
    assert found.data.n == 12
    assert found.range == (0, 94)
    assert any(one.sentence.startswith("the first line, 0 … 3, is taken for the names") for one in found.doubts)
    assert loaded(path, header="none").data.n == 13
    assert loaded(path, label_column=-1, scale="columns").data.values.shape == (12, 3)
    path.write_text("0,1,2,4\n" * 11 + "0,1,2,3\n")
    found = loaded(path)
    assert found.data.n == 12
    assert not found.notes


def test_the_index_of_pandas_is_no_feature(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) % 3, "kind": ["cat", "dog"] * 10})
    path = tmp_path / "x.parquet"
    frame.sample(frac=1, random_state=0)[:12].to_parquet(path)
    assert "__index_level_0__" in parquet.read_schema(path).names
    found = loaded(path)
    assert found.data.values.shape == (12, 2)
    assert [one.what for one in found.left_out] == ["column '__index_level_0__'"]
    assert loaded(path, label_column=-1).data.label_names == ("cat", "dog")
    own = loaded(path, id_column="__index_level_0__")
    assert own.data.values.shape == (12, 2)
    assert own.data.ids != tuple(map(str, range(12)))
    assert not own.left_out
    frame.to_parquet(path)
    assert not loaded(path).left_out


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (["1", "10", "2"], ("1", "2", "10")),
        ([" 1", " 10", " 2"], ("1", "2", "10")),
        (["-1", "0", "1"], ("-1", "0", "1")),
        (["0.0", "10.0", "1.0"], ("0", "1", "10")),
        (["1_1", "11", "2"], ("1_1", "2", "11")),
        (["01", "1", "2"], ("01", "1", "2")),
        (["+1", "1", "2"], ("+1", "1", "2")),
        (["1", "1.0", "2"], ("1", "1.0", "2")),
        (["0.5", "1.0", "2.0"], ("0.5", "1.0", "2.0")),
        (["9" * 30, "1", "2"], ("1", "2", "9" * 30)),
    ],
)
def test_labels_of_a_csv_are_numbers_only_where_written_so(
    written: list[str], names: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b,label\n" + "".join(f"{at},{at * at},{written[at % 3]}\n" for at in range(12)))
    data = loaded(path).data
    assert data.label_names == names
    assert data.labels is not None
    assert np.bincount(data.labels).tolist() == [4, 4, 4]


def test_names_for_labels_that_are_texts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b,label\n" + "".join(f"{at},{at * at},0{at % 2}\n" for at in range(12)))
    with pytest.raises(
        DataError, match="2 label names are given, but the labels are texts, the first is '00'; .*leave"
    ):
        loaded(path, label_names=("cat", "dog"))
    path.write_text("a,b,label\n" + "".join(f"{at},{at * at},{at % 2}.0\n" for at in range(12)))
    assert loaded(path, label_names=("cat", "dog")).data.label_names == ("cat", "dog")


def test_parquet_of_embeddings_with_pictures(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    table = pa.table(
        {
            "id": [f"n{at}" for at in range(12)],
            "embedding": pa.FixedSizeListArray.from_arrays(pa.array(rng.normal(size=48).astype(np.float32)), 4),
            "image": [loading.png(picture) for picture in loading.pictures()[:12]],
            "kind": pa.array(["a", "b"] * 6).dictionary_encode(),
            "weight": rng.normal(size=12),
        }
    )
    parquet.write_table(table, tmp_path / "x.parquet")
    found = loaded(tmp_path / "x.parquet", label_column="kind")
    assert found.data.values.shape == (12, 4)
    assert found.data.image_shape == (8, 8, 1)
    assert found.data.label_names == ("a", "b")
    assert found.data.ids[0] == "n0"
    assert [(one.name, one.meaning) for one in found.data.columns] == [("weight", "numbers")]


def test_ids_come_from_names_of_files() -> None:
    names = {"My Digits (v2).csv.gz": "my-digits-v2", "x.npz": "x", "ÄÖ.npy": "data", "a" * 99 + ".npy": "a" * 64}
    assert {name: id_of(Path(name)) for name in names} == names


@pytest.mark.parametrize("kind", [np.uint16, np.int16, np.uint8])
def test_pictures_that_use_little_of_their_type_are_said_to_be_pale(kind: Any, tmp_path: Path) -> None:
    """Divided by the range of 16 bits, 0 … 255 would hardly show."""
    images = loading.pictures().astype(kind) // (1 if kind != np.uint8 else 16)
    np.savez(tmp_path / "x.npz", images=images)
    found = loaded(tmp_path / "x.npz", ink="bright")
    assert any("the pictures will be pale: their numbers run from 0 to" in note for note in found.notes)
    told = loaded(tmp_path / "x.npz", ink="bright", scale="values")
    assert not any("pale" in note for note in told.notes)
    assert told.data.pixels is not None
    assert (told.data.pixels.min(), told.data.pixels.max()) == (0, 255)
    assert told.data.scaling.endswith("min–max over all values")
    np.savez(tmp_path / "y.npz", images=loading.pictures(), features=loading.pictures().reshape(loading.N, -1) // 16)
    assert not any("pale" in note for note in loaded(tmp_path / "y.npz").notes)


def test_flat_pictures_of_an_archive_become_pictures_where_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", images=loading.pictures().reshape(loading.N, -1), labels=loading.labels())
    with pytest.raises(DataError, match=r"flat pictures need an image_shape, such as \[28, 28\]"):
        loaded(tmp_path / "x.npz")
    data = loaded(tmp_path / "x.npz", image_shape=(8, 8)).data
    assert data.image_shape == (8, 8, 1)
    assert data.pixels is not None
    np.testing.assert_array_equal(data.pixels, loading.pictures().reshape(loading.N, -1))
    with pytest.raises(DataError, match="rows of 64 numbers are no pictures of 5 × 5"):
        loaded(tmp_path / "x.npz", image_shape=(5, 5))


def test_columns_taken_by_their_names_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id,x,y\n" + "".join(f"n{at},{at * at},{at % 2}\n" for at in range(12)))
    found = loaded(tmp_path / "x.csv", scale="columns")
    assert found.notes[0].startswith("column 'y' is taken for the labels, by its name (if it is none: label_column = ")
    assert found.notes[1] == "column 'id' is taken for the ids, by its name"
    told = loaded(tmp_path / "x.csv", label_column="", id_column="id")
    assert not told.notes
    assert told.data.labels is None
    assert told.data.values.shape == (12, 2)


@pytest.mark.parametrize("folder", ["data", "plain_text"])
def test_a_repository_of_hugging_face_is_read_from_its_root(folder: str, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "README.md").write_text("---\n---\n")
    (root / ".git").mkdir()
    loading.hugging_face(root).rename(root / folder)
    data = loaded(root).data
    assert (data.n, data.label_names) == (loading.N, loading.NAMES)
    (root / "other").mkdir()
    (root / "other" / "a.parquet").write_bytes(b"")
    with pytest.raises(DataError, match="several folders hold Parquet files .*other.*; name one of them"):
        loaded(root)
    assert loaded(root / folder, split="train").data.n == loading.N
    (root / "other" / "a.parquet").rename(root / folder / "a.parquet")
    with pytest.raises(DataError, match=r"holds several sets \(a, train\); say which: split = 'a' in a config"):
        loaded(root / folder)
    (root / folder / "a.parquet").rename(root / folder / "test-00000-of-00001.parquet")
    (root / folder / "test-00000-of-00001.parquet").write_text("version https://git-lfs.github.com/spec/v1\noid …")
    with pytest.raises(DataError, match="a pointer of Git LFS in place of the data; get them with: git lfs pull"):
        loaded(root / folder / "test-00000-of-00001.parquet")


def test_minus_one_is_no_label_where_all_have_it_or_labels_have_names(tmp_path: Path) -> None:
    """Hugging Face writes it for the samples whose labels a contest keeps to itself."""
    place = loading.hugging_face(tmp_path)
    for part in sorted(place.iterdir()):
        table = arrow.table(part)
        hidden = pa.array([-1] * len(table), pa.int64())
        parquet.write_table(table.set_column(1, "label", hidden), part)
    found = loaded(place)
    assert found.data.labels is None
    assert any("every label is -1, which stands for none" in note for note in found.notes)
    labels = cleaned(np.array([0, -1, -1]), ("cat", "dog"), Options(), "x")
    assert labels.values == [0, None, None]
    assert coded(np.array([-1, 0, 1]), None, "x")[1] == ("-1", "0", "1")


def test_what_was_understood_is_told(tmp_path: Path) -> None:
    lines = list(loaded(loading.npz(tmp_path)).lines())
    assert lines[:2] == ["read as: NumPy archive (.npz)", "samples: 40"]
    assert lines[2].startswith("labels: 10: 0 (")
    assert lines[3:] == [
        "ids: none; samples are called by their number from 0",
        "features: 64 numbers a sample, range 0 … 255",
        "scaled to [0, 1]: value / 255",
        "images: 8 × 8 pixels, grey",
        *(line for line in lines if line.startswith("note: ")),
    ]


def test_a_new_format_is_one_function_and_one_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documentation.follow(registry, "FORMATS", monkeypatch)
    (tmp_path / "x.hex").write_text("\n".join(f"{at:02x}{at * 7 % 256:02x}" for at in range(12)))
    assert loaded(tmp_path / "x.hex").data.values.shape == (12, 2)


def test_a_download_is_checked_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = np.zeros((70, 28, 28), np.uint8), np.zeros(70, np.uint8)
    monkeypatch.setattr(download, "_fetched", lambda: (images, labels))
    with pytest.raises(DataError, match="images have sha256 .* nothing was kept"):
        list(download.mnist(tmp_path))
    assert not list(tmp_path.glob("*.npz"))
    prints = {"images": str(fingerprint(images)), "labels": str(fingerprint(labels))}
    monkeypatch.setattr(download, "MNIST_SHA256", prints)
    assert "as it should be" in list(download.mnist(tmp_path))[-1]
    with np.load(tmp_path / "mnist.npz") as kept:
        np.testing.assert_array_equal(kept["images"], images)


def test_a_download_leaves_no_cache_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def fetched(name: str, **options: Any) -> Any:
        asked.append({"name": name, **options})
        return SimpleNamespace(data=np.zeros((2, 784)), target=np.array(["5", "0"]))

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetched)
    images, labels = download._fetched()
    assert images.shape == (2, 28, 28)
    assert labels.tolist() == [5, 0]
    assert [(each["name"], each["cache"]) for each in asked] == [("mnist_784", False)]


@pytest.mark.skipif(not MNIST.is_dir(), reason="MNIST's files are not here")
def test_mnist_is_what_a_download_must_be() -> None:
    raw = registry.read(MNIST, Options())
    assert raw.images is not None
    assert fingerprint(raw.images) == download.MNIST_SHA256["images"]
    assert fingerprint(raw.labels) == download.MNIST_SHA256["labels"]


# --------------------------------------------------------------------------------- what people bring (issue 15's ids)


def counts(data: Any) -> dict[str, int]:
    """How many samples have each label."""
    return dict(zip(data.label_names, np.bincount(data.labels).tolist(), strict=True))


def pets(path: Path, ending: str, delimiter: str = ",", trailing: str = "") -> Path:
    """60 rows of two numbers and a label."""
    rows = [["a", "b", "label"], *([f"{at * 7 % 11}", f"{at}.5", ("cat", "dog")[at % 2]] for at in range(60))]
    path.write_bytes("".join(delimiter.join(row) + trailing + ending for row in rows).encode())
    return path


@pytest.mark.parametrize(
    ("name", "ending", "delimiter", "trailing"),
    [
        ("x03.csv", "\r", ",", ""),
        ("windows.csv", "\r\n", ",", ""),
        ("s23.csv", "\n", ",", ","),
        ("s23.tsv", "\n", "\t", "\t"),
        ("excel.csv", "\r\n", ";", ";;;"),
    ],
)
def test_lines_however_they_end(name: str, ending: str, delimiter: str, trailing: str, tmp_path: Path) -> None:
    found = loaded(pets(tmp_path / name, ending, delimiter, trailing))
    assert found.data.values.shape == (60, 2)
    assert counts(found.data) == {"cat": 30, "dog": 30}
    assert [one.count for one in found.left_out] == [len(trailing)] * bool(trailing)


def test_an_empty_column_at_the_end_is_no_reason_to_take_numbers_for_names(tmp_path: Path) -> None:
    path = tmp_path / "headless.csv"
    path.write_text("".join(f"{at}.5,{at * at},\n" for at in range(60)))
    assert loaded(path).data.values.shape == (60, 2)
    path.write_text("a,b,\n" + "1,2,\n" * 900_000 + "1,2,late\n")
    with pytest.raises(
        DataError, match="line 900,002: a column without a name is empty at first and holds 'late'; .*drop = "
    ):
        loaded(path)


def test_ids_that_repeat_are_named_with_their_rows_and_column(tmp_path: Path) -> None:
    ids = [f"img{at:04}.png" for at in range(60)]
    ids[39] = "img0012.png"
    message = r"'img0012.png' stands in rows 12 and 39 \(counted from 0\); every sample needs an id of its own; mend"
    rows = "".join(f"{name},{at},{at * at % 7}\n" for at, name in enumerate(ids))
    (tmp_path / "x.csv").write_text("filename,a,b\n" + rows)
    table = pa.table({"filename": ids, "a": np.arange(60), "b": np.arange(60) ** 2 % 7})
    parquet.write_table(table, tmp_path / "x.parquet")
    np.savez(tmp_path / "x.npz", features=np.random.default_rng(0).random((60, 2)), ids=np.array(ids))
    for name, where in (("x.csv", "column 'filename'"), ("x.parquet", "column 'filename'"), ("x.npz", "ids")):
        with pytest.raises(DataError, match=f"^{name}: {where}: {message}"):
            loaded(tmp_path / name)
    (tmp_path / "x.csv").write_text("id,a,b\n" + "".join(f",{at},{at * at % 7}\n" for at in range(60)))
    with pytest.raises(DataError, match="column 'id': all 60 ids are empty"):
        loaded(tmp_path / "x.csv")
    table = table.set_column(0, "id", pa.array([None if at in (5, 8) else str(at) for at in range(60)]))
    parquet.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(DataError, match=r"row 5 \(from 0\) has no id in column 'id'"):
        loaded(tmp_path / "x.parquet")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 9, column 'b': no number"),
        ("NA", "line 9, column 'b': no number"),
        ("?", r"line 9, column 'b': '\?' is no number"),
        ("-", "line 9, column 'b': '-' is no number"),
        ("inf", "line 9, column 'b': inf; only finite numbers"),
    ],
)
def test_a_missing_number_is_named_by_its_line_and_column(text: str, message: str, tmp_path: Path) -> None:
    rows = [f"p{at},{at % 3},{at},{at}.5" for at in range(60)]
    rows[7] = f"p7,0,7,{text}"
    (tmp_path / "x.csv").write_text("id,label,a,b\n" + "\n".join(rows))
    with pytest.raises(DataError, match=message):
        loaded(tmp_path / "x.csv")
    rows[2] = '"p\n2",2,2,2.5\n\n'  # two lines for one row, and two of none
    (tmp_path / "x.csv").write_text("id,label,a,b\r" + "\r".join(rows).replace("\n", "\r"))
    with pytest.raises(DataError, match=message.replace("line 9", "line 12")):
        loaded(tmp_path / "x.csv")


def test_a_missing_number_of_a_parquet_is_named_by_its_row_and_column(tmp_path: Path) -> None:
    for hole, message in ((None, "no number"), (float("nan"), "no number")):
        column = pa.array([1.5 * at if at != 7 else hole for at in range(60)], pa.float64())
        parquet.write_table(pa.table({"a": np.arange(60.0), "b": column}), tmp_path / "x.parquet")
        with pytest.raises(DataError, match=rf"row 7 \(from 0\), column 'b': {message}"):
            loaded(tmp_path / "x.parquet")


def test_a_snapshot_of_hugging_face_is_links(tmp_path: Path) -> None:
    place = loading.hugging_face(tmp_path)
    snapshot = tmp_path / "hub" / "snapshots" / "abc" / "data"
    snapshot.mkdir(parents=True)
    blobs = tmp_path / "hub" / "blobs"
    blobs.mkdir()
    for at, shard in enumerate(sorted(place.iterdir())):
        shard.rename(blobs / str(at))
        (snapshot / shard.name).symlink_to(f"../../../blobs/{at}")
    for path in (snapshot, snapshot.parent):
        assert counts(loaded(path).data) == dict(zip(loading.NAMES, np.bincount(loading.labels()), strict=True))


def odd_pictures(place: Path) -> None:
    """14 sound JPEGs in two classes."""
    rng = np.random.default_rng(0)
    for at in range(14):
        (place / f"c{at % 2}").mkdir(parents=True, exist_ok=True)
        picture = rng.integers(0, 90, (32, 32, 3)) + 70 * (at % 2)
        Image.fromarray(picture.astype(np.uint8)).save(place / f"c{at % 2}" / f"{at}.jpg")


def test_pictures_with_odd_notes_beside_sound_pixels_are_read(tmp_path: Path) -> None:
    odd_pictures(tmp_path)
    good = (tmp_path / "c0" / "0.jpg").read_bytes()
    (tmp_path / "c0" / "odd.jpg").write_bytes(b"")
    for marker, notes in (
        (0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\0"),  # a directory that is cut off
        (0xE1, b"Exif\0\0nothing of the kind"),
        (0xE2, b"MPF\0II*\0\x08\0\0\0\x05\0"),  # an index that is cut off
        (0xE2, b"MPF\0"),
    ):
        inserted = b"\xff" + bytes([marker]) + (len(notes) + 2).to_bytes(2, "big") + notes
        (tmp_path / "c0" / "odd.jpg").write_bytes(good[:2] + inserted + good[2:])
        data = loaded(tmp_path).data
        assert counts(data) == {"c0": 8, "c1": 7}
        odd = data.values[data.ids.index("c0/odd.jpg")]
        np.testing.assert_array_equal(odd, data.values[data.ids.index("c0/0.jpg")])


@pytest.mark.parametrize("side", [30_000, 65_000])
def test_a_picture_that_is_too_large_is_refused_for_its_size(side: int, tmp_path: Path) -> None:
    """Pillow warns of the one and refuses the other before it tells the sides; a JPEG of one grey is made by hand."""
    odd_pictures(tmp_path)
    small = tmp_path / "small.jpg"
    Image.new("L", (8, 8), 128).save(small)
    data = bytearray(small.read_bytes())
    small.unlink()
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = side.to_bytes(2, "big") * 2
    (tmp_path / "c0" / "scan.jpg").write_bytes(data)
    with pytest.raises(
        DataError, match=rf"c0/scan.jpg: {side:,} × {side:,} pixels; allowed: 400,000,000 in all; or go on"
    ):
        loaded(tmp_path, image_shape=(16, 16))


def test_all_pictures_that_cannot_be_read_are_named_at_once(tmp_path: Path) -> None:
    odd_pictures(tmp_path)
    good = (tmp_path / "c0" / "0.jpg").read_bytes()
    for at in range(3):
        (tmp_path / "c0" / f"bad{at}.jpg").write_bytes(good[: len(good) // 2])
    (tmp_path / "c1" / "bad10.jpg").write_bytes(b"")
    (tmp_path / "c1" / "bad9.jpg").write_bytes(b"<html><body>404 Not Found</body></html>")
    with pytest.raises(DataError, match="5 of 19 pictures cannot be read: ") as error:
        loaded(tmp_path)
    assert str(error.value).endswith(
        "JPEG that is cut off: c0/bad0.jpg, c0/bad1.jpg, c0/bad2.jpg; web page in place of the picture: c1/bad9.jpg; "
        "empty file: c1/bad10.jpg; by class: 'c0' 3, 'c1' 2; get each again, or go on without: broken = \"skip\" in a "
        "config, or --broken skip"
    )
    found = loaded(tmp_path, broken="skip")
    assert counts(found.data) == {"c0": 7, "c1": 7}
    assert "5 of 19 pictures cannot be read and are left out." in found.data.description
    for at in range(500):
        (tmp_path / "c1" / f"more{at}.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"505 of 519 pictures cannot be read: .* and 4\d\d more; by class: 'c1' 502"):
        loaded(tmp_path)
    for at in range(1, 14, 2):
        (tmp_path / "c1" / f"{at}.jpg").write_bytes(b"")
    with pytest.raises(DataError, match="of 'c1' no picture can be read, so there would be no such label"):
        loaded(tmp_path, broken="skip")


def test_a_class_may_begin_with_two_underscores_and_what_is_passed_over_is_named(tmp_path: Path) -> None:
    for name in ("cat", "dog", "__background__", "_other_", "__MACOSX", ".cache"):
        (tmp_path / name).mkdir()
        for at in range(10):
            picture = loading.pictures()[at]
            Image.fromarray(picture).save(tmp_path / name / f"{at}.png")
    (tmp_path / "notes").mkdir()
    for at in range(3):
        (tmp_path / "notes" / f"{at}.txt").write_text("seen")
    found = loaded(tmp_path)
    assert counts(found.data) == {"__background__": 10, "_other_": 10, "cat": 10, "dog": 10}
    assert found.notes[0] == "2 folders passed over: '.cache', '__MACOSX'"
    assert found.left_out == (LeftOut("files .txt", "no pictures: notes 3", 3),)
    for at in range(3):
        (tmp_path / "notes" / f"{at}.heic").write_bytes(b"\0\0\0\x18ftypheic")
    with pytest.raises(DataError, match=r"no picture in 'notes' is of a kind that is read \(.heic are not\)"):
        loaded(tmp_path)


def test_endings_may_be_in_capitals(tmp_path: Path) -> None:
    for name, made in (("X.CSV.GZ", loading.csv_packed), ("X.NPZ", loading.npz), ("X.NPY", loading.npy)):
        made(tmp_path).rename(tmp_path / name)
        assert loaded(tmp_path / name).data.n == loading.N
    (tmp_path / "folder").mkdir()
    loading.parquet_flat(tmp_path).rename(tmp_path / "folder" / "TRAIN.PARQUET")
    assert loaded(tmp_path / "folder").data.n == loading.N
    for path in loading.idx_packed(tmp_path).iterdir():
        path.rename(path.with_name(path.name.upper()))
    assert counts(loaded(tmp_path / "mnist").data) == counts(loaded(tmp_path / "X.NPZ").data)
    one = tmp_path / "mnist" / "T10K-IMAGES-IDX3-UBYTE.GZ"
    assert counts(loaded(one).data) == counts(loaded(tmp_path / "X.NPZ").data)


def test_labels_stand_in_natural_order_in_every_format(tmp_path: Path) -> None:
    names = tuple(f"class {at}" for at in range(1, 13))
    labels = [names[at % 12] for at in range(48)]
    features = np.random.default_rng(0).random((48, 2))
    np.savez(tmp_path / "x.npz", features=features, labels=np.array(labels))
    np.savez(tmp_path / "bytes.npz", features=features, labels=np.array(labels, dtype=np.bytes_))
    table = pa.table({"a": features[:, 0], "b": features[:, 1], "label": labels})
    parquet.write_table(table, tmp_path / "x.parquet")
    categories = table.set_column(2, "label", pa.array(labels).dictionary_encode())
    parquet.write_table(categories, tmp_path / "categories.parquet")
    table.to_pandas().to_csv(tmp_path / "x.csv", index=False)
    for at in range(48):
        (tmp_path / "x" / labels[at]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(loading.pictures()[at % 40]).save(tmp_path / "x" / labels[at] / f"{at}.png")
    for name in ("x.npz", "bytes.npz", "x.parquet", "categories.parquet", "x.csv", "x"):
        data = loaded(tmp_path / name).data
        assert (data.label_names, counts(data)) == (names, dict.fromkeys(names, 4)), name
    assert loaded(tmp_path / "x").data.ids[:4] == (
        "class 1/0.png",
        "class 2/1.png",
        "class 3/2.png",
        "class 4/3.png",
    )


def test_classes_with_an_order_of_their_own_keep_it(tmp_path: Path) -> None:
    order = ["small", "medium", "large", "huge"]
    sizes = pd.Categorical(["small", "large", "medium"] * 8, categories=order, ordered=True)
    frame = pd.DataFrame({"a": np.arange(24.0), "b": np.arange(24.0) ** 2, "label": sizes})
    frame.to_parquet(tmp_path / "x.parquet")
    data = loaded(tmp_path / "x.parquet").data
    assert (data.label_names, counts(data)) == (("small", "medium", "large"), {"small": 8, "medium": 8, "large": 8})
    frame.assign(label=sizes.as_unordered()).to_parquet(tmp_path / "x.parquet")
    assert loaded(tmp_path / "x.parquet").data.label_names == ("large", "medium", "small")


def test_labels_of_very_different_length_take_no_more_memory_than_their_letters(tmp_path: Path) -> None:
    """As an array of texts, 100,000 labels would each take 4 MB for the one that does."""
    rows = "".join(f"{at},{at * at % 7},{at % 3}x\n" for at in range(100_000))
    (tmp_path / "x.csv").write_text("a,b,label\n" + rows + f"1,2,{'y' * 1_000_000}\n")
    assert len(loaded(tmp_path / "x.csv").data.label_names) == 4


def test_a_folder_is_called_by_its_name_also_from_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(DataError, match=r"^empty: no picture \(PNG, JPEG, .*\) in it"):
        loaded(Path())
    monkeypatch.chdir(loading.classes(tmp_path) / "digit 0")
    with pytest.raises(DataError, match="^data set 'mine'"):
        loaded(Path())
    assert loaded(Path("..")).data.title == "by class"
