"""A table of any format, and what becomes of it: features, labels, ids, and columns kept beside.

A format gives the columns with their types as far as it knows them; here texts that are numbers, dates or lists become
such, `columns.roles` says what each column is, and numbers that are missing are refused, dropped or filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import Column, DataError
from precompute.loaders.columns import Roles, Seen, called, renamed, roles, square
from precompute.loaders.dialect import MISSING
from precompute.loaders.labels import one_hot, whole_or_texts
from precompute.loaders.options import Options
from precompute.loaders.raw import (
    LIMITS,
    Doubt,
    LeftOut,
    Limits,
    Raw,
    Reading,
    check_amount,
    check_dimensions,
    shown,
)
from precompute.loaders.scaling import SENTINELS

_GLANCE = 1_000
_LISTED = 5
_TRUTHS = ({"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"})
_DATE = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2})([ T]\d{1,2}:\d{2}(:\d{2})?.*)?"
    r"|\d{4}[./-]\d{1,2}[./-]\d{1,2}([ T]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2})?"
)
_ONE = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_TOKENS = re.compile(rf"\s*[\[(]?\s*({_ONE}[\s,;]+)+{_ONE}\s*[\])]?\s*")
_SIGNED = re.compile(r"([+-]?)[$€£¥] ?(?=[\d.,])|(?<=[\d.]) ?[%€]$")
"""Signs before or behind a number that change nothing of it as long as all have them."""
_GROUPED = re.compile(r"[+-]?\d{1,3}([\s\u00a0\u2009]\d{3})+([.,]\d*)?")


@dataclass(frozen=True)
class Table:
    """A table as a format reads it.

    Attributes:
        kind: the format in words.
        where: name of the file, for messages.
        names: of the columns.
        columns: pyarrow arrays or chunked arrays.
        texts: a column as it is written, None where nothing is, by its place.
        place: where a row stands in the file, for messages.
        headed: whether the names are the file's own.
        decimal: the decimal mark of numbers that are still texts.
        index: names of columns that are the table's index.
        coded: names of columns whose whole numbers are written with zeros before them.
        classes: names of the codes of labels, by the column's name.
        label_names: names of the codes of the last column, which has the labels.
        reading, left_out, doubts, notes: for the conversation.
    """

    kind: str
    where: str
    names: tuple[str, ...]
    columns: Sequence[Any]
    texts: Callable[[int], Sequence[str | None]]
    place: Callable[[int], str]
    headed: bool = True
    decimal: str = "."
    index: frozenset[str] = frozenset()
    coded: frozenset[str] = frozenset()
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    label_names: tuple[str, ...] | None = None
    reading: Reading = field(default_factory=Reading)
    left_out: Sequence[LeftOut] = ()
    doubts: Sequence[Doubt] = ()
    notes: Sequence[str] = ()

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.columns[0]) if self.columns else 0


def in_memory(kind: str, where: str, content: Any, **facts: Any) -> Table:
    """A table of a `pyarrow.Table` whose rows are counted from 0."""
    import pyarrow as pa

    content = pa.table([_plain(column) for column in content.columns], names=content.schema.names)

    def texts(at: int) -> list[str | None]:
        column = content.column(at)
        if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
            return [None if each is None else str(each) for each in column.to_pylist()]
        return list(column.cast(pa.string()).to_pylist())

    return Table(
        kind,
        where,
        tuple(content.schema.names),
        list(content.columns),
        texts,
        facts.pop("place", lambda row: f"row {row} (from 0)"),
        **facts,
    )


def _plain(column: Any) -> Any:
    """A column without the views and runs that most of Arrow's functions do not take yet."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_run_end_encoded(kind):
        return _plain(pa.chunked_array([pc.run_end_decode(chunk) for chunk in column.chunks], kind.value_type))
    if pa.types.is_string_view(kind):
        return column.cast(pa.large_string())
    if pa.types.is_binary_view(kind):
        return column.cast(pa.large_binary())
    if pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
        # not cast: pyarrow 26.0.1 then leaves the last offset of a chunk 0
        return pa.chunked_array(
            [pa.array(chunk.to_pylist(), pa.large_list(kind.value_type)) for chunk in column.chunks]
        )
    return column


