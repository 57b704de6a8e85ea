"""Texts of other people, such as titles and label names, as every page shows them.

Escaping is the templates' work and JSON's; this is about characters that change what stands around them although they
are text. A right-to-left override in a label's name would turn the count behind it round, "(12)" into "(21)". HTML
itself drops or replaces NUL and carriage returns, and an SVG with U+FFFF in it opens nowhere. Each such character shows
as U+FFFD; the tables keep it.
"""

from __future__ import annotations

import re

import msgspec

from precompute.store import Manifest

FORMULA = r"^[=+\-@\t\r]"
"""How a text begins that a spreadsheet might take for a formula."""

_NONE = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
"""Ends of the planes, which with U+FDD0 … U+FDEF are no characters and will never be."""

_DISTURBING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but tab and newline
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates: they reach past the text's end
    "\ud800-\udfff"  # halves of surrogate pairs, which no file can hold
    f"\ufdd0-\ufdef{_NONE}]"  # no characters: not allowed in HTML, the last two not in XML either
)


def shown(text: str) -> str:
    """The text with a replacement character for each one that would disturb its neighbours."""
    return _DISTURBING.sub("\ufffd", text)


def shown_manifest(manifest: Manifest) -> Manifest:
    """The manifest with every text of a person, and every reason of a failure, as pages show it."""
    info = manifest.dataset
    dataset = msgspec.structs.replace(
        info,
        title=shown(info.title),
        description=shown(info.description),
        source=shown(info.source),
        license=shown(info.license),
        labels=None if info.labels is None else [shown(name) for name in info.labels],
    )
    failed = [msgspec.structs.replace(one, reason=shown(one.reason)) for one in manifest.failed]
    return msgspec.structs.replace(manifest, dataset=dataset, failed=failed)
