"""The page of one setting, for every setting: numbers, pictures and lists that need no script.

Its pictures have no hash in their names, unlike assets and data: a chat that has shown a link asks for the card again
by the address that it was given, and whoever puts a map into a page of their own wants the current one. The price: a
picture is replaced, in one step, before the page that shows it, so that for a moment a page can stand beside a picture
of the next build; after a build that was killed just then, until the next one.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from precompute.store import EmbeddingInfo, MetricInfo, number_slug
from site_templates.drawing import Drawing
from site_templates.insights import insights, number, samples
from site_templates.palette import cluster_colors, cluster_shapes
from site_templates.setting_pictures import (
    CARD_HEIGHT,
    CARD_WIDTH,
    MAP_SIZE,
    SHEET_COLUMNS,
    CardText,
    MapOf,
    Place,
    card,
    contact_sheet,
    map_picture,
    sheet_layout,
)
from site_templates.study_site import Page, PageContent, Preview, StudySite
from site_templates.texts import shown
from site_templates.views import ClusterView, SettingView

FOLDER = "settings"
LARGEST_SHEET = 1500
"""Misclassified images shown at most; the page says how many of all those are."""

SMALLEST_SHEET = 40
"""Misclassified images shown at least, however many sheets there are, and of each pair one if they are as few."""

MOST_PAIRS = 100
"""Pairs of which each has an image on a sheet, however many sheets there are: as many as ten labels can make."""

SHEETS_BYTES = 150_000_000
"""Of all sheets of colour pictures, unpacked: photographs hardly pack, and a site may weigh 1 GB."""

TALLEST_SHEET = 8192
"""Pixels: taller pictures are not shown by every device."""

LONGEST_LIST = 400
"""Misclassified samples named at most, of each pair as many as of any other, so that pages stay small; the tables hold
all."""

PICTURE_HEIGHT = 28
"""CSS pixels of an image on the contact sheet."""


@dataclass(frozen=True)
class Figure:
    """A measure: name in the tables, label, value as text, unrounded value, and what it means."""

    name: str
    label: str
    text: str
    value: str
    meaning: str


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


@dataclass(frozen=True)
class Slice:
    """Where a pair's images lie on the contact sheet, in the sheet's pixels, and how large and many to show them."""

    left: int
    top: int
    width: int
    height: int
    shown_width: int
    shown_height: int
    count: int
    columns: int
    rows: int


@dataclass(frozen=True)
class Named:
    """A misclassified sample: its id, and its card in the explorer where that shows the setting."""

    id: str
    href: str | None


@dataclass(frozen=True)
class Pair:
    """Samples of one true label in clusters of another: names, count, who they are, and their part of the sheet."""

    true: str
    dominant: str
    count: str
    href: str | None
    named: tuple[Named, ...]
    slice: Slice | None


@dataclass(frozen=True)
class Sheet:
    """The contact sheet: address and size in pixels."""

    href: str
    width: int
    height: int


@dataclass(frozen=True)
class Errors:
    """The misclassified samples by pair; what is left out of the pictures and of the ids is said."""

    count: str
    pairs: tuple[Pair, ...]
    sheet: Sheet | None
    pictured: str | None
    named: str | None


@dataclass(frozen=True)
class Link:
    """A link with its text, and what it is to this page: "prev", "next" or nothing."""

    href: str
    text: str


@dataclass(frozen=True)
class Ways:
    """Links to the settings around, and to the explorer at this one."""

    around: tuple[Link, ...]
    explorer: str | None


def pages(study: StudySite) -> Iterator[tuple[str, PageContent]]:
    """Name and content of the page of every setting."""
    embeddings = {info.slug: info for info in study.manifest.embeddings}
    flat = embeddings["pca"]
    for part in dict.fromkeys(info.embedding or "features" for info in study.manifest.settings):
        for setting in study.view.settings(part):
            yield setting.slug, _page(study, setting, embeddings.get(setting.embedding or "", flat))


def _page(study: StudySite, setting: SettingView, shows: EmbeddingInfo) -> PageContent:
    info, slug = study.manifest.dataset, setting.slug
    what = name(setting, shows)
    names = info.labels or ()
    found = _figures(study, setting, shows)
    errors, sheet = _errors(study, setting)
    drawn = _map(study, setting, shows)
    address = f"{study.address}{FOLDER}/{slug}.html" if study.address else None
    words = card_text(study, setting, what)
    told = ", ".join(f"{label.lower()} {value}" for label, value, _ in words.figures)
    description = f"{info.title}: {', '.join(words.setting)}. {told[0].upper()}{told[1:]}."
    alt = f"{_map_name(shows)} of {info.title}, coloured by cluster"
    drawings = {f"{slug}.png": Drawing(map_picture, (drawn,))}
    if address:  # previews need a whole address; without one nothing would lead to the card
        drawings[f"{slug}-card.png"] = Drawing(card, (_on_card(study, setting, drawn), words))
    if sheet is not None:
        drawings[f"{slug}-errors.png"] = sheet
    variables = {
        "page": Page(f"{what} – {info.title}", description, address, preview(study, slug, alt)),
        "study": info,
        "setting": setting,
        "what": what,
        "map": {"href": f"{slug}.png", "size": MAP_SIZE, "alt": alt, "name": _map_name(shows)},
        "perplexity": None if shows.perplexity is None else number_slug(shows.perplexity),
        "method": method_name(shows),
        "main": [one for one in found if one.name in MAIN],
        "more": [one for one in found if one.name not in MAIN],
        "rows": [
            _row(row, color, shape, names)
            for row, color, shape in zip(setting.stats, cluster_colors(setting), cluster_shapes(setting), strict=True)
        ],
        "insights": insights(setting, names),
        "errors": errors,
        "ways": _ways(study, setting, shows),
    }
    return PageContent(variables, {}, drawings)


def preview(study: StudySite, slug: str | None, alt: str) -> Preview | None:
    """The card of a setting as a link's preview; None where the site's address is unknown."""
    if study.address is None or slug is None:
        return None
    return Preview(f"{study.address}{FOLDER}/{slug}-card.png", CARD_WIDTH, CARD_HEIGHT, alt)


MAIN = ("clusters", "silhouette", "misclassified", "purity", "entropy")


def method_name(info: EmbeddingInfo) -> str:
    """An embedding method as readers know it."""
    return {"tsne": "t-SNE", "pca": "PCA"}.get(info.method, info.method)


def _map_name(info: EmbeddingInfo) -> str:
    return f"{method_name(info)} map"


def name(setting: SettingView, shows: EmbeddingInfo) -> str:
    """A setting in words."""
    if setting.space == "features":
        return f"{setting.k} clusters of the features"
    at = "" if shows.perplexity is None else f" at perplexity {number_slug(shows.perplexity)}"
    return f"{setting.k} clusters on the {_map_name(shows)}{at}"


def _figures(study: StudySite, setting: SettingView, shows: EmbeddingInfo) -> list[Figure]:
    """Every measure of the setting and of the map that is shown, in the manifest's order; the clusters first."""
    values = {**study.view.embedding_metrics(shows.slug), **setting.metrics}
    clusters = "How many groups K-Means was asked for. It always makes that many, whether the data have them or not."
    found = [Figure("clusters", "Clusters", str(setting.k), str(setting.k), clusters)]
    for metric in study.manifest.metrics:
        if metric.name in values:
            text = _text(metric, values[metric.name])
            found.append(Figure(metric.name, metric.label, text, repr(float(values[metric.name])), metric.meaning))
    return found