@dataclass(frozen=True)
class Embedded:
    """What is embedded where that is no column of the table: pictures, or an array of lists."""

    images: NDArray[Any] | None = None
    features: NDArray[Any] | None = None


def raw_of(table: Table, options: Options, limits: Limits = LIMITS, embedded: Embedded | None = None) -> Raw:
    """What a table holds, by the one rule of `columns`.

    Args:
        table: as a format reads it.
        options: keys that decide.
        limits: what may be decoded.
        embedded: what is embedded beside the table, one row a sample; None: its own columns are.

    Raises:
        DataError: no column of numbers, a number that is missing and not allowed to be, and what `roles` raises.
    """
    check_amount((table.n, 1), table.where, limits)
    names_of, repeated = renamed(table.names, options.drop or ())
    table = replace(table, names=names_of, doubts=(*table.doubts, *repeated))
    columns = [_seen(name, column, table, options) for name, column in zip(table.names, table.columns, strict=True)]
    if table.label_names is not None and options.label_column is None:
        options = replace(options, label_column=len(columns) - 1)
    found = roles(columns, options, table.where, embedded is not None, table.headed)
    rows, remarks = _rows(table, found, options), list[str]()
    left_out = [*table.left_out, *found.left_out]
    doubts = [*table.doubts, *found.doubts]
    notes = [*table.notes, *found.notes]
    features, names = None, None
    if embedded is None:
        features, names, more = _features(table, columns, found, options, limits, rows)
        remarks += more.remarks
        doubts += more.doubts
        rows = more.rows
    labels, classes = _labels(table, columns, found, options, notes)
    ids = None if found.id is None else _ids(table, columns, found.id)
    beside = [_column(_as_written(table, columns, at), meaning, rows) for at, meaning in found.beside]
    if rows is not None:
        labels = None if labels is None else [labels[row] for row in rows]
        ids = None if ids is None else [ids[row] for row in rows]
    images = None if embedded is None or embedded.images is None else _taken(embedded.images, rows)
    if embedded is not None and embedded.features is not None:
        features = _taken(embedded.features, rows)
    side = square([columns[at].name for at in found.features]) if found.lists is None else None
    if side is None and features is not None and options.image_shape is None and found.label is not None:
        side = _unnamed_pictures(table, features)
    if side is not None and options.image_shape is None and features is not None and embedded is None:
        images, features, names = features.reshape(len(features), *side), None, None
    if features is not None and features.ndim > 2 and images is None:
        if found.lists is not None and "embedding" in columns[found.lists].lower:
            features = features.reshape(len(features), -1)  # of tokens or places, and no picture
        else:
            images, features = features, None
    place = table.place
    return Raw(
        table.kind,
        images=images,
        features=features,
        labels=None if labels is None else np.array(labels, dtype=object),
        names=classes,
        ids=ids,
        ids_from="ids" if found.id is None else called(columns[found.id].name),
        notes=tuple(notes),
        reading=table.reading,
        columns=beside,
        left_out=left_out,
        doubts=doubts,
        feature_names=names,
        remarks=remarks,
        places=place if rows is None else (lambda sample: place(int(rows[sample]))),
    )


def _as_written(table: Table, columns: Sequence[Seen], at: int) -> Seen:
    """A column to be kept: codes with their zeros."""
    import pyarrow as pa

    one = columns[at]
    return replace(one, values=pa.array(table.texts(at), pa.string()), kind="text") if one.is_coded else one


def _taken(array: NDArray[Any], rows: NDArray[np.int64] | None) -> NDArray[Any]:
    return array if rows is None else array[rows]


