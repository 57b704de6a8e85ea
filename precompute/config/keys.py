"""Tables of a configuration, key by key: unknown keys are named with what they may have been meant as."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from precompute.config.grid import LISTED


def checked_keys(
    table: Mapping[str, Any],
    keys: Mapping[str, Callable[[Any], Any]],
    where: str,
    problems: list[str],
    also: Sequence[str] = (),
) -> dict[str, Any]:
    """The values of a table of a configuration, read key by key.

    Args:
        table: as TOML has it.
        keys: what reads each key's value; it raises ValueError and says what is allowed.
        where: place of the table, for messages: "gallery.toml: dataset[0].".
        problems: gets a line for each fault.
        also: keys that are allowed and read elsewhere.
    """
    values = {}
    unknown = [key for key in table if key not in keys and key not in also]
    for key, value in table.items():
        if key in also or key in unknown[LISTED:]:
            continue
        if key not in keys:
            near = difflib.get_close_matches(key, [*keys, *also], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            problems.append(f"{where}{key}: unknown key{hint} (allowed: {', '.join([*keys, *also])})")
            continue
        try:
            values[key] = keys[key](value)
        except ValueError as error:
            problems.append(f"{where}{key}: {error}")
    if len(unknown) > LISTED:
        problems.append(f"{where}{len(unknown) - LISTED} more unknown keys")
    return values
