"""Insights: sentences made from one setting's own tables.

An insight is one function from a setting to a sentence or nothing, and one entry in `INSIGHTS`. Nothing here is a
fixed text: every sentence states figures of the setting it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from site_templates import words
from site_templates.views import ClusterView, SettingView

FLATTERY = 0.1
"""Difference of the two silhouettes above which a reader is told that the map flatters."""


@dataclass(frozen=True)
class Subject:
    """What an insight looks at: a setting, and the names of the label codes (empty if unlabelled)."""

    setting: SettingView
    names: Sequence[str]

    @property
    def n(self) -> int:
        """Number of samples."""
        return len(self.setting.clusters)

    def count(self, label: int) -> int:
        """Samples whose true label this is."""
        return sum(count for true, _, count in self.setting.pairs if true == label)


@dataclass(frozen=True)
class Insight:
    """A generated sentence; `kind` is its name in the registry."""

    kind: str
    text: str


def number(value: float, decimals: int = 0) -> str:
    """A figure for a sentence: thousands separated by commas, no minus before a figure that is rounded to nothing."""
    text = f"{value:,.{decimals}f}"
    return text if text.strip("-0.,") else text.lstrip("-")


def samples(count: int) -> str:
    """ "1 sample", "12 samples"."""
    return f"{number(count)} sample{'' if count == 1 else 's'}"


def _share(row: ClusterView) -> str:
    return f"{100 * (row.purity or 0):.1f} %"


def _labelled(subject: Subject, row: ClusterView) -> str:
    """Those of a cluster that its shares are of: "12 samples", "9 labelled samples" where some have no label."""
    labelled = int(subject.setting.labelled[row.cluster])
    return samples(labelled) if labelled == row.size else f"{number(labelled)} labelled {samples(labelled).split()[1]}"


def noise(subject: Subject) -> str | None:
    """How many samples are in no cluster, and so in no figure."""
    count = subject.setting.noise
    if not count:
        return None
    if count == subject.n:
        return f"Noise: all {samples(count)}; there is no cluster."
    rest = words.share(subject.setting.clustered)
    return (
        f"Noise: {samples(count)} of {number(subject.n)} {'is' if count == 1 else 'are'} in no cluster; what is said "
        f"of clusters here is of the other {rest}."
    )


def confused(subject: Subject) -> str | None:
    """The most confused pair and how many."""
    wrong = [pair for pair in subject.setting.pairs if pair[0] != pair[1]]
    if not subject.setting.pairs:
        return None
    if not wrong:
        return "No sample is misclassified: every cluster holds one label only." if subject.names else None
    true, dominant, count = max(wrong, key=lambda pair: (pair[2], -pair[0], -pair[1]))
    back = next((c for t, d, c in wrong if (t, d) == (dominant, true)), 0)
    also = f", and {number(back)} the other way round" if back else ""
    return (
        f"Most confused: {samples(count)} of {subject.names[true]} in clusters of {subject.names[dominant]}{also}; "
        f"of all errors, {100 * count / sum(pair[2] for pair in wrong):.0f} % are this one."
    )


def purest(subject: Subject) -> str | None:
    """The purest cluster."""
    rows = [row for row in subject.setting.stats if row.purity is not None]
    if not rows:
        return None
    row = max(rows, key=lambda row: (row.purity or 0, row.size))
    name, of = subject.names[row.label or 0], _labelled(subject, row)
    if row.purity == 1:
        only = subject.setting.labelled[row.cluster] == 1
        return f"Purest: cluster {row.cluster}, {'its' if only else 'all'} {of} {'is' if only else 'are'} {name}."
    return f"Purest: cluster {row.cluster}, {_share(row)} of its {of} are {name}."


def mixed(subject: Subject) -> str | None:
    """The most mixed cluster, if any is mixed."""
    rows = [row for row in subject.setting.stats if row.entropy]
    if not rows:
        return None
    row = max(rows, key=lambda row: (row.entropy or 0, row.size))
    runner = (
        ""
        if row.runner_up is None
        else f", then come {number(row.runner_up_size or 0)} of {subject.names[row.runner_up]}"
    )
    return (
        f"Most mixed: cluster {row.cluster}, where {_share(row)} of {_labelled(subject, row)} are "
        f"{subject.names[row.label or 0]}{runner}."
    )


def split(subject: Subject) -> str | None:
    """Labels that dominate more than one cluster."""
    owners: dict[int, list[ClusterView]] = {}
    for row in subject.setting.stats:
        if row.label is not None:
            owners.setdefault(row.label, []).append(row)
    found = [
        f"{subject.names[label]} over clusters {words.listed([f'{row.cluster} ({number(row.size)})' for row in rows])}"
        for label, rows in sorted(owners.items())
        if len(rows) > 1
    ]
    return f"Split: {'; '.join(found)}." if found else None


def missing(subject: Subject) -> str | None:
    """Labels that dominate no cluster."""
    held = {row.label for row in subject.setting.stats}
    without = [label for label in range(len(subject.names)) if label not in held and subject.count(label)]
    if not without:
        return None
    count = sum(subject.count(label) for label in without)
    whose = "all its" if len(without) == 1 else "all their"
    forced = ""
    if subject.setting.unavoidable:
        errors = subject.setting.unavoidable
        forced = (
            f" With {subject.setting.count} clusters for {len(subject.names)} labels, at least "
            f"{number(errors)} error{' is' if errors == 1 else 's are'} unavoidable."
        )
    return (
        f"Without a cluster: {words.listed([subject.names[label] for label in without])}; {whose} samples "
        f"({number(count)}) count as misclassified.{forced}"
    )


def flattered(subject: Subject) -> str | None:
    """Whether the map makes the clusters look clearer than the data do."""
    on_map = subject.setting.metrics.get("silhouette")
    in_data = subject.setting.metrics.get("silhouette_features")
    if subject.setting.space != "map" or on_map is None or in_data is None or on_map - in_data < FLATTERY:
        return None
    return (
        f"The map flatters: the silhouette of these clusters is {on_map:.2f} with the map's distances and "
        f"{in_data:.2f} with those of the data."
    )


def sizes(subject: Subject) -> str | None:
    """The largest and the smallest of several clusters."""
    rows = subject.setting.stats
    if len(rows) < 2:
        return None
    large, small = max(rows, key=lambda row: row.size), min(rows, key=lambda row: row.size)
    return (
        f"Sizes: from {number(small.size)} (cluster {small.cluster}) to {number(large.size)} "
        f"(cluster {large.cluster}); even clusters would have "
        f"{number((subject.n - subject.setting.noise) / len(rows))}."
    )


def shuffled(subject: Subject) -> str | None:
    """What the same pipeline finds in data without structure."""
    baseline = subject.setting.robustness.baseline
    space = "on the map" if subject.setting.space == "map" else "in feature space"
    if subject.setting.robustness.baseline_at:
        space += f" of {subject.setting.robustness.baseline_at} (the nearest that was tried)"
    if any(name not in figures for figures in (baseline, subject.setting.metrics) for name in SILHOUETTES):
        return None
    also = ""
    if subject.setting.space == "map":
        also = f", measured with the data's distances {number(baseline['silhouette_features'], 2)}"
    return (
        "Shuffled baseline: where the values of every pixel or feature are shuffled over the samples, the "
        f"same steps reach a silhouette of {number(baseline['silhouette'], 2)} {space}{also}; here it is "
        f"{number(subject.setting.metrics['silhouette'], 2)}."
    )


def agreement(subject: Subject) -> str | None:
    """How far the clusters are the same on maps from other starts."""
    found = subject.setting.robustness
    if not found.seeds:
        return None
    return (
        f"Found again: over {found.seeds} such maps, {found.seeds - 1} of them from random starts, the "
        f"clusters agree to an adjusted Rand index of {found.ari_mean:.2f} (1 is the same, 0 is chance), at worst "
        f"{found.ari_least:.2f}."
    )


def vanished(subject: Subject) -> str | None:
    """Clusters that are an accident of this map."""
    lost = subject.setting.robustness.vanished
    if not lost:
        return None
    which = words.listed([str(one) for one in lost])
    many = f"clusters {which} are" if len(lost) > 1 else f"cluster {which} is"
    return f"Unstable: {many} not found again on most of the maps from other starts."


SILHOUETTES = ("silhouette", "silhouette_features")


INSIGHTS: Mapping[str, Callable[[Subject], str | None]] = {
    "noise": noise,
    "confused": confused,
    "purest": purest,
    "mixed": mixed,
    "split": split,
    "missing": missing,
    "flattered": flattered,
    "shuffled": shuffled,
    "agreement": agreement,
    "vanished": vanished,
    "sizes": sizes,
}


def insights(setting: SettingView, names: Sequence[str]) -> list[Insight]:
    """All sentences that this setting gives rise to, in the registry's order."""
    subject = Subject(setting, names)
    found = [(kind, make(subject)) for kind, make in INSIGHTS.items()]
    return [Insight(kind, text) for kind, text in found if text]