def _unnamed_pictures(table: Table, features: NDArray[Any]) -> tuple[int, int] | None:
    """The shape of pictures of a table without names whose label comes first, as MNIST's CSV has them."""
    side = int(np.sqrt(features.shape[1])) if features.ndim == 2 else 0
    return (side, side) if not table.headed and side >= 8 and side * side == features.shape[1] else None


# ------------------------------------------------------------------------------------------------------------ columns


def _seen(name: str, values: Any, table: Table, options: Options) -> Seen:  # noqa: PLR0911
    """A column with its kind, texts made numbers where they are such."""
    import pyarrow as pa

    kind = values.type
    is_index = name in table.index
    if pa.types.is_dictionary(kind) and not _is_text(kind):
        values = values.cast(kind.value_type)
        kind = values.type
    if pa.types.is_null(kind) or values.null_count == len(values):
        return Seen(name, values, "empty", is_index)
    if pa.types.is_decimal(kind):
        values = values.cast(pa.float64())
        return Seen(name, values, "number", is_index)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return Seen(name, values, "number", is_index, name in table.coded)
    if pa.types.is_boolean(kind):
        return Seen(name, values, "truth", is_index)
    if pa.types.is_temporal(kind):
        return Seen(name, values, "date", is_index)
    if is_list(kind):
        return Seen(name, values, "list", is_index)
    if not _is_text(kind):
        return Seen(name, values, "other", is_index)
    texts = values.cast(kind.value_type) if pa.types.is_dictionary(kind) else values
    return Seen(name, *_text_kind(texts, values, table, options), is_index)


def _text_kind(texts: Any, values: Any, table: Table, options: Options) -> tuple[Any, str]:  # noqa: PLR0911
    """Values and kind of a column of texts, by its first rows and, where these are numbers, by all."""
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(texts)
    signs = {*MISSING, *(options.missing_signs or ())}
    some = [each for each in trimmed.slice(0, _GLANCE).to_pylist() if each is not None and each not in signs]
    if not some:
        everything = {each for each in pc.unique(trimmed).to_pylist() if each is not None}
        some = [each for each in everything if each not in signs][:_GLANCE]
        if not some:
            return values, "empty"
    if {each.lower() for each in some} in _TRUTHS:
        return values, "truth"
    if all(_DATE.fullmatch(each) for each in some[:100]):
        return values, "date"
    if is_packed(trimmed):
        return values, "text"
    numbers = [_number(each, table.decimal) for each in some]
    if sum(each is not None for each in numbers) * 2 <= len(some):
        return (trimmed if trimmed.type == values.type else values), "text"
    converted: list[float | None] = []
    strange = False
    for each in trimmed.to_pylist():
        number = None if each is None or each in signs else _number(each, table.decimal)
        strange = strange or (number is None and each is not None and each not in signs)
        converted.append(number)
    if strange:
        return trimmed, "mixed"
    import pyarrow as pa

    return pa.array(converted, pa.float64()), "number"


def _number(text: str, decimal: str) -> float | None:
    """A number with thousands in groups, or with a blank or % that say nothing; None: it is none."""
    text = _SIGNED.sub(r"\1", text.replace("−", "-"))
    plain = re.sub(r"[\s'’  ]", "", text)
    if decimal == ",":
        if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?", plain):
            plain = plain.replace(".", "")
        plain = plain.replace(",", ".")
    elif re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", plain):
        plain = plain.replace(",", "")
    if plain != text and re.search(r"\d\s+\d", text) and not _GROUPED.fullmatch(text):
        return None
    try:
        return float(plain) if not re.search(r"[_a-df-z]", plain, re.IGNORECASE) or "inf" in plain.lower() else None
    except ValueError:
        return None


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_list(kind: Any) -> bool:
    """Whether it is a list of numbers, or of such lists."""
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        return is_list(kind.storage_type)
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)):
        return False
    of = kind.value_type
    return bool(pa.types.is_integer(of) or pa.types.is_floating(of) or pa.types.is_boolean(of)) or is_list(of)


