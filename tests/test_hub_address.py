"""Data sets of Hugging Face by their address, out of a local cache laid out as the hub's library does."""

from __future__ import annotations

import builtins
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from precompute.dataset import DataError
from precompute.loaders import addresses, assemble
from precompute.loaders.options import Options
from precompute.loaders.raw import Limits

N = 30
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ADDRESS = "hf://datasets/someone/few"


def test_without_its_library_the_way_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    own = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("huggingface_hub"):
            raise ImportError(name)
        return own(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    for address in (ADDRESS, f"{ADDRESS}/data/train.parquet"):
        with pytest.raises(DataError, match=r"hf download someone/few .*; or install .*\"clusterfolio\[hub\]\""):
            assemble.load(Path(address), "few", Options())


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The hub's library, without a network, over a cache of one data set."""
    found = pytest.importorskip("huggingface_hub")
    repository = tmp_path / "datasets--someone--few"
    snapshot, blobs = repository / "snapshots" / COMMIT, repository / "blobs"
    for folder in (snapshot / "data", blobs, repository / "refs"):
        folder.mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    (blobs / "card").write_text("---\nlicense: mit\n---\n")
    (snapshot / "README.md").symlink_to("../../blobs/card")
    for part, begin in (("train", 0), ("test", N)):
        numbers = np.random.default_rng(begin).normal(size=(N, 4))
        table = {**{f"x{at}": numbers[:, at] for at in range(4)}, "label": ["a", "b"] * (N // 2)}
        parquet.write_table(pa.table(table), blobs / part)
        (snapshot / "data" / f"{part}-00000-of-00001.parquet").symlink_to(f"../../../blobs/{part}")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return found


@pytest.mark.usefixtures("hub")
def test_a_data_set_by_its_address() -> None:
    loaded = assemble.load(Path(ADDRESS), "few", Options())
    assert (loaded.data.n, loaded.data.label_names) == (2 * N, ("a", "b"))
    assert loaded.data.title == "few"
    assert loaded.notes[0] == f"someone/few of Hugging Face, revision {COMMIT[:12]}"
    assert loaded.splits == {"train": N, "test": N}
    at_commit = assemble.load(Path(f"{ADDRESS}@{COMMIT}"), "few", Options())
    assert at_commit.data.sha256() == loaded.data.sha256()
    inside = assemble.load(Path(f"{ADDRESS}/data/test-00000-of-00001.parquet"), "few", Options())
    assert inside.data.n == N


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("hf://datasets/someone/other", "'hf://datasets/someone/other': cannot be fetched"),
        (f"{ADDRESS}/nothing", "there is no 'nothing' in it"),
        ("hf://models/someone/few", "is an address, and nothing is fetched from one here"),
    ],
)
def test_what_is_not_there(address: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        addresses.fetched(address)


def test_more_than_may_be_read_is_not_fetched(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [SimpleNamespace(rfilename="data/train.parquet", size=5_000), SimpleNamespace(rfilename="b.csv", size=9)]
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub.HfApi, "dataset_info", lambda *_, **__: SimpleNamespace(siblings=files))
    with pytest.raises(DataError, match=r"allowed are at most 1e-06 GB: name a folder or a file in it"):
        addresses.fetched(ADDRESS, Limits(file_bytes=1_000))
