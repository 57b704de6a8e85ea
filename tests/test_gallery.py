"""The gallery's cards: facts of the study, a picture of its start setting, the best setting along what compares."""

from __future__ import annotations

import msgspec
import pytest

from precompute.store import Study
from site_templates import gallery
from site_templates.study_site import StudySite
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


def test_a_start_setting_that_failed_leaves_no_picture_but_a_card(tiny_study: Study) -> None:
    left = [info for info in tiny_study.manifest.embeddings if info.slug != "tsne-p30"]
    manifest = msgspec.structs.replace(tiny_study.manifest, embeddings=left)
    card, picture = gallery.card(StudySite(StudyView(manifest, tiny_study), None))
    assert picture is None
    assert card.picture is None
