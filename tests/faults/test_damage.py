"""Damage to any stored file is found: named by --verify, and mended or refused by the next build, never shown."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from precompute import store, verify
from precompute.machine.files import seal, sha256
from precompute.run import cells
from precompute.run.cells import Part
from site_templates import publish
from tests.faults.small import FIRST, Small, tree


def flip(data: bytes, _: bytes) -> bytes:
    at = random.Random(len(data)).randrange(len(data)) if data else 0
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] if data else b"\1"


HARMS: dict[str, Callable[[bytes, bytes], bytes | None]] = {
    "flipped": flip,
    "truncated": lambda data, _: data[: len(data) // 2],
    "empty": lambda data, _: b"",
    "swapped": lambda _, other: other,
    "missing": lambda data, _: None,
}


def harmed(folder: Path, kind: str) -> Iterator[tuple[str, Path, bytes, str]]:
    """Every stored file of a kind with every harm: name, path, sound bytes and what was done; it lies there harmed."""
    names = [name for name in tree(folder) if re.match(kind, name) and not name.endswith("/.lock")]
    for number, name in enumerate(names):
        path, other = folder / name, folder / names[number - 1]
        sound, swap = path.read_bytes(), other.read_bytes()
        for harm, apply in HARMS.items():
            data = apply(sound, swap)
            if data == sound:
                continue
            if data is None:
                path.unlink()
            else:
                path.write_bytes(data)
            yield name, path, sound, harm
            path.write_bytes(sound)


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_verify_names_every_harmed_file(small: Small, folder: Path, tell: Callable[[str], None], every: int) -> None:
    """Parts that are missing are no damage: they are only a cache. There are five harms a file: each has one or two."""
    assert small.build(folder, "--verify") == 0
    cases = 0
    for turn, (name, path, _, harm) in enumerate(harmed(folder, "results/|site/")):
        if turn % every:
            continue
        found = verify.results(folder / "results") + publish.verified(folder / "site")
        expected = [] if (name.endswith(".part") and harm == "missing") else [str(path)]
        if name == f"site/{publish.FILES}" and harm == "missing":
            expected = [str(folder / "site")]
        assert [re.split(r": (?=[a-z])", problem)[0] for problem in found.problems] == expected, (name, harm)
        cases += 1
    assert small.build(folder, "--verify") == 0
    tell(f"--verify: {cases} harmed files, all named")
    assert cases > 250 // every


def test_verify_on_the_command_line(small: Small, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("results/digits/metrics.parquet", "site/index.html"):
        (folder / name).write_bytes(b"x")
    before = tree(folder)
    capsys.readouterr()
    assert small.build(folder, "--verify") == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        str(folder / "results/digits/metrics.parquet"),
        str(folder / "site/index.html"),
    ]
    assert small.build(folder, "--verify", "--only", "site") == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert tree(folder) == before
    assert small.build(folder / "nowhere", "--verify") == 1
    assert "there are no results here" in capsys.readouterr().err
    assert not (folder / "nowhere").exists()


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_harmed_results_are_refused_by_name_or_made_anew(
    small: Small, folder: Path, capsys: pytest.CaptureFixture[str], tell: Callable[[str], None], every: int
) -> None:
    sound_tree, cases = tree(folder), 0
    for turn, (name, path, _, harm) in enumerate(harmed(folder, r"results/\.?\w+/")):
        if turn % every:
            continue  # there are five harms a file, so each has one or two of them, by turns
        part = name.endswith(".part")
        if part:  # they are read when the tables are not what they should be
            (folder / "results/digits/metrics.parquet").unlink()
        elif path.name != store.CELLS:
            with pytest.raises(store.StoreError, match=re.escape(str(path))):
                store.read(folder / "results/digits")
        capsys.readouterr()
        assert small.build(folder, *FIRST) == 0, (name, harm)
        warned = capsys.readouterr().err
        if harm != "missing":
            assert str(path) in warned, (name, harm)
        assert tree(folder) == sound_tree, (name, harm)
        cases += 1
    tell(f"harmed results: {cases} cases, all refused by name, and made anew by the next build with a warning")
    assert cases > 80 // every


@pytest.mark.parametrize("every", [pytest.param(4, marks=pytest.mark.slow), 14])
def test_harmed_sites_are_made_anew_or_refused_by_name(
    small: Small, folder: Path, capsys: pytest.CaptureFixture[str], tell: Callable[[str], None], every: int
) -> None:
    sound_tree, cases, turn = tree(folder), 0, 0
    for name, path, _, harm in harmed(folder, "site/"):
        turn += 1
        if name != f"site/{publish.FILES}" and turn % every:
            continue  # one harm for each file, by turns: --verify and this test see the same comparison
        before = tree(folder)
        capsys.readouterr()
        code = small.build(folder, *FIRST)
        said = capsys.readouterr().err
        if path.name == publish.FILES:
            assert code == 2
            assert str(path) in said or "holds other files" in said
            assert tree(folder) == before, "nobody can tell what is the site's: nothing is touched"
        else:
            assert (code, str(path) in said) == (0, True), (name, harm)
            assert tree(folder) == sound_tree, (name, harm)
        cases += 1
    tell(f"harmed sites: {cases} cases, all mended with a warning, or refused by name")
    assert cases > 120 // every


def resealed(path: Path, old: str, new: str) -> None:
    """Change a sealed file as another version of this tool would have written it."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'"fingerprint": "[0-9a-f]{64}"', '"fingerprint": ""', text)
    assert old in text
    text = text.replace(old, new, 1)
    path.write_text(text.replace('"fingerprint": ""', f'"fingerprint": "{sha256(text.encode())}"', 1))


