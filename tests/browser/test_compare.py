"""The comparison: its figures against the tables and scikit-learn, its links, its lists, and both maps as one."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page
from sklearn.metrics import adjusted_rand_score

from precompute import pipeline, store
from precompute.config import Grid
from precompute.dataset import Dataset
from precompute.maps import method, registry, tsne
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.store import Study
from site_templates import publish
from tests.browser.conftest import Explorer
from tests.browser.helpers import WINDOWS, alert, complaints, opened, picture, settle, until
from tests.browser.tables import Tables
from tests.conftest import TINY, few_digits

PAGE = "digits/compare.html"
START = "#a=tsne-p5-k10&b=tsne-p30-k10"


def show(explorer: Explorer, address: str = "") -> None:
    explorer.open(address, PAGE)


def figures(explorer: Explorer) -> dict[str, float]:
    found: dict[str, float] = explorer.page.eval_on_selector_all(
        "[data-agreement]",
        "all => Object.fromEntries(all.map(one => [one.dataset.agreement, Number(one.dataset.value)]))",
    )
    return found


def listed(explorer: Explorer, name: str) -> list[int]:
    """Sample numbers of a list, in its order."""
    found: list[int] = explorer.page.eval_on_selector_all(
        f"#{name}-list [data-sample]", "all => all.map(one => Number(one.dataset.sample))"
    )
    return found


def near(study: Study, setting: str, count: int = 10) -> NDArray[np.int64]:
    """The nearest neighbours of each sample, worked out from the tables: (n, count)."""
    if setting.startswith("features"):
        rows = study.tables["neighbors"].to_pandas().sort_values(["sample", "rank"])
        return rows["neighbor"].to_numpy().reshape(-1, count)
    table = study.embedding(setting.rsplit("-", 1)[0]).to_pandas().sort_values("sample")
    points = table[["x", "y"]].to_numpy(dtype=np.float64)
    apart = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    return np.argsort(apart, axis=1, kind="stable")[:, :count]


def tables(study: Study, setting: str) -> Tables:
    """What the tables say of a setting, from its name."""
    k = int(setting.rsplit("-k", 1)[1])
    if setting.startswith("features"):
        return Tables(study, 30.0, k, "features")
    return Tables(study, float(setting.split("-")[1][1:]), k)


@pytest.mark.parametrize(
    ("a", "b"),
    [("tsne-p5-k10", "tsne-p30-k10"), ("tsne-p10-k8", "tsne-p35-k10"), ("tsne-p30-k10", "features-k10")],
)
@pytest.mark.stays
def test_figures_and_lists_are_what_the_tables_give(local: Explorer, study: Study, a: str, b: str) -> None:
    show(local, f"#a={a}&b={b}")
    one, two = tables(study, a), tables(study, b)
    changed = np.flatnonzero(one.dominant[one.clusters] != two.dominant[two.clusters])
    shared = np.array([len(set(x) & set(y)) for x, y in zip(near(study, a), near(study, b), strict=True)])
    found = figures(local)
    assert found["ari"] == pytest.approx(adjusted_rand_score(one.clusters, two.clusters), abs=1e-9)
    assert found["changed"] == len(changed)
    assert found["torn"] == (shared < 5).sum()
    assert found["kept"] == pytest.approx(shared.mean() / 10, abs=1e-12)
    jaccard = shared / (20 - shared)
    ranked = np.lexsort((np.arange(len(jaccard)), jaccard))
    first = listed(local, "torn")
    assert first == ranked[: len(first)].tolist()
    shown = local.page.eval_on_selector_all("#torn-list [data-sample]", "all => all.map(one => one.dataset.value)")
    assert [float(value) for value in shown] == pytest.approx(jaccard[first].tolist())
    moves = Counter(zip(one.dominant[one.clusters[changed]], two.dominant[two.clusters[changed]], strict=True))
    buttons = local.page.locator("#moves button").all_inner_texts()
    assert [int(text.split("(")[1].rstrip(")")) for text in buttons] == sorted(moves.values(), reverse=True)[:24]
    assert set(listed(local, "changed")) <= set(changed.tolist())
    for side, table in (("a", one), ("b", two)):
        cells: dict[str, str] = local.page.eval_on_selector_all(
            f"#measures tr:not([hidden]) [data-of={side}]",
            "all => Object.fromEntries(all.map(one => [one.parentNode.dataset.measure, one.dataset.value]))",
        )
        for name in ("silhouette", "misclassified", "ami", "purity", "inertia"):
            assert float(cells[name]) == pytest.approx(table.metrics[name])


def test_ari_is_scikit_learns(sources: Page) -> None:
    random = np.random.default_rng(3)
    script = """([a, ka, b, kb]) => {
        const { contingency, ari } = clusterfolio.agreement;
        return ari(contingency(Uint8Array.from(a), ka, Uint8Array.from(b), kb));
    }"""
    pairs = [(random.integers(0, ka, n), random.integers(0, kb, n)) for n, ka, kb in
             ((1, 1, 1), (2, 2, 2), (5, 1, 3), (50, 3, 3), (400, 15, 8), (3000, 40, 2))]  # fmt: skip
    same = random.integers(0, 7, 100)
    pairs += [(same, same), (same, 6 - same), (same, np.arange(100)), (np.arange(100), np.arange(100)[::-1])]
    for a, b in pairs:
        found = sources.evaluate(script, [a.tolist(), int(a.max()) + 1, b.tolist(), int(b.max()) + 1])
        assert found == pytest.approx(adjusted_rand_score(a, b), abs=1e-9)


def test_without_labels_a_sample_changes_where_it_leaves_its_group(sources: Page) -> None:
    found = sources.evaluate(
        """() => {
            const side = (clusters, k) => ({ setting: { clusters, k, dominant: new Array(k).fill(null) }, model: {} });
            const { changed, moves, count } = clusterfolio.agreement.changes(
                side([0, 0, 0, 1, 1, 1], 2), side([1, 1, 0, 0, 0, 2], 3), false);
            return { changed: Array.from(changed), count, moves };
        }"""
    )
    assert found["changed"] == [0, 0, 1, 0, 0, 1]
    assert found["count"] == 2
    assert found["moves"][0] == {"from": "cluster 0", "to": "cluster 0", "samples": [2]}


@pytest.mark.parametrize(
    ("given", "shown", "says"),
    [
        ("", START, ""),
        ("#a=tsne-p10-k8&b=tsne-p35-k10", "#a=tsne-p10-k8&b=tsne-p35-k10", ""),
        ("#b=features-k9&a=features-k10", "#a=features-k10&b=features-k9", ""),
        ("#a=digits:tsne-p10-k8", "#a=tsne-p10-k8&b=tsne-p30-k10", ""),
        ("#a=tsne-p5-k10&b=tsne-p30-k10&color=right&only=torn&sample=7", f"{START}&color=right&only=torn&sample=7", ""),
        ("#a=tsne-p7-k99", "#a=tsne-p5-k15&b=tsne-p30-k10", "There is no setting tsne-p7-k99 here; A is tsne-p5-k15"),
        ("#b=features-k1", "#a=tsne-p5-k10&b=features-k3", "B is features-k3, the nearest"),
        ("#b=tsne-p5-k10", "#a=tsne-p30-k10&b=tsne-p5-k10", ""),
        ("#a=tsne-p30-k10", "#a=tsne-p30-k10&b=tsne-p5-k10", ""),
        ("#a=moon", START, "“moon” is no setting for A: a side is written like tsne-p30-k10 or features-k10."),
        ("#a=mnist:tsne-p5-k10", START, "“mnist” is no data set over these samples (there is digits)"),
        ("#sample=1797", START, "“1797” is no sample"),
        ("#only=some&color=blue", START, "only is one of all, changed, torn"),
        ("#perplexity=5", START, "“perplexity” in the address means nothing here."),
        ("#a=tsne-p5-k3&a=tsne-p5-k4", "#a=tsne-p5-k3&b=tsne-p30-k10", "gives a more than once"),
    ],
)
@pytest.mark.stays
def test_any_link_ends_at_two_settings_and_says_what_was_changed(
    local: Explorer, given: str, shown: str, says: str
) -> None:
    show(local, given)
    assert local.hash() == shown
    assert says in alert(local)
    assert bool(says) == bool(alert(local))
    sides = dict(part.split("=") for part in shown[1:].split("&"))
    root = local.page.locator("html")
    assert [root.get_attribute(f"data-{side}") for side in "ab"] == [sides["a"], sides["b"]]


def test_hooks_controls_and_history_follow_the_state(local: Explorer) -> None:
    show(local, "#a=tsne-p10-k8&b=features-k10&only=changed")
    page = local.page
    assert page.locator("input[name=perplexity-b]").is_disabled()
    assert "drawn on the map of perplexity 10" in page.locator(".side[data-side=b] .side-note").inner_text()
    local.slide("k-a", 12)
    settle(local)
    page.locator(".side[data-side=b] label", has_text="the map").click()
    settle(local)
    assert local.hash() == "#a=tsne-p10-k12&b=tsne-p10-k10&only=changed"
    page.locator("#swap").click()
    settle(local)
    assert local.hash() == "#a=tsne-p10-k10&b=tsne-p10-k12&only=changed"
    assert figures(local)["kept"] == 1  # the same map on both sides
    assert "No sample has lost a neighbour" in page.locator("#torn-status").inner_text()
    for wanted in ("#a=tsne-p10-k12&b=tsne-p10-k10", "#a=tsne-p10-k12&b=features-k10", "#a=tsne-p10-k8&b=features-k10"):
        page.go_back()
        settle(local)
        assert local.hash() == f"{wanted}&only=changed"
    shown = figures(local)
    page.reload()
    local.ready()
    assert figures(local) == shown


@pytest.mark.stays
def test_a_sample_is_pinned_on_both_maps_and_explained_on_the_card(local: Explorer, study: Study) -> None:
    show(local)
    page = local.page
    first = listed(local, "torn")[0]
    page.locator(f"#torn-list [data-sample='{first}']").click()
    settle(local)
    assert local.hash() == f"{START}&sample={first}"
    for side, setting in (("a", "tsne-p5-k10"), ("b", "tsne-p30-k10")):
        shown: list[str] = page.eval_on_selector_all(
            f"[data-card=near-{side}] button", "all => all.map(one => one.dataset.id)"
        )
        assert [int(sample) for sample in shown] == near(study, setting)[first].tolist()
    link = page.locator("[data-card=why-a]").get_attribute("href")
    assert link == f"index.html#perplexity=5&k=10&sample={first}"
    assert page.locator(f"#torn-list [data-sample='{first}']").get_attribute("aria-pressed") == "true"
    page.keyboard.press("Escape")
    settle(local)
    assert local.hash() == START


@pytest.mark.stays
def test_pointing_on_one_map_rings_and_explains_on_both(local: Explorer, study: Study) -> None:
    show(local)
    page = local.page
    page.locator("#map-a").scroll_into_view_if_needed()
    box = page.locator("#map-a .canvas canvas").bounding_box()
    assert box
    sample = 100
    x, y = Tables(study, 5.0, 10).places()[sample].tolist()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    until(page, "document.querySelector('[data-card=title]').textContent !== 'No sample chosen'")
    found = int((page.locator("[data-card=title]").text_content() or "").split()[-1])
    points = Tables(study, 5.0, 10).places()
    assert np.hypot(*(points[found] - points[sample])) * box["width"] < 2  # itself, or one that covers it
    rings = page.locator(".frame-ring:not([hidden])")
    until(page, "document.querySelectorAll('.frame-ring:not([hidden])').length === 7")
    assert rings.count() == 7


def test_a_box_on_one_map_selects_on_both_and_a_move_lights_its_samples(local: Explorer, study: Study) -> None:
    show(local)
    page = local.page
    page.locator("#map-b").scroll_into_view_if_needed()
    box = page.locator("#map-b .canvas canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.02, box["y"] + box["height"] * 0.02)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.up()
    page.wait_for_selector("#selection.filled")
    points = Tables(study, 30.0, 10).places()
    inside = ((points[:, 0] > 0.02) & (points[:, 0] < 0.6) & (points[:, 1] > 0.02) & (points[:, 1] < 0.5)).sum()
    shown = int((page.locator("#selection-text").text_content() or "").split()[0].replace(",", ""))
    assert shown == pytest.approx(inside, abs=8)
    before = page.evaluate("document.querySelector('#map-a canvas').toDataURL()")
    page.locator("#unselect").click()
    assert page.evaluate("document.querySelector('#map-a canvas').toDataURL()") != before
    move = page.locator("#moves button").first
    count = int(move.inner_text().split("(")[1].rstrip(")"))
    move.click()
    assert page.locator("#selection-text").text_content() == f"{count} samples"
    assert page.locator("#strip button").count() == count


def test_a_frame_of_the_film_opens_that_perplexity(local: Explorer) -> None:
    show(local)
    page = local.page
    assert page.locator("#frames .frame").count() == 7
    page.locator("#frames [data-map='tsne-p50']").click()
    settle(local)
    assert local.hash() == "#a=tsne-p5-k10&b=tsne-p50-k10"
    page.locator("#film label", has_text="A").click()
    page.locator("#frames [data-map='tsne-p50']").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    settle(local)
    assert local.hash() == "#a=tsne-p35-k10&b=tsne-p50-k10"
    assert page.locator("#frames [data-shown]").count() == 2


@pytest.mark.stays
def test_a_sample_on_the_card_moves_nothing_that_lies_below(local: Explorer) -> None:
    """Pointing at the strip fills the card above it; the strip went away under the pointer, and a click missed it."""
    page = local.page
    top = "() => document.querySelector('#film').getBoundingClientRect().top + scrollY"
    local.open("#a=tsne-p5-k10&b=tsne-p30-k10", path="digits/compare.html")
    for width in (1920, 1440, 1330, 1100, 850):
        page.set_viewport_size({"width": width, "height": 900})
        settle(local)
        empty = page.evaluate(top)
        page.evaluate("() => { location.hash += '&sample=1234'; }")
        settle(local)
        assert page.locator("[data-card=near-a] .tile").count() > 0
        assert page.evaluate(top) == empty, width
        page.locator("[data-card=unpin]").click()
        settle(local)


@pytest.mark.stays
def test_rings_of_the_film_lie_where_the_maps_have_the_sample(local: Explorer, study: Study) -> None:
    show(local, f"{START}&sample=37")
    page = local.page
    until(page, "document.querySelectorAll('.frame-ring:not([hidden])').length === 7")
    ring = page.locator("[data-map='tsne-p30'] .frame-ring")
    placed = [float(ring.evaluate(f"one => one.style.getPropertyValue('--{axis}')")) for axis in "xy"]
    assert placed == pytest.approx(Tables(study, 30.0, 10).places()[37].tolist(), abs=0.004)  # the frame not turned


@pytest.mark.parametrize(("width", "scheme", "looked"), WINDOWS)
def test_the_comparison_fits_and_axe_finds_nothing(
    browser: Browser, site: Path, width: int, scheme: Any, looked: bool
) -> None:
    with opened(browser, site.as_uri(), viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.open("#a=tsne-p10-k8&b=features-k10&sample=37", PAGE)
        picture(page, f"compare-{width}-{scheme}")
        assert page.page.evaluate("document.documentElement.scrollWidth") == width
        assert not looked or complaints(page) == []


@pytest.fixture(scope="module")
def gallery(tiny_results: Path, tiny_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Results and site: two studies over the same 200 digits, with other grids, and one without labels."""
    results = tmp_path_factory.mktemp("pair-results")
    shutil.copytree(tiny_results / "tiny", results / "tiny")
    other = replace(TINY, id="other", grid=Grid.of(perplexity=(5.0, 20.0), k=(3, 7)))
    assert not pipeline.compute(planned(tiny_data, other), results, Machine()).failed
    bare = replace(tiny_data, labels=None, label_names=())
    assert not pipeline.compute(
        planned(bare, replace(TINY, id="bare", grid=Grid.of(perplexity=(5.0, 30.0), k=(3,)))), results, Machine()
    ).failed
    site = tmp_path_factory.mktemp("pair-site") / "repo"
    publish.publish(results, site, ["tiny", "other", "bare"], "A gallery")
    return results, site


