"""A query as conditions of SQL, the same on every database, with every value bound.

A statement depends only on the outline of a query, which is the tree without its names and values:
statements are built once for each outline. Conditions are numbered in the order in which they are
written, and their values are bound under that number.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Double,
    FromClause,
    Select,
    Text,
    and_,
    between,
    bindparam,
    cast,
    collate,
    exists,
    false,
    func,
    not_,
    or_,
    select,
)

from modellab.query.fields import NAN_SUMMARIES, RUN_FIELDS
from modellab.query.patterns import to_glob, to_like
from modellab.query.predicate import compared_text
from modellab.query.times import read_stretch
from modellab.query.tree import (
    And,
    Condition,
    Field,
    Node,
    Not,
    Operator,
    Value,
    list_conditions,
    split_terms,
)
from modellab.store.platform_tables import datasets, run_datasets, tags
from modellab.store.tables import metrics, params, runs

_TABLES: Mapping[str, FromClause] = {"metrics": metrics, "params": params, "tags": tags}
DATASET_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    **{name: datasets.c[name] for name in ("dataset_id", "name", "sha256")},
    "version": cast(datasets.c.version, Double),
    "split": func.nullif(run_datasets.c.split, ""),
}
"""The fields of a dataset, as they are compared and sorted."""
RUN_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    **{name: runs.c[name] for name in RUN_FIELDS if name in runs.c},
    "started_at": runs.c.started_us,
    "ended_at": runs.c.ended_us,
    "duration_s": cast(runs.c.ended_us - runs.c.started_us, Double) / 1e6,
    **{name: cast(runs.c[name], Double) for name in ("seed", "n_artifacts", "n_dropped")},
}
"""The fields of a run, as they are compared and sorted."""
_COMPARE: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "=": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
}


@dataclass(frozen=True, slots=True)
class Term:
    """One of the conditions that must all hold for a query to hold.

    `check` holds for a row of `runs`. `candidates` select the numbers of runs from indexes: of those that
    meet it if `is_exact`, else of more; there are none if no index can tell.
    """

    check: ColumnElement[bool]
    candidates: tuple[Select[Any], ...] = ()
    is_exact: bool = True


def outline(node: Node) -> Node:
    """The tree with its names and values blank: all that a statement depends on."""
    if isinstance(node, Condition):
        field = replace(node.field, name="") if node.field.kind in _TABLES else node.field
        if node.operator in ("in", "not in"):
            return Condition(field, node.operator, (_blank(field, node.values[0]),) * _n_listed(node))
        return Condition(field, node.operator, tuple(_blank(field, value) for value in node.values))
    if isinstance(node, Not):
        return Not(outline(node.operand))
    return type(node)(tuple(map(outline, node.operands)))


@lru_cache(maxsize=256)
def build_terms(outlined: Node, is_sqlite: bool) -> tuple[Term, ...]:
    """The terms of a query, for the values of `bind_query`."""
    builder = _Builder(is_sqlite, itertools.count())
    return tuple(builder.build_term(term) for term in split_terms(outlined))


def bind_query(node: Node, *, is_sqlite: bool, now_us: int) -> dict[str, Any]:
    """The values of a query, by the names that they have in its statements."""
    values: dict[str, Any] = {}
    for number, condition in enumerate(list_conditions(node)):
        if condition.field.kind in _TABLES:
            values[f"q{number}_key"] = condition.field.name
        values |= _bind_values(condition, f"q{number}", is_sqlite=is_sqlite, now_us=now_us)
    return values


class _Builder:
    """Builds conditions, numbering them as it goes."""

    def __init__(self, is_sqlite: bool, numbers: Iterator[int]) -> None:
        self._is_sqlite = is_sqlite
        self._numbers = numbers

    def build_term(self, term: Node) -> Term:
        """A condition, or conditions of which one must hold, may be looked up; anything else is a check."""
        if isinstance(term, Condition):
            prefix = self._next_prefix()
            return Term(self._check(term, prefix), *self._find_candidates(term, prefix))
        if isinstance(term, (Not, And)):
            return Term(self._build(term))
        parts = [self.build_term(operand) for operand in term.operands]
        check = or_(*(part.check for part in parts))
        if not all(part.candidates for part in parts):
            return Term(check)
        candidates = tuple(candidate for part in parts for candidate in part.candidates)
        return Term(check, candidates, all(part.is_exact for part in parts))

    def _build(self, node: Node) -> ColumnElement[bool]:
        if isinstance(node, Condition):
            return self._check(node, self._next_prefix())
        if isinstance(node, Not):
            # What a run lacks is NULL, and neither NULL nor its opposite holds: here it has to be decided.
            return not_(func.coalesce(self._build(node.operand), false()))
        join = and_ if isinstance(node, And) else or_
        return join(*map(self._build, node.operands))

    def _next_prefix(self) -> str:
        return f"q{next(self._numbers)}"

    def _check(self, condition: Condition, prefix: str) -> ColumnElement[bool]:
        field = condition.field
        if field.kind == "run":
            return self._test(condition, RUN_COLUMNS[field.name], prefix)
        table, found = self._find_rows(condition, prefix)
        return exists().where(table.c.run == runs.c.id, *found).correlate(runs)

    def _find_candidates(self, condition: Condition, prefix: str) -> tuple[tuple[Select[Any], ...], bool]:
        field = condition.field
        if field.kind == "run":
            return (), True
        table, found = self._find_rows(condition, prefix)
        if field.kind == "metrics" and field.summary != "final":
            # The index of metrics has their names and final values: it knows at least who has the metric.
            return (select(table.c.run).where(found[0]),), False
        return (select(table.c.run).where(*found),), True

    def _find_rows(self, condition: Condition, prefix: str) -> tuple[FromClause, list[ColumnElement[bool]]]:
        """The table and what its rows must meet."""
        field = condition.field
        if field.kind == "datasets":
            is_met = self._test(condition, DATASET_COLUMNS[field.name], prefix)
            return run_datasets, [datasets.c.id == run_datasets.c.dataset, is_met]
        table = _TABLES[field.kind]
        has_key = table.c.key == bindparam(f"{prefix}_key", type_=Text)
        column = table.c[_column(field, condition.values)]
        if condition.operator == "exists" and field.summary in NAN_SUMMARIES:
            return table, [has_key]  # NULL is NaN there
        return table, [has_key, self._test(condition, column, prefix)]

    def _test(self, condition: Condition, column: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
        word = condition.operator
        if word == "exists":
            return column.is_not(None)
        if word == "is nan":
            return column.is_(None)
        if condition.field.type == "time":
            return _test_time(condition, column, prefix)
        is_text = isinstance(condition.values[0], str)
        type_: Any = Text() if is_text else Double() if isinstance(condition.values[0], float) else None
        if word in ("in", "not in"):
            listed = bindparam(f"{prefix}_list", expanding=True, type_=type_)
            return column.in_(listed) if word == "in" else column.not_in(listed)
        binds = [bindparam(f"{prefix}_{i}", type_=type_) for i in range(len(condition.values))]
        if word.endswith("like"):
            found = self._test_pattern(word, column, binds[0])
            return not_(found) if word.startswith("not ") else found
        # Texts in the order of their characters; PostgreSQL's own order is that of a language.
        if is_text and not self._is_sqlite and word not in ("=", "!="):
            column = collate(column, "C")
        return _compare(word, column, binds)

    def _test_pattern(
        self, word: Operator, column: ColumnElement[str], pattern: BindParameter[str]
    ) -> ColumnElement[bool]:
        # SQLite's LIKE ignores the case of A to Z; so does PostgreSQL's ILIKE in the order of characters.
        if not word.endswith("ilike"):
            return column.bool_op("GLOB")(pattern) if self._is_sqlite else column.like(pattern, escape="\\")
        if self._is_sqlite:
            return column.like(pattern, escape="\\")
        return collate(column, "C").ilike(pattern, escape="\\")


def _test_time(condition: Condition, column: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """A time stands for a stretch, bound by its first and its last microsecond."""
    stretches: list[tuple[BindParameter[int], BindParameter[int]]] = [
        (bindparam(f"{prefix}_{i}_first"), bindparam(f"{prefix}_{i}_last"))
        for i in range(len(condition.values))
    ]
    (first, last), end = stretches[0], stretches[-1][1]
    word = condition.operator
    if word in ("<", ">="):
        return _COMPARE[word](column, first)
    if word in ("<=", ">"):
        return _COMPARE[word](column, last)
    if word.endswith("between"):
        stretches = [(first, end)]
    inside = or_(*(between(column, *stretch) for stretch in stretches))
    return not_(inside) if word in ("!=", "not in", "not between") else inside


def _compare(
    word: Operator, column: ColumnElement[Any], binds: list[BindParameter[Any]]
) -> ColumnElement[bool]:
    if word in _COMPARE:
        return _COMPARE[word](column, binds[0])
    low, high = binds
    inside = between(column, low, high)
    return not_(inside) if word == "not between" else inside


def _bind_values(condition: Condition, prefix: str, *, is_sqlite: bool, now_us: int) -> dict[str, Any]:
    field, word = condition.field, condition.operator
    if field.type == "time":
        bound: dict[str, Any] = {}
        for i, text in enumerate(condition.values):
            bound[f"{prefix}_{i}_first"], bound[f"{prefix}_{i}_last"] = read_stretch(str(text), now_us)
        return bound
    if word.endswith("like"):
        translate = to_glob if is_sqlite and not word.endswith("ilike") else to_like
        return {f"{prefix}_0": translate(str(condition.values[0]))}
    values = [_bind_value(field, value) for value in condition.values]
    if word in ("in", "not in"):
        return {f"{prefix}_list": values}
    return {f"{prefix}_{i}": value for i, value in enumerate(values)}


def _bind_value(field: Field, value: Value) -> Any:
    if isinstance(value, float):
        return value
    if field.kind in ("params", "tags"):
        return compared_text(value)
    return int(value) if isinstance(value, bool) else value


def _blank(field: Field, value: Value) -> Value:
    if isinstance(value, float):
        return 0.0
    return False if field.kind == "run" and isinstance(value, bool) else ""


def _n_listed(condition: Condition) -> int:
    """A list of times has a condition for each; any other list is one value that is as long as need be."""
    return len(condition.values) if condition.field.type == "time" else 1


def _column(field: Field, values: tuple[Value, ...] = ()) -> str:
    """The column of a field's table that has its value."""
    if field.kind == "metrics":
        return field.summary or "final"
    if field.kind == "params" and values and isinstance(values[0], float):
        return "number"
    return "text"