def is_packed(values: Any) -> bool:
    """Whether texts are lists of numbers, such as "[0.1, 0.2]" or "70 80 82", as the first rows are."""
    if not _is_text(values.type):
        return False
    some = [each for each in values.slice(0, 20).to_pylist() if each]
    if not some or any(len(each) < 5 or each[0] not in "[(+-.0123456789" for each in map(str.strip, some)):
        return False
    if not all(_TOKENS.fullmatch(each) for each in some):
        return False
    bracketed = all(each.strip()[0] in "[(" for each in some)
    counts = {len(re.findall(r"[^\s,;\[\]()]+", each)) for each in some}
    if bracketed:
        return True
    return len(counts) == 1 and min(counts) >= 3 and not any("," in each and " " not in each for each in some)


def empty_share(column: Any) -> float:
    """Share of a column's rows without a value or text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(column):
        return 1.0
    empty = int(column.null_count)
    if pa.types.is_string(column.type):
        empty += int(pc.sum(pc.equal(pc.utf8_trim_whitespace(column), "")).as_py() or 0)
    return empty / len(column)


def first_filled(column: Any) -> int:
    """The first row that has a value or text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = pc.is_valid(column)
    if pa.types.is_string(column.type):
        filled = pc.and_kleene(filled, pc.not_equal(pc.utf8_trim_whitespace(column), ""))
    return int(pc.index(filled, True).as_py())


def _column(one: Seen, meaning: str, rows: NDArray[np.int64] | None) -> Column:
    import pyarrow as pa

    values = one.values.combine_chunks() if isinstance(one.values, pa.ChunkedArray) else one.values
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks)
    if isinstance(values.type, pa.BaseExtensionType):
        values = values.storage
    if rows is not None:
        values = values.take(pa.array(rows))
    return Column(one.name or "without a name", values, meaning)


# ----------------------------------------------------------------------------------------------------------- features


@dataclass(frozen=True)
class _More:
    """What else became of the features: the rows that are left, and what is to be said."""

    rows: NDArray[np.int64] | None
    remarks: list[str]
    doubts: list[Doubt]


def _rows(table: Table, found: Roles, options: Options) -> NDArray[np.int64] | None:
    """The rows that are read, None: all; by the split that is asked for."""
    if options.split is None:
        return None
    split = next((at for at, meaning in found.beside if meaning == "a split"), None)
    if split is None:
        return None  # of the folder or file, which its reader has taken
    texts = [None if each is None else each.strip() for each in table.texts(split)]
    rows = np.array([row for row, text in enumerate(texts) if text == options.split], dtype=np.int64)
    if not len(rows):
        known = ", ".join(sorted({text for text in texts if text}))
        raise DataError(f"{table.where}: split {shown(options.split)}: no such part; allowed: {known}")
    return rows


def _features(
    table: Table,
    columns: Sequence[Seen],
    found: Roles,
    options: Options,
    limits: Limits,
    rows: NDArray[np.int64] | None,
) -> tuple[NDArray[Any], tuple[str, ...] | None, _More]:
    """The numbers that are embedded, the names of their columns where each is a quantity of its own, and more."""
    if found.lists is not None:
        block = _unpacked(table, columns[found.lists], limits)
        return _taken(block, rows), None, _More(rows, [], [])
    if not found.features:
        raise DataError(
            f"{table.where}: no column of numbers that vary is left: {_accounted(columns, found)}; name those that are "
            "to be embedded: features in a config, or --features"
        )
    check_amount((table.n, len(found.features)), table.where, limits)
    check_dimensions((table.n, len(found.features)), table.where, limits)
    for at in found.features:
        if columns[at].kind == "mixed":
            raise _strange(table, columns[at], options)
    arrays = [_array(columns[at].values) for at in found.features]
    block = _taken(np.stack(arrays, axis=1), rows)
    at_of = found.features
    doubts: list[Doubt] = []
    remarks: list[str] = []
    if block.dtype.kind == "f":
        doubts += _sentinels(block, [columns[at].name for at in at_of])
        rows, block, remarks = _filled(table, block, [columns[at] for at in at_of], rows, options)
    names = None if found.vector else tuple(columns[at].name for at in at_of)
    return block, names, _More(rows, remarks, doubts)


