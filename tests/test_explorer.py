"""The explorer: pitfalls link to settings there are, ranges in words, figures for readers without JavaScript."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from precompute.store import (
    FEATURES,
    VALUES,
    EmbeddingInfo,
    Manifest,
    MetricInfo,
    SettingInfo,
    Study,
    number_slug,
    setting_slug,
)
from site_templates import publish
from site_templates.data import choices
from site_templates.pages import explorer
from site_templates.study import StudySite
from site_templates.views import StudyView
from tests import synthetic


@pytest.fixture(scope="module")
def site(tiny_study: Study) -> StudySite:
    return StudySite(StudyView(tiny_study.manifest, tiny_study), None)


def of_grid(manifest: Manifest, perplexity: list[float], k: list[float]) -> Manifest:
    """A manifest whose axes have these values and whose settings all are computed."""
    maps = [
        EmbeddingInfo(
            slug=f"tsne-p{number_slug(value)}", representation=VALUES, method="tsne", parameters={"perplexity": value}
        )
        for value in perplexity
    ]
    settings = [
        SettingInfo(
            slug=setting_slug(one or FEATURES, f"k{number_slug(value)}"),
            embedding=one,
            representation=VALUES,
            space="map" if one else "features",
            clusterer="kmeans",
            parameters={"k": value},
        )
        for one in (None, *(info.slug for info in maps))
        for value in k
    ]
    values = {"perplexity": perplexity, "k": k}
    axes = [msgspec.structs.replace(axis, values=values[axis.name]) for axis in manifest.axes]
    return msgspec.structs.replace(manifest, axes=axes, embeddings=maps, settings=settings)


@pytest.mark.parametrize("perplexity", [[5.0], [12.5, 90.0], [float(p) for p in range(5, 51)]])
@pytest.mark.parametrize("k", [[2.0], [3.0, 20.0]])
@pytest.mark.parametrize("labelled", [True, False])
def test_traps_link_to_settings_of_any_grid(
    tiny_study: Study, perplexity: list[float], k: list[float], labelled: bool
) -> None:
    found = explorer.pitfalls(of_grid(tiny_study.manifest, perplexity, k), labelled)
    assert len(found) == (5 if labelled else 4)
    for pitfall in found:
        assert pitfall.links
        for link in pitfall.links:
            state = dict(pair.split("=") for pair in link.address[1:].split("&"))
            assert float(state["perplexity"]) in perplexity
            assert float(state["k"]) in k
            assert "{" not in link.text


@pytest.mark.parametrize(
    ("lower", "upper", "words"), [(-1, 1, "−1 to 1"), (0, None, "from 0"), (None, 1, "up to 1"), (None, None, "")]
)
def test_ranges_in_words(lower: float | None, upper: float | None, words: str) -> None:
    info = MetricInfo(
        name="m",
        of="setting",
        label="M",
        meaning="",
        lower=lower,
        upper=upper,
        better=None,
        space=None,
        comparable_over=[],
        decimals=3,
    )
    assert explorer._metric_text(info).range == words


def test_content_has_every_chunk_and_the_start_setting(site: StudySite) -> None:
    content = explorer.page(site)
    assert len([name for name in content.files if name.startswith("data/")]) == 11
    assert len([name for name in content.files if name.startswith("charts/")]) == 5
    assert content.variables["scripts"][0] in content.files
    start = content.variables["start"]
    assert start.label == "tsne-p30-k10"
    assert start.rows[0].text == "10"
    assert [control.name for control in content.variables["controls"]] == [
        *("perplexity", "k", "space", "color", "beside")
    ]


@pytest.mark.parametrize(
    ("missing", "start"),
    [
        (["tsne-p30"], "tsne-p10-k10"),
        (["tsne-p30-k10"], "tsne-p30-k5"),
        (["tsne-p30", "tsne-p10-k10", "features-k10"], "tsne-p10-k5"),
    ],
)
def test_nothing_on_a_page_leads_to_a_missing_setting(tiny_study: Study, missing: list[str], start: str) -> None:
    """b12: the start and all links of the page go to the nearest setting that was computed."""
    whole = of_grid(tiny_study.manifest, [5.0, 10.0, 30.0], [3.0, 5.0, 10.0])
    manifest = msgspec.structs.replace(
        whole,
        embeddings=[one for one in whole.embeddings if one.slug not in missing],
        settings=[one for one in whole.settings if one.slug not in missing and one.embedding not in missing],
    )
    known = {one.slug for one in manifest.settings}
    first = choices.start(manifest)
    assert f"tsne-p{first['perplexity']:g}-k{first['k']:g}" == start
    for link in (link for pitfall in explorer.pitfalls(manifest, True) for link in pitfall.links):
        at = dict(pair.split("=") for pair in link.address[1:].split("&"))
        assert f"tsne-p{at['perplexity']}" not in missing
        part = "features" if "space" in at else f"tsne-p{at['perplexity']}"
        assert f"{part}-k{at['k']}" in known


def test_pitfalls_are_those_of_the_studys_methods(tiny_study: Study) -> None:
    manifest = tiny_study.manifest
    known = {one.title for one in explorer.PITFALLS if one.method is None}
    name = {"tsne": "other"}
    others = [msgspec.structs.replace(one, name=name.get(one.name, one.name)) for one in manifest.methods]
    maps = [msgspec.structs.replace(one, method=name.get(one.method, one.method)) for one in manifest.embeddings]
    found = explorer.pitfalls(msgspec.structs.replace(manifest, methods=others, embeddings=maps), True)
    assert {one.title for one in found} == known
    assert all("perplexity=" in link.address for one in found for link in one.links)


def test_start_is_the_nearest_setting_there_is(site: StudySite) -> None:
    assert (site.start["perplexity"], site.start["k"]) == (30, 10)
    assert site.first is not None
    assert site.first.slug == "tsne-p30-k10"


def test_a_study_without_pitfalls_has_its_grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What there is to know of other methods and clusterers is not known here; the heat map needs none of it."""
    monkeypatch.setattr(explorer, "PITFALLS", ())
    synthetic.write(tmp_path / "results" / "tiny", 24, (5.0,), (3,))
    publish.publish(tmp_path / "results", tmp_path / "site", ["tiny"], "A gallery")
    page = (tmp_path / "site" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert '<section id="grid"' in page
    assert "How to read this" not in page
