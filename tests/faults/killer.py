"""Kill a build at one step of its writing after another, and look at what it leaves each time.

Run by `test_kills.py` as a process of its own, which loads everything once; each build that is to die is a fork of it.
Every write has two steps: the new file without its name yet, by turns half and whole; and its name just taken. Every
file or folder removed and every folder made is a step, too. Prints a report as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from precompute import store
from precompute.machine import files
from precompute.run import cells
from site_templates import publish
from site_templates.downloads import machines
from tests.faults.small import FIRST, SECOND, Small, tree

MANIFEST = "results/digits/manifest.json"
WRITING = "results/.digits.writing.json"
FEW_STRIDE = int(os.environ.get("KILL_EVERY", "35"))
"""Where the site has few files: each 35th step, an odd number so that half and whole files take turns; make test-all
takes each third, KILL_EVERY=1 tries all."""
STRIDE = 73 if FEW_STRIDE > 7 else 23
"""While a whole site is written, whose steps are too many for more."""
KEEP_EVERY = 2
"""Of the sites with pages that killed builds leave between the old and the new, so few are looked at in a browser."""


class Steps:
    """Counts the steps of writing, and ends this process with SIGKILL at the n-th."""

    def __init__(self, last: int) -> None:
        self.left, self.torn = last, last // FEW_STRIDE % 2 == 0

    def step(self, before: Callable[[], object] = lambda: None) -> None:
        self.left -= 1
        if self.left == 0:
            before()
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        for name in ("unlink", "rmdir", "mkdir"):
            setattr(os, name, self._counted(getattr(os, name)))
        setattr(os, "fsync", self._fsync)  # noqa: B010

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.step()
            return real(*arguments, **options)

        return call

    def _fsync(self, file: Any) -> None:
        """No disk is waited for: a killed process loses nothing that it has written; a torn file is made so."""
        found = os.fstat(file)
        tear = self.torn and stat.S_ISREG(found.st_mode)
        self.step((lambda: os.ftruncate(file, found.st_size // 2)) if tear else (lambda: None))


def killed(small: Small, folder: Path, arguments: list[str], step: int) -> bool:
    """Build in a fork that dies at a step; whether it did, or came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            Steps(step).install()
            code = small.build(folder, "-q", *arguments)
        except BaseException as error:  # a fork must never go on with the parent's work
            print(f"step {step}: {error!r}", file=sys.stderr, flush=True)
            code = 99
        os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, f"step {step}: exit code {os.WEXITSTATUS(status)}"
    return False


def check_left(left: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes]) -> list[str]:
    """What is wrong with the files that a killed build left, between the old ones and the new."""
    wrong = []
    for name, data in left.items():
        path = Path(name)
        if files.is_leftover(path) or data in (old.get(name), new.get(name)):
            continue
        if path.name == publish.FILES and b'"made_from": ""' in data and files.is_sealed(data):
            continue
        if name.endswith(".part") and cells.unpack(data):
            continue
        if name == WRITING and set(json.loads(data)) >= store.ALWAYS:
            continue
        wrong.append(f"{name}: neither old nor new")
    return wrong + check_site(left, old, new)


def check_site(left: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes]) -> list[str]:
    """A page that stands must find every file of the build that made it: pages, assets, data, pictures."""
    wrong = []
    for page in [name for name in left if name.startswith("site/") and name.endswith(".html")]:
        fits = [
            build
            for build in (old, new)
            if build.get(page) == left[page]
            and all(left.get(name) == data for name, data in build.items() if is_content(name))
        ]
        if not fits:
            wrong.append(f"{page}: finds files of another build, or misses some")
    return wrong


def is_content(name: str) -> bool:
    """Whether a file is one that a page shows or runs.

    Downloads are not, nor what is for programs: they keep their names from build to build, so until a killed build is
    made up for, some may be newer than the page that lists them. So do pictures of settings, but those that both builds
    have are the same here.
    """
    others = (".html", ".xml", f"/{machines.SETTINGS}", "/llms.txt", publish.FILES)
    return name.startswith("site/") and "/download/" not in name and not name.endswith(others)


def rounds(
    small: Small,
    place: Path,
    base: Path | None,
    arguments: list[str],
    report: dict[str, Any],
    first: int = 1,
    stride: int = 1,
) -> Path:
    """Kill builds on a copy of `base` at each step from the first by a stride, until one ends.

    Returns:
        The folder of an undisturbed build.
    """
    undisturbed = place / "undisturbed"
    if base:
        shutil.copytree(base, undisturbed)
    assert small.build(undisturbed, "-q", *arguments) == 0
    old, new = tree(base) if base else {}, tree(undisturbed)
    kills, step = 0, first
    while True:
        folder = place / "killed"
        if base:
            shutil.copytree(base, folder)
        else:
            folder.mkdir(parents=True)
        if not killed(small, folder, arguments, step):
            break
        kills += 1
        left = tree(folder)
        faults = check_left(left, old, new)
        if left.get(MANIFEST) == new[MANIFEST]:
            report["site"].setdefault(place.name, step)
        if (
            not small.few
            and "site/digits/index.html" in left
            and any(left.get(name) != new[name] for name in new if is_content(name))
        ):
            report["between"] += 1
            if report["between"] % KEEP_EVERY == 0:
                shutil.copytree(folder / "site", place.parent / "kept" / f"{place.name}-{step}")
        wanted = {path for path in new if path.endswith(".part") and left.get(path) != new[path]}
        small.computed.clear()
        if small.build(folder, "-q", *arguments) != 0:
            faults.append("the next build failed")
        again = {name for name in small.computed if not any(Path(path).name.startswith(f"{name}-") for path in wanted)}
        if again:
            faults.append(f"computed again though it was there: {sorted(again)}")
        done = tree(folder)
        faults += [f"{name}: differs after the next build" for name in {*done, *new} if done.get(name) != new.get(name)]
        faults += [f"{path}: left over" for path in folder.rglob("*") if files.is_leftover(path)]
        report["faults"] += [f"{place.name}, step {step}: {fault}" for fault in faults]
        shutil.rmtree(folder)
        step += stride
    report["kills"][place.name] = kills
    return undisturbed


def main(place: Path) -> None:
    """Kill first builds in an empty folder, then builds of another grid over a finished one.

    At steps by a stride where the site has few files; then, where it is whole, at fewer, of writing the site.
    """
    setattr(os, "fsync", lambda file: None)  # noqa: B010
    (place / "kept").mkdir()
    small = Small(setattr)
    report: dict[str, Any] = {"kills": {}, "faults": [], "between": 0, "site": {}}
    small.few = True
    first = rounds(small, place / "first", None, FIRST, report, 1, FEW_STRIDE)
    rounds(small, place / "second", first, SECOND, report, 2, FEW_STRIDE)
    small.few = False
    begins = report["site"]["first"], report["site"]["second"]
    whole = rounds(small, place / "whole first", None, FIRST, report, begins[0], STRIDE)
    rounds(small, place / "whole second", whole, SECOND, report, begins[1], STRIDE)
    print(json.dumps(report))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
