"""What corruptions do to pictures: one function each, on a batch of them.

Each takes pictures (n, height, width, channels) float64 in [0, 1], where 0 is no ink or dark, the strength in the unit
of its entry in `registry`, and `Context`; it gives pictures of the same shape, not yet clipped or rounded. A strength
of 0 changes nothing. Lengths are shares of the shorter side, so that a strength means the same at every size.

Source of all: N. Mu, J. Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019, which took the noises,
blurs, fog, spatter and brightness from D. Hendrycks, T. Dietterich, "Benchmarking Neural Network Robustness to Common
Corruptions and Perturbations", 2019. Some were remade: as functions of whole batches, of any size, and graded where
MNIST-C has a single severity (stripe, dotted line, zigzag, Canny edges).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precompute.shift.draws import Draws

Pictures = NDArray[np.float64]

_OCTANT = np.tan(np.pi / 8)
"""Slope of the line between level and slanting."""
_MUD = 0.5
"""What a spatter is drawn with: between ink and none, so that it is seen on both."""
_LINE = 0.08
"""Share of the side within which a drawn line fades, as in MNIST-C: 2.3 of 28 pixels."""


@dataclass(frozen=True)
class Context:
    """What else a corruption is given.

    Attributes:
        draws: random numbers of each sample.
        grain: side of one pixel of the data, in pixels of the pictures: 4 where they were enlarged, else 1. Noise has
            the grain of the data's own pixels, or enlarging would average it away.
    """

    draws: Draws
    grain: int


def shot_noise(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Each pixel counts photons: as many as its light, times 1 / strength², ± their square root (Poisson).

    Args:
        pictures: see the module.
        strength: spread of full light, as a share of it.
        context: see `Context`.
    """
    if strength == 0:
        return pictures
    photons = strength**-2
    fine = _coarse(pictures, context.grain)
    return pictures + _enlarged(context.draws.poisson(fine * photons) / photons - fine, context.grain)


