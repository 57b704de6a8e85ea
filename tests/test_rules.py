"""Rules: what figures and tables follow from is seen to change, and what is versioned by hand is not forgotten."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from precompute import describe, features, neighbors, tables
from precompute.clusterers import canonical, clusterer, kmeans
from precompute.dataset import Dataset
from precompute.labels import stability
from precompute.maps import align, descent, gradient, interpolation, method, pca, registry, tsne, umap
from precompute.metrics import limits
from precompute.run import plan, rules
from tests.conftest import TINY


def test_a_constant_and_a_text_change_a_fingerprint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = rules.of(stability)
    assert rules.of(stability) == before
    with monkeypatch.context() as patch:
        patch.setattr(stability, "SEEDS", 6)
        assert rules.changed(rules.of(stability), before) == ["labels.stability"]
    other = tmp_path / "robustness.py"
    other.write_text(Path(stability.__file__).read_text() + "\n")
    monkeypatch.setattr(stability, "__file__", str(other))
    assert rules.changed(rules.of(stability), before) == ["labels.stability"]
    assert rules.changed(before, {}) == ["labels.stability"]


@pytest.mark.parametrize("name", ["QUADRATIC_LIMIT", "NEIGHBORS"])
def test_a_changed_rule_of_a_measure_changes_its_cells_alone(
    name: str, tiny_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = plan.plan(tiny_data, TINY, TINY.grid).cells
    monkeypatch.setattr(limits, name, 9)
    after = plan.plan(tiny_data, TINY, TINY.grid).cells
    assert {one.split()[0] for one in before if before[one].key != after[one].key} == {"metrics", "measures"}


def test_every_module_that_tables_are_made_by_is_looked_at() -> None:
    """Cells have keys of their own, what a manifest says is compared with what it would say, and `arrow` only reads.

    Of the registries tables ask only whose clusters are evidence, which is among the rules by itself.
    """
    apart = {"machine.arrow", "run.cells", "dataset", "describe", "machine.files", "run.plan", "store.reading"}
    apart |= {"machine.owned_folder", "maps.registry", "clusterers.registry"}
    seen: set[str] = set()
    waiting = ["tables"]
    while waiting:
        name = waiting.pop()
        path = PRECOMPUTE / f"{name.replace('.', '/')}.py"
        room = path.with_suffix("") / "__init__.py"
        if name in seen | apart or not (path.is_file() or room.is_file()):
            continue  # looked at already, or what is imported is no module
        if path.is_file():
            seen.add(name)
        for node in ast.walk(ast.parse((path if path.is_file() else room).read_text())):
            if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("precompute."):
                module = str(node.module).removeprefix("precompute").lstrip(".")
                waiting += [module, *(f"{module}.{one.name}".lstrip(".") for one in node.names)]
    # figures of clusters come in cells, and are rows of a table all the same
    assert seen | {"metrics.cluster_stats", "evidence"} == set(describe.table_rules())


def test_whose_clusters_are_evidence_is_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    before = describe.table_rules()
    entries = {name: replace(entry, evidence=True) for name, entry in registry.METHODS.items()}
    monkeypatch.setattr(registry, "METHODS", entries)
    assert rules.changed(describe.table_rules(), before) == ["evidence"]


PRECOMPUTE = Path(tables.__file__).parent

BY_HAND: dict[str, tuple[str, tuple[ModuleType, ...], str]] = {
    "features": (features.ALGORITHM, (features,), "9194992bf1f2"),
    "neighbors": (neighbors.ALGORITHM, (neighbors,), "f842d2667588"),
    "clusters": (kmeans.ALGORITHM, (kmeans, clusterer, canonical), "96fc3730bb4b"),
    "maps": (
        registry.METHODS["tsne"].algorithm,
        (method, tsne, align, pca, descent, gradient, interpolation),
        "7c35aff464e2",
    ),
    "umap": (registry.METHODS["umap"].algorithm, (umap,), "4931fe659bff"),
}
"""Versions that are raised by hand, the code that they stand for, and its fingerprint when it was last looked at."""


@pytest.mark.parametrize("name", BY_HAND)
def test_who_changes_a_costly_cell_thinks_of_its_version(name: str) -> None:
    version, modules, known = BY_HAND[name]
    found = hashlib.sha256(repr([version, *(_code(_tree(module)) for module in modules)]).encode()).hexdigest()[:12]
    assert found == known, (
        f"the code of {name} has changed (version {version}): where its results change, too, raise ALGORITHM, so that "
        f"kept cells are computed again; then write {found!r} here"
    )


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def _code(node: Any) -> Any:
    """Code without comments, docstrings and layout, the same for every version of Python."""
    if isinstance(node, list):
        texts = [one for one in node if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
        return [_code(one) for one in texts]
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [(name, value) for name, value in ast.iter_fields(node) if value not in (None, [])]
    return [type(node).__name__, *((name, _code(value)) for name, value in fields)]
