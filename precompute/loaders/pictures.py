"""Pictures in files: PNG and JPEG, weighed by their headers before they are decoded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.raw import LIMITS, Limits, check_amount, check_dimensions, shown

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_LISTED = 8
"""Unreadable pictures that a message names; the rest is counted."""
_ORIENTATION = 0x0112
SUFFIXES = (".png", ".jpg", ".jpeg")


class PictureError(DataError):
    """One picture cannot be read. `reason`: in words, without its name; `way_out`: what to do."""

    def __init__(self, where: str, reason: str, way_out: str) -> None:
        super().__init__(f"{where}: {reason}{way_out}")
        self.reason, self.way_out = reason, way_out


def stacked(
    pictures: Iterable[tuple[str, Path | bytes]],
    count: int,
    shape: tuple[int, ...] | None,
    where: str,
    limits: Limits = LIMITS,
) -> NDArray[np.uint8]:
    """Decode pictures into one array, one after the other.

    Pictures are turned as their EXIF says; transparency lies on white; 16-bit grey becomes 8-bit. Where every picture
    is grey, also where stored in colour, so is the result.

    Args:
        pictures: name for messages, and path or bytes, of each.
        count: how many.
        shape: (height, width[, channels]) to scale to, cropped at the centre to keep proportions; None: as they are.

    Returns:
        (n, h, w) or (n, h, w, 3) uint8.

    Raises:
        DataError: no PNG or JPEG, damaged or too large, which names all such pictures at once; or of different sizes
            where no shape is given.
    """
    found: list[NDArray[np.uint8]] = []
    first = ""
    unreadable: list[tuple[str, PictureError]] = []
    for name, source in pictures:
        try:
            picture = decoded(source, f"{where}: {name}", shape, limits)
        except PictureError as error:
            unreadable.append((name, error))
            continue
        if unreadable:
            continue
        if not found:
            first = name
            check_amount((count, *picture.shape), where, limits)
            check_dimensions((count, *picture.shape), where, limits)
        elif picture.shape[:2] != found[0].shape[:2]:
            one, other = (f"{each.shape[1]} × {each.shape[0]}" for each in (found[0], picture))
            raise DataError(
                f"{where}: pictures of different sizes ({first}: {one}, {name}: {other}); say to which size all are "
                "scaled and cropped: --image-shape 48x48, or image_shape = [48, 48] in the config"
            )
        found.append(picture)
    if unreadable:
        raise _together(unreadable, count, where)
    if not found:
        raise DataError(f"{where}: holds no picture")
    if any(each.ndim == 3 for each in found):
        colour = [each if each.ndim == 3 else np.repeat(each[:, :, None], 3, axis=2) for each in found]
        return np.stack(colour)
    return np.stack(found)


def _together(unreadable: Sequence[tuple[str, PictureError]], count: int, where: str) -> DataError:
    """One message for all pictures that cannot be read, by what is wrong with them."""
    if len(unreadable) == 1:
        return unreadable[0][1]
    reasons: dict[str, list[str]] = {}
    for name, error in unreadable[:_LISTED]:
        reasons.setdefault(error.reason, []).append(name if len(name) <= _NAMED else shown(name, _NAMED))
    listed = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
    more = f"; and {len(unreadable) - _LISTED:,} more" if len(unreadable) > _LISTED else ""
    ways = "".join(dict.fromkeys(error.way_out for _, error in unreadable)).replace("get it again", "get each again")
    return DataError(f"{where}: {len(unreadable):,} of {count:,} pictures cannot be read: {listed}{more}{ways}")


def decoded(
    source: Path | bytes, where: str, shape: tuple[int, ...] | None, limits: Limits = LIMITS
) -> NDArray[np.uint8]:
    """One picture as (h, w) or (h, w, 3) uint8; grey where it holds no colour. See `stacked`."""
    from PIL import Image, ImageOps

    try:
        size = source.stat().st_size if isinstance(source, Path) else len(source)
    except OSError:
        if not (isinstance(source, Path) and source.is_symlink()):
            raise
        raise PictureError(where, "a link that leads nowhere", _FETCH) from None
    if size > limits.image_pixels * 4:
        raise PictureError(where, f"{size:,} bytes; allowed for one picture: {limits.image_pixels * 4:,}", "")
    try:
        with (
            warnings.catch_warnings(),
            source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as stream,
        ):
            # Pillow warns of what does not touch the pixels: odd EXIF, an index of further pictures that is cut off
            warnings.simplefilter("ignore")
            opened = _opened(stream)
            width, height = opened.size
            if width * height > limits.image_pixels:
                sides = f"{width:,} × {height:,} pixels"
                raise PictureError(where, f"{sides}; allowed: {limits.image_pixels:,} in all", "")
            opened.load()
            image = _plain(_turned(opened))
            if shape is not None and image.size != (shape[1], shape[0]):
                image = ImageOps.fit(image, (shape[1], shape[0]), Image.Resampling.BOX)
            array = np.asarray(image, dtype=np.uint8)
    except PictureError:
        raise
    # Pillow's decoders raise nearly anything on damaged bytes
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise PictureError(where, "no whole PNG or JPEG", _AGAIN) from None
    if array.ndim == 3 and (array[:, :, 0] == array[:, :, 1]).all() and (array[:, :, 0] == array[:, :, 2]).all():
        return array[:, :, 0].copy()
    return array


_AGAIN = "; get it again, or take it away"
_FETCH = "; fetch what it stands for (git annex get, dvc pull), or take it away"
_NAMED = 60
"""Letters of a picture's name in a message that lists several."""


