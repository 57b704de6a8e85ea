"""Configuration: what to compute, checked as a whole before anything is computed.

Every fault is one line that names the key, the value and what is allowed; all faults are reported at once. Precedence:
the command line over the file, the file over the defaults.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from precompute.config import axes
from precompute.config.checked import checked
from precompute.config.grid import LISTED, Config, ConfigError, Grid, StudyConfig
from precompute.config.values import OPTIONS, TEXTS, TOP_KEYS, study_keys
from precompute.loaders.assemble import id_of
from precompute.loaders.options import Options
from precompute.order import ordered
from precompute.store import check_dataset_id


def parse(text: str, name: str = "config", folder: Path = Path()) -> Config:
    """Read a configuration.

    Args:
        text: TOML.
        name: the file's name, for messages.
        folder: from where the paths in it lead.

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
    top = checked(content, TOP_KEYS, f"{name}: ", problems, also=("dataset",))
    tables = content.get("dataset", [{}])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise ConfigError([*problems, f"{name}: dataset: write each data set under a heading [[dataset]]"])
    studies, keys = [], study_keys()
    for number, table in enumerate(tables):
        values = checked(table, keys, f"{name}: dataset[{number}].", problems)
        grid = {name: values.pop(name) for name in axes.registered() if name in values}
        texts = {key: values.pop(key) for key in TEXTS if key in values}
        values["options"] = Options(**{key: values.pop(key) for key in OPTIONS if key in values})
        values["full"] = values.pop("grid", "auto") == "full"
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
                f"{where}{key}: says how to read a file; allowed only with a path" for key in OPTIONS if key in table
            ]
        values.setdefault("id", values.get("source", "digits"))
        studies.append(StudyConfig(grid=Grid(grid, explicit=frozenset(grid)), texts=texts, **values))
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


def of_data(path: Path, options: Options | None = None) -> Config:
    """A gallery of one data set from a file or folder, named after it.

    Args:
        path: of the file or folder.
        options: how to read it.

    Raises:
        ConfigError: the name gives an id that is taken.
    """
    try:
        study = StudyConfig(path=path, options=options or Options(), id=check_dataset_id(id_of(path)))
    except ValueError as error:
        raise ConfigError([f"{path.name}: {error}; rename it, or give an id in a config"]) from None
    return Config(studies=(study,))
