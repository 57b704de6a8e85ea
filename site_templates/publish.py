"""Publishing: from the results on disk to a folder of plain files that needs no server.

Assets and data are written first, under names that hold the hash of their content, then the pages that name them,
and stale files go last: at any moment every page on disk finds exactly the files it was made with. `files.json`
lists what a build made; nothing else in the folder is ever removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec

from precompute import store
from precompute.files import sha256, write_atomic
from site_templates.assets import load_assets

FILES = "files.json"
_HERE = Path(__file__).parent
_LIBRARIES = ("altair", "jinja2", "vl-convert-python", "pillow", "numpy", "pandas", "pyarrow")


class SiteError(Exception):
    """The site cannot be written there; the message names the folder, what is wrong and the way out."""


class _Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """files.json: what the site was made from, and every file of it with its sha256."""

    format: int
    made_from: str
    files: dict[str, str]


@dataclass(frozen=True)
class Report:
    """What publishing did: pages in all, files written now, files removed, and the size of the site in bytes."""

    pages: int
    written: int
    removed: int
    size: int


def check_target(site: Path) -> None:
    """Refuse a folder that cannot be the site's own.

    Raises:
        SiteError: it is the root, the home folder, a file, or holds files that no build of this tool made.
    """
    resolved = site.resolve()
    if resolved in (Path(resolved.anchor), Path.home().resolve()):
        raise SiteError(f"{site}: the site needs a folder of its own, not the root or the home folder; name another")
    if site.is_file():
        raise SiteError(f"{site}: a file stands where the site's folder should be; name another folder with --site")
    if site.is_dir() and any(site.iterdir()) and not (site / FILES).is_file():
        raise SiteError(f"{site}: the folder holds other files (it has no {FILES}); name an empty folder with --site")


def publish(results: Path, site: Path, datasets: Sequence[str], title: str, address: str | None = None) -> Report:
    """Make the site of some studies, or leave it alone if it is already what would be made.

    Args:
        results: folder that holds one folder a data set. site: folder to write. datasets: their ids, in order.
        title: of the gallery. address: public address of the site's root, ending in "/", if known.

    Raises:
        StoreError: results are missing or damaged. SiteError: see `check_target`.
    """
    check_target(site)
    made_from = _inputs(results, datasets, title, address)
    before = _read_made(site)
    if before and before.made_from == made_from and not damaged(site):
        return _report(site, before.files, 0, 0)
    # imported here: a build with nothing to do must not pay for Altair and pandas
    from site_templates.pages import render

    assets = load_assets()
    studies = [_read_study(results, name) for name in datasets]
    files = render(studies, assets, title, address)
    return _write(site, files, before, made_from)


def _read_study(results: Path, name: str) -> store.Study:
    study = store.read(results / name)
    if study.manifest.dataset.id != name:
        path, found = results / name / store.MANIFEST, study.manifest.dataset.id
        raise store.StoreError(
            f"{path}: the data set's id is {found!r}, its folder's {name!r}; run build.py to recompute"
        )
    return study


def _inputs(results: Path, datasets: Sequence[str], title: str, address: str | None) -> str:
    """Hash of everything the site is made from: the studies' manifests, this package's files, the libraries."""
    sources = {
        path.relative_to(_HERE).as_posix(): sha256(path.read_bytes())
        for path in sorted(_HERE.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }
    for name in datasets:
        store.read_manifest(results / name)
    manifests = {name: sha256((results / name / store.MANIFEST).read_bytes()) for name in datasets}
    libraries = {name: version(name) for name in _LIBRARIES}
    return sha256(json.dumps([sources, manifests, list(datasets), libraries, title, address], sort_keys=True).encode())


def _read_made(site: Path) -> _Made | None:
    try:
        return msgspec.json.decode((site / FILES).read_bytes(), type=_Made)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def damaged(site: Path) -> list[str]:
    """Files of the site that are missing or differ from what was written; ["files.json"] if the list itself is."""
    made = _read_made(site)
    if made is None:
        return [FILES]
    return [
        name
        for name, digest in made.files.items()
        if not (site / name).is_file() or sha256((site / name).read_bytes()) != digest
    ]


def site_files(site: Path) -> dict[str, bytes]:
    """All files that the build made, and the list of them, by path: what a copy of the site needs.

    Raises:
        SiteError: there is no site, or some of its files are missing or changed.
    """
    bad = damaged(site)
    made = _read_made(site)
    if bad or made is None:
        raise SiteError(f"{site / bad[0]}: missing or changed since the site was made; build the site again")
    return {name: (site / name).read_bytes() for name in [FILES, *made.files]}


def _write(site: Path, files: Mapping[str, bytes], before: _Made | None, made_from: str) -> Report:
    outside = [name for name in files if not _inside(site, name)]
    if outside:
        raise SiteError(f"{site}: a file of the site would lie outside of it: {outside[0]!r}; nothing was written")
    old = before.files if before else {}
    new = {name: sha256(data) for name, data in files.items()}
    # until all is done the list names old and new files, so an interrupted build leaves no file without an owner
    write_atomic(site / FILES, store.to_json(_Made(format=1, made_from="", files={**old, **new})))
    written = 0
    for name in sorted(files, key=lambda name: (name.endswith(".html"), name)):
        path = site / name
        if not (path.is_file() and sha256(path.read_bytes()) == new[name]):
            write_atomic(path, files[name])
            written += 1
    stale = sorted(set(old) - set(new))
    _remove(site, stale)
    write_atomic(site / FILES, store.to_json(_Made(format=1, made_from=made_from, files=new)))
    return _report(site, new, written, len(stale))


def _inside(site: Path, name: str) -> bool:
    return (site / name).resolve().is_relative_to(site.resolve())


def _remove(site: Path, names: Iterable[str]) -> None:
    for name in names:
        path = site / name
        if not _inside(site, name):
            continue
        path.unlink(missing_ok=True)
        folder = path.parent
        while folder != site and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def _report(site: Path, files: Mapping[str, str], written: int, removed: int) -> Report:
    pages = sum(name.endswith(".html") for name in files)
    return Report(pages, written, removed, sum((site / name).stat().st_size for name in files))
