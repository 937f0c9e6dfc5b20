"""What is found by words: runs, datasets and projects, from the index of either database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    REAL,
    ColumnElement,
    Connection,
    Double,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.types import UserDefinedType

from modellab.records import RunFilter
from modellab.records.search import SEARCH_KINDS, SearchKind
from modellab.search.words import Term
from modellab.store.engine import Database
from modellab.store.filters import bind_values, check_filter
from modellab.store.platform_tables import datasets, projects
from modellab.store.search_documents import Document, read_documents
from modellab.store.search_index import (
    N_KINDS,
    has_pending,
    index_everything,
    index_pending,
    name_item,
)
from modellab.store.search_tables import postgresql_index, sqlite_index
from modellab.store.selection import Matching, match_runs
from modellab.store.tables import runs

Item = tuple[SearchKind, int]
"""A thing in this database, by its kind and the number of its row."""

_BM25_WEIGHTS = "8.0, 4.0, 2.0, 1.0"  # of title, labels, prose, details
_RANK_WEIGHTS = "{0.1, 0.2, 0.4, 1.0}"  # of D, C, B, A


class _TSQuery(UserDefinedType[str]):
    """PostgreSQL's own type, without its dialect: importing that takes memory where it is not used."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TSQUERY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What was found by text: scores by item, best first, and how many there are beyond these."""

    scores: Mapping[Item, float]
    total: int


class SearchShelf:
    """The search of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def refresh(self) -> None:
        """Take in what plain SQL has changed; hardly anything to do where nothing has."""
        with self._database.read() as connection:
            if not has_pending(connection):
                return
        with self._database.write() as connection:
            index_pending(connection, self._database)

    def rebuild(self) -> None:
        """Make the index anew."""
        with self._database.write() as connection:
            index_everything(connection, self._database)

    def find(
        self, terms: Sequence[Term], wanted: RunFilter, *, kinds: Collection[SearchKind], limit: int
    ) -> Scored:
        """The `limit` best things that have all of the terms, of equal ones the newest first.

        Runs meet all of `wanted`; datasets and projects its `project_id` and `visible`.
        """
        wanted = check_filter(wanted)
        if not terms or not kinds:
            return Scored(scores={}, total=0)
        self.refresh()
        with self._database.read() as connection:
            matching, values = self._match(terms)
            number, score = matching.c.number, matching.c.score
            allowed = [self._allow(connection, kind, number, wanted) for kind in kinds]
            options: dict[str, Any] = {}
            for one in allowed:
                values |= one.values
                options |= one.options
            statement = select(number, score, func.count().over().label("total"))
            statement = statement.where(or_(*(and_(*one.conditions) for one in allowed)))
            statement = statement.order_by(score.desc(), number.desc()).limit(limit)
            rows = connection.execute(statement, values, execution_options=options).all()
        return Scored(
            scores={name_item(row.number): float(row.score) for row in rows},
            total=rows[0].total if rows else 0,
        )

    def describe(self, items: Sequence[Item]) -> dict[Item, Document]:
        """The documents of things; those that have gone meanwhile are left out."""
        found: dict[Item, Document] = {}
        with self._database.read() as connection:
            for kind in SEARCH_KINDS:
                numbers = [number for of, number in items if of == kind]
                for number, document in read_documents(connection, kind, numbers).items():
                    found[kind, number] = document
        return found

    def _match(self, terms: Sequence[Term]) -> tuple[Subquery, dict[str, Any]]:
        """The numbers and scores of all that match, and the values to bind."""
        if self._database.is_sqlite:
            bm25 = literal_column(f"-bm25(search_index, {_BM25_WEIGHTS})", Double)
            matches = sqlite_index.c.search_index.op("MATCH")(bindparam("terms"))
            matching = select(sqlite_index.c.rowid.label("number"), bm25.label("score")).where(matches)
            # With a limit it is answered by itself, from the index of words; else SQLite may look up one by
            # one what it finds elsewhere, a thousand times slower.
            return matching.limit(-1).subquery(), {"terms": _write_fts5(terms)}
        query = cast(bindparam("terms", type_=Text), _TSQuery)
        weights = cast(bindparam("weights", type_=Text), ARRAY(REAL))
        values = {"terms": _write_tsquery(terms), "weights": _RANK_WEIGHTS}
        number, body = postgresql_index.c
        score = func.ts_rank(weights, body, query, type_=Double)
        matching = select(number.label("number"), score.label("score")).where(body.op("@@")(query))
        return matching.subquery(), values

    def _allow(
        self, connection: Connection, kind: SearchKind, number: ColumnElement[int], wanted: RunFilter
    ) -> Matching:
        """What rows of the index meet that are of a kind and may be found."""
        is_kind = number % N_KINDS == SEARCH_KINDS.index(kind)
        if kind == "run":
            bound = bind_values(wanted)
            if set(bound) == {"not_in_trash"}:  # all but a few: these are looked at instead
                trashed = select(runs.c.id * N_KINDS).where(runs.c.deleted_us.is_not(None))
                return Matching([is_kind, number.not_in(trashed)], {}, {})
            matching = match_runs(connection, bound, is_sqlite=self._database.is_sqlite)
            numbers = select(runs.c.id * N_KINDS).where(*matching.conditions)
            return Matching([is_kind, number.in_(numbers)], matching.values, matching.options)
        table = datasets if kind == "dataset" else projects
        place = SEARCH_KINDS.index(kind)
        conditions: list[ColumnElement[bool]] = [table.c.deleted_us.is_(None)]
        if wanted.project_id is not None:
            conditions.append(table.c.project_id == wanted.project_id)
        if wanted.visible is not None:
            conditions.append(table.c.project_id.in_(sorted(wanted.visible)))
        found = select(table.c.id * N_KINDS + place).where(*conditions)
        return Matching([is_kind, number.in_(found)], {}, {})


def _write_fts5(terms: Sequence[Term]) -> str:
    """Terms as FTS5 reads them. Words are letters and digits, so that none can be taken for an operator."""
    return " AND ".join(f'"{" ".join(term.words)}"{"*" if term.is_prefix else ""}' for term in terms)


def _write_tsquery(terms: Sequence[Term]) -> str:
    """Terms as PostgreSQL reads a `tsquery`."""
    phrases = []
    for term in terms:
        *whole, last = (f"'{word}'" for word in term.words)
        phrases.append(f"({' <-> '.join([*whole, f'{last}:*' if term.is_prefix else last])})")
    return " & ".join(phrases)
