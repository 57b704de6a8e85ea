"""Finding wrong labels: flip some, rank the samples, count how many of the flipped ones come first.

The score of the audit is held beside cleanlab's, which needs a cross-validated model's probabilities. Maps and
clusters never see a label, so they are computed once a data set; each seed only flips and scores anew. The score was
chosen on digits; MNIST was looked at afterwards, with nothing changed.

    python tests/benchmarks/bench_audit.py [--seeds 5] [--sweep] [--mnist DIR] [--results DIR] [--jobs N]
"""

from __future__ import annotations

import argparse
import gzip
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2]))

from precompute import dataset, neighbors, pipeline, store
from precompute.config import Grid, StudyConfig
from precompute.dataset import Dataset
from precompute.labels import suspicion
from precompute.maps.tsne import PERPLEXITY
from precompute.run.dispatch import Machine
from precompute.run.study import planned

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"
RATES = (0.01, 0.02, 0.05, 0.1)
KS = tuple(range(10, 16))

Labels = NDArray[np.int16]
Score = Callable[[Labels], NDArray[np.float64]]


@dataclass(frozen=True)
class Ready:
    """What scores are made from: true labels, features, neighbours and their weights, clusterings of each method."""

    labels: Labels
    features: NDArray[np.float32]
    neighbors: NDArray[np.int32]
    weights: NDArray[np.float64]
    kinds: Mapping[str, list[NDArray[np.int16]]]


def prepare(data: Dataset, grid: Grid, results: Path, jobs: int) -> Ready:
    """Compute the settings that count, or read them back."""
    config = StudyConfig(
        methods=("tsne", "umap"), clusterers=("kmeans",), robustness=False, id=f"audit-{data.id}", grid=grid
    )
    outcome = pipeline.compute(
        planned(data, config), results, Machine(jobs=jobs), lambda at: print(f"\r{at.done}/{at.total}", end=" ")
    )
    assert not outcome.failed, outcome.failed
    study = store.read(results / config.id)
    kinds: dict[str, list[NDArray[np.int16]]] = {}
    for name in study.tables:
        if name.startswith("clusters/"):
            rows = study.tables[name].to_pandas()
            for _, own in rows.groupby("k"):
                kind = own["method"].iloc[0] or "features"
                kinds.setdefault(kind, []).append(own.sort_values("sample")["cluster"].to_numpy())
    features = study.tables["features"].drop_columns(["sample"]).to_pandas().to_numpy()
    near = neighbors.nearest(features, suspicion.NEIGHBORS)
    assert data.labels is not None
    return Ready(data.labels, features, near.indices, suspicion.weights(near.indices, near.distances), kinds)


def flipped(labels: Labels, rate: float, seed: int, pair: tuple[int, int] | None) -> tuple[Labels, NDArray[np.bool_]]:
    """Labels of which a share is wrong, and which: to any other label, or only between the two of a pair."""
    rng = np.random.default_rng(seed)
    wrong = np.zeros(len(labels), dtype=bool)
    given = labels.copy()
    if pair is None:
        chosen = rng.choice(len(labels), round(rate * len(labels)), replace=False)
        given[chosen] = (labels[chosen] + rng.integers(1, 10, len(chosen))) % 10
    else:
        own = np.flatnonzero(np.isin(labels, pair))
        chosen = rng.choice(own, round(rate * len(own)), replace=False)
        given[chosen] = sum(pair) - labels[chosen]
    wrong[chosen] = True
    return given, wrong


def ours(ready: Ready) -> dict[str, Score]:
    """The audit's score, its two parts, and each space alone."""

    def of(kinds: list[list[NDArray[np.int16]]]) -> Callable[[Labels], suspicion.Evidence]:
        return lambda labels: suspicion.evidence(kinds, ready.neighbors, ready.weights, labels)

    both = of(list(ready.kinds.values()))
    maps = of([ready.kinds["tsne"], ready.kinds["umap"]])
    features, before = of([ready.kinds["features"]]), of([ready.kinds["tsne"], ready.kinds["features"]])
    return {
        "audit (maps and features, neighbours)": lambda labels: both(labels).suspicion,
        "  other labels in clusters alone": lambda labels: both(labels).clusters,
        "  other labels among neighbours alone": lambda labels: both(labels).neighbors,
        "  with the maps' clusters only": lambda labels: maps(labels).suspicion,
        "  with the features' clusters only": lambda labels: features(labels).suspicion,
        "  without UMAP": lambda labels: before(labels).suspicion,
    }


