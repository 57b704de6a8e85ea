"""Columns: arrays of numbers as text for data scripts, packed small, and read back as the page reads them.

`decode` is decode.js in Python: what a build proves about a column must be about what a page will hold.
tests/browser/test_scripts.py pins the two to each other.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = dict[str, Any]

LARGEST_CHARACTER_CODE = 40
"""Values up to this travel as one character from "0" on, well before the backslash, which strings escape."""

STEPS = 0xFFFF
"""A coordinate is one of 65,536 steps of its range."""

_TYPES = {"u16": "<u2", "u32": "<u4", "f32": "<f4"}


def codes(values: NDArray[np.integer[Any]]) -> Column:
    """Small whole numbers ≥ 0: one character each where all are small (it compresses best), else 16 or 32 bits."""
    high = int(values.max(initial=0))
    if high <= LARGEST_CHARACTER_CODE:
        # from "0"; value 12 would be "<", which HTML might read: a chunk's escape covers it
        return {"chars": (values.astype(np.uint8) + ord("0")).tobytes().decode("ascii")}
    return _packed("u16" if high <= 0xFFFF else "u32", values)


def nibbles(values: NDArray[np.integer[Any]]) -> Column:
    """Whole numbers ≥ 0, two to a byte where all are below 16 (the first in the low half), else as `codes`."""
    if int(values.max(initial=0)) > 0xF:
        return codes(values)
    low = np.zeros(len(values) + len(values) % 2, dtype=np.uint8)
    low[: len(values)] = values
    return {"u4": _base64((low[0::2] | low[1::2] << 4).tobytes()), "length": len(values)}


def numbers(values: NDArray[np.integer[Any]]) -> Column:
    """Whole numbers ≥ 0, such as sample numbers, in 16 or 32 bits."""
    return _packed("u16" if int(values.max(initial=0)) <= 0xFFFF else "u32", values)


def coordinates(values: NDArray[np.floating[Any]], extent: tuple[float, float] | None = None) -> Column:
    """Coordinates in 16 bits: value v stands for from + v × ((to − from) / 65535), rounded to float32.

    Args:
        values: (n,).
        extent: `from` and `to`, if others than the smallest and largest value; no value lies outside.
    """
    low, high = extent or (float(values.min()), float(values.max()))
    scaled = np.rint((values.astype(np.float64) - low) / ((high - low) or 1.0) * STEPS)
    return {**_packed("u16", scaled), "from": low, "to": high}


def floats(values: NDArray[np.float32]) -> Column:
    """float32 values, NaN allowed."""
    return _packed("f32", values)


def decode(column: Column) -> NDArray[Any]:
    """The values of a column, bit by bit as decode.js gives them to the page.

    Raises:
        ValueError: an encoding that no function here writes.
    """
    if "chars" in column:
        return np.frombuffer(column["chars"].encode("ascii"), dtype=np.uint8) - np.uint8(ord("0"))
    if "u4" in column:
        packed = np.frombuffer(base64.b64decode(column["u4"]), dtype=np.uint8)
        return np.stack([packed & 0xF, packed >> 4], axis=1).reshape(-1)[: column["length"]]
    kind = next((name for name in _TYPES if name in column), None)
    if kind is None:
        raise ValueError(f"a column with the keys {sorted(column)}: known encodings are chars, u4, u16, u32, f32")
    values = np.frombuffer(base64.b64decode(column[kind]), dtype=_TYPES[kind])
    if "from" not in column:
        return values
    unit = (column["to"] - column["from"]) / STEPS
    placed: NDArray[np.float64] = column["from"] + values.astype(np.float64) * unit
    return placed.astype(np.float32)


def _packed(kind: str, values: NDArray[Any]) -> Column:
    return {kind: _base64(values.astype(_TYPES[kind]).tobytes())}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
