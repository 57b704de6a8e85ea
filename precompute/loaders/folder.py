"""A folder of pictures: their classes by folder, by a table beside them or by their names."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from precompute.dataset import Column, DataError
from precompute.loaders import beside, layout
from precompute.loaders.decoding import KINDS, START, SUFFIXES, UNREAD, kind_of
from precompute.loaders.options import Options
from precompute.loaders.pictures import stacked
from precompute.loaders.raw import LIMITS, Doubt, LeftOut, Limits, Raw, shown
from precompute.order import natural, natural_path, ordered

_LISTED = 5
"""Names that a note gives; the rest is counted."""
_OF_PROGRAMS = frozenset({"__MACOSX", "__pycache__"})
"""Folders that programs leave behind; others that begin so, such as __background__, are classes."""
_BY_CONTENT = frozenset({"PNG", "JPEG", "WebP", "GIF"})
"""Kinds that are recognised under any name; a camera's raw files begin as TIFF."""
_DEEPEST = 8


def is_folder(path: Path) -> bool:
    """Whether it is a folder."""
    return path.is_dir()


def read_folder(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """Pictures by folder: `cats/1.png` has the label "cats" and the id "cats/1.png".

    Labels are found by `label_pattern`, by a table beside the pictures, by their folders (see `layout`), or in their
    names, the first that there is. The order is that of the files' names, then of their paths, so that a picture that
    moves to another class keeps its place. Links are followed, those to folders where they stay inside and lead to
    what is not read otherwise. Hidden files are passed over; what else is passed over is counted.

    Raises:
        DataError: no pictures, pictures both beside and inside folders, a class of which nothing can be read, or as
            for `pictures.stacked`.
    """
    seen = _listed(path, limits)
    names = seen.pictures
    if not names:
        passed = "".join(f"; {note}" for note in (*seen.notes(), *map(_sentence, seen.left_out())))
        raise DataError(
            f"{path.name}: no picture ({KINDS}) in it; needed: one folder a class with pictures inside, or pictures "
            f"alone{passed}"
        )
    _check_lost(seen, path.name)
    folders = layout.laid_out(names)
    table = beside.find(path, seen.tables, names, options)
    meaning = _meaning(folders, table, names, options, path.name)
    places = _of_split(meaning.splits, len(names), options, path.name)
    labels = None if meaning.labels is None else [meaning.labels[place] for place in places]
    pictures = stacked(
        ((names[place], path / names[place]) for place in places),
        len(places),
        options.image_shape,
        path.name,
        limits,
        skip=options.broken == "skip",
        classes=labels,
    )
    kept = [places[at] for at in pictures.kept.tolist()]
    notes = [*seen.notes(), *meaning.notes, *pictures.notes]
    if options.image_shape is not None:
        height, width = options.image_shape[:2]
        notes.append(f"pictures scaled to {width} × {height}, cropped at the centre to keep proportions")
    splits = [meaning.splits[place] or "" for place in kept] if meaning.splits is not None else []
    return Raw(
        "folder of pictures",
        images=pictures.pixels,
        labels=None if meaning.labels is None else np.array([meaning.labels[place] for place in kept], dtype=object),
        ids=[names[place] for place in kept],
        notes=tuple(notes),
        columns=[Column(one.name, one.values.take(kept), one.meaning) for one in meaning.columns],
        left_out=[*seen.left_out(read=() if table is None else (table.file,)), *meaning.left_out],
        doubts=meaning.doubts,
        splits={name or "none": count for name, count in Counter(splits).items()},
        remarks=pictures.remarks,
    )


@dataclass(frozen=True)
class _Meaning:
    """What is known of each picture beside its pixels."""

    labels: Sequence[str | None] | None
    splits: Sequence[str | None] | None
    columns: Sequence[Column]
    left_out: Sequence[LeftOut]
    notes: Sequence[str]
    doubts: Sequence[Doubt]


def _meaning(
    folders: layout.Layout, table: beside.Beside | None, names: Sequence[str], options: Options, where: str
) -> _Meaning:
    """Labels from the first that has some, and all else as columns beside them."""
    notes: list[str] = list(folders.notes)
    doubts: list[Doubt] = []
    labels: Sequence[str | None] | None = None
    chosen: str | None = None
    if options.label_column == "":
        pass
    elif options.label_pattern is not None:
        labels = layout.by_pattern(names, options.label_pattern)
        _check_pattern(labels, names, options.label_pattern, where)
    elif table is not None and table.label is not None and (options.label_column or folders.labels is None):
        chosen = table.label
        labels = [text or None for text in table.columns[chosen]]
    elif folders.labels is not None or folders.beside:
        if folders.beside:
            raise DataError(
                f"{where}: {len(folders.beside):,} pictures lie beside the folders of the classes, such as "
                f"{shown(folders.beside[0])}, so they would have no label; move them into one, or say where labels "
                "stand: label_pattern = '([^/]+)/[^/]+$' in a config is the folder of a picture, and pictures without "
                'one have no label; label_column = "" is no label at all'
            )
        labels = folders.labels
        doubts += folders.doubts
    else:
        labels, doubts = layout.in_names(names)
    without = 0 if labels is None else sum(label is None for label in labels)
    if labels is not None and without == len(labels):
        labels = None
    elif without and labels is not None:
        example = names[next(at for at, label in enumerate(labels) if label is None)]
        notes.append(f"{without:,} pictures have no label, such as {shown(example)}")
    columns: list[Column] = []
    left_out: list[LeftOut] = []
    for name, meaning, texts in (
        ("split", "the part of the data, by folder", folders.splits),
        ("folder", "the folders above the label's", folders.above),
    ):
        if texts is not None:
            columns.append(Column(name, _texts(texts), meaning))
    if table is not None:
        notes += table.notes(chosen)
        kept, left_out = beside.columns_of(table, options, chosen)
        taken = {one.name for one in columns}
        columns += [one for one in kept if one.name not in taken]
    return _Meaning(labels, folders.splits, columns, left_out, notes, doubts)


def _texts(values: Iterable[str | None]) -> Any:
    import pyarrow as pa

    return pa.array(list(values), pa.string())


def _check_pattern(labels: Sequence[str | None], names: Sequence[str], pattern: str, where: str) -> None:
    if not any(labels):
        raise DataError(
            f"{where}: label_pattern {shown(pattern)} finds no label in any of {len(names):,} names, such as "
            f"{shown(names[0])}; it is searched in the name of the file, or in the path where it has a slash"
        )


def _of_split(splits: Sequence[str | None] | None, count: int, options: Options, where: str) -> list[int]:
    """Places of the pictures to read, of `count`."""
    if options.split is None:
        return list(range(count))
    there = ordered({split for split in splits or () if split is not None})
    chosen = [split for split in there if split == options.split] or [
        split for split in there if layout.part_of(split) == (layout.part_of(options.split) or options.split)
    ]
    if not chosen:
        listed = f"allowed: {', '.join(map(shown, there))}" if there else "the folders are no parts of the data"
        raise DataError(f"{where}: there is no split {shown(options.split)}; {listed}")
    return [place for place, split in enumerate(splits or ()) if split in chosen]


def _check_lost(seen: _Seen, where: str) -> None:
    """Refuse to pass over a class whose pictures are all of kinds that are not read."""
    read = {str(PurePosixPath(name).parent) for name in seen.pictures}
    lost = [folder for folder in ordered(seen.unread) if not any(_inside(each, folder) for each in read)]
    if lost and lost != ["."]:
        endings = ordered({ending for folder in lost for ending in seen.unread[folder]})
        raise DataError(
            f"{where}: no picture in {_some(lost)} is of a kind that is read ({', '.join(endings)} are not), so there "
            f"would be no such label; convert them to PNG or JPEG, or move the folder elsewhere"
        )


def _inside(folder: str, other: str) -> bool:
    return folder == other or folder.startswith(f"{other}/")


def _sentence(left: LeftOut) -> str:
    return f"{left.count:,} × {left.what} ({left.why})"


@dataclass
class _Seen:
    """What lies in a folder and below it, by names that are relative and with slashes.

    Attributes:
        pictures: what is read, in order.
        tables: what may be a table that lies beside the pictures.
        skipped, links: folders that are passed over, and links to folders.
        others: files that are passed over: how many there are by ending and by folder.
        unread: endings of pictures that are not read, by folder.
        outside: links to pictures outside of the folder.
        renamed: pictures without an ending of pictures.
        real: folders that have been read, without links.
    """

    pictures: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    others: dict[str, Counter[str]] = field(default_factory=dict)
    unread: dict[str, set[str]] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    real: set[str] = field(default_factory=set)

    def notes(self) -> list[str]:
        """What a person should know of it, a sentence each."""
        notes = []
        if self.skipped:
            notes.append(f"{len(self.skipped):,} folders passed over: {_some(ordered(self.skipped))}")
        if self.links:
            notes.append(
                f"{len(self.links):,} links to folders passed over, which lead outside or to what is read anyway: "
                f"{_some(ordered(self.links))}; put the folders themselves there"
            )
        if self.outside:
            notes.append(
                f"{len(self.outside):,} links lead to pictures outside of the folder, which are read: "
                f"{_some(self.outside)}"
            )
        if self.renamed:
            notes.append(
                f"{len(self.renamed):,} files are pictures by their content, whatever their ending: "
                f"{_some(ordered(self.renamed))}"
            )
        return notes

    def left_out(self, read: Sequence[str] = ()) -> list[LeftOut]:
        """Files that are passed over, by their endings and folders; `read`: tables that are not."""
        left_out = []
        tables = Counter(PurePosixPath(name).suffix.lower() for name in read)
        for ending, folders in sorted(self.others.items(), key=lambda each: -each[1].total()):
            count = folders.total() - tables[ending]
            if not count:
                continue
            named = [
                f"{folder} {some:,}" for folder, some in sorted(folders.items(), key=_most)[:_LISTED] if folder != "."
            ]
            more = " …" if len(folders) > _LISTED else ""
            why = "pictures of a kind that is not read" if ending in UNREAD else "no pictures"
            left_out.append(LeftOut(f"files {ending}", f"{why}{': ' if named else ''}{', '.join(named)}{more}", count))
        return left_out


def _most(count: tuple[str, int]) -> tuple[int, str]:
    return -count[1], count[0]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(shown(name) for name in names[:_LISTED]) + more


def _listed(path: Path, limits: Limits) -> _Seen:
    seen = _Seen()
    links: list[str] = []
    root = Path(os.path.realpath(path))
    _walk(path, "", seen, links, limits)
    for name in ordered(links):
        real = Path(os.path.realpath(path / name))
        if real.is_relative_to(root) and not root.is_relative_to(real) and str(real) not in seen.real:
            inner: list[str] = []
            _walk(path / name, f"{name}/", seen, inner, limits, name.count("/") + 1)
            seen.links += inner
        else:
            seen.links.append(name)
    seen.pictures.sort(key=lambda name: (natural(name.rsplit("/", 1)[-1]), natural_path(name)))
    if seen.outside:
        seen.outside = sorted(_outside(root, path, seen.outside), key=natural_path)
    return seen


def _outside(root: Path, path: Path, links: Sequence[str]) -> list[str]:
    """Those of the links that lead out of the folder, and not into the cache that it is a snapshot of."""
    home = [root]
    snapshots = next((each for each in (root, *root.parents) if each.name == "snapshots"), None)
    if snapshots is not None:
        home.append(snapshots.parent / "blobs")
    real = {name: Path(os.path.realpath(path / name)) for name in links}
    return [name for name, place in real.items() if not any(place.is_relative_to(each) for each in home)]


def _walk(path: Path, prefix: str, seen: _Seen, links: list[str], limits: Limits, depth: int = 0) -> None:
    """Look at each file; a name that is no Unicode text is refused, a link that leads nowhere is left to be read."""
    seen.real.add(os.path.realpath(path))
    with os.scandir(path) as entries:
        for entry in entries:
            name = prefix + entry.name
            try:
                name.encode()
            except UnicodeEncodeError:
                raise DataError(f"{name!a}: the name is no Unicode text; rename the file") from None
            linked = entry.is_symlink()
            if linked and Path(entry.path).is_dir():
                links.append(name)
            elif not linked and entry.is_dir():
                if entry.name.startswith(".") or entry.name in _OF_PROGRAMS:
                    seen.skipped.append(name)
                    continue
                if depth >= _DEEPEST:
                    raise DataError(
                        f"{name}: folders within folders, more than {_DEEPEST} deep; needed: one folder a class"
                    )
                _walk(path / entry.name, f"{name}/", seen, links, limits, depth + 1)
            elif not entry.name.startswith("."):
                _file(Path(entry.path), name, linked, seen)
                if len(seen.pictures) > limits.samples:
                    raise DataError(
                        f"{path.name}: allowed are at most {limits.samples:,} pictures; take a part of them"
                    )


def _file(path: Path, name: str, linked: bool, seen: _Seen) -> None:
    """One file: a picture by its ending or by its content, a table, or another that is passed over."""
    ending = path.suffix.lower()
    whole = path.is_file()
    if ending in SUFFIXES and (whole or (linked and not path.exists())):
        seen.pictures.append(name)
    elif whole and _sniffed(path) in _BY_CONTENT:
        seen.pictures.append(name)
        seen.renamed.append(name)
    else:
        folder = str(PurePosixPath(name).parent)
        seen.others.setdefault(ending or "without an ending", Counter())[folder] += 1
        if ending in UNREAD:
            seen.unread.setdefault(folder, set()).add(ending)
        if whole and ending in beside.ENDINGS:
            seen.tables.append(name)
        return
    if linked:
        seen.outside.append(name)


def _sniffed(path: Path) -> str | None:
    with path.open("rb") as stream:
        return kind_of(stream.read(START))
