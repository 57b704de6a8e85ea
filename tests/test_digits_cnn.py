"""The digits' CNN: the file that is shipped, and that it sees pictures only, one by one, and the same at each run."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from precompute.dataset import Dataset
from precompute.representations import registry
from precompute.representations.onnx import MODELS
from precompute.representations.representation import Representation, Wanted
from tests.conftest import few_digits

SHA256 = "e17d751e626a4e51b59fa042c40be9d617f73f81ec2eb6dae55d3ec98c6b58cb"
N = 300
CNN = MODELS["digits-cnn"]


def cnn(data: Dataset) -> Representation:
    return registry.read(Wanted(name="cnn", source="onnx", place="digits-cnn"), data)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return few_digits(N)


@pytest.fixture(scope="module")
def representation(data: Dataset) -> Representation:
    return cnn(data)


def test_the_shipped_file_is_the_one_of_the_card() -> None:
    content = CNN.path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256
    assert len(content) <= 150_000
    card = (CNN.path.parent / "README.md").read_text(encoding="utf-8")
    assert SHA256 in card and "CC BY-SA 3.0" in card


def test_it_gives_32_numbers_a_picture_and_says_where_they_are_from(representation: Representation) -> None:
    assert representation.values.shape == (N, 32) and representation.values.dtype == np.float32
    assert representation.title == CNN.title
    assert SHA256 in representation.source and "strokes-8x8" in representation.source


def test_no_label_enters(data: Dataset, representation: Representation, rng: np.random.Generator) -> None:
    assert data.labels is not None
    permuted = cnn(replace(data, labels=rng.permutation(data.labels)))
    without = cnn(replace(data, labels=None, label_names=()))
    for other in (permuted, without):
        assert other.values.tobytes() == representation.values.tobytes()
        assert (other.source, other.scaling) == (representation.source, representation.scaling)


def test_it_is_the_same_at_each_run(data: Dataset, representation: Representation) -> None:
    assert cnn(data).values.tobytes() == representation.values.tobytes()


def raw(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the network gives before it is scaled."""
    import onnxruntime

    session = onnxruntime.InferenceSession(CNN.path.read_bytes(), providers=["CPUExecutionProvider"])
    inputs = pictures.reshape(-1, 1, 8, 8).astype(np.float32) / 255
    return np.asarray(session.run(["features"], {"pictures": inputs})[0])


def test_a_picture_gets_the_same_numbers_alone_and_among_others(data: Dataset) -> None:
    assert data.pixels is not None
    together = raw(data.pixels)
    alone = np.concatenate([raw(picture[None]) for picture in data.pixels[:40]])
    np.testing.assert_allclose(alone, together[:40], atol=1e-5)
    reversed_ = raw(data.pixels[::-1])[::-1]
    np.testing.assert_allclose(reversed_, together, atol=1e-5)


def test_equal_digits_of_other_hands_are_nearer_than_in_pixels(data: Dataset, representation: Representation) -> None:
    """Not how good it is, only that weights and preparation belong together."""
    assert data.labels is not None
    shares = []
    for values in (data.values, representation.values):
        apart = ((values[:, None] - values[None]) ** 2).sum(axis=2) + np.eye(N) * 1e9
        shares.append(float((data.labels[apart.argmin(axis=1)] == data.labels).mean()))
    centers = np.stack([representation.values[data.labels == label].mean(axis=0) for label in range(10)])
    nearest = ((representation.values[:, None] - centers[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == data.labels).mean() > 0.9 and shares[1] > 0.9


def test_its_folder_holds_the_model_and_its_card_alone() -> None:
    assert {each.name for each in Path(CNN.path.parent).iterdir()} == {"model.onnx", "README.md"}
