"""Commands that stand alone: each looks at one thing, says what it found, and builds nothing."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from clusterfolio import costs, printing
from clusterfolio.printing import Printer
from precompute import config, dataset, verify
from precompute.loaders import assemble, download
from precompute.loaders.conversation import Loaded
from precompute.loaders.options import Options, keys
from precompute.loaders.options import read as read_options
from precompute.machine import locks
from precompute.machine.checksums import Verified
from precompute.run import workers
from precompute.run.study import planned as plan_study
from site_templates import publish, review


def gallery_of(options: argparse.Namespace) -> config.Config:
    """What the options and their configuration ask for."""
    if options.data:
        gallery = config.of_data(options.data, reading_of(options))
    else:
        gallery = config.load(options.config) if options.config else config.Config()
    given = {name: value for name in config.registered() if (value := vars(options)[name]) is not None}
    gallery = config.with_axes(gallery, given, options.methods, options.clusterers)
    gallery = config.with_every_value(gallery) if options.grid == "full" else gallery
    return config.with_robustness(gallery) if options.robustness else gallery


def reading_of(options: argparse.Namespace) -> Options:
    """How the command line says that the data are to be read."""
    return read_options({name: value for name in keys() if (value := vars(options)[name]) is not None})


def jobs_of(options: argparse.Namespace) -> int:
    """Processes at once."""
    return int(options.jobs or workers.available_cores())


@contextlib.contextmanager
def locked(options: argparse.Namespace, printer: Printer) -> Iterator[None]:
    """No other build at work in the folders that this one needs; a folder that is not there is not made for reading."""
    needed: list[tuple[Path, Path]] = []
    reads = {options.results: options.verify or options.only == "site", options.site: options.verify}
    if not (options.verify and options.only == "site"):
        needed.append((locks.results_lock(options.results), options.results))
    if options.only != "compute":
        needed.append((locks.site_lock(options.site), options.site))
    with contextlib.ExitStack() as stack:
        for lock, folder in needed:
            if folder.is_dir() or not reads[folder]:
                stack.enter_context(locks.held(lock, folder, options.wait, printer.note))
        yield


def verify_files(options: argparse.Namespace, printer: Printer) -> int:
    """Hold every stored file against its fingerprint, and name those that are not well."""
    found = Verified(0, [])
    with locked(options, printer):
        if options.only != "site":
            found += verify.results(options.results)
        if options.only != "compute":
            found += publish.verified(options.site)
    for problem in found.problems:
        printer.error(problem)
    printer.fact("files", found.files)
    state = printing.counted(len(found.problems), "problem") if found.problems else "all as they were written"
    printer.say(f"verified: {printing.counted(found.files, 'file')}, {state}")
    return 1 if found.problems else 0


def review_marks(options: argparse.Namespace, printer: Printer) -> int:
    """Check exported marks against the results and show them."""
    marks = review.read(options.review, options.results)
    for line in marks.lines():
        printer.answer(line)
    printer.fact("review", dataclasses.asdict(marks))
    return 0


def download_mnist(options: argparse.Namespace, _: Printer) -> int:
    """Fetch MNIST; the one thing that uses a network."""
    for line in download.mnist(options.download):
        print(line)
    return 0


def check_data(options: argparse.Namespace, printer: Printer) -> int:
    """Say what was understood of a file or folder, or of those that a config names; computes nothing."""
    path = None if options.check_data is True else options.check_data
    named = "--config" if options.config else "--data" if options.data else None
    if not path and not named:
        raise config.ConfigError(["--check-data: of what? Name a file or folder, or give it with a --config"])
    if path and named:
        raise config.ConfigError([f"--check-data {path}: {named} names the data already; leave one of the two out"])
    if path:
        options.data = path
    answers = []
    for study in gallery_of(options).studies:
        if study.path is None:
            loaded = Loaded(dataset.load(study.source), f"built in: {study.source}", (0.0, 1.0))
        else:
            loaded = assemble.load(study.path, study.id, study.options, study.texts)
        if not options.json:
            for line in loaded.lines(notes=not options.quiet):
                print(line)
        dataset.check_spread(loaded.data)
        planned = plan_study(loaded.data, study)
        counts = (f"{one.name} {printing.counted(len(planned.grid[one.name]), 'value')}" for one in study.parameters)
        axes = ", ".join(counts)
        estimate = costs.described([planned], options.results, jobs_of(options))[0][0]
        if options.json:
            answer = loaded.as_json()
            answers.append(answer | {"notes": [*answer["notes"], *planned.notes], "grid": axes, "estimate": estimate})
            continue
        print(f"grid: {axes}; {options.results / study.id}")
        print(estimate)
        for note in () if options.quiet else planned.notes:
            print(f"note: {note}")
    printer.fact("data", answers)
    return 0


ALONE = {"verify": verify_files, "review": review_marks, "check_data": check_data, "download": download_mnist}
"""Commands by the option that asks for them."""
