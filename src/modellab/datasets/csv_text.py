"""What a CSV file looks like before it is read: encoding, delimiter, names of columns, uneven lines."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modellab.errors import InvalidInput
from modellab.records.datasets import MAX_COLUMNS

_SAMPLE_BYTES = 1024 * 1024
_HEADER_BYTES = 16 * 1024 * 1024
_SNIFFED_ROWS = 50
_DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1024 * 1024
_WIDE_BOMS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"))
_BOMS = (*_WIDE_BOMS, (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvShape:
    """How to read a CSV file. `path` is the file itself, or a copy of it in UTF-8."""

    path: Path
    delimiter: str
    names: Sequence[str]
    skip_lines: int
    notes: list[str] = field(default_factory=list)


def find_shape(path: Path, folder: Path) -> CsvShape:
    """The shape of a CSV file; a file that is no UTF-8 with plain line ends is copied into `folder` first.

    Raises `InvalidInput` for what is no text, has no line of names, or more than 10 000 columns.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    encoding = next((name for bom, name in _BOMS if sample.startswith(bom)), None)
    notes: list[str] = []
    if encoding is None and b"\0" in sample:
        raise InvalidInput(
            "The file has zero bytes in it and is no CSV.", hint="Save it as CSV in UTF-8 and try again."
        )
    if encoding is None and not _is_utf8(sample):
        encoding = "latin-1"
        notes.append(NOT_UTF8)
    if encoding is not None or _has_old_line_ends(sample):
        path = copy_as_utf8(path, folder, encoding or "utf-8-sig")
    return _find_header(path, notes)


NOT_UTF8 = "The file is not UTF-8; it was read as Latin-1."


def copy_as_utf8(path: Path, folder: Path, encoding: str) -> Path:
    """A copy of a text file in `folder`, in UTF-8 and with plain line ends; raises `InvalidInput`."""
    target = folder / "utf-8.csv"
    try:
        with path.open(encoding=encoding) as source, target.open("w", encoding="utf-8", newline="\n") as copy:
            while part := source.read(_CHUNK):
                copy.write(part)
    except UnicodeError as error:
        raise InvalidInput(
            f"The file says that it is {encoding.upper()}, but is not: {error}.", hint="Save it as UTF-8."
        ) from None
    return target


def explain_uneven(shape: CsvShape) -> InvalidInput:
    """The error for a file that a reader of CSV has given up on: which line, and what is wrong with it."""
    expected = len(shape.names)
    number = shape.skip_lines
    try:
        for number, row in _read_rows(shape, strict=True):
            if len(row) > expected:
                return InvalidInput(
                    f"Line {number} has {len(row)} values, but there are {expected} columns.",
                    hint="Put values that contain the delimiter in quotation marks.",
                )
    except csv.Error as error:
        return InvalidInput(
            f"The record after line {number} cannot be read: {error}.",
            hint="A quotation mark inside of a quoted value is written twice.",
        )
    return InvalidInput("The file cannot be read as CSV.", hint="Save it as CSV in UTF-8 and try again.")


def find_short_lines(shape: CsvShape, n_rows: int) -> str | None:
    """A note on those of `n_rows` lines that have fewer values than columns; `None` if there are none."""
    expected, count, first = len(shape.names), 0, 0
    if _count_delimiters(shape) == n_rows * (expected - 1):
        return None
    try:
        for number, row in _read_rows(shape):
            if 0 < len(row) < expected:
                count, first = count + 1, first or number
    except csv.Error:  # a value too long for this look; it is in the table all the same
        return None
    if not count:
        return None
    lines = "1 line has" if count == 1 else f"{count} lines have"
    return f"{lines} fewer values than there are columns (the first is line {first}); the rest is missing."


