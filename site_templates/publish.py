"""Publishing: from the results on disk to a folder of plain files that needs no server.

Assets and data are written first, under names that hold the hash of their content, then the pages that name them,
and stale files go last: at any moment every page on disk finds exactly the scripts, styles and data it was made with.
Downloads and the pictures of settings keep their names from build to build, for others link to them (see
pages/setting.py): until a build has ended, or a killed one is made up for, they may be newer than the page beside them.
`files.json` lists what a build made; nothing else in the folder is ever removed, and of that no page of a study that a
build was not given: it is published again from its results, or, where nothing changed, left as it lies (`kept`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from precompute import store
from precompute.machine.checksums import Verified, unreadable, verify
from precompute.machine.files import (
    changed,
    is_leftover,
    is_sealed,
    read_if_there,
    remove_leftovers,
    seal,
    sha256,
)
from precompute.machine.owned_folder import OwnedFolder
from precompute.store import shuffles
from site_templates.output.assets import load_assets
from site_templates.output.budget import EMPTY, Budget, budget

FILES = "files.json"
FORMAT = 3
"""Of files.json; 1 had no fingerprint of its own, 2 did not name the studies."""
TITLE = "Clusterfolio"
"""Of a gallery that was given none."""
_CODE = (Path(__file__).parent, Path(store.__file__).parents[1])
"""What decides a page: this package, and all of the other one, whose tables, texts and names it uses."""
_EXPLORER = re.compile("[^/]+/index.html")
"""By which older lists tell a study's folder."""
_LIBRARIES = ("altair", "coloraide", "jinja2", "vl-convert-python", "pillow", "numpy", "pandas", "pyarrow")


class SiteError(Exception):
    """The site cannot be written there; the message names the folder, what is wrong and the way out."""


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """files.json: what the site was made from, every file of it with its sha256, the key of each picture
    that was drawn (`queue.Drawing.key`), and its own fingerprint.

    `studies` are the ids of the gallery's studies in their order, each with a digest of all that its pages are made
    from; empty while a build writes them. `title` is the gallery's.
    """

    format: int
    made_from: str
    files: dict[str, str]
    drawn: dict[str, str] = {}
    studies: list[tuple[str, str]] = []
    title: str = ""
    fingerprint: str = ""

    def encode(self) -> bytes:
        """The file's bytes."""
        return seal(store.to_json(msgspec.structs.replace(self, fingerprint="")))


@dataclass(frozen=True)
class Report:
    """What publishing did.

    Attributes:
        pages: in all.
        written: files written now.
        removed: files removed.
        size: of the site, in bytes.
        repaired: files that were no longer as an earlier build had made them, and were written again.
        budget: the site by kind of file.
        notes: what a reader will miss in what was made.
        kept: studies that were not given and stay; without their shuffled baselines.
        dropped: studies whose pages were removed.
    """

    pages: int
    written: int
    removed: int
    size: int
    repaired: Sequence[str] = ()
    budget: Budget = EMPTY
    notes: Sequence[str] = ()
    kept: Sequence[str] = ()
    dropped: Sequence[str] = ()


