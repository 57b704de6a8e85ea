"""Results in Python: the tables of a study as data frames."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from precompute import store
from precompute.config import axes
from precompute.store import FEATURES, EmbeddingInfo, SettingInfo, number_slug

if TYPE_CHECKING:
    import pandas as pd

Info = TypeVar("Info", EmbeddingInfo, SettingInfo)

LISTED = 12
"""Maps that a message names."""


def read(folder: str | os.PathLike[str]) -> Results:
    """The results of a study.

    Args:
        folder: of one study, such as "results/digits".

    Raises:
        StoreError: there are no results, they are damaged, or of another format; says what to do.
    """
    return Results(Path(folder).expanduser())


class Results:
    """The tables of one study, each read when it is asked for and held against its fingerprint.

    Labels are names here, not codes; what the columns mean is in docs/tables.md.

    Attributes:
        folder: where they lie.
        manifest: what was computed, from which data, by which rules.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = store.read_manifest(folder)

    def __repr__(self) -> str:
        """The study in one line."""
        info = self.manifest.dataset
        return (
            f"Results({str(self.folder)!r}: {info.title}, {info.n:,} samples, {len(self.manifest.embeddings)} maps, "
            f"{len(self.manifest.settings)} settings)"
        )

    @cached_property
    def samples(self) -> pd.DataFrame:
        """One row a sample, in the data's order: `sample`, `id`, `label` (None where unlabelled)."""
        frame = self.table("samples").drop(columns="pixels")
        return frame.assign(label=self._names(frame["label"]))

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """Every measure of every setting and map, one row each; see metrics.parquet."""
        return self.table("metrics")

    @cached_property
    def settings(self) -> pd.DataFrame:
        """One row a setting: its slug, what it is made by, and its measures as columns."""
        rows = self.metrics[self.metrics["setting"].notna()]
        keys = [name for name in rows.columns if name not in ("metric", "value", "n")]
        wide = rows.pivot(index="setting", columns="metric", values="value").rename_axis(columns=None)
        named = rows[keys].drop_duplicates("setting").set_index("setting")
        return named.join(wide).reset_index()

    def map(self, method: str = "tsne", **parameters: float) -> pd.DataFrame:
        """The places of the samples on a map: `sample`, `id`, `label`, `x`, `y`.

        Args:
            method: "tsne", "umap", "pca" or another that was computed.
            **parameters: its values, such as `perplexity=30`; those with one value only may be left out.

        Raises:
            ValueError: no such map was computed, or several; names them.
        """
        chosen = self._map(method, parameters)
        frame = self.table(f"embeddings/{chosen.slug}")
        return self._beside_samples(frame, ["x", "y"])

    def clusters(
        self, method: str = "tsne", clusterer: str = "kmeans", *, space: str = "map", **parameters: float
    ) -> pd.DataFrame:
        """The clusters of a setting: `sample`, `id`, `label`, `cluster`, `margin`.

        Args:
            method: whose map is clustered; without meaning for the features.
            clusterer: "kmeans", "ward", "gmm" or another that was computed.
            space: "map", or "features" for the principal components.
            **parameters: values of the method and the clusterer, such as `perplexity=30, k=10`; those with one value
                only may be left out.

        Raises:
            ValueError: no such setting was computed, or several; names them.
        """
        if space not in ("map", FEATURES):
            raise ValueError(f"space {space!r}; allowed: 'map', '{FEATURES}'")
        self.check_clusterer(clusterer)
        of_clusters = {name for one in self.manifest.clusterers if one.name == clusterer for name in one.parameters}
        embedding = None
        if space == "map":
            rest = {name: value for name, value in parameters.items() if name not in of_clusters}
            embedding = self._map(method, rest)
            parameters = {name: value for name, value in parameters.items() if name in of_clusters}
        candidates = [
            one
            for one in self.manifest.settings
            if one.clusterer == clusterer and one.embedding == (embedding.slug if embedding else None)
        ]
        setting = self._only(candidates, parameters, "setting")
        frame = self.table(f"clusters/{setting.part}")
        return self._beside_samples(frame[frame["setting"] == setting.slug], ["cluster", "margin"])

    def suspects(self) -> pd.DataFrame:
        """Samples whose label is doubtful, the most suspicious first.

        Columns: `sample`, `id`, `label`; `suggested`, the label that its clusters had most often beside its own (None
        if there is none); `suspicion`, `stability`, `class`, as in review.parquet.

        Raises:
            ValueError: the samples have no labels.
        """
        if self.manifest.dataset.labels is None:
            raise ValueError(f"{self.folder}: the samples have no labels, so there are none to doubt")
        frame = self.table("review")
        doubtful = frame[frame["class"] == "suspect"].sort_values(["suspicion", "sample"], ascending=[False, True])
        own = self.table("samples")["label"]
        others = [
            next((code for code in codes if code != own[sample]), None)
            for sample, codes in zip(doubtful["sample"], doubtful["labels"], strict=True)
        ]
        beside = self._beside_samples(doubtful, ["suspicion", "stability", "class"])
        beside.insert(3, "suggested", self._names(others))
        return beside

    def table(self, name: str) -> pd.DataFrame:
        """Any table as it is stored, such as "cluster_stats" or "embeddings/tsne-p30"; see docs/tables.md.

        Raises:
            StoreError: there is no such table, or it is damaged.
        """
        frame: pd.DataFrame = store.read(self.folder, [name]).tables[name].to_pandas(use_threads=False)
        return frame

    def check_method(self, name: str) -> None:
        """Refuse a method that no map was made by.

        Raises:
            ValueError: names those that there are.
        """
        axes.check_names("method", [name], {one.method: one for one in self.manifest.embeddings})

    def check_clusterer(self, name: str) -> None:
        """Refuse a clusterer by which nothing was clustered.

        Raises:
            ValueError: names those that there are.
        """
        axes.check_names("clusterer", [name], {one.name: one for one in self.manifest.clusterers})

    def _map(self, method: str, parameters: Mapping[str, float]) -> EmbeddingInfo:
        self.check_method(method)
        return self._only([one for one in self.manifest.embeddings if one.method == method], parameters, "map")

    def _only(self, candidates: Sequence[Info], parameters: Mapping[str, float], what: str) -> Info:
        """The one that has these values."""
        known = {name for one in candidates for name in one.parameters}
        for name in parameters:
            if name not in known:
                raise ValueError(
                    f"{name}: the {what} has no such parameter; it has: {', '.join(sorted(known)) or 'none'}"
                )
        fitting = [
            one for one in candidates if all(one.parameters[name] == value for name, value in parameters.items())
        ]
        if len(fitting) == 1:
            return fitting[0]
        given = ", ".join(f"{name}={number_slug(value)}" for name, value in parameters.items())
        listed = [one.slug for one in fitting or candidates]
        more = f" and {len(listed) - LISTED} more" if len(listed) > LISTED else ""
        named = f"{what}s" + f" with {given}" * bool(given)
        problem = f"{len(fitting)} {named}; say which one" if fitting else f"there are no {named}"
        raise ValueError(f"{problem}; computed were: {', '.join(listed[:LISTED])}{more}")

    def _beside_samples(self, frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
        """Columns of a table beside what the samples are, in the table's order."""
        return frame[["sample", *columns]].merge(self.samples, how="left", on="sample")[
            ["sample", "id", "label", *columns]
        ]

    def _names(self, codes: Any) -> list[str | None]:
        """Names of labels; None where there is no code."""
        names = self.manifest.dataset.labels or []
        return [None if code is None or np.isnan(code) else names[int(code)] for code in codes]
