"""Reads JSON and JSON lines as tables: quickly where polars can, value by value where it cannot."""

from __future__ import annotations

import json
import math
import mmap
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from modellab.datasets.csv_text import check_n_columns
from modellab.datasets.gathering import gather
from modellab.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

MAX_JSON_BYTES = 512 * 1024 * 1024
"""The largest JSON file that is read: it has to be read whole. JSON lines may be larger."""

_LIMIT = 2**63
_LONG_NUMBER = re.compile(r"[0-9]{19}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONE_ESCAPE = re.compile(
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|[c-fC-F](?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]))"
)
_SURROGATE_IN_IT = "a lone surrogate in it, such as \\ud800, which is no character."
_PAIRS = "Write characters beyond U+FFFF as a pair of \\u, or as they are."
_MOST_DIGITS = 600  # Python converts as many whatever it is told; all of more than 19 become text in the end
_SHAPES = "A JSON dataset is an array of objects, or an object of columns."


def read_json(path: Path, folder: Path, *, is_large: bool) -> tuple[pl.LazyFrame, list[str]]:
    """The table in a JSON file: an array of objects, or an object of columns. Raises `InvalidInput`."""
    if path.stat().st_size > MAX_JSON_BYTES:
        raise InvalidInput(
            f"A JSON file of more than {MAX_JSON_BYTES:,} bytes is not read.",
            hint="Use JSON lines or Parquet.",
        )
    text = _decode(path.read_bytes())
    if not text.strip():
        raise InvalidInput("The file is empty.", hint=_SHAPES)
    try:
        value = _parse(text)
    except ValueError as error:
        if "Extra data" in str(error) and text.lstrip().startswith("{"):  # JSON lines under another name
            return read_json_lines(path, folder, is_large=is_large)
        raise InvalidInput(f"The file is not JSON: {error}.", hint=_SHAPES) from None
    except RecursionError:
        raise InvalidInput("The file is nested too deeply.", hint=_SHAPES) from None
    rows = _as_rows(value)
    check_n_columns(len(rows[0]) if rows else 0)
    return _make_frame(rows)


def read_json_lines(path: Path, folder: Path, *, is_large: bool) -> tuple[pl.LazyFrame, list[str]]:
    """The table in a file with a JSON object on each line. Raises `InvalidInput`, naming the line."""
    import polars as pl

    is_small = path.stat().st_size <= MAX_JSON_BYTES
    has_lone_escape = _has_lone_escape(path)
    if has_lone_escape and not is_small:
        raise InvalidInput(f"The file has {_SURROGATE_IN_IT}", hint=_PAIRS)
    try:
        if not has_lone_escape:  # of which the quick reader makes zero bytes
            frame = pl.scan_ndjson(path, infer_schema_length=None)
            check_n_columns(len(frame.collect_schema()))
            return gather(frame, folder, is_large=is_large), []
    except pl.exceptions.PolarsError:
        if not is_small:
            raise
    return _make_frame(list(_parse_lines(_decode(path.read_bytes()))))


def _has_lone_escape(path: Path) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _LONE_ESCAPE.search(data) is not None


def _decode(data: bytes) -> str:
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            break
    raise InvalidInput("The file is not UTF-8, as JSON has to be.", hint="Save it as UTF-8 and try again.")


class _Digits(str):
    """A number that neither an integer nor a float can keep, as it was written."""

    __slots__ = ()


def _parse(text: str) -> Any:
    if _LONG_NUMBER.search(text) is None:  # of those the quick reader makes floats
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass  # it may have NaN in it
    return json.loads(text, parse_int=_parse_integer, parse_float=_parse_float)


def _parse_integer(digits: str) -> int | _Digits:
    return int(digits) if len(digits) <= _MOST_DIGITS else _Digits(digits)


def _parse_float(digits: str) -> float | _Digits:
    value = float(digits)
    return value if math.isfinite(value) else _Digits(digits)  # infinity itself is written in letters


