"""Texts: what would disturb its neighbours is replaced, everything else stays."""

from __future__ import annotations

import msgspec
import pytest

from precompute.store import Failure, Study
from site_templates.texts import shown, shown_manifest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<b>&\"'",
        "a\tb\nc",
        "שלום",
        "e\u0301",
        "👩‍👩‍👧",
        "\u2028\u2029",
        "\u200e\u200f",
        "\ufeff",
        "\ufdcf\ufdf0\ufffd",
    ],
)
def test_texts_stay_as_they_are(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    "character",
    [
        *("\x00", "\r", "\x0c", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ud800", "\udfff"),
        *("\ufdd0", "\ufdef", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"),
    ],
)
def test_characters_that_disturb_others_are_replaced(character: str) -> None:
    assert shown(f"a{character}b") == "a\ufffdb"


def test_every_text_of_a_manifest_is_covered(tiny_study: Study) -> None:
    manifest = tiny_study.manifest
    info = msgspec.structs.replace(
        manifest.dataset, title="\0t", description="\0d", source="\0s", license="\0l", labels=["\0a", "b"]
    )
    failed = [Failure(cell="tsne-p5", reason="\0r")]
    found = shown_manifest(msgspec.structs.replace(manifest, dataset=info, failed=failed))
    assert "\\u0000" not in msgspec.json.encode(found).decode()
    assert found.dataset.labels == ["\ufffda", "b"]
    plain = msgspec.structs.replace(manifest, dataset=msgspec.structs.replace(info, labels=None))
    assert shown_manifest(plain).dataset.labels is None
