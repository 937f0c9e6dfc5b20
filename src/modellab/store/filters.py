"""Which runs: a `RunFilter` as SQL, in an order of joins that stays fast with many runs.

A condition that few runs meet is answered first, from its index, as a list of runs. Conditions that
many meet are checked run by run on the way from the newest, which finds a page soon. SQLite's own
plan for two such conditions grows with the number of runs; this one does not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from modellab.errors import InvalidInput
from modellab.records import RUN_STATUSES, RunFilter
from modellab.store.tables import INDEXED_TEXT_LENGTH, metrics, params, runs

RARE = 2000
"""A condition met by at most this many runs is answered first."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def read_time(text: str | None, *, at_end: bool = False) -> int | None:
    """An ISO-8601 time or date as microseconds since 1970, UTC unless it names a zone.

    With `at_end`, a date alone means the end of that day. Raises `InvalidInput`.
    """
    if text is None:
        return None
    # In a URL an unescaped `+` of a zone arrives as a blank.
    plain = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        raise InvalidInput(
            f"{text!r} is no time.", hint="ISO-8601, such as 2026-11-20 or 2026-11-20T09:30:00Z."
        ) from None
    if at_end and len(plain) <= 10:
        moment += timedelta(days=1, microseconds=-1)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (moment - _EPOCH) // timedelta(microseconds=1)


def select_runs(
    connection: Connection, wanted: RunFilter, statement: Select[Any], *, is_sqlite: bool
) -> Select[Any]:
    """`statement` (over `runs`), narrowed to the runs that match."""
    statement = statement.where(*_plain_conditions(wanted))
    for ids, check in _indexed_conditions(wanted):
        if not is_sqlite:  # PostgreSQL knows from its statistics which condition is rare
            statement = statement.where(check)
            continue
        found = connection.execute(ids.limit(RARE + 1)).scalars().all()
        statement = statement.where(runs.c.id.in_(found) if len(found) <= RARE else check)
    return statement


def _plain_conditions(wanted: RunFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name in ("dataset_id", "status", "project_id", "parent_id"):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(runs.c[name] == value)
    if wanted.command_substring:
        conditions.append(runs.c.command.icontains(wanted.command_substring, autoescape=True))
    if wanted.note_substring:
        conditions.append(runs.c.note.icontains(wanted.note_substring, autoescape=True))
    start, stop = read_time(wanted.from_timestamp), read_time(wanted.to_timestamp, at_end=True)
    if start is not None:
        conditions.append(runs.c.started_us >= start)
    if stop is not None:
        conditions.append(runs.c.started_us <= stop)
    if wanted.has_artifacts is not None:
        conditions.append(runs.c.n_artifacts > 0 if wanted.has_artifacts else runs.c.n_artifacts == 0)
    return conditions


def _indexed_conditions(wanted: RunFilter) -> Sequence[tuple[Select[tuple[int]], ColumnElement[bool]]]:
    """Conditions on metrics and params: as the runs that meet them, and as a question about one run."""
    found = []
    if wanted.metric_name:
        meets: list[ColumnElement[bool]] = [metrics.c.key == wanted.metric_name]
        if wanted.metric_min is not None:
            meets.append(metrics.c.final >= wanted.metric_min)
        if wanted.metric_max is not None:
            meets.append(metrics.c.final <= wanted.metric_max)
        found.append(
            (select(metrics.c.run).where(*meets), exists().where(metrics.c.run == runs.c.id, *meets))
        )
    if wanted.param_name:
        meets = [params.c.key == wanted.param_name]
        if wanted.param_value is not None:
            meets.append(_equals_param(wanted.param_value))
        found.append((select(params.c.run).where(*meets), exists().where(params.c.run == runs.c.id, *meets)))
    return found


def _equals_param(value: str) -> ColumnElement[bool]:
    text = params.c.text == value[:INDEXED_TEXT_LENGTH]
    try:
        number = float(value)
    except ValueError:
        return text
    return or_(params.c.number == number, text) if math.isfinite(number) else text


def rank_runs(name: str, *, ascending: bool) -> Select[Any]:
    """Runs and their final value of a metric, best first; runs where it is NaN have no rank."""
    value = metrics.c.final
    order = value.asc() if ascending else value.desc()
    return (
        select(runs)
        .join(metrics, metrics.c.run == runs.c.id)
        .where(metrics.c.key == name, value.is_not(None))
        .order_by(order, metrics.c.run.asc() if ascending else metrics.c.run.desc())
    )


def count_runs(connection: Connection) -> int:
    """All runs in the database."""
    return int(connection.execute(select(func.count()).select_from(runs)).scalar_one())
