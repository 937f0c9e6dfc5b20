"""A document as Markdown that GitHub and others show; curves are told by their numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from modellab.report.document import Block, Chart, Commands, Document, Paragraph, Table
from modellab.report.text import clean
from modellab.report.wording import NOTHING, write_number

# Underscores inside of words mark nothing up, and names are full of them.
_MARKS = re.compile(r"[\\`*\[\]<>|#~&$]|(?<!\w)_|_(?!\w)")
_BEGINNING = re.compile(r"^(\d+)([.)])(?=\s)|^([-+=])")


def write_markdown(document: Document) -> str:
    """The text."""
    lines = [f"# {escape(document.title)}", "", escape(document.subtitle), ""]
    for section in document.sections:
        lines += [f"## {escape(section.title)}", ""]
        for block in section.blocks:
            lines += [*_write_block(block), ""]
    return "\n".join([*lines, escape(document.footer), ""])


def escape(text: str) -> str:
    """A text on one line that marks nothing up, and is no HTML."""
    line = _MARKS.sub(r"\\\g<0>", " ".join(clean(text).split()))
    return _BEGINNING.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", line)


def _write_block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield f"> {escape(block.text)}" if block.tone == "beware" else escape(block.text)
    elif isinstance(block, Table):
        yield from _write_table(block)
    elif isinstance(block, Commands):
        # A fence longer than any in the lines cannot be ended by them.
        lines = [" ".join(clean(line).splitlines()) for line in block.lines]
        longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
        fence = "`" * max(3, longest + 1)
        yield from (f"{fence}sh", *lines, fence)
    else:
        yield from _write_table(_describe(block))


def _write_table(block: Table) -> Iterator[str]:
    yield _write_row([escape(name) for name in block.head])
    yield _write_row(["---:" if place in block.numbers else "---" for place in range(len(block.head))])
    for cells in block.rows:
        yield _write_row([escape(cell) for cell in cells])


def _write_row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _describe(chart: Chart) -> Table:
    """The curves of a chart in numbers; of what was left out of a curve, nothing lower or higher."""
    rows = []
    for curve in chart.curves:
        points = zip(curve.values, curve.steps, strict=True)
        known = [point for point in points if math.isfinite(point[0])]
        if not known:
            rows.append([curve.label, *[NOTHING] * 5])
            continue
        (low, low_step), (high, high_step) = min(known), max(known)
        rows.append(
            [
                curve.label,
                write_number(known[0][0]),
                f"{write_number(low)} at {low_step:,}",
                f"{write_number(high)} at {high_step:,}",
                write_number(known[-1][0]),
                f"{known[-1][1]:,}",
            ]
        )
    head = [chart.metric, "First", "Lowest, at step", "Highest, at step", "Last", "Last step"]
    return Table(head, rows, frozenset(range(1, 6)))
