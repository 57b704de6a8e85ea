"""Choices: what a reader can choose of a study, as states of its pages.

A *state* is flat, as addresses and the pages' scripts have it (static/core/state.js): representation, method, one key a
parameter, clusterer, space. Which methods, clusterers and parameters there are stands in the manifest; here none is
named.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from precompute.store import FEATURES, ClustererInfo, EmbeddingInfo, Manifest, MethodInfo, SettingInfo
from site_templates import nearest, words
from site_templates.addresses import explorer_state

SPACES = (("map", "the map"), ("features", "the features"))

State = nearest.State


def plain(value: float | str | None) -> Any:
    """35.0 is written 35, in data, widgets and addresses."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


@dataclass(frozen=True)
class Pair:
    """A method with a clusterer, over one representation: what one heat map is about."""

    representation: str
    method: MethodInfo
    clusterer: ClustererInfo

    @property
    def slug(self) -> str:
        """Its name in those of data scripts."""
        return f"{self.representation}-{self.method.name}-{self.clusterer.name}"


E = TypeVar("E", MethodInfo, ClustererInfo)
V = TypeVar("V", EmbeddingInfo, SettingInfo)


def offered(manifest: Manifest) -> Manifest:
    """The manifest without axes that offer no choice: those whose one value is the implied one, which no slug names."""
    idle = {axis.name for axis in manifest.axes if axis.values == [axis.implied]}
    replace = msgspec.structs.replace

    def of_entry(one: E) -> E:
        return replace(one, parameters=[name for name in one.parameters if name not in idle])

    def of_values(one: V) -> V:
        return replace(one, parameters={name: value for name, value in one.parameters.items() if name not in idle})

    return replace(
        manifest,
        axes=[axis for axis in manifest.axes if axis.name not in idle],
        methods=[of_entry(one) for one in manifest.methods],
        clusterers=[of_entry(one) for one in manifest.clusterers],
        embeddings=[of_values(one) for one in manifest.embeddings],
        settings=[of_values(one) for one in manifest.settings],
        failed=[(one.embedding and replace(one, embedding=of_values(one.embedding))) or one for one in manifest.failed],
    )


def pairs(manifest: Manifest) -> list[Pair]:
    """All pairs that a study has."""
    return [
        Pair(representation.name, method, clusterer)
        for representation in manifest.representations
        for method in words.methods(manifest)
        for clusterer in manifest.clusterers
    ]


def maps(manifest: Manifest) -> list[EmbeddingInfo]:
    """The maps to choose from, of all methods."""
    names = {one.name for one in words.methods(manifest)}
    return [one for one in manifest.embeddings if one.method in names]


def clusterers_on(manifest: Manifest, info: EmbeddingInfo | None = None) -> list[str]:
    """Names of the clusterers that a map was clustered by, or the features.

    Args:
        manifest: of the study.
        info: the map; None: the features. One that could not be computed would have those of its method's others.
    """
    by: dict[str, set[str]] = {}
    for one in manifest.settings:
        by.setdefault(one.part, set()).add(one.clusterer)
    own = by.get(FEATURES if info is None else info.slug, set())
    if info is not None and info not in manifest.embeddings:
        alike = [by.get(one.slug, set()) for one in manifest.embeddings if one.method == info.method]
        own = set().union(*alike) or {one.name for one in manifest.clusterers}
    return [one.name for one in manifest.clusterers if one.name in own]


def lost(manifest: Manifest) -> list[EmbeddingInfo]:
    """The maps to choose from that could not be computed."""
    names = {one.name for one in words.methods(manifest)}
    return [one.embedding for one in manifest.failed if one.embedding and one.embedding.method in names]


def combinations(manifest: Manifest, names: Sequence[str]) -> list[tuple[float, ...]]:
    """All combinations of the values of some parameters, the last one's varying fastest; one, empty, of none."""
    return list(itertools.product(*(manifest.axis(name) for name in names)))


def values(of: EmbeddingInfo | SettingInfo, entry: MethodInfo | ClustererInfo) -> tuple[float, ...]:
    """A map's or setting's values of its method's or clusterer's parameters, in the order of these."""
    return tuple(of.parameters[name] for name in entry.parameters)


def states(manifest: Manifest) -> dict[str, State]:
    """The settings that the pages can show, by slug; a state of the features has no method and no parameter of one.

    Those are the computed ones on maps that were computed, and those in the features. Whatever is picked to be shown
    or linked to is picked among these.
    """
    known = {one.slug: one for one in maps(manifest)}
    found: dict[str, State] = {}
    for one in manifest.settings:
        if one.embedding is not None and one.embedding not in known:
            continue
        own = known.get(one.embedding or "")
        of_map: State = {} if own is None else {"method": own.method, **own.parameters}
        found[one.slug] = {
            "representation": one.representation,
            **of_map,
            "clusterer": one.clusterer,
            **one.parameters,
            "space": one.space,
        }
    return found


def nearest_setting(manifest: Manifest, wanted: State) -> State:
    """The state of the setting nearest to a wanted one that can be shown, its map first, then what clusters it.

    What is not wanted is as at the start of each choice. A clustering of the features has the map that it is drawn on.
    Where nothing can be shown, it is the grid's nearest, of which the page then says why.
    """
    full = {**_defaults(manifest), **wanted}
    method, clusterer = (
        next(one for one in entries if one.name == full[kind]).parameters
        for kind, entries in (("method", manifest.methods), ("clusterer", manifest.clusterers))
    )
    on_grid = {name: nearest.value(manifest.axis(name), float(full[name])) for name in (*method, *clusterer)}
    names = [axis.name for axis in manifest.axes]
    order = [*(name for name in names if name not in clusterer), *clusterer]
    known = list(states(manifest).values())
    if not known:
        return {**full, **on_grid}
    # one that was asked for is kept before all others
    first = [key for key in nearest.WORDS if key in wanted and key != "space"]
    found = nearest.state(known, full, order, first)
    if found["space"] == "map":
        return {**full, **found}
    drawn: list[State] = [
        {"representation": one.representation, "method": one.method, **one.parameters} for one in maps(manifest)
    ]
    place = nearest.state(drawn, {**full, **found}, order) if drawn else on_grid
    return {**full, **place, **found}


def start(manifest: Manifest) -> State:
    """Where the pages start: where each parameter starts, or the nearest that can be shown, in the features if on no
    map; a value of every parameter of the study."""
    return {**nearest_setting(manifest, {}), "color": "cluster", "beside": words.PCA}


def address(manifest: Manifest, at: State, first: State) -> str:
    """What follows # in the address of the explorer at a state; what the state does not say is as at the start.

    Args:
        manifest: of the study.
        at: the state.
        first: that at the start, see `start`.
    """
    whole = {**first, **at}
    method = next(one for one in manifest.methods if one.name == whole["method"])
    clusterer = next(one for one in manifest.clusterers if one.name == whole["clusterer"])
    return explorer_state(whole, first, method.parameters, clusterer.parameters)


def _defaults(manifest: Manifest) -> dict[str, float | str]:
    """The state in which each choice is where it starts, whether it can be shown or not.

    A method of which something can be shown comes first, then one with parameters: there is more to see of it.
    """
    shown = {one.get("method") for one in states(manifest).values()}
    method = min(
        words.methods(manifest) or manifest.methods[:1], key=lambda one: (one.name not in shown, not one.parameters)
    )
    return {
        "representation": manifest.representations[0].name,
        "method": method.name,
        **{axis.name: axis.start for axis in manifest.axes},
        "clusterer": manifest.clusterers[0].name,
        "space": "map",
    }
