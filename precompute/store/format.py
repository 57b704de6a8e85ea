"""The store: the tables of one study on disk, and the only definition of their format.

The computation writes it, the site reads it, and they meet nowhere else. Tidy Parquet tables with real key columns,
zstd and page checksums; the meaning and unit of every column stand in its field metadata, so the files explain
themselves in any reader. `manifest.json` fingerprints every file; nothing is read that does not match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import pyarrow as pa

from precompute.machine.files import seal

FORMAT = 1
MANIFEST = "manifest.json"
CELLS = "cells.json"


class StoreError(Exception):
    """The store cannot be read as it is; the message names the file, what is wrong and the way out."""


def own_ids(ids: Sequence[str]) -> bool:
    """Whether ids are the data's own, and last when a sample is added: those that are the numbers 0, 1, … do not."""
    return any(name != str(sample) for sample, name in enumerate(ids))


# --------------------------------------------------------------------------------------------------------- tables


def _column(name: str, kind: pa.DataType, meaning: str, unit: str = "", nullable: bool = False) -> pa.Field:
    metadata = {"meaning": meaning} | ({"unit": unit} if unit else {})
    return pa.field(name, kind, nullable=nullable, metadata=metadata)


_SAMPLE = _column("sample", pa.int32(), "number of the sample, from 0, in the data's own order")
_METHOD = _column("method", pa.string(), "embedding method; null for features", nullable=True)
_PERPLEXITY = _column("perplexity", pa.float64(), "t-SNE perplexity; null where the method has none", nullable=True)
_SPACE = _column("space", pa.string(), "where K-Means ran: map (the 2-D embedding) or features (the PCA space)")
_K = _column("k", pa.int16(), "number of clusters")
_CLUSTER = _column("cluster", pa.int16(), "cluster number, from 0, ordered by dominant label, then size, largest first")

Polarity = Literal["ink", "light"]

PIXELS: Mapping[Polarity, str] = {
    "ink": "strokes on nothing: 0 = no ink, 255 = full ink",
    "light": "0 = dark, 255 = light",
}
"""What the numbers of pictures mean, by the manifest's polarity."""

