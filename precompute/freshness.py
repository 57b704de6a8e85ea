"""What of a study is up to date, what has to be made anew, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from precompute import describe, store
from precompute.run import cells, rules
from precompute.run.cells import CellCache, Part
from precompute.run.parts import SOURCE
from precompute.run.plan import EmbeddingPlan, Plan
from precompute.run.study import PlannedStudy


def up_to_date(
    folder: Path, study: PlannedStudy, before: store.Cells | None, described: store.Manifest
) -> store.Manifest | None:
    """The manifest on disk, if it is what a build would write, and all its files are sound."""
    if (
        before is None
        or before.failed
        or {k: c.key for k, c in before.cells.items()} != {k: c.key for k, c in study.plan.cells.items()}
    ):
        return None
    try:
        current = store.read_manifest(folder)
    except store.StoreError:
        return None
    if not set(current.distinct) <= set(study.plan.parts):
        return None
    same = msgspec.structs.replace(
        describe.clipped(described, study, current.distinct),
        files=current.files,
        machine=current.machine,
        versions=current.versions,
        fingerprint=current.fingerprint,
    )
    whole = same == current and set(current.files) >= store.ALWAYS
    return current if whole and not store.damaged(folder, current) else None


def why_anew(folder: Path, described: store.Manifest) -> str:
    """Why tables that are not up to date are written anew."""
    try:
        then = store.read_manifest(folder).rules
    except store.StoreError:
        return "new: no earlier build wrote them, or what it wrote is damaged"
    changed = rules.changed(described.rules, then)
    return f"changed: the rules of {', '.join(changed)}" if changed else "changed: what they are made from"


def damage(folder: Path, wanted: Plan, cache: CellCache) -> list[str]:
    """What is stored but is not as it was written, so that it gets computed or written anew."""
    found = []
    try:
        current = store.read_manifest(folder)
    except store.StoreError as error:
        if (folder / store.MANIFEST).exists():
            what = str(error).removesuffix(" to recompute").removesuffix(" run build.py").rstrip(":;")
            found.append(f"{what}; written anew")
    else:
        found += [
            f"{folder / name}: not what the manifest says (damaged, or the last build did not end); written anew"
            for name in store.damaged(folder, current)
        ]
    for name, key in [(SOURCE, wanted.source.key), *((name, part.cell.key) for name, part in wanted.every.items())]:
        if cache.path(name, key).exists() and cache.read(name, key) is None:
            found.append(f"{cache.path(name, key)}: damaged, or of another version; computed again")
    return found


def missing_cells(part: Part | None, wanted: EmbeddingPlan) -> list[str]:
    """Names of the cells that a part lacks, or has with another key; not those that its points are too few for."""
    if part is None:
        return list(wanted.cells)
    wanted = wanted.up_to(part.distinct)
    keys = {part.key, part.measures_key}
    keys |= {key for one in part.settings.values() for key in (one.clusters_key, one.metrics_key)}
    return [name for name, cell in wanted.cells.items() if cell.key not in keys]


def reasons(wanted: Plan, before: store.Cells | None, computed: Collection[str]) -> dict[str, str]:
    """For every cell, why it was or was not computed."""
    reasons = {}
    for name, cell in wanted.cells.items():
        why = cells.explain(name, cell, before)
        kept = why.startswith("kept")
        if name in computed and kept:
            why = "again: what was stored of it is missing or damaged"
        elif name not in computed and not kept:
            why = "kept: an earlier build computed it"
        reasons[name] = why
    return reasons


def too_many(wanted: Plan, distinct: Mapping[str, Any]) -> dict[str, str]:
    """Cells of the settings that need more points that differ than there are, and what to say of each.

    Args:
        distinct: by slug, how many of an embedding's points differ where that matters.
    """
    found: dict[str, str] = {}
    for slug, count in distinct.items():
        part = wanted.every[slug]
        found |= dict.fromkeys(set(part.cells) - set(part.up_to(count).cells), f"left out: only {count} points differ")
    return found


def clipped(wanted: Plan, distinct: Mapping[str, Any], n: int) -> list[str]:
    """Notes on each value of a clusterer's parameter that was left out, for the features and for all maps."""
    notes = []
    for space, is_map in (("the features", False), ("maps", True)):
        parts = [part for part in wanted.parts.values() if part.is_map == is_map]
        counts = {part.slug: count for part in parts if (count := distinct.get(part.slug)) is not None}
        lost: dict[str, set[float]] = {}
        for slug, count in counts.items():
            part = wanted.parts[slug]
            for name in set(part.settings) - set(part.up_to(count).settings):
                for parameter, value in part.settings[name].parameters.items():
                    lost.setdefault(parameter, set()).add(value)
        for parameter, values in lost.items():
            least, most = min(counts.values()), max(counts.values())
            some = f"{least}" if least == most else f"{least} to {most}"
            where = f"{len(counts)} map{'' if len(counts) == 1 else 's'}" if is_map else space
            listed = ", ".join(store.number_slug(value) for value in sorted(values))
            notes.append(f"{parameter}: {listed} left out in {where}, where only {some} of {n} points differ")
    return notes
