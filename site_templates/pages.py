"""Pages: Jinja templates filled from the studies; strings are made here and written by `publish`."""

from __future__ import annotations

import base64
import hashlib
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from precompute.store import Manifest, MetricInfo, Study, number_slug
from site_templates import charts, payload, pictures
from site_templates.insights import number
from site_templates.palette import cluster_colors
from site_templates.payload import nearest
from site_templates.views import SettingView, StudyView

if TYPE_CHECKING:
    from site_templates.publish import Asset

EXPLORER = "index.html"
CARD_SIZE = 480


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
class StudyCard:
    """A study on the gallery's front page."""

    title: str
    description: str
    href: str
    picture: str | None
    picture_alt: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class StudyHead:
    """What the explorer's page says of its data set."""

    title: str
    description: str
    source: str
    licence: str
    n: int
    features: int
    labelled: bool
    pictures: bool


@dataclass(frozen=True)
class MetricText:
    """A measure as a reader needs it; `range` in words."""

    name: str
    label: str
    meaning: str
    range: str
    better: str | None


@dataclass(frozen=True)
class Variance:
    """What PCA keeps: components kept, the share they keep, the share asked for, and all components."""

    components: int
    share: float
    threshold: float
    rows: tuple[charts.Component, ...]


@dataclass(frozen=True)
class Link:
    """A link to a setting of this page."""

    address: str
    text: str


@dataclass(frozen=True)
class Trap:
    """Something that readers of such maps get wrong, and settings of this gallery that show it."""

    title: str
    text: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Start:
    """The figures of the start setting, for readers without JavaScript."""

    label: str
    rows: tuple[Fact, ...]


def render(
    studies: Sequence[Study], assets: Mapping[str, Asset], title: str, address: str | None = None
) -> dict[str, bytes]:
    """All files of the site by their paths.

    Args:
        studies: read from the store. assets: by plain name. title: of the gallery.
        address: public address of the site's root, ending in "/", if known.
    """
    environment = _environment()
    files = {asset.path: asset.data for name, asset in assets.items() if name != "404.css"}
    cards = []
    for study in studies:
        view = StudyView(study.manifest, study)
        made, card = _study(environment, view, assets, address)
        files |= made
        cards.append(card)
    gallery = environment.get_template("gallery.html.j2").render(
        page=Page(title, "Clustering studies in which every setting has been computed.", address),
        asset=_locator(assets, "index.html"),
        title=title,
        studies=cards,
    )
    files["index.html"] = gallery.encode()
    files["404.html"] = _not_found(environment, assets["404.css"].data.decode(), address).encode()
    files[".nojekyll"] = b""
    return files


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,  # for every template: select_autoescape() would leave .html.j2 alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _locator(assets: Mapping[str, Asset], page: str) -> Callable[[str], str]:
    """From an asset's plain name to its address relative to a page."""
    folder = posixpath.dirname(page)
    return lambda name: posixpath.relpath(assets[name].path, folder or ".")


