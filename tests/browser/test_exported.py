"""Exported charts, run as any viewer would: moving a slider draws other rows, and they are the tables'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from precompute.store import Study
from tests.browser.tables import Tables

DRAW = """async spec => {
    const host = document.createElement("div");
    document.body.append(host);
    const { view } = await vegaEmbed(host, spec, { mode: "vega-lite", ast: true, actions: false, defaultStyle: false,
        tooltip: { disableDefaultStyle: true }, logLevel: 1 });
    window.drawn = { view, host };
}"""
MARKS = """async ([signals, kind]) => {
    const { view } = window.drawn;
    const short = (value) => typeof value !== "object" && String(value).length < 200; /* not the codes of all samples */
    for (const [name, value] of Object.entries(signals)) view.signal(name, value);
    await view.runAsync();
    const found = [];
    (function walk(item) {
        if (item.marktype === kind && item.items[0] && item.items[0].datum) found.push(item.items.map(each => ({
            datum: Object.fromEntries(Object.entries(each.datum).filter(([, value]) => short(value))),
            x: each.x, y: each.y })));
        for (const each of item.items || []) walk(each);
    })(view.scenegraph().root);
    return JSON.stringify(found);
}"""
"""As text: Playwright would look at each of its many thousand values by itself."""


@pytest.fixture
def page(browser: Browser, site: Path) -> Iterator[Page]:
    """A page of the site, with the bundle of Vega that it brings, under its policy."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    opened.goto(f"{site.as_uri()}/digits/index.html")
    opened.wait_for_selector('html[data-state="ready"]', state="attached")
    yield opened
    context.close()
    assert faults == []


def marks(page: Page, signals: dict[str, Any], kind: str) -> Any:
    """All groups of marks of a kind that the chart draws once its signals have these values."""
    return json.loads(page.evaluate(MARKS, [signals, kind]))


def spec(site: Path, name: str) -> Any:
    """A chart as it lies in the download folder."""
    return json.loads((site / "digits" / "download" / "charts" / f"{name}.vl.json").read_text(encoding="utf-8"))


def test_sliders_of_the_maps_draw_other_rows(page: Page, site: Path, study: Study) -> None:
    page.evaluate(DRAW, spec(site, "maps"))
    inputs = page.evaluate(
        "[...window.drawn.host.querySelectorAll('input, select')].map(each => each.name || each.type)"
    )
    assert len(inputs) >= 4
    places = {}
    for perplexity, k, space in ((30, 10, "map"), (5, 10, "map"), (5, 4, "map"), (5, 12, "features")):
        signals = {"perplexity": perplexity, "k": k, "space": space}
        tsne, pca = marks(page, signals, "symbol")[:2]
        expected = Tables(study, float(perplexity), k, space)
        for drawn in (tsne, pca):
            assert [mark["datum"]["sample"] for mark in drawn] == list(range(1797))
            assert [mark["datum"]["cluster"] for mark in drawn] == expected.clusters.tolist()
        wrong = [mark["datum"]["sample"] for mark in tsne if mark["datum"]["verdict"] == "misclassified"]
        assert wrong == sorted(expected.wrong)
        places[perplexity, k, space] = np.array([[mark["x"], mark["y"]] for mark in tsne])
        table = study.embedding(f"tsne-p{perplexity}")
        x = table.column("x").to_numpy()
        assert np.corrcoef(x, places[perplexity, k, space][:, 0])[0, 1] > 0.99999
    assert np.abs(places[30, 10, "map"] - places[5, 10, "map"]).max() > 50
    assert np.array_equal(places[5, 10, "map"], places[5, 4, "map"])


def test_a_widget_of_the_chart_moves_it(page: Page, site: Path) -> None:
    page.evaluate(DRAW, spec(site, "clusters"))
    assert len(marks(page, {}, "rect")[0]) == 10
    page.evaluate(
        """() => {
            const slider = window.drawn.host.querySelector("input[type=range][name=k]");
            slider.value = "4";
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )
    assert len(marks(page, {}, "rect")[0]) == 4


def test_confusion_and_measures_follow_the_tables(page: Page, site: Path, study: Study) -> None:
    page.evaluate(DRAW, spec(site, "confusion"))
    for k in (10, 7):
        expected = Tables(study, 35.0, k)
        cells = marks(page, {"perplexity": 35, "k": k}, "rect")[0]
        found = {(cell["datum"]["true"], cell["datum"]["dominant"]): cell["datum"]["samples"] for cell in cells}
        counts = expected.confusion[expected.confusion > 0]
        assert found == {(label, dominant): count for (dominant, label), count in counts.items()}
    page.evaluate(DRAW, spec(site, "metrics"))
    metrics = study.tables["metrics"].to_pandas()
    for name in ("silhouette", "ami"):
        cells = marks(page, {"measure": name}, "rect")[0]
        values = {(cell["datum"]["perplexity"], cell["datum"]["k"]): cell["datum"]["value"] for cell in cells}
        rows = metrics[(metrics.metric == name) & (metrics.space == "map")]
        assert values == pytest.approx({(row.perplexity, row.k): row.value for row in rows.itertuples()}, rel=1e-5)
