"""The misclassified samples of a setting, as one contact sheet and lists."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from site_templates.images.queue import Drawing
from site_templates.images.setting import (
    SHEET_COLUMNS,
    Place,
    contact_sheet,
    sheet_layout,
)
from site_templates.insights import number, samples
from site_templates.pages.setting_links import explorer_address
from site_templates.study import StudySite
from site_templates.views import SettingView

LARGEST_SHEET = 1500
"""Misclassified images shown at most; the page says how many of all those are."""

SMALLEST_SHEET = 40
"""Misclassified images shown at least, however many sheets there are, and of each pair one if they are as few."""

MOST_PAIRS = 100
"""Pairs of which each has an image on a sheet, however many sheets there are: as many as ten labels can make."""

SHEETS_BYTES = 150_000_000
"""Of all sheets of colour pictures, unpacked: photographs hardly pack, and a site may weigh 1 GB."""

TALLEST_SHEET = 8192
"""Pixels: taller pictures are not shown by every device."""

LONGEST_LIST = 400
"""Misclassified samples named at most, of each pair as many as of any other, so that pages stay small; the tables hold
all."""

PICTURE_HEIGHT = 28
"""CSS pixels of an image on the contact sheet."""


@dataclass(frozen=True)
class Slice:
    """Where a pair's images lie on the contact sheet, in the sheet's pixels, and how large and many to show them."""

    left: int
    top: int
    width: int
    height: int
    shown_width: int
    shown_height: int
    count: int
    columns: int
    rows: int


@dataclass(frozen=True)
class Named:
    """A misclassified sample: its id, and its card in the explorer where that shows the setting."""

    id: str
    href: str | None


@dataclass(frozen=True)
class Pair:
    """Samples of one true label in clusters of another: names, count, who they are, and their part of the sheet."""

    true: str
    dominant: str
    count: str
    href: str | None
    named: tuple[Named, ...]
    slice: Slice | None


@dataclass(frozen=True)
class Sheet:
    """The contact sheet: address and size in pixels."""

    href: str
    width: int
    height: int


@dataclass(frozen=True)
class Errors:
    """The misclassified samples by pair; what is left out of the pictures and of the ids is said."""

    count: str
    pairs: tuple[Pair, ...]
    sheet: Sheet | None
    pictured: str | None
    named: str | None


# ---------------------------------------------------------------------------------------------------- misclassified


def errors(study: StudySite, setting: SettingView) -> tuple[Errors | None, Drawing | None]:
    names, pixels, labels = study.manifest.dataset.labels, study.view.pixels, setting.labels
    if labels is None or names is None:
        return None, None
    ids = study.ids
    groups: dict[tuple[int, int], list[int]] = {}
    for sample in setting.misclassified.tolist():  # the most clearly wrong first
        groups.setdefault((int(labels[sample]), int(setting.dominant[sample])), []).append(sample)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    sizes = [len(members) for _, members in ordered]
    room = [0] * len(sizes)
    if pixels is not None:
        room = pictured(sizes, len(study.manifest.settings), (pixels.shape[1], pixels.shape[2], pixels.shape[3]))
    shown_samples = [members[:count] for (_, members), count in zip(ordered, room, strict=True)]
    listed = [members[:count] for (_, members), count in zip(ordered, fair(sizes, _within(LONGEST_LIST)), strict=True)]
    counts = tuple(len(members) for members in shown_samples if members)
    places = sheet_layout(counts)
    on_sheet = iter(places)
    sheet, drawing = None, None
    if pixels is not None and counts:
        height, width = pixels.shape[1:3]
        sheet = Sheet(f"{setting.slug}-errors.png", SHEET_COLUMNS * width, places[-1].row * height)
        order = np.array([sample for members in shown_samples for sample in members], dtype=np.int64)
        drawing = Drawing(contact_sheet, (pixels[order], counts, study.view.polarity))
    explorer = explorer_address(study, setting)
    pairs = []
    for at, ((true, dominant), members) in enumerate(ordered):
        part = None
        if pixels is not None and shown_samples[at]:
            part = _slice(len(shown_samples[at]), next(on_sheet), pixels.shape[1], pixels.shape[2])
        href = None if explorer is None else f"{explorer}&pair={true}-{dominant}"
        who = tuple(Named(ids[sample], explorer and f"{explorer}&{study.named(sample)}") for sample in listed[at])
        pairs.append(Pair(names[true], names[dominant], samples(len(members)), href, who, part))
    total = len(setting.misclassified)
    return Errors(
        number(total),
        tuple(pairs),
        sheet,
        _share(counts, total) if sheet else None,
        _share([len(members) for members in listed], total),
    ), drawing


def _share(counts: Sequence[int], total: int) -> str | None:
    """How many of all, in words; None where it is all of them."""
    return f"{number(sum(counts))} of {number(total)}" if sum(counts) < total else None


def _within(most: int) -> Callable[[Sequence[int]], bool]:
    return lambda counts: sum(counts) <= most


def fair(sizes: Sequence[int], fits: Callable[[Sequence[int]], bool]) -> list[int]:
    """How many of each pair, so that small pairs are not crowded out: as many of each as of any other, as far as it has
    them and there is room; what is then left goes to the first, one each.

    Args:
        sizes: of the pairs. fits: whether there is room for such counts; if so, then for smaller ones, too.
    """

    def capped(level: int, first: int) -> list[int]:
        return [min(size, level + (at < first)) for at, size in enumerate(sizes)]

    level = _most(max(sizes, default=0), lambda level: fits(capped(level, 0)))
    return capped(level, _most(len(sizes), lambda first: fits(capped(level, first))))


def _most(most: int, holds: Callable[[int], bool]) -> int:
    """The largest number from 0 to `most` for which something holds that holds for all below it."""
    return bisect_left(range(1, most + 1), True, key=lambda value: not holds(value))


def pictured(sizes: Sequence[int], settings: int, shape: tuple[int, int, int]) -> list[int]:
    """How many images of each pair are on a sheet, shared out fairly among as many as a sheet may hold.

    Args:
        sizes: misclassified samples of each pair. settings: how many sheets there are. shape: height, width, channels.
    """
    height, _, channels = shape
    most, rows = LARGEST_SHEET, max(1, TALLEST_SHEET // height)
    if channels > 1:
        least = max(SMALLEST_SHEET, min(len(sizes), MOST_PAIRS))
        most = min(LARGEST_SHEET, max(least, SHEETS_BYTES // (settings * math.prod(shape))))
    return fair(
        sizes, lambda counts: sum(counts) <= most and sheet_layout([one for one in counts if one])[-1].row <= rows
    )


def _slice(count: int, place: Place, height: int, width: int) -> Slice:
    columns, rows = min(count, SHEET_COLUMNS), -(-count // SHEET_COLUMNS)
    shown_width = round(PICTURE_HEIGHT * width / height)
    shown = columns * shown_width, rows * PICTURE_HEIGHT
    left, top = place.column * width, place.row * height
    return Slice(left, top, columns * width, rows * height, *shown, count, columns, rows)