@pytest.mark.parametrize("number", [0, 1, 99])
def test_results_of_another_format_are_made_anew(
    small: Small, folder: Path, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    sound_tree, path = tree(folder), folder / "results/digits/manifest.json"
    resealed(path, '"format": 2', f'"format": {number}')
    with pytest.raises(store.StoreError, match=f"format {number}; this version reads format 2: run build.py"):
        store.read(folder / "results/digits")
    assert small.build(folder, "--only", "site") == 2
    assert small.build(folder, "--verify") == 1
    small.computed.clear()
    assert small.build(folder, *FIRST) == 0
    assert f"format {number}" in capsys.readouterr().err
    assert tree(folder) == sound_tree
    assert small.computed == []


def test_a_site_of_a_newer_format_is_refused_and_of_an_older_one_is_made_anew(
    small: Small, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound_tree, path = tree(folder), folder / "site" / publish.FILES
    resealed(path, '"format": 3', '"format": 4')
    assert small.build(folder, *FIRST) == 2
    assert "format 4; this version reads format 3" in capsys.readouterr().err
    content = json.loads(path.read_text(encoding="utf-8"))
    for number, later in ((2, ("studies", "title")), (1, ("studies", "title", "fingerprint"))):
        old = {name: value for name, value in content.items() if name not in later} | {"format": number}
        data = msgspec.json.format(msgspec.json.encode(old | ({"fingerprint": ""} if number > 1 else {})), indent=1)
        path.write_bytes(data if number == 1 else seal(data))
        assert small.build(folder, *FIRST) == 0
        assert tree(folder) == sound_tree


def test_parts_of_another_version_are_computed_again(
    small: Small, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both with another magic number, and with the same but other fields inside."""
    sound_tree = tree(folder)
    (path,) = (folder / "results/.cells/digits").glob("tsne-p5-*.part")
    sound = path.read_bytes()
    body = msgspec.msgpack.encode({"key": "k", "matrices": {}})
    changed = cells._MAGIC + sha256(body).encode() + body
    for data in (sound.replace(b"part 2", b"part 3", 1), sound.replace(b"part 2", b"part 1", 1), changed):
        path.write_bytes(data)
        (folder / "results/digits/metrics.parquet").unlink()
        assert cells.unpack(data) is None
        small.computed.clear()
        assert small.build(folder, *FIRST) == 0
        assert "tsne-p5" in capsys.readouterr().err
        assert small.computed == ["tsne-p5"]
        assert tree(folder) == sound_tree
    assert isinstance(cells.unpack(sound), Part)
