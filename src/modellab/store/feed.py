"""What changed, in order: who knows a number of the feed asks for what came after it.

One row a run, so the feed never grows beyond the runs, and who was away long gets each run once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, text

from modellab.errors import InvalidInput
from modellab.records import RunSummary
from modellab.store.engine import Database
from modellab.store.pages import check_count
from modellab.store.platform_tables import feed
from modellab.store.run_rows import as_summary
from modellab.store.selection import SUMMARY_COLUMNS
from modellab.store.tables import metrics, runs
from modellab.store.times import format_time

Change = Literal["started", "points", "ended", "changed"]
CHANGES: tuple[Change, ...] = ("started", "points", "ended", "changed")
"""A run became known, got points, completed or failed, changed in another way that a viewer sees."""

MAX_CHANGES = 1000
"""Runs in one answer of the feed."""
PLACE_PATTERN = r"^[0-9]{1,16}(-[0-9]{1,16})?$"
"""How a place in the feed is written."""
MAX_LATEST = 200
"""Metrics of one run whose latest values the feed tells: the first by name."""

_LOCK = 0x6D6C6665  # "mlfe"
_NEWEST = select(func.coalesce(func.max(feed.c.seq), 0))
_SEQS = tuple(feed.c[f"{change}_seq"] for change in CHANGES)
_NEWS = (
    select(*SUMMARY_COLUMNS, runs.c.deleted_us, feed.c.seq, *_SEQS)
    .join(runs, runs.c.id == feed.c.run)
    .where(feed.c.seq > bindparam("after"))
    .order_by(feed.c.seq)
)
_PLACE = func.row_number().over(partition_by=metrics.c.run, order_by=metrics.c.key).label("place")
_LATEST_COLUMNS = (
    metrics.c.run,
    metrics.c.key,
    metrics.c.last_step,
    metrics.c.last,
    metrics.c.count.label("n_points"),  # rows have a method `count`
)
_PLACED = (
    select(*_LATEST_COLUMNS, _PLACE)
    .where(metrics.c.run.in_(bindparam("ids", expanding=True)), metrics.c.count > 0)
    .subquery()
)
_LATEST = select(_PLACED).where(_PLACED.c.place <= MAX_LATEST).order_by(_PLACED.c.run, _PLACED.c.place)


class Place(NamedTuple):
    """How far a listener is: it knows what came up to `known`, and has read on to `reached`.

    The two differ in the middle of many changes. A run that it has not read of may have moved on from
    there to the end: what happened to it is told by `known`.
    """

    known: int
    reached: int

    def __str__(self) -> str:
        return str(self.known) if self.known >= self.reached else f"{self.known}-{self.reached}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """The place that a text stands for, as `str` writes it; raises `InvalidInput`."""
        if re.fullmatch(PLACE_PATTERN, text) is None:
            raise InvalidInput(f"{text[:60]!r} is no place in the feed; one looks like 41 or 17-41.")
        known, _, reached = text.partition("-")
        return cls(int(known), max(int(known), int(reached or 0)))


@dataclass(frozen=True, slots=True)
class LatestValue:
    """The value of a metric at its largest step, and how many points it has."""

    step: int
    value: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChange:
    """A run that changed, as it is now.

    `seq` is the number of its newest change, `seqs` those of the newest change of each kind (0 if there
    was none). `metrics` are told when points came, else `None`.
    """

    seq: int
    seqs: Mapping[Change, int]
    run: RunSummary
    deleted_at: str | None
    metrics: Mapping[str, LatestValue] | None

    def kinds_after(self, number: int) -> Sequence[Change]:
        """The kinds of change that came after a number, in their order."""
        return find_kinds(self.seqs, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Runs that changed, in the order of their newest changes, and the place to go on from.

    `known` is what the listener knew before.
    """

    changes: Sequence[RunChange]
    known: int
    place: Place

    @property
    def is_all(self) -> bool:
        """Whether there was no more."""
        return self.place.known == self.place.reached


