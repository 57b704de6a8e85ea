"""A table of inputs with the right reading of each: how a case is written down, and how it is held against a reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from precompute.loaders.assemble import load
from precompute.loaders.options import Options


@dataclass(frozen=True, kw_only=True)
class Case:
    """One input and what is right; what a case does not name is not looked at.

    Attributes:
        of: the sentence that it is for.
        make: writes the input into a folder, and returns its path.
        options: keys.
        n: samples.
        image: height, width and channels; () for none.
        numbers: of a sample.
        range: least and greatest number before scaling.
        labels: how many samples each has; {} for none.
        unlabelled: samples without one.
        ids: the first of them.
        columns: names of those kept beside.
        splits: samples of each part.
        left_out: parts of what is left out.
        doubts: keys.
        notes: parts of sentences.
    """

    of: str
    make: Callable[[Path], Path]
    options: Mapping[str, Any] = field(default_factory=dict)
    n: int
    image: tuple[int, ...] | None = None
    numbers: int | None = None
    range: tuple[float, float] | None = None
    labels: Mapping[str, int] | None = None
    unlabelled: int = 0
    ids: Sequence[str] = ()
    columns: Sequence[str] = ()
    splits: Mapping[str, int] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    doubts: Sequence[str] = ()
    notes: Sequence[str] = ()


def check(case: Case, folder: Path) -> None:
    """Hold a case against what is read."""
    found = load(case.make(folder), "mine", Options(**case.options))
    data = found.data
    assert data.n == case.n
    assert case.image is None or (data.image_shape or ()) == case.image
    assert case.numbers is None or data.values.shape[1] == case.numbers
    assert case.range is None or found.range == case.range
    assert case.labels is None or (found.labels or {}) == case.labels
    assert found.unlabelled == case.unlabelled
    assert data.ids[: len(case.ids)] == tuple(case.ids)
    assert [column.name for column in data.columns] == list(case.columns)
    assert dict(found.splits) == case.splits
    left_out = [f"{one.count} × {one.what}: {one.why}" for one in found.left_out]
    assert len(left_out) == len(case.left_out), left_out
    for wanted in case.left_out:
        assert any(wanted in one for one in left_out), (wanted, left_out)
    assert [doubt.key for doubt in found.doubts] == list(case.doubts)
    for wanted in case.notes:
        assert any(wanted in note for note in found.notes), (wanted, found.notes)