def test_a_side_may_be_another_study_of_the_same_samples(browser: Browser, gallery: tuple[Path, Path]) -> None:
    results, site = gallery
    tiny, other = (store.read(results / name) for name in ("tiny", "other"))
    with opened(browser, site.as_uri()) as page:
        page.open("#a=tsne-p30-k10&b=other:tsne-p20-k7", "tiny/compare.html")
        assert page.hash() == "#a=tsne-p30-k10&b=other:tsne-p20-k7"
        one, two = Tables(tiny, 30.0, 10), Tables(other, 20.0, 7)
        found = figures(page)
        assert found["ari"] == pytest.approx(adjusted_rand_score(one.clusters, two.clusters), abs=1e-9)
        assert found["changed"] == (one.dominant[one.clusters] != two.dominant[two.clusters]).sum()
        options = page.page.locator("select[name=study-a] option").evaluate_all("all => all.map(one => one.value)")
        assert options == ["tiny", "other"]
        page.page.locator("select[name=study-a]").select_option("other")
        settle(page)
        assert page.hash() == "#a=other:tsne-p20-k7&b=other:tsne-p20-k7"
        assert figures(page)["ari"] == 1
        page.page.locator("select[name=study-b]").select_option("tiny")
        settle(page)
        assert page.hash() == "#a=other:tsne-p20-k7&b=tsne-p12.5-k4"
        assert alert(page) == "There is no such setting in A few digits; B is tsne-p12.5-k4, the nearest."
        page.page.go_back()
        settle(page)
        assert page.hash() == "#a=other:tsne-p20-k7&b=other:tsne-p20-k7"
        page.page.evaluate("location.hash = '#a=bare:tsne-p5-k3&b=tsne-p5-k4'")
        settle(page)
        assert "“bare” is no data set over these samples" in alert(page)


