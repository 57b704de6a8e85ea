"""How a file is to be read: every key of it, declared once.

A field of `Options` is a key of a configuration and an option of the command line: `keys()` gives what both are made
of. A new key is one field here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Literal, cast

Ink = Literal["auto", "bright", "dark"]
Scale = Literal["auto", "unit", "standard", "columns", "values"]
Missing = Literal["refuse", "drop", "median"]
Broken = Literal["refuse", "skip"]
Capitals = Literal["keep", "ignore"]
Decimal = Literal["auto", "point", "comma"]
Header = Literal["auto", "first", "none"]
Pictures = Literal["auto", "none", "thumbnails"]


@dataclass(frozen=True)
class Key:
    """A key of a configuration that is an option too.

    Attributes:
        name: in a configuration; with dashes, after two more, the option.
        meaning: for the help, lower case, without a full stop.
        read: what a person wrote, as TOML or as the text of an option, to the value; raises ValueError with what is
            allowed.
        metavar: what stands for the value in the help.
    """

    name: str
    meaning: str
    read: Callable[[Any], Any]
    metavar: str

    @property
    def option(self) -> str:
        """As on the command line."""
        return f"--{self.name.replace('_', '-')}"


def _key(default: Any, read: Callable[[Any], Any], metavar: str, meaning: str) -> Any:
    return field(default=default, metadata={"read": read, "metavar": metavar, "meaning": meaning})


def _choice(default: str, meanings: Mapping[str, str]) -> Any:
    """A key with a few words for values, each with its meaning."""

    def read(value: Any) -> str:
        if value not in meanings:
            raise ValueError(f"{value!r} is not allowed; allowed: {', '.join(meanings)}")
        return str(value)

    listed = "; ".join(f"{word}: {meaning}" for word, meaning in meanings.items())
    return _key(default, read, "{" + ",".join(meanings) + "}", f"{listed} (default: {default})")


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
    """Names: a list of texts, or one text with commas between them."""
    names = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{value!r} is no list of names; allowed: texts in quotes, the first for label 0")
    return tuple(names)


def _column(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f'{value!r} is no column; allowed: its name, its place from 0, or "" for none')
    return value


def _columns(value: Any) -> tuple[str | int, ...]:
    """Columns: a list of names and places, or one text with commas between them."""
    columns = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    known = isinstance(columns, list) and all(isinstance(each, str | int) for each in columns)
    if not known or any(isinstance(each, bool) or each == "" for each in columns):
        raise ValueError(f'{value!r} is no list of columns; allowed: names or places from 0, as in ["width", "height"]')
    return tuple(columns)


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is no name; allowed: a text in quotes")
    return value


def _sign(value: Any) -> str:
    """A label that stands for none, as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f'{value!r} is no label; allowed: the text or number that stands for none, as in "?" or -1')
    return str(value).strip()


def _signs(value: Any) -> tuple[str, ...]:
    signs = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    signs = [signs] if isinstance(signs, int | float) and not isinstance(signs, bool) else signs
    if not isinstance(signs, list) or not signs:
        raise ValueError(f'{value!r} is no list of signs; allowed: texts or numbers, as in ["-999", "unknown"]')
    return tuple(_sign(each) for each in signs)


def _codec(value: Any) -> str:
    try:
        return codecs.lookup(_name(value)).name
    except LookupError:
        raise ValueError(f"{value!r} is no encoding that is known; allowed: such as utf-8, utf-16, cp1252") from None


def _delimiter(value: Any) -> str:
    if not isinstance(value, str) or not (len(value) == 1 or value in ("tab", "blanks")) or value in ("\n", "\r", '"'):
        raise ValueError(f"{value!r} is no delimiter; allowed: one character, tab or blanks")
    return value


