"""Insights: every sentence states figures of its own setting, worked out by hand on a toy."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from precompute.store import SettingInfo, Study
from site_templates.insights import INSIGHTS, Subject, insights, number
from site_templates.views import ClusterView, SettingView, StudyView

NAMES = ("zero", "one", "two")


def view(clusters: list[int], labels: list[int] | None, metrics: dict[str, float] | None = None) -> SettingView:
    """A setting whose stats follow from its clusters and labels."""
    assigned = np.array(clusters, dtype=np.int16)
    true = None if labels is None else np.array(labels, dtype=np.int16)
    stats = []
    for cluster in range(assigned.max() + 1):
        members = assigned == cluster
        if true is None:
            stats.append(ClusterView(cluster, None, int(members.sum()), None, None, 0, None, None))
            continue
        counts = np.bincount(true[members], minlength=3)
        order = np.argsort(-counts, kind="stable")
        share = counts[counts > 0] / counts.sum()
        second = counts[order[1]]
        stats.append(
            ClusterView(
                cluster,
                int(order[0]),
                int(members.sum()),
                float(counts.max() / counts.sum()),
                float(-(share * np.log2(share)).sum()),
                0,
                int(order[1]) if second else None,
                int(second) or None,
            )
        )
    return SettingView(
        SettingInfo(
            slug="toy-k3",
            embedding="toy",
            representation="values",
            space="map",
            clusterer="kmeans",
            parameters={"k": float(len(stats))},
        ),
        assigned,
        np.zeros(len(clusters), np.float32),
        true,
        metrics or {},
        tuple(stats),
        3,
    )


TOY = view([0, 0, 0, 0, 0, 1, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1, 1, 0, 1, 1])


def say(kind: str, setting: SettingView, names: tuple[str, ...] = NAMES) -> str | None:
    return INSIGHTS[kind](Subject(setting, names))


def test_confused() -> None:
    assert say("confused", TOY) == (
        "Most confused: 2 samples of one in clusters of zero, and 1 the other way round; "
        "of all errors, 67 % are this one."
    )


def test_no_confusion() -> None:
    assert say("confused", view([0, 1], [0, 1])) == "No sample is misclassified: every cluster holds one label only."


def test_purest_and_mixed() -> None:
    assert say("purest", TOY) == "Purest: cluster 2, all 2 samples are one."
    assert say("mixed", TOY) == "Most mixed: cluster 0, where 60.0 % of 5 samples are zero, then come 2 of one."
    assert say("mixed", view([0, 1], [0, 1])) is None


def test_split() -> None:
    assert say("split", TOY) == "Split: one over clusters 1 (3) and 2 (2)."
    assert say("split", view([0, 1], [0, 1])) is None


def test_missing() -> None:
    assert say("missing", view([0, 0, 0, 1, 1], [0, 0, 2, 1, 1])) == (
        "Without a cluster: two; all its samples (1) count as misclassified. "
        "With 2 clusters for 3 labels, at least 1 error is unavoidable."
    )
    assert say("missing", TOY) is None, "two has no samples, so it misses nothing"


@pytest.mark.parametrize(("on_map", "in_data", "told"), [(0.6, 0.2, True), (0.3, 0.25, False), (0.1, 0.3, False)])
def test_flattered(on_map: float, in_data: float, told: bool) -> None:
    text = say("flattered", view([0, 1], [0, 1], {"silhouette": on_map, "silhouette_features": in_data}))
    assert (text is not None) == told
    if text:
        assert f"{on_map:.2f}" in text
        assert f"{in_data:.2f}" in text


def test_sizes_need_no_labels() -> None:
    blind = view([0, 0, 0, 1], None)
    assert [insight.kind for insight in insights(blind, ())] == ["sizes"]
    assert say("sizes", blind, ()) == "Sizes: from 1 (cluster 1) to 3 (cluster 0); even clusters would have 2."


def test_numbers_are_grouped() -> None:
    assert (number(1234567), number(0.12345, 3)) == ("1,234,567", "0.123")


def test_sentences_of_a_real_study_state_its_own_figures(tiny_study: Study) -> None:
    """The counts in every "confused" sentence are those of the setting's own tables; no two settings say the same."""
    study = StudyView(tiny_study.manifest, tiny_study)
    texts = []
    for part in ("tsne-p5", "tsne-p12.5", "tsne-p30", "features"):
        for setting in study.settings(part):
            found = {
                insight.kind: insight.text for insight in insights(setting, tiny_study.manifest.dataset.labels or ())
            }
            assert {"confused", "purest", "mixed", "sizes"} <= set(found)
            count = int(re.findall(r"(\d+) sample", found["confused"])[0])
            assert count == max(c for t, d, c in setting.pairs if t != d)
            texts.append(" ".join(found.values()))
    assert len(set(texts)) == len(texts)


def test_figures_have_separators_and_no_minus_before_nothing() -> None:
    assert number(1234567) == "1,234,567"
    assert number(-0.5, 1) == "-0.5"
    assert number(-0.0, 3) == number(-0.0001, 3) == "0.000"


def test_of_samples_without_a_label_no_label_is_told() -> None:
    some = view([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0])
    labels = np.array([0, -1, -1, 1, 1, 0], dtype=np.int16)
    stats = (replace(some.stats[0], purity=1.0, entropy=0.0), some.stats[1])
    half = replace(some, labels=labels, stats=stats)
    assert say("purest", half) == "Purest: cluster 0, its 1 labelled sample is zero."
    missing = replace(half, labels=np.array([0, 0, -1, 1, -1, 0], dtype=np.int16))
    assert say("purest", missing) == "Purest: cluster 0, all 2 labelled samples are zero."
    assert str(say("mixed", missing)).startswith("Most mixed: cluster 1, where 66.7 % of 2 labelled samples are one")


def test_where_all_is_noise_there_is_no_cluster_and_of_one_cluster_no_sizes() -> None:
    one = view([0, 0, 0], [0, 1, 1])
    assert say("sizes", one) is None
    nothing = replace(one, clusters=np.full(3, -1, dtype=np.int16), stats=())
    assert [(each.kind, each.text) for each in insights(nothing, NAMES)] == [
        ("noise", "Noise: all 3 samples; there is no cluster.")
    ]
