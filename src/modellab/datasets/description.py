"""Describes a file as a dataset: its format, rows and columns; and shows its first rows."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.datasets.formats import FORMATS, IN_MEMORY_BYTES, detect_format
from modellab.errors import InvalidInput
from modellab.records.datasets import (
    PREVIEW_ROWS,
    Column,
    DatasetFormat,
    PartColumn,
    Preview,
    TablePart,
)

if TYPE_CHECKING:
    import polars as pl

PREVIEW_COLUMNS = 1000
"""Columns of a preview."""
PART_ROWS = 1000
"""Rows of one part of a table."""
PART_VALUE_LENGTH = 1000
"""Characters of a cell of such a part."""
PART_LENGTH = 20_000_000
"""Characters of all its cells together: where there are many of them, each is cut to fewer."""
MAX_COLUMN_NAME_LENGTH = 1000
"""Characters in the name of a column."""
NO_POLARS = "polars is not installed; pip install 'modellab[data]'."


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is known of a file's content. `unread` says what was not read as it stands, or why nothing was."""

    format: DatasetFormat
    n_rows: int | None = None
    n_columns: int | None = None
    columns: Sequence[Column] | None = None
    unread: str | None = None


def can_read() -> bool:
    """Whether polars is installed, without which no columns are read."""
    return importlib.util.find_spec("polars") is not None


def describe_file(
    path: Path,
    format: DatasetFormat | None = None,
    filename: str | None = None,
    *,
    in_memory_bytes: int = IN_MEMORY_BYTES,
) -> Description:
    """The description of a file; its format is told by `filename` and the first bytes unless given.

    Of a file of more than `in_memory_bytes`, `n_unique` is an estimate. Raises `InvalidInput` for a file
    that is empty, is not what its format says, has lines with more values
    than there are columns, or more than 10 000 columns.
    """
    if format is not None and format not in FORMATS:
        raise InvalidInput(f"The format is {format!r}; it may be {', '.join(FORMATS)}.")
    found = detect_format(path, filename)
    format = format or found
    if format == "other":
        return Description(format=format, unread="Columns are read of CSV, JSON, JSON lines and Parquet.")
    if not can_read():
        return Description(format=format, unread=NO_POLARS)
    from modellab.datasets.columns import describe_columns
    from modellab.datasets.tables import open_table, read_safely

    with open_table(path, format, in_memory_bytes=in_memory_bytes) as table:
        n_rows, columns = read_safely(lambda: describe_columns(table.frame, estimate=table.is_large))
        notes = " ".join(table.notes) or None
    longest = max((len(column.name) for column in columns), default=0)
    if longest > MAX_COLUMN_NAME_LENGTH:
        raise InvalidInput(
            f"The name of a column has {longest} characters; at most {MAX_COLUMN_NAME_LENGTH} are allowed."
        )
    return Description(format=format, n_rows=n_rows, n_columns=len(columns), columns=columns, unread=notes)


def read_preview(
    path: Path,
    format: DatasetFormat,
    *,
    n: int = PREVIEW_ROWS,
    n_rows: int | None = None,
    columns: Sequence[Column] | None = None,
) -> Preview:
    """The first `n` (1 to 100) rows of a file, of at most its first 1000 columns; cells are cut to 200
    characters. Of a CSV file whose `columns` are known, only the beginning is read.

    Raises `InvalidInput` as `describe_file` does, and for a format that has no columns.
    """
    if not 1 <= n <= PREVIEW_ROWS:
        raise InvalidInput(f"n is {n}; it may be 1 to {PREVIEW_ROWS}.")
    if format == "other":
        raise InvalidInput("Only CSV, JSON, JSON lines and Parquet have rows to show.")
    if not can_read():
        raise InvalidInput(f"There is no preview: {NO_POLARS}")
    from modellab.datasets.tables import open_table, read_head, read_safely

    if format == "csv" and columns is not None:
        kinds = {column.name: column.type for column in columns}
        head = read_safely(lambda: read_head(path, kinds, n))
        if head is not None:
            return _show(head, n_rows)
    with open_table(path, format) as table:
        return read_safely(lambda: _show(table.frame.head(n).collect(), n_rows))


def read_part(path: Path, filename: str, *, limit: int, offset: int = 0) -> TablePart:
    """Rows of a file that was called `filename`, from `offset` on, `limit` (1 to 1000) of them at most.

    Of its first 1000 columns; cells are cut to 1000 characters, or fewer where there are very many. Raises
    `InvalidInput` for what is no table.
    """
    if not 1 <= limit <= PART_ROWS:
        raise InvalidInput(f"limit is {limit}; it may be 1 to {PART_ROWS}.")
    format = detect_format(path, filename)
    if format == "other":
        raise InvalidInput(
            f"{filename[:100]} is no table that can be read.",
            hint="Tables are CSV, TSV, JSON, JSON lines and Parquet.",
        )
    if not can_read():
        raise InvalidInput(f"The table cannot be read: {NO_POLARS}")
    from modellab.datasets.tables import open_table, read_safely

    with open_table(path, format) as table:
        return read_safely(lambda: _cut_part(table.frame, limit, offset))


def _cut_part(frame: pl.LazyFrame, limit: int, offset: int) -> TablePart:
    import polars as pl

    from modellab.datasets.columns import name_type
    from modellab.datasets.values import plain_value

    n_rows = int(frame.select(pl.len()).collect(engine="streaming").item())
    schema = frame.collect_schema()
    names = schema.names()[:PREVIEW_COLUMNS]
    part = frame.select(names).slice(offset, limit).collect(engine="streaming")
    length = max(1, min(PART_VALUE_LENGTH, PART_LENGTH // max(1, part.height * part.width)))
    return TablePart(
        columns=[PartColumn(name=name, type=name_type(schema[name])) for name in names],
        rows=[[plain_value(cell, length) for cell in row] for row in part.rows()],
        n_rows=n_rows,
        n_columns=len(schema),
        truncated=offset + part.height < n_rows or len(names) < len(schema),
    )


def _show(head: pl.DataFrame, n_rows: int | None) -> Preview:
    from modellab.datasets.columns import name_type
    from modellab.datasets.values import plain_value

    names = head.columns[:PREVIEW_COLUMNS]
    rows: list[list[Any]] = [[plain_value(cell) for cell in row] for row in head.select(names).rows()]
    if not names:  # rows of objects that are all empty
        rows = [[] for _ in range(head.height)]
    types = [name_type(head.schema[name]) for name in names]
    return Preview(columns=names, types=types, rows=rows, n_rows=n_rows)
