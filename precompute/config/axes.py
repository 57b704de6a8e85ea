"""Axes: the parameters of all registered methods and clusterers, and which names they may have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from precompute.clusterers import registry as clusterers_registry
from precompute.clusterers.clusterer import Clusterer
from precompute.loaders import options
from precompute.maps import registry as maps_registry
from precompute.maps.method import Method
from precompute.metrics import registry as metrics_registry
from precompute.parameters import Parameter
from precompute.store import TABLES

TAKEN = frozenset(
    {
        "audit", "compare", "examples", "features", "film", "grid", "history", "neighbors", "places", "sprite",
        "study",
    }
)  # fmt: skip
"""Words by which other parts of a study go: no name for a method or clusterer of one's own."""

TAKEN_PARAMETERS = frozenset(
    {
        # keys of addresses
        "representation", "method", "clusterer", "space", "color", "column", "metric", "sample", "id", "cluster",
        "label", "pair", "filter", "select", "find", "view", "beside", "draw", "corruption", "a", "b", "only",
        # signals of charts
        "width", "height", "padding", "autosize", "background", "datum", "event", "item", "parent", "measure",
        "map_measure", "glide", "focus", "hovered", "pinned", "linked", "dot", "box", "paper", "faint", "accent",
        "look", "place", "series", "current", "shown", "low", "high", "best",
        # columns of tables, options and keys of a configuration
        "embedding", "setting", "x", "y", "margin", "value", "n", "methods", "clusterers", "source", "path", "title",
        "description", "license", "credit", "variance", "starts", "seed", "robustness", "config", "data", "results",
        "site", "jobs", "scheduler", "zip", "serve", "verify", "review", "explain", "quiet", "verbose", "json",
        "restart", "wait", "yes", "adopt", "replace", "base_url", "cell_time", "single_file", "check_data", "download",
        "help", "version",
        # fields of exported charts, words of the language
        "codes", "dominant", "across", "up", "all", "names", "null", "true", "false",
    }
)  # fmt: skip
"""Words that stand for something else in an address, a chart, a table, a configuration or on the command line."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_PARAMETER = re.compile(r"[a-z][a-z0-9_]*")
_LETTER = re.compile(r"[a-z]")


def check_own_name(kind: str, name: str) -> str:
    """The name of a method, clusterer or representation of one's own, unchanged if it may stand in slugs.

    Args:
        kind: of what, for messages.

    Raises:
        ValueError: it holds anything but lower-case letters, digits and inner dashes, or is taken.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{kind} {name!r}: allowed are lower-case letters, digits and dashes, as in 'my-own'")
    if name in TAKEN:
        raise ValueError(f"{kind} {name!r}: the name is taken; choose another, as in 'my-{name}'")
    return name


def registered() -> dict[str, Parameter]:
    """Every parameter of the registered methods and clusterers by name, methods' first.

    Raises:
        ValueError: a name is taken, or two different parameters have one name, or two of one entry one letter.
    """
    found: dict[str, Parameter] = {}
    entries: list[tuple[str, str, Method | Clusterer]] = [
        *(("method", name, one) for name, one in maps_registry.METHODS.items()),
        *(("clusterer", name, one) for name, one in clusterers_registry.CLUSTERERS.items()),
    ]
    taken = TAKEN_PARAMETERS | _columns() | set(options.keys())
    of_methods = {one.name for entry in maps_registry.METHODS.values() for one in entry.parameters}
    for kind, name, entry in entries:
        check_own_name(kind, name)
        letters = [one.letter for one in entry.parameters]
        for one in entry.parameters:
            who = f"{kind} {name!r}: parameter {one.name!r}"
            if not _PARAMETER.fullmatch(one.name) or not _LETTER.fullmatch(one.letter):
                raise ValueError(f"{who}: allowed are a name such as 'min_size', and one lower-case letter for slugs")
            if one.name in taken:
                raise ValueError(f"{who}: the name is taken; choose another, as in 'my_{one.name}'")
            if kind == "clusterer" and one.name in of_methods:
                raise ValueError(f"{who}: a method has one of this name; choose another, as in 'cluster_{one.name}'")
            if found.setdefault(one.name, one) != one:
                raise ValueError(f"{who}: another entry has a different one of this name; share one Parameter")
            if letters.count(one.letter) > 1:
                raise ValueError(f"{who}: its letter {one.letter!r} stands for two; slugs need one for each")
    return found


def _columns() -> set[str]:
    """Names of the columns that tables have whatever the parameters are, and of the measures."""
    measures = {*metrics_registry.SETTING_METRICS, *metrics_registry.EMBEDDING_METRICS, *metrics_registry.PROVENANCE}
    return {column.name for table in TABLES.values() for column in table.columns} | measures


def check_names(kind: str, names: Sequence[str], known: Mapping[str, object]) -> tuple[str, ...]:
    """Names of methods or clusterers unchanged, if all are registered and none stands twice.

    Args:
        kind: "method" or "clusterer", for messages.
        names: as a person wrote them.
        known: the registry.

    Raises:
        ValueError: says which is not, what it may have been meant as, and what is allowed.
    """
    registered()
    problems = []
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name.lower(), known, n=1)
            problems.append(f"there is no {kind} {name!r}{f'; did you mean {near[0]!r}?' if near else ''}")
        elif list(names).count(name) > 1:
            problems.append(f"{name!r} stands twice")
    if not names:
        problems.append("no name")
    if problems:
        told = "; ".join(dict.fromkeys(problems))
        raise ValueError(f"{told}{'' if told.endswith('?') else ';'} allowed: {', '.join(known)}, each once")
    return tuple(names)
