"""Pictures that are drawn later, in parallel, and not again while nothing changed that they are made of.

A page names its pictures as `Drawing`: a function and its arguments. The digest of both is the picture's key; the
site's list of files keeps it, and a picture whose key is still the same is taken from the site as it lies on disk.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

FEW = 64
"""So many pictures are drawn faster here than worker processes start."""

_AHEAD = 4
_CODE = ("raster.py", "setting_pictures.py")


@dataclass(frozen=True)
class Drawing:
    """A picture to be drawn: a function of a module that workers can import, and its arguments."""

    draw: Callable[..., bytes]
    arguments: tuple[Any, ...]

    @cached_property
    def key(self) -> str:
        """Digest of everything the picture is made of: code, libraries, arguments."""
        digest = hashlib.sha256(_code().encode())
        digest.update(f"{self.draw.__module__}.{self.draw.__qualname__}".encode())
        _feed(digest, self.arguments)
        return digest.hexdigest()[:16]

    def __call__(self) -> bytes:
        return self.draw(*self.arguments)


@cache
def _code() -> str:
    here = Path(__file__).parent
    parts = [hashlib.sha256((here / name).read_bytes()).hexdigest() for name in _CODE]
    return " ".join([*parts, *(f"{name} {version(name)}" for name in ("numpy", "pillow"))])


def _feed(digest: Any, value: Any) -> None:
    """Feed a value to a digest so that equal values, and only these, feed the same bytes."""
    if isinstance(value, np.ndarray):
        digest.update(f"<{value.dtype.str}{value.shape}>".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, tuple):
        digest.update(f"({len(value)}".encode())
        for one in value:
            _feed(digest, one)
    elif is_dataclass(value):
        for field in fields(value):
            _feed(digest, getattr(value, field.name))
    else:
        digest.update(f"{value!r};".encode())


def draw(drawings: Mapping[str, Drawing], jobs: int) -> dict[str, bytes]:
    """Draw all; the pictures do not depend on the number of processes.

    Args:
        drawings: by path. jobs: processes at most.
    """
    if jobs < 2 or len(drawings) < FEW:
        return {path: one() for path, one in drawings.items()}
    found: dict[str, bytes] = {}
    left = list(drawings.items())[::-1]
    # spawn, not fork: a forked child would keep this process's locks
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(min(jobs, len(drawings) // 16), context, _start) as pool:
            running: dict[Future[bytes], str] = {}
            try:
                while left or running:
                    while left and len(running) < _AHEAD * jobs:  # few at a time: their arrays travel through a pipe
                        path, one = left.pop()
                        running[pool.submit(one)] = path
                    for done in wait(running, return_when=FIRST_COMPLETED).done:
                        found[running.pop(done)] = done.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except BrokenProcessPool:
        # a worker was killed, or the caller's script cannot be imported again: the rest is drawn here
        found |= {path: one() for path, one in drawings.items() if path not in found}
    return {path: found[path] for path in drawings}


def _start() -> None:
    """In a worker: leave Ctrl-C to the parent, and end when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
