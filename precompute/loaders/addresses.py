"""Addresses that stand where a file should: data sets of Hugging Face are fetched, where its library is installed.

Of all others the command that fetches them is named.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from precompute.dataset import DataError
from precompute.loaders.raw import LIMITS, Limits, shown

_SCHEMES = frozenset({"http", "https", "hf", "s3", "gs", "ftp"})
_MOST = 300
_ON_HUB = re.compile(r"hf://datasets/([\w.-]+(?:/[\w.-]+)?)(?:@([^/]+))?(?:/(.+))?")
"""Repository, revision, and a path in it."""
_HUB = re.compile(r"(?:https?://(?:www\.)?huggingface\.co/|hf://)datasets/([\w.-]+(?:/[\w.-]+)?)")


def address_of(path: Path) -> str | None:
    """The address that was written as a path, which has lost one of its slashes; None: it is a path."""
    for at, part in enumerate(path.parts):
        if part.endswith(":") and part[:-1].lower() in _SCHEMES:
            return f"{part}//{'/'.join(path.parts[at + 1 :])}"
    return None


def fetched(address: str, limits: Limits = LIMITS) -> tuple[Path, str]:
    """Where a data set of Hugging Face lies on this machine, fetched if it is not there, and a sentence on it.

    Args:
        address: hf://datasets/OWNER/NAME, also with @REVISION, and with a path in it. It is kept where its library
            keeps it (HF_HOME), and nothing is asked of the network where HF_HUB_OFFLINE is set.

    Raises:
        DataError: any other address, a library that is not installed, nothing there, or more than may be read; says
            what to do.
    """
    parts = _ON_HUB.fullmatch(address)
    if parts is None:
        raise DataError(refusal(address))
    try:
        from huggingface_hub import HfApi, constants, snapshot_download
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError:
        way_out = 'or install what fetches it: pip install "clusterfolio[hub]"'
        raise DataError(f"{refusal(address)}; {way_out}") from None
    name, inside = parts[1], parts[3]
    revision = None if parts[2] is None else unquote(parts[2])
    wanted = None if inside is None else [inside, f"{inside}/*"]
    where = shown(address, _MOST)
    try:
        if not constants.HF_HUB_OFFLINE:
            files = HfApi().dataset_info(name, revision=revision, files_metadata=True).siblings or []
            size = sum(file.size or 0 for file in files if _is_wanted(file.rfilename, wanted))
            if size > limits.file_bytes:
                most = f"allowed are at most {limits.file_bytes / 1e9:g} GB: name a folder or a file in it"
                raise DataError(f"{where}: {size / 1e9:,.1f} GB; {most}, as in {address}/data")
        folder = Path(snapshot_download(name, repo_type="dataset", revision=revision, allow_patterns=wanted))
    except (OSError, ValueError, HfHubHTTPError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{where}: cannot be fetched ({str(error).strip().splitlines()[0][:_MOST]})") from None
    path = folder / inside if inside else folder
    if not path.exists():
        raise DataError(f"{where}: there is no {shown(inside or name)} in it")
    return path, f"{name} of Hugging Face, revision {folder.name[:12]}"


def refusal(address: str) -> str:
    """That it is an address, and how its content is fetched."""
    what = f"{shown(address, _MOST)} is an address, and nothing is fetched from one here"
    return f"{what}; fetch it first: {_command(address)}"


def _is_wanted(name: str, patterns: Sequence[str] | None) -> bool:
    """Whether the hub's library would fetch a file; None: all are wanted."""
    return patterns is None or any(fnmatch(name, pattern) for pattern in patterns)


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
