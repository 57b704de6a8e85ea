"""Shifts as people write them: `[[dataset.shift]]` in a configuration, and lists of corruptions.

[[dataset.shift]]
corruption = "fog"
severity = [1, 3, 5]      # all five if left out

[[dataset.shift]]
path = "may.parquet"      # a later batch, in any format that is read as data
name = "may"

[[dataset.shift]]
column = "month"          # the data's own samples, in the order of a column
reference = "2024-01"     # the first batch if left out
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from precompute.config import axes
from precompute.config.checked import checked
from precompute.config.grid import ConfigError
from precompute.config.values import parse_axis, parse_path
from precompute.shift import registry
from precompute.store import check_dataset_id


@dataclass(frozen=True)
class CorruptionShift:
    """Copies of the data's own samples under a corruption, at some severities, ascending."""

    corruption: str
    severities: tuple[int, ...] = registry.SEVERITIES


@dataclass(frozen=True)
class BatchShift:
    """Samples of a later batch: its name, and where they are."""

    name: str
    path: Path


@dataclass(frozen=True)
class ColumnShift:
    """The data's own samples cut into batches by a column; `reference` is the one held as such, None the first."""

    column: str
    reference: str | None = None


Shift = CorruptionShift | BatchShift | ColumnShift


def parse_corruptions(value: Any) -> tuple[str, ...]:
    """Names of corruptions: "fog,rotate", a list of them, "all" or "none".

    Raises:
        ValueError: one is not registered or stands twice; says what is allowed.
    """
    if value == "all":
        return tuple(registry.CORRUPTIONS)
    if value == "none":
        return ()
    names = [part.strip() for part in value.rstrip(",").split(",")] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f'{value!r} is no list of corruptions; allowed: "all", "none", or names as in "fog,rotate"')
    return axes.check_names("corruption", names, registry.CORRUPTIONS)


def parse_shifts(tables: Any, where: str, folder: Path = Path()) -> tuple[Shift, ...]:
    """Read the tables `[[dataset.shift]]` of a data set.

    Args:
        tables: as TOML has them.
        where: place of the data set, for messages: "gallery.toml: dataset[0].".
        folder: from where the paths in them lead.

    Raises:
        ConfigError: keys or values that are not allowed; all faults at once.
    """
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError([f"{where}shift: write each shift under a heading [[dataset.shift]]"])
    problems: list[str] = []
    shifts: list[Shift] = []
    for number, table in enumerate(tables):
        place = f"{where}shift[{number}]"
        faults: list[str] = []
        values = checked(table, _KEYS, f"{place}.", faults)
        kinds = [kind for kind in _OF_KIND if kind in table]
        if len(kinds) != 1:
            named = f"both {' and '.join(kinds)}" if kinds else "neither of them"
            faults.append(f"{place}: has {named}; allowed: one of {', '.join(_OF_KIND)}")
        else:
            (kind,) = kinds
            faults += [
                f"{place}.{key}: goes with {other} and not with {kind}"
                for other, key in _OF_KIND.items()
                if other != kind and key in table
            ]
            if kind == "path" and "name" not in table:
                faults.append(f'{place}.name: is missing; name the batch, as in name = "may"')
        problems += faults
        if not faults:
            shifts.append(_shift(values, folder))
    problems += _repeated(shifts, where)
    if problems:
        raise ConfigError(problems)
    return tuple(shifts)


def _shift(values: Mapping[str, Any], folder: Path) -> Shift:
    if "corruption" in values:
        return CorruptionShift(values["corruption"], values.get("severity", registry.SEVERITIES))
    if "path" in values:
        return BatchShift(values["name"], folder / values["path"])
    return ColumnShift(values["column"], values.get("reference"))


def name_of(shift: Shift) -> str:
    """What a shift goes by: its corruption, its own name, or its column."""
    if isinstance(shift, CorruptionShift):
        return shift.corruption
    return shift.name if isinstance(shift, BatchShift) else shift.column


def _repeated(shifts: list[Shift], where: str) -> list[str]:
    names = [name_of(shift) for shift in shifts]
    return [
        f"{where}shift: {name!r} stands {names.count(name)} times; write each shift once, and each name"
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]


def _corruption(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no name; allowed: a text in quotes: {', '.join(registry.CORRUPTIONS)}")
    if value not in registry.CORRUPTIONS:
        raise ValueError(registry.unknown(value))
    return value


def _severity(value: Any) -> tuple[int, ...]:
    severities = parse_axis(value)
    if not set(severities) <= set(registry.SEVERITIES):
        lowest, *_, highest = registry.SEVERITIES
        raise ValueError(f"{value!r}; allowed: whole numbers from {lowest} to {highest}")
    return tuple(int(severity) for severity in severities)


def _name(value: Any) -> str:
    try:
        name = check_dataset_id(value) if isinstance(value, str) else None
    except ValueError:
        name = None
    if name is None or name in registry.CORRUPTIONS:
        taken = "it is a corruption's" if name else "it is no name"
        raise ValueError(f"{value!r}: {taken}; allowed: at most 64 lower-case letters, digits and dashes, as in 'may'")
    return name


def _column(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is no column; allowed: its name in quotes")
    return value


def _reference(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise ValueError(f"{value!r} is no value of a column; allowed: a text in quotes or a number")
    return str(value)


_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "corruption": _corruption,
    "severity": _severity,
    "path": parse_path,
    "name": _name,
    "column": _column,
    "reference": _reference,
}
_OF_KIND: Mapping[str, str] = {"corruption": "severity", "path": "name", "column": "reference"}
"""What each kind of shift is told by, and the key that goes with it alone."""
