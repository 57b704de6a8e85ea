"""Why: what the explorer needs to say of one sample why it is where it is, as two small chunks, loaded when asked for.

The sentence itself, and the rule behind it, is the page's (static/data/why.js): it needs the setting that is on screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from site_templates.data.columns import codes, numbers
from site_templates.views import StudyView

COUNT = 10
"""Neighbours shown of a sample at the most: as many as the neighbourhood measures look at."""

HISTORY_LIMIT = 20_000_000
"""Samples × settings above which no history is made: it would be larger than all other data of the page."""

RIGHT = 0
"""In a history: the sample is not misclassified. Other codes: 1 + label given; 1 + number of labels: a hole."""


def true_neighbors(study: StudyView) -> NDArray[np.int32] | None:
    """The nearest neighbours in feature space: (n, ≤ COUNT) int32, nearest first; None where there are none stored."""
    table = study.study.tables["neighbors"]
    n = study.manifest.dataset.n
    if table.num_rows < n:
        return None
    order = np.lexsort((table.column("rank").to_numpy(), table.column("sample").to_numpy()))
    found: NDArray[np.int32] = table.column("neighbor").to_numpy()[order].reshape(n, -1)[:, :COUNT]
    return found


def history(study: StudyView, axes: Mapping[str, Sequence[float]]) -> dict[str, NDArray[np.int64]] | None:
    """The label that each sample is given by the dominant label of its cluster, at every setting.

    Returns:
        "map": (n, k, perplexity), "features": (n, k), codes as under `RIGHT`. None where there are no labels, or
        where it would be too large.
    """
    labels, perplexities, ks = study.labels, axes["perplexity"], axes["k"]
    if labels is None or len(labels) * len(ks) * len(perplexities) > HISTORY_LIMIT:
        return None
    hole = len(study.manifest.dataset.labels or ()) + 1
    slugs = {info.perplexity: info.slug for info in study.manifest.embeddings if info.method == "tsne"}

    def given(part: str | None) -> NDArray[np.int64]:
        """Codes on one embedding: (k, n)."""
        found = np.full((len(ks), len(labels)), hole)
        for view in study.settings(part) if part else ():
            found[list(ks).index(view.k)] = np.where(view.dominant == labels, RIGHT, view.dominant.astype(np.int64) + 1)
        return found

    on_maps = np.stack([given(slugs.get(perplexity)) for perplexity in perplexities])
    # the settings of a sample one after the other: neighbouring ones are alike, so this order compresses best
    return {"map": on_maps.transpose(2, 1, 0), "features": given("features").T}


def chunks(study: StudyView, axes: Mapping[str, Sequence[float]]) -> dict[str, dict[str, Any]]:
    """Contents of the chunks by name; those that there is nothing to fill with are left out."""
    found: dict[str, dict[str, Any]] = {}
    near = true_neighbors(study)
    if near is not None:
        found["neighbors"] = {"count": near.shape[1], "samples": numbers(near.ravel())}
    past = history(study, axes)
    if past is not None:
        found["history"] = {name: codes(values.ravel()) for name, values in past.items()}
    return found
