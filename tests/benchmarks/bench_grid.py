"""Our cells against the loop that a user would write with scikit-learn, on the same cores, in one run.

Perplexities 5 20 35 50 × k 3 … 15: the map, K-Means on it, silhouette and misclassified, as the reference does. The
divergences of both sides' coordinates are taken by one exact evaluator from one P. The reference script starts its
clock after its imports; ours starts when the worker processes have made theirs, and the time with starting them is
printed beside it. Compile time is printed apart.

Then two loops of others (`others.py`): scikit-learn-intelex's t-SNE at 1,797 and 10,000 samples, with the time that
ours takes to reach its divergence, and umap-learn's UMAP over our numbers of neighbours.

    python tests/benchmarks/bench_grid.py [--reference PATH] [--rounds N] [--mnist DIR] [--only-others]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2]))

from precompute import dataset, features, neighbors
from precompute.clusterers import canonical, kmeans
from precompute.maps import descent, gradient, method, tsne
from precompute.metrics import clusterings
from precompute.metrics import geometry as metrics_geometry
from precompute.run import workers
from tests.benchmarks import others
from tests.benchmarks.bench_audit import MNIST, mnist

PERPLEXITIES = (5.0, 20.0, 35.0, 50.0)
KS = tuple(range(3, 16))
NEIGHBORS = (5, 15, 50)
REFERENCE = Path(__file__).parents[3] / "shared" / "bench" / "reference_grid.py"


@dataclass(frozen=True)
class Cell:
    """One perplexity and what it needs."""

    source: method.Source
    labels: NDArray[np.int16]
    perplexity: float


@dataclass(frozen=True)
class Result:
    """One perplexity's map, misclassified and silhouette by k, and when the work on it began."""

    began: float
    points: NDArray[np.float32]
    misclassified: dict[int, int]
    silhouette: dict[int, float]


def cell(task: Cell) -> Result:
    """A map, its clusterings and the two measures that the reference takes."""
    began = time.monotonic()
    points = tsne.tsne(task.source, {"perplexity": task.perplexity}).points
    geometry = metrics_geometry.Geometry(points)
    wrong, width = {}, {}
    for k, found in kmeans.kmeans(points, KS, starts=10).items():
        dominant = canonical.dominant_labels(found.clusters, task.labels, k)
        wrong[k] = int((dominant[found.clusters] != task.labels).sum())
        width[k] = clusterings.silhouette(found.clusters, k, geometry) or 0.0
    return Result(began, points, wrong, width)


def prepare() -> tuple[method.Source, NDArray[np.int16]]:
    """Load, PCA, neighbours: part of our time, as it is of the reference's."""
    digits = dataset.load("digits")
    assert digits.labels is not None
    scores = features.principal_components(digits.values).scores
    near = neighbors.nearest(scores, int(3 * max(PERPLEXITIES)))
    return method.Source(scores, near, scores[:, :2].copy(), 0), digits.labels


def warm_up(seconds: float) -> None:
    """Import what a cell needs, and hold this worker until the others have theirs."""
    tsne.compile_kernels()
    kmeans.kmeans(np.eye(4, 2, dtype=np.float32), [2])
    time.sleep(seconds)


def do(task: Cell | float) -> Result | None:
    """A cell, or the warm-up of a worker."""
    if isinstance(task, Cell):
        return cell(task)
    warm_up(task)
    return None


def ours(jobs: int) -> tuple[float, float, dict[float, Result]]:
    """Seconds of the cells, seconds with the start of the workers, and results of our side."""
    features.principal_components(np.random.default_rng(0).random((20, 4)).astype(np.float32))  # imports
    started = time.monotonic()
    source, labels = prepare()
    prepared = time.monotonic() - started
    tasks: dict[str, Cell | float] = {f"warm-up {worker}": 1.5 for worker in range(jobs)}
    tasks |= {str(p): Cell(source, labels, p) for p in sorted(PERPLEXITIES, reverse=True)}
    found = {}
    for name, result in workers.run(do, tasks, jobs):
        assert not isinstance(result, workers.TaskFailure), result
        if result is not None:
            found[float(name)] = result
            ended = time.monotonic()
    cells = ended - min(result.began for result in found.values())
    return prepared + cells, time.monotonic() - started - 1.5, found


def reference(script: Path, folder: Path) -> tuple[float, dict[float, NDArray[np.float32]], dict[float, int]]:
    """Seconds, coordinates, and misclassified at k = 10 of the reference loop, in a process of its own."""
    command = [sys.executable, str(script), "--save", str(folder), "--perplexity", *(f"{p:g}" for p in PERPLEXITIES)]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    points = {p: np.load(folder / f"p{p:g}.npy") for p in PERPLEXITIES}
    wrong = {float(row["perplexity"]): next(s[2] for s in row["settings"] if s[0] == 10) for row in report["rows"]}
    return float(report["seconds"]), points, wrong


