"""The filmstrip: one small map for each value of a parameter, as one picture, and where each sample lies on them.

It has a row for each method, over its first parameter; its others stay as they are at the start. Few methods care how a
map is turned or mirrored. For the filmstrip only, each map is turned and mirrored onto its neighbour (orthogonal
Procrustes: P. H. Schönemann, Psychometrika 31, 1966), so that what moves from frame to frame is not the orientation.
Distances stay what they are.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.machine.files import sha256
from precompute.store import Axis, EmbeddingInfo, number_slug
from site_templates import nearest, palette, words
from site_templates.data.choices import plain
from site_templates.data.chunk import chunk
from site_templates.data.columns import numbers
from site_templates.images.canvas import Canvas, rgb
from site_templates.study import StudySite

FRAME = 120
"""Pixels a side of a frame in the picture; the page shows it smaller."""

COLUMNS = 8
LEVELS = 255
"""A place in a frame is one of 256 steps across and up."""

_OVERSAMPLE = 3


@dataclass(frozen=True)
class Row:
    """The frames of one method.

    Attributes:
        maps: a frame each, by the method's first parameter, ascending.
        values: of that parameter; None where the method has none.
        method: its label.
        word: what the values are called; "" where there are none.
        fixed: what else the method is set to in all frames, each as "minimum distance 0.1".
    """

    maps: Sequence[EmbeddingInfo]
    values: Sequence[float | None]
    method: str
    word: str = ""
    fixed: Sequence[str] = ()


@dataclass(frozen=True)
class Filmstrip:
    """The filmstrip of a study.

    Attributes:
        rows: a method each, that of the start first.
        turned: degrees by which the most turned map was turned.
        mirrored: how many maps were mirrored.
        content: what the scripts need.
        files: beside the page, by path.
    """

    rows: Sequence[Row]
    turned: float
    mirrored: int
    content: dict[str, Any]
    files: dict[str, bytes]

    @property
    def count(self) -> int:
        """How many frames there are."""
        return sum(len(row.maps) for row in self.rows)


NONE = Filmstrip((), 0.0, 0, {"frames": []}, {})
"""Of a study of which there are no two maps to show."""


def word(axis: Axis) -> str:
    """What a value of a parameter is called in a sentence: "perplexity 30"."""
    return axis.label.lower()


def rows_of(study: StudySite) -> list[Row]:
    """The maps of each method over its first parameter, the others being as at the start."""
    manifest, start = study.manifest, study.start
    found = []
    for method in sorted(words.methods(manifest), key=lambda one: one.name != start["method"]):
        axes = [next(one for one in manifest.axes if one.name == name) for name in method.parameters]
        axis = axes[0] if axes else None
        fixed = {one.name: float(start[one.name]) for one in axes[1:]}
        maps = [
            one
            for one in manifest.embeddings
            if (one.method, one.representation) == (method.name, start["representation"])
            and all(one.parameters[name] == value for name, value in fixed.items())
        ]
        values: list[float | None] = [None] * len(maps)
        if axis is not None:
            maps.sort(key=lambda one, name=axis.name: one.parameters[name])  # type: ignore[misc]
            values = [one.parameters[axis.name] for one in maps]
        told = [f"{word(one)} {number_slug(fixed[one.name])}" for one in axes[1:]]
        if maps:
            found.append(Row(maps, values, method.label, word(axis) if axis else "", told))
    return found


def filmstrip(study: StudySite) -> Filmstrip:
    """The filmstrip of a study: its picture and its places."""
    rows = rows_of(study)
    infos = [one for row in rows for one in row.maps]
    if len(infos) < 2:
        return NONE
    maps = [study.view.points(one).astype(np.float64) for one in infos]
    turns: list[NDArray[np.float64]] = []
    anchor = _middle(study, rows[0])
    for row in rows:
        own = maps[len(turns) : len(turns) + len(row.maps)]
        middle = _middle(study, row)
        # a row lies as the first one does
        first = None if not turns else maps[anchor] @ turns[anchor]
        turns += aligned(own, middle, first)
    places = [place(points @ turn) for points, turn in zip(maps, turns, strict=True)]
    groups, colors = _groups(study)
    png = picture([drawn(each, groups, colors) for each in places])
    name = f"film-{sha256(png)[:12]}.png"
    frames = [numbers(each[:, 0].astype(np.uint16) | each[:, 1].astype(np.uint16) << 8) for each in places]
    script = chunk("film", {"frames": frames})
    content = {
        "frames": [(one.slug, plain(value)) for row in rows for one, value in zip(row.maps, row.values, strict=True)],
        "rows": [
            {"label": _heading(row), "method": row.method, "word": row.word, "frames": len(row.maps)} for row in rows
        ],
        "columns": min(COLUMNS, len(infos)),
        "lines": math.ceil(len(infos) / COLUMNS),
        "picture": f"data/{name}",
        "places": f"data/{script.file}",
    }
    angles = [abs(math.degrees(math.atan2(turn[1, 0], turn[0, 0]))) for turn in turns if np.linalg.det(turn) > 0]
    mirrored = sum(bool(np.linalg.det(turn) < 0) for turn in turns)
    files = {f"data/{name}": png, f"data/{script.file}": script.data}
    return Filmstrip(rows, max(angles, default=0.0), mirrored, content, files)


def _middle(study: StudySite, row: Row) -> int:
    """The frame of a row that is nearest to the start."""
    parameters = [one.parameters for one in row.maps]
    return parameters.index(nearest.state(parameters, study.start, list(parameters[0])))  # type: ignore[arg-type]


def _heading(row: Row) -> str:
    """What a row shows: "UMAP by neighbours, all of minimum distance 0.1"."""
    by = f" by {row.word}" if row.word else ""
    return f"{row.method}{by}{f', all of {words.listed(row.fixed)}' if row.fixed else ''}"


def aligned(
    maps: Sequence[NDArray[np.float64]], middle: int, first: NDArray[np.float64] | None = None
) -> list[NDArray[np.float64]]:
    """For each map the (2, 2) rotation or reflection that lays it best onto its neighbour towards `middle`.

    Args:
        maps: (n, 2) each, the same samples in the same order.
        middle: index of the map that stays as it is, or is laid onto `first`, (n, 2), where there is one.
    """
    centred = [points - points.mean(axis=0) for points in maps]
    turns = [np.eye(2) for _ in maps]
    if first is not None:
        turns[middle] = _turn(centred[middle], first - first.mean(axis=0))
    order = [*range(middle + 1, len(maps)), *range(middle - 1, -1, -1)]
    for at in order:
        before = at - 1 if at > middle else at + 1
        turns[at] = _turn(centred[at], centred[before] @ turns[before])
    return turns


def _turn(points: NDArray[np.float64], onto: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation or reflection that lays points best onto others; both are centred."""
    left, _, right = np.linalg.svd(points.T @ onto)
    turn: NDArray[np.float64] = left @ right
    return turn


