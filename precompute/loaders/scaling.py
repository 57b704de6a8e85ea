"""Numbers of any type to [0, 1], and in words how."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.options import Scale

_BLOCK = 4096
_PALE = 8
"""Pictures that use less than an eighth of the range are pale: 32 of 256 levels."""


def scaled(array: NDArray[Any], where: str, scale: Scale = "auto") -> tuple[NDArray[np.float32], str]:
    """Scale numbers to [0, 1].

    Integers of 8 and 16 bits are divided by their type's range, for that is what pictures and quantised features are
    stored in. Floats that lie in [0, 1] are kept. All others are min–max scaled over the whole array, which keeps
    every ratio of distances; with `scale="columns"` each column by itself, for columns of different units; with
    `scale="values"` over the whole array whatever the type.

    Args:
        array: (n, d) numbers or truth values.
        where: for messages.

    Returns:
        (n, d) float32 and the words for the manifest.

    Raises:
        DataError: not numbers, or NaN or infinity among them.
    """
    kind = array.dtype.kind
    if kind not in "buif":
        raise DataError(f"{where}: values of type {array.dtype}; allowed: whole numbers, floats or truth values")
    if kind == "f":
        _check_finite(array, where)
    if kind == "b":
        return array.astype(np.float32), "false = 0, true = 1"
    if scale == "columns":
        low, high = array.min(axis=0).astype(np.float64), array.max(axis=0).astype(np.float64)
        return _from(array, low, high), "each column min–max scaled by itself"
    if _by_type(array) and scale != "values":
        limits = np.iinfo(array.dtype)
        if limits.min == 0:
            return _from(array, 0.0, float(limits.max)), f"value / {limits.max}"
        said = f"(value + {-limits.min}) / {limits.max - limits.min}"
        return _from(array, float(limits.min), float(limits.max)), said
    lowest, highest = float(array.min()), float(array.max())
    if kind == "f" and lowest >= 0 and highest <= 1 and scale != "values":
        return array.astype(np.float32), "kept: the values lie in [0, 1]"
    return _from(array, lowest, highest), f"(value − {lowest:g}) / {highest - lowest:g}, min–max over all values"


def pale(array: NDArray[Any], scale: Scale) -> str | None:
    """A sentence on pictures whose numbers use so little of their type's range that hardly anything shows; or None.

    Pictures of 0 … 255 that were kept as 16 bits are the usual case.
    """
    if scale != "auto" or not _by_type(array):
        return None
    limits, lowest, highest = np.iinfo(array.dtype), int(array.min()), int(array.max())
    if (highest - lowest) * _PALE >= limits.max - limits.min:
        return None
    return (
        f"the pictures will be pale: their numbers run from {lowest} to {highest}, and {array.dtype} from {limits.min} "
        f"to {limits.max}, by which they are divided; scale = 'values' in a config takes their own least and greatest"
    )


def _by_type(array: NDArray[Any]) -> bool:
    """Whether numbers are divided by their type's range."""
    return array.dtype.kind in "ui" and array.dtype.itemsize <= 2


def as_pixels(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Scaled values as bytes, for showing.

    Args:
        values: any shape, in [0, 1].
    """
    found = np.empty(values.shape, dtype=np.uint8)
    for begin in range(0, len(values), _BLOCK):
        found[begin : begin + _BLOCK] = np.rint(values[begin : begin + _BLOCK] * np.float32(255))
    return found


def _check_finite(array: NDArray[Any], where: str) -> None:
    for begin in range(0, len(array), _BLOCK):
        block = array[begin : begin + _BLOCK]
        if not np.isfinite(block).all():
            sample, column = (int(value) for value in np.argwhere(~np.isfinite(block))[0])
            raise DataError(
                f"{where}: sample {begin + sample} has {block[sample, column]} in column {column}; "
                "only finite numbers are allowed: repair or drop the sample"
            )


def _from(
    array: NDArray[Any], low: float | NDArray[np.float64], high: float | NDArray[np.float64]
) -> NDArray[np.float32]:
    """(array − low) / (high − low) in float64, blockwise; 0 where nothing varies."""
    span = np.asarray(high - low)
    span = np.where(span > 0, span, 1.0)
    found = np.empty(array.shape, dtype=np.float32)
    for begin in range(0, len(array), _BLOCK):
        block = (array[begin : begin + _BLOCK].astype(np.float64) - low) / span
        found[begin : begin + _BLOCK] = np.clip(block, 0.0, 1.0)
    return found
