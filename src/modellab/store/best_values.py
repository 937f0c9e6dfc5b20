"""The best final values of the metrics that people look at, and the runs that reached them first."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from modellab.records import SYSTEM_PREFIX
from modellab.records.directions import is_of_training, says_cost
from modellab.records.evaluations import LATENCY_FOLDER
from modellab.records.overview import BestValue
from modellab.store.scope import Scope
from modellab.store.tables import metrics, runs
from modellab.store.times import format_time

MAX_BEST = 8
"""Metrics whose best values an overview tells."""
NEWEST = 100
"""Runs, the newest, whose metrics are taken for those that people look at."""
FEW = 1000
"""Runs whose metrics are looked up one by one; of more, values are tried from the best on."""

Direction = Callable[[str], bool | None]
"""Whether larger values of a metric are better; `None` where that is not known."""


def know_no_direction(_metric: str) -> bool | None:
    """What is known of which way metrics are better where nothing can be asked."""
    return None


_FINITE = (metrics.c.final > -math.inf, metrics.c.final < math.inf)
_OTHERS = (f"{SYSTEM_PREFIX}%", f"{LATENCY_FOLDER}/%")  # of the machine, and of measured calls


def find_best(connection: Connection, scope: Scope, find_direction: Direction) -> list[BestValue]:
    """The best value of each of the most common metrics: results before those on training data, then costs.

    Of each of these, the one that was reached last is first.
    """
    directions = _find_headlines(connection, scope, find_direction)
    extremes = (
        select(metrics.c.key, func.count().label("n"), func.max(metrics.c.final), func.min(metrics.c.final))
        .where(metrics.c.key.in_(list(directions)), *_FINITE, scope.metrics())
        .group_by(metrics.c.key)
    )
    look = _Look(connection, scope)
    found: list[tuple[int, BestValue]] = []
    for key, n, largest, least in connection.execute(extremes).all():
        value = largest if directions[key] else least
        row = look.find_holder(key, value)
        at = row.started_us if row.ended_us is None else row.ended_us
        best = BestValue(
            metric=key,
            higher_is_better=directions[key],
            value=value,
            previous=look.find_previous(key, row.started_us, directions[key]),
            run_id=row.run_id,
            name=row.name,
            project_id=row.project_id,
            at=format_time(at),
            n_runs=n,
        )
        found.append((at, best))
    return [best for _, best in sorted(found, key=lambda one: (_rank(one[1].metric), -one[0], one[1].metric))]


def _rank(metric: str) -> int:
    return 2 if says_cost(metric) else int(is_of_training(metric))


def _find_headlines(connection: Connection, scope: Scope, find_direction: Direction) -> dict[str, bool]:
    """The most common metrics of the newest runs of which the direction is known, and that direction.

    A cost takes no result's place.
    """
    newest = select(runs.c.id).where(*scope.runs()).order_by(runs.c.started_us.desc(), runs.c.id.desc())
    statement = (
        select(metrics.c.key, func.count().label("n"))
        .where(metrics.c.run.in_(newest.limit(NEWEST)), *_FINITE)
        .where(*(metrics.c.key.not_like(pattern) for pattern in _OTHERS))
        .group_by(metrics.c.key)
    )
    rows = list(connection.execute(statement))
    rows.sort(key=lambda row: (says_cost(row.key), -row.n, is_of_training(row.key), row.key))
    chosen: dict[str, bool] = {}
    for key, _ in rows:
        direction = find_direction(key)
        if direction is not None:
            chosen[key] = direction
        if len(chosen) == MAX_BEST:
            break
    return chosen


class _Look:
    """What is asked of each metric, with statements that are built once for all of them."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        key, value = metrics.c.key == bindparam("key_"), metrics.c.final
        earlier = [runs.c.started_us < bindparam("before_us"), *scope.hold(runs.c.project_id)]
        there = [*earlier, runs.c.deleted_us.is_(None)]
        holder = (runs.c.run_id, runs.c.name, runs.c.project_id, runs.c.started_us, runs.c.ended_us)
        self._holder = (
            select(*holder)
            .join(metrics, metrics.c.run == runs.c.id)
            .where(key, value == bindparam("value"), *scope.most_runs())
            .order_by(runs.c.started_us + 0, runs.c.id)  # a sum, lest SQLite walk through all runs in order
            .limit(1)
        )
        some = select(runs.c.id).where(*earlier).limit(FEW).subquery()
        self._count = select(func.count()).select_from(some)
        few = metrics.c.run.in_(select(runs.c.id).where(*there))
        walk = select(value).join(runs, runs.c.id == metrics.c.run).where(key, *_FINITE, *there).limit(1)
        # By whether few runs were there before, and larger values are better.
        self._previous = {
            (True, True): select(func.max(value)).where(key, *_FINITE, few),
            (True, False): select(func.min(value)).where(key, *_FINITE, few),
            (False, True): walk.order_by(value.desc()),
            (False, False): walk.order_by(value),
        }

    def find_holder(self, key: str, value: float) -> Any:
        """The first run that has the value."""
        return self._connection.execute(self._holder, {"key_": key, "value": value}).one()

    def find_previous(self, key: str, before_us: int, higher_is_better: bool) -> float | None:
        """The best value among the runs that started before."""
        before = {"before_us": before_us}
        is_few = self._connection.execute(self._count, before).scalar_one() < FEW
        statement = self._previous[is_few, higher_is_better]
        found: float | None = self._connection.execute(
            statement, {**before, "key_": key}
        ).scalar_one_or_none()
        return found
