"""Text of any origin inside Markdown, where it stays text: no markup, no HTML, no terminal codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_BACKTICKS = re.compile("`+")


def show(text: object, *, limit: int = 500) -> str:
    """One line of text as inline code; at most `limit` characters."""
    line = _clean(str(text).replace("\n", " "))
    line = line if len(line) <= limit else f"{line[: limit - 1]}…"
    if not line.strip():
        return "(empty)"
    fence = _fence(line, shortest=1)
    pad = " " if line.startswith("`") or line.endswith("`") or fence != "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def show_cell(text: object) -> str:
    """One line of text as inline code in a table."""
    return show(text).replace("|", "\\|")


def show_block(text: str, language: str = "") -> str:
    """Lines of text in a fenced block, which nothing inside can close."""
    lines = "\n".join(map(_clean, text.splitlines()))
    fence = _fence(lines, shortest=3)
    return f"{fence}{language}\n{lines}\n{fence}\n"


def show_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown already."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in lines)


def _fence(text: str, *, shortest: int) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    return "`" * max(shortest, longest + 1)


def _clean(line: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line.expandtabs(4))