def test_a_click_on_the_strip_never_changes_a_data_set(browser: Browser, gallery: tuple[Path, Path]) -> None:
    """The strip of `tiny` has the perplexities 5, 12.5 and 30; `other` has 5 and 20."""

    def click(perplexity: str) -> str:
        page.page.locator(f"#frames [data-map='tsne-p{perplexity}']").click()
        settle(page)
        return page.hash()

    sides = "all => all.map(one => [one.value, one.checked, one.disabled])"
    with opened(browser, gallery[1].as_uri()) as page:
        page.open("#a=tsne-p30-k10&b=other:tsne-p20-k7", "tiny/compare.html")
        radios = page.page.locator("input[name=film-side]")
        assert radios.evaluate_all(sides) == [["a", True, False], ["b", False, True]]
        note = page.page.locator("[data-aim]")
        other = page.page.locator("select[name=study-b] option:checked").inner_text()
        assert note.inner_text() == f"B shows {other}, so a click sets A."
        assert click("5") == "#a=tsne-p5-k10&b=other:tsne-p20-k7"
        page.page.evaluate("location.hash = '#a=other:tsne-p5-k3&b=other:tsne-p20-k7'")
        settle(page)
        assert note.inner_text().startswith("Neither side shows A few digits")
        assert click("5") == "#a=other:tsne-p5-k3&b=other:tsne-p5-k7", "the map of that perplexity in its own data"
        assert click("30") == "#a=other:tsne-p5-k3&b=other:tsne-p20-k7"
        assert "B is tsne-p20-k7, the nearest" in alert(page)
        page.page.evaluate("location.hash = '#a=other:tsne-p5-k3&b=tsne-p5-k4'")
        settle(page)
        assert radios.evaluate_all(sides) == [["a", False, True], ["b", True, False]]
        assert click("30") == "#a=other:tsne-p5-k3&b=tsne-p30-k4"


