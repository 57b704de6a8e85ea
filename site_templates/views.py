"""Views: a study's tables, arranged as the page needs them, one object a setting."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precompute.machine.files import sha256
from precompute.store import EmbeddingInfo, Manifest, Polarity, SettingInfo, Study, own_ids
from site_templates import nearest, words

NONE = -1
"""In tables and arrays: of a sample that is noise, its cluster, and of one without a label, its label."""


def of_each(values: Sequence[Any], numbers: NDArray[np.integer[Any]], otherwise: Any) -> NDArray[Any]:
    """What the cluster, or the label, of each sample has: (n,).

    Args:
        values: by number.
        numbers: (n,) from 0, or `NONE`.
        otherwise: what stands where there is none.
    """
    # the last one, which is where −1 leads
    found: NDArray[Any] = np.array([*values, otherwise])[numbers]
    return found


@dataclass(frozen=True)
class ClusterView:
    """One cluster of a setting, as cluster_stats.parquet has it; label codes are None where unlabelled."""

    cluster: int
    label: int | None
    size: int
    purity: float | None
    entropy: float | None
    medoid: int
    runner_up: int | None
    runner_up_size: int | None


@dataclass(frozen=True)
class Robustness:
    """How far the clusters of a setting can be relied on, as far as it was looked at.

    Attributes:
        seeds: maps compared.
        ari_mean, ari_least: agreement of their clusterings.
        vanished: clusters that most of the others do not have.
        baseline: measures of the same setting on shuffled data, by name.
        baseline_at: parameters, in words, of the map that they were measured on where that is another one, the nearest.
    """

    seeds: int = 0
    ari_mean: float = 1.0
    ari_least: float = 1.0
    vanished: tuple[int, ...] = ()
    baseline: Mapping[str, float] = field(default_factory=dict)
    baseline_at: str = ""


@dataclass(frozen=True)
class SettingView:
    """One setting.

    Attributes:
        info: its key.
        clusters: (n,) int16, `NONE` for noise.
        margin: (n,) float32, NaN where no cluster has the sample's label.
        label_count: number of label names, 0 if unlabelled.
        labels: (n,) int16 true labels, `NONE` for a sample without one; None where there are no labels.
        metrics: name → value; those that have none are left out.
        stats: by cluster.
        robustness: what other starts and shuffled data give.
    """

    info: SettingInfo
    clusters: NDArray[np.int16]
    margin: NDArray[np.float32]
    labels: NDArray[np.int16] | None
    metrics: Mapping[str, float]
    stats: tuple[ClusterView, ...]
    label_count: int
    robustness: Robustness = Robustness()

    @property
    def slug(self) -> str:
        """Its slug."""
        return self.info.slug

    @property
    def embedding(self) -> str | None:
        """Slug of the map that was clustered; None for the features."""
        return self.info.embedding

    @property
    def space(self) -> str:
        """What was clustered: "map" or "features"."""
        return self.info.space

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return len(self.stats)

    @cached_property
    def noise(self) -> int:
        """How many samples are in no cluster."""
        return int((self.clusters == NONE).sum())

    @property
    def clustered(self) -> float:
        """Share of the samples that are in a cluster."""
        return 1 - self.noise / len(self.clusters)

    @cached_property
    def dominant(self) -> NDArray[np.int16]:
        """Dominant label of each sample's cluster: (n,) int16, `NONE` for noise, and where no member has a label."""
        labels = [NONE if row.label is None else row.label for row in self.stats]
        return of_each(labels, self.clusters, NONE).astype(np.int16)

    @cached_property
    def counted(self) -> NDArray[np.bool_]:
        """Which samples can be right or misclassified, (n,): those in a cluster that have a label."""
        if self.labels is None:
            return np.zeros(len(self.clusters), dtype=bool)
        return np.asarray((self.labels != NONE) & (self.dominant != NONE))

    @cached_property
    def labelled(self) -> NDArray[np.int64]:
        """How many samples of each cluster have a label: (count,)."""
        return np.bincount(self.clusters[self.counted], minlength=self.count)

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """Which samples are misclassified, (n,)."""
        return np.asarray(self.counted & (self.dominant != self.labels))

    @cached_property
    def misclassified(self) -> NDArray[np.int64]:
        """Misclassified samples, the most clearly wrong (largest margin) first, those without a margin last."""
        wrong = np.flatnonzero(self.wrong)
        margin = self.margin[wrong]
        return wrong[np.lexsort((wrong, -np.nan_to_num(margin, nan=-np.inf)))]

    @cached_property
    def pairs(self) -> list[tuple[int, int, int]]:
        """Confusion matrix as (true label, dominant label, samples), the cells that are not empty, in order."""
        if self.labels is None:
            return []
        true, given = self.labels[self.counted].astype(np.int64), self.dominant[self.counted]
        counts = np.bincount(true * self.label_count + given)
        cells = np.flatnonzero(counts)
        return [(*divmod(int(cell), self.label_count), int(counts[cell])) for cell in cells]

    @cached_property
    def unavoidable(self) -> int:
        """Errors that no so many clusters could avoid: where they are fewer than labels, the rarest labels get none."""
        if self.labels is None:
            return 0
        counts = np.sort(np.bincount(self.labels[self.counted]))[::-1]
        return int(counts[self.count :].sum())


