"""The comparison's page knows the settings that there are, and which studies share their samples."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from precompute.store import Study
from site_templates.pages import compare
from site_templates.study import StudySite
from site_templates.views import StudyView
from tests.test_neighborhoods import content


@pytest.fixture(scope="module")
def site(tiny_study: Study) -> StudySite:
    return StudySite(StudyView(tiny_study.manifest, tiny_study), "https://example.org/tiny/")


def test_every_setting_is_known_by_its_slug(site: StudySite) -> None:
    known = compare.settings(site)
    assert len(known) == 12
    assert known["tsne-p12.5-k4"] == {
        "representation": "values",
        "method": "tsne",
        "perplexity": 12.5,
        "clusterer": "kmeans",
        "k": 4,
        "space": "map",
    }
    assert known["features-k10"] == {
        "representation": "values",
        "clusterer": "kmeans",
        "k": 10,
        "space": "features",
    }


def test_the_start_is_the_lowest_perplexity_against_the_explorers_start(site: StudySite) -> None:
    assert compare.start(site) == {"a": "tsne-p5-k10", "b": "tsne-p30-k10"}


def test_the_page_names_its_scripts_and_brings_their_files(site: StudySite) -> None:
    page = compare.page(site)
    study, own = page.variables["scripts"]
    assert study == f"data/{site.data.study.file}"
    assert own in page.files
    data = content(SimpleNamespace(name="compare", data=page.files[own]))  # type: ignore[arg-type]
    (one,) = data["studies"].values()
    assert one["base"] == ""
    assert one["methods"] == [{"name": "tsne", "label": "t-SNE", "parameters": ["perplexity"]}]
    assert one["clusterers"] == [{"name": "kmeans", "label": "K-Means", "parameters": ["k"]}]
    assert one["parameters"] == {"perplexity": {"word": "perplexity", "start": 30}, "k": {"word": "k", "start": 10}}
    for part in one["parts"]:
        _, path = part["near"]
        assert path in page.files
    for slug, (part, clusterer, *values) in one["settings"].items():
        given = one["parts"][part]
        assert clusterer == 0
        assert slug == f"{given['slug']}-k{values[0]}"
        assert given.get("values", []) == ([] if given["slug"] == "features" else [float(given["slug"][6:])])
    assert {data["film"]["picture"], data["film"]["places"]} <= set(page.files)
    assert page.variables["page"].canonical == "https://example.org/tiny/compare.html"


def view(ids: list[str], labels: list[int] | None, names: tuple[str, ...] | None) -> StudyView:
    """A study of which only the samples are known."""
    manifest: Any = SimpleNamespace(dataset=SimpleNamespace(labels=names))
    made = StudyView(manifest, SimpleNamespace())  # type: ignore[arg-type]
    made.__dict__["samples"] = pd.DataFrame({"id": ids, "label": labels or [0] * len(ids)})
    return made


def test_studies_share_samples_where_ids_and_labels_agree() -> None:
    first = view(["a", "b"], [0, 1], ("x", "y"))
    assert first.fingerprint == view(["a", "b"], [0, 1], ("x", "y")).fingerprint
    for other in (
        view(["a", "c"], [0, 1], ("x", "y")),
        view(["b", "a"], [1, 0], ("x", "y")),
        view(["a", "b"], [1, 1], ("x", "y")),
        view(["a", "b"], [0, 1], ("x", "z")),
        view(["a", "b"], None, None),
    ):
        assert other.fingerprint != first.fingerprint
    assert view(["a", "b"], None, None).fingerprint
    assert view(["0", "1"], None, None).fingerprint is None  # row numbers alone tell nobody apart


def test_peers_are_the_other_studies_of_the_same_samples(tiny_study: Study) -> None:
    gallery: dict[str, StudySite] = {}
    info = tiny_study.manifest.dataset
    for name in ("tiny", "other"):
        manifest = replace_id(tiny_study, name)
        gallery[name] = StudySite(StudyView(manifest, tiny_study), None, gallery)
    assert [one.folder for one in gallery["tiny"].peers] == ["other"]
    assert info.id == "tiny"
    data = compare.page(gallery["tiny"]).variables["sides"][0]
    assert [option.value for option in data.studies] == ["tiny", "other"]


def replace_id(study: Study, name: str) -> Any:
    """The study's manifest under another id."""
    import msgspec

    return msgspec.structs.replace(study.manifest, dataset=msgspec.structs.replace(study.manifest.dataset, id=name))


def test_failed_cells_of_the_grid_are_passed_over(site: StudySite, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {slug: one for slug, one in compare.settings(site).items() if slug not in ("tsne-p5-k10", "tsne-p30-k10")}
    monkeypatch.setattr(compare, "settings", lambda _: known)
    assert compare.start(site) == {"a": "tsne-p5-k4", "b": "tsne-p30-k4"}


@pytest.mark.parametrize(
    ("kept", "a", "b"),
    [
        (("tsne-p12.5-k10", "tsne-p30-k10", "features-k10"), "tsne-p12.5-k10", "tsne-p30-k10"),
        (("tsne-p5-k10", "tsne-p12.5-k4", "features-k10"), "tsne-p5-k10", "tsne-p12.5-k4"),
        (("tsne-p30-k3", "tsne-p30-k4", "tsne-p30-k10", "features-k3"), "tsne-p30-k3", "tsne-p30-k10"),
        (("tsne-p30-k3", "tsne-p30-k4"), "tsne-p30-k3", "tsne-p30-k4"),
        (("tsne-p30-k3", "features-k3", "features-k4"), "features-k3", "tsne-p30-k3"),
        (("tsne-p30-k3",), "tsne-p30-k3", "tsne-p30-k3"),
    ],
)
def test_the_two_sides_differ_wherever_there_are_two_settings(
    site: StudySite, monkeypatch: pytest.MonkeyPatch, kept: tuple[str, ...], a: str, b: str
) -> None:
    known = {slug: one for slug, one in compare.settings(site).items() if slug in kept}
    monkeypatch.setattr(compare, "settings", lambda _: known)
    assert compare.start(site) == {"a": a, "b": b}
    assert compare.page(site).variables["alone"] == (a == b)


def test_a_side_starts_with_its_own_slider_values(site: StudySite) -> None:
    sides = compare.page(site).variables["sides"]
    assert [[control.name for control in side.sliders] for side in sides] == [
        ["perplexity-a", "k-a"],
        ["perplexity-b", "k-b"],
    ]
    assert [[control.value for control in side.sliders] for side in sides] == [["5", "10"], ["30", "10"]]
    assert [[control.name for control in side.choices] for side in sides] == [["space-a"], ["space-b"]]