def test_changes_of_the_data_set_leave_nothing_behind(browser: Browser, gallery: tuple[Path, Path]) -> None:
    def listeners() -> int:
        session.send("HeapProfiler.collectGarbage")
        return int(session.send("Memory.getDOMCounters")["jsEventListeners"])

    with opened(browser, gallery[1].as_uri()) as page:
        page.open("#a=tsne-p30-k10&b=tsne-p5-k3", "tiny/compare.html")
        session = page.page.context.new_cdp_session(page.page)
        before: list[int] = []
        for study in ("other", "tiny") * 4:
            page.page.locator("select[name=study-b]").select_option(study)
            settle(page)
            assert page.page.locator("#map-b canvas").count() == page.page.locator("#map-a canvas").count()
            before.append(listeners())
        assert before[2:] == before[2:4] * 3, "the first two may make what is made once"


def test_without_labels_the_page_counts_who_left_its_group(browser: Browser, gallery: tuple[Path, Path]) -> None:
    results, site = gallery
    study = store.read(results / "bare")
    a, b = (
        study.clusters(f"tsne-p{perplexity}").to_pandas().sort_values("sample")["cluster"].to_numpy()
        for perplexity in (5, 30)
    )
    heirs = np.array([np.bincount(b[a == cluster]).argmax() for cluster in range(3)])
    with opened(browser, site.as_uri()) as page:
        page.open("#color=label", "bare/compare.html")
        assert page.hash() == "#a=tsne-p5-k3&b=tsne-p30-k3"
        assert "color is one of cluster" in alert(page)
        found = figures(page)
        assert found["changed"] == (b != heirs[a]).sum()
        assert found["ari"] == pytest.approx(adjusted_rand_score(a, b), abs=1e-9)
        assert page.page.locator("h2", has_text="Who left their group").is_visible()
        assert page.page.locator("select[name=study-a]").count() == 0


