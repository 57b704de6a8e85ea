"""Addresses: of a site, which links, previews and the sitemap need in full, and of a setting in the explorer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from precompute.store import IMPLIED, number_slug

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*")


def public_address(text: str) -> str:
    """The address of a site's root, ending in "/".

    Raises:
        ValueError: not http(s), no host, a query, a fragment, a name or password; the message says what is allowed.
    """
    allowed = "allowed: http or https, a host and a path, like https://user.github.io/repo/"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(f"{text!r} is no address; {allowed}") from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or text != text.strip():
        raise ValueError(f"{text!r} is no public address; {allowed}")
    for name, found in (("query", "?" in text), ("fragment", "#" in text), ("user name", "@" in parts.netloc)):
        if found:
            raise ValueError(f"{text!r} has a {name}; {allowed}")
    bracketed = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(bracketed) or not _PATH.fullmatch(parts.path) or "/../" in f"{parts.path}/":
        raise ValueError(f"{text!r} has a host or path with other characters; encode them; {allowed}")
    at = f":{port}" if port else ""
    return f"{parts.scheme}://{bracketed}{at}{parts.path.rstrip('/')}/"


def page_address(root: str, path: str) -> str:
    """Public address of a page: a folder's index.html goes by its folder."""
    folder = path.removesuffix("index.html") if path.rpartition("/")[2] == "index.html" else path
    return root + quote(folder)


def sitemap(root: str, paths: Iterable[str]) -> bytes:
    """sitemap.xml (sitemaps.org, protocol 0.9) of all pages; without dates, which would change at every build."""
    lines = [f"<url><loc>{escape(page_address(root, path))}</loc></url>" for path in sorted(paths)]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return "\n".join([head, *lines, "</urlset>", ""]).encode()


def explorer_state(
    at: Mapping[str, float | str],
    start: Mapping[str, float | str],
    of_map: Sequence[str],
    of_clusters: Sequence[str],
) -> str:
    """What follows # in the address of an explorer, by the rule of state.js (`format`).

    Args:
        at: representation, method, clusterer, space, and the parameters' values.
        start: the same, where that explorer starts: what is as there is not written, but for what `IMPLIED` says.
        of_map, of_clusters: the parameters of the state's method and of its clusterer, which always are.
    """

    def written(key: str) -> str:
        value = at[key]
        return f"{key}={value if isinstance(value, str) else number_slug(value)}"

    keys = ("representation", "method", *of_map, "clusterer", *of_clusters, "space")
    always = {*of_map, *of_clusters}
    said = {**start, **IMPLIED}
    found = [written(key) for key in dict.fromkeys(keys) if key in always or at[key] != said[key]]
    return f"#{'&'.join(found)}"
