"""What a reader does on the explorer, by pointer and by keyboard."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from precompute.store import Study
from tests.browser.conftest import Explorer
from tests.browser.helpers import alert, misclassified, opened, settle
from tests.browser.tables import Tables


@pytest.mark.stays
def test_arrow_keys_step_along_an_uneven_axis(local: Explorer) -> None:
    local.open("#perplexity=5&k=13")
    for name, values in (("perplexity", ("10", "30", "31")), ("k", ("14", "15", "15"))):
        slider = local.page.locator(f"input[type=range][name={name}]")
        for value in values:
            slider.press("ArrowRight")
            settle(local)
            assert slider.input_value() == value
            assert (slider.get_attribute("aria-valuetext") or "").startswith(f"{value} ")
    assert local.setting == "tsne-p31-k15"


def test_a_drag_is_one_step_in_the_history(local: Explorer) -> None:
    local.open("#perplexity=30&k=3")
    steps = local.page.evaluate("history.length")
    box = local.page.locator("input[name=k]").bounding_box()
    assert box
    local.page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    local.page.mouse.down()
    for part in range(1, 11):
        local.page.mouse.move(box["x"] + box["width"] * part / 10, box["y"] + box["height"] / 2)
    local.page.mouse.up()
    settle(local)
    assert local.hash() == "#perplexity=30&k=15"
    assert local.page.evaluate("history.length") == steps + 1
    local.page.go_back()
    local.ready("tsne-p30-k3")


@pytest.mark.stays
def test_a_change_is_judged_only_where_the_registry_allows_it(local: Explorer) -> None:
    local.open("#perplexity=30&k=10")
    local.slide("k", 4)
    settle(local)
    change = {
        name: local.page.locator(f"[data-change={name}]").inner_text()
        for name in ("silhouette", "misclassified", "ari")
    }
    assert local.page.locator("#reference").inner_text() == "Compared with k 10."
    assert "not comparable" in change["misclassified"]
    assert change["silhouette"].startswith(("▲", "▼"))
    local.slide("perplexity", 5)
    settle(local)
    assert "not comparable" in local.page.locator("[data-change=silhouette]").inner_text()


@pytest.mark.stays
def test_choosing_a_pair_shows_its_images_everywhere(local: Explorer, study: Study) -> None:
    tables = Tables(study, 30.0, 4)
    local.open(tables.address)
    true, dominant = int(tables.labels[tables.wrong[0]]), int(tables.dominant[tables.clusters[tables.wrong[0]]])
    local.page.locator(f"#confusion [data-pair='{true}-{dominant}']").click()
    of_pair = (tables.labels == true) & (tables.dominant[tables.clusters] == dominant)
    assert local.hash() == f"{tables.address}&pair={true}-{dominant}"
    assert sorted(misclassified(local)) == np.flatnonzero(of_pair).tolist()
    assert local.page.locator("#cell button").count() == of_pair.sum()
    local.page.locator("#pair").select_option("")
    assert sorted(misclassified(local)) == tables.wrong.tolist()


def test_misclassified_are_sorted_by_margin_or_by_sample(local: Explorer, study: Study) -> None:
    tables = Tables(study, 30.0, 9)
    local.open(tables.address)
    shown = tables.rows["margin"].loc[misclassified(local)]
    known = shown.dropna().to_numpy()
    assert len(known) > 1
    assert (np.diff(known) <= 0).all()
    assert shown.iloc[len(known) :].isna().all()
    local.page.locator("#sort").select_option("sample")
    assert misclassified(local) == tables.wrong.tolist()


@pytest.mark.stays
def test_a_misclassified_image_is_named_and_can_be_pinned(local: Explorer, study: Study) -> None:
    tables = Tables(study, 5.0, 10)
    local.open(tables.address)
    sample = int(tables.wrong[0])
    image = local.page.locator(f"[data-sample='{sample}']")
    dominant = tables.dominant[tables.clusters[sample]]
    assert image.text_content() == f"true {tables.labels[sample]} → in a cluster of {dominant} #{sample}"
    image.click()
    assert local.hash() == f"{tables.address}&sample={sample}"
    card = local.page.locator("#card").inner_text()
    assert f"Sample {sample}" in card
    assert "misclassified" in card


@pytest.mark.stays
def test_pointing_at_a_dot_names_its_sample(local: Explorer, study: Study) -> None:
    tables = Tables(study, 30.0, 10)
    at = tables.places()
    apart = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2)) + np.eye(len(at))
    sample = int(apart.min(axis=1).argmax())
    local.open(tables.address)
    box = local.page.locator("#map .canvas canvas").bounding_box()
    assert box
    across, up = (box["x"] + float(at[sample, 0]) * box["width"], box["y"] + float(at[sample, 1]) * box["height"])
    local.page.mouse.move(across + 3, up)
    settle(local)
    dominant = tables.dominant[tables.clusters[sample]]
    tip = local.page.locator(".tip").inner_text()
    assert tip.split("\n") == [
        f"Sample {sample}",
        f"true {tables.labels[sample]}, cluster {tables.clusters[sample]}, mostly {dominant}",
    ]
    assert f"Sample {sample}" in local.page.locator("#card").inner_text()
    local.page.mouse.click(across + 3, up)
    assert local.hash() == f"{tables.address}&sample={sample}"


@pytest.mark.stays
def test_the_legend_and_the_table_isolate_a_cluster(local: Explorer) -> None:
    local.open("#perplexity=30&k=10")
    full = local.page.evaluate("document.querySelector('#pca canvas').toDataURL()")
    local.page.locator("#legend button").nth(3).click()
    assert local.hash() == "#perplexity=30&k=10&cluster=3"
    assert local.page.locator("#clusters button[aria-pressed=true]").inner_text() == "3"
    assert local.page.evaluate("document.querySelector('#pca canvas').toDataURL()") != full
    local.page.locator("#clusters tbody button").nth(3).click()
    assert local.hash() == "#perplexity=30&k=10"
    assert local.page.evaluate("document.querySelector('#pca canvas').toDataURL()") == full


def test_copied_links_say_that_they_are_local(local: Explorer) -> None:
    local.open("#perplexity=35&k=12&sample=7")
    local.page.locator("#copy").click()
    local.page.wait_for_selector("#status:not(:empty)")
    assert "local" in local.page.locator("#status").inner_text()
    assert local.page.locator("#link").input_value() == local.page.url


@pytest.mark.stays
def test_go_to_sample_takes_a_number_and_refuses_another(local: Explorer) -> None:
    local.open()
    local.page.locator("#go-id").fill("1700")
    local.page.locator("#go-id").press("Enter")
    assert local.hash() == "#perplexity=30&k=10&sample=1700"
    local.page.locator("#go-id").fill("1797")
    local.page.locator("#go-id").press("Enter")
    assert "There is no sample “1797”" in alert(local)


@pytest.mark.stays
def test_arrow_keys_walk_over_the_map_and_escape_leaves(local: Explorer) -> None:
    local.open()
    local.page.locator("#map").focus()
    seen = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        local.page.keyboard.press(key)
        seen.add(local.hash())
    assert len(seen) >= 3
    assert all("&sample=" in one for one in seen)
    local.page.keyboard.press("Escape")
    assert local.hash() == "#perplexity=30&k=10"


@pytest.mark.parametrize("name", ["map", "pca"])
@pytest.mark.stays
def test_a_box_selects_on_both_maps_and_outlives_the_setting(local: Explorer, study: Study, name: str) -> None:
    local.open("#perplexity=30&k=10")
    other = f"document.querySelector('#{'pca' if name == 'map' else 'map'} canvas').toDataURL()"
    before = local.page.evaluate(other)
    box = local.page.locator(f"#{name} .canvas canvas").bounding_box()
    assert box
    mouse = local.page.mouse
    for share, steps in ((0.25, 1), (0.5, 4), (0.75, 4)):
        mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"], steps=steps)
        if share == 0.25:
            mouse.down()
    mouse.up()
    settle(local)
    selected = local.page.locator("#strip button")
    count = selected.count()
    if name == "map":
        at = Tables(study, 30.0, 10).places()
        inside = ((at > 0.25) & (at < 0.75)).all(axis=1).sum()
        assert abs(count - inside) <= 10  # points within a pixel of the edge
    assert count > 50
    assert local.page.evaluate(other) != before
    local.slide("perplexity", 5)
    settle(local)
    assert selected.count() == count
    local.page.locator("#reset").click()
    settle(local)
    assert selected.count() == 0


def test_a_missing_or_damaged_chunk_is_said_and_the_rest_works(browser: Browser, site: Path, tmp_path: Path) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    next((copy / "digits/data").glob("tsne-p5-*.js")).unlink()
    damaged = next((copy / "digits/data").glob("tsne-p50-*.js"))
    damaged.write_text(damaged.read_text().replace('"u16":"', '"u16":"AAAA', 1))
    with opened(browser, copy.as_uri(), allowed=("ERR_FILE_NOT_FOUND",)) as page:
        page.page.goto(f"{copy.as_uri()}/digits/index.html#perplexity=5&k=10")
        page.page.wait_for_selector("html[data-state=error]", state="attached")
        assert "could not be loaded" in alert(page)
        assert {text for text in page.page.locator("[data-metric]").all_inner_texts() if text} <= {"–"}
        page.slide("perplexity", 50)
        page.page.wait_for_selector("html[data-state=error]", state="attached")
        assert "are damaged" in alert(page)
        page.slide("perplexity", 30)
        page.ready("tsne-p30-k10")
        assert alert(page) == ""
