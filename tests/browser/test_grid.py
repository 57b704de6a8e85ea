"""The grid as navigator: figures, what is outlined and where its buttons lead, against the tables."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect

from precompute.store import MetricInfo, Study
from tests.browser.conftest import STUDY, Explorer
from tests.browser.helpers import alert, opened, settle, until
from tests.browser.tables import Tables

PERPLEXITIES, KS = STUDY.grid["perplexity"], tuple(int(k) for k in STUDY.grid["k"])
EDGE = {"left": 46, "right": 8, "top": 6, "bottom": 44}

READOUT = "[data-grid=readout]"


def values(study: Study, metric: MetricInfo, space: str) -> list[list[float]]:
    """A measure from the tables, by perplexity and k, as far as it depends on either."""
    found: dict[tuple[Any, Any], float] = {}
    for row in study.tables["metrics"].to_pylist():
        if row["metric"] == metric.name and row["method"] != "pca" and row["space"] in (None, space):
            found[row["perplexity"], row["k"]] = row["value"]

    def of(perplexity: float, k: int) -> float:
        return next(found[key] for key in ((perplexity, k), (perplexity, None), (None, k)) if key in found)

    return [[of(perplexity, k) for k in KS] for perplexity in PERPLEXITIES]


def rankable(metric: MetricInfo, space: str) -> set[str]:
    """The axes along which the registry lets a measure's values be compared, as far as they vary."""
    free = {"perplexity"} if metric.of != "setting" else {"k"} if space == "features" else {"perplexity", "k"}
    roles = {"perplexity": "method", "k": "k"}
    return {axis for axis in free if roles[axis] in metric.comparable_over}


