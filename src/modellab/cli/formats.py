"""Values as people read them: numbers, times, durations, sizes, short ids."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from modellab.ids import RUN_ID_PATTERN
from modellab.records import RunSummary

NOTHING = "-"
"""Stands where there is no value, so that columns stay columns in a pipe."""

_SHORT = 8
_EXACT_DIGITS = 12
"""Of a difference: those behind them only say that numbers are binary."""


def clean(text: str) -> str:
    """`text` on one line, without characters that would steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def clean_lines(text: str) -> str:
    """`text` without characters that would steer a terminal, its lines kept."""
    return "\n".join(clean(line.expandtabs()) for line in text.splitlines())


def shorten(text: str, length: int) -> str:
    """At most `length` characters of `text`; an ellipsis says that there are more."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def format_number(value: float | None, *, exact: bool = False, digits: int = 5) -> str:
    """A number with five (or `digits`) digits that matter, or with all of them if `exact`."""
    if value is None:
        return NOTHING
    if not math.isfinite(value):
        return str(float(value))
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    if exact:
        return repr(float(value))
    return f"{value:.1f}" if 1e5 <= abs(value) < 1e15 else f"{value:.{digits}g}"


def format_difference(value: float, base: float, *, exact: bool = False) -> str:
    """`value - base` with its sign; empty if one of them is not finite."""
    if not (math.isfinite(value) and math.isfinite(base)):
        return ""
    difference = value - base
    if difference == 0:
        return "0"
    digits = _EXACT_DIGITS if exact else 3
    return f"{'+' if difference > 0 else ''}{format_number(difference, digits=digits)}"


def format_value(value: Any) -> str:
    """A param's value: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return clean(value)
    return clean(orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode())


def format_duration(seconds: float | None) -> str:
    """A duration in its two largest units, as in `12.3 s`, `3 min 05 s`, `2 h 10 min`."""
    if seconds is None:
        return NOTHING
    seconds = max(0.0, seconds)  # a journal's times are cut to milliseconds
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = whole // 60
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes // 60 % 24:02d} h"


def elapsed_s(run: RunSummary) -> float | None:
    """How long a run took, or has taken so far if it still runs."""
    if run.status != "running":
        return run.duration_s
    started = read_start(run)
    return None if started is None else max(0.0, (datetime.now(UTC) - started).total_seconds())


def read_start(run: RunSummary) -> datetime | None:
    """When a run started, in local time; `None` if other hands wrote something that is no time."""
    try:
        moment = datetime.fromisoformat(run.timestamp)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone()
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def format_start(run: RunSummary) -> str:
    """When a run started, for a list: local time, as short as it is clear."""
    started = read_start(run)
    if started is None:
        return clean(run.timestamp or NOTHING)
    today = datetime.now().astimezone().date()
    if started.date() == today:
        return f"today {started:%H:%M}"
    if started.date() == today - timedelta(days=1):
        return f"yesterday {started:%H:%M}"
    return (
        f"{started.day} {started:%b %H:%M}"
        if started.year == today.year
        else f"{started.day} {started:%b %Y}"
    )


def format_moment(run: RunSummary) -> str:
    """When a run started: local time to the second, with the zone."""
    started = read_start(run)
    if started is None:
        return clean(run.timestamp or NOTHING)
    return f"{started:%Y-%m-%d %H:%M:%S %Z}".strip()


def format_size(n_bytes: int) -> str:
    """A size in bytes, kB, MB or GB (powers of 1000)."""
    size, unit = float(n_bytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{n_bytes} bytes" if unit == "bytes" else f"{size:.1f} {unit}"


def format_name(run: RunSummary) -> str:
    """What a run is called: its name, or else its command without the interpreter and the script's folder."""
    if run.name:
        return clean(run.name)
    words = clean(run.command or NOTHING).split(" ")
    if len(words) > 1 and words[0].startswith("python"):
        words = words[1:]
    return " ".join([words[0].replace("\\", "/").rpartition("/")[2] or words[0], *words[1:]])


def plural(n: int, noun: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def short_ids(run_ids: Iterable[str]) -> Mapping[str, str]:
    """For each id its last characters, as many as it takes to tell these runs apart; other tools' ids whole.

    The first half of an id is the time, which neighbours share.
    """
    ids = set(run_ids)
    length = _SHORT
    while len({run_id[-length:] for run_id in ids}) < len(ids):
        length += 4
    return {run_id: run_id[-length:] if RUN_ID_PATTERN.fullmatch(run_id) else run_id for run_id in ids}
