"""A whole build, made small and fast enough to be broken hundreds of times.

`cli.main` runs as it is, with its locks, checks, tables and pages. Only what takes long is remembered: what
`compute_local`, `render`, a `Drawing`, `load_assets` and `machine` gave for the same input the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from clusterfolio import cli, options
from clusterfolio.printing import Printer
from precompute import dataset
from precompute.maps import tsne
from precompute.run import environment, parts, workers
from precompute.run.cells import CellCache, Part
from site_templates import publish
from site_templates.images import queue
from site_templates.output.assets import load_assets
from site_templates.pages import render
from site_templates.pages.render import Rendered
from tests.conftest import PLAIN, few_digits

T = TypeVar("T")
SAMPLES = 60
FIRST = ["--perplexity", "5,8", "--k", "3,4", *PLAIN]
SECOND = ["--perplexity", "5,10", "--k", "3,5", *PLAIN]
SHOWN = ("results", "site")


class Small:
    """Builds of a few digits in this process.

    Attributes:
        computed: names of the parts that were computed since this was emptied.
        few: whether sites have only one page and one other file of each folder: written as all are, in fewer steps.
    """

    def __init__(self, patch: Callable[[Any, str, Any], None], samples: int = SAMPLES) -> None:
        self.computed: list[str] = []
        self.few = False
        self._parts: dict[Any, Part] = {}
        self._pages: dict[str, Rendered] = {}
        self._pictures: dict[str, bytes] = {}
        self._compute, self._render = parts.compute_local, render.render
        data = few_digits(samples)
        patch(dataset, "BUILT_IN", {**dataset.BUILT_IN, "digits": lambda: data})
        patch(workers, "run", self._run)
        patch(tsne, "compile_kernels", lambda: None)
        patch(render, "render", self._remembered_pages)
        self._draw = queue.Drawing.__call__
        patch(queue.Drawing, "__call__", lambda one: self._remembered_picture(one))
        machine = environment.machine()
        patch(environment, "machine", lambda: machine)
        assets = load_assets()
        patch(publish, "load_assets", lambda: assets)
        patch(Printer, "progress", lambda self, title: nullcontext(lambda at: None))  # notes are told, and nothing else

    def build(self, folder: Path, *arguments: str) -> int:
        """Run build.py on `results` and `site` in a folder; the exit code."""
        places = ["--results", str(folder / "results"), "--site", str(folder / "site")]
        return cli.main([*places, "--jobs", "1", "--wait", "0", *arguments])

    def _run(
        self,
        function: Callable[[Any], Any],
        tasks: Mapping[str, Any],
        jobs: int,
        limit: float | None,
        _: workers.WorkerPool,
    ) -> Iterator[tuple[str, Any]]:
        assert (jobs, limit) == (1, options.CELL_TIME)
        for name, task in tasks.items():
            if function is workers.call:
                yield name, workers.single_threaded(function, task)
                continue
            assert function is parts.compute_local
            self.computed.append(name)
            kept = CellCache(task.folder).read(name, task.part.cell.key)
            key = (name, str(task.part), str(kept))
            if key not in self._parts:
                self._parts[key] = workers.single_threaded(self._compute, task)
            yield name, self._parts[key]

    def _remembered_pages(
        self,
        studies: Any,
        assets: Any,
        title: str,
        address: str | None,
        begin: Callable[[str, queue.Drawing], None],
        standing: Mapping[str, Any],
        space: bool,
    ) -> Rendered:
        key = str([[study.manifest.fingerprint for study in studies], title, address, sorted(standing), space])
        if key not in self._pages:
            self._pages[key] = self._render(studies, assets, title, address, standing=standing, space=space)
        made = self._pages[key]
        if self.few:
            made = replace(made, files=_few(made.files), drawings=_few(made.drawings))
        for path, one in made.drawings.items():
            begin(path, one)
        return made

    def _remembered_picture(self, one: queue.Drawing) -> bytes:
        if one.key not in self._pictures:
            self._pictures[one.key] = self._draw(one)
        return self._pictures[one.key]


def _few(files: Mapping[str, T]) -> dict[str, T]:
    """The last file and the last page of each folder."""
    chosen = {(Path(name).parent, name.endswith(".html")): name for name in sorted(files)}
    return {name: files[name] for name in chosen.values()}


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of the results and the site, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for part in SHOWN
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
    }
