"""Statements that select runs, each built once, in an order of joins that stays fast with many runs.

A condition that few runs meet is answered first, from its index. Conditions that many meet are checked
run by run on the way from the newest, which finds a page soon. SQLite's own plan for two such
conditions grows with the number of runs; this one hardly does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Result,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
    union_all,
)

from modellab.query.tree import Node, list_conditions
from modellab.store.query import Term, bind_query, build_terms, outline
from modellab.store.tables import metrics, params, runs
from modellab.store.times import now_us

RARE = 2000
"""A condition met by more runs than this is never answered first."""

PLANNED = 8
"""Conditions that the database sees one by one; more of them, joined, look like one to its planner.

With a hundred, SQLite expects so few runs to be left that it sorts them all, and takes a thousand times
longer; PostgreSQL looks for the best order of a hundred joins.
"""

KEPT = 8
"""Conditions of a query whose statements are kept for the next one like it.

A statement takes about 20 kB a condition: a thousand different ones of the largest would fill the memory.
"""

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
        "seed",
        "error",
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


_TRASHED = select(runs.c.id).where(runs.c.deleted_us.is_not(None))
NOT_IN_TRASH = runs.c.id.not_in(_TRASHED)
"""The same as `not_in_trash`, for statements that look at every run: the few that lie there come from their
index, and whether a run is one is known without reading to the end of its row.
"""


class Matching(NamedTuple):
    """What rows of `runs` meet, the values to bind, and the options to execute a statement with."""

    conditions: Sequence[ColumnElement[bool]]
    values: Mapping[str, Any]
    options: Mapping[str, Any]


class _Question(NamedTuple):
    """What a statement depends on: the names of conditions, and the outline of a query."""

    given: frozenset[str]
    query: Node | None
    is_sqlite: bool

    @property
    def is_kept(self) -> bool:
        """Whether its statements are worth keeping."""
        return self.query is None or sum(1 for _ in list_conditions(self.query)) <= KEPT


def fetch_newest(
    connection: Connection, values: Mapping[str, Any], *, limit: int, is_sqlite: bool
) -> Sequence[Any]:
    """The `limit` newest rows that meet the conditions named in `values`."""
    question, values = _read_question(values, is_sqlite)
    first = None
    if is_sqlite:
        # PostgreSQL knows from its statistics which condition is rare.
        first = _find_rarest(connection, question, values, limit)
    statement = _recall(_build_newest, question)(question, first)
    return _execute(connection, question, statement, {**values, "limit": limit}).all()


def fetch_ranked(
    connection: Connection, values: Mapping[str, Any], *, limit: int, ascending: bool, is_sqlite: bool
) -> Sequence[Any]:
    """The `limit` best rows by the final value of the metric `values` names; NaN has no rank."""
    question, values = _read_question(values, is_sqlite)
    first = _find_rarest(connection, question, values, limit) if is_sqlite and question.query else None
    statement = _recall(_build_ranked, question)(question, None if first == "metric" else first, ascending)
    return _execute(connection, question, statement, {**values, "limit": limit}).all()


def match_runs(connection: Connection, values: Mapping[str, Any], *, is_sqlite: bool) -> Matching:
    """What all runs meet that match, for statements that are about every one of them, in any order."""
    plain = {name: value for name, value in values.items() if name != "not_in_trash"}
    question, bound = _read_question(plain, is_sqlite)
    # All of them are wanted, so the rarest condition is always worth beginning with.
    first = _find_rarest(connection, question, bound, RARE**2) if is_sqlite else None
    terms = _find_terms(question)
    found = [runs.c.id.in_(_unite(terms[first]))] if first else []
    in_place = [] if len(plain) == len(values) else [NOT_IN_TRASH]
    conditions = [*in_place, *_own_conditions(question.given), *found, *_join_checks(terms, first)]
    return Matching(conditions, bound, {} if question.is_kept else {"compiled_cache": None})


def count_runs(connection: Connection, *, in_trash: bool = False) -> int:
    """All runs that do not lie in the trash, or all that do."""
    # Both counts come from an index; one that looks at each run for its deletion would not.
    every = select(func.count()).select_from(runs).scalar_subquery()
    deleted = select(func.count()).where(runs.c.deleted_us.is_not(None)).scalar_subquery()
    return int(connection.execute(select(deleted if in_trash else every - deleted)).scalar_one())


def _read_question(values: Mapping[str, Any], is_sqlite: bool) -> tuple[_Question, Mapping[str, Any]]:
    """What is asked, and the values to bind."""
    query = values.get("query")
    if query is None:
        return _Question(frozenset(values), None, is_sqlite), values
    plain = {name: value for name, value in values.items() if name != "query"}
    question = _Question(frozenset(plain), outline(query), is_sqlite)
    return question, {**plain, **bind_query(query, is_sqlite=is_sqlite, now_us=now_us())}


def _recall(build: Callable[..., Any], question: _Question) -> Callable[..., Any]:
    """`build`, which keeps what it built, or for a large question the same without keeping it."""
    plain: Callable[..., Any] = build if question.is_kept else build.__wrapped__  # type: ignore[attr-defined]
    return plain


def _execute(
    connection: Connection, question: _Question, statement: Select[Any], values: Mapping[str, Any]
) -> Result[Any]:
    # SQLAlchemy keeps statements too, as text.
    options = {} if question.is_kept else {"compiled_cache": None}
    return connection.execute(statement, values, execution_options=options)


@lru_cache(maxsize=256)
def _build_newest(question: _Question, first: str | None) -> Select[Any]:
    terms = _find_terms(question)
    checks = _join_checks(terms, first)
    statement = select(*SUMMARY_COLUMNS).where(*_own_conditions(question.given), *checks).limit(_LIMIT)
    if first is None:
        return statement.order_by(runs.c.started_us.desc(), runs.c.id.desc())
    # The order is by a sum, which no index answers, lest SQLite scan all runs in the order of an index.
    found = runs.c.id.in_(_unite(terms[first]))
    return statement.where(found).order_by((runs.c.started_us + 0).desc(), runs.c.id.desc())


@lru_cache(maxsize=256)
def _build_ranked(question: _Question, first: str | None, ascending: bool) -> Select[Any]:
    value, run = metrics.c.final, metrics.c.run
    # Also here a sum, lest SQLite walk through all runs in the order of the metric.
    order = value if first is None else value + 0
    terms = _find_terms(question)
    terms.pop("metric")  # ranks them, and so is met
    found = [run.in_(_unite(terms[first]))] if first else []
    return (
        select(*SUMMARY_COLUMNS)
        .join(metrics, run == runs.c.id)
        .where(_METRIC["metric_name"], value.is_not(None), *_own_conditions(question.given), *found)
        .where(*_join_checks(terms, first))
        .order_by(*((order.asc(), run.asc()) if ascending else (order.desc(), run.desc())))
        .limit(_LIMIT)
    )


@lru_cache(maxsize=256)
def _build_counts(question: _Question) -> Select[Any] | None:
    counts = [
        select(func.count()).select_from(_unite(term, RARE + 1)).scalar_subquery().label(name)
        for name, term in _find_terms(question).items()
        if term.candidates
    ]
    if not counts:
        return None
    return select(select(func.max(runs.c.id)).scalar_subquery().label("n"), *counts)


def _find_rarest(
    connection: Connection, question: _Question, values: Mapping[str, Any], page: int
) -> str | None:
    """Which condition to begin with: the one that fewest runs meet, if that beats looking at all runs.

    With `n` runs of which `c` meet it, a page is found after `page * n / c` runs from the newest, or by
    fetching and sorting `c` runs.
    """
    statement = _recall(_build_counts, question)(question)
    if statement is None:
        return None
    counts = dict(_execute(connection, question, statement, values).mappings().one())
    n = counts.pop("n") or 0
    rarest = min(counts, key=counts.__getitem__)
    is_worth_it = counts[rarest] <= RARE and counts[rarest] ** 2 <= page * n
    return str(rarest) if is_worth_it else None


def _own_conditions(given: Iterable[str]) -> list[ColumnElement[bool]]:
    return [_OWN[name] for name in sorted(given) if name in _OWN]


def _find_terms(question: _Question) -> dict[str, Term]:
    """The conditions on metrics and on params, and the terms of the query, by names."""
    given = question.given
    terms: dict[str, Term] = {}
    if "metric_name" in given:
        meets = [condition for name, condition in _METRIC.items() if name in given]
        terms["metric"] = _make_term(metrics, meets)
    if "param_name" in given:
        meets = [_PARAM_NAME]
        if "param_number" in given:
            meets.append(or_(_PARAM_NUMBER, _PARAM_TEXT))
        elif "param_text" in given:
            meets.append(_PARAM_TEXT)
        terms["param"] = _make_term(params, meets)
    if question.query is not None:
        built = _recall(build_terms, question)(question.query, question.is_sqlite)
        terms |= {f"query_{number}": term for number, term in enumerate(built)}
    return terms


def _make_term(table: Table, conditions: Sequence[ColumnElement[bool]]) -> Term:
    check = exists().where(table.c.run == runs.c.id, *conditions).correlate(runs)
    return Term(check, (select(table.c.run).where(*conditions),))


def _join_checks(terms: Mapping[str, Term], first: str | None) -> list[ColumnElement[bool]]:
    """What is left to check of runs that the term `first` found, or of any run."""
    checks = [term.check for name, term in terms.items() if name != first or not term.is_exact]
    if len(checks) <= PLANNED:
        return checks
    return [*checks[:PLANNED], func.coalesce(and_(*checks[PLANNED:]), false())]


def _unite(term: Term, at_most: int | None = None) -> Any:
    """The numbers of the runs that meet a term, from its indexes, as a subquery."""
    if len(term.candidates) == 1:
        return term.candidates[0].limit(at_most).subquery() if at_most else term.candidates[0]
    if at_most is None:
        return union_all(*term.candidates)
    return union_all(*(select(each.limit(at_most).subquery()) for each in term.candidates)).subquery()
