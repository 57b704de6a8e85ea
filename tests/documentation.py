"""The documentation as the tests read it: its pages, their fenced blocks, headings and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
EXTENDING = ROOT / "docs" / "extending.md"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_REASON = re.compile(r"# not run by the tests: (\S.*)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: the file that it is in.
        line: of its fence, from 1.
        language: what follows the fence.
        text: what is inside.
    """

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def reason(self) -> str | None:
        """Why the tests do not run it, where its first line says so."""
        found = _REASON.match(self.text)
        return found[1] if found else None


def text_of(page: Path) -> str:
    """A page as it is."""
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", text_of(page))


def blocks(*languages: str, pages: tuple[Path, ...] = PAGES) -> list[Block]:
    """The fenced blocks in some languages, or all, in the order of the pages."""
    return [block for page in pages for block in _blocks(page) if not languages or block.language in languages]


def _blocks(page: Path) -> Iterator[Block]:
    text = text_of(page)
    for found in _FENCE.finditer(text):
        yield Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2])


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in _HEADING.findall(prose(page)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def section(page: Path, heading: str) -> str:
    """What is under a heading, up to the next one of its level or above.

    Raises:
        ValueError: there is no such heading, or more than one.
    """
    found = re.findall(rf"^(#+) {re.escape(heading)}$", prose(page), re.MULTILINE)
    if len(found) != 1:
        raise ValueError(f"{page.name}: {len(found)} headings {heading!r}")
    _, rest = re.split(rf"^#+ {re.escape(heading)}$", prose(page), maxsplit=1, flags=re.MULTILINE)
    return re.split(rf"^#{{1,{len(found[0])}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The rows of all tables in a text, cell by cell, without the heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    heads = {at - 1 for at, line in enumerate(lines) if set(line) <= set("|-: ")}
    bare = [line for at, line in enumerate(lines) if at not in heads and at - 1 not in heads]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in bare]


def quoted(text: str) -> list[str]:
    """What a text has between backticks."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def recipe(module: str, language: str = "python") -> str:
    """The block of docs/extending.md whose first line names a module, or a template."""
    (found,) = [
        block.text for block in blocks(language, pages=(EXTENDING,)) if module in block.text.split("\n", maxsplit=1)[0]
    ]
    return found


def follow(module: ModuleType, registry: str, patch: pytest.MonkeyPatch) -> None:
    """Do what a recipe of docs/extending.md says: run its block at the end of the module, for one test.

    Args:
        module: that the recipe names.
        registry: name of the mapping there that gets the entry.
        patch: undoes it.
    """
    entries = dict(getattr(module, registry))
    patch.setattr(module, registry, entries)
    path = Path(str(module.__file__)).relative_to(ROOT).as_posix()
    exec(compile(recipe(path), f"recipe for {path}", "exec"), {**vars(module), registry: entries})
