"""Which column of a table is what: one rule for every format.

A *feature* is a column of numbers that vary and say something of the sample's content. In this order:

1. What a key of `Options` says is done.
2. The *labels* are a column that is so named and has few values that repeat; else the only column of texts that repeat.
3. The *ids* are a column that is so named, or a table's own index, or texts, and that has another value in each row.
4. Empty and constant columns are left out, and so is an index without a name.
5. Dates, truth values, texts, paths, splits, row numbers, further ids, years, second spellings of the label and
   continuous targets are kept beside the samples.
6. Lists of numbers, also packed into texts, are features; numbers beside them are kept beside.
7. Of numbered columns of one vector, such as f0 … f7 or pixel0 … pixel783, all are features, and no other number is.
8. All other numbers are features.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from precompute.dataset import DataError
from precompute.loaders.options import Options
from precompute.loaders.raw import LIMITS, Doubt, LeftOut, shown

LABELS = ("label", "labels", "target", "class", "y")
LABEL_LIKE = (
    "species", "category", "variety", "diagnosis", "emotion", "digit", "breed", "genre", "cultivar", "outcome", "kind",
    "type", "group", "survived", "quality",
)  # fmt: skip
"""Names that labels have too, where their values repeat."""
IDS = ("id", "ids", "filename", "file_name", "", "unnamed: 0", "rownames", "index")
NUMBERED = frozenset({"", "unnamed: 0", "rownames", "index"})
"""Names of columns that number the rows."""
ID_LIKE = ("name", "key", "uuid", "path", "file", "image", "filepath", "image_path", "img", "code", "url")
CONTENT = frozenset({"text", "caption", "sentence", "description", "content", "comment", "review", "abstract", "title"})
SPLITS = frozenset(
    {
        "train",
        "training",
        "test",
        "testing",
        "val",
        "valid",
        "validation",
        "dev",
        "holdout",
        "publictest",
        "privatetest",
    }
)
VECTORS = ("embedding", "embeddings", "features", "vector", "pixels", "vec", "emb")
_INDEX = re.compile(r"__index_level_\d+__")
_PIXEL = re.compile(r"(pixel|px|p)_?\d+|\d+x\d+", re.IGNORECASE)
_PLACE = re.compile(r"(.*?)[ _.\-\[]?(\d+)\]?")
_GENERIC = frozenset(
    {
        "", "f", "x", "v", "d", "e", "z", "p", "a", "c", "dim", "dims", "emb", "embed", "embedding", "feature", "feat",
        "features", "pixel", "px", "pc", "component", "comp", "latent", "col", "column", "var", "attr", "vec", "value",
        "val", "unnamed:", "h", "n",
    }
)  # fmt: skip
"""What the columns of one vector are called before their number."""
LISTED = 5
REST = frozenset({"…", "..."})
"""What stands in `features` for all columns that the rule takes anyway."""
_GROUPS = 10
"""Different numbers from which on a column may count groups of rows."""
_COUNTED = re.compile(
    r"(?i:(^|[ _.-])(u?ids?|guid|number|nr|no)\.?)$|[a-z]I[Dd]$"
    r"|^(?i:(individual|subject|patient|participant|person|respondent|household|sample|case|record|row|observation)s?)$"
)
"""What columns are called that number something."""
_OTHERWISE = 'if it is none: label_column = "" in a config, or the name of another'


@dataclass(frozen=True)
class Seen:
    """A column as the rule sees it.

    Attributes:
        name: of the column.
        values: a pyarrow array or chunked array.
        kind: "number", "text", "truth", "date", "list", "empty", "mixed" (numbers, and a few texts) or "other".
        is_index: whether the file says that it is the table's index.
        is_coded: whether its whole numbers are written with zeros before them, as codes are.
    """

    name: str
    values: Any
    kind: str
    is_index: bool = False
    is_coded: bool = False

    @property
    def lower(self) -> str:
        return self.name.strip().lower()

    @cached_property
    def filled(self) -> int:
        """Rows that have a value."""
        return len(self.values) - int(self.values.null_count)

    @cached_property
    def distinct(self) -> int:
        """Different values."""
        import pyarrow.compute as pc

        if self.kind in ("list", "other", "empty"):
            return self.filled
        return int(pc.count_distinct(self._values, mode="only_valid").as_py())

    @property
    def _values(self) -> Any:
        import pyarrow as pa

        if pa.types.is_dictionary(self.values.type):
            return self.values.cast(self.values.type.value_type)
        return self.values

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.filled == len(self.values) == self.distinct

    @cached_property
    def numbers(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """As float64, NaN where missing."""
        import pyarrow as pa

        return np.asarray(self.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))  # type: ignore[call-arg, unused-ignore]

    @cached_property
    def whole(self) -> bool:
        """Whether all are whole numbers."""
        import pyarrow as pa

        if self.kind != "number":
            return False
        if pa.types.is_integer(self.values.type):
            return True
        numbers = self.numbers[np.isfinite(self.numbers)]
        return bool(len(numbers)) and bool((numbers == np.floor(numbers)).all())

    @cached_property
    def repeats(self) -> bool:
        """Whether it has few values that repeat, as labels do."""
        if self.kind not in ("text", "truth", "number", "mixed"):
            return False
        if self.kind == "number" and not self.whole:  # such as doses
            return 0 < self.distinct <= 20 and self.distinct * 3 <= self.filled
        return 0 < self.distinct <= LIMITS.labels and self.distinct * 2 <= max(self.filled, 4)

    @cached_property
    def counts_rows(self) -> bool:
        """Whether it numbers the rows in some order: whole, each once, without a gap."""
        if not self.whole or not self.unique or len(self.values) < 3:
            return False
        numbers = self.numbers
        return float(numbers.max() - numbers.min()) == len(numbers) - 1 and numbers.min() in (0, 1)

    @cached_property
    def counts_groups(self) -> bool:
        """Whether it numbers groups of rows that follow each other, two rows or more each as a rule."""
        if not self.whole or self.distinct < _GROUPS or self.distinct * 2 > len(self.values):
            return False
        return (
            self.filled == len(self.values)
            and self.numbers[0] in (0, 1)
            and bool(np.isin(np.diff(self.numbers), (0, 1)).all())
        )

    def counts_within(self, groups: Seen) -> bool:
        """Whether it numbers the rows within groups that another column numbers."""
        if not self.whole or self.filled < len(self.values) or self.distinct < 2:
            return False
        begins = np.flatnonzero(np.diff(groups.numbers, prepend=groups.numbers[0] - 1))
        places = np.arange(len(self.values)) - np.repeat(begins, np.diff([*begins, len(self.values)]))
        return self.numbers[0] in (0, 1) and bool((self.numbers - self.numbers[0] == places).all())

    @cached_property
    def is_binary(self) -> bool:
        """Whether its numbers are 0 and 1."""
        return self.kind == "number" and self.distinct == 2 and bool(np.isin(self.numbers, (0, 1)).all())


@dataclass
class Roles:
    """What each column is, by its place.

    Attributes:
        features: numbers, in order.
        label, id: None: there is none.
        lists: the column of lists that is embedded; None: `features` are.
        one_hot: columns that are 1 for the label and 0 else.
        beside: place and meaning of the columns kept beside.
        vector: whether the features are places of one vector, or pixels.
        left_out, notes, doubts: for the conversation.
    """

    features: list[int] = field(default_factory=list)
    label: int | None = None
    id: int | None = None
    lists: int | None = None
    one_hot: list[int] = field(default_factory=list)
    beside: list[tuple[int, str]] = field(default_factory=list)
    vector: bool = False
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def roles(columns: Sequence[Seen], options: Options, where: str, embedded: bool = False, headed: bool = True) -> Roles:
    """Decide what each column is; see the module.

    Args:
        columns: of the table.
        options: keys that decide.
        where: for messages.
        embedded: whether something else, such as pictures, is embedded, so that no column need be a feature.
        headed: whether the columns have names of their own.

    Raises:
        DataError: a name stands twice, a column is asked for that is not there, or one is to be two things.
    """
    names = [one.name for one in columns]
    asked = _asked(names, options, where)
    rule = _Rule(columns, options, asked, where, embedded, headed)
    return rule.decided()


@dataclass(frozen=True)
class _Asked:
    """Places of the columns that keys name; None: the key is not given.

    With `rest`, what the rule takes is embedded beside `features`.
    """

    features: tuple[int, ...] | None
    columns: tuple[int, ...]
    drop: tuple[int, ...]
    label: int | None
    id: int | None
    lists: int | None
    rest: bool = False


def _asked(names: Sequence[str], options: Options, where: str) -> _Asked:
    def places(key: str) -> tuple[int, ...] | None:
        given = getattr(options, key)
        return None if given is None else tuple(place(names, each, key, where) for each in given if each not in REST)

    def single(key: str) -> int | None:
        given = getattr(options, key)
        return None if given in (None, "") else place(names, given, key, where)

    asked = _Asked(
        places("features"),
        places("columns") or (),
        places("drop") or (),
        single("label_column"),
        single("id_column"),
        single("feature_column"),
        rest=any(each in REST for each in options.features or ()),
    )
    if asked.id is not None and asked.id == asked.label:
        raise DataError(f"{where}: column {shown(names[asked.id])} cannot be both label and id; name another id_column")
    named: dict[str, tuple[int, ...]] = {
        "features": asked.features or (), "columns": asked.columns, "drop": asked.drop
    }  # fmt: skip
    for key, given in named.items():
        for other, again in named.items():
            both = [at for at in given if at in again]
            if key < other and both:
                raise DataError(f"{where}: {called(names[both[0]])} stands in {key} and in {other}; name it in one")
    return asked


def place(names: Sequence[str], asked: str | int, key: str, where: str) -> int:
    """Place of a column that a key names.

    Raises:
        DataError: there is no such column.
    """
    if isinstance(asked, str) and asked in names:
        return list(names).index(asked)
    if isinstance(asked, str) and asked.strip().lower() in (lower := [name.strip().lower() for name in names]):
        return lower.index(asked.strip().lower())
    with_sign = re.fullmatch(r"-?\d+", str(asked))
    if with_sign:
        at = int(asked)
        while at < 0 and len(names) > 1 and _INDEX.fullmatch(names[-1]):  # pandas writes its index behind the others
            names = names[:-1]
        if not -len(names) <= at < len(names):
            raise DataError(f"{where}: {key} {asked}; allowed: {-len(names)} … {len(names) - 1}, or a name")
        return at % len(names)
    some = ", ".join(shown(name, 30) for name in names[:LISTED])
    raise DataError(f"{where}: {key} {shown(str(asked))} is no column; there are {len(names):,}: {some} …")


def renamed(names: Sequence[str], dropped: Sequence[str | int] = ()) -> tuple[tuple[str, ...], list[Doubt]]:
    """Names that differ: of those that repeat, the later ones with a number, as pandas reads them, and a doubt each.

    Args:
        names: of the columns.
        dropped: names and places that are left out anyway.
    """
    result: list[str] = []
    taken: set[str] = set()
    doubts = []
    for at, name in enumerate(names):
        again = name
        count = 0
        while again in taken or (count and again in names):
            count += 1
            again = f"{name}.{count}" if name.strip() else f"column {at}"
        result.append(again)
        taken.add(again)
        if count and not {str(at), str(at - len(names)), again} & {*map(str, dropped)}:
            sentence = f"{called(name)} stands more than once; that at place {at} (from 0) is called {shown(again)}"
            doubts.append(Doubt(sentence, "drop", repr([again])))
    return tuple(result), doubts


class _Rule:
    """The rule of the module, on one table."""

    def __init__(
        self, columns: Sequence[Seen], options: Options, asked: _Asked, where: str, embedded: bool, headed: bool
    ) -> None:
        self.columns, self.options, self.asked, self.where = columns, options, asked, where
        self.embedded, self.headed = embedded, headed
        self.roles = Roles()
        self.free = [at for at in range(len(columns)) if at not in asked.drop]

    def decided(self) -> Roles:
        result = self.roles
        for at in self.asked.drop:
            self._leave(at, "as drop says")
        self._label()
        self._id()
        taken = {result.label, result.id, *result.one_hot, *self.asked.drop}
        rest = [at for at in range(len(self.columns)) if at not in taken]
        if self.asked.features is not None and not self.asked.rest:
            self._as_asked(rest)
            return result
        result.lists = self._lists(rest)
        if self.asked.features and (result.lists is not None or self.embedded):
            raise DataError(
                f"{self.where}: features: no columns can be embedded beside lists of numbers or pictures; name all in "
                "features, without …"
            )
        self._check_numbers(self.asked.features or ())
        numbers = [at for at in rest if self._may_be_feature(at)]
        vector = self._vector(numbers)
        for at in rest:
            if at != result.lists:
                self._decide(at, vector)
        result.vector = bool(vector) and bool(result.features) and vector.issuperset(result.features)
        if not result.vector:
            self._doubt_binary()
        return result

    def _doubt_binary(self) -> None:
        """Of features that are measures for the most part, those of 0 and 1 may be truth values about the sample."""
        columns, asked = self.columns, self.asked.features or ()
        binary = [at for at in self.roles.features if columns[at].is_binary and at not in asked]
        if binary and len(binary) * 2 < len(self.roles.features):
            listed = ", ".join(shown(columns[at].name, 30) for at in binary[:LISTED])
            more = " …" if len(binary) > LISTED else ""
            subject = f"columns {listed}{more} are" if len(binary) > 1 else f"column {listed} is"
            sentence = f"{subject} 0 or 1 in every row, as truth values are, and embedded"
            self.roles.doubts.append(Doubt(sentence, "columns", repr([columns[at].name for at in binary])))

    @cached_property
    def _groups(self) -> Seen | None:
        """The column that numbers groups of rows."""
        taken = {self.roles.label, self.roles.id, *self.asked.drop}
        return next((one for at, one in enumerate(self.columns) if at not in taken and one.counts_groups), None)

    # -------------------------------------------------------------------------------------------------- labels

    def _label(self) -> None:
        result, columns = self.roles, self.columns
        if self.options.label_column is not None:
            result.label = self.asked.label
            return
        given = {*(self.asked.features or ()), *self.asked.columns, self.asked.id, self.asked.lists}
        free = [at for at in self.free if at not in given]
        for at in self._named(LABELS, free):
            one = columns[at]
            if one.kind == "list" or one.repeats:
                result.label = at
                result.notes.append(f"column {shown(one.name)} is taken for the labels, by its name ({_OTHERWISE})")
                return
            if one.kind == "text" and not one.unique and one.filled:
                sentence = (
                    f"{called(one.name)} has {one.distinct:,} different values in {one.filled:,} of "
                    f"{len(one.values):,} rows, too many for labels, and is kept beside"
                )
                result.doubts.append(Doubt(sentence, "label_column", repr(one.name)))
        named = [
            *self._named(LABEL_LIKE, free),
            *(at for at in free if re.search(r"(label|class|target)s?$", columns[at].lower)),
        ]
        likely = [at for at in dict.fromkeys(named) if columns[at].repeats and columns[at].distinct > 1]
        if not likely and (hot := self._one_hot(free)):
            result.one_hot = hot
            listed = ", ".join(shown(columns[at].name, 30) for at in hot[:LISTED])
            result.notes.append(f"columns {listed}{' …' if len(hot) > LISTED else ''} are 1 for the label and 0 else")
            return
        texts = [at for at in free if columns[at].kind == "text" and columns[at].repeats and columns[at].distinct > 1]
        texts = [at for at in texts if not self._is_split(at)]
        if likely:
            result.label = likely[0]
            result.notes.append(
                f"column {shown(columns[likely[0]].name)} is taken for the labels, by its name ({_OTHERWISE})"
            )
        elif len(texts) == 1:
            result.label = texts[0]
            result.notes.append(
                f"column {shown(columns[texts[0]].name)} holds texts that repeat and is taken for the labels "
                f"({_OTHERWISE})"
            )
        elif texts:
            listed = ", ".join(shown(columns[at].name) for at in texts[:LISTED])
            result.doubts.append(
                Doubt(
                    f"texts that repeat stand in {listed}, and none is taken for the labels",
                    "label_column",
                    repr(columns[texts[-1]].name),
                )
            )
        elif not self.headed and not self.embedded:
            self._label_by_place(free)

    def _label_by_place(self, free: Sequence[int]) -> None:
        """Labels of a table without names: the first or last of its columns, where only that is a few whole numbers."""
        columns = self.columns
        numbers = [at for at in free if columns[at].kind == "number"]
        if len(numbers) < 3 or len(numbers) != len(free):
            return
        side = math.isqrt(len(numbers) - 1)
        pixels = side >= 8 and side * side == len(numbers) - 1
        for at in (numbers[0], numbers[-1]) if pixels else (numbers[-1], numbers[0]):
            one, others = columns[at], [columns[each] for each in numbers if each != at]
            few = one.repeats and one.whole and 1 < one.distinct <= 100
            codes = few and one.numbers.min() in (0, 1) and one.numbers.max() - one.numbers.min() == one.distinct - 1
            fractions = sum(not each.whole for each in others[:200]) * 2 > min(len(others), 200)
            if codes and (fractions or (pixels and self._all_bytes(others))):
                self.roles.label = at
                where = "first" if at == numbers[0] else "last"
                why = (
                    f"the other {len(others)} are pixels, as in MNIST's CSV" if pixels else "the others have fractions"
                )
                self.roles.doubts.append(
                    Doubt(
                        f"the {where} column has {one.distinct} whole numbers that repeat and is taken for the labels, "
                        f"as {why}",
                        "label_column",
                        '""',
                    )
                )
                return

    def _all_bytes(self, columns: Sequence[Seen]) -> bool:
        some = columns[:: max(1, len(columns) // 64)]
        return all(one.whole and one.numbers.min() >= 0 and one.numbers.max() <= 255 for one in some)

    def _one_hot(self, free: Sequence[int]) -> list[int]:
        """Columns such as label_cat, label_dog of which one is 1 in every row."""
        found = [at for at in free if re.match(r"(label|class|target|y|species)[ _.\-]", self.columns[at].lower)]
        if len(found) < 2 or any(self.columns[at].kind not in ("number", "truth") for at in found):
            return []
        block = np.stack([self.columns[at].numbers for at in found])
        return found if np.isin(block, (0, 1)).all() and (block.sum(axis=0) == 1).all() else []

    def _named(self, names: Sequence[str], free: Sequence[int]) -> list[int]:
        """Columns of these names, in the names' order."""
        lower = {self.columns[at].lower: at for at in reversed(list(free))}
        return [lower[name] for name in names if name in lower]

    # ----------------------------------------------------------------------------------------------------- ids

    def _id(self) -> None:
        result, columns = self.roles, self.columns
        if self.options.id_column is not None:
            result.id = self.asked.id
            return
        given = {*(self.asked.features or ()), *self.asked.columns, result.label, self.asked.lists, *result.one_hot}
        free = [at for at in self.free if at not in given]
        named = [*self._named(IDS, free), *(at for at in free if columns[at].is_index)]
        for at in dict.fromkeys(named):
            one = columns[at]
            if _INDEX.fullmatch(one.name) or one.kind not in ("text", "number", "empty", "mixed"):
                continue
            numbered = one.lower in NUMBERED and one.kind == "number"
            if numbered and (not one.unique or not self.headed):
                continue
            if one.kind == "number" and not one.whole:
                continue
            if one.distinct * 10 < len(one.values) * 9 and one.distinct > 0 and one.lower != "":
                sentence = (
                    f"{called(one.name)} has {one.distinct:,} different values for {len(one.values):,} samples and is "
                    "not taken for the ids"
                )
                if one.kind == "text" and result.label is None and self.options.label_column is None:
                    result.doubts.append(Doubt(sentence, "label_column", repr(one.name)))
                else:
                    result.notes.append(sentence)
                continue
            result.id = at
            how = "as the index of the table" if one.is_index and one.lower not in IDS else "by its name"
            result.notes.append(f"{called(one.name)} is taken for the ids, {how}")
            return
        texts = [at for at in free if columns[at].kind == "text" and columns[at].unique]
        texts = [at for at in texts if columns[at].lower not in CONTENT and not self._is_long(at)]
        texts = [at for at in texts if not self._packed(at)]
        like = self._named(ID_LIKE, texts) or (texts if len(texts) == 1 else [])
        if like:
            result.id = like[0]
            result.notes.append(
                f"{called(columns[like[0]].name)} has another text in every row and is taken for the ids"
            )

    def _is_long(self, at: int) -> bool:
        import pyarrow.compute as pc

        lengths = pc.utf8_length(self.columns[at]._values)
        return bool(pc.mean(lengths).as_py() > 80)

    # ------------------------------------------------------------------------------------------------ the rest

    def _as_asked(self, rest: Sequence[int]) -> None:
        """Features as a key says; all else is kept beside."""
        result, columns = self.roles, self.columns
        asked = self.asked.features or ()
        if len(asked) == 1 and columns[asked[0]].kind in ("list", "text"):
            result.lists = asked[0]
        else:
            self._check_numbers(asked)
            result.features = list(asked)
            result.vector = _generic([columns[at].name for at in asked])
        for at in rest:
            if at not in asked:
                result.beside.append((at, f"{_words(columns[at])}, not named in features"))

    def _check_numbers(self, asked: Sequence[int]) -> None:
        for at in asked:
            one = self.columns[at]
            if one.kind not in ("number", "truth"):
                raise DataError(
                    f"{self.where}: features: {called(one.name)} holds {_words(one)}; needed: numbers. Leave it out of "
                    "features, or mend it"
                )

    def _lists(self, rest: Sequence[int]) -> int | None:
        """The column of lists that is embedded."""
        if self.asked.lists is not None:
            return self.asked.lists
        if self.embedded:
            return None
        found = [at for at in rest if at not in self.asked.columns and self._packed(at)]
        if not found:
            return None
        named = self._named(VECTORS, found) or found
        if len(found) > 1:
            listed = ", ".join(shown(self.columns[at].name) for at in found[:LISTED])
            self.roles.doubts.append(
                Doubt(
                    f"lists of numbers stand in {listed}; {called(self.columns[named[0]].name)} is embedded",
                    "feature_column",
                    repr(next(self.columns[at].name for at in found if at != named[0])),
                )
            )
        return named[0]

    def _packed(self, at: int) -> bool:
        from precompute.loaders import tables

        return self.columns[at].kind == "list" or (
            self.columns[at].kind == "text" and tables.is_packed(self.columns[at].values)
        )

    def _may_be_feature(self, at: int) -> bool:
        one = self.columns[at]
        return (
            one.kind == "number" and at not in self.asked.columns and not (one.is_index or _INDEX.fullmatch(one.name))
        )

    def _vector(self, numbers: Sequence[int]) -> frozenset[int]:
        """Columns that are the places of one vector: numbered without a gap under one name of no meaning."""
        if not self.headed:
            return frozenset(numbers)
        names = [self.columns[at].name for at in numbers]
        if square(names):
            return frozenset(numbers)
        groups: dict[str, list[tuple[int, int]]] = {}
        for at, name in zip(numbers, names, strict=True):
            match = _PLACE.fullmatch(name.strip().lower())
            if match and match[1].strip() in _GENERIC:
                groups.setdefault(match[1], []).append((int(match[2]), at))
        for members in groups.values():
            count = sorted(number for number, _ in members)
            if len(members) >= 4 and count == list(range(count[0], count[0] + len(count))):
                return frozenset(at for _, at in members)
        return frozenset()

    def _decide(self, at: int, vector: frozenset[int]) -> None:
        result, one = self.roles, self.columns[at]
        if at in self.asked.columns:
            result.beside.append((at, _words(one)))
        elif at in (self.asked.features or ()):
            result.features.append(at)
        elif _INDEX.fullmatch(one.name) or (one.is_index and one.lower in ("", "none")):
            self._leave(at, "pandas' index, which numbers the rows")
        elif one.kind == "empty":
            self._leave(at, "empty")
        elif one.kind == "other":
            self._leave(at, f"holds {one.values.type}, which no study has a use for")
        elif self.embedded or result.lists is not None:
            meaning = "a split" if self._is_split(at) else _words(one)
            result.beside.append((at, meaning))
        elif at in vector:
            result.features.append(at)
        elif one.kind in ("number", "mixed"):
            self._decide_number(at, vector)
        elif one.kind == "text" and one.distinct == 1 and not self._is_split(at):
            self._leave(at, "the same in every row")
        else:
            result.beside.append((at, self._meaning(at)))

    def _decide_number(self, at: int, vector: frozenset[int]) -> None:
        result, one = self.roles, self.columns[at]
        if one.kind == "mixed":
            result.features.append(at)  # refused where it is read, by its line
        elif one.distinct <= 1 and one.filled == len(one.values):
            self._leave(at, "the same in every row")
        elif one.is_index:
            result.beside.append((at, "the index of the table"))
        elif one.lower in LABELS and not (one.lower == "y" and "x" in {each.lower for each in self.columns}):
            result.beside.append((at, "a continuous target"))
            sentence = f"{called(one.name)} has too many values for labels and is kept beside as a continuous target"
            result.doubts.append(Doubt(sentence, "label_column", repr(one.name)))
        elif one.counts_rows and one.lower not in NUMBERED and self._is_needed(at):
            result.features.append(at)
            sentence = f"{called(one.name)} numbers the rows and is embedded, as there is hardly another"
            result.doubts.append(Doubt(sentence, "columns", f"[{one.name!r}]"))
        elif one.counts_rows or (one.lower in NUMBERED and (one.unique or at == 0)):
            result.beside.append((at, "row numbers"))
            if one.lower not in NUMBERED:
                sentence = f"{called(one.name)} numbers the rows and is kept beside"
                result.doubts.append(Doubt(sentence, "features", self._with(at)))
        elif beside := self._why_beside(one, vector):
            meaning, why = beside
            result.beside.append((at, meaning))
            result.doubts.append(Doubt(f"{called(one.name)} {why} and is kept beside", "features", self._with(at)))
        else:
            result.features.append(at)

    def _why_beside(self, one: Seen, vector: frozenset[int]) -> tuple[str, str] | None:
        """What numbers are, and why, that are kept beside and may yet be features; None: they are features."""
        label = None if self.roles.label is None else self.columns[self.roles.label]
        groups = self._groups
        reasons: tuple[tuple[str, str, Callable[[], bool]], ...] = (
            (
                "ids",
                "is named as an id or a running number",
                lambda: bool(_COUNTED.search(one.name.strip())) and one.whole and not one.is_binary,
            ),
            ("codes", "has numbers with zeros before them, as codes are written,", lambda: one.is_coded),
            (
                "years",
                "holds years",
                lambda: bool(re.fullmatch(r"(.*[ _])?(year|jahr|annee)", one.lower)) and one.whole,
            ),
            ("numbers of groups of rows", "numbers groups of rows", lambda: not vector and one.counts_groups),
            (
                "row numbers within groups",
                f"numbers the rows within those of {called(groups.name)}" if groups else "",
                lambda: not vector and groups is not None and one.counts_within(groups),
            ),
            (
                "a second spelling of the label",
                "has one value for each label",
                lambda: label is not None and self._spells(one, label),
            ),
            ("numbers beside the vector", "is no place of the vector beside it", lambda: bool(vector)),
        )
        return next(((meaning, why) for meaning, why, holds in reasons if holds()), None)

    def _is_needed(self, at: int) -> bool:
        """Whether fewer than two other columns of numbers vary."""
        taken = {at, self.roles.label, self.roles.id, *self.asked.drop, *self.asked.columns}
        others = [one for each, one in enumerate(self.columns) if each not in taken and one.kind == "number"]
        return sum(one.distinct > 1 for one in others) < 2

    def _with(self, at: int) -> str:
        """The features with one column more, for the answer to a doubt."""
        return repr(["…", self.columns[at].name])

    def _spells(self, one: Seen, label: Seen) -> bool:
        """Whether a column has one value for each value of the label."""
        import pyarrow as pa

        if one.distinct != label.distinct or one.distinct < 2 or label.kind == "list" or not label.repeats:
            return False
        pairs = pa.table({"a": one._values, "b": label._values}).group_by(["a", "b"]).aggregate([])
        return len(pairs) == one.distinct

    def _meaning(self, at: int) -> str:
        """Why a column that is kept beside is no feature."""
        one = self.columns[at]
        label = None if self.roles.label is None else self.columns[self.roles.label]
        if self._is_split(at):
            return "a split"
        if label is not None and one.kind in ("text", "truth") and self._spells(one, label):
            return "a second spelling of the label"
        return _words(one)

    def _is_split(self, at: int) -> bool:
        """Whether it says which part of the data a sample is in."""
        import pyarrow.compute as pc

        one = self.columns[at]
        if one.kind != "text" or one.distinct > 8 or not one.filled:
            return False
        values = {str(each).strip().lower() for each in pc.unique(one._values).to_pylist() if each is not None}
        return values <= SPLITS

    def _leave(self, at: int, why: str) -> None:
        self.roles.left_out.append(LeftOut(called(self.columns[at].name), why))


def _words(one: Seen) -> str:
    return {
        "number": "numbers", "text": "texts", "truth": "truth values", "date": "dates", "list": "lists",
        "empty": "nothing", "mixed": "numbers and texts", "other": "other values",
    }[one.kind]  # fmt: skip


def _generic(names: Sequence[str]) -> bool:
    matches = [_PLACE.fullmatch(name.strip().lower()) for name in names]
    return len(names) > 3 and all(match and match[1].strip() in _GENERIC for match in matches)


def called(name: str) -> str:
    """A column for messages."""
    return f"column {shown(name)}" if name.strip() else "a column without a name"


def square(names: Sequence[str]) -> tuple[int, int] | None:
    """The shape of pictures whose pixels are columns, such as pixel0 … pixel783 or 1x1 … 28x28; None: no pixels."""
    side = math.isqrt(len(names))
    if side < 2 or side * side != len(names) or not all(_PIXEL.fullmatch(name) for name in names):
        return None
    return side, side
