"""What the folders of pictures mean: classes, parts of the data such as train and test, or wrappers around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from precompute.loaders.raw import Doubt, shown
from precompute.order import ordered

PARTS: Mapping[str, frozenset[str]] = {
    "train": frozenset({"train", "training", "trn"}),
    "validation": frozenset({"val", "valid", "validation", "dev", "devel", "development", "eval", "evaluation"}),
    "test": frozenset({"test", "testing", "tst", "holdout", "hold", "pred", "predict", "prediction"}),
    "unlabelled": frozenset({"unlabeled", "unlabelled", "unsup", "unsupervised"}),
    "extra": frozenset({"extra", "labeled", "labelled"}),
}
"""Parts of data by the words that name them."""
_WRAPPERS = frozenset({"images", "image", "imgs", "img", "pictures", "photos", "data", "jpg", "jpeg", "png", "files"})
_CAMERAS = frozenset(
    {"img", "image", "dsc", "dscn", "dscf", "pic", "photo", "picture", "frame", "screenshot", "scan", "page", "pxl"}
    | {"mvimg", "wa", "sample", "file", "out", "train", "test", "val"}
)
"""Words before the numbers of files that are no classes."""
_NUMBERED = re.compile(r"(.*?[^\W\d_])[\s._()-]*\d+\)?")
_LEADING = re.compile(r"\d{1,2}[_-]\d+")
_LEAST = 2
_LISTED = 3


@dataclass(frozen=True)
class Layout:
    """What folders say of each picture, in the order of the names; None where they say nothing.

    Attributes:
        labels: the class; None: of no picture.
        splits: the part of the data, as its folder is called; None: there is one part only.
        above: the folder above the one that is the class; None: there is none, or only one.
        beside: pictures that lie beside the folders of classes.
        notes, doubts: what a person should know.
    """

    labels: Sequence[str | None] | None = None
    splits: Sequence[str | None] | None = None
    above: Sequence[str | None] | None = None
    beside: Sequence[str] = ()
    notes: Sequence[str] = ()
    doubts: Sequence[Doubt] = ()


def part_of(name: str) -> str | None:
    """Which part of data a name says, such as "train" for "seg_train" or "Train2017"; None: none."""
    words = set(re.findall(r"[^\W\d_]+", name.lower()))
    return next((part for part, spellings in PARTS.items() if words & spellings), None)


@dataclass
class _Node:
    """A folder: pictures by their places in the order, and folders."""

    pictures: list[int] = field(default_factory=list)
    folders: dict[str, _Node] = field(default_factory=dict)

    def all(self) -> Iterable[int]:
        """Pictures in it and below it."""
        yield from self.pictures
        for folder in self.folders.values():
            yield from folder.all()


@dataclass
class _Reader:
    """What has been decided of each picture so far."""

    names: Sequence[str]
    labels: list[str | None]
    splits: list[str | None]
    above: list[str | None]
    beside: list[str] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def container(self, node: _Node, split: str | None) -> None:
        """A folder above the classes."""
        for place in node.pictures:
            self.splits[place] = split
        if node.folders and node.pictures:
            self.beside += [self.names[place] for place in node.pictures]
        inside = node.folders
        if inside and all(map(part_of, inside)):
            for name, folder in inside.items():
                self.container(folder, split or name)
        elif len(inside) == 1 and not node.pictures:
            [(name, folder)] = inside.items()
            if not folder.folders:
                self.alone.append(name)
            self.container(folder, split)
        else:
            self.odd += [name for name in inside if name.lower() in set().union(*PARTS.values())]
            # cats/images/1.png, dogs/images/1.png
            single = {tuple(folder.folders) for folder in inside.values() if not folder.pictures}
            wrapped = len(single) == 1 and len(next(iter(single))) == 1
            for name, folder in inside.items():
                self.labelled(folder, name, split, None, wrapped)

    def labelled(self, node: _Node, label: str, split: str | None, above: str | None, wrapped: bool = False) -> None:
        """A folder that is a class, or one above such."""
        inside = node.folders
        if node.pictures:
            for place in node.all():
                self.labels[place], self.splits[place], self.above[place] = label, split, above
        elif all(map(part_of, inside)):
            for name, folder in inside.items():
                self.labelled(folder, label, split or name, above)
        elif len(inside) == 1 and (wrapped or next(iter(inside)).lower() in _WRAPPERS):
            self.labelled(next(iter(inside.values())), label, split, above)
        else:
            for name, folder in inside.items():
                self.labelled(folder, name, split, label if above is None else f"{above}/{label}")


def laid_out(names: Sequence[str]) -> Layout:
    """Read the folders of pictures.

    The class is the folder that holds a picture, or the outermost of several that do. A folder around all is a
    wrapper, and folders of which each is named after a part of data are splits.

    Args:
        names: paths relative to the data's folder, with slashes.
    """
    root = _Node()
    for place, name in enumerate(names):
        node = root
        for folder in name.split("/")[:-1]:
            node = node.folders.setdefault(folder, _Node())
        node.pictures.append(place)
    n = len(names)
    reader = _Reader(names, [None] * n, [None] * n, [None] * n)
    reader.container(root, None)
    notes: list[str] = []
    doubts: list[Doubt] = []
    has_labels = any(label is not None for label in reader.labels)
    if reader.alone and not has_labels:
        notes.append(f"all pictures lie in one folder, {shown(reader.alone[0])}, which is taken for no label")
    above = {each for each in reader.above if each is not None}
    if len(above) > 1 or (above and None in reader.above):
        held = ordered({label for label in reader.labels if label is not None})
        doubts.append(
            Doubt(
                f"the folders that hold the pictures ({_some(held)}) are taken for the labels, and those above them "
                f"({_some(ordered(above))}) kept beside as the column 'folder'",
                "label_pattern",
                "'^([^/]+)/'",
            )
        )
    if reader.odd:
        doubts.append(
            Doubt(
                f"{_some(reader.odd)}: taken for a label as the folders beside it, but named as a part of the data",
                "label_pattern",
            )
        )
    several = len({split for split in reader.splits if split is not None}) > 1
    return Layout(
        reader.labels if has_labels else None,
        reader.splits if several else None,
        reader.above if above else None,
        reader.beside if has_labels or reader.beside else (),
        notes,
        doubts,
    )


def by_pattern(names: Sequence[str], pattern: str) -> list[str | None]:
    """Labels by a regular expression: its first group, or all that it matches; None where it does not match.

    It is searched in the name of the file, or in the path where the pattern has a slash.
    """
    expression = re.compile(pattern)
    labels: list[str | None] = []
    for name in names:
        match = expression.search(name if "/" in pattern else name.rsplit("/", 1)[-1])
        label = None if match is None else match[1 if expression.groups else 0]
        labels.append(label or None)
    return labels


def in_names(names: Sequence[str]) -> tuple[list[str | None] | None, list[Doubt]]:
    """Labels that stand in the names of files, such as cat.0.jpg and dog_12.png, and what is doubtful.

    They are taken where every name is a word and a number, and each word stands at least twice; words of cameras, and
    numbers before numbers, are left as a doubt.
    """
    stems = [PurePosixPath(name).stem for name in names]
    matches = [_NUMBERED.fullmatch(stem) for stem in stems]
    if stems and all(_LEADING.fullmatch(stem) for stem in stems):
        starts = Counter(re.split("[_-]", stem)[0] for stem in stems)
        if 1 < len(starts) <= len(stems) / _LEAST:
            sentence = f"names such as {shown(names[0].rsplit('/', 1)[-1])} may begin with the label"
            return None, [Doubt(f"{sentence}; none is taken", "label_pattern", r"'^\d+'")]
        return None, []
    if not all(matches):
        return None, []
    labels: list[str | None] = [match[1] for match in matches if match is not None]
    counts = Counter(labels)
    if len(counts) < 2 or min(counts.values()) < _LEAST:
        return None, []
    example = f"{shown(labels[0] or '')} of {shown(names[0].rsplit('/', 1)[-1])}"
    if any(str(label).lower() in _CAMERAS or len(str(label)) < 2 for label in counts):
        sentence = f"the names of the files may hold labels, such as {example}; none is taken"
        return None, [Doubt(sentence, "label_pattern", r"'^\D*[^\W\d_]'")]
    return labels, [Doubt(f"labels are taken from the names of the files, such as {example}", "label_column", '""')]


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(shown, names[:_LISTED])) + (" …" if len(names) > _LISTED else "")
