"""The page of one setting, for every setting: numbers, pictures and lists that need no script.

Its map and its card have no hash in their names, unlike assets, data and contact sheets: a chat that has shown a link
asks for the card again by the address that it was given, and whoever puts a map into a page of their own wants the
current one. The price: a picture is replaced, in one step, before the page that shows it, so that for a moment a page
can stand beside a picture of the next build; after a build that was killed just then, until the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from precompute.store import FEATURES, EmbeddingInfo, MetricInfo
from site_templates import words
from site_templates.images.contact import ContactSheet
from site_templates.images.queue import Drawing
from site_templates.images.setting import (
    CARD_HEIGHT,
    CARD_WIDTH,
    MAP_SIZE,
    CardText,
    MapOf,
    card,
    map_picture,
)
from site_templates.insights import insights, number, samples
from site_templates.pages.setting_errors import Group, chosen, errors, sheet_of
from site_templates.pages.setting_links import links_of
from site_templates.palette import NONE, SHAPES, cluster_colors, cluster_shapes, dressed
from site_templates.study import Page, PageContent, Preview, StudySite
from site_templates.views import ClusterView, SettingView

FOLDER = "settings"


@dataclass(frozen=True)
class Figure:
    """A measure: name in the tables, label, value as text, unrounded value, and what it means.

    `of` says which share of the samples is clustered, "" where that is all, or where it is of the map.
    """

    name: str
    label: str
    text: str
    value: str
    meaning: str
    of: str = ""


@dataclass(frozen=True)
class Row:
    """One cluster: number, colour, shape of its dots, label, size, purity, entropy, runner-up; "" where unlabelled."""

    cluster: int
    color: str
    shape: str
    label: str
    size: str
    purity: str
    entropy: str
    runner_up: str


def pages(study: StudySite) -> Iterator[tuple[str, PageContent]]:
    """Name and content of the page of every setting."""
    embeddings = {info.slug: info for info in study.manifest.embeddings}
    flat = embeddings["pca"]
    groups = chosen(study)
    sheet = sheet_of(study, groups)
    files, drawings = (dict([sheet.style]), sheet.images) if sheet else ({}, {})  # beside the first page, for all
    for part in dict.fromkeys(info.part for info in study.manifest.settings):
        for setting in study.view.settings(part):
            found = groups.get(setting.slug)
            page = _page(study, setting, embeddings.get(setting.embedding or "", flat), found, sheet)
            yield setting.slug, PageContent(page.variables, files, {**drawings, **page.drawings})
            files, drawings = {}, {}


def _page(
    study: StudySite,
    setting: SettingView,
    shows: EmbeddingInfo,
    groups: Sequence[Group] | None,
    sheet: ContactSheet | None,
) -> PageContent:
    info, slug = study.manifest.dataset, setting.slug
    what = name(study, setting, shows)
    names = info.labels or ()
    found = _figures(study, setting, shows)
    drawn = _map(study, setting, shows)
    address = f"{study.address}{FOLDER}/{slug}.html" if study.address else None
    text = card_text(study, setting, what)
    told = ", ".join(f"{label.lower()} {value}" for label, value, _ in text.figures)
    # of one group that holds all there is no figure
    figures = f" {told[0].upper()}{told[1:]}." if told else ""
    description = f"{info.title}: {', '.join(text.setting)}.{figures}"
    map_name = words.map_name(study.manifest, shows)
    alt = f"{map_name} of {info.title}, coloured by cluster"
    drawings = {f"{slug}.png": Drawing(map_picture, (drawn,))}
    if address:  # previews need a whole address; without one nothing would lead to the card
        drawings[f"{slug}-card.png"] = Drawing(card, (_on_card(study, setting, drawn), text))
    variables = {
        "page": Page(f"{what} – {info.title}", description, address, preview(study, slug, alt)),
        "study": info,
        "setting": setting,
        "what": what,
        "map": {"href": f"{slug}.png", "size": MAP_SIZE, "alt": alt, "name": map_name},
        "method": words.method(study.manifest, shows.method),
        "meaning": words.meaning(study.manifest, shows),
        "clusterer": words.clusterer(study.manifest, setting.info.clusterer),
        "main": [one for one in found if one.name in MAIN],
        "more": [one for one in found if one.name not in MAIN],
        "noise": number(setting.noise) if setting.noise else "",
        "grey": {"color": NONE, "shape": SHAPES[0]},
        "counted": number(int(setting.counted.sum())) if study.labelled else "",
        "unlabelled": samples(study.view.unlabelled) if study.view.unlabelled else "",
        "caution": words.caution(study.manifest, setting.info),
        "rows": [
            _row(row, color, shape, names)
            for row, color, shape in zip(setting.stats, cluster_colors(setting), cluster_shapes(setting), strict=True)
        ],
        "insights": insights(setting, names),
        "errors": errors(study, setting, groups, sheet),
        "links": links_of(study, setting, shows),
    }
    return PageContent(variables, {}, drawings)


def preview(study: StudySite, slug: str | None, alt: str) -> Preview | None:
    """The card of a setting as a link's preview; None where the site's address is unknown."""
    if study.address is None or slug is None:
        return None
    return Preview(f"{study.address}{FOLDER}/{slug}-card.png", CARD_WIDTH, CARD_HEIGHT, alt)


CLUSTERED = "clustered"
"""The measure that says which share of the samples is in a cluster."""
MAIN = ("clusters", "silhouette", "misclassified", "purity", "entropy")


def name(study: StudySite, setting: SettingView, shows: EmbeddingInfo) -> str:
    """A setting in words."""
    manifest = study.manifest
    several = len(manifest.clusterers) > 1
    by = f" ({words.clustering(manifest, setting.info)})" if several else ""
    where = "of the features" if setting.space == FEATURES else f"on the {words.map_at(manifest, shows)}"
    return f"{setting.count} cluster{'' if setting.count == 1 else 's'}{by} {where}"


def _figures(study: StudySite, setting: SettingView, shows: EmbeddingInfo) -> list[Figure]:
    """Every measure of the setting and of the map that is shown, in the manifest's order; the clusters first."""
    values = {**study.view.embedding_metrics(shows.slug), **setting.metrics}
    made = words.clusterer(study.manifest, setting.info.clusterer)
    clusters = f"How many groups {made} made."
    if study.counts[setting.info.clusterer]:
        clusters = f"How many groups {made} was asked for, whether the data have them or not."
    found = [Figure("clusters", "Clusters", str(setting.count), str(setting.count), clusters)]
    of = f"{words.share(setting.clustered)} clustered" if setting.noise else ""
    for metric in study.manifest.metrics:
        of_it = of if metric.of == "setting" and metric.name != CLUSTERED else ""
        if metric.name in values:
            value = values[metric.name]
            found.append(
                Figure(metric.name, metric.label, _text(metric, value), repr(float(value)), metric.meaning, of_it)
            )
        elif metric.of == "setting" and metric.undefined:
            found.append(Figure(metric.name, metric.label, "–", "", f"{metric.meaning} {metric.undefined}", of_it))
    return found


