"""What was understood of a file: the same answer as lines for a person and as JSON for programs.

The JSON of `--check-data --json` has, as `data`, a list with one object a data set:

    {"id": "flowers", "read_as": {"format": "CSV", "encoding": "UTF-8", "delimiter": "comma", "decimal": ".",
     "header": "line 1", "details": []}, "samples": 150, "labels": {"setosa": 50, "virginica": 50}, "unlabelled": 50,
     "ids": {"own": true, "first": "a1", "last": "c50"}, "features": {"count": 2, "names": ["width", "height"],
     "least": 0.1, "greatest": 7.9, "scaling": "each column min–max scaled by itself",
     "largest": {"name": "height", "share": 0.72}}, "image": null, "splits": {}, "columns":
     [{"name": "day", "type": "date32[day]", "meaning": "dates"}],
     "left_out": [{"what": "column 'price'", "why": "the same in every row", "count": 1}], "notes": [],
     "doubts": [{"sentence": "…", "key": "scale", "answer": "'columns'", "option": "--scale columns"}]}

`labels` is null where there are none, `names` where features are the places of one vector, and `image` is
[height, width, channels] or null. What a build computes would follow under `grid` and `estimate`, as texts, and what
its notes would say under `notes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from precompute.dataset import Dataset
from precompute.loaders.raw import Doubt, LeftOut, Reading, shown

_LISTED = 12


@dataclass(frozen=True)
class Largest:
    """The column of numbers that has the most of the raw values' variance, and its share; `name` may be a place."""

    name: str
    share: float

    @property
    def words(self) -> str:
        """The share in words; it does not round to all."""
        return "over 99.9 %" if self.share > 0.999 else f"{self.share * 100:.3g} %"


@dataclass(frozen=True)
class Loaded:
    """A data set and what a person should know of how it was read.

    Attributes:
        kind: the format.
        range: least and greatest number before scaling.
        notes: sentences.
        reading: how the text or container was understood.
        left_out: what the file holds and the study does not.
        doubts: what may be meant otherwise.
        splits: samples by part of the data.
        feature_names: of the columns that are the features; None: they are the places of one vector.
        largest: where the raw values' variance is; None: of pictures and vectors.
    """

    data: Dataset
    kind: str
    range: tuple[float, float]
    notes: tuple[str, ...] = field(default_factory=tuple)
    reading: Reading = field(default_factory=Reading)
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    splits: Mapping[str, int] = field(default_factory=dict)
    feature_names: tuple[str, ...] | None = None
    largest: Largest | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a build says: the notes, then the doubts."""
        return (*self.notes, *map(str, self.doubts))

    @property
    def labels(self) -> dict[str, int] | None:
        """How many samples have each label, in the labels' order; None: there are no labels."""
        data = self.data
        if data.labels is None:
            return None
        counts = np.bincount(data.labels[data.labels >= 0], minlength=len(data.label_names))
        return {name: int(count) for name, count in zip(data.label_names, counts, strict=True)}

    @property
    def unlabelled(self) -> int:
        """Samples without a label, where others have one."""
        return 0 if self.data.labels is None else int(np.count_nonzero(self.data.labels < 0))

    def lines(self, notes: bool = True) -> Iterator[str]:
        """What was understood, a line each; with notes and doubts, if wanted."""
        data, (low, high) = self.data, self.range
        yield f"read as: {', '.join([self.kind, *self.reading.words()])}"
        yield f"samples: {data.n:,}"
        if self.splits:
            yield f"splits: {_counted(self.splits)}"
        labels = self.labels
        if labels is None:
            yield "labels: none; nothing is counted as misclassified, all else works"
        else:
            without = f"; {self.unlabelled:,} samples without a label" if self.unlabelled else ""
            yield f"labels: {len(labels)}: {_counted(labels)}{without}"
        own = self._own_ids
        yield f"ids: {data.ids[0]} … {data.ids[-1]}" if own else "ids: none; samples are called by their number from 0"
        names = "" if self.feature_names is None else f" ({_some([shown(name, 40) for name in self.feature_names])})"
        share = "" if self.largest is None else f"; {self.largest.words} of all variance in {self.largest.name}"
        count = data.values.shape[1]
        yield f"features: {count:,} number{'s' * (count != 1)} a sample{names}, range {low:g} … {high:g}{share}"
        yield f"scaled to [0, 1]: {data.scaling}"
        if data.image_shape is None:
            yield "images: none; the pages show points without pictures"
        else:
            height, width, channels = data.image_shape
            yield f"images: {width} × {height} pixels, {'colour' if channels == 3 else 'grey'}"
        if data.columns:
            yield f"columns kept beside: {_some([f'{shown(one.name, 40)} ({one.meaning})' for one in data.columns])}"
        if self.left_out:
            yield f"left out: {_some([_left_out(one) for one in self.left_out])}"
        if notes:
            yield from (f"note: {note}" for note in self.notes)
            yield from (f"doubt: {doubt}" for doubt in self.doubts)

    def as_json(self) -> dict[str, Any]:
        """The same for programs; see the module."""
        data = self.data
        return {
            "id": data.id,
            "read_as": {"format": self.kind, **asdict(self.reading), "details": list(self.reading.details)},
            "samples": data.n,
            "splits": dict(self.splits),
            "labels": self.labels,
            "unlabelled": self.unlabelled,
            "ids": {"own": self._own_ids, "first": data.ids[0], "last": data.ids[-1]},
            "features": {
                "count": int(data.values.shape[1]),
                "names": None if self.feature_names is None else list(self.feature_names),
                "least": self.range[0],
                "greatest": self.range[1],
                "scaling": data.scaling,
                "largest": None if self.largest is None else asdict(self.largest),
            },
            "image": None if data.image_shape is None else list(data.image_shape),
            "columns": [
                {"name": one.name, "type": str(one.values.type), "meaning": one.meaning} for one in data.columns
            ],
            "left_out": [asdict(one) for one in self.left_out],
            "notes": list(self.notes),
            "doubts": [{**asdict(one), "option": one.option} for one in self.doubts],
        }

    @property
    def _own_ids(self) -> bool:
        return any(name != str(sample) for sample, name in enumerate(self.data.ids))


def _counted(counts: Mapping[str, int]) -> str:
    return _some([f"{name} ({count:,})" for name, count in counts.items()])


def _left_out(one: LeftOut) -> str:
    count = f"{one.count:,} × " if one.count > 1 or one.what.startswith("files ") else ""
    return f"{count}{one.what} ({one.why})"


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return ", ".join(texts[:_LISTED]) + more