def outlined(study: Study, metric: MetricInfo, space: str) -> set[int]:
    """Cells that are best where the registry lets values be compared; a cell is perplexity × len(KS) + k."""
    if metric.better is None:
        return set()
    along = rankable(metric, space)
    sign = -1 if metric.better == "lower" else 1
    table = {
        place * len(KS) + at: sign * value
        for place, row in enumerate(values(study, metric, space))
        for at, value in enumerate(row)
    }
    if not along:
        return set()

    def group(cell: int) -> tuple[int | None, int | None]:
        return (None if "perplexity" in along else cell // len(KS)), (None if "k" in along else cell % len(KS))

    best: dict[Any, float] = {}
    for cell, value in table.items():
        best[group(cell)] = max(best.get(group(cell), -math.inf), value)
    return {cell for cell, value in table.items() if value == best[group(cell)]}


def middle(explorer: Explorer, cell: int) -> tuple[float, float]:
    """Where a cell of the heat map is in the window."""
    (place,) = middles(explorer, [cell])
    return place


def middles(explorer: Explorer, cells: Sequence[int]) -> list[tuple[float, float]]:
    """Where cells of the heat map are in the window, which is asked once for all of them."""
    explorer.page.locator("[data-grid=map]").scroll_into_view_if_needed()
    box = explorer.page.locator("[data-grid=map] canvas").bounding_box()
    assert box
    return [_middle(box, cell) for cell in cells]


def _middle(box: FloatRect, cell: int) -> tuple[float, float]:
    wide = (box["width"] - EDGE["left"] - EDGE["right"]) / len(PERPLEXITIES)
    tall = (box["height"] - EDGE["top"] - EDGE["bottom"]) / len(KS)
    across, up = cell // len(KS), cell % len(KS)
    return box["x"] + EDGE["left"] + (across + 0.5) * wide, box["y"] + EDGE["top"] + (len(KS) - up - 0.5) * tall


@pytest.mark.parametrize("count", [pytest.param(5, marks=pytest.mark.slow), 1])
@pytest.mark.stays
def test_every_cell_reads_what_the_table_says(local: Explorer, study: Study, count: int) -> None:
    """Of each measure, so many cells of each space."""
    order = random.Random(2)
    for space in ("map", "features"):
        local.open(f"#perplexity=30&k=10&space={space}")
        for metric in study.manifest.metrics:
            local.page.locator("[data-grid=metric]").select_option(metric.name)
            table = values(study, metric, space)
            cells = order.sample(range(len(PERPLEXITIES) * len(KS)), count)
            for cell, place in zip(cells, middles(local, cells), strict=True):
                local.page.mouse.move(*place)
                at, read, text = local.page.eval_on_selector(
                    READOUT, "one => [one.dataset.cell, one.dataset.read, one.innerText]"
                )
                assert at == str(cell)
                value = table[cell // len(KS)][cell % len(KS)]
                assert float(read or "nan") == value, (metric.name, cell)
                shown = f"{value:,.{metric.decimals}f}".replace("-", "−")
                assert text.endswith(f"{metric.label} {shown}")


@pytest.mark.stays
def test_best_is_what_the_tables_give_where_it_may_be_asked(local: Explorer, study: Study) -> None:
    local.open()
    script = """async ([name, space]) => {
        const { choices, decode, get, grid, state } = clusterfolio;
        const [study, at] = [get("study"), state.start(get("study"))];
        const content = await decode.unpacked(get(choices.pair(study, at).grid));
        return [...grid.create(grid.read(content), study, at).best(name, space)];
    }"""
    for metric in study.manifest.metrics:
        for space in ("map", "features"):
            found = set(local.page.evaluate(script, [metric.name, space]))
            assert found == outlined(study, metric, space), (metric.name, space)


@pytest.mark.stays
def test_colours_follow_the_values_on_a_scale_that_is_not_stretched(local: Explorer, study: Study) -> None:
    local.open("#perplexity=30&k=10&metric=ari")
    table = values(study, next(one for one in study.manifest.metrics if one.name == "ari"), "map")
    ramp = local.page.evaluate("clusterfolio.get('study').palette.ramp.light")
    cells = (0, 20, 45, 80)
    spots = middles(local, cells)
    local.page.mouse.move(0, 0)
    colors = local.page.evaluate(
        """spots => {
            const canvas = document.querySelector("[data-grid=map] canvas");
            const { left, top } = canvas.getBoundingClientRect();
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return spots.map(([x, y]) => {
                const start = 4 * (Math.round(y - top) * canvas.width + Math.round(x - left));
                return [...data.slice(start, start + 3)];
            });
        }""",
        spots,
    )
    for cell, color in zip(cells, colors, strict=True):
        wanted = ramp[round(table[cell // len(KS)][cell % len(KS)] * (len(ramp) - 1))]
        assert color == [int(wanted[start : start + 2], 16) for start in (1, 3, 5)]


def test_a_click_goes_to_the_cell(local: Explorer, study: Study) -> None:
    local.open("#perplexity=30&k=10")
    cell = 5 * len(KS) + 2
    local.page.mouse.click(*middle(local, cell))
    local.ready("tsne-p35-k5")
    assert local.hash() == "#perplexity=35&k=5"
    assert local.figures()["silhouette"] == Tables(study, 35.0, 5).metrics["silhouette"]
    local.page.go_back()
    local.ready("tsne-p30-k10")


def test_arrow_keys_go_from_cell_to_cell(local: Explorer) -> None:
    local.open("#perplexity=30&k=10")
    local.page.locator("[data-grid=map]").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown"):
        local.page.keyboard.press(key)
    local.ready("tsne-p10-k10")
    for _ in range(20):
        local.page.keyboard.press("ArrowDown")
    local.ready("tsne-p10-k3")
    assert local.page.locator(READOUT).inner_text().startswith("Perplexity 10, k 3: Silhouette ")


def test_a_finger_goes_to_the_cell_it_leaves(browser: Browser, local: Explorer) -> None:
    with opened(browser, local.root, viewport={"width": 390, "height": 844}, has_touch=True) as phone:
        phone.open("#perplexity=30&k=10")
        phone.page.touchscreen.tap(*middle(phone, 6 * len(KS) + 12))
        phone.ready("tsne-p50-k15")


def test_buttons_lead_to_the_best(local: Explorer, study: Study) -> None:
    local.open("#perplexity=5&k=4&metric=ami")
    ami = values(study, next(one for one in study.manifest.metrics if one.name == "ami"), "map")
    best = max((value, -place, -at) for place, row in enumerate(ami) for at, value in enumerate(row))
    perplexity, k = PERPLEXITIES[-best[1]], KS[-best[2]]
    button = local.page.locator("[data-grid=best-all]")
    assert button.inner_text() == f"Best of all: perplexity {perplexity:g}, k {k} ({best[0]:.3f})"
    button.click()
    local.ready(f"tsne-p{perplexity:g}-k{k}")
    assert button.get_attribute("aria-pressed") == "true"
    local.page.locator("[data-grid=metric]").select_option("silhouette")
    settle(local)
    assert button.is_hidden()  # a silhouette on a map compares over k only
    assert local.page.locator("[data-grid=best-across]").is_hidden()
    silhouette = values(study, study.manifest.metrics[0], "map")[-best[1]]
    assert (
        local.page.locator("[data-grid=best-up]")
        .inner_text()
        .startswith(f"Best k here: {KS[silhouette.index(max(silhouette))]} ")
    )
    local.page.locator("[data-grid=metric]").select_option("purity")
    assert local.page.locator("[data-grid=best-up]").is_hidden()  # it rises with k by itself
    assert local.page.locator("[data-grid=best-across]").is_visible()
    local.page.locator("[data-grid=metric]").select_option("inertia")
    assert local.page.locator("#grid button:visible").count() == 0
    assert "ranks nothing" in local.page.locator("[data-grid=reading]").inner_text()


@pytest.mark.parametrize("metric", ["entropy", "trustworthiness"])
@pytest.mark.stays
def test_the_measure_is_in_the_address(local: Explorer, metric: str) -> None:
    local.open(f"#perplexity=30&k=10&metric={metric}")
    select = local.page.locator("[data-grid=metric]")
    assert select.input_value() == metric
    select.select_option("ari")
    assert local.hash() == "#perplexity=30&k=10&metric=ari"
    local.page.go_back()
    settle(local)
    assert select.input_value() == metric
    select.select_option("silhouette")
    assert local.hash() == "#perplexity=30&k=10"


CURVES = """() => Object.fromEntries(["across", "up", "elbow"].map((name) => {
    const place = document.querySelector(`[data-grid=${name}]`);
    const view = clusterfolio.charts.view(place.querySelector(".canvas"));
    const tables = Object.keys(view.getState({ data: () => true }).data).map((each) => view.data(each) || []);
    const rows = tables.find((each) => each.length && "value" in each[0]);
    return [name, {
        rows: rows.map(({ place, value }) => [place, value]), current: view.signal("current"),
        best: view.signal("best"), title: document.querySelector(`[data-grid=${name}-title]`).textContent,
    }];
}))"""


@pytest.mark.parametrize(
    ("space", "settings"),
    [
        ("map", [(31.0, 4)]),
        ("features", [(50.0, 15)]),
        pytest.param("map", [(31.0, 4), (50.0, 15)], marks=pytest.mark.slow),
        pytest.param("features", [(31.0, 4), (50.0, 15)], marks=pytest.mark.slow),
    ],
)
@pytest.mark.stays
def test_curves_are_what_the_tables_say(
    local: Explorer, study: Study, space: str, settings: list[tuple[float, int]]
) -> None:
    known = {metric.name: metric for metric in study.manifest.metrics}
    elbow = known["inertia"]
    for perplexity, k in settings:
        local.open(f"#perplexity={perplexity:g}&k={k}&space={space}")
        settle(local)
        column, row = PERPLEXITIES.index(perplexity), KS.index(k)
        for metric in known.values():
            local.page.locator("[data-grid=metric]").select_option(metric.name)
            settle(local)
            found = local.page.evaluate(CURVES)
            table = values(study, metric, space)
            along = {
                "across": (PERPLEXITIES, [each[row] for each in table], column),
                "up": (KS, table[column], row),
                "elbow": (KS, values(study, elbow, space)[column], row),
            }
            for name, (places, wanted, current) in along.items():
                shown = elbow if name == "elbow" else metric
                assert found[name]["rows"] == [list(pair) for pair in zip(places, wanted, strict=True)], (
                    name,
                    metric.name,
                )
                assert found[name]["current"] == current
                where = f"perplexity at k {k}" if name == "across" else f"k at perplexity {perplexity:g}"
                assert found[name]["title"] == f"{shown.label} over {where}"
            for name, axis in (("across", "perplexity"), ("up", "k")):
                best: list[int] = []
                if metric.better and axis in rankable(metric, space):
                    most = (min if metric.better == "lower" else max)(along[name][1])
                    best = [at for at, value in enumerate(along[name][1]) if value == most]
                assert found[name]["best"] == best, (name, metric.name)


def test_maps_that_are_scrolled_away_show_the_setting_when_all_is_ready(browser: Browser, local: Explorer) -> None:
    picture = "document.querySelector('#map canvas').toDataURL()"
    with opened(browser, local.root, viewport={"width": 1000, "height": 500}) as page:
        page.open("#perplexity=30&k=10")
        page.page.locator("[data-grid=map]").focus()
        until(page.page, "document.querySelector('#maps').getBoundingClientRect().bottom < 0")
        before = page.page.evaluate(picture)
        page.page.keyboard.press("ArrowRight")
        page.ready("tsne-p31-k10")
        away = page.page.evaluate(picture)
        assert away != before
        page.page.reload()
        page.ready("tsne-p31-k10")
        assert page.page.evaluate(picture) == away


FAILING = """(times) => {
    const { prototype } = vega.View;
    const { runAsync } = prototype;
    let left = times;
    prototype.runAsync = function (...given) {
        if (left > 0 && this.container().closest("[data-grid=map]")) {
            left -= 1;
            return Promise.reject(new Error("no picture"));
        }
        return runAsync.apply(this, given);
    };
    window.fails = (times) => { left = times; };
}"""
PICTURE = "document.querySelector('[data-grid=map] canvas').toDataURL()"
BLANK = "getComputedStyle(document.querySelector('[data-grid=map] canvas')).visibility === 'hidden'"


@pytest.mark.parametrize("times", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_a_run_of_the_heat_map_that_failed_holds_up_none_after_it(local: Explorer, times: int) -> None:
    pictures: dict[str, str] = {}
    settings = [("tsne-p31-k10", "ArrowRight"), ("tsne-p31-k11", "ArrowUp"), ("tsne-p30-k11", "ArrowLeft")]

    def walk() -> None:
        for slug, key in settings:
            local.page.locator("[data-grid=map]").press(key)
            local.ready(slug)
            settle(local)
            shown = local.page.evaluate(PICTURE)
            assert pictures.setdefault(slug, shown) == shown, slug
            assert not local.page.evaluate(BLANK)
            assert alert(local) == ""

    local.open("#perplexity=30&k=10")
    walk()
    assert len(set(pictures.values())) == 3
    local.open("#perplexity=30&k=11")
    local.page.evaluate(FAILING, 0)
    local.page.locator("[data-grid=map]").focus()
    local.page.evaluate("times => window.fails(times)", times)  # one step is two runs: the mark at once, then the rest
    local.page.locator("[data-grid=map]").press("ArrowDown")
    local.ready("tsne-p30-k10")
    settle(local)
    assert alert(local) == "The heat map cannot be shown. no picture"
    assert local.page.evaluate(BLANK) is (times == 2), "blank as long as it may show another setting"
    walk()


def test_a_curve_that_failed_leaves_one_heat_map_that_answers_once(local: Explorer) -> None:
    local.page.add_init_script(
        """document.addEventListener("DOMContentLoaded", () => {
            const { charts } = clusterfolio;
            const { embed } = charts;
            let left = 1;
            charts.embed = (element, ...given) => {
                if (!element.closest("[data-grid=elbow]") || left === 0) return embed(element, ...given);
                left -= 1;
                return Promise.reject(new Error("no curve"));
            };
        });"""
    )
    local.open("#perplexity=30&k=10")
    assert local.page.locator(READOUT).inner_text() == "The grid cannot be shown. no curve"
    local.slide("k", 11)
    local.ready("tsne-p30-k11")
    settle(local)
    local.page.locator("[data-grid=map]").press("ArrowUp")
    settle(local)
    assert local.setting == "tsne-p30-k12"
