"""The audit page: its figures are the tables', marks survive and come back, and nothing hostile gets in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

import build
from precompute import pipeline
from precompute.config import Grid, StudyConfig
from precompute.store import Study
from site_templates import publish, review
from tests.browser.conftest import ARTIFACTS, Explorer
from tests.browser.helpers import opened
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


def key(study: Study) -> str:
    info = study.manifest.dataset
    return f"clusterfolio.marks.{info.id}.{info.sha256[:16]}"


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
        assert build.main(["--review", str(path), "--results", str(results)]) == 0
        assert "3 samples marked: 1 fine, 1 ambiguous, 1 mislabelled" in capsys.readouterr().out
    page.click("#forget")
    assert page.locator("#marked").inner_text() == "0 marked"


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
    local.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key(study), content])
    local.page.reload()
    local.ready()
    assert local.page.locator("#marked").inner_text() == "0 marked"


def test_exported_ids_are_no_formulas(local: Explorer) -> None:
    local.open(path=AUDIT)
    lines = local.page.evaluate(
        """() => clusterfolio.marks.csv(clusterfolio.marks.rows({dataset: "d", fingerprint: "f"},
            new Map([[0, "fine"], [1, "fine"]]), (at) => ["=1+1", 'a"b'][at]),
            clusterfolio.get("study").formula)"""
    )
    assert lines.splitlines()[1:] == ['"d","f",0,"\'=1+1","fine"', '"d","f",1,"a""b","fine"']


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_the_page_fits_and_axe_finds_nothing(browser: Browser, site: Path, width: int, scheme: Any) -> None:
    with opened(browser, site.as_uri(), viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.open(path=AUDIT)
        page.page.keyboard.press("3")
        ARTIFACTS.mkdir(exist_ok=True)
        page.page.screenshot(path=ARTIFACTS / f"audit-{width}-{scheme}.png", full_page=True)
        assert page.page.evaluate("document.documentElement.scrollWidth") == width
        found = Axe().run(page.page, options={"preload": False}).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


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


def test_without_labels_outliers_remain_and_ids_are_text(browser: Browser, tmp_path: Path) -> None:
    names = ("=1+1", "<img src=x onerror=alert(1)>", *(str(at) for at in range(2, 60)))
    data = replace(few_digits(60), labels=None, label_names=(), ids=names)
    outcome = pipeline.compute(data, StudyConfig(id="bare", grid=Grid((5.0,), (3,))), tmp_path / "results", jobs=1)
    assert not outcome.failed
    publish.publish(tmp_path / "results", tmp_path / "site", ["bare"], "Bare")
    with opened(browser, (tmp_path / "site").as_uri()) as page:
        page.open(path="bare/audit.html")
        assert page.page.locator("#count").inner_text() == "60 of 60 samples"
        rows = tmp_path / "results" / "bare" / "review.parquet"
        assert rows.exists()
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
        found = review.read(path, tmp_path / "results").marks
        assert [(one.id, one.mark, one.label) for one in found] == [
            (names[0], "fine", None),
            (names[1], "ambiguous", None),
        ]
