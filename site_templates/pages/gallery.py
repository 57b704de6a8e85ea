"""The gallery's front page: a card for each study."""

from __future__ import annotations

import math
from dataclasses import dataclass

from site_templates import words
from site_templates.images import thumbnail
from site_templates.insights import number
from site_templates.output.assets import Asset, hashed
from site_templates.pages.setting_links import explorer_address
from site_templates.palette import dressed
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
    shown = None if first is None else manifest.map_of(first.info)
    if first is not None and shown is not None:
        looks = dressed(first)
        png = thumbnail.map_png(view.points(shown), looks.colors, looks.groups, CARD_SIZE)
        picture = hashed(f"{info.id}.png", png)
    alt = f"{words.map_name(manifest, shown) if shown else 'Map'} of {info.title}, coloured by cluster"
    href = f"{study.folder}/index.html"
    made = StudyCard(info.title, info.description, href, picture.path if picture else None, alt, tuple(facts))
    return made, picture


def _shape(image: tuple[int, int, int]) -> str:
    height, width, channels = image
    return f"{width} × {height}" + (" in colour" if channels == 3 else "")


def _best(study: StudySite) -> Fact | None:
    """The best setting of a map by a measure that compares over methods, clusterers and their parameters, with a link.

    AMI is corrected for chance; without labels, or with one, it says nothing, and the silhouette in the features does.
    """
    labels = study.manifest.dataset.labels or ()
    metric, name = ("ami", "Highest AMI") if len(labels) > 1 else ("silhouette_features", "Highest silhouette")
    views = {view.slug: view for info in study.manifest.embeddings for view in study.view.settings(info.slug)}
    values = {slug: view.metrics.get(metric, math.nan) for slug, view in views.items()}
    ranked = next((one for one in study.manifest.metrics if one.name == metric), None)
    noisy = {one.name: one.noise for one in study.manifest.clusterers}
    if ranked is None:
        return None
    shown = {
        one.slug: address
        for one in study.manifest.settings
        if math.isfinite(values.get(one.slug, math.nan))
        and (ranked.ranks_noise or not noisy[one.clusterer])
        and (address := explorer_address(study, one))
    }
    if not shown:
        return None
    best = max((one for one in study.manifest.settings if one.slug in shown), key=lambda one: values[one.slug])
    figure = number(values[best.slug], 3).replace("-", "−")
    href = f"{study.folder}/{shown[best.slug].removeprefix('../')}"
    found = views[best.slug]
    of = f", {words.share(found.clustered)} clustered" if found.noise else ""
    return Fact(name, f"{figure} at {words.setting(study.manifest, best)}{of}", href)
