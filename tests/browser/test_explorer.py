"""The explorer in Chromium: what it shows is what the tables say, and it keeps its promises."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from precompute.store import Study
from tests.browser.conftest import Open
from tests.browser.explorer import Explorer

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
PERPLEXITIES = (5.0, 12.5, 30.0)
KS = (3, 4, 10)


def start_at(perplexity: float, k: int, space: str = "map", more: str = "") -> str:
    slug = f"#perplexity={perplexity:g}&k={k}"
    return f"tiny/index.html{slug}{'&space=features' if space == 'features' else ''}{more}"


class Tables:
    """What the stored tables say of one setting, worked out anew from their rows."""

    def __init__(self, study: Study, perplexity: float, k: int, space: str) -> None:
        self.slug = f"features-k{k}" if space == "features" else f"tsne-p{perplexity:g}-k{k}"
        part = "features" if space == "features" else f"tsne-p{perplexity:g}"
        rows = study.clusters(part).to_pandas()
        rows = rows[rows["k"] == k].sort_values("sample")
        samples = study.tables["samples"].select(["sample", "label"]).to_pandas().sort_values("sample")
        self.clusters = rows["cluster"].to_numpy()
        self.labels = samples["label"].to_numpy()
        self.k = k
        self.dominant = np.array([np.bincount(self.labels[self.clusters == one]).argmax() for one in range(k)])
        self.wrong = np.flatnonzero(self.dominant[self.clusters] != self.labels)
        self.confusion = pd.crosstab(self.dominant[self.clusters], self.labels)
        self.points = study.embedding(f"tsne-p{perplexity:g}").to_pandas().sort_values("sample")[["x", "y"]].to_numpy()
        metrics = study.tables["metrics"].to_pandas()
        own = metrics[(metrics["space"] == space) & (metrics["k"] == k)]
        if space == "map":
            own = own[own["perplexity"] == perplexity]
        of_map = metrics[metrics["space"].isna() & (metrics["method"] == "tsne") & (metrics["perplexity"] == perplexity)]
        both = pd.concat([own, of_map])
        self.metrics = dict(zip(both["metric"], both["value"], strict=True))


def check(page: Explorer, tables: Tables) -> None:
    """Every figure, table and picture of a setting against its tables."""
    assert page.setting == tables.slug
    figures = page.figures()
    assert figures.pop("clusters") == tables.k
    assert set(figures) <= set(tables.metrics)
    assert {"silhouette", "misclassified", "purity", "entropy"} <= set(figures)
    assert figures == {name: tables.metrics[name] for name in figures}
    assert sorted(page.misclassified()) == tables.wrong.tolist()
    clusters = page.table("#clusters")
    assert [int(row[3]) for row in clusters] == np.bincount(tables.clusters, minlength=tables.k).tolist()
    assert [row[2] for row in clusters] == [str(label) for label in tables.dominant]
    cells = {
        (dominant, true): int(text)
        for dominant, row in enumerate(page.table("#confusion"))
        for true, text in enumerate(row[1:])
        if text
    }
    stacked = tables.confusion.stack()
    assert cells == {key: count for key, count in stacked.items() if count}


def places(points: np.ndarray) -> np.ndarray:
    """Where the page draws each sample: shares of the map's width and height."""
    low, high = points.min(axis=0), points.max(axis=0)
    half = (high - low).max() / 2 * 1.05
    scaled = (points - (low + high) / 2) / half
    return np.stack([(scaled[:, 0] + 1) / 2, (1 - scaled[:, 1]) / 2], axis=1)


@pytest.mark.parametrize("space", ["map", "features"])
@pytest.mark.parametrize("k", KS)
@pytest.mark.parametrize("perplexity", PERPLEXITIES)
def test_a_link_shows_what_the_tables_say(
    open_page: Open, tiny_study: Study, perplexity: float, k: int, space: str
) -> None:
    page = open_page(start_at(perplexity, k, space))
    check(page, Tables(tiny_study, perplexity, k, space))
    assert page.alert == ""


