"""Assets: styles, scripts and the Vega bundle, under names that hold the hash of their content."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from precompute.files import sha256, write_atomic

_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Asset:
    """A file under assets/ whose name holds the hash of its content."""

    path: str
    data: bytes


def hashed(name: str, data: bytes) -> Asset:
    """An asset: style.css → assets/style-<hash>.css."""
    plain = PurePosixPath(name)
    return Asset(f"assets/{plain.stem}-{sha256(data)[:12]}{plain.suffix}", data)


def load_assets(cache: Path) -> dict[str, Asset]:
    """Styles, scripts and pictures of static/, and the Vega bundle, by their plain names."""
    assets = {path.name: hashed(path.name, path.read_bytes()) for path in sorted(_STATIC.iterdir()) if path.is_file()}
    assets["vega.js"] = hashed("vega.js", vega_bundle(cache))
    return assets


def vega_bundle(cache: Path) -> bytes:
    """Vega and vega-embed as one classic script that leaves two names, `vega` and `vegaEmbed`.

    Bundling takes a second, so the result is kept by version in `cache`. The bundle alone would put thousands of
    names into the global scope; the function around it keeps them inside.
    """
    path = cache / f"vega-{version('vl-convert-python')}.js"
    if path.is_file():
        return path.read_bytes()
    import vl_convert

    with _silent_stderr():
        bundle = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;window.vega=vega;")
    data = f"(function(){{{bundle}\n}})();\n".encode()
    write_atomic(path, data)
    return data


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Hold back what native code prints to stderr: the bundler traces its passes there; its errors are exceptions."""
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
