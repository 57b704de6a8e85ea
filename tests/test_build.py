"""The command line: what it makes, what it says, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from clusterfolio import cli, options
from precompute import config, dataset, pipeline
from precompute.gallery import to_publish
from precompute.machine import arrow
from precompute.run.dispatch import Machine
from precompute.run.study import PlannedStudy
from tests import loading
from tests.conftest import PLAIN, PLAIN_KEYS, compute_local, write_few_digits

ROOT = Path(__file__).parents[1]


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """build.py as a person runs it, in a folder."""
    return subprocess.run(
        [sys.executable, str(ROOT / "build.py"), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@dataclass(frozen=True)
class Said:
    """How a command line ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command line in a folder, in this process: what starting one would take is not what these tests look at."""
    compute_local(monkeypatch)

    def asked(*arguments: str, folder: Path) -> Said:
        monkeypatch.chdir(folder)
        capsys.readouterr()
        try:
            code = cli.main(list(arguments), program="build.py")
        except SystemExit as end:
            code = int(end.code or 0)
        return Said(code, *capsys.readouterr())

    return asked


FEW = ("--data", "few.npz", "--perplexity", "30,50", "--k", "9:10", *PLAIN)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a small gallery has been built; later tests build in it again."""
    place = tmp_path_factory.mktemp("gallery")
    write_few_digits(place / "few.npz")
    made = run(*FEW, folder=place)
    assert made.returncode == 0, made.stderr
    (place / "first.txt").write_text(made.stdout + "\f" + made.stderr)
    return place


def tree(place: Path) -> dict[str, bytes]:
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for part in ("results", "site")
        for path in (place / part).rglob("*")
        if path.is_file()
    }


def test_says_what_was_made_on_stdout_and_progress_on_stderr(folder: Path) -> None:
    out, err = (folder / "first.txt").read_text().split("\f")
    assert re.search(r"results: results.few \(6 settings, 19 of 19 cells computed now\)", out)
    assert re.search(r"site: site.index\.html \(\d+ pages, [\d.]+ MB, \d+ files written\); open it by", out)
    assert "few: 4 of 4:" in err
    assert "\x1b" not in err + out, "no control codes where there is no terminal"
    assert (folder / "site" / "few" / "index.html").is_file()
    assert (folder / "results" / "few" / "manifest.json").is_file()


def test_a_second_build_does_nothing_and_says_so(folder: Path, ask: Callable[..., Said]) -> None:
    before = tree(folder)
    made = ask(*FEW, "--explain", folder=folder)
    assert made.code == 0
    assert "0 of 19 cells computed now" in made.out
    assert "unchanged" in made.out
    assert "few: embedding tsne-p30: kept: made from the same" in made.out
    assert "few: tables: kept: made from the same" in made.out
    assert made.out.count("kept: made from the same") == 19 + 1
    assert tree(folder) == before


