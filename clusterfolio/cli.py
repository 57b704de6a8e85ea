"""The command line: read the options, compute what is missing of each study, publish the site, copy it, show it."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from clusterfolio import commands, console, costs, printing
from clusterfolio import options as command_line
from clusterfolio.printing import Printer
from precompute import config, dataset, gallery, pipeline, store, verify
from precompute.config import Config
from precompute.machine import files, interrupts, locks, os_errors
from precompute.run import cluster, workers
from precompute.run.dispatch import Machine
from precompute.run.preparation import SourceFailed
from precompute.run.study import PlannedStudy
from site_templates import publish, review
from site_templates.copies import offline

REFUSED = (
    dataset.DataError, publish.SiteError, cluster.ClusterError, review.ReviewError, store.StoreError, locks.BusyError,
)  # fmt: skip
"""What ends a command with a sentence of its own."""


def main(arguments: Sequence[str] | None = None, program: str = "clusterfolio") -> int:
    """Compute, store, publish; returns the exit code.

    Args:
        arguments: the command line without the program; None: this process's, which ends after it.
        program: what was called, for the words of the help and of errors.
    """
    with console.guarded():
        options = command_line.parsed(arguments, program)
        # loky says so when it replaces a worker that has grown by 300 MB, as large maps make it: no harm in that
        warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
        printer = Printer(options.quiet, facts={} if options.json else None)
        with interrupts.interruptible(ends=arguments is None):
            code = _ended(options, printer)
            printer.end(code)
            return code


def _ended(options: argparse.Namespace, printer: Printer) -> int:
    """Do what is asked for, and say how it ended; returns the exit code."""
    try:
        return _run(options, printer)
    except config.ConfigError as error:
        for problem in error.problems:
            printer.error(problem)
        return 2
    except REFUSED as error:
        printer.error(str(error))
        damaged = isinstance(error, store.StoreError) and options.only != "site"
        return 1 if damaged or isinstance(error, locks.BusyError) else 2
    except OSError as error:
        text = os_errors.explain(error)
        if text is None:
            raise
        printer.error(text)
        return 1
    except KeyboardInterrupt as stop:
        printing.aside("interrupted; what was finished is kept, the next build goes on from there")
        return 143 if isinstance(stop, interrupts.Terminated) else 130


def _run(options: argparse.Namespace, printer: Printer) -> int:
    alone = next((command for name, command in commands.ALONE.items() if vars(options)[name]), None)
    return (alone or _build)(options, printer)


def _build(options: argparse.Namespace, printer: Printer) -> int:
    wanted = commands.gallery_of(options)
    return build(wanted, lambda taken: gallery.load(wanted, taken, printer.notes), options, printer)


def build(
    wanted: Config, load: Callable[[Sequence[str]], list[PlannedStudy]], options: argparse.Namespace, printer: Printer
) -> int:
    """Compute, publish, copy and show a gallery, as far as that is asked for; returns the exit code.

    Args:
        wanted: the gallery.
        load: reads and plans its studies; given the ids of those that stand in the site and are not of this gallery.
        options: of the command line.
    """
    computes, publishes = options.only != "site", options.only != "compute"
    if publishes:
        publish.check_target(options.site, options.adopt)
        publish.check_apart(options.site, options.results)
    kept = _kept(options, wanted, whole=False)
    offline.targets(options.site, options.zip, options.single_file, _ids(wanted))
    studies = load(kept) if computes else []
    if computes:
        lines, seconds, size = costs.described(studies, options.results, commands.jobs_of(options))
        for line in lines:
            printer.say(line)
        costs.ask(seconds, size if publishes else 0.0, options.yes)
    for name in () if computes else _ids(wanted):
        store.read_manifest(options.results / name)
    complete = True
    with commands.locked(options, printer):
        kept = _kept(options, wanted)  # as the build that was waited for has left it
        if computes:
            _check_writable([options.results, *[options.site] * publishes])
            complete = _compute(studies, options, printer)
            wanted = gallery.with_results(wanted, options.results)
            if not wanted.studies:
                return 1
        if publishes:
            _publish(wanted, kept, options, printer)
            copies = offline.targets(options.site, options.zip, options.single_file, _ids(wanted))
            for path, size in offline.write(options.site, copies).items():
                printer.say(f"offline: {path} ({size / 1e6:.1f} MB)")
                printer.fact("copies", {"path": str(path), "bytes": size}, each=True)
    if options.serve is not None:
        from site_templates.output.serve import serve

        serve(options.site, options.serve, printer.say)
    return 0 if complete else 1


def _ids(wanted: Config) -> list[str]:
    return [study.id for study in wanted.studies]


def _kept(options: argparse.Namespace, wanted: Config, whole: bool = True) -> list[str]:
    """Studies that were not given, stand in the site and stay there; see `publish.kept`."""
    if options.only == "compute" or options.replace:
        return []
    return publish.kept(options.site, options.results, _ids(wanted), whole)


def _check_writable(folders: Sequence[Path]) -> None:
    """Find out that a folder is read-only or full before hours of computing, not after.

    Args:
        folders: the results' first.
    """
    for folder in folders:
        files.check_writable(folder)
    files.remove_leftovers(folders[0])


def _compute(studies: Sequence[PlannedStudy], options: argparse.Namespace, printer: Printer) -> bool:
    """Compute all studies; whether no cell failed."""
    complete = True
    unprepared: set[str | None] = set()
    for study in studies:
        pipeline.check_free(study, options.results)
    with workers.WorkerPool() as pool:
        for study in studies:
            if study.data.null_of in unprepared:
                continue
            name = study.config.id
            try:
                with printer.progress(name) as report:
                    outcome = pipeline.compute(study, options.results, _machine(study, options, pool), report)
            except SourceFailed as error:
                printer.error(f"{name}: features and neighbours could not be computed: {error}")
                if (options.results / name / store.MANIFEST).is_file():
                    printer.note(f"{name}: what an earlier build computed of it stays, and is what the site shows")
                unprepared.add(name)
                complete = False
            else:
                _report(name, outcome, options, printer)
                complete = complete and not outcome.failed
    return complete


def _machine(study: PlannedStudy, options: argparse.Namespace, pool: workers.WorkerPool) -> Machine:
    """Where the cells of a study are computed."""
    limit = options.cell_time
    if limit is None:
        limit = max(command_line.CELL_TIME, command_line.CELL_TIME_EACH * study.data.n)
    return Machine(commands.jobs_of(options), options.scheduler, limit, pool)


def _report(name: str, outcome: pipeline.Outcome, options: argparse.Namespace, printer: Printer) -> None:
    """What was computed of a study, and what could not be."""
    printer.notes(name, outcome.notes)
    if options.explain:
        for cell, reason in outcome.reasons.items():
            printer.answer(f"{name}: {cell}: {reason}")
        printer.answer(f"{name}: tables: {outcome.tables}")
    study = {
        "id": name, "folder": str(options.results / name), "settings": len(outcome.manifest.settings),
        "cells": len(outcome.reasons), "computed": outcome.computed, "failed": [one.cell for one in outcome.failed],
    }  # fmt: skip
    reasons = {"reasons": {**outcome.reasons, "tables": outcome.tables}} if options.explain else {}
    printer.fact("studies", {**study, **reasons}, each=True)
    for failure in outcome.failed:
        printer.error(f"{name}: {failure.cell} could not be computed: {failure.reason}")
    printer.say(
        f"results: {options.results / name} ({printing.counted(len(outcome.manifest.settings), 'setting')}, "
        f"{outcome.computed} of {printing.counted(len(outcome.reasons), 'cell')} computed now)"
    )
    if options.verbose:
        for library, release in outcome.manifest.versions.items():
            printing.aside(f"{library} {release}")


def _publish(wanted: Config, kept: Sequence[str], options: argparse.Namespace, printer: Printer) -> None:
    """Publish the studies with those that stay, and say what the site is now."""
    names = gallery.to_publish(wanted, options.results, kept)
    jobs = commands.jobs_of(options)
    report = publish.publish(
        options.results, options.site, names, wanted.title, options.base_url, jobs, options.adopt, options.replace,
        options.space,
    )  # fmt: skip
    for name in [*names, *report.kept]:
        older = verify.older_rules(store.read_manifest(options.results / name))
        if older:
            printer.note(f"{name}: {older}")
    mended = printing.few([f"{options.site / name}: damaged or missing; written again" for name in report.repaired])
    for text in [*mended, *report.notes, *report.budget.warnings]:
        printer.note(text)
    state = f"{printing.counted(report.written, 'file')} written" if report.written else "unchanged"
    weight = f"{printing.counted(report.pages, 'page')}, {report.size / 1e6:.1f} MB, {state}"
    page = options.site / "index.html"
    site = {"page": str(page), "pages": report.pages, "bytes": report.size, "written": report.written}
    printer.fact("site", {**site, "kept": list(report.kept), "removed": list(report.dropped)})
    printer.say(f"site: {page} ({weight}); open it by double click, or look at it with --only site --serve")
    printer.say(f"size: {report.budget.text()}")
    if report.kept:
        printer.say(f"kept: {', '.join(report.kept)} (not given now; --replace would remove them)")
    if report.dropped:
        printer.say(f"removed: {', '.join(report.dropped)}")
    if options.base_url is None:
        printer.say("no --base-url: links to the pages show no preview elsewhere, and there is no sitemap")
    if report.budget.errors:
        raise publish.SiteError("; ".join(printing.few(report.budget.errors)))
