"""In which dialect a delimited text is written: encoding, delimiter, decimal mark, where the names and the rows begin.

What is certain is taken as it is: a byte order mark, `sep=`, the only delimiter that there is. Else clevercsv decides
by the consistency of patterns and types over many rows (G. van den Burg, A. Nazábal, C. Sutton, "Wrangling messy CSV
files by detecting row and type patterns", 2019): of thirty small files in as many dialects it found all that have a
delimiter, Python's own `csv.Sniffer` failed on three, and on the two of one column.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, cast

from precompute.dataset import DataError
from precompute.loaders.options import Options
from precompute.loaders.raw import Doubt, LeftOut, Limits, check_size, shown

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blanks"}
MISSING = frozenset(
    {
        "", "NA", "N/A", "n/a", "na", "<NA>", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "Null", "None", "none", "?",
        "-", "--", "–", "—", ".", "..", "*",
    }
)  # fmt: skip
"""What stands for a number that is missing."""
_GLANCE = 400
_GLANCE_BYTES = 1 << 18
_SNIFFED_BYTES = 20_000
_COMMENTS = ("#", "%", "//")
_NUMBER = {
    ".": re.compile(r"[+-]?(\d+(,\d{3})*(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE),
    ",": re.compile(r"[+-]?(\d+([.'’   ]\d{3})*(,\d*)?|,\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE),
}
NEEDED = "needed: rows of one length, with a delimiter between the fields"


@dataclass(frozen=True)
class Dialect:
    """How a delimited text is written.

    Attributes:
        encoding: as Python calls it.
        delimiter: one character; a blank stands for any number of them.
        quote, escape: "" where there is none.
        decimal: "." or ",".
        names: of the columns; None: the file has none.
        header: line of the names, from 1; 0: none.
        begin: line from which rows are samples, from 1.
        comment: what lines begin with that are passed over; "": none.
        width: fields of a row.
        plain: whether Arrow can read the file as it is from there on.
        label_names: names of label codes that the first line has, as scikit-learn writes them.
        rows: how many rows the first line says that there are; None: it does not.
        details, doubts, left_out: for the conversation.
    """

    encoding: str
    delimiter: str
    quote: str
    escape: str
    decimal: str
    names: tuple[str, ...] | None
    header: int
    begin: int
    comment: str
    width: int
    plain: bool
    label_names: tuple[str, ...] | None = None
    rows: int | None = None
    details: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    left_out: tuple[LeftOut, ...] = field(default_factory=tuple)

    def is_number(self, text: str) -> bool:
        """Whether a field is a number in this dialect."""
        return bool(_NUMBER[self.decimal].fullmatch(text.strip()))


def opened(path: Path, limits: Limits) -> BinaryIO:
    """The text's bytes, unpacked where packed; reading more than allowed raises."""
    size = check_size(path, limits)
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    if not packed and path.suffix.lower() != ".gz":
        return path.open("rb")
    return cast(BinaryIO, io.BufferedReader(_Limited(path, limits.unpacked(size))))


class _Limited(io.RawIOBase):
    """A gzipped file that refuses to unpack to more than `most` bytes."""

    def __init__(self, path: Path, most: int) -> None:
        self._stream = gzip.GzipFile(path)  # closed by close()
        self._name, self._most, self._read = path.name, most, 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        count = self._stream.readinto(into)
        self._read += count
        if self._read > self._most:
            raise DataError(f"{self._name}: unpacks to more than {self._most:,} bytes, which is more than allowed")
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


def lines(path: Path, encoding: str, limits: Limits) -> Iterator[str]:
    """The text's lines with their ends, however they end."""
    with io.TextIOWrapper(opened(path, limits), encoding=encoding, errors="replace", newline="") as reader:
        yield from reader


