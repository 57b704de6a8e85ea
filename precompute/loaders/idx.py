"""IDX, the format of MNIST: a magic number, the sides, the bytes; plain or gzipped.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", the file formats at its end.
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, Limits, Raw, check_amount

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
PARTS = ("train", "t10k")
_NAME = re.compile(r"(^|[-._])idx\d?(-u?byte)?(\.gz)?$", re.IGNORECASE)


def is_idx(path: Path) -> bool:
    """Whether a file is named, or a folder holds files named, as MNIST's are."""
    if path.is_dir():
        return any(_first(path, f"{part}-{IMAGES}") for part in PARTS)
    return path.is_file() and _NAME.search(path.name) is not None


def read_idx(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """Images in IDX, with the labels that lie beside them; a folder: MNIST's training part, then its test part.

    Raises:
        DataError: no IDX, damaged, too large, or labels for other samples.
    """
    del options
    found = [_first(path, f"{part}-{IMAGES}") for part in PARTS] if path.is_dir() else [path]
    parts = [part for part in found if part]
    images, labels = [], []
    for part in parts:
        images.append(_read(part, limits))
        if images[-1].ndim == 1:
            raise DataError(f"{part.name}: one number a sample, as labels have; name the file of the images")
        beside = _labels_of(part)
        if beside is not None:
            labels.append(_read(beside, limits))
            if labels[-1].shape != images[-1].shape[:1]:
                raise DataError(
                    f"{beside.name}: {' × '.join(map(str, labels[-1].shape))} labels for {len(images[-1]):,} images "
                    f"in {part.name}; they do not belong together"
                )
    if labels and len(labels) < len(images):
        raise DataError(f"{path.name}: one part has labels and the other has none; give every sample a label, or none")
    if len({one.shape[1:] for one in images}) > 1:
        raise DataError(f"{path.name}: the training and the test part hold images of different size")
    together = np.concatenate(images) if len(images) > 1 else images[0]
    check_amount(together.shape, path.name, limits)
    known = np.concatenate(labels) if labels else None
    notes = (f"{' and '.join(part.name for part in parts)}, in this order",) if len(parts) > 1 else ()
    if together.ndim == 2:
        return Raw("IDX", features=together, labels=known, notes=notes)
    return Raw("IDX", images=together, labels=known, notes=notes)


def _first(folder: Path, name: str) -> Path | None:
    """A file by its name, which some write with a dot for the second dash, plain or gzipped."""
    wanted = [stem + suffix for stem in (name, name.replace("-idx", ".idx")) for suffix in ("", ".gz")]
    for each in wanted:
        if (folder / each).is_file():
            return folder / each
    # in capitals, which only some file systems take for the same
    there = {each.name.lower(): each for each in folder.iterdir()}
    return next((there[each] for each in map(str.lower, wanted) if each in there and there[each].is_file()), None)


def _labels_of(images: Path) -> Path | None:
    name = images.name if "images" in images.name else images.name.lower()
    if "images" not in name:
        return None
    return _first(images.parent, name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1"))


def _read(path: Path, limits: Limits) -> NDArray[Any]:
    size = path.stat().st_size
    try:
        with path.open("rb") as raw:
            if raw.read(2) == b"\x1f\x8b":
                raw.seek(0)
                with gzip.GzipFile(fileobj=raw) as stream:
                    return _array(cast(IO[bytes], stream), path.name, None, size, limits)
            raw.seek(0)
            return _array(raw, path.name, size, size, limits)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path.name}: no whole gzip file ({error}); get it again") from None


def _array(stream: IO[bytes], name: str, size: int | None, packed: int, limits: Limits) -> NDArray[Any]:
    """The numbers of one file; `size` its bytes, None where it is packed into `packed` bytes."""
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES or not 1 <= start[3] <= 4:
        raise DataError(f"{name}: no IDX file (its first four bytes are {start.hex()}, not 000008 and a number)")
    kind, rank = np.dtype(_TYPES[start[2]]), start[3]
    sides = stream.read(4 * rank)
    if len(sides) < 4 * rank:
        raise DataError(f"{name}: ends within its header; the file is damaged: get it again")
    shape = tuple(int.from_bytes(sides[4 * at : 4 * at + 4], "big") for at in range(rank))
    check_amount(shape, name, limits)
    wanted = math.prod(shape) * kind.itemsize
    there = None if size is None else size - 4 - 4 * rank
    if there is None and wanted > limits.ratio_from and wanted > limits.ratio * packed:
        raise DataError(f"{name}: {packed:,} bytes unpack to {wanted:,}; allowed is a ratio of {limits.ratio}")
    data = stream.read(wanted) if there is None or there == wanted else b""
    more = stream.read(1) if there is None else b""
    if len(data) != wanted or more:
        found = there if there is not None else (f"more than {wanted:,}" if more else len(data))
        raise DataError(
            f"{name}: the header says {' × '.join(map(str, shape))}, {wanted:,} bytes, but {found} are there; "
            "the file is damaged: get it again"
        )
    return np.frombuffer(data, dtype=kind).reshape(shape).astype(kind.newbyteorder("="), copy=False)
