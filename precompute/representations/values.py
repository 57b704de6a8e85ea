"""The data's own values as a representation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError, Dataset
from precompute.loaders.scaling import as_pixels
from precompute.representations.representation import Representation, Wanted


def from_values(wanted: Wanted, data: Dataset) -> Representation:
    """The values that the data came with, scaled as the data are.

    Raises:
        DataError: the name is unknown, there are no pictures, or another `scale` is asked for.
    """
    who = f"representation {wanted.name!r}"
    if wanted.place not in OWN:
        raise DataError(f"{who}: values = {str(wanted.place)!r} is unknown; allowed: {', '.join(OWN)}")
    if wanted.scale != "auto":
        raise DataError(
            f"{who}: scale = {wanted.scale!r} is not allowed with values: they are scaled as the data; say it under "
            "[[dataset]]"
        )
    values, scaling = OWN[str(wanted.place)](data, who)
    return Representation(
        name=wanted.name,
        title=wanted.title or wanted.name,
        values=values,
        source=f"the data's own {wanted.place if wanted.place != 'data' else 'values'}",
        scaling=scaling,
    )


def _data(data: Dataset, who: str) -> tuple[NDArray[np.float32], str]:
    del who
    return data.values, data.scaling


def _pixels(data: Dataset, who: str) -> tuple[NDArray[np.float32], str]:
    """The pictures; the data's values themselves where these are pixels, since bytes have lost a little of them."""
    if data.pixels is None:
        raise DataError(f'{who}: the data have no pictures; values = "data" are their own numbers')
    if data.values.shape == data.pixels.shape and np.array_equal(as_pixels(data.values), data.pixels):
        return data.values, data.scaling
    return data.pixels.astype(np.float32) / np.float32(255), "value / 255"


OWN: Mapping[str, Callable[[Dataset, str], tuple[NDArray[np.float32], str]]] = {"data": _data, "pixels": _pixels}
"""What can be taken: the values that are embedded, or the pictures, which may stand beside other values."""
