"""Which writers on other machines live: they are heard of every few seconds, or taken to be dead."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select, update

from modellab.errors import Conflict
from modellab.store.engine import Database
from modellab.store.feed import note_change
from modellab.store.ingest import is_purged, mark_dead, save_status
from modellab.store.tables import runs, writers

UNHEARD_S = 90.0
"""A writer that was not heard of for so long is taken to be dead, until it speaks again."""

_FOUND = (
    select(
        runs,
        writers.c.id.label("writer"),
        writers.c.state.label("writer_state"),
        writers.c.offset.label("writer_offset"),
    )
    .join(writers, writers.c.run == runs.c.id)
    .where(runs.c.run_id == bindparam("run_id_"), writers.c.writer_id == bindparam("writer_id_"))
    .with_for_update(of=runs)
)
_UNHEARD = (
    select(runs.c.run_id, writers.c.writer_id)
    .join(runs, runs.c.id == writers.c.run)
    .where(writers.c.state == "live", writers.c.seen_ms < bindparam("since_ms"))
)


def now_ms() -> int:
    """The time now, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def note_heartbeat(
    database: Database,
    run_id: str,
    writer_id: str,
    offset: int,
    *,
    visible: Collection[str] | None = None,
    at_ms: int | None = None,
) -> int:
    """Note that a writer lives that has sent `offset` bytes; how many of them are there.

    One that was taken to be dead is alive again. Raises `Conflict` (with `expected`) if bytes are
    missing. `visible` as in `ingest`: a run that belongs elsewhere is answered like one that is not there.
    """
    with database.write() as connection:
        keys = {"run_id_": run_id, "writer_id_": writer_id}
        row = connection.execute(_FOUND, keys).mappings().one_or_none()
        if row is None and is_purged(connection, run_id):
            return offset
        if row and visible is not None and row["project_id"] not in visible:
            row = None
        reached = row["writer_offset"] if row else 0
        if reached < offset:
            raise Conflict(f"Bytes {reached} to {offset} of this journal are missing.", expected=reached)
        if row and row["writer_state"] in ("live", "dead"):
            revived = row["writer_state"] == "dead"
            values: dict[str, Any] = {"seen_ms": now_ms() if at_ms is None else at_ms, "state": "live"}
            connection.execute(update(writers).where(writers.c.id == row["writer"]).values(values))
            if revived:
                save_status(connection, row["id"], {column.name: row[column.name] for column in runs.c})
                note_change(connection, database, row["id"], "changed")
    return int(reached)


def mark_unheard(database: Database, since_ms: int) -> int:
    """Mark writers dead that send over a network and were last heard of before `since_ms`; how many."""
    with database.read() as connection:
        found = connection.execute(_UNHEARD, {"since_ms": since_ms}).all()
    return sum(mark_dead(database, *row, unheard_since_ms=since_ms) for row in found)
