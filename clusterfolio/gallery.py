"""Publishing from Python: studies in, a folder of pages out, which shows itself."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import os
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clusterfolio import arrays, cli
from clusterfolio import options as command_line
from clusterfolio.notebook import HEIGHT, View
from clusterfolio.printing import Printer
from clusterfolio.results import Results, read
from clusterfolio.study import Study
from precompute import gallery as planning
from precompute.config import Config, ConfigError, Grid
from precompute.machine import interrupts
from precompute.run.study import PlannedStudy
from site_templates.publish import SiteError

GLANCE = Grid.of(perplexity=(10.0, 30.0, 50.0))
"""What `explore` looks at."""
PATIENCE = 3600.0
"""Seconds for which a call waits for another one that is at work in the same folders: a kernel may have several."""
Place = str | os.PathLike[str]


class Gallery:
    """A site that was published. It shows itself: in a notebook the explorer of its first study, inline.

    Attributes:
        path: the page to open.
        folder: the site's folder, with everything that the pages need.
        results: folder of the tables, one folder a study; also of what is kept of computations (`.cells`).
        studies: ids of the studies that were given.
        complete: whether nothing of them could not be computed.
    """

    def __init__(self, folder: Path, results: Path, studies: Sequence[str], complete: bool = True) -> None:
        self.folder, self.results, self.studies, self.complete = folder, results, tuple(studies), complete

    @property
    def path(self) -> Path:
        """The page to open."""
        return self.folder / "index.html"

    def __repr__(self) -> str:
        """Where it is."""
        return f"Gallery({str(self.path)!r}: {', '.join(self.studies)})"

    def __getitem__(self, study: str) -> View:
        """The explorer of a study, by its id."""
        return self.show(study)

    def show(self, study: str | None = None, *, height: int = HEIGHT) -> View:
        """The explorer of a study, to be shown in a notebook.

        Args:
            study: its id; None: the first.
            height: in pixels; the lower right corner can be dragged.

        Raises:
            KeyError: there is no such study; says which there are.
        """
        name = self.studies[0] if study is None else study
        if name not in self.studies:
            raise KeyError(f"there is no study {name!r} here; there are: {', '.join(self.studies)}")
        return View(self.folder, name, height, others=tuple(one for one in self.studies if one != name))

    def read(self, study: str | None = None) -> Results:
        """The results of a study as data frames; None: of the first."""
        return read(self.results / (self.studies[0] if study is None else study))

    def open(self) -> None:
        """Open the gallery in this machine's browser."""
        import webbrowser

        webbrowser.open(self.path.resolve().as_uri())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {**self.show()._repr_mimebundle_(include, exclude), "text/plain": repr(self)}


def publish(
    studies: Study | Sequence[Study],
    site: Place = "site",
    *,
    results: Place = "results",
    title: str | None = None,
    base_url: str | None = None,
    replace: bool = False,
    adopt: bool = False,
    zip: Place | bool | None = None,
    single_file: Place | bool | None = None,
    jobs: int | None = None,
    quiet: bool = False,
) -> Gallery:
    """Compute what is missing of some studies, and publish them as a folder of plain files.

    What was computed is kept in `results` and found again by its content: an equal study is not computed twice, and a
    call that was interrupted is gone on with by the next. Of other studies the site keeps the pages.

    Args:
        studies: one, or several for a gallery.
        site: folder of the pages.
        results: folder of the tables; neither may lie in the other.
        title: of the gallery.
        base_url: public address of the site, for previews and a sitemap.
        replace: whether the site is to hold these studies and no other.
        adopt: whether the site's folder may hold files that no build made; they stay.
        zip, single_file: also write copies to take along: a file, or True for one beside the site.
        jobs: processes at once. None: one a core.
        quiet: whether neither notes nor progress are shown.

    Raises:
        ConfigError: grids that do not fit the data, or two studies of one id; all of them.
        DataError: samples of which no map can be made.
        SiteError: the site cannot be written there, or nothing of it could be computed.
        KeyboardInterrupt: it was interrupted; what was finished is kept.
    """
    given = [studies] if isinstance(studies, Study) else list(studies)
    ids = [study.config.id for study in given]
    if not given:
        raise ConfigError(["publish: no study is given; needed: at least one"])
    for name in dict.fromkeys(ids):
        if ids.count(name) > 1:
            problem = f"{ids.count(name)} studies have the id {name!r}"
            raise ConfigError([f"publish: {problem}; give each an id of its own: Study(id=…)"])
    options = _options(
        site=Path(site).expanduser(), results=Path(results).expanduser(), replace=replace, adopt=adopt, jobs=jobs,
        base_url=None if base_url is None else command_line.VALUES["base_url"](base_url),
        zip=_target(zip), single_file=_target(single_file), quiet=quiet,
    )  # fmt: skip
    printer = Printer(quiet, brief=True)
    wanted = Config(title, tuple(study.config for study in given))

    def load(taken: Sequence[str]) -> list[PlannedStudy]:
        for study in given:
            printer.notes(study.config.id, study.notes)
        return planning.planned_all([(study.data, study.config) for study in given], taken)

    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)  # see cli.main
    with interrupts.interruptible(ends=False):
        code = cli.build(wanted, load, options, printer)
    made = Gallery(options.site, options.results, ids, code == 0)
    if not made.path.is_file():
        raise SiteError(f"{options.site}: nothing could be computed, so nothing is published; see the errors above")
    return made


def explore(X: Any, y: Any = None, *, folder: Place | None = None, quiet: bool = False, **more: Any) -> Gallery:
    """The shortest way: t-SNE at perplexity 10, 30 and 50 with K-Means, in a temporary folder, to be shown.

    Args:
        X: features (n, d), images (n, h, w) or (n, h, w, 3), or what else `Study` takes.
        y: (n,) labels, if there are any.
        folder: where to keep tables and pages. None: a temporary folder, one for all calls of this process; an equal
            call is answered from it at once. It is left to the system to remove.
        quiet: whether neither notes nor progress are shown.
        **more: of `Study`, such as `image_shape=(8, 8)` for flat images, `ids=`, or `perplexity=`.

    Raises:
        See `Study` and `publish`.
    """
    pictures = _are_pictures(X) and "features" not in more
    samples = "images" if pictures or "image_shape" in more else "features"
    usual = {"methods": "tsne", "clusterers": "kmeans", "robustness": False}
    study = Study(**{samples: X, "labels": y, **usual, **more})
    if not study.config.grid.explicit:
        study.config = dataclasses.replace(study.config, grid=GLANCE)
    place = _temporary() / study.data.sha256()[:16] if folder is None else Path(folder).expanduser()
    return publish(study, place / "site", results=place / "results", quiet=quiet)


def _are_pictures(value: Any) -> bool:
    """Whether samples that came without a word are images: of three or four sides, or a list of pictures."""
    if isinstance(value, Mapping):
        return "images" in value
    shape = getattr(value, "shape", None)
    return arrays.are_pictures(value) if shape is None else len(shape) in (3, 4)


@functools.cache
def _temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix="clusterfolio-"))


def _target(value: Place | bool | None) -> Path | bool | None:
    return value or None if value is None or isinstance(value, bool) else Path(value).expanduser()


def _options(**values: Any) -> argparse.Namespace:
    """The options of a build, but for these as on a command line without any; nobody is asked."""
    options = command_line.parsed([], "clusterfolio")
    vars(options).update(yes=True, wait=PATIENCE, **values)
    return options
