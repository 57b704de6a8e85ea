"""The misclassified samples of a setting by pair: who they are, with their pictures from the study's contact sheet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from site_templates.images.contact import ContactSheet, contact_sheet
from site_templates.insights import number, samples
from site_templates.pages.setting_links import explorer_address
from site_templates.study import StudySite
from site_templates.views import SettingView

ROOM = 6_600
"""Bytes of a page for its clusters and its misclassified samples, so that pages stay small; the tables hold all."""

MOST_PAIRS = 100
"""Pairs of which each has a sample on the page, however little room there is: as many as ten labels can make."""

_CLUSTER_BYTES, _PAIR_BYTES, _SAMPLE_BYTES = 110, 72, 31
"""Of the page for a cluster, and around a pair and a sample, beside addresses and names."""


@dataclass(frozen=True)
class Group:
    """The samples of one true label in clusters of another: codes of both labels, how many, and those on the page."""

    true: int
    dominant: int
    count: int
    shown: tuple[int, ...]


@dataclass(frozen=True)
class Named:
    """A misclassified sample: id, its card in the explorer where that shows the setting, its picture's class."""

    id: str
    href: str | None
    place: str | None


@dataclass(frozen=True)
class Pair:
    """Samples of one true label in clusters of another: names, count, and who they are."""

    true: str
    dominant: str
    count: str
    href: str | None
    named: tuple[Named, ...]


@dataclass(frozen=True)
class Errors:
    """The misclassified samples by pair; `shown` says how many of all are on the page, None where all are."""

    count: str
    pairs: tuple[Pair, ...]
    style: str | None
    shown: str | None


def chosen(study: StudySite) -> dict[str, list[Group]]:
    """The misclassified samples of every setting, by its slug; nothing for data without labels."""
    if not study.labelled:
        return {}
    parts = dict.fromkeys(info.embedding or "features" for info in study.manifest.settings)
    return {setting.slug: groups(study, setting) for part in parts for setting in study.view.settings(part)}


def sheet_of(study: StudySite, found: Mapping[str, Sequence[Group]]) -> ContactSheet | None:
    """The pictures of all samples that any page shows; None if there are none."""
    wanted = sorted({sample for one in found.values() for group in one for sample in group.shown})
    if study.view.pixels is None or not wanted:
        return None
    return contact_sheet(study.view.pixels, wanted, study.view.polarity)


def groups(study: StudySite, setting: SettingView) -> list[Group]:
    """The misclassified samples of a setting by pair, the largest pair first, in each the most clearly wrong first."""
    labels, names = setting.labels, study.manifest.dataset.labels
    assert labels is not None and names is not None
    members: dict[tuple[int, int], list[int]] = {}
    for sample in setting.misclassified.tolist():
        members.setdefault((int(labels[sample]), int(setting.dominant[sample])), []).append(sample)
    ordered = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    sizes = [len(one) for _, one in ordered]
    address = len(explorer_address(study, setting) or "")
    headings = sum(_PAIR_BYTES + address + _length(names[true]) + _length(names[other]) for (true, other), _ in ordered)
    wrong = setting.misclassified.tolist()
    texts = sum(_length(study.ids[sample]) + len(study.named(sample)) for sample in wrong)
    each = _SAMPLE_BYTES + address + texts // max(1, len(wrong))
    left = ROOM - _CLUSTER_BYTES * len(setting.stats) - headings
    most = max(min(len(sizes), MOST_PAIRS), left // each)
    room = fair(sizes, lambda counts: sum(counts) <= most)
    return [Group(*pair, len(one), tuple(one[:count])) for (pair, one), count in zip(ordered, room, strict=True)]


def _length(text: str) -> int:
    return len(text.encode())


def errors(
    study: StudySite, setting: SettingView, found: Sequence[Group] | None, sheet: ContactSheet | None
) -> Errors | None:
    """What the page of a setting says of its misclassified samples; None for data without labels.

    Args:
        study: the study.
        setting: the setting.
        found: its misclassified samples.
        sheet: the study's pictures.
    """
    names = study.manifest.dataset.labels
    if found is None or names is None:
        return None
    explorer = explorer_address(study, setting)
    places = sheet.places if sheet else {}
    pairs = []
    for one in found:
        href = explorer and f"{explorer}&pair={one.true}-{one.dominant}"
        named = tuple(
            Named(study.ids[sample], explorer and f"{explorer}&{study.named(sample)}", places.get(sample))
            for sample in one.shown
        )
        pairs.append(Pair(names[one.true], names[one.dominant], samples(one.count), href, named))
    total, shown = (sum(counts) for counts in ((one.count for one in found), (len(one.shown) for one in found)))
    style = sheet.style[0] if sheet and shown else None
    return Errors(number(total), tuple(pairs), style, f"{number(shown)} of {number(total)}" if shown < total else None)


def fair(sizes: Sequence[int], fits: Callable[[Sequence[int]], bool]) -> list[int]:
    """How many of each pair, so that small pairs are not crowded out: as many of each as of any other, as far as it has
    them and there is room; what is then left goes to the first, one each.

    Args:
        sizes: of the pairs.
        fits: whether there is room for such counts; if so, then for smaller ones, too.
    """

    def capped(level: int, first: int) -> list[int]:
        return [min(size, level + (at < first)) for at, size in enumerate(sizes)]

    level = _most(max(sizes, default=0), lambda level: fits(capped(level, 0)))
    return capped(level, _most(len(sizes), lambda first: fits(capped(level, first))))


def _most(most: int, holds: Callable[[int], bool]) -> int:
    """The largest number from 0 to `most` for which something holds that holds for all below it."""
    return bisect_left(range(1, most + 1), True, key=lambda value: not holds(value))
