"""What the page saves: pictures, charts with their data, and rows that are the tables'."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import vl_convert
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page

from precompute.store import Study
from site_templates.downloads import csv_tables
from site_templates.texts import FORMULA
from tests.browser.conftest import Explorer
from tests.browser.helpers import AXE, opened
from tests.browser.tables import Tables

ADDRESS = "#perplexity=35&k=8"
VIEWS = ("map", "pca", "numbers", "grid", "clusters", "confusion", "variance")


def saved(explorer: Explorer, view: str, kind: str) -> tuple[str, bytes]:
    """Choose an entry of a save menu; name and bytes of the file."""
    menu = explorer.page.locator(f'[data-save="{view}"]')
    menu.locator("summary").click()
    with explorer.page.expect_download() as waiting:
        menu.locator(f'[data-as="{kind}"]').click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def rows(data: bytes) -> pd.DataFrame:
    """A saved CSV: Excel knows by its first bytes that it is UTF-8."""
    assert data.startswith(b"\xef\xbb\xbf")
    return pd.read_csv(io.BytesIO(data))


KINDS = ("png", "svg", "json")


@pytest.mark.parametrize(
    ("view", "kinds"),
    [  # quickly one view in all kinds, and of the others one kind each, in turn
        ("map", KINDS),
        *((view, KINDS[at % 3 : at % 3 + 1]) for at, view in enumerate(VIEWS[1:])),
        *(pytest.param(view, KINDS, marks=pytest.mark.slow) for view in VIEWS[1:]),
    ],
)
@pytest.mark.stays
def test_every_view_saves_pictures_and_its_chart(local: Explorer, view: str, kinds: Sequence[str]) -> None:
    local.open(ADDRESS)
    about = {"variance": "digits-variance", "grid": "digits-grid-silhouette"}.get(view, f"digits-tsne-p35-k8-{view}")
    for kind in kinds:
        name, data = saved(local, view, kind)
        assert name == f"{about}.{'vl.json' if kind == 'json' else kind}"
        CHECKS[kind](view, data)


def check_png(_: str, data: bytes) -> None:
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    assert min(picture.size) >= 300
    assert np.asarray(picture)[:, :, 3].min() == 255  # opaque
    assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 20  # and not empty


def check_svg(view: str, data: bytes) -> None:
    assert data.startswith(b"<svg")
    assert data.count(b"<path") > (1797 if view in ("map", "pca") else 20)  # a point is a mark, whatever layer drew it


def check_chart(view: str, data: bytes) -> None:
    spec = json.loads(data)
    values = {param["name"]: param["value"] for param in spec["params"] if "bind" in param}
    if view not in ("numbers", "grid", "variance"):
        assert (values["perplexity"], values["k"]) == (35, 8)  # opens where the page was
    assert vl_convert.vegalite_to_svg(data.decode()).count("<path") > 20


CHECKS: Mapping[str, Callable[[str, bytes], None]] = {"png": check_png, "svg": check_svg, "json": check_chart}


@pytest.mark.stays
def test_rows_of_the_maps(local: Explorer, study: Study) -> None:
    local.open(f"{ADDRESS}&cluster=2")
    tables = Tables(study, 35.0, 8)
    for view in ("map", "pca"):
        found = rows(saved(local, view, "csv")[1])
        assert found["sample"].tolist() == list(range(1797))
        assert found["cluster"].tolist() == tables.clusters.tolist()
        assert found["label"].tolist() == tables.labels.tolist()
        assert np.flatnonzero(found["misclassified"]).tolist() == tables.wrong.tolist()
        assert np.flatnonzero(found["in_focus"]).tolist() == np.flatnonzero(tables.clusters == 2).tolist()
        assert set(found["perplexity"]) == {35}
        for names, exact in ((["x", "y"], tables.points), (["pca_x", "pca_y"], pca(study))):
            step = np.ptp(exact, axis=0) / 65_535
            assert (np.abs(found[names].to_numpy() - exact) <= step + 1e-4 * np.abs(exact)).all()


def pca(study: Study) -> Any:
    return study.embedding("pca").to_pandas().sort_values("sample")[["x", "y"]].to_numpy()


@pytest.mark.stays
def test_rows_of_the_other_views(local: Explorer, study: Study) -> None:
    local.open("#perplexity=35&k=8&space=features")
    tables = Tables(study, 35.0, 8, "features")
    name, data = saved(local, "numbers", "csv")
    assert name == "digits-features-k8-numbers.csv"
    assert dict(zip(rows(data)["metric"], rows(data)["value"], strict=True)) == pytest.approx(tables.metrics)
    found = rows(saved(local, "clusters", "csv")[1])
    assert found["size"].tolist() == np.bincount(tables.clusters).tolist()
    assert found["label"].tolist() == tables.dominant.tolist()
    found = rows(saved(local, "confusion", "csv")[1])
    counts = tables.confusion[tables.confusion > 0]
    assert {(row.cluster_label, row.label): row.samples for row in found.itertuples()} == counts.to_dict()
    found = rows(saved(local, "misclassified", "csv")[1])
    assert sorted(found["sample"]) == tables.wrong.tolist()
    margin = tables.rows.loc[found["sample"], "margin"].to_numpy()
    assert np.allclose(found["margin"], margin, rtol=1e-2, atol=1e-3, equal_nan=True)
    found = rows(saved(local, "variance", "csv")[1])
    exact = study.tables["variance"].to_pandas()
    assert found["cumulative"].to_numpy() == pytest.approx(exact["cumulative"].to_numpy(), rel=1e-12)


@pytest.mark.stays
def test_rows_of_the_grid_and_of_the_sample(local: Explorer, study: Study) -> None:
    metrics = study.tables["metrics"].to_pandas()
    for metric, space in (("ari", "map"), ("ari", "features"), ("trustworthiness", "map")):
        local.open(f"{ADDRESS}&metric={metric}&space={space}")
        name, data = saved(local, "grid", "csv")
        assert name == f"digits-grid-{metric}.csv"
        found = rows(data)
        exact = metrics[(metrics.metric == metric) & ((metrics.space == space) | metrics.space.isna())]
        keys = ["perplexity", "k"]
        exact = exact[exact.perplexity.notna() | (space == "features")].sort_values(keys)
        assert found.sort_values(keys)["value"].tolist() == exact["value"].tolist()
        for key in keys:
            pd.testing.assert_series_equal(
                found.sort_values(keys)[key], exact[key], check_dtype=False, check_index=False
            )
    local.open(f"{ADDRESS}&sample=7")
    name, data = saved(local, "why", "csv")
    assert name == "digits-tsne-p35-k8-sample-7.csv"
    found = rows(data)
    near = study.tables["neighbors"].to_pandas().query("sample == 7").sort_values("rank")["neighbor"].tolist()
    assert found[found.near_in == "features"]["neighbor"].tolist() == near
    kept = set(near) & set(found[found.near_in == "map"]["neighbor"])
    assert set(found[found.near_in_both == 1]["neighbor"]) == kept


def test_rows_of_a_comparison(local: Explorer, study: Study) -> None:
    local.open("#a=tsne-p10-k8&b=tsne-p35-k10", "digits/compare.html")
    a, b = Tables(study, 10.0, 8), Tables(study, 35.0, 10)
    for side, tables, slug in (("a", a, "tsne-p10-k8"), ("b", b, "tsne-p35-k10")):
        name, data = saved(local, side, "csv")
        assert name == f"digits-{slug}-map.csv"
        assert rows(data)["cluster"].tolist() == tables.clusters.tolist()
        name, data = saved(local, side, "png")
        assert name == f"digits-{slug}-map.png"
        assert len(Image.open(io.BytesIO(data)).convert("RGB").getcolors(1 << 20) or []) > 20
        spec = json.loads(saved(local, side, "json")[1])
        values = {param["name"]: param["value"] for param in spec["params"] if "bind" in param}
        assert f"tsne-p{values['perplexity']}-k{values['k']}" == slug
    name, data = saved(local, "changed", "csv")
    assert name == "digits-tsne-p10-k8-tsne-p35-k10-changed.csv"
    found = rows(data)
    from_a, from_b = (tables.dominant[tables.clusters] for tables in (a, b))
    assert sorted(found["sample"]) == np.flatnonzero(from_a != from_b).tolist()
    assert found["from"].tolist() == from_a[found["sample"]].tolist()
    assert found["to"].tolist() == from_b[found["sample"]].tolist()
    found = rows(saved(local, "torn", "csv")[1])
    assert sorted(found["sample"]) == list(range(1797))
    assert (np.diff(found["kept"]) >= 0).all()
    assert found["jaccard"].to_numpy() == pytest.approx((found["kept"] / (20 - found["kept"])).to_numpy())
    found = rows(saved(local, "measures", "csv")[1]).set_index("metric")
    for name, value in a.metrics.items():
        assert found.loc[name, "value_a"] == pytest.approx(value)


def test_rows_of_the_audit(local: Explorer, study: Study) -> None:
    local.page.goto(f"{local.root}/digits/audit.html")
    local.page.wait_for_selector("html[data-state=ready]", state="attached")
    local.page.keyboard.press("1")
    name, data = saved(local, "samples", "csv")
    assert name == "digits-audit-samples.csv"
    found = rows(data)
    exact = study.tables["review"].to_pandas().set_index("sample")
    suspects = exact[exact["class"] == "suspect"]
    assert sorted(found["sample"]) == suspects.index.tolist()
    assert found["suspicion"].to_numpy() == pytest.approx(exact.loc[found["sample"], "suspicion"].to_numpy(), abs=1e-6)
    assert found["mark"].tolist()[0] == "fine"
    found = rows(saved(local, "pairs", "csv")[1])
    assert found["times"].tolist() == study.tables["confusable"].column("times").to_pylist(), (
        "all, not only those shown"
    )
    assert (found["times"] >= found["times_counted"]).all()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "a"])
def test_a_formula_in_a_text_is_made_safe_as_python_makes_it(sources: Page, start: str) -> None:
    import pyarrow as pa

    texts, numbers = [f'{start}1,"x"', "plain"], [-1.5, None]
    script = """([texts, numbers, formula]) =>
        clusterfolio.csv.text([["id", texts], ["n", numbers]], formula)"""
    written = csv_tables.csv(pa.table({"id": texts, "n": numbers})).decode()
    assert sources.evaluate(script, [texts, numbers, FORMULA]) == written


def test_menus_work_by_keyboard_and_close(local: Explorer) -> None:
    local.open(f"{ADDRESS}&sample=7")
    menu = local.page.locator('[data-save="map"]')
    menu.locator("summary").focus()
    local.page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    of_menu = Axe().run(local.page, context='[data-save="map"]', options=AXE)  # of the rest: test_looks.py
    assert of_menu.response["violations"] == []
    assert of_menu.response["passes"], "there was something to look at"
    local.page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert "sample=7" in local.hash()  # Escape closed the menu and let nothing go
    local.page.keyboard.press("Enter")
    local.page.locator('[data-save="pca"] summary').click()
    assert menu.get_attribute("open") is None
    local.page.locator("h1").click()
    assert local.page.locator("[data-save][open]").count() == 0


def test_a_chart_that_cannot_be_loaded_is_said_so(local: Explorer) -> None:
    local.open(ADDRESS)
    local.page.evaluate("() => { clusterfolio.get('study').chunks['chart-clusters'] = 'charts/missing.js'; }")
    local.watch.allowed.append("ERR_FILE_NOT_FOUND")
    menu = local.page.locator('[data-save="clusters"]')
    menu.locator("summary").click()
    menu.locator('[data-as="json"]').click()
    local.page.wait_for_selector("[role=alert]:not([hidden])")
    said = local.page.locator("[role=alert]").text_content()
    assert said == "This could not be saved. The file charts/missing.js could not be loaded."


def test_the_frame_shows_the_maps_alone_and_leads_back(browser: Browser, http: str) -> None:
    for width, height in ((480, 480), (1200, 700)):
        with opened(browser, http, viewport={"width": width, "height": height}) as explorer:
            explorer.open(f"?embed{ADDRESS}")
            page = explorer.page
            assert page.locator("#map .canvas canvas").bounding_box()["y"] >= 0  # type: ignore[index]
            box = page.locator("#map").bounding_box()
            assert box
            assert box["y"] + box["height"] <= height
            assert box["x"] + box["width"] <= width
            for gone in (".lead", ".crumb", "#confusion", "#copy", ".foot", "[data-save]"):
                assert page.locator(gone).first.is_hidden(), gone
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            explorer.slide("k", 5)
            explorer.ready("tsne-p35-k5")
            link = page.locator("[data-open]")
            assert link.is_visible()
            with page.context.expect_page() as waiting:
                link.click()
            assert waiting.value.url == f"{http}/digits/index.html#perplexity=35&k=5"
            assert width > 480 or Axe().run(page, options=AXE).response["violations"] == []


def test_the_snippet_makes_a_frame_that_works(browser: Browser, http: str) -> None:
    with opened(browser, http) as explorer:
        explorer.open(ADDRESS)
        explorer.page.evaluate("() => { Object.defineProperty(navigator, 'clipboard', { value: undefined }); }")
        explorer.page.locator("#embed").click()
        snippet = explorer.page.locator("#link").input_value()
        assert snippet.startswith(f'<iframe src="{http}/digits/index.html?embed#perplexity=35&amp;k=8" title="')
        outer = explorer.page.context.new_page()
        outer.set_content(f"<body>{snippet}</body>")
        frame = outer.frame_locator("iframe")
        frame.locator('html[data-state="ready"][data-setting="tsne-p35-k8"]').wait_for(state="attached")
        assert frame.locator("#map .canvas canvas").is_visible()
        assert frame.locator(".lead").is_hidden()


def test_pages_that_are_no_frames_stay_whole_when_asked_for_one(local: Explorer) -> None:
    local.open("?embed", path="digits/compare.html")
    assert local.page.locator("html[data-embed]").count() == 0
    assert local.page.locator("#card").is_visible()
