"""The two languages agree: what columns.py and assignments.py write, the page's scripts read."""

from __future__ import annotations

import json

import numpy as np
import pytest
from playwright.sync_api import Error, Page

from precompute.store import Study
from site_templates.data import chunk, columns
from tests.browser.conftest import Explorer


@pytest.mark.parametrize("high", [1, 12, 15, 16, 40, 41, 255, 65_535, 70_000])
def test_whole_numbers_come_back(sources: Page, high: int) -> None:
    values = np.random.default_rng(high).integers(0, high, 200, endpoint=True)
    values[:2] = 0, high
    for coded in (columns.codes(values), columns.nibbles(values), columns.numbers(values)):
        read = sources.evaluate("coded => Array.from(clusterfolio.decode.column(coded))", coded)
        assert read == values.tolist()


def test_coordinates_come_back_as_written(sources: Page) -> None:
    values = np.random.default_rng(0).normal(0, 30, 500).astype(np.float32)
    coded = columns.coordinates(values)
    read = np.array(sources.evaluate("coded => Array.from(clusterfolio.decode.column(coded))", coded))
    assert np.abs(read - values).max() <= (values.max() - values.min()) / 65_535
    np.testing.assert_array_equal(read, columns.decode(coded))  # to the last bit: builds prove clusters with it


def test_margins_come_back_with_their_gaps(sources: Page) -> None:
    values = np.array([1.5, np.nan, -0.25, 3e-8], dtype=np.float32)
    script = "coded => Array.from(clusterfolio.decode.column(coded)).map(value => Number.isNaN(value) ? null : value)"
    read = sources.evaluate(script, columns.floats(values))
    assert read == [None if np.isnan(value) else float(value) for value in values]


def test_every_setting_of_the_page_is_the_tables(local: Explorer, study: Study) -> None:
    """Clusters, misclassified samples and margins, which the page derives: all samples of all settings."""
    local.open()
    local.page.evaluate(
        """async () => {
            const study = clusterfolio.get("study");
            for (const [name, path] of Object.entries(study.chunks)) await clusterfolio.load(name, path);
            window.model = clusterfolio.model.create(study);
        }"""
    )
    samples = np.arange(study.manifest.dataset.n)
    for info in study.manifest.settings:
        state = {"representation": "values", "method": "tsne", "perplexity": 30.0, "clusterer": info.clusterer}
        state |= {**info.parameters, "space": info.space}
        if info.space == "map":
            state |= next(one.parameters for one in study.manifest.embeddings if one.slug == info.embedding)
        text = local.page.evaluate(  # as text: Playwright would look at each of its thousands of values by itself
            """([state, n]) => {
                const setting = window.model.setting(state);
                const margin = Array.from({length: n}, (_, sample) => setting.margin(sample));
                const columns = [setting.clusters, setting.isWrong, setting.wrong, margin];
                return JSON.stringify([setting.slug, ...columns.map((each) => Array.from(each))]);
            }""",
            [state, len(samples)],
        )
        found = json.loads(text)
        assert found.pop(0) == info.slug
        rows = study.clusters(info.part).to_pandas()
        rows = rows[rows.setting == info.slug].sort_values("sample")
        labels = study.tables["samples"].column("label").to_numpy()
        stats = study.tables["cluster_stats"].to_pandas()
        stats = stats[stats.setting == info.slug]
        dominant = stats.sort_values("cluster").label.to_numpy()[rows.cluster]
        assert found[0] == rows.cluster.tolist(), info.slug
        assert found[1] == (dominant != labels).astype(int).tolist(), info.slug
        assert sorted(found[2]) == np.flatnonzero(dominant != labels).tolist(), info.slug
        margin = np.array(found[3], dtype=float)
        table = rows.margin.to_numpy(dtype=float)
        close = 1e-4 * (np.nanmax(np.abs(table)) + 1)
        if info.space == "map":  # centres and samples are each half a 65,535th of the map off, at most, on each axis
            close = (
                4 * max(np.ptp(study.embedding(str(info.embedding)).column(axis).to_numpy()) for axis in "xy") / 65_535
            )
        np.testing.assert_allclose(margin, table, atol=close)
        ordered = margin[found[2]]
        known = np.isfinite(ordered)
        assert not known[np.argmin(known) :].any() or known.all(), info.slug
        assert (np.diff(ordered[known]) <= 1e-9).all(), info.slug


@pytest.mark.parametrize("coded", [{"chars": "012"}, {"f64": "AAAA"}])
def test_a_column_that_cannot_be_right_is_refused(sources: Page, coded: dict[str, str]) -> None:
    with pytest.raises(Error, match="A column has"):
        sources.evaluate("coded => { clusterfolio.decode.column(coded, 4); }", coded)


def test_a_packed_chunk_is_read_as_it_was_written(sources: Page) -> None:
    content = {"text": 'é 漢 \u2028 </script> \\ "', "numbers": [0, -0.5, 1e-300], "none": None}
    packed = chunk.chunk("x", content, packed=True).data.decode()
    script = "async text => { const got = JSON.parse(text); return clusterfolio.decode.unpacked(got); }"
    inside = packed.removeprefix('clusterfolio.receive("x",').removesuffix(");\n")
    assert sources.evaluate(script, inside) == content
    cut = inside[: len(inside) // 2].rstrip("=") + '"}'
    with pytest.raises(Error):
        sources.evaluate(script, cut)


PAIR_MAPS = """async fault => {
    const said = [];
    const create = clusterfolio.charts.create;
    clusterfolio.charts.create = async places => {
        const [side] = Object.keys(places);
        said.push(`make ${side}`);
        if (side === "a" && fault.make-- > 0) throw new Error("not made");
        const show = () => {
            said.push(`show ${side}`);
            if (side === "a" && fault.show-- > 0) throw new Error("not shown");
            return Promise.resolve();
        };
        return { show, mark: () => said.push(`mark ${side}`), pin: () => {}, paint: () => {}, resize: () => {} };
    };
    const maps = clusterfolio.compareMaps.create({});
    const side = { at: { perplexity: 5 }, setting: {}, model: { study: { charts: { map: {} } } } };
    const pair = { a: side, b: side };
    for (let round = 0; round < 4; round += 1) {
        await maps.show(pair, { color: "cluster" }, round === 3 ? new Uint8Array(1) : null, false)
            .then(() => said.push("shown"), error => said.push(error.message));
        await new Promise(done => setTimeout(done));
    }
    clusterfolio.charts.create = create;
    return said;
}"""


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            {"make": 2, "show": 0},  # twice, so that the second failure is not kept either
            "make a, make b, show b, not made, make a, not made, make a, show a, shown, mark a, mark b, shown",
        ),
        (
            {"make": 0, "show": 1},
            "make a, make b, show a, show b, not shown, show a, shown, shown, mark a, mark b, shown",
        ),
    ],
    ids=["not made", "not shown"],
)
def test_a_map_of_a_comparison_that_failed_is_tried_again(local: Explorer, fault: dict[str, int], said: str) -> None:
    local.open(path="digits/compare.html")
    assert local.page.evaluate(PAIR_MAPS, fault) == said.split(", ")


def test_only_three_names_are_global(local: Explorer) -> None:
    names = "Object.keys(window)"
    local.page.goto(f"{local.root}/404.html")  # a page without scripts
    before = set(local.page.evaluate(names))
    local.open()
    assert set(local.page.evaluate(names)) - before == {"clusterfolio", "vega", "vegaEmbed"}
