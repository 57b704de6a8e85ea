"""Data files that are missing, cut or wrong: the page says so for that setting or panel, and the rest works.

Every kind of data file that the explorer, the comparison and the audit load is damaged, one file at a time. What a page
is made of (its study, its catalogue) may stop it, with a message; a setting's own data leave it missing, and others
can be chosen; anything else costs its own panel only. Put right again, the same setting shows without a reload.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from precompute import pipeline
from precompute.config import Grid
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from site_templates import publish
from tests.browser.conftest import Explorer
from tests.browser.helpers import opened, until
from tests.conftest import TINY, few_digits

Damage = Callable[[str], str | None]
SAYS = re.compile(r"could not be loaded|damaged|cannot be (?:shown|compared|marked)|are missing")
FAULTS = (
    "ERR_FILE_NOT_FOUND",
    "page error: Unexpected",
    "page error: Invalid or unexpected",
    "is not defined",
    "console error: Error: The data of",
    "console error: TypeError",
)
"""What the browser says of a script that is missing or cut, and a page of what stopped it. Anything else is a fault: an
exception that nobody caught, a rejected promise, a violation of the policy."""


def content(text: str) -> tuple[str, object]:
    """Name and value of a data file."""
    name, value = re.fullmatch(r'clusterfolio\.receive\("([^"]+)",(.*)\);?\s*', text, re.DOTALL).groups()  # type: ignore[union-attr]
    return name, json.loads(value)


def with_value(change: Callable[[object], object]) -> Damage:
    def damaged(text: str) -> str:
        name, value = content(text)
        return f'clusterfolio.receive("{name}",{json.dumps(change(value))});\n'

    return damaged


def shortened(value: object) -> object:
    """The same with every long text cut in half: columns, packed content, pictures."""
    if isinstance(value, dict):
        return {key: shortened(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shortened(each) for each in value]
    return value[: len(value) // 8 * 4] if isinstance(value, str) and len(value) >= 16 and " " not in value else value


WAYS: Mapping[str, Damage] = {
    "missing": lambda text: None,
    "empty": lambda text: "",
    "cut": lambda text: text[: len(text) // 2],
    "one bit": lambda text: text.replace("clusterfolio.", "clusterfolin.", 1),
    "another's": lambda text: 'clusterfolio.receive("something", {});\n',
    "null": with_value(lambda value: None),
    "nothing in it": with_value(lambda value: {}),
    "columns cut": with_value(shortened),
}


@dataclass(frozen=True)
class Case:
    """A kind of data file on a page: where it is asked for, and where the page can go from there.

    `stops`: without it there is no page. `missing`: the setting at `address` needs it; anything else costs a panel.
    `ways`: how it is damaged; what never gets as far as a reader is the same for all files, so that one has them all.
    """

    page: str
    file: str
    address: str
    stops: bool = False
    missing: bool = False
    ways: Sequence[str] = ("cut", "nothing in it", "columns cut")


HERE, PAIR = "#perplexity=30&k=4&sample=7", "#a=tsne-p30-k4&b=features-k4&sample=7"
CASES = (
    Case("index.html", "study", HERE, stops=True),
    Case("index.html", "tsne-p30", HERE, missing=True, ways=tuple(WAYS)),
    Case("index.html", "features", f"{HERE}&space=features", missing=True),
    Case("index.html", "pca", HERE),
    Case("index.html", "sprite", HERE),
    Case("index.html", "grid-values-tsne-kmeans", HERE),
    Case("index.html", "neighbors", HERE),
    Case("index.html", "history-values-tsne-kmeans", HERE),
    Case("index.html", "examples", HERE),
    Case("compare.html", "study", PAIR, stops=True),
    Case("compare.html", "compare", PAIR, stops=True),
    Case("compare.html", "tsne-p30", PAIR, missing=True),
    Case("compare.html", "features", PAIR, missing=True),
    Case("compare.html", "places-tsne-p30", PAIR, missing=True),
    Case("compare.html", "places-features", PAIR, missing=True),
    Case("compare.html", "../../twin/data/study", "#a=tsne-p30-k4&b=twin:tsne-p5-k4", missing=True),
    Case("compare.html", "../../twin/data/tsne-p5", "#a=tsne-p30-k4&b=twin:tsne-p5-k4", missing=True),
    Case("compare.html", "sprite", PAIR),
    Case("compare.html", "film", PAIR),
    Case("audit.html", "study", "", stops=True),
    Case("audit.html", "audit", "", stops=True),
    Case("audit.html", "sprite", ""),
)
ELSEWHERE = {"index.html": "#perplexity=5&k=3", "compare.html": "#a=tsne-p5-k3&b=tsne-p12.5-k10"}


@pytest.fixture(scope="module")
def site(tiny_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny study and another one over the same samples, which the comparison knows."""
    folder = tmp_path_factory.mktemp("chunks")
    shutil.copytree(tiny_results, folder / "results")
    data = replace(few_digits(), title="Its twin")
    outcome = pipeline.compute(
        planned(data, replace(TINY, id="twin", grid=Grid.of(perplexity=(5.0,), k=(4,)))), folder / "results", Machine()
    )
    assert not outcome.failed
    publish.publish(folder / "results", folder / "site", ["tiny", "twin"], "A gallery")
    return folder / "site"


