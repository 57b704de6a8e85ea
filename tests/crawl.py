"""Crawling a built site as a reader could, by links alone, from its front page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

ADDRESSES = {
    "a": ("href",), "link": ("href",), "script": ("src",), "img": ("src",), "image": ("href",), "use": ("href",),
}  # fmt: skip
IN_STYLES = re.compile(r'url\("([^":]+)"\)')
"""Files that a style sheet names."""
STATES = ("#a=", "#b=", "#perplexity=", "#sample=", "#id=")
"""How the explorer's and the comparison's states begin: they are no anchors."""


class Parsed(HTMLParser):
    """All addresses and ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {value for name, value in attrs if name == "id" and value}
        self.addresses += [value for name in ADDRESSES.get(tag, ()) if (value := given.get(name)) is not None]


@dataclass
class Crawl:
    """What was found: pages, other files, and every link that leads nowhere or out of the site."""

    pages: dict[str, Parsed] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def crawl(root: str, read: Callable[[str], bytes]) -> Crawl:
    """Follow every link from root/index.html; `read` gets a file by its full address or raises OSError."""
    found = Crawl()
    todo = [f"{root}/index.html"]
    anchors: list[tuple[str, str]] = []
    while todo:
        address = todo.pop()
        if address in found.pages or address in found.files:
            continue
        try:
            data = read(address)
        except OSError as error:
            found.faults.append(f"{address}: {error}")
            continue
        if not address.endswith(".html"):
            found.files.add(address)
            if address.endswith(".css"):
                todo += [urljoin(address, link) for link in IN_STYLES.findall(data.decode())]
            continue
        found.pages[address] = parsed = Parsed(data.decode())
        for link in parsed.addresses:
            if urlsplit(link).scheme == "data":
                continue
            target, anchor = urldefrag(urljoin(address, link))
            if not target.startswith(f"{root}/"):
                found.faults.append(f"{address}: {link} leads out of the site")
                continue
            todo.append(target)
            if anchor and not f"#{anchor}".startswith(STATES):
                anchors.append((target, anchor))
    for target, anchor in anchors:
        if anchor not in found.pages[target].ids:
            found.faults.append(f"{target}#{anchor}: there is no such place")
    return found
