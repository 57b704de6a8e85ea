"""The documentation: what it shows runs, where it leads exists, and what it lists is what there is."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import numpy as np
import pytest
from PIL import Image

from clusterfolio import cli
from precompute import config, store
from precompute.metrics import registry
from site_templates.output import serve
from site_templates.publish import Made
from tests import documentation
from tests.conftest import PLAIN
from tests.documentation import PAGES, ROOT, Block, blocks, prose, quoted, rows, section, text_of
from tests.faults.small import Small

DOCS = ROOT / "docs"
LANGUAGES = {"sh", "python", "toml", "json", "jinja", "csv", "text", "yaml"}
PYTHON = ".venv/bin/python"
STATIC = ROOT / "site_templates" / "static"
OPTION = re.compile(r"--[a-z][a-z-]*")
PATH = re.compile(r"(?<![\w/])(?:clusterfolio|precompute|site_templates|tests|docs|\.github)/[\w./*-]*")

# ----------------------------------------------------------------------------------------------------------- words


def test_the_readme_is_short() -> None:
    assert len(text_of(ROOT / "README.md").split()) <= 1500


def test_the_readme_leads_to_every_page() -> None:
    linked = {target.split("#")[0] for target in _links(ROOT / "README.md")}
    assert {page.relative_to(ROOT).as_posix() for page in PAGES} - {"README.md"} <= linked


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: page.name)
def test_a_page_begins_with_the_answer_to_its_question(page: Path) -> None:
    title, start = text_of(page).split("\n\n")[:2]
    assert re.fullmatch(r"# .+", title)
    assert re.match(r"\*\*[A-Z][^*]+\?\*\* \S", start), start


# ---------------------------------------------------------------------------------------------------------- blocks


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    assert {block.language for block in blocks()} <= LANGUAGES
    for block in blocks("text", "csv", "jinja"):
        assert "build.py" not in block.text, f"{block}: a command belongs into a block of kind sh"


def test_commands_name_the_environment_that_make_made() -> None:
    for block in blocks("sh"):
        for line in _commands(block):
            assert not re.search(r"(?<!\.venv/bin/)python \S", line) or line == "python -m venv .venv", (
                f"{block}: {line}"
            )


class Workshop:
    """Folders with what the documentation's commands name, one a command, and builds in them that are small and quick.

    Each begins as `build.py` leaves it, with the results of the pictures beside those of the digits.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._quick: list[tuple[Any, str, Any]] = [
            (serve, "serve", lambda *_: None),
            (os, "fsync", lambda _: None),  # a quarter of the time
        ]
        Small(lambda *patch: self._quick.append(patch), samples=160)
        self._first = folder / "first"
        _draw_pictures(self._first / "photos")
        (example,) = blocks("toml")
        (self._first / "gallery.toml").write_text(example.text, encoding="utf-8")
        assert self._built(self._first) == 0
        assert self._built(self._first, "--only", "compute", "--data", "photos", "--image-shape", "32x32") == 0
        _mark(self._first)

    def build(self, *arguments: str) -> int:
        """Run build.py in a folder of its own, on a small grid where none is named; the exit code."""
        place = Path(tempfile.mkdtemp(dir=self._folder)) / "clone"
        shutil.copytree(self._first, place)
        return self._built(place, *arguments)

    def _built(self, place: Path, *arguments: str) -> int:
        grid = [("--perplexity", "5,8"), ("--k", "3,4"), PLAIN[:2], PLAIN[2:]]
        small = [part for name, values in grid if name not in arguments for part in (name, values)]
        with pytest.MonkeyPatch.context() as patch:
            for one in self._quick:
                patch.setattr(*one)
            patch.chdir(place)
            try:
                return cli.main(["--jobs", "1", *small, *arguments])
            except SystemExit as end:
                return int(end.code or 0)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Made when the first command needs it."""
    return Workshop(tmp_path_factory.mktemp("workshop"))


def _draw_pictures(folder: Path) -> None:
    """30 pictures each of two classes."""
    rng = np.random.default_rng(0)
    for name, light in (("cats", 60), ("dogs", 150)):
        (folder / name).mkdir(parents=True)
        for number in range(30):
            picture = rng.integers(0, 90, (32, 32, 3)) + light
            Image.fromarray(picture.astype(np.uint8)).save(folder / name / f"{number}.jpg")


def _mark(folder: Path) -> None:
    """What the audit page exports when one sample is marked."""
    info = store.read_manifest(folder / "results" / "digits").dataset
    with (folder / "digits-marks.csv").open("w", encoding="utf-8", newline="") as file:
        marks = csv.writer(file)
        marks.writerow(["dataset", "fingerprint", "sample", "id", "mark"])
        marks.writerow(["digits", info.same_samples, 12, "12", "mislabelled"])


def _commands(block: Block) -> list[str]:
    """The commands of a block, a line each, without comments."""
    stripped = (shlex.join(shlex.split(line, comments=True)) for line in block.text.splitlines())
    return [line for line in stripped if line]


RUN = list(dict.fromkeys(line for block in blocks("sh") if block.reason is None for line in _commands(block)))


@pytest.mark.parametrize("line", RUN)
def test_a_command_runs_as_printed(line: str, request: pytest.FixtureRequest) -> None:
    program, *arguments = shlex.split(line)
    if program == "make":
        assert re.search(rf"^{arguments[0]}:", text_of(ROOT / "Makefile"), re.MULTILINE)
        return
    assert [program, arguments[0]] == [PYTHON, "build.py"], "a block with other commands says why it is not run"
    assert request.getfixturevalue("workshop").build(*arguments[1:]) == 0


def test_what_is_not_run_is_no_secret() -> None:
    reasons = {block.reason for block in blocks("sh", "python") if block.reason}
    assert reasons == {
        "needs the internet", "pushes to a repository on the internet", "needs several machines", "takes minutes",
        "these are the tests",
    }  # fmt: skip


SNIPPETS = [block for block in blocks("python") if block.page != documentation.EXTENDING and block.reason is None]


@pytest.fixture(scope="module")
def folder(tiny_results: Path, tiny_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a build leaves it, with the tiny study where the documentation has the digits."""
    place = tmp_path_factory.mktemp("snippets")
    (place / "results").mkdir()
    (place / "site").mkdir()
    (place / "results" / "digits").symlink_to(tiny_results / "tiny")
    (place / "site" / "digits").symlink_to(tiny_site / "tiny")
    return place


