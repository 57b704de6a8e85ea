"""Values as people write them, on the command line and in a configuration: parsed, or refused with what is allowed."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from precompute.clusterers import registry as clusterers_registry
from precompute.config import axes
from precompute.dataset import BUILT_IN
from precompute.loaders.options import keys
from precompute.maps import registry as maps_registry
from precompute.parameters import Parameter
from precompute.store import check_dataset_id

# ------------------------------------------------------------------------------------------------------- values


def parse_axis(text: str | Sequence[Any] | int | float) -> tuple[float, ...]:
    """Values of an axis: "5:50" (both ends, step 1), "5:50:5", "5,30,50", a number or a list of numbers; ascending.

    Raises:
        ValueError: not such a text, no values, a duplicate, NaN or infinity; says what is allowed.
    """
    allowed = 'allowed: a range "5:50" or "5:50:5" (both ends included), a list "5,30,50", or a number'
    try:
        if isinstance(text, bool):
            raise TypeError
        if isinstance(text, str) and ":" in text:
            bounds = [float(part) for part in text.split(":")]
            start, stop, step = bounds if len(bounds) == 3 else (*bounds, 1.0)
            if not (math.isfinite(start) and math.isfinite(stop) and math.isfinite(step)) or step <= 0:
                raise ValueError
            count = math.floor((stop - start) / step + 1e-9) + 1
            if count > 10_000:
                raise ValueError
            values = [round(start + position * step, 9) for position in range(count)]
        elif isinstance(text, str):
            values = [float(part) for part in text.split(",")]
        elif isinstance(text, int | float):
            values = [float(text)]
        else:
            if any(isinstance(value, bool | str) for value in text):
                raise TypeError
            values = [float(value) for value in text]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{text!r} is no list of values; {allowed}") from None
    if not values:
        raise ValueError(f"{text!r} holds no value; {allowed}")
    if not all(math.isfinite(value) for value in values):
        raise ValueError(f"{text!r} holds a value that is not a finite number; {allowed}")
    if len(set(values)) < len(values):
        raise ValueError(f"{text!r} holds a value twice; every value must stand once")
    return tuple(sorted(values))


def parse_values(parameter: Parameter, text: Any) -> tuple[float, ...]:
    """Values of a parameter, ascending.

    Raises:
        ValueError: see `parse_axis`, or a value that is out of the parameter's limits for any data.
    """
    return parameter.checked(parse_axis(text))


def parse_methods(value: Any) -> tuple[str, ...]:
    """Names of methods: "tsne,pca" or a list of them.

    Raises:
        ValueError: one is not registered or stands twice; says what is allowed.
    """
    return axes.check_names("method", _listed(value), maps_registry.METHODS)


def parse_clusterers(value: Any) -> tuple[str, ...]:
    """Names of clusterers: "kmeans" or a list of them.

    Raises:
        ValueError: one is not registered or stands twice; says what is allowed.
    """
    return axes.check_names("clusterer", _listed(value), clusterers_registry.CLUSTERERS)


def _listed(value: Any) -> list[str]:
    names = [part.strip() for part in value.rstrip(",").split(",")] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise ValueError(f'{value!r} is no list of names; allowed: "tsne", "tsne,pca" or a list of texts in quotes')
    return names


def parse_text(value: Any) -> str:
    """A text as it is.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text; allowed: a text in quotes")
    return value


def _source(value: Any) -> str:
    if not isinstance(value, str) or value not in BUILT_IN:
        raise ValueError(f"{value!r} is unknown; allowed: {', '.join(sorted(BUILT_IN))}")
    return str(value)


def parse_path(value: Any) -> Path:
    """A file or folder as a person writes it; a `~` or `~user` that it begins with is that home folder.

    Raises:
        ValueError: no text, or an empty one, as a variable gives it that is not set: it would be the folder one is in.
    """
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError(f"{value!r} is no path; allowed: a file or folder")
    path = Path(value)
    if value.startswith("~"):
        with contextlib.suppress(RuntimeError):  # no such user: then a file whose name begins so
            return path.expanduser()
    return path


def _path(value: Any) -> Path:
    try:
        return parse_path(value)
    except ValueError as error:
        raise ValueError(f"{error}, from the folder of this file") from None


def _grid(value: Any) -> str:
    if value not in ("auto", "full"):
        raise ValueError(f"{value!r} is not allowed; allowed: auto, full")
    return str(value)


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise ValueError(f"{value!r} is not allowed; allowed: a share above 0 and below 1, such as 0.95")
    return float(value)


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is not allowed; allowed: true or false")
    return value


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{value!r} is not allowed; allowed: a whole number from {low} to {high}")
        return value

    return parse


TEXTS = ("title", "description", "license", "credit")
OPTIONS: Mapping[str, Callable[[Any], Any]] = {name: key.read for name, key in keys().items()}
"""What says how a file is read; declared in the loaders."""
_STUDY_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "source": _source,
    "path": _path,
    "id": lambda value: check_dataset_id(parse_text(value)),
    "methods": parse_methods,
    "clusterers": parse_clusterers,
    "variance": _share,
    "starts": _whole(1, 1000),
    "seed": _whole(0, 2**32 - 1),
    "robustness": _yes_or_no,
    "grid": _grid,
    **dict.fromkeys(TEXTS, parse_text),
    **OPTIONS,
}
TOP_KEYS: Mapping[str, Callable[[Any], Any]] = {"title": parse_text}


def parameter_readers() -> dict[str, Callable[[Any], Any]]:
    """What reads the values of each registered parameter, by its name."""
    return {name: partial(parse_values, one) for name, one in axes.registered().items()}


def study_keys() -> dict[str, Callable[[Any], Any]]:
    """The keys of a data set in a configuration, with what reads each: the parameters' names among them."""
    return {**_STUDY_KEYS, **parameter_readers()}
