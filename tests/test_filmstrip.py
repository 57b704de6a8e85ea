"""The filmstrip: maps turned onto their neighbours and never bent, places in a frame, one picture of all frames."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from precompute import store
from precompute.store import Study
from site_templates.pages import filmstrip
from site_templates.study import StudySite
from site_templates.views import StudyView


@pytest.fixture(scope="module")
def site(tiny_study: Study) -> StudySite:
    return StudySite(StudyView(tiny_study.manifest, tiny_study), None)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("middle", [0, 1, 2])
def test_turned_and_mirrored_maps_come_to_lie_alike(rng: np.random.Generator, mirrored: bool, middle: int) -> None:
    base = rng.normal(size=(50, 2)) * (3, 1)
    angle = 2.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    mirror = np.diag([1.0, -1.0]) if mirrored else np.eye(2)
    maps = [base + np.array([5, -7]), base @ turn @ mirror, base @ turn.T]
    turns = filmstrip.aligned(maps, middle)
    laid = [(points - points.mean(axis=0)) @ one for points, one in zip(maps, turns, strict=True)]
    assert np.array_equal(turns[middle], np.eye(2))
    for each in laid:
        assert np.allclose(each, laid[middle])
    for one in turns:
        assert np.allclose(one @ one.T, np.eye(2))  # nothing is stretched


def test_places_keep_one_scale_and_up_is_up() -> None:
    points = np.array([[0.0, 0.0], [10.0, 0.0], [5.0, 4.0]])
    across, down = filmstrip.place(points).T.astype(int)
    assert across[1] - across[0] == pytest.approx(255 / 1.05, abs=1)
    assert down[0] - down[2] == pytest.approx(4 / 10 * 255 / 1.05, abs=1)
    assert filmstrip.place(np.zeros((3, 2))).tolist() == [[128, 128]] * 3


def test_the_film_has_a_frame_for_each_perplexity(site: StudySite) -> None:
    strip = filmstrip.filmstrip(site)
    (row,) = strip.rows
    assert (list(row.values), row.method, row.word, row.fixed) == ([5.0, 12.5, 30.0], "t-SNE", "perplexity", [])
    assert strip.content["frames"] == [("tsne-p5", 5), ("tsne-p12.5", 12.5), ("tsne-p30", 30)]
    assert set(strip.files) == {strip.content["picture"], strip.content["places"]}
    with Image.open(io.BytesIO(strip.files[strip.content["picture"]])) as image:
        assert image.size == (3 * filmstrip.FRAME, filmstrip.FRAME)
        painted = np.asarray(image.convert("RGBA"))
    frames = painted.reshape(filmstrip.FRAME, 3, filmstrip.FRAME, 4).swapaxes(0, 1)
    for frame in frames:
        assert (frame[:, :, 3] > 0).any()
        assert (frame[:4, :4, 3] == 0).all()  # the ground shows through
    assert not np.array_equal(frames[0], frames[2])


def test_a_dot_lies_where_its_place_says_and_later_ones_above() -> None:
    places = np.array([[0, 0], [255, 255], [255, 255]], dtype=np.uint8)
    frame = filmstrip.drawn(places, np.array([0, 1, 2]), ["#ff0000", "#00ff00", "#0000ff"])
    assert frame[0, 0].tolist() == [255, 0, 0, 255]
    assert frame[-1, -1].tolist() == [0, 0, 255, 255]
    assert frame[len(frame) // 2, len(frame) // 2, 3] == 0


def test_the_film_is_the_same_each_time(site: StudySite) -> None:
    assert filmstrip.filmstrip(site).files == filmstrip.filmstrip(site).files


def made_up(method: str) -> Any:
    """A study of a method with two parameters, and one with none, as far as the filmstrip looks at it."""
    axes = [axis("width", "Width", [5.0, 20.0]), axis("twist", "Twist", [0.5, 1.0])]
    maps = [
        store.EmbeddingInfo(
            slug=f"ring-{width}-{twist}",
            representation="values",
            method="ring",
            parameters={"width": width, "twist": twist},
        )
        for width in (20.0, 5.0)
        for twist in (0.5, 1.0)
    ]
    maps.append(store.EmbeddingInfo(slug="flat", representation="values", method="flat", parameters={}))
    methods = [
        store.MethodInfo(name="flat", label="Flat", parameters=[]),
        store.MethodInfo(name="ring", label="Ring", parameters=["width", "twist"]),
    ]
    manifest = SimpleNamespace(
        axes=axes,
        embeddings=maps,
        methods=methods,
        settings=[SimpleNamespace(embedding=one.slug) for one in maps],
        failed=[],
        dataset=SimpleNamespace(labels=["x"], n=4),
    )
    points = np.array([[0, 0], [1, 0], [0, 2], [1, 1]], dtype=np.float32)
    view = SimpleNamespace(labels=np.zeros(4, dtype=np.int16), points=lambda _: points)
    start = {"representation": "values", "method": method, "width": 20.0, "twist": 1.0}
    return SimpleNamespace(manifest=manifest, view=view, start=start, first=None)


def axis(name: str, label: str, values: list[float]) -> store.Axis:
    return store.Axis(
        name=name,
        letter=name[0],
        label=label,
        unit="",
        meaning="",
        values=values,
        start=values[-1],
        whole=False,
        implied=None,
    )


def test_the_film_goes_over_the_first_parameter_with_the_others_as_at_the_start() -> None:
    strip = filmstrip.filmstrip(made_up("ring"))
    assert strip.content["frames"] == [("ring-5.0-1.0", 5), ("ring-20.0-1.0", 20), ("flat", None)]
    assert [(row.method, row.word, row.fixed) for row in strip.rows] == [
        ("Ring", "width", ["twist 1"]),
        ("Flat", "", []),
    ]
    assert [(one["label"], one["frames"]) for one in strip.content["rows"]] == [
        ("Ring by width, all of twist 1", 2),
        ("Flat", 1),
    ]


def test_the_method_of_the_start_comes_first() -> None:
    strip = filmstrip.filmstrip(made_up("flat"))
    assert [row.method for row in strip.rows] == ["Flat", "Ring"]


def test_one_map_alone_is_no_film() -> None:
    study = made_up("flat")
    study.manifest.embeddings = study.manifest.embeddings[-1:]
    assert filmstrip.filmstrip(study) == filmstrip.NONE
