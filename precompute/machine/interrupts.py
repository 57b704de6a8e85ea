"""Ctrl-C and SIGTERM: both end a build in order, and neither gets lost."""

from __future__ import annotations

import _thread
import contextlib
import math
import signal
import sys
import threading
import time
from collections.abc import Iterator

AGAIN = 0.05
"""Seconds until an interrupt that got lost is sent again."""
GRACE = 5
"""Seconds that an interrupted build may take to end; until then, further interrupts are ignored."""


class Terminated(KeyboardInterrupt):
    """SIGTERM came; it ends the build as Ctrl-C does."""


class _Held:
    """How many blocks are at work that no interrupt may break into, and the signal that came meanwhile."""

    def __init__(self) -> None:
        self.depth, self.number = 0, 0


_HELD = _Held()


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Have what interrupts a build wait until the block is done, which must end by itself; then raise it.

    For what would leave a process or a lock behind if it were done by halves. Masking signals is no way to this: any
    thread takes them, and Python then calls the handler in the main one.

    Raises:
        KeyboardInterrupt: at the end of the block, an interrupt having come.
    """
    _HELD.depth += 1
    try:
        yield
    finally:
        _HELD.depth -= 1
        if _HELD.number and not _HELD.depth:
            signal.raise_signal(_HELD.number)


@contextlib.contextmanager
def interruptible(ends: bool) -> Iterator[None]:
    """Let SIGTERM end the build as Ctrl-C does (workers stopped, finished cells kept), and let neither get lost.

    A second one is the same wish again, and must not stop what ends the workers: for `GRACE` seconds it is ignored.

    Python drops what is raised in a destructor or in a callback of the garbage collector or the import system, and goes
    on: an interrupt that came just then is sent again a moment later.

    Args:
        ends: whether the process ends after this: then an interrupted one ignores both until it has ended.
    """
    last = -math.inf

    def interrupt(number: int, _: object) -> None:
        nonlocal last
        if _HELD.depth:
            _HELD.number = number
            return
        _HELD.number = 0
        if time.monotonic() - last < GRACE:
            return
        last = time.monotonic()
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    def unraisable(dropped: sys.UnraisableHookArgs) -> None:
        nonlocal last
        if not isinstance(dropped.exc_value, KeyboardInterrupt):
            report(dropped)
            return
        last = -math.inf
        number = signal.SIGTERM if isinstance(dropped.exc_value, Terminated) else signal.SIGINT
        again = threading.Timer(AGAIN, _interrupt_main_thread, (number,))
        again.daemon = True
        again.start()

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number, old in before.items():
            if old is not signal.SIG_IGN:  # as a shell does with Ctrl-C for what runs in the background
                signal.signal(number, interrupt)
    except ValueError:  # not the main thread, as in tests: then the caller handles signals
        yield
        return
    report, sys.unraisablehook = sys.unraisablehook, unraisable
    try:
        yield
    finally:
        sys.unraisablehook = report
        for number, old in before.items():
            signal.signal(number, signal.SIG_IGN if ends and last > 0 else old or signal.SIG_DFL)


def _interrupt_main_thread(number: signal.Signals) -> None:
    """Send the main thread a signal, so that it also wakes from waiting where the system can do that."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        _thread.interrupt_main(number)
