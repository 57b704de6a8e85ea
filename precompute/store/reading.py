"""Reading what was written: manifests and tables, each file held against its fingerprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pyarrow as pa

from precompute.machine import arrow
from precompute.machine.files import changed, is_sealed, read_if_there, sha256
from precompute.machine.owned_folder import lies_inside
from precompute.store.format import ALWAYS, CELLS, FORMAT, MANIFEST, Cells, Manifest, StoreError

# ---------------------------------------------------------------------------------------------------------- study


@dataclass(frozen=True)
class Study:
    """All tables of one data set, by their names in the store ("samples", "embeddings/tsne-p35", …).

    `files` are the bytes that the tables were read from, to hand on as they are; empty if they were not read.
    """

    manifest: Manifest
    tables: Mapping[str, pa.Table] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False, default_factory=dict)

    def embedding(self, slug: str) -> pa.Table:
        """Coordinates of one embedding."""
        return self.tables[f"embeddings/{slug}"]

    def clusters(self, slug: str) -> pa.Table:
        """Assignments of all k on one embedding, or on "features"."""
        return self.tables[f"clusters/{slug}"]


def read_manifest(folder: Path) -> Manifest:
    """Read and check manifest.json.

    Raises:
        StoreError: there is none, it is damaged, of another format, or names files outside of the folder.
        OSError: there is one that cannot be read.
    """
    path = folder / MANIFEST
    data = read_if_there(path)
    if data is None:
        raise StoreError(f"{path}: there are no results here; run build.py without --only site to compute them")
    try:
        content = msgspec.json.decode(data)
        found = content.get("format") if isinstance(content, dict) else None
        if found != FORMAT:
            raise StoreError(f"{path}: format {found!r}; this version reads format {FORMAT}: run build.py to recompute")
        manifest = msgspec.convert(content, Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: damaged ({error}); run build.py to recompute") from error
    if not is_sealed(data):
        raise StoreError(f"{path}: damaged, its fingerprint is not that of its content; run build.py to recompute")
    for name in manifest.files:
        if not lies_inside(name):
            raise StoreError(f"{path}: names a file outside of its folder: {name!r}; run build.py to recompute")
    return manifest


def read_cells(folder: Path) -> Cells | None:
    """Read cells.json; None if it is missing, damaged or of another format, for then nothing counts as computed.

    Raises:
        OSError: there is one that cannot be read.
    """
    data = read_if_there(folder / CELLS)
    try:
        cells = None if data is None else msgspec.json.decode(data, type=Cells)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return cells if cells and cells.format == FORMAT else None


def damaged(folder: Path, manifest: Manifest) -> list[str]:
    """Names of files that are missing or do not match their fingerprint, in order; empty if all is well.

    Raises:
        OSError: one cannot be read.
    """
    return [name for name, info in sorted(manifest.files.items()) if changed(folder / name, info.sha256)]


def read(folder: Path, names: Sequence[str] | None = None) -> Study:
    """Read a study from disk, checking every file against its fingerprint.

    Args:
        folder: results folder of one data set.
        names: tables to read, without the ending; all if None.

    Raises:
        StoreError: no manifest, another format, or a file that is missing or damaged.
        OSError: a file cannot be read.
    """
    manifest = read_manifest(folder)
    wanted = (
        names
        if names is not None
        # those that every study has are asked for by name: an older version may not have written them
        else [name.removesuffix(".parquet") for name in sorted({*manifest.files, *ALWAYS}) if name.endswith(".parquet")]
    )
    tables, files = {}, {}
    for name in wanted:
        path = folder / f"{name}.parquet"
        info = manifest.files.get(f"{name}.parquet")
        data = read_if_there(path)
        if info is None or data is None:
            raise StoreError(f"{path}: missing; run build.py to recompute it")
        if sha256(data) != info.sha256:
            raise StoreError(f"{path}: damaged, its sha256 is not the manifest's; run build.py to recompute it")
        tables[name] = arrow.table(data)
        files[name] = data
    return Study(manifest=manifest, tables=tables, files=files)
