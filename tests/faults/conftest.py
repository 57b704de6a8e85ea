"""Small builds in this process, for faults that are best made here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.small import FIRST, Small


@pytest.fixture(scope="module")
def small() -> Iterator[Small]:
    """Small builds; they wait for no disk, since nothing here takes the power away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield Small(patch.setattr)


@pytest.fixture(scope="module")
def finished(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished build; not to be written to."""
    folder = tmp_path_factory.mktemp("finished")
    assert small.build(folder, *FIRST) == 0
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished build that a test may break."""
    return Path(shutil.copytree(finished, tmp_path / "copy"))
