"""The scripts hold the tables' own coordinates and neighbours, bit by bit."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from precompute.store import Study
from site_templates.data.chunk import Chunk
from site_templates.data.neighborhoods import neighborhoods
from site_templates.views import StudyView


def content(chunk: Chunk) -> dict[str, Any]:
    """What a data script hands over."""
    text = chunk.data.decode().removeprefix(f'clusterfolio.receive("{chunk.name}",').removesuffix(");\n")
    found: dict[str, Any] = json.loads(text)
    return found


def test_coordinates_and_true_neighbours_are_the_tables_own(tiny_study: Study) -> None:
    near = neighborhoods(StudyView(tiny_study.manifest, tiny_study))
    assert list(near.chunks) == ["tsne-p5", "tsne-p12.5", "tsne-p30", "features"]
    for slug in ("tsne-p5", "tsne-p12.5", "tsne-p30"):
        rows = tiny_study.embedding(slug).to_pandas().sort_values("sample")
        for axis in ("x", "y"):
            coded = base64.b64decode(content(near.chunks[slug])[axis]["f32"])
            assert np.array_equal(np.frombuffer(coded, dtype="<f4"), rows[axis].to_numpy())
    table = tiny_study.tables["neighbors"].to_pandas().sort_values(["sample", "rank"])
    coded = base64.b64decode(content(near.chunks["features"])["neighbors"]["u16"])
    assert near.count == 10
    assert np.array_equal(np.frombuffer(coded, dtype="<u2"), table["neighbor"].to_numpy())
