"""Runs as a table: any fields as columns, in the order of any fields, a stretch of rows at a time.

A table is answered in two steps. The numbers of its rows come from one statement that sorts them; what
their cells hold is then read for these runs alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, func, select

from modellab.errors import InvalidInput
from modellab.query import Field, SortKey, parse_field, parse_sort_key
from modellab.records import SYSTEM_PREFIX, RunFilter, RunStatus
from modellab.store.engine import Database
from modellab.store.filters import bind_values, check_filter
from modellab.store.ordering import order_runs
from modellab.store.pages import check_count
from modellab.store.run_values import IDS, columns_of, mark_cut, read_cells, read_field, shorten
from modellab.store.selection import Matching, match_runs
from modellab.store.tables import metrics, runs, writers
from modellab.store.times import format_time

MAX_ROWS = 1000
"""Rows in one answer."""
MAX_COLUMNS = 200
"""Columns of a table, beside the fixed ones."""
MAX_RUN_IDS = 500
"""Runs that a table may be restricted to by their ids."""

_FIXED = tuple(
    runs.c[name]
    for name in (
        "id",
        "run_id",
        "name",
        "project_id",
        "status",
        "started_us",
        "ended_us",
        "dataset_id",
        "parent_id",
        "seed",
        "n_artifacts",
    )
)
_BRIEF = select(runs.c.id, runs.c.run_id, runs.c.status, runs.c.seed).where(runs.c.id.in_(IDS))
_OF_RUNS = runs.c.run_id.in_(bindparam("run_ids", expanding=True))
_N_NESTED = (
    select(runs.c.parent_id, func.count())
    .where(runs.c.parent_id.in_(bindparam("run_ids", expanding=True)), runs.c.deleted_us.is_(None))
    .group_by(runs.c.parent_id)
)
_LAST_STEPS = (
    select(metrics.c.run, func.max(metrics.c.last_step))
    .where(metrics.c.run.in_(IDS), metrics.c.key.not_like(f"{SYSTEM_PREFIX}%"))
    .group_by(metrics.c.run)
)
_LAST_TIMES = (
    select(writers.c.run, func.max(writers.c.last_ms)).where(writers.c.run.in_(IDS)).group_by(writers.c.run)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A column: its field as the query language writes it, and what kind of value it has."""

    field: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A run in a table. `values` are those of the columns, `None` where the run has none.

    `last_step` is the largest step of its metrics and `last_at` when it was last heard of; both are only
    told of a run that is running. `n_nested` counts the runs that lie directly in it. `note` and `error` are
    cut after 300 characters, with a `…`.
    """

    run_id: str
    name: str | None
    project_id: str | None
    status: RunStatus
    started_at: str
    duration_s: float | None
    dataset_id: str | None
    parent_id: str | None
    seed: int | None
    n_artifacts: int
    n_nested: int
    note: str | None
    error: str | None
    tags: Mapping[str, str]
    last_step: int | None
    last_at: str | None
    values: Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Some rows of a table that has `total`."""

    total: int
    columns: Sequence[TableColumn]
    rows: Sequence[TableRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunColumns:
    """Many runs, column by column, newest first; `n_left_out` older ones match too."""

    run_ids: Sequence[str]
    statuses: Sequence[RunStatus]
    seeds: Sequence[int | None]
    values: Sequence[Sequence[Any]]
    n_left_out: int


class RunTable:
    """The runs of one database as tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(
        self,
        wanted: RunFilter | None = None,
        *,
        columns: Sequence[str] = (),
        sort: Sequence[str] = (),
        run_ids: Sequence[str] | None = None,
        limit: int = MAX_ROWS,
        offset: int = 0,
    ) -> Table:
        """`limit` (1 to 1000) rows of the runs that match, after the first `offset`.

        `columns` and `sort` are fields of the query language; `-` before one sorts the largest first, and
        without any the newest run is first. `run_ids` keeps only these (at most 500) of the runs that match.
        """
        check_count("limit", limit, MAX_ROWS)
        fields, keys = read_columns(columns), _read_sort(sort)
        with self._database.read() as connection:
            matching = self._match(connection, wanted, run_ids)
            count = select(func.count()).select_from(runs).where(*matching.conditions)
            total = connection.execute(
                count, matching.values, execution_options=matching.options
            ).scalar_one()
            ids = self._sort(connection, matching, keys, limit=limit, offset=offset)
            rows = _read_rows(connection, ids, fields, whole=False)
        return Table(total=total, columns=describe_columns(fields), rows=rows)

    def iterate(
        self,
        wanted: RunFilter | None = None,
        *,
        columns: Sequence[str] = (),
        sort: Sequence[str] = (),
        run_ids: Sequence[str] | None = None,
    ) -> Iterator[Sequence[TableRow]]:
        """All rows, up to 1000 at a time, with whole texts; wrong questions raise before the first.

        Which runs they are and their order are decided at the beginning; a run that is purged meanwhile is
        left out.
        """
        fields, keys = read_columns(columns), _read_sort(sort)
        with self._database.read() as connection:
            matching = self._match(connection, wanted, run_ids)
            ids = self._sort(connection, matching, keys)
        return self._iterate(ids, fields)

    def read_columns(
        self, wanted: RunFilter | None = None, *, columns: Sequence[str], at_most: int
    ) -> RunColumns:
        """Fields of the `at_most` newest runs that match, for what is worked out over many runs."""
        fields = read_columns(columns)
        rows: list[Any] = []
        values: list[list[Any]] = [[] for _ in fields]
        with self._database.read() as connection:
            matching = self._match(connection, wanted, None)
            total = _count(connection, matching)
            ids = self._sort(connection, matching, [], limit=at_most)
            for start in range(0, len(ids), MAX_ROWS):
                part = ids[start : start + MAX_ROWS]
                statement = _BRIEF.add_columns(*columns_of(fields, whole=False))
                found = {row.id: row for row in connection.execute(statement, {"ids": part}).all()}
                cells = read_cells(connection, part, fields, whole=False)
                rows += (new := [found[number] for number in part if number in found])
                for column, read in zip(values, cells.readers, strict=True):
                    column += map(read, new)
        return RunColumns(
            run_ids=[row.run_id for row in rows],
            statuses=[row.status for row in rows],
            seeds=[row.seed for row in rows],
            values=values,
            n_left_out=max(0, total - at_most),
        )

    def _iterate(self, ids: Sequence[int], fields: Sequence[Field]) -> Iterator[Sequence[TableRow]]:
        for start in range(0, len(ids), MAX_ROWS):
            with self._database.read() as connection:
                rows = _read_rows(connection, ids[start : start + MAX_ROWS], fields, whole=True)
            yield rows

    def _match(
        self, connection: Connection, wanted: RunFilter | None, run_ids: Sequence[str] | None
    ) -> Matching:
        values = bind_values(check_filter(wanted or RunFilter()))
        matching = match_runs(connection, values, is_sqlite=self._database.is_sqlite)
        if run_ids is None:
            return matching
        if len(run_ids) > MAX_RUN_IDS:
            raise InvalidInput(f"There are {len(run_ids)} run_ids; at most {MAX_RUN_IDS} are allowed.")
        return matching._replace(
            conditions=[*matching.conditions, _OF_RUNS],
            values={**matching.values, "run_ids": list(dict.fromkeys(run_ids))},
        )

    def _sort(
        self,
        connection: Connection,
        matching: Matching,
        keys: Sequence[SortKey],
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> Sequence[int]:
        """The numbers of the runs that match, in the order of the keys."""
        order = order_runs(keys, is_sqlite=self._database.is_sqlite)
        statement = (
            select(runs.c.id)
            .select_from(order.source)
            .where(*matching.conditions)
            .order_by(*order.expressions)
        )
        values = {**matching.values, **order.values}
        if limit is not None:
            statement = statement.limit(bindparam("limit", type_=Integer))
            statement = statement.offset(bindparam("offset", type_=Integer))
            values |= {"limit": limit, "offset": offset}
        return connection.execute(statement, values, execution_options=matching.options).scalars().all()


def _count(connection: Connection, matching: Matching) -> int:
    statement = select(func.count()).select_from(runs).where(*matching.conditions)
    return int(
        connection.execute(statement, matching.values, execution_options=matching.options).scalar_one()
    )


def read_columns(texts: Sequence[str], what: str = "columns") -> list[Field]:
    """The fields that columns, or `what` else, name; raises `InvalidInput`."""
    if len(texts) > MAX_COLUMNS:
        raise InvalidInput(f"There are {len(texts)} {what}; at most {MAX_COLUMNS} are allowed.")
    return [read_field(what, text, parse_field) for text in texts]


def describe_columns(fields: Sequence[Field]) -> list[TableColumn]:
    """Columns as an answer tells them."""
    return [TableColumn(field=str(field), kind=field.type) for field in fields]


def _read_sort(texts: Sequence[str]) -> list[SortKey]:
    return [read_field("sort", text, parse_sort_key) for text in texts]


def _read_rows(
    connection: Connection, ids: Sequence[int], fields: Sequence[Field], *, whole: bool
) -> list[TableRow]:
    """The rows of these runs, in their order."""
    if not ids:
        return []
    long = [shorten(runs.c[name], "text", whole=whole).label(name) for name in ("note", "error")]
    statement = select(*_FIXED, *long, *columns_of(fields, whole=whole)).where(runs.c.id.in_(IDS))
    found = {row.id: row for row in connection.execute(statement, {"ids": ids}).all()}
    cells = read_cells(connection, ids, fields, whole=whole, all_tags=True)
    run_ids = [row.run_id for row in found.values()]
    nested: dict[str, int] = dict(connection.execute(_N_NESTED, {"run_ids": run_ids}).all())
    running = [row.id for row in found.values() if row.status == "running"]
    steps, times = _read_progress(connection, running)
    return [
        TableRow(
            run_id=row.run_id,
            name=row.name,
            project_id=row.project_id,
            status=row.status,
            started_at=format_time(row.started_us),
            duration_s=None if row.ended_us is None else (row.ended_us - row.started_us) / 1e6,
            dataset_id=row.dataset_id,
            parent_id=row.parent_id,
            seed=row.seed,
            n_artifacts=row.n_artifacts,
            n_nested=nested.get(row.run_id, 0),
            note=mark_cut(row.note, whole=whole),
            error=mark_cut(row.error, whole=whole),
            tags=cells.tags.get(row.id, {}),
            last_step=steps.get(row.id),
            last_at=times.get(row.id),
            values=[read(row) for read in cells.readers],
        )
        for row in (found[number] for number in ids if number in found)
    ]


def _read_progress(
    connection: Connection, ids: Sequence[int]
) -> tuple[Mapping[int, int | None], Mapping[int, str]]:
    """How far runs are, and when they were last heard of."""
    if not ids:
        return {}, {}
    steps: dict[int, int | None] = dict(connection.execute(_LAST_STEPS, {"ids": ids}).all())
    times = connection.execute(_LAST_TIMES, {"ids": ids})
    return steps, {run: format_time(last_ms * 1000) for run, last_ms in times}
