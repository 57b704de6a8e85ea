"""Pictures that are not published: nothing of them is stored, and nothing from which they could be drawn again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from clusterfolio import cli
from precompute import store
from precompute.loaders.assemble import load
from precompute.loaders.options import Options
from precompute.run.plan import plan
from precompute.store import Study
from tests import loading
from tests.conftest import TINY


@pytest.fixture(scope="module")
def withheld(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results and site of pictures that were withheld."""
    place = tmp_path_factory.mktemp("withheld")
    np.savez(place / "own.npz", images=loading.pictures(), labels=loading.labels())
    where = ["--results", str(place / "results"), "--site", str(place / "site")]
    asked = ["--data", str(place / "own.npz"), "--pictures", "none", "--perplexity", "5", "--k", "3"]
    asked += ["--methods", "tsne", "--clusterers", "kmeans"]
    assert cli.main([*where, *asked, "-q"]) == 0
    return place


def test_no_pixel_reaches_results_or_site(withheld: Path) -> None:
    study: Study = store.read(withheld / "results" / "own", ("samples", "projection", "features"))
    assert study.manifest.dataset.image is None
    assert study.tables["samples"].column("pixels").null_count == loading.N
    assert len(study.tables["projection"]) == 0, "scores, components and mean would be the pictures"
    assert len(study.tables["features"]) == loading.N
    assert study.manifest.dataset.reading["options"] == {"pictures": "none"}
    mean = loading.pictures().reshape(loading.N, -1).mean(axis=0) / 255
    for path in (withheld / "results").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert mean.astype(np.float64).tobytes()[:64] not in content, path
            assert loading.pictures()[7].tobytes() not in content, path


def test_results_that_lead_back_to_pixels_are_not_kept(tmp_path: Path) -> None:
    """Components have another key where pictures are withheld, so those of an earlier build are not taken."""
    np.save(tmp_path / "own.npy", loading.pictures())
    keys = {}
    options: dict[str, Any] = {}
    for pictures in ("auto", "none", "thumbnails"):
        options["pictures"] = pictures
        data = load(tmp_path / "own.npy", "own", Options(**options)).data
        keys[pictures] = plan(data, TINY, TINY.grid).source.key
    assert keys["none"] == keys["thumbnails"] != keys["auto"]


def test_thumbnails_are_small_and_what_is_embedded_is_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "own").mkdir()
    for at in range(12):
        picture = rng.integers(0, 255, (40, 80, 3), dtype=np.uint8)
        Image.fromarray(picture).save(tmp_path / "own" / f"{at}.png")
    data = load(tmp_path / "own", "own", Options(pictures="thumbnails")).data
    assert data.values.shape == (12, 9600)
    assert data.image_shape == (16, 32, 3)
    assert data.pixels is not None
    assert data.pixels.shape == (12, 16 * 32 * 3)
    features = load(tmp_path / "own", "own", Options(pictures="auto")).data
    assert features.image_shape == (40, 80, 3)
