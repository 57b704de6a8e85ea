"""Robustness: agreement as scikit-learn has it, clusters that vanish, and the same tables for any number of jobs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from precompute import pipeline, store, verify
from precompute.clusterers.kmeans import K
from precompute.config import Grid
from precompute.dataset import Dataset
from precompute.labels import stability
from precompute.maps.tsne import PERPLEXITY
from precompute.maps.umap import N_NEIGHBORS
from precompute.run import plan
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from tests.conftest import TINY
from tests.test_pipeline import files

SMALL = replace(TINY, grid=Grid.of(perplexity=(5.0, 10.0), k=(3, 4)), robustness=True)


def test_agreement_is_the_mean_of_scikit_learns_over_all_pairs(rng: np.random.Generator) -> None:
    clusterings = [rng.integers(0, 4, 200).astype(np.int16) for _ in range(4)]
    found = stability.agreement(clusterings)
    scores = [adjusted_rand_score(one, other) for one, other in combinations(clusterings, 2)]
    assert found.mean == pytest.approx(np.mean(scores))
    assert found.least == pytest.approx(min(scores))
    assert found.vanished == (0, 1, 2, 3)


def test_a_cluster_without_counterpart_vanishes() -> None:
    own = np.repeat([0, 1, 2, 3], 50).astype(np.int16)
    same = (own + 1) % 4
    merged = np.where(own == 3, np.arange(200) % 3, own).astype(np.int16)
    assert stability.agreement([own, same.astype(np.int16)]).mean == 1
    assert stability.agreement([own, same.astype(np.int16), merged]).vanished == ()
    assert stability.agreement([own, merged, merged]).vanished == (3,)


def test_counterparts_are_jaccard_indices(rng: np.random.Generator) -> None:
    own, other = rng.integers(0, 3, 60).astype(np.int16), rng.integers(0, 5, 60).astype(np.int16)
    found = stability.counterparts(own, other)
    for cluster in range(3):
        naive = max(
            ((own == cluster) & (other == one)).sum() / ((own == cluster) | (other == one)).sum() for one in range(5)
        )
        assert found[cluster] == pytest.approx(naive)


def test_it_is_looked_at_where_the_grid_has_the_usual_perplexities() -> None:
    assert PERPLEXITY.robustly((5, 10, 30, 40)) == (10, 30, 40)
    assert PERPLEXITY.robustly(PERPLEXITY.default) == (10, 30, 50)
    assert PERPLEXITY.robustly((5.0, 12.5, 20.0)) == (12.5, 20)
    assert PERPLEXITY.robustly((20.0, 40.0)) == (20, 40)
    assert N_NEIGHBORS.robustly(N_NEIGHBORS.default) == (15,)
    assert N_NEIGHBORS.coarsely(N_NEIGHBORS.default) == (5, 15, 50)
    assert N_NEIGHBORS.coarsely((40.0,)) == (40,)
    assert K.robustly((3, 4)) == K.coarsely((3, 4)) == (3, 4)


@pytest.fixture(scope="module")
def robust(tmp_path_factory: pytest.TempPathFactory, tiny_data: Dataset) -> Path:
    """A study with other starts."""
    folder = tmp_path_factory.mktemp("robust")
    assert not pipeline.compute(planned(tiny_data, SMALL), folder, Machine()).failed
    return folder


def test_other_starts_give_one_row_for_each_setting(robust: Path) -> None:
    study = store.read(robust / "tiny")
    rows = study.tables["stability"].to_pandas()
    assert rows[["perplexity", "k", "seeds"]].to_numpy().tolist() == [[10, 3, 5], [10, 4, 5]]
    assert (rows.ari_least <= rows.ari_mean).all()
    assert rows.ari_mean.between(-0.5, 1).all()
    assert not [info.slug for info in study.manifest.embeddings if "restart" in info.slug]


def test_the_grid_itself_does_not_change(robust: Path, tmp_path: Path, tiny_data: Dataset) -> None:
    pipeline.compute(planned(tiny_data, replace(SMALL, robustness=False)), tmp_path, Machine())
    plain, with_starts = files(tmp_path / "tiny"), files(robust / "tiny")
    differing = {name for name in plain if plain[name] != with_starts[name]}
    assert differing == {"manifest.json", "cells.json", "stability.parquet"}


def test_bytes_do_not_depend_on_the_number_of_jobs(robust: Path, tmp_path: Path, tiny_data: Dataset) -> None:
    pipeline.compute(planned(tiny_data, SMALL), tmp_path, Machine(jobs=2))
    assert files(tmp_path / "tiny") == files(robust / "tiny")


def test_a_changed_rule_gives_the_tables_of_a_fresh_build(
    robust: Path, tmp_path: Path, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """b09: with another COUNTERPART nothing was written, and --verify found all as it was written."""
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    shutil.copytree(robust, old)
    shutil.copytree(robust / ".cells", fresh / ".cells")
    assert verify.results(old).problems == []
    assert pipeline.compute(planned(tiny_data, SMALL), old, Machine()).tables.startswith("kept")
    monkeypatch.setattr(stability, "COUNTERPART", 1.5)
    (problem,) = verify.results(old).problems
    assert "other rules than this version's (labels.stability); build tiny again" in problem
    outcome = pipeline.compute(planned(tiny_data, SMALL), old, Machine())
    assert (outcome.computed, outcome.tables) == (0, "changed: the rules of labels.stability")
    pipeline.compute(planned(tiny_data, SMALL), fresh, Machine())
    assert files(old / "tiny") == files(fresh / "tiny")
    assert files(old / "tiny")["stability.parquet"] != files(robust / "tiny")["stability.parquet"]
    assert verify.results(old).problems == []


def test_a_restart_is_another_map(tiny_data: Dataset) -> None:
    wanted = plan.plan(tiny_data, SMALL, SMALL.grid)
    assert len(wanted.restarts) == 4
    keys = {one.cell.key for one in wanted.every.values()}
    assert len(keys) == len(wanted.every)


def test_with_an_explicit_perplexity_it_is_left_out_unless_asked(tiny_data: Dataset) -> None:
    explicit = replace(SMALL, robustness=None, grid=replace(SMALL.grid, explicit=frozenset({"perplexity"})))
    assert not plan.plan(tiny_data, explicit, explicit.grid).restarts
    assert plan.plan(tiny_data, replace(explicit, robustness=True), explicit.grid).restarts
    assert not replace(SMALL, robustness=None).is_robust(100_000)
