"""Which sources make a page: each page asks for one style sheet and one script, made of these in this order.

The sources of static/ stay readable, one job each; a bundle is nothing but one after the other, without comments, so a
page is what its sources are, and a double click opens it. A source that holds no page of its own stands in every bundle
that needs it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

STATIC = Path(__file__).parents[1] / "static"

_STYLE = ("css/tokens.css", "css/style.css")
_MAPS = (
    "core/dom.js", "core/ids.js", "core/nearest.js", "core/choices.js", "core/state.js", "core/notices.js",
    "data/decode.js", "data/margins.js", "data/spatial.js", "data/model.js",
    "pictures/png.js", "pictures/shards.js", "pictures/pictures.js",
    "maps/styles.js", "maps/glyphs.js", "maps/points.js", "maps/gestures.js", "maps/charts.js", "maps/scheduler.js",
    "core/address.js", "core/page.js", "core/sharing.js", "core/paging.js", "pictures/card.js", "pictures/strip.js",
    "data/grid.js", "core/csv.js", "data/csv_rows.js", "core/export.js",
)  # fmt: skip
"""What every page with maps needs."""

BUNDLES: Mapping[str, Sequence[str]] = {
    # before the first paint, on every page
    "start.js": ("core/namespace.js", "core/theme.js", "core/embed.js"),
    "page.css": _STYLE,
    "404.css": ("css/404.css",),
    "download.css": (*_STYLE, "css/export.css"),
    "setting.css": (*_STYLE, "css/setting.css"),
    "setting.js": ("core/ids.js", "setting/links.js"),
    "explorer.css": (*_STYLE, "css/export.css"),
    "explorer.js": (
        *_MAPS,
        *(
            f"explorer/{name}.js"
            for name in (
                "numbers", "legend", "clusters", "confusion", "misclassified", "focus", "steps", "controls", "pointer",
                "selection", "setting_link", "nav_links", "beside", "panels", "grid_map", "grid_view",
            )
        ),
        "data/why.js",
        *(f"explorer/{name}.js" for name in ("why_view", "cluster_cards", "saves", "explorer")),
    ),
    "compare.css": (*_STYLE, "css/compare.css", "css/export.css"),
    "compare.js": (
        *_MAPS,
        *(
            f"compare/{name}.js"
            for name in (
                "agreement", "catalog", "state", "model", "maps", "controls", "figures", "card", "ranked", "selection",
                "lists", "filmstrip", "filmstrip_aim", "saves", "compare",
            )
        ),
    ),
    "audit.css": (*_STYLE, "css/audit.css", "css/export.css"),
    "audit.js": (
        "core/dom.js", "data/decode.js", "core/notices.js",
        "pictures/png.js", "pictures/shards.js", "pictures/pictures.js",
        "core/csv.js", "core/export.js", "core/ids.js", "core/nearest.js", "core/choices.js", "core/state.js",
        "core/address.js", "core/page.js",
        *(f"audit/{name}.js" for name in ("state", "marks", "facts", "table_window", "card", "pairs", "audit")),
    ),
}  # fmt: skip
"""Sources of each bundle, by paths in static/."""


_COMMENT = re.compile(r"^[ \t]*/\*(?:[^*]|\*(?!/))*\*/[ \t]*\n", re.MULTILINE)
"""A comment that stands on lines of its own: a fifth of what a script weighs on its way to a reader."""


def text(name: str) -> str:
    """A bundle: its sources, one after the other, each under its name and without the comments on lines of their own.

    Raises:
        KeyError: there is no such bundle.
    """
    return "".join(f"/* {source} */\n{plain(source)}" for source in BUNDLES[name])


def plain(source: str) -> str:
    """A source without the comments that stand on lines of their own."""
    return _COMMENT.sub("", (STATIC / source).read_text(encoding="utf-8"))
