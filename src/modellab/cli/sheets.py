"""Parts of a page about runs: headings, lines of names and values, tables without frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

INDENT = 2
"""Columns of a terminal that stand before what a section says."""


def make_section(title: str, *parts: RenderableType, after: str = "") -> Group:
    """A heading with something in dim letters after it, and what stands below, indented."""
    heading = Text(f"\n{title}", "bold")
    if after:
        heading.append(f"  {after}", "not bold dim")
    return Group(heading, *(Padding(part, (0, 0, 0, INDENT), expand=False) for part in parts))


def make_fields(rows: Iterable[tuple[str, str | Text]]) -> Table:
    """Names and values, one pair a line; long values go on below themselves."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


def make_grid(headings: Sequence[str], rows: Iterable[Sequence[str | Text]], *, n_texts: int = 1) -> Table:
    """A table whose first `n_texts` columns are text and whose others are numbers, to the right."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for place, heading in enumerate(headings):
        is_text = place < n_texts
        table.add_column(
            heading, justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text
        )
    for row in rows:
        table.add_row(*row)
    return table
