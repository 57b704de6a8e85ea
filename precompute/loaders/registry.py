"""Which formats there are, and which one a path is in. A new format is one function and one entry here."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from precompute.dataset import DataError
from precompute.loaders import addresses
from precompute.loaders.archives import read_npy, read_npz
from precompute.loaders.delimited import read_csv
from precompute.loaders.folder import is_folder, read_folder
from precompute.loaders.frames import read_arrow, read_excel, read_json_lines
from precompute.loaders.hub import is_shards
from precompute.loaders.idx import is_idx, read_idx
from precompute.loaders.options import Options
from precompute.loaders.parquet import read_parquet
from precompute.loaders.projector import is_projector, read_projector
from precompute.loaders.raw import Raw, named, shown


@dataclass(frozen=True)
class Format:
    """A format: what it is called, whether a path is in it, and how it is read."""

    label: str
    matches: Callable[[Path], bool]
    read: Callable[[Path, Options], Raw]


def _named(*endings: str) -> Callable[[Path], bool]:
    return lambda path: path.is_file() and path.name.lower().endswith(endings)


_TEXTS = tuple(f".{end}{packed}" for end in ("csv", "tsv", "tab", "txt", "data", "dat") for packed in ("", ".gz"))
_JSON = tuple(f".{end}{packed}" for end in ("jsonl", "ndjson", "json") for packed in ("", ".gz"))

FORMATS: Mapping[str, Format] = {
    "npz": Format("an .npz archive", _named(".npz"), read_npz),
    "npy": Format("an .npy array", _named(".npy"), read_npy),
    "projector": Format("TensorBoard's vectors.tsv with metadata.tsv", is_projector, read_projector),
    "csv": Format("a CSV or its like (.csv, .tsv, .txt, .data, .dat; also .gz)", _named(*_TEXTS), read_csv),
    "feather": Format("a Feather or Arrow file", _named(".feather", ".arrow", ".ipc"), read_arrow),
    "json": Format("JSON Lines (.jsonl, .ndjson, .json; also .gz)", _named(*_JSON), read_json_lines),
    "excel": Format("an Excel workbook (.xlsx)", _named(".xlsx", ".xlsm"), read_excel),
    "parquet": Format(
        "a Parquet file or a folder of them", lambda path: _named(".parquet")(path) or is_shards(path), read_parquet
    ),
    "idx": Format("IDX (idx3-ubyte, also .gz) or a folder with MNIST's files", is_idx, read_idx),
    "folder": Format("a folder of pictures, one folder a class", is_folder, read_folder),
}
"""In the order in which they are asked."""


def read(path: Path, options: Options) -> Raw:
    """Read a path in whichever format it is.

    Raises:
        DataError: there is nothing, an address of which nothing can be fetched, or nothing in a format that is known;
            or as the format's own function says.
    """
    path = named(path)
    address = addresses.address_of(path)
    if address is not None and not path.exists():
        local, note = addresses.fetched(address)
        raw = read(local, options)
        return replace(raw, notes=(note, *raw.notes))
    try:
        path.stat()
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
            raise
        place = shown(str(path), 200)
        if error.errno == errno.ENOENT and path.is_symlink():
            to = shown(str(path.readlink()), 200)
            raise DataError(f"{place}: a link that leads nowhere, to {to}; mend it") from None
        raise DataError(f"{place}: there is no such file or folder; name one: --data, or path in the config") from None
    for each in FORMATS.values():
        if each.matches(path):
            return each.read(path, options)
    known = "; ".join(each.label for each in FORMATS.values())
    raise DataError(f"{shown(path.name)}: in no format that is known; allowed: {known}")
