"""Why this sample: its facts and the reason given, worked out anew from the tables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser
from scipy.spatial import cKDTree

from precompute.store import Study
from site_templates import publish
from site_templates.data import why
from tests.browser.conftest import STUDY, Explorer
from tests.browser.helpers import opened, settle, until
from tests.browser.tables import Tables

PERPLEXITIES, KS = STUDY.grid["perplexity"], tuple(int(k) for k in STUDY.grid["k"])
COUNT = 10


class Facts:
    """Neighbours of every sample at a setting, in the features and on the map."""

    def __init__(self, study: Study, tables: Tables) -> None:
        rows = study.tables["neighbors"].to_pandas().sort_values(["sample", "rank"])
        self.near = rows[rows["rank"] <= COUNT]["neighbor"].to_numpy().reshape(-1, COUNT)
        distances, found = cKDTree(tables.points).query(tables.points.astype(np.float64), COUNT + 2)
        self.mapped = found[:, 1 : COUNT + 1]
        # the page's coordinates have 16 bits: who comes tenth and who eleventh is clear if they are 4 steps apart
        step = (tables.points.max(axis=0) - tables.points.min(axis=0)).max() / 65_535
        self.clear = distances[:, COUNT + 1] - distances[:, COUNT] > 4 * step


def most(values: list[int]) -> tuple[int | None, int]:
    """The most frequent value, the lowest on a tie."""
    counts = Counter(values)
    return max(counts.items(), key=lambda item: (item[1], -item[0])) if counts else (None, 0)


def kind(tables: Tables, facts: Facts, sample: int, space: str) -> str:
    """The reason that the page should give."""
    labels, clusters = tables.labels, tables.clusters
    own, cluster = int(labels[sample]), int(clusters[sample])
    near, mapped = facts.near[sample], facts.mapped[sample]
    if tables.dominant[cluster] == own:
        return "right"
    if most([int(x) for x in labels[near] if x != own])[1] > (labels[near] == own).sum():
        return "neighbours"
    if space == "map" and most([int(x) for x in labels[mapped] if x != own])[1] > (labels[mapped] == own).sum():
        return "torn"
    if own not in tables.dominant:
        return "no-cluster"
    around = mapped if space == "map" else near
    return "border" if (clusters[around] != cluster).any() else "joined"


def listed(explorer: Explorer, name: str) -> tuple[list[int], list[bool]]:
    """Neighbours in a row of the card, and which of them the other space has, too."""
    found = explorer.page.eval_on_selector_all(
        f"[data-why={name}] button",
        "all => all.map(one => [Number(one.dataset.neighbor), !one.classList.contains('apart')])",
    )
    return [one[0] for one in found], [one[1] for one in found]


@pytest.mark.parametrize(("perplexity", "k", "space"), [(30.0, 10, "map"), (5.0, 4, "map"), (50.0, 13, "features")])
@pytest.mark.stays
def test_the_card_says_what_the_tables_say(
    local: Explorer, study: Study, perplexity: float, k: int, space: str
) -> None:
    tables = Tables(study, perplexity, k, space)
    facts = Facts(study, tables)
    assert facts.clear.mean() > 0.8
    by_kind: dict[str, list[int]] = {}
    for one in np.flatnonzero(facts.clear).tolist():
        by_kind.setdefault(kind(tables, facts, one, space), []).append(one)
    assert {"right", "neighbours"} < set(by_kind)
    local.open(tables.address)
    go = "sample => { document.querySelector('#go-id').value = sample; document.querySelector('#go').requestSubmit(); }"
    for name, samples in by_kind.items():
        for sample in samples[:3]:
            local.page.evaluate(go, str(sample))
            local.page.wait_for_selector(f"#why[data-sample-shown='{sample}']")
            assert local.page.locator("[data-why=sentence]").get_attribute("data-kind") == name, sample
            near, kept = listed(local, "near")
            assert near == facts.near[sample].tolist()
            assert kept == np.isin(facts.near[sample], facts.mapped[sample]).tolist()
            mapped, true = listed(local, "mapped")
            assert sorted(mapped) == sorted(facts.mapped[sample].tolist())
            assert sum(true) == sum(kept)
            assert local.page.locator("[data-why=label]").inner_text() == str(tables.labels[sample])
            margin = tables.rows["margin"].loc[sample]
            value = local.page.locator("[data-why=margin]").get_attribute("data-value")
            assert (value == "") == bool(np.isnan(margin))
            if value:
                extent = float(np.abs(tables.points).max()) if space == "map" else 10.0
                assert float(value) == pytest.approx(margin, abs=extent * 1e-3)


@pytest.mark.stays
def test_the_sentence_counts_right(local: Explorer, study: Study) -> None:
    tables = Tables(study, 30.0, 10)
    facts = Facts(study, tables)
    sample = next(int(one) for one in tables.wrong if kind(tables, facts, int(one), "map") == "neighbours")
    labels = tables.labels[facts.near[sample]].tolist()
    own = int(tables.labels[sample])
    other, count = most([one for one in labels if one != own])
    local.open(f"{tables.address}&sample={sample}")
    assert local.page.locator("[data-why=sentence]").inner_text() == (
        f"It looks like “{other}”: {count} of its 10 true nearest neighbours are labelled so, "
        f"{labels.count(own)} “{own}”."
    )


@pytest.mark.parametrize("space", ["map", "features"])
@pytest.mark.stays
def test_the_history_counts_every_setting(local: Explorer, study: Study, space: str) -> None:
    sample = int(Tables(study, 30.0, 10).wrong[0])
    given: list[int] = []
    for perplexity in PERPLEXITIES if space == "map" else PERPLEXITIES[:1]:
        for k in KS:
            tables = Tables(study, perplexity, k, space)
            given.append(int(tables.dominant[tables.clusters[sample]]))
    own = int(Tables(study, 30.0, 10).labels[sample])
    local.open(f"#perplexity=30&k=10&space={space}&sample={sample}")
    text = local.page.locator("[data-why=history-text]").inner_text()
    assert text.startswith(f"Right at {given.count(own)} of {len(given)} settings")
    found = local.page.eval_on_selector_all(
        "[data-given]", "all => all.map(one => [Number(one.dataset.given), Number(one.dataset.count)])"
    )
    counts = Counter(given)
    del counts[own]
    assert dict(found) == dict(counts)


@pytest.mark.stays
def test_the_strip_goes_to_its_settings(local: Explorer) -> None:
    local.open("#perplexity=30&k=10&sample=5")
    local.page.locator("[data-why=history]").focus()
    local.page.keyboard.press("ArrowLeft")
    local.ready("tsne-p10-k10")
    local.page.keyboard.press("ArrowUp")
    local.ready("tsne-p10-k11")
    assert local.hash() == "#perplexity=10&k=11&sample=5"
    box = local.page.locator("[data-why=history] canvas").bounding_box()
    assert box
    local.page.mouse.click(box["x"] + 46 + 2, box["y"] + 6 + 2)
    local.ready("tsne-p5-k15")


def test_lines_lead_from_the_pinned_sample_to_its_neighbours(local: Explorer, study: Study) -> None:
    tables = Tables(study, 30.0, 10)
    facts, places = Facts(study, tables), tables.places()
    near = facts.near
    lengths = np.sqrt(((places[:, None] - places[near]) ** 2).sum(axis=2))
    sample = int(lengths.max(axis=1).argmax())  # a neighbour was torn far away
    other = int(near[sample][lengths[sample].argmax()])
    line = places[sample] + np.linspace(0.1, 0.9, 60)[:, None] * (places[other] - places[sample])
    pixels = """places => {
        const canvas = document.querySelector("#map .canvas canvas");
        const { width, height } = canvas;
        const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
        return places.map(([x, y]) => {
            const at = (dx, dy) => 4 * ((Math.floor(y * height) + dy) * width + Math.floor(x * width) + dx) + 3;
            return 255 - Math.max(...[-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => data[at(dx, dy)])));
        });
    }"""
    local.watch.allowed.append("willReadFrequently")
    local.page.goto("about:blank")  # lines of a test before would count as points in the way
    local.open(tables.address)
    empty = np.array(local.page.evaluate(pixels, line.tolist())) == 255  # where no point lies in the way
    assert empty.sum() >= 10
    local.page.evaluate(
        "sample => { document.querySelector('#go-id').value = sample; document.querySelector('#go').requestSubmit(); }",
        str(sample),
    )
    local.page.wait_for_selector(f"#why[data-sample-shown='{sample}']")
    shares = []
    for _ in range(50):  # the frame in which Vega draws is none of the page's
        settle(local)
        drawn = np.array(local.page.evaluate(pixels, line.tolist())) < 255
        shares.append(drawn[empty].mean())
        if shares[-1] > 0.3:  # a dashed line covers 3 px of 7
            break
    assert shares[-1] > 0.3


@pytest.mark.stays
def test_a_neighbour_is_chosen_in_turn_and_escape_leaves(local: Explorer, study: Study) -> None:
    facts = Facts(study, Tables(study, 30.0, 10))
    local.open("#perplexity=30&k=10&sample=7")
    first = int(facts.near[7][0])
    local.page.locator("[data-why=near] button").first.click()
    local.page.wait_for_selector(f"#why[data-sample-shown='{first}']")
    assert local.hash() == f"#perplexity=30&k=10&sample={first}"
    local.page.keyboard.press("Escape")
    settle(local)
    assert local.page.locator("#why").is_hidden()


def test_on_a_phone_the_card_fits(browser: Browser, local: Explorer) -> None:
    with opened(browser, local.root, viewport={"width": 390, "height": 844}, has_touch=True) as phone:
        phone.open("#perplexity=30&k=10&sample=5")
        assert phone.page.evaluate("document.documentElement.scrollWidth") == 390
        assert phone.page.locator("[data-why=near] button").count() == COUNT


def test_a_history_that_was_left_out_is_said_so(
    browser: Browser, tiny_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(why, "HISTORY_LIMIT", 100)
    publish.publish(tiny_results, tmp_path / "site", ["tiny"], "A gallery")
    with opened(browser, (tmp_path / "site").as_uri()) as page:
        page.open("#sample=3", "tiny/index.html")
        page.page.wait_for_selector("[data-why=history-text]:not(:empty)")
        assert page.page.locator("[data-why=history-text]").inner_text().startswith("Left out: 200 samples")
        assert page.page.locator("[data-why=history]").is_hidden()
        assert page.page.locator("[data-neighbor]").count() == 20


@pytest.mark.stays
def test_samples_chosen_while_the_card_loads_leave_one_strip_that_answers_once(local: Explorer) -> None:
    local.open("#perplexity=30&k=10")
    local.page.evaluate(
        """() => {
            for (const sample of [1, 2, 3, 4]) {
                document.querySelector("#go-id").value = sample;
                document.querySelector("#go").requestSubmit();
            }
        }"""
    )
    local.page.wait_for_selector("[data-why=history-text]:not(:empty)")
    local.page.locator("[data-why=history]").press("ArrowRight")
    settle(local)
    assert local.hash() == "#perplexity=31&k=10&sample=4"
    assert local.page.locator("[data-why=title]").inner_text() == "Why sample 4?"


@pytest.mark.parametrize("place", ["near", "mapped"])
@pytest.mark.stays
def test_the_focus_stays_in_the_list_when_a_neighbour_is_chosen(local: Explorer, place: str) -> None:
    local.open("#perplexity=30&k=10&sample=7")
    buttons = local.page.locator(f"[data-why={place}] button")
    buttons.nth(2).focus()
    for _ in range(2):
        chosen = local.page.evaluate("document.activeElement.dataset.neighbor")
        local.page.keyboard.press("Enter")
        local.page.wait_for_selector(f"#why[data-sample-shown='{chosen}']")
        script = "list => [...list].indexOf(document.activeElement)"
        assert local.page.eval_on_selector_all(f"[data-why={place}] button", script) == 2
    assert local.page.locator(f"[data-why={place}] button[tabindex='0']").count() == 1


def test_a_card_that_comes_back_after_the_window_changed_fits(local: Explorer) -> None:
    local.open("#perplexity=30&k=10&sample=7")
    local.page.wait_for_selector("[data-why=history-text]:not(:empty)")
    local.page.keyboard.press("Escape")
    settle(local)
    assert local.page.locator("#why").is_hidden()
    local.page.set_viewport_size({"width": 600, "height": 900})
    settle(local)
    local.page.evaluate("document.querySelector('#go-id').value = 8; document.querySelector('#go').requestSubmit();")
    local.page.wait_for_selector("#why[data-sample-shown='8']")
    fits = """() => {
        const place = document.querySelector("[data-why=history]");
        return Math.abs(place.querySelector("canvas").clientWidth - place.clientWidth) <= 1;
    }"""
    until(local.page, fits)


def test_what_is_kept_of_a_map_goes_when_the_model_drops_it(local: Explorer) -> None:
    local.open()
    local.page.evaluate(
        """() => {
            const { spatial, why } = clusterfolio;
            const n = 50;
            const maps = new Map();
            const made = () => ({ x: Float32Array.from({ length: n }, Math.random), y: new Float32Array(n) });
            const method = { name: "m", label: "M", parameters: ["perplexity"] };
            const clusterer = { name: "c", label: "C", parameters: [] };
            const model = { n, labels: null,
                study: { methods: [method], clusterers: [clusterer] },
                embedding: ({ perplexity: at }) => maps.get(at) || maps.set(at, made()).get(at) };
            const near = { count: 3, samples: { chars: "0".repeat(3 * n) } };
            const none = new Uint8Array(n);
            const setting = { clusters: none, dominant: [null], isWrong: none, margin: () => 0 };
            window.facts = why.create(model, near).facts;
            const show = (perplexity) => { window.facts(0, setting, { perplexity, space: "map" }); };
            const seen = (perplexity) => { show(perplexity); return new WeakRef(maps.get(perplexity).x); };
            window.held = [5, 6, 7].map(seen);
            maps.delete(5); /* As the model's lru does. */
            maps.delete(6);
        }"""
    )
    session = local.page.context.new_cdp_session(local.page)
    session.send("HeapProfiler.collectGarbage")
    assert local.page.evaluate("window.held.map((each) => each.deref() !== undefined)") == [False, False, True]
