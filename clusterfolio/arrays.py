"""What Python holds of samples, as the loaders' `Raw`: arrays, frames, pictures, and what libraries bundle them in.

Nothing here imports a library that it reads the objects of: each is known by what it offers. Frames and data sets of
Hugging Face go through the loader of Parquet, so that their columns are understood as those of a file are.
"""

from __future__ import annotations

import io
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import Column, DataError
from precompute.loaders.options import Options
from precompute.loaders.parquet import read_parquet
from precompute.loaders.pictures import stacked
from precompute.loaders.raw import Raw, check_amount, named, shown
from precompute.machine import arrow

ALLOWED = (
    "allowed: an array, a list, a data frame (pandas, polars, pyarrow), a datasets.Dataset, AnnData, a Bunch of "
    "scikit-learn, or anything that NumPy can read (torch)"
)
KIND = "Python"
"""What stands for a format where there is no file."""


def raw_of(
    images: Any,
    features: Any,
    labels: Any,
    ids: Any,
    columns: Any,
    label_names: Sequence[str] | None,
    image_shape: Any,
) -> tuple[Raw, Options]:
    """The samples as a file would hold them, and how they are to be read.

    Args:
        images, features: what `Study` was given; at least one of the two.
        labels, ids: one a sample, or the name of a column where the samples come with columns; None: what comes with
            them, or none.
        columns: a frame, or arrays by name, of the samples' own columns; None: those that come with them.
        label_names: names of labels that are the whole numbers 0, 1, …
        image_shape: (height, width) or (height, width, 3): flat rows are pictures of it, others are scaled to it.

    Raises:
        DataError: names the argument, its shape, and what is allowed.
    """
    if images is None and features is None:
        raise DataError("Study: neither images nor features are given; give images=, features=, or both")
    options = Options(
        image_shape=image_shape,
        label_names=tuple(map(str, label_names)) if label_names is not None else None,
        label_column=_column(labels),
        id_column=_column(ids),
    )
    beside: Any = None if columns is None else _table("columns", columns)
    named_there: Sequence[str] = () if beside is None else beside.column_names
    if isinstance(labels, str) and labels in named_there:
        labels = beside.column(labels)
    if isinstance(ids, str) and ids in named_there:
        ids = beside.column(ids)
    given = {"images": images, "features": features}
    parts = {name: _part(name, value, options) for name, value in given.items() if value is not None}
    raw = parts["features"] if "features" in parts else parts["images"]
    if len(parts) == 2:
        pictures = parts["images"].images
        if pictures is None:
            raise DataError("images: hold numbers and no pictures; give pictures, or an image_shape for flat rows")
        raw = replace(raw, images=pictures, notes=(*raw.notes, *parts["images"].notes))
        raw = replace(raw, labels=_first(raw.labels, parts["images"].labels), ids=raw.ids or parts["images"].ids)
    for name, value, there in (("labels", labels, raw.labels), ("ids", ids, raw.ids)):
        if isinstance(value, str) and there is None:
            raise DataError(f"{name}: {value!r} names a column, and the samples come without columns; give an array")
    if labels is not None and not isinstance(labels, str):
        raw = replace(raw, labels=_vector("labels", labels), names=None)
    if ids is not None and not isinstance(ids, str):
        raw = replace(raw, ids=[str(name) for name in _vector("ids", ids).tolist()])
    _check_lengths(raw)
    if beside is not None:
        n = len(next(part for part in (raw.features, raw.images) if part is not None))
        if beside.num_rows != n:
            raise DataError(f"columns: {beside.num_rows:,} rows for {n:,} samples; needed: one row a sample")
        raw = replace(raw, columns=[Column(name, arrow.flat(beside.column(name))) for name in beside.column_names])
    return raw, options


def plain(name: str, value: Any) -> NDArray[Any]:
    """An array of whatever holds numbers or texts.

    Raises:
        DataError: it holds neither, or rows of different length.
    """
    if hasattr(value, "toarray"):  # a sparse matrix
        check_amount(value.shape, name)
        value = value.toarray()
    for convert in ("to_numpy", "to_pandas"):
        if hasattr(value, convert) and not hasattr(value, "__array__"):
            value = getattr(value, convert)()
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        hint = "; detach it and bring it to the CPU: .detach().cpu()" if hasattr(value, "detach") else ""
        problem = str(error).splitlines()[0][:200]
        raise DataError(f"{name}: cannot be read as an array ({problem}){hint}; {ALLOWED}") from None
    if array.dtype.kind == "O" and array.ndim and all(isinstance(each, float | int) for each in array.flat):
        array = array.astype(np.float64)
    return array