def _accounted(columns: Sequence[Seen], found: Roles) -> str:
    """What each of the first columns is taken for."""
    what = dict(found.beside)
    what |= {at: name for at, name in ((found.label, "the labels"), (found.id, "the ids")) if at is not None}
    left = {one.what: one.why for one in found.left_out}
    texts = [
        f"{shown(one.name, 30)}: {what.get(at) or left.get(called(one.name), 'part of the labels')[:80]}"
        for at, one in enumerate(columns[:_LISTED])
    ]
    return ", ".join(texts) + (" …" if len(columns) > _LISTED else "")


def _array(values: Any) -> NDArray[Any]:
    """A column as numbers; NaN where one is missing."""
    import pyarrow as pa

    if values.null_count or pa.types.is_boolean(values.type):
        values = values.cast(pa.float64(), safe=False)
    array: NDArray[Any] = values.to_numpy(zero_copy_only=False) if isinstance(values, pa.Array) else values.to_numpy()
    return array


def _filled(
    table: Table, block: NDArray[Any], columns: Sequence[Seen], rows: NDArray[np.int64] | None, options: Options
) -> tuple[NDArray[np.int64] | None, NDArray[Any], list[str]]:
    """Rows and numbers without a missing one: as `missing` says, and a remark on how many there were."""
    lacking = ~np.isfinite(block)
    signs = _numbers(options.missing_signs)
    if len(signs):
        lacking |= np.isin(block, signs)
    if not lacking.any():
        return rows, block, []
    if options.missing == "refuse":
        row, column = (int(each) for each in np.argwhere(lacking)[0])
        raise _lacks(table, columns[column], row if rows is None else int(rows[row]), block[row, column], lacking)
    if options.missing == "drop":
        kept = np.flatnonzero(~lacking.any(axis=1))
        if not len(kept):
            raise DataError(
                f"{table.where}: every sample lacks a number, so none is left; missing = 'median' fills them in, or "
                "leave the columns out that lack most (drop)"
            )
        count = len(block) - len(kept)
        remark = f"{count:,} samples that lack a number are left out."
        remark = "A sample that lacks a number is left out." if count == 1 else remark
        return (kept if rows is None else rows[kept]), block[kept], [remark]
    filled = block.astype(np.float64)
    filled[lacking] = np.nan
    empty = lacking.all(axis=0)
    if empty.any():
        name = columns[int(empty.argmax())].name
        raise DataError(f"{table.where}: {called(name)} has no number at all; leave it out: drop = [{name!r}]")
    medians = np.nanmedian(filled, axis=0)
    filled = np.where(lacking, medians, filled)
    remark = f"{int(lacking.sum()):,} missing numbers, of {int(lacking.any(axis=1).sum()):,} samples, are filled in "
    return rows, filled, [f"{remark}with the median of their column."]


def _numbers(signs: Sequence[str] | None) -> NDArray[np.float64]:
    numbers = (_number(each, ".") for each in signs or ())
    return np.array([each for each in numbers if each is not None], dtype=np.float64)


def _lacks(table: Table, one: Seen, row: int, value: float, lacking: NDArray[np.bool_]) -> DataError:
    at = table.names.index(one.name) if one.name in table.names else 0
    written = table.texts(at)[row]
    if not np.isnan(value):
        what = f"{written or value}; only finite numbers are allowed"
    else:
        what = (
            "no number"
            if not written or written.strip() in ("", "NA", "nan", "NaN")
            else f"{shown(written)} is no number"
        )
    count = int(lacking.sum())
    more = f", and {count - 1:,} more are missing" if count > 1 else ""
    return DataError(
        f"{table.where}: {table.place(row)}, {called(one.name)}: {what}{more}. Mend it, or say what becomes of it: "
        "missing = 'drop' leaves its sample out, missing = 'median' puts the column's median there (in a config, or "
        "--missing)"
    )


