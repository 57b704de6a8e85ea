"""Data sets: images (or feature vectors) with optional labels, scaled to [0, 1], and a fingerprint of their bytes.

A `Dataset` is checked when it is made, so every later stage may rely on its shapes and ranges.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from precompute import equality

MIN_SAMPLES = 10
ON_A_LINE = 1e-11
"""Share of all squared distances that may be rounding; the features want a tenth of that in a second component."""
GLANCE = 1_000
"""Samples that settle, for nearly all data, that they do not lie on one line."""
_PLACES = 3
"""Samples of one id that a message names; the rest is counted."""

Polarity = Literal["ink", "light"]
"""Of pictures: "ink" are strokes, 0 = none and 255 = full ink; "light" are all others, 0 = dark, 255 = light."""


class DataError(ValueError):
    """The input data cannot be used; the message names the data set, the value, what is allowed and the way out."""


@dataclass(frozen=True)
class Column:
    """A column of the samples' own, beside id and label: nothing is computed of it.

    Attributes:
        name: as in the file.
        values: (n,) a `pyarrow.Array` of any flat type, null where a value is missing.
        meaning: why it is no feature, in words, such as "dates".
    """

    name: str
    values: Any
    meaning: str = "a column of the data"

    @cached_property
    def sha256(self) -> str:
        """Hex sha256 over its name, type and values; taken once, since there can be millions."""
        content = [self.name, self.meaning, str(self.values.type), self.values.to_pylist()]
        return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Dataset:
    """A labelled or unlabelled set of samples.

    Attributes:
        id: folder name and slug; lower-case letters, digits and dashes.
        title, description, source, license: texts for people.
        values: (n, d) float32, the samples as vectors scaled to [0, 1]; what PCA sees.
        pixels: (n, d) uint8, the pictures to show; None if there are no images.
        image_shape: (height, width, channels) of one picture; None if there are no images.
        polarity: what the pixels' numbers mean; colour is always "light".
        labels: (n,) int16 codes into `label_names`, −1 for a sample without one; None if there are no labels. They only
            ever evaluate.
        label_names: names of the label codes, those that are in use.
        ids: (n,) the person's own name for each sample, else its number.
        scaling: how the raw values became [0, 1], in words.
        null_of: id of the study whose data this one is a shuffled baseline of; None: it is none.
        null_from: fingerprint of those data (`sha256`).
        columns: the samples' own columns, each with one value a sample.
        reading: how the data were read and what was decided, for the manifest: plain texts, numbers, lists and maps.
        units: name, shift and span of each number of a sample, by which raw values become those here,
            (raw − shift) / span, and which new samples need; one entry, without a name, where all have the same.
        withheld: whether the values are pixels that are not to be published, so that nothing is stored that leads
            from scores back to them.
    """

    id: str
    title: str
    description: str
    source: str
    license: str
    values: NDArray[np.float32]
    pixels: NDArray[np.uint8] | None
    image_shape: tuple[int, int, int] | None
    labels: NDArray[np.int16] | None
    label_names: tuple[str, ...]
    ids: tuple[str, ...]
    scaling: str
    null_of: str | None = None
    null_from: str | None = None
    polarity: Polarity = "light"
    columns: tuple[Column, ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    units: tuple[tuple[str, float, float], ...] = ()
    withheld: bool = False

    def __post_init__(self) -> None:
        check(self)

    @property
    def n(self) -> int:
        """Number of samples."""
        return int(self.values.shape[0])

    def different(self, enough: int) -> int:
        """How many samples differ, counted up to `enough`."""
        return equality.different(self.values, enough)

    def sha256(self) -> str:
        """Hex sha256 over everything that the samples are: values, pixels, labels, their names, ids, own columns."""
        parts = [self.values_sha256, self._pixels_sha256, fingerprint(self.labels)]
        parts += [one.sha256 for one in self.columns]
        return hashlib.sha256(json.dumps([parts, self.label_names, self.ids]).encode()).hexdigest()

    def samples_sha256(self) -> str:
        """Hex sha256 over the samples, whatever they are called: values and pixels in their order, no label, no id."""
        return hashlib.sha256(json.dumps([self.values_sha256, self._pixels_sha256]).encode()).hexdigest()

    @cached_property
    def values_sha256(self) -> str:
        """Hex sha256 of the values; taken once, since there can be hundreds of megabytes."""
        return str(fingerprint(self.values))

    @cached_property
    def _pixels_sha256(self) -> str | None:
        return fingerprint(self.pixels)


def fingerprint(array: NDArray[Any] | None) -> str | None:
    """Hex sha256 of an array's dtype, shape and bytes; None for None."""
    if array is None:
        return None
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape};".encode())
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def check(data: Dataset) -> None:
    """Refuse a data set that later stages could not handle.

    Raises:
        DataError: shapes that do not match, fewer than 10 samples, NaN or infinity, values outside [0, 1],
            all samples the same, label codes without a name.
    """
    who = f"data set {data.id!r}"
    if data.values.ndim != 2 or data.values.shape[1] < 1:
        raise DataError(f"{who}: values have shape {data.values.shape}; needed: (samples, dimensions)")
    n = data.values.shape[0]
    if n < MIN_SAMPLES:
        raise DataError(f"{who}: {n} samples; at least {MIN_SAMPLES} are needed to embed and cluster")
    if not np.isfinite(data.values).all():
        sample, column = (int(v) for v in np.argwhere(~np.isfinite(data.values))[0])
        raise DataError(
            f"{who}: sample {sample} has {data.values[sample, column]} in column {column}; "
            "only finite numbers are allowed: repair or drop the sample"
        )
    low, high = float(data.values.min()), float(data.values.max())
    if low < 0 or high > 1:
        raise DataError(f"{who}: values lie in [{low:g}, {high:g}]; a loader must scale them to [0, 1]")
    if (data.values == data.values[0]).all():
        raise DataError(f"{who}: all samples are the same; there is nothing to embed or cluster")
    _check_companions(data, who)


