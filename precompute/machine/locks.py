"""One build at a time in a folder: locks that the kernel holds, so a killed build leaves none behind.

Workers are spawned and inherit no lock: when the build that started them is killed, the folder is free.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from precompute.machine.files import sha256

if TYPE_CHECKING:
    from filelock import BaseFileLock

_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)


class BusyError(Exception):
    """Another build is at work in the folder; the message names it and the way out."""


def results_lock(results: Path) -> Path:
    """The lock of a folder of results: inside, beside the data sets."""
    return results.resolve() / ".lock"


def site_lock(site: Path) -> Path:
    """The lock of a site: beside its folder, for all that lies inside gets published."""
    place = site.resolve()
    return place.with_name(f".{place.name}.lock")


@contextmanager
def held(lock: Path, folder: Path, wait: float, report: Callable[[str], None]) -> Iterator[None]:
    """Hold a folder's lock, made where it is missing; where it cannot be, one in the system's temporary folder.

    Args:
        lock: the lock's file.
        folder: what it stands for, for messages.
        wait: seconds to wait for another build to end.
        report: told when that begins.

    Raises:
        BusyError: another build still holds it.
        OSError: no lock can be made.
    """
    from filelock import FileLock

    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        holder = FileLock(lock)
        taken = _taken(holder, 0.0)
    except OSError as error:
        if error.errno not in _NO_RIGHT:
            raise
        holder = FileLock(Path(tempfile.gettempdir()) / f"clusterfolio-{sha256(str(lock).encode())[:16]}.lock")
        taken = _taken(holder, 0.0)
    if not taken and wait > 0:
        report(f"{folder}: another build is at work here; waiting up to {wait:g} s for its end")
        taken = _taken(holder, wait)
    if not taken:
        raise BusyError(
            f"{folder}: another build is at work in this folder; let it end, wait longer with --wait, "
            "or name another folder"
        )
    try:
        yield
    finally:
        holder.release()


def _taken(lock: BaseFileLock, wait: float) -> bool:
    from filelock import Timeout

    try:
        lock.acquire(timeout=wait)
    except Timeout:
        return False
    return True
