"""The store: the tables of one study on disk, and the only definition of their format.

The computation writes it, the site reads it, and they meet nowhere else. Tidy Parquet tables with real key columns,
zstd and page checksums; the meaning and unit of every column stand in its field metadata, so the files explain
themselves in any reader. `manifest.json` fingerprints every file; nothing is read that does not match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import pyarrow as pa

from precompute.machine.files import seal
from precompute.store.slugs import FEATURES, VALUES

FORMAT = 2
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
_CLUSTER = _column(
    "cluster",
    pa.int16(),
    "cluster number, from 0, ordered by dominant label, then size, largest first; -1 for noise, which is in none",
)
_NUMBER = _column("cluster", pa.int16(), "cluster number, from 0; noise has no row")

Polarity = Literal["ink", "light"]

PIXELS: Mapping[Polarity, str] = {
    "ink": "strokes on nothing: 0 = no ink, 255 = full ink",
    "light": "0 = dark, 255 = light",
}
"""What the numbers of pictures mean, by the manifest's polarity."""

Keys = Literal["", "map", "setting", "either"]
"""What a row of a table is about: nothing that has a key, a map, a setting, or one of the two."""


@dataclass(frozen=True)
class TableKind:
    """A kind of table.

    Attributes:
        about: what it holds, for the data dictionary and all that describes the tables.
        columns: beside the keys.
        keys: which keys come first.
        each: whether there is a table for each map (or for the features), in a folder of the kind's name.
    """

    about: str
    columns: Sequence[pa.Field]
    keys: Keys = ""
    each: bool = False


