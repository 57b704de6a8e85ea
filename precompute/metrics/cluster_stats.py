"""Measures of each cluster of a clustering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from precompute.metrics.clusterings import Setting, entropy_bits


@dataclass(frozen=True)
class ClusterStats:
    """Facts of one cluster.

    Attributes:
        cluster: its number.
        size: its members.
        center: mean of all in the space clustered, d numbers.
        medoid: the member nearest to the mean of all (least sum of squared distances to the others) in the space
            clustered, lowest sample on a tie.
        label, purity, entropy: dominant label's code, its share of the labelled members, entropy (bits) of the labels;
            None if none of them is labelled.
        runner_up, runner_up_size: second most frequent label and its members; None if there is no second.
    """

    cluster: int
    size: int
    center: list[float]
    medoid: int
    label: int | None
    purity: float | None
    entropy: float | None
    runner_up: int | None
    runner_up_size: int | None


def cluster_stats(setting: Setting) -> list[ClusterStats]:
    """Facts of every cluster of a setting, by cluster number; noise is none."""
    rows = []
    for cluster in range(setting.k):
        members = np.flatnonzero(setting.clusters == cluster)
        points = setting.clustered.exact[members]
        center = points.mean(axis=0)
        medoid = members[int(((points - center) ** 2).sum(axis=1).argmin())]
        known: dict[str, Any] = dict.fromkeys(("label", "purity", "entropy", "runner_up", "runner_up_size"))
        if setting.labels is not None and setting.contingency[cluster].any():
            counts = setting.contingency[cluster]
            order = np.argsort(-counts, kind="stable")
            known["label"] = int(order[0])
            known["purity"] = float(counts[order[0]] / counts.sum())
            known["entropy"] = float(entropy_bits(counts[None, :])[0])
            if len(order) > 1 and counts[order[1]] > 0:
                known["runner_up"], known["runner_up_size"] = int(order[1]), int(counts[order[1]])
        place = center.astype(np.float32).tolist()
        rows.append(ClusterStats(cluster=cluster, size=len(members), center=place, medoid=int(medoid), **known))
    return rows
