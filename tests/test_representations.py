"""Representations: files come into the samples' order, encoders see each picture alone, and what is wrong is named."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from precompute.dataset import DataError, Dataset
from precompute.representations import onnx, prepare, registry
from precompute.representations.prepare import PREPARATIONS, stroke_counts
from precompute.representations.protobuf import WireError, external_places
from precompute.representations.representation import Representation, Wanted
from tests import onnx_models
from tests.conftest import few_digits

N = 60


@pytest.fixture(scope="module")
def data() -> Dataset:
    """60 digits with ids of their own."""
    digits = few_digits(N)
    return replace(digits, ids=tuple(f"img/{sample:03}.png" for sample in range(digits.n)))


def wanted(source: str, place: str | Path, **more: Any) -> Wanted:
    return Wanted(name="mine", source=source, place=place, **more)


def read(source: str, place: str | Path, data: Dataset, **more: Any) -> Representation:
    return registry.read(wanted(source, place, **more), data)


def numbers(data: Dataset) -> NDArray[np.float32]:
    """Others than the data's, with the same neighbours."""
    return (data.values[:, ::-1][:, :50] * 7 - 3).astype(np.float32)


# ------------------------------------------------------------------------------------------------------ the data's own


def test_the_data_own_values_are_what_they_are(data: Dataset) -> None:
    for place in ("pixels", "data"):
        made = read("values", place, data)
        assert made.values is data.values and made.scaling == data.scaling and made.title == "mine"


def test_pixels_beside_other_values_are_the_pictures(data: Dataset) -> None:
    beside = replace(data, values=data.values[:, :7])
    assert read("values", "data", beside).values.shape == (N, 7)
    made = read("values", "pixels", beside)
    assert data.pixels is not None
    np.testing.assert_array_equal(made.values, data.pixels / np.float32(255))
    with pytest.raises(DataError, match='have no pictures; values = "data"'):
        read("values", "pixels", replace(data, pixels=None, image_shape=None))
    with pytest.raises(DataError, match=r"values = 'raw' is unknown; allowed: data, pixels"):
        read("values", "raw", data)
    with pytest.raises(DataError, match=r"scale = 'columns' is not allowed with values"):
        read("values", "data", data, scale="columns")


def test_an_unknown_source_and_numbers_on_a_line_are_refused(data: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="source 'magic' is unknown; allowed: values, file, onnx"):
        read("magic", "x", data)
    np.save(tmp_path / "line.npy", np.arange(N)[:, None] * np.ones(3))
    with pytest.raises(DataError, match="vary in one direction only"):
        read("file", tmp_path / "line.npy", data, match="order")


# --------------------------------------------------------------------------------------------------------------- files


def as_npz(folder: Path, ids: list[str], rows: NDArray[np.float32]) -> Path:
    np.savez(folder / "mine.npz", features=rows, ids=np.array(ids))
    return folder / "mine.npz"


def as_csv(folder: Path, ids: list[str], rows: NDArray[np.float32]) -> Path:
    pd.DataFrame(rows).assign(id=ids).to_csv(folder / "mine.csv", index=False)
    return folder / "mine.csv"


def as_parquet(folder: Path, ids: list[str], rows: NDArray[np.float32]) -> Path:
    pd.DataFrame({"vector": list(rows), "id": ids}).to_parquet(folder / "mine.parquet")
    return folder / "mine.parquet"


@pytest.mark.parametrize("write", [as_npz, as_csv, as_parquet])
def test_a_shuffled_file_lines_up_by_id(
    write: Callable[[Path, list[str], NDArray[np.float32]], Path],
    data: Dataset,
    tmp_path: Path,
    rng: np.random.Generator,
) -> None:
    order = rng.permutation(N)
    made = read("file", write(tmp_path, [data.ids[at] for at in order], numbers(data)[order]), data)
    low, high = numbers(data).min(), numbers(data).max()
    np.testing.assert_allclose(made.values, (numbers(data) - low) / (high - low), atol=1e-6)
    assert made.source.endswith("50 numbers a sample, matched by id") and not made.doubts
    assert "min–max over all values" in made.scaling


