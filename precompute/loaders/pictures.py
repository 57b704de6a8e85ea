"""Many pictures into one array: those that cannot be read named all at once, or left out and counted."""

from __future__ import annotations

import os
import warnings
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.decoding import Picture, PictureError, decoded
from precompute.loaders.options import Pictures as Published
from precompute.loaders.raw import LIMITS, Limits, check_amount, check_dimensions, shown

_LETTERS = 1_500
"""Of names of unreadable pictures in a message; the rest is counted."""
_NAMED = 60
"""Letters of a picture's name in a message that lists several."""
_LISTED = 5
_THREADS = 4
_SKIP = 'or go on without: broken = "skip" in a config, or --broken skip'
THUMBNAIL = 32
"""Pixels a side of what is published of a picture that is withheld in full."""
_WIDENED = 257
"""65,535 / 255: what brings 8 bits to the range of 16."""


@dataclass(frozen=True)
class Broken:
    """A picture that cannot be read: its place among those given, its name, and why."""

    place: int
    name: str
    error: PictureError


@dataclass(frozen=True)
class Pictures:
    """Pictures in one array.

    Attributes:
        pixels: (n, h, w) or (n, h, w, 3) uint8; int32 or float32 where one of them is deeper than 8 bits.
        kept: (n,) places among those given, ascending.
        notes: what a person should know, a sentence each.
        remarks: what pages have to say: how many are left out.
    """

    pixels: NDArray[Any]
    kept: NDArray[np.int64]
    notes: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def stacked(
    pictures: Iterable[tuple[str, Path | bytes]],
    count: int,
    shape: tuple[int, ...] | None,
    where: str,
    limits: Limits = LIMITS,
    *,
    skip: bool = False,
    classes: Sequence[str | None] | None = None,
) -> Pictures:
    """Decode pictures into one array, several at a time.

    Pictures are turned as their EXIF says; transparency lies on white; those deeper than 8 bits keep their levels.
    Where every picture is grey, also where stored in colour, so is the result.

    Args:
        pictures: name for messages, and path or bytes, of each.
        count: how many.
        shape: (height, width[, channels]) to scale to, cropped at the centre to keep proportions; None: as they are.
        skip: whether pictures that cannot be read are left out.
        classes: of each picture, for messages; None: of none.

    Raises:
        DataError: a picture is of no kind that is read, damaged or too large, which names all such pictures at once;
            with `skip`, a class of which none is left; different sizes where no shape is given.
    """
    chosen: list[Picture] = []
    kept: list[tuple[int, str]] = []
    broken: list[Broken] = []
    different: DataError | None = None
    for place, name, picture in _each(pictures, shape, where, limits):
        if isinstance(picture, PictureError):
            broken.append(Broken(place, name, picture))
            continue
        if different is not None or (broken and not skip):
            continue
        if not chosen:
            check_amount((count, *picture.pixels.shape), where, limits)
            check_dimensions((count, *picture.pixels.shape), where, limits)
        elif picture.pixels.shape[:2] != chosen[0].pixels.shape[:2]:
            different = _different(kept[0][1], chosen[0], name, picture, where)
        chosen.append(picture)
        kept.append((place, name))
    if broken and not skip:
        raise _refusal(broken, count, classes, where)
    if different is not None:
        raise different
    if broken and classes is not None:
        _check_classes(classes, [place for place, _ in kept], where)
    if not chosen:
        raise DataError(f"{where}: holds no picture" + (f" that can be read: {_listing(broken)}" if broken else ""))
    pixels, notes = _together([picture.pixels for picture in chosen])
    remarks = []
    if broken:
        left_out = f"{len(broken):,} of {count:,} pictures cannot be read and are left out"
        notes.insert(0, f"{left_out}: {_listing(broken)}{_by_class(broken, classes)}")
        remarks.append(f"{left_out}.")
    notes += _partly_read(chosen, [name for _, name in kept])
    return Pictures(pixels, np.array([place for place, _ in kept], dtype=np.int64), tuple(notes), tuple(remarks))


