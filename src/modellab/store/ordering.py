"""Runs in the order of any fields: as joins and expressions of SQL, with every name bound.

Whatever the direction, what a run does not have comes last, NaN before that, and a param's texts after
its numbers. Runs that are alike in everything they are sorted by come newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Text, and_, bindparam, case, collate, func, select

from modellab.errors import InvalidInput
from modellab.query import Field, SortKey
from modellab.query.fields import NAN_SUMMARIES
from modellab.store.platform_tables import datasets, run_datasets, tags
from modellab.store.query import DATASET_COLUMNS, RUN_COLUMNS
from modellab.store.tables import metrics, params, runs

MAX_KEYS = 8
"""Fields that runs are sorted by at once."""

NEWEST = (runs.c.started_us.desc(), runs.c.id.desc())
_ALWAYS_THERE = frozenset(("run_id", "status", "started_at", "n_artifacts", "n_dropped"))
_TABLES = {"metrics": metrics, "params": params, "tags": tags}


class Order(NamedTuple):
    """`runs` joined with what it is sorted by, the expressions to sort by, and the values to bind."""

    source: FromClause
    expressions: Sequence[ColumnElement[Any]]
    values: dict[str, Any]


def order_runs(keys: Sequence[SortKey], *, is_sqlite: bool) -> Order:
    """The order that the keys mean, the first one before all; raises `InvalidInput` for more than eight."""
    if len(keys) > MAX_KEYS:
        raise InvalidInput(f"There are {len(keys)} fields to sort by; at most {MAX_KEYS} are allowed.")
    source: FromClause = runs
    expressions: list[ColumnElement[Any]] = []
    values: dict[str, Any] = {}
    first: dict[Field, SortKey] = {}
    for key in keys:
        first.setdefault(key.field, key)  # a second time, a field could change nothing
    for number, key in enumerate(first.values()):
        kind = key.field.kind
        if kind not in _TABLES:
            column = _own_column(key.field, is_sqlite=is_sqlite)
            ranks = [] if key.field.name in _ALWAYS_THERE and kind == "run" else [_rank(column)]
            expressions += [*ranks, _direct(column, key)]
            continue
        table = _TABLES[kind].alias(f"sort_{number}")
        values[f"sort_{number}"] = key.field.name
        has_key = table.c.key == bindparam(f"sort_{number}", type_=Text)
        source = source.outerjoin(table, and_(table.c.run == runs.c.id, has_key))
        expressions += _sort_joined(table, key, is_sqlite=is_sqlite)
    return Order(source, [*expressions, *NEWEST], values)


def _sort_joined(table: FromClause, key: SortKey, *, is_sqlite: bool) -> list[ColumnElement[Any]]:
    if key.field.kind == "metrics":
        value = table.c[key.field.summary or "final"]
        # A row without a value is NaN; a minimum that is not there is just not there.
        is_nan = [table.c.run] if key.field.summary in NAN_SUMMARIES else []
        return [_rank(value, *is_nan), _direct(value, key)]
    text = _by_character(table.c.text, is_sqlite=is_sqlite)
    if key.field.kind == "tags":
        return [_rank(table.c.text), _direct(text, key)]
    number = table.c.number
    only_text = case((number.is_(None), text))
    return [_rank(number, table.c.text), _direct(number, key), _direct(only_text, key)]


def _own_column(field: Field, *, is_sqlite: bool) -> ColumnElement[Any]:
    """A field of the run itself, or the least value among its datasets."""
    if field.kind == "run":
        column = RUN_COLUMNS[field.name]
        return _by_character(column, is_sqlite=is_sqlite) if field.type == "text" else column
    value = DATASET_COLUMNS[field.name]
    if field.type == "text":
        value = _by_character(value, is_sqlite=is_sqlite)
    least = select(func.min(value)).where(
        run_datasets.c.run == runs.c.id, datasets.c.id == run_datasets.c.dataset
    )
    return least.correlate(runs).scalar_subquery()


def _rank(*columns: ColumnElement[Any]) -> ColumnElement[int]:
    """0 for runs that have the first column, 1 for those that only have the second, and so on."""
    return case(*((column.is_not(None), rank) for rank, column in enumerate(columns)), else_=len(columns))


def _direct(column: ColumnElement[Any], key: SortKey) -> ColumnElement[Any]:
    return column.desc() if key.is_descending else column.asc()


def _by_character(column: ColumnElement[Any], *, is_sqlite: bool) -> ColumnElement[Any]:
    """Texts in the order of their characters; PostgreSQL's own order is that of a language."""
    return column if is_sqlite else collate(column, "C")
