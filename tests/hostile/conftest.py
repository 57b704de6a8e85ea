"""The site that hostile addresses and scripts try, and sites of hostile texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from precompute import pipeline, store
from precompute.dataset import Dataset
from precompute.machine.files import sha256
from precompute.run.dispatch import Machine
from precompute.run.study import planned
from precompute.store import Study
from site_templates import publish
from site_templates.pages import setting_errors
from tests.conftest import TINY, shared
from tests.hostile import corpus
from tests.hostile.texts import Texts


@pytest.fixture(scope="session")
def site(tiny_site: Path) -> Path:
    """The site of the tiny study; not to be written to."""
    return tiny_site


@pytest.fixture(scope="session")
def crowd_results(tiny_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the tiny study as if it had a label for each hostile string, so that one site takes them all."""

    def make(folder: Path) -> None:
        names = tuple(str(code) for code in range(len(corpus.strings())))
        labels = (np.arange(tiny_data.n) % len(names)).astype(np.int16)
        data = replace(tiny_data, labels=labels, label_names=names)
        assert not pipeline.compute(planned(data, TINY), folder, Machine()).failed

    return shared(tmp_path_factory, "crowd-results", make)


@pytest.fixture(scope="session")
def crowd(crowd_results: Path) -> Study:
    """That study, read back."""
    return store.read(crowd_results / "tiny")


@pytest.fixture(scope="session")
def build(crowd: Study, crowd_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Texts], Path]:
    """Gives the site of that study with other texts, made through the store once a run; not to be written to."""
    cells = store.read_cells(crowd_results / "tiny")
    assert cells is not None
    samples = crowd.tables["samples"]

    def make(folder: Path, texts: Texts) -> None:
        info = msgspec.structs.replace(
            crowd.manifest.dataset,
            title=texts.title,
            description=texts.description,
            source=texts.source,
            license=texts.license,
            labels=list(texts.labels),
        )
        manifest = msgspec.structs.replace(crowd.manifest, dataset=info)
        column = samples.schema.get_field_index("id")
        named = samples.set_column(column, samples.schema.field(column), pa.array(texts.ids, pa.string()))
        store.write(folder / "results" / "tiny", manifest, {**crowd.tables, "samples": named}, cells)
        with pytest.MonkeyPatch.context() as patch:
            # pages of settings say as much as fits, and so of short texts more; test_ids.py has what a script then adds
            patch.setattr(setting_errors, "ROOM", 10**9)
            publish.publish(folder / "results", folder / "site", ["tiny"], texts.gallery, "https://example.org/")

    def made(texts: Texts) -> Path:
        name = f"hostile-{sha256(repr(texts).encode())[:12]}"
        return shared(tmp_path_factory, name, lambda folder: make(folder, texts)) / "site"

    return made
