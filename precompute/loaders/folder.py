"""A folder of pictures: one folder a class, or pictures alone without labels."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from precompute.dataset import DataError
from precompute.loaders.decoding import SUFFIXES
from precompute.loaders.options import Options
from precompute.loaders.pictures import stacked
from precompute.loaders.raw import LIMITS, Limits, Raw, shown
from precompute.order import natural_path, ordered

_LISTED = 5
"""Names that a note gives; the rest is counted."""
_OF_PROGRAMS = frozenset({"__MACOSX", "__pycache__"})
"""Folders that programs leave behind; others that begin so, such as __background__, are classes."""
SPLITS = frozenset({"train", "training", "test", "testing", "val", "valid", "validation"})


def is_folder(path: Path) -> bool:
    """Whether it is a folder."""
    return path.is_dir()


def read_folder(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """Pictures by folder: `cats/1.png` has the label "cats" and the id "cats/1.png".

    A link to a file is followed; one to a folder is not, as it may lead in a circle. Hidden files are passed over; what
    else is passed over is named in a note.

    Raises:
        DataError: no pictures, pictures both beside and inside folders, or as for `pictures.stacked`.
    """
    seen = _listed(path, limits)
    found = seen.pictures
    if not found:
        passed = "".join(f"; {note}" for note in seen.notes())
        raise DataError(
            f"{path.name}: no picture ({', '.join(SUFFIXES)}) in it; needed: one folder a class with pictures inside, "
            f"or pictures alone{passed}"
        )
    tops = ordered({name.split("/")[0] for name in found if "/" in name})
    alone = sum("/" not in name for name in found)
    if tops and alone:
        raise DataError(
            f"{path.name}: {alone:,} pictures lie beside the folders of the classes, so they would have no label; "
            "move them into one, or take the folders away"
        )
    if tops and {top.lower() for top in tops} <= SPLITS:
        raise DataError(f"{path.name}: holds {' and '.join(tops)}, which are no classes; name one of them: {tops[0]}")
    shape = options.image_shape
    pictures = stacked(((name, path / name) for name in found), len(found), shape, path.name, limits)
    notes = [*seen.notes(), *pictures.notes]
    lost = [top for top in ordered(seen.folders) if top not in tops] if tops else []
    if lost:
        notes.append(f"no picture that can be read in {_some(lost)}; there is no such label")
    if shape is not None:
        notes.append(f"pictures scaled to {shape[1]} × {shape[0]}, cropped at the centre to keep proportions")
    labels = np.array([name.split("/")[0] for name in found], dtype=object) if tops else None
    return Raw("folder of pictures", images=pictures.pixels, labels=labels, ids=found, notes=tuple(notes))


@dataclass
class _Seen:
    """What lies in a folder and below it, by names that are relative and with slashes.

    Attributes:
        pictures: what is read, in natural order.
        folders: the folder's own folders.
        skipped, links: folders that are passed over, and links to folders.
        others: files that are passed over, by their endings.
        outside: links to pictures outside of the folder.
    """

    pictures: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    outside: list[str] = field(default_factory=list)

    def notes(self) -> list[str]:
        """What a person should know of it, a sentence each."""
        found = []
        if self.others:
            kinds = ", ".join(f"{count:,} {ending}" for ending, count in self.others.most_common(_LISTED))
            more = f" and {len(self.others) - _LISTED} more kinds" if len(self.others) > _LISTED else ""
            found.append(f"{self.others.total():,} other files passed over: {kinds}{more}")
        if self.skipped:
            found.append(f"{len(self.skipped):,} folders passed over: {_some(ordered(self.skipped))}")
        if self.links:
            found.append(
                f"{len(self.links):,} links to folders passed over: {_some(ordered(self.links))}; put the folders "
                "themselves there"
            )
        if self.outside:
            found.append(
                f"{len(self.outside):,} links lead to pictures outside of the folder, which are read: "
                f"{_some(self.outside)}"
            )
        return found


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(shown(name) for name in names[:_LISTED]) + more


def _listed(path: Path, limits: Limits) -> _Seen:
    seen = _Seen()
    _walk(path, "", seen, limits)
    seen.pictures.sort(key=natural_path)
    if seen.outside:
        seen.outside = sorted(_outside(path, seen.outside), key=natural_path)
    return seen


def _outside(path: Path, links: Sequence[str]) -> list[str]:
    """Those of the links that lead out of the folder."""
    inside = Path(os.path.realpath(path))
    return [name for name in links if not Path(os.path.realpath(path / name)).is_relative_to(inside)]


def _walk(path: Path, prefix: str, seen: _Seen, limits: Limits, depth: int = 0) -> None:
    """Look at each file; a name that is no Unicode text is refused, a link that leads nowhere is left to be read."""
    with os.scandir(path) as entries:
        for entry in entries:
            name = prefix + entry.name
            try:
                name.encode()
            except UnicodeEncodeError:
                raise DataError(f"{name!a}: the name is no Unicode text; rename the file") from None
            linked = entry.is_symlink()
            if linked and Path(entry.path).is_dir():
                seen.links.append(name)
            elif not linked and entry.is_dir():
                if entry.name.startswith(".") or entry.name in _OF_PROGRAMS:
                    seen.skipped.append(name)
                    continue
                if depth >= 8:
                    raise DataError(f"{name}: folders within folders, more than 8 deep; needed: one folder a class")
                if not prefix:
                    seen.folders.append(name)
                _walk(path / entry.name, f"{name}/", seen, limits, depth + 1)
            elif not entry.name.startswith("."):
                broken = linked and not Path(entry.path).exists()
                if not (entry.name.lower().endswith(SUFFIXES) and (broken or Path(entry.path).is_file())):
                    seen.others[Path(entry.name).suffix.lower() or "without an ending"] += 1
                    continue
                seen.pictures.append(name)
                if linked:
                    seen.outside.append(name)
                if len(seen.pictures) > limits.samples:
                    raise DataError(
                        f"{path.name}: allowed are at most {limits.samples:,} pictures; take a part of them"
                    )
