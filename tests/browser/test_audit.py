"""The audit page: its figures are the tables', marks survive and come back, and nothing hostile gets in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from clusterfolio import cli
from precompute import pipeline
from precompute.config import Grid, StudyConfig
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.store import Study
from site_templates import publish, review
from site_templates.output.bundles import STATIC
from site_templates.texts import FORMULA
from tests.browser.conftest import ARTIFACTS, Explorer
from tests.browser.helpers import WINDOWS, complaints, opened, until
from tests.conftest import few_digits

AUDIT = "digits/audit.html"


def shown(page: Explorer) -> list[int]:
    """Samples whose rows are in the document, in order."""
    found: list[str] = page.page.eval_on_selector_all(
        "#rows tr[data-sample]", "all => all.map(one => one.dataset.sample)"
    )
    return [int(one) for one in found]


def chosen(page: Explorer) -> int:
    return int(page.page.locator("html").get_attribute("data-sample") or -1)


def keys(study: Study) -> list[str]:
    """Names under which the page keeps marks of these samples, and under which earlier versions did."""
    info = study.manifest.dataset
    return [f"clusterfolio.marks.{info.id}.{print_[:16]}" for print_ in (info.same_samples, info.sha256)]


def marks_key(page: Page) -> str:
    """The one entry of the storage that holds marks."""
    return page.evaluate("Object.keys(localStorage).find(name => name.startsWith('clusterfolio.marks.'))")


def test_figures_and_order_are_those_of_the_table(explorer: Explorer, study: Study) -> None:
    explorer.open(path=AUDIT)
    page = explorer.page
    rows = study.tables["review"].to_pandas()
    suspects = rows[rows["class"] == "suspect"]
    assert page.locator("#count").inner_text() == f"{len(suspects)} of 1,797 samples"
    order = suspects["sample"].to_numpy()[np.lexsort((suspects["sample"], -suspects.suspicion.astype(np.float32)))]
    assert shown(explorer)[:12] == order[:12].tolist()
    assert chosen(explorer) == order[0]
    row = rows.loc[order[0]]
    for name in ("suspicion", "other_in_clusters", "other_in_neighbors", "entropy", "distance"):
        text = page.locator(f"[data-figure={name}]").inner_text()
        assert abs(float(text) - row[name]) <= 0.000501, name
    assert page.locator("[data-figure=stability]").inner_text() == f"{100 * row.stability:.1f} %"
    for view, count in (("core", (rows["class"] == "core").sum()), ("outlier", rows.outlier.sum()), ("all", 1797)):
        page.select_option("#view", view)
        assert page.locator("#count").inner_text() == f"{count:,} of 1,797 samples"


def test_search_by_id_filter_by_label_and_the_way_to_the_explorer(local: Explorer, study: Study) -> None:
    local.open(path=AUDIT)
    page = local.page
    page.select_option("#view", "all")
    page.select_option("#sort", "sample")
    page.select_option("#label", "4")
    labels = study.tables["samples"].column("label").to_numpy()
    assert page.locator("#count").inner_text() == f"{(labels == 4).sum()} of 1,797 samples"
    page.select_option("#label", "")
    page.fill("#search", "1234")
    assert shown(local) == [1234]
    page.get_by_role("link", name="See it in the explorer").click()
    local.ready()
    assert "sample=1234" in local.hash()


def test_all_rows_can_be_scrolled_to_and_few_are_in_the_document(local: Explorer) -> None:
    local.open(path=AUDIT)
    local.page.select_option("#view", "all")
    local.page.select_option("#sort", "sample")
    local.page.evaluate("document.getElementById('window').scrollTop = 1e9")
    local.page.wait_for_selector("#rows tr[data-sample='1796']")
    assert len(shown(local)) < 60
    assert shown(local)[-1] == 1796


def test_marks_by_keyboard_survive_a_reload_and_come_back_by_review(
    local: Explorer, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    local.open(path=AUDIT)
    page = local.page
    order = shown(local)
    for name in ("3", "j", "2", "j", "1", "j", "1", "1", "k"):
        page.keyboard.press(name)
    assert chosen(local) == order[2]
    expected = {order[0]: "mislabelled", order[1]: "ambiguous", order[2]: "fine"}
    page.reload()
    local.ready()
    assert page.locator("#marked").inner_text() == "3 marked"
    for kind in ("csv", "json"):
        with page.expect_download() as waiting:
            page.click(f"#export-{kind}")
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        assert path.name == f"digits-marks.{kind}"
        assert {one.sample: one.mark for one in review.read(path, results).marks} == expected
        assert cli.main(["--review", str(path), "--results", str(results)]) == 0
        assert "3 samples marked: 1 fine, 1 ambiguous, 1 mislabelled" in capsys.readouterr().out
    page.click("#forget")
    assert page.locator("#marked").inner_text() == "0 marked; 3 forgotten"
    assert page.evaluate("document.activeElement.id") == "undo"
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.press("2")
    page.focus("#undo")
    page.keyboard.press("Enter")
    assert page.locator("#marked").inner_text() == "3 marked"
    assert page.evaluate("document.activeElement.id") == "forget"
    assert not page.locator("#undo").is_visible()
    assert page.locator(f"#rows tr[data-sample='{order[2]}'] .mark").inner_text() == "ambiguous", (
        "given since: it stays"
    )
    assert page.locator(f"#rows tr[data-sample='{order[0]}'] .mark").inner_text() == "mislabelled"
    page.click("#forget")
    page.reload()
    local.ready()
    assert page.locator("#marked").inner_text() == "0 marked"
    assert not page.locator("#undo").is_visible()


def test_two_tabs_keep_each_others_marks(local: Explorer) -> None:
    local.open(path=AUDIT)
    page = local.page
    order = shown(local)
    other = page.context.new_page()
    other.goto(f"{local.root}/{AUDIT}#show=marked")
    other.wait_for_selector("html[data-state=ready]", state="attached")
    page.keyboard.press("3")
    until(other, "document.getElementById('marked').textContent === '1 marked'")
    assert other.locator("#rows tr[data-sample]").get_attribute("data-sample") == str(order[0]), "the list follows"
    # no event reaches a tab between another's writing and its own
    other.evaluate("addEventListener('storage', event => event.stopImmediatePropagation(), true)")
    page.keyboard.press("j")
    page.keyboard.press("1")
    other.locator("#rows tr[data-sample]").first.click()
    other.keyboard.press("2")
    until(page, "document.getElementById('marked').textContent === '2 marked'")
    kept = dict(page.evaluate("name => JSON.parse(localStorage.getItem(name))", marks_key(page)))
    assert kept == {order[0]: "ambiguous", order[1]: "fine"}
    other.close()
    page.click("#forget")


def test_marks_that_the_browser_refuses_to_keep_stay_on_the_page(local: Explorer) -> None:
    local.open(path=AUDIT)
    page = local.page
    order = shown(local)
    page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
    )
    for name in ("3", "j", "1"):
        page.keyboard.press(name)
    assert page.locator("#marked").inner_text().startswith("2 marked; this browser does not keep them")
    assert page.locator(f"#rows tr[data-sample='{order[0]}'] .mark").inner_text() == "mislabelled"
    page.evaluate("() => { Storage.prototype.getItem = () => { throw new DOMException('no', 'SecurityError'); }; }")
    page.keyboard.press("2")
    assert page.locator("#marked").inner_text().startswith("2 marked; this browser")


def test_the_address_holds_queue_order_filters_and_sample(local: Explorer, study: Study) -> None:
    local.open(path=AUDIT)
    page = local.page
    first = local.hash()
    assert first == f"#show=suspect&sample={chosen(local)}"
    steps = [first]
    page.select_option("#view", "ambiguous")
    assert page.locator("#sort").input_value() == "entropy"
    steps.append(local.hash())
    page.select_option("#sort", "stability")
    page.select_option("#label", "8")
    steps += [local.hash()]
    page.fill("#search", " 1 ")
    page.locator("#search").blur()
    steps.append(local.hash())
    page.locator("#rows tr[data-sample]").nth(2).click()
    sample = chosen(local)
    assert local.hash() == f"#show=ambiguous&sort=stability&label=8&find=1&sample={sample}"
    steps.append(local.hash())
    before = shown(local)
    page.reload()
    local.ready()
    assert (local.hash(), shown(local), chosen(local)) == (steps[-1], before, sample)
    found = [page.locator(f"#{name}").input_value() for name in ("view", "sort", "label", "search")]
    assert found == ["ambiguous", "stability", "8", "1"]
    labels = study.tables["samples"].column("label").to_numpy()
    assert all(labels[one] == 8 and "1" in str(one) for one in before)
    for address in steps[-2::-1]:
        page.go_back()
        if address == steps[1]:
            page.go_back()  # the order was a step, too
        until(page, "address => location.hash === address", address)
        assert page.locator("#search").input_value() == ("1" if "find=1" in address else "")
        assert f"sample={chosen(local)}" in address
    assert page.locator("#view").input_value() == "suspect"
    page.keyboard.press("j")
    page.keyboard.press("j")
    until(page, "document.documentElement.dataset.sample === new URLSearchParams(location.hash.slice(1)).get('sample')")
    page.go_forward()
    until(page, "address => location.hash === address", steps[1])


def test_a_queue_comes_in_its_own_order_once(local: Explorer, study: Study) -> None:
    local.open(path=AUDIT)
    page = local.page
    page.evaluate(
        """() => {
            window.written = 0;
            const replace = Element.prototype.replaceChildren;
            document.getElementById("rows").replaceChildren = function (...all) {
                window.written += 1;
                return replace.apply(this, all);
            };
        }"""
    )
    orders = {
        "ambiguous": "entropy",
        "core": "suspicion",
        "outlier": "distance",
        "duplicate": "twin",
        "all": "suspicion",
    }
    for view, sort in orders.items():
        page.select_option("#view", view)
        assert page.locator("#sort").input_value() == sort, view
    assert page.evaluate("window.written") <= 3 * len(orders), "a list a change, its row chosen and brought into sight"
    page.select_option("#view", "ambiguous")
    rows = study.tables["review"].to_pandas()
    rows = rows[rows["class"] == "ambiguous"]
    order = rows["sample"].to_numpy()[np.lexsort((rows["sample"], -rows.entropy.astype(np.float32)))]
    assert shown(local)[:12] == order[:12].tolist()


def test_a_sample_outside_the_list_has_its_card_and_the_page_says_so(local: Explorer, study: Study) -> None:
    rows = study.tables["review"].to_pandas()
    core = int(rows["sample"][rows["class"] == "core"].iloc[0])
    local.open(f"#show=suspect&sample={core}", AUDIT)
    assert chosen(local) == core
    assert "not in the list" in local.page.locator("#card-body").inner_text()
    assert local.page.locator("#rows tr[aria-current]").count() == 0
    local.page.keyboard.press("j")
    assert chosen(local) == shown(local)[0]
    assert "not in the list" not in local.page.locator("#card-body").inner_text()


def test_labels_given_are_the_tables_though_only_some_are_sent(local: Explorer, study: Study) -> None:
    rows = study.tables["review"].to_pandas()
    labels = study.tables["samples"].column("label").to_numpy()
    several = rows["sample"][rows["labels"].map(len) > 1].iloc[::97]
    other = rows["sample"][[len(row) == 1 and row[0] != labels[at] for at, row in enumerate(rows["labels"])]].iloc[:2]
    core = rows["sample"][rows["class"] == "core"].iloc[:2]
    assert len(several) > 3 and len(core) == 2
    local.open(path=AUDIT)
    for sample in (*several, *other, *core):
        local.page.evaluate("address => { location.hash = address; }", f"show=all&sample={sample}")
        until(local.page, "sample => document.documentElement.dataset.sample === sample", str(sample))
        row = rows.loc[sample]
        told = ", ".join(f"{label} in {count:,}" for label, count in zip(row["labels"], row["counts"], strict=True))
        assert local.page.locator("[data-figure=given]").inner_text() == f"{told} settings"


def test_all_confusable_pairs_are_counted_and_shown_when_asked(local: Explorer, study: Study) -> None:
    local.open(path=AUDIT)
    page, table = local.page, study.tables["confusable"].to_pylist()
    assert page.locator("#pairs-count").inner_text() == f"12 of {len(table)} pairs"
    assert page.locator("#pairs tbody tr").count() == 12
    button = page.get_by_role("button", name=f"Show all {len(table)}")
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator("#pairs-count").inner_text() == f"{len(table)} of {len(table)} pairs"
    found = page.eval_on_selector_all(
        "#pairs tbody tr", "all => all.map(row => [...row.cells].slice(0, 5).map(cell => cell.textContent))"
    )
    names = ("label", "given", "counted", "times", "samples")
    assert found == [[f"{row[name]:,}" for name in names] for row in table]
    last = page.locator("#pairs tbody tr").nth(len(table) - 1).locator("a").first
    assert f"sample={table[-1]['examples'][0]}" in (last.get_attribute("href") or "")
    page.keyboard.press("Enter")
    assert page.locator("#pairs tbody tr").count() == 12


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "{}",
        "null",
        json.dumps([[-1, "fine"], [1797, "fine"], [0.5, "fine"], ["1", "fine"], [1, "<img src=x>"], [1], 7, None]),
        json.dumps([[1, "__proto__"], ["__proto__", "fine"], {"0": 1, "1": "fine", "length": 2}]),
    ],
)
def test_hostile_storage_is_ignored(local: Explorer, study: Study, content: str) -> None:
    local.open(path=AUDIT)
    for key in keys(study):
        local.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, content])
    local.page.reload()
    local.ready()
    assert local.page.locator("#marked").inner_text() == "0 marked"


def test_exported_ids_are_no_formulas(sources: Page) -> None:
    lines = sources.evaluate(
        """(formula) => clusterfolio.marks.csv(clusterfolio.marks.rows({dataset: "d", fingerprint: "f"},
            new Map([[0, "fine"], [1, "fine"]]), (at) => ["=1+1", 'a"b'][at]),
            formula)""",
        FORMULA,
    )
    assert lines.splitlines()[1:] == ['"d","f",0,"\'=1+1","fine"', '"d","f",1,"a""b","fine"']


@pytest.mark.parametrize(("width", "scheme", "looked"), WINDOWS)
def test_the_page_fits_and_axe_finds_nothing(
    browser: Browser, site: Path, width: int, scheme: Any, looked: bool
) -> None:
    with opened(browser, site.as_uri(), viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.open(path=AUDIT)
        page.page.keyboard.press("3")
        ARTIFACTS.mkdir(exist_ok=True)
        page.page.screenshot(path=ARTIFACTS / f"audit-{width}-{scheme}.png", full_page=True)
        assert page.page.evaluate("document.documentElement.scrollWidth") == width
        assert not looked or complaints(page) == []


def test_without_script_suspects_and_pairs_are_readable(browser: Browser, site: Path, study: Study) -> None:
    with opened(browser, site.as_uri(), java_script_enabled=False) as page:
        page.page.goto(f"{site.as_uri()}/{AUDIT}")
        rows = study.tables["review"].to_pandas().sort_values(["suspicion", "sample"], ascending=[False, True])
        listed = page.page.locator("#top-suspects tbody tr")
        assert listed.count() == 36
        assert listed.nth(0).get_attribute("data-sample") == str(rows["sample"].iloc[0])
        assert f"{rows.suspicion.iloc[0]:.3f}" in listed.nth(0).inner_text()
        assert page.page.locator("#top-suspects img").count() == 36
        first = study.tables["confusable"].to_pylist()[0]
        cells = page.page.locator("#pairs tbody tr").nth(0).locator("th, td").all_inner_texts()
        assert cells[:5] == [
            str(first["label"]),
            str(first["given"]),
            *(f"{first[name]:,}" for name in ("counted", "times", "samples")),
        ]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `results` and `site` of two small studies: without labels, and with fewer clusters than labels.

    In both the second sample is the first one again.
    """
    folder = tmp_path_factory.mktemp("audit-small")
    data = few_digits(60)
    values = data.values.copy()
    values[1] = values[0]
    names = ("=1+1", "<img src=x onerror=alert(1)>", *(str(at) for at in range(2, 60)))
    kinds = {"bare": replace(data, values=values, labels=None, label_names=(), ids=names)}
    kinds["few"] = replace(data, values=values)
    for name, one in kinds.items():
        outcome = pipeline.compute(
            planned(
                one,
                StudyConfig(
                    methods=("tsne",), clusterers=("kmeans",), id=name, grid=Grid.of(perplexity=(5.0,), k=(3,))
                ),
            ),
            folder / "results",
            Machine(),
        )
        assert not outcome.failed
    publish.publish(folder / "results", folder / "site", list(kinds), "Small")
    return folder