def _text(metric: MetricInfo, value: float) -> str:
    return number(value, metric.decimals).replace("-", "−")


def _row(row: ClusterView, color: str, shape: str, names: Sequence[str]) -> Row:
    if row.label is None:
        return Row(row.cluster, color, shape, "", number(row.size), "", "", "")
    runner = "" if row.runner_up is None else f"{names[row.runner_up]} ({number(row.runner_up_size or 0)})"
    purity = f"{100 * (row.purity or 0):.1f} %"
    return Row(row.cluster, color, shape, names[row.label], number(row.size), purity, f"{row.entropy or 0:.3f}", runner)


def _map(study: StudySite, setting: SettingView, shows: EmbeddingInfo) -> MapOf:
    marks = tuple((row.medoid, str(row.cluster)) for row in setting.stats)
    points = study.view.points(shows)
    return MapOf(points, setting.clusters, tuple(cluster_colors(setting)), tuple(cluster_shapes(setting)), marks)


def _on_card(study: StudySite, setting: SettingView, drawn: MapOf) -> MapOf:
    """The map as a card shows it: without the page's table, names of labels tell more than numbers of clusters."""
    names = study.manifest.dataset.labels or ()
    short = bool(names) and all(len(one) <= 2 and one.isascii() and one.isprintable() for one in names)
    if not short:
        return drawn
    marks = tuple((row.medoid, names[row.label or 0]) for row in setting.stats)
    return MapOf(drawn.points, drawn.groups, drawn.colors, drawn.shapes, marks)


