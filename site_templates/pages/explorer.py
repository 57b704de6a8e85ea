"""The explorer's page: what its template shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from precompute.store import ClustererInfo, Manifest, MethodInfo, MetricInfo, number_slug
from site_templates import words
from site_templates.data.choices import address, nearest_setting, start
from site_templates.insights import number
from site_templates.pages.setting import preview
from site_templates.study import Fact, Page, PageContent, Preview, StudySite
from site_templates.views import SettingView


@dataclass(frozen=True)
class StudyHead:
    """What the explorer's page says of its data set."""

    title: str
    description: str
    source: str
    licence: str
    n: int
    features: int
    labelled: bool
    pictures: bool


@dataclass(frozen=True)
class MetricText:
    """A measure as a reader needs it; `range` in words."""

    name: str
    label: str
    meaning: str
    range: str
    better: str | None


@dataclass(frozen=True)
class Link:
    """A link to a setting of this page."""

    address: str
    text: str


@dataclass(frozen=True)
class Pitfall:
    """Something that readers of such maps get wrong, and settings of this gallery that show it."""

    title: str
    text: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Entry:
    """A method or a clusterer as the page names it.

    Attributes:
        name, label: of it.
        shown: whether it is chosen at the start.
        step: its first parameter, in a sentence.
        meaning: what its parameters are, a sentence each.
        counted: whether a parameter of it says how many clusters there are.
    """

    name: str
    label: str
    shown: bool
    step: str
    meaning: str
    counted: bool = False


@dataclass(frozen=True)
class Names:
    """Labels in sentences: of the methods, the clusterers, the methods that start from principal components, and the
    map at the start."""

    methods: str
    clusterers: str
    reduced: str
    map: str


@dataclass(frozen=True)
class Start:
    """The figures of the start setting, for readers without JavaScript."""

    label: str
    rows: tuple[Fact, ...]


def page(study: StudySite) -> PageContent:
    """The page's variables, and the data scripts that it needs."""
    info = study.manifest.dataset
    baseline = next((one for one in study.gallery.values() if one.manifest.dataset.null_of == study.folder), None)
    origin = study.gallery.get(info.null_of or "")
    variables = {
        "baseline": None if baseline is None else f"../{baseline.folder}/index.html",
        "origin": None if origin is None else Link(f"../{origin.folder}/index.html", origin.manifest.dataset.title),
        "page": Page(
            f"{info.title} – every clustering",
            info.description,
            study.address,
            start_preview(study),
        ),
        "study": StudyHead(
            info.title,
            info.description,
            info.source,
            info.license,
            info.n,
            info.dimensions,
            study.labelled,
            info.image is not None,
        ),
        "controls": study.controls,
        **_named(study),
        "noisy": any(one.noise for one in study.manifest.clusterers),
        "metrics": [_metric_text(metric) for metric in study.manifest.metrics],
        "neighbors": int(study.manifest.parameters["neighbors"]),
        "variance": study.charts.variance,
        "pitfalls": pitfalls(study.manifest, study.labelled),
        "start": _start(study.manifest, study.first),
        "scripts": [f"data/{study.data.study.file}"],
    }
    files = {f"data/{chunk.file}": chunk.data for chunk in (study.data.study, *study.data.others)}
    files |= {f"charts/{chunk.file}": chunk.data for chunk in study.data.charts}
    return PageContent(variables, files)


def _named(study: StudySite) -> dict[str, Any]:
    """What the page's sentences say of methods, clusterers and parameters."""
    manifest = study.manifest
    of_maps, of_clusters = words.methods(manifest), manifest.clusterers

    def entry(kind: str, one: MethodInfo | ClustererInfo, counted: bool = False) -> Entry:
        step = words.word(manifest, one.parameters[0]) if one.parameters else one.label
        meanings = [f"{axis.label}: {axis.meaning[0].lower()}{axis.meaning[1:]}" for axis in manifest.axes_of([one])]
        return Entry(one.name, one.label, study.start[kind] == one.name, step, " ".join(meanings), counted)

    labels = [one.label for one in of_maps]
    shown = next((one.label for one in of_maps if one.name == study.start["method"]), "")
    reduced = [one.label for one in of_maps if one.parameters] or ["a map is made"]
    clusterers = words.listed([one.label for one in of_clusters])
    return {
        "methods": [entry("method", one) for one in of_maps],
        "clusterers": [entry("clusterer", one, study.counts[one.name] is not None) for one in of_clusters],
        "names": Names(words.listed(labels), clusterers, words.listed(reduced), f"{shown} map"),
    }


