"""A study in a notebook: its explorer, whole, in a frame that needs no server and no network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HEIGHT = 720
"""Pixels."""
LARGEST = 8_000_000
"""Bytes of an explorer that a cell is given; a notebook keeps every output that it shows."""


@dataclass(frozen=True)
class View:
    """The explorer of one study. It shows itself in a notebook; elsewhere it says where its page is.

    Attributes:
        site: folder of the pages.
        study: id of the study.
        height: in pixels.
        others: ids of the other studies of the gallery, to be named.
    """

    site: Path
    study: str
    height: int = HEIGHT
    others: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Its page."""
        return self.site / self.study / "index.html"

    def __repr__(self) -> str:
        """Where its page is."""
        return f"View({str(self.path)!r})"

    @cached_property
    def html(self) -> str:
        """The frame with the explorer inside; where that is too large for a cell, a picture and where the page is."""
        from site_templates.copies import inline

        return inline.framed(self.site, self.study, self.height, self.others, LARGEST)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        del include, exclude
        return {"text/html": self.html, "text/plain": repr(self)}
