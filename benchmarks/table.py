"""The answers of benchmarks as rows, and the table that they are printed in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import orjson
from rich.console import Console
from rich.table import Table

_HEADINGS = ("question", "measured", "floor", "ratio", "target", "")
_WORDS = {True: "ok", False: "missed", None: ""}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its floor.

    `ratio` is measured over floor (for a rate: floor over measured), so that smaller is always better.
    `ok` says whether the target is met; it is `None` where there is none.
    """

    question: str
    measured: str
    floor: str
    ratio: float | None
    target: str
    ok: bool | None


def format_table(rows: Sequence[Row], *, width: int | None = None) -> str:
    """The rows as a table of `width` columns; if not given, as wide as the terminal, or 140 without one."""
    table = Table(show_lines=False, header_style="bold", title_justify="left")
    for heading in _HEADINGS:
        table.add_column(heading, justify="right" if heading == "ratio" else "left", overflow="fold")
    for row in rows:
        style = {True: "green", False: "red", None: ""}[row.ok]
        table.add_row(*_cells(row)[:-1], f"[{style}]{_WORDS[row.ok]}[/]" if style else "")
    console = Console(width=width or (None if sys.stdout.isatty() else 140))
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def format_markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| " + " | ".join(_HEADINGS) + " |", "|---|---|---|---:|---|---|"]
    for row in rows:
        cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in _cells(row))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def format_json(rows: Sequence[Row]) -> str:
    """The rows as a JSON list of objects, one field a column."""
    return orjson.dumps([asdict(row) for row in rows], option=orjson.OPT_INDENT_2).decode() + "\n"


def _cells(row: Row) -> list[str]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}" if row.ratio < 10 else f"{row.ratio:.0f}"
    return [row.question, row.measured, row.floor, ratio, row.target, _WORDS[row.ok]]
