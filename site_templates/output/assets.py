"""Assets: styles, scripts and the Vega bundle, under names that hold the hash of their content."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from precompute.machine.files import sha256
from site_templates.output import bundles


@dataclass(frozen=True)
class Asset:
    """A file under assets/ whose name holds the hash of its content."""

    path: str
    data: bytes


def hashed(name: str, data: bytes) -> Asset:
    """An asset: style.css → assets/style-<hash>.css."""
    plain = PurePosixPath(name)
    return Asset(f"assets/{plain.stem}-{sha256(data)[:12]}{plain.suffix}", data)


def load_assets() -> dict[str, Asset]:
    """The style sheet and the script of each page, and the Vega bundle, by their plain names."""
    assets = {name: hashed(name, bundles.text(name).encode()) for name in bundles.BUNDLES}
    assets["vega.js"] = hashed("vega.js", vega_bundle())
    return assets


def vega_bundle() -> bytes:
    """Vega and vega-embed as one classic script that leaves two names, `vega` and `vegaEmbed`.

    The bundle alone would put thousands of names into the global scope; the function around it keeps them inside. It
    is made anew each time, in a second: kept in a results folder, it would be a script that anyone could put there.
    """
    import vl_convert

    # its bundler traces its passes, as errors, into Python's log, which a notebook shows
    logging.getLogger("swc_ecma_transforms_optimization").setLevel(logging.CRITICAL + 1)
    with _silent_stderr():
        bundle = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;window.vega=vega;")
    return f"(function(){{{bundle}\n}})();\n".encode()


_SILENCE = threading.Lock()


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Hold back what native code prints to stderr: the bundler traces its passes there; its errors are exceptions.

    One thread at a time: the second would keep the null device and restore it, and nothing were heard any more.
    """
    with _SILENCE, Path(os.devnull).open("w", encoding="utf-8") as nothing:
        kept = os.dup(2)
        os.dup2(nothing.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