@pytest.fixture(scope="module")
def holed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a site with two studies: one whose start perplexity, 10, could not be computed, one with one map."""

    def fails(source: method.Source, parameters: Mapping[str, float]) -> method.Embedding:
        if parameters["perplexity"] == 10:
            raise ValueError("a hole")
        return tsne.tsne(source, parameters)

    folder, data = tmp_path_factory.mktemp("holed"), few_digits(60)
    with pytest.MonkeyPatch.context() as patch:
        known = {**registry.METHODS, "tsne": replace(registry.METHODS["tsne"], fit=fails)}
        patch.setattr(registry, "METHODS", known)
        some = replace(TINY, id="holed", grid=Grid.of(perplexity=(5.0, 8.0, 10.0), k=(3, 4)))
        outcome = pipeline.compute(planned(data, some), folder / "results", Machine())
        assert [one.cell for one in outcome.failed] == ["tsne-p10"]
    one = replace(TINY, id="one", grid=Grid.of(perplexity=(8.0,), k=(3, 4)))
    assert not pipeline.compute(planned(data, one), folder / "results", Machine()).failed
    publish.publish(folder / "results", folder / "site", ["holed", "one"], "A gallery")
    return (folder / "site").as_uri()


def test_where_the_start_is_a_hole_the_explorer_opens_at_the_nearest_setting(browser: Browser, holed: str) -> None:
    """b12; so do the links of its page and the front page's picture."""
    with opened(browser, holed) as page:
        page.open("", "holed/index.html")
        assert alert(page) == ""
        assert page.page.locator("input[name=perplexity]").input_value() == "8"
        page.page.goto(f"{holed}/index.html")
        assert page.page.locator("a[href='holed/index.html'] img").count() == 1
        assert page.page.locator("a[href^='holed/index.html#perplexity=10']").count() == 0


