"""The film: one small map for each value of a parameter, as one picture, and where every sample lies on each of them.

It is of one method, that of the start, over its first parameter; its others stay as they are at the start. Few methods
care how a map is turned or mirrored. For the film only, each map is turned and mirrored onto its neighbour (orthogonal
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
from precompute.store import Axis, number_slug
from site_templates import palette
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
class Film:
    """The film of a study.

    Attributes:
        values: of the frames, ascending.
        turned: degrees by which the most turned map was turned.
        mirrored: how many maps were mirrored.
        content: what the scripts need.
        files: beside the page, by path.
        method: label of the method.
        word: what the values are called.
        fixed: what else the method is set to in all frames, each as "minimum distance 0.1".
    """

    values: Sequence[float]
    turned: float
    mirrored: int
    content: dict[str, Any]
    files: dict[str, bytes]
    method: str = ""
    word: str = ""
    fixed: Sequence[str] = ()


NONE = Film((), 0.0, 0, {"frames": []}, {})
"""Of a study whose start's method has nothing to be set, or none of whose maps could be computed."""


def word(axis: Axis) -> str:
    """What a value of a parameter is called in a sentence: "perplexity 30"."""
    return axis.label.lower()


def film(study: StudySite) -> Film:
    """The film of a study: its picture and its places."""
    manifest = study.manifest
    method = next((one for one in manifest.methods if one.name == study.start["method"]), None)
    if method is None or not method.parameters:
        return NONE
    axis, *others = (next(one for one in manifest.axes if one.name == name) for name in method.parameters)
    fixed = {one.name: float(study.start[one.name]) for one in others}
    infos = sorted(
        (
            one
            for one in manifest.embeddings
            if (one.method, one.representation) == (method.name, study.start["representation"])
            and all(one.parameters[name] == value for name, value in fixed.items())
        ),
        key=lambda one: one.parameters[axis.name],
    )
    values = [one.parameters[axis.name] for one in infos]
    if not infos:
        return NONE
    maps = [study.view.points(one).astype(np.float64) for one in infos]
    middle = min(range(len(infos)), key=lambda at: abs(values[at] - float(study.start[axis.name])))
    turns = aligned(maps, middle)
    places = [place(points @ turn) for points, turn in zip(maps, turns, strict=True)]
    groups, colors = _groups(study)
    png = picture([drawn(each, groups, colors) for each in places])
    name = f"film-{sha256(png)[:12]}.png"
    frames = [numbers(each[:, 0].astype(np.uint16) | each[:, 1].astype(np.uint16) << 8) for each in places]
    script = chunk("film", {"frames": frames})
    content = {
        "frames": [(one.slug, plain(value)) for one, value in zip(infos, values, strict=True)],
        "word": word(axis),
        "columns": min(COLUMNS, len(infos)),
        "rows": math.ceil(len(infos) / COLUMNS),
        "picture": f"data/{name}",
        "places": f"data/{script.file}",
    }
    angles = [abs(math.degrees(math.atan2(turn[1, 0], turn[0, 0]))) for turn in turns if np.linalg.det(turn) > 0]
    mirrored = sum(bool(np.linalg.det(turn) < 0) for turn in turns)
    return Film(
        values=values,
        turned=max(angles, default=0.0),
        mirrored=mirrored,
        content=content,
        files={f"data/{name}": png, f"data/{script.file}": script.data},
        method=method.label,
        word=word(axis),
        fixed=[f"{word(one)} {number_slug(fixed[one.name])}" for one in others],
    )


def aligned(maps: Sequence[NDArray[np.float64]], middle: int) -> list[NDArray[np.float64]]:
    """For each map the (2, 2) rotation or reflection that lays it best onto its neighbour towards `middle`.

    Args:
        maps: (n, 2) each, the same samples in the same order.
        middle: index of the map that stays as it is.
    """
    centred = [points - points.mean(axis=0) for points in maps]
    turns = [np.eye(2) for _ in maps]
    order = [*range(middle + 1, len(maps)), *range(middle - 1, -1, -1)]
    for at in order:
        before = at - 1 if at > middle else at + 1
        left, _, right = np.linalg.svd(centred[at].T @ (centred[before] @ turns[before]))
        turns[at] = left @ right
    return turns


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
    canvas.dots(at, radius, [rgb(color) for color in colors], ["circle"] * len(colors), groups)
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
        return first.clusters, palette.cluster_colors(first)
    return np.zeros(study.manifest.dataset.n, dtype=np.int16), [palette.UNLABELLED]
