"""Assets: names that hold the hash, and Vega bundled once a version, kept in its function."""

from __future__ import annotations

from pathlib import Path

import pytest
import vl_convert

from site_templates import assets


def test_names_hold_the_hash() -> None:
    one, other = assets.hashed("style.css", b"a"), assets.hashed("style.css", b"b")
    assert one.path == "assets/style-ca978112ca1b.css"
    assert one.path != other.path


def test_bundled_once_and_silently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    first = assets.vega_bundle(tmp_path)
    assert capfd.readouterr().err == ""
    monkeypatch.setattr(vl_convert, "javascript_bundle", None)
    assert assets.vega_bundle(tmp_path) == first
    text = first.decode()
    assert text.startswith("(function(){")
    assert "window.vega=null" not in text


def test_every_static_file_is_an_asset(tmp_path: Path) -> None:
    found = assets.load_assets(tmp_path)
    static = Path(assets.__file__).parent / "static"
    assert set(found) == {path.name for path in static.iterdir()} | {"vega.js"}
    assert len({asset.path for asset in found.values()}) == len(found)