def is_frame(value: Any) -> bool:
    """Whether it has columns with names and types, as Arrow knows them."""
    return hasattr(value, "__arrow_c_stream__") and hasattr(value, "columns")


def _column(value: Any) -> str | None:
    """What the loaders are told of labels or ids: the name of their column; "" for none, where they are given."""
    return value if isinstance(value, str) or value is None else ""


def _part(name: str, value: Any, options: Options) -> Raw:
    """The images or the features, with the labels and ids that come with them."""
    if _is_bunch(value):
        return _of_bunch(name, value, options)
    if hasattr(value, "obsm") and hasattr(value, "obs_names"):
        return _of_anndata(name, value, options)
    if is_frame(value) or _is_hub(value):
        return _of_frame(name, value, options)
    if are_pictures(value):
        return _raw(name, _pictures(name, value, options))
    array = plain(name, value)
    if array.dtype.kind not in "buif":
        problem = f"type {array.dtype}, shape {array.shape}; needed: numbers or truth values"
        raise DataError(f"{name}: {problem}; {ALLOWED}" if array.ndim == 0 else f"{name}: {problem}")
    needed = "(samples, dimensions)"
    if name == "images":
        needed = "(n, h, w), (n, h, w, 3), or flat rows with an image_shape"
        right = array.ndim in (3, 4) or (array.ndim == 2 and options.image_shape is not None)
    else:
        right = array.ndim == 2
        if array.ndim in (3, 4):
            needed += "; pictures are given as images="
    if not right:
        raise DataError(f"{name}: shape {array.shape}; needed: {needed}")
    return _raw(name, array)


def _raw(name: str, array: NDArray[Any], **more: Any) -> Raw:
    return Raw(KIND, images=array, **more) if name == "images" else Raw(KIND, features=array, **more)


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _vector(name: str, value: Any) -> NDArray[Any]:
    array = plain(name, value)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{name}: shape {array.shape}; needed: one a sample, (n,)")
    return array


def _check_lengths(raw: Raw) -> None:
    """Refuse labels, ids or images that are not one a sample; named as arguments."""
    parts = {"features": raw.features, "images": raw.images, "labels": raw.labels, "ids": raw.ids}
    counts = {name: len(part) for name, part in parts.items() if part is not None}
    first, n = next(iter(counts.items()))
    for name, count in counts.items():
        if count != n:
            raise DataError(f"{name}: {count:,} for {n:,} {first}; needed: one a sample, ({n},)")


# ------------------------------------------------------------------------------------------------ what has columns


def _table(name: str, value: Any) -> Any:
    """A table of a frame, or of arrays by name."""
    if not (is_frame(value) or isinstance(value, Mapping)):
        raise DataError(f"{name}: {type(value).__name__}; allowed: a data frame, or arrays by name")
    try:
        return arrow.frame(value)
    except (TypeError, ValueError) as error:  # Arrow's own are such
        raise DataError(f"{name}: cannot be read as a table ({str(error).splitlines()[0][:200]})") from None


def _is_hub(value: Any) -> bool:
    """Whether it is a data set of Hugging Face, which knows its features and writes them as Parquet."""
    return hasattr(value, "to_parquet") and hasattr(value, "features") and hasattr(value, "num_rows")


def _of_frame(name: str, value: Any, options: Options) -> Raw:
    """What has columns, by the rules for a Parquet file: in memory or not, a column means the same."""
    with tempfile.TemporaryDirectory(prefix="clusterfolio-") as folder:
        place = Path(folder) / name
        if _is_hub(value):
            value.to_parquet(place)
        else:
            arrow.write(arrow.frame(value), place)
        raw = read_parquet(named(place), options)
    return replace(raw, kind=KIND)


# --------------------------------------------------------------------------------------------- what libraries bundle


def _is_bunch(value: Any) -> bool:
    """Whether it is what scikit-learn's `load_…` and `fetch_…` return."""
    return isinstance(value, Mapping) and "data" in value


def _of_bunch(name: str, value: Mapping[str, Any], options: Options) -> Raw:
    """A Bunch: its images where it has some and no features are asked for, its data otherwise, and its target."""
    pictured = "images" in value and name == "images"
    raw = _part("images" if pictured else name, value["images"] if pictured else value["data"], options)
    if options.label_column is not None or value.get("target") is None:
        return raw
    target = _vector("target", value["target"])
    if target.dtype.kind == "f" and (target != np.floor(target)).any():
        return replace(raw, notes=(*raw.notes, "the target is a measurement and is taken for no label"))
    known = value.get("target_names")
    names = None if known is None else [str(each) for each in np.asarray(known).tolist()]
    numbered = names is not None and all(each.isdigit() for each in names)
    return replace(raw, labels=target, names=None if names is None or numbered else tuple(names))


