"""Addresses that stand where a file should: nothing is fetched here, and the commands that fetch are named."""

from __future__ import annotations

import re
import shlex
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from precompute.loaders.raw import shown

_SCHEMES = frozenset({"http", "https", "hf", "s3", "gs", "ftp"})
_MOST = 300
_HUB = re.compile(r"(?:https?://(?:www\.)?huggingface\.co/|hf://)datasets/([\w.-]+(?:/[\w.-]+)?)")


def address_of(path: Path) -> str | None:
    """The address that was written as a path, which has lost one of its slashes; None: it is a path."""
    for at, part in enumerate(path.parts):
        if part.endswith(":") and part[:-1].lower() in _SCHEMES:
            return f"{part}//{'/'.join(path.parts[at + 1 :])}"
    return None


def refusal(address: str) -> str:
    """That it is an address, and how its content is fetched."""
    what = f"{shown(address, _MOST)} is an address, and nothing is fetched from one here"
    return f"{what}; fetch it first: {_command(address)}"


def _command(address: str) -> str:
    """The commands that fetch an address and build what was fetched."""
    hub = _HUB.match(address)
    if hub is not None:
        folder = hub[1].rsplit("/", 1)[-1]
        return f"hf download {hub[1]} --repo-type dataset --local-dir {folder}, then --data {folder}"
    split = urlsplit(address)
    name = PurePosixPath(unquote(split.path)).name or "data"
    to, place = shlex.quote(name), shlex.quote(address)
    if split.scheme == "s3":
        return f"aws s3 cp --recursive {place} {to}, then --data {to}"
    if split.scheme == "gs":
        return f"gcloud storage cp --recursive {place} {to}, then --data {to}"
    return f"curl --location --output {to} {place}, then --data {to}"
