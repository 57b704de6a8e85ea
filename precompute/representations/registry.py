"""Which sources of a representation there are. A new one is one function and one entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from precompute.dataset import DataError, Dataset, on_a_line
from precompute.representations.file import from_file
from precompute.representations.onnx import from_model
from precompute.representations.representation import Representation, Wanted
from precompute.representations.values import from_values


@dataclass(frozen=True)
class Source:
    """Where a representation can come from.

    Attributes:
        label: in words.
        key: of a configuration that names the place.
        read: from what is wanted and the study's samples to the numbers.
    """

    label: str
    key: str
    read: Callable[[Wanted, Dataset], Representation]


SOURCES: Mapping[str, Source] = {
    "values": Source("the data's own values", "values", from_values),
    "file": Source("numbers in a file", "path", from_file),
    "onnx": Source("an image encoder", "model", from_model),
}


def read(wanted: Wanted, data: Dataset) -> Representation:
    """Make a representation of a study's samples.

    Raises:
        DataError: its source is unknown, it cannot be read or run, or all samples lie on one line in it; or as the
            source's own function says.
    """
    if wanted.source not in SOURCES:
        known = ", ".join(SOURCES)
        raise DataError(f"representation {wanted.name!r}: source {wanted.source!r} is unknown; allowed: {known}")
    made = SOURCES[wanted.source].read(wanted, data)
    if on_a_line(made.values):
        raise DataError(
            f"representation {wanted.name!r}: the {data.n:,} samples vary in one direction only, or not at all; a map "
            "needs at least two: bring other numbers, or leave this representation out"
        )
    return made