def _strange(table: Table, one: Seen, options: Options) -> DataError:
    """What is said of a column of numbers with texts among them."""
    signs = {*MISSING, *(options.missing_signs or ())}
    texts = one.values.to_pylist()
    row = next(
        at
        for at, each in enumerate(texts)
        if each is not None and each not in signs and _number(each, table.decimal) is None
    )
    return DataError(
        f"{table.where}: {table.place(row)}, {called(one.name)}: {shown(texts[row])} is no number, and most are. "
        f"If it stands for a missing one: missing_signs = [{texts[row][:40]!r}]; if the column is no feature: "
        f"columns = [{one.name!r}] keeps it beside; if it holds the labels: label_column = {one.name!r}"
    )


def _sentinels(block: NDArray[Any], names: Sequence[str]) -> list[Doubt]:
    """Numbers that often stand for a missing one, far from all others of their column."""
    if block.shape[1] > 2_000:
        return []
    found = []
    for at, name in enumerate(names):
        column = block[:, at]
        column = column[np.isfinite(column)]
        for sentinel in SENTINELS:
            here = column == sentinel
            count = int(here.sum())
            if not count or count == len(column):
                continue
            others = column[~here]
            spread = float(others.max() - others.min())
            if min(abs(sentinel - others.max()), abs(sentinel - others.min())) > 3 * max(spread, 1e-9):
                samples = f"{count:,} sample{'s' * (count > 1)}"
                sentence = f"{called(name)} is {sentinel:g} in {samples}, far from all others, as for a missing one"
                found.append(Doubt(sentence, "missing_signs", f"['{sentinel:g}']"))
    return found


def _unpacked(table: Table, one: Seen, limits: Limits) -> NDArray[Any]:
    """A column of lists of one length, also packed into texts, as one array."""
    import pyarrow as pa

    values = one.values
    if one.kind == "list":
        chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
        blocks = [dense(chunk, one.name, table.where) for chunk in chunks if len(chunk)]
        if len({block.shape[1:] for block in blocks}) > 1:
            raise DataError(
                f"{table.where}: lists of different length in {shown(one.name)}; each needs as many numbers"
            )
        array = np.concatenate(blocks)
        check_amount(array.shape, table.where, limits)
        check_dimensions(array.shape, table.where, limits)
        return array
    rows: list[NDArray[np.float64]] = []
    width = None
    for row, text in enumerate(values.to_pylist()):
        plain = re.sub(r"[\[\](),;]", " ", text or "").split()
        try:
            numbers = np.array(plain, dtype=np.float64)
        except ValueError:
            numbers = np.empty(0)
        width = len(numbers) if width is None else width
        if len(numbers) != width or not width or not np.isfinite(numbers).all():
            shortened = " (numpy wrote it shortened, with …)" if "..." in (text or "") else ""
            raise DataError(
                f"{table.where}: {table.place(row)}, {called(one.name)}: {shown(text or '')} is no list of "
                f"{width or 'some'} numbers{shortened}; mend it, or keep the column beside: columns = [{one.name!r}]"
            )
        if not rows:
            check_amount((table.n, width), table.where, limits)
            check_dimensions((table.n, width), table.where, limits)
        rows.append(numbers)
    array = np.stack(rows)
    whole = bool((array == np.floor(array)).all()) and array.min() >= 0 and array.max() <= 255
    side = int(np.sqrt(array.shape[1]))
    if whole and side >= 8 and side * side == array.shape[1]:  # pixels, as FER2013 packs them
        return array.astype(np.uint8).reshape(len(array), side, side)
    return array


