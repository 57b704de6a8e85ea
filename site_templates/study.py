"""What every page of one study is made from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote

from precompute.store import Manifest, own_ids
from site_templates import words
from site_templates.charts.controls import Control, declared
from site_templates.charts.export import exported_charts
from site_templates.charts.export_parts import ExportedChart
from site_templates.charts.study import StudyCharts, study_charts
from site_templates.data import choices, explorer
from site_templates.data.neighborhoods import Neighborhoods, neighborhoods
from site_templates.images.queue import Drawing
from site_templates.texts import shown
from site_templates.views import SettingView, StudyView


@dataclass(frozen=True)
class Preview:
    """The picture that a link to a page shows elsewhere: absolute address, size in pixels, text for those who hear."""

    address: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Page:
    """What the frame of every page shows. Without a public address (`canonical`) there is no preview either."""

    title: str
    description: str
    canonical: str | None = None
    preview: Preview | None = None


@dataclass(frozen=True)
class Fact:
    """A figure or a fact with its name, and where it is to be seen."""

    label: str
    text: str
    href: str | None = None


@dataclass(frozen=True)
class StudySite:
    """A study on its way to pages.

    Attributes:
        view: its tables.
        address: public address of its folder, ending in "/", if known.
        gallery: the studies that its pages may speak of, by folder: itself, and those of the gallery that are over the
            same samples or a shuffled baseline of another of them; filled before any page is made.
    """

    view: StudyView
    address: str | None
    gallery: Mapping[str, StudySite] = field(default_factory=dict, repr=False, compare=False)

    @property
    def manifest(self) -> Manifest:
        """The study's manifest."""
        return self.view.manifest

    @property
    def folder(self) -> str:
        """The study's folder in the site."""
        return self.manifest.dataset.id

    @property
    def labelled(self) -> bool:
        """Whether the samples have labels."""
        return self.manifest.dataset.labels is not None

    @cached_property
    def start(self) -> Mapping[str, float | str]:
        """The state in which the explorer starts."""
        return choices.start(self.manifest)

    @cached_property
    def states(self) -> Mapping[str, choices.State]:
        """The settings that the pages can show, as states, by slug."""
        return choices.states(self.manifest)

    @cached_property
    def counts(self) -> Mapping[str, str | None]:
        """By clusterer the parameter that says how many clusters there are, if one does at every setting."""
        return {clusterer.name: explorer.count_of(self.view, clusterer) for clusterer in self.manifest.clusterers}

    @cached_property
    def controls(self) -> Sequence[Control]:
        """What a reader chooses by, in its order on the page."""
        return declared(self.manifest, words.methods(self.manifest), choices.SPACES, self.start)

    @cached_property
    def charts(self) -> StudyCharts:
        """The study's charts."""
        return study_charts(self.view, self.controls)

    @cached_property
    def data(self) -> explorer.Payload:
        """The study's data scripts; the explorer's page brings them, every page of the study may name them."""
        exported = {chart.name: chart.spec for chart in self.exported}
        return explorer.payload(self.view, self.charts.compiled(), self.address, exported)

    @cached_property
    def neighborhoods(self) -> Neighborhoods:
        """Data scripts from which a page finds every sample's neighbours; the comparison's page brings them."""
        return neighborhoods(self.view)

    @property
    def peers(self) -> list[StudySite]:
        """Other studies of the gallery over the same samples: their settings compare sample by sample."""
        own = self.view.fingerprint
        return [
            site
            for site in self.gallery.values()
            if site.folder != self.folder and own and site.view.fingerprint == own
        ]

    @cached_property
    def ids(self) -> list[str]:
        """The samples' ids, as pages show them."""
        return [shown(name) for name in self.view.samples["id"].tolist()]

    @cached_property
    def own_ids(self) -> bool:
        """Whether the samples have ids of their own, not just their numbers."""
        return own_ids(self.view.samples["id"].tolist())

    @cached_property
    def _numbered(self) -> frozenset[str]:
        """Ids by which no sample is found: all where they are its numbers, else those that several seem to have."""
        if not self.own_ids:
            return frozenset(self.ids)
        return frozenset({"", *(name for name, times in Counter(self.ids).items() if times > 1)})

    def named(self, sample: int) -> str:
        """A sample as addresses name it, by the rule of ids.js: "id=…", or "sample=…" where no own id tells it."""
        name = self.ids[sample]
        return f"sample={sample}" if name in self._numbered else f"id={re.sub('[.]$', '%2E', quote(name, safe=''))}"

    @cached_property
    def exported(self) -> list[ExportedChart]:
        """The exported charts."""
        return exported_charts(self.view, self.start)

    @cached_property
    def first(self) -> SettingView | None:
        """The setting at which the explorer starts; None where no map could be computed."""
        at = {**self.start, "space": "map"}
        on_maps = ((slug, state) for slug, state in self.states.items() if state["space"] == "map")
        slug = next((slug for slug, state in on_maps if state.items() <= at.items()), None)
        part = next((info.embedding for info in self.manifest.settings if info.slug == slug), None)
        return next((view for view in self.view.settings(part) if view.slug == slug), None) if part else None


@dataclass(frozen=True)
class PageContent:
    """What a page's function gives: the template's variables, and files to lie beside the page, by relative path.

    `drawings` are files, too: pictures that are drawn later, all in parallel, and only where something changed. `notes`
    say what a reader will miss, a sentence each.
    """

    variables: Mapping[str, Any]
    files: Mapping[str, bytes]
    drawings: Mapping[str, Drawing] = field(default_factory=dict)
    notes: Sequence[str] = ()
