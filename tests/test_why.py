"""Why: true neighbours and the labels given at every setting, as the tables have them."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pyarrow.compute as pc
import pytest

from precompute.store import Study
from site_templates.data import choices, why
from site_templates.views import StudyView


def pair(study: Study) -> choices.Pair:
    """The one method and the one clusterer."""
    [found] = choices.pairs(study.manifest)
    return found


def test_neighbours_come_nearest_first(tiny_study: Study) -> None:
    near = why.true_neighbors(StudyView(tiny_study.manifest, tiny_study))
    assert near is not None
    rows = tiny_study.tables["neighbors"].to_pandas()
    for sample, own in rows[rows["rank"] <= why.COUNT].groupby("sample"):
        assert near[sample].tolist() == own.sort_values("distance")["neighbor"].tolist()


def test_the_history_is_that_of_the_tables(tiny_study: Study) -> None:
    view = StudyView(tiny_study.manifest, tiny_study)
    past = why.history(view, pair(tiny_study))
    assert past is not None
    labels = tiny_study.tables["samples"].column("label").to_numpy()
    for part, perplexity in (("tsne-p5", 0), ("tsne-p30", 2), ("features", None)):
        rows = tiny_study.clusters(part).to_pandas()
        for at, k in enumerate(tiny_study.manifest.axis("k")):
            clusters = rows[rows["k"] == k].sort_values("sample")["cluster"].to_numpy()
            dominant = np.array([np.bincount(labels[clusters == one]).argmax() for one in range(int(k))])[clusters]
            codes = past["features"][:, at] if perplexity is None else past["map"][:, at, perplexity]
            assert np.array_equal(codes == why.RIGHT, dominant == labels)
            assert np.array_equal(codes[codes > 0] - 1, dominant[dominant != labels])


def test_a_hole_in_the_grid_is_a_hole_in_the_history(tiny_study: Study) -> None:
    manifest = tiny_study.manifest
    kept = [one for one in manifest.embeddings if one.slug != "tsne-p12.5"]
    tables = {
        name: table.filter(pc.fill_null(pc.not_equal(table["perplexity"], 12.5), True))
        for name, table in tiny_study.tables.items()
        if "perplexity" in table.column_names
    }
    less = replace(
        tiny_study, manifest=msgspec.structs.replace(manifest, embeddings=kept), tables={**tiny_study.tables, **tables}
    )
    past = why.history(StudyView(less.manifest, less), pair(less))
    assert past is not None
    assert (past["map"][:, :, 1] == len(manifest.dataset.labels or ()) + 1).all()
    assert past["map"][:, :, 0].max() <= len(manifest.dataset.labels or ())


def test_without_labels_there_is_no_history(tiny_study: Study) -> None:
    info = msgspec.structs.replace(tiny_study.manifest.dataset, labels=None)
    blind = replace(tiny_study, manifest=msgspec.structs.replace(tiny_study.manifest, dataset=info))
    view = StudyView(blind.manifest, blind)
    assert why.history_chunk(view, pair(blind)) is None
    assert why.near_chunk(view) is not None


def test_a_history_larger_than_the_page_is_left_out(tiny_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why, "HISTORY_LIMIT", 100)
    assert why.history(StudyView(tiny_study.manifest, tiny_study), pair(tiny_study)) is None