def _count_delimiters(shape: CsvShape) -> int | None:
    """The delimiters below the header; `None` if some may stand within quotation marks."""
    count = 0
    with shape.path.open("rb") as file:
        for _ in range(shape.skip_lines):
            file.readline()
        while data := file.read(_CHUNK):
            if b'"' in data:
                return None
            count += data.count(shape.delimiter.encode())
    return count


def name_columns(given: Sequence[str]) -> tuple[list[str], str | None]:
    """Names that are all different and not empty (`a`, `a_2`, `column_3`), and a note if some were not."""
    names: list[str] = []
    seen, taken = set[str](), set(given)
    changed: list[str] = []
    for place, name in enumerate(given, 1):
        new = name or f"column_{place}"
        for number in itertools.count(2):
            if new not in seen and (new == name or new not in taken):
                break
            new = f"{name or f'column_{place}'}_{number}"
        seen.add(new)
        names.append(new)
        if new != name:
            changed.append(new)
    if not changed:
        return names, None
    shown = ", ".join(changed[:5]) + (", …" if len(changed) > 5 else "")
    return names, f"Columns without a name of their own got one: {shown}."


def check_n_columns(count: int) -> None:
    """Raise `InvalidInput` if there are more columns than a dataset may have."""
    if count > MAX_COLUMNS:
        raise InvalidInput(f"There are {count} columns; a dataset may have at most {MAX_COLUMNS}.")


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _has_old_line_ends(sample: bytes) -> bool:
    return b"\r" in sample and b"\n" not in sample


def _find_header(path: Path, notes: list[str]) -> CsvShape:
    with path.open("rb") as file:
        text = file.read(_SAMPLE_BYTES).decode("utf-8-sig", "ignore")
    delimiter = _sniff(text)
    with path.open(encoding="utf-8-sig", errors="ignore", newline="\n") as lines:
        header, skipped = _read_header(lines, delimiter)
    check_n_columns(len(header))
    names, note = name_columns(header)
    return CsvShape(
        path=path,
        delimiter=delimiter,
        names=names,
        skip_lines=skipped,
        notes=[*notes, note] if note else notes,
    )


def _read_header(lines: io.TextIOWrapper, delimiter: str) -> tuple[list[str], int]:
    """The first record that is not blank, and how many lines it ends after."""
    taken = 0

    def feed() -> Iterator[str]:
        nonlocal taken
        size = 0
        while line := lines.readline(_HEADER_BYTES):
            taken, size = taken + 1, size + len(line)
            if size >= _HEADER_BYTES:
                raise InvalidInput(f"The line of column names is longer than {_HEADER_BYTES:,} characters.")
            yield line

    try:
        header = next((row for row in csv.reader(feed(), delimiter=delimiter) if any(row)), None)
    except csv.Error as error:
        raise InvalidInput(f"The line of column names cannot be read: {error}.") from None
    if header is None:
        raise InvalidInput("The file is empty.", hint="A dataset has at least a line of column names.")
    return header, taken


def _sniff(text: str) -> str:
    """The delimiter under which most lines have as many values as the first, and most of them."""
    whole = text if len(text) < _SAMPLE_BYTES // 4 else text[: text.rfind("\n") + 1] or text

    def score(delimiter: str) -> tuple[bool, float, int]:
        reader = csv.reader(io.StringIO(whole, newline="\n"), delimiter=delimiter)
        try:
            widths = [len(row) for row in itertools.islice(filter(None, reader), _SNIFFED_ROWS)]
        except csv.Error:
            return (False, 0.0, 0)
        if not widths or widths[0] < 2:
            return (False, 0.0, 0)
        return (True, Counter(widths)[widths[0]] / len(widths), widths[0])

    return max(_DELIMITERS, key=score)


def _read_rows(shape: CsvShape, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The records after the header by Python's own reader, with the line each of them ends on."""
    with shape.path.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
        for _ in range(shape.skip_lines):
            lines.readline()
        reader = csv.reader(lines, delimiter=shape.delimiter, strict=strict)
        for row in reader:
            yield reader.line_num + shape.skip_lines, row
