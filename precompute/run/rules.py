"""Rules: fingerprints of the code that figures and tables follow from, so that a changed rule gives changed ones.

Costly cells are computed again when a version that is raised by hand says so (`ALGORITHM`): a map of large data takes
hours. What follows from cells in seconds needs nobody's memory: the text and the constants of its modules decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from precompute.machine.files import sha256
from precompute.store import to_json


def of(*modules: ModuleType) -> dict[str, str]:
    """Fingerprint of each module's text, and of its constants as they are now, by the module's name."""
    return {module.__name__.removeprefix("precompute."): _fingerprint(module) for module in modules}


def changed(now: Mapping[str, str], then: Mapping[str, str]) -> list[str]:
    """Names of the modules whose rules are not what they were, in order."""
    return sorted(name for name in {*now, *then} if now.get(name) != then.get(name))


def _fingerprint(module: ModuleType) -> str:
    constants = {name: value for name, value in vars(module).items() if name.isupper() and _is_plain(value)}
    # as text: a checkout may have other ends of lines
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    return sha256(to_json([text, constants]))[:16]


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(name, str) and _is_plain(one) for name, one in value.items())
    if isinstance(value, tuple | list):
        return all(_is_plain(one) for one in value)
    return isinstance(value, str | int | float)
