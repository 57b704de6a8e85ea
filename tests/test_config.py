"""Configuration: what is allowed is read exactly, what is not is named with its key, value and way out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute import config, dataset
from precompute.clusterers.kmeans import K
from precompute.clusterers.registry import CLUSTERERS
from precompute.config import ConfigError, Grid
from precompute.loaders.options import Options, parse_image_shape
from precompute.maps.registry import METHODS
from precompute.maps.tsne import PERPLEXITY
from precompute.parameters import Facts
from precompute.run.study import planned
from tests.conftest import few_digits


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5:8", (5, 6, 7, 8)),
        ("5:50:15", (5, 20, 35, 50)),
        ("5:9:2.5", (5, 7.5)),
        ("0.1:0.3:0.1", (0.1, 0.2, 0.3)),
        ("50,5,30", (5, 30, 50)),
        ("12.5", (12.5,)),
        (30, (30,)),
        ([50, 5.5], (5.5, 50)),
    ],
)
def test_axes(text: object, values: tuple[float, ...]) -> None:
    assert config.parse_axis(text) == values  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "5:",
        "5:x",
        "5:10:0",
        "5:10:-1",
        "1:2:3:4",
        "5,5",
        "nan",
        "inf",
        "1:inf",
        "10:5",
        [],
        [True],
        ["5"],
        True,
        "0:1e9:1e-3",
        None,
    ],
)
def test_what_is_no_axis_says_what_is_allowed(text: object) -> None:
    with pytest.raises(ValueError, match="allowed|once"):
        config.parse_axis(text)  # type: ignore[arg-type]


@given(st.lists(st.integers(2, 500), min_size=1, max_size=20, unique=True))
def test_a_list_reads_back_as_itself_sorted(values: list[int]) -> None:
    assert config.parse_values(K, ",".join(map(str, values))) == tuple(sorted(values))


@pytest.mark.parametrize("text", ["1", "2.5", "-3:3", "0"])
def test_k_is_whole_and_at_least_two(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: whole numbers from 2"):
        config.parse_values(K, text)


def test_perplexity_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="allowed: 1 or more"):
        config.parse_values(PERPLEXITY, "0.5:3")


def test_a_file() -> None:
    read = config.parse("""
        title = "My gallery"
        [[dataset]]
        source = "digits"
        id = "my-digits"
        title = "Mine"
        perplexity = "5:10"
        k = [10, 5]
        starts = 20
    """)
    (study,) = read.studies
    assert (read.title, study.id, study.starts, study.texts) == ("My gallery", "my-digits", 20, {"title": "Mine"})
    assert study.grid == replace(
        Grid.of(perplexity=(5, 6, 7, 8, 9, 10), k=(5, 10)), explicit=frozenset({"perplexity", "k"})
    )


def test_an_empty_file_is_the_default() -> None:
    assert config.parse("") == config.Config()


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        config.parse(
            """
            titel = "x"
            [[dataset]]
            perplexitty = "5:50"
            k = "1:3"
            id = "../etc"
            seed = -1
            variance = 2
            starts = true
            license = 3
            source = "mnist"
            methods = ["tsne", "tnse"]
            clusterers = ["kmean"]
        """,
            "gallery.toml",
        )
    text = "\n".join(error.value.problems)
    assert len(error.value.problems) == 11
    for part in (
        "did you mean 'title'",
        "did you mean 'perplexity'",
        "dataset[0].k: 1 is not allowed",
        "'../etc'",
        "seed: -1",
        "variance: 2",
        "starts: True",
        "license: 3 is no text",
        "source: 'mnist' is unknown",
        "methods: there is no method 'tnse'; did you mean 'tsne'? allowed: pca, tsne, umap, each once",
        "clusterers: there is no clusterer 'kmean'; did you mean 'kmeans'? allowed: kmeans, ward, gmm, hdbscan,",
    ):
        assert part in text
    assert all(line.startswith("gallery.toml: ") for line in error.value.problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "not valid TOML"),
        ("dataset = 3", r"under a heading \[\[dataset\]\]"),
        ("[[dataset]]\n[[dataset]]", "the id 'digits' stands 2 times, for 'digits' and 'digits'; give each an id"),
        (
            '[[dataset]]\npath = "cats/猫"\n[[dataset]]\npath = "cats/犬"',
            r"the id 'data' stands 2 times, for 'cats/猫' and 'cats/犬'; give each an id of its own \(id = \"…\" under",
        ),
    ],
)
def test_bad_files(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [(f"seed = {'[' * 5000}", "nested too deeply"), (f"seed = {'1' * 5000}", "not valid TOML")],
)
def test_what_no_person_writes_is_an_error_with_the_file_s_name(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=f"gallery.toml: .*{message}"):
        config.parse(text, "gallery.toml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read"):
        config.load(tmp_path / "none.toml")


def test_command_line_wins() -> None:
    changed = config.with_axes(config.Config(), {"perplexity": (5.0, 30.0)})
    grid = changed.studies[0].grid
    assert (grid.values, grid.explicit) == ({"perplexity": (5.0, 30.0)}, frozenset({"perplexity"}))


def fitted(grid: Grid, n: int) -> tuple[Grid, list[str]]:
    """A grid over perplexity and k, fitted to n samples that all differ."""
    plain = config.StudyConfig(methods=("tsne",), clusterers=("kmeans",))
    return grid.fitted(plain.parameters, Facts(n, n))


def test_the_default_grid_has_every_method_and_clusterer_and_a_thousand_settings_of_the_digits() -> None:
    plan = planned(dataset.load("digits"), config.StudyConfig()).plan
    used = {(part.method, one.clusterer) for part in plan.parts.values() for one in part.settings.values()}
    assert used == {(method, one) for method in ("", *METHODS) for one in CLUSTERERS}
    assert sum(len(part.settings) for part in plan.parts.values()) == 958
    assert len(plan.parts) == 1 + 1 + 46 + 6
    few = config.StudyConfig().parameters
    notes = Grid().fitted(few, Facts(100, 100))[1]
    assert "n_neighbors: 100 left out, 100 samples allow at most 99" in notes


def test_what_does_not_fit_is_said_of_all_parameters_at_once() -> None:
    asked = {"perplexity": (40.0,), "n_neighbors": (100.0,), "k": (200.0,), "min_cluster_size": (20.0, 60.0)}
    study = config.StudyConfig(grid=Grid(asked, explicit=frozenset(asked)))
    with pytest.raises(ConfigError) as error:
        planned(few_digits(100), study)
    assert error.value.problems == (
        "perplexity: 40 too large for 100 samples; allowed: at most 33",
        "n_neighbors: 100 too large for 100 samples; allowed: at most 99",
        "k: 200 too large for 100 samples; allowed: at most 99",
        "min_cluster_size: 60 too large for 100 samples; allowed: at most 50",
    )
    wrong = 'methods = ["tsn"]\nclusterers = ["hdbskan"]\nmin_cluster_size = 1\nn_neighbors = 2.5\n'
    with pytest.raises(ConfigError) as error:
        config.parse(f"[[dataset]]\n{wrong}")
    text = "\n".join(error.value.problems)
    for part in (
        "there is no method 'tsn'; did you mean 'tsne'?",
        "there is no clusterer 'hdbskan'; did you mean 'hdbscan'?",
        "min_cluster_size: 1 is not allowed; allowed: whole numbers from 2",
        "n_neighbors: 2.5 is not allowed; allowed: whole numbers from 2",
    ):
        assert part in text


def test_a_default_grid_is_clipped_with_a_note() -> None:
    grid, notes = fitted(Grid(), 100)
    assert grid["perplexity"][-1] == 33
    assert grid["k"] == K.default
    assert len(notes) == 1
    assert "perplexity: 34, 35" in notes[0]
    assert "100 samples allow at most 33" in notes[0]


def test_a_default_grid_that_begins_too_high_is_moved_down() -> None:
    grid, notes = fitted(Grid(), 10)
    assert (grid["perplexity"], grid["k"]) == ((3.0,), tuple(range(3, 10)))
    assert notes[0] == "perplexity: 3, the largest whole one that 10 samples allow"


def test_an_explicit_grid_is_refused() -> None:
    asked = replace(Grid.of(perplexity=(5.0, 40.0), k=(3, 200)), explicit=frozenset({"perplexity", "k"}))
    with pytest.raises(ConfigError) as error:
        fitted(asked, 100)
    assert error.value.problems == (
        "perplexity: 40 too large for 100 samples; allowed: at most 33",
        "k: 200 too large for 100 samples; allowed: at most 99",
    )


def test_the_default_grid_is_coarser_for_large_data() -> None:
    grid, notes = fitted(Grid(), 70_000)
    assert (grid["perplexity"], grid["k"]) == ((10, 30, 50, 100), tuple(range(5, 16)))
    assert notes[0] == "perplexity: 10, 30, 50, 100, the default above 15,000 samples"
    asked, notes = fitted(Grid({"perplexity": (20.0,)}, frozenset({"perplexity"})), 70_000)
    assert asked["perplexity"] == (20,)
    assert len(notes) == 1


def test_very_many_faults_of_one_kind_are_counted() -> None:
    with pytest.raises(ConfigError) as error:
        config.parse("\n".join(f"wrong{number} = 1" for number in range(1000)) + "\n[[dataset]]\nk = 1")
    assert len(error.value.problems) == 7
    assert error.value.problems[5] == "config: 995 more unknown keys"
    assert "dataset[0].k: 1 is not allowed" in error.value.problems[6]
    notes = fitted(Grid(), 100)[1]
    assert notes == ["perplexity: 34, 35, 36, 37, 38 and 12 more left out, 100 samples allow at most 33"]


@pytest.mark.parametrize(
    "line",
    [
        "perplexity = 5.00001",
        "perplexity = nan",
        "perplexity = [5, inf]",
        "perplexity = -5",
        'perplexity = "-5:5"',
        "perplexity = []",
        "perplexity = [5, 5]",
        "perplexity = true",
        "perplexity = {}",
        "k = 0",
        "k = -3",
        "k = 2.5",
        "k = [3, 3]",
        "k = nan",
        'k = ""',
        "variance = nan",
        "variance = 0",
        "variance = 1.5",
        'variance = "0.9"',
        "starts = 0",
        "starts = 1.5",
        "seed = -1",
        "seed = 4294967296",
        "seed = nan",
        "title = 1",
        "id = 1",
        "methods = []",
        'methods = ["tsne", "tsne"]',
        "methods = [1]",
        "methods = 3",
        'methods = [["tsne"]]',
        'source = ["digits"]',
        f"perplexity = 1{'0' * 400}",
        f"k = [3, 1{'0' * 400}]",
        'perplexity = "5:1e308:1e-300"',
    ],
)
def test_wrong_values_are_refused_with_their_path(line: str) -> None:
    with pytest.raises(ConfigError) as error:
        config.parse(f"[[dataset]]\n{line}", "gallery.toml")
    (problem,) = error.value.problems
    assert problem.startswith(f"gallery.toml: dataset[0].{line.split(' ', maxsplit=1)[0]}: ")
    assert "allowed" in problem or "once" in problem or "no text" in problem


def test_own_data_with_all_that_can_be_said_of_it(tmp_path: Path) -> None:
    (tmp_path / "gallery.toml").write_text(
        """
        [[dataset]]
        path = "data/My Pets.csv"
        image_shape = [28, 28]
        label_names = ["cat", "dog"]
        label_column = "kind"
        id_column = -1
        ink = "dark"
        scale = "columns"
        credit = "me"
        [[dataset]]
        source = "digits"
        """
    )
    own, digits = config.load(tmp_path / "gallery.toml").studies
    assert own.path == tmp_path / "data" / "My Pets.csv"
    assert own.id == "my-pets"
    assert own.options == Options((28, 28), ("cat", "dog"), "kind", -1, "dark", "columns")
    assert own.texts == {"credit": "me"}
    assert (digits.path, digits.id, digits.options) == (None, "digits", Options())


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('path = ""', "path: '' is no path"),
        ("path = 3", "path: 3 is no path"),
        ('path = "a\\u0000"', "is no path"),
        ('path = "a.npz"\nsource = "digits"', "'digits' is built in; name either a source or a path"),
        ("image_shape = [8, 8]", "image_shape: says how to read a file; allowed only with a path"),
        ('path = "a.npz"\nimage_shape = [8]', "is no shape; allowed: height and width"),
        ('path = "a.npz"\nimage_shape = [8, 8, 2]', "is no shape"),
        ('path = "a.npz"\nimage_shape = [0, 8]', "is no shape"),
        ('path = "a.npz"\nimage_shape = "28by28"', "is no shape"),
        ('path = "a.npz"\nlabel_names = 7', "is no list of names"),
        ('path = "a.npz"\nlabel_column = true', "is no column"),
        ('path = "a.npz"\nink = "red"', "'red' is not allowed; allowed: auto, bright, dark"),
        ('path = "assets.csv"', "path: data set id 'assets': the name is taken"),
        ('path = "a.npz"\nlabel_name = ["a"]', "did you mean 'label_names'?"),
    ],
)
def test_what_is_said_wrongly_of_own_data_is_named(lines: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(problem)):
        config.parse(f"[[dataset]]\n{lines}")


@pytest.mark.parametrize("name", ["assets.npz", "con.npz"])
def test_a_file_whose_name_is_taken_is_refused_with_a_way_out(name: str) -> None:
    with pytest.raises(ConfigError, match="the name is taken.*rename it, or give an id in a config"):
        config.of_data(Path(name))


@pytest.mark.parametrize(("text", "shape"), [("28x28", (28, 28)), ("32x48x3", (32, 48, 3)), ("8×8", (8, 8))])
def test_image_shapes_of_the_command_line(text: str, shape: tuple[int, ...]) -> None:
    assert parse_image_shape(text) == shape


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_config_is_read_as_any_editor_writes_it(encoding: str, end: str, tmp_path: Path) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    text = mark + 'title = "süß"\n[[dataset]]\npath = "x.npy"\n'.replace("\n", end)
    (tmp_path / "gallery.toml").write_bytes(text.encode(encoding))
    found = config.load(tmp_path / "gallery.toml")
    assert found.title == "süß"
    assert found.studies[0].path == tmp_path / "x.npy"


def test_a_config_in_another_encoding_is_refused_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "gallery.toml").write_bytes('[[dataset]]\ntitle = "süß"\n'.encode("latin-1"))
    with pytest.raises(ConfigError, match="line 2 is not UTF-8 text; save it as UTF-8"):
        config.load(tmp_path / "gallery.toml")


@pytest.mark.parametrize(
    "line",
    [
        r'path = "C:\Users\me\photos"',
        r'path = "photos\x.npy"',
        r'path = "C:\photos\"',
        r'path = "data\new\table.npy"',
        r'path = "data\big.npy"',
        r'title = "C:\Users"',
    ],
)
def test_backslashes_in_double_quotes_are_explained(line: str) -> None:
    """Also those that TOML takes for a new line or a tab."""
    with pytest.raises(ConfigError) as error:
        config.parse(f"[[dataset]]\n{line}\n", "gallery.toml")
    (problem,) = error.value.problems
    assert "write / in its place, or the text in 'single quotes'" in problem
    assert line in problem or problem.startswith("gallery.toml: dataset[0].path: 'data")


def test_other_faults_of_toml_have_no_word_of_backslashes() -> None:
    with pytest.raises(ConfigError) as error:
        config.parse("title = ]", "gallery.toml")
    assert str(error.value) == "gallery.toml: not valid TOML: Invalid value (at line 1, column 9)"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (study,) = config.parse('[[dataset]]\npath = "~/photos/x.npy"\n', folder=Path("configs")).studies
    assert study.path == tmp_path / "photos" / "x.npy"
    for text, path in (("~/a", tmp_path / "a"), ("./~b", Path("~b")), ("~nobody-of-this-name", None), ("a~", None)):
        assert config.parse_path(text) == (path or Path(text))


def test_the_default_grid_of_own_data_is_spaced_and_full_where_asked_for() -> None:
    """A k for each label and five more; perplexities whose maps differ; the digits keep every value."""
    facts = Facts(600, 600, labels=20)
    own, _ = Grid().fitted([PERPLEXITY, K], facts, own=True)
    assert own["k"] == tuple(map(float, range(2, 26)))
    assert own["perplexity"] == (5, 8, 12, 20, 30, 50)
    full, _ = Grid().fitted([PERPLEXITY, K], facts)
    assert (full["perplexity"], full["k"]) == (PERPLEXITY.default, K.default)
    asked, _ = Grid({"k": (4.0,)}, frozenset({"k"})).fitted([K], facts, own=True)
    assert asked["k"] == (4,)
    study = config.parse('[[dataset]]\npath = "a.npz"\ngrid = "full"').studies[0]
    assert study.full
    assert not config.parse('[[dataset]]\npath = "a.npz"').studies[0].full