def place(points: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Places in a square frame, (n, 2) uint8, from the left and from the top; both axes have one scale."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = float((high - low).max()) * 1.05 or 1.0
    scaled = (points - (low + high) / 2) / span + 0.5
    scaled[:, 1] = 1 - scaled[:, 1]
    steps: NDArray[np.uint8] = np.rint(scaled * LEVELS).astype(np.uint8)
    return steps


def drawn(places: NDArray[np.uint8], groups: NDArray[np.integer[Any]], colors: Sequence[str]) -> NDArray[np.uint8]:
    """One frame, (FRAME × _OVERSAMPLE, same, 4) uint8: a dot a sample, later samples above earlier ones."""
    side = FRAME * _OVERSAMPLE
    radius = max(1.0, min(1.5, 60 / math.sqrt(len(places)))) * _OVERSAMPLE
    canvas = Canvas(side, side, None)
    at = places.astype(np.float64) / LEVELS * (side - 1)
    # −1 is in no group: it has the grey of noise, one after the last colour
    own = np.where(groups < 0, len(colors), groups)
    worn = [rgb(color) for color in (*colors, palette.NONE)]
    canvas.dots(at, radius, worn, ["circle"] * len(worn), own)
    return canvas.rgba()


def picture(frames: Sequence[NDArray[np.uint8]]) -> bytes:
    """All frames in one PNG, row by row, smaller by the oversampling, on a transparent ground."""
    from PIL import Image

    columns, rows = min(COLUMNS, len(frames)), math.ceil(len(frames) / COLUMNS)
    sheet = Image.new("RGBA", (columns * FRAME, rows * FRAME), (0, 0, 0, 0))
    for at, frame in enumerate(frames):
        small = Image.fromarray(frame, "RGBA").resize((FRAME, FRAME), Image.Resampling.BOX)
        sheet.paste(small, (at % COLUMNS * FRAME, at // COLUMNS * FRAME))
    sink = io.BytesIO()
    sheet.quantize(colors=64, method=Image.Quantize.FASTOCTREE).save(sink, "PNG", optimize=True)
    return sink.getvalue()


def _groups(study: StudySite) -> tuple[NDArray[np.integer[Any]], list[str]]:
    """What colours the samples: true labels; without labels, the clusters of the start setting."""
    labels, first = study.view.labels, study.first
    if labels is not None:
        return labels, palette.label_colors(len(study.manifest.dataset.labels or ()))
    if first is not None:
        looks = palette.dressed(first)
        return looks.groups, list(looks.colors)
    return np.zeros(study.manifest.dataset.n, dtype=np.int16), [palette.NONE]
