"""What the exported charts share: the finished chart with its data, and the widgets that drive it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import altair as alt

from precompute.store import ClustererInfo, EmbeddingInfo, Entry, Manifest, MethodInfo, SettingInfo
from site_templates import nearest, words
from site_templates.data import choices
from site_templates.data.choices import plain
from site_templates.views import SettingView

LONGEST_TITLE = 900
"""Pixels of a chart's title that are drawn: a picture as wide as any title could be larger than a browser makes one."""

Settings = Sequence[tuple[Mapping[str, Any], SettingView]]
"""Settings with the keys of their rows."""


@dataclass(frozen=True)
class ExportedChart:
    """An exported chart: its name, what it shows, what it leaves out (empty: nothing), and its Vega-Lite."""

    name: str
    title: str
    left_out: str
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Widgets:
    """What chooses a setting of a study in a chart: the widgets, and the expressions that ask them.

    A widget is named after what it chooses: a parameter, or `method`, `clusterer`, `space`. There is none for a method
    or a clusterer that is the only one.

    Attributes:
        manifest: of the study.
        start: the value of each widget at the start.
    """

    manifest: Manifest
    start: Mapping[str, Any]

    @cached_property
    def methods(self) -> list[MethodInfo]:
        """Those whose maps are clustered."""
        used = {info.slug: info.method for info in self.manifest.embeddings}
        clustered = {used[setting.embedding] for setting in self.manifest.settings if setting.embedding in used}
        return [method for method in self.manifest.methods if method.name in clustered]

    @property
    def clusterers(self) -> list[ClustererInfo]:
        """All of the study's."""
        return self.manifest.clusterers

    def of_maps(self, kept: Mapping[str, Sequence[float]] | None = None) -> list[alt.Parameter]:
        """What chooses a map; `kept` are the values to choose from where they are not all."""
        return self._of("method", "Method", self.methods, kept or {})

    def of_settings(self, kept: Mapping[str, Sequence[float]] | None = None) -> list[alt.Parameter]:
        """What chooses a setting."""
        return [*self.of_maps(kept), *self._of("clusterer", "Clusters by", self.clusterers, {}), self.space]

    @property
    def space(self) -> alt.Parameter:
        """What chooses between the map and the features."""
        return radio("space", "Cluster in", choices.SPACES, self.start["space"])

    def _of(
        self,
        name: str,
        label: str,
        entries: Sequence[Entry],
        kept: Mapping[str, Sequence[float]],
    ) -> list[alt.Parameter]:
        names, labels = [entry.name for entry in entries], {entry.name: entry.label for entry in entries}
        first = self.start.get(name, names[0] if names else None)
        widgets = [select(name, label, names, labels, first)] if len(entries) > 1 else []
        for axis in self.manifest.axes_of(entries):
            values = kept.get(axis.name, axis.values)
            widgets.append(slider(axis.name, axis.label, values, nearest.value(values, self.start[axis.name])))
        return widgets

    def keys(self, setting: SettingInfo) -> dict[str, Any]:
        """The keys of a setting's row."""
        at = self.manifest.map_of(setting)
        named = {"clusterer": setting.clusterer} if len(self.clusterers) > 1 else {}
        axes = self.manifest.axes_of(self.clusterers)
        values = {axis.name: plain(setting.parameters.get(axis.name)) for axis in axes}
        return {**self.keys_of(at), **named, **values, "space": setting.space}

    def keys_of(self, info: EmbeddingInfo | None) -> dict[str, Any]:
        """The keys of a map's row; None: of the features, which have none."""
        named = {"method": info and info.method} if len(self.methods) > 1 else {}
        axes = self.manifest.axes_of(self.methods)
        return {**named, **{axis.name: plain(info.parameters.get(axis.name)) if info else None for axis in axes}}

    @property
    def same_map(self) -> str:
        """Whether a row is of the map that is chosen, as an expression."""
        return self._same("method", self.methods) or "true"

    @property
    def same(self) -> str:
        """Whether a row is of the setting that is chosen, as an expression."""
        clusters = self._same("clusterer", self.clusterers) or "true"
        return f"datum.space == space && {clusters} && (space == 'features' || {self.same_map})"

    def others(self, entries: Sequence[Entry], name: str) -> str:
        """Whether a row is of the chosen entry, all but its first parameter being as chosen, as an expression."""
        return self._same(name, entries, {entry.parameters[0] for entry in entries if entry.parameters})

    def _same(self, name: str, entries: Sequence[Entry], besides: Collection[str] = ()) -> str:
        conditions = [f"datum.{name} == {name}"] if len(entries) > 1 else []
        for axis in self.manifest.axes_of(entries):
            if axis.name in besides:
                continue
            everywhere = all(axis.name in entry.parameters for entry in entries)
            equal = f"datum.{axis.name} == {axis.name}"
            conditions.append(equal if everywhere else f"(datum.{axis.name} == null || {equal})")
        return " && ".join(conditions)

    def first(self, entries: Sequence[Entry], name: str) -> str:
        """The value in a row of the first parameter of the chosen entry, as an expression."""
        return _chosen(entries, name, lambda entry: f"datum.{entry.parameters[0]}" if entry.parameters else "null")

    @property
    def now(self) -> str:
        """The chosen setting in words, as an expression."""
        chosen = [
            _description(self.manifest, self.methods, "method"),
            _description(self.manifest, self.clusterers, "clusterer"),
        ]
        features = "(space == 'features' ? ', clustered in the features' : '')"
        return f"{chosen[0]} + ', ' + {chosen[1]} + {features}"

    @property
    def clustering(self) -> str:
        """Name of the chosen clustering in rows of a map, as an expression; see `clustering_of`."""

        def of(entry: Entry) -> str:
            values = [f"'{self._letter(name)}' + replace({name} + '', '.', '_')" for name in entry.parameters]
            return " + ".join([f"'{self._prefix(entry.name)}'", *values])

        return _chosen(self.clusterers, "clusterer", of)

    def clustering_of(self, setting: SettingInfo) -> str:
        """Name of a clustering in rows of a map: "k10", with the clusterer where there are several."""
        entry = next(clusterer for clusterer in self.clusterers if clusterer.name == setting.clusterer)
        values = [f"{self._letter(name)}{plain(setting.parameters[name])}" for name in entry.parameters]
        # a dot in the name of a field would be a path to Vega
        return "".join([self._prefix(setting.clusterer), *values]).replace(".", "_")

    def _prefix(self, clusterer: str) -> str:
        return f"{clusterer}-" if len(self.clusterers) > 1 else ""

    def _letter(self, parameter: str) -> str:
        return next(axis.letter for axis in self.manifest.axes if axis.name == parameter)


