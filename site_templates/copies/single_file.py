"""The explorer of one study as a single HTML file, to mail or to drop into a course page.

The page is taken from the built site: its styles, scripts and pictures move into the file, its data become blocks of
JSON that are parsed when the page asks for them, and the policy names the hash of every script and style, so nothing
else runs and nothing is loaded.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from site_templates.publish import SiteError

_CHUNK = re.compile(r'clusterfolio\.receive\(("[^"]*"),(.*)\);\n', re.DOTALL)
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_ENDS_SCRIPT = re.compile(r"</script|<!--", re.IGNORECASE)


def single_file(files: Mapping[str, bytes], page: str) -> bytes:
    """A page of the site with all that it needs inside.

    Args:
        files: the site's files by path.
        page: the path of an explorer among them.

    Raises:
        SiteError: a script holds what would end it inside a page, or a data file is not one.
    """
    taken = _Taken(files, page)
    taken.feed(files[page].decode())
    taken.close()
    chunks = dict(_chunk(text) for text in taken.data)
    # the first chunk names the others
    study = json.loads(chunks["study"])
    for path in study["chunks"].values():
        name, text = _chunk(taken.file(path))
        chunks[name] = text
    scripts = [*taken.first, *taken.deferred]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"), autoescape=True, undefined=StrictUndefined
    )
    html = environment.get_template("single.html.j2").render(
        script_hashes=[_hash(text) for text in scripts],
        style_hashes=[_hash(text) for text in taken.styles],
        root=Markup(taken.root),
        head=Markup("".join(taken.head)),
        body=Markup("".join(taken.body)),
        # this project's own files, and JSON in which no "<" stands
        styles=[Markup(text) for text in taken.styles],
        first=[Markup(text) for text in taken.first],
        deferred=[Markup(text) for text in taken.deferred],
        chunks=[(name, Markup(text.replace("<", "\\u003c"))) for name, text in chunks.items()],
    )
    return html.encode()


def _chunk(text: str) -> tuple[str, str]:
    """Name and JSON of a data script."""
    match = _CHUNK.fullmatch(text)
    if match is None:
        raise SiteError(f"a data file of the site is not written as data are: {text[:60]!r}; build the site again")
    return json.loads(match[1]), match[2]


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@dataclass
class _Taken(HTMLParser):
    """A page taken apart: what stays in its head and body, and the files that it asks for.

    What has `data-needs-site` is about another page: without a public address it is left out, with all in it.
    """

    files: Mapping[str, bytes]
    page: str
    root: str = ""
    head: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    deferred: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    address: str | None = None
    part: str = ""
    skipping: bool = False
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=False)

    def file(self, href: str) -> str:
        """Text of a file, by its address relative to the page; line ends as a browser hashes them."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.page), href))
        if path not in self.files:
            raise SiteError(f"{self.page}: {href} is not in the site; build the site again")
        return self.files[path].decode().replace("\r\n", "\n").replace("\r", "\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if self.left_out or ("data-needs-site" in attributes and not self.address):
            if tag not in _VOID:
                self.left_out.append(tag)
            return
        raw = self.get_starttag_text() or ""
        if tag == "html":
            self.root = raw.removeprefix("<html").removesuffix(">")
        elif tag in ("head", "body"):
            self.part = tag
        elif tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy":
            return
        elif tag == "link" and attributes.get("rel") == "stylesheet":
            self.styles.append(self.file(attributes["href"]))
        elif tag == "script":
            self._script(attributes)
        else:
            if tag == "link" and attributes.get("rel") == "canonical":
                self.address = attributes["href"]
            self._keep(self._inside(tag, attributes, raw))

    def _script(self, attributes: Mapping[str, str]) -> None:
        self.skipping = True
        text = self.file(attributes["src"])
        if _CHUNK.fullmatch(text):
            self.data.append(text)
            return
        if _ENDS_SCRIPT.search(text):
            raise SiteError(
                f"{attributes['src']}: holds what would end a script inside a page, so it cannot be put there"
            )
        (self.deferred if "defer" in attributes else self.first).append(text)

    def _inside(self, tag: str, attributes: Mapping[str, str], raw: str) -> str:
        """The tag with what it points to inside the file; a link to another page is absolute, or no link."""
        if tag == "img" and _relative(attributes.get("src", "")):
            return raw.replace(f'src="{attributes["src"]}"', f'src="{self._picture(attributes["src"])}"')
        href = attributes.get("href", "")
        if tag != "a" or not _relative(href):
            return raw
        new = f' href="{urljoin(self.address, href)}"' if self.address else ""
        return re.sub(r'\s(?:href|download|target)(="[^"]*")?', "", raw).replace("<a", f"<a{new}", 1)

    def _picture(self, href: str) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.page), href))
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return f"data:{kind};base64,{base64.b64encode(self.files[path]).decode()}"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.left_out:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.left_out:
            self.left_out.pop()
        elif tag == "script":
            self.skipping = False
        elif tag in ("head", "body"):
            self.part = ""
        elif tag != "html":
            self._keep(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self._keep(data)

    def handle_entityref(self, name: str) -> None:
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._keep(f"&#{name};")

    def _keep(self, text: str) -> None:
        if self.part and not self.left_out:
            (self.head if self.part == "head" else self.body).append(text)


def _relative(href: str) -> bool:
    """Whether an address leads to another file of the site."""
    return bool(href) and not href.startswith("#") and not urlsplit(href).scheme