def card_text(study: StudySite, setting: SettingView, what: str) -> CardText:
    """The words on a setting's card, in characters that its typeface has."""
    info, defined = study.manifest.dataset, {one.name: one for one in study.manifest.metrics}
    figures = []
    if "silhouette" in setting.metrics:
        text = number(setting.metrics["silhouette"], defined["silhouette"].decimals)
        figures.append(("Silhouette", text, "in the features" if setting.space == "features" else "on the map"))
    if "misclassified" in setting.metrics:
        count = setting.metrics["misclassified"]
        figures.append(("Misclassified", number(count), f"of {number(info.n)} ({100 * count / info.n:.1f} %)"))
    lines = what.split(" at ") if " at " in what else [what]
    setting_lines = (lines[0], f"at {lines[1]}") if len(lines) == 2 else (lines[0],)
    return CardText(card_title(study), setting_lines, tuple(figures))


def card_title(study: StudySite) -> str:
    """The data set's title, or its id where the cards' typeface lacks a character of the title."""
    from site_templates.raster import drawable

    info = study.manifest.dataset
    return info.title if drawable(info.title) else info.id


# ---------------------------------------------------------------------------------------------------- misclassified


def _errors(study: StudySite, setting: SettingView) -> tuple[Errors | None, Drawing | None]:
    names, pixels, labels = study.manifest.dataset.labels, study.view.pixels, setting.labels
    if labels is None or names is None:
        return None, None
    ids = study.ids
    groups: dict[tuple[int, int], list[int]] = {}
    for sample in setting.misclassified.tolist():  # the most clearly wrong first
        groups.setdefault((int(labels[sample]), int(setting.dominant[sample])), []).append(sample)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    sizes = [len(members) for _, members in ordered]
    room = [0] * len(sizes)
    if pixels is not None:
        room = pictured(sizes, len(study.manifest.settings), (pixels.shape[1], pixels.shape[2], pixels.shape[3]))
    shown_samples = [members[:count] for (_, members), count in zip(ordered, room, strict=True)]
    listed = [members[:count] for (_, members), count in zip(ordered, fair(sizes, _within(LONGEST_LIST)), strict=True)]
    counts = tuple(len(members) for members in shown_samples if members)
    places = sheet_layout(counts)
    on_sheet = iter(places)
    sheet, drawing = None, None
    if pixels is not None and counts:
        height, width = pixels.shape[1:3]
        sheet = Sheet(f"{setting.slug}-errors.png", SHEET_COLUMNS * width, places[-1].row * height)
        order = np.array([sample for members in shown_samples for sample in members], dtype=np.int64)
        drawing = Drawing(contact_sheet, (pixels[order], counts, study.view.polarity))
    explorer = _explorer(study, setting)
    pairs = []
    for at, ((true, dominant), members) in enumerate(ordered):
        part = None
        if pixels is not None and shown_samples[at]:
            part = _slice(len(shown_samples[at]), next(on_sheet), pixels.shape[1], pixels.shape[2])
        href = None if explorer is None else f"{explorer}&pair={true}-{dominant}"
        who = tuple(Named(ids[sample], explorer and f"{explorer}&{study.named(sample)}") for sample in listed[at])
        pairs.append(Pair(names[true], names[dominant], samples(len(members)), href, who, part))
    total = len(setting.misclassified)
    return Errors(
        number(total),
        tuple(pairs),
        sheet,
        _share(counts, total) if sheet else None,
        _share([len(members) for members in listed], total),
    ), drawing


def _share(counts: Sequence[int], total: int) -> str | None:
    """How many of all, in words; None where it is all of them."""
    return f"{number(sum(counts))} of {number(total)}" if sum(counts) < total else None


def _within(most: int) -> Callable[[Sequence[int]], bool]:
    return lambda counts: sum(counts) <= most


def fair(sizes: Sequence[int], fits: Callable[[Sequence[int]], bool]) -> list[int]:
    """How many of each pair, so that small pairs are not crowded out: as many of each as of any other, as far as it has
    them and there is room; what is then left goes to the first, one each.

    Args:
        sizes: of the pairs. fits: whether there is room for such counts; if so, then for smaller ones, too.
    """

    def capped(level: int, first: int) -> list[int]:
        return [min(size, level + (at < first)) for at, size in enumerate(sizes)]

    level = _most(max(sizes, default=0), lambda level: fits(capped(level, 0)))
    return capped(level, _most(len(sizes), lambda first: fits(capped(level, first))))


