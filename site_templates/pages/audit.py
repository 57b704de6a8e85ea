"""The audit page: which samples the whole grid doubts and why, as a table to work through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from site_templates.data.audit import CLASSES, EXAMPLES, MOST_PAIRS, MOST_TWINS, content
from site_templates.data.chunk import chunk
from site_templates.images.sprites import sprite
from site_templates.study import Page, PageContent, StudySite
from site_templates.texts import shown

TOP = 36
"""Suspects in the table that needs no script."""
PAIRS = 12
"""Confusable pairs in the table at first; the page's script shows the others when asked."""


@dataclass(frozen=True)
class Choice:
    """An entry of a menu: its value in addresses, and its words."""

    name: str
    text: str


@dataclass(frozen=True)
class Queue(Choice):
    """Samples to go through, and the order in which they come unless another is asked for."""

    sort: str


@dataclass(frozen=True)
class Row:
    """A suspect in the plain table; figures as text, "–" where there is none. `picture` is a data URI or None, `named`
    the sample as addresses name it.
    """

    sample: int
    named: str
    id: str
    label: str
    suspicion: str
    clusters: str
    neighbors: str
    given: str
    picture: str | None


@dataclass(frozen=True)
class Pair:
    """Two labels of which the first was taken for the second; examples as addresses name them, with id and picture."""

    label: str
    given: str
    times: int
    counted: int
    samples: int
    examples: Sequence[tuple[str, str, str | None]]


def page(study: StudySite) -> PageContent:
    """The page's variables, and its own data script."""
    info = study.manifest.dataset
    table = study.view.study.tables["review"].sort_by("sample")
    rows = table.to_pydict()
    settings = max(rows["settings"], default=0)  # fewer of a sample that is noise in some
    pairs = study.view.study.tables["confusable"]
    queues, sorts = _queues(study, rows, settings), _sorts(study, settings)
    own = chunk(
        "audit",
        content(
            study.view,
            study.folder,
            table,
            settings,
            {one.name: one.sort for one in queues},
            [one.name for one in sorts],
        ),
    )
    parameters = study.manifest.parameters
    described = "what the whole grid says of each sample"
    variables = {
        "page": Page(
            f"Audit – {info.title}",
            f"{info.title}: {described}.",
            f"{study.address}audit.html" if study.address else None,
        ),
        "title": info.title,
        "n": info.n,
        "labelled": study.labelled,
        "labels": info.labels or [],
        "queues": queues,
        "sorts": sorts,
        "top": _top(study, rows),
        "pairs": _pairs(study),
        "pair_count": pairs.num_rows,
        "more_pairs": min(pairs.num_rows, MOST_PAIRS),
        "settings": settings,
        "suspicious": parameters.get("suspicious", 0.5),
        "neighbors": int(parameters["neighbors"]),
        "weighed": min(info.n - 1, int(parameters.get("audit_neighbors", parameters["neighbors"]))),
        "scripts": [f"data/{study.data.study.file}", f"data/{own.file}"],
    }
    return PageContent(variables, {f"data/{own.file}": own.data})


def _queues(study: StudySite, rows: Mapping[str, list[Any]], settings: int) -> list[Queue]:
    """What there is to go through."""
    first = "suspicion" if study.labelled else "distance"
    counts = {name: rows["class"].count(name) for name in CLASSES}
    pairs = study.view.study.tables["near_duplicates"].num_rows
    twins = f"{pairs:,} pair{'' if pairs == 1 else 's'}" + (f", the closest {MOST_TWINS:,} here" * (pairs > MOST_TWINS))
    classes = [
        Queue("suspect", f"suspect ({counts['suspect']:,})", first),
        # without a setting that counts nothing is known of the labels given, so that their entropy ranks nothing
        Queue("ambiguous", f"ambiguous ({counts['ambiguous']:,})", "entropy" if settings else first),
        Queue("core", f"core ({counts['core']:,})", first),
    ]
    return [
        Queue("all", f"all samples ({study.manifest.dataset.n:,})", first),
        *(classes if study.labelled else ()),
        Queue("outlier", f"outliers ({sum(rows['outlier']):,})", "distance"),
        Queue("duplicate", f"near-duplicates ({twins})", "twin"),
        Queue("marked", "marked by you", first),
    ]


def _sorts(study: StudySite, settings: int) -> list[Choice]:
    of_settings = [
        Choice("entropy", "entropy of what its clusters say"),
        Choice("stability", "stability, lowest first"),
    ]
    return [
        *([Choice("suspicion", "suspicion")] if study.labelled else ()),
        *(of_settings if study.labelled and settings else ()),
        Choice("distance", "distance to neighbours"),
        Choice("twin", "nearness of near-duplicates"),
        Choice("sample", "number"),
    ]


def _top(study: StudySite, rows: Mapping[str, list[Any]]) -> list[Row]:
    labels = study.view.labels
    if labels is None or not rows["sample"]:
        return []
    known = [at for at, value in enumerate(rows["suspicion"]) if value is not None]
    order = sorted(known, key=lambda at: (-rows["suspicion"][at], at))[:TOP]
    names = study.manifest.dataset.labels or []
    ids = study.view.samples["id"].tolist()
    return [
        Row(
            sample=at,
            named=study.named(at),
            id=shown(ids[at]),
            label=names[int(labels[at])],
            suspicion=_figure(rows["suspicion"][at]),
            clusters=_figure(rows["other_in_clusters"][at]),
            neighbors=_figure(rows["other_in_neighbors"][at]),
            given=", ".join(
                f"{names[label]} in {count:,}"
                for label, count in zip(rows["labels"][at], rows["counts"][at], strict=True)
            ),
            picture=_picture(study, at),
        )
        for at in order
    ]


def _pairs(study: StudySite) -> list[Pair]:
    names = study.manifest.dataset.labels or []
    ids = study.view.samples["id"].tolist()
    return [
        Pair(
            label=names[row["label"]],
            given=names[row["given"]],
            times=row["times"],
            counted=row["counted"],
            samples=row["samples"],
            examples=[(study.named(one), shown(ids[one]), _picture(study, one)) for one in row["examples"][:EXAMPLES]],
        )
        for row in study.view.study.tables["confusable"].slice(0, PAIRS).to_pylist()
    ]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _picture(study: StudySite, sample: int) -> str | None:
    pixels = study.view.pixels
    if pixels is None:
        return None
    return sprite(pixels[sample : sample + 1], study.view.polarity).uri
