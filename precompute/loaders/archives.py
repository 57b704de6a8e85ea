"""NumPy files: `.npz` archives and `.npy` arrays, their headers read and weighed before their numbers."""

from __future__ import annotations

import ast
import errno
import math
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError
from precompute.loaders import arrays
from precompute.loaders.options import Options
from precompute.loaders.pictures import as_pictures
from precompute.loaders.raw import LIMITS, LeftOut, Limits, Raw, check_amount, check_dimensions, shown

_MAGIC = b"\x93NUMPY"
_PART = 1 << 24
_LISTED = 8


@dataclass(frozen=True)
class _Member:
    """An array of an archive, of which the header has been read; `problem`: why it cannot be, None: it can."""

    name: str
    info: zipfile.ZipInfo
    shape: tuple[int, ...] = ()
    kind: np.dtype[Any] | None = None
    problem: str | None = None

    def __str__(self) -> str:
        if self.kind is None:
            return shown(self.name)
        return f"{shown(self.name)} ({' × '.join(f'{side:,}' for side in self.shape)} of {self.kind})"


def read_npz(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """An `.npz`: arrays by their usual names, such as `images` and `labels` or `x_train` and `y_train`, or by keys.

    Of an array in parts (train, validation, test) one is read. Other arrays of one value a sample are kept beside.
    What `scipy.sparse` saves is read as well.

    Args:
        path: the file.
        options: `images`, `features`, `label_column` and `id_column` name arrays; `split` one of the parts.

    Raises:
        DataError: no zip, damaged, encrypted, too many members, no array of samples, too large, or holding Python
            objects.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive.infolist(), limits)
            members = [_looked_at(archive, info, limits) for info in archive.infolist()]
            if is_sparse({member.name for member in members}):
                for member in members:
                    _check_size(path, member.info, limits)
                return _sparse(path, archive, {member.name: member for member in members}, limits)
            return _raw(path, archive, members, options, limits)
    except DataError:
        raise
    # what zipfile raises on damaged places and lengths; OSError: of a place before the file's beginning
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OverflowError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise DataError(f"{path.name}: no whole .npz archive ({error}); write it anew with numpy.savez") from None


def read_npy(path: Path, options: Options, limits: Limits = LIMITS) -> Raw:
    """An `.npy`: (n, d) features, or (n, h, w), (n, h, w, 3) or (n, 3, h, w) images; raises as `read_npz` does."""
    del options
    with path.open("rb") as stream:
        array = _array(stream, path.stat().st_size, path.name, limits)
    if array.ndim == 2:
        return Raw("NumPy array (.npy)", features=array)
    images, notes = as_pictures(array)
    return Raw("NumPy array (.npy)", images=images, notes=tuple(notes))


def _check_members(path: Path, members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse an archive by its directory alone."""
    if len(members) > limits.members:
        raise DataError(f"{path.name}: {len(members):,} members; allowed are at most {limits.members}")
    names = [info.filename for info in members]
    for info in members:
        where = f"{path.name}: member {shown(info.filename)}"
        if names.count(info.filename) > 1:
            raise DataError(f"{where} stands {names.count(info.filename)} times; every member must stand once")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(f"{where} is packed in a way that NumPy does not use; write it anew with numpy.savez")
        if info.flag_bits & 1:
            raise DataError(f"{where} is encrypted; store it in the open")


def _check_size(path: Path, info: zipfile.ZipInfo, limits: Limits) -> None:
    """Refuse a member by what it unpacks to."""
    where = f"{path.name}: member {shown(info.filename)}"
    if info.file_size > limits.file_bytes:
        raise DataError(f"{where}: {info.file_size:,} bytes unpacked; allowed: {limits.file_bytes:,}")
    if info.file_size > limits.ratio_from and info.file_size > limits.ratio * max(1, info.compress_size):
        raise DataError(
            f"{where}: {info.compress_size:,} bytes unpack to {info.file_size:,}; allowed is a ratio of "
            f"{limits.ratio}. If that is meant, store it without compression (numpy.savez)"
        )


def _looked_at(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> _Member:
    """What a member is, by its header."""
    name = info.filename.removesuffix(".npy")
    if name == info.filename:
        return _Member(name, info, problem="no array")
    try:
        with archive.open(info) as stream:
            shape, kind, _, _ = _described(stream, name, limits)
    except DataError as error:
        return _Member(name, info, problem=str(error).removeprefix(f"{name}: "))
    return _Member(name, info, shape, kind)


def _raw(path: Path, archive: zipfile.ZipFile, members: Sequence[_Member], options: Options, limits: Limits) -> Raw:
    def read(member: _Member) -> NDArray[Any]:
        where = f"{path.name}: {member.name}"
        if member.problem is not None:
            raise DataError(f"{where}: {member.problem}")
        _check_size(path, member.info, limits)
        with archive.open(member.info) as stream:
            return _array(stream, member.info.file_size, where, limits)

    found = arrays.roles({member.name: member.shape for member in members}, options, path.name)
    by_name = {member.name: member for member in members}
    if found.images is None and found.features is None:
        listed = ", ".join(str(member) for member in members[:_LISTED])
        raise DataError(
            f"{path.name}: no array is called as samples usually are (images, features, x, x_train, arr_0 …); it holds "
            f'{listed}; name the one to read: images = "…" or features = "…" in a config, or --images, --features'
        )
    images = features = None
    notes = list(found.notes)
    if found.images is not None:
        images, said = as_pictures(read(by_name[found.images]))
        notes += said
    if found.features is not None:
        features = read(by_name[found.features])
    first = next(each for each in (features, images) if each is not None)
    labels, left_out = None, []
    if found.labels is not None:
        labels, said, problem = arrays.as_labels(read(by_name[found.labels]), found.labels)
        notes += said
        left_out += [] if problem is None else [LeftOut(f"array {shown(found.labels)}", problem)]
    names = None if found.names is None else _one_dimension(read(by_name[found.names]), "names", path.name)
    ids = None if found.ids is None else _one_dimension(read(by_name[found.ids]), "ids", path.name)
    columns = []
    for member in members:
        if member.name in found.taken:
            continue
        column = None
        if (
            member.problem is None
            and member.shape in ((len(first),), (len(first), 1))
            and member.name not in found.parts
        ):
            column = arrays.as_column(read(member), member.name)
        if column is None:
            part = "another part of the data" if member.name in found.parts else "not one value a sample"
            left_out.append(LeftOut(f"array {shown(member.name)}", member.problem or part))
        else:
            columns.append(column)
    return Raw(
        "NumPy archive (.npz)",
        images=images,
        features=features,
        labels=labels,
        names=None if names is None else tuple(names),
        ids=ids,
        ids_from=found.ids or "ids",
        notes=tuple(notes),
        columns=columns,
        left_out=left_out,
        doubts=found.doubts,
    )


def is_sparse(names: AbstractSet[str]) -> bool:
    """Whether an archive's arrays are those that `scipy.sparse.save_npz` writes."""
    return {"format", "shape", "data"} <= names and ({"indices", "indptr"} <= names or {"row", "col"} <= names)


def _sparse(path: Path, archive: zipfile.ZipFile, members: Mapping[str, _Member], limits: Limits) -> Raw:
    """A sparse matrix as a dense one of features, weighed by its shape before it is made."""
    from scipy import sparse

    parts = {}
    for name in ("format", "shape", "data", "indices", "indptr", "row", "col"):
        if name in members:
            with archive.open(members[name].info) as stream:
                parts[name] = _array(
                    stream, members[name].info.file_size, f"{path.name}: {name}", limits, samples=False
                )
    written = _texts(parts["format"].reshape(-1)[:1])
    shape = tuple(int(side) for side in parts["shape"].tolist())
    if len(shape) != 2 or min(shape) < 0:
        raise DataError(f"{path.name}: a sparse matrix of shape {shape}; needed: (samples, dimensions)")
    check_amount(shape, path.name, limits)
    check_dimensions(shape, path.name, limits)
    if written == ["coo"]:
        matrix = sparse.coo_array((parts["data"], (parts["row"], parts["col"])), shape=shape)
    elif written in (["csr"], ["csc"]):
        make = sparse.csr_array if written == ["csr"] else sparse.csc_array
        matrix = make((parts["data"], parts["indices"], parts["indptr"]), shape=shape)
        matrix.check_format(full_check=True)
    else:
        raise DataError(f"{path.name}: a sparse matrix in the format {written}; allowed: csr, csc and coo")
    dense = matrix.toarray()
    kind = "sparse matrix (.npz of scipy.sparse)"
    return Raw(kind, features=dense.astype(np.float32) if dense.dtype == np.float64 else dense)


def _one_dimension(array: NDArray[Any], what: str, where: str) -> list[str]:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{where}: {what} have shape {array.shape}; needed: one after the other")
    return _texts(array)


def _described(stream: IO[bytes], where: str, limits: Limits) -> tuple[tuple[int, ...], np.dtype[Any], bool, int]:
    """Shape, type and order by an array's header, and where its numbers begin.

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
    return *_header(stream.read(length), where), begin + length


def _array(stream: IO[bytes], size: int, where: str, limits: Limits, *, samples: bool = True) -> NDArray[Any]:
    """One array: its header is read, weighed and held against the bytes that there are; then the numbers.

    Args:
        samples: whether its first side counts samples, of which there must be some.
    """
    shape, kind, fortran, begin = _described(stream, where, limits)
    if samples:
        check_amount(shape, where, limits)
    elif math.prod(shape) > limits.numbers:
        raise DataError(f"{where}: {math.prod(shape):,} numbers; allowed are at most {limits.numbers:,}")
    # Python's own whole numbers: NumPy's would run over
    wanted = math.prod(shape) * kind.itemsize
    there = size - begin
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


def _texts(array: NDArray[Any]) -> list[str]:
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    return [str(each) for each in array.tolist()]
