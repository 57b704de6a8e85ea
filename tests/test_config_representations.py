"""[[dataset.representation]]: what is read of it, and every fault at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from precompute.config.representations import KEYS, parse_representations
from precompute.representations.registry import SOURCES
from precompute.representations.representation import Wanted


def parsed(text: str) -> tuple[tuple[Wanted, ...], list[str]]:
    problems: list[str] = []
    table = tomllib.loads(text)["dataset"][0]["representation"]
    return parse_representations(table, "config: dataset[0].", Path("folder"), problems), problems


def test_each_source_is_read() -> None:
    found, problems = parsed(
        """
        [[dataset]]
        [[dataset.representation]]
        name = "pixels"
        values = "pixels"
        [[dataset.representation]]
        name = "cnn"
        title = "A CNN"
        model = "digits-cnn"
        [[dataset.representation]]
        name = "resnet"
        model = "nets/resnet.onnx"
        prepare = "imagenet-224"
        output = "pooled"
        scale = "columns"
        [[dataset.representation]]
        name = "new"
        path = "new.csv"
        id_column = 0
        match = "order"
        """
    )
    assert not problems
    assert found == (
        Wanted(name="pixels", source="values", place="pixels"),
        Wanted(name="cnn", title="A CNN", source="onnx", place="digits-cnn"),
        Wanted(
            name="resnet",
            source="onnx",
            place=Path("folder/nets/resnet.onnx"),
            prepare="imagenet-224",
            output="pooled",
            scale="columns",
        ),
        Wanted(name="new", source="file", place=Path("folder/new.csv"), id_column=0, match="order"),
    )
    assert {each.key for each in SOURCES.values()} <= set(KEYS)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('values = "pixels"', "name: missing; give it one"),
        ('name = "A b"\nvalues = "pixels"', "name: representation 'A b': allowed are lower-case letters"),
        ('name = "grid"\nvalues = "pixels"', "name: representation 'grid': the name is taken"),
        ('name = "x"', "says not where its numbers come from; needed: one of values, path, model"),
        ('name = "x"\nvalues = "pixels"\npath = "x.npy"', "values and path stand together"),
        ('name = "x"\nvalues = "raw"', "values: 'raw' is unknown; allowed: data, pixels"),
        ('name = "x"\nmodel = 3', "model: 3 is no path"),
        ('name = "x"\nmodel = "m.onnx"\nprepare = "big"', "prepare: 'big' is unknown; allowed: plain, imagenet-224"),
        ('name = "x"\npath = "x.npy"\nprepare = "plain"', "prepare: allowed only with model, not with path"),
        ('name = "x"\nmodel = "m.onnx"\nmatch = "order"', "match: allowed only with path, not with model"),
        ('name = "x"\npath = "x.npy"\nmatch = "id"', "match: 'id' is not allowed; allowed: auto, order"),
        ('name = "x"\npath = "x.npy"\nscale = "big"', "scale: 'big' is not allowed"),
        ('name = "x"\npath = "x.npy"\nscales = "auto"', "scales: unknown key; did you mean 'scale'?"),
    ],
)
def test_a_fault_names_key_value_and_what_is_allowed(lines: str, problem: str) -> None:
    found, problems = parsed(f"[[dataset]]\n[[dataset.representation]]\n{lines}")
    assert not found and any(problem in each for each in problems), problems
    assert all(each.startswith("config: dataset[0].representation[0]") for each in problems)


def test_all_faults_are_said_at_once_and_the_sound_ones_are_read() -> None:
    text = "[[dataset]]\n" + "".join(
        f'[[dataset.representation]]\nname = "{name}"\nvalues = "{values}"\n'
        for name, values in (("a", "data"), ("a", "data"), ("b", "x"))
    )
    found, problems = parsed(text)
    assert [each.name for each in found] == ["a"] and len(problems) == 2
    assert "name: 'a' is that of representation[0], too" in problems[0]
    assert parsed('[[dataset]]\nrepresentation = "cnn"') == (
        (),
        ["config: dataset[0].representation: write each representation under a heading [[dataset.representation]]"],
    )
