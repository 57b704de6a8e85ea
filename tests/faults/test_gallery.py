"""A build of other data removes no page: what stands in the site stays, or is named before anything is computed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from clusterfolio import cli
from precompute import config, gallery, store
from precompute.machine import owned_folder
from precompute.machine.files import seal, write_atomic
from site_templates import publish
from site_templates.pages import render
from tests.conftest import few_digits
from tests.faults.small import FIRST, SAMPLES, Small, tree
from tests.faults.test_damage import resealed


def own(path: Path, seed: int = 0) -> str:
    """A data set of a person's own."""
    values = np.random.default_rng(seed).normal(size=(40, 5))
    np.savez(path, features=values, labels=np.arange(40) % 3)
    return str(path)


def halves(path: Path) -> str:
    """Half of the pixels of the digits that `Small` has, so of the same samples."""
    few = few_digits(SAMPLES)
    assert few.labels is not None
    names = np.array(few.label_names)
    np.savez(path, features=few.values[:, ::2], labels=names[few.labels])
    return str(path)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Folders of the studies whose pages are made."""
    found: list[str] = []
    real = render._study_pages

    def note(environment: object, assets: object, study: object, *more: object) -> None:
        found.append(study.folder)  # type: ignore[attr-defined]
        real(environment, assets, study, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(render, "_study_pages", note)
    return found


def cards(folder: Path) -> list[str]:
    """The studies on the front page, in its order."""
    text = (folder / "site" / "index.html").read_text(encoding="utf-8")
    return list(dict.fromkeys(re.findall(r'href="([a-z0-9-]+)/index\.html"', text)))


def site(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(folder).items() if name.startswith("site/")}


def test_what_stands_in_the_site_stays_and_is_named(
    small: Small, folder: Path, tmp_path: Path, made: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The documentation's own commands, one after the other (x15)."""
    before = site(folder)
    second = own(tmp_path / "second.npz")
    places = ["--results", str(folder / "results"), "--site", str(folder / "site"), "--jobs", "1"]
    assert cli.main([*places, *FIRST, "--data", second]) == 0
    assert "kept: digits (not given now; --replace would remove them)" in capsys.readouterr().out
    assert set(made) == {"second"}, "what has not changed is not made again"
    after = site(folder)
    assert {name: after[name] for name in before if name.startswith("site/digits/")} == {
        name: data for name, data in before.items() if name.startswith("site/digits/")
    }
    assert cards(folder) == ["digits", "second"]
    for arguments in (FIRST, [*FIRST, "--only", "site"], [*FIRST, "--data", second]):
        assert small.build(folder, *arguments) == 0
        assert site(folder) == after, "the same gallery, whichever of its studies is given"
    assert small.build(folder, *FIRST, "--base-url", "https://a.b/c/") == 0
    sitemap = (folder / "site" / "sitemap.xml").read_text(encoding="utf-8")
    assert "https://a.b/c/digits/" in sitemap and "https://a.b/c/second/" in sitemap
    assert small.build(folder, *FIRST, "--data", second, "--only", "compute") == 0
    assert small.build(folder, *FIRST, "--base-url", "https://a.b/c/", "--replace") == 0
    assert cards(folder) == ["digits"]
    assert not (folder / "site" / "second").exists()
    assert (folder / "results" / "second" / store.MANIFEST).is_file()


def test_a_gallery_that_grew_by_a_study_of_the_same_samples_is_the_one_that_is_built_at_once(
    small: Small, folder: Path, tmp_path: Path, made: list[str]
) -> None:
    """Pages of the one speak of the other."""
    source, once = halves(tmp_path / "halves.npz"), tmp_path / "once"
    assert small.build(folder, *FIRST, "--data", source) == 0
    assert set(made) == {"digits", "halves"}
    (tmp_path / "gallery.toml").write_text(f"[[dataset]]\n[[dataset]]\npath = {json.dumps(source)}\n")
    assert small.build(once, *FIRST, "--config", str(tmp_path / "gallery.toml")) == 0
    assert site(folder) == site(once)


@pytest.mark.slow  # quick: the test before
def test_a_gallery_that_grew_is_the_one_that_is_built_at_once(small: Small, tmp_path: Path, made: list[str]) -> None:
    """Also where a page speaks of another study: of the same samples, or a shuffled baseline."""
    sources = [own(tmp_path / "other.npz"), halves(tmp_path / "halves.npz")]
    grew, once = tmp_path / "grew", tmp_path / "once"
    for arguments in (["--robustness"], ["--data", sources[0]], ["--data", sources[1]]):
        made.clear()
        assert small.build(grew, *FIRST, *arguments) == 0
    assert set(made) == {"digits", "digits-null", "halves"}
    order = [name for name, _ in msgspec.json.decode((grew / "site/files.json").read_bytes())["studies"]]
    assert order == ["digits", "digits-null", "other", "halves"]
    also = "".join(f"[[dataset]]\npath = {json.dumps(path)}\n" for path in sources)
    (tmp_path / "gallery.toml").write_text(f"[[dataset]]\nrobustness = true\n{also}")
    assert small.build(once, *FIRST, "--config", str(tmp_path / "gallery.toml")) == 0
    assert site(grew) == site(once)


