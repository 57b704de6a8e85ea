"""A stock Firefox without a window, driven over its own Marionette protocol; playwright drives its own build only.

Protocol: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html.
"""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.browser.install import firefox

WAIT = 60.0
"""Seconds after which Firefox has not started, or a page is not ready."""


class Marionette:
    """One session: commands out, answers in, each as "<length>:<JSON>"."""

    def __init__(self, port: int) -> None:
        self._socket = _connect(port)
        self._buffer = b""
        self._number = 0
        self._read()
        self.command("WebDriver:NewSession", capabilities={"acceptInsecureCerts": False})

    def command(self, name: str, **parameters: Any) -> Any:
        """Run a command; RuntimeError with Firefox's own words if it fails."""
        self._number += 1
        data = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(f"{len(data)}:".encode() + data)
        _, _, error, result = self._read()
        if error:
            raise RuntimeError(f"{name}: {error.get('message')}")
        return result

    def go(self, address: str) -> None:
        """Open an address."""
        self.command("WebDriver:Navigate", url=address)

    def run(self, script: str, *arguments: Any) -> Any:
        """Value of a script's `return`."""
        return self.command("WebDriver:ExecuteScript", script=script, args=list(arguments))["value"]

    def until(self, condition: str) -> Any:
        """Wait until an expression is true, and give its value."""
        end = time.monotonic() + WAIT
        while not (value := self.run(f"return {condition}")):
            assert time.monotonic() < end, f"never true: {condition}"
            time.sleep(0.1)
        return value

    def picture(self, selector: str) -> bytes:
        """An element as it is on the screen: PNG."""
        element = self.command("WebDriver:FindElement", using="css selector", value=selector)["value"]
        found = self.command("WebDriver:TakeScreenshot", id=next(iter(element.values())), full=False)
        return base64.b64decode(found["value"])

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> Any:
        while b":" not in self._buffer:
            self._receive()
        length, _, rest = self._buffer.partition(b":")
        self._buffer = rest
        while len(self._buffer) < int(length):
            self._receive()
        message, self._buffer = self._buffer[: int(length)], self._buffer[int(length) :]
        return json.loads(message)

    def _receive(self) -> None:
        data = self._socket.recv(1 << 20)
        assert data, "Firefox has closed the connection"
        self._buffer += data


def _connect(port: int) -> socket.socket:
    end = time.monotonic() + WAIT
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=WAIT)
        except OSError:
            assert time.monotonic() < end, "Firefox did not start"
            time.sleep(0.1)


@contextmanager
def running(folder: Path, more: Mapping[str, bool | int | str] = MappingProxyType({})) -> Iterator[Marionette]:
    """Firefox with a fresh profile in a folder, in which `downloads` gets what pages save; `more` are preferences."""
    executable = firefox()
    assert executable
    profile = folder / "profile"
    profile.mkdir(parents=True)
    downloads = folder / "downloads"
    downloads.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    preferences = {
        "marionette.port": port,
        "browser.download.folderList": 2,
        "browser.download.dir": str(downloads),
        "browser.download.useDownloadDir": True,
        "browser.download.always_ask_before_handling_new_types": False,
        "ui.prefersReducedMotion": 1,
        "datareporting.policy.dataSubmissionEnabled": False,
        "browser.shell.checkDefaultBrowser": False,
        "browser.startup.homepage_override.mstone": "ignore",
        **more,
    }
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines))
    process = subprocess.Popen(
        [
            executable,
            "--headless",
            "--marionette",
            "--no-remote",
            "--profile",
            str(profile),
            "--window-size",
            "1440,1000",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with closing(Marionette(port)) as session:
            yield session
    finally:
        process.terminate()
        process.wait(timeout=WAIT)