def unhashed(path: Path) -> str:
    return re.sub(r"-[0-9a-f]{12}$", "", path.stem)


def file_of(site: Path, case: Case) -> Path:
    folder = (site / "tiny/data" / case.file).parent.resolve()
    (found,) = (path for path in folder.glob("*.js") if unhashed(path) == Path(case.file).name)
    return found


@contextmanager
def damaged(path: Path, damage: Damage) -> Iterator[None]:
    before = path.read_text(encoding="utf-8")
    after = damage(before)
    assert after != before
    path.unlink()
    if after is not None:
        path.write_text(after, encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


def ended(page: Explorer) -> str:
    """The state that the page comes to rest in: ready or error."""
    until(page.page, "['ready', 'error'].includes(document.documentElement.dataset.state)")
    return page.page.locator("html").get_attribute("data-state") or ""


def said(page: Explorer) -> str:
    """What can be read in the alert and in the panels of the page."""
    return str(
        page.page.evaluate(
            "document.querySelector('[role=alert]').textContent + ' ' + document.querySelector('main').innerText"
        )
    )


def go(page: Explorer, fragment: str) -> str:
    page.page.evaluate(
        """fragment => new Promise((resolve) => {
            addEventListener("hashchange", () => setTimeout(resolve, 0), { once: true });
            location.hash = fragment;
        })""",
        fragment,
    )
    return ended(page)


def check(page: Explorer, site: Path, case: Case, way: str) -> None:
    path, where = file_of(site, case), f"{case.page}, {case.file}, {way}"
    with damaged(path, WAYS[way]):
        page.page.goto("about:blank")
        page.page.goto(f"{site.as_uri()}/tiny/{case.page}{case.address}")
        state = ended(page)
        assert state == ("error" if case.stops or case.missing else "ready"), f"{where}: {state}, {said(page)[:300]}"
        until(page.page, f"/{SAYS.pattern}/.test(document.querySelector('main').textContent)")
        if case.stops or case.page not in ELSEWHERE:
            return
        assert go(page, ELSEWHERE[case.page]) == "ready", f"{where}: {said(page)[:300]}"
        assert not case.missing or not page.page.locator("[role=alert]").inner_text(), where
        shown = page.page.locator("html").get_attribute("data-setting") or ""
        assert shown in ("tsne-p5-k3", "tsne-p5-k3 tsne-p12.5-k10"), where
    if case.missing:
        if go(page, case.address) == "error":  # it was asked for ahead while it was damaged, and is loaded anew now
            go(page, ELSEWHERE[case.page])
            go(page, case.address)
        assert ended(page) == "ready", f"{where}: repaired, but {said(page)[:300]}"
        assert page.page.locator("[role=alert]").inner_text() == "", where


def ways(case: Case, all_ways: bool) -> Sequence[str]:
    """How a file is damaged here: in all its ways; or in one of them, in turn, and in each third where it has all."""
    if all_ways:
        return case.ways
    return case.ways[::3] if len(case.ways) == len(WAYS) else (case.ways[CASES.index(case) % len(case.ways)],)


def test_every_kind_of_data_file_is_tried(site: Path) -> None:
    kinds = {re.sub(r"-p[\d.]+$", "", unhashed(path)) for path in (site / "tiny/data").glob("*.js")}
    assert kinds == {re.sub(r"-p[\d.]+$", "", Path(case.file).name) for case in CASES}


@pytest.mark.parametrize("all_ways", [pytest.param(True, marks=pytest.mark.slow), False])
@pytest.mark.parametrize("page", ["index.html", "compare.html", "audit.html"])
def test_damage_is_said_where_it_shows_and_the_rest_works(
    browser: Browser, site: Path, page: str, tell: Callable[[str], None], all_ways: bool
) -> None:
    """Files are read in one place: quickly each file is tried with one way, and with the slow tests in all its ways."""
    cases = [case for case in CASES if case.page == page]
    with opened(browser, site.as_uri(), FAULTS) as shown:
        for case in cases:
            for way in ways(case, all_ways):
                check(shown, site, case, way)
    tried = sum(len(ways(case, all_ways)) for case in cases)
    tell(f"damaged data of {page}: {len(cases)} kinds of file in {tried} cases, each with a message")
