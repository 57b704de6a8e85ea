"""Where the page of a setting leads to: its neighbours in the grid, and the explorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from precompute.store import EmbeddingInfo, Manifest, SettingInfo, number_slug
from site_templates import nearest, words
from site_templates.data.choices import address
from site_templates.study import StudySite
from site_templates.views import SettingView


@dataclass(frozen=True)
class Link:
    """A link with its text, and what it is to this page: "prev", "next" or nothing."""

    href: str
    text: str


@dataclass(frozen=True)
class SettingLinks:
    """Links to the settings around, and to the explorer at this one."""

    navigation: tuple[Link, ...]
    explorer: str | None


# ------------------------------------------------------------------------------------------------------------ links


def explorer_address(study: StudySite, setting: SettingInfo) -> str | None:
    """Address of the explorer at this setting; None for methods that it does not show."""
    at = study.states.get(setting.slug)
    return None if at is None else f"../index.html{address(study.manifest, at, study.start)}"


def links_of(study: StudySite, setting: SettingView, shows: EmbeddingInfo) -> SettingLinks:
    """The nearest settings along each parameter, the same clustering elsewhere, and the explorer."""
    own = setting.info
    clustering = _clustering(own)
    elsewhere = {info.part: info.slug for info in study.manifest.settings if _clustering(info) == clustering}
    here = [view.info for view in study.view.settings(own.part)]
    around = []
    if own.embedding is not None:
        alike = {
            info.slug: info.parameters
            for info in study.manifest.embeddings
            if (info.representation, info.method) == (shows.representation, shows.method)
        }
        maps = {elsewhere[slug]: values for slug, values in alike.items() if slug in elsewhere}
        around += _steps(study.manifest, own.slug, maps, _ordered(study, shows.parameters), " ")
    same = {info.slug: info.parameters for info in here if info.clusterer == own.clusterer}
    around += _steps(study.manifest, own.slug, same, _ordered(study, own.parameters), " = ")
    around += _other_clusterers(study, own, here)
    other = _other_space(study, own, elsewhere)
    if other:
        around.append(other)
    return SettingLinks(tuple(around), explorer_address(study, own))


def _ordered(study: StudySite, parameters: Mapping[str, float]) -> list[str]:
    """Names of parameters in the order of the axes."""
    return [axis.name for axis in study.manifest.axes if axis.name in parameters]


def _clustering(setting: SettingInfo) -> tuple[str, Mapping[str, float]]:
    return setting.clusterer, setting.parameters


def _steps(
    manifest: Manifest, own: str, settings: Mapping[str, Mapping[str, float]], names: Sequence[str], sign: str
) -> list[Link]:
    """The settings before and after along each parameter, all others being the same.

    Args:
        manifest: of the study.
        own: slug of the setting that the links are for.
        settings: parameters by slug.
        names: of the parameters.
        sign: between a parameter and its value.
    """
    links = []
    for name in names:
        here = settings[own]
        line = sorted(
            (values[name], slug) for slug, values in settings.items() if {**values, name: None} == {**here, name: None}
        )
        at = line.index((here[name], own))
        for step, arrow in ((at - 1, "←"), (at + 1, "→")):
            if 0 <= step < len(line):
                value, slug = line[step]
                text = f"{words.word(manifest, name)}{sign}{number_slug(value)}"
                links.append(Link(f"{slug}.html", f"{arrow} {text}" if arrow == "←" else f"{text} {arrow}"))
    return links


def _other_clusterers(study: StudySite, setting: SettingInfo, here: Sequence[SettingInfo]) -> list[Link]:
    """What other clusterers made of the same, each at the nearest of its settings; what one has alone is as at the
    start. `here`: the settings of the same map, or of the features."""
    links = []
    for clusterer in study.manifest.clusterers:
        own = {info.slug: info.parameters for info in here if info.clusterer == clusterer.name}
        if clusterer.name == setting.clusterer or not own:
            continue
        wanted = {**study.start, **setting.parameters}
        best = nearest.state(own.values(), wanted, clusterer.parameters)
        slug = next(slug for slug, values in own.items() if values == best)
        at = words.values(study.manifest, own[slug])
        links.append(Link(f"{slug}.html", f"by {clusterer.label}{f', {at}' if at else ''}"))
    return links


def _other_space(study: StudySite, setting: SettingInfo, same: Mapping[str, str]) -> Link | None:
    """The same clustering of the features, or of the map at which the explorer starts.

    Args:
        study: of the setting.
        setting: whose clustering it is.
        same: slug of that clustering in each space that has it.
    """
    named = " and ".join(words.word(study.manifest, name) for name in setting.parameters) or "clusterer"
    if setting.embedding is not None:
        slug = same.get("features")
        return Link(f"{slug}.html", f"same {named}, clusters of the features") if slug else None
    start = study.first.info if study.first else None
    first = study.manifest.map_of(start) if start else None
    slug = same.get(first.slug) if first else None
    return (
        Link(f"{slug}.html", f"same {named}, on the {words.map_at(study.manifest, first)}") if first and slug else None
    )