def _parse_lines(text: str) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = _parse(line)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"Line {number} is not JSON: {error}.") from None
        if not isinstance(row, dict):
            raise InvalidInput(f"Line {number} is no JSON object.", hint='Such as {"x": 1, "label": "a"}.')
        yield row


def _as_rows(value: Any) -> Sequence[Mapping[str, Any]]:
    if isinstance(value, list):
        # Among objects null is a row of missing values.
        empty: Any = {} if any(isinstance(row, dict) for row in value) else {"value": None}
        return [empty if row is None else row if isinstance(row, dict) else {"value": row} for row in value]
    if not isinstance(value, dict):
        raise InvalidInput(f"The file holds one JSON value ({type(value).__name__}).", hint=_SHAPES)
    columns = list(value.values())
    if not columns:
        return []
    if all(isinstance(column, list) for column in columns):
        lengths = {len(column) for column in columns}
        if len(lengths) > 1:
            raise InvalidInput(
                f"The columns have different lengths: {min(lengths)} to {max(lengths)}.", hint=_SHAPES
            )
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    if all(isinstance(column, dict) for column in columns):  # as pandas writes it
        keys = dict.fromkeys(key for column in columns for key in column)
        return [{name: column.get(key) for name, column in value.items()} for key in keys]
    return [value]


def _make_frame(rows: Sequence[Mapping[str, Any]]) -> tuple[pl.LazyFrame, list[str]]:
    import polars as pl

    names = list(dict.fromkeys(name for row in rows for name in row))
    check_n_columns(len(names))
    mixed: list[str] = []
    columns = []
    for name in names:
        values = [row.get(name) for row in rows]
        try:
            column = _make_column(name, values)
            if column is None:
                mixed.append(name)
                column = pl.Series(name, [_as_text(value) for value in values], dtype=pl.String)
        except UnicodeEncodeError:
            raise _explain_surrogate(name, values) from None
        columns.append(column)
    shown = ", ".join(mixed[:5]) + (", …" if len(mixed) > 5 else "")
    notes = [f"Columns with values of different kinds were read as text: {shown}."] if mixed else []
    return pl.DataFrame(columns or None, height=len(rows)).lazy(), notes


def _make_column(name: str, values: Sequence[Any]) -> pl.Series | None:
    """A column of one kind; `None` if the values are of several."""
    import polars as pl

    kinds = {type(value) for value in values if value is not None}
    if _Digits in kinds and kinds <= {int, float, _Digits}:
        return pl.Series(name, [None if value is None else _as_text(value) for value in values])
    if kinds <= {int}:
        if all(value is None or -_LIMIT <= value < _LIMIT for value in values):
            return pl.Series(name, values, dtype=pl.Int64 if kinds else pl.String)
        return pl.Series(name, [None if value is None else str(value) for value in values])
    if kinds <= {int, float} and float in kinds:
        exact = all(not isinstance(value, int) or abs(value) <= 2**53 for value in values)
        return pl.Series(name, [None if v is None else float(v) for v in values]) if exact else None
    if kinds == {bool} or kinds == {str}:
        return pl.Series(name, values)
    if kinds == {list} or kinds == {dict}:
        try:
            return pl.Series(name, values, strict=True)
        except Exception:  # lists of this and lists of that
            return None
    return None


def _explain_surrogate(name: str, values: Sequence[Any]) -> InvalidInput:
    """The error for text that no encoding can write: it has half of a pair of surrogates in it."""
    shown = name[:60].encode("utf-8", "replace").decode()
    rows = [row for row, value in enumerate(values, 1) if _SURROGATE.search(_as_text(value) or "")]
    place = f"The value of {shown!r} in row {rows[0]}" if rows else f"The column name {shown!r}"
    return InvalidInput(f"{place} has {_SURROGATE_IN_IT}", hint=_PAIRS)


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
