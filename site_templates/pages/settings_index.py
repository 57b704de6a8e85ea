"""All settings of a study, each with its page."""

from __future__ import annotations

from dataclasses import dataclass

from precompute.store import FEATURES, ClustererInfo, MetricInfo
from site_templates import words
from site_templates.insights import number
from site_templates.pages.setting import FOLDER
from site_templates.study import Page, PageContent, StudySite
from site_templates.texts import shown
from site_templates.views import SettingView

# ---------------------------------------------------------------------------------------------------------- index


@dataclass(frozen=True)
class Cell:
    """A setting in the table of all: its page, or nothing where it could not be computed; the figure is its text.

    `of` is the share of the samples that is clustered, "" where that is all.
    """

    href: str | None
    text: str
    of: str = ""


@dataclass(frozen=True)
class Line:
    """A row of the table: its head and a cell for each clustering."""

    head: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """The settings of one clusterer: its name, its label where there are several, heads of the columns, and rows."""

    name: str
    label: str
    heads: tuple[str, ...]
    rows: tuple[Line, ...]


def index(study: StudySite) -> PageContent:
    """The page that lists all settings, each with one figure that compares over all of them."""
    info = study.manifest.dataset
    metric = next(
        (one for wanted in ("ami", "silhouette_features") for one in study.manifest.metrics if one.name == wanted), None
    )
    manifest = study.manifest
    tables = [table for clusterer in manifest.clusterers if (table := _table(study, clusterer, metric)).rows]
    address = f"{study.address}{FOLDER}/" if study.address else None
    variables = {
        "page": Page(f"All settings – {info.title}", f"Every setting of {info.title}, a page each.", address),
        "study": info,
        "metric": metric,
        "measures": study.manifest.metrics,
        "noisy": any(one.noise for one in manifest.clusterers),
        "count": number(len(study.manifest.settings)),
        "tables": tables,
        "failed": [(shown(one.cell), one.reason) for one in study.manifest.failed],
    }
    return PageContent(variables, {})


def _table(study: StudySite, clusterer: ClustererInfo, metric: MetricInfo | None) -> Table:
    """The settings of a clusterer: a row each map and one for the features, a column each of its own values."""
    manifest = study.manifest
    own = [one for one in manifest.settings if one.clusterer == clusterer.name]
    keys = sorted({tuple(one.parameters.values()): one.parameters for one in own}.items())
    rows = []
    for part in dict.fromkeys(one.part for one in own):
        at = next((one for one in manifest.embeddings if one.slug == part), None)
        found = {
            tuple(one.info.parameters.values()): one
            for one in study.view.settings(part)
            if one.info.clusterer == clusterer.name
        }
        head = FEATURES
        if at is not None:
            told = words.values(manifest, at.parameters)
            head = ", ".join(filter(None, (words.method(manifest, at.method), told)))
        rows.append(Line(head, tuple(_cell(found.get(key), metric) for key, _ in keys)))
    heads = [words.values(manifest, values) or clusterer.label for _, values in keys]
    several = len(manifest.clusterers) > 1
    return Table(clusterer.name, clusterer.label if several else "", tuple(heads), tuple(rows))


def _cell(setting: SettingView | None, metric: MetricInfo | None) -> Cell:
    if setting is None:
        return Cell(None, "–")
    value = None if metric is None else setting.metrics.get(metric.name)
    text = setting.slug if value is None else f"{value:.3f}".replace("-", "−")
    return Cell(f"{setting.slug}.html", text, words.share(setting.clustered) if setting.noise else "")
