"""What a file holds, before it is scaled and checked, and how large it may be."""

from __future__ import annotations

import ast
import math
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from precompute.dataset import Column, DataError
from precompute.loaders.options import keys


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
    members: int = 100
    header_bytes: int = 1_000_000
    labels: int = 1_000

    def unpacked(self, packed: int) -> int:
        """Bytes that so many packed ones may become."""
        return min(self.file_bytes, max(self.ratio_from, packed * self.ratio))


LIMITS = Limits()


def check_size(path: Path, limits: Limits) -> int:
    """The bytes of a file.

    Raises:
        DataError: more than allowed.
    """
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise DataError(f"{path.name}: {size:,} bytes; allowed: {limits.file_bytes:,}")
    return size


@dataclass(frozen=True)
class Reading:
    """How the text or the container of a file was understood; None where a format has no such thing.

    Attributes:
        encoding: of the text, such as "UTF-8".
        delimiter: between the fields, in words, such as "comma".
        decimal: the decimal mark, "." or ",".
        header: where the names of the columns stand, such as "line 1", or "none".
        details: further facts, a few words each, such as "2 lines of comment passed over".
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header: str | None = None
    details: Sequence[str] = ()

    def words(self) -> Iterator[str]:
        """What is known, a few words each."""
        for what, value in (("", self.encoding), ("delimiter ", self.delimiter), ("decimal mark ", self.decimal)):
            if value is not None:
                yield f"{what}{value}"
        if self.header is not None:
            yield "no line of names" if self.header == "none" else f"names in {self.header}"
        yield from self.details


@dataclass(frozen=True)
class LeftOut:
    """What a file holds and the study does not.

    Attributes:
        what: its name, such as "column 'path'" or "files .txt".
        why: in words.
        count: how many of them there are.
    """

    what: str
    why: str
    count: int = 1


@dataclass(frozen=True)
class Doubt:
    """Something that a reader decided and that may be meant otherwise.

    Attributes:
        sentence: what was decided, and why it is doubtful; without a full stop.
        key: the key of `Options` that decides it.
        answer: what to write to have it otherwise, as the key's value in a configuration; "" where it is for the
            person to name.
    """

    sentence: str
    key: str
    answer: str = ""

    @property
    def option(self) -> str:
        """The option of the same meaning."""
        key = keys()[self.key]
        if not self.answer:
            return f"{key.option} {key.metavar}"
        value = ast.literal_eval(self.answer)
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        return f"{key.option} {shlex.quote(text)}" if text else f'{key.option} ""'

    def __str__(self) -> str:
        answer = self.answer or "…"
        return f"{self.sentence} (to have it otherwise: {self.key} = {answer} in a config, or {self.option})"


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
        notes: what a person should know, a sentence each: columns taken for labels, pictures scaled.
        reading: how the text or the container was understood.
        columns: columns kept beside, of n values each.
        left_out: what the file holds and the study does not.
        doubts: what may be meant otherwise, each with the key that decides it.
        splits: how many samples each part of the data has, such as train and test, where there are several.
        feature_names: names of the columns that are the features, where each is a quantity of its own; None: they are
            the places of one vector, or pixels.
        remarks: sentences that the study's pages have to say, such as how many samples were left out.
        places: where each sample stands in its file, for messages, such as "line 9"; None: by its number.
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
    reading: Reading = field(default_factory=Reading)
    columns: Sequence[Column] = ()
    left_out: Sequence[LeftOut] = ()
    doubts: Sequence[Doubt] = ()
    splits: Mapping[str, int] = field(default_factory=dict)
    feature_names: tuple[str, ...] | None = None
    remarks: Sequence[str] = ()
    places: Callable[[int], str] | None = None


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
