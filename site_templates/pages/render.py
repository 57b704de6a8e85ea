"""Pages: templates filled from the studies, to strings; `publish` writes them.

A new page of a study is one template, one function from a `StudySite` to a `PageContent`, and one entry in
`STUDY_PAGES`; so is a series of pages, from one function that gives many. Pages that have a name link to each other:
the template gets `pages` for `macros.page_header`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from precompute.store import Manifest, Study
from site_templates import words
from site_templates.addresses import sitemap
from site_templates.data.choices import offered
from site_templates.downloads import machines
from site_templates.images.queue import Drawing
from site_templates.output.assets import Asset
from site_templates.pages import audit, compare, download, explorer, gallery, setting, settings_index
from site_templates.study import Page, PageContent, StudySite
from site_templates.texts import shown, shown_manifest
from site_templates.views import StudyView


@dataclass(frozen=True)
class PageKind:
    """A page that every study has.

    Attributes:
        template: its file in templates/.
        content: gives the template's variables.
        name: the page's name in the study's navigation; empty: it is not in it.
    """

    template: str
    content: Callable[[StudySite], PageContent]
    name: str = ""


@dataclass(frozen=True)
class PageSeries:
    """Pages of one kind, many a study; their path has "*" in the place of each page's name.

    Attributes:
        template: its file in templates/.
        contents: gives the name of each page and its template's variables.
        name: not in the study's navigation, and so empty.
    """

    template: str
    contents: Callable[[StudySite], Iterable[tuple[str, PageContent]]]
    name: str = ""


@dataclass
class Rendered:
    """The site before it is written: files by their paths, pictures still to be drawn, and notes on what is missing.

    `begin` is told of each picture as soon as it is known.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    drawings: dict[str, Drawing] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    begin: Callable[[str, Drawing], None] = lambda _path, _one: None

    def add(self, folder: str, content: PageContent) -> None:
        """Take what lies beside a page."""
        self.files |= {f"{folder}/{name}": data for name, data in content.files.items()}
        for name, one in content.drawings.items():
            self.drawings[f"{folder}/{name}"] = one
            self.begin(f"{folder}/{name}", one)


@dataclass(frozen=True)
class PageLink:
    """A page in the navigation of a study, as seen from one of its pages."""

    name: str
    href: str
    current: bool


_INDENTATION = re.compile(r"\s*\n\s*|(?<=>) {2,}(?=<)")
_END_TAGS = re.compile(r"\s*</(?:li|dt|dd|th|td|tr|thead|tbody)>")
_QUOTES = re.compile(r'(?<==)"([\w.,:;/#%+-]+)"(?=[ >])')

TEMPLATES: tuple[Path, ...] = (Path(__file__).parents[1] / "templates",)

SETTING_PAGES = "settings/*.html"

STUDY_PAGES: Mapping[str, PageKind | PageSeries] = {
    "index.html": PageKind("explorer.html.j2", explorer.page, "Explore"),
    "compare.html": PageKind("compare.html.j2", compare.page, "Compare"),
    "settings/index.html": PageKind("settings.html.j2", settings_index.index, "Settings"),
    SETTING_PAGES: PageSeries("setting.html.j2", setting.pages),
    "audit.html": PageKind("audit.html.j2", audit.page, "Audit"),
    "download/index.html": PageKind("download.html.j2", download.page, "Download"),
}
"""Pages of a study by their path in its folder."""

NULL_PAGES = ("index.html", "compare.html")
"""Those that a shuffled baseline has: it is there to look at and to compare with."""


NEED_SETTINGS = ("compare.html",)
"""Those that a study has only if a setting could be computed."""


def pages_of(study: StudySite) -> Mapping[str, PageKind | PageSeries]:
    """The pages that a study has, by their path in its folder."""
    wanted = set(NULL_PAGES if study.manifest.dataset.null_of in study.gallery else STUDY_PAGES)
    if not study.manifest.settings:
        wanted -= set(NEED_SETTINGS)
    return {path: kind for path, kind in STUDY_PAGES.items() if path in wanted}


