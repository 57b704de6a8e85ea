"""A chunk: data as a script that hands JSON to the page, so that it loads from a double click, too."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from precompute.machine.files import sha256


@dataclass(frozen=True)
class Chunk:
    """A data script: its name for `load`, its file name with the content's hash, and its bytes."""

    name: str
    file: str
    data: bytes


def chunk(name: str, content: Mapping[str, Any], packed: bool = False) -> Chunk:
    """Make a data script. Strict JSON; `<` and the two line separators are escaped, so no text ends a script.

    `packed` deflates the JSON, for chunks that are large, seldom asked for, and waited for (decode.js, `unpacked`):
    hosts compress what they send, but what lies on a disk, in a repository or in a mail is as large as it is here.
    """
    text = _json(content)
    if packed:
        text = _json({"deflate": base64.b64encode(zlib.compress(text.encode(), 9)).decode()})
    for character in "<\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    data = f"clusterfolio.receive({json.dumps(name)},{text});\n".encode()
    return Chunk(name, f"{name}-{sha256(data)[:12]}.js", data)


def _json(content: Any) -> str:
    return json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
