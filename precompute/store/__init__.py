"""The format of results, in which computation and site meet: what stands in which file, and how it is read and written.

`slugs` names things, `format` says what is in each file, `writing` and `reading` do that; `shuffles` tells whether a
shuffled copy is of the data that it stands beside.
"""

from __future__ import annotations

from precompute.store.format import (
    ALWAYS,
    CELLS,
    FORMAT,
    MANIFEST,
    PIXELS,
    SCHEMAS,
    Axis,
    CellRecord,
    Cells,
    DatasetInfo,
    EmbeddingInfo,
    Failure,
    FileInfo,
    Manifest,
    MethodInfo,
    MetricInfo,
    Polarity,
    SettingInfo,
    StoreError,
    encode_manifest,
    features_schema,
    own_ids,
    samples_schema,
    table,
    to_json,
)
from precompute.store.reading import Study, damaged, lies_inside, read, read_cells, read_manifest
from precompute.store.slugs import check_dataset_id, embedding_slug, null_id, number_slug, setting_slug
from precompute.store.writing import check_texts, encode, in_the_way, not_free, remove_stale, write

__all__ = [
    "ALWAYS",
    "CELLS",
    "FORMAT",
    "MANIFEST",
    "PIXELS",
    "SCHEMAS",
    "Axis",
    "CellRecord",
    "Cells",
    "DatasetInfo",
    "EmbeddingInfo",
    "Failure",
    "FileInfo",
    "Manifest",
    "MethodInfo",
    "MetricInfo",
    "Polarity",
    "SettingInfo",
    "StoreError",
    "Study",
    "check_dataset_id",
    "check_texts",
    "damaged",
    "embedding_slug",
    "encode",
    "encode_manifest",
    "features_schema",
    "in_the_way",
    "lies_inside",
    "not_free",
    "null_id",
    "number_slug",
    "own_ids",
    "read",
    "read_cells",
    "read_manifest",
    "remove_stale",
    "samples_schema",
    "setting_slug",
    "table",
    "to_json",
    "write",
]
