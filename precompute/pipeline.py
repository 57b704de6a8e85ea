"""The pipeline: has the missing cells of a study computed in parallel, and writes its tables.

With `plan` it is the one place that knows the order of the stages. The heavy libraries are imported by the stages
where they run, so that a build with nothing to do starts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from precompute import describe, freshness, store, tables
from precompute.clusterers import registry as clusterers_registry
from precompute.run import cells, dispatch, environment, preparation, workers
from precompute.run.cells import CellCache, Part
from precompute.run.dispatch import Machine
from precompute.run.parts import SOURCE, Task, peak_bytes
from precompute.run.plan import CLUSTERS, METRICS, SOURCE_CELL
from precompute.run.study import PlannedStudy
from precompute.store import Failure


@dataclass(frozen=True)
class Progress:
    """How far the computation is: `done` of `total` tasks, the last of which was `name`."""

    done: int
    total: int
    name: str


@dataclass(frozen=True)
class Outcome:
    """What a computation did.

    Attributes:
        manifest: of the study as it is now on disk.
        reasons: for every cell, why it was or was not computed.
        computed: number of cells computed now.
        failed: cells that could not be computed.
        notes: what a person should know.
        tables: why the tables were or were not written anew.
    """

    manifest: store.Manifest
    reasons: Mapping[str, str]
    computed: int
    failed: Sequence[Failure]
    notes: Sequence[str] = ()
    tables: str = ""


def check_free(study: PlannedStudy, results: Path) -> None:
    """Refuse a study before it is computed if the file of a stranger stands where one of its own is to be written.

    Where nothing is to be computed, what stands there may still be found to be what would be written (`store.write`).

    Raises:
        StoreError: names the file.
        OSError: a list of a build cannot be read.
    """
    plan, folder = study.plan, results / study.config.id
    if not folder.is_dir():
        return
    strangers = store.in_the_way(folder, {f"{name}.parquet" for name in tables.names(plan)})
    if not strangers:
        return
    cache = CellCache(results / cells.CACHE_FOLDER / study.config.id)
    computed = all(
        not freshness.missing_cells(cache.read(name, part.cell.key), part) for name, part in plan.every.items()
    )
    if not computed or cache.read(SOURCE, plan.source.key) is None:
        raise store.not_free(strangers[0])


def compute(
    study: PlannedStudy,
    results: Path,
    machine: Machine,
    report: Callable[[Progress], None] = lambda _: None,
) -> Outcome:
    """Compute what is missing of a study and write its tables.

    Args:
        study: what to compute.
        results: folder that holds one folder a data set.
        machine: where to compute it.
        report: called as each task ends.

    Returns:
        The outcome; cells that failed are missing in the study, and named with their reasons.

    Raises:
        ClusterError: the scheduler's workers cannot be used; nothing has been computed.
        StoreError: a text of the study cannot be stored; nothing has been computed.
        SourceFailed: features and neighbours could not be computed; what an earlier build wrote stays.
        OSError: a fault of the machine, such as a full disk; what was finished is kept.
    """
    data, plan, folder = study.data, study.plan, results / study.config.id
    notes = list(study.notes)
    before = store.read_cells(folder)
    described = describe.describe(study)
    store.check_texts(described)
    current = freshness.up_to_date(folder, study, before, described)
    if current is not None:
        store.remove_stale(folder, current.files)  # left by a build that was killed as it ended
        notes += freshness.clipped(plan, current.distinct, data.n)
        reasons = freshness.reasons(plan, before, ()) | freshness.too_many(plan, current.distinct)
        return Outcome(current, reasons, 0, (), notes, "kept: made from the same, by the same rules")

    anew = freshness.why_anew(folder, described)
    cache = CellCache(results / cells.CACHE_FOLDER / study.config.id)
    notes += freshness.damage(folder, plan, cache)
    kept = {name: cache.read(name, part.cell.key) for name, part in plan.every.items()}
    missing = {name: freshness.missing_cells(kept[name], part) for name, part in plan.every.items()}
    pending = [name for name, lacking in missing.items() if lacking]
    unprepared = cache.read(SOURCE, plan.source.key) is None
    parts, failed = _computed(study, cache, kept, pending, unprepared, machine, report, notes)
    lost = {failure.cell for failure in failed}
    manifest = _write(folder, study, cache, parts, failed, described)
    distinct = {name: part.distinct for name, part in parts.items()}
    too_many = freshness.too_many(plan, distinct)
    notes += freshness.clipped(plan, distinct, data.n)
    tried = [cell for name in pending for cell in missing[name]] + [SOURCE_CELL] * unprepared
    undone = {*too_many, *(name for cell in lost for name in _both(cell))}
    done = [cell for name in pending if name not in lost for cell in missing[name] if cell not in undone]
    reasons = freshness.reasons(plan, before, tried) | too_many
    return Outcome(manifest, reasons, len(done) + unprepared, failed, notes, anew)


def _computed(
    study: PlannedStudy,
    cache: CellCache,
    kept: Mapping[str, Part | None],
    pending: Sequence[str],
    unprepared: bool,
    machine: Machine,
    report: Callable[[Progress], None],
    notes: list[str],
) -> tuple[dict[str, Part], list[Failure]]:
    """All parts of a study: those that are kept, and those that are computed now, each written as it ends."""
    data, config, plan = study.data, study.config, study.plan
    found, failed = dict(kept), []
    each = peak_bytes(data.n, data.values.shape[1], plan.neighbor_count)
    each += max((clusterers_registry.CLUSTERERS[name].memory(data.n) for name in config.computed(data.n)), default=0)
    with (
        dispatch.connected(machine.scheduler, pending) as client,
        nullcontext(machine.pool) if machine.pool else workers.WorkerPool() as pool,
    ):
        machine = replace(machine, pool=pool)
        compiles = unprepared and machine.jobs > 1 and client is None
        if unprepared:
            preparation.have_prepared(study, cache, machine, compiles)
        tasks = {
            name: Task(
                cache.folder,
                plan.source.key,
                plan.every[name],
                config.starts,
                config.seed,
                data.labels,
                len(data.label_names),
            )
            for name in pending
        }
        ending = dispatch.run(tasks, found, cache, machine, each, client, notes, compiles)
        # closed whatever happens here: workers must not outlive the locks on the folders
        with closing(ending):
            for done, (name, result) in enumerate(ending, start=1):
                if isinstance(result, workers.TaskFailure):
                    failed.append(describe.failure(plan.every[name], result.reason))
                else:
                    cache.write(name, result)
                    found[name] = result
                report(Progress(done, len(tasks), name))
    lost = {failure.cell for failure in failed}
    parts = {name: part for name, part in found.items() if part is not None and name not in lost}
    for name, part in parts.items():
        settings = plan.every[name].settings
        failed += [
            Failure(cell=f"{CLUSTERS}{settings[key].slug}", reason=reason)
            for key, reason in part.failed.items()
            if key in settings and key not in part.settings
        ]
    failed.sort(key=lambda failure: failure.cell)
    return parts, failed


def _both(cell: str) -> tuple[str, str]:
    """The cells of a setting that could not be clustered: that of its clusters, and that of their measures."""
    return cell, f"{METRICS}{cell.removeprefix(CLUSTERS)}"


def _write(
    folder: Path,
    study: PlannedStudy,
    cache: CellCache,
    parts: Mapping[str, Part],
    failed: Sequence[Failure],
    described: store.Manifest,
) -> store.Manifest:
    """Assemble the tables from the parts, and write them with the manifest and the record of cells."""
    plan = study.plan
    source = cache.read(SOURCE, plan.source.key)
    if source is None:
        raise store.StoreError(f"{cache.folder}: the features vanished from the cache while building; build again")
    arrays = {name: array.unpack() for name, array in source.arrays.items()}
    known = [(planned, parts[planned.slug]) for planned in plan.ordered if planned.slug in parts]
    ordered = [(planned.up_to(part.distinct).having(part.settings), part) for planned, part in known]
    few = {one.slug: part.distinct for one, part in known if part.distinct and part.distinct < one.most}
    described = describe.clipped(described, study, few)
    lost = {failure.cell for failure in failed}
    manifest = msgspec.structs.replace(
        described,
        failed=[*described.failed, *failed],
        machine=environment.machine(),
        versions=environment.libraries(),
        embeddings=[info for info in described.embeddings if info.slug not in lost],
        settings=[
            info for info in described.settings if info.part not in lost and f"{CLUSTERS}{info.slug}" not in lost
        ],
    )
    missing = {name for cell in lost for name in (plan.every[cell].cells if cell in plan.every else _both(cell))}
    ledger = store.Cells(
        format=store.FORMAT,
        failed=list(failed),
        cells={name: cell for name, cell in plan.cells.items() if name not in missing},
    )
    restarts = [
        (planned.up_to(parts[slug].distinct).having(parts[slug].settings), parts[slug])
        for slug, planned in plan.restarts.items()
        if slug in parts
    ]
    return store.write(folder, manifest, tables.assemble(study.data, arrays, ordered, described, restarts), ledger)