def _text(metric: MetricInfo, value: float) -> str:
    return number(value, metric.decimals).replace("-", "−")


def _row(row: ClusterView, color: str, shape: str, names: Sequence[str]) -> Row:
    if row.label is None:
        none = "–" if names else ""
        return Row(row.cluster, color, shape, none, number(row.size), none, none, none)
    runner = "" if row.runner_up is None else f"{names[row.runner_up]} ({number(row.runner_up_size or 0)})"
    purity = f"{100 * (row.purity or 0):.1f} %"
    return Row(row.cluster, color, shape, names[row.label], number(row.size), purity, f"{row.entropy or 0:.3f}", runner)


def _map(study: StudySite, setting: SettingView, shows: EmbeddingInfo) -> MapOf:
    marks = tuple((row.medoid, str(row.cluster)) for row in setting.stats)
    looks = dressed(setting)
    noise = setting.count if setting.noise else -1
    return MapOf(study.view.points(shows), looks.groups, looks.colors, looks.shapes, marks, noise)


def _on_card(study: StudySite, setting: SettingView, drawn: MapOf) -> MapOf:
    """The map as a card shows it: without the page's table, names of labels tell more than numbers of clusters."""
    names = study.manifest.dataset.labels or ()
    short = bool(names) and all(len(one) <= 2 and one.isascii() and one.isprintable() for one in names)
    if not short:
        return drawn
    marks = tuple((row.medoid, str(row.cluster) if row.label is None else names[row.label]) for row in setting.stats)
    return replace(drawn, marks=marks)


def card_text(study: StudySite, setting: SettingView, what: str) -> CardText:
    """The words on a setting's card, in characters that its typeface has."""
    info, defined = study.manifest.dataset, {one.name: one for one in study.manifest.metrics}
    figures = []
    if "silhouette" in setting.metrics:
        text = number(setting.metrics["silhouette"], defined["silhouette"].decimals)
        figures.append(("Silhouette", text, "in the features" if setting.space == "features" else "on the map"))
    if "misclassified" in setting.metrics:
        count = setting.metrics["misclassified"]
        counted = int(setting.counted.sum())
        share = f"({100 * count / counted:.1f} %)" if counted else ""
        figures.append(("Misclassified", number(count), f"of {number(counted)} {share}".strip()))
    if setting.noise:
        figures.append(("Clustered", words.share(setting.clustered), f"of {number(info.n)}"))
    lines = what.split(" at ") if " at " in what else [what]
    setting_lines = (lines[0], f"at {lines[1]}") if len(lines) == 2 else (lines[0],)
    return CardText(card_title(study), setting_lines, tuple(figures))


def card_title(study: StudySite) -> str:
    """The data set's title, or its id where the cards' typeface lacks a character of the title."""
    from site_templates.images.canvas import drawable

    info = study.manifest.dataset
    return info.title if drawable(info.title) else info.id
