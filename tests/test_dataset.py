"""Data sets: the digits are scikit-learn's own, and bad data is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits as sklearn_digits

from precompute import dataset, features
from precompute.dataset import DataError, Dataset


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return dataset.load("digits")


def test_digits_equal_those_of_scikit_learn(digits: Dataset) -> None:
    reference = sklearn_digits()
    np.testing.assert_array_equal(digits.values, (reference.data / 16).astype(np.float32))
    assert digits.labels is not None
    np.testing.assert_array_equal(digits.labels, reference.target)
    assert digits.pixels is not None
    np.testing.assert_allclose(digits.pixels / 255, reference.data / 16, atol=0.5 / 255)


def test_fingerprint_sees_values_dtype_and_shape() -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    prints = [
        dataset.fingerprint(array) for array in (values, values.astype(np.float64), values.reshape(4, 3), values + 1)
    ]
    assert len(set(prints)) == 4
    assert dataset.fingerprint(values[:, ::-1][:, ::-1]) == prints[0]
    assert dataset.fingerprint(None) is None


def test_the_fingerprint_of_the_samples_sees_values_and_pictures_and_no_label(digits: Dataset) -> None:
    assert digits.labels is not None and digits.pixels is not None
    labels, values, pixels = digits.labels.copy(), digits.values.copy(), digits.pixels.copy()
    labels[0] = 9 - labels[0]
    values[0, 0] = 1 - values[0, 0]
    pixels[0, 0] = 255 - pixels[0, 0]
    print_ = digits.samples_sha256()
    for same in (
        replace(digits, labels=labels),
        replace(digits, label_names=("zero", *digits.label_names[1:])),
        replace(digits, labels=None, label_names=()),
        replace(digits, ids=("first", *digits.ids[1:])),
        replace(digits, title="another"),
    ):
        assert same.samples_sha256() == print_
    without = replace(digits, pixels=None, image_shape=None)
    for other in (replace(digits, values=values), replace(digits, pixels=pixels), without):
        assert other.samples_sha256() != print_


def test_sha256_sees_labels_and_names(digits: Dataset) -> None:
    assert digits.labels is not None
    flipped = digits.labels.copy()
    flipped[0] = 9 - flipped[0]
    others = [
        replace(digits, labels=flipped),
        replace(digits, label_names=("a", *digits.label_names[1:])),
        replace(digits, ids=("first", *digits.ids[1:])),
    ]
    assert len({digits.sha256(), *(other.sha256() for other in others)}) == 4


def broken(digits: Dataset, sample: int, value: float) -> np.ndarray:
    values = digits.values.copy()
    values[sample, 3] = value
    return values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: {"values": d.values[:5]}, "5 samples; at least 10"),
        (lambda d: {"values": d.values[0]}, r"shape \(64,\)"),
        (lambda d: {"values": broken(d, 17, np.nan)}, "sample 17 has nan in column 3"),
        (lambda d: {"values": broken(d, 18, np.inf)}, "sample 18 has inf in column 3"),
        (lambda d: {"values": d.values * 16}, r"lie in \[0, 16\]"),
        (lambda d: {"values": np.full_like(d.values, 0.5)}, "all samples are the same"),
        (lambda d: {"labels": d.labels[:7]}, r"labels have shape \(7,\)"),
        (lambda d: {"labels": d.labels - 2}, "codes run from -2 to 7"),
        (lambda d: {"label_names": ("0", "1")}, "2 label names"),
        (lambda d: {"ids": d.ids[:4]}, "4 ids for 1797 samples"),
        (lambda d: {"ids": ("0",) * d.n}, r"'0' stands in samples 0, 1, 2 and 1,794 more \(counted from 0\); every"),
        (lambda d: {"ids": ("7", *d.ids[1:])}, "'7' stands in samples 0 and 7"),
        (lambda d: {"ids": ("",) * d.n}, "all 1,797 ids are empty"),
        (lambda d: {"title": "a\ud800"}, r"title: 'a\\ud800' holds half a character"),
        (lambda d: {"ids": ("\udfff", *d.ids[1:])}, r"ids: '\\udfff' holds half a character .*which no file can hold"),
        (lambda d: {"label_names": (*d.label_names[1:], "x\udc80")}, r"label_names: 'x\\udc80' holds half"),
        (lambda d: {"image_shape": None}, "together or not at all"),
        (lambda d: {"image_shape": (9, 9, 1)}, r"pixels have shape \(1797, 64\)"),
    ],
)
def test_bad_data_is_refused_by_name(digits: Dataset, change: object, message: str) -> None:
    with pytest.raises(DataError, match=message) as error:
        replace(digits, **change(digits))  # type: ignore[operator]
    assert "data set 'digits'" in str(error.value)


def test_unknown_data_set_names_what_is_allowed() -> None:
    with pytest.raises(DataError, match="'mnits' is unknown; allowed: digits"):
        dataset.load("mnits")


@pytest.mark.parametrize(
    "values",
    [
        lambda v: np.repeat(v[:, 20:21], 64, axis=1),  # pictures of a single grey each
        lambda v: v[:, 20:21],  # one column
        lambda v: (v[:, 20:21] @ v[5:6]).astype(np.float32),  # one picture, more or less bright, rounded
        lambda v: np.eye(len(v), 3, dtype=np.float32)[:, :1],  # all the same but one sample
    ],
)
def test_data_on_a_line_are_refused_before_computing(
    digits: Dataset, values: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> None:
    line = replace(digits, values=values(digits.values), pixels=None, image_shape=None)
    with pytest.raises(DataError, match=r"'digits': the 1797 samples vary in one direction only, .* at least two"):
        dataset.check_spread(line)


@pytest.mark.parametrize(
    "values",
    [
        lambda v: v,
        lambda v: v[:, 20:22],
        lambda v: v * 1e-4,  # all near to each other: a glance at the size of distances does not settle it
        lambda v: np.where(np.arange(len(v))[:, None] == 1111, v, v[:, 20:21]).astype(np.float32),  # one sample apart
    ],
)
def test_data_off_a_line_have_components_to_map(
    digits: Dataset, values: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> None:
    found = replace(digits, values=values(digits.values), pixels=None, image_shape=None)
    dataset.check_spread(found)
    assert features.principal_components(found.values).components >= 2
