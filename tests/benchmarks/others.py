"""Our maps against those of scikit-learn-intelex and umap-learn, for bench_grid.py: time, and quality beside it."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute import neighbors
from precompute.clusterers import kmeans
from precompute.maps import descent, method, tsne, umap
from precompute.metrics import limits, maps

Points = NDArray[np.float32]


@dataclass(frozen=True)
class Timed:
    """A map, and the seconds that it took."""

    points: Points
    seconds: float


def timed(make: Callable[[], Any]) -> Timed:
    """Time a map, imports and compilation left out by a call before."""
    began = time.perf_counter()
    points = make()
    return Timed(np.asarray(points, dtype=np.float32), time.perf_counter() - began)


def intelex(source: method.Source, perplexities: Sequence[float]) -> None:
    """scikit-learn-intelex's t-SNE, on all cores, and ours, on one: time, KL divergence, and our time to reach its.

    The divergences are taken by one exact evaluator from one P. Affinities are part of both times.
    """
    if importlib.util.find_spec("sklearnex") is None:
        print("\nscikit-learn-intelex is not installed: left out; pip install --group bench")
        return
    from sklearnex.manifold import TSNE

    TSNE(perplexity=5, random_state=0).fit(source.features[:300])  # what is loaded at the first call
    print(f"\n{len(source.features):,} samples, t-SNE: scikit-learn-intelex on all cores, ours on one")
    print("perplexity   its seconds   its KL   our seconds   our KL   our seconds to its KL")
    sums = np.zeros(3)
    for perplexity in perplexities:
        model = TSNE(perplexity=perplexity, init="pca", random_state=0)
        theirs = timed(partial(model.fit_transform, source.features))
        own = timed(partial(_tsne, source, perplexity))
        p = tsne.joint_probabilities(source.neighbors, perplexity)
        its = descent.kl_divergence(p, theirs.points)
        reached = until(source, perplexity, its)
        sums += [theirs.seconds, own.seconds, reached or np.nan]
        print(
            f"{perplexity:10g} {theirs.seconds:13.2f} {its:8.4f} {own.seconds:13.2f} "
            f"{descent.kl_divergence(p, own.points):8.4f} {reached or np.nan:23.2f}"
        )
    print(f"{'in all':>10s} {sums[0]:13.2f} {sums[1]:22.2f} {sums[2]:32.2f}")


def until(source: method.Source, perplexity: float, divergence: float) -> float | None:
    """Seconds until our map is as good as a divergence, looking left out; None if it never is."""
    began = time.perf_counter()
    affinities = tsne.joint_probabilities(source.neighbors, perplexity)
    start = source.start.astype(np.float64)
    looking = 0.0
    for state, _ in descent.stages(affinities, start / start[:, 0].std() * 1e-4):
        looks = time.perf_counter()
        if state.divergence() <= divergence:
            return looks - began - looking
        looking += time.perf_counter() - looks
    return None


def umap_learn(source: method.Source, labels: NDArray[np.int16], values: Sequence[int]) -> None:
    """A loop over umap-learn with its own search, and ours with the same number of neighbours and epochs.

    Imports and compilation are left out on both sides, and named. AMI is that of K-Means on the map at k = 10.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    began = time.perf_counter()
    from umap import UMAP

    loaded = time.perf_counter() - began
    began = time.perf_counter()
    UMAP(n_neighbors=values[0], random_state=0, n_jobs=1).fit(source.features)
    print(f"\numap-learn: import {loaded:.1f} s and first map, which compiles, {time.perf_counter() - began:.1f} s;")
    print("both are left out below, on both sides")
    began = time.perf_counter()
    umap.umap(source, {"n_neighbors": float(values[0]), "min_dist": 0.1})
    print(f"ours: first map {time.perf_counter() - began:.1f} s")
    print("n_neighbors   side   seconds   trustworthiness   label agreement   AMI at k = 10")
    for value in values:
        own = {"n_neighbors": float(value), "min_dist": 0.1}
        model = UMAP(n_neighbors=value, random_state=0, n_jobs=1)
        for side, found in (
            ("loop", timed(partial(model.fit_transform, source.features))),
            ("ours", timed(partial(_umap, source, own))),
        ):
            clusters = kmeans.kmeans(found.points, [10])[10].clusters
            print(
                f"{value:11d} {side:>6s} {found.seconds:9.2f} {_trustworthiness(source, found.points):17.4f} "
                f"{_agreement(found.points, labels):17.4f} {adjusted_mutual_info_score(labels, clusters):15.4f}"
            )


def _tsne(source: method.Source, perplexity: float) -> Points:
    return tsne.tsne(source, {"perplexity": perplexity}).points


def _umap(source: method.Source, parameters: Mapping[str, float]) -> Points:
    return umap.umap(source, parameters).points


def _trustworthiness(source: method.Source, points: Points) -> float:
    count = limits.neighbor_count(len(points))
    near = neighbors.nearest(points, count).indices
    return maps.trustworthiness(maps.Mapping2D(points, source.features, near, source.neighbors.indices[:, :count]))


def _agreement(points: Points, labels: NDArray[np.int16]) -> float:
    """Share of the samples whose five nearest on the map mostly have their label."""
    near = labels[neighbors.nearest(points, 5).indices]
    return float(((near == labels[:, None]).sum(axis=1) >= 3).mean())
