"""Writing results: tables and manifest, in an order that a kill at any moment leaves whole."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from precompute.machine.files import read_if_there, sha256
from precompute.machine.owned_folder import OwnedFolder, lies_inside
from precompute.store.format import CELLS, MANIFEST, Cells, FileInfo, Manifest, StoreError, encode_manifest, to_json
from precompute.store.reading import read_manifest


def encode(rows: pa.Table) -> bytes:
    """A table as Parquet bytes: zstd, page checksums; equal tables give equal bytes.

    Sample numbers count up, so their differences are stored. A dictionary of numbers of which hardly two are the same
    would only add to them; their bytes compress better apart by place. All else repeats itself and has a dictionary.
    """
    encodings = {field.name: encoding for field in rows.schema if (encoding := _encoding(rows, field))}
    plain = [name for name in rows.column_names if name not in encodings]
    sink = pa.BufferOutputStream()
    pq.write_table(
        rows, sink, compression="zstd", write_page_checksum=True, store_schema=True,
        use_dictionary=plain, column_encoding=encodings,
    )  # fmt: skip
    return bytes(sink.getvalue())


def _encoding(rows: pa.Table, field: pa.Field) -> str | None:
    """The encoding of a column that has no dictionary."""
    if field.name == "sample" and pa.types.is_integer(field.type):
        return "DELTA_BINARY_PACKED"
    if not pa.types.is_floating(field.type):
        return None
    column = rows.column(field.name)
    return "BYTE_STREAM_SPLIT" if 2 * pc.count_distinct(column).as_py() > len(column) else None


def write(folder: Path, manifest: Manifest, tables: Mapping[str, pa.Table], cells: Cells) -> Manifest:
    """Write a study; the manifest goes last, so an interrupted write is noticed by its fingerprints.

    Tables of an earlier grid are removed, if a manifest or an interrupted write names them; other files stay, and none
    is written over.

    Args:
        folder: results folder of this data set; made if it is missing.
        manifest: everything but `files`, which is filled in here.
        tables: by name without the ending.
        cells: what was computed.

    Returns:
        The manifest as written.

    Raises:
        StoreError: a text that UTF-8 cannot hold, a table's name that leads outside, or a file that no build made where
            another is to be written; nothing has been written.
    """
    check_texts(manifest)
    names = {f"{name}.parquet" for name in tables}
    owned = OwnedFolder(folder, _recorded(folder))
    outside = owned.outside(sorted(tables))
    if outside:
        raise StoreError(f"{folder}: a table would lie outside of it: {outside[0]!r}; nothing was written")
    ledger = to_json(cells)

    def digest(name: str) -> str:
        return sha256(ledger if name == CELLS else encode(tables[name.removesuffix(".parquet")]))

    # the list that named it may be lost: what would be written anyway, a build may have written
    strangers = in_the_way(folder, names, digest)
    if strangers:
        raise not_free(strangers[0])
    if not names <= set(owned.owned):  # so that a file whose build is killed before the manifest names it has an owner
        owned.record(_writing(folder), to_json(sorted({*owned.owned, *names, CELLS})))
    files = {}

    def encoded() -> Iterator[tuple[str, bytes]]:
        """One after the other: all of them at once may be more than memory holds."""
        for name, rows in sorted(tables.items()):
            data = encode(rows)
            files[f"{name}.parquet"] = FileInfo(rows=rows.num_rows, sha256=sha256(data))
            yield f"{name}.parquet", data
        files[CELLS] = FileInfo(rows=len(cells.cells), sha256=sha256(ledger))
        yield CELLS, ledger

    owned.put(encoded())
    sealed = encode_manifest(msgspec.structs.replace(manifest, files=files))
    owned.remove(set(owned.owned) - set(files))  # while the old manifest still names them
    owned.record(folder / MANIFEST, sealed)
    _writing(folder).unlink(missing_ok=True)
    return msgspec.json.decode(sealed, type=Manifest)


def check_texts(manifest: Manifest) -> None:
    """Refuse texts that no file could hold, before anything is computed or written.

    Raises:
        StoreError: half of a surrogate pair, as a file's name that is not UTF-8 gives; names the field and the text.
    """
    fields: list[tuple[str, Any]] = [("manifest", msgspec.to_builtins(manifest))]
    while fields:
        where, value = fields.pop()
        if isinstance(value, dict):
            fields += [(f"{where}.{name}", one) for name, one in value.items()]
            fields += [(f"{where}: a name", name) for name in value]
        elif isinstance(value, list | tuple):
            fields += [(f"{where}[{at}]", one) for at, one in enumerate(value)]
        elif isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                problem = f"{value[:80]!a} holds half a character (a lone surrogate)"
                where = where.encode(errors="backslashreplace").decode()
                raise StoreError(f"{where}: {problem}, which no file can hold; write the text anew") from None


def remove_stale(folder: Path, files: Iterable[str]) -> None:
    """Remove the tables that earlier builds of this study wrote and that are not among `files`; no others."""
    owned = OwnedFolder(folder, _recorded(folder))
    owned.remove(set(owned.owned) - set(files))
    _writing(folder).unlink(missing_ok=True)


_NAMED = re.compile(rb'"([^"\\]+\.(?:parquet|json))"')
"""A file's name in a list of them, which may be damaged."""


def in_the_way(
    folder: Path, names: Collection[str], digest: Callable[[str], str | None] = lambda _: None
) -> list[Path]:
    """What stands where files of a study are to be written and is named by no list of a build.

    A list that is damaged or of another format counts as far as names can be read in it: that is enough to write over
    what it names, and not enough to remove it. A manifest that names nothing is a stranger's where no cells are listed
    beside it, since it is written last.

    Args:
        folder: results folder of the study.
        names: of its tables' files; its own two lists are looked at, too.
        digest: see `OwnedFolder.strangers`.

    Raises:
        OSError: a list cannot be read.
    """
    lists = [read_if_there(path) or b"" for path in (folder / MANIFEST, _writing(folder))]
    named = {name.decode(errors="replace") for data in lists for name in _NAMED.findall(data)}
    strangers = OwnedFolder(folder, named).strangers({*names, CELLS}, digest)
    if lists[0] and not named and not (folder / CELLS).exists():
        strangers.append(folder / MANIFEST)
    return strangers


def not_free(path: Path) -> StoreError:
    """What to say of a file that is in the way."""
    problem = f"no build made it (no {MANIFEST} here names it), and the results need the name"
    return StoreError(
        f"{path}: {problem}; nothing was written: move it elsewhere, or name another folder with --results"
    )


def _writing(folder: Path) -> Path:
    """List of the files that a build is about to write; there while it does, or after it was killed."""
    return folder.with_name(f".{folder.name}.writing.json")


def _recorded(folder: Path) -> set[str]:
    """Names of the tables that builds of this study wrote down as theirs; what nobody can read is nobody's."""
    try:
        names = set(read_manifest(folder).files)
    except StoreError:
        names = set()
    data = read_if_there(_writing(folder))
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
        names |= set(msgspec.json.decode(data, type=list[str])) if data else set()
    return {name for name in names if name.endswith(".parquet") and lies_inside(name)}