def test_near_duplicates_are_shown_side_by_side_and_each_leads_on(browser: Browser, small: Path) -> None:
    with opened(browser, (small / "site").as_uri()) as page:
        page.open("#show=duplicate&sample=0", "few/audit.html")
        assert page.page.locator("#sort").input_value() == "twin"
        assert shown(page)[:2] == [0, 1]
        twin = page.page.locator("[data-twin='1']")
        assert twin.locator("a .tile").count() == 2
        found = [one.get_attribute("href") or "" for one in twin.locator("a").all()]
        assert [address.rsplit("=", 1)[1] for address in found] == ["0", "1"]
        assert "0.000" in twin.inner_text()
        twin.get_by_role("button", name="Sample 1").click()
        assert (chosen(page), page.hash()) == (1, "#show=duplicate&sample=1")
        page.page.locator("[data-twin='0'] a").first.click()
        page.ready()
        assert "index.html" in page.page.url
        assert "sample=1" in page.hash()


def test_without_enough_clusters_the_page_says_what_there_is_not(browser: Browser, small: Path) -> None:
    with opened(browser, (small / "site").as_uri()) as page:
        page.open("#sort=entropy", "few/audit.html")
        assert "No setting of this grid has as many clusters" in page.page.locator("#no-settings").inner_text()
        assert "is no sort: sort is one of suspicion, distance" in page.page.locator("[role=alert]").inner_text()
        assert page.page.locator("#sort option[value=stability]").count() == 0
        page.page.select_option("#view", "ambiguous")
        assert page.page.locator("#sort").input_value() == "suspicion"
        assert page.page.locator("[data-figure=stability]").inner_text() == "–"
        assert page.page.locator("[data-figure=given]").count() == 0


