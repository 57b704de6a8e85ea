"""Numbers of any type to [0, 1], in words how, and what of them is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.conversation import Largest
from precompute.loaders.options import Scale
from precompute.loaders.raw import Doubt, shown

_BLOCK = 4096
_PALE = 8
"""Pictures that use less than an eighth of the range are pale: 32 of 256 levels."""
_UNITS = 10
"""How many times the spread of one named column is that of another where their units differ."""
_FAR, _SOME = 30, 0.2
"""The same of columns without names, which may be the places of one vector, as pixels are: that is only said, and only
where a single one has this share of all variance, for otherwise none decides what is near what."""
_MOST = 0.75
"""Share of all variance above which a single column decides nearly alone what is near what."""
_OUTLIER = 100
"""How many times as far from the median as all others a number lies that is named as an outlier."""
_LOOKED_AT = 50_000_000
"""Numbers up to which outliers are looked for."""
_LISTED = 3
SENTINELS = (-999.0, -9999.0, -99999.0, -99.0, 9999.0, 99999.0, 999.0)
"""Numbers that stand for a missing one in many tables."""


@dataclass(frozen=True)
class Scaled:
    """Values in [0, 1].

    Attributes:
        values: (n, d) float32.
        words: how, for the manifest.
        units: name, shift and span of each column, or of all where the name is empty: (raw − shift) / span.
        doubts: what may be meant otherwise.
        largest: the column that has most of the raw variance; None: of pictures.
    """

    values: NDArray[np.float32]
    words: str
    units: tuple[tuple[str, float, float], ...]
    doubts: tuple[Doubt, ...] = ()
    largest: Largest | None = None


def scaled(
    array: NDArray[Any],
    where: str,
    scale: Scale = "auto",
    names: Sequence[str] | None = None,
    columns: bool = False,
    place: Callable[[int], str] | None = None,
) -> Scaled:
    """Scale numbers to [0, 1].

    Integers of 8 and 16 bits are divided by their type's range, for that is what pictures and quantised features are
    stored in. Floats that lie in [0, 1] are kept. All others are min–max scaled over the whole array, which keeps
    every ratio of distances. Named columns whose spreads differ by far are min–max scaled each by itself, for then
    their units differ. `scale` asks for one of these, or for standard scores, which then are min–max scaled together.

    Args:
        array: (n, d) numbers or truth values.
        where: for messages.
        scale: see `Options.scale`.
        names: of the columns, where each is a quantity of its own; None: they are the places of one vector.
        columns: whether these are columns at all, and not pixels, so that single ones are worth a word.
        place: where a sample stands in its file, for messages.

    Raises:
        DataError: not numbers, or NaN or infinity among them; or "unit" is asked for and they lie elsewhere.
    """
    kind = array.dtype.kind
    if kind not in "buif":
        raise DataError(f"{where}: values of type {array.dtype}; allowed: whole numbers, floats or truth values")
    if kind == "f":
        _check_finite(array, where)
    if kind == "b":
        return Scaled(array.astype(np.float32), "false = 0, true = 1", (("", 0.0, 1.0),))
    called = [shown(name, 40) for name in names] if names else [f"number {at}" for at in range(array.shape[1])]
    with np.errstate(over="ignore"):  # of numbers near the end of their type, whose spread then is infinite
        spread = array.std(axis=0, dtype=np.float64) if columns else np.zeros(0)
    largest = _largest(spread, called)
    doubts: list[Doubt] = []
    if scale == "auto" and names and _differ(spread):
        scale = "columns"
        doubts.append(_by_itself(spread, called, largest))
    elif scale in ("auto", "values") and largest and largest.share > _MOST and len(called) > 2:
        sentence = f"{largest.name} has {largest.words} of all variance and decides nearly alone what is near what"
        doubts.append(Doubt(sentence, "scale", "'columns'"))
    elif scale in ("auto", "values") and largest and largest.share > _SOME and _differ(spread, _FAR):
        sentence = f"the columns vary differently, {called[int(spread.argmax())]} most of all ({largest.words})"
        doubts.append(Doubt(f"{sentence}, and are scaled together", "scale", "'columns'"))
    if columns and scale != "standard":
        doubts += _outliers(array, called, place)
    values, words, units = _values(array, where, scale, names)
    return Scaled(values, words, units, tuple(doubts), largest)


def _values(
    array: NDArray[Any], where: str, scale: Scale, names: Sequence[str] | None
) -> tuple[NDArray[np.float32], str, tuple[tuple[str, float, float], ...]]:
    """The values, how they came about in words, and their units."""
    lowest, highest = float(array.min()), float(array.max())
    if scale in ("columns", "standard"):
        if scale == "columns":
            low, high = array.min(axis=0).astype(np.float64), array.max(axis=0).astype(np.float64)
            words = "each column min–max scaled by itself"
        else:
            mean, deviation = array.mean(axis=0, dtype=np.float64), array.std(axis=0, dtype=np.float64)
            deviation = np.where(deviation > 0, deviation, 1.0)
            least = float(((array.min(axis=0) - mean) / deviation).min())
            greatest = float(((array.max(axis=0) - mean) / deviation).max())
            low, high = mean + least * deviation, mean + greatest * deviation
            words = f"each column by its mean and standard deviation, {least:.3g} … {greatest:.3g} to [0, 1]"
        listed = names or [f"number {at}" for at in range(array.shape[1])]
        spans = np.where(high > low, high - low, 1.0)
        units = tuple(zip(listed, low.tolist(), spans.tolist(), strict=True))
        return _from(array, low, high), words, units
    if scale == "unit":
        if lowest < 0 or highest > 1:
            raise DataError(
                f"{where}: scale = 'unit' keeps values of [0, 1], but they run from {lowest:g} to {highest:g}; allowed "
                "for these: auto, standard, columns, values"
            )
        return array.astype(np.float32), "kept: the values lie in [0, 1]", (("", 0.0, 1.0),)
    if _by_type(array) and scale != "values":
        limits = np.iinfo(array.dtype)
        units = (("", float(limits.min), float(limits.max - limits.min)),)
        if limits.min == 0:
            return _from(array, 0.0, float(limits.max)), f"value / {limits.max}", units
        words = f"(value + {-limits.min}) / {limits.max - limits.min}"
        return _from(array, float(limits.min), float(limits.max)), words, units
    if array.dtype.kind == "f" and lowest >= 0 and highest <= 1 and scale != "values":
        return array.astype(np.float32), "kept: the values lie in [0, 1]", (("", 0.0, 1.0),)
    span = highest - lowest
    words = f"(value − {lowest:g}) / {span:g}, min–max over all values"
    return _from(array, lowest, highest), words, (("", lowest, span if span > 0 else 1.0),)


def _largest(spread: NDArray[np.float64], called: Sequence[str]) -> Largest | None:
    variance = spread**2
    if not len(spread) or not np.isfinite(variance).all() or not variance.sum():
        return None
    at = int(variance.argmax())
    return Largest(called[at], float(variance[at] / variance.sum()))


def _differ(spread: NDArray[np.float64], times: float = _UNITS) -> bool:
    """Whether columns vary so differently that their units must differ."""
    there = spread[spread > 0]
    return len(there) > 1 and bool(there.max() > times * there.min())


def _by_itself(spread: NDArray[np.float64], called: Sequence[str], largest: Largest | None) -> Doubt:
    least = min((at for at in range(len(spread)) if spread[at] > 0), key=lambda at: float(spread[at]))
    most = int(spread.argmax())
    share = f", and {called[most]} has {largest.words} of all variance" if largest else ""
    return Doubt(
        f"the columns are of different units, as {called[most]} varies {spread[most] / spread[least]:,.0f} times as "
        f"much as {called[least]}{share}: each is scaled by itself (scale = 'columns')",
        "scale",
        "'values'",
    )


def _outliers(array: NDArray[Any], called: Sequence[str], place: Callable[[int], str] | None) -> list[Doubt]:
    """Single numbers that lie far from all others of their column."""
    n = len(array)
    if array.size > _LOOKED_AT or n < 3:
        return []
    doubts = []
    distance = np.abs(array - np.median(array, axis=0))
    order = np.partition(distance, n - 2, axis=0)
    first, second = order[n - 1], order[n - 2]
    for at in np.flatnonzero((second > 0) & (first > _OUTLIER * second)).tolist():
        sample = int(distance[:, at].argmax())
        if float(array[sample, at]) in SENTINELS:
            continue
        others = np.delete(array[:, at], sample)
        where = f"sample {sample}" + (f" ({place(sample)})" if place else "")
        doubts.append(
            Doubt(
                f"{called[at]} is {array[sample, at]:,.12g} in {where}, and {others.min():,.6g} … {others.max():,.6g} "
                "in all others: an outlier",
                "missing_signs",
                f"['{array[sample, at]:.12g}']",
            )
        )
    return doubts[:_LISTED]


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