def test_sliders_change_every_figure_and_picture(open_page: Open, address: str, tiny_study: Study) -> None:
    page = open_page(site=address)
    order = random.Random(0)
    for _ in range(12):
        perplexity, k = order.choice(PERPLEXITIES), order.choice(KS)
        page.slider("perplexity").fill(f"{perplexity:g}")
        page.slider("k").fill(str(k))
        page.settle()
        check(page, Tables(tiny_study, perplexity, k, "map"))


@pytest.mark.parametrize("color", ["label", "right"])
def test_points_are_drawn_where_the_table_says_and_in_their_colour(
    open_page: Open, tiny_study: Study, color: str
) -> None:
    tables = Tables(tiny_study, 30.0, 10, "map")
    at = places(tables.points)
    apart = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2)) + np.eye(len(at))
    medoids = {int(row["medoid"]) for row in tiny_study.tables["cluster_stats"].to_pylist()}
    lonely = [int(one) for one in np.argsort(-apart.min(axis=1)) if int(one) not in medoids][:12]
    page = open_page(start_at(30.0, 10, more=f"&color={color}"))
    drawn = page.colors("#map canvas", [(float(at[one, 0]), float(at[one, 1])) for one in lonely])
    palette = page.page.evaluate("clusterfolio.get('study').palette")
    wrong = set(tables.wrong.tolist())
    for sample, found in zip(lonely, drawn, strict=True):
        name = palette["labels"][tables.labels[sample]] if color == "label" else palette["wrong" if sample in wrong else "right"]
        wanted = [int(name[start : start + 2], 16) for start in (1, 3, 5)]
        assert np.abs(np.array(found) - wanted).max() <= 6, sample


def test_back_and_forward_restore_each_setting(open_page: Open, address: str) -> None:
    page = open_page(start_at(30.0, 10), site=address)
    shown = [page.setting]
    for name, value in (("k", "4"), ("perplexity", "5"), ("k", "3")):
        page.slider(name).fill(value)
        page.settle()
        shown.append(page.setting)
    assert shown == ["tsne-p30-k10", "tsne-p30-k4", "tsne-p5-k4", "tsne-p5-k3"]
    for slug in reversed(shown[:-1]):
        page.page.go_back()
        page.settle()
        assert page.setting == slug
    page.page.go_forward()
    page.settle()
    assert page.setting == shown[1]


def test_arrow_keys_step_along_an_uneven_axis(open_page: Open) -> None:
    page = open_page(start_at(5.0, 3))
    for name, values in (("perplexity", ("12.5", "30", "30")), ("k", ("4", "10", "10"))):
        for value in values:
            page.slider(name).press("ArrowRight")
            page.settle()
            assert page.slider(name).input_value() == value
            assert (page.slider(name).get_attribute("aria-valuetext") or "").startswith(f"{value} ")
    assert page.setting == "tsne-p30-k10"


def test_dragging_makes_one_step_in_the_history(open_page: Open) -> None:
    page = open_page(start_at(30.0, 3))
    before = page.page.evaluate("history.length")
    box = page.slider("k").bounding_box()
    assert box
    page.page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    page.page.mouse.down()
    for part in range(1, 11):
        page.page.mouse.move(box["x"] + box["width"] * part / 10, box["y"] + box["height"] / 2)
    page.page.mouse.up()
    page.settle()
    assert page.hash == "perplexity=30&k=10"
    assert page.page.evaluate("history.length") == before + 1
    page.page.go_back()
    page.settle()
    assert page.hash == "perplexity=30&k=3"


@pytest.mark.parametrize(
    ("fragment", "address_after", "says"),
    [
        ("", "perplexity=30&k=10", ""),
        ("perplexity=12.5&k=4", "perplexity=12.5&k=4", ""),
        ("perplexity=7&k=99", "perplexity=5&k=10", "There is no perplexity 7"),
        ("k=abc", "perplexity=30&k=10", "“abc” is no k"),
        ("sample=200", "perplexity=30&k=10", "“200” is no sample"),
        ("k=3&cluster=3", "perplexity=30&k=3", "“3” is no cluster"),
        ("pair=8-1&color=label", "perplexity=30&k=10&color=label&pair=8-1", ""),
        ("pair=8&space=moon", "perplexity=30&k=10", "“8” is no pair"),
        ("__proto__=1", "perplexity=30&k=10", "“__proto__” in the address means nothing"),
        ("<img src=x onerror=alert(1)>", "perplexity=30&k=10", "means nothing here"),
    ],
)
def test_any_address_ends_at_a_valid_setting(open_page: Open, fragment: str, address_after: str, says: str) -> None:
    page = open_page(f"tiny/index.html#{fragment}")
    assert page.hash == address_after
    assert says in page.alert
    assert bool(says) == bool(page.alert)


