"""Columns: what is packed comes back; tests/browser/test_scripts.py holds decode.js to the same columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_templates.data.columns import codes, coordinates, decode, floats, nibbles, numbers


@given(st.lists(st.integers(0, 70_000), min_size=1))
def test_codes_and_numbers_come_back(values: list[int]) -> None:
    array = np.array(values)
    np.testing.assert_array_equal(decode(codes(array)), array)
    np.testing.assert_array_equal(decode(numbers(array)), array)


@given(st.lists(st.integers(0, 15)))
def test_four_bits_come_back_and_take_half_a_byte(values: list[int]) -> None:
    packed = nibbles(np.array(values, dtype=np.int16))
    np.testing.assert_array_equal(decode(packed), values)
    assert len(packed["u4"]) == 4 * -(-((len(values) + 1) // 2) // 3)


def test_sixteen_is_too_much_for_four_bits() -> None:
    assert nibbles(np.array([15, 16])) == codes(np.array([15, 16]))


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1))
def test_coordinates_come_back_within_half_a_step(values: list[float]) -> None:
    array = np.array(values, dtype=np.float32)
    step = (array.max() - array.min()) / 65535
    # half a step, and half of float32's own spacing
    np.testing.assert_allclose(decode(coordinates(array)), array, atol=float(step) * 0.51 + 6e-4 + 1e-9)


def test_coordinates_of_one_value_come_back() -> None:
    np.testing.assert_array_equal(decode(coordinates(np.full(3, 2.5, dtype=np.float32))), [2.5, 2.5, 2.5])


def test_coordinates_in_the_extent_of_others() -> None:
    packed = coordinates(np.array([0.25, 0.75]), extent=(0.0, 1.0))
    assert (packed["from"], packed["to"]) == (0.0, 1.0)
    np.testing.assert_allclose(decode(packed), [0.25, 0.75], atol=1 / 65535)


def test_floats_keep_nan() -> None:
    array = np.array([1.5, np.nan, -2], dtype=np.float32)
    np.testing.assert_array_equal(decode(floats(array)), array)


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(ValueError, match="known encodings are chars, u4, u16, u32, f32"):
        decode({"f64": "AAAA"})
