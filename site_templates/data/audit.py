"""Data of the audit page: doubts about labels, near-duplicates and confusable pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from site_templates.data.columns import Column, codes, floats, numbers
from site_templates.review import MARKS
from site_templates.views import StudyView

CLASSES = ("core", "ambiguous", "suspect")
MOST_PAIRS = 1000
"""Confusable pairs that the page's data hold; the tables hold all."""
MOST_TWINS = 1000
"""Near-duplicates, the closest, that the page's data hold; the tables hold all: ten a sample where all are blank."""
EXAMPLES = 8
FIGURES = ("suspicion", "other_in_clusters", "other_in_neighbors", "stability", "entropy", "distance")


def content(
    view: StudyView, folder: str, rows: pa.Table, settings: int, queues: Mapping[str, str], sorts: Sequence[str]
) -> dict[str, Any]:
    """What the audit page's script reads.

    Args:
        view: the study.
        folder: its folder in the site.
        rows: the table `review`, by sample.
        settings: how many count.
        queues: name of each queue, and the order that it begins with.
        sorts: names of the orders.
    """
    names = [CLASSES.index(one) if one else len(CLASSES) for one in rows["class"].to_pylist()]
    duplicates = view.study.tables["near_duplicates"].slice(0, MOST_TWINS)
    pairs = view.study.tables["confusable"]
    return {
        "dataset": folder,
        "fingerprint": view.manifest.dataset.same_samples,
        # what earlier versions kept marks under
        "earlier": view.manifest.dataset.sha256,
        "catalog": {
            "queues": dict(queues),
            "sorts": list(sorts),
            "start": "suspect" if view.labels is not None else "all",
        },
        "marks": MARKS,
        "classes": CLASSES,
        "class": codes(np.array(names, dtype=np.int64)),
        "outlier": codes(rows["outlier"].to_numpy().astype(np.int64)),
        **{name: floats(_numbers(rows[name].to_pylist())) for name in FIGURES},
        "settings": settings,
        "given": given(rows, view.labels, settings),
        "pair_count": pairs.num_rows,
        "pairs": {
            **{name: column[:MOST_PAIRS] for name, column in pairs.to_pydict().items() if name != "examples"},
            "examples": [row[:EXAMPLES] for row in pairs["examples"].slice(0, MOST_PAIRS).to_pylist()],
        },
        "duplicates": [
            [row["sample"], row["other"], row["distance"]]
            for row in duplicates.select(["sample", "other", "distance"]).to_pylist()
        ],
    }


def given(rows: pa.Table, labels: NDArray[np.integer[Any]] | None, settings: int) -> dict[str, Column]:
    """The labels given to each sample that was given another than its own, packed; all others had their own each time.

    Args:
        rows: the table `review`, by sample.
        labels: (n,) true labels, None if unlabelled.
        settings: how many count; a sample that is noise in some of them is listed, too.

    Returns:
        `samples`, `had` (how many labels), and `labels` and `counts`, one sample's after the other's, the most frequent
        first.
    """
    lists, counts = rows["labels"].combine_chunks(), rows["counts"].combine_chunks()
    had = pc.list_value_length(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    flat, times = (pc.list_flatten(column).to_numpy(zero_copy_only=False) for column in (lists, counts))
    listed = had > 0
    if labels is not None and len(flat):
        at = np.minimum(np.cumsum(had) - had, len(flat) - 1)
        listed &= (had > 1) | (flat[at] != labels) | (times[at] != settings)
    kept = np.repeat(listed, had)
    return {
        "samples": numbers(np.flatnonzero(listed)),
        "had": codes(had[listed]),
        "labels": codes(flat[kept].astype(np.int64)),
        "counts": numbers(times[kept].astype(np.int64)),
    }


def _numbers(values: Sequence[float | None]) -> NDArray[np.float32]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float32)