TABLES: Mapping[str, TableKind] = {
    "samples": TableKind(
        "The samples, with their true labels and pictures as far as there are any.",
        [
            _SAMPLE,
            _column("id", pa.string(), "the person's own name for the sample, else its number"),
            _column(
                "label",
                pa.int16(),
                "true label's code; names in the manifest; -1 for a sample without one; null where there are no labels",
                nullable=True,
            ),
            _column(
                "pixels",
                pa.list_(pa.uint8()),
                "picture, row by row; what its numbers mean stands in the manifest (polarity); null without images",
                nullable=True,
            ),
        ],
    ),
    "columns": TableKind("The samples' own columns, beside id and label, as far as there are any.", [_SAMPLE]),
    "variance": TableKind(
        "How much of the variance each principal component explains.",
        [
            _column("component", pa.int32(), "principal component, from 1"),
            _column("ratio", pa.float64(), "share of the variance that it explains"),
            _column("cumulative", pa.float64(), "share that it and those before it explain"),
        ],
    ),
    "features": TableKind(
        "The samples' scores on the principal components that are kept: the feature space.", [_SAMPLE]
    ),
    "projection": TableKind(
        "What leads from a sample's scaled values to its scores: subtract the mean, then sum over the values times the "
        "component.",
        [
            _column("dimension", pa.int32(), "number of the value, from 0, in the data's own order"),
            _column("mean", pa.float64(), "mean of the scaled values over the samples"),
            _column(
                "scale", pa.float64(), "what the scaled value is divided by before; null: by nothing", nullable=True
            ),
        ],
    ),
    "neighbors": TableKind(
        "The true nearest neighbours of each sample, in feature space.",
        [
            _SAMPLE,
            _column("rank", pa.int16(), "1 = nearest"),
            _column("neighbor", pa.int32(), "sample number of the neighbour"),
            _column("distance", pa.float32(), "Euclidean distance in feature space"),
        ],
    ),
    "embeddings": TableKind(
        "Coordinates of the samples on each map.",
        [
            _SAMPLE,
            _column("x", pa.float32(), "coordinate on the map; most methods' have no unit"),
            _column("y", pa.float32(), "coordinate on the map; most methods' have no unit"),
        ],
        keys="map",
        each=True,
    ),
    "clusters": TableKind(
        "The cluster of each sample, for every setting.",
        [
            _SAMPLE,
            _CLUSTER,
            _column(
                "margin",
                pa.float32(),
                "distance to the nearest centre whose dominant label is the sample's true label, "
                "minus distance to its own centre; null if there is none, for noise and without a label",
                nullable=True,
            ),
        ],
        keys="setting",
        each=True,
    ),
    "metrics": TableKind(
        "Every measure of every setting and of every map, one row each.",
        [
            _column("metric", pa.string(), "name of the measure; defined in the manifest"),
            _column(
                "value",
                pa.float64(),
                "its value; null where there is none, for the reason that the manifest says (undefined)",
                nullable=True,
            ),
            _column("n", pa.int32(), "samples used where fewer than all, else null", nullable=True),
        ],
        keys="either",
    ),
    "cluster_stats": TableKind(
        "Size, centre, dominant label and purity of each cluster of each setting.",
        [
            _NUMBER,
            _column(
                "label",
                pa.int16(),
                "dominant (most frequent) true label, lowest on a tie; null if no sample in it is labelled",
                nullable=True,
            ),
            _column("size", pa.int32(), "samples in the cluster"),
            _column(
                "purity", pa.float64(), "share of its labelled samples that bear the dominant label", nullable=True
            ),
            _column("entropy", pa.float64(), "entropy of the true labels in it", "bits", nullable=True),
            _column("center", pa.list_(pa.float32()), "mean of its samples, in the space clustered"),
            _column("medoid", pa.int32(), "sample nearest to the mean of the cluster, in the space clustered"),
            _column("runner_up", pa.int16(), "second most frequent true label; null if there is none", nullable=True),
            _column("runner_up_size", pa.int32(), "samples that bear it", nullable=True),
        ],
        keys="setting",
    ),
    "stability": TableKind(
        "How far the clusters of a map agree with those of maps from other, random starts.",
        [
            _column("seeds", pa.int16(), "maps compared: the one shown, and others from random starts"),
            _column("ari_mean", pa.float64(), "adjusted Rand index of their clusterings, mean over all pairs"),
            _column("ari_least", pa.float64(), "the same, of the pair that agrees least"),
            _column("vanished", pa.list_(pa.int16()), "clusters of the map shown that most of the others do not have"),
        ],
        keys="setting",
    ),
    "audit": TableKind(
        "How often each sample is misclassified over the grid, and which labels it was given.",
        [
            _SAMPLE,
            _column("space", pa.string(), "where the settings cluster: map, or features (the PCA space)"),
            _column("settings", pa.int32(), "settings of this space in which the sample has a dominant label"),
            _column(
                "misclassified",
                pa.float64(),
                "share of these settings in which the sample is misclassified; null if there are none, or it has no "
                "label",
                nullable=True,
            ),
            _column("labels", pa.list_(pa.int16()), "dominant labels that its clusters had, most frequent first"),
            _column("counts", pa.list_(pa.int32()), "in how many settings it had each of them"),
        ],
    ),
    "review": TableKind(
        "Each sample's stability, suspicion and class: what to look at first.",
        [
            _SAMPLE,
            _column("class", pa.string(), "core, ambiguous or suspect; null where unlabelled", nullable=True),
            _column(
                "suspicion",
                pa.float64(),
                "mean of other_in_clusters and other_in_neighbors, or the one that there is; null where unlabelled",
                nullable=True,
            ),
            _column(
                "other_in_clusters",
                pa.float64(),
                "share of other labels among the other labelled members of its cluster, mean over the settings that "
                "count of each kind of map and clusterer, then over the kinds",
                nullable=True,
            ),
            _column(
                "other_in_neighbors",
                pa.float64(),
                "share of other labels among its 20 nearest neighbours in feature space, or all others where they are "
                "fewer, nearer ones weighing more; unlabelled ones say nothing",
                nullable=True,
            ),
            _column(
                "settings",
                pa.int32(),
                "settings that count in which it has a dominant label: those with at least as many clusters as labels; "
                "of PCA maps, Ward, mixtures and HDBSCAN only where there are no others",
            ),
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
        ],
    ),
    "near_duplicates": TableKind(
        "Pairs of samples that nearly are the same, the closest first: all of which one is "
        "among the other's nearest neighbours.",
        [
            _SAMPLE,
            _column("other", pa.int32(), "the sample that it nearly is; the larger number of the two"),
            _column("distance", pa.float64(), "Euclidean distance in feature space"),
            _column(
                "ratio", pa.float64(), "that distance over the median distance of samples to their nearest neighbour"
            ),
        ],
    ),
    "confusable": TableKind(
        "Which labels are taken for which others over the whole grid.",
        [
            _column("label", pa.int16(), "the samples' label"),
            _column("given", pa.int16(), "other label, which the sample's cluster had"),
            _column("times", pa.int64(), "how often, over all samples of the label and all settings of the grid"),
            _column("counted", pa.int64(), "how often in settings with at least as many clusters as labels"),
            _column("samples", pa.int32(), "samples that ever were given it"),
            _column("examples", pa.list_(pa.int32()), "those that were given it most often, most often first"),
        ],
    ),
}
"""Every kind of table by name; `features` and `projection` add one column a component (`component_columns`)."""

ALWAYS = frozenset(f"{kind}.parquet" for kind, table in TABLES.items() if not table.each)
"""Files that every study has."""


def schema(kind: str, manifest: Manifest) -> pa.Schema:
    """Columns of a kind of table: its keys, one column a parameter that the study has among them, then its own.

    Args:
        kind: of `TABLES`.
        manifest: of the study.
    """
    table = TABLES[kind]
    return pa.schema([*_keys(table.keys, manifest), *table.columns])


