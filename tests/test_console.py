"""What is printed stops no build, whoever reads it, and however a command was started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clusterfolio import cli, console
from tests.conftest import PLAIN

ROOT = Path(__file__).parents[1]
BUILD = [sys.executable, str(ROOT / "build.py")]


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    """A table whose labels few encodings have."""
    path = tmp_path / "animals.csv"
    rows = [f"{at % 7},{at * at % 11},{'猫犬鳥'[at % 3]}\n" for at in range(60)]
    path.write_text("a,b,label\n" + "".join(rows), encoding="utf-8")
    return path


def printed(text: str, encoding: str, monkeypatch: pytest.MonkeyPatch, path: Path) -> bytes:
    """What a file of an encoding holds after a guarded print to standard output."""
    with path.open("w", encoding=encoding) as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        with console.guarded():
            print(text)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "1 − 2 … 3 × 猫".encode()),
        ("cp1252", "1 - 2 … 3 × ?".encode("cp1252")),
        ("cp437", b"1 - 2 ... 3 x ?"),
        ("ascii", b"1 - 2 ... 3 x ?"),
    ],
)
def test_what_an_encoding_lacks_is_written_plainly(
    encoding: str, expected: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert printed("1 − 2 … 3 × 猫", encoding, monkeypatch, tmp_path / "out.txt").rstrip() == expected


def test_a_name_that_is_no_text_is_printed_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As Linux gives a file's name that is not UTF-8."""
    assert printed("a\udce4.csv", "utf-8", monkeypatch, tmp_path / "out.txt").rstrip() == b"a?.csv"


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
@pytest.mark.parametrize("command", ["--check-data", "--help"])
def test_a_command_says_all_in_any_encoding(
    encoding: str, command: str, animals: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Into a file, in this process: what it prints and how it ends."""
    path = tmp_path / "said.txt"
    with path.open("w", encoding=encoding) as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        patch.setattr(sys, "stderr", stream)
        try:
            code = cli.main([command, str(animals)] if command == "--check-data" else [command])
        except SystemExit as end:
            code = int(str(end.code))
    said = path.read_text(encoding=encoding)
    assert code == 0, said
    assert "labels: 3: ? (20), ? (20), ? (20)" in said if command == "--check-data" else "143 by SIGTERM" in said


def test_a_process_in_a_plain_locale_says_all() -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([*BUILD, "--help"], capture_output=True, check=False, env={**os.environ, **plain})
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"perplexity 5 ... 50" in done.stdout


TALKATIVE = """
import pathlib, sys
from clusterfolio import cli

def build(options, _):
    for line in range(20_000):
        print("line", line, flush=True)
    print("and more", file=sys.stderr)
    pathlib.Path("done").touch()
    return 1

cli._run = build
sys.exit(cli.main())
"""


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
@pytest.mark.parametrize("both", [False, True])
def test_a_reader_that_goes_does_not_end_the_work(tmp_path: Path, both: bool) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", TALKATIVE],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if both else subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"line 0\n"
    process.stdout.close()
    said = b""
    if process.stderr is not None:
        said = process.stderr.read()
        process.stderr.close()
    assert process.wait(timeout=120) == 1, "the code that it would have ended with"
    assert (tmp_path / "done").exists()
    assert said == (b"" if both else b"and more\n"), "no traceback, and no word of an exception ignored"


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_reader_that_went_before_the_first_word() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run([*BUILD, "--help"], stdout=write, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk of Linux")
def test_an_output_that_cannot_be_written_is_an_error_and_does_not_end_the_work(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    did = []

    def build(options: object, _: object) -> int:
        print("much", flush=True)
        did.append(options)
        return 0

    monkeypatch.setattr(cli, "_run", build)
    with Path("/dev/full").open("w", encoding="utf-8") as full, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as end:
            cli.main([])
    assert (end.value.code, len(did)) == (1, 1)
    said = "error: standard output: No space left on device; what was to be written there is lost\n"
    assert capfd.readouterr().err == said


@pytest.mark.skipif(os.name == "nt", reason="descriptors of POSIX")
def test_closed_outputs_are_nobodys_files(animals: Path) -> None:
    """`>&- 2>&-`: a file that is opened takes the place of a closed output, and would be printed into."""
    program = (
        "import os\nfrom clusterfolio import cli\n"
        "def build(options, _):\n    print('said')\n    return os.open(options.check_data, os.O_RDONLY)\n"
        "cli._run = build\nos._exit(cli.main())"
    )
    command = f'exec "{sys.executable}" -c "{program}" --check-data "{animals}" <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", command], check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert 3 <= done.returncode < 20, "the descriptor of a file"


def test_the_outputs_are_as_before_after_a_command(animals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    assert cli.main(["--check-data", str(animals)]) == 0
    assert (sys.stdout, sys.stderr) == before
    assert "labels: 3: 犬 (20), 猫 (20), 鳥 (20)" in capsys.readouterr().out


def test_quiet_has_no_notes_in_any_command(
    animals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--results", str(tmp_path / "results"), "--site", str(tmp_path / "site")]
    told: dict[bool, str] = {}
    for quiet in (False, True):
        assert cli.main(["--check-data", str(animals), *where, *PLAIN, *["-q"] * quiet]) == 0
        told[quiet] = capsys.readouterr().out
    assert told[False].count("note: ") == 2
    assert told[True] == "".join(f"{line}\n" for line in told[False].splitlines() if not line.startswith("note: "))

    monkeypatch.setattr(cli, "_compute", lambda *_: False)
    for quiet in (False, True):
        cli.main(["--data", str(animals), *where, "--only", "compute", *["-q"] * quiet])
        told[quiet] = capsys.readouterr().err
    assert told[False].startswith("note: animals: column 'label' is taken for the labels")
    assert told[True] == ""
