"""The misclassified samples of a setting by pair: who they are, with their pictures from the study's contact sheet."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from site_templates.images.contact import ContactSheet, contact_sheet
from site_templates.insights import number, samples
from site_templates.pages.setting_links import explorer_address
from site_templates.study import StudySite
from site_templates.views import SettingView

ROOM = 6_280
"""Bytes of a page for its clusters and its misclassified samples, so that pages stay small; the tables hold all.

Names and images come first; addresses, which are most of a link, fill what is left. A script makes the others.
"""

MOST_PAIRS = 100
"""Pairs of which each has a sample on the page, however little room there is: as many as ten labels can make."""

_CLUSTER_BYTES, _PAIR_BYTES, _SAMPLE_BYTES, _LINK_BYTES = 110, 72, 22, 9
"""Of the page for a cluster, and around a pair, a sample and its address, beside addresses and names."""

_PLAIN = re.compile(r"\S+(?: \S+)*")
"""Names that a script reads from the page as they are."""


@dataclass(frozen=True)
class Group:
    """The samples of one true label in clusters of another.

    Attributes:
        true, dominant: codes of both labels.
        count: how many samples.
        shown: those on the page.
        linked: those of them whose address is there.
    """

    true: int
    dominant: int
    count: int
    shown: tuple[int, ...]
    linked: frozenset[int]


@dataclass(frozen=True)
class Named:
    """A misclassified sample: id, address of its card in the explorer if the page says it, its picture's class."""

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
    """The misclassified samples by pair.

    Attributes:
        count: of all.
        pairs: the largest first.
        style: the contact sheet's style sheet, if there are pictures.
        shown: how many of all are on the page, in words; None where all are.
        own_ids: whether addresses name samples by their ids, not by numbers.
    """

    count: str
    pairs: tuple[Pair, ...]
    style: str | None
    shown: str | None
    own_ids: bool


def chosen(study: StudySite) -> dict[str, list[Group]]:
    """The misclassified samples of every setting, by its slug; nothing for data without labels."""
    if not study.labelled:
        return {}
    parts = dict.fromkeys(info.embedding or "features" for info in study.manifest.settings)
    return {setting.slug: groups(study, setting) for part in parts for setting in study.view.settings(part)}


def sheet_of(study: StudySite, misclassified: Mapping[str, Sequence[Group]]) -> ContactSheet | None:
    """The pictures of all samples that any page shows; None if there are none."""
    wanted = sorted({sample for of_setting in misclassified.values() for group in of_setting for sample in group.shown})
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
    sizes = [len(wrong) for _, wrong in ordered]
    address = explorer_address(study, setting.info)
    room = ROOM - _CLUSTER_BYTES * len(setting.stats)
    for true, dominant in members:
        room -= _PAIR_BYTES + _length(address or "") + _length(names[true]) + _length(names[dominant])

    def link(sample: int) -> int:
        return _LINK_BYTES + _length(f"{address}{study.named(sample)}") if address else 0

    irregular = frozenset(sample for _, wrong in ordered for sample in wrong if not _has_plain_address(study, sample))
    named = [_sums(_SAMPLE_BYTES + _length(study.ids[sample]) for sample in wrong) for _, wrong in ordered]
    linked = [_sums(link(sample) for sample in wrong) for _, wrong in ordered]
    others = [_sums(link(sample) * (sample in irregular) for sample in wrong[1:]) for _, wrong in ordered]

    def weight(counts: Sequence[int], links: Sequence[int]) -> int:
        pairs = range(len(counts))
        return sum(named[at][counts[at]] + linked[at][links[at]] + others[at][max(0, counts[at] - 1)] for at in pairs)

    few = min(len(sizes), MOST_PAIRS)
    shown = fair(
        sizes, lambda counts: sum(counts) <= few or weight(counts, [min(1, count) for count in counts]) <= room
    )
    links = fair(shown, lambda counts: max(counts) <= 1 or weight(shown, counts) <= room)
    return [
        Group(
            *pair,
            len(wrong),
            tuple(wrong[:count]),
            frozenset(wrong[:link_count]) | irregular.intersection(wrong[:count]),
        )
        for (pair, wrong), count, link_count in zip(ordered, shown, links, strict=True)
    ]


def _has_plain_address(study: StudySite, sample: int) -> bool:
    """Whether a script makes a sample's address of its name: see static/setting/links.js."""
    name = study.ids[sample]
    return bool(_PLAIN.fullmatch(name)) and study.named(sample).startswith("id=" if study.own_ids else f"sample={name}")


def _sums(values: Iterable[int]) -> list[int]:
    """Of the first none, one, two …"""
    return [0, *accumulate(values)]


def _length(text: str) -> int:
    return len(text.encode())


def errors(
    study: StudySite, setting: SettingView, misclassified: Sequence[Group] | None, sheet: ContactSheet | None
) -> Errors | None:
    """What the page of a setting says of its misclassified samples; None for data without labels.

    Args:
        study: the study.
        setting: the setting.
        misclassified: its misclassified samples.
        sheet: the study's pictures.
    """
    names = study.manifest.dataset.labels
    if misclassified is None or names is None:
        return None
    explorer = explorer_address(study, setting.info)
    places = sheet.places if sheet else {}
    pairs = []
    for group in misclassified:
        href = explorer and f"{explorer}&pair={group.true}-{group.dominant}"
        named = tuple(
            Named(
                study.ids[sample],
                f"{explorer}&{study.named(sample)}" if explorer and sample in group.linked else None,
                places.get(sample),
            )
            for sample in group.shown
        )
        pairs.append(Pair(names[group.true], names[group.dominant], samples(group.count), href, named))
    total, shown = (
        sum(counts)
        for counts in ((group.count for group in misclassified), (len(group.shown) for group in misclassified))
    )
    style = sheet.style[0] if sheet and shown else None
    remark = f"{number(shown)} of {number(total)}" if shown < total else None
    return Errors(number(total), tuple(pairs), style, remark, study.own_ids)


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