def _different(first: str, one: Picture, name: str, other: Picture, where: str) -> DataError:
    sides = [f"{picture.pixels.shape[1]} × {picture.pixels.shape[0]}" for picture in (one, other)]
    return DataError(
        f"{where}: pictures of different sizes ({first}: {sides[0]}, {name}: {sides[1]}); say to which size all are "
        "scaled and cropped: --image-shape 48x48, or image_shape = [48, 48] in the config"
    )


def _partly_read(chosen: Sequence[Picture], names: Sequence[str]) -> list[str]:
    """Notes on what pictures hold and is not read."""
    notes = []
    for what, has in (
        ("have further frames; the first is read", [picture.animated for picture in chosen]),
        ("hold colours of 16 bits, of which 8 are read", [picture.squeezed for picture in chosen]),
    ):
        several = [shown(name) for name, holds in zip(names, has, strict=True) if holds]
        if several:
            more = " …" if len(several) > _LISTED else ""
            notes.append(f"{len(several):,} pictures {what}: {', '.join(several[:_LISTED])}{more}")
    return notes


def _each(
    pictures: Iterable[tuple[str, Path | bytes]], shape: tuple[int, ...] | None, where: str, limits: Limits
) -> Iterator[tuple[int, str, Picture | PictureError]]:
    """Place, name and picture, or what is wrong with it, in order; decoded by threads, for Pillow lets go of Python."""

    def read(name: str, source: Path | bytes) -> Picture | PictureError:
        try:
            return decoded(source, f"{where}: {name}", shape, limits)
        except PictureError as error:
            return error

    workers = min(_THREADS, os.cpu_count() or 1)
    waiting: deque[tuple[int, str, Future[Picture | PictureError]]] = deque()
    with warnings.catch_warnings(), ThreadPoolExecutor(workers) as pool:
        # Pillow warns of what does not touch the pixels: odd EXIF, an index of further pictures that is cut off
        warnings.simplefilter("ignore")
        try:
            for place, (name, source) in enumerate(pictures):
                waiting.append((place, name, pool.submit(read, name, source)))
                if len(waiting) > 2 * workers:
                    first, called, future = waiting.popleft()
                    yield first, called, future.result()
            while waiting:
                first, called, future = waiting.popleft()
                yield first, called, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _refusal(broken: Sequence[Broken], count: int, classes: Sequence[str | None] | None, where: str) -> DataError:
    """One message for all pictures that cannot be read, by what is wrong with them."""
    ways = list(dict.fromkeys(each.error.way_out for each in broken if each.error.way_out))
    if len(broken) == 1:
        return DataError(f"{broken[0].error}{',' if ways else ';'} {_SKIP}")
    way = "".join(ways).replace("get it again", "get each again")
    return DataError(
        f"{where}: {len(broken):,} of {count:,} pictures cannot be read: {_listing(broken)}{_by_class(broken, classes)}"
        f"{way}{',' if way else ';'} {_SKIP}"
    )


def _listing(broken: Sequence[Broken]) -> str:
    """Reasons, each with the names of its pictures, as many as a message holds."""
    reasons: dict[str, list[str]] = {}
    for each in broken:
        reasons.setdefault(each.error.reason, []).append(
            each.name if len(each.name) <= _NAMED else shown(each.name, _NAMED)
        )
    left, parts = _LETTERS, []
    for reason, names in reasons.items():
        listed: list[str] = []
        for name in names:
            if (left := left - len(name) - 2) < 0:
                break
            listed.append(name)
        rest = len(names) - len(listed)
        more = f"{' and ' if listed else ''}{rest:,}{' more' if listed else ' pictures'}" if rest else ""
        parts.append(f"{reason}: {', '.join(listed)}{more}")
    return "; ".join(parts)


def _by_class(broken: Sequence[Broken], classes: Sequence[str | None] | None) -> str:
    """How many of each class."""
    if classes is None:
        return ""
    counts = Counter(classes[each.place] for each in broken)
    listed = [f"{shown(name)} {count:,}" for name, count in counts.most_common() if name is not None]
    return f"; by class: {', '.join(listed[:_LISTED])}{' …' if len(listed) > _LISTED else ''}" if listed else ""


def _check_classes(classes: Sequence[str | None], kept: Sequence[int], where: str) -> None:
    """Refuse to go on where a class would vanish."""
    left = {classes[place] for place in kept}
    lost = [name for name in dict.fromkeys(classes) if name is not None and name not in left]
    if lost:
        listed = ", ".join(map(shown, lost[:_LISTED]))
        raise DataError(
            f"{where}: of {listed} no picture can be read, so there would be no such label; get the pictures again, or "
            "move the folder elsewhere"
        )


