"""The package: a wheel that stands beside others, and one line where something is missing."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from clusterfolio import cli, start
from precompute.run import workers
from tests.conftest import write_few_digits

ROOT = Path(__file__).parents[1]
WAY = f"run in {ROOT}: make site (or: "


def said(*command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """How this Python ends, without packages."""
    return subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("options", [["-S", "-E"], ["-I", "-S"]])
def test_without_its_packages_it_says_in_one_line_what_to_run(options: list[str], tmp_path: Path) -> None:
    ended = said(*options, str(ROOT / "build.py"), folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("error: the Python package ")
    assert f", which is needed, is not installed; {WAY}{sys.executable} -m pip install --editable . " in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_python_build_in_a_clone_starts_no_gallery(tmp_path: Path) -> None:
    shutil.copy(ROOT / "build.py", tmp_path)
    ended = said("-m", "build", "--wheel", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "for the package: pip wheel . (or from another folder: python -m build PATH)" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_python_that_is_too_old_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    assert start.main("build.py") == 1
    line = capsys.readouterr().err
    assert line.startswith("error: this is Python 3.9, and Python 3.11 or newer is needed; run in ")
    assert f"{ROOT}: make PYTHON=python3.11 site (or: python3.11 -m pip " in line
    for path in ("build.py", "clusterfolio/__init__.py", "clusterfolio/start.py"):  # all that it has to understand
        ast.parse((ROOT / path).read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ModuleNotFoundError("No module", name="numba.core"), "the Python package numba, which is needed, is not"),
        (ImportError("cannot import name 'x'", name="pandas"), "the Python package pandas is too old or damaged"),
    ],
)
def test_what_is_imported_late_is_named_too(
    error: ImportError, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here, and in a worker, where it is no fault of a cell."""

    def fail(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr(cli, "main", fail)
    assert start.main() == 1
    assert capsys.readouterr().err.startswith(f"error: {line}")
    if isinstance(error, ModuleNotFoundError):
        monkeypatch.setattr(workers, "_load_libraries", lambda: None)  # which takes long, and is not looked at here
        with pytest.raises(ModuleNotFoundError):
            dict(workers.run(fail, {"cell": 1}, jobs=1))


@pytest.mark.parametrize("name", ["precompute.nothing", "_ctypes", None])
def test_what_no_installation_mends_keeps_its_traceback(name: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> int:
        raise ModuleNotFoundError("No module", name=name)

    monkeypatch.setattr(cli, "main", fail)
    with pytest.raises(ModuleNotFoundError):
        start.main()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a clone, with what is changed here and not committed yet."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("these files are in no repository")
    place = tmp_path_factory.mktemp("clone")
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    return place


PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of these files."""
    place = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--wheel-dir", str(place)]
    subprocess.run([*PIP, "wheel", *options, "."], cwd=clone, check=True)
    (made,) = place.glob("clusterfolio-*.whl")
    return made


def test_the_wheel_holds_the_program_and_all_that_it_reads(clone: Path, wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0].split("-")[0] for name in names} == {"clusterfolio", "precompute", "site_templates"}
    for folder in ("templates", "static"):
        here = {path.name for path in (ROOT / "site_templates" / folder).iterdir() if path.is_file()}
        assert here <= {Path(name).name for name in names if name.startswith(f"site_templates/{folder}/")}
    packages = ("clusterfolio", "precompute", "site_templates")
    written = {
        path.relative_to(clone).as_posix() for each in packages for path in (clone / each).rglob("*") if path.is_file()
    }
    assert len(written) > 100
    assert written == {name for name in names if name.split("/")[0] in packages}
    (entries,) = (name for name in names if name.endswith(".dist-info/entry_points.txt"))
    assert "clusterfolio = clusterfolio.start:main" in zipfile.ZipFile(wheel).read(entries).decode()


@pytest.mark.slow  # quick: the same wheel, looked into
def test_the_wheel_beside_the_tool_build_builds_a_gallery(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "fresh"
    venv.create(place, with_pip=False)
    scheme = "nt" if os.name == "nt" else "posix_prefix"
    paths = sysconfig.get_paths(scheme, vars={"base": str(place), "platbase": str(place)})
    programs, library = Path(paths["scripts"]), Path(paths["purelib"])
    python = str(programs / "python")
    subprocess.run([*PIP, "--python", python, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    # the packages that it needs are this environment's; a file .pth is read in the first folder only, so that an
    # editable clusterfolio of this one is not found
    (library / "shared.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    (library / "build").mkdir()
    (library / "build" / "__init__.py").write_text("", encoding="utf-8")

    away = tmp_path / "away"
    away.mkdir()
    write_few_digits(away / "few.npz")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    where = "import build, clusterfolio.cli, precompute, site_templates as s; "
    where += "print(build.__file__, clusterfolio.cli.__file__, precompute.__file__, s.__file__, sep='\\n')"
    found = subprocess.check_output([python, "-c", where], cwd=away, env=environment, text=True)
    assert all(Path(line).is_relative_to(library) for line in found.splitlines()), found
    grid = ["--data", "few.npz", "--perplexity", "5", "--k", "3", "--jobs", "1", "-q"]
    for command in ([str(programs / "clusterfolio")], [python, "-m", "clusterfolio"]):
        subprocess.run([*command, *grid, "--site", command[-1][-4:]], cwd=away, env=environment, check=True)
        assert (away / command[-1][-4:] / "few" / "settings" / "tsne-p5-k3.html").is_file()


def test_a_gallery_is_published_without_the_tests_of_the_program() -> None:
    workflows = ROOT / ".github" / "workflows"
    pages, ci = ((workflows / f"{name}.yml").read_text(encoding="utf-8") for name in ("pages", "ci"))
    assert "uses: ./" in pages
    action = (ROOT / "action.yml").read_text(encoding="utf-8")
    ran = re.findall(r"^ +(?:- )?(?:run: )?(python .*|make .*|lint-imports)$", pages + action, re.MULTILINE)
    assert [re.sub(r"^python (-m )?", "", line).split()[0] for line in ran] == ["pip", "pip", "clusterfolio"]
    assert "run: make test" in ci
    assert re.search(r"^on:\n  push:\n  pull_request:\n", ci, re.MULTILINE)
