"""Verifying: every stored file of the results read again and held against its fingerprint; nothing is computed."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from precompute import describe, store
from precompute.machine.checksums import Verified, unreadable, verify
from precompute.machine.files import read_if_there
from precompute.order import natural
from precompute.run import cells, rules
from precompute.store import shuffles


def results(folder: Path) -> Verified:
    """Verify all data sets of a results folder, and the cells kept for them.

    Raises:
        OSError: the folder itself cannot be listed; a file in it that cannot be read is a problem found.
    """
    entries = sorted(folder.iterdir(), key=lambda each: natural(each.name)) if folder.is_dir() else []
    found = Verified(0, [])
    studies = [entry for entry in entries if not entry.name.startswith(".") and _is_study(entry)]
    for entry in studies:
        found += _study(entry)
    found += Verified(0, _misfits(studies))
    for part in sorted((folder / cells.CACHE_FOLDER).glob("*/*.part")):
        found += _part(part)
    if not studies:
        found += Verified(0, [f"{folder}: there are no results here"])
    return found


def _is_study(folder: Path) -> bool:
    return folder.is_dir() and (
        any((folder / name).exists() for name in (store.MANIFEST, store.CELLS)) or any(folder.glob("*.parquet"))
    )


def older_rules(manifest: store.Manifest) -> str | None:
    """What is to be said where a study's tables follow other rules than this version's; None where they do not."""
    older = rules.changed(describe.table_rules(), manifest.rules)
    wrong = f"its tables follow other rules than this version's ({', '.join(older)})"
    return f"{wrong}; build {manifest.dataset.id} again, which computes only what they change" if older else None


def _study(folder: Path) -> Verified:
    try:
        manifest = store.read_manifest(folder)
    except store.StoreError as error:
        return Verified(1, [str(error)])
    except OSError as error:
        return Verified(1, [unreadable(folder / store.MANIFEST, error)])
    older = older_rules(manifest)
    problems = [f"{folder}: {older}"] if older else []
    return Verified(1, problems) + verify(folder, {name: info.sha256 for name, info in manifest.files.items()})


def _misfits(studies: Sequence[Path]) -> list[str]:
    """Shuffled copies that are not of what stands beside them."""
    manifests = {}
    for entry in studies:
        with contextlib.suppress(store.StoreError, OSError):  # named already
            manifests[entry.name] = store.read_manifest(entry)
    found = []
    for name, copy in manifests.items():
        study = manifests.get(copy.dataset.null_of or "")
        problem = shuffles.misfit(study, copy) if study else None
        if study and problem:
            way_out = f"build {study.dataset.id} again with --robustness, or remove the folder"
            found.append(f"{name}: {problem}; no page shows it: {way_out}")
    return found


def _part(path: Path) -> Verified:
    try:
        data = read_if_there(path)
    except OSError as error:
        return Verified(1, [unreadable(path, error)])
    part = cells.unpack(data) if data else None
    if data and cells.is_earlier(data):
        return Verified(1, [])  # of no use, and no damage
    if part is not None and path.stem.endswith(f"-{part.key[:16]}"):
        return Verified(1, [])
    wrong = "holds another part's content" if part else "damaged, or of another version" if data else "empty"
    return Verified(1, [f"{path}: {wrong}; delete it, a build computes it again where it is needed"])