def test_a_build_with_nothing_to_do_imports_nothing_heavy(folder: Path) -> None:
    program = (
        "import sys\nfrom clusterfolio import cli\n"
        f"code = cli.main([*{FEW!r}, '-q'])\n"
        "heavy = {'sklearn', 'openTSNE', 'numba', 'altair', 'pandas', 'vl_convert'}\n"
        "print(code, sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == "0 []\n"


@pytest.mark.slow  # quick: jobs in tests/test_pipeline.py; folder, time zone and locale in tests/test_crawl.py
def test_bytes_do_not_depend_on_where_when_and_how(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    for name in ("first", "second"):
        write_few_digits(tmp_path / name / "few.npz")
    command = ["--data", "few.npz", "--perplexity", "10,30", "--k", "9:10", *PLAIN, "--robustness", "-q"]
    made = run(*command, "--jobs", "2", folder=tmp_path / "first")
    assert made.returncode == 0, made.stderr
    made = run(
        *command,
        "--jobs",
        "1",
        folder=tmp_path / "second",
        TZ="Asia/Tokyo",
        LC_ALL="C",
        LANG="C",
        PYTHONHASHSEED="7",
        OMP_NUM_THREADS="2",
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout == ""
    one, other = tree(tmp_path / "first"), tree(tmp_path / "second")
    assert "results/few-null/manifest.json" in one
    assert set(one) == set(other)
    assert [name for name in one if one[name] != other[name]] == []


def test_only_site_makes_the_site_again_from_the_results(
    folder: Path, tmp_path: Path, ask: Callable[..., Said]
) -> None:
    assert ask(*FEW, "--only", "site", "--site", str(tmp_path / "again"), folder=folder).code == 0
    for path in (folder / "site").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "again" / path.relative_to(folder / "site")).read_bytes()


def test_only_site_without_results(tmp_path: Path, ask: Callable[..., Said]) -> None:
    made = ask("--only", "site", folder=tmp_path)
    assert made.code == 2
    assert "there are no results here; run build.py" in made.err
    assert not (tmp_path / "site").exists()


def test_build_py_ends_with_the_code_and_the_message_of_the_command_line(tmp_path: Path) -> None:
    """What the tests below ask in this process."""
    made = run("--perplexity", "600", folder=tmp_path)
    assert made.returncode == 2
    assert made.stderr.endswith("perplexity: 600 too large for 1797 samples; allowed: at most 598.667\n")
    assert (made.stdout, list(tmp_path.iterdir())) == ("", [])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--perplexity", "600"], "perplexity: 600 too large for 1797 samples; allowed: at most 598.667"),
        (["--k", "1:3"], "1 is not allowed; allowed: whole numbers from 2"),
        (["--perplexity", "a"], "'a' is no list of values"),
        (["--jobs", "0"], "allowed: a whole number from 1 to 1024"),
        (["--serve", "99999"], "allowed: a whole number from 0 to 65535"),
        (["--config", "none.toml"], "none.toml: cannot be read"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["--only", "nothing"], "invalid choice"),
        (["-q", "-v"], "not allowed with"),
    ],
)
def test_wrong_usage_is_one_clear_error_and_nothing_is_created(
    tmp_path: Path, arguments: list[str], message: str, ask: Callable[..., Said]
) -> None:
    made = ask(*arguments, folder=tmp_path)
    assert made.code == 2
    assert message in made.err
    assert "Traceback" not in made.err
    assert list(tmp_path.iterdir()) == []


def test_several_problems_are_several_lines(tmp_path: Path, ask: Callable[..., Said]) -> None:
    (tmp_path / "gallery.toml").write_text('[[dataset]]\nkk = 3\nperplexity = "x"\n')
    made = ask("--config", "gallery.toml", folder=tmp_path)
    assert made.code == 2
    assert len(made.err.splitlines()) == 2
    assert all(line.startswith("error: gallery.toml: dataset[0].") for line in made.err.splitlines())