def check_spread(data: Dataset) -> None:
    """Refuse samples that all lie on one line: they have no second principal component, so there is no map of them.

    Not part of `check`: as a data set they are sound. To be called before anything is computed.

    Raises:
        DataError: the samples vary in one direction only.
    """
    if on_a_line(data.values):
        raise DataError(
            f"data set {data.id!r}: the {data.n} samples vary in one direction only, as pictures of a single grey or a "
            "single column do; a map needs at least two: add columns or pictures that differ in more than brightness"
        )


def on_a_line(values: NDArray[np.float32]) -> bool:
    """Whether samples lie on one line, or on one point, but for rounding.

    Args:
        values: (n, d) float32 in [0, 1].
    """
    # the farthest that all squared distances within [0, 1] can add up to; most data are far above the rounding of that
    glance = values[:: max(1, len(values) // GLANCE)]
    if _off_the_line(glance) > ON_A_LINE * values.size:
        return False
    total = sum(float((block**2).sum()) for block in _offsets(values))
    return _off_the_line(values) <= ON_A_LINE * total


def _off_the_line(values: NDArray[np.float32]) -> float:
    """Sum of the squared distances from the line through the first sample and the one farthest from it."""
    farthest, along = 0.0, np.zeros(values.shape[1])
    for block in _offsets(values):
        squares = (block**2).sum(axis=1)
        if squares.max() > farthest:
            farthest, along = float(squares.max()), block[int(squares.argmax())]
    along = along / max(farthest, np.finfo(np.float64).tiny) ** 0.5
    return sum(float(((block - np.outer(block @ along, along)) ** 2).sum()) for block in _offsets(values))


def _offsets(values: NDArray[np.float32]) -> Iterator[NDArray[np.float64]]:
    """The samples, seen from the first one, in blocks of 32 MB."""
    rows = max(1, 4_000_000 // values.shape[1])
    for begin in range(0, len(values), rows):
        yield values[begin : begin + rows].astype(np.float64) - values[0]


def _check_companions(data: Dataset, who: str) -> None:
    """Refuse ids, pictures or labels that do not go with the values, and texts that no file can hold."""
    n = data.n
    for what in ("title", "description", "source", "license", "scaling", "label_names", "ids"):
        found = getattr(data, what)
        for text in (found,) if isinstance(found, str) else found:
            if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
                problem = f"{what}: {text[:80]!a} holds half a character (a lone surrogate)"
                raise DataError(f"{who}: {problem}, which no file can hold; write it anew")
    if len(data.ids) != n:
        raise DataError(f"{who}: {len(data.ids)} ids for {n} samples; there must be one id for each sample")
    if len(set(data.ids)) != n:
        raise DataError(f"{who}: {repeated(data.ids, 'samples')}")
    if (data.pixels is None) != (data.image_shape is None):
        raise DataError(f"{who}: pixels and image shape must be given together or not at all")
    if data.pixels is not None and data.image_shape is not None:
        expected = (n, int(np.prod(data.image_shape)))
        if data.pixels.shape != expected:
            raise DataError(f"{who}: pixels have shape {data.pixels.shape}; needed for these images: {expected}")
    wrong = next((column for column in data.columns if len(column.values) != n), None)
    if wrong is not None:
        raise DataError(f"{who}: column {wrong.name!r} has {len(wrong.values)} values; needed: {n}, one a sample")
    _check_labels(data, who)


def _check_labels(data: Dataset, who: str) -> None:
    n = data.n
    if data.labels is not None:
        if data.labels.shape != (n,):
            raise DataError(f"{who}: labels have shape {data.labels.shape}; needed: ({n},), one a sample")
        codes = np.unique(data.labels)
        if codes[-1] == -1:
            raise DataError(f"{who}: no sample has a label; give at least one its label, or none at all labels")
        if codes[0] < -1 or codes[-1] >= len(data.label_names):
            raise DataError(
                f"{who}: label codes run from {codes[0]} to {codes[-1]} but there are "
                f"{len(data.label_names)} label names; codes must be 0 … {len(data.label_names) - 1}, or -1 for none"
            )


def repeated(ids: Sequence[str], what: str) -> str:
    """Which id repeats first, and where, for a message.

    Args:
        ids: at least two of them are the same.
        what: of what they are, "rows" or "samples".
    """
    counts = Counter(ids)
    if len(counts) == 1 and not ids[0].strip():
        return f"all {len(ids):,} ids are empty; every sample needs an id of its own"
    again = next(one for one in ids if counts[one] > 1)
    places = [str(at) for at, one in enumerate(ids) if one == again]
    *most, last = places if len(places) <= _PLACES else [*places[:_PLACES], f"{len(places) - _PLACES:,} more"]
    others = sum(count > 1 for count in counts.values()) - 1
    more = f", and {others:,} more ids repeat" if others else ""
    who = repr(again if len(again) <= 60 else f"{again[:60]}…") if again.strip() else "the empty id"
    listed = f"{', '.join(most)} and {last} (counted from 0){more}"
    return f"{who} stands in {what} {listed}; every sample needs an id of its own"


def load_digits() -> Dataset:
    """The handwritten digits that scikit-learn ships: 1,797 grey images of 8 × 8, labels 0 … 9.

    The file is read where scikit-learn keeps it rather than through `sklearn.datasets`, whose import takes over a
    second, more than a build with nothing to do may take in all; a test holds both equal.
    """
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise DataError("data set 'digits': scikit-learn is not installed; install the project with `make site`")
    raw = np.loadtxt(Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz", delimiter=",", dtype=np.int16)
    pixels, labels = raw[:, :-1], raw[:, -1]
    return Dataset(
        id="digits",
        title="Handwritten digits",
        description="1,797 handwritten digits, 8 × 8 pixels each, by 13 people.",
        source="E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning "
        "Repository, 1998, the test part, as shipped with scikit-learn",
        license="CC BY 4.0",
        values=(pixels / 16).astype(np.float32),
        pixels=np.rint(pixels * (255 / 16)).astype(np.uint8),
        image_shape=(8, 8, 1),
        polarity="ink",
        labels=labels.astype(np.int16),
        label_names=tuple(str(digit) for digit in range(10)),
        ids=tuple(str(sample) for sample in range(len(raw))),
        scaling="pixel / 16",
        units=(("", 0.0, 16.0),),
    )


BUILT_IN: dict[str, Callable[[], Dataset]] = {"digits": load_digits}


def load(name: str) -> Dataset:
    """Load a built-in data set by name.

    Raises:
        DataError: there is no data set of that name.
    """
    names = sorted(BUILT_IN)
    if name not in names:
        raise DataError(f"data set {name!r} is unknown; allowed: {', '.join(names)}")
    return BUILT_IN[name]()
