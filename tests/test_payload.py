"""Payload: what the page decodes is what the tables say."""

from __future__ import annotations

import base64
import io
import json
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from precompute.machine.files import sha256
from precompute.store import Study
from site_templates import nearest
from site_templates.data import assignments, explorer
from site_templates.data import chunk as data_chunk
from site_templates.data.columns import decode
from site_templates.views import StudyView


def read(chunk: data_chunk.Chunk) -> Any:
    text = chunk.data.decode()
    head = f"clusterfolio.receive({json.dumps(chunk.name)},"
    assert text.startswith(head)
    assert text.endswith(");\n")

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    content = json.loads(text[len(head) : -3], parse_constant=refuse)
    if "deflate" in content:
        content = json.loads(zlib.decompress(base64.b64decode(content["deflate"])), parse_constant=refuse)
    return content


@pytest.mark.parametrize("text", ["</script><script>", "<!--", "\u2028\u2029", '"\\', "\x00", "{{x}}"])
def test_text_never_ends_a_script_and_comes_back(text: str) -> None:
    made = data_chunk.chunk("study", {"title": text})
    assert b"<" not in made.data
    assert read(made) == {"title": text}


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        data_chunk.chunk("study", {"value": float("nan")})


def test_names_hold_the_hash_of_the_content() -> None:
    made = data_chunk.chunk("pca", {"a": 1})
    assert made.file == f"pca-{sha256(made.data)[:12]}.js"


@pytest.fixture(scope="module")
def made(tiny_study: Study) -> explorer.Payload:
    return explorer.payload(StudyView(tiny_study.manifest, tiny_study), {}, "https://example.org/tiny/")


def test_the_study_names_every_chunk(made: explorer.Payload, tiny_study: Study) -> None:
    study = read(made.study)
    assert study["chunks"] == {chunk.name: f"data/{chunk.file}" for chunk in made.others}
    assert set(study["chunks"]) == {
        *("pca", "tsne-p5", "tsne-p12.5", "tsne-p30", "features", "sprite", "examples", "neighbors"),
        *("grid-values-tsne-kmeans", "history-values-tsne-kmeans"),
    }
    assert study["index"] == [
        {
            "representation": "values",
            "method": "tsne",
            "parameters": {"perplexity": value},
            "chunk": f"tsne-p{value}",
            "clusterers": ["kmeans"],
        }
        for value in (5, 12.5, 30)
    ]
    assert study["start"] == {
        "representation": "values",
        "method": "tsne",
        "perplexity": 30,
        "clusterer": "kmeans",
        "k": 10,
        "space": "map",
        "color": "cluster",
        "beside": "pca",
    }
    assert {name: one["values"] for name, one in study["parameters"].items()} == {
        "perplexity": [5, 12.5, 30],
        "k": [3, 4, 10],
    }
    assert study["methods"] == [{"name": "tsne", "label": "t-SNE", "parameters": ["perplexity"]}]
    assert study["clusterers"] == [
        {"name": "kmeans", "label": "K-Means", "parameters": ["k"], "count": "k", "noise": False}
    ]
    assert (study["features"], study["maps"]) == (["kmeans"], ["pca", "tsne-p5", "tsne-p12.5", "tsne-p30"])
    assert study["most"] == 10
    np.testing.assert_array_equal(
        decode(study["samples"]["label"]), tiny_study.tables["samples"].column("label").to_numpy()
    )
    assert study["samples"]["ids"] is None


def assigned(content: dict[str, Any], setting: dict[str, Any]) -> np.ndarray:
    """Clusters of all samples, as the page finds them."""
    if "clusters" in setting:
        return decode(setting["clusters"])
    centers = [
        decode({"u16": packed, "from": content[axis]["from"], "to": content[axis]["to"]})
        for axis, packed in zip("xy", setting["centers"], strict=True)
    ]
    found = assignments.nearest(decode(content["x"]), decode(content["y"]), *centers)
    if "exceptions" in setting:
        found[decode(setting["exceptions"]["samples"])] = decode(setting["exceptions"]["clusters"])
    return found


def test_every_setting_equals_the_tables(made: explorer.Payload, tiny_study: Study) -> None:
    labels = tiny_study.tables["samples"].column("label").to_numpy()
    metrics = tiny_study.tables["metrics"].to_pandas()
    seen = 0
    for chunk in made.others:
        content = read(chunk)
        for setting in content.get("settings", ()):
            rows = tiny_study.clusters(chunk.name).to_pandas()
            rows = rows[rows.setting == setting["slug"]].sort_values("sample")
            assert (setting["clusterer"], setting["parameters"]) == ("kmeans", [rows.k.iloc[0]])
            clusters = assigned(content, setting)
            np.testing.assert_array_equal(clusters, rows.cluster)
            own = metrics[metrics.setting == setting["slug"]]
            assert setting["metrics"] == dict(zip(own.metric, own.value, strict=True))
            dominant = np.array(setting["stats"]["label"])[clusters]
            wrong = np.flatnonzero(dominant != labels)
            assert ("margins" in setting) == (chunk.name == "features")
            assert len(wrong) == setting["metrics"]["misclassified"]
            assert sum(count for _, _, count in setting["pairs"]) == len(labels)
            assert sum(c for t, d, c in setting["pairs"] if t != d) == len(wrong)
            assert len(wrong) >= setting["unavoidable"]
            seen += 1
    assert seen == 12


def test_clusters_that_share_a_label_differ_in_colour(made: explorer.Payload) -> None:
    for chunk in made.others:
        for setting in read(chunk).get("settings", ()):
            colors = setting["stats"]["color"]
            assert len(set(colors)) == len(colors)


def test_coordinates_equal_the_tables(made: explorer.Payload, tiny_study: Study) -> None:
    for chunk in made.others:
        content = read(chunk)
        if "x" not in content:
            continue
        rows = tiny_study.embedding(chunk.name).to_pandas()
        for name in ("x", "y"):
            span = rows[name].max() - rows[name].min()
            np.testing.assert_allclose(decode(content[name]), rows[name], atol=span / 65535)


def test_sprite_holds_every_picture(made: explorer.Payload, tiny_study: Study) -> None:
    content = read(next(chunk for chunk in made.others if chunk.name == "sprite"))
    data = base64.b64decode(content["uri"].removeprefix("data:image/png;base64,"))
    sheet = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[:, :, 3]  # ink on nothing
    pixels = np.array(tiny_study.tables["samples"].column("pixels").to_pylist()).reshape(-1, 8, 8)
    for sample in range(len(pixels)):
        row, column = divmod(sample, content["columns"])
        np.testing.assert_array_equal(sheet[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8], pixels[sample])
    assert read(made.study)["dataset"]["image"]["polarity"] == "ink"


@pytest.mark.parametrize(("wanted", "found"), [(30, 30), (1, 5), (99, 50), (20, 10), (21, 30)])
def test_nearest(wanted: float, found: float) -> None:
    assert nearest.value([5, 10, 30, 50], wanted) == found
