"""The gallery's front page: a card for each study."""

from __future__ import annotations

from dataclasses import dataclass

from precompute.store import number_slug
from site_templates.addresses import explorer_state
from site_templates.data.explorer import METHOD, showable
from site_templates.images import thumbnail
from site_templates.insights import number
from site_templates.output.assets import Asset, hashed
from site_templates.palette import cluster_colors
from site_templates.study import Fact, StudySite

CARD_SIZE = 480


@dataclass(frozen=True)
class StudyCard:
    """A study on the gallery's front page."""

    title: str
    description: str
    href: str
    picture: str | None
    picture_alt: str
    facts: tuple[Fact, ...]


def card(study: StudySite) -> tuple[StudyCard, Asset | None]:
    """A study's card, and its picture: the map of the start setting."""
    view, manifest, first = study.view, study.manifest, study.first
    info = manifest.dataset
    facts = [
        Fact("Samples", number(info.n)),
        Fact("Values each", number(info.dimensions) + ("" if info.image is None else f" ({_shape(info.image)})")),
        Fact("Settings", number(len(manifest.settings))),
    ]
    if info.labels is not None:
        facts.append(Fact("Labels", number(len(info.labels))))
    if info.license:
        facts.append(Fact("Licence", info.license))
    best = _best(study)
    if best:
        facts.append(best)
    picture = None
    if first is not None and first.embedding is not None:
        embedding = next(one for one in manifest.embeddings if one.slug == first.embedding)
        png = thumbnail.map_png(view.points(embedding), cluster_colors(first), first.clusters, CARD_SIZE)
        picture = hashed(f"{info.id}.png", png)
    alt = f"t-SNE map of {info.title}, coloured by cluster"
    href = f"{study.folder}/index.html"
    made = StudyCard(info.title, info.description, href, picture.path if picture else None, alt, tuple(facts))
    return made, picture


def _shape(image: tuple[int, int, int]) -> str:
    height, width, channels = image
    return f"{width} × {height}" + (" in colour" if channels == 3 else "")


def _best(study: StudySite) -> Fact | None:
    """The best setting that the explorer can show, by a measure that compares over perplexity and k, with a link to it.

    AMI is corrected for chance; without labels, or with one, it says nothing, and the silhouette in the features does.
    """
    labels = study.manifest.dataset.labels or ()
    metric, name = ("ami", "Highest AMI") if len(labels) > 1 else ("silhouette_features", "Highest silhouette")
    rows = study.view.study.tables["metrics"].to_pandas()
    rows = rows[(rows.metric == metric) & (rows.method == METHOD)].dropna(subset=["value"])
    known = set(showable(study.manifest).values())
    rows = rows[[key in known for key in zip(rows.perplexity, rows.k, rows.space, strict=True)]]
    if rows.empty:
        return None
    row = rows.loc[rows.value.idxmax()]
    perplexity, k = number_slug(row.perplexity), int(row.k)
    href = f"{study.folder}/index.html{explorer_state(row.perplexity, k)}"
    return Fact(name, f"{number(row.value, 3).replace('-', '−')} at perplexity {perplexity}, k {k}", href)
