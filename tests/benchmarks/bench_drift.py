"""Shifts: what placing keeps and costs, how often each test calls drift where there is none, and what it detects.

The map is made of one part of the digits by t-SNE, PCA and UMAP; the rest is placed on it, as it is and corrupted.
False alarms are counted over random splits of the clean digits, a new one each time.

    python tests/benchmarks/bench_drift.py [--splits 1000] [--large 10000] [--mnist DIR]
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2]))

from precompute import dataset, features, neighbors
from precompute.features import Features
from precompute.maps.method import Source
from precompute.maps.registry import METHODS
from precompute.shift import placing, registry, two_sample

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"
DIGITS = (8, 8, 1)
MAPPED = 1_200
MAPS = {"tsne": {"perplexity": 30.0}, "pca": {}, "umap": {"n_neighbors": 15.0, "min_dist": 0.1}}
PLACED: tuple[tuple[str, int], ...] = (("clean", 0), ("rotate", 2), ("fog", 2), ("impulse-noise", 3))


def project(clean: Features, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores of other samples."""
    return features.project(values, clean.mean, clean.axes)


def cost(run: Callable[[], Any], times: int = 3) -> tuple[float, float]:
    """Seconds, the least of some runs, and MB that another run needs at most."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return min(seconds), peak / 1e6


def placing_costs(values: NDArray[np.float32]) -> None:
    """Seconds and memory of placing as many samples as the map has."""
    clean = features.principal_components(values)
    points = np.ascontiguousarray(clean.scores[:, :2])
    own = np.arange(len(values))
    begin = time.perf_counter()
    near = neighbors.nearest_among(clean.scores, clean.scores, placing.NEIGHBORS, own)
    found = time.perf_counter() - begin
    scales, length = neighbors.own_scales(near.distances), placing.reach(points)
    seconds, memory = cost(lambda: placing.place(points, near, scales, length))
    print(f"placing {len(values):,} on one map: {seconds:.3f} s, {memory:.0f} MB; their neighbours: {found:.2f} s")


def corruption_costs(values: NDArray[np.float32]) -> None:
    """Seconds of one severity of each corruption."""
    numbers, levels = np.arange(len(values)), registry.levels_of(values)
    seconds = {}
    for name in registry.CORRUPTIONS:
        run = partial(registry.corrupted, values, DIGITS, name, 3, numbers=numbers, levels=levels)
        seconds[name] = cost(run, 2)[0]
    print(f"a severity of {len(values):,} digits:", ", ".join(f"{name} {took:.2f}" for name, took in seconds.items()))


def kept_shares(values: NDArray[np.float32]) -> None:
    """Share of 10 neighbours that are kept: by the weighted mean, by placing, by openTSNE's transform."""
    drawn = np.random.default_rng(0).permutation(len(values))
    mapped, rest = np.sort(drawn[:MAPPED]), np.sort(drawn[MAPPED:])
    clean = features.principal_components(values[mapped])
    near = neighbors.nearest(clean.scores, 150)
    source = Source(clean.scores, near, np.ascontiguousarray(clean.scores[:, :2]), 0)
    scales = neighbors.own_scales(near.distances)
    levels = registry.levels_of(values)
    shown = {}
    for name, severity in PLACED:
        some = values[rest]
        if severity:
            some = registry.corrupted(some, DIGITS, name, severity, numbers=rest, levels=levels)
        shown[f"{name} {severity}" if severity else name] = project(clean, some)
    print(f"\nshare of {placing.NEIGHBORS} neighbours kept\n{'':22} weighted mean   placed   openTSNE")
    for method, parameters in MAPS.items():
        points = METHODS[method].fit(source, parameters).points
        length = placing.reach(points)
        transform = opentsne(clean.scores, points) if method == "tsne" else None
        for name, scores in shown.items():
            among = neighbors.nearest_among(scores, clean.scores, placing.NEIGHBORS)
            shares = [
                placing.kept(placing.place(points, among, scales, length, steps), points, among.indices).mean()
                for steps in (0, placing.STEPS)
            ]
            other = ""
            if transform is not None:
                begin = time.perf_counter()
                places, moved = transform(scores)
                took = time.perf_counter() - begin
                other = f"{placing.kept(places, moved, among.indices).mean():8.3f} ({took:.1f} s)"
            print(f"{method:5} {name:16} {shares[0]:13.3f} {shares[1]:8.3f} {other}", flush=True)


