"""Which runs: a `RunFilter` as SQL, in an order of joins that stays fast with many runs.

A condition that few runs meet is answered first, from its index. Conditions that many meet are checked
run by run on the way from the newest, which finds a page soon. SQLite's own plan for two such
conditions grows with the number of runs; this one hardly does.
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
"""A condition met by more runs than this is never answered first."""

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


def select_newest(
    connection: Connection,
    wanted: RunFilter,
    columns: Sequence[ColumnElement[Any]],
    *,
    page: int,
    is_sqlite: bool,
) -> Select[Any]:
    """The runs that match, newest first; fast for about `page` of them."""
    conditions = _indexed_conditions(wanted)
    first = None
    if is_sqlite and conditions:  # PostgreSQL knows from its statistics which condition is rare
        first = _find_rarest(connection, [ids for ids, _ in conditions], page)
    checks = [check for number, (_, check) in enumerate(conditions) if number != first]
    statement = select(*columns).where(*plain_conditions(wanted), *checks)
    if first is None:
        return statement.order_by(runs.c.started_us.desc(), runs.c.id.desc())
    # The order is by a sum, which no index answers, lest SQLite scan all runs in the order of an index.
    found = runs.c.id.in_(conditions[first][0])
    return statement.where(found).order_by((runs.c.started_us + 0).desc(), runs.c.id.desc())


def _find_rarest(connection: Connection, conditions: Sequence[Select[tuple[int]]], page: int) -> int | None:
    """Which condition to begin with: the one that fewest runs meet, if that beats looking at all runs.

    With `n` runs of which `c` meet it, a page is found after `page * n / c` runs from the newest, or by
    fetching and sorting `c` runs.
    """
    counts = [
        connection.execute(select(func.count()).select_from(ids.limit(RARE + 1).subquery())).scalar_one()
        for ids in conditions
    ]
    rarest = min(range(len(counts)), key=counts.__getitem__)
    n = connection.execute(select(func.max(runs.c.id))).scalar_one() or 0
    is_worth_it = counts[rarest] <= RARE and counts[rarest] ** 2 <= page * n
    return rarest if is_worth_it else None


def plain_conditions(wanted: RunFilter) -> list[ColumnElement[bool]]:
    """The conditions on the run's own columns."""
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