def _keys(keys: Keys, manifest: Manifest) -> list[pa.Field]:
    if not keys:
        return []
    part = {"map": "", "setting": "; null where the features are clustered", "either": "; null for the features"}[keys]
    either = "; null for a measure of a map" if keys == "either" else ""
    found = (
        []
        if keys == "map"
        else [_column("setting", pa.string(), f"slug of the setting, as in addresses{either}", nullable=bool(either))]
    )
    found += [
        _column("embedding", pa.string(), f"slug of the map{part}", nullable=bool(part)),
        _column("representation", pa.string(), "what the map or the features were made from"),
        _column("method", pa.string(), f"method that made the map{part}", nullable=bool(part)),
        *(_parameter(axis, "the method") for axis in manifest.axes_of(manifest.methods)),
    ]
    if keys == "map":
        return found
    return [
        *found,
        _column(
            "space", pa.string(), f"what was clustered: map, or features (the PCA space){either}", nullable=bool(either)
        ),
        _column("clusterer", pa.string(), f"what made the clusters{either}", nullable=bool(either)),
        *(_parameter(axis, "the clusterer") for axis in manifest.axes_of(manifest.clusterers)),
    ]


def _parameter(axis: Axis, of: str) -> pa.Field:
    kind = pa.int32() if axis.whole else pa.float64()
    return _column(axis.name, kind, f"{axis.meaning[:-1]}; null where {of} has no such parameter", axis.unit, True)


def keys(manifest: Manifest, embedding: EmbeddingInfo | None, setting: SettingInfo | None = None) -> dict[str, Any]:
    """Values of the key columns for a map or the features, or for a setting of one.

    Args:
        manifest: of the study.
        embedding: None: the features.
        setting: None: the map itself.
    """
    of_map = {} if embedding is None else embedding.parameters
    of_clusters = {} if setting is None else setting.parameters
    entry = embedding or setting
    return {
        "setting": None if setting is None else setting.slug,
        "embedding": None if embedding is None else embedding.slug,
        "representation": VALUES if entry is None else entry.representation,
        "method": None if embedding is None else embedding.method,
        **{axis.name: axis.typed(of_map.get(axis.name)) for axis in manifest.axes_of(manifest.methods)},
        "space": None if setting is None else setting.space,
        "clusterer": None if setting is None else setting.clusterer,
        **{axis.name: axis.typed(of_clusters.get(axis.name)) for axis in manifest.axes_of(manifest.clusterers)},
    }


def component_columns(kind: str, components: int, manifest: Manifest) -> pa.Schema:
    """Columns of features.parquet and projection.parquet: the kind's own, then pc_001 … float32."""
    meaning = {
        "features": "score on principal component {} of the scaled values",
        "projection": "principal component {}: what the value counts in its score",
    }[kind]
    return pa.schema(
        [
            *schema(kind, manifest),
            *(_column(f"pc_{number:03d}", pa.float32(), meaning.format(number)) for number in range(1, components + 1)),
        ]
    )


def samples_schema(polarity: Polarity | None) -> pa.Schema:
    """Columns of samples.parquet, which say of these pictures what their numbers mean; None: there are none."""
    schema = pa.schema(TABLES["samples"].columns)
    meaning = "null: there are no images" if polarity is None else f"picture, row by row; {PIXELS[polarity]}"
    at = schema.get_field_index("pixels")
    return schema.set(at, schema.field(at).with_metadata({"meaning": meaning}))


def columns_schema(columns: Sequence[tuple[str, pa.DataType, str]]) -> pa.Schema:
    """Columns of columns.parquet: the sample's number, then the data's own columns under their own names.

    Args:
        columns: name, type and meaning of each; a name that is taken, or that stands twice, gets a number.
    """
    fields = [*TABLES["columns"].columns]
    for name, kind, meaning in columns:
        taken = {field.name for field in fields}
        free = next(each for each in (name, *(f"{name}_{at}" for at in range(2, len(taken) + 3))) if each not in taken)
        fields.append(_column(free, kind, meaning, nullable=True))
    return pa.schema(fields)


def table(schema: pa.Schema, columns: Mapping[str, Any]) -> pa.Table:
    """A table of columns (arrays or lists) with the types of a schema; NaN stays NaN.

    Args:
        schema: see `schema`.
        columns: by name; one value that is neither an array nor a list stands in every row.
    """
    count = max((len(one) for one in columns.values() if _is_column(one)), default=0)
    made = {}
    for name in schema.names:
        kind, value = schema.field(name).type, columns[name]
        if _is_column(value):
            made[name] = pa.array(value, type=kind)
        else:
            made[name] = pa.repeat(pa.scalar(value, type=kind), count)
    return pa.table(made, schema=schema)


