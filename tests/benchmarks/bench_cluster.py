"""A grid on a dask.distributed cluster of one and two workers, beside this machine's own processes.

Scheduler and workers are processes on loopback, started before the clock; each round computes the digits from nothing.
Efficiency is the time of one worker over twice that of two.

    python tests/benchmarks/bench_cluster.py [--rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from precompute import dataset, pipeline
from precompute.config import Grid, StudyConfig
from precompute.maps import tsne
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from tests.test_cluster import running

STUDY = StudyConfig(
    methods=("tsne",),
    clusterers=("kmeans",),
    grid=Grid.of(perplexity=tuple(float(p) for p in range(5, 51, 5)), k=tuple(range(3, 16))),
    robustness=False,
)


def seconds(jobs: int, scheduler: str | None) -> float:
    """Seconds of a build of the grid into an empty folder."""
    data = dataset.load("digits")
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        outcome = pipeline.compute(planned(data, STUDY), Path(folder), Machine(jobs=jobs, scheduler=scheduler))
        taken = time.perf_counter() - began
    if outcome.failed or outcome.notes:
        sys.exit(f"the build did not go as meant: {outcome.failed} {outcome.notes}")
    return taken


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    tsne.compile_kernels()
    found: dict[str, list[float]] = {}
    with running(1) as one, running(2) as two:
        ways = {
            "here, 1 process": (1, None),
            "here, 2 processes": (2, None),
            "cluster, 1 worker": (1, one.address),
            "cluster, 2 workers": (1, two.address),
        }
        for way in ways.values():
            seconds(*way)  # libraries imported, kernels compiled
        for _ in range(options.rounds):
            for name, way in ways.items():
                found.setdefault(name, []).append(seconds(*way))
    medians = {name: statistics.median(times) for name, times in found.items()}
    for name, times in found.items():
        print(f"{name:20s} {medians[name]:6.2f} s  ({min(times):.2f} … {max(times):.2f})")
    for kind, single, double in (
        ("here", "here, 1 process", "here, 2 processes"),
        ("cluster", "cluster, 1 worker", "cluster, 2 workers"),
    ):
        print(f"efficiency of two, {kind}: {medians[single] / (2 * medians[double]):.2f}")


if __name__ == "__main__":
    main()