def _opened(stream: IO[bytes]) -> ImageFile:
    """A picture whose header is read; not by `Image.open`, which refuses large ones before their sides are known, and
    JPEGs for what stands behind their first picture."""
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    start = stream.read(len(_PNG))
    stream.seek(0)
    if start == _PNG:
        return PngImageFile(stream)
    if start.startswith(_JPEG):
        return JpegImageFile(stream)
    raise SyntaxError("neither PNG nor JPEG")


def _turned(image: Image) -> Image:
    """Upright, as the EXIF says; as it is where that cannot be read, for pixels are sound without it."""
    from PIL import Image as pillow

    turns = {
        2: pillow.Transpose.FLIP_LEFT_RIGHT,
        3: pillow.Transpose.ROTATE_180,
        4: pillow.Transpose.FLIP_TOP_BOTTOM,
        5: pillow.Transpose.TRANSPOSE,
        6: pillow.Transpose.ROTATE_270,
        7: pillow.Transpose.TRANSVERSE,
        8: pillow.Transpose.ROTATE_90,
    }
    try:
        turn = turns.get(image.getexif().get(_ORIENTATION, 1))
    # nearly anything on damaged bytes, as above
    except Exception:
        turn = None
    return image if turn is None else image.transpose(turn)


def _plain(image: Image) -> Image:
    """As grey or colour of 8 bits, transparency on white."""
    from PIL import Image as pillow

    if image.mode in ("I;16", "I;16B", "I"):
        wide = np.asarray(image).astype(np.int64)
        return pillow.fromarray((np.clip(wide, 0, 65535) // 257).astype(np.uint8))
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        clear = image.convert("RGBA")
        ground = pillow.new("RGBA", clear.size, "white")
        return pillow.alpha_composite(ground, clear).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def resized(images: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Pictures of an array scaled to (height, width), cropped at the centre to keep proportions.

    Args:
        images: (n, h, w) or (n, h, w, 3) uint8.
    """
    from PIL import Image, ImageOps

    size = (shape[1], shape[0])
    return np.stack(
        [np.asarray(ImageOps.fit(Image.fromarray(each), size, Image.Resampling.BOX), dtype=np.uint8) for each in images]
    )
