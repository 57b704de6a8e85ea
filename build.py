#!/usr/bin/env python3
"""Compute every setting of a clustering study once, and publish the study as a folder of plain files.

Every slider position then answers at once, has its own link, and needs no server.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from precompute import cluster, config, dataset, pipeline, store, workers
from site_templates import offline, publish

EXAMPLES = """\
examples:
  build.py                                   the default gallery: digits, perplexity 5 … 50, k 3 … 15
  build.py --perplexity 5,30,50 --k 8:12     a smaller grid; ranges include both ends
  build.py --config gallery.toml             what a file says
  build.py --only site --serve               publish again from the results, and look at it
  build.py --zip --single-file               also the site as one zip, and each explorer as one HTML file
  build.py --explain                         say of each cell why it was or was not computed

exit codes: 0 done; 1 failed, or a cell could not be computed; 2 wrong usage, config or data;
130 interrupted by Ctrl-C; 143 by SIGTERM
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute, store, publish; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.only == "compute" and (options.zip or options.single_file):
        parser.error("--zip and --single-file copy the site, and --only compute makes none; leave one of them out")
    try:
        with _sigterm_as_interrupt():
            return _build(options)
    except config.ConfigError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return 2
    except (dataset.DataError, publish.SiteError, cluster.ClusterError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except store.StoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if options.only == "site" else 1
    except OSError as error:
        if error.filename is None:
            raise
        print(f"error: {error.filename}: {error.strerror}; free space or name another folder", file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print("interrupted; what was finished is kept, the next build goes on from there", file=sys.stderr)
        return 143 if isinstance(stop, _Terminated) else 130


def _build(options: argparse.Namespace) -> int:
    gallery = config.load(options.config) if options.config else config.Config()
    gallery = config.with_axes(gallery, options.perplexity, options.k)
    say = _printer(options.quiet)
    complete = True
    datasets = [study.id for study in gallery.studies]
    if options.only != "compute":
        publish.check_target(options.site)
    copies = offline.targets(options.site, options.zip, options.single_file, datasets)
    if options.only != "site":
        complete = _compute(gallery, options, say)
    if options.only != "compute":
        report = publish.publish(options.results, options.site, datasets, gallery.title)
        page = options.site / "index.html"
        state = f"{report.written} files written" if report.written else "unchanged"
        made = f"{report.pages} pages, {report.size / 1e6:.1f} MB, {state}"
        say(f"site: {page} ({made}); open it by double click, or look at it with --only site --serve")
        for path, size in offline.write(options.site, copies).items():
            say(f"offline: {path} ({size / 1e6:.1f} MB)")
    if options.serve is not None:
        from site_templates.serve import serve

        serve(options.site, options.serve, say)
    return 0 if complete else 1


def _compute(gallery: config.Config, options: argparse.Namespace, say: Callable[[str], None]) -> bool:
    """Compute all studies; whether no cell failed. All input is checked before the first is computed."""
    loaded = [(study, dataset.load(study.source)) for study in gallery.studies]
    for study, data in loaded:
        study.grid.fitted(data.n)
    complete = True
    for study, data in loaded:
        with _progress(options.quiet, study.id) as report:
            jobs = options.jobs or workers.available_cores()
            outcome = pipeline.compute(data, study, options.results, jobs, report, options.scheduler)
        for note in outcome.notes:
            print(f"note: {study.id}: {note}", file=sys.stderr)
        if options.explain:
            for name, reason in outcome.reasons.items():
                print(f"{study.id}: {name}: {reason}")
        for failure in outcome.failed:
            print(f"error: {study.id}: {failure.cell} could not be computed: {failure.reason}", file=sys.stderr)
        complete = complete and not outcome.failed
        total = len(outcome.reasons)
        say(
            f"results: {options.results / study.id} ({len(outcome.manifest.settings)} settings, "
            f"{outcome.computed} of {total} cells computed now)"
        )
        if options.verbose:
            for library, release in outcome.manifest.versions.items():
                print(f"{library} {release}", file=sys.stderr)
    return complete


def _printer(quiet: bool) -> Callable[[str], None]:
    return (lambda _: None) if quiet else (lambda text: print(text, flush=True))


@contextlib.contextmanager
def _progress(quiet: bool, title: str) -> Iterator[Callable[[pipeline.Progress], None]]:
    """A progress bar on stderr; plain lines, without control codes, where that is no terminal."""
    if quiet:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        yield lambda at: print(f"{title}: {at.done} of {at.total}: {at.name}", file=sys.stderr, flush=True)
        return
    from tqdm import tqdm

    with contextlib.ExitStack() as stack:
        bars: list[Any] = []

        def show(at: pipeline.Progress) -> None:
            if not bars:
                bars.append(stack.enter_context(tqdm(total=at.total, desc=title, unit="cell", leave=False)))
            bars[0].set_postfix_str(at.name)
            bars[0].update(at.done - bars[0].n)

        yield show


class _Terminated(KeyboardInterrupt):
    """SIGTERM came; it ends the build as Ctrl-C does."""


@contextlib.contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end the build as Ctrl-C does: workers stopped, finished cells kept."""

    def interrupt(*_: object) -> None:
        raise _Terminated

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not the main thread, as in tests: then the caller handles signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build.py", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--config", type=Path, metavar="FILE", help="TOML file that says what to compute")
    add("--results", type=Path, default=Path("results"), metavar="DIR", help="folder of the tables (default: results)")
    add("--site", type=Path, default=Path("site"), metavar="DIR", help="folder of the pages (default: site)")
    add("--perplexity", type=_argument(config.parse_perplexity), metavar="P", help='"5:50", "5:50:5" or "5,30,50"')
    add("--k", type=_argument(config.parse_k), metavar="K", help='"3:15" or "8,10,12"')
    add("--jobs", type=_argument(_jobs), metavar="N", help="processes at once (default: one a core)")
    add("--scheduler", metavar="ADDRESS", help="have the workers of a dask.distributed scheduler compute the cells")
    add("--only", choices=("compute", "site"), help="do one half only")
    here = Path()  # no name: beside the site
    add(
        "--zip",
        type=Path,
        nargs="?",
        const=here,
        metavar="FILE",
        help="also the site as one zip, to unpack and double-click (default: <site>.zip beside the site)",
    )
    add(
        "--single-file",
        type=Path,
        nargs="?",
        const=here,
        metavar="FILE",
        help="also the explorer as one HTML file that needs nothing else (default: <data set>.html beside the site; "
        "a folder: one file for each data set)",
    )
    add("--explain", action="store_true", help="say of each cell why it was or was not computed")
    add(
        "--serve",
        type=_argument(_port),
        nargs="?",
        const=8000,
        metavar="PORT",
        help="then show the site on this machine only (default port: 8000)",
    )
    volume = parser.add_mutually_exclusive_group()
    volume.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    volume.add_argument("-v", "--verbose", action="store_true", help="print versions too")
    add("--version", action="version", version=_version())
    return parser


def _argument(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """A parser for argparse that keeps the message of a ValueError."""

    def wrapped(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return wrapped


def _jobs(text: str) -> int:
    return _number(text, 1, 1024, "number of processes")


def _port(text: str) -> int:
    return _number(text, 0, 65535, "port (0: any that is free)")


def _number(text: str, low: int, high: int, what: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise ValueError(f"{text!r} is no {what}; allowed: a whole number from {low} to {high}")
    return value


def _version() -> str:
    from importlib.metadata import version

    return f"clusterfolio {version('clusterfolio')}"


if __name__ == "__main__":
    sys.exit(main())
