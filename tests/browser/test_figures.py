"""Every figure, table and picture of the explorer is what the tables say."""

from __future__ import annotations

import random

import numpy as np
import pytest

from precompute.store import Study
from tests.browser.conftest import STUDY, Explorer
from tests.browser.helpers import misclassified, rows, settle
from tests.browser.tables import Tables

PERPLEXITIES, KS = STUDY.grid["perplexity"], tuple(int(k) for k in STUDY.grid["k"])
SPACES = ("map", "features")


def check(explorer: Explorer, tables: Tables) -> None:
    assert explorer.setting == tables.slug
    figures = explorer.figures()
    assert figures.pop("clusters") == tables.k
    assert {"silhouette", "misclassified", "purity", "entropy"} <= set(figures)
    assert figures == {name: tables.metrics[name] for name in figures}
    beside = explorer.page.locator("[data-figure=silhouette_features]").inner_text()
    assert beside == f"{tables.metrics['silhouette_features']:.3f}"
    assert sorted(misclassified(explorer)) == tables.wrong.tolist()
    clusters = rows(explorer, "#clusters")
    assert [int(row[3].replace(",", "")) for row in clusters] == np.bincount(
        tables.clusters, minlength=tables.k
    ).tolist()
    assert [row[2] for row in clusters] == [str(label) for label in tables.dominant]
    cells = {
        (dominant, true): int(text)
        for dominant, row in enumerate(rows(explorer, "#confusion"))
        for true, text in enumerate(row[1:])
        if text
    }
    assert cells == {place: count for place, count in tables.confusion.items() if count}


@pytest.mark.parametrize("count", [pytest.param(10, marks=pytest.mark.slow), 4])
def test_links_show_what_the_tables_say(local: Explorer, study: Study, count: int) -> None:
    order = random.Random(0)
    for at in range(count):
        tables = Tables(study, order.choice(PERPLEXITIES), order.choice(KS), order.choice(SPACES))
        if at < 2:
            local.page.goto("about:blank")  # so that the link is opened and not only changed
        local.open(tables.address)
        check(local, tables)


@pytest.mark.parametrize("count", [pytest.param(20, marks=pytest.mark.slow), 5])
def test_sliders_change_everything(local: Explorer, study: Study, count: int) -> None:
    local.open()
    order = random.Random(1)
    for _ in range(count):
        perplexity, k = order.choice(PERPLEXITIES), order.choice(KS)
        local.slide("perplexity", perplexity)
        local.slide("k", k)
        settle(local)
        check(local, Tables(study, perplexity, k))


OPACITY = {"label": 0.85, "wrong": 0.85, "right": 0.4}
"""Of points by what they are coloured by (maps/styles.js): what is right is quiet where wrong ones are looked for."""


@pytest.mark.parametrize("color", ["label", "right"])
@pytest.mark.stays
def test_points_are_where_the_table_says_and_in_their_colour(local: Explorer, study: Study, color: str) -> None:
    tables = Tables(study, 30.0, 10)
    at = tables.places()
    apart = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2)) + np.eye(len(at))
    medoids = at[[row["medoid"] for row in study.tables["cluster_stats"].to_pylist() if row["k"] == 10]]
    unlabelled = np.sqrt(((at[:, None] - medoids[None]) ** 2).sum(axis=2)).min(axis=1) > 0.05
    lonely = [int(one) for one in np.argsort(-apart.min(axis=1)) if unlabelled[one]][:12]
    local.watch.allowed.append("willReadFrequently")  # one page is read back for each colour
    local.open(f"{tables.address}&color={color}")
    drawn = local.page.evaluate(
        """places => {
            const canvas = document.querySelector("#map canvas");
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            return places.map(([x, y]) => {
                const start = 4 * (Math.floor(y * height) * width + Math.floor(x * width));
                return [...data.slice(start, start + 3)];
            });
        }""",
        [[0, 0], *at[lonely].tolist()],
    )
    ground = np.array(drawn.pop(0))  # no point reaches into the corner
    palette = local.page.evaluate("clusterfolio.get('study').palette")
    wrong = set(tables.wrong.tolist())
    for sample, found in zip(lonely, drawn, strict=True):
        verdict = "wrong" if sample in wrong else "right"
        name = palette["labels"][tables.labels[sample]] if color == "label" else palette[verdict]
        opacity = OPACITY["wrong" if sample in wrong else color]
        wanted = ground + opacity * (np.array([int(name[start : start + 2], 16) for start in (1, 3, 5)]) - ground)
        assert np.abs(np.array(found) - wanted).max() <= 6, sample
