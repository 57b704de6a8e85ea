"""Pictures that are drawn later, in parallel, and not again while nothing changed that they are made of.

A page names its pictures as `Drawing`: a function and its arguments. The digest of both is the picture's key; the
site's list of files keeps it, and a picture whose key is still the same is taken from the site as it lies on disk.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

FEW = 64
"""So many pictures are drawn faster here than worker processes start."""

_PROJECT = ("site_templates", "precompute")


@dataclass(frozen=True)
class Drawing:
    """A picture to be drawn: a function of a module that workers can import, and its arguments."""

    draw: Callable[..., bytes]
    arguments: tuple[Any, ...]

    @cached_property
    def key(self) -> str:
        """Digest of everything the picture is made of: code, libraries, arguments."""
        digest = hashlib.sha256(_code(self.draw.__module__).encode())
        digest.update(f"{self.draw.__module__}.{self.draw.__qualname__}".encode())
        _feed(digest, self.arguments)
        return digest.hexdigest()[:16]

    def __call__(self) -> bytes:
        return self.draw(*self.arguments)


@cache
def _code(module: str) -> str:
    """What decides a picture's bits beside its arguments: a module with all of this project that it imports."""
    files = sorted(_imported(module).items())
    parts = [f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for name, path in files]
    return " ".join([*parts, *(f"{name} {version(name)}" for name in ("numpy", "pillow"))])


def _imported(module: str) -> dict[str, Path]:
    """A module and the modules of this project that it imports, and so on, with their files.

    Imports for the type checker alone count, too: rather one picture drawn anew than one that is out of date.
    """
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = None if name in found else _file(name)
        if path is None:
            continue
        found[name] = path
        waiting.append(name.rpartition(".")[0])  # a room's own file runs first
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                waiting += [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                waiting += [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
    return found


def _file(name: str) -> Path | None:
    """The file of a module of this project; None for all else."""
    top, *inner = name.split(".")
    if top not in _PROJECT:
        return None
    base = Path(__file__).parents[2].joinpath(top, *inner)
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


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


class Drawer:
    """Draws pictures in worker processes while the caller makes more; a context, at whose end no worker is left.

    The pictures do not depend on the number of processes.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._waiting: dict[str, Drawing] = {}
        self._begun: dict[str, Future[bytes]] = {}

    def __enter__(self) -> Drawer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, path: str, one: Drawing) -> None:
        """Have a picture drawn that will be asked for; nothing happens before there are enough for it to be worth it.

        Args:
            path: its name.
            one: the picture.
        """
        self._waiting[path] = one
        if self._jobs < 2 or (self._pool is None and len(self._waiting) < FEW):
            return
        if self._pool is None:
            # spawn, not fork: a forked child would keep this process's locks
            self._pool = ProcessPoolExecutor(self._jobs, multiprocessing.get_context("spawn"), _start)
        try:
            for path_, waiting in self._waiting.items():
                self._begun[path_] = self._pool.submit(waiting)
        except BrokenProcessPool:
            self._jobs = 1
        self._waiting.clear()

    def finish(self, drawings: Mapping[str, Drawing]) -> dict[str, bytes]:
        """All these pictures, in their order: those that were begun when they are ready, the others drawn now."""
        for path, one in drawings.items():
            if path not in self._begun and path not in self._waiting:
                self.begin(path, one)
        return {path: self._drawn(path, one) for path, one in drawings.items()}

    def _drawn(self, path: str, one: Drawing) -> bytes:
        begun = self._begun.get(path)
        if begun is not None:
            with contextlib.suppress(BrokenProcessPool):
                return begun.result()
        # never begun; or a worker was killed, or the caller's script cannot be imported again
        return one()


def draw(drawings: Mapping[str, Drawing], jobs: int) -> dict[str, bytes]:
    """Draw all these pictures.

    Args:
        drawings: by path.
        jobs: processes at most.
    """
    with Drawer(jobs) as drawer:
        return drawer.finish(drawings)


def _start() -> None:
    """In a worker: leave Ctrl-C to the parent, and end when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
