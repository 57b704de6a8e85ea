"""The page that compares two settings: what its template shows, and what its scripts know of the settings there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from precompute.store import ClustererInfo, EmbeddingInfo, MethodInfo, number_slug
from site_templates import nearest, words
from site_templates.charts.controls import Control, Option
from site_templates.data.choices import State, maps, plain, values
from site_templates.data.chunk import chunk
from site_templates.pages.filmstrip import FRAME, film
from site_templates.study import Page, PageContent, StudySite

PICTURES = 36
"""Pictures of a list that show before "more" is asked for."""


CHOICES = ("representation", "method", "clusterer", "space")
"""What tells settings apart beside their parameters: names of controls, and keys of a state."""


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
        "sides": [_side(name, study, first[name]) for name in ("a", "b")],
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
    """The pair that the page starts with: the explorer's start as B, and as A the lowest value of its first parameter.

    That is the method's; where all maps have one value of it, the clusterer's; where there is one of that, too, any
    other setting, in the same space if there is one. Missing settings are passed over. Both sides are the same only
    where there is one setting in all.
    """
    known, manifest = settings(study), study.manifest
    on_maps = {slug: one for slug, one in known.items() if one["space"] == "map"} or known
    b = _nearest(on_maps, study.start)
    own = known[b]
    of_map = _parameters(manifest.methods, own.get("method"))
    of_clusters = _parameters(manifest.clusterers, own["clusterer"])
    like = [one for one in on_maps.values() if _same(one, own, ("representation", "method", "clusterer"))]
    # the explorer's values, though the map of B may lack them
    wanted = {**own, **{name: study.start[name] for name in of_clusters}}
    here = [one for one in like if _same(one, own, of_map)]
    for name, among in (*((name, like) for name in of_map[:1]), *((name, here) for name in of_clusters[:1])):
        found = sorted(float(one[name]) for one in among)
        if found[0] != found[-1]:
            other = found[0] if found[0] != own[name] else found[-1]
            return {"a": _nearest(on_maps, {**wanted, name: other}), "b": b}
    others = {slug: one for slug, one in known.items() if slug != b}
    return {"a": _nearest(others, own) if others else b, "b": b}


def settings(study: StudySite) -> Mapping[str, State]:
    """Settings that the page can show, as states by slug."""
    return study.states


def _parameters(entries: Sequence[MethodInfo | ClustererInfo], name: object) -> list[str]:
    return next((one.parameters for one in entries if one.name == name), [])


def _same(one: State, other: State, names: Sequence[str]) -> bool:
    return all(one.get(name) == other.get(name) for name in names)


def _nearest(known: Mapping[str, State], wanted: State) -> str:
    """Slug of the state nearest to a wanted one."""
    names = [name for name in wanted if name not in (*CHOICES, "color")]
    found = nearest.state(known.values(), wanted, names)
    return next(slug for slug, one in known.items() if one is found)


def _study(page_of: StudySite, one: StudySite) -> dict[str, Any]:
    """What the scripts know of a study before they load it; addresses of its files are relative to its folder.

    A part is a map, or the features: what is clustered. A setting is the number of its part, that of its clusterer, and
    the values of the clusterer's parameters.
    """
    manifest, stated = one.manifest, settings(one)
    used, clusterers = words.methods(manifest), manifest.clusterers
    shown: dict[tuple[str, str], EmbeddingInfo | None] = {
        (info.slug, info.representation): info for info in maps(manifest)
    }
    known = [info for info in manifest.settings if info.slug in stated]
    shown |= {(info.part, info.representation): None for info in known if info.embedding is None}
    at = {key: number for number, key in enumerate(shown)}
    by = [each.name for each in clusterers]
    near = {slug: (each.name, f"data/{each.file}") for slug, each in one.neighborhoods.chunks.items()}
    return {
        "title": manifest.dataset.title,
        "base": "" if one is page_of else f"../{one.folder}/",
        "study": f"data/{one.data.study.file}",
        "methods": [_described(each) for each in used],
        "clusterers": [_described(each) for each in clusterers],
        "parameters": {
            axis.name: {"word": words.of_axis(axis), "start": plain(axis.start)}
            | ({} if axis.implied is None else {"implied": plain(axis.implied)})
            for axis in manifest.axes_of([*used, *clusterers])
        },
        "parts": [_part(*key, info, used, near.get(key[0])) for key, info in shown.items()],
        "settings": {
            info.slug: (
                at[info.part, info.representation],
                by.index(info.clusterer),
                *map(plain, values(info, clusterers[by.index(info.clusterer)])),
            )
            for info in known
        },
    }


def _described(entry: MethodInfo | ClustererInfo) -> dict[str, Any]:
    return {"name": entry.name, "label": entry.label, "parameters": entry.parameters}


def _part(
    slug: str,
    representation: str,
    info: EmbeddingInfo | None,
    used: Sequence[MethodInfo],
    near: tuple[str, str] | None,
) -> dict[str, Any]:
    """A map, or the features where `info` is None; `near` names the script that says who is next to whom in it."""
    part: dict[str, Any] = {"slug": slug, "representation": representation, "near": near}
    if info is None:
        return part
    method = next(number for number, one in enumerate(used) if one.name == info.method)
    return {**part, "method": method, "values": [plain(value) for value in values(info, used[method])]}


def _side(name: str, study: StudySite, slug: str) -> Side:
    own = settings(study)[slug]
    controls = [
        replace(
            one,
            name=f"{one.name}-{name}",
            value=_written(own.get(one.name, one.value)),
            active=one.name in own or bool(one.options),
        )
        for one in _controls(study)
    ]
    studies = [Option(one.folder, one.manifest.dataset.title) for one in (study, *study.peers)]
    sliders = [one for one in controls if not one.options]
    choices = [one for one in controls if one.name.removesuffix(f"-{name}") in CHOICES and len(one.options) > 1]
    return Side(name, sliders, choices, studies)


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
