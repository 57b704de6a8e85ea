"""Compute every setting of a clustering study once, and publish the study as a folder of plain files.

Every slider position then answers at once, has its own link, and needs no server.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from clusterfolio import console
from precompute import config, dataset, pipeline, store, verify
from precompute.labels import baseline, stability
from precompute.loaders import assemble, download
from precompute.machine import files, interrupts, locks, os_errors
from precompute.machine.checksums import Verified
from precompute.run import cluster, workers
from site_templates import publish, review
from site_templates.addresses import public_address
from site_templates.copies import offline

EXAMPLES = """\
examples:
  build.py                                   the default gallery: digits, perplexity 5 … 50, k 3 … 15
  build.py --perplexity 5,30,50 --k 8:12     a smaller grid; ranges include both ends
  build.py --config gallery.toml             what a file says
  build.py --data photos/ --image-shape 32x32  your own pictures, a folder for each class
  build.py --check-data digits.csv           what is understood of a file, before anything is computed
  build.py --only site --serve               publish again from the results, and look at it
  build.py --zip --single-file               also the site as one zip, and each explorer as one HTML file
  build.py --explain                         say of each cell why it was or was not computed
  build.py --review digits-marks.csv         check and show the marks that the audit page exported
  build.py --verify                          hold every stored file against its fingerprint; computes nothing

exit codes: 0 done; 1 failed, a cell could not be computed, a file is damaged, or another build is at work there;
2 wrong usage, config or data; 130 interrupted by Ctrl-C; 143 by SIGTERM
"""
CELL_TIME = 3600
CELL_TIME_EACH = 0.05
"""Seconds after which a cell is given up: so many, or so many a sample if that is more. Each of MNIST's took 5 ms of
processor time, so a machine ten times as slow has time enough."""
WAIT = 10
"""Seconds to wait for another build in the same folders."""
SHOWN = 5
"""Notes of a kind that are printed; the rest is counted."""
APART = (
    ("--config", "--data"),
    ("--check-data", "--download", "--verify", "--review", "--serve"),
    ("--quiet", "--verbose"),
)
"""Options of which only one may be given."""


def main(arguments: Sequence[str] | None = None, program: str = "clusterfolio") -> int:
    """Compute, store, publish; returns the exit code.

    Args:
        arguments: the command line without the program; None: this process's, which ends after it.
        program: what was called, for the words of the help and of errors.
    """
    with console.guarded():
        parser = _parser(program)
        options, problems = _parsed(parser, sys.argv[1:] if arguments is None else arguments)
        problems += _problems(options, parser)
        if problems:
            parser.print_usage(sys.stderr)
            parser.exit(2, "".join(f"{program}: error: {problem}\n" for problem in problems))
        # loky says so when it replaces a worker that has grown by 300 MB, as large maps make it: no harm in that
        warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
        with interrupts.interruptible(ends=arguments is None):
            return _ended(options)


def _parsed(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and what argparse says is wrong with them: option by option, since it stops at its first error."""
    options, problems = argparse.Namespace(), []
    known = re.findall(r"--[\w-]+", parser.format_usage())
    for one in _one_by_one(arguments):
        try:
            _, unknown = parser.parse_known_args(one, options)
        except _UsageError as error:
            problems.append(str(error))
            continue
        for text in unknown:
            near = difflib.get_close_matches(text.split("=")[0], known, n=1)
            hint = f"; did you mean {near[0]}?" if near and text not in ("--", *near) else ""
            problems.append(f"unrecognized arguments: {text}{hint}")
    return options, problems


def _one_by_one(arguments: Sequence[str]) -> list[list[str]]:
    """The arguments cut before each option, as argparse tells them: no negative number, no text with a blank in it.

    The first part is empty where an option comes first; it gives all others their defaults.
    """
    parts: list[list[str]] = [[]]
    for text in arguments:
        option = text.startswith("-") and not re.fullmatch(r"-|-\d+|-\d*\.\d+|[^=]* [^=]*", text)
        if option and parts[-1][:1] != ["--"]:
            parts.append([])
        parts[-1].append(text)
    return parts


