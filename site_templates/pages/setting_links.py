"""Where the page of a setting leads to: its neighbours in the grid, and the explorer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from precompute.store import EmbeddingInfo, number_slug
from site_templates.addresses import explorer_state
from site_templates.study import StudySite
from site_templates.views import SettingView


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


# ------------------------------------------------------------------------------------------------------------ links


def explorer_address(study: StudySite, setting: SettingView) -> str | None:
    """Address of the explorer at this setting; None for methods that it does not show."""
    if setting.space == "features":
        perplexity = float(study.start["perplexity"])
    else:
        info = next(one for one in study.manifest.embeddings if one.slug == setting.embedding)
        if info.method != "tsne" or info.perplexity is None:
            return None
        perplexity = info.perplexity
    return f"../index.html{explorer_state(perplexity, setting.k, setting.space)}"


def links_around(study: StudySite, setting: SettingView, shows: EmbeddingInfo) -> Ways:
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
    return Ways(tuple(around), explorer_address(study, setting))


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