def _pattern(value: Any) -> str:
    """A regular expression that finds the label in the name of a file."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is no pattern; allowed: a regular expression such as '^[a-z]+'")
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{value!r} is no regular expression ({error}); allowed: such as '^[a-z]+'") from None
    return value


@dataclass(frozen=True)
class Options:
    """How a file is to be read, where the file alone does not say.

    Each field is a key of the configuration and an option of the command line; its metadata have its meaning and what
    reads it.
    """

    image_shape: tuple[int, ...] | None = _key(
        None, parse_image_shape, "HxW", "scale pictures to this size, or take flat rows for pictures of it"
    )
    label_names: tuple[str, ...] | None = _key(
        None, _names, "NAMES", "names of the labels 0, 1, …, with commas between them"
    )
    label_column: str | int | None = _key(
        None, _column, "COLUMN", 'the column of the labels, by name or by place from 0; "" for none'
    )
    id_column: str | int | None = _key(
        None, _column, "COLUMN", 'the column of the ids, by name or by place from 0; "" for none'
    )
    ink: Ink = _choice(
        "auto", {"auto": "grey pictures as their background says", "bright": "bright strokes are ink", "dark": "as is"}
    )
    scale: Scale = _choice(
        "auto",
        {
            "auto": "by the type of the numbers, or each of several named columns",
            "unit": "values of [0, 1] as they are",
            "standard": "each column by mean and standard deviation",
            "columns": "each column by its least and greatest value",
            "values": "all by the least and the greatest value",
        },
    )
    features: tuple[str | int, ...] | None = _key(
        None, _columns, "COLUMNS", "the columns that are embedded, and no others; or the array of an archive"
    )
    columns: tuple[str | int, ...] | None = _key(
        None, _columns, "COLUMNS", "columns that are kept beside the samples and not embedded"
    )
    drop: tuple[str | int, ...] | None = _key(None, _columns, "COLUMNS", "columns that are left out altogether")
    missing: Missing = _choice(
        "refuse",
        {
            "refuse": "a missing number is an error",
            "drop": "its sample is left out",
            "median": "it becomes the median of its column",
        },
    )
    unlabelled: str | None = _key(None, _sign, "LABEL", "the label that stands for none, beside empty ones")
    capitals: Capitals = _choice(
        "keep", {"keep": "labels that differ in capitals are different", "ignore": "they are the same"}
    )
    missing_signs: tuple[str, ...] | None = _key(
        None, _signs, "SIGNS", "further texts or numbers that stand for a missing number, such as -999"
    )
    encoding: str | None = _key(None, _codec, "NAME", "the encoding of a text, such as utf-8 or cp1252")
    delimiter: str | None = _key(
        None, _delimiter, "CHARACTER", "what stands between fields: a character, tab or blanks"
    )
    decimal: Decimal = _choice("auto", {"auto": "as the numbers look", "point": "1.5", "comma": "1,5"})
    header: Header = _choice(
        "auto",
        {"auto": "as the first rows look", "first": "the first row has the names", "none": "it is a sample"},
    )
    broken: Broken = _choice(
        "refuse", {"refuse": "a picture that cannot be read is an error", "skip": "it is left out"}
    )
    label_pattern: str | None = _key(
        None, _pattern, "REGEX", "finds the label in a picture's file name: its first group, or all of it"
    )
    images: str | None = _key(None, _name, "NAME", "the array of an archive that holds the pictures")
    image_column: str | None = _key(None, _name, "COLUMN", "the column that holds the pictures")
    feature_column: str | None = _key(None, _name, "COLUMN", "the column that holds lists of numbers")
    split: str | None = _key(None, _name, "NAME", "read only this part of the data, such as train")
    pictures: Pictures = _choice(
        "auto",
        {
            "auto": "pictures are published as far as they are needed",
            "none": "no picture leaves this machine",
            "thumbnails": "small ones only",
        },
    )


@cache
def keys() -> Mapping[str, Key]:
    """Every key by its name, in the order of the fields."""
    return {
        each.name: Key(each.name, each.metadata["meaning"], each.metadata["read"], each.metadata["metavar"])
        for each in fields(Options)
    }


def read(values: Mapping[str, Any]) -> Options:
    """Options of values that have been read by `Key.read`."""
    return Options(**cast(Any, dict(values)))
