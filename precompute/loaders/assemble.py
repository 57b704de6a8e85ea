"""From what a file holds to a checked `Dataset`, and to the lines that tell a person what was understood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError, Dataset, Polarity, repeated
from precompute.loaders import registry
from precompute.loaders.conversation import Loaded
from precompute.loaders.labels import Labels, cleaned, coded
from precompute.loaders.options import Options, Scale
from precompute.loaders.pictures import published, resized
from precompute.loaders.raw import Doubt, Raw, check_amount, check_dimensions, named
from precompute.loaders.scaling import as_pixels, pale, scaled

SHOWN_SIDE = 64
"""Pixels a side of pictures that stand beside features: they are only shown, so larger ones are scaled down."""
EMPTY = 1 / 3
"""Share of pixels that are exactly 0 above which grey pictures are drawings on an empty ground (digits: 0.49, MNIST:
0.81), and not photographs."""
_OTHER_IDS = '; mend them, or take other ids or none (in a config: id_column, "" for none)'


def load(path: Path, id: str, options: Options, texts: Mapping[str, str] | None = None) -> Loaded:
    """Read, scale and check the data set at a path.

    Args:
        path: file or folder.
        id: of the data set.
        texts: title, description, credit and license.

    Raises:
        DataError: it cannot be read or used; says why and what is allowed.
    """
    path = named(path)
    raw = registry.read(path, options)
    return assembled(raw, path.name, id, options, texts or {})


def id_of(path: Path) -> str:
    """An id for a data set from its file's name: lower-case letters, digits and dashes.

    Raises:
        ValueError: as `check_dataset_id` says, by its caller.
    """
    name = re.sub(r"\.gz$", "", named(path).name, flags=re.IGNORECASE)
    stem = name if path.is_dir() else name.rsplit(".", 1)[0] or name
    return id_from(stem)


def id_from(text: str) -> str:
    """An id made of what a text has of a-z and 0-9; "data" if that is nothing."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64].strip("-") or "data"


def assembled(raw: Raw, where: str, id: str, options: Options, texts: Mapping[str, str]) -> Loaded:
    """Scale and check what was read of a file, or given in Python.

    Args:
        where: what it was read from, for messages.
        id: of the data set.
        texts: title, description, credit and license.

    Raises:
        DataError: it cannot be used; says why and what is allowed.
    """
    notes, doubts = list(raw.notes), list(raw.doubts)
    images, features = raw.images, raw.features
    if images is None and features is not None and options.image_shape is not None:
        images, features = _reshaped(features, options.image_shape, where), None
    if images is not None:
        if images.ndim == 2 and options.image_shape is not None:
            images = _reshaped(images, options.image_shape, where)
        images = _channels_last(images, where)
        target = _target(images, features, options.image_shape)
        if target is not None and target != images.shape[1:3]:
            images = resized(images[..., 0] if images.shape[3] == 1 else images, target)
            images = _channels_last(images, where)
            notes.append(f"pictures scaled to {target[1]} × {target[0]}, cropped at the centre to keep proportions")
    embedded = features if features is not None else images
    if embedded is None:
        raise DataError(f"{where}: holds neither images nor features")
    if features is not None and features.ndim != 2:
        raise DataError(f"{where}: features have shape {features.shape}; needed: (samples, dimensions)")
    check_amount(embedded.shape, where)
    check_dimensions(embedded.shape, where)
    if features is not None and images is not None and len(features) != len(images):
        raise DataError(f"{where}: {len(features):,} features but {len(images):,} images; needed: one each a sample")
    flat = embedded.reshape(len(embedded), -1)
    scaling = scaled(flat, where, options.scale, raw.feature_names, features is not None, raw.places)
    values = scaling.values
    doubts += scaling.doubts
    pixels = shape = None
    polarity: Polarity = "light"
    if images is not None:
        shape = (int(images.shape[1]), int(images.shape[2]), int(images.shape[3]))
        same = features is None and options.scale not in ("columns", "standard")
        pixels, said = _pictured(images, values if same else None, options, where)
        polarity, why = _polarity(pixels, shape[2], options)
        notes += [*said, *why]
        pixels, shape, withheld = published(pixels, shape, options.pictures)
        notes += [] if withheld is None else [withheld]
    labels = _labelled(raw, len(values), options, where)
    notes += labels.notes
    doubts += labels.doubts
    if raw.ids is not None and len(set(raw.ids)) < len(raw.ids):
        raise DataError(f"{where}: {raw.ids_from}: {repeated(raw.ids, 'rows')}{_OTHER_IDS}")
    data = Dataset(
        id=id,
        title=texts.get("title") or raw.title or where.split(".", maxsplit=1)[0] or id,
        description=" ".join(filter(None, (texts.get("description", ""), *raw.remarks))),
        source=texts.get("credit", ""),
        license=texts.get("license", ""),
        values=values,
        pixels=pixels,
        image_shape=shape,
        polarity=polarity,
        labels=labels.codes,
        label_names=labels.names,
        ids=tuple(raw.ids) if raw.ids is not None else tuple(map(str, range(len(values)))),
        scaling=scaling.words,
        columns=tuple(raw.columns),
        reading=_answers(raw, options, doubts),
        units=scaling.units,
        withheld=images is not None and features is None and options.pictures != "auto",
    )
    return Loaded(
        data,
        raw.kind,
        (float(flat.min()), float(flat.max())),
        tuple(notes),
        raw.reading,
        tuple(raw.left_out),
        tuple(doubts),
        raw.splits,
        raw.feature_names,
        scaling.largest,
    )


