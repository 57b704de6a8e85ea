"""Representations in a configuration: the tables [[dataset.representation]], checked as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from precompute.config.axes import check_own_name
from precompute.config.checked import checked
from precompute.config.values import OPTIONS, parse_path, parse_text
from precompute.representations.onnx import MODELS
from precompute.representations.prepare import PREPARATIONS
from precompute.representations.registry import SOURCES
from precompute.representations.representation import Wanted
from precompute.representations.values import OWN


def _name(value: Any) -> str:
    return check_own_name("representation", parse_text(value))


def _one_of(allowed: Mapping[str, Any]) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"{value!r} is unknown; allowed: {', '.join(allowed)}")
        return value

    return parse


def _match(value: Any) -> str:
    if value not in ("auto", "order"):
        raise ValueError(f"{value!r} is not allowed; allowed: auto, order")
    return str(value)


_PLACES: Mapping[str, Callable[[Any], Any]] = {
    "values": _one_of(OWN),
    "path": parse_path,
    "model": lambda value: value if isinstance(value, str) and value in MODELS else parse_path(value),
}
KEYS: Mapping[str, Callable[[Any], Any]] = {
    "name": _name,
    "title": parse_text,
    **_PLACES,
    "prepare": _one_of(PREPARATIONS),
    "output": parse_text,
    "scale": OPTIONS["scale"],
    "id_column": OPTIONS["id_column"],
    "match": _match,
}
"""Keys of a representation, with what reads each."""
_ONLY: Mapping[str, str] = {"prepare": "model", "output": "model", "id_column": "path", "match": "path"}
"""Keys that say something of one source only, by the key that names it."""


def parse_representations(tables: Any, where: str, folder: Path, problems: list[str]) -> tuple[Wanted, ...]:
    """Read the representations of one data set.

    Args:
        tables: what the TOML holds under `representation`.
        where: for messages, such as "config: dataset[0].".
        folder: from where the paths in it lead.
        problems: gets one line a fault.

    Returns:
        Those without a fault, in their order.
    """
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(f"{where}representation: write each representation under a heading [[dataset.representation]]")
        return ()
    kept: list[Wanted] = []
    names: dict[str, int] = {}
    for number, table in enumerate(tables):
        here = f"{where}representation[{number}]."
        before = len(problems)
        values = checked(table, KEYS, here, problems)
        name = values.get("name")
        if "name" not in table:
            problems.append(f"{here}name: missing; give it one, as in 'cnn': it stands in addresses")
        elif name is not None and names.setdefault(name, number) != number:
            problems.append(f"{here}name: {name!r} is that of representation[{names[name]}], too; give each its own")
        _check_sources(table, here, problems)
        if len(problems) == before:
            kept.append(_wanted(values, folder))
    return tuple(kept)


def _check_sources(table: Mapping[str, Any], here: str, problems: list[str]) -> None:
    given = [key for key in _PLACES if key in table]
    if len(given) != 1:
        which = f"{' and '.join(given)} stand together" if given else "says not where its numbers come from"
        problems.append(f"{here[:-1]}: {which}; needed: one of {', '.join(_PLACES)}")
        return
    problems += [
        f"{here}{key}: allowed only with {of}, not with {given[0]}"
        for key, of in _ONLY.items()
        if key in table and of != given[0]
    ]


def _wanted(values: dict[str, Any], folder: Path) -> Wanted:
    source, key = next((name, each.key) for name, each in SOURCES.items() if each.key in values)
    place = values.pop(key)
    return Wanted(source=source, place=folder / place if isinstance(place, Path) else place, **values)
