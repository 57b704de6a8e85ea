"""A gallery before it is computed: all of its data sets read, checked and planned, with their shuffled baselines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from precompute import dataset, store
from precompute.config import Config, ConfigError, StudyConfig
from precompute.dataset import Dataset
from precompute.labels import baseline
from precompute.loaders import assemble
from precompute.run.study import PlannedStudy, planned


def load(config: Config, taken: Collection[str], note: Callable[[str, Sequence[str]], None]) -> list[PlannedStudy]:
    """Read all data sets, and check each with its grid before the first cell of any is computed.

    Args:
        config: the gallery.
        taken: ids of studies that stand in the site and are not of this gallery.
        note: told of what loaders noticed: the id of a data set, and its notes.

    Returns:
        Its studies in their order, then the shuffled baselines of those that have one.

    Raises:
        ConfigError: grids that do not fit their data; all of them.
        DataError: a data set cannot be used.
    """
    return planned_all([(_read(study, note), study) for study in config.studies], taken)


def planned_all(loaded: Sequence[tuple[Dataset, StudyConfig]], taken: Collection[str]) -> list[PlannedStudy]:
    """Check data sets that are there with their grids, and plan them and their shuffled baselines; see `load`."""
    for data, _ in loaded:
        dataset.check_spread(data)
    studies, problems = [], []
    for data, study in loaded:
        try:
            studies.append(planned(data, study))
        except ConfigError as error:
            problems += [f"{study.id}: {problem}" for problem in error.problems]
    if problems:
        raise ConfigError(problems)
    ids = {*(study.id for _, study in loaded), *taken}
    shuffled = [study for study in studies if baseline.name_of(study.config.id) not in ids]
    return studies + [_baseline(study) for study in shuffled if study.config.is_robust(study.data.n)]


def to_publish(config: Config, results: Path, taken: Collection[str] = ()) -> list[str]:
    """Ids of the studies to publish: each one, and its shuffled baseline where it has one and that is there.

    Raises:
        StoreError: results are missing or damaged.
    """
    names = []
    ids = {*(study.id for study in config.studies), *taken}
    for study in config.studies:
        names.append(study.id)
        shuffled = baseline.name_of(study.id)
        if shuffled in ids:  # a person's own study of that name
            continue
        if (results / shuffled / store.MANIFEST).is_file():
            n = store.read_manifest(results / study.id).dataset.n
            names += [shuffled] * study.is_robust(n)
    return names


def with_results(config: Config, results: Path) -> Config:
    """The gallery without studies that could not even begin, and of which no earlier build left results."""
    there = tuple(study for study in config.studies if (results / study.id / store.MANIFEST).is_file())
    return replace(config, studies=there)


def _read(study: StudyConfig, note: Callable[[str, Sequence[str]], None]) -> Dataset:
    if study.path is None:
        return dataset.load(study.source)
    loaded = assemble.load(study.path, study.id, study.options, study.texts)
    note(study.id, loaded.remarks)
    return loaded.data


def _baseline(study: PlannedStudy) -> PlannedStudy:
    """The study of the same data, shuffled, at some values of the grid."""
    config, grid = study.config, study.grid
    title = config.texts.get("title", study.data.title)
    shuffled = baseline.shuffled(study.data, config.seed, config.id, title)
    facts = config.facts(shuffled)
    values = {}
    for one in config.parameters:
        allowed = tuple(value for value in grid[one.name] if one.allows(value, facts))
        values[one.name] = one.robustly(allowed or (float(int(one.limits(facts)[1])),))
    own = replace(
        config,
        id=baseline.name_of(config.id),
        grid=replace(grid, values=values),
        clusterers=config.quick_clusterers,
        robustness=False,
        texts={},
    )
    # what only a clusterer left out here has was not asked for of this study
    asked = own.grid.explicit & {one.name for one in own.parameters}
    return planned(shuffled, replace(own, grid=replace(own.grid, explicit=asked)))
