"""The page that compares two settings: what its template shows, and what its scripts know of the settings there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from precompute.store import ClustererInfo, EmbeddingInfo, Manifest, MethodInfo, SettingInfo, number_slug
from site_templates.charts.controls import Control, Option, plain
from site_templates.data.chunk import chunk
from site_templates.pages.filmstrip import FRAME, film, word
from site_templates.study import Page, PageContent, StudySite

PICTURES = 36
"""Pictures of a list that show before "more" is asked for."""


CHOICES = ("representation", "method", "clusterer", "space")
"""What tells settings apart beside their parameters: names of controls, and keys of a flat setting."""

Flat = Mapping[str, float | str]
"""A setting as addresses and controls have it: each of `CHOICES`, and the parameters of its method and clusterer. One
of the features has no method."""


@dataclass(frozen=True)
class Side:
    """One side of the comparison: "a" or "b", its sliders and choices, and the studies it may show.

    There is a slider for each parameter of any of these studies; the scripts show those that play a part.
    """

    name: str
    sliders: Sequence[Control]
    choices: Sequence[Control]
    studies: Sequence[Option]


@dataclass(frozen=True)
class Measure:
    """A measure that both sides have."""

    name: str
    label: str
    meaning: str


def page(study: StudySite) -> PageContent:
    """The page's variables, its own data script, the places of the samples, and the strip of small maps."""
    info = study.manifest.dataset
    strip = film(study)
    near = study.neighborhoods
    first = start(study)
    content = {
        "own": study.folder,
        "n": info.n,
        "labelled": study.labelled,
        "start": first,
        "neighbors": near.count,
        "more": PICTURES,
        "studies": {one.folder: _study(study, one) for one in (study, *study.peers)},
        "film": strip.content,
    }
    own = chunk("compare", content)
    title = f"Compare two clusterings – {info.title}"
    address = f"{study.address}compare.html" if study.address else None
    variables = {
        "page": Page(title, f"Two settings of {info.title} side by side: what changed from one to the other.", address),
        "title": info.title,
        "n": info.n,
        "labelled": study.labelled,
        "pictures": info.image is not None,
        "neighbors": near.count,
        "alone": first["a"] == first["b"],
        "sides": [_side(name, study) for name in ("a", "b")],
        "color": next((one for one in study.controls if one.name == "color"), None),
        "measures": [
            Measure(one.name, one.label, one.meaning) for one in study.manifest.metrics if one.name != "iterations"
        ],
        "film": strip,
        "frame": FRAME,
        "scripts": [f"data/{study.data.study.file}", f"data/{own.file}"],
    }
    files = {f"data/{one.file}": one.data for one in (own, *near.chunks.values())}
    return PageContent(variables, files | strip.files)


def start(study: StudySite) -> dict[str, str]:
    """The pair that the page starts with: the explorer's start as B, and A with the lowest value of its first parameter.

    That is the method's; where all maps have one value of it, the clusterer's; where there is one of that, too, any
    other setting, clusters of the features if there is no other map. Missing settings are passed over. Both sides are
    the same only where there is one setting in all.
    """
    known = {slug: flat(study.manifest, one) for slug, one in settings(study).items()}
    maps = {slug: one for slug, one in known.items() if one["space"] == "map"} or known
    b = _nearest(maps, study.start)
    own = known[b]
    values = _parameters(study.manifest.clusterers, own["clusterer"])
    # the explorer's values, though they may be missing on the map of B
    wanted = {**own, **{name: study.start[name] for name in values if name in study.start}}
    like = {slug: one for slug, one in maps.items() if _same(one, own, "representation", "method", "clusterer")}
    on_map = [name for name in _parameters(study.manifest.methods, own.get("method")) if name in own]
    for name, among in (
        *((name, like) for name in on_map[:1]),
        *((name, _on(like, own, on_map)) for name in values[:1]),
    ):
        found = sorted({float(one[name]) for one in among.values()})
        if len(found) > 1:
            return {"a": _nearest(maps, {**wanted, name: found[0] if found[0] != own[name] else found[-1]}), "b": b}
    others = {slug: one for slug, one in known.items() if slug != b}
    return {"a": _nearest(others, own) if others else b, "b": b}


def _parameters(entries: Sequence[MethodInfo | ClustererInfo], name: object) -> list[str]:
    return next((one.parameters for one in entries if one.name == name), [])


def _same(one: Flat, other: Flat, *names: str) -> bool:
    return all(one.get(name) == other.get(name) for name in names)


def _on(settings: Mapping[str, Flat], own: Flat, names: Sequence[str]) -> Mapping[str, Flat]:
    """Those on the same map."""
    return {slug: one for slug, one in settings.items() if _same(one, own, *names)}


def _nearest(settings: Mapping[str, Flat], wanted: Flat) -> str:
    """Slug of the nearest setting: the same choices first, then parameter by parameter; what only one has is passed."""

    def away(slug: str) -> tuple[list[bool], list[float], str]:
        one = settings[slug]
        both = [name for name in wanted if name in one]
        choices = [
            one[name] != wanted[name] for name in ("representation", "space", "method", "clusterer") if name in both
        ]
        numbers = [abs(float(one[name]) - float(wanted[name])) for name in both if isinstance(one[name], int | float)]
        return choices, numbers, slug

    return min(settings, key=away)


