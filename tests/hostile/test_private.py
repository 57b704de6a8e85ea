"""A build tells nothing of the machine, the person or the folder, and asks nothing of the network.

It runs as a stranger on a machine with telling names: home, user, host, temporary folder and working folder all hold
words that must not be found anywhere in `results/` and `site/`, not even inside compressed tables and pictures. It
also runs without a network: every attempt to connect or to look up a name is refused and written down, in the workers
too, and where the system allows it the whole build has no network device at all, so native code has none either.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from precompute.machine import arrow
from tests.conftest import PLAIN, write_few_digits

REPOSITORY = Path(__file__).parents[2]
WORD = "wombat"
"""Part of every telling name."""
SECRETS = {
    "USER": f"{WORD}-user",
    "LOGNAME": f"{WORD}-logname",
    "USERNAME": f"{WORD}-username",
    "HOSTNAME": f"{WORD}-host",
    "EMAIL": f"{WORD}@example.org",
    "API_TOKEN": f"{WORD}-token-1f3870be274f6c49b3e31a0c6728957f",
    "GIT_AUTHOR_NAME": f"Anna {WORD.title()}",
    "http_proxy": f"http://{WORD}-proxy.invalid:3128",
    "https_proxy": f"http://{WORD}-proxy.invalid:3128",
}
NO_NETWORK = """
import os, socket

def refuse(*arguments, **options):
    with open(os.environ["CALLS"], "a") as calls:
        print(arguments[1:], file=calls)
    raise OSError("no network in this test")

connect = socket.socket.connect

def guarded(self, address):
    return connect(self, address) if self.family == getattr(socket, "AF_UNIX", None) else refuse(self, address)

socket.socket.connect = guarded
socket.socket.connect_ex = guarded
socket.socket.sendto = refuse
socket.getaddrinfo = socket.gethostbyname = socket.create_connection = refuse
with open(os.environ["CALLS"] + ".loaded", "a") as loaded:
    print(os.getpid(), file=loaded)
"""
FOLDERS = re.compile(
    rb"(?:/home/|/root/|/Users/|/tmp/|/private/|/var/folders/|/work/|/opt/|/usr/|/mnt/|site-packages|[A-Za-z]:\\\\?Users)"
)


def isolated() -> list[str]:
    """A command that runs another without network devices, on a host of another name; empty where there is none."""
    rename = f'hostname {WORD}-machine 2>/dev/null; exec "$@"'
    command = ["unshare", "--map-root-user", "--net", "--uts", "sh", "-c", rename, "sh"]
    if os.name == "posix" and shutil.which("unshare"):
        tried = subprocess.run([*command, "true"], capture_output=True, check=False)
        return command if tried.returncode == 0 else []
    return []


@pytest.fixture(scope="module", params=["own", pytest.param("digits", marks=pytest.mark.slow)])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder in which build.py has computed and published a tiny grid of some data without a network."""
    folder = tmp_path_factory.mktemp(f"{WORD}-work")
    write_few_digits(folder / "few.npz")
    for name in ("home", "temporary", "hook"):
        (folder / name).mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(NO_NETWORK)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "NUMBA_CACHE_DIR") if name in os.environ},
        **SECRETS,
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "temporary"),
        "PYTHONPATH": str(folder / "hook"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CALLS": str(folder / "calls.txt"),
    }
    options = ["--data", str(folder / "few.npz")] if request.param == "own" else []
    options += ["--perplexity", "5", "--k", "3,10", *PLAIN, "--jobs", "2", "--results", "results", "--site", "site"]
    command = [*isolated(), sys.executable, str(REPOSITORY / "build.py"), *options]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def files(folder: Path) -> list[Path]:
    """Every file of the results and the site."""
    return [path for part in ("results", "site") for path in sorted((folder / part).rglob("*")) if path.is_file()]


def contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and what is packed inside of them."""
    data = path.read_bytes()
    yield data
    if path.suffix == ".parquet":
        yield from _parquet(path)
    for picture in re.findall(rb"data:image/png;base64,([A-Za-z0-9+/=]+)", data):
        yield base64.b64decode(picture)


def _parquet(path: Path) -> Iterator[bytes]:
    """Texts of a table: metadata of file and schema, and every value of its text columns."""
    file = arrow.opened(path)
    yield str(file.metadata.to_dict()).encode()
    yield str({**(file.metadata.metadata or {}), **(file.schema_arrow.metadata or {})}).encode()
    yield str([(one.name, one.metadata) for one in file.schema_arrow]).encode()
    table = file.read(use_threads=False)
    for name in table.column_names:
        if str(table.schema.field(name).type) == "string":
            yield json.dumps(table.column(name).unique().to_pylist()).encode()


def chunks(png: bytes) -> list[str]:
    """Kinds of the chunks of a PNG, in order."""
    at, found = 8, []
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        (check,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert zlib.crc32(png[at + 4 : at + 8 + length]) == check
        found.append(png[at + 4 : at + 8].decode("ascii"))
        at += length + 12
    return found


def test_nothing_of_the_machine_or_the_person_is_told(built: Path, tell: Callable[[str], None]) -> None:
    words = {WORD, str(built), str(REPOSITORY), str(Path.home()), sys.prefix, sys.base_prefix, sys.executable}
    if len(socket.gethostname()) > 4:
        words.add(socket.gethostname())
    told, seen = [], 0
    for path in files(built):
        for content in contents(path):
            low = content.lower()
            told += [(path.name, word) for word in words if len(word) > 4 and word.lower().encode() in low]
            seen += 1
    assert told == []
    assert seen > len(files(built)) > 20
    tell(f"private words: {len(words)} words in {seen} contents of {len(files(built))} files")


def test_no_path_of_any_machine_is_told(built: Path) -> None:
    for path in files(built):
        for content in contents(path):
            found = FOLDERS.search(content)
            assert not found, (path.name, content[max(0, found.start() - 60) : found.end() + 60])


def test_names_of_files_tell_nothing(built: Path) -> None:
    for path in files(built):
        assert re.fullmatch(r"[A-Za-z0-9._/-]+", path.relative_to(built).as_posix())


def test_pictures_hold_pixels_only(built: Path) -> None:
    pictures = [content for path in files(built) for content in contents(path) if content.startswith(b"\x89PNG")]
    assert len(pictures) >= 2
    for picture in pictures:
        assert set(chunks(picture)) <= {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"}


def test_the_search_finds_what_is_there(built: Path, tmp_path: Path) -> None:
    """A word inside a compressed table would be found: the search itself is tried."""
    import pyarrow as pa

    table = pa.table({"id": [f"{WORD} {number}" for number in range(3)]})
    pq.write_table(table, tmp_path / "told.parquet", compression="zstd", use_dictionary=False)
    assert any(WORD.encode() in content for content in contents(tmp_path / "told.parquet"))
    assert FOLDERS.search(str(built).encode()) or not str(built).startswith("/tmp")


def test_a_build_never_asks_the_network(built: Path, tell: Callable[[str], None]) -> None:
    calls = built / "calls.txt"
    assert not calls.exists() or calls.read_text() == ""
    guarded = len(set((built / "calls.txt.loaded").read_text().split()))
    assert guarded >= 2, "the guard was not loaded in the workers"
    devices = "and without network devices" if isolated() else "but with network devices"
    tell(f"no network: {guarded} processes guarded {devices}")


def test_the_guard_refuses(built: Path) -> None:
    environment = {"PYTHONPATH": str(built / "hook"), "CALLS": str(built / "tried.txt"), "PATH": os.environ["PATH"]}
    for call in ("socket.create_connection(('127.0.0.1', 9))", "socket.socket().connect(('127.0.0.1', 9))"):
        command = [sys.executable, "-c", f"import socket; {call}"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert "no network in this test" in done.stderr
    assert len((built / "tried.txt").read_text().splitlines()) == 2
