"""The comparison of several methods and clusterers, over a catalog made up here: scripts know no rule of any."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

METHODS = [
    {"name": "ring", "label": "Ring", "parameters": ["width", "twist"]},
    {"name": "flat", "label": "Flat", "parameters": []},
]
CLUSTERERS = [
    {"name": "cut", "label": "Cut", "parameters": ["k"]},
    {"name": "grow", "label": "Grow", "parameters": ["least"]},
]
WIDTHS, TWISTS, KS, LEAST = (5, 12.5, 30), (0, 1), (3, 10), (5, 20)


def catalog() -> dict[str, Any]:
    """Two methods, of which one has two parameters and one none; two clusterers; a study beside with the first alone.

    Slugs are such that no rule could have made them all.
    """
    parts: list[dict[str, Any]] = [
        {"slug": f"w{width}_{twist}-ring", "representation": "values", "method": 0, "values": [width, twist]}
        for width in WIDTHS
        for twist in TWISTS
    ]
    parts.append({"slug": "flat", "representation": "values", "method": 1, "values": []})
    parts.append({"slug": "features", "representation": "values"})
    settings: dict[str, list[float]] = {}
    for at, part in enumerate(parts):
        part["near"] = [f"places-{part['slug']}", "data/x.js"]
        settings |= {f"{part['slug']}-{k}cut": [at, 0, k] for k in KS}
        settings |= {f"{part['slug']}-grow{least}": [at, 1, least] for least in LEAST if part["slug"] != "features"}
    parameters = {name: {"start": value} for name, value in (("width", 30), ("twist", 0), ("k", 10), ("least", 20))}
    own: dict[str, Any] = {
        "methods": METHODS,
        "clusterers": CLUSTERERS,
        "parameters": parameters,
        "parts": parts,
        "settings": settings,
    }
    other: dict[str, Any] = {
        "methods": METHODS[:1],
        "clusterers": CLUSTERERS[:1],
        "parameters": {name: parameters[name] for name in ("width", "twist", "k")},
        "parts": [parts[0], parts[-1] | {"near": None}],
        "settings": {"w5_0-ring-3cut": [0, 0, 3], "features-7cut": [1, 0, 7]},
    }
    named: dict[str, dict[str, Any]] = {"own": own | {"title": "Own"}, "other": other | {"title": "Other"}}
    return {
        "own": "own",
        "n": 4,
        "labelled": True,
        "neighbors": 2,
        "start": {"a": "w5_0-ring-10cut", "b": "w30_0-ring-10cut"},
        "studies": {name: each | {"base": "", "study": "data/study.js"} for name, each in named.items()},
    }


START = "a=w5_0-ring-10cut&b=w30_0-ring-10cut"
OPENED = """([raw, ...given]) => {
    const { compareState, compareCatalog, compareFigures } = clusterfolio;
    const catalog = { ...compareCatalog.read(raw), ids: null };
    BODY
}"""


def asked(sources: Page, body: str, *given: Any) -> Any:
    """What a few lines of script return that are given the catalog as the page has it, and more."""
    return sources.evaluate(OPENED.replace("BODY", body), [catalog(), *given])


def test_every_pair_of_settings_comes_back_from_its_address(sources: Page) -> None:
    body = """
        const sides = Object.values(catalog.studies).flatMap(({ name, settings }) =>
            Object.keys(settings).map((slug) => ({ study: name, slug })));
        let count = 0;
        const lost = [];
        for (const a of sides) {
            for (const b of sides.filter((side) => JSON.stringify(side) !== JSON.stringify(a))) {
                const state = { ...compareState.start(catalog), a, b };
                const text = compareState.format(state, catalog);
                const { state: back, notes } = compareState.parse(`#${text}`, catalog);
                count += 1;
                if (notes.length || JSON.stringify(back) !== JSON.stringify(state)) lost.push(text);
            }
        }
        return [count, lost];"""
    sides = 7 * 4 + 2 + 2
    assert asked(sources, body) == [sides * (sides - 1), []]


@pytest.mark.parametrize(
    ("given", "shown", "says"),
    [
        ("", START, ""),
        ("a=flat-grow5", "a=flat-grow5&b=w30_0-ring-10cut", ""),
        ("a=w31_0-ring-99cut", "a=w30_0-ring-10cut&b=w5_0-ring-10cut", "no setting w31_0-ring-99cut here; A is"),
        ("b=flat-grow7", "a=w5_0-ring-10cut&b=flat-grow5", "B is flat-grow5, the nearest"),
        ("b=other:features-9cut", "a=w5_0-ring-10cut&b=other:features-7cut", "B is features-7cut, the nearest"),
        ("b=other:features-grow5", START, "a side is written like w30_0-ring-10cut or features-10cut."),
        ("a=umap-n15-k10", START, "“umap-n15-k10” is no setting for A: a side is written like w30_0-ring-10cut"),
        ("a=w30_0-ring-", START, "is no setting for A"),
        ("a=w30_0-ring-10cut10", START, "is no setting for A"),
    ],
)
def test_a_text_that_names_no_setting_leads_to_the_one_that_reads_like_it(
    sources: Page, given: str, shown: str, says: str
) -> None:
    body = """
        const { state, notes } = compareState.parse(given[0], catalog);
        return [compareState.format(state, catalog), notes.join(" ")];"""
    found, notes = asked(sources, body, given)
    assert (found, bool(notes)) == (shown, bool(says))
    assert says in notes


@pytest.mark.parametrize(
    ("slug", "text", "apart"),
    [
        ("a5-b10", "a7-b9", [2, 1, 5, 10]),
        ("a5-b10", "a5.5-b10", [0.5, 0, 5, 10]),
        ("a12.5", "a12.25", [0.25, 12.5]),
        ("a5-b10", "a5-b", None),
        ("a5-b10", "a5-b10-c1", None),
        ("a5-b10", "A5-b10", None),
        ("a5", "a5.", None),
        ("5", "00005", [0, 5]),
    ],
)
def test_texts_are_alike_that_differ_in_numbers_alone(
    sources: Page, slug: str, text: str, apart: list[float] | None
) -> None:
    assert sources.evaluate("([text, slug]) => clusterfolio.compareState.unlike(text, slug)", [text, slug]) == apart


RING = {
    "representation": "values",
    "method": "ring",
    "width": 30,
    "twist": 0,
    "clusterer": "cut",
    "k": 10,
    "space": "map",
}


@pytest.mark.parametrize(
    ("study", "wish", "slug", "met"),
    [
        ("own", {}, "w30_0-ring-10cut", True),
        ("own", {"width": 12}, "w12.5_0-ring-10cut", False),
        ("own", {"twist": 0.5}, "w30_0-ring-10cut", False),  # the lower one on a tie
        ("own", {"width": 6, "k": 4}, "w5_0-ring-3cut", False),
        ("own", {"method": "flat"}, "flat-10cut", True),
        ("own", {"clusterer": "grow"}, "w30_0-ring-grow20", True),  # as at the start, since nothing is said of it
        ("own", {"clusterer": "grow", "least": 7}, "w30_0-ring-grow5", False),
        ("own", {"space": "features"}, "features-10cut", True),
        ("own", {"space": "features", "clusterer": "grow"}, "w30_0-ring-grow20", False),  # the clusterer comes first
        ("other", {}, "w5_0-ring-3cut", False),
        ("other", {"method": "flat"}, "w5_0-ring-3cut", False),  # not the features, which have no method at all
        ("other", {"space": "features", "method": "flat", "k": 7}, "features-7cut", True),
    ],
)
def test_a_wish_leads_to_the_nearest_setting(
    sources: Page, study: str, wish: dict[str, Any], slug: str, met: bool
) -> None:
    body = """
        const [study, wish] = given;
        const slug = compareState.nearest(catalog, study, wish);
        return [slug, compareState.meets(catalog, study, slug, wish)];"""
    assert asked(sources, body, study, RING | wish) == [slug, met]


def test_sliders_have_the_values_of_what_is_shown_and_choices_what_there_is(sources: Page) -> None:
    body = """
        const { own, other } = catalog.studies;
        const [ring] = given;
        const names = ["width", "twist", "k", "least"];
        const of = (study, at) => names.map((name) => compareCatalog.values(study, at, name));
        const choices = (study) => Object.values(study.options).map((all) => [...all]);
        const grown = { ...ring, clusterer: "grow" };
        return [of(own, ring), of(own, grown), of(other, ring), choices(own), choices(other)];"""
    widths, twists = [5, 12.5, 30], [0, 1]
    assert asked(sources, body, RING) == [
        [widths, twists, [3, 10], []],
        [widths, twists, [], [5, 20]],
        [[5], [0], [3, 7], []],
        [["values"], ["ring", "flat"], ["cut", "grow"], ["map", "features"]],
        [["values"], ["ring"], ["cut"], ["map", "features"]],
    ]


def test_clusters_of_the_features_are_drawn_on_the_map_nearest_to_a_wish(sources: Page) -> None:
    body = """
        const on = (study, wish) => compareCatalog.drawnOn(catalog.studies[study], "values", wish).slug;
        const ring = { method: "ring" };
        const near = [ring, { ...ring, width: 6, twist: 1 }, { method: "flat" }].map((wish) => on("own", wish));
        return [...near, on("other", { method: "flat" })];"""
    assert asked(sources, body) == ["w30_0-ring", "w5_1-ring", "flat", "w5_0-ring"]


SIDE = {"study": "own", **RING, "least": 20}


@pytest.mark.parametrize(
    ("changed", "on_map", "of_setting"),
    [
        ({}, [], []),
        ({"width": 5}, ["method"], ["method"]),
        ({"method": "flat"}, ["method"], ["method"]),
        ({"k": 3}, [], ["k"]),
        ({"least": 5}, [], []),  # plays no part
        ({"clusterer": "grow"}, [], ["clusterer", "k"]),
        ({"space": "features"}, [], ["method", "space"]),
        ({"space": "features", "width": 5}, ["method"], ["method", "space"]),
        ({"representation": "cnn"}, ["representation"], ["representation"]),
        ({"study": "other"}, ["study"], ["study"]),
    ],
)
def test_measures_are_judged_by_what_differs(
    sources: Page, changed: dict[str, Any], on_map: list[str], of_setting: list[str]
) -> None:
    body = """
        const side = (at) => ({ at, setting: { stats: [1, 2] } });
        const { map, setting } = compareFigures.moved(catalog.studies.own, side(given[0]), side(given[1]));
        return [map.sort(), setting.sort()];"""
    assert asked(sources, body, SIDE, SIDE | changed) == [on_map, of_setting]


def test_another_number_of_clusters_counts_as_another_parameter(sources: Page) -> None:
    """What improves with the number of clusters by itself is not judged where a clusterer finds more of them."""
    body = """
        const side = (width, count) => ({ at: { ...given[0], width }, setting: { stats: new Array(count) } });
        return compareFigures.moved(catalog.studies.own, side(5, 3), side(30, 4)).setting.sort();"""
    assert asked(sources, body, SIDE) == ["k", "method"]


def test_clusters_of_two_feature_spaces_know_no_map(sources: Page) -> None:
    body = """
        const side = (width) => ({ at: { ...given[0], width, space: "features" }, setting: { stats: [1] } });
        return compareFigures.moved(catalog.studies.own, side(5), side(30));"""
    assert asked(sources, body, SIDE) == {"map": ["method"], "setting": []}
