"""Rows for people and for pipes: a table fitted to the terminal, or tab-separated values with a heading."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from modellab.cli.output import is_terminal, make_console

_GAP = 2

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column: its heading, its cells for people and, if they differ, its cells for pipes."""

    heading: str
    show: Callable[[Row], str | Text]
    raw: Callable[[Row], str] | None = None
    raw_heading: str | None = None
    is_number: bool = False

    def width(self, rows: Sequence[Row]) -> int:
        """The columns of a terminal that the widest cell takes, and the gap after it."""
        return _GAP + max(cell_len(text) for text in (self.heading, *(str(self.show(row)) for row in rows)))


def print_rows(columns: Sequence[Column[Row]], rows: Sequence[Row], *, by_worth: Sequence[str] = ()) -> None:
    """Print a table in a terminal, or tab-separated values below a line of headings elsewhere.

    With `by_worth`, headings, a terminal shows as many columns as fit, those first in it before others.
    """
    if is_terminal():
        console = make_console()
        if by_worth:
            ordered = sorted(columns, key=lambda column: by_worth.index(column.heading))
            columns = fit_columns(columns, ordered, rows, console.width)
        console.print(make_table(columns, rows))
        return
    lines = [[column.raw_heading or column.heading for column in columns]]
    lines += [[(column.raw or column.show)(row) for column in columns] for row in rows]  # type: ignore[misc]
    sys.stdout.writelines("\t".join(str(cell) for cell in line) + "\n" for line in lines)


def make_table(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> Table:
    """The rows with their headings; numbers to the right."""
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(
            column.heading, justify="right" if column.is_number else "left", no_wrap=True, overflow="ellipsis"
        )
    for row in rows:
        table.add_row(*(column.show(row) for column in columns))
    return table


def fit_columns(
    columns: Sequence[Column[Row]], by_worth: Iterable[Column[Row]], rows: Sequence[Row], width: int
) -> list[Column[Row]]:
    """The columns that fit in `width`, in their order; those first in `by_worth` are taken first."""
    left = width + _GAP  # nothing stands after the last one
    chosen: set[int] = set()
    for column in by_worth:
        needed = column.width(rows)
        if needed <= left or not chosen:
            chosen.add(id(column))
            left -= needed
    return [column for column in columns if id(column) in chosen]
