"""The functions for Python: what they take, what they refuse, and that they compute nothing twice."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from PIL import Image

import clusterfolio as cf
from clusterfolio import cli, printing
from clusterfolio import gallery as galleries
from precompute import pipeline
from precompute.config import ConfigError, Grid
from precompute.dataset import DataError, Dataset
from precompute.run import cells, parts
from tests.conftest import compute_local

ROOT = Path(__file__).parents[1]
N = 40
USUAL: dict[str, Any] = {"methods": "tsne", "clusterers": "kmeans", "robustness": False}
GRID: dict[str, Any] = {"perplexity": [5, 8], "k": range(3, 5), **USUAL}


@pytest.fixture(scope="module", autouse=True)
def here() -> Iterator[None]:
    """Nothing starts a worker."""
    with pytest.MonkeyPatch.context() as patch:
        compute_local(patch)
        yield


@pytest.fixture(scope="module")
def images(tiny_data: Dataset) -> np.ndarray:
    assert tiny_data.pixels is not None
    return tiny_data.pixels[:N].reshape(N, 8, 8)


@pytest.fixture(scope="module")
def labels(tiny_data: Dataset) -> list[str]:
    assert tiny_data.labels is not None
    return [f"digit {code}" for code in tiny_data.labels[:N]]


@pytest.fixture(scope="module")
def gallery(images: np.ndarray, labels: list[str], tmp_path_factory: pytest.TempPathFactory) -> cf.Gallery:
    """A published study of few images."""
    folder = tmp_path_factory.mktemp("python")
    ids = [f"a{number}" for number in range(N)]
    study = cf.Study(images=images, labels=labels, ids=ids, title="Few digits", **GRID)
    return cf.publish(study, folder / "site", results=folder / "results", jobs=1, quiet=True)


def test_the_package_is_imported_at_once() -> None:
    code = "import sys, clusterfolio as cf; assert not {'numpy', 'pandas', 'precompute'} & set(sys.modules); cf.Study"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert set(cf.__all__) <= set(dir(cf))
    with pytest.raises(AttributeError, match="no attribute 'Studdy'"):
        _ = cf.Studdy


# ------------------------------------------------------------------------------------------------------------ takes


class Tensor:
    """What NumPy can read, as PyTorch's tensors are."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.array if dtype is None else self.array.astype(dtype)


def test_pictures_of_any_kind_are_the_same_images(images: np.ndarray) -> None:
    kinds = {
        "array": images,
        "colour last": images[..., None],
        "list": list(images),
        "tensor": Tensor(images),
        "pillow": [Image.fromarray(each) for each in images],
        "bunch": {"images": images, "data": images.reshape(N, -1)},
    }
    studies = {name: cf.Study(images=value, **GRID) for name, value in kinds.items()}
    studies["flat"] = cf.Study(images=images.reshape(N, -1), image_shape=(8, 8), **GRID)
    assert {name: study.data.sha256() for name, study in studies.items()} == dict.fromkeys(
        studies, studies["array"].data.sha256()
    )
    assert studies["array"].data.image_shape == (8, 8, 1)


def test_pictures_in_files(images: np.ndarray, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(N)]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image).save(path)
    expected = cf.Study(images=images).data.sha256()
    assert cf.Study(images=paths).data.sha256() == expected
    assert cf.Study(images=[str(path) for path in paths]).data.sha256() == expected


def test_frames_of_any_kind_are_the_same_features(images: np.ndarray, labels: list[str]) -> None:
    """By the rules for files: a column called label is the labels, one called id the ids."""
    columns = {f"f{number}": images.reshape(N, -1)[:, number + 2].astype(float) for number in range(5)}
    beside = {"id": [f"a{number}" for number in range(N)], "label": labels}
    frames = [kind({**beside, **columns}) for kind in (pd.DataFrame, pl.DataFrame, pa.table)]
    studies = [cf.Study(features=frame, **GRID) for frame in frames]
    plain = cf.Study(features=np.stack(list(columns.values()), axis=1), labels=labels, ids=beside["id"], **GRID)
    assert {study.data.sha256() for study in studies} == {plain.data.sha256()}
    assert "column 'label' is taken for the labels" in studies[0].notes[0]
    renamed = pd.DataFrame({"species": labels, **columns})
    assert cf.Study(features=renamed, labels="species").data.label_names == plain.data.label_names
    without = cf.Study(features=pd.DataFrame({"label": np.arange(N), **columns}), labels=pd.Series(labels))
    assert without.data.label_names == plain.data.label_names
    more = cf.Study(features=pd.DataFrame({"note": [f"text {n % 20}" for n in range(N)], **columns}), labels=labels)
    assert [column.name for column in more.data.columns] == ["note"]