def test_python_snippets_run_as_printed(folder: Path) -> None:
    """All in one process, whose end is part of what is tested; each in a scope of its own."""
    imported = {name[1] for one in SNIPPETS if (name := re.search(r"import (\w+)", one.text))}
    assert imported == {"clusterfolio", "pyarrow", "duckdb", "polars", "pandas"}
    code = "import json, sys\nfor name, text in json.load(sys.stdin):\n    print('>', name)\n"
    code += "    exec(compile(text, name, 'exec'), {})\n"
    given = json.dumps([[str(one), one.text] for one in SNIPPETS])
    command = [sys.executable, "-W", "error", "-c", code]
    made = subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    outputs = re.split(r"^> .*\n", made.stdout, flags=re.MULTILINE)[1:]
    assert [len(output.splitlines()) >= 3 for output in outputs] == [True] * len(SNIPPETS), made.stdout


def test_recipes_are_those_that_are_followed() -> None:
    """By test_recipes.py and test_loaders.py, which find them by the module that their first line names."""
    shown = [block.text.splitlines()[0] for block in blocks("python", "jinja", pages=(documentation.EXTENDING,))]
    assert sorted(re.findall(r"[\w/.]+/[\w.]+", " ".join(shown))) == [
        "precompute/clusterers/registry.py", "precompute/loaders/registry.py", "precompute/maps/registry.py",
        "precompute/metrics/registry.py",
        "site_templates/pages/render.py", "site_templates/templates/facts.html.j2",
    ]  # fmt: skip


def test_json_examples_are_of_the_format() -> None:
    examples = {
        heading: re.search(r"```json\n(.*?)```", text, re.DOTALL)[1]  # type: ignore[index]
        for heading, text in re.findall(r"^### `(\S+\.json)`\n(.*?)(?=^##)", text_of(DOCS / "tables.md"), re.M | re.S)
        if "```json" in text
    }
    assert len(examples) == len([block for block in blocks("json") if block.page.name != "own-data.md"])
    msgspec.json.decode(examples["manifest.json"], type=store.Manifest)
    msgspec.json.decode(examples["cells.json"], type=store.Cells)
    msgspec.json.decode(examples["files.json"], type=Made)
    assert set(json.loads(examples["manifest.json"])) == set(store.Manifest.__struct_fields__)


def test_the_dictionary_is_as_shown(tiny_site: Path) -> None:
    (shown,) = [block for block in blocks("json") if '"about"' in block.text]
    made = json.loads((tiny_site / "tiny" / "download" / "dictionary.json").read_text(encoding="utf-8"))
    example = json.loads(shown.text)
    assert set(example) == set(made)
    for name in ("measures", "tables"):
        assert set(example[name][0]) == set(made[name][0])
    assert set(example["tables"][0]["columns"][0]) == set(made["tables"][0]["columns"][0])


# ----------------------------------------------------------------------------------------------------------- links