def dense(column: Any, name: str, where: str) -> NDArray[Any]:
    """Lists of one length, also of lists of lists, as an array.

    Raises:
        DataError: a list or a number is missing, or they are of different length.
    """
    import pyarrow as pa

    if isinstance(column.type, pa.BaseExtensionType):
        shape = tuple(getattr(column.type, "shape", ()))
        flat = dense(column.storage, name, where)
        return flat.reshape(len(flat), *shape) if shape else flat
    sides = [len(column)]
    while is_list(column.type):
        if column.null_count:
            raise DataError(f"{where}: a list is missing in {shown(name)}; repair or drop the row")
        if pa.types.is_fixed_size_list(column.type):
            lengths = {column.type.list_size}
        else:
            lengths = set(np.diff(column.offsets.to_numpy()).tolist())
        if len(lengths) != 1:
            raise DataError(f"{where}: lists of different length in {shown(name)}; each needs as many numbers")
        sides.append(int(lengths.pop()))
        column = column.flatten()
    if column.null_count:
        raise DataError(f"{where}: a number is missing in {shown(name)}; repair or drop the row")
    array: NDArray[Any] = column.to_numpy(zero_copy_only=False).reshape(sides)
    return array


# ------------------------------------------------------------------------------------------------------ labels and ids


def _labels(
    table: Table, columns: Sequence[Seen], found: Roles, options: Options, notes: list[str]
) -> tuple[list[Any] | None, tuple[str, ...] | None]:
    """Labels as texts or whole numbers, None where a sample has none; and the names of their codes."""
    if found.one_hot:
        block = np.stack([columns[at].numbers for at in found.one_hot], axis=1)
        stems = [re.split(r"[ _.\-]", columns[at].name, maxsplit=1)[1] for at in found.one_hot]
        return [stems[code] for code in block.argmax(axis=1)], None
    if found.label is None:
        return None, None
    one = columns[found.label]
    if one.kind == "list":
        codes, remark = one_hot(dense(_single(one.values), one.name, table.where), one.name, table.where)
        notes.append(remark)
        return codes.tolist(), table.classes.get(one.name)
    classes = table.classes.get(one.name) or (table.label_names if found.label == len(columns) - 1 else None)
    if _is_ordered(one.values) and options.label_names is None:
        return _in_order(one.values)
    return whole_or_texts(table.texts(found.label)), classes


def _is_ordered(values: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_dictionary(values.type) and values.type.ordered)


def _in_order(values: Any) -> tuple[list[Any], tuple[str, ...] | None]:
    """Labels of an ordered categorical, whose names keep their order where all its parts have the same."""
    import pyarrow as pa

    texts = values.to_pylist()
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    orders = {tuple(chunk.dictionary.to_pylist()) for chunk in chunks}
    if len(orders) > 1 or any(not isinstance(each, str) for each in texts if each is not None):
        return list(texts), None
    names = orders.pop()
    codes = {name: code for code, name in enumerate(names)}
    return [None if each is None else codes[each] for each in texts], names


def _single(values: Any) -> Any:
    import pyarrow as pa

    if isinstance(values, pa.ChunkedArray):
        return values.chunk(0) if values.num_chunks == 1 else pa.concat_arrays(values.chunks)
    return values


def _ids(table: Table, columns: Sequence[Seen], at: int) -> list[str]:
    """Ids as they are written.

    Raises:
        DataError: a sample has none.
    """
    texts = table.texts(at)
    lacking = [row for row, text in enumerate(texts) if text is None or not text.strip()]
    name = called(columns[at].name)
    other = 'give it one, or take another column (id_column), or none (id_column = "" in a config, or --id-column "")'
    if len(lacking) == len(texts):
        raise DataError(f"{table.where}: {name}: all {len(texts):,} ids are empty; {other}")
    if lacking:
        raise DataError(
            f"{table.where}: {table.place(lacking[0])} has no id in {name}; every sample needs an id of its own: "
            f"{other}"
        )
    return [text.strip() for text in texts if text is not None]