def test_features_with_images_beside_them(images: np.ndarray) -> None:
    features = images.reshape(N, -1)[:, 10:20]
    study = cf.Study(images=images, features=features)
    assert study.data.values.shape == (N, 10)
    assert study.data.image_shape == (8, 8, 1)


def test_a_bunch_brings_its_target(images: np.ndarray) -> None:
    flat = images.reshape(N, -1)
    codes = np.arange(N) % 3
    study = cf.Study(features={"data": flat, "target": codes, "target_names": np.array(["ant", "bee", "cow"])})
    assert study.data.label_names == ("ant", "bee", "cow")
    measured = cf.Study(features={"data": flat, "target": codes + 0.5})
    assert measured.data.labels is None
    assert measured.notes == ("the target is a measurement and is taken for no label",)
    units = cf.Study(features={"data": np.c_[np.arange(N) % 7 * 1000.0, flat], "target": codes})
    assert any(note.endswith("(to have it otherwise: scale='columns')") for note in units.notes)
    own = cf.Study(features={"data": flat, "target": codes}, labels=["x", "y"] * (N // 2))
    assert own.data.label_names == ("x", "y")


@pytest.mark.slow  # needs torch; quick: whatever has `__array__`
def test_torch(images: np.ndarray) -> None:
    torch = pytest.importorskip("torch")
    assert cf.Study(images=torch.from_numpy(images)).data.sha256() == cf.Study(images=images).data.sha256()
    with pytest.raises(DataError, match=r"features: cannot be read as an array .*\.detach\(\)\.cpu\(\)"):
        cf.Study(features=torch.zeros((N, 2), requires_grad=True))


@pytest.mark.slow  # needs datasets; quick: the same rules for frames
def test_a_data_set_of_hugging_face(images: np.ndarray) -> None:
    datasets = pytest.importorskip("datasets")
    names = ["ant", "bee"]
    kinds = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=names)})
    rows = {"image": [Image.fromarray(each) for each in images], "label": [0, 1] * (N // 2)}
    study = cf.Study(images=datasets.Dataset.from_dict(rows, features=kinds))
    assert study.data.label_names == ("ant", "bee")
    assert study.data.sha256() == cf.Study(images=images, labels=rows["label"], label_names=names).data.sha256()


@pytest.mark.slow  # needs anndata
def test_anndata(images: np.ndarray) -> None:
    anndata = pytest.importorskip("anndata")
    flat = images.reshape(N, -1).astype(np.float32)
    cells = [f"cell {number}" for number in range(N)]
    obs = pd.DataFrame({"kind": ["a", "b"] * (N // 2)}, index=cells)
    data = anndata.AnnData(flat, obs=obs, obsm={"X_pca": flat[:, 10:20]})
    study = cf.Study(features=data, labels="kind")
    assert (study.data.values.shape, study.data.label_names) == ((N, 10), ("a", "b"))
    assert study.data.ids[0] == "cell 0"
    assert "obsm['X_pca'] is taken" in study.notes[0]
    with pytest.raises(DataError, match="labels: 'sort' is no column of obs; there are: 'kind'"):
        cf.Study(features=data, labels="sort")


def test_columns_of_ones_own(images: np.ndarray, labels: list[str]) -> None:
    named = {"kind": labels, "day": pd.date_range("2026-01-01", periods=N), "name": [f"a{at}" for at in range(N)]}
    study = cf.Study(images=images, labels="kind", ids="name", columns=pd.DataFrame(named))
    assert [column.name for column in study.data.columns] == ["kind", "day", "name"]
    assert study.data.ids[1] == "a1"
    assert len(study.data.label_names) == 10
    with pytest.raises(DataError, match="columns: 2 rows for 40 samples; needed: one row a sample"):
        cf.Study(images=images, columns={"a": [1, 2]})
    with pytest.raises(DataError, match="columns: int; allowed: a data frame, or arrays by name"):
        cf.Study(images=images, columns=3)


# ---------------------------------------------------------------------------------------------------------- refuses


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "neither images nor features are given"),
        ({"features": np.zeros(9)}, r"features: shape \(9,\); needed: \(samples, dimensions\)"),
        ({"features": np.zeros((9, 8, 8))}, r"features: shape \(9, 8, 8\).*pictures are given as images="),
        ({"images": np.zeros((9, 64))}, r"images: shape \(9, 64\); needed: .*an image_shape"),
        ({"images": np.zeros((9, 3, 8, 8))}, r"channels come last here: images\.transpose\(0, 2, 3, 1\)"),
        ({"features": 3}, r"features: shape \(\); needed"),
        ({"features": [[1, 2], [1]]}, r"features: cannot be read as an array .*allowed: an array, a list"),
        ({"features": [["a", "b"]]}, r"features: type <U1, shape \(1, 2\); needed: numbers"),
        ({"features": np.eye(12), "labels": [1, 2]}, r"labels: 2 for 12 features; needed: one a sample, \(12,\)"),
        ({"features": np.eye(12), "labels": np.eye(12)}, r"labels: shape \(12, 12\); needed: one a sample"),
        ({"features": np.eye(12), "ids": ["a"] * 12}, r"stands in samples|ids: 'a' stands"),
        ({"features": np.eye(12), "ids": ["a"]}, r"ids: 1 for 12 features"),
        ({"features": np.eye(12), "labels": "kind"}, "labels: 'kind' names a column, and the samples come without"),
        ({"features": np.eye(12), "images": np.zeros((9, 8, 8))}, r"images: 9 for 12 features; needed: one a sample"),
        ({"features": np.full((12, 2), np.nan)}, "sample 0 has nan in column 0; only finite numbers"),
        ({"features": np.eye(4)}, "4 samples; at least 10 are needed"),
        ({"features": np.eye(12), "representations": {"clip": 1}}, "representations: not yet"),
        ({"features": [Image.new("L", (8, 8))]}, "features: a list of pictures; give it as images="),
    ],
)
def test_samples_that_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        cf.Study(**arguments)


def test_all_that_is_wrong_with_a_grid_is_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        cf.Study(features=np.eye(12), perplexty=3, k=[1], methods=["tsn"], scale="rows", id="My id")
    told = "\n".join(caught.value.problems)
    for part in ("did you mean 'perplexity'?", "k: 1 is not allowed", "did you mean 'tsne'?", "scale: 'rows'", "id: "):
        assert part in told


def test_two_studies_of_one_id_are_refused(tmp_path: Path) -> None:
    study = cf.Study(features=np.eye(12))
    with pytest.raises(ConfigError, match=r"2 studies have the id 'data'; give each an id of its own"):
        cf.publish([study, study], tmp_path / "site", results=tmp_path / "results")
    with pytest.raises(ConfigError, match="no study is given"):
        cf.publish([], tmp_path / "site", results=tmp_path / "results")
    assert not list(tmp_path.iterdir())


# --------------------------------------------------------------------------------------------------------- publishes


def test_a_gallery_says_where_it_is_and_shows_itself(gallery: cf.Gallery) -> None:
    assert gallery.path.is_file()
    assert gallery.complete
    assert repr(gallery) == f"Gallery('{gallery.path}': few-digits)"
    shown = gallery._repr_mimebundle_()
    assert shown["text/plain"] == repr(gallery)
    assert re.search(r'<iframe title="few-digits" sandbox="allow-scripts[^"]*"', shown["text/html"])
    assert "allow-same-origin" not in shown["text/html"]
    assert "height: 480px" in gallery.show(height=480).html
    with pytest.raises(KeyError, match="there is no study 'other' here; there are: few-digits"):
        gallery["other"]


def test_an_explorer_too_large_for_a_cell_is_a_picture_and_a_sentence(
    gallery: cf.Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clusterfolio.notebook.LARGEST", 1000)
    shown = gallery.show().html
    assert "<iframe" not in shown
    assert 'src="data:image/png;base64,' in shown
    assert f"too much for a notebook. Its page is <code>{gallery.folder / 'few-digits' / 'index.html'}</code>" in shown


def test_nothing_is_computed_twice(
    gallery: cf.Gallery, images: np.ndarray, labels: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(parts, "compute_local", fail)
    ids = [f"a{number}" for number in range(N)]
    same = cf.Study(images=images.copy(), labels=labels, ids=ids, title="Few digits", **GRID)
    again = cf.publish(same, gallery.folder, results=gallery.results, quiet=True)
    assert again.path == gallery.path


def test_notes_are_said_and_no_more(images: np.ndarray, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    study = cf.Study(images=images, title="Few digits", **GRID)
    cf.publish(study, tmp_path / "site", results=tmp_path / "results", jobs=1)
    out, err = capfd.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0].startswith("note: few-digits: shown as dark ink on paper")
    assert {re.sub(r"\d+ of \d+: .*", "", line) for line in lines[1:]} == {"few-digits: "}


def test_an_interrupt_keeps_what_was_finished(
    images: np.ndarray, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    study = cf.Study(images=images, **GRID)
    ended: list[str] = []

    def interrupted(progress: pipeline.Progress) -> None:
        ended.append(progress.name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(printing.Printer, "progress", lambda *_: contextlib.nullcontext(interrupted))
        with pytest.raises(KeyboardInterrupt):
            cf.publish(study, tmp_path / "site", results=tmp_path / "results", jobs=1, quiet=True)
    kept = {path.stem.rsplit("-", 1)[0] for path in (tmp_path / "results" / cells.CACHE_FOLDER).rglob("*.part")}
    assert ended and set(ended) <= kept
    assert cf.publish(study, tmp_path / "site", results=tmp_path / "results", jobs=1, quiet=True).complete


def test_threads_do_not_disturb_each_other(images: np.ndarray, tmp_path: Path) -> None:
    made: dict[str, cf.Gallery] = {}

    def publish(name: str) -> None:
        study = cf.Study(images=images, id=name, perplexity=5, k=3, **USUAL)
        made[name] = cf.publish(study, tmp_path / "site", results=tmp_path / "results", jobs=1, quiet=True)

    threads = [threading.Thread(target=publish, args=[name]) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(made) == {"one", "two"}
    for name in made:
        assert (tmp_path / "site" / name / "index.html").is_file()
        assert len(cf.read(tmp_path / "results" / name).samples) == N


# ------------------------------------------------------------------------------------------------------------- reads


def test_results_are_data_frames(gallery: cf.Gallery, labels: list[str]) -> None:
    results = gallery.read()
    assert repr(results).endswith(f"Few digits, {N} samples, 3 maps, 6 settings)")
    assert results.samples["label"].tolist() == labels
    assert list(results.samples) == ["sample", "id", "label"]
    stored = results.table("embeddings/tsne-p8")
    chosen = results.map("tsne", perplexity=8)
    assert list(chosen) == ["sample", "id", "label", "x", "y"]
    assert chosen[["x", "y"]].equals(stored[["x", "y"]])
    assert len(results.map("pca")) == N
    clusters = results.clusters("tsne", perplexity=5, k=4)
    assert sorted(clusters["cluster"].unique()) == [0, 1, 2, 3]
    assert results.clusters(space="features", k=3)["cluster"].max() == 2
    one = results.settings.set_index("setting").loc["tsne-p5-k4"]
    rows = results.metrics
    assert one["ami"] == rows[(rows["setting"] == "tsne-p5-k4") & (rows["metric"] == "ami")]["value"].item()


def test_suspects_come_first_the_most_suspicious(gallery: cf.Gallery) -> None:
    results = gallery.read()
    suspects, review = results.suspects(), results.table("review")
    assert list(suspects) == ["sample", "id", "label", "suggested", "suspicion", "stability", "class"]
    assert len(suspects) == (review["class"] == "suspect").sum()
    assert suspects["suspicion"].is_monotonic_decreasing
    assert (suspects["suggested"] != suspects["label"]).all()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda one: one.map("tsn"), "no method 'tsn'; did you mean 'tsne'?"),
        (lambda one: one.map(), "2 maps; say which one; computed were: tsne-p5, tsne-p8"),
        (lambda one: one.map(perplexity=6), "there are no maps with perplexity=6; computed were: tsne-p5, tsne-p8"),
        (lambda one: one.map(perplexit=6), "perplexit: the map has no such parameter; it has: perplexity"),
        (lambda one: one.clusters(perplexity=5), "2 settings; say which one; computed were: tsne-p5-k3, tsne-p5-k4"),
        (lambda one: one.clusters(space="maps"), "space 'maps'; allowed: 'map', 'features'"),
        (lambda one: one.clusters(clusterer="ward"), "there is no clusterer 'ward'"),
    ],
)
def test_what_was_not_computed_is_named(gallery: cf.Gallery, ask: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        ask(gallery.read())


# ------------------------------------------------------------------------------------------------------------ places


def test_a_sample_of_the_study_lands_on_its_own_neighbours(gallery: cf.Gallery, images: np.ndarray) -> None:
    results = gallery.read()
    placed = cf.place(results, images[:7])
    assert len(placed) == 3 * 7
    assert list(placed)[:7] == ["sample", "embedding", "x", "y", "kept", "distance", "neighbors"]
    assert sorted(list(placed)[7:]) == ["features-k3", "features-k4", "k3", "k4"]
    assert placed["distance"].max() < 1e-5
    stored = results.table("neighbors").pivot(index="sample", columns="rank", values="neighbor")
    ids = results.samples["id"]
    for row in placed[placed["embedding"] == "tsne-p8"].itertuples():
        assert row.neighbors == [ids[row.sample], *ids[stored.loc[row.sample].iloc[:9]]]
    for slug in ("tsne-p5", "tsne-p8"):
        points = results.table(f"embeddings/{slug}")[["x", "y"]].to_numpy()
        places = placed[placed["embedding"] == slug][["x", "y"]].to_numpy()
        apart = np.linalg.norm(places - points[:7], axis=1)
        assert (apart < 0.5 * np.linalg.norm(points - points.mean(axis=0), axis=1).mean()).all()
    pca = results.map("pca")[["x", "y"]].to_numpy()[:7]
    on_pca = placed[placed["embedding"] == "pca"]
    assert np.allclose(on_pca[["x", "y"]].to_numpy(), pca, atol=1e-5)
    own = results.clusters(space="features", k=4)["cluster"][:7]
    assert on_pca["features-k4"].tolist() == own.tolist()


def test_which_maps_and_clusters(gallery: cf.Gallery, images: np.ndarray) -> None:
    results = gallery.read()
    one = cf.place(results, images[:2].reshape(2, -1), method="tsne", perplexity=5, k=[4])
    assert one["embedding"].tolist() == ["tsne-p5"] * 2
    assert list(one)[7:] == ["k4", "features-k4"]
    pictures = [Image.fromarray(each) for each in images[:2]]
    assert cf.place(results, pictures, perplexity=5, k=4).equals(one)
    alone = cf.place(results, images[1:2], perplexity=5, k=4)
    assert alone[["x", "y"]].to_numpy().tolist() == one[["x", "y"]].to_numpy()[1:].tolist(), "no matter in what company"


def test_a_frame_is_read_by_the_names_of_its_columns(images: np.ndarray, labels: list[str], tmp_path: Path) -> None:
    names = ["height", "width", "mass", "age", "speed"]
    frame = pd.DataFrame(images.reshape(N, -1)[:, 2:7] * [1.0, 100.0, 1.0, 100.0, 1.0], columns=names)
    one = cf.Study(features=frame, labels=labels, **{**GRID, "clusterers": ["kmeans", "ward"], "perplexity": 5, "k": 3})
    results = cf.publish(one, tmp_path / "site", results=tmp_path / "results", jobs=1, quiet=True).read()
    turned = frame[list(reversed(frame.columns))].iloc[:3].assign(other="text")
    placed = cf.place(results, turned, method="tsne")
    assert placed["distance"].max() < 1e-5
    assert [row[0] for row in placed["neighbors"]] == ["0", "1", "2"]
    own = results.clusters(clusterer="ward", space="features")["cluster"][:3]
    assert placed["features-ward-k3"].tolist() == own.tolist()
    with pytest.raises(DataError, match="new: 1 of the study's 5 columns are missing: 'mass'"):
        cf.place(results, frame.drop(columns="mass"))


@pytest.mark.parametrize(
    ("change", "ask", "message"),
    [
        (lambda new: new[0], {}, r"new: shape (8, 8); needed: (m, 64), or pictures of 8 × 8 × 1"),
        (lambda new: new[:, :7], {}, r"new: shape (3, 7, 8); needed: (m, 64)"),
        (lambda new: new[:0], {}, "new: holds no sample"),
        (lambda new: [["a"] * 64], {}, "new: type <U1; needed: numbers"),
        (lambda new: new / np.nan, {}, "new: sample 0 has nan in column 0; needed: finite numbers"),
        (lambda new: new / 255, {}, "new: the numbers are fractions of [0, 1], and the study's lie in 0 … 255"),
        (lambda new: new, {"method": "tsn"}, "no method 'tsn'; did you mean 'tsne'?"),
        (lambda new: new, {"perplexity": 6}, "perplexity: 6 was not computed; computed were: 5, 8"),
        (lambda new: new, {"perplexit": 6}, "perplexit: the study has no such parameter; it has: k, perplexity"),
        (lambda new: new, {"method": "pca", "perplexity": 5}, "there are no such maps; computed were: pca, tsne-p5"),
        (lambda new: new, {"clusterer": "ward"}, "there is no clusterer 'ward'"),
    ],
)
def test_what_cannot_be_placed(gallery: cf.Gallery, images: np.ndarray, change: Any, ask: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        cf.place(gallery.read(), change(images[:3]), **ask)


def test_numbers_outside_of_the_study_are_said(gallery: cf.Gallery, images: np.ndarray) -> None:
    new = images[:3].astype(float)
    new[1, 0, 0] = 300
    with pytest.warns(UserWarning, match="new: 1 of 3 samples have numbers outside of the study's, such as sample 1"):
        cf.place(gallery.read(), new, method="pca")


def test_a_study_that_publishes_no_pictures_places_nothing(images: np.ndarray, tmp_path: Path) -> None:
    np.savez(tmp_path / "few.npz", images=images)
    options = [*["--data", str(tmp_path / "few.npz"), "--pictures", "none", "--perplexity", "5", "--k", "3"]]
    options += ["--methods", "tsne", "--clusterers", "kmeans", "--jobs", "1", "--only", "compute", "--quiet"]
    assert cli.main([*options, "--results", str(tmp_path / "results")]) == 0
    with pytest.raises(ValueError, match="pictures = 'none' keeps nothing .*; build the study with pictures = 'auto'"):
        cf.place(cf.read(tmp_path / "results" / "few"), images[:2])


# ----------------------------------------------------------------------------------------------------------- explores


def test_the_shortest_way(images: np.ndarray, labels: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(galleries, "GLANCE", Grid.of(perplexity=(5.0,), k=(3,)))
    gallery = cf.explore(images, labels, quiet=True)
    assert gallery.read().manifest.dataset.image == (8, 8, 1)
    assert [one.slug for one in gallery.read().manifest.settings] == ["features-k3", "tsne-p5-k3"]
    assert cf.explore(images, labels, quiet=True).path == gallery.path, "an equal call is answered from what is kept"


def test_the_cells_of_the_example_run(
    images: np.ndarray, labels: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sklearn = pytest.importorskip("sklearn.datasets")
    monkeypatch.setattr(sklearn, "load_digits", lambda **_: (images.reshape(N, -1), labels))
    monkeypatch.setattr(galleries, "_temporary", lambda: tmp_path)
    shown = json.loads((ROOT / "docs" / "examples" / "digits.ipynb").read_text(encoding="utf-8"))["cells"]
    monkeypatch.setattr(galleries, "GLANCE", Grid.of(perplexity=(5.0, 8.0), k=(3,)))
    scope: dict[str, Any] = {}
    for number, cell in enumerate(one for one in shown if one["cell_type"] == "code"):
        text = "".join(cell["source"]).replace("perplexity=30", "perplexity=5")
        exec(compile(text, f"cell {number}", "exec"), scope)
    assert scope["gallery"].path.is_file()