class FeedShelf:
    """The feed of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self) -> int:
        """The number of the newest change; 0 if there is none."""
        with self._database.read() as connection:
            return read_newest_number(connection)

    def read(
        self,
        place: Place,
        limit: int = 100,
        *,
        visible: Collection[str] | None = None,
        project_id: str | None = None,
        run_id: str | None = None,
    ) -> News:
        """The runs that changed since a place, each once and as it is now, `limit` (1 to 1000) at a time.

        Only those in `visible` projects (`None`: all), of one project, or one run, if given.
        """
        check_count("limit", limit, MAX_CHANGES)
        statement = _NEWS.limit(limit)
        for column, value in ((runs.c.project_id, project_id), (runs.c.run_id, run_id)):
            if value is not None:
                statement = statement.where(column == value)
        if visible is not None:
            statement = statement.where(runs.c.project_id.in_(list(visible)))
        with self._database.read() as connection:
            newest = read_newest_number(connection)  # before: what comes meanwhile is told twice, not never
            rows = connection.execute(statement, {"after": place.reached}).all()
            latest = _read_latest(connection, [row.id for row in rows if row.points_seq > place.known])
        last = rows[-1].seq if rows else 0
        newest = max(newest, last, place.reached)
        return News(
            changes=[_as_change(row, latest.get(row.id)) for row in rows],
            known=place.known,
            place=Place(newest, newest) if len(rows) < limit else Place(place.known, last),
        )


def find_kinds(seqs: Mapping[Change, int], after: int) -> Sequence[Change]:
    """The kinds of change whose numbers are larger than `after`, in their order."""
    return sorted((change for change in CHANGES if seqs[change] > after), key=seqs.__getitem__)


def note_change(connection: Connection, database: Database, run: int, *changes: Change) -> None:
    """Put changes of a run at the end of the feed; the last thing to do in a transaction.

    Numbers must become visible in their order, or a listener would pass over one: PostgreSQL's
    transactions wait for each other from here to their end.
    """
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    seq = connection.execute(_NEWEST).scalar_one() + 1
    values: dict[str, Any] = {"run": run, "seq": seq, **{f"{change}_seq": seq for change in changes}}
    statement = database.insert_or_update(feed, tuple(values))
    connection.execute(statement, values)


def note_changes(connection: Connection, database: Database, numbers: Sequence[int], change: Change) -> None:
    """Put one change of many runs at the end of the feed; see `note_change`."""
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    first = read_newest_number(connection) + 1
    rows = [{"run": run, "seq": seq, f"{change}_seq": seq} for seq, run in enumerate(numbers, first)]
    if rows:
        connection.execute(database.insert_or_update(feed, tuple(rows[0])), rows)


def drop_changes(connection: Connection, database: Database, numbers: Collection[int]) -> None:
    """Take runs that are purged out of the feed; numbers that were given out do not come again.

    A listener could otherwise not tell a new change from one that it knows.
    """
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    before = read_newest_number(connection)
    connection.execute(delete(feed).where(feed.c.run.in_(list(numbers))))
    after = read_newest_number(connection)
    if 0 < after < before:
        connection.execute(feed.update().where(feed.c.seq == after).values(seq=before))


def read_newest_number(connection: Connection) -> int:
    """The number of the newest change; 0 if there is none."""
    return int(connection.execute(_NEWEST).scalar_one())


def _read_latest(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, LatestValue]]:
    found: dict[int, dict[str, LatestValue]] = {number: {} for number in numbers}
    if numbers:
        for row in connection.execute(_LATEST, {"ids": list(numbers)}):
            value = float("nan") if row.last is None else row.last
            found[row.run][row.key] = LatestValue(row.last_step, value, row.n_points)
    return found


def _as_change(row: Any, latest: Mapping[str, LatestValue] | None) -> RunChange:
    return RunChange(
        seq=row.seq,
        seqs={change: row._mapping[f"{change}_seq"] for change in CHANGES},
        run=as_summary(row),
        deleted_at=format_time(row.deleted_us),
        metrics=latest,
    )
