"""Which column of a table is what: labels, ids, pixels. CSV and Parquet share these rules."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.options import Options
from precompute.loaders.raw import shown

LABELS = ("label", "labels", "target", "class", "y")
IDS = ("id", "ids", "filename", "file_name", "", "unnamed: 0")
_INDEX = re.compile(r"__index_level_\d+__")
_PIXEL = re.compile(r"(pixel|px|p)_?\d+|\d+x\d+", re.IGNORECASE)
LISTED = 5
_OTHERWISE = 'if it is none: label_column = "" in a config, or the name of another'


@dataclass(frozen=True)
class Roles:
    """Places of the columns. `values`: those of the numbers, in order."""

    values: tuple[int, ...]
    label: int | None
    id: int | None
    notes: tuple[str, ...]


def roles(names: Sequence[str], texts: Sequence[bool], options: Options, where: str) -> Roles:
    """Decide what each column is.

    Args:
        names: of the columns.
        texts: whether each holds texts.

    Raises:
        DataError: a column is asked for that is not there, or texts are left that are neither label nor id.
    """
    if len(set(names)) < len(names):
        again = next(name for name in names if list(names).count(name) > 1)
        places = ", ".join(str(at + 1) for at, name in enumerate(names) if name == again)
        raise DataError(
            f"{where}: {called(again)} stands {list(names).count(again)} times (the columns {places}, counted from 1); "
            f"{'rename one' if again.strip() else 'give each a name, or take them away'}"
        )
    notes = []
    label = _place(names, options.label_column, LABELS, "label_column", where)
    own = _place(names, options.id_column, IDS, "id_column", where)
    if own is not None and own == label:
        raise DataError(f"{where}: column {shown(names[own])} cannot be both label and id; name another id_column")
    if label is not None and options.label_column is None:
        notes.append(f"column {shown(names[label])} is taken for the labels, by its name ({_OTHERWISE})")
    left = [at for at in range(len(names)) if texts[at] and at not in (label, own)]
    if label is None and options.label_column is None and len(left) == 1:
        label = left.pop()
        notes.append(f"column {shown(names[label])} holds texts and is taken for the labels")
    if left:
        listed = ", ".join(shown(names[at]) for at in left[:LISTED])
        raise DataError(
            f"{where}: texts in {listed}{' …' if len(left) > LISTED else ''}; needed: numbers. Name the column of the "
            "labels (label_column) and of the ids (id_column), and take the others away"
        )
    if own is not None and options.id_column is None:
        notes.append(f"column {shown(names[own])} is taken for the ids, by its name")
    values = tuple(at for at in range(len(names)) if at not in (label, own))
    if not values:
        raise DataError(f"{where}: no column of numbers is left beside labels and ids")
    return Roles(values, label, own, tuple(notes))


def called(name: str) -> str:
    """A column for messages."""
    return f"column {shown(name)}" if name.strip() else "a column without a name"


def check_finite(
    block: NDArray[Any], names: Sequence[str], where: str, before: int, line: Callable[[int], str] | None = None
) -> None:
    """Refuse a table's row that lacks a number, by the names that it has in its file.

    Args:
        block: (rows, columns) numbers.
        names: of the columns.
        before: rows before the block.
        line: the place of a row in its file, where that counts otherwise.

    Raises:
        DataError: NaN or infinity.
    """
    if block.dtype.kind != "f" or np.isfinite(block).all():
        return
    row, column = (int(value) for value in np.argwhere(~np.isfinite(block))[0])
    found = "no number" if np.isnan(block[row, column]) else str(block[row, column])
    place = line(before + row) if line else f"row {before + row} (from 0)"
    at = f"{where}: {place}, {called(names[column])}"
    raise DataError(f"{at}: {found}; only finite numbers are allowed: repair or drop the row")


def without_index(names: Sequence[str], options: Options) -> tuple[list[str], list[str]]:
    """The columns without the index that pandas writes beside them (`__index_level_0__`), and a note if there was one.

    An index numbers rows and is no feature; one that is asked for by name, as label or id, stays.
    """
    asked = (options.label_column, options.id_column)
    index = [name for name in names if _INDEX.fullmatch(name) and name not in asked]
    said = [f"{', '.join(map(shown, index))} left out: it is pandas' index and no feature (it may be the id_column)"]
    return [name for name in names if name not in index], said if index else []


def _place(names: Sequence[str], asked: str | int | None, usual: Sequence[str], option: str, where: str) -> int | None:
    if asked == "":
        return None
    if asked is None:
        lower = [name.lower() for name in names]
        return next((lower.index(name) for name in usual if name in lower), None)
    if isinstance(asked, int):
        if not -len(names) <= asked < len(names):
            raise DataError(f"{where}: {option} {asked}; allowed: {-len(names)} … {len(names) - 1}, or a name")
        return asked % len(names)
    if asked not in names:
        some = ", ".join(shown(name, 30) for name in names[:LISTED])
        raise DataError(f"{where}: {option} {shown(asked)} is no column; there are {len(names):,}: {some} …")
    return list(names).index(asked)


def square(names: Sequence[str]) -> tuple[int, int] | None:
    """The shape of pictures whose pixels are columns, such as pixel0 … pixel783 or 1x1 … 28x28; None: no pixels."""
    side = math.isqrt(len(names))
    if side < 2 or side * side != len(names) or not all(_PIXEL.fullmatch(name) for name in names):
        return None
    return side, side
