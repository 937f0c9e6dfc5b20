"""How a report writes numbers, times and names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from modellab.comparison.wording import format_value
from modellab.records import Run

NOTHING = "—"
_LONGEST = 200
_MOST_NAMES = 10


def write_number(value: float | None) -> str:
    """A number with the digits that matter."""
    if value is None:
        return NOTHING
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    if 1e4 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    return format_value(value)


def write_range(low: float | None, high: float | None) -> str:
    """An interval."""
    return NOTHING if low is None or high is None else f"{write_number(low)} to {write_number(high)}"


def write_setting(value: Any) -> str:
    """A param or other setting on one line."""
    text = value if isinstance(value, str) else orjson.dumps(value, default=repr).decode()
    return cut(" ".join(text.split()))


def cut(text: str, length: int = _LONGEST) -> str:
    """A text that is not too long."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def join_some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def count(n: int, noun: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def find_newest(runs: Sequence[Run]) -> str:
    """When the newest of what is known of the runs happened, to the minute."""
    times = [datetime.fromisoformat(run.timestamp) + timedelta(seconds=run.duration_s or 0) for run in runs]
    return f"{max(times).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
