"""Examples of clusters: nearest to the centre, and nearest to belonging elsewhere."""

from __future__ import annotations

import numpy as np

from precompute.store import SettingInfo, Study
from site_templates.data.examples import COUNT, content, examples
from site_templates.views import ClusterView, SettingView, StudyView


def setting(clusters: list[int], medoids: list[int]) -> SettingView:
    stats = tuple(
        ClusterView(one, None, clusters.count(one), None, None, medoid, None, None)
        for one, medoid in enumerate(medoids)
    )
    own = np.array(clusters, dtype=np.int16)
    info = SettingInfo(
        slug="tsne-p5-k2",
        embedding="tsne-p5",
        representation="values",
        space="map",
        clusterer="kmeans",
        parameters={"k": float(len(medoids))},
    )
    return SettingView(info, own, np.zeros(len(own), np.float32), None, {}, stats, 0)


def test_central_and_borderline_on_a_line() -> None:
    points = np.array([[0, 0], [1, 0], [2, 0], [10, 0], [11, 0], [12, 0]], dtype=np.float32)
    found = examples(points, setting([0, 0, 0, 1, 1, 1], [1, 4]))
    assert found[0].tolist() == [0, 2, -1, -1, -1, 2, 0, 1, -1, -1]
    assert found[1].tolist() == [3, 5, -1, -1, -1, 3, 4, 5, -1, -1]


def test_one_cluster_has_no_border() -> None:
    points = np.array([[0, 0], [1, 0], [5, 0]], dtype=np.float32)
    found = examples(points, setting([0, 0, 0], [1]))
    assert found[0].tolist() == [0, 2, -1, -1, -1, *[-1] * COUNT]


def test_every_setting_has_its_examples(tiny_study: Study) -> None:
    made = content(StudyView(tiny_study.manifest, tiny_study))
    assert set(made["of"]) == {one.slug for one in tiny_study.manifest.settings}