def render(
    studies: Sequence[Study],
    assets: Mapping[str, Asset],
    title: str,
    address: str | None = None,
    begin: Callable[[str, Drawing], None] = lambda _path, _one: None,
    standing: Mapping[str, Collection[str]] | None = None,
    space: bool = False,
) -> Rendered:
    """All files of the site by their paths, its pictures yet to be drawn.

    Args:
        studies: read from the store.
        assets: by plain name.
        title: of the gallery.
        address: public address of the site's root, ending in "/", if known.
        begin: told of each picture as soon as it is known.
        standing: files of studies whose pages stand as they would be made, by study; these are not made again.
        space: whether the site is to be a Space of Hugging Face, which has a README.md.
    """
    standing = standing or {}
    environment = _environment(TEMPLATES)
    made = Rendered({asset.path: asset.data for name, asset in assets.items() if name != "404.css"}, begin=begin)
    files = made.files
    cards = []
    sites: dict[str, StudySite] = {}
    views = [_view(study) for study in studies]
    baselines = {view.manifest.dataset.null_of: view for view in views if view.manifest.dataset.null_of}
    near: dict[str, dict[str, StudySite]] = {}
    for group in _groups(views):
        shared: dict[str, StudySite] = {}
        near |= dict.fromkeys(group, shared)
    for view in views:
        folder = view.manifest.dataset.id
        own = replace(view, baseline=baselines.get(folder))
        sites[folder] = StudySite(own, f"{address}{folder}/" if address else None, near[folder])
        near[folder][folder] = sites[folder]
    for one in sites.values():
        # series first: they bring pictures, which are drawn while the other pages are made
        for path, kind in sorted(pages_of(one).items(), key=lambda item: not isinstance(item[1], PageSeries)):
            if one.folder not in standing:
                _study_pages(environment, assets, one, path, kind, made)
        if one.folder not in standing:
            metrics = one.view.study.tables["metrics"]
            has_pages = SETTING_PAGES in pages_of(one)
            files[f"{one.folder}/{machines.SETTINGS}"] = machines.settings(
                one.manifest, metrics, one.address, has_pages
            )
        if one.manifest.dataset.null_of in sites:
            continue  # its explorer is led to from the data that it was made from
        if address and setting.card_title(one) != one.manifest.dataset.title:
            title_shown = one.manifest.dataset.title
            made.notes.append(f"{one.folder}: the cards' typeface lacks letters of {title_shown!r}; they show its id")
        card, picture = gallery.card(one)
        cards.append(card)
        if picture:
            files[picture.path] = picture.data
    front = environment.get_template("gallery.html.j2").render(
        page=Page(
            shown(title),
            "Clustering studies in which every setting has been computed.",
            address,
            next((explorer.start_preview(one) for one in sites.values()), None),
        ),
        asset=_locator(assets, "index.html"),
        title=shown(title),
        studies=cards,
        **_used([one.manifest for one in sites.values()]),
    )
    files["index.html"] = front.encode()
    files["404.html"] = _not_found(environment, assets["404.css"].data.decode(), address).encode()
    files[".nojekyll"] = b""
    every = dict.fromkeys([*files, *(path for paths in standing.values() for path in paths)])
    files["llms.txt"] = machines.llms(shown(title), [one.manifest for one in sites.values()], every, address)
    if space:
        files["README.md"] = machines.space(shown(title))
    if address:
        found = [name for name in every if name.endswith(".html") and name != "404.html"]
        files["sitemap.xml"] = sitemap(address, found)
    return made


def _used(manifests: Sequence[Manifest]) -> dict[str, Any]:
    """What of methods, clusterers and parameters the front page speaks of: those of all studies."""
    methods = {one.name: one.label for manifest in manifests for one in manifest.methods if one.parameters}
    clusterers = {one.name: one.label for manifest in manifests for one in manifest.clusterers}
    axes = {axis.name: axis for manifest in manifests for axis in manifest.axes if len(axis.values) > 1}
    return {
        "methods": words.listed([*methods.values()] or ["PCA"]),
        "clusterers": words.listed([*clusterers.values()]),
        "lenses": list(axes.values()),
    }


