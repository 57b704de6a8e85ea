"""Output that stops no build: texts that the reader cannot show, a reader that has gone, no place to print to."""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

PLAIN = str.maketrans({"−": "-", "–": "-", "×": "x", "…": "...", "≤": "<=", "≥": ">=", "“": '"', "”": '"', "→": "->"})
"""What stands for a character where the output's encoding has none; for all others that is a question mark."""
_ERRORS = "clusterfolio"
"""By what name Python knows our way with characters that cannot be encoded."""


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Let no print end the work of the block, and nothing be said at the end of the process that no one can hear.

    Characters that standard output's or error's encoding lacks are written as in `PLAIN`. Once the reader of a pipe or
    the terminal has gone, the rest is dropped, and the work goes on: a build is more than what it prints. Where an
    output is closed, nothing is printed, and no file that is opened takes its place.

    Raises:
        SystemExit: at the end, with code 1: an output could not be written, as to a full disk; that is said.
    """
    codecs.register_error(_ERRORS, _nearest)
    for descriptor in (0, 1, 2):
        _occupy(descriptor)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = ours = _patient(sys.stdout), _patient(sys.stderr)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for stream, old, name in zip(ours, before, ("standard output", "standard error"), strict=True):
            fault = None if stream is old else _closed(stream)
            if fault is not None:
                if sys.stderr is not None:
                    print(f"error: {name}: {fault.strerror}; what was to be written there is lost", file=sys.stderr)
                raise SystemExit(1)


def _nearest(error: UnicodeError) -> tuple[str, int]:
    """For `codecs.register_error`: plain characters in place of those that cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].translate(PLAIN)
    return "".join(one if one.isascii() else "?" for one in lacking), error.end


def _occupy(descriptor: int) -> None:
    """Open the null device where a standard stream was closed: the next file opened would be taken for it."""
    try:
        os.fstat(descriptor)
    except OSError:
        null = os.open(os.devnull, os.O_RDWR)
        if null == descriptor:
            os.set_inheritable(null, True)
        else:
            os.dup2(null, descriptor)
            os.close(null)


def _patient(stream: TextIO | None) -> TextIO:
    """A stream to the same place which never fails for its reader; the stream itself where it is no file's."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # in memory, as under tests
        return stream
    # to a terminal of Windows, Python writes by other means than a file's, which know all characters
    if not isinstance(stream, io.TextIOWrapper) or (os.name == "nt" and stream.isatty()):
        return stream
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
    outlet = _Outlet(descriptor)
    unbuffered: Any = outlet  # as Python itself does it for `python -u`
    return io.TextIOWrapper(
        unbuffered if stream.write_through else io.BufferedWriter(outlet),
        encoding=stream.encoding,
        errors=_ERRORS,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _closed(stream: TextIO) -> OSError | None:
    """Write out what is left, and let go of the descriptor; what stood in its way."""
    raw = getattr(stream.buffer, "raw", stream.buffer)
    stream.close()
    return raw.fault if isinstance(raw, _Outlet) else None


class _Outlet(io.FileIO):
    """A descriptor to write to, which stays open; after the first fault all goes to the null device.

    Attributes:
        fault: what could not be done; None also where only the reader has gone.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.terminal = self.isatty()
        self.fault: OSError | None = None

    def write(self, data: Any) -> int:
        """Write bytes, or drop them; returns how many."""
        try:
            return super().write(data)
        except OSError as error:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)
            if not self._gone(error):
                self.fault = error
            return memoryview(data).nbytes

    def _gone(self, error: OSError) -> bool:
        if isinstance(error, BrokenPipeError | ConnectionResetError):
            return True
        closed_pipe = os.name == "nt" and error.errno == errno.EINVAL
        return closed_pipe or (self.terminal and error.errno == errno.EIO)