def check_target(site: Path, adopt: bool = False) -> None:
    """Refuse a folder that cannot be the site's own.

    Args:
        site: the folder.
        adopt: whether it may hold files that no build made; they stay as they are.

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


def kept(site: Path, results: Path, given: Collection[str], whole: bool = True) -> list[str]:
    """Studies that stand in the site and stay there when others are published: ids in the site's order.

    A shuffled baseline belongs to its study: where that is given, the copy is not kept for itself.

    Args:
        site: the site's folder.
        results: where their tables must be.
        given: ids of the studies to publish.
        whole: whether to look at their tables, too; without it only at what the manifests say, which holds even while
            another build is at work.

    Raises:
        SiteError: results of such a study are missing, damaged, or cannot be read, so its pages could not stay; names
            each. Or see `check_target`.
        OSError: the site's list cannot be read.
    """
    made = _read_made(site)
    found, gone = [], []
    manifests: dict[str, store.Manifest] = {}
    for name in [name for name, _ in made.studies if name not in given] if made else []:
        try:
            manifest = _manifest(results, name)
            bad = store.damaged(results / name, manifest) if whole else []
        except (store.StoreError, OSError) as error:
            if name not in {store.null_id(one) for one in given}:
                path = results / name / store.MANIFEST
                fault = unreadable(results / name, error) if isinstance(error, OSError) else error
                gone.append(f"{name} ({fault if path.exists() else f'{path}: missing'})")
            continue
        if manifest.dataset.null_of in given:
            continue
        found.append(name)
        manifests[name] = manifest
        if bad:
            gone.append(f"{name} ({results / name / bad[0]}: missing or damaged; run build.py to recompute it)")
    gone += [f"{name} ({problem})" for name, problem in _misfits(manifests).items()]
    if gone:
        raise SiteError(
            f"{site}: pages of studies that were not given stand there, and without their results they cannot stay: "
            f"{', '.join(gone)}; name their results with --results, build them too, or have their pages removed with "
            "--replace"
        )
    return found


def publish(
    results: Path,
    site: Path,
    datasets: Sequence[str],
    title: str | None = None,
    address: str | None = None,
    jobs: int = 1,
    adopt: bool = False,
    alone: bool = False,
    space: bool = False,
) -> Report:
    """Make the site of some studies and of those that stand in it, or leave it alone if it already is that.

    Who stands in the site keeps the place; of those given, the first comes where the first of them stood, and so on,
    and the others at the end.

    Args:
        results: folder that holds one folder a data set.
        site: folder to write.
        datasets: ids of those given, in order.
        title: of the gallery; None: the one it has as long as studies are kept, else `TITLE`.
        address: public address of the site's root, ending in "/", if known.
        jobs: processes that draw pictures.
        adopt: see `check_target`.
        alone: whether the site is to hold the studies given and no other.
        space: whether it is to be a Space of Hugging Face, which has a README.md.

    Raises:
        StoreError: results are missing or damaged.
        SiteError: see `check_target` and `kept`; or a file that no build made has a name that the site needs.
    """
    check_target(site, adopt)
    before = _read_made(site)
    others = [] if alone else kept(site, results, datasets)
    if before and others:
        datasets = _arranged([name for name, _ in before.studies], datasets, others)
        title = (before.title or TITLE) if title is None else title
    title = TITLE if title is None else title
    manifests = {name: _manifest(results, name) for name in datasets}
    misfits = _misfits(manifests)
    unfit = [
        f"{name}: {problem}; left out: build {manifests[name].dataset.null_of} again"
        for name, problem in misfits.items()
    ]
    datasets = [name for name in datasets if name not in misfits]
    manifests = {name: manifests[name] for name in datasets}
    copies = {name for name, manifest in manifests.items() if manifest.dataset.null_of in datasets}
    named = [name for name in others if name in manifests and name not in copies]
    inputs = _inputs(address)
    fingerprints = {name: manifest.fingerprint for name, manifest in manifests.items()}
    made_from = _digest([inputs, list(fingerprints.items()), title, space])
    remove_leftovers(site)
    bad = set(damaged(site))
    if before and before.made_from == made_from and not bad:
        return _report(site, before.files, notes=unfit, kept=named)
    # imported here: a build with nothing to do must not pay for Altair and pandas
    from site_templates.images import queue
    from site_templates.pages.render import related, render

    assets = load_assets()
    studies = [store.read(results / name) for name in datasets]
    keys = {
        name: _digest([inputs, name, [(one, fingerprints[one]) for one in near]])
        for name, near in related(studies).items()
    }
    standing = _standing(before, bad, keys) if before else {}
    held: dict[str, bytes] = {}
    with queue.Drawer(jobs) as drawer:

        def begin(path: str, one: queue.Drawing) -> None:
            data = _drawn_before(site, before, path, one.key)
            if data is None:
                drawer.begin(path, one)
            else:
                held[path] = data

        made = render(studies, assets, title, address, begin, standing, space)
        drawn = drawer.finish({path: one for path, one in made.drawings.items() if path not in held})
    files = {**made.files, **held, **drawn}
    left = {path for one in standing.values() for path in one} - set(files)
    whole = Made(
        format=FORMAT,
        made_from=made_from,
        files={path: before.files[path] for path in left} if before else {},
        drawn={path: key for path, key in before.drawn.items() if path in left} if before else {},
        studies=list(keys.items()),
        title=title,
    )
    whole.files.update((path, sha256(data)) for path, data in files.items())
    whole.drawn.update((path, one.key) for path, one in made.drawings.items())
    written, removed, repaired = _write(site, files, before, whole, standing)
    dropped = [name for name, _ in before.studies if name not in datasets] if before else []
    return _report(site, whole.files, written, removed, repaired, [*unfit, *made.notes], named, dropped)


def _arranged(before: Sequence[str], given: Sequence[str], others: Collection[str]) -> list[str]:
    """The order of the gallery: see `publish`."""
    left = iter(given)
    places = [name if name in others else next(left) for name in before if name in others or name in given]
    return [*places, *left]


def _standing(before: Made, bad: set[str], keys: Mapping[str, str]) -> dict[str, list[str]]:
    """By study, the files in its folder, where each is as it was written and would be made the same again."""
    found = {}
    for name, key in before.studies:
        files = [path for path in before.files if path.startswith(f"{name}/")]
        if key and keys.get(name) == key and not bad.intersection(files):
            found[name] = files
    return found


def _misfits(manifests: Mapping[str, store.Manifest]) -> dict[str, str]:
    """Shuffled baselines of other data than those that stand beside them now, by id, and what is wrong with each."""
    pairs = {name: (manifests.get(copy.dataset.null_of or ""), copy) for name, copy in manifests.items()}
    problems = {name: shuffles.misfit(study, copy) for name, (study, copy) in pairs.items() if study}
    return {name: problem for name, problem in problems.items() if problem}


def _drawn_before(site: Path, before: Made | None, path: str, key: str) -> bytes | None:
    """A picture that the site holds undamaged and that would be drawn the same again; None if there is none."""
    if before and before.drawn.get(path) == key and (site / path).is_file():
        data = (site / path).read_bytes()
        return data if sha256(data) == before.files.get(path) else None
    return None


def _manifest(results: Path, name: str) -> store.Manifest:
    manifest = store.read_manifest(results / name)
    if manifest.dataset.id != name:
        path, found = results / name / store.MANIFEST, manifest.dataset.id
        raise store.StoreError(
            f"{path}: the data set's id is {found!r}, its folder's {name!r}; run build.py to recompute"
        )
    return manifest


def _inputs(address: str | None) -> str:
    """Hash of everything that any page is made from, whatever its study: this tool, the libraries, the address."""
    sources = {
        f"{folder.name}/{path.relative_to(folder).as_posix()}": sha256(path.read_bytes())
        for folder in _CODE
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts  # Python's, and numba's compiled kernels
    }
    return _digest([sources, {name: version(name) for name in ("clusterfolio", *_LIBRARIES)}, address])


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode())


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
        if found not in range(1, FORMAT + 1):
            raise SiteError(f"{site / FILES}: format {found!r}; this version reads format {FORMAT}, {way_out}")
        made = msgspec.convert(content, Made)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SiteError(f"{site / FILES}: damaged ({error}), {way_out}") from None
    if made.format > 1 and not is_sealed(data):
        raise SiteError(f"{site / FILES}: damaged, its fingerprint is not that of its content, {way_out}")
    if made.format == FORMAT:
        return made
    folders = sorted(PurePosixPath(name).parts[0] for name in made.files if _EXPLORER.fullmatch(name))
    return msgspec.structs.replace(made, made_from="", studies=[(name, "") for name in folders])


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
    site: Path, files: Mapping[str, bytes], before: Made | None, whole: Made, standing: Collection[str]
) -> tuple[int, int, list[str]]:
    """Write a site: how many files were written and removed, and which of them had been damaged.

    Args:
        site: the folder.
        files: to write, by path.
        before, whole: the lists of what stands there and of what will.
        standing: studies whose files are there already.
    """
    old, new = before.files if before else {}, whole.files
    owned = OwnedFolder(site, old, _turn)
    outside = owned.outside(files)
    if outside:
        raise SiteError(f"{site}: a file of the site would lie outside of it: {outside[0]!r}; nothing was written")
    for path in owned.strangers(new, new.get):
        kind = "file" if path.relative_to(site).as_posix() in new else "folder"
        problem = f"no build made it, and the site needs a {kind} of that name"
        way_out = "nothing was written: move it elsewhere, or name another folder with --site"
        raise SiteError(f"{path}: {problem}; {way_out}")
    # until all is done the list names old and new files, so an interrupted build leaves no file without an owner
    unfinished = [(name, key if name in standing else "") for name, key in whole.studies]
    parting = msgspec.structs.replace(whole, made_from="", files={**old, **new}, studies=unfinished)
    owned.record(site / FILES, parting.encode())
    written = owned.put((name, files[name]) for name in sorted(files, key=_turn))
    repaired = [name for name in written if before and before.made_from and old.get(name) == new[name]]
    stale = owned.remove(set(old) - set(new))
    owned.record(site / FILES, whole.encode())
    return len(written), len(stale), repaired


def _turn(name: str) -> tuple[bool, int, str]:
    """When a file is written: pages after all that they name, deep pages before those that lead to them.

    Stale files go in the opposite order.
    """
    return name.endswith(".html"), -name.count("/"), name


def _report(
    site: Path,
    files: Mapping[str, str],
    written: int = 0,
    removed: int = 0,
    repaired: Sequence[str] = (),
    notes: Sequence[str] = (),
    kept: Sequence[str] = (),
    dropped: Sequence[str] = (),
) -> Report:
    pages = sum(name.endswith(".html") for name in files)
    weighed = budget({name: (site / name).stat().st_size for name in files})
    return Report(pages, written, removed, weighed.size, repaired, weighed, notes, kept, dropped)
