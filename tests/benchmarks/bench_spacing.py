"""How much the maps of neighbouring perplexities differ: what the default grid of own data is spaced by.

For each data set: the Procrustes distance of each map to the one before it, 0: the same but for shift, scale and turn,
1: unlike; once at a step of 1, once at the values of the default grid; and that of a map to itself from another start.

    python tests/benchmarks/bench_spacing.py [--mnist DIR]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import procrustes
from sklearn import datasets

sys.path.insert(0, str(Path(__file__).parents[2]))

from precompute import dataset, features, neighbors
from precompute.loaders.scaling import scaled
from precompute.maps import method, tsne
from precompute.parameters import Facts
from tests.benchmarks.bench_audit import MNIST, mnist

EVERY = (5, 6, 10, 11, 20, 21, 30, 31, 49, 50)


def sources(folder: Path) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Data sets of different kinds, at most 600 samples of each: pictures, columns of different units, groups."""
    yield "digits, 600", dataset.load("digits").values[:600]
    yield "wine, 178, columns scaled", scaled(datasets.load_wine().data, "wine", "columns").values
    yield "iris, 150", scaled(datasets.load_iris().data, "iris").values
    blobs, _ = datasets.make_blobs(600, 20, centers=12, cluster_std=3, random_state=0)
    yield "12 groups, 600 × 20", scaled(blobs, "blobs").values
    if (folder / "t10k-images-idx3-ubyte.gz").exists():
        yield "MNIST, 600", mnist(folder, 600).values


def distances(source: method.Source, perplexities: Sequence[float]) -> list[float]:
    """Of the map of each perplexity to that of the one before."""
    maps = [tsne.tsne(source, {"perplexity": float(each)}).points.astype(np.float64) for each in perplexities]
    return [float(procrustes(*pair)[2]) for pair in pairwise(maps)]


def main() -> None:
    """Print the distances."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", type=Path, default=MNIST, help="folder of MNIST's files")
    folder = parser.parse_args().mnist
    for name, values in sources(folder):
        scores = features.principal_components(values).scores
        most = (len(values) - 1) / 3
        every = [each for each in EVERY if each <= most]
        near = neighbors.nearest(scores, min(len(values) - 1, int(3 * max(*every, 50))))
        source = method.Source(scores, near, scores[:, :2].copy(), 0)
        steps = distances(source, every)[::2]
        assert tsne.PERPLEXITY.own is not None
        grid = [each for each in tsne.PERPLEXITY.own(Facts(len(values), len(values))) if each <= most]
        spaced = distances(source, grid)
        first, again = (
            tsne.tsne(source, {"perplexity": 30.0} | more).points.astype(np.float64) for more in ({}, {"restart": 1.0})
        )
        print(f"{name}: from another start {procrustes(first, again)[2]:.3f}")
        print(
            "  step of 1:", ", ".join(f"{low} → {low + 1}: {d:.3f}" for low, d in zip(every[::2], steps, strict=False))
        )
        print(
            "  own grid: ",
            ", ".join(f"{a:g} → {b:g}: {d:.3f}" for (a, b), d in zip(pairwise(grid), spaced, strict=True)),
            flush=True,
        )


if __name__ == "__main__":
    main()
