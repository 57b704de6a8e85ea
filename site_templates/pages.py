"""Pages: templates filled from the studies, to strings; `publish` writes them.

A new page of a study is one template, one function from a `StudySite` to a `PageContent`, and one entry in
`STUDY_PAGES`. Pages that have a name link to each other: the template gets `pages` for `macros.page_header`.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from precompute.store import Study
from site_templates import compare, download, explorer, gallery
from site_templates.assets import Asset
from site_templates.study_site import Page, PageContent, StudySite
from site_templates.texts import shown, shown_manifest
from site_templates.views import StudyView


@dataclass(frozen=True)
class PageKind:
    """A page that every study has.

    Attributes:
        template: its file in templates/. content: gives the template's variables.
        name: the page's name in the study's navigation; empty: it is not in it.
    """

    template: str
    content: Callable[[StudySite], PageContent]
    name: str = ""


@dataclass(frozen=True)
class PageLink:
    """A page in the navigation of a study, as seen from one of its pages."""

    name: str
    href: str
    current: bool


TEMPLATES: tuple[Path, ...] = (Path(__file__).parent / "templates",)

STUDY_PAGES: Mapping[str, PageKind] = {
    "index.html": PageKind("explorer.html.j2", explorer.page, "Explore"),
    "compare.html": PageKind("compare.html.j2", compare.page, "Compare"),
    "download/index.html": PageKind("download.html.j2", download.page, "Download"),
}
"""Pages of a study by their path in its folder."""


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
    sites: dict[str, StudySite] = {}
    for study in studies:
        manifest = shown_manifest(study.manifest)
        folder = manifest.dataset.id
        sites[folder] = StudySite(StudyView(manifest, study), f"{address}{folder}/" if address else None, sites)
    for one in sites.values():
        for path, kind in STUDY_PAGES.items():
            files |= _study_page(environment, assets, one, path, kind)
        card, picture = gallery.card(one)
        cards.append(card)
        if picture:
            files[picture.path] = picture.data
    front = environment.get_template("gallery.html.j2").render(
        page=Page(shown(title), "Clustering studies in which every setting has been computed.", address),
        asset=_locator(assets, "index.html"),
        title=shown(title),
        studies=cards,
    )
    files["index.html"] = front.encode()
    files["404.html"] = _not_found(environment, assets["404.css"].data.decode(), address).encode()
    files[".nojekyll"] = b""
    return files


def _study_page(
    environment: Environment, assets: Mapping[str, Asset], study: StudySite, path: str, kind: PageKind
) -> dict[str, bytes]:
    """One page of a study and the files beside it, by their paths in the site."""
    whole = f"{study.folder}/{path}"
    folder = posixpath.dirname(whole)
    content = kind.content(study)
    html = environment.get_template(kind.template).render(
        asset=_locator(assets, whole),
        home=posixpath.relpath("index.html", folder),
        pages=navigation(path),
        **content.variables,
    )
    return {whole: html.encode(), **{f"{folder}/{name}": data for name, data in content.files.items()}}


def navigation(path: str) -> list[PageLink]:
    """The pages of a study that have a name, as seen from its page at `path` (in the study's folder)."""
    folder = posixpath.dirname(path) or "."
    return [
        PageLink(kind.name, posixpath.relpath(other, folder), other == path)
        for other, kind in STUDY_PAGES.items()
        if kind.name
    ]


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
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