def impulse_noise(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """A share of the pixels is full light or none, as often the one as the other ("salt and pepper").

    Args:
        pictures: see the module.
        strength: the share.
        context: see `Context`.
    """
    shape = _coarse(pictures, context.grain).shape[1:]
    hit = _enlarged(context.draws.uniform(*shape), context.grain) < strength
    light = _enlarged(context.draws.uniform(*shape), context.grain) < 0.5
    return np.where(hit, light.astype(np.float64), pictures)


def glass_blur(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Each pixel shows what lies at a random place nearby, as through frosted glass.

    Args:
        pictures: see the module.
        strength: how far away at most, as a share of the side.
        context: see `Context`.
    """
    n, height, width, _ = pictures.shape
    fine = (-(-height // context.grain), -(-width // context.grain), 2)
    away = _enlarged(context.draws.uniform(*fine) * 2 - 1, context.grain)[:, :height, :width]
    away = np.rint(away * strength * min(height, width)).astype(np.int64)
    rows = (np.arange(height)[:, None] + away[..., 0]).clip(0, height - 1)
    columns = (np.arange(width)[None, :] + away[..., 1]).clip(0, width - 1)
    changed: Pictures = pictures[np.arange(n)[:, None, None], rows, columns]
    return changed


def motion_blur(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Smeared along a direction of the sample's own, within 45° of the horizontal, with Gaussian weights.

    The Gaussian is multiplied in the frequency domain, where any direction is exact; the border is continued outwards.

    Args:
        pictures: see the module.
        strength: standard deviation of the smear, as a share of the side.
        context: see `Context`.
    """
    from scipy import fft

    _, height, width, _ = pictures.shape
    angles = np.radians(context.draws.uniform() * 90 - 45).astype(np.float32)[:, None, None]
    spread = strength * min(height, width)
    margin = int(np.ceil(3 * spread))
    longer = [fft.next_fast_len(side + 2 * margin, real=True) for side in (height, width)]
    sides = [(margin, size - side - margin) for size, side in zip(longer, (height, width), strict=True)]
    padded = np.pad(pictures.astype(np.float32), ((0, 0), *sides, (0, 0)), mode="edge")
    up = np.float32(np.pi * spread) * fft.fftfreq(longer[0]).astype(np.float32)[:, None]
    along = np.float32(np.pi * spread) * fft.rfftfreq(longer[1]).astype(np.float32)
    kept = np.exp(-2 * (along * np.cos(angles) + up * np.sin(angles)) ** 2)
    waves = fft.rfft2(padded, axes=(1, 2), overwrite_x=True)
    waves *= kept[..., None]
    blurred = fft.irfft2(waves, s=longer, axes=(1, 2), overwrite_x=True)
    return np.asarray(blurred[:, margin : margin + height, margin : margin + width], dtype=np.float64)


def shear(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Uprights lean to the left or the right; rows stay level.

    Args:
        pictures: see the module.
        strength: by how many degrees.
        context: see `Context`.
    """
    lean = np.tan(np.radians(strength))
    return _warped(pictures, [np.array([[1, way * lean], [0, 1]]) for way in context.draws.directions()])


def rotate(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Turned about the middle, to the left or the right.

    Args:
        pictures: see the module.
        strength: by how many degrees.
        context: see `Context`.
    """

    angles = np.radians(strength) * context.draws.directions()
    cosines, sines = np.cos(angles), np.sin(angles)
    return _warped(pictures, [np.array([[c, s], [-s, c]]) for c, s in zip(cosines, sines, strict=True)])


def scale(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Made smaller towards the middle.

    Args:
        pictures: see the module.
        strength: by which share of the size.
        context: not needed: nothing of it is random.
    """
    del context
    return _warped(pictures, [np.eye(2) / (1 - strength)] * len(pictures))


def brightness(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Lighter, or covered with ink, by the same amount everywhere; of colours hue and saturation stay (HSV).

    Args:
        pictures: see the module.
        strength: amount, as a share of the range.
        context: not needed: nothing of it is random.
    """
    del context
    value = pictures.max(axis=3, keepdims=True)
    lighter = np.minimum(value + strength, 1)
    factor = np.divide(lighter, value, out=np.ones_like(value), where=value > 0)
    changed: Pictures = np.where(value > 0, pictures * factor, lighter)
    return changed


def translate(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Moved by whole pixels, as far across as up or down, in one of four directions; what is left is empty.

    Args:
        pictures: see the module.
        strength: how far each way, as a share of the side.
        context: see `Context`.
    """
    _, height, width, _ = pictures.shape
    pixels = round(strength * min(height, width))
    padded = np.pad(pictures, ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0)))
    down, right = context.draws.directions(), context.draws.directions()
    moved = np.empty_like(pictures)
    for row in (-1, 1):
        for column in (-1, 1):
            group = (down == row) & (right == column)
            top, left = pixels - row * pixels, pixels - column * pixels
            moved[group] = padded[group, top : top + height, left : left + width]
    return moved


def stripe(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Inverted in an upright stripe at the left border and one at the right.

    Args:
        pictures: see the module.
        strength: width of each, as a share of the picture's.
        context: not needed: nothing of it is random.
    """
    del context
    width = pictures.shape[2]
    columns = np.arange(width)
    covered = np.clip(strength * width - np.minimum(columns, width - 1 - columns), 0, 1)[:, None]
    changed: Pictures = pictures + covered * (1 - 2 * pictures)
    return changed


def fog(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Clouds laid over the picture, whose contrast falls with them.

    Args:
        pictures: see the module.
        strength: light of the thickest cloud; the picture's own is 1.
        context: see `Context`.
    """
    _, height, width, _ = pictures.shape
    clouds = _plasma(context.draws, max(height, width))[:, :height, :width, None]
    return (pictures + strength * clouds) / (1 + strength)


def spatter(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Covered by splashes of mud, which are half light.

    Args:
        pictures: see the module.
        strength: share of the picture that they cover, about.
        context: see `Context`.
    """
    from scipy import ndimage, stats

    _, height, width, _ = pictures.shape
    spread = max(0.06 * min(height, width), 0.65 * context.grain)
    noise = ndimage.gaussian_filter(context.draws.normal(height, width), (0, spread, spread), mode="wrap")
    noise -= noise.mean(axis=(1, 2), keepdims=True)
    noise /= noise.std(axis=(1, 2), keepdims=True)
    # a soft border: a splash is there in full where the noise is a tenth of its spread above the limit
    covered = np.clip((noise - stats.norm.isf(strength)) / 0.1, 0, 1)[..., None] if strength > 0 else 0.0
    return pictures + covered * (_MUD - pictures)


def dotted_line(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Straight dotted lines of full light, from border to border.

    Args:
        pictures: see the module.
        strength: how many.
        context: see `Context`.
    """
    height, width = _coarse(pictures, context.grain).shape[1:3]
    ends = context.draws.uniform(_LINES, 2)[:, : int(strength)] * (height - 1)
    columns = np.arange(width)
    rows = ends[..., :1] + columns / (width - 1) * (ends[..., 1:] - ends[..., :1])
    dot = max(round(min(height, width) / 14), 1)
    return _with_lines(pictures, rows, (columns // dot % 2).astype(np.float64), context.grain)


def zigzag(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """Zigzag lines of full light, from border to border.

    Args:
        pictures: see the module.
        strength: how many.
        context: see `Context`.
    """
    height, width = _coarse(pictures, context.grain).shape[1:3]
    draws = context.draws.uniform(_LINES, 2)[:, : int(strength)]
    swing = max(0.09 * min(height, width), 1)
    columns = np.arange(width)
    tilt = (draws[..., 1:] - 0.5) * 0.36 * height * (columns / (width - 1) - 0.5)
    wave = 2 * np.abs(columns / swing / 2 % 2 - 1) - 1
    rows = draws[..., :1] * (height - 1) + tilt + wave * swing
    return _with_lines(pictures, rows, np.ones(width), context.grain)


_LINES = 5
"""Lines that are drawn at most: of fewer, the same first ones."""


def canny_edges(pictures: Pictures, strength: float, context: Context) -> Pictures:
    """The picture fades, and its edges come out in full light: those of any channel.

    Source: J. Canny, "A Computational Approach to Edge Detection", 1986; smoothing and thresholds as in scikit-image,
    with which MNIST-C was made.

    Args:
        pictures: see the module.
        strength: share of the edges; the rest is the picture.
        context: see `Context`.
    """
    from scipy import ndimage

    n, height, width, channels = pictures.shape
    light = pictures.transpose(0, 3, 1, 2).reshape(-1, height, width)
    spread = max(min(height, width) / 28, 0.7 * context.grain)
    smooth = ndimage.gaussian_filter(light, (0, spread, spread), mode="nearest", truncate=3)
    # Sobel's operator, within each picture: `ndimage.sobel` would smooth from one to the next as well
    up, along = (
        ndimage.correlate1d(ndimage.correlate1d(smooth, [-1, 0, 1], axis), [1, 2, 1], 3 - axis) for axis in (1, 2)
    )
    slope = np.hypot(up, along)
    # thinned: a pixel stays where neither of its two neighbours along the slope is steeper
    level, upright = np.abs(up) <= _OCTANT * np.abs(along), np.abs(along) < _OCTANT * np.abs(up)
    falling = (up > 0) == (along > 0)
    directions = {
        (0, 1): level,
        (1, 0): upright,
        (1, 1): ~level & ~upright & falling,
        (1, -1): ~level & ~upright & ~falling,
    }
    padded = np.pad(slope, ((0, 0), (1, 1), (1, 1)))
    ridge = np.zeros(slope.shape, dtype=bool)
    for (row, column), those in directions.items():
        ahead = padded[:, 1 + row : 1 + row + height, 1 + column : 1 + column + width]
        behind = padded[:, 1 - row : 1 - row + height, 1 - column : 1 - column + width]
        ridge |= those & (slope >= ahead) & (slope > behind)
    # the thresholds of scikit-image, 0.1 and 0.2, are of slopes that are a quarter of these
    weak, strong = ridge & (slope > 0.4 / spread), ridge & (slope > 0.8 / spread)
    connected = np.zeros((3, 3, 3), dtype=bool)
    connected[1] = True  # within a picture, never from one to the next
    parts, count = ndimage.label(weak, structure=connected)
    held = np.zeros(count + 1, dtype=bool)
    held[parts[strong]] = True
    held[0] = False
    edges = held[parts].reshape(n, channels, height, width).any(axis=1).astype(np.float64)
    if context.grain > 1:  # nearly as thick as a pixel of the data, or averaging would leave next to nothing of it
        edges = ndimage.maximum_filter(edges, (1, context.grain - 1, context.grain - 1))
    changed: Pictures = pictures + strength * (edges[..., None] - pictures)
    return changed


# ------------------------------------------------------------------------------------------------------------ helpers


def _coarse(pictures: Pictures, grain: int) -> Pictures:
    """One pixel of each block of grain × grain."""
    return pictures[:, ::grain, ::grain]


def _enlarged(pictures: Pictures, grain: int) -> Pictures:
    """Each pixel a block of grain × grain."""
    return pictures if grain == 1 else pictures.repeat(grain, axis=1).repeat(grain, axis=2)


def _warped(pictures: Pictures, matrices: Sequence[NDArray[np.float64]]) -> Pictures:
    """Drawn anew, with bilinear interpolation: a pixel shows what was at its matrix × its place, seen from the middle.

    Args:
        pictures: (n, height, width, channels).
        matrices: n of (2, 2), of places (across, down).
    """
    from PIL import Image

    _, height, width, channels = pictures.shape
    middle = np.array([width / 2, height / 2])
    warped = np.empty_like(pictures)
    for row, matrix in enumerate(matrices):
        x, y = middle - matrix @ middle
        affine = (matrix[0, 0], matrix[0, 1], x, matrix[1, 0], matrix[1, 1], y)
        for channel in range(channels):
            picture = Image.fromarray(pictures[row, ..., channel].astype(np.float32))
            picture = picture.transform((width, height), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
            warped[row, ..., channel] = np.asarray(picture)
    return warped


def _with_lines(pictures: Pictures, rows: NDArray[np.float64], shown: NDArray[np.float64], grain: int) -> Pictures:
    """Lines of full light drawn into pictures, with a pen that is as thick as a pixel of the data at least.

    Args:
        pictures: (n, height, width, channels).
        rows: (n, lines, width / grain) where each line is in each column, in pixels of the data.
        shown: (width / grain,) 0 in gaps, else 1.
        grain: see `Context`.
    """
    height, width = _coarse(pictures, grain).shape[1:3]
    reach = _LINE * min(height, width)
    if reach < 1:  # a line between two pixels would be in neither
        rows, reach = np.rint(rows), 1.0
    drawn = np.zeros((len(pictures), height, width))
    for line in range(rows.shape[1]):
        row = rows[:, line]
        steep = np.hypot(1, np.gradient(row, axis=1))
        away = np.abs(np.arange(height)[None, :, None] - row[:, None, :]) / steep[:, None, :]
        # full light on the line, falling off as in MNIST-C
        light = np.clip(np.log1p(-np.clip(away / reach, 0, 1 - 1e-10)) + 1, 0, 1)
        drawn = np.maximum(drawn, light * shown)
    return pictures + _enlarged(drawn, grain)[..., None] * (1 - pictures)


def _plasma(draws: Draws, side: int) -> NDArray[np.float64]:
    """Clouds in [0, 1] by the diamond-square algorithm: (n, size, size), size the next power of two from `side`.

    Source: A. Fournier, D. Fussell, L. Carpenter, "Computer Rendering of Stochastic Models", 1982.
    """
    size = 1 << (side - 1).bit_length()
    wobble = draws.uniform(size, size) * 2 - 1
    clouds = np.zeros_like(wobble)
    step, amount = size, 1.0
    while step >= 2:
        half = step // 2
        corners = clouds[:, ::step, ::step]
        square = corners + np.roll(corners, -1, axis=1)
        square = (square + np.roll(square, -1, axis=2)) / 4
        clouds[:, half::step, half::step] = square + amount * wobble[:, half::step, half::step]
        middles = clouds[:, half::step, half::step]
        across = corners + np.roll(corners, -1, axis=2) + middles + np.roll(middles, 1, axis=1)
        clouds[:, ::step, half::step] = across / 4 + amount * wobble[:, ::step, half::step]
        down = corners + np.roll(corners, -1, axis=1) + middles + np.roll(middles, 1, axis=2)
        clouds[:, half::step, ::step] = down / 4 + amount * wobble[:, half::step, ::step]
        step, amount = half, amount / 2
    clouds -= clouds.min(axis=(1, 2), keepdims=True)
    changed: Pictures = clouds / clouds.max(axis=(1, 2), keepdims=True)
    return changed
