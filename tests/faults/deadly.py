"""Cells that harm the process that computes them; workers import this by name."""

from __future__ import annotations

import os
import signal
import time

from precompute.run import parts, preparation
from precompute.run.cells import Part

REAL, REAL_PREPARE = parts.compute_local, preparation.prepare
ONCE = "tsne-p12"


def compute(task: parts.Task) -> Part:
    """Compute a part, or die of it, depending on its perplexity."""
    if task.part.slug == "tsne-p5":
        os.kill(os.getpid(), signal.SIGKILL)
    if task.part.slug == "tsne-p6":
        os.kill(os.getpid(), signal.SIGSEGV)
    if task.part.slug == "tsne-p8":
        time.sleep(10_000)
    if task.part.slug == ONCE and not (task.folder / "died").exists():
        (task.folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return REAL(task)


def prepare(task: preparation.Preparation) -> None:
    """Compute features and neighbours, or die of those of one study."""
    if task.folder.name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    REAL_PREPARE(task)


def prepare_for_ever(task: preparation.Preparation) -> None:
    """Begin with features and neighbours, say so, and never end."""
    (task.folder / "began").touch()
    time.sleep(10_000)
