"""Copies of the site to take along: one zip of all, one HTML file for each explorer.

Both are made from the site's files as they lie on disk, checked against what the build wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from precompute.machine.files import remove_leftovers_of, write_atomic
from site_templates.publish import SiteError, site_files


@dataclass(frozen=True)
class Copies:
    """Where to write: the zip, and the single file of each data set by its id."""

    zip: Path | None
    single: dict[str, Path]


def targets(
    site: Path, packed: Path | Literal[True] | None, single: Path | Literal[True] | None, datasets: Sequence[str]
) -> Copies:
    """Where the copies go, checked before anything is computed.

    Args:
        site: the site's folder.
        packed, single: as asked for; None: no such copy, True: beside the site. `single` may be a folder, which gets
            <id>.html for each data set.
        datasets: ids of the data sets.

    Raises:
        SiteError: a target is a folder or lies in the site's folder; or one file is named for several data sets.
    """
    beside = site.parent if site.name not in ("", "..") else site.resolve().parent
    files: dict[str, Path] = {}
    if single is not None:
        folder = beside if single is True else single
        if single is True or folder.is_dir():
            files = {name: folder / f"{name}.html" for name in datasets}
        elif len(datasets) > 1:
            raise SiteError(
                f"{single}: one file holds one data set, and there are {len(datasets)} ({', '.join(datasets)}); name a "
                f"folder that exists, which gets {datasets[0]}.html and so on, or configure one data set only"
            )
        else:
            files = {datasets[0]: folder}
    if packed is True:
        packed = beside / f"{site.resolve().name}.zip"
    for path in [*files.values(), *([packed] if packed else [])]:
        _check(site, path)
    return Copies(packed, files)


def _check(site: Path, target: Path) -> None:
    if target.is_dir():
        raise SiteError(f"{target}: a folder stands where the file should be; name a file")
    if target.resolve().is_relative_to(site.resolve()):
        raise SiteError(f"{target}: lies in the site's own folder; name a place outside of {site}")


def write(site: Path, copies: Copies) -> dict[Path, int]:
    """Write the copies; returns their sizes in bytes.

    Raises:
        SiteError: files of the site are missing or were changed since it was built.
    """
    if copies.zip is None and not copies.single:
        return {}
    # imported here: most builds make no copies
    from site_templates.copies.archive import zipped
    from site_templates.copies.single_file import single_file

    files = site_files(site)
    made = {} if copies.zip is None else {copies.zip: zipped(files)}
    made |= {path: single_file(files, f"{name}/index.html") for name, path in copies.single.items()}
    for path, data in made.items():
        remove_leftovers_of(path)
        write_atomic(path, data)
    return {path: len(data) for path, data in made.items()}
