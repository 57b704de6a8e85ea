"""The pipeline: has the missing cells of a study computed in parallel, and writes its tables.

With `plan` it is the one place that knows the order of the stages. The heavy libraries are imported by the stages
where they run, so that a build with nothing to do starts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from precompute import describe, features, neighbors, store, tables
from precompute.config import StudyConfig
from precompute.dataset import Dataset
from precompute.machine import files
from precompute.maps import tsne
from precompute.run import cells, dispatch, environment, rules, workers
from precompute.run.cells import Array, CellCache, Part
from precompute.run.parts import SOURCE, Task, peak_bytes
from precompute.run.plan import FEATURES, SOURCE_CELL, EmbeddingPlan, Plan, plan
from precompute.store import Failure


class UnpreparedError(Exception):
    """Features and neighbours of a study could not be computed, so none of its cells can be; says why."""


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


def _missing_cells(part: Part | None, wanted: EmbeddingPlan) -> list[str]:
    """Names of the cells that a part lacks, or has with another key; not those that its points are too few for."""
    if part is None:
        return list(wanted.cells)
    wanted = wanted.up_to(part.distinct)
    keys = {part.key, part.measures_key}
    keys |= {key for one in part.settings.values() for key in (one.clusters_key, one.metrics_key)}
    return [name for name, cell in wanted.cells.items() if cell.key not in keys]


# -------------------------------------------------------------------------------------------------------- compute


def check_free(data: Dataset, config: StudyConfig, results: Path) -> None:
    """Refuse a study before it is computed if the file of a stranger stands where one of its own is to be written.

    Where nothing is to be computed, what stands there may still be found to be what would be written (`store.write`).

    Raises:
        ConfigError: the grid does not fit the data. StoreError: names the file.
        OSError: a list of a build cannot be read.
    """
    folder = results / config.id
    if not folder.is_dir():
        return
    wanted = plan(data, config, config.fitted(data)[0])
    found = store.in_the_way(folder, {f"{name}.parquet" for name in tables.names(wanted)})
    if not found:
        return
    cache = CellCache(results / cells.CACHE_FOLDER / config.id)
    kept = {name: cache.read(name, part.cell.key) for name, part in wanted.every.items()}
    computed = all(not _missing_cells(kept[name], part) for name, part in wanted.every.items())
    if not computed or cache.read(SOURCE, wanted.source.key) is None:
        raise store.not_free(folder, found[0])


def compute(
    data: Dataset,
    config: StudyConfig,
    results: Path,
    jobs: int,
    report: Callable[[Progress], None] = lambda _: None,
    scheduler: str | None = None,
    limit: float | None = None,
    crew: workers.Crew | None = None,
) -> Outcome:
    """Compute what is missing of a study and write its tables.

    Args:
        data: the samples. config: what to compute. results: folder that holds one folder a data set.
        jobs: processes at once on this machine. report: called as each task ends.
        scheduler: address of a dask scheduler whose workers compute the cells; None: this machine does.
        limit: seconds that an embedding with its clusterings, or features and neighbours, may take on this machine; see
            `workers.run`.
        crew: this machine's workers, to use and to leave for the next study; None: some for this one.

    Returns:
        The outcome; cells that failed are holes in the study, named with their reasons.

    Raises:
        ConfigError: the grid does not fit the data; nothing has been computed.
        ClusterError: the scheduler's workers cannot be used; nothing has been computed.
        StoreError: a text of the study cannot be stored; nothing has been computed.
        UnpreparedError: features and neighbours could not be computed; what an earlier build wrote stays.
        OSError: a fault of the machine, such as a full disk; what was finished is kept.
    """
    grid, notes = config.fitted(data)
    wanted = plan(data, config, grid)
    folder = results / config.id
    before = store.read_cells(folder)
    described = describe.describe(data, config, grid, wanted)
    store.check_texts(described)
    current = _up_to_date(folder, wanted, before, described)
    if current is not None:
        store.remove_stale(folder, current.files)  # left by a build that was killed as it ended
        notes += _clipped(wanted, current.distinct, data.n)
        same = "kept: made from the same, by the same rules"
        reasons = _reasons(wanted, before, ()) | _too_many(wanted, current.distinct)
        return Outcome(current, reasons, 0, (), notes, same)

    anew = _why_anew(folder, described)
    cache = CellCache(results / cells.CACHE_FOLDER / config.id)
    notes += _damage(folder, wanted, cache)
    found = {name: cache.read(name, part.cell.key) for name, part in wanted.every.items()}
    missing = {name: _missing_cells(found[name], part) for name, part in wanted.every.items()}
    pending = [name for name, lacking in missing.items() if lacking]
    unprepared = cache.read(SOURCE, wanted.source.key) is None
    failed = []
    each = peak_bytes(data.n, data.values.shape[1], wanted.neighbor_count)
    with (
        dispatch.connected(scheduler, pending) as client,
        nullcontext(crew) if crew else workers.Crew() as own,
    ):
        compiles = unprepared and jobs > 1 and client is None
        if unprepared:
            _prepare(data, config, wanted, cache, jobs if compiles else 1, limit, own)
        tasks = {
            name: Task(
                cache.folder,
                wanted.source.key,
                wanted.every[name],
                config.starts,
                config.seed,
                data.labels,
                len(data.label_names),
            )
            for name in pending
        }
        ending = dispatch.run(tasks, found, cache, jobs, each, client, notes, limit, own, compiles)
        # closed whatever happens here: workers must not outlive the locks on the folders
        with closing(ending):
            for done, (name, result) in enumerate(ending, start=1):
                if isinstance(result, workers.TaskFailure):
                    failed.append(Failure(cell=name, reason=result.reason))
                else:
                    cache.write(name, result)
                    found[name] = result
                report(Progress(done, len(tasks), name))
    failed.sort(key=lambda failure: failure.cell)
    lost = {failure.cell for failure in failed}
    parts = {name: part for name, part in found.items() if part is not None and name not in lost}
    manifest = _write(folder, data, wanted, cache, parts, failed, described)
    apart = {name: part.distinct for name, part in parts.items()}
    too_many = _too_many(wanted, apart)
    notes += _clipped(wanted, apart, data.n)
    done_now = [cell for name in pending if name not in lost for cell in missing[name] if cell not in too_many]
    done_now += [SOURCE_CELL] * unprepared
    tried = [cell for name in pending for cell in missing[name]] + [SOURCE_CELL] * unprepared
    return Outcome(manifest, _reasons(wanted, before, tried) | too_many, len(done_now), failed, notes, anew)


def _reasons(wanted: Plan, before: store.Cells | None, computed: Collection[str]) -> dict[str, str]:
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


def _too_many(wanted: Plan, distinct: Mapping[str, Any]) -> dict[str, str]:
    """Cells of a k that is more than the points of its space that differ, and what to say of each.

    Args:
        distinct: by slug, how many of an embedding's points differ where that matters.
    """
    found: dict[str, str] = {}
    for slug, count in distinct.items():
        part = wanted.every[slug]
        found |= dict.fromkeys(set(part.cells) - set(part.up_to(count).cells), f"left out: only {count} points differ")
    return found


def _clipped(wanted: Plan, distinct: Mapping[str, Any], n: int) -> list[str]:
    """Notes on each k that was left out, one for the features and one for all maps."""
    notes = []
    for space, among in (("the features", [FEATURES]), ("maps", [slug for slug in wanted.parts if slug != FEATURES])):
        counts = {slug: count for slug in among if (count := distinct.get(slug)) is not None}
        lost = sorted({k for slug, count in counts.items() for k in wanted.parts[slug].ks if k > count})
        if lost:
            least, most = min(counts.values()), max(counts.values())
            some = f"{least}" if least == most else f"{least} to {most}"
            where = space if space == "the features" else f"{len(counts)} map{'' if len(counts) == 1 else 's'}"
            listed = ", ".join(map(str, lost))
            notes.append(f"k: {listed} left out in {where}, where only {some} of {n} points differ")
    return notes


def _why_anew(folder: Path, described: store.Manifest) -> str:
    """Why tables that are not up to date are written anew."""
    try:
        then = store.read_manifest(folder).rules
    except store.StoreError:
        return "new: no earlier build wrote them, or what it wrote is damaged"
    changed = rules.changed(described.rules, then)
    return f"changed: the rules of {', '.join(changed)}" if changed else "changed: what they are made from"


@dataclass(frozen=True)
class Preparation:
    """What a worker needs to know to compute features and neighbours.

    Attributes:
        values: file of the samples, (n, d) float32. folder: of the cache. key: of the part.
        variance: share to keep. neighbor_count: of each sample.
    """

    values: Path
    folder: Path
    key: str
    variance: float
    neighbor_count: int


def _prepare(
    data: Dataset,
    config: StudyConfig,
    wanted: Plan,
    cache: CellCache,
    jobs: int,
    limit: float | None,
    crew: workers.Crew,
) -> None:
    """Have a worker compute features and neighbours into the cache, as a cell: its death is not the build's.

    If there is a second worker, it compiles the kernels meanwhile, which all cells need next.

    Raises:
        UnpreparedError: it could not. OSError: a fault of the machine.
    """
    # as a file: what travels to a worker is copied twice, and a worker killed while it receives stops its pool's end
    with files.scratch(cache.folder, "values.npy", lambda file: np.save(file, data.values)) as path:
        task = Preparation(path, cache.folder, wanted.source.key, config.variance, wanted.neighbor_count)
        tasks: dict[str, Callable[[], None]] = {SOURCE: partial(prepare, task)}
        if jobs > 1:
            tasks[dispatch.KERNELS] = tsne.compile_kernels
        try:
            with closing(workers.run(workers.call, tasks, jobs, limit, crew)) as found:
                result = dict(found)[SOURCE]
        finally:
            files.remove_leftovers_of(cache.path(SOURCE, wanted.source.key))
    if isinstance(result, workers.TaskFailure):
        raise UnpreparedError(result.reason)


def prepare(task: Preparation) -> None:
    """Compute features and neighbours and write them into the cache."""
    values = np.asarray(np.load(task.values, mmap_mode="r"))
    found = features.principal_components(values, task.variance)
    near = neighbors.nearest(found.scores, task.neighbor_count)
    arrays: dict[str, NDArray[Any]] = {
        "scores": found.scores,
        "ratio": found.ratio,
        "indices": near.indices,
        "distances": near.distances,
    }
    part = Part(task.key, {name: Array.of(array) for name, array in arrays.items()})
    CellCache(task.folder).write(SOURCE, part)


def _up_to_date(
    folder: Path, wanted: Plan, before: store.Cells | None, described: store.Manifest
) -> store.Manifest | None:
    """The manifest on disk, if it is what a build would write, and all its files are sound."""
    if (
        before is None
        or before.failed
        or {k: c.key for k, c in before.cells.items()} != {k: c.key for k, c in wanted.cells.items()}
    ):
        return None
    try:
        current = store.read_manifest(folder)
    except store.StoreError:
        return None
    same = msgspec.structs.replace(
        describe.clipped(described, current.distinct),
        files=current.files,
        machine=current.machine,
        versions=current.versions,
        fingerprint=current.fingerprint,
    )
    whole = same == current and set(current.files) >= store.ALWAYS
    return current if whole and not store.damaged(folder, current) else None


def _damage(folder: Path, wanted: Plan, cache: CellCache) -> list[str]:
    """What is stored but is not as it was written, so that it gets computed or written anew."""
    found = []
    try:
        current = store.read_manifest(folder)
    except store.StoreError as error:
        if (folder / store.MANIFEST).exists():
            found.append(f"{str(error).rsplit(';', 1)[0]}; written anew")
    else:
        found += [
            f"{folder / name}: not what the manifest says (damaged, or the last build did not end); written anew"
            for name in store.damaged(folder, current)
        ]
    for name, key in [(SOURCE, wanted.source.key), *((name, part.cell.key) for name, part in wanted.every.items())]:
        if cache.path(name, key).exists() and cache.read(name, key) is None:
            found.append(f"{cache.path(name, key)}: damaged, or of another version; computed again")
    return found


def _write(
    folder: Path,
    data: Dataset,
    wanted: Plan,
    cache: CellCache,
    parts: Mapping[str, Part],
    failed: Sequence[Failure],
    described: store.Manifest,
) -> store.Manifest:
    """Assemble the tables from the parts, and write them with the manifest and the record of cells."""
    source = cache.read(SOURCE, wanted.source.key)
    if source is None:
        raise store.StoreError(f"{cache.folder}: the features vanished from the cache while building; build again")
    arrays = {name: array.unpack() for name, array in source.arrays.items()}
    known = [(part, parts[part.slug]) for part in wanted.ordered if part.slug in parts]
    ordered = [(plan.up_to(part.distinct), part) for plan, part in known]
    described = describe.clipped(
        described,
        {plan.slug: part.distinct for plan, part in known if part.distinct and part.distinct < max(plan.ks, default=0)},
    )
    lost = {failure.cell for failure in failed}
    manifest = msgspec.structs.replace(
        described,
        failed=list(failed),
        machine=environment.machine(),
        versions=environment.libraries(),
        embeddings=[info for info in described.embeddings if info.slug not in lost],
        settings=[info for info in described.settings if (info.embedding or FEATURES) not in lost],
    )
    missing = {name for failure in failed for name in wanted.every[failure.cell].cells}
    ledger = store.Cells(
        format=store.FORMAT,
        failed=list(failed),
        cells={name: cell for name, cell in wanted.cells.items() if name not in missing},
    )
    restarts = [
        (part.up_to(parts[slug].distinct), parts[slug]) for slug, part in wanted.restarts.items() if slug in parts
    ]
    return store.write(folder, manifest, tables.assemble(data, arrays, ordered, described, restarts), ledger)
