"""The trash: what was deleted lies here, out of every list, until it is restored or purged.

What was deleted at once has one and the same `deleted_us`, by which it comes back together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CTE, Connection, Select, func, literal, select, tuple_, union_all, update

from modellab.errors import InvalidInput, NotFound
from modellab.records.projects import TRASH_KINDS, Purge, TrashItem, TrashKind
from modellab.store.engine import Database
from modellab.store.feed import note_changes
from modellab.store.files import FileShelf
from modellab.store.pages import MAX_PAGE, Page, check_count, read_cursor, write_cursor
from modellab.store.platform_tables import datasets, projects, purged_runs
from modellab.store.projects import claim_project
from modellab.store.purging import Purger, Wanted
from modellab.store.tables import runs
from modellab.store.times import format_time, now_us

_CHUNK = 5000
_TABLES = {"project": projects, "dataset": datasets, "run": runs}
_IDS = {"project": projects.c.project_id, "dataset": datasets.c.dataset_id, "run": runs.c.run_id}


class TrashShelf:
    """The trash of one store; `journals` is the folder of the journals of local runs."""

    def __init__(self, database: Database, journals: Path, files: FileShelf) -> None:
        self._database = database
        self._purger = Purger(database, journals, files)

    def put_run(self, run_id: str) -> TrashItem:
        """Delete a run and the runs of its project that are nested in it; raises `NotFound`.

        A run that is still being recorded goes on in the trash.
        """
        stamp = now_us()
        with self._database.write() as connection:
            _find(connection, "run", run_id, in_trash=False, to_change=True)
            stamp_runs(connection, self._database, read_trees(connection, [run_id]), stamp)
            return _read_item(connection, "run", run_id)

    def put_dataset(self, dataset_id: str) -> TrashItem:
        """Delete one version of a dataset; raises `NotFound`."""
        with self._database.write() as connection:
            row = _find(connection, "dataset", dataset_id, in_trash=False, to_change=True)
            connection.execute(update(datasets).where(datasets.c.id == row.id).values(deleted_us=now_us()))
            return _read_item(connection, "dataset", dataset_id)

    def put_project(self, project_id: str) -> TrashItem:
        """Delete a project with all its runs and datasets; raises `NotFound`."""
        stamp = now_us()
        with self._database.write() as connection:
            row = _find(connection, "project", project_id, in_trash=False, to_change=True)
            connection.execute(update(projects).where(projects.c.id == row.id).values(deleted_us=stamp))
            numbers = _stamp_datasets(connection, project_id, None, stamp)
            stamp_runs(connection, self._database, numbers, stamp)
            return _read_item(connection, "project", project_id)

    def get(self, kind: TrashKind, item_id: str) -> TrashItem:
        """One thing in the trash, also one that went there with another; raises `NotFound`."""
        with self._database.read() as connection:
            return _read_item(connection, kind, item_id)

    def list(
        self,
        kind: TrashKind | None = None,
        *,
        visible: Collection[str] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[TrashItem]:
        """What lies in the trash, the latest first, `limit` (1 to 1000) at a time.

        What went there with its project or with the run around it is not listed by itself. `visible`
        are the projects that the caller may see, `None` for all.
        """
        check_count("limit", limit, MAX_PAGE)
        parts = [_select_roots(name) for name in TRASH_KINDS if kind in (None, name)]
        found = union_all(*parts).subquery()
        statement = select(found)
        if visible is not None:
            statement = statement.where(found.c.project_id.in_(sorted(visible)))
        place = (found.c.deleted_us, found.c.place, found.c.number)
        if cursor is not None:
            statement = statement.where(tuple_(*place) < tuple_(*read_cursor(cursor, 3)))
        statement = statement.order_by(*(column.desc() for column in place)).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
            items = _as_items(connection, rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(items, write_cursor(last.deleted_us, last.place, last.number) if last else None)

    def find_project(self, kind: TrashKind, item_id: str) -> str | None:
        """The project that something in the trash belongs to (a project's is itself); raises `NotFound`."""
        with self._database.read() as connection:
            row = _find(connection, kind, item_id, in_trash=True)
        return cast("str | None", row.project_id or None)

    def find_run(self, ending: str) -> str:
        """The id of the one run in the trash whose id begins, or else ends, with `ending`.

        Raises `NotFound`, and `InvalidInput` if several fit.
        """
        in_trash = select(runs.c.run_id).where(runs.c.deleted_us.is_not(None)).limit(2)
        with self._database.read() as connection:
            for pattern in (
                runs.c.run_id == ending,
                runs.c.run_id.istartswith(ending, autoescape=True),
                runs.c.run_id.iendswith(ending, autoescape=True),
            ):
                found = connection.execute(in_trash.where(pattern)).scalars().all()
                if len(found) == 1:
                    return str(found[0])
                if found:
                    raise InvalidInput(f"More than one run id fits {ending!r}.", hint="Give more characters.")
        raise report_absent("run", ending)

    def check_free(self, run_id: str) -> None:
        """Raise `NotFound` if a run lies in the trash or was purged, so that nothing is to be added to it."""
        in_trash = select(runs.c.id).where(runs.c.run_id == run_id, runs.c.deleted_us.is_not(None))
        purged = select(purged_runs.c.run_id).where(purged_runs.c.run_id == run_id)
        with self._database.read() as connection:
            if connection.execute(in_trash).first() is not None:
                raise NotFound(f"Run {run_id} lies in the trash.", hint=f"modellab restore {run_id}")
            if connection.execute(purged).first() is not None:
                raise NotFound(f"Run {run_id} was purged.", hint="For a new run, give no run_id.")

    def restore(self, kind: TrashKind, item_id: str) -> TrashItem:
        """Bring something back with all that was deleted with it; what it was in the trash.

        Of a run that went there with others, only those nested in it come back with it; the run around it
        stays in the trash, and stays its parent until it is purged. The project of a run or dataset comes
        back too, without its other things. Raises `NotFound`.
        """
        with self._database.write() as connection:
            row = _find(connection, kind, item_id, in_trash=True, to_change=True)
            item = _read_item(connection, kind, item_id)
            numbers: Sequence[int] = []
            if kind == "run":
                numbers = read_trees(connection, [item_id])
            else:
                table = _TABLES[kind]
                connection.execute(update(table).where(table.c.id == row.id).values(deleted_us=None))
            if kind == "project":
                numbers = _stamp_datasets(connection, item_id, row.deleted_us, None)
            elif row.project_id:
                claim_project(connection, self._database, row.project_id)
            n_runs = stamp_runs(connection, self._database, numbers, None)
        n_datasets = item.n_datasets if kind == "project" else int(kind == "dataset")
        return replace(item, n_runs=n_runs, n_datasets=n_datasets)

    def purge(
        self,
        kind: TrashKind | None = None,
        item_id: str | None = None,
        *,
        older_than_s: float | None = None,
        at_us: int | None = None,
    ) -> Purge:
        """Remove for good what lies in the trash: one thing with all that went with it, or everything.

        A project takes along all of it that lies in the trash. With `older_than_s`, only what was deleted
        so many seconds before `at_us` (now if not given) or earlier. Bytes that nobody else has are freed.
        A run that is still being recorded stays in the trash; named itself, or within a project named, it is
        a `Conflict`. Raises `NotFound`.
        """
        if older_than_s is not None and not 0 <= older_than_s < 1e10:
            raise InvalidInput(f"older_than_s is {older_than_s}; it may be 0 or more.")
        before_us = (now_us() if at_us is None else at_us) - int((older_than_s or 0) * 1e6)
        if kind is None or item_id is None:
            return self._purger.purge(Wanted(before_us=before_us))
        with self._database.read() as connection:
            _find(connection, kind, item_id, in_trash=True)
            numbers = read_trees(connection, [item_id]) if kind == "run" else None
        return self._purger.purge(Wanted(before_us=before_us, kind=kind, item_id=item_id, runs=numbers))


def stamp_runs(
    connection: Connection, database: Database, numbers: Collection[int], stamp: int | None
) -> int:
    """Say when runs were deleted, as the last thing in a transaction; how many are still there."""
    there: list[int] = []
    for chunk in _chunks(sorted(numbers)):
        # A purge may have been faster. Held in the order in which it holds them.
        held = select(runs.c.id).where(runs.c.id.in_(chunk)).order_by(runs.c.id).with_for_update()
        still = connection.execute(held).scalars().all()
        connection.execute(update(runs).where(runs.c.id.in_(still)).values(deleted_us=stamp))
        there += still
    note_changes(connection, database, there, "changed")
    return len(there)


def _stamp_datasets(
    connection: Connection, project_id: str, before: int | None, after: int | None
) -> Sequence[int]:
    """Move the datasets of a project from one time of deletion to another; the numbers of such runs of it."""
    own = (datasets.c.project_id == project_id, datasets.c.deleted_us.is_not_distinct_from(before))
    connection.execute(update(datasets).where(*own).values(deleted_us=after))
    mine = (runs.c.project_id == project_id, runs.c.deleted_us.is_not_distinct_from(before))
    return connection.execute(select(runs.c.id).where(*mine)).scalars().all()


def report_absent(kind: TrashKind, item_id: str) -> NotFound:
    """The error that says that something is not in the trash; the same whoever asks."""
    return NotFound(
        f"There is no {kind} {item_id[:60]} in the trash.", hint="`modellab trash` lists what there is."
    )


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK))


