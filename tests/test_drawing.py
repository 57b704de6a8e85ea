"""Drawings: keys that say what a picture is made of, and pictures that do not depend on the number of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from site_templates.images import contact, queue
from site_templates.images.queue import Drawing
from site_templates.images.setting import map_picture
from tests.test_setting_pictures import CORNERS


def test_the_key_follows_everything_that_is_drawn() -> None:
    first = Drawing(map_picture, (CORNERS,))
    assert first.key == Drawing(map_picture, (replace(CORNERS, points=CORNERS.points.copy()),)).key
    others = [
        Drawing(contact.draw, (CORNERS,)),
        Drawing(map_picture, (replace(CORNERS, points=CORNERS.points + 1),)),
        Drawing(map_picture, (replace(CORNERS, groups=CORNERS.groups[::-1]),)),
        Drawing(map_picture, (replace(CORNERS, colors=("#000000", *CORNERS.colors[1:])),)),
        Drawing(map_picture, (replace(CORNERS, marks=((0, "1"),)),)),
    ]
    assert len({one.key for one in [first, *others]}) == len(others) + 1


def test_the_key_follows_all_code_of_this_project_that_draws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = "import sys, site_templates.images.setting\nprint(*sys.modules)"
    root = Path(queue.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith(("site_templates.", "precompute."))}
    found = queue._imported("site_templates.images.setting")
    assert loaded and loaded <= set(found)
    before = queue._code("site_templates.images.setting")
    for name in loaded:  # as if a line of it had changed
        other = tmp_path / "changed.py"
        other.write_bytes(found[name].read_bytes() + b"# changed\n")
        with monkeypatch.context() as patch:
            patch.setattr(queue, "_imported", lambda _, name=name, other=other: {**found, name: other})
            assert queue._code.__wrapped__("site_templates.images.setting") != before


def test_a_helper_that_moves_to_a_module_of_its_own_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    texts = {
        "draws": "from site_templates import texts\nfrom site_templates.near import dots\n",
        "near": "def dots():\n    import site_templates.far as far\n    return far\n",
        "far": "import numpy\n",
        "texts": "",
        "other": "",
    }
    files = {f"site_templates.{name}": tmp_path / f"{name}.py" for name in texts}
    for name, text in texts.items():
        files[f"site_templates.{name}"].write_text(text)
    monkeypatch.setattr(queue, "_file", files.get)
    assert set(queue._imported("site_templates.draws")) == set(files) - {"site_templates.other"}


def test_workers_draw_what_one_process_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FEW", 2)
    pictures = np.arange(40 * 16, dtype=np.uint8).reshape(40, 4, 4, 1)
    drawings = {str(count): Drawing(contact.draw, (pictures[:count], 7, (4, 4), "ink", True)) for count in range(1, 41)}
    alone, together = queue.draw(drawings, 1), queue.draw(drawings, 2)
    assert list(together) == list(alone) == list(drawings)
    assert together == alone


def test_what_was_begun_is_finished_with_what_was_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FEW", 2)
    pictures = np.arange(40 * 16, dtype=np.uint8).reshape(40, 4, 4, 1)
    drawings = {str(count): Drawing(contact.draw, (pictures[:count], 7, (4, 4), "ink", True)) for count in range(1, 41)}
    with queue.Drawer(2) as drawer:
        for path in ("7", "3", "5"):
            drawer.begin(path, drawings[path])
        assert drawer.finish(drawings) == queue.draw(drawings, 1)


def test_pictures_whose_workers_die_are_drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FEW", 1)
    assert queue.draw({str(n): Drawing(die_elsewhere, (os.getpid(),)) for n in range(6)}, 2) == {
        str(n): b"drawn" for n in range(6)
    }


def die_elsewhere(home: int) -> bytes:
    if os.getpid() != home:
        os.kill(os.getpid(), signal.SIGKILL)
    return b"drawn"


def test_a_fault_of_a_picture_is_told() -> None:
    with pytest.raises(ZeroDivisionError):
        queue.draw({"a": Drawing(contact.draw, (np.zeros((1, 2, 2, 1), dtype=np.uint8), 0, (2, 2), "ink", True))}, 1)
