"""What a file holds, before it is scaled and checked, and how large it may be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from precompute.dataset import DataError


@dataclass(frozen=True)
class Limits:
    """What may be decoded. All are checked before anything is; a refusal names the limit.

    Attributes:
        samples: of a data set.
        numbers: samples × dimensions.
        dimensions: numbers of one sample.
        image_pixels: of one picture as it lies in its file.
        image_bytes: of memory that decoding one picture takes, and of its file.
        file_bytes: of one file, and of what is unpacked from it.
        ratio: unpacked against packed, above `ratio_from` bytes.
        members: of an archive.
        header_bytes: of a header, or of the first line of a CSV.
        labels: different ones.
    """

    samples: int = 2_000_000
    numbers: int = 1_000_000_000
    dimensions: int = 16_384
    image_pixels: int = 400_000_000
    image_bytes: int = 500_000_000
    file_bytes: int = 8_000_000_000
    ratio: int = 200
    ratio_from: int = 50_000_000
    members: int = 16
    header_bytes: int = 1_000_000
    labels: int = 200


LIMITS = Limits()

Ink = Literal["auto", "bright", "dark"]
Scale = Literal["auto", "columns", "values"]


@dataclass(frozen=True)
class Options:
    """How a file is to be read, where the file alone does not say.

    Attributes:
        image_shape: (height, width) or (height, width, channels): flat rows are pictures of that shape; pictures in
            files are scaled to it. None: as the file has it.
        label_names: names of whole-number labels 0, 1, …; None: the numbers themselves.
        label_column, id_column: name of a CSV's or Parquet's column, or its place from 0, or from the end with a minus;
            "" for none; None: found by its name.
        ink: of grey pictures; "bright": bright strokes are shown as ink on paper, in the colours of the page; "dark":
            pictures are shown as they are; "auto": the first on a mostly empty ground, else the second.
        scale: "columns" scales each column by itself, for columns of different units; "values" takes the least and the
            greatest value of all, whatever their type; "auto": see `scaling.py`.
    """

    image_shape: tuple[int, ...] | None = None
    label_names: tuple[str, ...] | None = None
    label_column: str | int | None = None
    id_column: str | int | None = None
    ink: Ink = "auto"
    scale: Scale = "auto"


@dataclass(frozen=True)
class Raw:
    """What a file holds.

    Attributes:
        kind: format in words, such as "NumPy archive (.npz)".
        images: (n, h, w) or (n, h, w, 3) numbers; features: (n, d) numbers. At least one of the two; where both are
            there, features are what is embedded and images are what is shown.
        labels: (n,) whole numbers or texts; None: none.
        names: names of whole-number labels; None: none given.
        ids: the person's own name for each sample; None: none.
        ids_from: where they stand, for messages.
        title: of the data set, where the file says; else None.
        notes: what a person should know, a sentence each: files left out, columns taken for labels.
    """

    kind: str
    images: NDArray[Any] | None = None
    features: NDArray[Any] | None = None
    labels: NDArray[Any] | None = None
    names: tuple[str, ...] | None = None
    ids: Sequence[str] | None = None
    ids_from: str = "ids"
    title: str | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)


def check_amount(shape: Sequence[int], where: str, limits: Limits = LIMITS) -> None:
    """Refuse too many samples or numbers from their shape alone, before they are read.

    Raises:
        DataError: no sample at all, or more than allowed.
    """
    if not shape or not shape[0]:
        raise DataError(f"{where}: holds no sample; needed: one row or picture a sample")
    if 0 in shape:
        raise DataError(f"{where}: {_sides(shape)}: samples without a single number; needed: at least one each")
    if shape[0] > limits.samples:
        raise DataError(
            f"{where}: {_sides(shape)}; allowed are at most {limits.samples:,} samples: take a part of them"
        )
    if math.prod(shape) > limits.numbers:
        raise DataError(
            f"{where}: {_sides(shape)}; allowed are at most {limits.numbers:,} numbers in all: take a part of them"
        )


def check_dimensions(shape: Sequence[int], where: str, limits: Limits = LIMITS) -> None:
    """Refuse samples of too many numbers, which no principal components could be found of in reasonable time.

    Raises:
        DataError: more than allowed.
    """
    if math.prod(shape[1:]) > limits.dimensions:
        raise DataError(
            f"{where}: {_sides(shape)}; allowed are at most {limits.dimensions:,} numbers a sample: scale pictures "
            "down (--image-shape 48x48, or image_shape in the config), or embed them first and bring the features"
        )


def _sides(shape: Sequence[int]) -> str:
    return " × ".join(f"{side:,}" for side in shape)


def named(path: Path) -> Path:
    """The path with a name: that of the folder itself for `.` and `..`, which tell a person nothing."""
    return path if path.name not in ("", "..") else path.resolve()


def shown(text: str, most: int = 60) -> str:
    """A name from a file for a message: no control characters, not endless."""
    return repr(text if len(text) <= most else f"{text[:most]}…")
