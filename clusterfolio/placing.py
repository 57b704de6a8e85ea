"""New samples on the maps of a study, among its samples and in its clusters, by what its tables keep."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from clusterfolio import arrays
from clusterfolio.results import Results
from precompute import features, neighbors
from precompute.clusterers import registry
from precompute.dataset import DataError
from precompute.shift import placing
from precompute.store import EmbeddingInfo, SettingInfo

if TYPE_CHECKING:
    import pandas as pd

BY_TYPE = (255.0, 65535.0)
"""Spans of numbers that were scaled by the range of their type."""


def place(
    results: Results,
    new: Any,
    *,
    method: str | None = None,
    clusterer: str | None = None,
    **parameters: float | Sequence[float],
) -> pd.DataFrame:
    """Place new samples on maps that stand: nothing is computed anew, and no sample of the study moves.

    New numbers are scaled as the study's were and projected on its principal components. There the nearest of its
    samples are found, and by these each new sample is placed on its own; see `precompute.shift.placing`. On the PCA
    map a place is exact. A sample that is one of the study's own finds itself as its nearest neighbour.

    Args:
        results: of the study.
        new: (m, d) numbers; pictures as `Study` takes them; or a data frame, of which the study's
            columns are taken by their names, or, where these were numbered, in their order.
        method: whose maps; None: of all.
        clusterer: whose clusters; None: of all.
        **parameters: a value of a parameter, or several, such as `perplexity=30, k=[5, 10]`; those that are not given
            are left at all of theirs, and what has no such parameter is left out.

    Returns:
        One row a new sample and map: `sample`, its number, from 0; `embedding`, the map's slug; `x`, `y`; `kept`, the
        share of its neighbours in feature space that are also nearest to it on the map, 0 to 1; `distance`, Euclidean
        in feature space, to the nearest of the study's samples; `neighbors`, the ids of up to 10, nearest first; and a
        column for each clustering, such as `k10` or `ward-k10` of the map and `features-k10` of feature space: of
        K-Means the cluster of the nearest centre, of others that of the nearest of the study's samples, in the space
        clustered; −1 for noise, missing where that map has no such clustering.

    Raises:
        DataError: samples that the study's could not be compared with; names the argument, its shape, what is allowed.
        ValueError: no such map or clustering was computed; or the study keeps nothing by which samples are placed.
        StoreError: the results are damaged, or of an earlier version; says what to do.

    Warns:
        UserWarning: numbers outside of the study's, which are taken for its limits.
    """
    import pandas as pd

    maps, settings = _wanted(results, method, clusterer, parameters)
    standing = _Standing.of(results)
    scores = features.project(_scaled(results, new), standing.mean, standing.axes)
    near = neighbors.nearest_among(scores, standing.scores, min(placing.NEIGHBORS, len(standing.scores)))
    ids = results.samples["id"].to_numpy()[near.indices]
    in_features = {
        one.slug: standing.clusters(one, scores, near.indices[:, 0]) for one in settings if one.embedding is None
    }
    frames = []
    for one in maps:
        table = results.table(f"embeddings/{one.slug}")
        points = table[["x", "y"]].to_numpy(np.float32)
        if np.array_equal(points, standing.scores[:, :2]):
            places = scores[:, :2]
        else:
            places = placing.place(points, near, standing.scales, placing.reach(points))
        beside = neighbors.nearest_among(places, points, 1).indices[:, 0]
        on_map = {
            each.slug.removeprefix(f"{one.slug}-"): standing.clusters(each, places, beside)
            for each in settings
            if each.embedding == one.slug
        }
        columns = {
            "sample": np.arange(len(places), dtype=np.int32),
            "embedding": one.slug,
            "x": places[:, 0],
            "y": places[:, 1],
            "kept": placing.kept(places, points, near.indices),
            "distance": near.distances[:, 0],
            "neighbors": list(ids.tolist()),
        }
        clusters = {name: pd.array(codes, dtype="Int16") for name, codes in {**on_map, **in_features}.items()}
        frames.append(pd.DataFrame({**columns, **clusters}))
    return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True)
class _Standing:
    """What the study keeps, by which a new sample is placed.

    Attributes:
        results: of the study.
        mean, axes: see `features.Features`.
        scores: (n, m) float32, of the study's samples.
        scales: (n,) see `neighbors.own_scales`.
        centers: by setting, (clusters, dimensions) of the space clustered.
    """

    results: Results
    mean: NDArray[np.float64]
    axes: NDArray[np.float32]
    scores: NDArray[np.float32]
    scales: NDArray[np.float64]
    centers: pd.Series[Any]

    @classmethod
    def of(cls, results: Results) -> _Standing:
        projection = results.table("projection")
        if not len(projection):
            raise ValueError(f"{results.folder}: {_why_none(results)}")
        distances = results.table("neighbors")["distance"].to_numpy().reshape(results.manifest.dataset.n, -1)
        return cls(
            results,
            projection["mean"].to_numpy(np.float64),
            projection.drop(columns=["dimension", "mean", "scale"]).to_numpy(np.float32).T,
            results.table("features").drop(columns="sample").to_numpy(np.float32),
            neighbors.own_scales(distances),
            results.table("cluster_stats").sort_values("cluster").groupby("setting")["center"].apply(np.stack),
        )

    def clusters(
        self, setting: SettingInfo, points: NDArray[np.float32], nearest: NDArray[np.integer[Any]]
    ) -> NDArray[np.int16]:
        """The cluster of each new sample: (m,) int16.

        Args:
            setting: whose clusters.
            points: (m, d) float32, in the space clustered.
            nearest: (m,) the nearest of the study's samples there.
        """
        if registry.CLUSTERERS[setting.clusterer].by_centers:
            centers = self.centers[setting.slug]
            return neighbors.nearest_among(points, centers, 1).indices[:, 0].astype(np.int16)
        table = self.results.table(f"clusters/{setting.part}")
        own = table[table["setting"] == setting.slug].sort_values("sample")["cluster"].to_numpy(np.int16)
        return np.asarray(own[nearest])


def _why_none(results: Results) -> str:
    """Why a study keeps no components, and the way out."""
    dataset = results.manifest.dataset
    pictures = dataset.reading.get("options", {}).get("pictures", "auto")
    if pictures != "auto":
        return (
            f"pictures = {pictures!r} keeps nothing from which pictures could be drawn again, and new samples are "
            "placed by just that; build the study with pictures = 'auto' in a folder of your own, or from features"
        )
    return (
        f"of samples of {dataset.dimensions:,} values the principal components are more than "
        f"{features.AXES_LIMIT:,} numbers and are not kept; scale pictures down (image_shape), or bring features"
    )


def _wanted(
    results: Results, method: str | None, clusterer: str | None, parameters: dict[str, Any]
) -> tuple[list[EmbeddingInfo], list[SettingInfo]]:
    """The maps, and the clusterings on them and of the features."""
    manifest = results.manifest
    if method is not None:
        results.check_method(method)
    if clusterer is not None:
        results.check_clusterer(clusterer)
    of_maps = {name for one in manifest.methods for name in one.parameters}
    of_clusters = {name for one in manifest.clusterers for name in one.parameters}
    wanted = {name: {*np.atleast_1d(np.asarray(value)).tolist()} for name, value in parameters.items()}
    for name, values in wanted.items():
        if name not in of_maps | of_clusters:
            known = ", ".join(sorted(of_maps | of_clusters))
            raise ValueError(f"{name}: the study has no such parameter; it has: {known or 'none'}")
        computed = manifest.axis(name)
        missing = sorted(values.difference(computed))
        if missing:
            listed = ", ".join(f"{value:g}" for value in computed)
            raise ValueError(f"{name}: {missing[0]:g} was not computed; computed were: {listed}")

    def fits(one: EmbeddingInfo | SettingInfo, names: set[str]) -> bool:
        return all(one.parameters.get(name) in values for name, values in wanted.items() if name in names)

    maps = [one for one in manifest.embeddings if method in (None, one.method) and fits(one, of_maps)]
    if not maps:
        raise ValueError(f"there are no such maps; computed were: {', '.join(one.slug for one in manifest.embeddings)}")
    slugs = {None, *(one.slug for one in maps)}
    settings = [
        one
        for one in manifest.settings
        if clusterer in (None, one.clusterer) and one.embedding in slugs and fits(one, of_clusters)
    ]
    return maps, settings


def _scaled(results: Results, new: Any) -> NDArray[np.float32]:
    """The new samples' numbers as the study's were scaled: (m, d) float32 in [0, 1]."""
    dataset = results.manifest.dataset
    units = dataset.units
    if not units:
        raise ValueError(
            f"{results.folder}: does not say how its numbers were scaled (made by an earlier version); build it again"
        )
    names = [one.name for one in units]
    raw = arrays.numbers("new", new, dataset.dimensions, dataset.image, names if all(names) else None)
    shift, span = np.array([one.shift for one in units]), np.array([one.span for one in units])
    if len(units) == 1:
        _check_range(raw, float(shift[0]), float(span[0]), dataset.image is not None)
    values = (raw.astype(np.float64) - shift) / span
    outside = ((values < 0) | (values > 1)).any(axis=1)
    if outside.any():
        warnings.warn(
            f"new: {np.count_nonzero(outside):,} of {len(values):,} samples have numbers outside of the study's, such "
            f"as sample {int(outside.argmax())}; they are taken for its limits",
            stacklevel=3,
        )
    return np.asarray(np.clip(values, 0, 1), dtype=np.float32)


def _check_range(raw: NDArray[Any], shift: float, span: float, pictures: bool) -> None:
    """Refuse numbers that were plainly scaled otherwise than the study's.

    Raises:
        DataError: fractions of [0, 1] where the study has whole ranges, or a type of fewer values.
    """
    if shift != 0 or not (pictures or span in BY_TYPE):
        return
    kind = raw.dtype.kind
    if kind == "f" and span > 1 and raw.min() >= 0 and raw.max() <= 1 and (raw % 1).any():
        problem = f"new: the numbers are fractions of [0, 1], and the study's lie in 0 … {span:g}"
        raise DataError(f"{problem}; multiply them by {span:g}")
    if kind == "u" and span in BY_TYPE and np.iinfo(raw.dtype).max < span:
        problem = f"new: type {raw.dtype}, and the study's numbers lie in 0 … {span:g}"
        raise DataError(f"{problem}; bring them to that range, or to a wider type if they are in it")
