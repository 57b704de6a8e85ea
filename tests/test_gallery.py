"""The gallery's cards: facts of the study, a picture of its start setting, the best setting along what compares."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pyarrow.compute as pc
import pytest

from precompute.store import Study
from site_templates.pages import gallery
from site_templates.study import StudySite
from site_templates.views import StudyView


@pytest.fixture(scope="module")
def site(tiny_study: Study) -> StudySite:
    return StudySite(StudyView(tiny_study.manifest, tiny_study), None)


def test_card(site: StudySite, tiny_study: Study) -> None:
    card, picture = gallery.card(site)
    facts = {fact.label: fact.text for fact in card.facts}
    assert facts["Samples"] == "200"
    assert facts["Values each"] == "64 (8 × 8)"
    assert facts["Settings"] == "12"
    assert facts["Licence"] == "CC BY 4.0"
    rows = tiny_study.tables["metrics"].to_pandas()
    rows = rows[(rows.metric == "ami") & (rows.space == "map")]
    best = rows.loc[rows.value.idxmax()]
    assert facts["Highest AMI"] == f"{best.value:.3f} at perplexity {best.perplexity:g}, k {best.k:g}"
    link = next(fact.href for fact in card.facts if fact.label == "Highest AMI")
    assert link == f"tiny/index.html#perplexity={best.perplexity:g}&k={best.k:g}"
    assert card.href == "tiny/index.html"
    assert picture is not None
    assert card.picture == picture.path
    assert picture.data.startswith(b"\x89PNG")


def test_where_the_start_could_not_be_computed_the_card_shows_the_nearest(tiny_study: Study) -> None:
    """b12; settings of a map that is not there count as little as the map."""
    left = [info for info in tiny_study.manifest.embeddings if info.slug != "tsne-p30"]
    tables = {
        name: rows.filter(pc.fill_null(pc.not_equal(rows["perplexity"], 30), True))  # a missing setting has no rows
        if name in ("metrics", "cluster_stats")
        else rows
        for name, rows in tiny_study.tables.items()
    }
    manifest = msgspec.structs.replace(tiny_study.manifest, embeddings=left)
    site = StudySite(StudyView(manifest, replace(tiny_study, tables=tables)), None)
    card, picture = gallery.card(site)
    assert site.first is not None and site.first.slug == "tsne-p12.5-k10"
    assert picture is not None and card.picture == picture.path
    assert "perplexity 30" not in next(fact.text for fact in card.facts if fact.label == "Highest AMI")


def test_without_any_map_there_is_no_picture_but_a_card(tiny_study: Study) -> None:
    left = [info for info in tiny_study.manifest.embeddings if info.method != "tsne"]
    manifest = msgspec.structs.replace(tiny_study.manifest, embeddings=left)
    card, picture = gallery.card(StudySite(StudyView(manifest, tiny_study), None))
    assert picture is None
    assert card.picture is None
    assert "Highest AMI" not in {fact.label for fact in card.facts}