def _together(pictures: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], list[str]]:
    """One array of pictures of one size, grey or colour, of 8 bits or deeper, and notes."""
    kinds = {picture.dtype for picture in pictures}
    notes = []
    if kinds != {np.dtype(np.uint8)}:
        fractions = np.dtype(np.float32) in kinds
        notes.append("pixels are deeper than 8 bits; all their levels are kept")
        shallow = sum(picture.dtype == np.uint8 for picture in pictures)
        if shallow:
            notes.append(
                f"{shallow:,} pictures of 8 bits stand among {len(pictures) - shallow:,} deeper ones; their values are "
                f"multiplied by {_WIDENED}, as for the range of 16 bits"
            )
        kind = np.float32 if fractions else np.int32
        pictures = [
            picture.astype(kind) * _WIDENED if picture.dtype == np.uint8 else picture.astype(kind)
            for picture in pictures
        ]
    if any(picture.ndim == 3 for picture in pictures):
        pictures = [picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2) for picture in pictures]
    return np.stack(pictures), notes


def resized(images: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Pictures of an array scaled to (height, width), cropped at the centre to keep proportions.

    Args:
        images: (n, h, w) or (n, h, w, 3) numbers; those that are not uint8 are scaled as fractions.

    Returns:
        The same but for height and width, uint8 or float32.
    """
    from PIL import Image, ImageOps

    size = (shape[1], shape[0])

    def fitted(plane: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(ImageOps.fit(Image.fromarray(plane), size, Image.Resampling.BOX))

    if images.dtype == np.uint8:
        return np.stack([fitted(each) for each in images])
    wide = images.astype(np.float32)
    if wide.ndim == 3:
        return np.stack([fitted(each) for each in wide])
    return np.stack([np.stack([fitted(each[:, :, at]) for at in range(each.shape[2])], axis=2) for each in wide])


def published(
    pixels: NDArray[np.uint8], shape: tuple[int, int, int], mode: Published
) -> tuple[NDArray[np.uint8] | None, tuple[int, int, int] | None, str | None]:
    """Pixels and shape of what is shown and stored, and a note on what is withheld.

    Args:
        pixels: (n, d) uint8.
        shape: height, width and channels.
        mode: "auto" withholds nothing, "none" all, "thumbnails" what is larger than `THUMBNAIL` a side.
    """
    if mode == "none":
        return None, None, "pictures are embedded and not published: no pixel is stored with the results or on the site"
    height, width, channels = shape
    if mode == "auto" or max(height, width) <= THUMBNAIL:
        return pixels, shape, None
    share = THUMBNAIL / max(height, width)
    target = (max(1, round(height * share)), max(1, round(width * share)))
    images = pixels.reshape(len(pixels), height, width, channels)
    small = resized(images[..., 0] if channels == 1 else images, target)
    note = f"pictures are published as thumbnails of {target[1]} × {target[0]} pixels"
    return small.reshape(len(small), -1), (*target, channels), note


def as_pictures(images: NDArray[Any]) -> tuple[NDArray[Any], list[str]]:
    """Channels last and no transparency, and notes on what was done for it.

    Args:
        images: numbers of any shape; what is neither (n, channels, h, w) nor (n, h, w, 4) is left as it is.
    """
    notes = []
    if images.ndim == 4 and images.shape[3] not in (1, 3, 4) and images.shape[1] in (1, 3, 4):
        notes.append(f"pictures have their {images.shape[1]} channels first; brought to the end")
        images = images.transpose(0, 2, 3, 1)
    if images.ndim == 4 and images.shape[3] == 4:
        notes.append("pictures have a fourth channel, taken for their opacity; laid on white")
        whole = images.dtype.kind in "ui"
        white = np.iinfo(images.dtype).max if whole else max(1.0, float(images.max()))
        opacity = images[..., 3:].astype(np.float32) / white
        mixed = images[..., :3] * opacity + white * (1 - opacity)
        images = (np.rint(mixed) if whole else mixed).astype(images.dtype)
    return images, notes
