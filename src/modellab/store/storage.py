"""How much room things take, by project."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select, union

from modellab.records.storage import ProjectStorage, Storage
from modellab.store.engine import Database
from modellab.store.platform_tables import artifacts, blobs, datasets
from modellab.store.tables import metrics, runs

_IS_THERE = runs.c.deleted_us.is_(None)
_PROJECT = func.coalesce(runs.c.project_id, "").label("project_id")
_RUNS = select(_PROJECT, func.count().label("n")).where(_IS_THERE).group_by(_PROJECT)
_POINTS = (
    select(_PROJECT, func.sum(metrics.c.count).label("n"))
    .join(runs, runs.c.id == metrics.c.run)
    .where(_IS_THERE)
    .group_by(_PROJECT)
)


def _sum_sizes(content: Select[Any]) -> Select[Any]:
    """Bytes by project of content that stands there once for each project."""
    found = content.subquery()
    return (
        select(found.c.project_id, func.sum(blobs.c.size).label("n"))
        .join(blobs, blobs.c.sha256 == found.c.sha256)
        .group_by(found.c.project_id)
    )


_OF_ARTIFACTS = select(_PROJECT, artifacts.c.sha256).join(runs, runs.c.id == artifacts.c.run)
_OF_DATASETS = select(datasets.c.project_id, datasets.c.sha256)
_ARTIFACT_BYTES = _sum_sizes(_OF_ARTIFACTS.where(_IS_THERE).distinct())
_DATASET_BYTES = _sum_sizes(_OF_DATASETS.where(datasets.c.deleted_us.is_(None)).distinct())
_IN_TRASH = union(
    _OF_ARTIFACTS.where(runs.c.deleted_us.is_not(None)),
    _OF_DATASETS.where(datasets.c.deleted_us.is_not(None), datasets.c.purged_us.is_(None)),
).subquery()
_other_runs, _others, _other_datasets = runs.alias(), artifacts.alias(), datasets.alias()
_FREED = select(_IN_TRASH.c.project_id, _IN_TRASH.c.sha256).where(
    ~exists().where(
        _others.c.sha256 == _IN_TRASH.c.sha256,
        _other_runs.c.id == _others.c.run,
        _other_runs.c.deleted_us.is_(None),
    ),
    ~exists().where(_other_datasets.c.sha256 == _IN_TRASH.c.sha256, _other_datasets.c.deleted_us.is_(None)),
)
_TRASH_BYTES = _sum_sizes(_FREED)
_BY_PROJECT: tuple[Any, ...] = (_RUNS, _POINTS, _ARTIFACT_BYTES, _DATASET_BYTES, _TRASH_BYTES)
_KEPT_BYTES = select(func.sum(blobs.c.size))


class StorageShelf:
    """What one database and its kept files take."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, *, visible: Collection[str] | None = None) -> Storage:
        """What everything takes; `visible` are the projects that the caller may see, `None` for all."""
        with self._database.snapshot() as connection:
            counts = [_read_counts(connection, statement) for statement in _BY_PROJECT]
            kept = None if visible is not None else int(connection.execute(_KEPT_BYTES).scalar_one() or 0)
        names = set().union(*counts)
        shown = [
            _as_project(name, *(found.get(name, 0) for found in counts))
            for name in sorted(names if visible is None else names & set(visible))
        ]
        shown.sort(key=lambda one: one.artifact_bytes + one.dataset_bytes + one.trash_bytes, reverse=True)
        return Storage(
            database_bytes=None if visible is not None else self._database.size_bytes(),
            kept_bytes=kept,
            n_points=sum(one.n_points for one in shown),
            trash_bytes=sum(one.trash_bytes for one in shown),
            projects=shown,
        )


def _read_counts(connection: Connection, statement: Any) -> dict[str, int]:
    return {row.project_id: int(row.n) for row in connection.execute(statement)}


def _as_project(
    name: str, n_runs: int, n_points: int, of_runs: int, of_data: int, freed: int
) -> ProjectStorage:
    return ProjectStorage(
        project_id=name or None,
        n_runs=n_runs,
        n_points=n_points,
        artifact_bytes=of_runs,
        dataset_bytes=of_data,
        trash_bytes=freed,
    )