def _find(
    connection: Connection, kind: TrashKind, item_id: str, *, in_trash: bool, to_change: bool = False
) -> Any:
    """The row of something; `to_change` keeps others, such as a purge, from it until the transaction ends."""
    table = _TABLES[kind]
    wanted = select(table.c.id, table.c.project_id, table.c.deleted_us).where(_IDS[kind] == item_id)
    if kind == "dataset":
        wanted = wanted.where(datasets.c.purged_us.is_(None))
    row = connection.execute(wanted.with_for_update() if to_change else wanted).one_or_none()
    if in_trash and (row is None or row.deleted_us is None):
        raise report_absent(kind, item_id)
    if not in_trash and (row is None or row.deleted_us is not None):
        raise NotFound(f"There is no {kind} {item_id[:60]}.", hint="It may lie in the trash.")
    return row


def read_trees(connection: Connection, run_ids: Sequence[str]) -> Sequence[int]:
    """The numbers of runs and of those nested in them: of their projects, with their times of deletion."""
    nested = runs.alias("nested")
    columns = (runs.c.id, runs.c.run_id, runs.c.project_id, runs.c.deleted_us)
    tree: CTE = select(*columns).where(runs.c.run_id.in_(run_ids)).cte("tree", recursive=True)
    below = (
        select(*(nested.c[column.name] for column in columns))
        .join(tree, nested.c.parent_id == tree.c.run_id)
        .where(
            nested.c.deleted_us.is_not_distinct_from(tree.c.deleted_us),
            nested.c.project_id.is_not_distinct_from(tree.c.project_id),
        )
    )
    tree = tree.union(below)  # and not `union_all`: of runs that name each other none comes twice
    return connection.execute(select(tree.c.id)).scalars().all()


