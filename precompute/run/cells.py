"""Cells: the units of computation, the keys that say what each was made from, and the cache that keeps them.

A cell's key is the sha256 of its inputs: the fingerprint of the data or the key of the cell it builds on, its
parameters, the version of the algorithm, and the versions of the libraries that decide its bits. Equal key, equal
result; so a build computes only the keys that it has not met.

The cells of one embedding lie in one file, a *part*, outside the data set's results and keyed by what the embedding
was made from: narrowing the grid and widening it again computes nothing. A part carries its own checksum; a damaged
one counts as missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from precompute.machine.files import read_if_there, sha256, write_atomic
from precompute.store import CellRecord, Cells, to_json

CACHE_FOLDER = ".cells"
_MAGIC = b"clusterfolio part 2\n"
_EARLIER = re.compile(rb"clusterfolio part [01]\n")


def record(**made_from: Any) -> CellRecord:
    """The record of a cell: its key is the sha256 of what it is made from, as canonical JSON."""
    return CellRecord(key=sha256(to_json(made_from)), made_from=made_from)


@cache
def _version(library: str) -> str:
    return version(library)


def versions(libraries: Sequence[str]) -> dict[str, str]:
    """Installed versions, read from the packages' metadata: importing them would take seconds."""
    return {library: _version(library) for library in libraries}


def explain(name: str, wanted: CellRecord, before: Cells | None) -> str:
    """Why a cell has to be computed, or "kept" if the last build had it with the same key."""
    old = before.cells.get(name) if before else None
    if old is None:
        return "new: no earlier build computed it"
    if old.key == wanted.key:
        return "kept: made from the same"
    now, then = _flat(wanted.made_from), _flat(old.made_from)
    changed = [
        f"{field} {_short(then.get(field))} → {_short(now.get(field))}"
        for field in sorted({*now, *then})
        if now.get(field) != then.get(field)
    ]
    return "changed: " + "; ".join(changed)


def _flat(made_from: Mapping[str, Any]) -> dict[str, Any]:
    """Nested inputs by dotted names, as in "libraries.numpy"."""
    found: dict[str, Any] = {}
    for name, value in made_from.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{inner}": one for inner, one in value.items()}
        else:
            found[name] = value
    return found


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= 16 else text[:12] + "…"


class Array(msgspec.Struct, frozen=True):
    """A numpy array as bytes."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, array: NDArray[Any]) -> Array:
        """Pack an array."""
        return cls(array.dtype.str, array.shape, np.ascontiguousarray(array).tobytes())

    def unpack(self) -> NDArray[Any]:
        """The array again, read-only."""
        return np.frombuffer(self.data, dtype=self.dtype).reshape(self.shape)


class SettingPart(msgspec.Struct, frozen=True):
    """Results of one setting: its clustering (key, int16 clusters, float32 margins, inertia) and what was measured."""

    clusters_key: str
    clusters: Array
    margin: Array
    inertia: float
    metrics_key: str
    metrics: dict[str, float | None]
    stats: list[dict[str, Any]]


class Part(msgspec.Struct, frozen=True):
    """All cells of one embedding, or of the features.

    Attributes:
        key: of the embedding (or feature) cell.
        arrays: "points", or "scores" and "ratio" and neighbours.
        reported: what the method reports of its run.
        measures_key, measures: of the embedding.
        settings: by the clusterer with its values, as in "k10".
        failed: why a setting could not be computed, by the same names.
        distinct: how many of the points differ, where a setting was asked for that needs more.
    """

    key: str
    arrays: dict[str, Array]
    reported: dict[str, float] = {}
    measures_key: str = ""
    measures: dict[str, float | None] = {}
    settings: dict[str, SettingPart] = {}
    distinct: int | None = None
    failed: dict[str, str] = {}


def is_earlier(data: bytes) -> bool:
    """Whether an earlier version wrote a part: this one reads it as missing, and has no use for it."""
    return not data.startswith(_MAGIC) and _EARLIER.match(data) is not None


def unpack(data: bytes) -> Part | None:
    """The part that a file holds; None if the file is damaged or of another version."""
    # a view: the features and neighbours of large data would fill memory twice
    digest, body = data[len(_MAGIC) : len(_MAGIC) + 64], memoryview(data)[len(_MAGIC) + 64 :]
    if not data.startswith(_MAGIC) or digest != sha256(body).encode():
        return None
    try:
        return msgspec.msgpack.decode(body, type=Part)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


@dataclass(frozen=True)
class CellCache:
    """Parts on disk, one folder a data set."""

    folder: Path

    def path(self, name: str, key: str) -> Path:
        """Where the part of that name made from that key lies."""
        return self.folder / f"{name}-{key[:16]}.part"

    def read(self, name: str, key: str) -> Part | None:
        """The part of that name made from that key; None if there is none or it is damaged.

        Raises:
            OSError: there is one that cannot be read; it may be sound.
        """
        data = read_if_there(self.path(name, key))
        part = None if data is None else unpack(data)
        return part if part and part.key == key else None

    def write(self, name: str, part: Part) -> None:
        """Keep a part, replacing the one of the same name and key."""
        body = msgspec.msgpack.encode(part)
        write_atomic(self.path(name, part.key), _MAGIC + sha256(body).encode() + body)