SCHEMAS: Mapping[str, pa.Schema] = {
    "samples": pa.schema(
        [
            _SAMPLE,
            _column("id", pa.string(), "the person's own name for the sample, else its number"),
            _column(
                "label", pa.int16(), "true label's code; names in the manifest; null where unlabelled", nullable=True
            ),
            _column(
                "pixels",
                pa.list_(pa.uint8()),
                "picture, row by row; what its numbers mean stands in the manifest (polarity); null without images",
                nullable=True,
            ),
        ]
    ),
    "variance": pa.schema(
        [
            _column("component", pa.int32(), "principal component, from 1"),
            _column("ratio", pa.float64(), "share of the variance that it explains"),
            _column("cumulative", pa.float64(), "share that it and those before it explain"),
        ]
    ),
    "neighbors": pa.schema(
        [
            _SAMPLE,
            _column("rank", pa.int16(), "1 = nearest"),
            _column("neighbor", pa.int32(), "sample number of the neighbour"),
            _column("distance", pa.float32(), "Euclidean distance in feature space"),
        ]
    ),
    "embedding": pa.schema(
        [
            _column("method", pa.string(), "embedding method"),
            _PERPLEXITY,
            _SAMPLE,
            _column("x", pa.float32(), "coordinate on the map; t-SNE's have no unit"),
            _column("y", pa.float32(), "coordinate on the map; t-SNE's have no unit"),
        ]
    ),
    "clusters": pa.schema(
        [
            _METHOD,
            _PERPLEXITY,
            _SPACE,
            _K,
            _SAMPLE,
            _CLUSTER,
            _column(
                "margin",
                pa.float32(),
                "distance to the nearest centre whose dominant label is the sample's true label, "
                "minus distance to its own centre; null if there is none",
                nullable=True,
            ),
        ]
    ),
    "metrics": pa.schema(
        [
            _METHOD,
            _PERPLEXITY,
            _column("space", pa.string(), "map or features; null for measures of an embedding", nullable=True),
            _column("k", pa.int16(), "number of clusters; null for measures of an embedding", nullable=True),
            _column("metric", pa.string(), "name of the measure; defined in the manifest"),
            _column("value", pa.float64(), "its value"),
            _column("n", pa.int32(), "samples used where fewer than all, else null", nullable=True),
        ]
    ),
    "cluster_stats": pa.schema(
        [
            _METHOD,
            _PERPLEXITY,
            _SPACE,
            _K,
            _CLUSTER,
            _column("label", pa.int16(), "dominant (most frequent) true label, lowest on a tie", nullable=True),
            _column("size", pa.int32(), "samples in the cluster"),
            _column("purity", pa.float64(), "share of its samples that bear the dominant label", nullable=True),
            _column("entropy", pa.float64(), "entropy of the true labels in it", "bits", nullable=True),
            _column("medoid", pa.int32(), "sample nearest to the mean of the cluster, in the space clustered"),
            _column("runner_up", pa.int16(), "second most frequent true label; null if there is none", nullable=True),
            _column("runner_up_size", pa.int32(), "samples that bear it", nullable=True),
        ]
    ),
    "stability": pa.schema(
        [
            _METHOD,
            _PERPLEXITY,
            _SPACE,
            _K,
            _column("seeds", pa.int16(), "maps compared: the one shown, and others from random starts"),
            _column("ari_mean", pa.float64(), "adjusted Rand index of their clusterings, mean over all pairs"),
            _column("ari_least", pa.float64(), "the same, of the pair that agrees least"),
            _column("vanished", pa.list_(pa.int16()), "clusters of the map shown that most of the others do not have"),
        ]
    ),
    "audit": pa.schema(
        [
            _SAMPLE,
            _SPACE,
            _column("settings", pa.int32(), "settings of this space that count"),
            _column("misclassified", pa.float64(), "share of these settings in which the sample is misclassified"),
            _column("labels", pa.list_(pa.int16()), "dominant labels that its clusters had, most frequent first"),
            _column("counts", pa.list_(pa.int32()), "in how many settings it had each of them"),
        ]
    ),
    "review": pa.schema(
        [
            _SAMPLE,
            _column("class", pa.string(), "core, ambiguous or suspect; null where unlabelled", nullable=True),
            _column(
                "suspicion",
                pa.float64(),
                "mean of other_in_clusters and other_in_neighbors, or the one that there is",
                nullable=True,
            ),
            _column(
                "other_in_clusters",
                pa.float64(),
                "share of other labels among the other members of its cluster, mean over the settings that count "
                "(k at least the number of labels) of each space, then over the spaces",
                nullable=True,
            ),
            _column(
                "other_in_neighbors",
                pa.float64(),
                "share of other labels among its 20 nearest neighbours in feature space, or all others where they are "
                "fewer, nearer ones weighing more",
                nullable=True,
            ),
            _column("settings", pa.int32(), "settings that count, of both spaces"),
            _column(
                "stability", pa.float64(), "share of these settings whose cluster has its own label", nullable=True
            ),
            _column("entropy", pa.float64(), "entropy of the labels it was given in these settings", "bits", True),
            _column("labels", pa.list_(pa.int16()), "labels it was given in these settings, most frequent first"),
            _column("counts", pa.list_(pa.int32()), "in how many of these settings it was given each of them"),
            _column("distance", pa.float64(), "mean distance to its nearest neighbours in feature space"),
            _column(
                "outlier",
                pa.bool_(),
                "whether that is over 3 spreads above the median of all; a spread is 1.4826 times the median absolute "
                "deviation, or 1.2533 times the mean one where that is 0",
            ),
        ]
    ),
    "near_duplicates": pa.schema(
        [
            _SAMPLE,
            _column("other", pa.int32(), "the sample that it nearly is; the larger number of the two"),
            _column("distance", pa.float64(), "Euclidean distance in feature space"),
            _column(
                "ratio", pa.float64(), "that distance over the median distance of samples to their nearest neighbour"
            ),
        ]
    ),
    "confusable": pa.schema(
        [
            _column("label", pa.int16(), "true label"),
            _column("given", pa.int16(), "other label, which the sample's cluster had"),
            _column("times", pa.int64(), "how often, over all samples of the label and all settings of the grid"),
            _column("counted", pa.int64(), "how often in settings with at least as many clusters as labels"),
            _column("samples", pa.int32(), "samples that ever were given it"),
            _column("examples", pa.list_(pa.int32()), "those that were given it most often, most often first"),
        ]
    ),
}
"""Columns of each kind of table; `features` adds one column a component (`features_schema`)."""

ALWAYS = frozenset(f"{kind}.parquet" for kind in SCHEMAS if kind not in ("embedding", "clusters"))
"""Files that every study has."""


def features_schema(components: int) -> pa.Schema:
    """Columns of features.parquet: sample, pc_001 … float32."""
    return pa.schema(
        [_SAMPLE]
        + [
            _column(f"pc_{number:03d}", pa.float32(), f"score on principal component {number} of the scaled values")
            for number in range(1, components + 1)
        ]
    )


def samples_schema(polarity: Polarity | None) -> pa.Schema:
    """Columns of samples.parquet, which say of these pictures what their numbers mean; None: there are none."""
    schema = SCHEMAS["samples"]
    meaning = "null: there are no images" if polarity is None else f"picture, row by row; {PIXELS[polarity]}"
    at = schema.get_field_index("pixels")
    return schema.set(at, schema.field(at).with_metadata({"meaning": meaning}))


