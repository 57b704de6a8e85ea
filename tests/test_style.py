"""What no formatter holds scripts, styles and templates to: lines of 120 characters, and templates that compile."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_templates.output.bundles import STATIC
from site_templates.pages import render

LONGEST = 120
TEMPLATES = sorted(render.TEMPLATES[0].iterdir())
SOURCES = [*sorted(path for path in STATIC.rglob("*") if path.is_file()), *TEMPLATES]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_lines_are_short_and_end_where_they_end(path: Path) -> None:
    """The formatter leaves comments and texts as long as they are, and knows no templates."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if len(line) > LONGEST] == []
    assert [line for line in lines if line != line.rstrip() or "\t" in line] == []
    assert lines[-1] == ""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_template_compiles(path: Path) -> None:
    render._environment(render.TEMPLATES).get_template(path.name)