def _of_anndata(name: str, value: Any, options: Options) -> Raw:
    """AnnData: the scores of its PCA where it has some, else X; names of observations, and a column of `obs`."""
    scores = value.obsm.get("X_pca")
    notes = ("AnnData: obsm['X_pca'] is taken for the features; give .X for all variables",) * (scores is not None)
    raw = _part(name, value.X if scores is None else scores, replace(options, label_column="", id_column=""))
    labels = None
    if options.label_column:
        column = str(options.label_column)
        if column not in value.obs.columns:
            listed = ", ".join(map(shown, list(value.obs.columns)[:5]))
            raise DataError(f"labels: {shown(column)} is no column of obs; there are: {listed}")
        labels = _vector("labels", value.obs[column])
    return replace(raw, labels=labels, ids=[str(each) for each in value.obs_names], notes=(*raw.notes, *notes))


# -------------------------------------------------------------------------------------------------------- pictures


def are_pictures(value: Any) -> bool:
    """Whether it is a list of Pillow's images, or of paths to pictures."""
    if not isinstance(value, list | tuple) or not value:
        return False
    return all(_is_image(each) for each in value) or all(isinstance(each, str | Path) for each in value)


def _is_image(value: Any) -> bool:
    pillow: Any = sys.modules.get("PIL.Image")  # who has an image has imported it
    return pillow is not None and isinstance(value, pillow.Image)


def _pictures(name: str, pictures: Sequence[Any], options: Options) -> NDArray[Any]:
    if name == "features":
        raise DataError("features: a list of pictures; give it as images=")
    sources = ((f"picture {at}", _source(each)) for at, each in enumerate(pictures))
    return stacked(sources, len(pictures), options.image_shape, name).pixels


def _source(picture: Any) -> Path | bytes:
    """A picture as the loaders read one; without loss."""
    if isinstance(picture, str | Path):
        return Path(picture)
    if picture.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "I", "I;16"):
        picture = picture.convert("RGB")
    sink = io.BytesIO()
    picture.save(sink, format="PNG", compress_level=1)
    return sink.getvalue()


# ------------------------------------------------------------------------------------------------------ new samples


def numbers(
    name: str,
    value: Any,
    dimensions: int,
    image: tuple[int, int, int] | None,
    names: Sequence[str] | None,
) -> NDArray[Any]:
    """The raw numbers of samples that are to be held against those of a study: (m, d).

    Args:
        name: of the argument.
        value: what was given.
        dimensions: d, numbers of a sample in the study.
        image: height, width and channels of the study's pictures; None: it has none.
        names: of the study's columns, by which those of a frame are chosen; None: they have none.

    Raises:
        DataError: another shape, no numbers, or NaN among them; names the argument and what is allowed.
    """
    shape = image if image is not None and math.prod(image) == dimensions else None
    needed = f"(m, {dimensions})" + (f", or pictures of {' × '.join(map(str, shape))}" if shape else "")
    if names is not None and is_frame(value):
        table = _table(name, value)
        missing = [shown(column) for column in names if column not in table.column_names]
        if missing:
            listed = ", ".join(missing[:5])
            raise DataError(f"{name}: {len(missing)} of the study's {len(names)} columns are missing: {listed}")
        array = np.column_stack([plain(shown(column), table.column(column)) for column in names])
    elif are_pictures(value):
        array = _pictures(name, value, Options(image_shape=shape))
    elif _is_bunch(value) or is_frame(value) or _is_hub(value) or hasattr(value, "obsm"):
        raw = _part("features", value, Options(label_column="", id_column=""))
        array = next(part for part in (raw.features, raw.images) if part is not None)
    else:
        array = plain(name, value)
    flat = array
    check_amount(array.shape, name)
    if shape is not None and array.ndim > 2:
        grey = array[..., 0] if array.ndim == 4 and array.shape[3] == 1 else array
        if grey.ndim == 3 and shape[2] == 3:
            grey = np.repeat(grey[..., None], 3, axis=3)
        if grey.shape[1:] in (shape, shape[:2] if shape[2] == 1 else shape):
            flat = grey.reshape(len(grey), -1)
    if flat.ndim != 2 or flat.shape[1] != dimensions:
        raise DataError(f"{name}: shape {array.shape}; needed: {needed}")
    if flat.dtype.kind not in "buif":
        raise DataError(f"{name}: type {flat.dtype}; needed: numbers or truth values")
    if flat.dtype.kind == "f" and not np.isfinite(flat).all():
        sample, column = (int(each) for each in np.argwhere(~np.isfinite(flat))[0])
        raise DataError(
            f"{name}: sample {sample} has {flat[sample, column]} in column {column}; needed: finite numbers"
        )
    return flat
