"""Publishing: from the results on disk to a folder of plain files that needs no server.

Assets and data are written first, under names that hold the hash of their content, then the pages that name them,
and stale files go last: at any moment every page on disk finds exactly the scripts, styles and data it was made with.
Downloads and the pictures of settings keep their names from build to build, for others link to them (see
setting_page.py): until a build has ended, or a killed one is made up for, they may be newer than the page beside them.
`files.json` lists what a build made; nothing else in the folder is ever removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import msgspec

from precompute import store
from precompute.files import (
    changed,
    is_leftover,
    is_sealed,
    read_if_there,
    remove_leftovers,
    seal,
    sha256,
    write_atomic,
)
from precompute.intact import Verified, unreadable, verify
from site_templates.assets import load_assets
from site_templates.budget import EMPTY, Budget, budget

FILES = "files.json"
FORMAT = 2
"""Of files.json; 1 had no fingerprint of its own."""
_HERE = Path(__file__).parent
_LIBRARIES = ("altair", "jinja2", "vl-convert-python", "pillow", "numpy", "pandas", "pyarrow")


class SiteError(Exception):
    """The site cannot be written there; the message names the folder, what is wrong and the way out."""


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """files.json: what the site was made from, every file of it with its sha256, the key of each picture
    that was drawn (`drawing.Drawing.key`), and its own fingerprint.
    """

    format: int
    made_from: str
    files: dict[str, str]
    drawn: dict[str, str] = {}
    fingerprint: str = ""

    def encode(self) -> bytes:
        """The file's bytes."""
        return seal(store.to_json(msgspec.structs.replace(self, fingerprint="")))


@dataclass(frozen=True)
class Report:
    """What publishing did.

    Attributes:
        pages: in all. written: files written now. removed: files removed. size: of the site, in bytes.
        repaired: files that were no longer as an earlier build had made them, and were written again.
        budget: the site by kind of file. notes: what a reader will miss in what was made.
    """

    pages: int
    written: int
    removed: int
    size: int
    repaired: Sequence[str] = ()
    budget: Budget = EMPTY
    notes: Sequence[str] = ()


def check_target(site: Path, adopt: bool = False) -> None:
    """Refuse a folder that cannot be the site's own.

    Args:
        site: the folder. adopt: whether it may hold files that no build made; they stay as they are.

    Raises:
        SiteError: it is the root, the home folder, a file, or holds files that no build of this tool made; or the
            list of those that one made is damaged, or of a newer format.
        OSError: the folder cannot be read.
    """
    resolved = site.resolve()
    if resolved in (Path(resolved.anchor), Path.home().resolve()):
        raise SiteError(f"{site}: the site needs a folder of its own, not the root or the home folder; name another")
    if site.is_file():
        raise SiteError(f"{site}: a file stands where the site's folder should be; name another folder with --site")
    own = _read_made(site)
    if own is None and not adopt and site.is_dir() and not all(is_leftover(entry) for entry in site.iterdir()):
        problem = f"the folder holds other files (it has no {FILES})"
        raise SiteError(
            f"{site}: {problem}; name an empty folder with --site, or keep them beside the site with --adopt"
        )


def check_apart(site: Path, results: Path) -> None:
    """Refuse to publish into the results or around them: each would then hold files that the other did not make.

    Raises:
        SiteError: one folder is the other, or lies in it.
    """
    one, other = site.resolve(), results.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        problem = f"the site and the results ({results}) must not lie in one another"
        raise SiteError(f"{site}: {problem}; name another folder")


def publish(
    results: Path,
    site: Path,
    datasets: Sequence[str],
    title: str,
    address: str | None = None,
    jobs: int = 1,
    adopt: bool = False,
) -> Report:
    """Make the site of some studies, or leave it alone if it is already what would be made.

    Args:
        results: folder that holds one folder a data set. site: folder to write. datasets: their ids, in order.
        title: of the gallery. address: public address of the site's root, ending in "/", if known.
        jobs: processes that draw pictures. adopt: see `check_target`.

    Raises:
        StoreError: results are missing or damaged.
        SiteError: see `check_target`; or a file that no build made has a name that the site needs.
    """
    check_target(site, adopt)
    made_from = _inputs(results, datasets, title, address)
    before = _read_made(site)
    remove_leftovers(site)
    if before and before.made_from == made_from and not damaged(site):
        return _report(site, before.files)
    # imported here: a build with nothing to do must not pay for Altair and pandas
    from site_templates import drawing
    from site_templates.pages import render

    assets = load_assets()
    studies = [_read_study(results, name) for name in datasets]
    kept: dict[str, bytes] = {}
    with drawing.Drawer(jobs) as drawer:

        def begin(path: str, one: drawing.Drawing) -> None:
            data = _drawn_before(site, before, path, one.key)
            if data is None:
                drawer.begin(path, one)
            else:
                kept[path] = data

        made = render(studies, assets, title, address, begin)
        drawn = drawer.finish({path: one for path, one in made.drawings.items() if path not in kept})
    keys = {path: one.key for path, one in made.drawings.items()}
    report = _write(site, {**made.files, **kept, **drawn}, before, made_from, keys)
    return replace(report, notes=made.notes)


