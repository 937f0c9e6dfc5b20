"""The only way telemetry enters the database: bytes of a journal, each exactly once.

The offset reached is saved in the transaction that saves what the bytes said, so the same bytes may
be sent again, by anyone, at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from modellab.errors import Conflict
from modellab.journal.line import Batch, parse_lines
from modellab.store.engine import Database
from modellab.store.events import RunDraft
from modellab.store.points import append_points, fold
from modellab.store.status import derive_status
from modellab.store.summaries import merge_summaries
from modellab.store.tables import console, metrics, params, runs, texts, writers

_RUN = select(runs).where(runs.c.run_id == bindparam("run_id_")).with_for_update()
_WRITER = select(writers).where(
    writers.c.run == bindparam("run_"), writers.c.writer_id == bindparam("writer_id_")
)
_WRITERS = select(writers).where(writers.c.run == bindparam("run_")).order_by(writers.c.id)
_OFFSET = (
    select(writers.c.offset)
    .join(runs, runs.c.id == writers.c.run)
    .where(runs.c.run_id == bindparam("run_id_"), writers.c.writer_id == bindparam("writer_id_"))
)
_UPDATE_RUN = update(runs).where(runs.c.id == bindparam("number"))
_UPDATE_WRITER = update(writers).where(writers.c.id == bindparam("number"))
_METRICS = select(metrics).where(metrics.c.run == bindparam("run_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one call did. `offset` is where the next bytes start; `bad` are lines that could not be read."""

    offset: int
    n_points: int
    n_events: int
    bad: Sequence[bytes]
    is_ended: bool


def read_offset(database: Database, run_id: str, writer_id: str) -> int:
    """How many bytes of a journal are in the database."""
    with database.read() as connection:
        row = connection.execute(_OFFSET, {"run_id_": run_id, "writer_id_": writer_id}).scalar_one_or_none()
    return row or 0


def ingest(database: Database, run_id: str, writer_id: str, offset: int, data: bytes) -> Ingested:
    """Take in `data`, complete journal lines that begin at byte `offset` of a writer's journal.

    Bytes that are there already are passed over. Raises `Conflict` (with `expected`) if bytes before
    `offset` are missing.
    """
    data = data[: data.rfind(b"\n") + 1]
    # Reading the lines takes longest: done before the transaction, so that other writers need not wait.
    known = read_offset(database, run_id, writer_id)
    batch = parse_lines(data[max(0, known - offset) :])
    with database.write() as connection:
        draft = _load_draft(connection, database, run_id, writer_id, batch)
        reached = draft.writer["offset"]
        if reached < offset:
            raise Conflict(
                f"Bytes {reached} to {offset} of this journal are missing; it can only be taken in order.",
                expected=reached,
            )
        if reached != known:  # another process was faster
            batch = parse_lines(data[max(0, reached - offset) :])
        end = offset + len(data)
        if end > reached:
            draft.writer["offset"] = end
            _apply(connection, database, draft, batch)
        else:
            connection.rollback()  # no new line, and so no new run either
    return Ingested(
        offset=max(end, reached),
        n_points=batch.n_points,
        n_events=len(batch.events),
        bad=batch.bad,
        is_ended=draft.writer["state"] == "ended",
    )


def mark_dead(database: Database, run_id: str, writer_id: str) -> bool:
    """Note that a writer is gone without having ended; whether that is news.

    Its run is failed if it was the last one.
    """
    with database.write() as connection:
        row = connection.execute(_RUN, {"run_id_": run_id}).mappings().one_or_none()
        writer = row and (
            connection.execute(_WRITER, {"run_": row["id"], "writer_id_": writer_id}).mappings().one_or_none()
        )
        if not row or not writer or writer["state"] != "live":
            return False
        fold(connection, row["id"], writer["id"])
        connection.execute(update(writers).where(writers.c.id == writer["id"]).values(state="dead"))
        _save_status(connection, row["id"], dict(row))
        return True


def _load_draft(
    connection: Connection, database: Database, run_id: str, writer_id: str, batch: Batch
) -> RunDraft:
    row = connection.execute(_RUN, {"run_id_": run_id}).mappings().one_or_none()
    if row is None:
        blank = RunDraft.blank_run(run_id, batch)
        connection.execute(database.insert_or_ignore(runs), blank)
        row = connection.execute(_RUN, {"run_id_": run_id}).mappings().one()
    keys = {"run_": row["id"], "writer_id_": writer_id}
    writer = connection.execute(_WRITER, keys).mappings().one_or_none()
    if writer is None:
        blank = RunDraft.blank_writer(row["id"], writer_id, row["started_us"] // 1000)
        connection.execute(database.insert_or_ignore(writers), blank)
        writer = connection.execute(_WRITER, keys).mappings().one()
    return RunDraft(dict(row), dict(writer))


def _apply(connection: Connection, database: Database, draft: RunDraft, batch: Batch) -> None:
    run, writer = draft.run["id"], draft.writer["id"]
    before = dict(draft.run)
    draft.writer["state"] = "live" if draft.writer["state"] == "dead" else draft.writer["state"]
    draft.apply(batch)
    if draft.texts:
        connection.execute(database.insert_or_ignore(texts), draft.texts)
    if draft.console:
        connection.execute(console.insert(), draft.console)
    if draft.params:
        connection.execute(database.upsert(params), draft.params)
    if batch.columns:
        append_points(connection, run, writer, batch.columns)
    if batch.columns or draft.returned:
        known = {row["key"]: dict(row) for row in connection.execute(_METRICS, {"run_": run}).mappings()}
        summaries = merge_summaries(run, known, batch.columns, draft.returned)
        connection.execute(database.upsert(metrics), summaries)
        draft.set_final_metrics(summaries)
    if draft.has_ended:
        fold(connection, run, writer)
    values = {name: value for name, value in draft.writer.items() if name not in ("id", "run")}
    connection.execute(_UPDATE_WRITER, {"number": writer, **values})
    if draft.touches_status or draft.run["status"] != "running":
        _save_status(connection, run, draft.run, before)
    else:
        _save_run(connection, run, draft.run, before)


def _save_status(
    connection: Connection, run: int, row: dict[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    found = connection.execute(_WRITERS, {"run_": run}).mappings().all()
    before = dict(row) if before is None else before
    row.update(derive_status([dict(writer) for writer in found]))
    if row["ended_us"] is not None:  # lines tell milliseconds, the start microseconds
        row["ended_us"] = max(row["ended_us"], row["started_us"])
    _save_run(connection, run, row, before)


def _save_run(connection: Connection, run: int, row: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    changed = {name: value for name, value in row.items() if value != before[name]}
    if changed:
        connection.execute(_UPDATE_RUN, {"number": run, **changed})