def settings(study: StudySite) -> dict[str, SettingInfo]:
    """Settings that the page can show, by slug: those of the features, and on maps that there are."""
    maps = {one.slug for one in study.manifest.embeddings}
    return {one.slug: one for one in study.manifest.settings if one.embedding is None or one.embedding in maps}


def flat(manifest: Manifest, one: SettingInfo) -> Flat:
    """A setting as addresses and controls have it, the map's parameters before the clusterer's."""
    shown = manifest.map_of(one)
    made: dict[str, float | str] = {} if shown is None else {"method": shown.method, **shown.parameters}
    return {
        "representation": one.representation,
        **made,
        "clusterer": one.clusterer,
        **one.parameters,
        "space": one.space,
    }


def _study(page_of: StudySite, one: StudySite) -> dict[str, Any]:
    """What the scripts know of a study before they load it; addresses of its files are relative to its folder.

    A part is a map, or the features: what settings cluster, and what they are drawn on. A setting is the number of its
    part, that of its clusterer, and the values of the clusterer's parameters.
    """
    manifest, known = one.manifest, settings(one)
    clustered = {info.embedding for info in known.values()}
    methods = [method for method in manifest.methods if method.name in _clustered(one)]
    clusterers = [each for each in manifest.clusterers if each.name in {info.clusterer for info in known.values()}]
    maps = [info for info in manifest.embeddings if info.method in {method.name for method in methods}]
    near = {slug: (each.name, f"data/{each.file}") for slug, each in one.neighborhoods.chunks.items()}
    parts = {(info.slug, info.representation): info for info in maps if info.slug in near or info.slug in clustered}
    listed: dict[tuple[str, str], EmbeddingInfo | None] = {**parts}
    listed |= {(info.part, info.representation): None for info in known.values() if info.embedding is None}
    at = {key: number for number, key in enumerate(listed)}
    by = {each.name: number for number, each in enumerate(clusterers)}
    names = {name: number for number, name in enumerate(method.name for method in methods)}
    return {
        "title": manifest.dataset.title,
        "base": "" if one is page_of else f"../{one.folder}/",
        "study": f"data/{one.data.study.file}",
        "methods": [_described(method) for method in methods],
        "clusterers": [_described(each) for each in clusterers],
        "parameters": {
            axis.name: {"word": word(axis), "start": plain(axis.start)}
            for axis in manifest.axes_of([*methods, *clusterers])
        },
        "parts": [
            {
                "slug": slug,
                "near": near.get(slug),
                "representation": representation,
                "method": None if info is None else names[info.method],
                "values": [] if info is None else _values(methods[names[info.method]], info.parameters),
            }
            for (slug, representation), info in listed.items()
        ],
        "settings": {
            slug: (
                at[info.part, info.representation],
                by[info.clusterer],
                *_values(clusterers[by[info.clusterer]], info.parameters),
            )
            for slug, info in known.items()
        },
    }


def _described(entry: MethodInfo | ClustererInfo) -> dict[str, Any]:
    return {"name": entry.name, "label": entry.label, "parameters": entry.parameters}


def _values(entry: MethodInfo | ClustererInfo, parameters: Mapping[str, float]) -> list[Any]:
    return [plain(float(parameters[name])) for name in entry.parameters]


def _clustered(study: StudySite) -> set[str]:
    """Names of the methods whose maps are clustered; where no map could be, of those that can be set to anything."""
    manifest = study.manifest
    maps = {info.embedding for info in settings(study).values()}
    return {one.method for one in manifest.embeddings if one.slug in maps} or {
        one.name for one in manifest.methods if one.parameters
    }


def _side(name: str, study: StudySite) -> Side:
    own = flat(study.manifest, settings(study)[start(study)[name]])
    controls = [
        replace(one, name=f"{one.name}-{name}", value=_written(own.get(one.name, one.value)))
        for one in _controls(study)
    ]
    studies = [Option(one.folder, one.manifest.dataset.title) for one in (study, *study.peers)]
    sliders = [one for one in controls if not one.options]
    choices = [one for one in controls if one.name.removesuffix(f"-{name}") in CHOICES and _chosen(one)]
    return Side(name, sliders, choices, studies)


def _chosen(control: Control) -> bool:
    """Whether there is anything to choose."""
    return len(control.options) > 1


def _written(value: float | str) -> str:
    return value if isinstance(value, str) else number_slug(value)


def _controls(study: StudySite) -> list[Control]:
    """The controls of a study, with what other studies over the same samples have beside."""
    found: dict[str, Control] = {}
    for control in (control for one in (study, *study.peers) for control in one.controls):
        known = found.setdefault(control.name, control)
        values = {option.value for option in known.options}
        more = tuple(option for option in control.options if option.value not in values)
        found[control.name] = replace(known, options=(*known.options, *more))
    return list(found.values())
