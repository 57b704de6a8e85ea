"""Examples: of each cluster of each setting the samples that show it best, and those that nearly belong elsewhere.

*Central*: nearest to the cluster's centre (the mean of its members), after the medoid, which is the nearest of all.
*Borderline*: least gap, the distance to the nearest other centre minus the distance to the own one. Both in the space
that was clustered; the lower sample number on a tie.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.store import FEATURES
from site_templates.data.assignments import centers
from site_templates.data.choices import maps
from site_templates.data.columns import numbers
from site_templates.views import SettingView, StudyView

COUNT = 5
"""Examples of either kind."""


def examples(points: NDArray[np.float32], setting: SettingView) -> NDArray[np.int64]:
    """Examples of every cluster: (clusters, 2 × COUNT) sample numbers, central ones first; −1 where there are too few.

    Args:
        points: (n, d) float32 in the space clustered.
    """
    inside = np.flatnonzero(setting.clusters >= 0)  # noise is an example of nothing
    exact, clusters, count = points[inside].astype(np.float64), setting.clusters[inside], setting.count
    found = np.full((count, 2 * COUNT), -1)
    if not count:
        return found
    distances = np.stack([np.sqrt(((exact - one) ** 2).sum(axis=1)) for one in centers(exact, clusters, count)], axis=1)
    row = np.arange(len(clusters))
    own = distances[row, clusters]
    distances[row, clusters] = np.inf
    gap = distances.min(axis=1) - own
    for cluster in range(count):
        members = np.flatnonzero(clusters == cluster)
        central = members[np.argsort(own[members], kind="stable")]
        central = central[inside[central] != setting.stats[cluster].medoid][:COUNT]
        found[cluster, : len(central)] = inside[central]
        if count > 1:
            border = members[np.argsort(gap[members], kind="stable")][:COUNT]
            found[cluster, COUNT : COUNT + len(border)] = inside[border]
    return found


def content(study: StudyView) -> Mapping[str, Any]:
    """The chunk: how many of each kind, and by slug of the setting 1 + sample number, 0 where there is none."""
    found = {}
    for part, points in _spaces(study):
        for setting in study.settings(part):
            found[setting.slug] = numbers(examples(points, setting).ravel() + 1)
    return {"count": COUNT, "of": found}


def _spaces(study: StudyView) -> list[tuple[str, NDArray[np.float32]]]:
    """What was clustered, by part, with its points."""
    table = study.study.tables["features"]
    columns = [name for name in table.column_names if name != "sample"]
    features = np.stack([table.column(name).to_numpy() for name in columns], axis=1)
    return [*((info.slug, study.points(info)) for info in maps(study.manifest)), (FEATURES, features)]
