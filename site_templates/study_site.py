"""What every page of one study is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from precompute.store import Manifest
from site_templates import payload
from site_templates.views import SettingView, StudyView


@dataclass(frozen=True)
class Page:
    """What the frame of every page shows."""

    title: str
    description: str
    canonical: str | None = None


@dataclass(frozen=True)
class Fact:
    """A figure or a fact with its name."""

    label: str
    text: str


@dataclass(frozen=True)
class StudySite:
    """A study on its way to pages.

    Attributes:
        view: its tables. address: public address of its folder, ending in "/", if known.
    """

    view: StudyView
    address: str | None

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
    def axes(self) -> Mapping[str, Sequence[float]]:
        """Values of each axis by name."""
        return {axis.name: axis.values for axis in self.manifest.axes}

    @cached_property
    def start(self) -> Mapping[str, float | str]:
        """The state in which the explorer starts."""
        return payload.start(self.axes)

    @cached_property
    def first(self) -> SettingView | None:
        """The setting at which the explorer starts; None if it could not be computed."""
        slug = next((one.slug for one in self.manifest.embeddings if one.perplexity == self.start["perplexity"]), None)
        settings = self.view.settings(slug) if slug else []
        return next((one for one in settings if one.k == self.start["k"]), None)


@dataclass(frozen=True)
class PageContent:
    """What a page's function gives: the template's variables, and files to lie beside the page, by relative path."""

    variables: Mapping[str, Any]
    files: Mapping[str, bytes]
