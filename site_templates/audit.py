"""The audit page: which samples the whole grid doubts and why, as a table to work through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from site_templates.columns import codes, floats
from site_templates.payload import chunk
from site_templates.sprites import sprite
from site_templates.study_site import Page, PageContent, StudySite
from site_templates.texts import shown

CLASSES = ("core", "ambiguous", "suspect")
MARKS = ("fine", "ambiguous", "mislabelled")
TOP = 36
"""Suspects in the table that needs no script."""
PAIRS = 12
EXAMPLES = 8
FIGURES = ("suspicion", "other_in_clusters", "other_in_neighbors", "stability", "entropy", "distance")


@dataclass(frozen=True)
class Row:
    """A suspect in the plain table; figures as text, "–" where there is none. `picture` is a data URI or None."""

    sample: int
    id: str
    label: str
    suspicion: str
    clusters: str
    neighbors: str
    given: str
    picture: str | None


@dataclass(frozen=True)
class Pair:
    """Two labels of which the first was taken for the second."""

    label: str
    given: str
    times: int
    counted: int
    samples: int
    examples: Sequence[tuple[int, str, str | None]]


def page(study: StudySite) -> PageContent:
    """The page's variables, and its own data script."""
    info = study.manifest.dataset
    rows = study.view.study.tables["review"].sort_by("sample")
    own = chunk("audit", _content(study, rows.to_pydict()))
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
        "counts": _counts(rows.to_pydict()),
        "top": _top(study, rows.to_pydict()),
        "pairs": _pairs(study),
        "settings": int(rows.column("settings")[0].as_py()) if rows.num_rows else 0,
        "suspicious": parameters.get("suspicious", 0.5),
        "neighbors": int(parameters["neighbors"]),
        "pairs_of_duplicates": study.view.study.tables["near_duplicates"].num_rows,
        "near": parameters.get("near_duplicate", 0.25),
        "scripts": [f"data/{study.data.study.file}", f"data/{own.file}"],
    }
    return PageContent(variables, {f"data/{own.file}": own.data})


def _content(study: StudySite, rows: Mapping[str, list[Any]]) -> dict[str, Any]:
    names = [CLASSES.index(one) if one else len(CLASSES) for one in rows["class"]]
    duplicates = study.view.study.tables["near_duplicates"]
    return {
        "dataset": study.folder,
        "fingerprint": study.manifest.dataset.sha256,
        "marks": MARKS,
        "classes": CLASSES,
        "class": codes(np.array(names, dtype=np.int64)),
        "outlier": codes(np.array(rows["outlier"], dtype=np.int64)),
        **{name: floats(_numbers(rows[name])) for name in FIGURES},
        # only where there was more than one label: of all others it is their own or the one given
        "given": {
            str(sample): [labels, counts]
            for sample, labels, counts in zip(rows["sample"], rows["labels"], rows["counts"], strict=True)
            if labels
        }
        if study.labelled
        else {},
        "duplicates": [
            [row["sample"], row["other"], row["distance"]]
            for row in duplicates.select(["sample", "other", "distance"]).to_pylist()
        ],
    }


def _numbers(values: Sequence[float | None]) -> NDArray[np.float32]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float32)


def _counts(rows: Mapping[str, list[Any]]) -> dict[str, int]:
    found = {name: rows["class"].count(name) for name in CLASSES}
    return {**found, "outlier": sum(rows["outlier"])}


def _top(study: StudySite, rows: Mapping[str, list[Any]]) -> list[Row]:
    labels = study.view.labels
    if labels is None or not rows["sample"]:
        return []
    order = sorted(range(len(rows["sample"])), key=lambda at: (-rows["suspicion"][at], at))[:TOP]
    names = study.manifest.dataset.labels or []
    ids = study.view.samples["id"].tolist()
    return [
        Row(
            sample=at,
            id=shown(ids[at]),
            label=names[int(labels[at])],
            suspicion=_figure(rows["suspicion"][at]),
            clusters=_figure(rows["other_in_clusters"][at]),
            neighbors=_figure(rows["other_in_neighbors"][at]),
            given=", ".join(
                f"{names[label]} {count}×" for label, count in zip(rows["labels"][at], rows["counts"][at], strict=True)
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
            examples=[(one, shown(ids[one]), _picture(study, one)) for one in row["examples"][:EXAMPLES]],
        )
        for row in study.view.study.tables["confusable"].slice(0, PAIRS).to_pylist()
    ]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _picture(study: StudySite, sample: int) -> str | None:
    pixels = study.view.pixels
    if pixels is None:
        return None
    return sprite(pixels[sample : sample + 1]).uri
