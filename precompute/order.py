"""Natural order: the order in which people count, of names of labels, files, columns and data sets."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DIGITS = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

Key = tuple[tuple[tuple[int, int, str, str], ...], str]


def natural(text: str) -> Key:
    """A key to sort texts by: runs of digits by their value, all else as texts are sorted.

    "class 2" stands before "class 10", and "dose 0.25" before "dose 0.5"; what has two points or more, as a version or
    a date, is no fraction.
    """
    parts: list[tuple[int, int, str, str]] = []
    at = 0
    for found in _DIGITS.finditer(text):
        parts += [(ord(character), 0, "", "") for character in text[at : found.start()]]
        runs = found[0].split(".")
        if len(runs) == 2:
            parts.append(_run(*runs))
        else:
            for place, run in enumerate(runs):
                parts += [(ord("."), 0, "", "")] if place else []
                parts.append(_run(run))
        at = found.end()
    parts += [(ord(character), 0, "", "") for character in text[at:]]
    return tuple(parts), text


def ordered(texts: Iterable[str]) -> list[str]:
    """Texts in natural order; where all of them are numbers and nothing else, by value, so that -2 stands before -1."""
    found = list(texts)
    if all(_NUMBER.fullmatch(text) for text in found):
        return sorted(found, key=lambda text: (float(text), natural(text)))
    return sorted(found, key=natural)


def natural_path(name: str) -> list[Key]:
    """A key to sort paths with slashes by: folder by folder."""
    return [natural(part) for part in name.split("/")]


def _run(whole: str, fraction: str = "") -> tuple[int, int, str, str]:
    """A number where its first digit would stand; not by int(), which refuses very long ones."""
    digits = whole.lstrip("0")
    return ord("0"), len(digits), digits, fraction