def test_without_labels_outliers_remain_and_ids_are_text(browser: Browser, small: Path, tmp_path: Path) -> None:
    names = ("=1+1", "<img src=x onerror=alert(1)>")
    with opened(browser, (small / "site").as_uri()) as page:
        page.open(path="bare/audit.html")
        assert page.page.locator("#count").inner_text() == "60 of 60 samples"
        page.page.select_option("#sort", "sample")
        assert page.page.locator("#card-title").inner_text() == "Sample =1+1"
        page.page.keyboard.press("1")
        page.page.keyboard.press("j")
        assert page.page.locator("#card-title").inner_text() == f"Sample {names[1]}"
        page.page.keyboard.press("2")
        with page.page.expect_download() as waiting:
            page.page.click("#export-csv")
        path = tmp_path / "marks.csv"
        waiting.value.save_as(path)
        assert '"\'=1+1"' in path.read_text()
        found = review.read(path, small / "results").marks
        assert [(one.id, one.mark, one.label) for one in found] == [
            (names[0], "fine", None),
            (names[1], "ambiguous", None),
        ]


FACTS = """async ([n, scripts]) => {
    for (const text of scripts) {
        const script = document.createElement("script");
        script.textContent = text;
        document.head.append(script);
    }
    const each = (value) => ({ chars: String(value).repeat(n) });
    const none = { chars: "" };
    const duplicates = Array.from({ length: n - 1 }, (_, at) => [0, at + 1, 0]);
    const content = {
        ...Object.fromEntries(clusterfolio.auditFacts.FIGURES.map((name) => [name, each(1)])),
        class: each(0), outlier: each(0), classes: ["core"], settings: 0, duplicates,
        given: { samples: none, had: none, labels: none, counts: none },
    };
    const study = { dataset: { n, labels: null }, samples: { ids: null, label: null } };
    const { prototype } = Array;
    const walk = prototype[Symbol.iterator];
    let steps = 0;
    prototype[Symbol.iterator] = function () {
        const inner = walk.call(this);
        const next = () => {
            steps += 1;
            if (steps > 40 * n) throw new Error("more work than the pairs are long");
            return inner.next();
        };
        return { next, [Symbol.iterator]() { return this; } };
    };
    try {
        const facts = clusterfolio.auditFacts.create(study, content);
        const card = document.createElement("div");
        const images = { has: false };
        const on = { address: () => "#", open() {} };
        clusterfolio.auditCard.create(document.createElement("h2"), card, facts, images, on).show(0, "");
        return {
            first: facts.twins(0).slice(0, 2), count: facts.twins(0).length, last: facts.twins(n - 1),
            shown: card.querySelectorAll("[data-twin]").length,
            more: card.querySelector("[data-more-twins]").textContent,
        };
    } finally {
        prototype[Symbol.iterator] = walk;
    }
}"""


def test_forty_thousand_equal_samples_are_no_more_work_than_their_pairs(browser: Browser) -> None:
    names = ("core/namespace", "core/dom", "data/decode", "audit/facts", "audit/card")
    scripts = [(STATIC / f"{name}.js").read_text() for name in names]
    page = browser.new_page()
    try:
        found = page.evaluate(FACTS, [40_001, scripts])
    finally:
        page.close()
    assert found["count"] == 40_000
    assert found["first"] == [{"other": 1, "distance": 0}, {"other": 2, "distance": 0}]
    assert found["last"] == [{"other": 0, "distance": 0}]
    assert (found["shown"], found["more"]) == (12, "and 39,988 more")
