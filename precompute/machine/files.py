"""Files that are absent, old or complete, never half-written, and their fingerprints.

A file that cannot be read (no right to it, a fault of the disk) is never taken for missing or damaged: that would have
it computed and written anew. Such errors are raised, and end the build.
"""

from __future__ import annotations

import glob
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256 as _sha256
from pathlib import Path
from typing import BinaryIO

_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{8}\.clusterfolio\.tmp")


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that a crash at any moment leaves the old content or the new, nothing between.

    The bytes go to a temporary file in the same folder (a rename is atomic only within a file system), reach the
    disk, and take the name in one step; then the folder's entry reaches the disk too.

    Raises:
        OSError: as the file system gives it (full, read-only), with the file's name; the old file stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _temporary(path)
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:  # a full disk comes without a name, other faults with the temporary file's
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def scratch(folder: Path, name: str, write: Callable[[BinaryIO], object]) -> Iterator[Path]:
    """A file for this build's other processes, gone after the block; what a kill leaves, the next build removes.

    Args:
        folder: where it lies; made if it is missing.
        name: to recognise it by.
        write: writes its content.

    Raises:
        OSError: it cannot be written, with its name.
    """
    path = _temporary(folder / name)
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write(file)
        except OSError as error:  # a full disk comes without a name
            raise OSError(error.errno, error.strerror, str(path)) from error
        yield path
    finally:
        path.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.clusterfolio.tmp")


def _sync_folder(path: Path) -> None:
    """Have a folder's entries reach the disk; folders cannot be opened for this on Windows."""
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def is_leftover(path: Path) -> bool:
    """Whether a file bears the name of a temporary file of `write_atomic`, which only a killed build leaves."""
    return bool(_LEFTOVER.fullmatch(path.name))


def remove_leftovers(folder: Path) -> list[Path]:
    """Remove the temporary files that killed builds left in a folder and below it; returns them.

    To be called by whoever alone writes there. Links to other folders are not followed.
    """
    removed = []
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(place, name)
            if is_leftover(path):
                path.unlink(missing_ok=True)
                removed.append(path)
    return removed


def remove_leftovers_of(path: Path) -> None:
    """Remove the temporary files of one file, for a file in a folder that is not the build's own."""
    for one in path.parent.glob(f".{glob.escape(path.name)}.*"):
        if is_leftover(one):
            one.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Find out before hours of computing whether a folder, or the nearest that is there above it, can be written.

    Raises:
        OSError: it cannot: read-only, full, a file; with its name.
    """
    place = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    try:
        with tempfile.TemporaryFile(dir=place) as file:  # without a name, so that a kill leaves nothing
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error


def read_if_there(path: Path) -> bytes | None:
    """A file's bytes; None if there is no such file.

    Raises:
        OSError: there is one that cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def changed(path: Path, fingerprint: str) -> str | None:
    """What is wrong with a file: "missing", "empty" or "damaged"; None if its sha256 is the fingerprint.

    Raises:
        OSError: there is one that cannot be read.
    """
    data = read_if_there(path)
    if data is None:
        return "missing"
    if sha256(data) == fingerprint:
        return None
    return "damaged, its sha256 is not the one that was written down" if data else "empty"


def sha256(data: bytes | memoryview) -> str:
    """Hex sha256 of bytes."""
    return _sha256(data).hexdigest()


_UNSEALED = b'"fingerprint": ""'
"""Cannot stand inside of a JSON text, where quotes are escaped."""


def seal(document: bytes) -> bytes:
    """A JSON document whose empty field "fingerprint" is filled with the sha256 of the document as given."""
    return document.replace(_UNSEALED, f'"fingerprint": "{sha256(document)}"'.encode(), 1)


def is_sealed(document: bytes) -> bool:
    """Whether a JSON document is, byte for byte, what `seal` gave."""
    found = re.search(rb'"fingerprint": "([0-9a-f]{64})"', document)
    return found is not None and seal(document[: found.start()] + _UNSEALED + document[found.end() :]) == document
