"""Words for maps and settings, made from what the manifest says of methods, clusterers and their parameters.

The pages' scripts put the same together in static/core/choices.js, of the words that they are given;
tests/browser/test_everything.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from precompute.store import FEATURES, Axis, EmbeddingInfo, Manifest, MethodInfo, SettingInfo, number_slug

PCA = "pca"
"""The map that every study has, and that stands beside others at first."""


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "PCA, t-SNE and K-Means"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def used(manifest: Manifest) -> str:
    """The methods and clusterers of a study: "PCA, t-SNE and K-Means"."""
    return listed([*(one.label for one in manifest.methods), *(one.label for one in manifest.clusterers)])


def methods(manifest: Manifest) -> list[MethodInfo]:
    """The methods to choose from: those whose maps are clustered, or would be if one could have been computed.

    A method without parameters may only be there for its map to be shown beside others.
    """
    clustered = {one.embedding for one in manifest.settings}
    used = {one.method for one in manifest.embeddings if one.slug in clustered}
    used |= {one.embedding.method for one in manifest.failed if one.embedding}
    return [one for one in manifest.methods if one.parameters or one.name in used]


def of_axis(axis: Axis) -> str:
    """A parameter in a sentence: its label, or its name where the label has that as one of its words.

    "perplexity", "k" of the label "Clusters k", "neighbours", "min cluster size".
    """
    if axis.name.casefold() in axis.label.casefold().split():
        return axis.name
    # an abbreviation keeps its first letter
    return axis.label if axis.label[:2].isupper() else axis.label[:1].lower() + axis.label[1:]


def word(manifest: Manifest, name: str) -> str:
    """A parameter of a study in a sentence, see `of_axis`."""
    return next(of_axis(axis) for axis in manifest.axes if axis.name == name)


def values(manifest: Manifest, parameters: Mapping[str, float]) -> str:
    """Parameters with their values in the order of the axes: "perplexity 30", "neighbours 15, min distance 0.5".

    Those at the value that slugs leave out are left out; "" where there are no others.
    """
    return ", ".join(f"{of_axis(axis)} {number_slug(value)}" for axis, value in _said(manifest, parameters))


def _said(manifest: Manifest, parameters: Mapping[str, float]) -> list[tuple[Axis, float]]:
    """Parameters in the order of the axes, without those at the value that slugs leave out."""
    return [
        (axis, parameters[axis.name])
        for axis in manifest.axes
        if axis.name in parameters and parameters[axis.name] != axis.implied
    ]


def method(manifest: Manifest, name: str) -> str:
    """A method as readers know it."""
    return next((one.label for one in manifest.methods if one.name == name), name)


def clusterer(manifest: Manifest, name: str) -> str:
    """A clusterer as readers know it."""
    return next((one.label for one in manifest.clusterers if one.name == name), name)


def map_name(manifest: Manifest, info: EmbeddingInfo) -> str:
    """A map by its method: "t-SNE map"."""
    return f"{method(manifest, info.method)} map"


def map_at(manifest: Manifest, info: EmbeddingInfo) -> str:
    """A map with its parameters: "t-SNE map at perplexity 30"."""
    at = values(manifest, info.parameters)
    return f"{map_name(manifest, info)}{f' at {at}' if at else ''}"


def besides(manifest: Manifest) -> dict[str, str]:
    """The maps that can stand beside another, by slug, the PCA map first: "PCA", "t-SNE, perplexity 30"."""
    maps = sorted(manifest.embeddings, key=lambda one: one.slug != PCA)
    return {one.slug: _parts(method(manifest, one.method), values(manifest, one.parameters)) for one in maps}


def _parts(*texts: str) -> str:
    return ", ".join(filter(None, texts))


def clustering(manifest: Manifest, setting: SettingInfo) -> str:
    """A clusterer with its parameters: "k 10", "Ward, k 10"; its name only where the study has several."""
    at = values(manifest, setting.parameters)
    named = clusterer(manifest, setting.clusterer) if len(manifest.clusterers) > 1 or not at else ""
    return _parts(named, at)


def setting(manifest: Manifest, info: SettingInfo) -> str:
    """A setting: "perplexity 30, k 10", "k 10, in the features"; a method or clusterer is named where others are."""
    at = manifest.map_of(info)
    if at is None:
        return f"{clustering(manifest, info)}, in the {FEATURES}"
    own = values(manifest, at.parameters)
    named = method(manifest, at.method) if len(methods(manifest)) > 1 or not own else ""
    return _parts(named, own, clustering(manifest, info))


def meaning(manifest: Manifest, info: EmbeddingInfo) -> str:
    """What a map's parameters mean: "perplexity 30: about how many …"; "" where it has none."""
    return "; ".join(
        f"{of_axis(axis)} {number_slug(value)}: {axis.meaning[0].lower()}{axis.meaning[1:].rstrip('.')}"
        for axis, value in _said(manifest, info.parameters)
    )


@dataclass(frozen=True)
class Caution:
    """What a reader must know of a method's maps that a clusterer ran on."""

    method: str
    clusterer: str
    text: str


CAUTIONS: Sequence[Caution] = (
    Caution(
        "tsne",
        "hdbscan",
        "t-SNE evens out densities, so what HDBSCAN finds on its maps is what the map made, more than what the data "
        "have.",
    ),
)
"""Pairs of a method and a clusterer that need a word."""


def cautions(manifest: Manifest) -> list[dict[str, str]]:
    """Those of the study's methods and clusterers, as data of its pages."""
    own = {one.name for one in (*manifest.methods, *manifest.clusterers)}
    return [asdict(one) for one in CAUTIONS if {one.method, one.clusterer} <= own]


def caution(manifest: Manifest, setting: SettingInfo) -> str:
    """What a reader must know of a setting; "" where there is nothing."""
    at = manifest.map_of(setting)
    own = (at.method, setting.clusterer) if at else None
    return next((one.text for one in CAUTIONS if (one.method, one.clusterer) == own), "")


def share(value: float) -> str:
    """A share in words: "71.6 %"; all and nothing only where it is that exactly."""
    text = f"{100 * value:.1f}"
    if text == "100.0" and value < 1:
        text = "99.9"
    return f"{text} %"