def test_missing_extra_and_repeated_ids_are_named(data: Dataset, tmp_path: Path) -> None:
    ids, rows = list(data.ids), numbers(data)
    made = read("file", as_npz(tmp_path, [*ids, "x", "y"], np.concatenate([rows, rows[:2]])), data)
    assert made.notes[-1] == "mine.npz: 2 rows ('x', 'y') belong to no sample and are left out"
    with pytest.raises(DataError, match=r"no row for 5 samples \('img/055.png', 'img/056.png', 'img/057.png' …\); add"):
        read("file", as_npz(tmp_path, ids[:55], rows[:55]), data)
    with pytest.raises(DataError, match=r"no row for 60 samples .*60 rows \('0', '1', '2' …\) belong to no sample"):
        read("file", as_npz(tmp_path, [str(at) for at in range(N)], rows), data)
    with pytest.raises(DataError, match=r"mine.npz: 1 id \('img/000.png'\) stand more than once"):
        read("file", as_npz(tmp_path, [*ids, ids[0]], np.concatenate([rows, rows[:1]])), data)
    with pytest.raises(DataError, match="59 ids for 60 rows"):
        read("file", as_npz(tmp_path, ids[:59], rows), data)


def test_without_ids_rows_are_taken_in_order_and_a_wrong_order_is_doubted(
    data: Dataset, tmp_path: Path, rng: np.random.Generator
) -> None:
    path = tmp_path / "mine.npy"
    np.save(path, numbers(data))
    made = read("file", path, data)
    assert "row 0 is taken for sample 'img/000.png'" in made.notes[0] and not made.doubts
    np.save(path, numbers(data)[rng.permutation(N)])
    made = read("file", path, data)
    assert len(made.doubts) == 1 and "are the rows in the samples' order? Bring ids" in made.doubts[0]
    assert 'match = "order"' in made.doubts[0] and not read("file", path, data, match="order").doubts
    np.save(path, numbers(data)[:-1])
    with pytest.raises(DataError, match="59 rows for 60 samples, and nothing that says which is whose"):
        read("file", path, data)


def test_what_is_no_file_of_numbers_is_refused(data: Dataset, tmp_path: Path) -> None:
    np.save(tmp_path / "cube.npy", np.zeros((N, 2, 3), dtype=np.float32))
    with pytest.raises(DataError, match=r"numbers have shape \(60, 2, 3\); needed: \(samples, dimensions\)"):
        read("file", tmp_path / "cube.npy", data)
    (tmp_path / "x.bin").write_text("1")
    with pytest.raises(DataError, match="no file of numbers for representation 'mine'; allowed: an .npz"):
        read("file", tmp_path / "x.bin", data)
    with pytest.raises(DataError, match="there is no such file"):
        read("file", tmp_path / "none.npy", data)
    broken = numbers(data).copy()
    broken[3, 4] = np.nan
    np.save(tmp_path / "nan.npy", broken)
    with pytest.raises(DataError, match="sample 3 has nan in column 4"):
        read("file", tmp_path / "nan.npy", data)


# ------------------------------------------------------------------------------------------------------------ encoders


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(content)
    return path


def test_an_encoder_gives_what_its_weights_say(data: Dataset, tmp_path: Path, rng: np.random.Generator) -> None:
    matrix = rng.normal(0, 1, (64, 5)).astype(np.float32)
    path = saved(tmp_path, onnx_models.encoder(matrix=matrix))
    made = read("onnx", path, data, prepare="plain")
    assert data.pixels is not None
    expected = data.pixels / np.float32(255) @ matrix
    low, high = expected.min(), expected.max()
    np.testing.assert_allclose(made.values, (expected - low) / (high - low), atol=1e-6)
    assert "output 'features', pictures prepared as plain" in made.source and "sha256" in made.source


def test_a_model_for_one_picture_or_for_seven_at_once_gives_the_same(data: Dataset, tmp_path: Path) -> None:
    free = read("onnx", saved(tmp_path, onnx_models.encoder()), data, prepare="plain").values
    for at_once in (1, 7):
        path = saved(tmp_path, onnx_models.encoder((at_once, 1, 8, 8)))
        np.testing.assert_allclose(read("onnx", path, data, prepare="plain").values, free, atol=1e-6)