def test_where_the_start_perplexity_is_a_hole_another_map_is_drawn(browser: Browser, holed: str) -> None:
    with opened(browser, holed) as page:
        page.open("", "holed/compare.html")
        assert page.hash() == "#a=tsne-p5-k4&b=tsne-p8-k4"
        page.page.evaluate("location.hash = '#a=features-k3&b=features-k4'")
        settle(page)
        assert page.hash() == "#a=features-k3&b=features-k4"
        assert alert(page) == ""
        assert "drawn on the map of perplexity 8" in page.page.locator(".side[data-side=a] .side-note").inner_text()
        assert figures(page)["kept"] == 1
        slider = page.page.locator("input[name=perplexity-a]")
        assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("5", "8")
        page.page.evaluate("location.hash = '#a=tsne-p10-k3&b=features-k4'")
        settle(page)
        assert page.hash() == "#a=tsne-p8-k3&b=features-k4"
        assert "There is no setting tsne-p10-k3 here; A is tsne-p8-k3, the nearest." in alert(page)


def test_with_one_perplexity_two_k_are_compared(browser: Browser, holed: str) -> None:
    with opened(browser, holed) as page:
        page.open("", "one/compare.html")
        assert page.hash() == "#a=tsne-p8-k3&b=tsne-p8-k4"
        assert figures(page)["kept"] == 1
        assert figures(page)["ari"] < 1
        page.open("#perplexity=8&k=3", "one/index.html")
        page.page.locator("nav a", has_text="Compare").click()
        page.page.wait_for_url("**/compare.html*")
        page.ready()
        assert page.hash() == "#a=tsne-p8-k4&b=tsne-p8-k3"


