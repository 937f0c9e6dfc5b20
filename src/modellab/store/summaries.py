"""Metric summaries: what a list, a filter or a leaderboard needs, kept up to date with the points."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from modellab.journal.line import Column

_EMPTY: dict[str, Any] = {
    "final": None,
    "last": None,
    "first": None,
    "min": None,
    "max": None,
    "count": 0,
    "n_nonfinite": 0,
    "first_step": None,
    "last_step": None,
    "min_step": None,
    "max_step": None,
    "returned": 0,
}


def merge_summaries(
    run: int,
    known: Mapping[str, Mapping[str, Any]],
    columns: Mapping[str, Column],
    returned: Mapping[str, float],
) -> list[dict[str, Any]]:
    """The rows of `metrics` for every metric that a batch touches, merged with the rows `known` so far.

    The last value is the one at the largest step; of several at that step, the one that came last.
    """
    rows: dict[str, dict[str, Any]] = {}
    for name, column in columns.items():
        row = {**_EMPTY, **known.get(name, {}), "run": run, "key": name}
        rows[name] = _add_column(row, column)
    for name, value in returned.items():
        row = rows.get(name) or {**_EMPTY, **known.get(name, {}), "run": run, "key": name}
        row["final"], row["returned"] = _or_null(value), 1
        if not row["count"]:
            row["last"] = row["first"] = row["final"]
            row["min"] = row["max"] = value if math.isfinite(value) else None
        rows[name] = row
    return list(rows.values())


def _add_column(row: dict[str, Any], column: Column) -> dict[str, Any]:
    steps, values = column.steps, column.values
    fresh = not row["count"]
    first, last = _end_positions(steps)
    if fresh or steps[last] >= row["last_step"]:
        row["last"], row["last_step"] = _or_null(values[last]), steps[last]
        if not row["returned"]:
            row["final"] = row["last"]
    if fresh or steps[first] < row["first_step"]:
        row["first"], row["first_step"] = _or_null(values[first]), steps[first]
    finite: Sequence[float] = values
    if not math.isfinite(sum(values)):
        finite = [value for value in values if math.isfinite(value)]
    if fresh:
        row["min"] = row["max"] = None
    if finite:
        low, high = min(finite), max(finite)
        if row["min"] is None or low < row["min"]:
            row["min"], row["min_step"] = low, steps[values.index(low)]
        if row["max"] is None or high > row["max"]:
            row["max"], row["max_step"] = high, steps[values.index(high)]
    row["count"] += len(values)
    row["n_nonfinite"] += len(values) - len(finite)
    return row


def _end_positions(steps: Sequence[int]) -> tuple[int, int]:
    """Where the smallest step first stands and where the largest last stands."""
    smallest, largest = min(steps), max(steps)
    first = 0 if steps[0] == smallest else steps.index(smallest)
    if steps[-1] == largest:
        return first, len(steps) - 1
    return first, max(i for i, step in enumerate(steps) if step == largest)


def _or_null(value: float) -> float | None:
    """NaN as the database keeps it."""
    return None if math.isnan(value) else value
