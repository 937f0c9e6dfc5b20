"""Which colour a run has: that of the web app, from the id alone. `docs/concepts/design.md` defines it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

COLORS = (
    *("#0072b2", "#d55e00", "#009e73", "#b8578f", "#56a0d3"),
    *("#c98a00", "#7a5195", "#5b8c00", "#a0522d", "#6c757d"),
)
"""Ten that people with any colour vision can tell apart (Okabe-Ito, extended)."""
DASHES = ("", "8 4", "2 3", "10 3 2 3")
"""Of lines of one chart that share a colour; the first is a full line."""

_32_BITS = 0xFFFFFFFF


def color_of(run_id: str) -> str:
    """The colour of a run."""
    mixed = 0x811C9DC5
    for character in run_id:
        mixed = (mixed ^ ord(character)) * 0x01000193 & _32_BITS  # FNV-1a
    # Ids of one sweep differ in their last characters only; this spreads them.
    mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6D & _32_BITS
    return COLORS[(mixed ^ mixed >> 12) % len(COLORS)]


def style_lines(run_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Colour and dashes of runs that are drawn together."""
    used: Counter[str] = Counter()
    styles = []
    for color in map(color_of, run_ids):
        styles.append((color, DASHES[used[color] % len(DASHES)]))
        used[color] += 1
    return styles