def cleanlab(ready: Ready) -> dict[str, Score]:
    """cleanlab's label quality (self-confidence) with cross-validated models on the same features."""
    from cleanlab import rank
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    quality = rank.get_label_quality_scores
    warnings.filterwarnings("ignore", category=FutureWarning)  # of SVC(probability=True)
    scaled = StandardScaler().fit_transform(ready.features)
    models: dict[str, tuple[Callable[[], Any], NDArray[np.float32]]] = {
        "cleanlab, logistic regression": (lambda: LogisticRegression(max_iter=2000), scaled),
        "cleanlab, kNN": (lambda: KNeighborsClassifier(10), ready.features),
        "cleanlab, SVC": (lambda: SVC(probability=True, random_state=0), ready.features),
    }

    def score(name: str) -> Score:
        make, values = models[name]

        def run(labels: Labels) -> NDArray[np.float64]:
            probabilities = cross_val_predict(make(), values, labels, cv=5, method="predict_proba")
            return -np.asarray(quality(labels, probabilities), dtype=float)

        return run

    return {name: score(name) for name in models}


def measure(
    ready: Ready, scores: Mapping[str, Score], rate: float, seeds: int, pair: tuple[int, int] | None = None
) -> dict[str, tuple[float, float]]:
    """Precision among as many as were flipped, and AUC, each the mean over seeds."""
    from sklearn.metrics import roc_auc_score

    found: dict[str, list[tuple[float, float]]] = {name: [] for name in scores}
    for seed in range(seeds):
        labels, wrong = flipped(ready.labels, rate, seed, pair)
        for name, score in scores.items():
            values = score(labels)
            first = np.argsort(-values, kind="stable")[: wrong.sum()]
            found[name].append((float(wrong[first].mean()), float(roc_auc_score(wrong, values))))
    return {
        name: (float(np.mean([p for p, _ in all_])), float(np.mean([a for _, a in all_])))
        for name, all_ in found.items()
    }


def show(title: str, measured: Mapping[str, tuple[float, float]]) -> None:
    """A table of precision and AUC."""
    print(f"\n{title}\n{'':40} precision      AUC")
    for name, (precision, area) in measured.items():
        print(f"{name:40} {precision:9.3f} {area:8.5f}", flush=True)


def mnist(folder: Path, n: int) -> Dataset:
    """The first n test images of MNIST as a data set."""
    pixels = np.frombuffer(gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    labels = np.frombuffer(gzip.decompress((folder / "t10k-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    pixels = pixels.reshape(-1, 784)[:n]
    return replace(
        dataset.load("digits"),
        id="mnist",
        title="MNIST",
        values=(pixels / 255).astype(np.float32),
        pixels=pixels,
        image_shape=(28, 28, 1),
        polarity="ink",
        labels=labels[:n].astype(np.int16),
        ids=tuple(str(sample) for sample in range(len(pixels))),
        scaling="pixel / 255",
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sweep", action="store_true", help="also 1–10 %% of flips, and 4 ↔ 9 only")
    parser.add_argument("--mnist", type=Path, default=MNIST, help="folder with the t10k IDX files")
    parser.add_argument("--samples", type=int, default=10_000, help="of MNIST; 0 leaves it out")
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()

    digits = prepare(
        dataset.load("digits"), Grid.of(perplexity=PERPLEXITY.default, k=KS), options.results, options.jobs
    )
    title = f"digits, 2 % of labels flipped, {options.seeds} seeds, precision at {round(0.02 * len(digits.labels))}"
    show(title, measure(digits, ours(digits) | cleanlab(digits), 0.02, options.seeds))
    if options.sweep:
        main_score = dict(list(ours(digits).items())[:1])
        for rate in RATES:
            show(f"digits, {rate:.0%} flipped to any label", measure(digits, main_score, rate, options.seeds))
        for rate in RATES:
            show(f"digits, {rate:.0%} of 4 and 9 swapped", measure(digits, main_score, rate, options.seeds, (4, 9)))
    if not options.samples:
        return
    if not (options.mnist / "t10k-images-idx3-ubyte.gz").exists():
        print(f"\nMNIST left out: {options.mnist} has no t10k-images-idx3-ubyte.gz; name its folder with --mnist")
        return
    large = prepare(
        mnist(options.mnist, options.samples),
        Grid.of(perplexity=(10.0, 30.0, 50.0), k=KS),
        options.results,
        options.jobs,
    )
    show(
        f"MNIST, {len(large.labels):,} images, 2 % flipped, {options.seeds} seeds, score as chosen on digits",
        measure(large, ours(large) | cleanlab(large), 0.02, options.seeds),
    )


if __name__ == "__main__":
    main()
