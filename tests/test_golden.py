"""Templates make the pages that were last looked at."""

from __future__ import annotations

import difflib

import pytest

from tests import golden


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The pages as they are made now."""
    return golden.pages()


@pytest.mark.parametrize("name", golden.PAGES)
def test_a_page_is_as_it_was_last_looked_at(pages: dict[str, str], name: str) -> None:
    before = golden.file_of(name).read_text(encoding="utf-8").splitlines()
    lines = list(difflib.unified_diff(before, pages[name].splitlines(), "kept", "made now", lineterm="", n=1))
    shown = "\n".join(lines[:60])
    assert not lines, f"{name} is made otherwise; if that is meant, run: {golden.RENEW}\n{shown}"


def test_all_golden_pages_are_made() -> None:
    kept = {path.name for path in golden.FOLDER.glob("*.html")}
    assert kept == {golden.file_of(name).name for name in golden.PAGES}


def test_what_depends_on_the_machine_is_no_part_of_a_golden_page() -> None:
    text = '<a href="a-0123456789ab.js">3.14, −0.5e-7</a><img src="data:image/png;base64,AA==">12.5 kB, 7'
    assert golden.normal(text) == '<a href="a-hash.js">number, number</a>\n<img src="data:…">size, 7\n'
