"""The explorer: traps link to settings there are, ranges in words, figures for readers without JavaScript."""

from __future__ import annotations

import pytest

from precompute.store import MetricInfo, Study
from site_templates import explorer
from site_templates.study_site import StudySite
from site_templates.views import StudyView


@pytest.fixture(scope="module")
def site(tiny_study: Study) -> StudySite:
    return StudySite(StudyView(tiny_study.manifest, tiny_study), None)


@pytest.mark.parametrize("perplexity", [[5.0], [12.5, 90.0], [float(p) for p in range(5, 51)]])
@pytest.mark.parametrize("k", [[2.0], [3.0, 20.0]])
@pytest.mark.parametrize("labelled", [True, False])
def test_traps_link_to_settings_of_any_grid(perplexity: list[float], k: list[float], labelled: bool) -> None:
    found = explorer.traps({"perplexity": perplexity, "k": k}, labelled)
    assert len(found) == (5 if labelled else 4)
    for trap in found:
        assert trap.links
        for link in trap.links:
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
    assert [control.name for control in content.variables["controls"]] == ["perplexity", "k", "space", "color"]


def test_start_is_the_nearest_setting_there_is(site: StudySite) -> None:
    assert (site.start["perplexity"], site.start["k"]) == (30, 10)
    assert site.first is not None
    assert site.first.slug == "tsne-p30-k10"
