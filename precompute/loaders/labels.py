"""Labels of any kind to codes and names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.raw import LIMITS, Limits, shown
from precompute.order import ordered


def unlabelled(labels: NDArray[Any] | Sequence[Any]) -> bool:
    """Whether every label is −1, as Hugging Face writes for "no label" in the part that contests keep theirs of."""
    array = np.asarray(labels)
    if array.dtype == object:
        return len(array) > 0 and all(type(each) is int and each == -1 for each in array.tolist())
    return array.ndim == 1 and len(array) > 0 and array.dtype.kind == "i" and bool((array == -1).all())


def coded(
    labels: NDArray[Any] | Sequence[Any], names: Sequence[str] | None, where: str, limits: Limits = LIMITS
) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    """Codes from 0 and their names.

    Whole numbers with `names` are places in them. Without, each different number or text is a label, numbers by value,
    texts in natural order.

    Args:
        labels: (n,) whole numbers or texts.
        names: of the numbers 0, 1, …

    Returns:
        (n,) int16 codes and the names.

    Raises:
        DataError: a sample without label, fractions, more labels than allowed, a number without a name, names
            for texts.
    """
    array = np.asarray(labels)
    if array.ndim != 1:
        raise DataError(f"{where}: labels have shape {array.shape}; needed: one a sample")
    if not len(array):
        raise DataError(f"{where}: no label in the labels; {_ALL_OR_NONE}")
    texts = _texts(array)
    if texts is not None:
        return _coded_texts(texts, names, where, limits)
    if array.dtype.kind in "fO":
        array = _whole(array, where)
    if array.dtype.kind not in "biu":
        raise DataError(f"{where}: labels of type {array.dtype}; allowed: whole numbers or texts")
    if array.dtype.kind == "b":
        array = array.astype(np.int16)
    distinct, codes = np.unique(array, return_inverse=True)
    if names is not None:
        if distinct[0] == -1 and distinct[-1] < len(names):
            count = int((array == -1).sum())
            raise DataError(
                f"{where}: {count:,} of {len(array):,} samples have the label -1, the first is sample "
                f"{int((array == -1).argmax())}, and with label names that means none; {_ALL_OR_NONE}"
            )
        if distinct[0] < 0 or distinct[-1] >= len(names):
            raise DataError(
                f"{where}: labels run from {distinct[0]} to {distinct[-1]} but {len(names)} names are given; "
                f"with names, labels must be 0 … {len(names) - 1}"
            )
        _check_count(len(names), where, limits)
        _check_names(names, where)
        return array.astype(np.int16), tuple(str(name) for name in names)
    _check_count(len(distinct), where, limits)
    return codes.astype(np.int16), tuple(str(label) for label in distinct)


def _texts(array: NDArray[Any]) -> list[str] | None:
    """The labels as texts, where all of them are.

    As a list, for in an array of texts each takes as much memory as the longest.
    """
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    found: list[Any] = array.tolist() if array.dtype.kind in "UO" else [None]
    return found if all(isinstance(each, str) for each in found) else None


def _coded_texts(
    texts: list[str], names: Sequence[str] | None, where: str, limits: Limits
) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    if names is not None:
        raise DataError(
            f"{where}: {len(names)} label names are given, but the labels are texts, the first is {shown(texts[0])}; "
            "names are of whole numbers 0, 1, …: take the names away (label_names), or give the labels as whole numbers"
        )
    distinct = set(texts)
    _check_count(len(distinct), where, limits)
    empty = [sample for sample, text in enumerate(texts) if not text.strip()]
    if empty:
        raise DataError(
            f"{where}: {len(empty)} samples have an empty label, the first is sample {empty[0]}; {_ALL_OR_NONE}"
        )
    found = ordered(distinct)
    codes = {text: code for code, text in enumerate(found)}
    return np.array([codes[text] for text in texts], dtype=np.int16), tuple(found)


_ALL_OR_NONE = "give every sample a label, or none at all"


def _whole(array: NDArray[Any], where: str) -> NDArray[Any]:
    """Floats that are whole, and objects that are all such floats or all whole numbers."""
    missing = np.array([each is None or (isinstance(each, float) and math.isnan(each)) for each in array.tolist()])
    if missing.any():
        raise DataError(
            f"{where}: {int(missing.sum())} of {len(array)} samples have no label, the first is sample "
            f"{int(missing.argmax())}; {_ALL_OR_NONE}"
        )
    if array.dtype.kind == "O" and all(isinstance(each, float) for each in array.tolist()):
        array = array.astype(np.float64)
    if array.dtype.kind == "f":
        fractions = (array != np.floor(array)) | (np.abs(array) > 2**53)
        if fractions.any():
            sample = int(fractions.argmax())
            raise DataError(f"{where}: label {array[sample]:g} of sample {sample}; allowed: whole numbers or texts")
        return array.astype(np.int64)
    if all(isinstance(each, int) for each in array.tolist()):
        try:
            return array.astype(np.int64)
        except OverflowError:
            raise DataError(f"{where}: a label is beyond 64 bits; allowed: whole numbers or texts") from None
    raise DataError(f"{where}: labels of several types; allowed: whole numbers or texts")


def _check_count(count: int, where: str, limits: Limits) -> None:
    if count > limits.labels:
        raise DataError(
            f"{where}: {count:,} different labels; allowed are at most {limits.labels}. If these are names or "
            "measurements, they are no labels: leave them out, or name another column (label_column)"
        )


def _check_names(names: Sequence[str], where: str) -> None:
    if any(not str(name).strip() for name in names) or len(set(names)) < len(names):
        again = next((str(name) for name in names if list(names).count(name) > 1), "")
        raise DataError(f"{where}: the label name {shown(again)} is empty or stands twice; every label needs its own")
