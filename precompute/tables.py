"""Tables: from the parts of a study to the columns that the store's contract asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from precompute import store
from precompute.clusterers import registry as clusterers_registry
from precompute.dataset import Dataset
from precompute.labels import audit_tables, stability, suspicion
from precompute.maps import registry as maps_registry
from precompute.metrics import limits, registry
from precompute.run.cells import Part
from precompute.run.plan import EmbeddingPlan, Plan, SettingPlan

Parts = Sequence[tuple[EmbeddingPlan, Part]]


def assemble(
    data: Dataset,
    arrays: Mapping[str, NDArray[Any]],
    parts: Parts,
    manifest: store.Manifest,
    restarts: Parts = (),
) -> dict[str, pa.Table]:
    """All tables of a study by name.

    Args:
        data: the samples.
        arrays: of the source part: scores, ratio, indices, distances.
        parts: what was computed, in the order of the tables.
        manifest: says how many neighbours are kept.
        restarts: the same embeddings from other starts, where they were computed.
    """
    maker = _Tables(manifest, data.n)
    tables = dict(maker.of_samples(data, arrays))
    for plan, part in parts:
        if plan.is_map:
            tables[f"embeddings/{plan.slug}"] = maker.embedding(plan, part)
        if plan.settings:
            tables[f"clusters/{plan.slug}"] = maker.clusters(plan, part)
    tables["metrics"] = maker.rows("metrics", maker.metrics(parts))
    tables["cluster_stats"] = maker.rows("cluster_stats", maker.cluster_stats(parts))
    tables["stability"] = maker.rows("stability", maker.stability(parts, restarts))
    near = audit_tables.Near(arrays["indices"], arrays["distances"]).first(suspicion.NEIGHBORS)
    count = int(manifest.parameters["neighbors"])
    audited = audit_tables.audit_tables(data.labels, len(data.label_names), clusterings(parts), near, count)
    return tables | {name: maker.table(name, columns) for name, columns in audited.items()}


def names(plan: Plan) -> set[str]:
    """Names of all tables that a study with nothing lost has."""
    found = {name.removesuffix(".parquet") for name in store.ALWAYS}
    found |= {f"embeddings/{part.slug}" for part in plan.parts.values() if part.is_map}
    return found | {f"clusters/{part.slug}" for part in plan.parts.values() if part.settings}


def clusterings(parts: Parts) -> list[audit_tables.Clustering]:
    """Every setting's clusters, in the order of the tables."""
    return [
        audit_tables.Clustering(
            space=_space(plan),
            kind=(plan.method, setting.clusterer),
            evidence=_is_evidence(plan, setting),
            clusters=part.settings[name].clusters.unpack(),
            dominant=np.array([_label(row) for row in part.settings[name].stats], dtype=np.int16),
        )
        for plan, part in parts
        for name, setting in plan.settings.items()
    ]


def _label(row: Mapping[str, Any]) -> int:
    """The dominant label of a cluster, −1 if it has none."""
    return -1 if row["label"] is None else int(row["label"])


def _is_evidence(plan: EmbeddingPlan, setting: SettingPlan) -> bool:
    of_map = not plan.is_map or maps_registry.METHODS[plan.method].evidence
    return of_map and clusterers_registry.CLUSTERERS[setting.clusterer].evidence


def _space(plan: EmbeddingPlan) -> str:
    return "map" if plan.is_map else store.FEATURES


