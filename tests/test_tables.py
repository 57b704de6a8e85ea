"""Tables: row counts, order, and the audit's shares, counted again the slow way."""

from __future__ import annotations

from collections import Counter

import numpy as np

from precompute.store import Study


def test_row_counts(tiny_study: Study) -> None:
    n, ks, maps = 200, 3, 3
    rows = {name: table.num_rows for name, table in tiny_study.tables.items()}
    assert rows["samples"] == rows["features"] == n
    assert rows["neighbors"] == n * 10
    assert rows["clusters/tsne-p5"] == rows["clusters/features"] == n * ks
    assert rows["cluster_stats"] == (maps + 1) * (3 + 4 + 10)
    assert rows["audit"] == 2 * n


def test_neighbors_are_those_of_feature_space(tiny_study: Study) -> None:
    features = tiny_study.tables["features"].to_pandas().drop(columns="sample").to_numpy(dtype=float)
    rows = tiny_study.tables["neighbors"].to_pandas()
    apart = np.linalg.norm(features[:, None] - features[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    own = rows[rows["sample"] == 17].sort_values("rank")
    np.testing.assert_array_equal(own.neighbor, np.argsort(apart[17])[:10])
    np.testing.assert_allclose(own.distance, np.sort(apart[17])[:10], rtol=1e-5)


def test_embedding_measures_have_neither_space_nor_k(tiny_study: Study) -> None:
    rows = tiny_study.tables["metrics"].to_pandas()
    own = rows[rows.metric == "trustworthiness"]
    assert len(own) == 4
    assert own.space.isna().all()
    assert own.k.isna().all()
    assert rows.n.isna().all(), "all samples were used"


def test_audit_counts_every_setting_of_its_space(tiny_study: Study) -> None:
    labels = tiny_study.tables["samples"].column("label").to_numpy()
    audit = tiny_study.tables["audit"].to_pandas()
    for space, parts in (("map", ["tsne-p5", "tsne-p12.5", "tsne-p30"]), ("features", ["features"])):
        given: list[Counter[int]] = [Counter() for _ in labels]
        for part in parts:
            rows = tiny_study.clusters(part).to_pandas()
            for _, own in rows.groupby("k"):
                clusters = own.sort_values("sample").cluster.to_numpy()
                for cluster in np.unique(clusters):
                    members = np.flatnonzero(clusters == cluster)
                    dominant = int(np.bincount(labels[members]).argmax())
                    for sample in members:
                        given[sample][dominant] += 1
        for row in audit[audit.space == space].itertuples():
            counts = given[row.sample]
            assert row.settings == sum(counts.values()) == 3 * len(parts)
            assert row.misclassified == 1 - counts[labels[row.sample]] / row.settings
            assert dict(zip(row.labels.tolist(), row.counts.tolist(), strict=True)) == dict(counts)
            assert row.counts.tolist() == sorted(row.counts, reverse=True)
