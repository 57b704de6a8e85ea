"""All settings of a study, each with its page."""

from __future__ import annotations

from dataclasses import dataclass

from precompute.store import MetricInfo, number_slug
from site_templates.insights import number
from site_templates.pages.setting import FOLDER, method_name
from site_templates.study import Page, PageContent, StudySite
from site_templates.texts import shown
from site_templates.views import SettingView

# ---------------------------------------------------------------------------------------------------------- index


@dataclass(frozen=True)
class Cell:
    """A setting in the table of all: its page, or nothing where it could not be computed; the figure is its text."""

    href: str | None
    text: str


@dataclass(frozen=True)
class Line:
    """A row of the table: its head and a cell for each k."""

    head: str
    cells: tuple[Cell, ...]


def index(study: StudySite) -> PageContent:
    """The page that lists all settings, each with one figure that compares over all of them."""
    info = study.manifest.dataset
    metric = next(
        (one for wanted in ("ami", "silhouette_features") for one in study.manifest.metrics if one.name == wanted), None
    )
    ks = sorted({one.k for one in study.manifest.settings})
    rows = []
    for part in dict.fromkeys(one.embedding or "features" for one in study.manifest.settings):
        embedding = next((one for one in study.manifest.embeddings if one.slug == part), None)
        found = {one.k: one for one in study.view.settings(part)}
        head = "features"
        if embedding is not None:
            at = "" if embedding.perplexity is None else f", perplexity {number_slug(embedding.perplexity)}"
            head = f"{method_name(embedding)}{at}"
        rows.append(Line(head, tuple(_cell(found.get(k), metric) for k in ks)))
    address = f"{study.address}{FOLDER}/" if study.address else None
    variables = {
        "page": Page(f"All settings – {info.title}", f"Every setting of {info.title}, a page each.", address),
        "study": info,
        "metric": metric,
        "measures": study.manifest.metrics,
        "count": number(len(study.manifest.settings)),
        "ks": ks,
        "rows": rows,
        "failed": [(shown(one.cell), one.reason) for one in study.manifest.failed],
    }
    return PageContent(variables, {})


def _cell(setting: SettingView | None, metric: MetricInfo | None) -> Cell:
    if setting is None:
        return Cell(None, "–")
    value = None if metric is None else setting.metrics.get(metric.name)
    text = f"k = {setting.k}" if value is None else f"{value:.3f}".replace("-", "−")
    return Cell(f"{setting.slug}.html", text)
