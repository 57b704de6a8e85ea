"""What the arrays of an archive are, by the names that libraries give them: pictures, features, labels, names, ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import Column, DataError
from precompute.loaders.options import Options
from precompute.loaders.raw import Doubt, shown

_IMAGES = ("images", "image", "imgs", "img", "pictures", "x", "data", "inputs", "samples", "arr_0")
_FEATURES = ("features", "feature", "embeddings", "embedding", "vectors", "activations", "feats")
_LABELS = ("labels", "label", "y", "targets", "target", "classes", "class", "arr_1")
_NAMES = ("names", "class_names", "label_names", "target_names")
_IDS = ("ids", "id", "filenames", "file_names", "filename", "file_name", "paths")
_PLAIN = ("labels", "label", "y", "targets", "target", "ids")
"""Usual names, the likeliest first, and those that leave no doubt; also with a part of the data before or after them,
such as x_train."""
_PARTS = ("train", "training", "validation", "valid", "val", "test", "testing", "dev")
"""In the order in which one is chosen."""
_LISTED = 8


@dataclass(frozen=True)
class Roles:
    """Names of the arrays by what they are; None: there is none.

    Attributes:
        parts: arrays of parts of the data that are not read.
        taken: arrays that have a role.
    """

    images: str | None
    features: str | None
    labels: str | None
    names: str | None
    ids: str | None
    parts: tuple[str, ...]
    notes: tuple[str, ...]
    doubts: tuple[Doubt, ...]

    @property
    def taken(self) -> frozenset[str]:
        """Arrays that have a role."""
        roles = (self.images, self.features, self.labels, self.names, self.ids)
        return frozenset(name for name in roles if name is not None)


def roles(shapes: Mapping[str, tuple[int, ...]], options: Options, where: str) -> Roles:
    """Decide what each array is.

    Args:
        shapes: of the arrays, by their names.
        options: whose keys come before what is usual.

    Raises:
        DataError: an array or a part that is asked for is not there.
    """
    usual = {name: _usual(name) for name in shapes}
    images, features = _asked_for(shapes, options, where)
    notes: list[str] = []
    doubts: list[Doubt] = []
    parts = [part for part in _PARTS if any(usual[name][1] == part for name in _data(usual))]
    asked = images or features
    if asked is not None:
        part = usual[asked][1]
    else:
        part = _chosen(parts, options.split, any(usual[name][1] is None for name in _data(usual)), where)
        candidates = [name for name in _data(usual) if usual[name][1] == part]
        features = next((name for name in candidates if usual[name][0] in _FEATURES), None)
        others = [name for name in candidates if name != features and usual[name][0] in _IMAGES]
        # x, data and arr_0 are pictures or features as their shape says
        images = next((name for name in others if len(shapes[name]) > 2 or usual[name][0] in _IMAGES[:5]), None)
        if images is None and features is None:
            features = next((name for name in others if len(shapes[name]) == 2), None)
        if images is None and features is None:
            images, features, doubts = _only(shapes, options)
    if part is not None and len(parts) > 1 and asked is None and options.split is None:
        others = [each for each in parts if each != part]
        doubts.append(Doubt(f"of the parts {', '.join(parts)} the part {part} is read", "split", f"{others[0]!r}"))
    n = shapes[images or features or ""][:1] if images or features else None

    def beside(names: Sequence[str], key: str | int | None, option: str) -> str | None:
        if key == "":
            return None
        if key is not None:
            return _named(str(key), shapes, option, where)
        fitting = [name for name in shapes if usual[name][0] in names and usual[name][1] == part]
        # "labels" of another length is a fault; "classes" may be their names
        fitting = [name for name in fitting if shapes[name][:1] == n or usual[name][0] in _PLAIN]
        fitting = [name for name in fitting if name not in (images, features)]
        return min(fitting, key=lambda name: names.index(usual[name][0]), default=None)

    labels, ids = beside(_LABELS, options.label_column, "label_column"), beside(_IDS, options.id_column, "id_column")
    names = next((name for name in shapes if usual[name][0] in _NAMES and len(shapes[name]) == 1), None)
    for what, name in (("pictures", images), ("features", features), ("labels", labels), ("ids", ids)):
        if name is not None and name not in ("images", "features", "labels", "ids"):
            notes.append(f"array {shown(name)} is taken for the {what}")
    others = [name for name in shapes if usual[name][1] not in (None, part)]
    return Roles(images, features, labels, names, ids, tuple(others), tuple(notes), tuple(doubts))


def _usual(name: str) -> tuple[str, str | None]:
    """A name in lower case without the part of the data, and that part; the whole name where it is unusual."""
    lower = name.lower()
    known = {*_IMAGES, *_FEATURES, *_LABELS, *_NAMES, *_IDS}
    for part in sorted(_PARTS, key=len, reverse=True):
        for rest in (lower.removeprefix(part), lower.removesuffix(part)):
            if rest != lower and rest.strip("_-. ") in known:
                return rest.strip("_-. "), part
    return lower, None


def _data(usual: Mapping[str, tuple[str, str | None]]) -> list[str]:
    """Arrays that are samples, the likeliest first."""
    order = (*_FEATURES, *_IMAGES)
    return sorted((name for name in usual if usual[name][0] in order), key=lambda name: order.index(usual[name][0]))


def _chosen(parts: Sequence[str], asked: str | None, whole: bool, where: str) -> str | None:
    """Which part of the data is read; None: there are none."""
    if asked is not None:
        if asked not in parts:
            there = f"allowed: {', '.join(parts)}" if parts else "its arrays are no parts of the data"
            raise DataError(f"{where}: there is no split {shown(asked)}; {there}")
        return asked
    return None if whole or not parts else parts[0]


def _asked_for(shapes: Mapping[str, tuple[int, ...]], options: Options, where: str) -> tuple[str | None, str | None]:
    images = None if options.images is None else _named(options.images, shapes, "images", where)
    if options.features is None:
        return images, None
    if len(options.features) != 1:
        raise DataError(f"{where}: features names {len(options.features)} arrays; allowed of an archive: one")
    return images, _named(str(options.features[0]), shapes, "features", where)


def _named(name: str, shapes: Mapping[str, tuple[int, ...]], option: str, where: str) -> str:
    if name not in shapes:
        listed = ", ".join(map(shown, list(shapes)[:_LISTED]))
        raise DataError(f"{where}: {option} {shown(name)} is no array; allowed: {listed}")
    return name


def _only(shapes: Mapping[str, tuple[int, ...]], options: Options) -> tuple[str | None, str | None, list[Doubt]]:
    """The one array of more than one dimension, whatever it is called."""
    large = [name for name, shape in shapes.items() if len(shape) > 1 and shape[-1] > 1]
    if len(large) != 1 or options.split is not None:
        return None, None, []
    [name] = large
    flat = len(shapes[name]) == 2
    what, key = ("features", "images") if flat else ("pictures", "features")
    doubts = [
        Doubt(f"array {shown(name)}, the only one of several dimensions, is taken for the {what}", key, f"{name!r}")
    ]
    return (None, name, doubts) if flat else (name, None, doubts)


def as_labels(array: NDArray[Any], name: str) -> tuple[NDArray[Any] | None, list[str], str | None]:
    """Labels of one a sample, notes, and why they are none: a column is squeezed, one-hot rows become their place."""
    if array.ndim == 2 and array.shape[1] == 1:
        return array[:, 0], [f"array {shown(name)} has one column, which is the labels"], None
    if array.ndim == 2 and array.dtype.kind in "buif":
        if is_one_hot(array):
            return (
                array.argmax(axis=1),
                [f"array {shown(name)} is one-hot; the labels are the places of its ones"],
                None,
            )
        return None, [], f"{array.shape[1]} values a sample; needed: one label, or one-hot"
    return array, [], None


def is_one_hot(array: NDArray[Any]) -> bool:
    """Whether every row of (n, c) numbers is zeros and a single one."""
    return bool(array.shape[1] > 1 and ((array == 0) | (array == 1)).all() and (array.sum(axis=1) == 1).all())


def as_column(array: NDArray[Any], name: str) -> Column | None:
    """An array of one value a sample as a column kept beside; None: of no flat type."""
    import pyarrow as pa

    flat = array.reshape(-1)
    if flat.dtype.kind == "S":
        flat = np.char.decode(flat, "utf-8", "replace")
    if flat.dtype.kind not in "buifU":
        return None
    values = flat.astype(np.float32) if flat.dtype == np.float16 else flat
    return Column(name, pa.array(values.tolist() if flat.dtype.kind == "U" else values), "an array of the archive")
