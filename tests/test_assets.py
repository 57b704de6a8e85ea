"""Assets: names that hold the hash, and Vega kept in its function."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_templates import assets
from site_templates.assets import vega_bundle  # before the tests' own, which makes it once


def test_names_hold_the_hash() -> None:
    one, other = assets.hashed("style.css", b"a"), assets.hashed("style.css", b"b")
    assert one.path == "assets/style-ca978112ca1b.css"
    assert one.path != other.path


def test_vega_is_bundled_silently_into_one_function(capfd: pytest.CaptureFixture[str]) -> None:
    text = vega_bundle().decode()
    assert capfd.readouterr().err == ""
    assert text.startswith("(function(){")
    assert "window.vega=null" not in text
    assert vega_bundle().decode() == text


def test_nothing_that_is_drawn_is_read_back() -> None:
    """Browsers that guard canvases give noise for it, or false; saving a picture asks first whether that can be."""
    static = Path(assets.__file__).parent / "static"
    scripts = {path.name: path.read_text() for path in static.glob("*.js")}
    for reads in ("getImageData", "toDataURL", "convertToBlob", "isPointInPath", "isPointInStroke", "toImageURL"):
        assert [name for name, text in scripts.items() if reads in text] == [], reads
    assert {name: text.count("toBlob") for name, text in scripts.items() if "toBlob" in text} == {"takeaway.js": 1}


def test_every_static_file_is_an_asset() -> None:
    found = assets.load_assets()
    static = Path(assets.__file__).parent / "static"
    assert set(found) == {path.name for path in static.iterdir()} | {"vega.js"}
    assert len({asset.path for asset in found.values()}) == len(found)
