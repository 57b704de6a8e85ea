"""A look at the site over http, on this machine only; publishing needs no server."""

from __future__ import annotations

import http.server
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

_INDEX_PAGES = ("index.html", "index.htm")


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files of one folder, but none that a symbolic link fetches from elsewhere; no listings, no log lines."""

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        asked, root = Path(self.translate_path(self.path)), Path(self.directory)
        try:
            answers = [(asked / name).resolve() for name in ("", *_INDEX_PAGES)]
            inside = all(answer.is_relative_to(root.resolve()) for answer in answers)
        except (OSError, RuntimeError, ValueError):  # a loop of links, or a name that no file can have
            inside = False
        if inside:
            return super().send_head()
        self.send_error(404, "File not found")
        return None

    def list_directory(self, path: object) -> None:  # noqa: ARG002
        self.send_error(404, "File not found")

    def log_message(self, format: str, *args: object) -> None:
        pass


def server(site: Path, port: int = 0) -> http.server.ThreadingHTTPServer:
    """A server of the site's folder on the loopback address; port 0 takes any that is free."""
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(site)))


def serve(site: Path, port: int, say: Callable[[str], None]) -> None:
    """Serve the site until interrupted.

    Raises:
        OSError: the port is taken.
    """
    with server(site, port) as running:
        say(f"serving http://127.0.0.1:{running.server_address[1]}/ (Ctrl-C ends it)")
        running.serve_forever()
