"""What a command says: results on stdout, notes, errors and progress on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from precompute.pipeline import Progress

SHOWN = 5
"""Notes of a kind that are printed; the rest is counted."""


def counted(count: int, noun: str) -> str:
    """ "1 file", "1,200 files"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@dataclass(frozen=True)
class Printer:
    """Prints for a person.

    Attributes:
        quiet: whether only errors, and what was asked for, are printed.
        brief: whether what was done is not said, as what is returned says it.
        facts: what a program is told in one piece at the end, in place of lines for a person; None: a person reads.
    """

    quiet: bool = False
    brief: bool = False
    facts: dict[str, Any] | None = None

    def say(self, text: str) -> None:
        """What was done."""
        if not (self.quiet or self.brief or self.facts is not None):
            print(text, flush=True)

    def answer(self, text: str) -> None:
        """What was asked for."""
        if self.facts is None:
            print(text)

    def fact(self, name: str, value: Any, *, each: bool = False) -> None:
        """What a program is told; `each`: one of several under this name."""
        if self.facts is None:
            return
        if each:
            self.facts.setdefault(name, []).append(value)
        else:
            self.facts[name] = value

    def error(self, text: str) -> None:
        """What is wrong, in one line."""
        error(text)
        self.fact("errors", text, each=True)

    def end(self, code: int) -> None:
        """Tell a program all at once, as one JSON object."""
        if self.facts is not None:
            print(json.dumps({"exit": code, **self.facts}, ensure_ascii=False, indent=1), flush=True)

    def note(self, text: str) -> None:
        """What a person should know."""
        self.fact("notes", text, each=True)
        if not self.quiet:
            print(f"note: {text}", file=sys.stderr, flush=True)

    def notes(self, subject: str, texts: Sequence[str]) -> None:
        """Notes of one kind on one subject, the first of them."""
        for text in few(texts):
            self.note(f"{subject}: {text}")

    @contextlib.contextmanager
    def progress(self, title: str) -> Iterator[Callable[[Progress], None]]:
        """A progress bar on stderr or in a notebook; elsewhere plain lines, without control codes."""
        if self.quiet:
            yield lambda _: None
            return
        if not (sys.stderr.isatty() or in_notebook()):
            yield lambda at: print(f"{title}: {at.done} of {at.total}: {at.name}", file=sys.stderr, flush=True)
            return
        with warnings.catch_warnings(), contextlib.ExitStack() as stack:
            warnings.simplefilter("ignore")  # that a notebook has no ipywidgets: then the bar is one of text
            from tqdm.auto import tqdm

            bars: list[Any] = []

            def show(at: Progress) -> None:
                if not bars:
                    bars.append(stack.enter_context(tqdm(total=at.total, desc=title, unit="cell", leave=False)))
                bars[0].set_postfix_str(at.name)
                bars[0].update(at.done - bars[0].n)

            yield show


def in_notebook() -> bool:
    """Whether this process is a kernel of Jupyter, which shows more than text."""
    ipython = sys.modules.get("IPython")  # a kernel has imported it
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def error(text: str) -> None:
    """What is wrong, in one line."""
    aside(f"error: {text}")


def aside(text: str) -> None:
    """What is said even where it is quiet, and is no result."""
    print(text, file=sys.stderr)


def few(texts: Sequence[str]) -> Sequence[str]:
    """The first texts, and how many more there are."""
    return texts if len(texts) <= SHOWN + 1 else [*texts[:SHOWN], f"{len(texts) - SHOWN} more like these"]