def _links(page: Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", prose(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in _links(page):
        if urlsplit(target).scheme:
            continue
        path, _, anchor = target.partition("#")
        place = Path(os.path.normpath(page.parent / path)) if path else page
        assert place.is_file(), f"{page.name}: {target}"
        assert not anchor or anchor in documentation.anchors(place), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_it_names_are_there(page: Path) -> None:
    texts = [*quoted(prose(page)), *(block.text for block in blocks("sh", pages=(page,)))]
    named = {path.rstrip("./") for text in texts for path in PATH.findall(text)}
    assert [path for path in sorted(named) if not any(ROOT.glob(path))] == []


# ----------------------------------------------------------------------------------------------------------- lists

OPTIONS = "Options of the command line"


def _first_cells(text: str) -> list[str]:
    return [name for row in rows(text) for name in quoted(row[0])]


def test_options_of_the_command_line_are_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    known = set(OPTION.findall(capsys.readouterr().out))
    spans = [span for page in PAGES for span in quoted(prose(page)) if re.match(r"--|.*build\.py", span)]
    lines = [line for block in blocks("sh") for line in _commands(block) if "build.py" in line]
    named = {option for text in [*spans, *lines] for option in OPTION.findall(text)}
    explained = set(OPTION.findall(" ".join(_first_cells(section(DOCS / "configuration.md", OPTIONS)))))
    assert named <= known
    assert explained == known


def test_keys_of_the_configuration_are_those_that_there_are() -> None:
    named = _first_cells(section(DOCS / "configuration.md", "Keys of a data set"))
    assert sorted(named) == sorted(config.study_keys())


@pytest.mark.parametrize(
    ("heading", "source"),
    [
        ("The comparison", "compare/state.js"),
        ("The audit", "audit/state.js"),
    ],
)
def test_keys_of_addresses_are_those_that_there_are(heading: str, source: str) -> None:
    known = re.search(r"const KEYS = \[(.*?)\];", text_of(STATIC / source))
    assert known
    assert set(_first_cells(section(DOCS / "addresses.md", heading))) == set(re.findall(r'"(\w+)"', known[1]))


def test_keys_of_the_explorers_addresses_are_those_that_there_are(tiny_study: store.Study) -> None:
    """What a setting is told by comes with the study; see `keys` of choices.js and `LOOKS` of state.js."""
    looks = re.search(r"const LOOKS = \[(.*?)\];", text_of(STATIC / "core/state.js"))
    assert looks
    known = {"representation", "method", "clusterer", "space", *re.findall(r'"(\w+)"', looks[1])}
    known |= {axis.name for axis in tiny_study.manifest.axes}
    assert set(_first_cells(section(DOCS / "addresses.md", "The explorer"))) == known


def test_lists_and_orders_of_the_audit_are_those_that_there_are(tiny_site: Path) -> None:
    page = text_of(tiny_site / "tiny" / "audit.html")
    offered = set(re.findall(r'<option value="([a-z]+)"', page))
    keys = rows(section(DOCS / "addresses.md", "The audit"))
    assert {name for key, values, _ in keys if key in ("`show`", "`sort`") for name in quoted(values)} == offered


@pytest.mark.parametrize("kind", store.TABLES)
def test_columns_of_tables_are_those_that_there_are(kind: str, tiny_study: store.Study) -> None:
    file = f"{kind}/<map>" if store.TABLES[kind].each else kind
    listed = [(name.strip("`"), type_) for name, type_, *_ in rows(section(DOCS / "tables.md", f"`{file}.parquet`"))]
    columns = [
        (field.name, re.sub(r"list<\w+: (\w+)>", r"list of \1", str(field.type)) + ", nullable" * field.nullable)
        for field in store.schema(kind, tiny_study.manifest)
    ]
    assert [one for one in listed if not one[0].startswith("pc_")] == columns


def test_measures_are_those_that_there_are() -> None:
    listed = [name.strip("`") for name, *_ in rows(section(DOCS / "tables.md", "The measures"))]
    assert set(listed) == {*registry.SETTING_METRICS, *registry.EMBEDDING_METRICS, *registry.PROVENANCE}


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_configurations_are_allowed(block: Block) -> None:
    studies = config.parse(block.text).studies
    assert [study.id for study in studies] == ["digits", "pets"]


def test_the_architecture_names_every_room() -> None:
    """Each folder and module at the top of the three packages."""
    named = set(quoted(prose(DOCS / "architecture.md")))
    for package in ("clusterfolio", "precompute", "site_templates"):
        inside = [path for path in (ROOT / package).iterdir() if not path.name.startswith("__")]
        rooms = {f"{package}/{path.name}{'/' * path.is_dir()}" for path in inside}
        assert sorted(rooms - named) == []
