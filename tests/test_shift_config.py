"""`[[dataset.shift]]`: what people write, and what is refused by name."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from precompute.config import ConfigError
from precompute.config.shifts import (
    BatchShift,
    ColumnShift,
    CorruptionShift,
    name_of,
    parse_corruptions,
    parse_shifts,
)
from precompute.shift.registry import CORRUPTIONS


def read(text: str) -> tuple[CorruptionShift | BatchShift | ColumnShift, ...]:
    tables = tomllib.loads(text)["dataset"][0]["shift"]
    return parse_shifts(tables, "gallery.toml: dataset[0].", Path("data"))


def shift(line: str) -> str:
    return f"[[dataset]]\n[[dataset.shift]]\n{line}\n"


def test_all_kinds_are_read() -> None:
    shifts = read(
        shift('corruption = "fog"\nseverity = [3, 1]')
        + '[[dataset.shift]]\npath = "may.parquet"\nname = "may"\n[[dataset.shift]]\ncolumn = "month"\nreference = 3\n'
    )
    assert shifts == (
        CorruptionShift("fog", (1, 3)),
        BatchShift("may", Path("data/may.parquet")),
        ColumnShift("month", "3"),
    )
    assert [name_of(one) for one in shifts] == ["fog", "may", "month"]


def test_what_is_left_out_has_its_default() -> None:
    assert read(shift('corruption = "rotate"')) == (CorruptionShift("rotate", (1, 2, 3, 4, 5)),)
    assert read(shift('corruption = "rotate"\nseverity = 2')) == (CorruptionShift("rotate", (2,)),)
    assert read(shift('column = "month"')) == (ColumnShift("month", None),)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            'corruption = "frog"',
            "shift[0].corruption: there is no corruption 'frog'; did you mean 'fog'? (allowed: sho",
        ),
        ('corruption = "shot_noise"', "did you mean 'shot-noise'?"),
        ("corruption = 3", "shift[0].corruption: 3 is no name"),
        ('corruption = "fog"\nseverity = 6', "shift[0].severity: 6; allowed: whole numbers from 1 to 5"),
        ('corruption = "fog"\nseverity = [1, 1]', "shift[0].severity: [1, 1] holds a value twice"),
        ('corruption = "fog"\nseverity = true', "shift[0].severity: True is no list of values"),
        ('corruption = "fog"\nseverty = 2', "shift[0].severty: unknown key; did you mean 'severity'?"),
        ('corruption = "fog"\nname = "mist"', "shift[0].name: goes with path and not with corruption"),
        ('corruption = "fog"\ncolumn = "day"', "shift[0]: has both corruption and column; allowed: one of corruption,"),
        ("severity = 2", "shift[0]: has neither of them; allowed: one of corruption, path, column"),
        ('path = "may.csv"', "shift[0].name: is missing; name the batch"),
        ('path = "may.csv"\nname = "May 1"', "shift[0].name: 'May 1': it is no name; allowed: at most 64 lower-case"),
        ('path = "may.csv"\nname = "fog"', "shift[0].name: 'fog': it is a corruption's"),
        ('path = ""\nname = "may"', "shift[0].path: '' is no path"),
        ('column = ""', "shift[0].column: '' is no column"),
        ('column = "day"\nreference = false', "shift[0].reference: False is no value of a column"),
        ('corruption = "fog"\n[[dataset.shift]]\ncorruption = "fog"', "shift: 'fog' stands 2 times"),
    ],
)
def test_faults_are_refused_by_name(line: str, problem: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(shift(line))
    assert str(error.value).startswith("gallery.toml: dataset[0].shift")
    assert problem in str(error.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        read(shift('corruption = "frog"') + '[[dataset.shift]]\ncolumn = ""\n')
    assert len(error.value.problems) == 2
    with pytest.raises(ConfigError, match="under a heading"):
        parse_shifts({"corruption": "fog"}, "gallery.toml: dataset[0].")


def test_lists_of_corruptions() -> None:
    assert parse_corruptions("all") == tuple(CORRUPTIONS)
    assert parse_corruptions("none") == ()
    assert parse_corruptions("rotate, fog,") == ("rotate", "fog")
    assert parse_corruptions(["fog"]) == ("fog",)
    with pytest.raises(ValueError, match="there is no corruption 'frog'; did you mean 'fog'"):
        parse_corruptions("frog")
    with pytest.raises(ValueError, match="'fog' stands twice"):
        parse_corruptions("fog,fog")
    with pytest.raises(ValueError, match="is no list of corruptions"):
        parse_corruptions(7)
