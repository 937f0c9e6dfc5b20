"""An overview of what is in the database: asked for again and again, and so answered from indexes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from modellab.errors import NotFound
from modellab.records import RUN_STATUSES, SYSTEM_PREFIX
from modellab.records.overview import DayCount, FailedRun, NewestValue, Overview, RunningRun
from modellab.store.best_values import Direction, find_best
from modellab.store.engine import Database
from modellab.store.pages import check_count
from modellab.store.platform_tables import artifacts, blobs, datasets
from modellab.store.scope import Scope
from modellab.store.tables import metrics, runs, writers
from modellab.store.times import format_time, now_us

MAX_DAYS = 366
"""Days that an overview counts runs of."""
MAX_RUNNING = 50
"""Running runs that an overview tells of, the newest."""
MAX_FAILED = 20
"""Failed runs that an overview tells of, those that ended last."""
MAX_VALUES = 6
"""Metrics of a running run whose newest values are told, the first by name."""

_DAY_US = 86_400_000_000
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_IS_OWN = metrics.c.key.not_like(f"{SYSTEM_PREFIX}%")
_PROGRESS = (
    select(metrics.c.run, func.count().label("n"), func.max(metrics.c.last_step).label("last_step"))
    .where(metrics.c.run.in_(_IDS), metrics.c.count > 0, _IS_OWN)
    .group_by(metrics.c.run)
)
_PLACE = func.row_number().over(partition_by=metrics.c.run, order_by=metrics.c.key).label("place")
_PLACED = (
    select(metrics.c.run, metrics.c.key, metrics.c.last_step, metrics.c.last, _PLACE)
    .where(metrics.c.run.in_(_IDS), metrics.c.count > 0, _IS_OWN)
    .subquery()
)
_VALUES = select(_PLACED).where(_PLACED.c.place <= MAX_VALUES).order_by(_PLACED.c.run, _PLACED.c.place)
_HEARD = (
    select(writers.c.run, func.max(writers.c.last_ms).label("last_ms"))
    .where(writers.c.run.in_(_IDS))
    .group_by(writers.c.run)
)


class OverviewShelf:
    """Overviews of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(
        self,
        find_direction: Direction,
        *,
        project_id: str | None = None,
        visible: Collection[str] | None = None,
        days: int = 90,
        at_us: int | None = None,
    ) -> Overview:
        """An overview of a project, or of all that the caller may see, with the last `days` (1 to 366).

        `visible` are the ids of the projects that the caller may see, `None` for all; `at_us` is the time
        at which the last of the days is, now if not given. Metrics of which `find_direction` does not know
        which way is better have no best value. Raises `NotFound` for a project that is not there.
        """
        check_count("days", days, MAX_DAYS)
        scope = Scope(project_id, visible)
        with self._database.snapshot() as connection:
            n_projects = connection.execute(scope.projects()).scalar_one()
            if project_id is not None and not n_projects:
                raise NotFound(f"There is no project {project_id[:60]}.")
            counts = _count_runs(connection, scope)
            n_datasets, updated_us = _count_datasets(connection, scope)
            moments = [moment for moment in (*counts.moments, updated_us) if moment is not None]
            return Overview(
                n_runs=counts.by_status.total(),
                n_by_status={status: counts.by_status[status] for status in RUN_STATUSES},
                n_projects=n_projects,
                n_datasets=n_datasets,
                n_artifacts=counts.n_artifacts,
                n_bytes=_count_bytes(connection, scope),
                last_activity_at=format_time(max(moments, default=None)),
                days=counts.list_days((now_us() if at_us is None else at_us) // _DAY_US, days),
                running=_list_running(connection, scope),
                failed=_list_failed(connection, scope),
                best=find_best(connection, scope, find_direction),
            )


class _RunCounts:
    """What one look at all runs gives."""

    def __init__(self) -> None:
        self.by_status: Counter[str] = Counter()
        self.by_day: Counter[int] = Counter()
        self.failed_by_day: Counter[int] = Counter()
        self.n_artifacts = 0
        self.moments: list[int | None] = []

    def add(self, row: Any) -> None:
        self.by_status[row.status] += row.n
        self.by_day[row.day] += row.n
        self.failed_by_day[row.day] += row.n if row.status == "failed" else 0
        self.n_artifacts += int(row.n_artifacts)
        self.moments += (row.started_us, row.ended_us)

    def list_days(self, last: int, n: int) -> list[DayCount]:
        """The `n` days up to `last`, a number of days since 1970."""
        return [
            DayCount(day=_name_day(day), n_runs=self.by_day[day], n_failed=self.failed_by_day[day])
            for day in range(last - n + 1, last + 1)
        ]


def _name_day(day: int) -> str:
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day):%Y-%m-%d}"


