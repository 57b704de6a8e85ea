"""Assets: names that hold the hash, and Vega kept in its function."""

from __future__ import annotations

import pytest

from site_templates.output import assets, bundles
from site_templates.output.assets import vega_bundle  # before the tests' own, which makes it once


def test_names_hold_the_hash() -> None:
    one, other = assets.hashed("style.css", b"a"), assets.hashed("style.css", b"b")
    assert one.path == "assets/style-ca978112ca1b.css"
    assert one.path != other.path


def test_vega_is_bundled_silently_into_one_function(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    text = vega_bundle().decode()
    assert capfd.readouterr().err == ""
    assert not caplog.records, "what is logged appears in a notebook"
    assert text.startswith("(function(){")
    assert "window.vega=null" not in text
    assert vega_bundle().decode() == text


def test_nothing_that_is_drawn_is_read_back() -> None:
    """Browsers that guard canvases give noise for it, or false; saving a picture asks first whether that can be."""
    scripts = {path.name: path.read_text() for path in bundles.STATIC.rglob("*.js")}
    for reads in ("getImageData", "toDataURL", "convertToBlob", "isPointInPath", "isPointInStroke", "toImageURL"):
        assert [name for name, text in scripts.items() if reads in text] == [], reads
    assert {name: text.count("toBlob") for name, text in scripts.items() if "toBlob" in text} == {"export.js": 1}


def test_every_source_is_in_a_bundle_and_in_none_twice() -> None:
    sources = {path.relative_to(bundles.STATIC).as_posix() for path in bundles.STATIC.rglob("*.*")}
    assert sources == {source for made_of in bundles.BUNDLES.values() for source in made_of}
    assert all(len(set(made_of)) == len(made_of) for made_of in bundles.BUNDLES.values())


def test_a_bundle_is_its_sources_in_order_and_every_bundle_an_asset() -> None:
    found = assets.load_assets()
    assert set(found) == {*bundles.BUNDLES, "vega.js"}
    assert len({asset.path for asset in found.values()}) == len(found)
    text = found["start.js"].data.decode()
    for source in bundles.BUNDLES["start.js"]:
        before, _, text = text.partition(bundles.plain(source))
        assert before == f"/* {source} */\n"
    assert text == ""


def test_nothing_but_comments_is_left_out_of_a_bundle() -> None:
    for path in [*bundles.STATIC.rglob("*.js"), *bundles.STATIC.rglob("*.css")]:
        name = path.relative_to(bundles.STATIC).as_posix()
        kept = iter(bundles.plain(name).split("\n"))
        line = next(kept)
        inside = False
        for own in path.read_text(encoding="utf-8").split("\n"):
            inside = inside or own.lstrip().startswith("/*")
            if own == line:
                assert not inside or "*/" in own, (name, own)
                inside = False
                line = next(kept, "")
            else:
                assert inside, (name, own)
            inside = inside and not own.rstrip().endswith("*/")
        assert next(kept, None) is None, name
