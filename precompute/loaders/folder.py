"""A folder of pictures: one folder a class, or pictures alone without labels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from precompute.dataset import DataError
from precompute.loaders.pictures import SUFFIXES, stacked
from precompute.loaders.raw import LIMITS, Limits, Options, Raw

SPLITS = frozenset({"train", "training", "test", "testing", "val", "valid", "validation"})


def is_folder(path: Path) -> bool:
    """Whether it is a folder."""
    return path.is_dir()


def read_folder(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """Pictures by folder: `cats/1.png` has the label "cats" and the id "cats/1.png".

    Hidden files and symbolic links are passed over; other files are counted in a note.

    Raises:
        DataError: no pictures, pictures both beside and inside folders, or as for `pictures.stacked`.
    """
    found, passed = _listed(path, limits)
    if not found:
        raise DataError(
            f"{path.name}: no picture ({', '.join(SUFFIXES)}) in it; needed: one folder a class with pictures inside, "
            "or pictures alone"
        )
    tops = sorted({name.split("/")[0] for name in found if "/" in name})
    alone = sum("/" not in name for name in found)
    if tops and alone:
        raise DataError(
            f"{path.name}: {alone:,} pictures lie beside the folders of the classes, so they would have no label; "
            "move them into one, or take the folders away"
        )
    if tops and {top.lower() for top in tops} <= SPLITS:
        raise DataError(f"{path.name}: holds {' and '.join(tops)}, which are no classes; name one of them: {tops[0]}")
    shape = options.image_shape
    images = stacked(((name, path / name) for name in found), len(found), shape, path.name, limits)
    notes = [f"{passed:,} other files and links passed over"] if passed else []
    if shape is not None:
        notes.append(f"pictures scaled to {shape[1]} × {shape[0]}, cropped at the centre to keep proportions")
    labels = np.array([name.split("/")[0] for name in found]) if tops else None
    return Raw("folder of pictures", images=images, labels=labels, ids=found, notes=tuple(notes))


def _listed(path: Path, limits: Limits) -> tuple[list[str], int]:
    """Names of the pictures, relative and with slashes, in order; and how many other files there are."""
    found: list[str] = []
    passed = 0
    for name, wanted in _walk(path, ""):
        if not wanted:
            passed += 1
            continue
        found.append(name)
        if len(found) > limits.samples:
            raise DataError(f"{path.name}: allowed are at most {limits.samples:,} pictures; take a part of them")
    return sorted(found), passed


def _walk(path: Path, prefix: str, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """Each file and whether it is a picture to read; a name that is no Unicode text is refused."""
    with os.scandir(path) as entries:
        for entry in entries:
            name = prefix + entry.name
            try:
                name.encode()
            except UnicodeEncodeError:
                raise DataError(f"{name!a}: the name is no Unicode text; rename the file") from None
            if entry.name.startswith((".", "__")):
                continue
            if entry.is_symlink():
                yield name, False
            elif entry.is_dir():
                if depth >= 8:
                    raise DataError(f"{name}: folders within folders, more than 8 deep; needed: one folder a class")
                yield from _walk(path / entry.name, f"{name}/", depth + 1)
            elif entry.is_file():
                yield name, entry.name.lower().endswith(SUFFIXES)
