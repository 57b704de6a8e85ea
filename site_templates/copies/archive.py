"""The site as one zip file, to mail, to unpack and to open by double click."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

TOP = "clusterfolio"
"""The one folder in the zip that holds everything; it does not depend on where the site lies."""

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip: equal sites give equal bytes, so no clock time goes in
_PACKED = {".png", ".parquet", ".gz", ".jpg", ".webp"}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files by path as a zip: sorted, one time and one permission for all, under one folder."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{TOP}/{name}", _EARLIEST)
            entry.create_system = 3  # Unix, wherever it is made: then the permissions below count
            entry.external_attr = 0o100644 << 16
            stored = any(name.endswith(ending) for ending in _PACKED)
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            packed.writestr(entry, files[name], compresslevel=9)
    return sink.getvalue()