def test_an_output_is_taken_by_name(data: Dataset, tmp_path: Path) -> None:
    path = saved(tmp_path, onnx_models.several())
    assert read("onnx", path, data, prepare="plain", output="flat").values.shape == (N, 64)
    with pytest.raises(DataError, match="has 2 outputs; say which: output = one of flat, same"):
        read("onnx", path, data, prepare="plain")
    with pytest.raises(DataError, match="has no output 'pooled'; allowed: 'flat', 'same'"):
        read("onnx", path, data, prepare="plain", output="pooled")
    with pytest.raises(DataError, match=r"output 'same' has 1 × 8 × 8 for each picture; needed: one vector"):
        read("onnx", path, data, prepare="plain", output="same")


def test_weights_may_lie_beside_a_model_and_nowhere_else(data: Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    matrix = np.eye(64, 3, dtype=np.float32)
    for place in (folder / "w.bin", tmp_path / "w.bin"):
        place.write_bytes(matrix.tobytes())
    inside = read("onnx", saved(folder, onnx_models.encoder(outside="w.bin")), data, prepare="plain")
    np.testing.assert_allclose(
        inside.values, read("onnx", saved(folder, onnx_models.encoder()), data, prepare="plain").values
    )
    (folder / "link.bin").symlink_to(tmp_path / "w.bin")
    for place_ in ("../w.bin", str(tmp_path / "w.bin"), "link.bin"):
        with pytest.raises(DataError, match="which is not in its folder; put it beside the model"):
            read("onnx", saved(folder, onnx_models.encoder(outside=place_)), data, prepare="plain")
    with pytest.raises(DataError, match="the file of weights 'none.bin' is not beside it"):
        read("onnx", saved(folder, onnx_models.encoder(outside="none.bin")), data, prepare="plain")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no whole ONNX file .it holds no graph"),
        (b"not a model at all", "no whole ONNX file"),
        (onnx_models.encoder()[:-40], "no whole ONNX file .it ends"),
        (onnx_models.of_texts(), "no image encoder: it asks for input_ids any × any tensor.int64., attention_mask"),
        (onnx_models.encoder(("n", 64)), "no image encoder: it asks for pictures any × 64 tensor.float."),
        (
            onnx_models.encoder(("n", 3, 224, 224), np.zeros((3 * 224**2, 2), dtype=np.float32)),
            "takes pictures of 3 × 224 × 224, prepared are 1 × 8 × 8; prepare = imagenet-224 or clip-224 or half-224 ",
        ),
        (onnx_models.encoder(("n", 8, 8, 1)), "channels come last in it"),
        (
            onnx_models.model([onnx_models.node("Nonsense", ["a"], ["b"])], [onnx_models.value("a", [1])], []),
            "cannot be",
        ),
        (onnx_models.encoder(("n", 1, "h", "w"), np.eye(9, 3, dtype=np.float32)), "the model fails on pictures of"),
    ],
)
def test_what_is_no_image_encoder_is_refused(content: bytes, message: str, data: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        read("onnx", saved(tmp_path, content), data, prepare="strokes-8x8")


def test_a_model_is_weighed_before_it_is_read(data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, onnx_models.encoder())
    monkeypatch.setattr(onnx, "MODEL_BYTES", 100)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("read"))
    with pytest.raises(DataError, match="bytes; allowed: 100"):
        read("onnx", path, data, prepare="plain")
    with pytest.raises(DataError, match="no such file; name an ONNX file, or one of digits-cnn"):
        read("onnx", tmp_path / "none.onnx", data, prepare="plain")


def test_a_model_without_pictures_or_preparation_is_refused(data: Dataset, tmp_path: Path) -> None:
    path = saved(tmp_path, onnx_models.encoder())
    with pytest.raises(
        DataError, match="say how pictures are prepared for model.onnx: prepare = one of plain, imagenet"
    ):
        read("onnx", path, data)
    with pytest.raises(DataError, match="prepare = 'square' is unknown; allowed: plain"):
        read("onnx", path, data, prepare="square")
    with pytest.raises(DataError, match="have no pictures for an image encoder"):
        read("onnx", path, replace(data, pixels=None, image_shape=None), prepare="plain")
    with pytest.raises(DataError, match='ink = "bright" under'):
        read("onnx", path, replace(data, polarity="light"), prepare="strokes-8x8")