def _count_runs(connection: Connection, scope: Scope) -> _RunCounts:
    day = (runs.c.started_us // _DAY_US).label("day")
    statement = (
        select(
            runs.c.status,
            day,
            func.count().label("n"),
            func.sum(runs.c.n_artifacts).label("n_artifacts"),
            func.max(runs.c.started_us).label("started_us"),
            func.max(runs.c.ended_us).label("ended_us"),
        )
        .where(*scope.most_runs())
        .group_by(runs.c.status, day)
    )
    counts = _RunCounts()
    for row in connection.execute(statement):
        counts.add(row)
    return counts


def _count_datasets(connection: Connection, scope: Scope) -> tuple[int, int | None]:
    """How many names of datasets there are, and when one was last changed."""
    named = (
        select(func.max(datasets.c.updated_us).label("updated_us"))
        .where(*scope.datasets())
        .group_by(datasets.c.project_id, datasets.c.name)
        .subquery()
    )
    n, updated_us = connection.execute(select(func.count(), func.max(named.c.updated_us))).one()
    return n, updated_us


def _count_bytes(connection: Connection, scope: Scope) -> int:
    total = select(func.sum(blobs.c.size))
    if not scope.is_all:
        of_runs = select(artifacts.c.sha256).where(
            artifacts.c.run.in_(select(runs.c.id).where(*scope.most_runs()))
        )
        of_datasets = select(datasets.c.sha256).where(*scope.datasets())
        total = total.where(blobs.c.sha256.in_(of_runs) | blobs.c.sha256.in_(of_datasets))
    return int(connection.execute(total).scalar_one() or 0)


def _list_running(connection: Connection, scope: Scope) -> list[RunningRun]:
    statement = select(runs.c.id, runs.c.run_id, runs.c.name, runs.c.project_id, runs.c.started_us)
    statement = statement.where(runs.c.status == "running", *scope.runs())
    order = (runs.c.started_us.desc(), runs.c.id.desc())
    rows = connection.execute(statement.order_by(*order).limit(MAX_RUNNING)).all()
    ids = {"ids": [row.id for row in rows]}
    progress = {row.run: row for row in connection.execute(_PROGRESS, ids)}
    heard = {row.run: row.last_ms for row in connection.execute(_HEARD, ids)}
    values = _read_values(connection, ids["ids"])
    return [
        RunningRun(
            run_id=row.run_id,
            name=row.name,
            project_id=row.project_id,
            started_at=format_time(row.started_us),
            last_at=format_time(heard[row.id] * 1000) if row.id in heard else None,
            last_step=progress[row.id].last_step if row.id in progress else None,
            n_metrics=progress[row.id].n if row.id in progress else 0,
            values=values[row.id],
        )
        for row in rows
    ]


def _read_values(connection: Connection, numbers: Sequence[int]) -> dict[int, list[NewestValue]]:
    found: dict[int, list[NewestValue]] = {number: [] for number in numbers}
    for row in connection.execute(_VALUES, {"ids": list(numbers)}):
        value = float("nan") if row.last is None else row.last
        found[row.run].append(NewestValue(metric=row.key, step=row.last_step, value=value))
    return found


def _list_failed(connection: Connection, scope: Scope) -> list[FailedRun]:
    # Ordered in an index: the rows of all failed runs would be much to read.
    last = select(runs.c.id).where(runs.c.status == "failed", *scope.most_runs())
    last = last.order_by(runs.c.ended_us.desc().nulls_last(), runs.c.id.desc()).limit(MAX_FAILED)
    statement = select(runs.c.run_id, runs.c.name, runs.c.project_id, runs.c.ended_us, runs.c.error)
    statement = statement.where(runs.c.id.in_(last))
    order = (runs.c.ended_us.desc().nulls_last(), runs.c.id.desc())
    return [
        FailedRun(
            run_id=row.run_id,
            name=row.name,
            project_id=row.project_id,
            ended_at=format_time(row.ended_us),
            error=row.error,
        )
        for row in connection.execute(statement.order_by(*order))
    ]