def _answers(raw: Raw, options: Options, doubts: Sequence[Doubt]) -> dict[str, Any]:
    """How the data were read and what was decided, for the manifest: the keys that were given, and the doubts."""
    given = {each.name: getattr(options, each.name) for each in fields(Options)}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    return {
        "read_as": ", ".join([raw.kind, *raw.reading.words()]),
        "options": {name: value for name, value in plain.items() if value != getattr(Options, name)},
        "left_out": [f"{one.count} × {one.what}: {one.why}" for one in raw.left_out],
        "doubts": [one.sentence for one in doubts],
        "remarks": list(raw.remarks),
    }


def _pictured(
    images: NDArray[Any], values: NDArray[np.float32] | None, options: Options, where: str
) -> tuple[NDArray[np.uint8], list[str]]:
    """Pixels as they are shown, and notes; `values`: the images scaled, where they are what is embedded."""
    if values is None:
        how: Scale = "values" if options.scale == "values" else "auto"
        values = scaled(images.reshape(len(images), -1), where, how).values
    warning = pale(images, options.scale)
    return as_pixels(values), [warning] if warning else []


@dataclass(frozen=True)
class _Coded:
    """Codes of the labels and their names, None and none where there are no labels; and what is to be said."""

    codes: NDArray[np.int16] | None
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def _labelled(raw: Raw, n: int, options: Options, where: str) -> _Coded:
    """Codes of the labels, their names, and what is to be said of them."""
    names = options.label_names or raw.names
    labels = Labels(None) if raw.labels is None else cleaned(raw.labels, names, options, where)
    if labels.values is None:
        if options.label_names:
            raise DataError(f"{where}: names of labels are given but no labels; name their column (label_column)")
        return _Coded(None, (), labels.notes, labels.doubts)
    codes, known = coded(np.array(labels.values, dtype=object), names, where)
    if len(codes) != n:
        raise DataError(f"{where}: {len(codes):,} labels for {n:,} samples; needed: one a sample")
    return _Coded(codes, known, labels.notes, labels.doubts)


def _reshaped(features: NDArray[Any], shape: tuple[int, ...], where: str) -> NDArray[Any]:
    """Flat rows as pictures."""
    wanted = int(np.prod(shape))
    if features.ndim != 2 or features.shape[1] != wanted:
        sides = " × ".join(map(str, shape))
        raise DataError(
            f"{where}: rows of {features.shape[1]:,} numbers are no pictures of {sides}, which need {wanted:,}; name "
            "another image_shape, or none"
        )
    return features.reshape(len(features), *shape)


def _channels_last(images: NDArray[Any], where: str) -> NDArray[Any]:
    """(n, h, w, 1 or 3)."""
    if images.ndim == 3:
        return images[:, :, :, None]
    if images.ndim == 4 and images.shape[3] in (1, 3):
        return images
    hint = ""
    if images.ndim == 4 and images.shape[1] in (1, 3):
        hint = "; channels come last here: images.transpose(0, 2, 3, 1)"
    elif images.ndim == 2:
        hint = "; flat pictures need an image_shape, such as [28, 28]"
    raise DataError(f"{where}: images have shape {images.shape}; needed: (n, h, w) or (n, h, w, 3){hint}")


def _target(
    images: NDArray[Any], features: NDArray[Any] | None, shape: tuple[int, ...] | None
) -> tuple[int, int] | None:
    """To which (height, width) pictures are scaled; None: not at all."""
    if shape is not None:
        return shape[0], shape[1]
    height, width = images.shape[1:3]
    if features is None or max(height, width) <= SHOWN_SIDE:
        return None
    share = SHOWN_SIDE / max(height, width)
    return max(1, round(height * share)), max(1, round(width * share))


def _polarity(pixels: NDArray[np.uint8], channels: int, options: Options) -> tuple[Polarity, list[str]]:
    """What the pixels' numbers mean, and notes: the one place where it is decided.

    Bright strokes on an empty ground, as MNIST's, are ink on paper. Photographs must not become negatives, so all other
    pictures keep their light and dark.
    """
    if channels != 1 or options.ink == "dark":
        return "light", []
    if options.ink == "bright":
        return "ink", []
    empty = np.count_nonzero(pixels == 0) / pixels.size
    if empty < EMPTY:
        return "light", []
    return "ink", [f"shown as dark ink on paper, as {empty:.0%} of all pixels are 0 (ink = 'dark' in a config: as is)"]