@dataclass(frozen=True)
class _Tables:
    """Makes the tables of a study.

    Attributes:
        manifest: says which columns they have.
        n: samples.
    """

    manifest: store.Manifest
    n: int

    def table(self, kind: str, columns: Mapping[str, Any]) -> pa.Table:
        return store.table(store.schema(kind, self.manifest), columns)

    def rows(self, kind: str, rows: Iterator[dict[str, Any]]) -> pa.Table:
        listed = list(rows)
        names = store.schema(kind, self.manifest).names
        return self.table(kind, {name: [row[name] for row in listed] for name in names})

    def keys(self, plan: EmbeddingPlan, setting: SettingPlan | None = None) -> dict[str, Any]:
        """The key columns of a map, or of a setting of one or of the features."""
        return store.keys(
            self.manifest, self._maps.get(plan.slug), None if setting is None else self._settings[setting.slug]
        )

    @cached_property
    def _maps(self) -> dict[str, store.EmbeddingInfo]:
        return {one.slug: one for one in self.manifest.embeddings}

    @cached_property
    def _settings(self) -> dict[str, store.SettingInfo]:
        return {one.slug: one for one in self.manifest.settings}

    def of_samples(self, data: Dataset, arrays: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, pa.Table]]:
        """The tables of what is the same for all maps and clusterings."""
        sample, count = np.arange(data.n, dtype=np.int32), int(self.manifest.parameters["neighbors"])
        pixels: Any = pa.nulls(data.n, pa.list_(pa.uint8()))
        if data.pixels is not None:
            flat = pa.array(data.pixels.ravel())
            pixels = pa.FixedSizeListArray.from_arrays(flat, data.pixels.shape[1]).cast(pa.list_(pa.uint8()))
        labels = pa.nulls(data.n, pa.int16()) if data.labels is None else data.labels
        schema = store.samples_schema(None if data.pixels is None else data.polarity)
        columns = {"sample": sample, "id": list(data.ids), "label": labels, "pixels": pixels}
        yield "samples", store.table(schema, columns)
        schema = store.columns_schema([(one.name, one.values.type, one.meaning) for one in data.columns])
        own = [sample, *(one.values for one in data.columns)]
        yield "columns", store.table(schema, dict(zip(schema.names, own, strict=True)))
        ratio = arrays["ratio"]
        component = np.arange(1, len(ratio) + 1)
        yield (
            "variance",
            self.table("variance", {"component": component, "ratio": ratio, "cumulative": np.cumsum(ratio)}),
        )
        yield "features", self._of_components("features", {"sample": sample}, arrays["scores"].T)
        axes, mean = arrays["axes"], arrays["mean"]
        if len(axes) == 0:
            axes, mean = np.empty((arrays["scores"].shape[1], 0), dtype=np.float32), mean[:0]
        scale = pa.nulls(len(mean), pa.float64())
        dimensions = {"dimension": np.arange(len(mean), dtype=np.int32), "mean": mean, "scale": scale}
        yield "projection", self._of_components("projection", dimensions, axes)
        yield (
            "neighbors",
            self.table(
                "neighbors",
                {
                    "sample": np.repeat(sample, count),
                    "rank": np.tile(np.arange(1, count + 1), data.n),
                    "neighbor": arrays["indices"][:, :count].ravel(),
                    "distance": arrays["distances"][:, :count].ravel(),
                },
            ),
        )

    def _of_components(self, kind: str, columns: Mapping[str, Any], components: NDArray[np.float32]) -> pa.Table:
        """A table with a column for each component after its own; `components`: (m, rows)."""
        schema = store.component_columns(kind, len(components), self.manifest)
        return store.table(schema, dict(zip(schema.names, [*columns.values(), *components], strict=True)))

    def embedding(self, plan: EmbeddingPlan, part: Part) -> pa.Table:
        """Coordinates of one map."""
        points = part.arrays["points"].unpack()
        columns = {"sample": np.arange(self.n), "x": points[:, 0], "y": points[:, 1]}
        return self.table("embeddings", self.keys(plan) | columns)

    def clusters(self, plan: EmbeddingPlan, part: Part) -> pa.Table:
        """Assignments of every setting on one map, or on the features."""
        each = []
        for name, setting in plan.settings.items():
            made = part.settings[name]
            margin = made.margin.unpack()
            columns = {
                "sample": np.arange(self.n),
                "cluster": made.clusters.unpack(),
                "margin": pa.array(margin, type=pa.float32(), mask=np.isnan(margin)),
            }
            each.append(self.table("clusters", self.keys(plan, setting) | columns))
        return pa.concat_tables(each).combine_chunks()

    def metrics(self, parts: Parts) -> Iterator[dict[str, Any]]:
        """Every measure of every map and setting."""
        quadratic = {name for name, metric in registry.SETTING_METRICS.items() if metric.quadratic}
        quadratic |= {name for name, metric in registry.EMBEDDING_METRICS.items() if metric.quadratic}
        drawn = limits.QUADRATIC_LIMIT if self.n > limits.QUADRATIC_LIMIT else None

        def row(keys: dict[str, Any], name: str, value: float | None) -> dict[str, Any]:
            return {**keys, "metric": name, "value": value, "n": drawn if name in quadratic else None}

        for plan, part in parts:
            keys = self.keys(plan)
            for name, value in {**part.reported, **part.measures}.items():
                yield row(keys, name, value)
            for key, setting in plan.settings.items():
                keys = self.keys(plan, setting)
                for name, value in part.settings[key].metrics.items():
                    yield row(keys, name, value)

    def cluster_stats(self, parts: Parts) -> Iterator[dict[str, Any]]:
        """Facts of every cluster of every setting."""
        for plan, part in parts:
            for key, setting in plan.settings.items():
                keys = self.keys(plan, setting)
                for row in part.settings[key].stats:
                    yield keys | row

    def stability(self, parts: Parts, restarts: Parts) -> Iterator[dict[str, Any]]:
        """How far the clusterings of the maps from other starts agree with the one that is shown."""
        for plan, part in parts:
            again = [
                other
                for other_plan, other in restarts
                if other_plan.method == plan.method
                and {**other_plan.parameters, "restart": 0} == {**plan.parameters, "restart": 0}
            ]
            for key, setting in plan.settings.items():
                others = [one.settings[key] for one in again if key in one.settings]
                if not others:
                    continue
                found = stability.agreement([one.clusters.unpack() for one in (part.settings[key], *others)])
                yield self.keys(plan, setting) | {
                    "seeds": 1 + len(others),
                    "ari_mean": found.mean,
                    "ari_least": found.least,
                    "vanished": list(found.vanished),
                }
