"""The pages of a tiny study as they were last looked at: a change of a template shows as a difference of text.

What a machine computes is no template's: numbers with a fraction, hashes in names, sizes of files and pictures in the
text are replaced by words, so that the pages are the same on every machine. `python -m tests.golden` writes them anew.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from site_templates import publish
from tests import synthetic

FOLDER = Path(__file__).parent
RENEW = ".venv/bin/python -m tests.golden"
PAGES = (
    "index.html",
    "404.html",
    "tiny/index.html",
    "tiny/compare.html",
    "tiny/audit.html",
    "tiny/settings/index.html",
    "tiny/settings/tsne-p10-k3.html",
    "tiny/download/index.html",
)
"""One of each template."""
SAMPLES, PERPLEXITIES, KS = 24, (5.0, 10.0), (3, 4)
MACHINE = (
    (re.compile(r"data:[\w/+;=-]+,[^\"')\s]*"), "data:…"),
    (re.compile(r"\b[0-9a-f]{16,}\b"), "fingerprint"),
    (re.compile(r"-[0-9a-f]{12}(?=\.\w)"), "-hash"),
    (re.compile(r"\b[\d.,]+ (?:[kM]?B)\b"), "size"),
    (re.compile(r"[-−]?\b\d+\.\d+(?:e[-+]?\d+)?\b"), "number"),
)
"""What depends on the machine, and the word that stands for it."""


def pages() -> dict[str, str]:
    """The pages of a study of made-up tables, by their paths."""
    with tempfile.TemporaryDirectory() as place:
        results, site = Path(place) / "results", Path(place) / "site"
        synthetic.write(results / "tiny", SAMPLES, PERPLEXITIES, KS)
        publish.publish(results, site, ["tiny"], "A gallery", "https://example.org/")
        return {name: normal((site / name).read_text(encoding="utf-8")) for name in PAGES}


def normal(text: str) -> str:
    """A page without what depends on the machine, each tag on a line of its own: so a difference is short."""
    for pattern, word in MACHINE:
        text = pattern.sub(word, text)
    return re.sub(r"\s*\n\s*", "\n", text.replace("><", ">\n<")).strip() + "\n"


def file_of(name: str) -> Path:
    """Where a page is kept."""
    return FOLDER / name.replace("/", "-")


def write() -> None:
    """Keep the pages as they are now."""
    for name, text in pages().items():
        file_of(name).write_text(text, encoding="utf-8")
