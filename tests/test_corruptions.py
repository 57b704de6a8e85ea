"""Corruptions: what strength 0 does, levels, seeds, company, and that more is more."""

from __future__ import annotations

import gzip
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from precompute import dataset
from precompute.shift import measures, placing, registry, two_sample
from precompute.shift.registry import CORRUPTIONS, CorruptionError, corrupted, left_out, levels_of
from tests import documentation

MNIST = Path(__file__).parents[2] / "shared" / "data" / "mnist" / "t10k-images-idx3-ubyte.gz"
DIGITS = (8, 8, 1)
NAMES = list(CORRUPTIONS)


@pytest.fixture(scope="module")
def digits() -> NDArray[np.float32]:
    return dataset.load("digits").values[:300]


@pytest.fixture(scope="module")
def photos() -> NDArray[np.float32]:
    """Smooth colour pictures, 36 pixels wide and 30 high, in bytes."""
    rng = np.random.default_rng(3)
    coarse = rng.random((6, 5, 6, 3)).repeat(6, axis=1).repeat(6, axis=2)
    return (np.rint(coarse.reshape(6, -1) * 255) / 255).astype(np.float32)


def distances(values: NDArray[np.float32], shape: tuple[int, int, int], name: str) -> list[float]:
    """Mean Euclidean distance to the clean pictures, at each severity."""
    numbers, levels = np.arange(len(values)), levels_of(values)
    return [
        float(
            np.linalg.norm(
                corrupted(values, shape, name, severity, numbers=numbers, levels=levels) - values, axis=1
            ).mean()
        )
        for severity in registry.SEVERITIES
    ]


def test_they_are_the_fifteen_of_mnist_c() -> None:
    assert " ".join(NAMES) == (
        "shot-noise impulse-noise glass-blur motion-blur shear scale rotate brightness translate stripe fog spatter "
        "dotted-line zigzag canny-edges"
    )
    for corruption in CORRUPTIONS.values():
        assert all(low < high for low, high in pairwise(corruption.strengths))
        assert corruption.meaning.endswith(".")
    assert CORRUPTIONS["rotate"].described(3) == "27°"
    assert CORRUPTIONS["translate"].described(3) == "10 % of the side"


@pytest.mark.parametrize("name", NAMES)
def test_strength_zero_changes_nothing(name: str, digits: NDArray[np.float32], photos: NDArray[np.float32]) -> None:
    for values, shape in ((digits[:20], DIGITS), (photos, (30, 36, 3))):
        same = registry.apply(values, shape, name, 0.0, numbers=range(len(values)), levels=levels_of(values))
        np.testing.assert_array_equal(same, values)


@pytest.mark.parametrize("name", NAMES)
def test_more_is_farther_and_levels_are_the_datas_own(name: str, digits: NDArray[np.float32]) -> None:
    far = distances(digits, DIGITS, name)
    assert all(low < high for low, high in pairwise([0.0, *far])), far
    changed = corrupted(digits, DIGITS, name, 3, numbers=range(300), levels=levels_of(digits))
    assert changed.dtype == np.float32
    assert set(np.unique(changed * 16)) <= set(range(17))


@pytest.mark.parametrize("name", NAMES)
def test_more_is_farther_on_mnist(name: str) -> None:
    if not MNIST.exists():
        pytest.skip("MNIST is not on this machine")
    with gzip.open(MNIST) as file:
        values = (np.frombuffer(file.read(16 + 784 * 150), np.uint8, offset=16) / 255).astype(np.float32)
    far = distances(values.reshape(-1, 784), (28, 28, 1), name)
    assert all(low < high for low, high in pairwise([0.0, *far])), far


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_does_not_depend_on_its_company(name: str, digits: NDArray[np.float32]) -> None:
    levels = levels_of(digits)
    whole = corrupted(digits, DIGITS, name, 2, numbers=range(300), levels=levels, seed=7)
    some = [5, 299, 17]
    np.testing.assert_array_equal(
        corrupted(digits[some], DIGITS, name, 2, numbers=some, levels=levels, seed=7), whole[some]
    )
    np.testing.assert_array_equal(
        corrupted(digits[17:18], DIGITS, name, 2, numbers=[17], levels=levels, seed=7)[0], whole[17]
    )


def test_blocks_do_not_matter(digits: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch) -> None:
    levels = levels_of(digits)
    whole = corrupted(digits, DIGITS, "fog", 2, numbers=range(300), levels=levels)
    monkeypatch.setattr(registry, "_BLOCK", 64 * 16 * 7)
    np.testing.assert_array_equal(corrupted(digits, DIGITS, "fog", 2, numbers=range(300), levels=levels), whole)


