"""Statements that select runs, each built once, in an order of joins that stays fast with many runs.

A condition that few runs meet is answered first, from its index. Conditions that many meet are checked
run by run on the way from the newest, which finds a page soon. SQLite's own plan for two such
conditions grows with the number of runs; this one hardly does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
)

from modellab.store.tables import metrics, params, runs

RARE = 2000
"""A condition met by more runs than this is never answered first."""

SUMMARY_COLUMNS = tuple(
    runs.c[name]
    for name in (
        "id",
        "run_id",
        "name",
        "project_id",
        "status",
        "timestamp",
        "started_us",
        "ended_us",
        "git_hash",
        "command",
        "dataset_id",
        "wandb_url",
        "params_json",
        "final_metrics_json",
        "tags_json",
        "note",
        "parent_id",
        "n_artifacts",
    )
)
"""The columns of `runs` that a list shows."""

_LIMIT = bindparam("limit", type_=Integer)

# By the names of `filters.bind_values`: conditions on a run's own columns …
_OWN: Mapping[str, ColumnElement[bool]] = {
    **{name: runs.c[name] == bindparam(name) for name in ("dataset_id", "status", "project_id", "parent_id")},
    "command_like": func.lower(runs.c.command).like(func.lower(bindparam("command_like")), escape="\\"),
    "note_like": func.lower(runs.c.note).like(func.lower(bindparam("note_like")), escape="\\"),
    "from_us": runs.c.started_us >= bindparam("from_us"),
    "to_us": runs.c.started_us <= bindparam("to_us"),
    "in_trash": runs.c.deleted_us.is_not(None),
    "not_in_trash": runs.c.deleted_us.is_(None),
    "visible": runs.c.project_id.in_(bindparam("visible", expanding=True)),
    "with_artifacts": runs.c.n_artifacts > 0,
    "without_artifacts": runs.c.n_artifacts == 0,
    "before_us": tuple_(runs.c.started_us, runs.c.id)
    < tuple_(bindparam("before_us"), bindparam("before_id")),
}
# … and on its metrics and params.
_METRIC: Mapping[str, ColumnElement[bool]] = {
    "metric_name": metrics.c.key == bindparam("metric_name"),
    "metric_min": metrics.c.final >= bindparam("metric_min"),
    "metric_max": metrics.c.final <= bindparam("metric_max"),
}
_PARAM_NAME = params.c.key == bindparam("param_name")
_PARAM_TEXT = params.c.text == bindparam("param_text")
_PARAM_NUMBER = params.c.number == bindparam("param_number")


def fetch_newest(
    connection: Connection, values: Mapping[str, Any], *, limit: int, is_sqlite: bool
) -> Sequence[Any]:
    """The `limit` newest rows that meet the conditions named in `values`."""
    given = frozenset(values)
    first = None
    if is_sqlite and given & {"metric_name", "param_name"}:
        # PostgreSQL knows from its statistics which condition is rare.
        first = _find_rarest(connection, given, values, limit)
    return connection.execute(_build_newest(given, first), {**values, "limit": limit}).all()


def fetch_ranked(
    connection: Connection, values: Mapping[str, Any], *, limit: int, ascending: bool
) -> Sequence[Any]:
    """The `limit` best rows by the final value of the metric `values` names; NaN has no rank."""
    statement = _build_ranked(frozenset(values), ascending)
    return connection.execute(statement, {**values, "limit": limit}).all()


def count_runs(connection: Connection) -> int:
    """All runs that do not lie in the trash."""
    # Both counts come from an index; one that looks at each run for its deletion would not.
    every = select(func.count()).select_from(runs).scalar_subquery()
    in_trash = select(func.count()).where(runs.c.deleted_us.is_not(None)).scalar_subquery()
    return int(connection.execute(select(every - in_trash)).scalar_one())


@lru_cache(maxsize=1024)
def _build_newest(given: frozenset[str], first: str | None) -> Select[Any]:
    checks = [
        exists().where(table.c.run == runs.c.id, *conditions)
        for kind, (table, conditions) in _side_conditions(given).items()
        if kind != first
    ]
    statement = select(*SUMMARY_COLUMNS).where(*_own_conditions(given), *checks).limit(_LIMIT)
    if first is None:
        return statement.order_by(runs.c.started_us.desc(), runs.c.id.desc())
    # The order is by a sum, which no index answers, lest SQLite scan all runs in the order of an index.
    table, conditions = _side_conditions(given)[first]
    found = runs.c.id.in_(select(table.c.run).where(*conditions))
    return statement.where(found).order_by((runs.c.started_us + 0).desc(), runs.c.id.desc())


@lru_cache(maxsize=64)
def _build_ranked(given: frozenset[str], ascending: bool) -> Select[Any]:
    value, run = metrics.c.final, metrics.c.run
    return (
        select(*SUMMARY_COLUMNS)
        .join(metrics, run == runs.c.id)
        .where(_METRIC["metric_name"], value.is_not(None), *_own_conditions(given))
        .order_by(*((value.asc(), run.asc()) if ascending else (value.desc(), run.desc())))
        .limit(_LIMIT)
    )


@lru_cache(maxsize=64)
def _build_counts(given: frozenset[str]) -> Select[Any]:
    counts = [
        select(func.count())
        .select_from(select(table.c.run).where(*conditions).limit(RARE + 1).subquery())
        .scalar_subquery()
        .label(kind)
        for kind, (table, conditions) in _side_conditions(given).items()
    ]
    return select(select(func.max(runs.c.id)).scalar_subquery().label("n"), *counts)


def _find_rarest(
    connection: Connection, given: frozenset[str], values: Mapping[str, Any], page: int
) -> str | None:
    """Which condition to begin with: the one that fewest runs meet, if that beats looking at all runs.

    With `n` runs of which `c` meet it, a page is found after `page * n / c` runs from the newest, or by
    fetching and sorting `c` runs.
    """
    given = given & {*_METRIC, "param_name", "param_text", "param_number"}
    counts = dict(connection.execute(_build_counts(given), values).mappings().one())
    n = counts.pop("n") or 0
    rarest = min(counts, key=counts.__getitem__)
    is_worth_it = counts[rarest] <= RARE and counts[rarest] ** 2 <= page * n
    return str(rarest) if is_worth_it else None


def _own_conditions(given: Iterable[str]) -> list[ColumnElement[bool]]:
    return [_OWN[name] for name in sorted(given) if name in _OWN]


def _side_conditions(given: frozenset[str]) -> dict[str, tuple[Any, list[ColumnElement[bool]]]]:
    """The conditions on metrics and on params, each with its table."""
    found: dict[str, tuple[Any, list[ColumnElement[bool]]]] = {}
    if "metric_name" in given:
        found["metric"] = (metrics, [condition for name, condition in _METRIC.items() if name in given])
    if "param_name" in given:
        meets = [_PARAM_NAME]
        if "param_number" in given:
            meets.append(or_(_PARAM_NUMBER, _PARAM_TEXT))
        elif "param_text" in given:
            meets.append(_PARAM_TEXT)
        found["param"] = (params, meets)
    return found