def test_who_was_taken_out_of_a_config_stays_until_replaced(small: Small, tmp_path: Path) -> None:
    text = 'title = "Mine"\n[[dataset]]\nrobustness = true\n'
    also = f"[[dataset]]\npath = {json.dumps(own(tmp_path / 'other.npz'))}\n"
    gallery = tmp_path / "gallery.toml"
    gallery.write_text(text + also)
    assert small.build(tmp_path, *FIRST, "--config", str(gallery)) == 0
    whole = site(tmp_path)
    gallery.write_text(f'title = "Mine"\n{also}')
    for more in ([], ["--only", "site"]):
        assert small.build(tmp_path, *FIRST, "--config", str(gallery), *more) == 0
        assert site(tmp_path) == whole
    assert small.build(tmp_path, *FIRST, "--data", str(tmp_path / "other.npz"), "--only", "site") == 0
    assert site(tmp_path) == whole, "the title, too, where none is given"
    assert small.build(tmp_path, *FIRST, "--only", "site") == 0
    assert not (tmp_path / "site" / "digits-null").exists(), "a shuffled baseline belongs to its study, which is given"
    assert cards(tmp_path) == ["digits", "other"]


def broken(results: Path) -> Iterator[str]:
    """Each way in which the digits' results can be lost; what is said of it. They lie there lost."""
    sound = results.with_name("sound")
    shutil.copytree(results, sound)
    manifest, table = results / "digits" / store.MANIFEST, results / "digits" / "metrics.parquet"

    def anew() -> None:
        shutil.rmtree(results)
        shutil.copytree(sound, results)

    shutil.rmtree(results / "digits")
    yield "missing"
    anew()
    resealed(manifest, '"format": 2', '"format": 99')
    yield "format 99"
    anew()
    manifest.write_bytes(manifest.read_bytes()[:-9])
    yield "damaged"
    anew()
    table.write_bytes(b"x")
    yield f"{table}: missing or damaged"
    anew()
    shutil.copyfile(manifest, results / "kept.json")
    manifest.unlink()
    manifest.mkdir()
    yield "cannot be read"


def test_without_results_it_ends_before_computing_and_names_them(
    small: Small, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = own(tmp_path / "second.npz")
    for said in broken(folder / "results"):
        before = tree(folder)
        small.computed.clear()
        capsys.readouterr()
        assert small.build(folder, *FIRST, "--data", second) == 2, said
        error = capsys.readouterr().err
        assert "digits (" in error and said in error and "--replace" in error, error
        assert small.computed == []
        assert {name: data for name, data in tree(folder).items() if not name.endswith(".lock")} == {
            name: data for name, data in before.items() if not name.endswith(".lock")
        }
    assert small.build(folder, *FIRST, "--data", second, "--only", "compute") == 0
    assert small.build(folder, *FIRST, "--data", second, "--replace") == 0
    assert small.build(tmp_path / "fresh", *FIRST, "--data", second) == 0
    assert site(folder) == site(tmp_path / "fresh")


@pytest.mark.parametrize("more", [[], ["--replace"]])
def test_a_build_that_dies_loses_nothing_that_it_was_not_told_to(
    small: Small, folder: Path, tmp_path: Path, more: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    second = own(tmp_path / "second.npz")
    ended = Path(shutil.copytree(folder, tmp_path / "ended"))
    assert small.build(ended, *FIRST, "--data", second, *more) == 0
    for last in ("second/download/CITATION.cff", "second/index.html", "index.html"):
        left = Path(shutil.copytree(folder, tmp_path / last.replace("/", "-")))

        def die(path: Path, data: bytes, last: Path = left / "site" / last) -> None:
            if path == last:
                raise KeyboardInterrupt
            write_atomic(path, data)

        with monkeypatch.context() as patch:
            patch.setattr(owned_folder, "write_atomic", die)
            assert small.build(left, *FIRST, "--data", second, *more) == 130
        assert small.build(left, *FIRST, "--data", second) == 0
        assert site(left) == site(ended), last


def test_lists_of_older_versions_name_their_studies_too(small: Small, folder: Path, tmp_path: Path) -> None:
    path = folder / "site" / publish.FILES
    old = {name: value for name, value in json.loads(path.read_bytes()).items() if name not in ("studies", "title")}
    old |= {"format": 2, "fingerprint": ""}
    path.write_bytes(seal((json.dumps(old, indent=1) + "\n").encode()))
    assert small.build(folder, *FIRST, "--data", own(tmp_path / "second.npz")) == 0
    assert cards(folder) == ["digits", "second"]


def test_a_study_of_ones_own_that_stands_under_a_shuffled_baseline_name_is_none() -> None:
    loaded = gallery.load(config.Config(), ["digits-null"], print)
    assert [study.config.id for study in loaded] == ["digits"]
