"""One t-SNE cell over n: seconds and peak memory of our exact and interpolated forces, openTSNE's Barnes–Hut and FFT.

Each measurement is a process of its own, on one thread. `--steps` iterations of the main phase are timed and the figure
is per iteration; neighbours are searched by openTSNE, which is approximate above 1,000 samples and is left out of all
alike. The data are MNIST (IDX files), 50 principal components.

    python tests/benchmarks/bench_scaling.py --mnist DIR [--sizes 500,1797,…] [--methods exact,mesh]
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2]))

SIZES = (500, 1000, 1797, 3000, 5000, 7500, 10_000, 15_000, 20_000, 30_000, 50_000, 70_000)
METHODS = ("exact", "mesh", "bh", "fft")
MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"


def images(folder: Path) -> NDArray[np.float32]:
    """All 70,000 images as (n, 784) float32 in [0, 1]."""
    parts = []
    for name in ("train", "t10k"):
        data = gzip.decompress((folder / f"{name}-images-idx3-ubyte.gz").read_bytes())
        parts.append(np.frombuffer(data, np.uint8, offset=16).reshape(-1, 784))
    return (np.concatenate(parts) / 255).astype(np.float32)


def peak_megabytes() -> float:
    """Peak resident memory of this process; getrusage would count the parent's before exec on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(method: str, scores: Path, n: int, steps: int) -> dict[str, float]:
    """Seconds per iteration of the main phase, from a map that has had some early iterations, and peak memory."""
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN

    from precompute.maps import descent
    from precompute.run import workers

    points = np.load(scores)[np.sort(np.random.default_rng(0).permutation(70_000)[:n])]

    def run(_: None) -> float:
        affinities = PerplexityBasedNN(points, perplexity=30, n_jobs=1, random_state=0, method="annoy")
        start = points[:, :2] / points[:, 0].std() * 1e-4
        embedding = TSNEEmbedding(
            start.astype(float), affinities, negative_gradient_method="fft" if n > 3000 else "bh", n_jobs=1
        )
        # a spread-out map: from a point-like one, tree and grid would look faster than they are
        embedding.optimize(30, exaggeration=12, momentum=0.5, inplace=True)
        embedding.optimize(60, momentum=0.8, inplace=True)
        p = affinities.P
        p.sort_indices()
        if method in ("exact", "mesh"):
            state = (descent.Descent if method == "exact" else descent.InterpolatedDescent)(p, np.array(embedding))

            def go(count: int) -> None:
                state.run(count, 1.0, float(n), 0.8)
        else:
            other = TSNEEmbedding(np.array(embedding), affinities, negative_gradient_method=method, n_jobs=1)

            def go(count: int) -> None:
                other.optimize(count, momentum=0.8, inplace=True)

        go(1)
        began = time.perf_counter()
        go(steps)
        return (time.perf_counter() - began) / steps

    seconds = workers.single_threaded(run, None)
    return {"seconds": seconds, "megabytes": peak_megabytes()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", type=Path, default=MNIST, help="folder of the IDX files")
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=list(SIZES))
    parser.add_argument(
        "--methods", type=lambda text: text.split(","), default=list(METHODS), help="the first is the base"
    )
    parser.add_argument("--steps", type=int, default=30, help="iterations timed")
    parser.add_argument("--one", nargs=3, metavar=("METHOD", "SCORES", "N"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        method, scores, n = options.one
        print(json.dumps(measure(method, Path(scores), int(n), options.steps)))
        return
    if not options.mnist.is_dir():
        parser.error(f"{options.mnist}: no such folder; name the one with MNIST's IDX files with --mnist")
    import tempfile

    from sklearn.decomposition import PCA

    with tempfile.TemporaryDirectory() as folder:
        scores = Path(folder) / "scores.npy"
        np.save(
            scores,
            PCA(50, svd_solver="randomized", random_state=0).fit_transform(images(options.mnist)).astype(np.float32),
        )
        print(f"milliseconds an iteration (mean of {options.steps}), one thread, perplexity 30; peak memory in MB")
        print(f"{'n':>7s}" + "".join(f"{method + ' ms':>12s}{'MB':>7s}" for method in options.methods))
        found: dict[str, list[float]] = {method: [] for method in options.methods}
        for n in options.sizes:
            line = f"{n:7d}"
            for method in options.methods:
                command = [
                    sys.executable,
                    __file__,
                    "--one",
                    method,
                    str(scores),
                    str(n),
                    "--steps",
                    str(options.steps),
                ]
                out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                one = json.loads(out.splitlines()[-1])
                found[method].append(one["seconds"])
                line += f"{one['seconds'] * 1e3:12.2f}{one['megabytes']:7.0f}"
            print(line, flush=True)
    logs = np.log(options.sizes)
    for method in options.methods:
        large = logs >= np.log(3000)
        if large.sum() >= 2:
            slope = np.polyfit(logs[large], np.log(found[method])[large], 1)[0]
            print(f"exponent of {method} from n = 3000: {slope:.2f}")
    for other in options.methods[1:]:
        faster = [n for n, a, b in zip(options.sizes, found[options.methods[0]], found[other], strict=True) if b < a]
        print(
            f"{other} is faster than {options.methods[0]} "
            + (f"from n = {faster[0]}" if faster else "nowhere in this table")
        )


if __name__ == "__main__":
    main()