def profile() -> None:
    """Where the time of our cells goes, on one core."""
    source, labels = prepare()
    spent: dict[str, float] = {}

    def timed(name: str, began: float) -> None:
        spent[name] = spent.get(name, 0) + time.perf_counter() - began

    for perplexity in PERPLEXITIES:
        began = time.perf_counter()
        p = tsne.joint_probabilities(source.neighbors, perplexity)
        timed("affinities", began)
        began = time.perf_counter()
        embedding = tsne.tsne(source, {"perplexity": perplexity})
        timed("t-SNE in all", began)
        steps = int(embedding.measures["iterations"])
        x, y = (np.ascontiguousarray(embedding.points[:, axis]) for axis in range(2))
        push, single = np.empty((2, len(x)), np.float32), p.data.astype(np.float32)
        began = time.perf_counter()
        for _ in range(steps):
            gradient.repulsion(x, y, push[0], push[1])
        timed("  of it repulsion", began)
        began = time.perf_counter()
        for _ in range(steps):
            gradient.attraction(p.indptr, p.indices, single, x, y, push[0], push[1])
        timed("  of it attraction", began)
        began = time.perf_counter()
        found = kmeans.kmeans(embedding.points, KS, starts=10)
        timed("K-Means", began)
        began = time.perf_counter()
        geometry = metrics_geometry.Geometry(embedding.points)
        for k, one in found.items():
            clusterings.silhouette(one.clusters, k, geometry)
            canonical.dominant_labels(one.clusters, labels, k)
        timed("silhouette", began)
    print("\nprofile, one core, seconds for the four perplexities:")
    for name, seconds in spent.items():
        print(f"  {name:20s} {seconds:6.2f}")


def against_others(folder: Path) -> None:
    """scikit-learn-intelex and umap-learn; its 10,000 samples are MNIST's test images, if they are there."""
    source, labels = prepare()
    tsne.compile_kernels()
    others.umap_learn(source, labels, NEIGHBORS)
    others.intelex(source, PERPLEXITIES)
    if not (folder / "t10k-images-idx3-ubyte.gz").exists():
        print(f"\n10,000 samples left out: {folder} has no t10k-images-idx3-ubyte.gz; name its folder with --mnist")
        return
    scores = features.principal_components(mnist(folder, 10_000).values).scores
    near = neighbors.nearest(scores, int(3 * max(PERPLEXITIES)))
    others.intelex(method.Source(scores, near, scores[:, :2].copy(), 0), PERPLEXITIES)


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, default=REFERENCE, help="the reference loop's script")
    parser.add_argument("--rounds", type=int, default=1, help="how often both sides run, by turns")
    parser.add_argument("--jobs", type=int, default=workers.available_cores())
    parser.add_argument("--mnist", type=Path, default=MNIST, help="folder with the t10k IDX files")
    parser.add_argument("--only-others", action="store_true", help="without the reference loop")
    options = parser.parse_args()
    if options.only_others:
        against_others(options.mnist)
        return
    if not options.reference.is_file():
        parser.error(f"{options.reference}: no reference script there; name one with --reference")
    began = time.perf_counter()
    tsne.compile_kernels()
    print(f"compiling or loading the kernels: {time.perf_counter() - began:.2f} s (left out below)")
    ratios = []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            theirs, other, other_wrong = reference(options.reference, Path(folder))
        seconds, whole, found = ours(options.jobs)
        ratios.append(theirs / seconds)
        print(
            f"reference {theirs:6.1f} s   ours {seconds:5.2f} s, {options.jobs} processes   ratio {ratios[-1]:5.1f}   "
            f"(with starting the processes {whole:.2f} s, ratio {theirs / whole:.1f})"
        )
    if len(ratios) > 1:
        print(f"ratio, median of {len(ratios)}: {np.median(ratios):.1f}")
    source, _ = prepare()
    print("\nperplexity   KL reference   KL ours    ours/ref   misclassified at k = 10: reference, ours")
    sums = [0.0, 0.0]
    for p in PERPLEXITIES:
        affinities = tsne.joint_probabilities(source.neighbors, p)
        pair = [descent.kl_divergence(affinities, points) for points in (other[p], found[p].points)]
        sums = [total + one for total, one in zip(sums, pair, strict=True)]
        print(
            f"{p:10g} {pair[0]:14.4f} {pair[1]:9.4f} {pair[1] / pair[0]:11.4f} {other_wrong[p]:12d}, "
            f"{found[p].misclassified[10]}"
        )
    print(f"{'mean':>10s} {sums[0] / 4:14.4f} {sums[1] / 4:9.4f} {sums[1] / sums[0]:11.4f}")
    workers.single_threaded(lambda _: profile(), None)
    against_others(options.mnist)


if __name__ == "__main__":
    main()