def test_addresses_of_every_kind_end_ready(open_page: Open) -> None:
    page = open_page()
    order = random.Random(1)
    keys = ["perplexity", "k", "space", "color", "sample", "pair", "cluster", "label", "metric", "constructor", "%00", ""]
    values = ["12.5", "4", "-1", "1e9", "NaN", "features", "right", "8-1", "8-", "9" * 30, "%E0%A4%A", "%", "<b>", "‮", "a" * 999]
    for _ in range(150):
        parts = [f"{order.choice(keys)}={order.choice(values)}" for _ in range(order.randint(0, 5))]
        page.go("&".join(parts))
        assert page.hash.startswith("perplexity=")


def test_state_and_address_are_inverse(open_page: Open) -> None:
    page = open_page()
    failures = page.page.evaluate(
        """() => {
            const study = clusterfolio.get("study");
            const { parse, format } = clusterfolio.state;
            const any = (values) => values[Math.floor(Math.random() * values.length)];
            const failures = [];
            for (let i = 0; i < 3000; i += 1) {
                const k = any(study.axes.k);
                const state = {
                    perplexity: any(study.axes.perplexity), k, space: any(["map", "features"]),
                    color: any(["cluster", "label", "right"]), method: "tsne",
                    metric: any([null, ...Object.keys(study.metrics)]), sample: any([null, 0, 199]),
                    cluster: any([null, 0, k - 1]), label: any([null, 0, 9]), pair: any([null, "8-1", "3-3"]),
                };
                const read = parse(format(state, study), study);
                if (JSON.stringify(read.state) !== JSON.stringify(state) || read.notes.length) failures.push([state, read]);
            }
            return failures;
        }"""
    )
    assert failures == []


def test_choosing_a_pair_shows_its_images_everywhere(open_page: Open, tiny_study: Study) -> None:
    tables = Tables(tiny_study, 30.0, 4, "map")
    page = open_page(start_at(30.0, 4))
    sample = int(tables.wrong[0])
    true, dominant = int(tables.labels[sample]), int(tables.dominant[tables.clusters[sample]])
    page.page.locator(f"#confusion [data-pair='{true}-{dominant}']").click()
    wanted = [int(one) for one in tables.wrong if (tables.labels[one], tables.dominant[tables.clusters[one]]) == (true, dominant)]
    assert page.hash == f"perplexity=30&k=4&pair={true}-{dominant}"
    assert sorted(page.misclassified()) == wanted
    assert page.page.locator("#cell button").count() == len(wanted)
    page.page.locator("#pair").select_option("")
    assert sorted(page.misclassified()) == tables.wrong.tolist()


def test_misclassified_are_sorted_by_margin_or_sample(open_page: Open, tiny_study: Study) -> None:
    rows = tiny_study.clusters("tsne-p30").to_pandas()
    margin = rows[rows["k"] == 10].set_index("sample")["margin"]
    page = open_page(start_at(30.0, 10))
    shown = margin.loc[page.misclassified()].dropna().to_numpy()
    assert len(shown) > 1
    assert (np.diff(shown) <= 0).all()
    page.page.locator("#sort").select_option("sample")
    assert page.misclassified() == sorted(page.misclassified())


def test_a_misclassified_image_is_pinned_and_named(open_page: Open, tiny_study: Study) -> None:
    tables = Tables(tiny_study, 5.0, 10, "map")
    page = open_page(start_at(5.0, 10))
    sample = int(tables.wrong[0])
    image = page.page.locator(f"[data-sample='{sample}']")
    label, dominant = tables.labels[sample], tables.dominant[tables.clusters[sample]]
    assert image.inner_text().split("\n") == [f"true {label} → in a cluster of {dominant}", f"#{sample}"]
    image.click()
    assert page.hash == f"perplexity=5&k=10&sample={sample}"
    card = page.page.locator("#card").inner_text()
    assert f"Sample {sample}" in card
    assert "misclassified" in card