@dataclass(frozen=True)
class StudyView:
    """A study with its tables split by embedding and setting.

    Attributes:
        manifest: as pages show it.
        study: the tables.
        baseline: the study of the same data, shuffled.
    """

    manifest: Manifest
    study: Study
    baseline: StudyView | None = None

    @cached_property
    def idle(self) -> Mapping[str, float]:
        """Parameters that the study has and its pages do not offer, with the one value that each has."""
        offered = {axis.name for axis in self.manifest.axes}
        return {axis.name: axis.values[0] for axis in self.study.manifest.axes if axis.name not in offered}

    @property
    def components(self) -> int:
        """Principal components kept: all columns of features.parquet but the sample's number."""
        return len(self.study.tables["features"].column_names) - 1

    @cached_property
    def samples(self) -> pd.DataFrame:
        """samples.parquet without the pixels."""
        return self.study.tables["samples"].drop_columns(["pixels"]).to_pandas()

    @cached_property
    def labels(self) -> NDArray[np.int16] | None:
        """True label codes (n,), `NONE` for a sample without one; None where there are no labels."""
        if self.manifest.dataset.labels is None:
            return None
        return np.asarray(self.samples["label"].fillna(NONE), dtype=np.int16)

    @cached_property
    def unlabelled(self) -> int:
        """How many samples have no label where others have one."""
        return 0 if self.labels is None else int((self.labels == NONE).sum())

    @cached_property
    def fingerprint(self) -> str | None:
        """Hash of the samples' ids and labels, in order: the same in every study of the same samples.

        None where neither tells samples apart: without labels, and with row numbers for ids.
        """
        ids, names = self.samples["id"].tolist(), self.manifest.dataset.labels
        if self.labels is None and not own_ids(ids):
            return None
        labels = None if self.labels is None else self.labels.tolist()
        return sha256(json.dumps([ids, names, labels]).encode())

    @cached_property
    def pixels(self) -> NDArray[np.uint8] | None:
        """Pictures as (n, height, width, channels) uint8, None if there are none; `polarity` says what they mean."""
        shape = self.manifest.dataset.image
        if shape is None:
            return None
        flat = self.study.tables["samples"].column("pixels").combine_chunks().flatten()
        found = np.asarray(flat.to_numpy(zero_copy_only=False), dtype=np.uint8).reshape(-1, *shape)
        # older versions wrote grey pictures with 0 for white, and did not say whether they were strokes
        return 255 - found if self.manifest.dataset.polarity is None and shape[2] == 1 else found

    @property
    def polarity(self) -> Polarity:
        """What the pixels mean; where that was not written down, pictures are shown as they are: never as negatives."""
        return self.manifest.dataset.polarity or "light"

    @cached_property
    def _metrics(self) -> dict[str, dict[str, float]]:
        """Measures by slug: of a setting, or of a map."""
        found: dict[str, dict[str, float]] = {}
        rows = self.study.tables["metrics"].select(["setting", "embedding", "metric", "value"])
        for row in rows.to_pylist():
            of_row = found.setdefault(row["setting"] or row["embedding"], {})
            if row["value"] is not None:
                of_row[row["metric"]] = row["value"]
        return found

    @cached_property
    def _stats(self) -> dict[str, list[ClusterView]]:
        found: dict[str, list[ClusterView]] = {}
        fields = list(ClusterView.__dataclass_fields__)
        for row in self.study.tables["cluster_stats"].select(["setting", *fields]).to_pylist():
            found.setdefault(row.pop("setting"), []).append(ClusterView(**row))
        return found

    @cached_property
    def _stability(self) -> dict[str, dict[str, Any]]:
        return {row["setting"]: row for row in self.study.tables["stability"].to_pylist()}

    def _on_baseline(self, setting: SettingInfo) -> tuple[Mapping[str, float], str]:
        """Measures of a setting on the shuffled data, and their map in words where it is only the nearest there is."""
        if self.baseline is None:
            return {}, ""
        if setting.slug in self.baseline._metrics:
            return self.baseline._metrics[setting.slug], ""
        found = self.baseline.nearest_map(self.manifest.map_of(setting), setting)
        if found is None:
            return {}, ""
        return self.baseline._metrics[found[1].slug], words.values(self.baseline.manifest, found[0].parameters)

    def nearest_map(
        self, wanted: EmbeddingInfo | None, setting: SettingInfo
    ) -> tuple[EmbeddingInfo, SettingInfo] | None:
        """The map of this study that is nearest to another's by its parameters, and its setting like another's.

        Args:
            wanted: the other study's map; None for the features.
            setting: the other study's setting on it.
        """
        if wanted is None:
            return None
        maps = {one.slug: one for one in self.manifest.embeddings if one.method == wanted.method}
        same = [
            (maps[one.embedding], one)
            for one in self.manifest.settings
            if one.embedding in maps and (one.clusterer, one.parameters) == (setting.clusterer, setting.parameters)
        ]
        if not same:
            return None
        at = nearest.state([one.parameters for one, _ in same], wanted.parameters, list(wanted.parameters))
        return next(pair for pair in same if pair[0].parameters == at)

    def _robustness(self, setting: SettingInfo) -> Robustness:
        baseline, baseline_at = self._on_baseline(setting)
        row = self._stability.get(setting.slug)
        if row is None:
            return Robustness(baseline=baseline, baseline_at=baseline_at)
        return Robustness(
            row["seeds"], row["ari_mean"], row["ari_least"], tuple(row["vanished"]), baseline, baseline_at
        )

    def points(self, info: EmbeddingInfo) -> NDArray[np.float32]:
        """Coordinates of an embedding: (n, 2) float32."""
        rows = self.study.embedding(info.slug)
        return np.stack([rows.column(name).to_numpy() for name in ("x", "y")], axis=1)

    def embedding_metrics(self, slug: str) -> dict[str, float]:
        """Measures of one embedding: name → value."""
        return self._metrics.get(slug, {})

    @cached_property
    def _settings(self) -> dict[str, list[SettingView]]:
        return {}

    def settings(self, part: str) -> list[SettingView]:
        """All settings on one map, or on the features, in the manifest's order; read once, since many pages ask."""
        if part not in self._settings:
            self._settings[part] = self._settings_of(part)
        return self._settings[part]

    def _settings_of(self, part: str) -> list[SettingView]:
        infos = [info for info in self.manifest.settings if info.part == part]
        if not infos:
            return []
        rows = self.study.clusters(part)
        encoded = rows.column("setting").combine_chunks().dictionary_encode()
        slugs = encoded.dictionary.to_pylist()
        columns: dict[str, NDArray[Any]] = {
            name: rows.column(name).to_numpy() for name in ("sample", "cluster", "margin")
        }
        codes = encoded.indices.to_numpy()
        order = np.lexsort((columns["sample"], codes))
        places = {slugs[codes[at[0]]]: at for at in order.reshape(-1, self.manifest.dataset.n)}
        return [
            SettingView(
                info=info,
                clusters=columns["cluster"][places[info.slug]],
                margin=columns["margin"][places[info.slug]].astype(np.float32),
                labels=self.labels,
                metrics=self._metrics.get(info.slug, {}),
                stats=tuple(self._stats.get(info.slug, ())),
                label_count=len(self.manifest.dataset.labels or ()),
                robustness=self._robustness(info),
            )
            for info in infos
        ]