def test_where_weights_lie_is_read_from_damaged_files_without_harm(rng: np.random.Generator) -> None:
    whole = onnx_models.encoder(outside="w.bin")
    assert external_places(whole) == {"w.bin"}
    for _ in range(300):
        damaged = bytearray(whole)
        for at in rng.integers(0, len(damaged), 3):
            damaged[at] = rng.integers(0, 256)
        with contextlib.suppress(WireError):
            external_places(bytes(damaged[: rng.integers(1, len(damaged) + 1)]))


# ------------------------------------------------------------------------------------------------------------ pictures


def test_colours_are_standardised_as_torchvision_does(rng: np.random.Generator) -> None:
    picture = rng.integers(0, 256, (300, 400, 3)).astype(np.uint8)
    found = PREPARATIONS["imagenet-224"].prepare(picture[None])
    assert found.shape == (1, 3, 224, 224) and found.dtype == np.float32
    scaled = Image.fromarray(picture).resize((round(400 * 256 / 300), 256), Image.Resampling.BILINEAR)
    left = (scaled.width - 224) // 2
    middle = np.asarray(scaled)[16:240, left : left + 224] / 255
    expected = (middle - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(found[0], expected.transpose(2, 0, 1), atol=1e-5)


@pytest.mark.parametrize("name", PREPARATIONS)
def test_every_preparation_gives_its_shape_and_treats_each_picture_alone(name: str, rng: np.random.Generator) -> None:
    preparation = PREPARATIONS[name]
    channels = 1 if preparation.strokes else 3
    pictures = (rng.random((4, 30, 20, channels)) ** 4 * 255).astype(np.uint8)
    together = preparation.prepare(pictures)
    assert together.dtype == np.float32 and np.isfinite(together).all()
    assert together.shape[1:] == preparation.sides((30, 20, channels))
    for at in range(4):
        np.testing.assert_array_equal(preparation.prepare(pictures[at : at + 1])[0], together[at])


def stroke() -> NDArray[np.float32]:
    """A ring with a tail, 28 × 28, off the centre."""
    y, x = np.mgrid[:28, :28]
    ring = np.abs(np.hypot(y - 9, x - 12) - 4.5) < 1.4
    tail = (np.abs(x - 16) < 1.5) & (y > 9) & (y < 23)
    return (ring | tail).astype(np.float32)


def test_strokes_come_into_the_form_of_the_digits_wherever_they_lie_and_however_large() -> None:
    picture = stroke()
    (found,) = stroke_counts(picture[None])
    assert found.shape == (8, 8) and set(np.unique(found * 16)) <= set(range(17))
    assert (found.max(axis=1) > 0).all(), "the full height"
    assert found[:, [0, 7]].max() == 0, "at most 20 of 32 bits wide"
    np.testing.assert_array_equal(stroke_counts(np.roll(picture, (3, -2), axis=(0, 1))[None])[0], found)
    large = np.kron(picture, np.ones((4, 4), dtype=np.float32))
    assert np.abs(stroke_counts(large[None])[0] - found).mean() < 0.05
    np.testing.assert_allclose(stroke_counts(picture[None] * np.float32(0.6))[0], found, atol=1e-6)


def test_a_picture_without_ink_stays_empty_and_digits_stay_as_they_are(data: Dataset) -> None:
    assert stroke_counts(np.zeros((2, 28, 28), dtype=np.float32)).max() == 0
    assert data.pixels is not None
    pictures = data.pixels.reshape(-1, 8, 8, 1)
    found = PREPARATIONS["strokes-8x8"].prepare(pictures)
    np.testing.assert_array_equal(found[:, 0], pictures[..., 0] / np.float32(255))


def test_strokes_of_one_pixel_and_of_a_line_have_a_form() -> None:
    pictures = np.zeros((3, 28, 28), dtype=np.float32)
    pictures[0, 5, 5] = 1
    pictures[1, :, 5] = 1
    pictures[2, 5, :] = 1
    found = stroke_counts(pictures)
    assert np.isfinite(found).all() and (found.sum(axis=(1, 2)) > 0).all()


def test_preparations_are_checked_by_name(data: Dataset) -> None:
    assert prepare.check("plain", data, "x") is PREPARATIONS["plain"]