def related(studies: Sequence[Study]) -> dict[str, list[str]]:
    """For each study the ids of those that its pages may speak of, itself among them, in the gallery's order.

    Those are over the same samples, or one is a shuffled baseline of another. Pages are made from these alone, so a
    study's pages stay as they are when others come or go.
    """
    groups = [(group, set(group)) for group in _groups([_view(study) for study in studies])]
    ids = [study.manifest.dataset.id for study in studies]
    return {name: next(group for group, members in groups if name in members) for name in ids}


def _view(study: Study) -> StudyView:
    return StudyView(offered(shown_manifest(study.manifest)), study)


def _groups(views: Sequence[StudyView]) -> list[list[str]]:
    """The gallery's ids, those together that `related` means; each group in the gallery's order."""
    order = [view.manifest.dataset.id for view in views]
    groups = [{name} for name in order]
    ties: dict[str, set[str]] = {}
    for view in views:
        info = view.manifest.dataset
        if view.fingerprint:
            ties.setdefault(view.fingerprint, set()).add(info.id)
        if info.null_of in order:
            groups.append({info.id, info.null_of})
    merged: list[set[str]] = []
    for group in [*groups, *ties.values()]:
        apart = [one for one in merged if not one & group]
        merged = [*apart, group.union(*(one for one in merged if one & group))]
    return [sorted(group, key=order.index) for group in merged]


def _study_pages(
    environment: Environment,
    assets: Mapping[str, Asset],
    study: StudySite,
    path: str,
    kind: PageKind | PageSeries,
    made: Rendered,
) -> None:
    """Add one page of a study, or a series of them, and the files beside."""
    folder = posixpath.dirname(f"{study.folder}/{path}")
    template = environment.get_template(kind.template)
    frame = {
        "asset": _locator(assets, f"{study.folder}/{path}"),
        "home": posixpath.relpath("index.html", folder),
        "pages": navigation(path, study),
    }
    contents = kind.contents(study) if isinstance(kind, PageSeries) else [("", kind.content(study))]
    for name, content in contents:
        text = template.render(**frame, **content.variables)
        if isinstance(kind, PageSeries):
            text = _smaller(text)
        made.files[f"{study.folder}/{path.replace('*', name)}"] = text.encode()
        made.add(folder, content)
        made.notes += [f"{study.folder}: {note}" for note in content.notes]


def _smaller(text: str) -> str:
    """A page of a series without what HTML does without; there are hundreds of them, and it is a seventh of each.

    Indentation goes, and in the body, which only browsers read, end tags (the next tag, or the parent's end, says the
    same) and quotes. No text is touched: its "<" and its quotes are escaped.
    """
    head, body, rest = _INDENTATION.sub("\n", text).partition("<body")
    return head + body + _QUOTES.sub(r"\1", _END_TAGS.sub("", rest))


def navigation(path: str, study: StudySite) -> list[PageLink]:
    """The pages of a study that have a name, as seen from its page at `path` (in the study's folder)."""
    folder = posixpath.dirname(path) or "."
    return [
        PageLink(kind.name, posixpath.relpath(other, folder), other == path)
        for other, kind in pages_of(study).items()
        if kind.name
    ]


@functools.cache
def _environment(templates: tuple[Path, ...]) -> Environment:
    """Kept for who publishes again in this process: compiling them takes as long as filling them for one study."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,  # for every template: select_autoescape() would leave .html.j2 alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["short"] = short
    return environment


def short(address: str) -> Markup:
    """An address as an attribute's value, with "&" as it is where it can mean nothing else: hundreds are on a page."""
    escaped = escape(address)
    bare = str(escaped).replace("&amp;", "&")
    return Markup(bare) if html.unescape(bare) == address else escaped


def _locator(assets: Mapping[str, Asset], page: str) -> Callable[[str], str]:
    """From an asset's plain name to its address relative to a page."""
    folder = posixpath.dirname(page)
    return lambda name: posixpath.relpath(assets[name].path, folder or ".")


def _not_found(environment: Environment, style: str, address: str | None) -> str:
    """404.html stands alone: a host shows it at any depth, where no relative address holds."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # the style is this project's own file, and its hash is in the policy
    return environment.get_template("404.html.j2").render(style=Markup(style), style_hash=digest, home=address)
