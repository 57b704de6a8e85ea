"""Configuration: what to compute, checked as a whole before anything is computed.

Every fault is one line that names the key, the value and what is allowed; all faults are reported at once. Precedence:
the command line over the file, the file over the defaults.
"""

from __future__ import annotations

import codecs
import contextlib
import difflib
import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from precompute.dataset import BUILT_IN, Dataset
from precompute.embeddings import METHODS, check_method
from precompute.loaders.assemble import id_of
from precompute.loaders.raw import Options
from precompute.order import ordered
from precompute.store import check_dataset_id, number_slug

DEFAULT_PERPLEXITY = tuple(float(value) for value in range(5, 51))
DEFAULT_K = tuple(range(3, 16))
LARGE = 15_000
"""Samples above which the default grid is coarser: one map then takes minutes, not half a second."""
LARGE_PERPLEXITY = (10.0, 30.0, 50.0, 100.0)
LARGE_K = tuple(range(5, 16))
LISTED = 5
"""Faults or values of one kind that a message names; the rest is counted."""


class ConfigError(ValueError):
    """The configuration cannot be used. `problems` holds one line a fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Grid:
    """The settings to compute: every perplexity with every k.

    Attributes:
        perplexity: ascending, each > 0. k: ascending, each ≥ 2.
        explicit: names of the axes that a person asked for; these are refused, not clipped, where data are too few.
    """

    perplexity: tuple[float, ...] = DEFAULT_PERPLEXITY
    k: tuple[int, ...] = DEFAULT_K
    explicit: frozenset[str] = frozenset()

    def fitted(self, n: int, different: int | None = None) -> tuple[Grid, list[str]]:
        """The grid that n samples, of which so many differ (None: all), allow, and notes.

        There is a note for each default axis that was clipped, made coarser or, where it begins too high for very few
        samples, moved down to what these allow.

        A perplexity p needs 3 p neighbours, so p ≤ (n − 1) / 3. With k = n every sample would be a
        cluster, of which no silhouette is defined, so k ≤ n − 1. Of samples that are the same, none can be apart.

        Raises:
            ConfigError: an explicit value is out of range, or nothing of a default axis is left.
        """
        highest = (n - 1) / 3
        problems, notes = [], []
        axes: dict[str, tuple[float, ...]] = {"perplexity": self.perplexity, "k": self.k}
        if n > LARGE:
            for name, default, coarse in (
                ("perplexity", DEFAULT_PERPLEXITY, LARGE_PERPLEXITY),
                ("k", DEFAULT_K, LARGE_K),
            ):
                if name not in self.explicit and axes[name] == default:
                    axes[name] = coarse
                    notes.append(f"{name}: {_listed(coarse)}, the default above {LARGE:,} samples")
        limits = {"perplexity": highest, "k": min(n - 1.0, n if different is None else different)}
        few = {"k": f" of which {different} differ" if limits["k"] < n - 1 else ""}
        kept: dict[str, Any] = {}
        for name, values in axes.items():
            kept[name] = tuple(value for value in values if value <= limits[name])
            lost = [value for value in values if value > limits[name]]
            who = f"{n} samples" + few.get(name, "")
            if not kept[name] and name not in self.explicit and limits[name] >= 2:
                kept[name] = (type(values[0])(math.floor(limits[name])),)
                notes.append(f"{name}: {_listed(kept[name])}, the largest whole one that {who} allow")
            elif lost and (name in self.explicit or not kept[name]):
                problems.append(f"{name}: {_listed(lost)} too large for {who}; allowed: at most {limits[name]:g}")
            elif lost:
                notes.append(f"{name}: {_listed(lost)} left out, {who} allow at most {limits[name]:g}")
        if problems:
            raise ConfigError(problems)
        return replace(self, **kept), notes


def _listed(values: Sequence[float]) -> str:
    more = f" and {len(values) - LISTED} more" if len(values) > LISTED else ""
    return ", ".join(number_slug(value) for value in values[:LISTED]) + more


@dataclass(frozen=True)
class StudyConfig:
    """What to compute of one data set.

    Attributes:
        source: name of a built-in data set. path: file or folder in its place. options: how to read that.
        id: folder name. grid: the settings.
        methods: names of the embedding methods to compute; PCA is always there.
        variance: share of variance that PCA keeps. starts: K-Means starts, the best is taken.
        seed: of everything random.
        robustness: whether to look for the same clusters from other starts and in shuffled data; None: where that is
            quick, on the default perplexities of data that are not large.
        texts: title, description, source, license given in place of the data set's own.
    """

    source: str = "digits"
    path: Path | None = None
    options: Options = field(default_factory=Options)
    id: str = "digits"
    grid: Grid = field(default_factory=Grid)
    methods: tuple[str, ...] = ("tsne",)
    variance: float = 0.95
    starts: int = 10
    seed: int = 0
    robustness: bool | None = None
    texts: Mapping[str, str] = field(default_factory=dict)

    def fitted(self, data: Dataset) -> tuple[Grid, list[str]]:
        """The grid that the data allow, and notes on what they do not; see `Grid.fitted`.

        Raises:
            ConfigError: an explicit value is out of range.
        """
        return self.grid.fitted(data.n, data.different(max(self.grid.k) + 1))

    def is_robust(self, n: int) -> bool:
        """Whether robustness is looked at, for n samples."""
        if self.robustness is not None:
            return self.robustness
        return "perplexity" not in self.grid.explicit and n <= LARGE


@dataclass(frozen=True)
class Config:
    """A gallery: its title, if it was given one, and its studies."""

    title: str | None = None
    studies: tuple[StudyConfig, ...] = (StudyConfig(),)


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


def parse_perplexity(text: Any) -> tuple[float, ...]:
    """Values of the perplexity axis, each ≥ 1.

    Raises:
        ValueError: see `parse_axis`, or a value below 1, where no sample would have a neighbour.
    """
    values = parse_axis(text)
    if values[0] < 1:
        raise ValueError(f"{number_slug(values[0])} is too small; allowed: 1 or more")
    return values


def parse_k(text: Any) -> tuple[int, ...]:
    """Values of the k axis, whole numbers ≥ 2.

    Raises:
        ValueError: see `parse_axis`, or a value that is no whole number or below 2.
    """
    values = parse_axis(text)
    for value in values:
        if value != int(value) or value < 2:
            raise ValueError(f"{number_slug(value)} is not allowed; allowed: whole numbers from 2")
    return tuple(int(value) for value in values)


def _text(value: Any) -> str:
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


def parse_image_shape(value: Any) -> tuple[int, ...]:
    """Height and width, and 3 for colour: [28, 28], [32, 32, 3] or "28x28".

    Raises:
        ValueError: not such a shape; says what is allowed.
    """
    sides: Any = value
    if isinstance(value, str):
        sides = [int(part) if part.isascii() and part.isdigit() else None for part in re.split("[x×]", value[:40])]
    whole = isinstance(sides, list) and all(type(side) is int and 1 <= side <= 8192 for side in sides)
    if not whole or len(sides) not in (2, 3) or sides[2:] not in ([], [1], [3]):
        raise ValueError(
            f"{value!r} is no shape; allowed: height and width as in [28, 28] (28x28), and 3 for colour: [32, 32, 3]"
        )
    return tuple(sides)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        raise ValueError(f"{value!r} is no list of names; allowed: texts in quotes, the first for label 0")
    return tuple(value)


def _column(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f'{value!r} is no column; allowed: its name, its place from 0, or "" for none')
    return value


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"{value!r} is not allowed; allowed: {', '.join(allowed)}")
        return str(value)

    return parse


def _methods(value: Any) -> tuple[str, ...]:
    names = sorted(set(METHODS) - {"pca"})
    listed = isinstance(value, list) and value and all(isinstance(each, str) for each in value)
    if not listed or len(set(value)) < len(value) or set(value) - set(names):
        raise ValueError(f"{value!r} is not allowed; allowed: a list of {', '.join(names)}, each once")
    if "tsne" not in value:
        raise ValueError(f"{value!r} leaves the pages without a map, for they show t-SNE's; add 'tsne' to it")
    return tuple(check_method(name) for name in value)


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


_TEXTS = ("title", "description", "license", "credit")
_OPTIONS: Mapping[str, Callable[[Any], Any]] = {
    "image_shape": parse_image_shape,
    "label_names": _names,
    "label_column": _column,
    "id_column": _column,
    "ink": _one_of("auto", "bright", "dark"),
    "scale": _one_of("auto", "columns", "values"),
}
_STUDY_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "source": _source,
    "path": _path,
    "id": lambda value: check_dataset_id(_text(value)),
    "perplexity": parse_perplexity,
    "k": parse_k,
    "methods": _methods,
    "variance": _share,
    "starts": _whole(1, 1000),
    "seed": _whole(0, 2**32 - 1),
    "robustness": _yes_or_no,
    **dict.fromkeys(_TEXTS, _text),
    **_OPTIONS,
}
_TOP_KEYS: Mapping[str, Callable[[Any], Any]] = {"title": _text}


def _checked(
    table: Mapping[str, Any],
    keys: Mapping[str, Callable[[Any], Any]],
    where: str,
    problems: list[str],
    also: Sequence[str] = (),
) -> dict[str, Any]:
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


def parse(text: str, name: str = "config", folder: Path = Path()) -> Config:
    """Read a configuration.

    Args:
        text: TOML. name: the file's name, for messages. folder: from where the paths in it lead.

    Raises:
        ConfigError: not TOML, or keys or values that are not allowed; all faults at once.
    """
    try:
        content = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError is one, and so is what Python says of very long numbers
        raise ConfigError([f"{name}: not valid TOML: {error}{_about_backslashes(text, str(error))}"]) from None
    except RecursionError:
        raise ConfigError(
            [f"{name}: brackets are nested too deeply; no key needs more than a list of numbers"]
        ) from None
    problems: list[str] = []
    top = _checked(content, _TOP_KEYS, f"{name}: ", problems, also=("dataset",))
    tables = content.get("dataset", [{}])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise ConfigError([*problems, f"{name}: dataset: write each data set under a heading [[dataset]]"])
    studies = []
    for number, table in enumerate(tables):
        values = _checked(table, _STUDY_KEYS, f"{name}: dataset[{number}].", problems)
        axes = {axis: values.pop(axis) for axis in ("perplexity", "k") if axis in values}
        texts = {key: values.pop(key) for key in _TEXTS if key in values}
        values["options"] = Options(**{key: values.pop(key) for key in _OPTIONS if key in values})
        where = f"{name}: dataset[{number}]."
        if "path" in values:
            if "source" in values:
                problems.append(f"{where}source: {values['source']!r} is built in; name either a source or a path")
            values["path"] = folder / values["path"]
            if re.search(r"[\x00-\x1f]", table["path"]) and not values["path"].exists():
                problems.append(f"{where}path: {table['path']!r} holds a control character; {_BACKSLASHES}")
            values.setdefault("id", id_of(values["path"]))
            try:
                check_dataset_id(values["id"])
            except ValueError as error:
                problems.append(f"{where}path: {error}; rename the file, or give an id")
        else:
            problems += [
                f"{where}{key}: says how to read a file; allowed only with a path" for key in _OPTIONS if key in table
            ]
        values.setdefault("id", values.get("source", "digits"))
        studies.append(StudyConfig(grid=Grid(**axes, explicit=frozenset(axes)), texts=texts, **values))
    problems += _same_ids([study.id for study in studies], tables, name)
    if problems:
        raise ConfigError(problems)
    return Config(studies=tuple(studies), **top)


_BACKSLASHES = "in double quotes a backslash begins an escape: write / in its place, or the text in 'single quotes'"


def _about_backslashes(text: str, problem: str) -> str:
    """The line that a fault of TOML is in, and a hint, if it looks like a path of Windows."""
    at = re.search(r"\(at line (\d+)", problem)
    line = text.split("\n")[int(at[1]) - 1].strip() if at else ""
    if "\\" not in line or '"' not in line:
        return ""
    shown = "".join(one if one.isprintable() else "?" for one in line[:120])
    return f": {shown}; {_BACKSLASHES}"


def _text_of(data: bytes) -> str:
    """The text of a file that some editor wrote: UTF-8, or UTF-16 as its first bytes say.

    Raises:
        UnicodeDecodeError: it is neither.
    """
    text = data.decode("utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _same_ids(ids: Sequence[str], tables: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    """Each id that several data sets have, with where it comes from: it may be one that nobody wrote."""
    problems = []
    for one in ordered(id for id in set(ids) if ids.count(id) > 1):
        same = [table for id, table in zip(ids, tables, strict=True) if id == one]
        sources = [table.get("path", table.get("source", "digits")) for table in same]
        listed = " and ".join(repr(source) for source in sources[:LISTED])
        more = f" and {len(sources) - LISTED} more" if len(sources) > LISTED else ""
        problems.append(
            f"{name}: dataset: the id {one!r} stands {len(sources)} times, for {listed}{more}; give each an id of "
            'its own (id = "…" under its [[dataset]]): without one it is made of the name, of its a-z and 0-9'
        )
    return problems


def load(path: Path) -> Config:
    """Read a configuration file; see `parse`.

    Raises:
        ConfigError: the file cannot be read, or as for `parse`.
    """
    try:
        text = _text_of(path.read_bytes())
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}; name a TOML file with --config"]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path}: cannot be read: line {line} is not UTF-8 text; save it as UTF-8"]) from None
    return parse(text, path.name, path.parent)


def of_data(path: Path, image_shape: tuple[int, ...] | None = None) -> Config:
    """A gallery of one data set from a file or folder, named after it.

    Raises:
        ConfigError: the name gives an id that is taken.
    """
    try:
        study = StudyConfig(path=path, options=Options(image_shape=image_shape), id=check_dataset_id(id_of(path)))
    except ValueError as error:
        raise ConfigError([f"{path.name}: {error}; rename it, or give an id in a config"]) from None
    return Config(studies=(study,))


def with_robustness(config: Config) -> Config:
    """The configuration with robustness looked at for all its data sets."""
    return replace(config, studies=tuple(replace(study, robustness=True) for study in config.studies))


def with_axes(config: Config, perplexity: tuple[float, ...] | None, k: tuple[int, ...] | None) -> Config:
    """The configuration with axes from the command line in place of its own, for all its data sets."""
    given: dict[str, Any] = {}
    if perplexity is not None:
        given["perplexity"] = perplexity
    if k is not None:
        given["k"] = k
    if not given:
        return config
    studies = tuple(
        replace(study, grid=replace(study.grid, **given, explicit=study.grid.explicit | set(given)))
        for study in config.studies
    )
    return replace(config, studies=studies)