def _problems(options: argparse.Namespace, parser: argparse.ArgumentParser) -> list[str]:
    """What is wrong with the values of the options and with their company; and with the config if anything is."""
    problems = []
    for names in APART:
        given = [name for name in names if vars(options)[_key(name)] != parser.get_default(_key(name))]
        problems += [f"argument {name}: not allowed with {given[0]}; leave one of them out" for name in given[1:]]
    problems += [
        f"argument --{name.replace('_', '-')}: {value.problem}"
        for name, value in vars(options).items()
        if isinstance(value, _Wrong)
    ]
    if options.only == "compute" and (options.zip or options.single_file):
        problems.append("--zip and --single-file copy the site, and --only compute makes none; leave one of them out")
    if options.only == "compute" and options.replace:
        problems.append("--replace says what the site holds, and --only compute makes none; leave one of them out")
    if options.image_shape and not (options.data or options.check_data):
        problems.append("--image-shape says how to read --data; in a config, write image_shape under the data set")
    if problems and isinstance(options.config, Path):
        try:
            config.load(options.config)
        except config.ConfigError as error:
            problems += error.problems
    return problems


def _ended(options: argparse.Namespace) -> int:
    """Build, and say how it ended; returns the exit code."""
    try:
        return _build(options)
    except review.ReviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except config.ConfigError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return 2
    except (dataset.DataError, publish.SiteError, cluster.ClusterError, store.StoreError, locks.BusyError) as error:
        print(f"error: {error}", file=sys.stderr)
        failed = isinstance(error, locks.BusyError) or (isinstance(error, store.StoreError) and options.only != "site")
        return 1 if failed else 2
    except OSError as error:
        text = os_errors.explain(error)
        if text is None:
            raise
        print(f"error: {text}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print("interrupted; what was finished is kept, the next build goes on from there", file=sys.stderr)
        return 143 if isinstance(stop, interrupts.Terminated) else 130


def _build(options: argparse.Namespace) -> int:
    for asked, alone in (
        (options.verify, _verify),
        (options.review, _review),
        (options.check_data, _check_data),
        (options.download, _download),
    ):
        if asked:
            return alone(options)
    gallery = _gallery(options)
    gallery = config.with_axes(gallery, options.perplexity, options.k)
    if options.robustness:
        gallery = config.with_robustness(gallery)
    say = _printer(options.quiet)
    complete = True
    datasets = [study.id for study in gallery.studies]
    if options.only != "compute":
        publish.check_target(options.site, options.adopt)
        publish.check_apart(options.site, options.results)
    kept = _kept(options, datasets, whole=False)
    copies = offline.targets(options.site, options.zip, options.single_file, datasets)
    loaded = [] if options.only == "site" else _load(gallery, kept, _noter(options.quiet))
    for name in datasets if options.only == "site" else ():
        store.read_manifest(options.results / name)
    with _locks(options):
        kept = _kept(options, datasets)  # as the build that was waited for has left it
        if options.only != "site":
            _check_writable(options)
            complete = _compute(loaded, options, say)
            gallery = _with_results(gallery, options.results)
            datasets = [study.id for study in gallery.studies]
            if not datasets:
                return 1
        if options.only != "compute":
            _publish(gallery, kept, options, say)
            copies = offline.targets(options.site, options.zip, options.single_file, datasets)
            for path, size in offline.write(options.site, copies).items():
                say(f"offline: {path} ({size / 1e6:.1f} MB)")
    if options.serve is not None:
        from site_templates.output.serve import serve

        serve(options.site, options.serve, say)
    return 0 if complete else 1


def _kept(options: argparse.Namespace, datasets: Sequence[str], whole: bool = True) -> list[str]:
    """Studies that were not given, stand in the site and stay there; see `publish.kept`."""
    if options.only == "compute" or options.replace:
        return []
    return publish.kept(options.site, options.results, datasets, whole)


def _gallery(options: argparse.Namespace) -> config.Config:
    if options.data:
        return config.of_data(options.data, options.image_shape)
    return config.load(options.config) if options.config else config.Config()


def _review(options: argparse.Namespace) -> int:
    """Check exported marks against the results and show them."""
    for line in review.read(options.review, options.results).lines():
        print(line)
    return 0


def _download(options: argparse.Namespace) -> int:
    """Fetch MNIST; the one thing that uses a network."""
    for line in download.mnist(options.download):
        print(line)
    return 0


def _check_data(options: argparse.Namespace) -> int:
    """Say what was understood of a file or folder, or of those that a config names; computes nothing."""
    path = None if options.check_data is True else options.check_data
    named = "--config" if options.config else "--data" if options.data else None
    if not path and not named:
        raise config.ConfigError(["--check-data: of what? Name a file or folder, or give it with a --config"])
    if path and named:
        raise config.ConfigError([f"--check-data {path}: {named} names the data already; leave one of the two out"])
    gallery = config.of_data(path, options.image_shape) if path else _gallery(options)
    for study in config.with_axes(gallery, options.perplexity, options.k).studies:
        if study.path is None:
            data = dataset.load(study.source)
            print(f"built in: {study.source}, {data.n:,} samples of {data.values.shape[1]:,} numbers each")
        else:
            loaded = assemble.load(study.path, study.id, study.options, study.texts)
            data = loaded.data
            for line in loaded.lines(notes=not options.quiet):
                print(line)
        dataset.check_spread(data)
        grid, notes = study.fitted(data)
        print(f"grid: {len(grid.perplexity)} perplexities × {len(grid.k)} k; {options.results / study.id}")
        for note in () if options.quiet else notes:
            print(f"note: {note}")
    return 0


@contextlib.contextmanager
def _locks(options: argparse.Namespace) -> Iterator[None]:
    """No other build at work in the folders that this one needs; a folder that is not there is not made for reading."""
    wanted: list[tuple[Path, Path]] = []
    reads = {options.results: options.verify or options.only == "site", options.site: options.verify}
    if not (options.verify and options.only == "site"):
        wanted.append((locks.results_lock(options.results), options.results))
    if options.only != "compute":
        wanted.append((locks.site_lock(options.site), options.site))
    wanted = [(lock, folder) for lock, folder in wanted if folder.is_dir() or not reads[folder]]
    with contextlib.ExitStack() as stack:
        for lock, folder in wanted:
            stack.enter_context(locks.held(lock, folder, options.wait, _noter(options.quiet)))
        yield


def _noter(quiet: bool) -> Callable[[str], None]:
    """What prints a note; a quiet command has none."""
    return (lambda _: None) if quiet else (lambda text: print(f"note: {text}", file=sys.stderr, flush=True))


def _verify(options: argparse.Namespace) -> int:
    """Hold every stored file against its fingerprint, and name those that are not well."""
    found = Verified(0, [])
    with _locks(options):
        if options.only != "site":
            found += verify.results(options.results)
        if options.only != "compute":
            found += publish.verified(options.site)
    for problem in found.problems:
        print(f"error: {problem}", file=sys.stderr)
    state = f"{len(found.problems)} problems" if found.problems else "all as they were written"
    _printer(options.quiet)(f"verified: {found.files} files, {state}")
    return 1 if found.problems else 0


def _check_writable(options: argparse.Namespace) -> None:
    """Find out that a folder is read-only or full before hours of computing, not after."""
    folders = [options.results]
    if options.only != "compute":
        folders.append(options.site)
    for folder in folders:
        files.check_writable(folder)
    files.remove_leftovers(options.results)


def _publish(
    gallery: config.Config, kept: Sequence[str], options: argparse.Namespace, say: Callable[[str], None]
) -> None:
    note = _noter(options.quiet)
    jobs = options.jobs or workers.available_cores()
    datasets = _with_nulls(gallery, options.results, kept)
    report = publish.publish(
        options.results, options.site, datasets, gallery.title, options.base_url, jobs, options.adopt, options.replace
    )
    mend = _few([f"{options.site / name}: damaged or missing; written again" for name in report.repaired])
    for name in [*datasets, *report.kept]:
        older = verify.older_rules(store.read_manifest(options.results / name))
        if older:
            note(f"{name}: {older}")
    for text in [*mend, *report.notes, *report.budget.warnings]:
        note(text)
    page = options.site / "index.html"
    state = f"{report.written} files written" if report.written else "unchanged"
    made = f"{report.pages} pages, {report.size / 1e6:.1f} MB, {state}"
    say(f"site: {page} ({made}); open it by double click, or look at it with --only site --serve")
    say(f"size: {report.budget.text()}")
    if report.kept:
        say(f"kept: {', '.join(report.kept)} (not given now; --replace would remove them)")
    if report.dropped:
        say(f"removed: {', '.join(report.dropped)}")
    if options.base_url is None:
        say("no --base-url: links to the pages show no preview elsewhere, and there is no sitemap")
    if report.budget.errors:
        raise publish.SiteError("; ".join(_few(report.budget.errors)))


def _with_nulls(gallery: config.Config, results: Path, kept: Sequence[str] = ()) -> list[str]:
    """The data sets to publish: each one, and its shuffled copy where robustness is asked for and it is there.

    Raises:
        StoreError: results are missing or damaged.
    """
    found = []
    ids = {*(study.id for study in gallery.studies), *kept}
    for study in gallery.studies:
        found.append(study.id)
        name = baseline.name_of(study.id)
        if name in ids:  # the person's own study of that name
            continue
        there = (results / name / store.MANIFEST).is_file()
        if there and study.is_robust(store.read_manifest(results / study.id).dataset.n):
            found.append(name)
    return found


def _with_results(gallery: config.Config, results: Path) -> config.Config:
    """The gallery without studies that could not even begin, and of which no earlier build left results."""
    there = tuple(study for study in gallery.studies if (results / study.id / store.MANIFEST).is_file())
    return replace(gallery, studies=there)


def _few(notes: Sequence[str]) -> Sequence[str]:
    """The first notes, and how many more there are."""
    return notes if len(notes) <= SHOWN + 1 else [*notes[:SHOWN], f"{len(notes) - SHOWN} more like these"]


def _load(
    gallery: config.Config, kept: Sequence[str], note: Callable[[str], None]
) -> list[tuple[config.StudyConfig, dataset.Dataset]]:
    """All data sets, checked with their grids before the first cell is computed; `kept` are ids that are taken."""
    loaded = [(study, _dataset(study, note)) for study in gallery.studies]
    for _, data in loaded:
        dataset.check_spread(data)
    problems = []
    for study, data in loaded:
        try:
            study.fitted(data)
        except config.ConfigError as error:
            problems += [f"{study.id}: {problem}" for problem in error.problems]
    if problems:
        raise config.ConfigError(problems)
    taken = {*(study.id for study in gallery.studies), *kept}
    for study, data in list(loaded):
        if study.is_robust(data.n) and baseline.name_of(study.id) not in taken:
            grid = study.fitted(data)[0]
            shuffled = baseline.shuffled(data, study.seed, study.id, study.texts.get("title", data.title))
            most = shuffled.different(max(grid.k))
            ks = tuple(k for k in grid.k if k <= most) or (most,)
            coarse = replace(grid, perplexity=stability.perplexities(grid.perplexity), k=ks)
            copy = replace(study, id=baseline.name_of(study.id), grid=coarse, robustness=False, texts={})
            loaded.append((copy, shuffled))
    return loaded


def _dataset(study: config.StudyConfig, note: Callable[[str], None]) -> dataset.Dataset:
    if study.path is None:
        return dataset.load(study.source)
    loaded = assemble.load(study.path, study.id, study.options, study.texts)
    for text in _few(loaded.notes):
        note(f"{study.id}: {text}")
    return loaded.data


def _compute(
    loaded: Sequence[tuple[config.StudyConfig, dataset.Dataset]],
    options: argparse.Namespace,
    say: Callable[[str], None],
) -> bool:
    """Compute all studies; whether no cell failed."""
    with workers.Crew() as crew:
        return _compute_with(crew, loaded, options, say)


def _compute_with(
    crew: workers.Crew,
    loaded: Sequence[tuple[config.StudyConfig, dataset.Dataset]],
    options: argparse.Namespace,
    say: Callable[[str], None],
) -> bool:
    complete = True
    note = _noter(options.quiet)
    jobs = options.jobs or workers.available_cores()
    unprepared: set[str | None] = set()
    for study, data in loaded:
        pipeline.check_free(data, study, options.results)
    for study, data in loaded:
        if data.null_of in unprepared:
            continue
        try:
            with _progress(options.quiet, study.id) as report:
                limit = max(CELL_TIME, CELL_TIME_EACH * data.n) if options.cell_time is None else options.cell_time
                outcome = pipeline.compute(
                    data, study, options.results, jobs, report, options.scheduler, limit=limit, crew=crew
                )
        except pipeline.UnpreparedError as error:
            print(f"error: {study.id}: features and neighbours could not be computed: {error}", file=sys.stderr)
            if (options.results / study.id / store.MANIFEST).is_file():
                note(f"{study.id}: what an earlier build computed of it stays, and is what the site shows")
            unprepared.add(study.id)
            complete = False
            continue
        for text in _few(outcome.notes):
            note(f"{study.id}: {text}")
        if options.explain:
            for name, reason in outcome.reasons.items():
                print(f"{study.id}: {name}: {reason}")
            print(f"{study.id}: tables: {outcome.tables}")
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


class _UsageError(Exception):
    """What argparse would end the process for."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors can be collected."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(message)


def _key(name: str) -> str:
    """By what argparse keeps an option's value."""
    return name.removeprefix("--").replace("-", "_")


def _parser(program: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=program,
        description=__doc__,
        epilog=EXAMPLES.replace("build.py", program),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add, path = parser.add_argument, _argument(config.parse_path)
    what, then, volume = (parser.add_mutually_exclusive_group() for _ in APART)
    what.add_argument("--config", type=path, metavar="FILE", help="TOML file that says what to compute")
    what.add_argument(
        "--data",
        type=path,
        metavar="PATH",
        help="your own data in place of the digits: .npz, .npy, CSV, Parquet, IDX, or a folder of pictures",
    )
    add(
        "--image-shape",
        type=_argument(config.parse_image_shape),
        metavar="HxW",
        help="with --data: scale pictures to this size, or take flat rows for pictures of it",
    )
    add("--results", type=path, default=Path("results"), metavar="DIR", help="folder of the tables (default: results)")
    add(
        "--base-url",
        type=_argument(public_address),
        metavar="URL",
        help="public address of the site, like https://user.github.io/repo/: gives previews and a sitemap",
    )
    add("--site", type=path, default=Path("site"), metavar="DIR", help="folder of the pages (default: site)")
    add(
        "--adopt",
        action="store_true",
        help="let the site's folder hold files that no build made: they stay, and none is written over or removed",
    )
    add(
        "--replace",
        action="store_true",
        help="have the site hold the studies given and no other; without it, those that stand there stay",
    )
    add("--perplexity", type=_argument(config.parse_perplexity), metavar="P", help='"5:50", "5:50:5" or "5,30,50"')
    add("--k", type=_argument(config.parse_k), metavar="K", help='"3:15" or "8,10,12"')
    add("--jobs", type=_argument(_jobs), metavar="N", help="processes at once (default: one a core)")
    add("--scheduler", metavar="ADDRESS", help="have the workers of a dask.distributed scheduler compute the cells")
    add(
        "--cell-time",
        type=_argument(_seconds),
        metavar="SECONDS",
        help=f"give an embedding with its clusterings up after so long on this machine (default: {CELL_TIME}, or "
        f"{CELL_TIME_EACH:g} a sample if that is more)",
    )
    add(
        "--wait",
        type=_argument(_seconds),
        default=WAIT,
        metavar="SECONDS",
        help=f"wait so long for another build at work in the same folders (default: {WAIT})",
    )
    add("--only", choices=("compute", "site"), help="do one half only")
    add(
        "--zip",
        type=path,
        nargs="?",
        const=True,
        metavar="FILE",
        help="also the site as one zip, to unpack and double-click (default: <site>.zip beside the site)",
    )
    add(
        "--single-file",
        type=path,
        nargs="?",
        const=True,
        metavar="FILE",
        help="also the explorer as one HTML file that needs nothing else (default: <data set>.html beside the site; "
        "a folder: one file for each data set)",
    )
    add(
        "--robustness",
        action="store_true",
        help="look for the same clusters from other starts and in shuffled data, whatever the grid; without it that is "
        "done for the default perplexities of data that are not large",
    )
    add("--explain", action="store_true", help="say of each cell why it was or was not computed")
    then.add_argument(
        "--check-data",
        type=path,
        nargs="?",
        const=True,
        metavar="PATH",
        help="say what is understood of a file or folder, or of those in --config, and nothing else",
    )
    then.add_argument(
        "--download",
        type=path,
        nargs="?",
        const=Path("data"),
        metavar="DIR",
        help="fetch MNIST (70,000 digits) from OpenML, check it, and keep it as mnist.npz (default: in data)",
    )
    then.add_argument(
        "--verify", action="store_true", help="hold every stored file against its fingerprint, and do nothing else"
    )
    then.add_argument(
        "--review",
        type=path,
        metavar="FILE",
        help="check marks exported from the audit page, show them, and do nothing else",
    )
    then.add_argument(
        "--serve",
        type=_argument(_port),
        nargs="?",
        const=8000,
        metavar="PORT",
        help="then show the site on this machine only (default port: 8000)",
    )
    volume.add_argument("-q", "--quiet", action="store_true", help="print errors, and what was asked for, only")
    volume.add_argument("-v", "--verbose", action="store_true", help="print versions too")
    add("--version", action="version", version=_version())
    return parser


@dataclass(frozen=True)
class _Wrong:
    """In place of an option's value: what is wrong with it."""

    problem: str


def _argument(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """A parser for argparse that keeps the message of a ValueError: argparse itself would stop at the first."""

    def wrapped(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            return _Wrong(str(error))

    return wrapped


def _jobs(text: str) -> int:
    return _number(text, 1, 1024, "number of processes")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 10_000_000:
        raise ValueError(f"{text!r} is no number of seconds; allowed: a number from 0 to 10,000,000")
    return value


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