def _drawn_before(site: Path, before: Made | None, path: str, key: str) -> bytes | None:
    """A picture that the site holds undamaged and that would be drawn the same again; None if there is none."""
    if before and before.drawn.get(path) == key and (site / path).is_file():
        data = (site / path).read_bytes()
        return data if sha256(data) == before.files.get(path) else None
    return None


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


def _read_made(site: Path) -> Made | None:
    """The list of what a build made; None if there is none.

    Raises:
        SiteError: it is damaged or of a newer format, so nobody can say which files are the site's.
        OSError: it cannot be read.
    """
    data = read_if_there(site / FILES)
    if data is None:
        return None
    way_out = "so nobody can tell which files here a build made; empty the folder, or name another with --site"
    try:
        content = msgspec.json.decode(data)
        found = content.get("format") if isinstance(content, dict) else None
        if found not in (1, FORMAT):
            raise SiteError(f"{site / FILES}: format {found!r}; this version reads format {FORMAT}, {way_out}")
        made = msgspec.convert(content, Made)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SiteError(f"{site / FILES}: damaged ({error}), {way_out}") from None
    if made.format == FORMAT and not is_sealed(data):
        raise SiteError(f"{site / FILES}: damaged, its fingerprint is not that of its content, {way_out}")
    return made if made.format == FORMAT else msgspec.structs.replace(made, made_from="")


def damaged(site: Path) -> list[str]:
    """Files of the site that are missing or differ from what was written; ["files.json"] if there is no list."""
    made = _read_made(site)
    if made is None:
        return [FILES]
    return [name for name, digest in made.files.items() if changed(site / name, digest)]


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


def verified(site: Path) -> Verified:
    """Hold every file of the site against its fingerprint; nothing is written."""
    try:
        made = _read_made(site)
    except (SiteError, OSError) as error:
        return Verified(1, [unreadable(site / FILES, error) if isinstance(error, OSError) else str(error)])
    if made is None:
        return Verified(0, [f"{site}: there is no site here"])
    found = verify(site, made.files) + Verified(1, [])
    if not made.made_from:
        found += Verified(0, [f"{site}: the last build did not end; run build.py"])
    return found


def _write(
    site: Path, files: Mapping[str, bytes], before: Made | None, made_from: str, drawn: Mapping[str, str]
) -> Report:
    outside = [name for name in files if not _inside(site, name)]
    if outside:
        raise SiteError(f"{site}: a file of the site would lie outside of it: {outside[0]!r}; nothing was written")
    old = before.files if before else {}
    new = {name: sha256(data) for name, data in files.items()}
    _check_free(site, {name: digest for name, digest in new.items() if name not in old})
    # until all is done the list names old and new files, so an interrupted build leaves no file without an owner
    write_atomic(site / FILES, Made(format=FORMAT, made_from="", files={**old, **new}, drawn=dict(drawn)).encode())
    written, repaired = 0, []
    for name in sorted(files, key=_turn):
        if changed(site / name, new[name]):
            write_atomic(site / name, files[name])
            written += 1
            if before and before.made_from and old.get(name) == new[name]:
                repaired.append(name)
    stale = sorted(set(old) - set(new), key=_turn, reverse=True)
    _remove(site, stale)
    write_atomic(site / FILES, Made(format=FORMAT, made_from=made_from, files=new, drawn=dict(drawn)).encode())
    return _report(site, new, written, len(stale), repaired)


def _check_free(site: Path, new: Mapping[str, str]) -> None:
    """Refuse to write over what no build made: what the site does not list, and is not what would be written.

    Args:
        site: the folder. new: files that the site does not list yet, with their sha256.

    Raises:
        SiteError: names what stands in the way. OSError: it cannot be read.
    """
    for name, digest in new.items():
        path = site / name
        above = next((one for one in path.parents if one.is_relative_to(site) and one.is_file()), None)
        if above or path.is_dir() or changed(path, digest) not in (None, "missing"):
            problem = f"no build made it, and the site needs {'a folder' if above else 'a file'} of that name"
            way_out = "nothing was written: move it elsewhere, or name another folder with --site"
            raise SiteError(f"{above or path}: {problem}; {way_out}")


def _turn(name: str) -> tuple[bool, int, str]:
    """When a file is written: pages after all that they name, deep pages before those that lead to them.

    Stale files go in the opposite order.
    """
    return name.endswith(".html"), -name.count("/"), name


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


def _report(
    site: Path, files: Mapping[str, str], written: int = 0, removed: int = 0, repaired: Sequence[str] = ()
) -> Report:
    pages = sum(name.endswith(".html") for name in files)
    weighed = budget({name: (site / name).stat().st_size for name in files})
    return Report(pages, written, removed, weighed.size, repaired, weighed)
