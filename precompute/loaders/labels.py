"""Labels of any kind to codes and names; −1 is the code of a sample without one."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, Doubt, Limits, shown
from precompute.order import ordered

NONE_WORDS = frozenset({"na", "n/a", "nan", "null", "none", "<na>"})
"""What programs write in the place of a label that is missing."""
_UNKNOWN = frozenset({"?", "-", "unknown", "unlabeled", "unlabelled", "missing", "tbd", "todo", "n.a."})
"""What people write there."""
_WHOLE = re.compile(r"(0|-?[1-9][0-9]*)(\.0)?")
_LISTED = 5


@dataclass(frozen=True)
class Labels:
    """Labels before they are coded.

    Attributes:
        values: a text or whole number a sample; None: it has no label. None in place of all: there are no labels.
        notes, doubts: for the conversation.
    """

    values: list[Any] | None
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def cleaned(labels: NDArray[Any] | Sequence[Any], names: Sequence[str] | None, options: Options, where: str) -> Labels:
    """Labels trimmed and in Unicode's composed form (NFC), with None for those that are none.

    Empty texts and NaN are none, and so are words such as NA and null, or the label that `unlabelled` names; −1 where
    labels have names, or where all are −1, as Hugging Face writes it.

    Args:
        labels: (n,) or (n, 1) whole numbers or texts, or (n, classes) of which one is 1 in each row.
        names: of the numbers 0, 1, …
        options: the keys `unlabelled` and `capitals`.
        where: for messages.

    Raises:
        DataError: of another shape.
    """
    array = np.asarray(labels)
    notes: list[str] = []
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    elif array.ndim == 2:
        array, said = one_hot(array, "labels", where)
        notes.append(said)
    if array.ndim != 1:
        raise DataError(f"{where}: labels have shape {array.shape}; needed: one a sample")
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    values: list[Any] = [_value(each) for each in array.tolist()]
    values = _without_words(values, options, where, notes)
    numbers = [each for each in values if type(each) is int]
    if numbers and len(numbers) == sum(each is not None for each in values) and min(numbers) == -1:
        count = numbers.count(-1)
        if count == len(numbers) and count == len(values):
            return Labels(
                None, (*notes, "every label is -1, which stands for none: the samples are taken as unlabelled")
            )
        if names is not None:
            notes.append(f"{count:,} samples have the label -1, which stands for none where labels have names")
            values = [None if each == -1 else each for each in values]
    if all(each is None for each in values):
        return Labels(None, (*notes, "every label is empty: the samples are taken as unlabelled"))
    if options.capitals == "ignore":
        values = _same_capitals(values)
    return Labels(values, tuple(notes), tuple(_doubts(values)))


def _without_words(values: list[Any], options: Options, where: str, notes: list[str]) -> list[Any]:
    """The labels, None where the one that `unlabelled` names stands, or else a word for none."""
    if options.unlabelled is not None:
        if options.unlabelled and options.unlabelled not in map(str, values):
            raise DataError(f"{where}: unlabelled = {options.unlabelled!r}, but no label is that; leave it out")
        return [None if str(each) == options.unlabelled else each for each in values]
    words = Counter(each for each in values if isinstance(each, str) and each.lower() in NONE_WORDS)
    if not words:
        return values
    listed = ", ".join(f"{shown(word)} ({count:,})" for word, count in words.most_common(_LISTED))
    notes.append(f'labels {listed} stand for none (if they are labels: unlabelled = "" in a config)')
    return [None if each in words else each for each in values]


def _value(each: Any) -> Any:
    """A label of its own type; None: it is none."""
    if isinstance(each, str):
        text = unicodedata.normalize("NFC", each).strip()
        return text or None
    if isinstance(each, bytes):
        return _value(each.decode("utf-8", "replace"))
    if isinstance(each, float) and math.isnan(each):
        return None
    return each


def _same_capitals(values: Sequence[Any]) -> list[Any]:
    """Each text in the spelling that stands most often."""
    counts = Counter(each for each in values if isinstance(each, str))
    best: dict[str, str] = {}
    for text, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        best.setdefault(text.casefold(), text)
    return [best[each.casefold()] if isinstance(each, str) else each for each in values]


def _doubts(values: Sequence[Any]) -> list[Doubt]:
    """What may be meant otherwise: −1 without names, words for none, spellings that differ in capitals."""
    counts = Counter(each for each in values if each is not None)
    doubts = []
    if (
        counts.get(-1)
        and min((each for each in counts if type(each) is int), default=0) == -1
        and set(counts) != {-1, 1}
    ):
        doubts.append(
            Doubt(f"{counts[-1]:,} samples have the label -1, which may stand for none", "unlabelled", "'-1'")
        )
    doubts += [
        Doubt(f"{count:,} samples have the label {word!r}, which may stand for none", "unlabelled", repr(word))
        for word, count in counts.items()
        if isinstance(word, str) and word.casefold() in _UNKNOWN
    ]
    spellings: dict[str, list[str]] = {}
    for text in counts:
        if isinstance(text, str):
            spellings.setdefault(text.casefold(), []).append(text)
    several = [texts for texts in spellings.values() if len(texts) > 1]
    if several:
        listed = "; ".join(" and ".join(map(shown, ordered(texts))) for texts in several[:_LISTED])
        doubts.append(Doubt(f"labels that differ in capitals only are kept apart: {listed}", "capitals", "'ignore'"))
    return doubts


def whole_or_texts(texts: Sequence[str | None]) -> list[Any]:
    """Labels as whole numbers where all are written as such, or all as such with .0, else as texts.

    What is written otherwise, such as 01 or 1_1, is a text: as a number it would become one with 1 or 11.
    """
    filled = [text.strip() for text in texts if text is not None and text.strip().lower() not in {"", *NONE_WORDS}]
    matches = [_WHOLE.fullmatch(text) for text in filled]
    whole = [match for match in matches if match]
    if not filled or len(whole) < len(filled) or len({match[2] for match in whole}) > 1:
        return list(texts)
    if any(len(match[1]) > 18 for match in whole):
        return list(texts)
    kept = {text: int(match[1]) for text, match in zip(filled, whole, strict=True)}
    return [None if text is None else kept.get(text.strip()) for text in texts]


def one_hot(array: NDArray[Any], name: str, where: str) -> tuple[NDArray[Any], str]:
    """Codes of labels that are 1 in one place of each row, and a note.

    Raises:
        DataError: they are not.
    """
    flat = array.reshape(len(array), -1) if array.ndim > 1 else array[:, None]
    if flat.shape[1] == 1:
        return flat[:, 0], f"{name}: lists of one are taken for their number"
    if flat.dtype.kind not in "buif" or not np.isin(flat, (0, 1)).all() or not (flat.sum(axis=1) == 1).all():
        raise DataError(
            f"{where}: {name} have shape {array.shape} and are not 1 in one place of each row; needed: one label a "
            "sample, or another column or none (label_column)"
        )
    return flat.argmax(axis=1), f"{name}: the place of the 1 in {flat.shape[1]} numbers is taken for the label"


def coded(
    labels: NDArray[Any] | Sequence[Any], names: Sequence[str] | None, where: str, limits: Limits = LIMITS
) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    """Codes from 0 and their names; only labels that are in use get one.

    Whole numbers with `names` are places in them. Without, each different number or text is a label, numbers by value,
    texts in natural order.

    Args:
        labels: (n,) whole numbers or texts; None: the sample has no label.
        names: of the numbers 0, 1, …
        where: for messages.
        limits: how many different ones there may be.

    Returns:
        (n,) int16 codes, −1 without a label, and the names.

    Raises:
        DataError: fractions, more labels than allowed, a number without a name, names for texts.
    """
    array = np.asarray(labels)
    if array.ndim != 1:
        raise DataError(f"{where}: labels have shape {array.shape}; needed: one a sample")
    values = [_value(each) for each in array.tolist()]
    there = [each for each in values if each is not None]
    if not there:
        raise DataError(f"{where}: no label in the labels; give some samples a label, or leave the labels out")
    if all(isinstance(each, str) for each in there):
        if names is not None:
            raise DataError(
                f"{where}: {len(names)} label names are given, but the labels are texts, the first is "
                f"{shown(there[0])}; names are of whole numbers 0, 1, …: leave label_names out, or give the labels as "
                "whole numbers"
            )
        distinct: list[Any] = list(ordered(set(there)))
        _check_count(len(distinct), where, limits)
        return _codes(values, distinct), tuple(distinct)
    whole = [None if each is None else _whole(each, sample, where) for sample, each in enumerate(values)]
    used = sorted({each for each in whole if each is not None})
    _check_count(len(used), where, limits)
    if names is None:
        return _codes(whole, used), tuple(map(str, used))
    if used[0] < 0 or used[-1] >= len(names):
        raise DataError(
            f"{where}: labels run from {used[0]} to {used[-1]} but {len(names)} names are given; "
            f"with names, labels must be 0 … {len(names) - 1}"
        )
    _check_names(names, where)
    return _codes(whole, used), tuple(str(names[each]) for each in used)


def _codes(values: Sequence[Any], distinct: Sequence[Any]) -> NDArray[np.int16]:
    places = {each: code for code, each in enumerate(distinct)}
    return np.array([-1 if each is None else places[each] for each in values], dtype=np.int16)


def _whole(each: Any, sample: int, where: str) -> int:
    if isinstance(each, bool):
        return int(each)
    if isinstance(each, int) and abs(each) < 2**63:
        return each
    if isinstance(each, int):
        raise DataError(f"{where}: a label is beyond 64 bits; allowed: whole numbers or texts")
    if isinstance(each, float) and each == math.floor(each) and abs(each) <= 2**53:
        return int(each)
    if isinstance(each, str):
        raise DataError(f"{where}: labels of several types; allowed: whole numbers or texts")
    if isinstance(each, float):
        raise DataError(f"{where}: label {each:g} of sample {sample}; allowed: whole numbers or texts")
    raise DataError(f"{where}: labels of type {type(each).__name__}; allowed: whole numbers or texts")


def _check_count(count: int, where: str, limits: Limits) -> None:
    if count > limits.labels:
        raise DataError(
            f"{where}: {count:,} different labels; allowed are at most {limits.labels:,}. If these are names or "
            'measurements, they are no labels: name another column, or "" for none (label_column)'
        )


def _check_names(names: Sequence[str], where: str) -> None:
    if any(not str(name).strip() for name in names) or len(set(names)) < len(names):
        again = next((str(name) for name in names if list(names).count(name) > 1), "")
        raise DataError(f"{where}: the label name {shown(again)} is empty or stands twice; every label needs its own")
