"""The pipeline: computed once, the same for any number of workers, failures named, figures equal to scikit-learn's."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics

from precompute import pipeline, store
from precompute.config import ConfigError, Grid
from precompute.dataset import Dataset
from precompute.machine.files import seal
from precompute.pipeline import Outcome
from precompute.run import cells, dispatch, parts, preparation, workers
from precompute.run.cells import CellCache
from precompute.run.dispatch import Machine
from precompute.run.plan import EmbeddingPlan
from precompute.run.study import planned
from precompute.store import Study
from tests.conftest import TINY


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def results(tiny_results: Path, tmp_path: Path) -> Path:
    """A copy of the tiny results that a test may change."""
    return Path(shutil.copytree(tiny_results, tmp_path / "results"))


def computed(outcome: Outcome) -> set[str]:
    return {name for name, reason in outcome.reasons.items() if not reason.startswith("kept")}


def test_a_second_build_computes_nothing(results: Path, tiny_data: Dataset) -> None:
    before = files(results)
    outcome = pipeline.compute(planned(tiny_data, TINY), results, Machine())
    assert (outcome.computed, computed(outcome)) == (0, set())
    assert files(results) == before


def test_touching_times_computes_nothing(results: Path, tiny_data: Dataset) -> None:
    for path in results.rglob("*"):
        os.utime(path, (1, 1))
    assert pipeline.compute(planned(tiny_data, TINY), results, Machine()).computed == 0


def test_one_more_perplexity_computes_one_embedding(results: Path, tiny_data: Dataset) -> None:
    wider = replace(TINY, grid=Grid.of(perplexity=(5.0, 12.5, 20.0, 30.0), k=(3, 4, 10)))
    outcome = pipeline.compute(planned(tiny_data, wider), results, Machine())
    assert computed(outcome) == {
        "embedding tsne-p20",
        "measures tsne-p20",
        *(f"{kind} tsne-p20-k{k}" for kind in ("clusters", "metrics") for k in (3, 4, 10)),
    }
    assert outcome.computed == 8


def test_one_more_k_computes_no_embedding(results: Path, tiny_data: Dataset) -> None:
    outcome = pipeline.compute(
        planned(tiny_data, replace(TINY, grid=Grid.of(perplexity=(5.0, 12.5, 30.0), k=(3, 4, 5, 10)))),
        results,
        Machine(),
    )
    parts = ("tsne-p5", "tsne-p12.5", "tsne-p30", "features")
    assert computed(outcome) == {f"{kind} {part}-k5" for kind in ("clusters", "metrics") for part in parts}


def test_narrowing_and_widening_computes_nothing(results: Path, tiny_data: Dataset) -> None:
    before = files(results / "tiny")
    narrow = pipeline.compute(
        planned(tiny_data, replace(TINY, grid=Grid.of(perplexity=(5.0, 30.0), k=(4,)))), results, Machine()
    )
    assert narrow.computed == 0
    assert not (results / "tiny" / "embeddings" / "tsne-p12.5.parquet").exists()
    again = pipeline.compute(planned(tiny_data, TINY), results, Machine())
    assert (again.computed, computed(again)) == (0, set())
    assert files(results / "tiny") == before


def test_flipped_labels_compute_no_embedding(results: Path, tiny_data: Dataset) -> None:
    assert tiny_data.labels is not None
    labels = tiny_data.labels.copy()
    labels[:3] = 9 - labels[:3]
    outcome = pipeline.compute(planned(replace(tiny_data, labels=labels), TINY), results, Machine())
    assert computed(outcome)
    assert not any(name.startswith(("embedding", "features")) for name in computed(outcome))
    assert any(reason.startswith("changed: labels") for reason in outcome.reasons.values())


def test_another_title_computes_nothing_but_is_written(results: Path, tiny_data: Dataset) -> None:
    outcome = pipeline.compute(planned(tiny_data, replace(TINY, texts={"title": "Mine"})), results, Machine())
    assert outcome.computed == 0
    assert store.read_manifest(results / "tiny").dataset.title == "Mine"


def test_results_of_an_earlier_version_are_read_and_get_the_fingerprint_of_the_samples_without_computing(
    results: Path, tiny_data: Dataset
) -> None:
    before = files(results)
    path = results / "tiny" / store.MANIFEST
    content = json.loads(path.read_bytes())
    assert content["dataset"].pop("samples_sha256") == tiny_data.samples_sha256()
    path.write_bytes(seal(store.to_json(content | {"fingerprint": ""})))
    old = store.read_manifest(results / "tiny").dataset
    assert old.same_samples == old.sha256 == tiny_data.sha256()
    outcome = pipeline.compute(planned(tiny_data, TINY), results, Machine())
    assert (outcome.computed, computed(outcome)) == (0, set())
    assert outcome.manifest.dataset.same_samples == tiny_data.samples_sha256()
    assert files(results) == before


def test_a_new_library_version_recomputes_what_it_decides(
    results: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = cells.versions
    monkeypatch.setattr(
        cells, "versions", lambda names: {**real(names), **({"openTSNE": "99"} if "openTSNE" in names else {})}
    )
    outcome = pipeline.compute(
        planned(tiny_data, replace(TINY, grid=Grid.of(perplexity=(5.0,), k=(3,)))), results, Machine()
    )
    changed = computed(outcome)
    assert "embedding tsne-p5" in changed
    assert not any(name.endswith("features-k3") for name in changed)
    assert outcome.reasons["embedding tsne-p5"].endswith("→ 99")


@pytest.mark.parametrize("jobs", [2])
def test_bytes_do_not_depend_on_the_number_of_jobs(
    tiny_results: Path, tiny_data: Dataset, tmp_path: Path, jobs: int
) -> None:
    pipeline.compute(planned(tiny_data, TINY), tmp_path, Machine(jobs=jobs))
    assert files(tmp_path) == files(tiny_results)


def test_a_damaged_part_is_computed_anew(results: Path, tiny_data: Dataset) -> None:
    before = files(results)
    (part,) = (results / ".cells" / "tiny").glob("tsne-p5-*.part")
    part.write_bytes(part.read_bytes()[:-1])
    (results / "tiny" / "metrics.parquet").unlink()
    outcome = pipeline.compute(planned(tiny_data, TINY), results, Machine())
    assert not outcome.failed
    assert files(results) == before
    assert outcome.reasons["embedding tsne-p5"] == "again: what was stored of it is missing or damaged"
    assert outcome.reasons["embedding tsne-p30"] == "kept: made from the same"
    assert outcome.computed == 8


def test_damaged_tables_are_written_anew_from_the_cells(results: Path, tiny_data: Dataset) -> None:
    before = files(results)
    path = results / "tiny" / "embeddings" / "tsne-p5.parquet"
    path.write_bytes(b"x" + path.read_bytes()[1:])
    assert pipeline.compute(planned(tiny_data, TINY), results, Machine()).computed == 0
    assert files(results) == before


def _fault(plan: EmbeddingPlan, *_: object) -> None:
    if plan.slug == "tsne-p12.5":
        raise ArithmeticError("no luck today")


def test_a_failing_cell_is_a_hole_with_a_reason_and_is_tried_again(
    tmp_path: Path, tiny_data: Dataset, tiny_results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = parts._embed

    def embed(plan: EmbeddingPlan, *rest: object) -> object:
        _fault(plan)
        return real(plan, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(parts, "_embed", embed)
        outcome = pipeline.compute(planned(tiny_data, TINY), tmp_path, Machine())
    (failure,) = outcome.failed
    assert (failure.cell, failure.reason) == ("tsne-p12.5", "ArithmeticError: no luck today")
    study = store.read(tmp_path / "tiny")
    assert study.manifest.failed == [failure]
    assert "embeddings/tsne-p12.5" not in study.tables
    assert {info.slug for info in study.manifest.embeddings} == {"pca", "tsne-p5", "tsne-p30"}
    again = pipeline.compute(planned(tiny_data, TINY), tmp_path, Machine())
    assert not again.failed
    assert files(tmp_path / "tiny") == files(tiny_results / "tiny")


def test_an_explicit_grid_beyond_the_data_computes_nothing(tmp_path: Path, tiny_data: Dataset) -> None:
    with pytest.raises(ConfigError, match="perplexity: 90 too large for 200 samples; allowed: at most 66.3333"):
        pipeline.compute(
            planned(
                tiny_data,
                replace(TINY, grid=replace(Grid.of(perplexity=(90.0,), k=(3,)), explicit=frozenset({"perplexity"}))),
            ),
            tmp_path,
            Machine(),
        )
    assert list(tmp_path.iterdir()) == []


def test_unlabelled_data_give_all_that_needs_no_label(tmp_path: Path, tiny_data: Dataset) -> None:
    blind = replace(tiny_data, labels=None, label_names=())
    outcome = pipeline.compute(
        planned(blind, replace(TINY, grid=Grid.of(perplexity=(5.0,), k=(3, 4)))), tmp_path, Machine()
    )
    assert not outcome.failed
    study = store.read(tmp_path / "tiny")
    names = set(study.tables["metrics"].column("metric").to_pylist())
    assert {"silhouette", "inertia", "trustworthiness"} <= names
    assert not names & {"purity", "misclassified", "ari"}
    assert study.tables["samples"].column("label").null_count == blind.n
    assert study.manifest.dataset.labels is None


def test_tables_equal_scikit_learns_own_evaluation(tiny_study: Study, tiny_data: Dataset) -> None:
    """Every silhouette, ARI and purity in the table, from the stored coordinates and clusters, by scikit-learn."""
    metrics = tiny_study.tables["metrics"].to_pandas()
    features = tiny_study.tables["features"].to_pandas().drop(columns="sample").to_numpy(dtype=float)
    labels = tiny_data.labels
    for info in tiny_study.manifest.settings:
        rows = tiny_study.clusters(info.embedding or "features").to_pandas()
        clusters = rows[rows.setting == info.slug].sort_values("sample").cluster.to_numpy()
        points = features
        if info.embedding:
            points = tiny_study.embedding(info.embedding).to_pandas()[["x", "y"]].to_numpy(dtype=float)
        at = tiny_study.manifest.map_of(info)
        own = metrics[metrics.setting == info.slug]
        assert set(own.k) == {info.parameters["k"]}
        assert set(own.space) == {info.space}
        assert at is None or set(own.perplexity) == {at.parameters["perplexity"]}
        value = dict(zip(own.metric, own.value, strict=True))
        assert value["silhouette"] == pytest.approx(sklearn.metrics.silhouette_score(points, clusters), rel=1e-9)
        assert value["silhouette_features"] == pytest.approx(
            sklearn.metrics.silhouette_score(features, clusters), rel=1e-9
        )
        assert value["ari"] == pytest.approx(sklearn.metrics.adjusted_rand_score(labels, clusters), rel=1e-12)
        table = sklearn.metrics.cluster.contingency_matrix(labels, clusters)
        assert value["misclassified"] == len(clusters) - table.max(axis=0).sum()


def test_cluster_numbers_are_canonical(tiny_study: Study) -> None:
    """Ordered by dominant label, then by size, largest first."""
    stats = tiny_study.tables["cluster_stats"].to_pandas()
    for _, rows in stats.groupby(["space", "k", stats.perplexity.fillna(-1)]):
        ordered = rows.sort_values(["label", "size"], ascending=[True, False], kind="stable")
        keys = list(zip(ordered.label, -ordered["size"], strict=True))
        assert [(a, -b) for a, b in zip(rows.label, rows["size"], strict=True)] == keys


def test_margin_is_negative_only_where_the_own_label_is_nearer(tiny_study: Study) -> None:
    rows = tiny_study.clusters("tsne-p30").to_pandas()
    stats = tiny_study.tables["cluster_stats"].to_pandas()
    stats = stats[(stats.perplexity == 30)]
    labels = tiny_study.tables["samples"].to_pandas().label.to_numpy()
    for k, own in rows.groupby("k"):
        dominant = stats[stats.k == k].sort_values("cluster").label.to_numpy()
        wrong = dominant[own.cluster] != labels[own["sample"]]
        margin = own.margin.to_numpy()
        assert np.isnan(margin[~np.isin(labels, dominant)]).all()
        assert (margin[wrong & ~np.isnan(margin)] >= 0).all()
        np.testing.assert_allclose(margin[~wrong], 0, atol=1e-4)


def kill_once(task: parts.Task) -> object:
    """A worker that dies at one part the first time."""
    mark = task.folder / "died"
    if task.part.slug == "tsne-p5" and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return REAL(task)


REAL = parts.compute_local


@pytest.mark.slow  # quick: tests/test_workers.py, where a worker that is killed once costs no task
def test_a_killed_worker_costs_nothing(
    tmp_path: Path, tiny_data: Dataset, tiny_results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "compute_local", kill_once)
    outcome = pipeline.compute(planned(tiny_data, TINY), tmp_path, Machine(jobs=2))
    assert not outcome.failed
    assert (tmp_path / ".cells" / "tiny" / "died").exists()
    assert files(tmp_path / "tiny") == files(tiny_results / "tiny")


@pytest.mark.parametrize(("compiles", "jobs"), [(True, 4), (False, 1)])
def test_features_are_prepared_by_the_workers_that_compute_the_cells(
    compiles: bool, jobs: int, tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool that is asked for another number of workers ends those that it has: each start takes seconds."""
    asked = []

    def run(_: object, tasks: dict[str, object], jobs: int, *__: object) -> Iterator[tuple[str, None]]:
        asked.append(jobs)
        yield from dict.fromkeys(tasks).items()

    monkeypatch.setattr(workers, "run", run)
    preparation.have_prepared(planned(tiny_data, TINY), CellCache(tmp_path), Machine(jobs=4), compiles)
    assert asked == [jobs]
