"""The explorer of one study as a piece of HTML for a cell of a notebook: the single file inside a sandboxed frame."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from site_templates.copies.single_file import single_file
from site_templates.output.budget import size
from site_templates.publish import site_files


def framed(site: Path, study: str, height: int, others: Sequence[str], largest: int) -> str:
    """A frame that holds the explorer, without address, storage or origin of its own.

    Args:
        site: the site's folder. study: id. height: of the frame, in pixels.
        others: ids of further studies, to be named.
        largest: bytes; of an explorer that is larger, a picture of one setting is shown, and where the page is.

    Raises:
        SiteError: files of the site are missing or were changed since it was built.
    """
    files = site_files(site)
    page = single_file(files, f"{study}/index.html")
    whole = len(page) <= largest
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("notebook.html.j2").render(
        study=study,
        page=page.decode() if whole else None,
        picture=None if whole else _picture(files, study),
        size=size(len(page)),
        path=str(site / study / "index.html"),
        height=height,
        others=others,
    )


def _picture(files: Mapping[str, bytes], study: str) -> str | None:
    """A map of the study as a data URI; None if there is none."""
    folder = f"{study}/settings/"
    maps = [name for name in files if name.startswith(folder) and name.endswith(".png") and "-card" not in name]
    maps = [name for name in maps if not name.startswith((f"{folder}features", f"{folder}misclassified"))]
    if not maps:
        return None
    return f"data:image/png;base64,{base64.b64encode(files[maps[len(maps) // 2]]).decode()}"