def rows(path: Path, dialect: Dialect, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Every row of samples with the number of the line that it begins at, from 1; empty and comment lines are none.

    Raises:
        DataError: a field that no reader of CSV takes.
    """
    yield from _fields(lines(path, dialect.encoding, limits), dialect, path.name, dialect.begin)


def _fields(texts: Iterator[str], dialect: Dialect, where: str, begin: int = 1) -> Iterator[tuple[int, list[str]]]:
    number = 0

    def counted() -> Iterator[str]:
        nonlocal number
        for text in texts:
            number += 1
            if number < begin or (dialect.comment and text.lstrip().startswith(dialect.comment)):
                continue
            yield text.strip(" ") if dialect.delimiter == " " else text

    options: dict[str, Any] = {"delimiter": dialect.delimiter, "skipinitialspace": dialect.delimiter != "\t"}
    if dialect.quote:
        options["quotechar"] = dialect.quote
    else:
        options["quoting"] = csv.QUOTE_NONE
    if dialect.escape:
        options["escapechar"] = dialect.escape
    before = begin
    try:
        for fields in csv.reader(counted(), **options):
            if len(fields) > 1 or any(text.strip() for text in fields):
                yield before, fields
            before = number + 1
    except csv.Error as error:
        raise DataError(f"{where}: no CSV: line {before:,}: {error}; {NEEDED}") from None


def detected(path: Path, options: Options, limits: Limits) -> Dialect:
    """The dialect of a file, from its first few hundred lines.

    Raises:
        DataError: it is empty, no text, or its first line is endless.
    """
    where = path.name
    csv.field_size_limit(limits.header_bytes)
    encoding, details, doubts = _encoding(path, options, limits)
    glance = _glance(path, encoding, limits)
    if re.match(r"\s*<(!doctype|html|\?xml)", "".join(glance[:5]), re.IGNORECASE):
        raise DataError(f"{where}: a web page or XML in place of a table; get the file itself")
    if not any(text.strip() for text in glance):
        raise DataError(f"{where}: its first line is empty; needed: names of columns, or numbers")
    begin = 1
    delimiter = _asked(options)
    told = re.match(r"\ufeff?sep=(.)\s*$", glance[0], re.IGNORECASE)
    if told:
        begin, delimiter = 2, delimiter or told[1]
        details.append("sep= in line 1")
    body = glance[begin - 1 :]
    comment = next((sign for sign in _COMMENTS if any(text.lstrip().startswith(sign) for text in body[:50])), "")
    of_rows = [text for text in body if not (comment and text.lstrip().startswith(comment)) and text.strip()]
    if not of_rows:
        raise DataError(f"{where}: nothing but comments; needed: names of columns, or numbers")
    if comment and sum(text.lstrip().startswith(comment) for text in body) > len(of_rows):
        comment, of_rows = "", [text for text in body if text.strip()]
    quote, escape = '"', ""
    if not delimiter:
        delimiter, quote, escape = _only_delimiter(of_rows, path) or _sniffed(of_rows)
    first = Dialect(encoding, delimiter, quote, escape, ".", None, 0, begin, comment, 0, False)
    numbered = list(_fields(iter(glance), first, where, begin))
    if len(glance) >= _GLANCE and len(numbered) > 2:
        numbered.pop()  # a quoted field may go on
    return _with_names(first, numbered, glance, options, details, doubts, where)


def _asked(options: Options) -> str:
    words = {word: character for character, word in DELIMITERS.items()}
    given = options.delimiter or ""
    return words.get(given, given)


def _encoding(path: Path, options: Options, limits: Limits) -> tuple[str, list[str], list[Doubt]]:
    """The codec of a text, by its first bytes, else by trying all of it."""
    with opened(path, limits) as stream:
        start = stream.read(4096)
    if options.encoding and not _decodes(path, options.encoding, limits):
        raise DataError(f"{path.name}: no text in {options.encoding}, as encoding says; name another, or none")
    certain = options.encoding or _marked(start)
    if certain:
        return certain, ["byte order mark"] if certain == "utf-8-sig" else [], []
    if _decodes(path, "utf-8", limits):
        return "utf-8", [], []
    if _decodes(path, "cp1252", limits):
        sentence = "the text is no UTF-8 and is read as Windows-1252"
        return "cp1252", [], [Doubt(sentence, "encoding", "'iso8859-2'")]
    raise DataError(
        f"{path.name}: no text in UTF-8, UTF-16 or Windows-1252; save it as UTF-8, or name its encoding (encoding)"
    )


def _decodes(path: Path, codec: str, limits: Limits) -> bool:
    """Whether all of a file is text in this encoding."""
    decoder = codecs.getincrementaldecoder(codec)()
    with suppress(UnicodeError), opened(path, limits) as stream:
        while chunk := stream.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
        return True
    return False


def _marked(start: bytes) -> str | None:
    """The codec that the first bytes of a text are only possible in; None: they do not say."""
    marks = {
        codecs.BOM_UTF8: "utf-8-sig",
        codecs.BOM_UTF32_LE: "utf-32",
        codecs.BOM_UTF32_BE: "utf-32",
        codecs.BOM_UTF16_LE: "utf-16",
        codecs.BOM_UTF16_BE: "utf-16",
    }
    mark = next((codec for mark, codec in marks.items() if start.startswith(mark)), None)
    quarter = max(1, len(start) // 4)
    if mark is None and start[1::2].count(0) > quarter > start[::2].count(0):
        return "utf-16-le"
    if mark is None and start[::2].count(0) > quarter > start[1::2].count(0):
        return "utf-16-be"
    return mark


def _glance(path: Path, encoding: str, limits: Limits) -> list[str]:
    """The first lines, enough of them to tell."""
    texts: list[str] = []
    size = 0
    with io.TextIOWrapper(opened(path, limits), encoding=encoding, errors="replace", newline="") as reader:
        while len(texts) < _GLANCE and (size < _GLANCE_BYTES or len(texts) < 12):
            text = reader.readline(limits.header_bytes + 1)
            if not text:
                break
            if len(text) > limits.header_bytes:
                raise DataError(
                    f"{path.name}: its first line is longer than {limits.header_bytes:,} bytes; needed: a row a sample"
                    if not texts
                    else f"{path.name}: a line is longer than {limits.header_bytes:,} bytes; needed: a row a sample"
                )
            texts.append(text)
            size += len(text)
    return texts


def _only_delimiter(texts: Sequence[str], path: Path) -> tuple[str, str, str] | None:
    """The one delimiter of these lines, where there is no other; or that of the file's ending."""
    joined = "".join(texts)
    there = [each for each in ",;\t|" if each in joined]
    if "\t" in there and path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")):
        return "\t", '"', ""
    if len(there) != 1 or (there[0] == "," and re.search(r"\d +[\d.+-]", joined)):
        return None
    try:
        widths = {len(fields) for fields in csv.reader(texts, delimiter=there[0], skipinitialspace=True) if fields}
    except csv.Error:
        return None
    return (there[0], '"', "") if len(widths) == 1 and widths != {1} else None


def _sniffed(texts: Sequence[str]) -> tuple[str, str, str]:
    # imported here: most files do not need it, and it takes half a second
    from clevercsv.detect import Detector

    some, size = [], 0
    for text in texts:
        some.append(text.rstrip("\r\n"))
        size += len(text)
        if size > _SNIFFED_BYTES and len(some) >= 3:
            break
    for candidate in ("\n".join(some), "\n".join(some[len(some) // 2 :])):
        dialect: Any = Detector().detect(candidate, delimiters=list(DELIMITERS))
        if dialect is not None and dialect.delimiter in DELIMITERS:
            return dialect.delimiter, dialect.quotechar or '"', dialect.escapechar or ""
    return ",", '"', ""


def _filled(fields: Sequence[str]) -> int:
    """Fields up to the last that holds something."""
    return max((at + 1 for at, text in enumerate(fields) if text.strip()), default=0)


def _with_names(
    dialect: Dialect,
    numbered: list[tuple[int, list[str]]],
    glance: Sequence[str],
    options: Options,
    details: list[str],
    doubts: list[Doubt],
    where: str,
) -> Dialect:
    """The dialect with the decimal mark, the names, and where the rows begin."""
    if not numbered:
        raise DataError(f"{where}: its first line is empty; needed: names of columns, or numbers")
    width = Counter(len(fields) for _, fields in numbered[len(numbered) // 3 :]).most_common(1)[0][0]
    titles = 0
    while titles + 1 < len(numbered) and _is_title(numbered[titles][1], width, titles):
        titles += 1
    if _scikit(numbered[0][1], numbered[1:], width):
        titles = 0
    elif titles:
        details.append(f"{titles} line{'s' * (titles > 1)} of title passed over")
    numbered = numbered[titles:]
    decimal, said = _decimal([fields for _, fields in numbered[1:] or numbered], dialect.delimiter, options)
    doubts += said
    dialect = replace(dialect, decimal=decimal, width=width)
    line, head = numbered[0]
    rest = [fields for _, fields in numbered[1:]]
    known = options.header == "auto" and _scikit(head, numbered[1:], width)
    begin, names, label_names, indexed, header, count = line, None, None, False, 0, None
    if known:
        begin = numbered[1][0]
        label_names, count = tuple(text.strip() for text in head[2:]), int(head[0])
        details.append("first line of counts and label names, as scikit-learn writes it")
        doubts.append(
            Doubt(
                f"the first line, {','.join(head[:3])}…, is taken for the number of rows, of columns and the names of "
                "the labels, and the last column for the labels",
                "header",
                "'first'",
            )
        )
    elif _is_header(head, rest, dialect, options):
        header, begin = line, numbered[1][0] if len(numbered) > 1 else line + 1
        names, indexed = _names(head, rest, width)
        unit = len(rest) > 1 and _is_units(rest[0], rest[1:], dialect)
        if unit:
            details.append(f"line of units passed over: {', '.join(text for text in rest[0] if text.strip())[:80]}")
            begin = numbered[2][0]
        if header and _counted(names):
            doubts.append(
                Doubt(
                    f"the first line, {names[0]} … {names[-1]}, is taken for the names of the columns, as pandas "
                    "writes them",
                    "header",
                    "'none'",
                )
            )
    else:
        commented = _names_in_comment(dialect, glance, line, width)
        if commented:
            names, header = commented
    if dialect.comment:
        details.append(f"comments after {dialect.comment} passed over")
    if indexed:
        details.append("one name fewer than columns, as R writes row names")
    plain = (
        dialect.encoding in ("utf-8", "utf-8-sig")
        and dialect.delimiter != " "
        and dialect.quote == '"'
        and not dialect.escape
        and not dialect.comment
        and not any(text.startswith(" ") or ', "' in text for text in glance[:50])
    )
    width = max(width, len(names or ()))
    return replace(
        dialect,
        width=width,
        names=names,
        header=header,
        begin=begin,
        label_names=label_names,
        rows=count,
        plain=plain,
        details=tuple(details),
        doubts=tuple(doubts),
    )


def _is_title(fields: Sequence[str], width: int, before: int) -> bool:
    """Whether a row among the first is a title: short, or a single text, where others have more fields."""
    filled = sum(bool(text.strip()) for text in fields)
    return before < 20 and width > 2 and (len(fields) < width - 1 or (filled <= 1 and len(fields) == width))


def _scikit(head: Sequence[str], rest: Sequence[Any], width: int) -> bool:
    """Whether the first line is that of scikit-learn's own files: rows, columns, then the names of the labels."""
    if len(head) < 3 or not (head[0].strip().isdigit() and head[1].strip() == str(width - 1)):
        return False
    texts = [text.strip() for text in head[2:]]
    return int(head[0]) >= len(rest) and all(text and not _NUMBER["."].fullmatch(text) for text in texts)


def _decimal(sample: Sequence[Sequence[str]], delimiter: str, options: Options) -> tuple[str, list[Doubt]]:
    if options.decimal != "auto":
        return {"point": ".", "comma": ","}[options.decimal], []
    texts = [text.strip() for fields in sample for text in fields]
    commas = [text for text in texts if re.fullmatch(r"[+-]?(\d[\d.'’   ]*)?,\d+([eE][+-]?\d+)?", text)]
    points = [text for text in texts if re.fullmatch(r"[+-]?\d*(,\d{3})*\.\d+([eE][+-]?\d+)?", text)]
    if not commas or len(points) > len(commas):
        grouped = [text for text in points if re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", text)]
        if points and delimiter in ";\t" and len(grouped) == len(points):
            sentence = f"{shown(points[0])} is read with a decimal point, though all such numbers have three digits"
            return ".", [Doubt(f"{sentence} after it", "decimal", "'comma'")]
        return ".", []
    thousands = [text for text in commas if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text)]
    if len(thousands) < len(commas):
        return ",", []
    if delimiter == ",":  # who writes thousands in quotes writes English
        sentence = f"{shown(commas[0])} is read with a comma between thousands"
        return ".", [Doubt(sentence, "decimal", "'comma'")]
    sentence = f"{shown(commas[0])} is read with a decimal comma, though all such numbers have three digits after it"
    return ",", [Doubt(sentence, "decimal", "'point'")]


def _is_header(head: Sequence[str], rest: Sequence[Sequence[str]], dialect: Dialect, options: Options) -> bool:
    if options.header != "auto":
        return options.header == "first"
    if not rest:
        return not all(dialect.is_number(text) for text in head if text.strip())
    offset = 1 if len(head) == dialect.width - 1 else 0
    numeric = 0
    for at, text in enumerate(head):
        below = [fields[at + offset].strip() for fields in rest if len(fields) > at + offset]
        filled = [each for each in below if each not in MISSING]
        if not text.strip() or not filled:
            continue
        if sum(map(dialect.is_number, filled)) * 2 > len(filled):
            if not dialect.is_number(text) and text.strip() not in MISSING:
                return True
            numeric += 1
    names = [text.strip() for text in head if text.strip()]
    if numeric:
        return _counted(names) or _years(names, rest)
    columns = [[fields[at] for fields in rest if len(fields) > at] for at in range(len(head))]
    return not any(text in column for text, column in zip(head, columns, strict=True) if text.strip())


def _counted(names: Sequence[str] | None) -> bool:
    """Whether these are the names that pandas gives columns without names, 0, 1, …, but for texts."""
    numbers = [(at, name) for at, name in enumerate(names or ()) if name.isdigit()]
    return len(numbers) > 1 and all(int(name) == at for at, name in numbers)


def _years(names: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether names are consecutive whole numbers with a text among them, over fractions: years or sizes."""
    numbers = [int(name) for name in names if name.isdigit()]
    steps = {after - before for before, after in pairwise(numbers)}
    if len(numbers) < 3 or len(steps) != 1 or min(steps) < 1 or len(numbers) == len(names):
        return False
    at = [at for at, name in enumerate(names) if not name.isdigit()]
    cells = {fields[place].strip() for fields in rest for place in at if len(fields) > place}
    return not any(names[place] in cells for place in at)


def _names(head: Sequence[str], rest: Sequence[Sequence[str]], width: int) -> tuple[tuple[str, ...], bool]:
    """Names of all columns, and whether the first has none, as R writes it."""
    names = [re.sub(r"\s+", " ", text).strip() for text in head]
    behind = all(len(fields) < width or not fields[width - 1].strip() for fields in rest)
    if len(names) == width - 1 and rest and not behind:
        return ("", *names), True
    while len(names) > width and not names[-1]:
        names.pop()
    return tuple(names + [""] * (width - len(names))), False


def _is_units(fields: Sequence[str], rest: Sequence[Sequence[str]], dialect: Dialect) -> bool:
    """Whether a row below the names holds units: texts above every column of numbers."""
    numbers = [
        at
        for at in range(dialect.width)
        if (filled := [row[at].strip() for row in rest if len(row) > at and row[at].strip() not in MISSING])
        and all(map(dialect.is_number, filled))
    ]
    cells = [fields[at].strip() for at in numbers if at < len(fields)]
    texts = [text for text in cells if text and not dialect.is_number(text)]
    return bool(numbers) and len(texts) == len([text for text in cells if text]) and len(texts) * 2 > len(numbers)


def _names_in_comment(
    dialect: Dialect, glance: Sequence[str], line: int, width: int
) -> tuple[tuple[str, ...], int] | None:
    """Names in the comment right above the rows, as numpy.savetxt writes them."""
    if not dialect.comment or line < 2:
        return None
    above = glance[line - 2].strip()
    if not above.startswith(dialect.comment):
        return None
    text = above.lstrip(dialect.comment).strip()
    for delimiter in (dialect.delimiter, " "):
        fields = [each for each in next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), []) if each]
        if len(fields) == width and not any(map(dialect.is_number, fields)):
            return tuple(each.strip() for each in fields), line - 1
    return None


Located = Callable[[int], str]
"""From the number of a row, from 0, to where it stands in its file."""


def located(path: Path, dialect: Dialect, limits: Limits) -> Located:
    """Says at which line of the file a row begins; the file is read once more for it."""

    def place(row: int) -> str:
        with suppress(DataError):
            for at, (line, _) in enumerate(rows(path, dialect, limits)):
                if at == row:
                    return f"line {line:,}"
        return f"row {row} (from 0)"

    return place
