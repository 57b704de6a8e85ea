"""NumPy files: `.npz` archives and `.npy` arrays, their headers read and weighed before their numbers."""

from __future__ import annotations

import ast
import errno
import math
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, Limits, Raw, check_amount, shown

MEMBERS = ("images", "features", "labels", "names", "ids")
_MAGIC = b"\x93NUMPY"
_PART = 1 << 24


def read_npz(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """An `.npz` with `images` or `features` or both, and optionally `labels`, `names` and `ids`.

    Args:
        path: the file.
        options: not used but for the shape of flat images, later.

    Raises:
        DataError: no zip, damaged, encrypted, other or too many members, too large, or holding Python objects.
    """
    del options
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive.infolist(), limits)
            arrays = {Path(info.filename).stem: _member(path, archive, info, limits) for info in archive.infolist()}
    except DataError:
        raise
    # what zipfile raises on damaged places and lengths; OSError: of a place before the file's beginning
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OverflowError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise DataError(f"{path.name}: no whole .npz archive ({error}); write it anew with numpy.savez") from None
    return _raw(path, arrays)


def read_npy(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """An `.npy`: (n, d) features, or (n, h, w) or (n, h, w, 3) images. See `read_npz` for what is raised."""
    del options
    with path.open("rb") as stream:
        array = _array(stream, path.stat().st_size, path.name, limits)
    if array.ndim == 2:
        return Raw("NumPy array (.npy)", features=array)
    return Raw("NumPy array (.npy)", images=array)


def _check_members(path: Path, members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse an archive by its directory alone."""
    if len(members) > limits.members:
        raise DataError(f"{path.name}: {len(members):,} members; allowed are at most {limits.members}")
    names = [info.filename for info in members]
    for info in members:
        where = f"{path.name}: member {shown(info.filename)}"
        stem = info.filename.removesuffix(".npy")
        if stem not in MEMBERS or f"{stem}.npy" != info.filename:
            raise DataError(f"{where} is unknown; allowed: {', '.join(MEMBERS)}")
        if names.count(info.filename) > 1:
            raise DataError(f"{where} stands {names.count(info.filename)} times; every member must stand once")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(f"{where} is packed in a way that NumPy does not use; write it anew with numpy.savez")
        if info.flag_bits & 1:
            raise DataError(f"{where} is encrypted; store it in the open")
        if info.file_size > limits.file_bytes:
            raise DataError(f"{where}: {info.file_size:,} bytes unpacked; allowed: {limits.file_bytes:,}")
        if info.file_size > limits.ratio_from and info.file_size > limits.ratio * max(1, info.compress_size):
            raise DataError(
                f"{where}: {info.compress_size:,} bytes unpack to {info.file_size:,}; allowed is a ratio of "
                f"{limits.ratio}. If that is meant, store it without compression (numpy.savez)"
            )
    if not {"images.npy", "features.npy"} & set(names):
        raise DataError(f"{path.name}: holds neither images nor features; name an array 'images' or 'features'")


def _member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> NDArray[Any]:
    with archive.open(info) as stream:
        return _array(stream, info.file_size, f"{path.name}: {Path(info.filename).stem}", limits)


def _array(stream: IO[bytes], size: int, where: str, limits: Limits) -> NDArray[Any]:
    """One array: its header is read, weighed and held against the bytes that there are; then the numbers.

    The header is read here and not by NumPy, which warns and goes on where this must refuse.
    """
    start = stream.read(10)
    if start[:6] != _MAGIC or len(start) < 10 or start[6] not in (1, 2, 3):
        raise DataError(f"{where}: no NumPy array (its first bytes are not those of one)")
    if start[6] == 1:
        length, begin = int.from_bytes(start[8:10], "little"), 10
    else:
        length, begin = int.from_bytes(start[8:10] + stream.read(2), "little"), 12
    if length > limits.header_bytes:
        raise DataError(f"{where}: a header of {length:,} bytes; allowed: {limits.header_bytes:,}")
    shape, kind, fortran = _header(stream.read(length), where)
    check_amount(shape, where, limits)
    # Python's own whole numbers: NumPy's would run over
    wanted = math.prod(shape) * kind.itemsize
    there = size - begin - length
    if there != wanted or wanted > limits.file_bytes:
        raise DataError(
            f"{where}: the header says {' × '.join(map(str, shape))} of {kind}, {wanted:,} bytes, but {there:,} are "
            "there; the file is damaged: write it anew"
        )
    data, at = bytearray(wanted), 0
    with memoryview(data) as view:
        while at < wanted and (part := stream.read(min(_PART, wanted - at))):
            view[at : at + len(part)] = part
            at += len(part)
    if at < wanted:
        raise DataError(f"{where}: ends after {at:,} of {wanted:,} bytes; the file is damaged: write it anew")
    array: NDArray[Any] = np.frombuffer(data, dtype=kind).reshape(shape, order="F" if fortran else "C")
    return array.astype(kind.newbyteorder("="), copy=False)


def _header(text: bytes, where: str) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
    try:
        found = ast.literal_eval(text.decode("utf-8").strip())
        shape, descr, fortran = found["shape"], found["descr"], bool(found["fortran_order"])
        if not isinstance(shape, tuple) or not all(type(side) is int and side >= 0 for side in shape):
            raise ValueError
        if not isinstance(descr, str):
            raise DataError(f"{where}: a record of several fields; needed: plain numbers or texts")
        kind = np.dtype(descr)
    except DataError:
        raise
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError):
        raise DataError(f"{where}: its header is none of NumPy's; the file is damaged: write it anew") from None
    if kind.hasobject:
        raise DataError(
            f"{where}: holds Python objects, which are never unpickled here; store numbers, or texts as fixed-length "
            "strings (numpy.array(list, dtype=str))"
        )
    if kind.kind not in "buifUS" or kind.itemsize == 0:
        raise DataError(f"{where}: values of type {kind}; allowed: whole numbers, floats, truth values or texts")
    return shape, kind, fortran


def _raw(path: Path, arrays: Mapping[str, NDArray[Any]]) -> Raw:
    names, ids = arrays.get("names"), arrays.get("ids")
    for what, array in (("names", names), ("ids", ids)):
        if array is not None and array.ndim != 1:
            raise DataError(f"{path.name}: {what} have shape {array.shape}; needed: one after the other")
    return Raw(
        "NumPy archive (.npz)",
        images=arrays.get("images"),
        features=arrays.get("features"),
        labels=arrays.get("labels"),
        names=None if names is None else tuple(_texts(names)),
        ids=None if ids is None else _texts(ids),
        ids_from="ids",
    )


def _texts(array: NDArray[Any]) -> list[str]:
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    return [str(each) for each in array.tolist()]