def _most(most: int, holds: Callable[[int], bool]) -> int:
    """The largest number from 0 to `most` for which something holds that holds for all below it."""
    return bisect_left(range(1, most + 1), True, key=lambda value: not holds(value))


def pictured(sizes: Sequence[int], settings: int, shape: tuple[int, int, int]) -> list[int]:
    """How many images of each pair are on a sheet, shared out fairly among as many as a sheet may hold.

    Args:
        sizes: misclassified samples of each pair. settings: how many sheets there are. shape: height, width, channels.
    """
    height, _, channels = shape
    most, rows = LARGEST_SHEET, max(1, TALLEST_SHEET // height)
    if channels > 1:
        least = max(SMALLEST_SHEET, min(len(sizes), MOST_PAIRS))
        most = min(LARGEST_SHEET, max(least, SHEETS_BYTES // (settings * math.prod(shape))))
    return fair(
        sizes, lambda counts: sum(counts) <= most and sheet_layout([one for one in counts if one])[-1].row <= rows
    )


def _slice(count: int, place: Place, height: int, width: int) -> Slice:
    columns, rows = min(count, SHEET_COLUMNS), -(-count // SHEET_COLUMNS)
    shown_width = round(PICTURE_HEIGHT * width / height)
    shown = columns * shown_width, rows * PICTURE_HEIGHT
    left, top = place.column * width, place.row * height
    return Slice(left, top, columns * width, rows * height, *shown, count, columns, rows)


# ------------------------------------------------------------------------------------------------------------ links


def _explorer(study: StudySite, setting: SettingView) -> str | None:
    """Address of the explorer at this setting; None for methods that it does not show."""
    more = ""
    if setting.space == "features":
        perplexity, more = float(study.start["perplexity"]), "&space=features"
    else:
        info = next(one for one in study.manifest.embeddings if one.slug == setting.embedding)
        if info.method != "tsne" or info.perplexity is None:
            return None
        perplexity = info.perplexity
    return f"../index.html#perplexity={number_slug(perplexity)}&k={setting.k}{more}"


def _ways(study: StudySite, setting: SettingView, shows: EmbeddingInfo) -> Ways:
    slugs = {(info.embedding, info.k): info.slug for info in study.manifest.settings}
    around = []
    if setting.embedding is not None and shows.perplexity is not None:
        same = sorted(
            (one.perplexity, one.slug)
            for one in study.manifest.embeddings
            if one.method == shows.method and one.perplexity is not None and (one.slug, setting.k) in slugs
        )
        at = same.index((shows.perplexity, shows.slug))
        for step, arrow in ((at - 1, "←"), (at + 1, "→")):
            if 0 <= step < len(same):
                perplexity, embedding = same[step]
                around.append(_way(slugs[embedding, setting.k], f"perplexity {number_slug(perplexity)}", arrow))
    ks = sorted(k for embedding, k in slugs if embedding == setting.embedding)
    at = ks.index(setting.k)
    for step, arrow in ((at - 1, "←"), (at + 1, "→")):
        if 0 <= step < len(ks):
            around.append(_way(slugs[setting.embedding, ks[step]], f"k = {ks[step]}", arrow))
    other = _other_space(study, setting, slugs)
    if other:
        around.append(other)
    return Ways(tuple(around), _explorer(study, setting))


def _way(slug: str, text: str, arrow: str) -> Link:
    return Link(f"{slug}.html", f"{arrow} {text}" if arrow == "←" else f"{text} {arrow}")


def _other_space(study: StudySite, setting: SettingView, slugs: Mapping[tuple[str | None, int], str]) -> Link | None:
    if setting.space != "features":
        slug = slugs.get((None, setting.k))
        return Link(f"{slug}.html", "same k, clusters of the features") if slug else None
    perplexity = float(study.start["perplexity"])
    embedding = next(
        (one.slug for one in study.manifest.embeddings if one.method == "tsne" and one.perplexity == perplexity), None
    )
    slug = slugs.get((embedding, setting.k)) if embedding else None
    return Link(f"{slug}.html", f"same k, on the t-SNE map at perplexity {number_slug(perplexity)}") if slug else None


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
