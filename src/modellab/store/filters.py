"""What a `RunFilter` means: checked, and as the values that statements are run with."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from modellab.errors import InvalidInput
from modellab.query import Node, parse_query
from modellab.records import RUN_STATUSES, RunFilter
from modellab.store.tables import INDEXED_TEXT_LENGTH
from modellab.store.times import read_time


def check_filter(wanted: RunFilter) -> RunFilter:
    """`wanted`, if it can be meant; raises `InvalidInput` naming what is wrong."""
    bounded = wanted.metric_min is not None or wanted.metric_max is not None
    if bounded and not wanted.metric_name:
        raise InvalidInput("metric_min and metric_max need metric_name.")
    for name in ("metric_min", "metric_max"):
        value = getattr(wanted, name)
        if value is not None and math.isnan(value):
            raise InvalidInput(f"{name} is nan; nothing can be compared with it.")
    if (
        wanted.metric_min is not None
        and wanted.metric_max is not None
        and wanted.metric_min > wanted.metric_max
    ):
        raise InvalidInput(
            f"metric_min {wanted.metric_min} is greater than metric_max {wanted.metric_max}: none can match."
        )
    if wanted.query:
        _read_query(wanted.query)
    for name in wanted.__slots__:
        if "\x00" in str(getattr(wanted, name)):
            raise InvalidInput(f"{name} has a NUL character; no run can match.")
    if wanted.param_value is not None and not wanted.param_name:
        raise InvalidInput("param_value needs param_name.")
    start, stop = read_time(wanted.from_timestamp), read_time(wanted.to_timestamp, at_end=True)
    if start is not None and stop is not None and start > stop:
        raise InvalidInput(
            f"from_timestamp {wanted.from_timestamp} is later than to_timestamp {wanted.to_timestamp}."
        )
    if wanted.status is not None and wanted.status not in RUN_STATUSES:
        raise InvalidInput(
            f"There is no status {wanted.status!r}.", hint=f"One of: {', '.join(RUN_STATUSES)}."
        )
    return wanted


def bind_values(wanted: RunFilter) -> dict[str, Any]:
    """What a checked filter asks for, as values of the conditions in `selection.py` by name."""
    values: dict[str, Any] = {
        "dataset_id": wanted.dataset_id,
        "status": wanted.status,
        "project_id": wanted.project_id,
        "parent_id": wanted.parent_id,
        "command_like": _as_pattern(wanted.command_substring),
        "note_like": _as_pattern(wanted.note_substring),
        "from_us": read_time(wanted.from_timestamp),
        "to_us": read_time(wanted.to_timestamp, at_end=True),
        "metric_name": wanted.metric_name or None,
        "metric_min": wanted.metric_min,
        "metric_max": wanted.metric_max,
        "param_name": wanted.param_name or None,
    }
    if wanted.query:
        values["query"] = _read_query(wanted.query)
    values["in_trash" if wanted.in_trash else "not_in_trash"] = True
    if wanted.visible is not None:
        values["visible"] = sorted(wanted.visible)
    if wanted.has_artifacts is not None:
        values["with_artifacts" if wanted.has_artifacts else "without_artifacts"] = True
    if wanted.param_value is not None:
        values["param_text"] = wanted.param_value[:INDEXED_TEXT_LENGTH]
        values["param_number"] = _as_number(wanted.param_value)
    return {name: value for name, value in values.items() if value is not None}


@lru_cache(maxsize=64)
def _read_query(text: str) -> Node | None:
    """The tree of a query; a blank text asks for nothing."""
    return parse_query(text) if text.strip() else None


def _as_pattern(substring: str | None) -> str | None:
    if not substring:
        return None
    for special in "\\%_":
        substring = substring.replace(special, f"\\{special}")
    return f"%{substring}%"


def _as_number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