@pytest.mark.stays
def test_a_measure_of_the_map_is_judged_whatever_k_and_space(local: Explorer, study: Study) -> None:
    def verdict(name: str) -> str:
        return local.page.locator(f"#measures tr[data-measure={name}] [data-of=verdict]").inner_text()

    one, two = tables(study, "tsne-p5-k4"), tables(study, "tsne-p30-k10")
    show(local, "#a=tsne-p5-k4&b=tsne-p30-k10")
    better = "B better" if two.metrics["trustworthiness"] > one.metrics["trustworthiness"] else "A better"
    assert verdict("trustworthiness") == better
    assert verdict("purity") == ""  # it rises with k by itself
    show(local, "#a=tsne-p30-k4&b=features-k10")
    assert verdict("trustworthiness") == ""  # drawn on one map


def test_comparisons_that_were_left_make_room(sources: Page) -> None:
    kept = sources.evaluate(
        """() => {
            const left = [];
            const lru = clusterfolio.model.lru(4, (key) => left.push(key));
            for (const key of ["a", "b", "c", "d"]) lru.set(key, key);
            lru.get("a");
            lru.set("e", "e");
            return [left, ["a", "b", "c", "d", "e"].filter(lru.has)];
        }"""
    )
    assert kept == [["b"], ["a", "c", "d", "e"]]


def test_the_explorer_leads_here_with_what_it_shows(local: Explorer) -> None:
    local.open("#perplexity=35&k=4&sample=3")
    local.page.locator("nav a", has_text="Compare").click()
    local.page.wait_for_url("**/compare.html*")
    local.ready()
    assert local.hash() == "#a=tsne-p5-k10&b=tsne-p35-k4&sample=3"


def test_the_box_gives_way_to_what_is_lit_up(local: Explorer) -> None:
    show(local)
    local.page.locator("#moves button").first.click()
    assert local.page.locator("#selection.filled").count() == 1
    local.page.locator(".choice label", has_text="lost neighbours").click()
    settle(local)
    assert local.page.locator("#selection.filled").count() == 0
    assert local.hash() == f"{START}&only=torn"


def test_a_finger_pins_a_sample_and_sets_a_side_from_the_film(browser: Browser, site: Path, study: Study) -> None:
    with opened(browser, site.as_uri(), viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as page:
        show(page)
        canvas = page.page.locator("#map-b .canvas canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box
        x, y = Tables(study, 30.0, 10).places()[5].tolist()
        page.page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
        until(page.page, "location.hash.includes('sample=')")
        settle(page)
        pinned = int(page.hash().split("sample=")[1])
        points = Tables(study, 30.0, 10).places()
        assert np.hypot(*(points[pinned] - points[5])) * box["width"] < 2  # itself, or one that covers it
        assert page.page.locator("[data-card=title]").inner_text() == f"Sample {pinned}"
        page.page.locator("#frames [data-map='tsne-p50']").tap()
        settle(page)
        assert page.hash() == f"#a=tsne-p5-k10&b=tsne-p50-k10&sample={pinned}"
        small = page.page.evaluate(
            """() => [...document.querySelectorAll("button, input, select, summary")]
                .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 40)
                .map((each) => each.outerHTML.slice(0, 120))"""
        )
        assert small == []
