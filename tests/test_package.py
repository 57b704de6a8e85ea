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
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from PIL import Image

from clusterfolio import cli, start
from precompute.run import workers
from tests.conftest import PLAIN, write_few_digits
from tests.crawl import crawl
from tests.documentation import blocks, quoted, rows, section

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


def fresh(place: Path) -> tuple[Path, Path]:
    """A new environment with the packages of this one, and without this program: its programs and its library."""
    venv.create(place, with_pip=False)
    scheme = "nt" if os.name == "nt" else "posix_prefix"
    paths = sysconfig.get_paths(scheme, vars={"base": str(place), "platbase": str(place)})
    programs, library = Path(paths["scripts"]), Path(paths["purelib"])
    # a file .pth is read in the first folder only, so that an editable clusterfolio of this one is not found
    (library / "shared.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    return programs, library


def elsewhere() -> dict[str, str]:
    """The environment of a process that is to find what is installed, not this clone."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def install(wheel: Path, python: str) -> None:
    """Install a wheel and nothing else."""
    subprocess.run([*PIP, "--python", python, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)


@pytest.mark.slow  # quick: the same wheel, looked into
def test_the_sdist_gives_the_same_wheel(clone: Path, wheel: Path, tmp_path: Path) -> None:
    tool = shutil.which("pyproject-build")
    if tool is None:
        pytest.skip("no pyproject-build here (PyPA's build)")
    subprocess.run(
        [tool, str(clone), "--outdir", str(tmp_path)], check=True, capture_output=True
    )  # a wheel of the sdist
    (made,) = tmp_path.glob("*.whl")
    assert set(zipfile.ZipFile(made).namelist()) == set(zipfile.ZipFile(wheel).namelist())
    checker = shutil.which("twine")
    if checker:
        subprocess.run([checker, "check", "--strict", *map(str, tmp_path.iterdir())], check=True)


def steps() -> dict[str, str]:
    """The shell steps of the action, by name."""
    yaml = pytest.importorskip("yaml")
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return {step["name"]: step["run"] for step in action["runs"]["steps"] if "run" in step}


def test_the_action_is_documented_and_pinned() -> None:
    yaml = pytest.importorskip("yaml")
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    documented = section(ROOT / "docs" / "publishing.md", "From any repository")
    assert set(action["inputs"]) == {name for row in rows(documented) for name in quoted(row[0])}
    assert set(action["outputs"]) <= set(quoted(documented))
    for path in [ROOT / "action.yml", *(ROOT / ".github" / "workflows").glob("*.yml")]:
        for used in re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8")):
            assert used == "./" or re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", used), f"{path.name}: {used}"
    (workflow,) = [block for block in blocks("yaml") if "OWNER/clusterfolio" in block.text]
    assert len(workflow.text.splitlines()) == 10
    (job,) = yaml.safe_load(workflow.text)["jobs"].values()
    assert set(job["steps"][-1]["with"]) <= set(action["inputs"])


@pytest.mark.slow  # quick: what the action says of itself
@pytest.mark.skipif(os.name == "nt", reason="its shell is bash")
def test_the_action_publishes_a_scratch_repository(wheel: Path, tmp_path: Path) -> None:
    """Its shell steps, as GitHub runs them; the wheel is what it installs, so that nothing is fetched."""
    programs, _ = fresh(tmp_path / "fresh")
    repository = tmp_path / "repository"
    for kind, light in (("cats", 40), ("dogs", 150)):
        (repository / "photos" / kind).mkdir(parents=True)
        for number in range(5):
            picture = np.random.default_rng(number).integers(0, 90, (16, 16, 3)) + light
            Image.fromarray(picture.astype(np.uint8)).save(repository / "photos" / kind / f"{number}.png")
    (repository / "gallery.toml").write_text('[[dataset]]\npath = "photos"\nperplexity = 2\nk = [2, 3]\n')
    given = {
        "CONFIG": "gallery.toml", "SITE": "site", "RESULTS": "results", "BASE_URL": "https://you.github.io/photos/",
        "ACTION": str(wheel), "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_IGNORE_INSTALLED": "1",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    for text in steps().values():
        lines = "\n".join(
            line for line in text.splitlines() if "install --quiet --upgrade" not in line
        )  # of pip itself
        bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", lines]
        subprocess.run(bash, cwd=repository, env={**elsewhere(), **given}, check=True)
    site = repository / "site"
    assert (site / "photos" / "settings" / "tsne-p2-k2.html").is_file()
    assert (site / "sitemap.xml").is_file()
    crawled = crawl(site.as_uri(), lambda address: Path(unquote(urlsplit(address).path)).read_bytes())
    assert [fault for fault in crawled.faults if "https://you.github.io/photos/" not in fault] == []


@pytest.mark.slow  # quick: the same wheel, looked into
def test_the_wheel_beside_the_tool_build_builds_a_gallery(wheel: Path, tmp_path: Path) -> None:
    programs, library = fresh(tmp_path / "fresh")
    python = str(programs / "python")
    install(wheel, python)
    (library / "build").mkdir()
    (library / "build" / "__init__.py").write_text("", encoding="utf-8")

    away = tmp_path / "away"
    away.mkdir()
    write_few_digits(away / "few.npz")
    environment = elsewhere()
    where = "import build, clusterfolio.cli, precompute, site_templates as s; "
    where += "print(build.__file__, clusterfolio.cli.__file__, precompute.__file__, s.__file__, sep='\\n')"
    found = subprocess.check_output([python, "-c", where], cwd=away, env=environment, text=True)
    assert all(Path(line).is_relative_to(library) for line in found.splitlines()), found
    grid = ["--data", "few.npz", "--perplexity", "5", "--k", "3", *PLAIN, "--jobs", "1", "-q"]
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