def _description(manifest: Manifest, entries: Sequence[Entry], name: str) -> str:
    """The chosen one of some methods or clusterers with its values, as an expression."""

    def of(entry: Entry) -> str:
        named = [json.dumps(entry.label)] if len(entries) > 1 or not entry.parameters else []
        return " + ', ' + ".join(
            [*named, *(f"{json.dumps(words.word(manifest, one) + ' ')} + {one}" for one in entry.parameters)]
        )

    return _chosen(entries, name, of)


def _chosen(entries: Sequence[Entry], name: str, of: Callable[[Entry], str]) -> str:
    """An expression that is `of` the entry that a widget chooses; where there is one entry, there is no widget."""
    *others, last = entries
    cases = "".join(f"{name} == '{other.name}' ? {of(other)} : " for other in others)
    return f"({cases}{of(last)})" if cases else of(last)


def finished(
    chart: Any,
    data: Mapping[str, Sequence[Mapping[str, Any]]],
    params: Sequence[alt.Parameter],
    title: str,
    now: str | None = None,
    note: str = "",
    kept: Mapping[str, Sequence[float]] | None = None,
) -> dict[str, Any]:
    """The finished chart with its data, which Altair never sees: it would copy and check every value of them.

    Args:
        chart: what is drawn.
        data: by name.
        params: its widgets.
        title: of the chart.
        now: what is chosen, as an expression, for the second line of the title.
        note: what is left out.
        kept: values that a widget may be set to where they are not all; `usermeta` tells the page's scripts.
    """
    text: Any = title if now is None else alt.ExprRef(f"[{json.dumps(title)}, {now}]")
    heading = alt.TitleParams(
        text, subtitle=[note] if note else [], anchor="start", fontSize=15, offset=14, limit=LONGEST_TITLE
    )
    whole = chart.add_params(*params).properties(title=heading, background="white", padding=12)
    whole = whole.configure_view(stroke="#dedad2").configure_legend(symbolLimit=0)  # else all after 30 are left out
    spec: dict[str, Any] = whole.to_dict(validate=False) | {"datasets": dict(data)}
    if kept is not None:
        spec["usermeta"] = {"values": {name: [plain(value) for value in values] for name, values in kept.items()}}
    return spec


def slider(name: str, label: str, values: Sequence[float], value: float) -> alt.Parameter:
    """A slider where the values are evenly spaced, else a list to choose from: a slider would stop in between."""
    ordered = [plain(value) for value in sorted(values)]
    steps = {round(b - a, 9) for a, b in pairwise(ordered)}
    bind: Any
    if len(steps) == 1:
        bind = alt.binding_range(min=ordered[0], max=ordered[-1], step=plain(steps.pop()), name=f"{label} ")
    else:
        bind = alt.binding_select(options=ordered, name=f"{label} ")
    return alt.param(name=name, value=plain(value), bind=bind)


def radio(name: str, label: str, options: Sequence[tuple[str, str]], value: str) -> alt.Parameter:
    bind = alt.binding_radio(
        options=[value for value, _ in options], labels=[text for _, text in options], name=f"{label} "
    )
    return alt.param(name=name, value=value, bind=bind)


def select(
    name: str, label: str, options: Sequence[str], labels: Mapping[str, str], value: str | None = None
) -> alt.Parameter:
    bind = alt.binding_select(options=list(options), labels=[labels[option] for option in options], name=f"{label} ")
    return alt.param(name=name, value=value or (options[0] if options else None), bind=bind)


def short(value: Any) -> Any:
    """A measure to six significant digits: what a chart can show. Infinite and missing ones are null."""
    if not isinstance(value, float):
        return value
    return plain(float(f"{value:.6g}")) if math.isfinite(value) else None
