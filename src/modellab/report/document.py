"""A report before it is HTML or Markdown: sections of plain blocks, whose texts are not escaped yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["plain", "dim", "better", "worse", "unsure", "beware"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of text."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the columns in `numbers` are set to the right; these and `words` are never broken.

    `run_ids`, where given, are those of the rows, which then bear the colours of their runs.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = field(default_factory=frozenset)
    words: frozenset[int] = field(default_factory=frozenset)
    run_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Commands:
    """Lines to be typed as they are."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of one run; what is not finite makes a gap."""

    run_id: str
    label: str
    steps: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves of one metric over steps."""

    metric: str
    curves: Sequence[Curve]


Block = Paragraph | Table | Commands | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A part under a heading."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Document:
    """A report: its title, a line below it, its sections, and a line at the end."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    footer: str
