"""Drawings: keys that say what a picture is made of, and pictures that do not depend on the number of processes."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from site_templates import drawing
from site_templates.drawing import Drawing
from site_templates.setting_pictures import contact_sheet, map_picture
from tests.test_setting_pictures import CORNERS


def test_the_key_follows_everything_that_is_drawn() -> None:
    first = Drawing(map_picture, (CORNERS,))
    assert first.key == Drawing(map_picture, (replace(CORNERS, points=CORNERS.points.copy()),)).key
    others = [
        Drawing(contact_sheet, (CORNERS,)),
        Drawing(map_picture, (replace(CORNERS, points=CORNERS.points + 1),)),
        Drawing(map_picture, (replace(CORNERS, groups=CORNERS.groups[::-1]),)),
        Drawing(map_picture, (replace(CORNERS, colors=("#000000", *CORNERS.colors[1:])),)),
        Drawing(map_picture, (replace(CORNERS, marks=((0, "1"),)),)),
    ]
    assert len({one.key for one in [first, *others]}) == len(others) + 1


def test_workers_draw_what_one_process_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "FEW", 2)
    pictures = np.arange(40 * 16, dtype=np.uint8).reshape(40, 4, 4, 1)
    drawings = {str(count): Drawing(contact_sheet, (pictures[:count], (count,))) for count in range(1, 41)}
    alone, together = drawing.draw(drawings, 1), drawing.draw(drawings, 2)
    assert list(together) == list(alone) == list(drawings)
    assert together == alone


def test_what_was_begun_is_finished_with_what_was_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "FEW", 2)
    pictures = np.arange(40 * 16, dtype=np.uint8).reshape(40, 4, 4, 1)
    drawings = {str(count): Drawing(contact_sheet, (pictures[:count], (count,))) for count in range(1, 41)}
    with drawing.Drawer(2) as drawer:
        for path in ("7", "3", "5"):
            drawer.begin(path, drawings[path])
        assert drawer.finish(drawings) == drawing.draw(drawings, 1)


def test_pictures_whose_workers_die_are_drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "FEW", 1)
    assert drawing.draw({str(n): Drawing(die_elsewhere, (os.getpid(),)) for n in range(6)}, 2) == {
        str(n): b"drawn" for n in range(6)
    }


def die_elsewhere(home: int) -> bytes:
    if os.getpid() != home:
        os.kill(os.getpid(), signal.SIGKILL)
    return b"drawn"


def test_a_fault_of_a_picture_is_told() -> None:
    with pytest.raises(IndexError):
        drawing.draw({"a": Drawing(contact_sheet, (np.zeros((1, 2, 2, 1), dtype=np.uint8), (2,)))}, 1)