def table(kind: str, columns: Mapping[str, Any], schema: pa.Schema | None = None) -> pa.Table:
    """Make a table of a kind from columns (arrays or lists); types are the schema's, NaN stays NaN.

    Args:
        schema: the kind's, with other words; None: the kind's own.
    """
    schema = schema or SCHEMAS[kind]
    return pa.table(
        {name: pa.array(columns[name], type=schema.field(name).type) for name in schema.names}, schema=schema
    )


# ------------------------------------------------------------------------------------------------------- manifest


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of everything in the manifest: unknown fields are an error, never a guess."""


class DatasetInfo(_Strict, frozen=True, kw_only=True):
    """What the data set is.

    `image` is height, width, channels; `polarity` what the pixels mean (`PIXELS`), null without images, and in results
    of older versions, whose grey pictures all have 0 for white; `labels` the names of the label codes; `null_of` the id
    of the data set that this one is a shuffled copy of, `null_from` the `sha256` that the data had as they
    were shuffled.
    `sha256` is over everything that the samples are, `samples_sha256` over their values and pictures only, so that a
    mended label leaves it as it is; results of earlier versions have the first alone.
    """

    id: str
    title: str
    description: str
    source: str
    license: str
    n: int
    dimensions: int
    image: tuple[int, int, int] | None
    labels: list[str] | None
    scaling: str
    sha256: str
    null_of: str | None = None
    null_from: str | None = None
    polarity: Polarity | None = None
    samples_sha256: str | None = None

    @property
    def same_samples(self) -> str:
        """What says that samples are the same ones under the same numbers, whatever their labels are."""
        return self.samples_sha256 or self.sha256


class Axis(_Strict, frozen=True, kw_only=True):
    """One parameter of the grid and its values, ascending."""

    name: str
    label: str
    meaning: str
    values: list[float]


class MethodInfo(_Strict, frozen=True, kw_only=True):
    """An embedding method and the axes that it has."""

    name: str
    label: str
    parameters: list[str]


class MetricInfo(_Strict, frozen=True, kw_only=True):
    """Definition of a measure; `of` says whether it is of a setting, of an embedding, or provenance of a run."""

    name: str
    of: Literal["setting", "embedding", "provenance"]
    label: str
    meaning: str
    lower: float | None
    upper: float | None
    better: Literal["higher", "lower"] | None
    space: str | None
    comparable_over: list[str]
    decimals: int


class EmbeddingInfo(_Strict, frozen=True, kw_only=True):
    """An embedding of the grid: its slug and its parameters."""

    slug: str
    method: str
    perplexity: float | None


class SettingInfo(_Strict, frozen=True, kw_only=True):
    """A setting: its slug, the embedding clustered (null: the features), and k."""

    slug: str
    embedding: str | None
    space: str
    k: int


class Failure(_Strict, frozen=True, kw_only=True):
    """A hole in the grid: the cell and why it could not be computed."""

    cell: str
    reason: str


class FileInfo(_Strict, frozen=True, kw_only=True):
    """Fingerprint of a stored file."""

    rows: int
    sha256: str


class Manifest(_Strict, frozen=True, kw_only=True):
    """manifest.json: all that is needed to read the tables. It holds no clock time and no path of any machine.

    `distinct` says how many points differ, by embedding or "features", where a k that was asked for is more and so left
    out. `rules` are fingerprints of the code by which tables were made from cells (`describe.table_rules`), by module;
    empty if an earlier version made them. `fingerprint` is the sha256 of the manifest's own bytes with this field
    empty; `write` fills it in.
    """

    format: int
    dataset: DatasetInfo
    parameters: dict[str, float]
    axes: list[Axis]
    methods: list[MethodInfo]
    embeddings: list[EmbeddingInfo]
    settings: list[SettingInfo]
    metrics: list[MetricInfo]
    failed: list[Failure]
    versions: dict[str, str]
    machine: dict[str, str]
    files: dict[str, FileInfo]
    rules: dict[str, str] = {}
    distinct: dict[str, int] = {}
    fingerprint: str = ""

    def axis(self, name: str) -> list[float]:
        """Values of one axis; empty if the study has no such axis."""
        return next((axis.values for axis in self.axes if axis.name == name), [])


class CellRecord(_Strict, frozen=True, kw_only=True):
    """One computed cell: its key, and what the key was made from."""

    key: str
    made_from: dict[str, Any]


class Cells(_Strict, frozen=True, kw_only=True):
    """cells.json: every computed cell by name, so that a build computes only what is new."""

    format: int
    cells: dict[str, CellRecord]
    failed: list[Failure]


def encode_manifest(manifest: Manifest) -> bytes:
    """The bytes of manifest.json, with the fingerprint filled in."""
    return seal(to_json(msgspec.structs.replace(manifest, fingerprint="")))


def to_json(value: Any) -> bytes:
    """Strict JSON in one shape for equal values: sorted keys, two spaces, a newline at the end; NaN is refused.

    Raises:
        ValueError: a float is NaN or infinite, which strict JSON cannot hold.
    """
    import json

    plain = msgspec.to_builtins(value)
    return (json.dumps(plain, allow_nan=False, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
