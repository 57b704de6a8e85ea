"""The command line: its options in groups, and their values, checked together with those of the configuration."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from precompute import config
from precompute.loaders.options import keys
from precompute.store import number_slug
from site_templates.addresses import public_address

DESCRIPTION = """\
Compute every setting of a clustering study once, and publish the study as a folder of plain files.

Every slider position then answers at once, has its own link, and needs no server.
"""
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


def parsed(arguments: Sequence[str] | None, program: str) -> argparse.Namespace:
    """The options of a command line; where they are wrong, all wrong values are said, and the process ends with 2.

    Args:
        arguments: without the program; None: this process's.
        program: what was called, for the words of the help and of errors.
    """
    parser = command_line(program)
    options, unknown = parser.parse_known_args(arguments)
    problems = [*_unknown(unknown, parser), *_wrong_values(options), *_wrong_company(options)]
    if problems and isinstance(options.config, Path):
        try:
            config.load(options.config)
        except config.ConfigError as error:
            problems += error.problems
    if problems:
        parser.print_usage(sys.stderr)
        parser.exit(2, "".join(f"{program}: error: {problem}\n" for problem in problems))
    return options


def _unknown(arguments: Sequence[str], parser: argparse.ArgumentParser) -> list[str]:
    """What is no option; with the name that it is nearest to."""
    known = re.findall(r"--[\w-]+", parser.format_usage())
    problems = []
    for text in arguments:
        near = difflib.get_close_matches(text.split("=")[0], known, n=1)
        hint = f"; did you mean {near[0]}?" if near and text not in ("--", *near) else ""
        problems.append(f"unrecognized arguments: {text}{hint}")
    return problems


def _wrong_values(options: argparse.Namespace) -> list[str]:
    """Put the value of each option in place of its text; what is wrong with those that have none."""
    problems = []
    parsers: dict[str, Callable[[str], Any]] = {**config.parameter_readers(), **config.OPTIONS, **VALUES}
    for name, parse in parsers.items():
        text = vars(options)[name]
        if not isinstance(text, str):  # not given, or without a value
            continue
        try:
            setattr(options, name, parse(text))
        except ValueError as error:
            problems.append(f"argument {_option(name)}: {error}")
    return problems


def _wrong_company(options: argparse.Namespace) -> list[str]:
    """What is wrong with options that do not go together."""
    problems = []
    if options.only == "compute" and (options.zip is not None or options.single_file is not None):
        problems.append("--zip and --single-file copy the site, and --only compute makes none; leave one of them out")
    alone = [name for name in ("download", "serve") if vars(options)[name] is not None]
    problems += [f"--json: {_option(name)} has nothing to tell a program" for name in alone if options.json]
    if options.only == "compute" and options.space:
        problems.append("--space adds a file to the site, and --only compute makes none; leave one of them out")
    if options.only == "compute" and options.replace:
        problems.append("--replace says what the site holds, and --only compute makes none; leave one of them out")
    if not (options.data or isinstance(options.check_data, str | Path)):
        problems += [
            f"{key.option} says how to read --data; in a config, write {name} under the data set"
            for name, key in keys().items()
            if vars(options)[name] is not None
        ]
    return problems


def command_line(program: str) -> argparse.ArgumentParser:
    """The parser: which options there are. Their values stay texts; see `VALUES`."""
    parser = argparse.ArgumentParser(
        prog=program,
        description=DESCRIPTION,
        epilog=EXAMPLES.replace("build.py", program),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = parser.add_argument_group
    _data(group("what to look at"))
    _reading(group("how to read --data, where the file alone does not say"))
    _grid(group("what to compute"))
    _work(group("how to compute it"))
    _site(group("what to publish"))
    _instead(group("something else instead").add_mutually_exclusive_group())
    volume = group("what to print")
    volume.add_argument("--explain", action="store_true", help="say of each cell why it was or was not computed")
    volume.add_argument(
        "--json", action="store_true", help="print one JSON object at the end: paths, figures, errors, the exit code"
    )
    either = volume.add_mutually_exclusive_group()
    either.add_argument("-q", "--quiet", action="store_true", help="print errors, and what was asked for, only")
    either.add_argument("-v", "--verbose", action="store_true", help="print versions too")
    parser.add_argument("--version", action="version", version=_version())
    return parser


def _data(group: argparse._ArgumentGroup) -> None:
    either = group.add_mutually_exclusive_group()
    either.add_argument("--config", metavar="FILE", help="TOML file that says what to compute")
    either.add_argument(
        "--data",
        metavar="PATH",
        help="your own data in place of the digits: a folder of pictures, or a table or array in a file",
    )


def _reading(group: argparse._ArgumentGroup) -> None:
    """An option for each key that says how a file is read."""
    for key in keys().values():
        group.add_argument(key.option, metavar=key.metavar, help=key.meaning)


def _grid(group: argparse._ArgumentGroup) -> None:
    for one in config.registered().values():
        said = f'{one.meaning[0].lower()}{one.meaning[1:-1]}: "{_range(one.default)}", a list, or one value'
        group.add_argument(_option(one.name), metavar=one.letter.upper(), help=said)
    group.add_argument("--methods", metavar="NAMES", help="methods whose maps are clustered (default: tsne)")
    group.add_argument("--clusterers", metavar="NAMES", help="what puts samples in groups (default: kmeans)")
    group.add_argument(
        "--grid",
        choices=("auto", "full"),
        help="auto: of your own data, values whose maps differ; full: every value of the default grid",
    )
    group.add_argument(
        "--robustness",
        action="store_true",
        help="look for the same clusters from other starts and in shuffled data, whatever the grid; without it that is "
        "done for the default grid of data that are not large",
    )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _range(values: Sequence[float]) -> str:
    """A grid as one would write it: "5:50" where it goes up by one, else its values."""
    low, high = int(values[0]), int(values[-1])
    texts = [number_slug(value) for value in values]
    return f"{low}:{high}" if texts == [str(value) for value in range(low, high + 1)] else ",".join(texts)


def _work(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--yes", action="store_true", help="go on without asking where a build is estimated to take over 10 minutes, "
        "or to give a site of over 500 MB",
    )  # fmt: skip
    group.add_argument(
        "--results", default=Path("results"), metavar="DIR", help="folder of the tables (default: results)"
    )
    group.add_argument("--only", choices=("compute", "site"), help="do one half only")
    group.add_argument("--jobs", metavar="N", help="processes at once (default: one a core)")
    group.add_argument(
        "--scheduler", metavar="ADDRESS", help="have the workers of a dask.distributed scheduler compute the cells"
    )
    group.add_argument(
        "--cell-time",
        metavar="SECONDS",
        help=f"give an embedding with its clusterings up after so long on this machine (default: {CELL_TIME}, or "
        f"{CELL_TIME_EACH:g} a sample if that is more)",
    )
    group.add_argument(
        "--wait",
        default=str(WAIT),
        metavar="SECONDS",
        help=f"wait so long for another build at work in the same folders (default: {WAIT})",
    )


def _site(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--site", default=Path("site"), metavar="DIR", help="folder of the pages (default: site)")
    group.add_argument(
        "--base-url",
        metavar="URL",
        help="public address of the site, like https://user.github.io/repo/: gives previews and a sitemap",
    )
    group.add_argument(
        "--replace",
        action="store_true",
        help="have the site hold the studies given and no other; without it, those that stand there stay",
    )
    group.add_argument(
        "--adopt",
        action="store_true",
        help="let the site's folder hold files that no build made: they stay, and none is written over or removed",
    )
    group.add_argument(
        "--space",
        action="store_true",
        help="also write the README.md that makes the site's folder a static Space of Hugging Face",
    )
    group.add_argument(
        "--zip",
        nargs="?",
        const=True,
        metavar="FILE",
        help="also the site as one zip, to unpack and double-click (default: <site>.zip beside the site)",
    )
    group.add_argument(
        "--single-file",
        nargs="?",
        const=True,
        metavar="FILE",
        help="also the explorer as one HTML file that needs nothing else (default: <data set>.html beside the site; "
        "a folder: one file for each data set)",
    )


def _instead(either: argparse._MutuallyExclusiveGroup) -> None:
    either.add_argument(
        "--check-data",
        nargs="?",
        const=True,
        metavar="PATH",
        help="say what is understood of a file or folder, or of those in --config, and nothing else",
    )
    either.add_argument(
        "--download",
        nargs="?",
        const=Path("data"),
        metavar="DIR",
        help="fetch MNIST (70,000 digits) from OpenML, check it, and keep it as mnist.npz (default: in data)",
    )
    either.add_argument(
        "--verify", action="store_true", help="hold every stored file against its fingerprint, and do nothing else"
    )
    either.add_argument(
        "--review", metavar="FILE", help="check marks exported from the audit page, show them, and do nothing else"
    )
    either.add_argument(
        "--serve",
        nargs="?",
        const=8000,
        metavar="PORT",
        help="then show the site on this machine only (default port: 8000)",
    )


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 10_000_000:
        raise ValueError(f"{text!r} is no number of seconds; allowed: a number from 0 to 10,000,000")
    return value


def _whole(low: int, high: int, what: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise ValueError(f"{text!r} is no {what}; allowed: a whole number from {low} to {high}")
        return value

    return parse


VALUES: Mapping[str, Callable[[str], Any]] = {
    "config": config.parse_path,
    "data": config.parse_path,
    "results": config.parse_path,
    "base_url": public_address,
    "site": config.parse_path,
    "methods": config.parse_methods,
    "clusterers": config.parse_clusterers,
    "jobs": _whole(1, 1024, "number of processes"),
    "cell_time": _seconds,
    "wait": _seconds,
    "zip": config.parse_path,
    "single_file": config.parse_path,
    "check_data": config.parse_path,
    "download": config.parse_path,
    "review": config.parse_path,
    "serve": _whole(0, 65535, "port (0: any that is free)"),
}
"""How the text of each option becomes its value; all are tried, so that all that is wrong is said at once."""


def _version() -> str:
    from importlib.metadata import version

    return f"clusterfolio {version('clusterfolio')}"
