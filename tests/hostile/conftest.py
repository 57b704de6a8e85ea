"""The site that hostile addresses and scripts try."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def site(tiny_site: Path) -> Path:
    """The site of the tiny study; not to be written to."""
    return tiny_site
