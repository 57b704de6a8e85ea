"""The null: the same values in every column, no structure between them, and one click away from the real data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from playwright.sync_api import Browser

from clusterfolio import cli
from precompute import config, dataset, gallery, store
from precompute.config import grid
from precompute.dataset import Dataset
from precompute.labels import baseline, stability
from precompute.store import shuffles
from site_templates import publish
from site_templates.copies.single_file import single_file
from site_templates.insights import insights
from site_templates.views import StudyView
from tests.browser.helpers import opened, settle
from tests.conftest import PLAIN_KEYS, compute_local

CONFIG = f"""
[[dataset]]
id = "few"
perplexity = [5, 10]
k = [3, 10]
robustness = true
{PLAIN_KEYS}"""


def test_columns_keep_their_values_and_lose_their_ties(tiny_data: Dataset) -> None:
    found = baseline.shuffled(tiny_data, 0, "tiny", "A few digits")
    assert (np.sort(found.values, axis=0) == np.sort(tiny_data.values, axis=0)).all()
    assert (np.sort(found.pixels, axis=0) == np.sort(tiny_data.pixels, axis=0)).all()  # type: ignore[arg-type]
    assert (found.id, found.null_of, found.title) == ("tiny-null", "tiny", "A few digits, shuffled")
    varying = tiny_data.values.std(axis=0) > 0
    real, shuffled = (np.corrcoef(one.values[:, varying].T) for one in (tiny_data, found))
    assert np.abs(real).mean() > 2 * np.abs(shuffled).mean()


def test_another_seed_shuffles_otherwise(tiny_data: Dataset) -> None:
    one, other = (baseline.shuffled(tiny_data, seed, "tiny", "").values for seed in (0, 1))
    assert not (one == other).all()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, tiny_data: Dataset) -> Path:
    """A gallery with a null, built by the command line; so few samples lose no cluster, so one is said to vanish."""
    folder = tmp_path_factory.mktemp("null")
    (folder / "gallery.toml").write_text(CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(dataset.BUILT_IN, "digits", lambda: tiny_data)
        compute_local(patch)
        agreement = stability.agreement
        patch.setattr(stability, "agreement", lambda found: replace(agreement(found), vanished=(1,)))
        arguments = ["--config", str(folder / "gallery.toml"), "--jobs", "1", "-q"]
        assert cli.main([*arguments, "--results", str(folder / "results"), "--site", str(folder / "site")]) == 0
    return folder


def test_the_insight_tells_what_the_null_reaches(built: Path) -> None:
    real, shuffled = (store.read(built / "results" / name) for name in ("few", "few-null"))
    view = StudyView(real.manifest, real, StudyView(shuffled.manifest, shuffled))
    rows = shuffled.tables["metrics"].to_pandas().query("space == 'map' and perplexity == 10 and k == 3")
    value = float(rows[rows.metric == "silhouette"].value.iloc[0])
    setting = next(one for one in view.settings("tsne-p10") if one.count == 3)
    texts = {one.kind: one.text for one in insights(setting, real.manifest.dataset.labels or ())}
    assert f"reach a silhouette of {value:.2f} on the map" in texts["shuffled"]
    mean = real.tables["stability"].to_pandas().query("k == 3").ari_mean.iloc[0]
    assert f"adjusted Rand index of {mean:.2f}" in texts["agreement"]


def test_away_from_the_nulls_perplexities_the_nearest_is_named(built: Path) -> None:
    real, shuffled = (store.read(built / "results" / name) for name in ("few", "few-null"))
    view = StudyView(real.manifest, real, StudyView(shuffled.manifest, shuffled))
    assert {row["perplexity"] for row in shuffled.tables["metrics"].to_pylist()} == {None, 10.0}
    rows = shuffled.tables["metrics"].to_pandas().query("space == 'map' and perplexity == 10 and k == 3")
    value = float(rows[rows.metric == "silhouette"].value.iloc[0])
    texts = [
        one.text
        for part in ("tsne-p5", "tsne-p10", "features")
        for one in insights(view.settings(part)[0], real.manifest.dataset.labels or ())
        if one.kind == "shuffled"
    ]
    assert f"of {value:.2f} on the map of perplexity 10 (the nearest that was tried), measured" in texts[0]
    assert "nearest" not in "".join(texts[1:])
    assert len(texts) == 3


def test_clusters_that_vanish_are_flagged_in_words_wherever_clusters_are_listed(built: Path, browser: Browser) -> None:
    study = store.read(built / "results" / "few")
    rows = study.tables["stability"].to_pandas().set_index("k").vanished
    assert rows[10].tolist() == [1]
    script = """selector => [...document.querySelectorAll(selector)]
        .map((one, at) => one.checkVisibility() && one.textContent.includes("unstable") ? at : -1)
        .filter((at) => at >= 0)"""
    with opened(browser, (built / "site").as_uri()) as page:
        for address in ("#perplexity=10&k=10", "#perplexity=5&k=10"):
            page.open(address, "few/index.html")
            wanted = rows[10].tolist() if "perplexity=10" in address else []
            for place in ("#clusters tbody", "#cluster-cards", "#legend"):
                assert page.page.evaluate(script, f"{place} .flag") == wanted, place


def test_a_shuffled_baseline_of_older_data_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """b03: it was published, linked and quoted beside the new data, and --verify found all as it was written."""

    def build(n: int, robust: bool, *more: str) -> int:
        labels = np.arange(n) % 3
        values = np.random.default_rng(n).normal(4 * labels[:, None], 1, (n, 5))
        np.savez(tmp_path / "mine.npz", features=values, labels=labels)
        text = f'[[dataset]]\npath = "mine.npz"\nperplexity = 5\nk = 3\nrobustness = {str(robust).lower()}\n'
        (tmp_path / "gallery.toml").write_text(text + PLAIN_KEYS)
        folders = ("--results", str(tmp_path / "results"), "--site", str(tmp_path / "site"))
        return cli.main(["--config", str(tmp_path / "gallery.toml"), "--jobs", "1", *folders, *more])

    compute_local(monkeypatch)
    assert build(30, True, "--only", "compute") == 0
    assert build(40, False, "--only", "compute") == 0
    assert build(40, True, "--only", "site") == 0
    wrong = "mine-null: a shuffled baseline of other data than mine holds now"
    assert f"{wrong}; left out: build mine again" in capsys.readouterr().err
    assert not (tmp_path / "site" / "mine-null").exists()
    assert "shuffled" not in (tmp_path / "site" / "mine" / "index.html").read_text()
    assert build(40, True, "--verify", "--only", "compute") == 1
    assert wrong in capsys.readouterr().err
    assert build(40, True, "--only", "compute") == 0
    assert build(40, True, "--verify", "--only", "compute") == 0
    # the rule of the computation: not asked for, and more samples than it is quick for
    wanted = config.parse('[[dataset]]\npath = "mine.npz"\n')
    assert gallery.to_publish(wanted, tmp_path / "results") == ["mine", "mine-null"]
    monkeypatch.setattr(grid, "LARGE", 39)
    assert gallery.to_publish(wanted, tmp_path / "results") == ["mine"]


def test_a_shuffled_baseline_fits_what_it_was_made_from(built: Path) -> None:
    real, copy = (store.read_manifest(built / "results" / name) for name in ("few", "few-null"))
    assert shuffles.misfit(real, copy) is None
    relabelled = msgspec.structs.replace(real, dataset=msgspec.structs.replace(real.dataset, sha256="other"))
    assert "other data than few holds now" in str(shuffles.misfit(relabelled, copy))
    again = msgspec.structs.replace(real, parameters={**real.parameters, "seed": 7})
    assert shuffles.misfit(again, copy) == "a shuffled baseline made with seed 0, few has 7"
    older = msgspec.structs.replace(copy, dataset=msgspec.structs.replace(copy.dataset, null_from=None))
    assert "an earlier version made" in str(shuffles.misfit(real, older))


def test_it_is_no_card_of_the_gallery(built: Path) -> None:
    front = (built / "site" / "index.html").read_text()
    assert "few/index.html" in front
    assert "few-null" not in front
    pages = {path.name for path in (built / "site" / "few-null").rglob("*.html")}
    assert pages == {"index.html", "compare.html"}


def test_one_click_leads_to_it_at_the_same_setting_and_back(built: Path, browser: Browser) -> None:
    page = browser.new_page()
    try:
        page.goto(f"{(built / 'site' / 'few' / 'index.html').as_uri()}#perplexity=10&k=3")
        page.wait_for_selector("html[data-state=ready]")
        page.click("a[data-same-setting]")
        page.wait_for_selector("html[data-state=ready]")
        assert page.locator("h1").inner_text() == "A few digits, shuffled"
        assert page.locator("html").get_attribute("data-setting") == "tsne-p10-k3"
        assert "nothing to find" in page.locator(".lead + .remark").inner_text()
        page.click("a[data-same-setting]")
        page.wait_for_selector("html[data-state=ready]")
        assert page.locator("h1").inner_text() == "A few digits"
        assert page.locator("html").get_attribute("data-setting") == "tsne-p10-k3"
    finally:
        page.close()


LINKS = """() => [...document.querySelectorAll("[href], [src], [action], [formaction]")].flatMap((one) =>
    ["href", "src", "action", "formaction"].map((name) => one.getAttribute(name)).filter((value) => value !== null))"""
PRESS = """() => {
    const found = [...document.querySelectorAll("button:not([data-as])")].filter((one) => one.checkVisibility());
    for (const one of found) one.click(); /* What saves does so by itself, and takes long. */
    return found.length;
}"""
STATES = (
    "#perplexity=10&k=3", "#perplexity=5&k=10&space=features&sample=5", "#sample=9999&moon=1", "?embed#perplexity=5",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "address", "states"),
    [
        ("few", "https://example.org/repo/", STATES[1:2]),
        ("few-null", None, STATES[:1]),
        *(
            pytest.param(name, address, STATES, marks=pytest.mark.slow)
            for name in ("few", "few-null")
            for address in ("https://example.org/repo/", None)
        ),
    ],
)
def test_nothing_in_a_single_file_leads_out_of_it(
    built: Path, browser: Browser, tmp_path: Path, name: str, address: str | None, states: Sequence[str]
) -> None:
    site = built / "site"
    if address:
        site = tmp_path / "site"
        publish.publish(built / "results", site, ["few", "few-null"], "A gallery", address)
    path = tmp_path / "alone.html"
    path.write_bytes(single_file(publish.site_files(site), f"{name}/index.html"))
    allowed = ("#", "data:", f"{path.as_uri()}#", *([address] if address else []))
    with opened(browser, path.as_uri()) as one:
        for state in states:
            one.page.goto("about:blank")
            one.page.goto(path.as_uri() + state)
            one.ready()
            for _ in range(2):
                links = one.page.evaluate(LINKS)
                assert links and [link for link in links if not link.startswith(allowed)] == [], state
                assert (one.page.evaluate(PRESS) > 5) or "embed" in state
                settle(one)
                assert one.page.url.split("#")[0].split("?")[0] == path.as_uri()
        assert len(one.page.context.pages) == 1
        one.page.goto("about:blank")
        one.page.goto(f"{path.as_uri()}#perplexity=10&k=3")
        one.ready()
        text = one.page.locator("main").inner_text()
        if address:
            other = {"few": "few-null", "few-null": "few"}[name]
            assert f"{address}{other}/index.html#perplexity=10&k=3" in one.page.evaluate(LINKS)
        if address and name == "few":
            assert f"{address}few/settings/tsne-p10-k3.html" in one.page.evaluate(LINKS)
        if not address:
            assert "Page to share" not in text and "See the shuffled baseline" not in text