def _not_found(environment: Environment, style: str, address: str | None) -> str:
    """404.html stands alone: a host shows it at any depth, where no relative address holds."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # the style is this project's own file, and its hash is in the policy
    return environment.get_template("404.html.j2").render(style=Markup(style), style_hash=digest, home=address)


# ------------------------------------------------------------------------------------------------------- explorer


def _study(
    environment: Environment, view: StudyView, assets: Mapping[str, Asset], address: str | None
) -> tuple[dict[str, bytes], StudyCard]:
    """All files of one study, and its card."""
    manifest = view.manifest
    info = manifest.dataset
    folder = info.id
    axes = {axis.name: axis.values for axis in manifest.axes}
    start = payload.start(axes)
    labelled = info.labels is not None
    chart = charts.embedding_map(axes, payload.SPACES, start, info.n, labelled)
    variance = _variance(view)
    explorer_address = f"{address}{folder}/" if address else None
    data = payload.payload(view, _charts(view, chart, variance, start), explorer_address)
    first = next((one for one in view.settings(_start_slug(manifest, start)) if one.k == start["k"]), None)
    page = f"{folder}/{EXPLORER}"
    html = environment.get_template("explorer.html.j2").render(
        page=Page(f"{info.title} – every clustering", info.description, explorer_address),
        asset=_locator(assets, page),
        home=posixpath.relpath("index.html", folder),
        study=StudyHead(
            info.title,
            info.description,
            info.source,
            info.license,
            info.n,
            info.dimensions,
            labelled,
            info.image is not None,
        ),
        controls=charts.controls(chart, axes),
        metrics=[_metric_text(metric) for metric in manifest.metrics],
        variance=variance,
        traps=traps(axes, labelled),
        start=_start(manifest, first),
        scripts=[f"data/{data.study.file}"],
    )
    files = {f"{folder}/data/{chunk.file}": chunk.data for chunk in (data.study, *data.others)}
    files[page] = html.encode()
    card, picture = _card(view, first)
    if picture is not None:
        files[picture[0]] = picture[1]
    return files, card


def _start_slug(manifest: Manifest, start: Mapping[str, Any]) -> str:
    return next(
        (one.slug for one in manifest.embeddings if one.perplexity == start["perplexity"]),
        manifest.embeddings[0].slug,
    )


def _charts(
    view: StudyView, chart: Any, variance: Variance, start: Mapping[str, float | str]
) -> dict[str, dict[str, Any]]:
    axes = {axis.name: axis.values for axis in view.manifest.axes}
    pca = next(one for one in view.manifest.embeddings if one.slug == "pca")
    points = view.points(pca)
    extent = (
        float(points[:, 0].min()),
        float(points[:, 0].max()),
        float(points[:, 1].min()),
        float(points[:, 1].max()),
    )
    shares = (variance.rows[0].ratio, variance.rows[1].ratio)
    labelled = view.labels is not None
    return {
        "map": charts.compiled(chart),
        "pca": charts.compiled(charts.pca_map(axes, payload.SPACES, start, len(points), extent, shares, labelled)),
        "variance": charts.compiled(charts.explained_variance(variance.rows, variance.threshold)),
    }


def _variance(view: StudyView) -> Variance:
    rows = tuple(charts.Component(**row) for row in view.study.tables["variance"].to_pylist())
    kept = view.components
    return Variance(kept, rows[kept - 1].cumulative, view.manifest.parameters["variance"], rows)


def _metric_text(metric: MetricInfo) -> MetricText:
    bounds = [None if bound is None else number_slug(bound).replace("-", "−") for bound in (metric.lower, metric.upper)]
    low, high = bounds
    words = f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}" if high else ""
    return MetricText(metric.name, metric.label, metric.meaning, words, metric.better)


def _start(manifest: Manifest, first: SettingView | None) -> Start:
    if first is None:
        return Start("the start setting, which could not be computed", ())
    rows = [
        Fact(metric.label, number(first.metrics[metric.name], metric.decimals))
        for metric in manifest.metrics
        if metric.name in first.metrics
    ]
    return Start(first.slug, (Fact("Clusters", str(first.k)), *rows))


def traps(axes: Mapping[str, Sequence[float]], labelled: bool) -> list[Trap]:
    """The known traps of t-SNE and K-Means, each with links to the nearest settings that this grid has.

    Source: M. Wattenberg, F. Viégas, I. Johnson, "How to Use t-SNE Effectively", Distill, 2016.
    """

    def link(perplexity: float, k: float, text: str, more: str = "") -> Link:
        p, c = number_slug(nearest(axes["perplexity"], perplexity)), number_slug(nearest(axes["k"], k))
        return Link(f"#perplexity={p}&k={c}{more}", text.format(p=p, k=c))

    low, high = "perplexity {p}", "perplexity {p}"
    found = [
        Trap(
            "The size of a group means little",
            "t-SNE spreads dense groups out and pulls loose ones together, so a large patch is no more "
            "varied than a small one.",
            (link(5, 10, low), link(50, 10, high)),
        ),
        Trap(
            "The distance between groups means little",
            "Only nearness inside a group is kept. Two groups that lie far apart on one map may touch on the next.",
            (link(10, 10, low), link(40, 10, high)),
        ),
        Trap(
            "Shapes can be made of nothing",
            "At a low perplexity every sample looks at a few neighbours, and even noise falls into clumps and strings. "
            "Believe what stays over many perplexities.",
            (link(5, 15, low), link(30, 15, high)),
        ),
        Trap(
            "Clusters on a map are clusters of the map",
            "K-Means on the map sees the map's distorted distances; its silhouette flatters. Cluster in the "
            "features to see what the data themselves give.",
            (link(30, 10, "on the map"), link(30, 10, "in the features", "&space=features")),
        ),
    ]
    if labelled:
        found.append(
            Trap(
                "Too few clusters make errors",
                "With fewer clusters than labels, some labels get no cluster and all their samples count as "
                "misclassified, however good the map is.",
                (link(30, 3, "k = {k}"), link(30, 10, "k = {k}")),
            )
        )
    return found


# -------------------------------------------------------------------------------------------------------- gallery


def _card(view: StudyView, first: SettingView | None) -> tuple[StudyCard, tuple[str, bytes] | None]:
    """A study's card, and its picture as (path, bytes): the map of the start setting."""
    from site_templates.publish import hashed

    manifest = view.manifest
    info = manifest.dataset
    facts = [
        Fact("Samples", number(info.n)),
        Fact("Values each", number(info.dimensions) + ("" if info.image is None else f" ({_shape(info.image)})")),
        Fact("Settings", number(len(manifest.settings))),
    ]
    if info.labels is not None:
        facts.append(Fact("Labels", number(len(info.labels))))
    best = _best(view)
    if best:
        facts.append(best)
    if info.license:
        facts.append(Fact("Licence", info.license))
    picture = None
    if first is not None and first.embedding is not None:
        embedding = next(one for one in manifest.embeddings if one.slug == first.embedding)
        png = pictures.map_png(view.points(embedding), cluster_colors(first), first.clusters, CARD_SIZE)
        asset = hashed(f"{info.id}.png", png)
        picture = (asset.path, png)
    alt = f"t-SNE map of {info.title}, coloured by cluster"
    href = f"{info.id}/{EXPLORER}"
    card = StudyCard(info.title, info.description, href, picture[0] if picture else None, alt, tuple(facts))
    return card, picture


def _shape(image: tuple[int, int, int]) -> str:
    height, width, channels = image
    return f"{width} × {height}" + (" in colour" if channels == 3 else "")


def _best(view: StudyView) -> Fact | None:
    """The setting with the highest AMI, which is corrected for chance and so compares over perplexity and k."""
    rows = view.study.tables["metrics"].to_pandas()
    rows = rows[(rows.metric == "ami") & (rows.space == "map")]
    if rows.empty:
        return None
    row = rows.loc[rows.value.idxmax()]
    return Fact("Highest AMI", f"{row.value:.3f} at perplexity {number_slug(row.perplexity)}, k {int(row.k)}")
