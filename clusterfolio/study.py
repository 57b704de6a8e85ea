"""A study in Python: samples, and what is to be computed of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from clusterfolio.arrays import raw_of
from precompute import config
from precompute.config import ConfigError, Grid, StudyConfig
from precompute.dataset import DataError, Dataset
from precompute.loaders import assemble
from precompute.loaders.raw import Doubt

ARGUMENTS = ("label_names", "image_shape", "scale", "ink")
"""Keys of how data are read that are arguments here, too."""


class Study:
    """Samples, and what is to be computed of them; everything is checked here, and nothing computed.

    Images and features may be arrays (NumPy, PyTorch and whatever else NumPy reads), lists, data frames (pandas,
    polars, pyarrow), a `datasets.Dataset`, AnnData, or a Bunch of scikit-learn. They are scaled and understood as the
    same data in a file would be; see docs/own-data.md.

    Args:
        images: (n, h, w) or (n, h, w, 3) numbers; flat rows (n, h · w) with an `image_shape`; a list of Pillow images
            or of paths to PNG and JPEG files; or a Bunch with `images`.
        features: (n, d) numbers. With `images` beside them, features are what is embedded and images are shown.
        labels: (n,) whole numbers or texts; or the name of a column of the samples. They only ever evaluate.
        ids: (n,) names of the samples, each different; or the name of a column. None: their numbers, from 0.
        columns: a data frame, or arrays by name, of the samples' own columns; labels and ids may be named from them.
            None: those that a frame of samples has beside its numbers.
        representations: other matrices over the same samples, by name (not yet).
        id: name of its folder, lower-case letters, digits and dashes. None: made of the title.
        title, description, credit, license: texts for the pages.
        label_names: names of labels that are the whole numbers 0, 1, …
        image_shape: (height, width), or (height, width, 3) for colour.
        scale: how numbers are scaled, as in a configuration; "auto": by type.
        ink: of grey images: "bright" shows strokes as ink on paper, "dark" images as they are; "auto": by their ground.
        methods: names of the methods whose maps are clustered. None: t-SNE. A PCA map is always there.
        clusterers: names of what puts samples in groups. None: K-Means.
        parameters: values by a parameter's name, such as `{"perplexity": [10, 30, 50], "k": range(3, 16)}`; those that
            are not given have their default.
        robustness: whether to compute maps from other starts and the shuffled baseline. None: where that is quick.
        seed: of everything random.
        **values: the same as `parameters`, in short: `perplexity=[10, 30, 50], k=range(3, 16)`.

    Attributes:
        data: the samples, as they are computed with.
        config: what is to be computed.
        notes: sentences on how the samples were understood.

    Raises:
        DataError: samples that cannot be used; names the argument, its shape, and what is allowed.
        ConfigError: an unknown name or a value that is not allowed; all of them at once.
    """

    def __init__(
        self,
        images: Any = None,
        features: Any = None,
        labels: Any = None,
        ids: Any = None,
        columns: Any = None,
        *,
        representations: Mapping[str, Any] | None = None,
        id: str | None = None,
        title: str = "",
        description: str = "",
        credit: str = "",
        license: str = "",
        label_names: Sequence[str] | None = None,
        image_shape: Sequence[int] | None = None,
        scale: str = "auto",
        ink: str = "auto",
        methods: Sequence[str] | str | None = None,
        clusterers: Sequence[str] | str | None = None,
        parameters: Mapping[str, Any] | None = None,
        robustness: bool | None = None,
        seed: int = 0,
        **values: Any,
    ) -> None:
        if representations is not None:
            raise DataError("representations: not yet; leave them out")
        name = assemble.id_from(title) if id is None else id
        read = _Values()
        options = {
            "id": name,
            "image_shape": None if image_shape is None else list(image_shape),
            "scale": scale,
            "ink": ink,
            "seed": seed,
            "robustness": robustness,
            "methods": _names(methods),
            "clusterers": _names(clusterers),
        }
        known = {key: read.of(key, value, config.study_keys()) for key, value in options.items() if value is not None}
        grid = read.grid({**(parameters or {}), **values})
        read.check()
        raw, how = raw_of(images, features, labels, ids, columns, label_names, known.pop("image_shape", None))
        how = replace(how, scale=known.pop("scale"), ink=known.pop("ink"))
        texts = {"title": title, "description": description, "credit": credit, "license": license}
        loaded = assemble.assembled(raw, "Study", name, how, {"title": name, **_there(texts)})
        self.data: Dataset = loaded.data
        self.notes: tuple[str, ...] = (*loaded.notes, *map(_doubt, loaded.doubts))
        self.config = StudyConfig(grid=Grid(grid, explicit=frozenset(grid)), texts=_there(texts), **known)
        self._lines = tuple(loaded.lines(notes=False))

    def __repr__(self) -> str:
        """What was understood of the samples, and what is to be computed."""
        axes = [f"{name}: {len(values)} values" for name, values in self.config.grid.values.items()]
        grid = ", ".join([*self.config.methods, *self.config.clusterers, *axes])
        return "\n".join([f"Study {self.config.id!r}", *(f"  {line}" for line in self._lines), f"  grid: {grid}"])


def _doubt(doubt: Doubt) -> str:
    """A doubt with the argument that decides it; of a key that is no argument, as elsewhere."""
    if doubt.key not in ARGUMENTS or not doubt.answer:
        return str(doubt)
    return f"{doubt.sentence} (to have it otherwise: {doubt.key}={doubt.answer})"


class _Values:
    """Reads the values that a person gave, and gathers what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def of(self, name: str, value: Any, readers: Mapping[str, Any]) -> Any:
        """A value as the configuration reads it."""
        try:
            return readers[name](value)
        except ValueError as error:
            self.problems.append(f"{name}: {error}")
            return None

    def grid(self, values: Mapping[str, Any]) -> dict[str, tuple[float, ...]]:
        """Values of parameters by name."""
        readers = config.parameter_readers()
        grid = {}
        for name, value in values.items():
            if name not in readers:
                near = difflib.get_close_matches(name, readers, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                self.problems.append(f"{name}: no such argument or parameter{hint} (parameters: {', '.join(readers)})")
                continue
            grid[name] = self.of(name, _listed(value), readers)
        return grid

    def check(self) -> None:
        """Refuse what was wrong.

        Raises:
            ConfigError: all of it.
        """
        if self.problems:
            raise ConfigError(self.problems)


def _listed(value: Any) -> Any:
    """Values of a parameter without NumPy's types: a number, a text such as "5:50", or a list."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return [each.item() if hasattr(each, "item") else each for each in value]


def _names(value: Sequence[str] | str | None) -> Any:
    return value if value is None or isinstance(value, str) else list(value)


def _there(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}