def test_a_box_on_one_map_selects_in_both_and_outlives_the_setting(open_page: Open, tiny_study: Study) -> None:
    page = open_page(start_at(30.0, 10), reduced_motion="reduce")
    at = places(Tables(tiny_study, 30.0, 10, "map").points)
    inside = ((at > 0.2) & (at < 0.6)).all(axis=1)
    canvas = page.page.locator("#map canvas")
    box = canvas.bounding_box()
    assert box
    faint = "([...document.querySelectorAll('#pca canvas')][0]).toDataURL()"
    before = page.page.evaluate(faint)
    page.page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"], steps=4)
    page.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"], steps=4)
    page.page.mouse.up()
    page.settle()
    selected = page.page.locator("#strip button")
    assert selected.count() == pytest.approx(inside.sum(), abs=3)  # a point may lie on the edge of a pixel
    assert page.page.evaluate(faint) != before
    count = selected.count()
    page.slider("perplexity").fill("5")
    page.settle()
    assert selected.count() == count


def test_a_missing_chunk_is_said_and_the_rest_works(open_page: Open, tiny_site: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(tiny_site, site)
    next((site / "tiny/data").glob("tsne-p5-*.js")).unlink()
    damaged = next((site / "tiny/data").glob("tsne-p12.5-*.js"))
    damaged.write_text(damaged.read_text().replace('"u16":"', '"u16":"AAAA', 1))
    page = open_page(start_at(5.0, 10), site=f"{site.as_uri()}/", expect="error")
    assert "could not be loaded" in page.alert
    assert page.figures() == {}
    assert page.problems
    assert all("ERR_FILE_NOT_FOUND" in problem for problem in page.problems)
    page.problems.clear()
    page.slider("perplexity").fill("12.5")
    page.page.wait_for_function_free = None  # type: ignore[attr-defined]
    page.wait("error")
    page.slider("perplexity").fill("30")
    page.settle()
    assert page.setting == "tsne-p30-k10"
    assert page.alert == ""
    page.problems.clear()


@pytest.mark.parametrize("stored", ["dark", "light", "evil\"><img src=x onerror=alert(1)>", "__proto__"])
def test_only_known_themes_are_taken_from_storage(open_page: Open, stored: str) -> None:
    page = open_page()
    page.page.evaluate("value => localStorage.setItem('clusterfolio.theme', value)", stored)
    page.page.reload()
    page.wait()
    assert page.page.locator("html").get_attribute("data-theme") == (stored if stored in ("dark", "light") else None)


def test_without_script_the_start_setting_is_readable(open_page: Open, tiny_study: Study) -> None:
    page = open_page(expect="", java_script_enabled=False)
    text = page.page.locator("noscript").inner_text()
    assert f"{Tables(tiny_study, 30.0, 10, 'map').metrics['silhouette']:.3f}" in text
    assert page.page.locator("#maps").is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_looks(open_page: Open, width: int, scheme: Any) -> None:
    page = open_page(
        start_at(30.0, 10, more="&pair=8-1&sample=3"), viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    ARTIFACTS.mkdir(exist_ok=True)
    page.page.screenshot(path=ARTIFACTS / f"explorer-{width}-{scheme}.png", full_page=True)
    assert page.page.evaluate("document.documentElement.scrollWidth") == width
    # axe fetches style sheets to preload them, which the page's policy forbids
    found = Axe().run(page.page, options={"preload": False}).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_small_screens_have_targets_for_fingers(open_page: Open) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    small = page.page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, summary")]
            .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 40)
            .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert small == []


@pytest.mark.parametrize("path", ["index.html", "404.html"])
def test_the_other_pages_open_without_complaint(open_page: Open, address: str, path: str) -> None:
    page = open_page(path, site=address, expect="")
    assert page.page.locator("h1").inner_text()
    page.page.wait_for_load_state("networkidle")
