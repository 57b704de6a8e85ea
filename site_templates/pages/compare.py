"""The page that compares two settings: what its template shows, and what its scripts know of the settings there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from precompute.store import number_slug
from site_templates.charts.controls import Control, Option, plain
from site_templates.data.chunk import chunk
from site_templates.data.explorer import showable
from site_templates.pages.filmstrip import FRAME, film
from site_templates.study import Page, PageContent, StudySite

PICTURES = 36
"""Pictures of a list that show before "more" is asked for."""


@dataclass(frozen=True)
class Side:
    """One side of the comparison: "a" or "b", its sliders and choices, and the studies it may show."""

    name: str
    sliders: Sequence[Control]
    space: Control
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
        "start": {**first, "perplexity": study.start["perplexity"]},
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
    """The pair that the page starts with: the lowest perplexity against the explorer's start, both at its k.

    Holes of the grid are passed over. Where all maps have one perplexity, A has the lowest k; where there is one k,
    too, the clusters of the features. Both sides are the same only where there is one setting in all.
    """
    known = settings(study)
    k, perplexity = int(study.start["k"]), float(study.start["perplexity"])
    maps = {slug: one for slug, one in known.items() if one[2] == "map"} or known

    def at(perplexity: float, k: float) -> str:
        return min(maps, key=lambda slug: (abs((maps[slug][0] or 0) - perplexity), abs(maps[slug][1] - k), slug))

    b = at(perplexity, k)
    own, own_k, _ = known[b]
    perplexities = [value for value, *_ in maps.values() if value is not None]
    ks = [one[1] for one in maps.values() if one[0] == own]
    if own is not None and min(perplexities) != max(perplexities):
        a = at(min(perplexities) if min(perplexities) != own else max(perplexities), k)
    elif min(ks) != max(ks):
        a = at(own or 0, min(ks) if min(ks) != own_k else max(ks))
    else:
        a = min((slug for slug in known if slug != b), key=lambda slug: (abs(known[slug][1] - own_k), slug), default=b)
    return {"a": a, "b": b}


def settings(study: StudySite) -> dict[str, tuple[float | None, int, str]]:
    """Settings that the page can show, by slug: perplexity (None in the features), k, and the space clustered."""
    return showable(study.manifest)


def _study(page_of: StudySite, one: StudySite) -> dict[str, Any]:
    """What the scripts know of a study before they load it; addresses of its files are relative to its folder."""
    near = one.neighborhoods.chunks
    # a side needs a map to be drawn on; where there is none, the page says why
    drawn = [value for value in one.axes["perplexity"] if number_slug(value) in near] or one.axes["perplexity"]
    return {
        "title": one.manifest.dataset.title,
        "base": "" if one is page_of else f"../{one.folder}/",
        "study": f"data/{one.data.study.file}",
        "perplexities": drawn,
        "ks": one.axes["k"],
        "settings": {
            slug: (None if perplexity is None else plain(perplexity), k, space)
            for slug, (perplexity, k, space) in settings(one).items()
        },
        "near": {key: (each.name, f"data/{each.file}") for key, each in near.items()},
    }


def _side(name: str, study: StudySite) -> Side:
    known = {one.name: replace(one, name=f"{one.name}-{name}") for one in study.controls}
    first = settings(study)[start(study)[name]]
    perplexity = replace(known["perplexity"], value=number_slug(first[0]) if first[0] is not None else "")
    studies = [Option(one.folder, one.manifest.dataset.title) for one in (study, *study.peers)]
    return Side(name, (perplexity, replace(known["k"], value=first[1])), known["space"], studies)