def test_all_that_is_wrong_with_a_command_line_is_said_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gallery.toml").write_text("[[dataset]]\nkk = 3\n")
    wrong = ["--perplexity", "a", "--k", "1:3", "--jobs", "0", "--cell-tim", "x", "--base-url", "nowhere"]
    wrong += ["--perplexitty", "--only", "compute", "--zip", "--image-shape", "8"]
    with pytest.raises(SystemExit) as end:
        cli.main([*wrong, "--config", str(tmp_path / "gallery.toml")], program="build.py")
    assert end.value.code == 2
    said = capsys.readouterr().err
    lines = [line.removeprefix("build.py: error: ") for line in said.splitlines() if line.startswith("build.py: error")]
    begins = [
        "unrecognized arguments: --perplexitty; did you mean --perplexity?",
        "argument --perplexity: 'a' is no list of values",
        "argument --k: 1 is not allowed; allowed: whole numbers from 2",
        "argument --image-shape: ",
        "argument --base-url: ",
        "argument --jobs: '0' is no number of processes; allowed: a whole number from 1 to 1024",
        "argument --cell-time: 'x' is no number of seconds",
        "--zip and --single-file copy the site",
        "--image-shape says how to read --data",
        "gallery.toml: dataset[0].kk: unknown key; did you mean 'k'?",
    ]
    assert [line[: len(begin)] for line, begin in zip(lines, begins, strict=True)] == begins


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-q", "-v"], ["argument -v/--verbose: not allowed with argument -q/--quiet"]),
        (["-qv"], ["argument -v/--verbose: not allowed with argument -q/--quiet"]),
        (["--only", "nothing"], ["argument --only: invalid choice: 'nothing' (choose from "]),
        (["--data", "x", "--jobs"], ["argument --jobs: expected one argument"]),
        (["--config", "a", "--data", "b"], ["argument --data: not allowed with argument --config"]),
        (["--check-data", "--verify"], ["argument --verify: not allowed with argument --check-data"]),
        (["--verify", "--serve", "x"], ["argument --serve: not allowed with argument --verify"]),
        (["--s", "3"], ["ambiguous option: --s could match --"]),
        (["--adopt=yes"], ["argument --adopt: ignored explicit argument 'yes'"]),
        (["--perp", "-5:3"], ["argument --perplexity: expected one argument"]),
        (
            ["a", "--k=1", "4", "-5", "--jobs", "0", "--", "--zip"],
            [
                "unrecognized arguments: a",
                "unrecognized arguments: 4",
                "unrecognized arguments: -5",
                "unrecognized arguments: --",
                "unrecognized arguments: --zip",
                "argument --k: 1 is not allowed",
                "argument --jobs: '0' is no number of processes",
            ],
        ),
    ],
)
def test_what_cannot_be_parsed_is_said_and_ends_the_command(
    arguments: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no option or has no sound value is said at once; of what has no place or no value, argparse says one."""
    with pytest.raises(SystemExit) as end:
        cli.main(arguments, program="build.py")
    assert end.value.code == 2
    usage, *lines = capsys.readouterr().err.split("build.py: error: ")
    assert usage.startswith("usage: build.py ")
    assert [line[: len(begin)] for line, begin in zip(lines, said, strict=True)] == said


def test_a_text_with_a_dash_and_a_blank_is_a_value() -> None:
    found = options.parsed(["--data", "- my data", "--site", "-1", "--results=-a b"], "build.py")
    assert (found.data, found.site, found.results) == (Path("- my data"), Path("-1"), Path("-a b"))


PATHS = ("config", "data", "results", "site", "zip", "single-file", "check-data", "download", "review")


@pytest.mark.parametrize("name", PATHS)
def test_every_path_of_the_command_line_is_read_alike(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Quoted or after a =, a shell leaves the tilde; a variable that is not set gives an empty text."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    if name == "config":
        (tmp_path / "mine").touch()
    found = options.parsed([f"--{name}=~/mine"], "build.py")
    assert vars(found)[name.replace("-", "_")] == tmp_path / "mine"
    with pytest.raises(SystemExit) as end:
        cli.main([f"--{name}", ""], program="build.py")
    assert end.value.code == 2
    assert capsys.readouterr().err.endswith(
        f"build.py: error: argument --{name}: '' is no path; allowed: a file or folder\n"
    )


def test_a_study_with_the_name_of_a_shuffled_baseline_is_published_once(tmp_path: Path) -> None:
    (tmp_path / "digits-null").mkdir()
    (tmp_path / "digits-null" / "manifest.json").write_text("{}")
    wanted = config.parse('[[dataset]]\nrobustness = true\n[[dataset]]\nid = "digits-null"\n')
    assert to_publish(wanted, tmp_path) == ["digits", "digits-null"]


def test_the_command_line_wins_over_the_config(tmp_path: Path, ask: Callable[..., Said]) -> None:
    write_few_digits(tmp_path / "few.npz")
    mine = '[[dataset]]\npath = "few.npz"\nid = "mine"\nperplexity = 5\nk = [9, 10]\n' + PLAIN_KEYS
    (tmp_path / "gallery.toml").write_text(f'title = "Mine"\n{mine}')
    made = ask("--config", "gallery.toml", "--perplexity", "30", "--jobs", "1", folder=tmp_path)
    assert made.code == 0, made.err
    manifest = json.loads((tmp_path / "results" / "mine" / "manifest.json").read_text())
    assert [axis["values"] for axis in manifest["axes"]] == [[30.0], [9.0, 10.0]]
    assert "<h1>Mine</h1>" in (tmp_path / "site" / "index.html").read_text()


def test_a_folder_that_holds_something_else_is_refused_before_computing(
    tmp_path: Path, ask: Callable[..., Said]
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.tex").write_text("mine")
    made = ask(folder=tmp_path)
    assert made.code == 2
    assert "holds other files" in made.err
    assert "--adopt" in made.err
    assert not (tmp_path / "results").exists()


def processes_of(group: int) -> list[str]:
    """Command lines of the living processes of a group."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    return [row[2] for row in rows if row[0] == str(group) and not row[1].startswith("Z")]


def interrupted(process: subprocess.Popen[str], send: Callable[[], None]) -> str:
    """Interrupt a build, twice more while it ends; what it said. It and its processes must end within two minutes."""
    began = time.monotonic()
    for _ in range(3):
        if process.poll() is None:
            send()
            time.sleep(0.2)
    _, said = process.communicate(timeout=120)
    while processes_of(process.pid) and time.monotonic() - began < 120:
        time.sleep(0.1)  # the tracker of loky ends by itself when the last process is gone
    assert processes_of(process.pid) == []
    return str(said)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143)],
)
@pytest.mark.slow  # quick: Ctrl-C to all, in tests/faults/test_locks.py; each signal, dropped by Python, below
def test_an_interrupt_ends_soon_keeps_what_is_done_and_leaves_no_process(
    tmp_path: Path, number: int, code: int
) -> None:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "build.py"), "--perplexity", "20:50", "--k", "3:15", *PLAIN, "-q"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    parts = tmp_path / "results" / ".cells" / "digits"
    deadline = time.monotonic() + 300
    while len(list(parts.glob("tsne-*.part"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    said = interrupted(process, lambda: process.send_signal(number))
    assert process.returncode == code
    assert said == "interrupted; what was finished is kept, the next build goes on from there\n"
    assert not list(tmp_path.rglob("*.tmp"))
    assert len(list(parts.glob("tsne-*.part"))) >= 2


PREPARING = """
import sys
from clusterfolio import cli
from precompute.run import preparation
from tests.faults import deadly

preparation.prepare = deadly.prepare_for_ever
sys.exit(cli.main())
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_ends_the_features_too_however_long_they_take(tmp_path: Path) -> None:
    """In a terminal, where it reaches every process, and again by a person in a hurry."""
    process = subprocess.Popen(
        [sys.executable, "-c", PREPARING, "-q"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while not list(tmp_path.rglob("began")) and time.monotonic() < deadline:
        time.sleep(0.05)
    said = interrupted(process, lambda: os.killpg(process.pid, signal.SIGINT))
    assert process.returncode == 130
    assert said == "interrupted; what was finished is kept, the next build goes on from there\n"
    assert not list(tmp_path.rglob("*.tmp"))


LOST = """
import signal, sys, weakref
from clusterfolio import cli
from precompute.run import preparation

prepare = preparation.have_prepared


class Thing:
    pass


def lose_an_interrupt(*arguments):
    thing = Thing()
    kept = weakref.ref(thing, lambda _: signal.raise_signal(int(sys.argv[1])))  # what it raises, Python drops
    del thing
    prepare(*arguments)


preparation.have_prepared = lose_an_interrupt
plain = ["--methods", "tsne", "--clusterers", "kmeans"]
sys.exit(cli.main(["--perplexity", "20:50", "--k", "9:10", *plain, "--jobs", "2"]))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_that_python_drops_is_not_lost(tmp_path: Path, number: int, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOST, str(int(number))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == code
    assert "what was finished is kept" in done.stderr
    assert "Traceback" not in done.stderr


def test_copies_are_made_beside_the_site_and_named(folder: Path, ask: Callable[..., Said]) -> None:
    made = ask(*FEW, "--only", "site", "--zip", "--single-file", folder=folder)
    assert made.code == 0
    assert re.search(r"offline: site\.zip \([\d.]+ MB\)\noffline: few\.html \([\d.]+ MB\)", made.out)
    with zipfile.ZipFile(folder / "site.zip") as copy:
        names = copy.namelist()
    pages = [path.relative_to(folder / "site").as_posix() for path in (folder / "site").rglob("*.html")]
    assert [page for page in pages if not any(name.endswith(page) for name in names)] == []
    assert (folder / "few.html").read_bytes().startswith(b"<!doctype html>")


def test_copies_that_cannot_be_made_are_refused_before_anything_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--only", "compute", "--zip"])
    assert end.value.code == 2
    assert "--only compute makes none" in capsys.readouterr().err
    where = ["--results", str(tmp_path / "results"), "--site", str(tmp_path / "site")]
    assert cli.main([*where, "--single-file", str(tmp_path / "site" / "all.html")]) == 2
    assert "lies in the site's own folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_own_data_is_understood_and_built(tmp_path: Path, ask: Callable[..., Said]) -> None:
    """From a folder of pictures to a page, as a person does it."""
    place = loading.classes(tmp_path)
    said = ask("--check-data", str(place), folder=tmp_path)
    assert said.code == 0
    assert said.out.startswith("read as: folder of pictures\nsamples: 40\n")
    assert "labels: 10: digit 0 (" in said.out
    assert "left out: 1 × files .txt" in said.out
    assert "grid: perplexity 3 values, n_neighbors 4 values, " in said.out
    assert [each.name for each in tmp_path.iterdir()] == ["by class"]
    asked = ("--data", str(place), "--perplexity", "5", "--k", "3:4", *PLAIN, "--jobs", "1")
    made = ask(*asked, folder=tmp_path)
    assert made.code == 0, made.err
    assert (tmp_path / "site" / "by-class" / "settings" / "tsne-p5-k3.html").is_file()
    samples = arrow.table(tmp_path / "results" / "by-class" / "samples.parquet")
    assert samples["id"].to_pylist()[0] == "digit 0/000.png"
    again = ask(*asked, folder=tmp_path)
    assert re.search(r"\b0 of \d+ cells computed now", again.out)
    refused = ask("--data", str(place), "--perplexity", "5,30", folder=tmp_path)
    assert refused.code == 2
    assert "30 too large for 40 samples" in refused.err


@pytest.mark.parametrize("kind", ["grey", "column"])
def test_data_on_a_line_are_refused_and_nothing_is_computed(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    levels = np.arange(30, dtype=np.uint8)
    if kind == "grey":
        np.savez(tmp_path / "mine.npz", images=np.repeat(levels, 64).reshape(30, 8, 8))
    else:
        np.savez(tmp_path / "mine.npz", features=levels[:, None] / 30)
    where = ["--results", str(tmp_path / "results"), "--site", str(tmp_path / "site")]
    for asked in (["--data", str(tmp_path / "mine.npz"), *where], ["--check-data", str(tmp_path / "mine.npz")]):
        assert cli.main(asked) == 2
        assert "error: data set 'mine': the 30 samples vary in one direction only" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["mine.npz"]


def test_the_time_of_a_cell_grows_with_the_data_where_nobody_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the 5 ms that each of MNIST took, a million samples need more than an hour."""
    limits = []

    def compute(study: PlannedStudy, _: object, machine: Machine, *__: object) -> None:
        assert machine.limit is not None
        limits.append(machine.limit / study.data.n)
        raise dataset.DataError("enough")

    monkeypatch.setattr(pipeline, "compute", compute)
    where = ["--results", str(tmp_path / "results"), "--site", str(tmp_path / "site"), "-q"]
    assert cli.main(where) == 2
    monkeypatch.setattr(options, "CELL_TIME_EACH", 10.0)
    assert cli.main(where) == 2
    assert cli.main([*where, "--cell-time", "7"]) == 2
    assert limits == [3600 / 1797, 10.0, 7 / 1797]


def test_check_data_takes_a_config_and_a_grid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "flat.npy", loading.pictures().reshape(loading.N, -1))
    mine = '[[dataset]]\npath = "flat.npy"\nid = "mine"\nimage_shape = [4, 16]\nperplexity = [5, 7]\n' + PLAIN_KEYS
    (tmp_path / "gallery.toml").write_text(f'[[dataset]]\nsource = "digits"\n{PLAIN_KEYS}{mine}')
    assert cli.main(["--check-data", "--config", "gallery.toml", "--k", "3:4"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("read as: built in: digits\nsamples: 1,797\n")
    assert "grid: perplexity 46 values, k 2 values; results/digits\n" in said
    assert "16 × 4 pixels, grey" in said
    assert "grid: perplexity 2 values, k 2 values; results/mine\n" in said
    assert said.splitlines()[-1].startswith("mine: 3 maps, 6 settings, 11 pages; estimated ")
    assert cli.main(["--check-data", "flat.npy", "--perplexity", "5,30"]) == 2
    assert "30 too large for 40 samples" in capsys.readouterr().err
    assert cli.main(["--check-data", "flat.npy", "--config", "gallery.toml"]) == 2
    assert "--check-data flat.npy: --config names the data already" in capsys.readouterr().err
    assert cli.main(["--check-data"]) == 2
    assert "of what? Name a file or folder" in capsys.readouterr().err


def test_what_says_how_to_read_needs_something_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in (
        ["--image-shape", "8x8"],
        ["--data", "x.npz", "--config", "y.toml"],
        ["--image-shape", "8", "--data", "x"],
    ):
        with pytest.raises(SystemExit) as end:
            cli.main(wrong)
        assert end.value.code == 2
    assert "is no shape; allowed: height and width" in capsys.readouterr().err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for option, text in (("--version", "clusterfolio 0."), ("--help", "exit codes: 0 done")):
        with pytest.raises(SystemExit) as end:
            cli.main([option])
        assert end.value.code == 0
        assert text in capsys.readouterr().out


def test_an_unknown_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise RuntimeError("a bug")

    monkeypatch.setattr(cli, "_run", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        cli.main([])