def _read_item(connection: Connection, kind: TrashKind, item_id: str) -> TrashItem:
    wanted = _select_items(kind).where(_IDS[kind] == item_id, _TABLES[kind].c.deleted_us.is_not(None))
    items = _as_items(connection, connection.execute(wanted).all())
    if not items:
        raise report_absent(kind, item_id)
    return items[0]


def _select_items(kind: TrashKind) -> Select[Any]:
    table = _TABLES[kind]
    return select(
        literal(TRASH_KINDS.index(kind)).label("place"),
        table.c.id.label("number"),
        _IDS[kind].label("item_id"),
        table.c.name,
        table.c.project_id,
        table.c.deleted_us,
    )


def _select_roots(kind: TrashKind) -> Select[Any]:
    """What was deleted by itself rather than with something around it."""
    table = _TABLES[kind]
    statement = _select_items(kind).where(table.c.deleted_us.is_not(None))
    if kind == "dataset":
        statement = statement.where(datasets.c.purged_us.is_(None))
    if kind == "project":
        return statement
    around = projects.alias("around")
    with_project = (
        select(around.c.id)
        .where(around.c.project_id == table.c.project_id, around.c.deleted_us == table.c.deleted_us)
        .exists()
    )
    statement = statement.where(~with_project)
    if kind == "dataset":
        return statement
    outer = runs.alias("outer_runs")
    with_parent = (
        select(outer.c.id)
        .where(outer.c.run_id == runs.c.parent_id, outer.c.deleted_us == runs.c.deleted_us)
        .exists()
    )
    return statement.where(~with_parent)


def _as_items(connection: Connection, rows: Sequence[Any]) -> list[TrashItem]:
    stamps = {row.deleted_us for row in rows}
    counts = []
    for table in (runs, datasets):
        counted = select(table.c.deleted_us, func.count()).where(table.c.deleted_us.in_(stamps))
        counted = counted.group_by(table.c.deleted_us)
        counts.append({row[0]: row[1] for row in connection.execute(counted)})
    return [
        TrashItem(
            kind=TRASH_KINDS[row.place],
            id=row.item_id,
            name=row.name,
            project_id=row.project_id or None,
            deleted_at=format_time(row.deleted_us),
            n_runs=counts[0].get(row.deleted_us, 0),
            n_datasets=counts[1].get(row.deleted_us, 0),
        )
        for row in rows
    ]
