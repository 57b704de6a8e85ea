"""The site that hostile addresses and scripts try, and sites of hostile texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from precompute import store
from precompute.machine.files import sha256
from precompute.store import Study
from site_templates import publish
from tests.conftest import shared
from tests.hostile.texts import Texts


@pytest.fixture(scope="session")
def site(tiny_site: Path) -> Path:
    """The site of the tiny study; not to be written to."""
    return tiny_site


@pytest.fixture(scope="session")
def build(tiny_study: Study, tiny_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Texts], Path]:
    """Gives the site of the tiny study with other texts, made through the store once a run; not to be written to."""
    cells = store.read_cells(tiny_results / "tiny")
    assert cells is not None
    samples = tiny_study.tables["samples"]

    def make(folder: Path, texts: Texts) -> None:
        info = msgspec.structs.replace(
            tiny_study.manifest.dataset,
            title=texts.title,
            description=texts.description,
            source=texts.source,
            license=texts.license,
            labels=list(texts.labels),
        )
        manifest = msgspec.structs.replace(tiny_study.manifest, dataset=info)
        column = samples.schema.get_field_index("id")
        named = samples.set_column(column, samples.schema.field(column), pa.array(texts.ids, pa.string()))
        store.write(folder / "results" / "tiny", manifest, {**tiny_study.tables, "samples": named}, cells)
        publish.publish(folder / "results", folder / "site", ["tiny"], texts.gallery, "https://example.org/")

    def made(texts: Texts) -> Path:
        name = f"hostile-{sha256(repr(texts).encode())[:12]}"
        return shared(tmp_path_factory, name, lambda folder: make(folder, texts)) / "site"

    return made