def test_seed_and_number_decide_what_is_random(digits: NDArray[np.float32]) -> None:
    same = digits[:1].repeat(40, axis=0)
    fixed = {"scale", "brightness", "stripe", "canny-edges"}
    for name in NAMES:
        drawn = corrupted(same, DIGITS, name, 3, numbers=range(40), levels=levels_of(digits), seed=1)
        other = corrupted(same, DIGITS, name, 3, numbers=range(40), levels=levels_of(digits), seed=2)
        kinds = len(np.unique(drawn, axis=0))
        assert (kinds == 1) == (name in fixed), name
        assert np.array_equal(drawn, other) == (name in fixed), name


@pytest.mark.parametrize("name", NAMES)
def test_colour_and_sides_that_differ(name: str, photos: NDArray[np.float32]) -> None:
    levels = levels_of(photos)
    changed = corrupted(photos, (30, 36, 3), name, 3, numbers=range(len(photos)), levels=levels)
    assert changed.shape == photos.shape
    assert set(np.unique(changed)) <= set(levels)
    assert (changed != photos).any(axis=1).all()


def test_brightness_keeps_the_hue(photos: NDArray[np.float32]) -> None:
    levels = np.linspace(0, 1, 100_001, dtype=np.float32)
    changed = registry.apply(photos, (30, 36, 3), "brightness", 0.2, numbers=range(6), levels=levels)
    clean, light = photos.reshape(-1, 3), changed.reshape(-1, 3)
    np.testing.assert_allclose(light.max(axis=1), np.minimum(clean.max(axis=1) + 0.2, 1), atol=1e-4)
    some = clean.max(axis=1) > 0.05
    ratio = clean[some] / clean[some].max(axis=1, keepdims=True)
    np.testing.assert_allclose(light[some] / light[some].max(axis=1, keepdims=True), ratio, atol=1e-3)


def test_a_blank_picture_stays_a_picture() -> None:
    blank = np.zeros((3, 64), dtype=np.float32)
    levels = np.linspace(0, 1, 17, dtype=np.float32)
    for name in NAMES:
        changed = corrupted(blank, DIGITS, name, 5, numbers=range(3), levels=levels)
        assert np.isfinite(changed).all()


def test_what_a_size_cannot_show_is_left_out_by_name() -> None:
    assert left_out((8, 8, 1)) == {}
    assert left_out((28, 28, 1)) == {}
    assert list(left_out((7, 20, 1))) == NAMES
    assert left_out((7, 20, 1))["fog"] == "pictures of 7 × 20 are too small; needed: 8 × 8"


def test_an_entry_says_which_pictures_it_has_a_meaning_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fog, rotate = replace(CORRUPTIONS["fog"], colour=False), replace(CORRUPTIONS["rotate"], smallest=16)
    monkeypatch.setattr(registry, "CORRUPTIONS", {"fog": fog, "rotate": rotate})
    assert left_out((20, 30, 3)) == {"fog": "it has no meaning for pictures in colour"}
    assert left_out((8, 30, 1)) == {
        "rotate": "below 16 × 16 pixels nothing of it can be told from other corruptions; the pictures are 8 × 30"
    }


def test_what_cannot_be_done_is_refused_by_name(digits: NDArray[np.float32]) -> None:
    levels = levels_of(digits)
    with pytest.raises(CorruptionError, match="there is no corruption 'frog'; did you mean 'fog'"):
        corrupted(digits, DIGITS, "frog", 1, numbers=range(300), levels=levels)
    with pytest.raises(CorruptionError, match="fog: severity is 6; allowed: 1, 2, 3, 4, 5"):
        corrupted(digits, DIGITS, "fog", 6, numbers=range(300), levels=levels)
    with pytest.raises(CorruptionError, match="fog: pictures of 4 × 16 are too small"):
        corrupted(digits, (4, 16, 1), "fog", 1, numbers=range(300), levels=levels)


def test_the_documentation_has_every_corruption_measure_and_test() -> None:
    page = documentation.ROOT / "docs" / "drift.md"
    listed = [tuple(row) for row in documentation.rows(documentation.section(page, "The corruptions"))]
    assert listed == [
        (
            f"`{name}`",
            one.label,
            one.meaning,
            f"{', '.join(f'{strength:g}' for strength in one.strengths)} {one.unit}",
            one.source,
        )
        for name, one in CORRUPTIONS.items()
    ]
    assert [tuple(row[:2]) for row in documentation.rows(documentation.section(page, "What is measured"))] == [
        (one.label, one.explained(placing.NEIGHBORS)) for one in measures.MEASURES.values()
    ]
    assert [tuple(row) for row in documentation.rows(documentation.section(page, "What is tested"))] == [
        (one.label, one.meaning, one.statistic, f"{one.none:g}") for one in two_sample.TESTS.values()
    ]