def _is_column(value: Any) -> bool:
    return value is not None and not isinstance(value, str | int | float)


# ------------------------------------------------------------------------------------------------------- manifest


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of everything in the manifest: unknown fields are an error, never a guess."""


class Unit(_Strict, frozen=True, kw_only=True):
    """How the numbers of a column become values of [0, 1]: (raw − shift) / span, and not below 0 or above 1."""

    name: str
    shift: float
    span: float


class DatasetInfo(_Strict, frozen=True, kw_only=True):
    """What the data set is.

    `image` is height, width, channels; `polarity` what the pixels mean (`PIXELS`), null without images, and in results
    of older versions, whose grey pictures all have 0 for white; `labels` the names of the label codes; `null_of` the id
    of the data set that this one is a shuffled baseline of, `null_from` the `sha256` that the data had as they
    were shuffled.
    `sha256` is over everything that the samples are, `samples_sha256` over their values and pictures only, so that a
    mended label leaves it as it is; results of earlier versions have the first alone.
    `reading` says how the data were read: the format in words under `read_as`, the keys that a person gave under
    `options`, and what was `left_out`, doubtful (`doubts`) and worth a remark (`remarks`). `units` are what a new
    sample's raw numbers are scaled by, in their order; one without a name is of all numbers, none: they are not known.
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
    reading: dict[str, Any] = {}
    units: list[Unit] = []

    @property
    def same_samples(self) -> str:
        """What says that samples are the same ones under the same numbers, whatever their labels are."""
        return self.samples_sha256 or self.sha256


class Axis(_Strict, frozen=True, kw_only=True):
    """One parameter of the grid: what `parameters.Parameter` says of it, its values here, ascending, and the start."""

    name: str
    letter: str
    label: str
    unit: str
    meaning: str
    values: list[float]
    start: float
    whole: bool
    implied: float | None

    def typed(self, value: float | None) -> float | None:
        """A value as tables hold it: whole numbers as such."""
        return int(value) if value is not None and self.whole else value


class RepresentationInfo(_Strict, frozen=True, kw_only=True):
    """What maps and features are made from: a matrix over the samples, so many dimensions wide."""

    name: str
    label: str
    dimensions: int


class Entry(_Strict, frozen=True, kw_only=True):
    """A method or a clusterer, and the names of the axes that it has."""

    name: str
    label: str
    parameters: list[str]


class MethodInfo(Entry, frozen=True, kw_only=True):
    """A method that makes maps."""


class ClustererInfo(Entry, frozen=True, kw_only=True):
    """A clusterer, and whether it calls samples noise."""

    noise: bool = False


class MetricInfo(_Strict, frozen=True, kw_only=True):
    """Definition of a measure; `of` says whether it is of a setting, of an embedding, or provenance of a run.

    `ranks_noise` says whether settings of a clusterer with noise may be ranked by it, `undefined` why a setting may
    have no value.
    """

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
    ranks_noise: bool = True
    undefined: str = ""


class EmbeddingInfo(_Strict, frozen=True, kw_only=True):
    """A map: its slug, the representation and the method that it was made by, and a value of each of its parameters."""

    slug: str
    representation: str
    method: str
    parameters: dict[str, float]


class SettingInfo(_Strict, frozen=True, kw_only=True):
    """A setting: its slug, the map clustered (null: the features), and by what, with a value of each parameter."""

    slug: str
    embedding: str | None
    representation: str
    space: str
    clusterer: str
    parameters: dict[str, float]

    @property
    def part(self) -> str:
        """What was clustered, as files and data scripts are named by it: a map's slug, or that of the features."""
        return self.embedding or FEATURES


class Failure(_Strict, frozen=True, kw_only=True):
    """What is missing of the grid: the cell, why it could not be computed, and the map that it would have been.

    Where a clusterer is not computed of so many samples, `clusterer` is its name and `space` where not, null: nowhere.
    """

    cell: str
    reason: str
    embedding: EmbeddingInfo | None = None
    clusterer: str | None = None
    space: str | None = None


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
    representations: list[RepresentationInfo]
    methods: list[MethodInfo]
    clusterers: list[ClustererInfo]
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

    def map_of(self, setting: SettingInfo) -> EmbeddingInfo | None:
        """The map that a setting clusters; None for the features."""
        return next((one for one in self.embeddings if one.slug == setting.embedding), None)

    def axes_of(self, entries: Sequence[Entry]) -> list[Axis]:
        """The axes that some methods or clusterers have, in the order of all."""
        names = {name for entry in entries for name in entry.parameters}
        return [axis for axis in self.axes if axis.name in names]


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
