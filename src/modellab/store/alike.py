"""Runs that have much in common with one, for a closer look."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, select

from modellab.records import SYSTEM_PREFIX
from modellab.records.similar import RunTraits
from modellab.store.dataset_rows import read_uses
from modellab.store.engine import Database
from modellab.store.json_columns import decode_json
from modellab.store.runs import report_no_runs
from modellab.store.tables import metrics, params, runs

_COLUMNS = (
    *("id", "run_id", "name", "project_id", "status", "params_json"),
    *("dataset_id", "function", "git_hash"),
)
_ROWS = select(*(runs.c[name] for name in _COLUMNS))
_OWN = _ROWS.where(runs.c.run_id == bindparam("run_id_"), runs.c.deleted_us.is_(None))
_own_params = params.alias("own_params")
_SHARED = (
    select(params.c.run, func.count().label("n"))
    .join(_own_params, and_(_own_params.c.key == params.c.key, _own_params.c.text == params.c.text))
    .where(_own_params.c.run == bindparam("run_"))
    .group_by(params.c.run)
    .subquery()
)
_METRICS = select(metrics.c.run, metrics.c.key, metrics.c.final).where(
    metrics.c.run.in_(bindparam("ids", expanding=True)), metrics.c.final.is_not(None)
)


class AlikeShelf:
    """The runs of one database beside one of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(
        self, run_id: str, limit: int, *, visible: Collection[str] | None = None
    ) -> tuple[RunTraits, Sequence[RunTraits]]:
        """A run, and the `limit` others that share most params, its function and its data; newest first among
        equals. `visible` are the projects that the caller may see. Raises `NotFound`.
        """
        with self._database.read() as connection:
            own = connection.execute(_OWN, {"run_id_": run_id}).one_or_none()
            if own is None:
                raise report_no_runs([run_id])
            rows = connection.execute(_select_alike(own, visible).limit(limit), {"run_": own.id}).all()
            found = _read_traits(connection, [own, *rows])
        return found[0], found[1:]


def _select_alike(own: Any, visible: Collection[str] | None) -> Any:
    same = [
        case((column == value, 1), else_=0)
        for column, value in ((runs.c.function, own.function), (runs.c.dataset_id, own.dataset_id))
        if value is not None
    ]
    n_shared = sum(same, start=func.coalesce(_SHARED.c.n, 0))
    statement = _ROWS.outerjoin(_SHARED, _SHARED.c.run == runs.c.id).where(
        runs.c.id != own.id, runs.c.deleted_us.is_(None)
    )
    if visible is not None:
        statement = statement.where(runs.c.project_id.in_(sorted(visible)))
    return statement.order_by(n_shared.desc(), runs.c.id.desc())


def _read_traits(connection: Connection, rows: Sequence[Any]) -> list[RunTraits]:
    numbers = [row.id for row in rows]
    finals: dict[int, dict[str, float]] = {number: {} for number in numbers}
    for run, key, value in connection.execute(_METRICS, {"ids": numbers}):
        if math.isfinite(value) and not key.startswith(SYSTEM_PREFIX):
            finals[run][key] = value
    uses = read_uses(connection, numbers)
    return [
        RunTraits(
            run_id=row.run_id,
            name=row.name,
            project_id=row.project_id,
            status=row.status,
            params=decode_json(row.params_json, dict),
            metrics=finals[row.id],
            dataset_ids=frozenset(
                [use.dataset_id for use in uses[row.id]] + ([row.dataset_id] if row.dataset_id else [])
            ),
            function=row.function,
            git_hash=row.git_hash,
        )
        for row in rows
    ]
