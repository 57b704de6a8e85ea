"""The whole computation of MNIST (70,000 × 784): seconds, CPU time an embedding beside openTSNE alone, and peak memory.

With `--alone`, a t-SNE map by itself is timed too, ours and openTSNE's, one after the other on one thread.

Memory is that of this process and its workers together (proportional set size, so shared pages count once), sampled
ten times a second. openTSNE alone is one fit on the same features, on one thread, as it comes: its own neighbours,
750 iterations.

    python tests/benchmarks/bench_mnist.py --mnist DIR [--perplexity 10,30,50,100] [--k 5:15] [--results DIR] [--alone]
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from precompute import pipeline
from precompute.clusterers.kmeans import K
from precompute.config import Grid, StudyConfig, parse_values
from precompute.dataset import Dataset
from precompute.maps import registry
from precompute.maps.tsne import PERPLEXITY
from precompute.run import cells, parts, workers
from precompute.run.dispatch import Machine
from precompute.run.plan import plan
from precompute.run.study import planned
from tests.benchmarks.bench_scaling import MNIST, images


def mnist(folder: Path) -> Dataset:
    """All 70,000 images with their labels."""
    values = images(folder)
    labels = np.concatenate(
        [
            np.frombuffer(gzip.decompress((folder / f"{name}-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
            for name in ("train", "t10k")
        ]
    )
    return Dataset(
        id="mnist",
        title="MNIST",
        description="70,000 handwritten digits, 28 × 28 pixels each.",
        source="Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits",
        license="",
        values=values,
        pixels=np.rint(values * 255).astype(np.uint8),
        image_shape=(28, 28, 1),
        polarity="ink",
        labels=labels.astype(np.int16),
        label_names=tuple(str(digit) for digit in range(10)),
        ids=tuple(str(sample) for sample in range(len(values))),
        scaling="pixel / 255",
    )


class Peak(threading.Thread):
    """Watches the memory of this process and its children, and keeps the processor time that watching takes."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.gigabytes, self.seconds, self.over = 0.0, 0.0, threading.Event()

    def run(self) -> None:
        """Sample until told to stop."""
        own = psutil.Process()
        while not self.over.wait(0.1):
            total = 0
            for process in [own, *own.children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
            self.gigabytes = max(self.gigabytes, total / 1024**3)
            self.seconds = time.thread_time()


def alone(features: np.ndarray, perplexity: float) -> float:
    """CPU seconds of openTSNE by itself."""

    def fit(_: None) -> float:
        import openTSNE

        began = time.process_time()
        openTSNE.TSNE(perplexity=perplexity, n_jobs=1, random_state=0).fit(features)
        return time.process_time() - began

    return workers.single_threaded(fit, None)


def ours(prepared: parts.SourceData, perplexity: float) -> float:
    """CPU seconds of our map by itself, from neighbours that all perplexities share."""

    def fit(_: None) -> float:
        began = time.process_time()
        registry.METHODS["tsne"].fit(prepared.source, {"perplexity": perplexity})
        return time.process_time() - began

    return workers.single_threaded(fit, None)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", type=Path, default=MNIST, help="folder of the IDX files")
    parser.add_argument("--perplexity", type=partial(parse_values, PERPLEXITY), default=(10.0, 30.0, 50.0, 100.0))
    parser.add_argument("--k", type=partial(parse_values, K), default=tuple(range(5, 16)))
    parser.add_argument("--results", type=Path, help="keep the results here")
    parser.add_argument("--jobs", type=int, default=workers.available_cores())
    parser.add_argument("--alone", action="store_true", help="time openTSNE by itself too")
    options = parser.parse_args()
    study = StudyConfig(
        methods=("tsne",),
        clusterers=("kmeans",),
        id="mnist",
        grid=Grid.of(perplexity=tuple(options.perplexity), k=tuple(options.k)),
        robustness=False,
    )
    data = mnist(options.mnist)
    with tempfile.TemporaryDirectory() as folder:
        results = options.results or Path(folder)
        peak, began = Peak(), time.perf_counter()
        peak.start()
        before = time.process_time()

        def report(at: pipeline.Progress) -> None:
            print(f"{time.perf_counter() - began:7.1f} s  {at.done} of {at.total}: {at.name}", flush=True)

        outcome = pipeline.compute(planned(data, study), results, Machine(jobs=options.jobs), report)
        peak.over.set()
        cpu = time.process_time() - before - peak.seconds + sum(psutil.Process().cpu_times()[2:4])
        print(f"{time.perf_counter() - began:7.1f} s in all, {cpu:.0f} s of CPU; peak {peak.gigabytes:.2f} GiB")
        for text in [*outcome.notes, *(f"{one.cell}: {one.reason}" for one in outcome.failed)]:
            print(text)
        print(f"CPU a perplexity, everything counted: {cpu / len(options.perplexity):.0f} s")
        if options.alone:
            source = plan(data, study, study.fitted(data)[0]).source
            prepared = parts.read_prepared(results / cells.CACHE_FOLDER / study.id, source.key)
            for perplexity in options.perplexity:
                own, other = ours(prepared, perplexity), alone(prepared.source.features, perplexity)
                print(
                    f"the map alone, perplexity {perplexity:g}: ours {own:.0f} s, openTSNE {other:.0f} s of CPU, "
                    f"ratio {own / other:.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
