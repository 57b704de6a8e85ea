"""Pictures in files: PNG and JPEG, weighed by their headers before they are decoded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.raw import LIMITS, Limits, check_amount, check_dimensions

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG")
SUFFIXES = (".png", ".jpg", ".jpeg")


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
        pictures: name for messages, and path or bytes, of each. count: how many.
        shape: (height, width[, channels]) to scale to, cropped at the centre to keep proportions; None: as they are.

    Returns:
        (n, h, w) or (n, h, w, 3) uint8.

    Raises:
        DataError: no PNG or JPEG, damaged, too large, or of different sizes where no shape is given.
    """
    found: list[NDArray[np.uint8]] = []
    first = ""
    for name, source in pictures:
        picture = decoded(source, f"{where}: {name}", shape, limits)
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
    if not found:
        raise DataError(f"{where}: holds no picture")
    if any(each.ndim == 3 for each in found):
        colour = [each if each.ndim == 3 else np.repeat(each[:, :, None], 3, axis=2) for each in found]
        return np.stack(colour)
    return np.stack(found)


def decoded(
    source: Path | bytes, where: str, shape: tuple[int, ...] | None, limits: Limits = LIMITS
) -> NDArray[np.uint8]:
    """One picture as (h, w) or (h, w, 3) uint8; grey where it holds no colour. See `stacked`."""
    from PIL import Image, ImageOps

    size = source.stat().st_size if isinstance(source, Path) else len(source)
    if size > limits.image_pixels * 4:
        raise DataError(f"{where}: {size:,} bytes; allowed for one picture: {limits.image_pixels * 4:,}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(source if isinstance(source, Path) else io.BytesIO(source), formats=FORMATS) as opened:
                width, height = opened.size
                if width * height > limits.image_pixels:
                    raise DataError(f"{where}: {width:,} × {height:,} pixels; allowed: {limits.image_pixels:,} in all")
                image: Image.Image = ImageOps.exif_transpose(opened)
                image = _plain(image)
                if shape is not None and image.size != (shape[1], shape[0]):
                    image = ImageOps.fit(image, (shape[1], shape[0]), Image.Resampling.BOX)
                array = np.asarray(image, dtype=np.uint8)
    except DataError:
        raise
    # Pillow's decoders raise nearly anything on damaged bytes
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DataError(f"{where}: no whole PNG or JPEG; get it again, or take it away") from None
    if array.ndim == 3 and (array[:, :, 0] == array[:, :, 1]).all() and (array[:, :, 0] == array[:, :, 2]).all():
        return array[:, :, 0].copy()
    return array


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