def start_preview(study: StudySite) -> Preview | None:
    """The card of the setting at which the explorer starts."""
    alt = f"{_named(study)['names'].map} of {study.manifest.dataset.title}, coloured by cluster"
    return preview(study, study.first.slug if study.first else None, alt)


def _metric_text(metric: MetricInfo) -> MetricText:
    bounds = [None if bound is None else number_slug(bound).replace("-", "−") for bound in (metric.lower, metric.upper)]
    low, high = bounds
    words = f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}" if high else ""
    return MetricText(metric.name, metric.label, metric.meaning, words, metric.better)


def _start(manifest: Manifest, first: SettingView | None) -> Start:
    if first is None:
        return Start("the start setting, which could not be computed", ())
    rows = [
        Fact(metric.label, number(first.metrics[metric.name], metric.decimals))
        for metric in manifest.metrics
        if metric.name in first.metrics
    ]
    return Start(first.slug, (Fact("Clusters", str(first.count)), *rows))


@dataclass(frozen=True)
class _Example:
    """A setting that shows a pitfall; where the study has not this one, the nearest. "{}" in its text stands for the
    value of a parameter, "{perplexity}"."""

    text: str
    at: Mapping[str, float | str]


@dataclass(frozen=True)
class _Known:
    """A known pitfall.

    Attributes:
        title, text: what to know.
        method, clusterer: of which it is one, None of any; a study without these does not show it.
        labelled: whether it is one of labelled data alone.
        examples: settings that show it.
    """

    title: str
    text: str
    examples: tuple[_Example, ...]
    method: str | None = None
    clusterer: str | None = None
    labelled: bool = False


def _at_perplexity(value: float, k: float) -> _Example:
    return _Example("perplexity {perplexity}", {"perplexity": value, "k": k})


PITFALLS: Sequence[_Known] = (
    _Known(
        "The size of a group means little",
        "t-SNE spreads dense groups out and pulls loose ones together, so a large patch is no more "
        "varied than a small one.",
        (_at_perplexity(5, 10), _at_perplexity(50, 10)),
        method="tsne",
    ),
    _Known(
        "The distance between groups means little",
        "Only nearness inside a group is kept. Two groups that lie far apart on one map may touch on the next.",
        (_at_perplexity(10, 10), _at_perplexity(40, 10)),
        method="tsne",
    ),
    _Known(
        "Shapes can be made of nothing",
        "At a low perplexity every sample looks at a few neighbours, and even noise falls into clumps and strings. "
        "Believe what stays over many perplexities.",
        (_at_perplexity(5, 15), _at_perplexity(30, 15)),
        method="tsne",
    ),
    _Known(
        "Clusters on a map are clusters of the map",
        "K-Means on the map sees the map's distorted distances; its silhouette flatters. Cluster in the "
        "features to see what the data themselves give.",
        (
            _Example("on the map", {"perplexity": 30, "k": 10}),
            _Example("in the features", {"perplexity": 30, "k": 10, "space": "features"}),
        ),
        clusterer="kmeans",
    ),
    _Known(
        "Too few clusters make errors",
        "With fewer clusters than labels, some labels get no cluster and all their samples count as "
        "misclassified, however good the map is.",
        (_Example("k = {k}", {"perplexity": 30, "k": 3}), _Example("k = {k}", {"perplexity": 30, "k": 10})),
        clusterer="kmeans",
        labelled=True,
    ),
)
"""What readers get wrong of maps and clusterings: with `words.CAUTIONS`, all that knows methods and clusterers by name.

Source: M. Wattenberg, F. Viégas, I. Johnson, "How to Use t-SNE Effectively", Distill, 2016.
"""


def pitfalls(manifest: Manifest, labelled: bool) -> list[Pitfall]:
    """The known pitfalls of the study's methods and clusterers, with links to the nearest settings that it can show."""
    first = start(manifest)
    own = {one.name for one in (*words.methods(manifest), *manifest.clusterers)}

    def link(known: _Known, example: _Example) -> Link:
        entry = {"method": known.method, "clusterer": known.clusterer}
        wanted = {key: name for key, name in entry.items() if name is not None}
        at = nearest_setting(manifest, {**wanted, **example.at})
        values = {key: value if isinstance(value, str) else number_slug(value) for key, value in at.items()}
        return Link(address(manifest, at, first), example.text.format(**values))

    return [
        Pitfall(known.title, known.text, tuple(link(known, example) for example in known.examples))
        for known in PITFALLS
        if {known.method, known.clusterer} - {None} <= own and (labelled or not known.labelled)
    ]
