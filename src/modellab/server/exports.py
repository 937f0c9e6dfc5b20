"""A table of runs as a file: CSV and JSON lines written as they are read, Parquet at once.

A number stays a number. In CSV and JSON lines NaN and ±inf are `nan`, `inf`, `-inf`; in Parquet themselves.
A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula and runs it: in CSV, text and
names of columns that begin so, or with a tab or a line break, get a `'` before them. The other formats have
every text as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import orjson

from modellab.errors import InvalidInput
from modellab.journal.line import encode_value
from modellab.server.bodies.run_table import encode_cell

if TYPE_CHECKING:
    import polars as pl

ExportFormat = Literal["csv", "jsonl", "parquet"]
MEDIA_TYPES: Mapping[ExportFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}

MAX_PARQUET_CELLS = 5_000_000
"""Cells of a Parquet file, which is made in memory."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Rows = Iterable[Iterable[Sequence[Any]]]
"""Rows of cells, many at a time."""


def name_file(project_id: str | None, kind: ExportFormat) -> str:
    """What the file is called: by its project and the time."""
    parts = ["runs", *([project_id[:100]] if project_id else []), f"{datetime.now(UTC):%Y%m%d-%H%M%S}"]
    return f"{'-'.join(parts)}.{kind}"


def write_csv(names: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """The lines, the names of the columns first; what a run does not have is empty."""
    yield _join_csv([[_defuse(name) for name in names]])
    for part in rows:
        yield _join_csv([[_as_text(value) for value in row] for row in part])


def write_jsonl(names: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """An object a line; what a run does not have is null."""
    for part in rows:
        lines = (
            orjson.dumps(
                dict(zip(names, map(encode_cell, row), strict=True)), option=orjson.OPT_APPEND_NEWLINE
            )
            for row in part
        )
        yield b"".join(lines)


def write_parquet(names: Sequence[str], kinds: Sequence[str], rows: Rows) -> bytes:
    """The whole file. A column of a param is of numbers if all its values are, else of text.

    Raises `InvalidInput` beyond 5 million cells.
    """
    import polars as pl  # late: many servers never write a file

    columns: list[list[Any]] = [[] for _ in names]
    for part in rows:
        for row in part:
            for column, value in zip(columns, row, strict=True):
                column.append(value)
        if len(names) * len(columns[0]) > MAX_PARQUET_CELLS:
            raise InvalidInput(
                f"The table has more than {MAX_PARQUET_CELLS} cells, the most of a Parquet file.",
                hint="Take fewer columns, narrow the runs with a query, or export CSV or JSON lines.",
            )
    buffer = io.BytesIO()
    found = zip(names, kinds, columns, strict=True)
    pl.DataFrame([_as_series(name, kind, column) for name, kind, column in found]).write_parquet(buffer)
    return buffer.getvalue()


def _as_series(name: str, kind: str, column: Sequence[Any]) -> pl.Series:
    import polars as pl

    if kind == "time":
        moments = [None if value is None else datetime.fromisoformat(value) for value in column]
        return pl.Series(name, moments, dtype=pl.Datetime("us", "UTC"))
    if kind == "bool":
        return pl.Series(name, column, dtype=pl.Boolean)
    there = [value for value in column if value is not None]
    if kind == "text" or any(isinstance(value, str) for value in there):
        texts = [None if value is None else _as_plain_text(value) for value in column]
        return pl.Series(name, texts, dtype=pl.String)
    are_whole = bool(there) and all(value.__class__ is int and abs(value) < 2**63 for value in there)
    return pl.Series(name, column, dtype=pl.Int64 if are_whole else pl.Float64, strict=False)


def _join_csv(lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("utf-8", "replace")


def _as_text(value: Any) -> str:
    """A cell of CSV."""
    if value is None:
        return ""
    return _defuse(value) if isinstance(value, str) else _as_plain_text(value)


def _as_plain_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(encode_value(value)) if isinstance(value, float) else str(value)


def _defuse(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
