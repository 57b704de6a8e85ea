"""The nearest of what there is, by one rule in two languages: both are held to the vectors of nearest.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from site_templates import nearest

VECTORS = json.loads(Path(__file__).with_name("nearest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS["values"])
def test_the_nearest_value(sources: Page, case: dict[str, Any]) -> None:
    found = sources.evaluate("([all, wanted]) => clusterfolio.nearest.value(all, wanted)", list(case.values())[:2])
    assert nearest.value(case["values"], case["wanted"]) == found == case["nearest"]


@pytest.mark.parametrize("case", VECTORS["states"], ids=lambda case: case["about"])
def test_the_nearest_state(sources: Page, case: dict[str, Any]) -> None:
    own = nearest.state(case["found"], case["wanted"], case["names"], case.get("first", ()))
    found = sources.evaluate(
        """({ found, wanted, names, first }) =>
            found.indexOf(clusterfolio.nearest.state(found, wanted, names, { first }))""",
        case,
    )
    assert (case["found"].index(own), found) == (case["nearest"], case["nearest"])


INDEX = [
    *({"method": "tsne", "parameters": {"p": p}, "clusterers": ["kmeans", "ward"]} for p in (10, 30)),
    {"method": "tsne", "parameters": {"p": 35}, "clusterers": ["kmeans"]},
    {"method": "umap", "parameters": {"n": 5}, "clusterers": ["kmeans", "ward"]},
    {"method": "umap", "parameters": {"n": 10}, "clusterers": ["kmeans"]},
]
STUDY: dict[str, Any] = {
    "methods": [
        {"name": "tsne", "label": "t-SNE", "parameters": ["p"]},
        {"name": "umap", "label": "UMAP", "parameters": ["n"]},
    ],
    "clusterers": [
        {"name": "kmeans", "label": "K-Means", "parameters": ["k"], "count": "k"},
        {"name": "ward", "label": "Ward", "parameters": ["k"], "count": "k"},
        {"name": "none", "label": "None", "parameters": ["k"], "count": "k"},
    ],
    "representations": [{"name": "values", "label": "Values"}],
    "spaces": [{"name": "map", "label": "the map"}, {"name": "features", "label": "the features"}],
    "parameters": {
        "p": {"word": "p", "values": [10, 30, 35], "implied": None},
        "n": {"word": "n", "values": [5, 10], "implied": None},
        "k": {"word": "k", "values": [3, 10], "implied": None},
    },
    "index": [{"representation": "values", "chunk": "", **one} for one in INDEX],
    "features": ["kmeans"],
    "absent": [{"clusterer": "none", "space": None, "reason": "it is computed of up to 5 samples"}],
}
AT = {"representation": "values", "method": "tsne", "p": 30, "n": 10, "clusterer": "kmeans", "k": 10, "space": "map"}


@pytest.mark.parametrize(
    ("wish", "first", "changed", "says"),
    [
        ({"p": 35}, [], {}, ""),
        ({"p": 35, "clusterer": "ward"}, ["clusterer"], {"p": 30}, "p 35 has no Ward; shown at 30."),
        ({"clusterer": "ward", "method": "umap"}, ["method"], {"n": 5}, "n 10 has no Ward; shown at 5."),
        (
            {"clusterer": "ward", "space": "features"},
            ["space"],
            {"clusterer": "kmeans"},
            "The features have no Ward; shown with K-Means.",
        ),
        (
            {"clusterer": "ward", "space": "features"},
            ["clusterer"],
            {"space": "map"},
            "Ward was not computed in the features; shown in the map.",
        ),
        (
            {"clusterer": "none"},
            [],
            {"clusterer": "kmeans"},
            "t-SNE, p 30 has no None; shown with K-Means. None is left out: it is computed of up to 5 samples.",
        ),
        ({"space": "features", "p": 35}, [], {}, ""),
    ],
)
def test_a_state_that_was_not_computed_leads_to_the_nearest_and_says_so(
    sources: Page, wish: dict[str, Any], first: list[str], changed: dict[str, Any], says: str
) -> None:
    found, notes = sources.evaluate(
        """([study, wish, first]) => {
            const { settled, unmet } = clusterfolio.choices;
            const found = settled(study, wish, first);
            return [found, unmet(study, wish, found).join(" ")];
        }""",
        [STUDY, AT | wish, first],
    )
    assert (found, notes) == (AT | wish | changed, says)


def test_a_slider_offers_what_is_computed_beside_all_else(sources: Page) -> None:
    wishes = [{}, {"clusterer": "ward"}, {"method": "umap", "clusterer": "ward"}, {"space": "features"}]
    found = sources.evaluate(
        "([study, all]) => all.map(at => ['p', 'n', 'k'].map(name =>"
        " clusterfolio.choices.method(study, at).parameters.includes(name) || name === 'k'"
        " ? clusterfolio.choices.offered(study, at, name) : null))",
        [STUDY, [AT | wish for wish in wishes]],
    )
    assert found == [
        [[10, 30, 35], None, [3, 10]],
        [[10, 30], None, [3, 10]],
        [None, [5], [3, 10]],
        [[10, 30, 35], None, [3, 10]],
    ]
