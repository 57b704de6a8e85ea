"""Pictures of a setting: samples in their places and colours, cards of one size."""

from __future__ import annotations

import numpy as np

from site_templates.images import setting
from site_templates.images.canvas import rgb
from site_templates.images.setting import MAP_SIZE, CardText, MapOf
from tests.test_raster import read

COLORS = ("#ff0000", "#00ff00", "#0000ff")
ROUND = ("circle",) * 3
CORNERS = MapOf(
    np.array([[-1, -1], [1, -1], [1, 1]], dtype=np.float32), np.array([0, 1, 2], dtype=np.int16), COLORS, ROUND, ()
)


def test_up_is_up_and_each_sample_has_its_clusters_colour() -> None:
    found = read(setting.map_picture(CORNERS))
    assert found.shape == (MAP_SIZE, MAP_SIZE, 4)
    near, far = round(MAP_SIZE * 0.025), round(MAP_SIZE * 0.975)
    for (y, x), color in zip([(far, near), (far, far), (near, far)], COLORS, strict=True):
        assert found[y, x].tolist() == [*rgb(color), 255]
    assert found[near, near, 3] == 0


def test_marks_lie_over_the_dots() -> None:
    marked = MapOf(CORNERS.points, CORNERS.groups, COLORS, ROUND, ((2, "7"),))
    plain, found = (read(setting.map_picture(one)) for one in (CORNERS, marked))
    changed = np.argwhere((plain != found).any(axis=2))
    assert len(changed)
    assert (changed.mean(axis=0) - [MAP_SIZE * 0.025, MAP_SIZE * 0.975] < MAP_SIZE / 20).all()


def test_a_card_has_the_size_that_previews_want_and_changes_with_its_words() -> None:
    words = CardText("Digits", ("10 clusters on the t-SNE map", "at perplexity 30"), (("Silhouette", "0.6", "map"),))
    first = setting.card(CORNERS, words)
    assert read(first).shape == (630, 1200, 4)
    assert first == setting.card(CORNERS, words)
    assert first != setting.card(CORNERS, CardText("Letters", words.setting, words.figures))


def test_one_point_many_times_is_a_map_too() -> None:
    same = MapOf(np.zeros((3, 2), dtype=np.float32), CORNERS.groups, COLORS, ROUND, ())
    assert (read(setting.map_picture(same))[:, :, 3] > 0).any()
