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
from site_templates.pages.filmstrip import FRAME, filmstrip
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
    strip = filmstrip(study)
    near = study.neighborhoods
    first = start(study)
    content = {
        "own": study.folder,
        "n": info.n,
        "labelled": study.labelled,
        "start": first,
        "neighbors": near.count,
        "more": PICTURES,
        "studies": {each.folder: _study(study, each) for each in (study, *study.peers)},
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
        "color": next((each for each in study.controls if each.name == "color"), None),
        "measures": [
            Measure(each.name, each.label, each.meaning) for each in study.manifest.metrics if each.name != "iterations"
        ],
        "filmstrip": strip,
        "frame": FRAME,
        "scripts": [f"data/{study.data.study.file}", f"data/{own.file}"],
    }
    files = {f"data/{each.file}": each.data for each in (own, *near.chunks.values())}
    return PageContent(variables, files | strip.files)


def start(study: StudySite) -> dict[str, str]:
    """The pair that the page starts with: the explorer's start as B, and as A the lowest value of its first parameter.

    That is the method's; where all maps have one value of it, the clusterer's; where there is one of that, too, any
    other setting, in the same space if there is one. Missing settings are passed over. Both sides are the same only
    where there is one setting in all.
    """
    known, manifest = settings(study), study.manifest
    on_maps = {slug: state for slug, state in known.items() if state["space"] == "map"} or known
    b = _nearest(on_maps, study.start)
    own = known[b]
    of_map = _parameters(manifest.methods, own.get("method"))
    of_clusters = _parameters(manifest.clusterers, own["clusterer"])
    like = [state for state in on_maps.values() if _same(state, own, ("representation", "method", "clusterer"))]
    # the explorer's values, though the map of B may lack them
    wanted = {**own, **{name: study.start[name] for name in of_clusters}}
    here = [state for state in like if _same(state, own, of_map)]
    for name, among in (*((name, like) for name in of_map[:1]), *((name, here) for name in of_clusters[:1])):
        numbers = sorted(float(state[name]) for state in among)
        if numbers[0] != numbers[-1]:
            other = numbers[0] if numbers[0] != own[name] else numbers[-1]
            return {"a": _nearest(on_maps, {**wanted, name: other}), "b": b}
    others = {slug: state for slug, state in known.items() if slug != b}
    return {"a": _nearest(others, own) if others else b, "b": b}


def settings(study: StudySite) -> Mapping[str, State]:
    """Settings that the page can show, as states by slug."""
    return study.states


def _parameters(entries: Sequence[MethodInfo | ClustererInfo], name: object) -> list[str]:
    return next((entry.parameters for entry in entries if entry.name == name), [])


def _same(state: State, other: State, names: Sequence[str]) -> bool:
    return all(state.get(name) == other.get(name) for name in names)


def _nearest(known: Mapping[str, State], wanted: State) -> str:
    """Slug of the state nearest to a wanted one."""
    names = [name for name in wanted if name not in (*CHOICES, "color")]
    closest = nearest.state(known.values(), wanted, names)
    return next(slug for slug, state in known.items() if state is closest)


def _study(page_of: StudySite, study: StudySite) -> dict[str, Any]:
    """What the scripts know of a study before they load it; addresses of its files are relative to its folder.

    A part is a map, or the features: what is clustered. A setting is the number of its part, that of its clusterer, and
    the values of the clusterer's parameters.
    """
    manifest, stated = study.manifest, settings(study)
    used, clusterers = words.methods(manifest), manifest.clusterers
    shown: dict[tuple[str, str], EmbeddingInfo | None] = {
        (info.slug, info.representation): info for info in maps(manifest)
    }
    known = [info for info in manifest.settings if info.slug in stated]
    shown |= {(info.part, info.representation): None for info in known if info.embedding is None}
    at = {key: number for number, key in enumerate(shown)}
    by = [each.name for each in clusterers]
    near = {slug: (each.name, f"data/{each.file}") for slug, each in study.neighborhoods.chunks.items()}
    return {
        "title": manifest.dataset.title,
        "base": "" if study is page_of else f"../{study.folder}/",
        "study": f"data/{study.data.study.file}",
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
    method = next(number for number, entry in enumerate(used) if entry.name == info.method)
    return {**part, "method": method, "values": [plain(value) for value in values(info, used[method])]}


def _side(name: str, study: StudySite, slug: str) -> Side:
    own = settings(study)[slug]
    controls = [
        replace(
            control,
            name=f"{control.name}-{name}",
            value=_written(own.get(control.name, control.value)),
            active=control.name in own or bool(control.options),
        )
        for control in _controls(study)
    ]
    studies = [Option(each.folder, each.manifest.dataset.title) for each in (study, *study.peers)]
    sliders = [control for control in controls if not control.options]
    choices = [
        control for control in controls if control.name.removesuffix(f"-{name}") in CHOICES and len(control.options) > 1
    ]
    return Side(name, sliders, choices, studies)


def _written(value: float | str) -> str:
    return value if isinstance(value, str) else number_slug(value)


def _controls(study: StudySite) -> list[Control]:
    """The controls of a study, with what other studies over the same samples have beside."""
    controls: dict[str, Control] = {}
    for control in (control for each in (study, *study.peers) for control in each.controls):
        known = controls.setdefault(control.name, control)
        values = {option.value for option in known.options}
        more = tuple(option for option in control.options if option.value not in values)
        controls[control.name] = replace(known, options=(*known.options, *more))
    return list(controls.values())
