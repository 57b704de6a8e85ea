"""What a representation is, and what a person asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from precompute.loaders.options import Scale

Matching = Literal["auto", "order"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A representation as a person asks for it.

    Attributes:
        name: in slugs and addresses; lower-case letters, digits and dashes, a letter first.
        title: for people; "": the name.
        source: which of `registry.SOURCES` makes it.
        place: what the source reads: a name of `values.OWN`, a file, or a model, by path or by a name of
            `onnx.MODELS`.
        prepare: how pictures are brought to what an encoder expects, of `prepare.PREPARATIONS`; None: as the model's
            entry says.
        output: name of the encoder's output; None: its only one.
        scale: as for data.
        id_column: of a CSV's or Parquet's ids; None: found by its name.
        match: "order": rows are in the samples' order, whatever their neighbours look like; "auto": by id where there
            are ids, else by order, and a doubt where that seems wrong.
    """

    name: str
    title: str = ""
    source: str
    place: str | Path
    prepare: str | None = None
    output: str | None = None
    scale: Scale = "auto"
    id_column: str | int | None = None
    match: Matching = "auto"


@dataclass(frozen=True, kw_only=True)
class Representation:
    """A matrix over a study's samples.

    Attributes:
        name, title: as asked for.
        values: (n, d) float32 in [0, 1], in the samples' order.
        source: where the numbers are from, in words for the manifest; of a model with its sha256.
        scaling: how the numbers became [0, 1], in words.
        notes: what was done and should be known, a sentence each.
        doubts: what may be wrong, a sentence each that names the key which decides it.
    """

    name: str
    title: str
    values: NDArray[np.float32]
    source: str
    scaling: str
    notes: tuple[str, ...] = field(default_factory=tuple)
    doubts: tuple[str, ...] = field(default_factory=tuple)
