"""What a build will cost, said before it begins, and asked about where it is much."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from clusterfolio.printing import counted
from precompute import config, estimate
from precompute.run.study import PlannedStudy
from site_templates.output.estimate import weight

LONG = 600.0
"""Seconds above which a person is asked before anything is computed."""
HEAVY = 500e6
"""Bytes of a site above which a person is asked."""


def described(studies: Sequence[PlannedStudy], results: Path, jobs: int) -> tuple[list[str], float, float]:
    """A line for each study, and in all the seconds and the site's bytes, about.

    Args:
        studies: to be computed.
        results: where earlier builds left what they computed.
        jobs: processes at once.
    """
    lines, seconds, size = [], 0.0, 0.0
    for study in studies:
        cost = estimate.cost(study, results, jobs)
        values = 0 if study.data.pixels is None else study.data.pixels.shape[1]
        weighs = weight(study.data.n, values, cost.maps, cost.settings)
        takes = cost.seconds + (weighs.seconds / jobs if cost.missing else 0.0)
        left = f"estimated {_time(takes)}" if cost.missing else "all of it computed before"
        lines.append(
            f"{study.config.id}: {counted(cost.maps, 'map')}, {counted(cost.settings, 'setting')}, "
            f"{counted(weighs.pages, 'page')}; {left}, "
            f"site estimated {weighs.size / 1e6:.0f} MB"
        )
        seconds, size = seconds + takes, size + weighs.size
    return lines, seconds, size


def ask(seconds: float, size: float, sure: bool) -> None:
    """Have a person confirm a build that takes long or gives a heavy site.

    Raises:
        ConfigError: nobody is there to be asked, or the answer is no; says what would help.
    """
    reasons = [f"about {_time(seconds)}"] if seconds > LONG else []
    reasons += [f"a site of about {size / 1e6:.0f} MB"] if size > HEAVY else []
    if not reasons or sure:
        return
    what = f"this build is estimated to give {' and '.join(reasons)}"
    if sys.stdin is not None and sys.stdin.isatty():
        print(f"{what}; go on? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            return
        raise config.ConfigError([f"{what}, and was not confirmed; choose a smaller grid"])
    raise config.ConfigError([f"{what}; confirm it with --yes, or choose a smaller grid"])


def _time(seconds: float) -> str:
    """Seconds in words, no finer than they are known: "40 s", "12 min", "3.5 h"."""
    if seconds < 90:
        return f"{max(5, round(seconds / 5) * 5)} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