def opentsne(
    scores: NDArray[np.float32], points: NDArray[np.float32]
) -> Callable[[NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """openTSNE's own placing on the same map, with its defaults: the places, and the map, which it moves as well."""
    import openTSNE

    affinities = openTSNE.affinity.PerplexityBasedNN(scores.astype(np.float64), perplexity=30, n_jobs=1)

    def transform(new: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        embedding = openTSNE.TSNEEmbedding(
            points.astype(np.float64), affinities, negative_gradient_method="bh", random_state=0, n_jobs=1
        )
        places = embedding.transform(new.astype(np.float64))
        return np.asarray(places, dtype=np.float32), np.asarray(embedding, dtype=np.float32)

    return transform


def interval(alarms: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (E. Wilson, 1927)."""
    from scipy import stats

    bounds = stats.binomtest(alarms, of).proportion_ci(method="wilson")
    return float(bounds.low), float(bounds.high)


def false_alarms(scores: NDArray[np.float32], labels: NDArray[np.int16], splits: int) -> None:
    """How often each test gives p ≤ 0.05 for two halves of the same clean data."""
    alarms = dict.fromkeys([*two_sample.TESTS, "label shares"], 0)
    seconds = dict.fromkeys(alarms, 0.0)
    for split in range(splits):
        first, second = two_sample.halves(len(scores), split)
        runs: dict[str, Callable[[], two_sample.Result]] = {
            name: partial(test.function, scores[first], scores[second], split)
            for name, test in two_sample.TESTS.items()
        }
        runs["label shares"] = partial(two_sample.label_shares, labels[first], labels[second], split)
        for name, run in runs.items():
            begin = time.perf_counter()
            alarms[name] += run().p <= two_sample.LEVEL
            seconds[name] += time.perf_counter() - begin
    print(f"\nfalse alarms at p ≤ {two_sample.LEVEL} over {splits} splits, clean against clean")
    for name, count in alarms.items():
        low, high = interval(count, splits)
        print(f"{name:14} {count / splits:6.1%}  ({low:.1%} to {high:.1%})  {seconds[name] / splits:.3f} s a test")


def power(values: NDArray[np.float32], clean: Features, names: Sequence[str]) -> None:
    """p of each test at each severity, clean half against shifted half, corrected over all of them."""
    first, second = two_sample.halves(len(values))
    levels = registry.levels_of(values)
    results = [
        [
            test.function(
                clean.scores[first],
                project(
                    clean,
                    registry.corrupted(values[second], DIGITS, name, severity, numbers=second, levels=levels),
                ),
                0,
            )
            for test in two_sample.TESTS.values()
        ]
        for name in names
        for severity in registry.SEVERITIES
    ]
    corrected = two_sample.corrected([result for row in results for result in row])
    detected = corrected.detected.reshape(len(names), len(registry.SEVERITIES), -1)
    areas = np.array([row[0].statistic for row in results]).reshape(len(names), -1)
    print(f"\nfirst severity that each test detects, of {corrected.tests} tests corrected together; AUC at 1 … 5")
    for name, row, area in zip(names, detected, areas, strict=True):
        severities = [str(int(column.argmax()) + 1) if column.any() else "none" for column in row.T]
        listed = ", ".join(f"{test} {found}" for test, found in zip(two_sample.TESTS, severities, strict=True))
        print(f"{name:14} {listed:40} {' '.join(f'{value:.2f}' for value in area)}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=10_000, help="images of MNIST to place; 0 leaves it out")
    parser.add_argument("--mnist", type=Path, default=MNIST, help="folder with the t10k IDX files")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)

    digits = dataset.load("digits")
    assert digits.labels is not None
    clean = features.principal_components(digits.values)
    placing_costs(digits.values)
    images = options.mnist / "t10k-images-idx3-ubyte.gz"
    if options.large and images.exists():
        pixels = np.frombuffer(gzip.decompress(images.read_bytes()), np.uint8, offset=16).reshape(-1, 784)
        placing_costs((pixels[: options.large] / 255).astype(np.float32))
    elif options.large:
        print(f"MNIST left out: {options.mnist} has no {images.name}; name its folder with --mnist")
    corruption_costs(digits.values)
    kept_shares(digits.values)
    power(digits.values, clean, list(registry.CORRUPTIONS))
    false_alarms(clean.scores, digits.labels, options.splits)


if __name__ == "__main__":
    main()
