"""Bytes that a project names but may not read: kept for others, and never sent by one of its own.

Bytes are kept once by their checksum. Somebody who may see some projects only could name those of others
in a journal; they are withheld from the project then, as if they were not here, until its bytes arrive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, delete, exists, func, select

from modellab.store.engine import Database
from modellab.store.platform_tables import artifacts, blobs, datasets, withheld
from modellab.store.tables import runs

_OF_ARTIFACT = exists().where(
    withheld.c.sha256 == artifacts.c.sha256, withheld.c.project_id == runs.c.project_id
)
_OF_DATASET = exists().where(
    withheld.c.sha256 == datasets.c.sha256, withheld.c.project_id == datasets.c.project_id
)
_SUMS: BindParameter[Any] = bindparam("sums", expanding=True)
_PROJECTS: BindParameter[Any] = bindparam("projects_", expanding=True)
_READABLE = (
    select(artifacts.c.sha256)
    .join(runs, runs.c.id == artifacts.c.run)
    .where(artifacts.c.sha256.in_(_SUMS), runs.c.project_id.in_(_PROJECTS), ~_OF_ARTIFACT)
    .union(
        select(datasets.c.sha256).where(
            datasets.c.sha256.in_(_SUMS),
            datasets.c.project_id.in_(_PROJECTS),
            datasets.c.purged_us.is_(None),
            ~_OF_DATASET,
        )
    )
)
_GIVE = delete(withheld).where(withheld.c.sha256.in_(_SUMS), withheld.c.project_id.in_(_PROJECTS))
_KEPT = select(blobs.c.sha256).where(blobs.c.sha256.in_(_SUMS))

ARTIFACT_IS_STORED: ColumnElement[bool] = and_(blobs.c.sha256.is_not(None), ~_OF_ARTIFACT)
"""Of a row of `artifacts` joined with `runs` and, where they are kept, `blobs`."""
DATASET_IS_STORED: ColumnElement[bool] = and_(
    exists().where(blobs.c.sha256 == datasets.c.sha256), ~_OF_DATASET
)
"""Of a row of `datasets`."""
# What a journal says of a size is not what counts once the bytes are here.
ARTIFACT_SIZE = func.coalesce(blobs.c.size, artifacts.c.size).label("size")
DATASET_SIZE = func.coalesce(
    select(blobs.c.size).where(blobs.c.sha256 == datasets.c.sha256).scalar_subquery(), datasets.c.size
).label("size")


def name_bytes(
    connection: Connection,
    database: Database,
    named: Iterable[tuple[str | None, str]],
    visible: Collection[str] | None,
) -> None:
    """Note that a sender names bytes, each with the project that they are for; before the rows are written.

    They are withheld unless a project of `visible` may read them. With `None` the sender sees them all.
    """
    wanted = {(project_id, sha256) for project_id, sha256 in named if project_id is not None}
    if not wanted:
        return
    if visible is None:
        for project_id, sha256 in sorted(wanted):
            give_bytes(connection, [sha256], [project_id])
        return
    readable = find_readable(connection, {sha256 for _, sha256 in wanted}, visible)
    rows = [{"project_id": one, "sha256": sha256} for one, sha256 in sorted(wanted) if sha256 not in readable]
    if rows:
        connection.execute(database.insert_or_ignore(withheld), rows)


def give_bytes(connection: Connection, sums: Collection[str], projects: Collection[str]) -> None:
    """Withhold bytes from projects no longer: somebody in them has the bytes, or may see them."""
    connection.execute(_GIVE, {"sums": list(sums), "projects_": list(projects)})


def find_readable(connection: Connection, sums: Collection[str], projects: Collection[str]) -> set[str]:
    """Those of the checksums that some of the projects name and may read, kept or still on the way."""
    keys = {"sums": list(sums), "projects_": list(projects)}
    return set(connection.execute(_READABLE, keys).scalars())


def is_stored_for(connection: Connection, sha256: str, projects: Collection[str] | None) -> bool:
    """Whether bytes need not be sent by who may log to these projects, `None` for all."""
    is_kept = connection.execute(_KEPT, {"sums": [sha256]}).first() is not None
    return is_kept and (projects is None or bool(find_readable(connection, [sha256], projects)))
