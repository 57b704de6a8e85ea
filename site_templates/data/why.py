"""Why: what the explorer needs to say of one sample why it is where it is, as small chunks, loaded when asked for.

The sentence itself, and the rule behind it, is the page's (static/data/why.js): it needs the setting that is on screen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.store import FEATURES
from site_templates.data.choices import Pair, combinations
from site_templates.data.columns import codes, numbers
from site_templates.data.grid import clusterings, parts
from site_templates.views import NONE, StudyView

COUNT = 10
"""Neighbours shown of a sample at the most: as many as the neighbourhood measures look at."""

HISTORY_LIMIT = 20_000_000
"""Samples × settings above which no history is made: it would be larger than all other data of the page."""

RIGHT = 0
"""In a history: the sample is not misclassified. Other codes: 1 + label given; 1 + number of labels: a missing setting;
2 + number of labels: not counted, since it is noise or nothing there has a label.
"""


def true_neighbors(study: StudyView) -> NDArray[np.int32] | None:
    """The nearest neighbours in feature space: (n, ≤ COUNT) int32, nearest first; None where there are none stored."""
    table = study.study.tables["neighbors"]
    n = study.manifest.dataset.n
    if table.num_rows < n:
        return None
    order = np.lexsort((table.column("rank").to_numpy(), table.column("sample").to_numpy()))
    found: NDArray[np.int32] = table.column("neighbor").to_numpy()[order].reshape(n, -1)[:, :COUNT]
    return found


def history(study: StudyView, pair: Pair) -> dict[str, NDArray[np.int64]] | None:
    """The label that each sample is given by the dominant label of its cluster, at every setting of a method and a
    clusterer.

    Returns:
        "map": (n, clusterings, maps), "features": (n, clusterings), in the order of `grid.MetricGrid`, codes as under
        `RIGHT`. None where there are no labels, or where it would be too large.
    """
    labels, maps = study.labels, parts(study.manifest, pair)
    each = combinations(study.manifest, pair.clusterer.parameters)
    if labels is None or len(labels) * len(each) * len(maps) > HISTORY_LIMIT:
        return None
    missing = len(study.manifest.dataset.labels or ()) + 1

    def given(part: str | None) -> NDArray[np.int64]:
        """Codes on one map, or on the features: (clusterings, n)."""
        found = np.full((len(each), len(labels)), missing)
        for values, view in clusterings(study, pair, part).items() if part else ():
            label = np.where(view.dominant == labels, RIGHT, view.dominant.astype(np.int64) + 1)
            found[each.index(values)] = np.where(view.dominant == NONE, missing + 1, label)
        return found

    on_maps = np.stack([given(part) for part in maps])
    # the settings of a sample one after the other: neighbouring ones are alike, so this order compresses best
    return {"map": on_maps.transpose(2, 1, 0), "features": given(FEATURES).T}


def near_chunk(study: StudyView) -> dict[str, Any] | None:
    """The content of the chunk of true neighbours; None where there are none stored."""
    near = true_neighbors(study)
    return None if near is None else {"count": near.shape[1], "samples": numbers(near.ravel())}


def history_chunk(study: StudyView, pair: Pair) -> dict[str, Any] | None:
    """The content of the chunk of what each sample was given; None where there is no history."""
    past = history(study, pair)
    return None if past is None else {name: codes(values.ravel()) for name, values in past.items()}
