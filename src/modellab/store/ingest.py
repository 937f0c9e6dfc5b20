"""The only way telemetry enters the database: bytes of a journal, each exactly once.

The offset reached is saved in the transaction that saves what the bytes said, so the same bytes may
be sent again, by anyone, at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from modellab.errors import Conflict, Forbidden, InvalidInput, NotFound
from modellab.ids import derive_project_id
from modellab.journal.line import Batch, parse_lines
from modellab.store.dataset_rows import link_named, record_uses, unlink_foreign
from modellab.store.engine import Database
from modellab.store.evaluation_rows import record_reports
from modellab.store.events import API_WRITER, RunDraft
from modellab.store.feed import Change, note_change
from modellab.store.platform_tables import artifacts, purged_runs, tags
from modellab.store.points import append_points, fold
from modellab.store.projects import claim_project
from modellab.store.search_index import RUN_FIELDS, index_items
from modellab.store.status import derive_status
from modellab.store.summaries import merge_summaries
from modellab.store.tables import console, metrics, params, runs, texts, writers
from modellab.store.withholding import name_bytes

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
_PURGED = select(purged_runs.c.run_id).where(purged_runs.c.run_id == bindparam("run_id_"))
_METRICS = select(metrics).where(metrics.c.run == bindparam("run_"))

_ENDED = ("completed", "failed")
_UNSEEN = ("fork", "console", "end")  # events that change nothing of a run that viewers see


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one call did. `offset` is where the next bytes start; `bad` are lines that could not be read.

    `moved_to` is the project that a run which was there already, in none, was put into.
    """

    offset: int
    n_points: int
    n_events: int
    bad: Sequence[bytes]
    is_ended: bool
    moved_to: str | None = None


WriteLines = Callable[[Connection, Mapping[str, Any] | None], Sequence[bytes]]
"""Gives the lines to record for a run's row; `None` stands for a run that is new."""


def read_offset(database: Database, run_id: str, writer_id: str) -> int:
    """How many bytes of a journal are in the database."""
    with database.read() as connection:
        row = connection.execute(_OFFSET, {"run_id_": run_id, "writer_id_": writer_id}).scalar_one_or_none()
    return row or 0


def ingest(
    database: Database,
    run_id: str,
    writer_id: str,
    offset: int,
    data: bytes,
    *,
    visible: Collection[str] | None = None,
    seen_ms: int | None = None,
) -> Ingested:
    """Take in `data`, complete journal lines that begin at byte `offset` of a writer's journal.

    Bytes that are there already are passed over. Raises `Conflict` (with `expected`) if bytes before
    `offset` are missing.

    `visible` are the projects that the sender may log to, `None` for all and for what is in none; raises
    `Forbidden` for a run that belongs elsewhere, and nothing is written. `seen_ms` is the time now if
    the bytes came over a network: such a writer is alive as long as it is heard of.
    """
    if writer_id == API_WRITER:
        raise InvalidInput(
            f"No process may call itself {API_WRITER!r}: that stands for what is told over HTTP."
        )
    data = data[: data.rfind(b"\n") + 1]
    # Reading the lines takes longest: done before the transaction, so that other writers need not wait.
    known = read_offset(database, run_id, writer_id)
    batch = _read_lines(data[max(0, known - offset) :])
    with database.write() as connection:
        draft = _load_draft(connection, database, run_id, writer_id, batch)
        if draft is None:
            connection.rollback()
            return _pass_over(offset + len(data))
        check_projects(draft.run, batch.events, visible, is_new=draft.is_new)
        moved_to = None
        reached = draft.writer["offset"]
        if reached < offset:
            raise Conflict(
                f"Bytes {reached} to {offset} of this journal are missing; it can only be taken in order.",
                expected=reached,
            )
        if reached != known:  # another process was faster
            batch = _read_lines(data[max(0, reached - offset) :])
        end = offset + len(data)
        if end > reached:
            draft.writer.update(offset=end, seen_ms=seen_ms or draft.writer["seen_ms"])
            was_outside = not draft.is_new and draft.run["project_id"] is None
            _apply(connection, database, draft, batch, visible)
            moved_to = draft.run["project_id"] if was_outside else None
        else:
            connection.rollback()  # no new line, and so no new run either
    return Ingested(
        offset=max(end, reached),
        n_points=batch.n_points,
        n_events=len(batch.events),
        bad=batch.bad,
        is_ended=draft.writer["state"] == "ended",
        moved_to=moved_to,
    )


def check_projects(
    run: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    visible: Collection[str] | None,
    *,
    is_new: bool = False,
) -> None:
    """Raise `Forbidden` unless a run, and all that its new events speak of, is in one of the projects.

    Of a new run its first start event says where it is; one that is there already stays where it is.
    """
    if visible is None:
        return
    named = [event for event in events if isinstance(event.get("project_id"), str)]
    started = [event["project_id"] for event in named if event["event"] == "start"]
    own = started[0] if is_new and started else run["project_id"]
    if not {own, *(event["project_id"] for event in named)} <= set(visible):
        # Where it is instead is not told to those who may not know.
        raise Forbidden(
            f"Run {run['run_id']} is not in a project that you may log to.",
            hint=f"Those are: {', '.join(sorted(visible)) or 'none'}.",
        )


def record(
    database: Database,
    run_id: str,
    write_lines: WriteLines,
    *,
    is_new: bool = False,
    visible: Collection[str] | None = None,
) -> Ingested:
    """Add lines that no process has written to a run, as the writer `API_WRITER`, all of them or none.

    `write_lines` gets the connection and the run's row, `None` for a new run; it is called when nobody
    else can change the run. Raises `NotFound` for a run that is not there or lies in the trash,
    `Conflict` for a new one whose id is taken or was purged, `InvalidInput` for lines that cannot be read.
    """
    with database.write() as connection:
        row = connection.execute(_RUN, {"run_id_": run_id}).mappings().one_or_none()
        if is_new and row is not None:
            raise _report_taken(run_id)
        if not is_new and (row is None or row["deleted_us"] is not None):
            raise NotFound(f"There is no run {run_id[:60]}.", hint="It may lie in the trash.")
        data = b"".join(write_lines(connection, dict(row) if row else None))
        batch = _read_lines(data)
        draft = _load_draft(connection, database, run_id, API_WRITER, batch)
        if draft is None:
            raise Conflict(f"The run {run_id} was purged; its id cannot be used again.")
        if is_new and not draft.is_new:  # somebody made it at this very moment
            raise _report_taken(run_id)
        check_projects(draft.run, batch.events, visible, is_new=draft.is_new)
        draft.writer["offset"] += len(data)
        _apply(connection, database, draft, batch, visible)
        if batch.bad:
            raise InvalidInput(
                f"An event cannot be recorded: {batch.bad[0][:200].decode('utf-8', 'replace')}"
            )
    return Ingested(
        offset=draft.writer["offset"],
        n_points=batch.n_points,
        n_events=len(batch.events),
        bad=(),
        is_ended=draft.writer["state"] == "ended",
    )


def _read_lines(data: bytes) -> Batch:
    """What lines say, with project ids that can name a project: no journal is lost for the name in it."""
    batch = parse_lines(data)
    for event in batch.events:
        if isinstance(event.get("project_id"), str):
            event["project_id"] = derive_project_id(event["project_id"]) if event["project_id"] else None
    return batch


def _report_taken(run_id: str) -> Conflict:
    return Conflict(f"There is a run {run_id} already.", hint="Leave the id out to get a fresh one.")


def mark_dead(
    database: Database, run_id: str, writer_id: str, *, unheard_since_ms: int | None = None
) -> bool:
    """Note that a writer is gone without having ended; whether that is news.

    Its run is failed if it was the last one. With `unheard_since_ms`, only if it was last heard of before.
    """
    with database.write() as connection:
        row = connection.execute(_RUN, {"run_id_": run_id}).mappings().one_or_none()
        writer = row and (
            connection.execute(_WRITER, {"run_": row["id"], "writer_id_": writer_id}).mappings().one_or_none()
        )
        if not row or not writer or writer["state"] != "live" or writer["role"] == "api":
            return False
        if unheard_since_ms is not None and (writer["seen_ms"] or 0) >= unheard_since_ms:
            return False
        fold(connection, row["id"], writer["id"])
        connection.execute(update(writers).where(writers.c.id == writer["id"]).values(state="dead"))
        after = dict(row)
        save_status(connection, row["id"], after)
        if after["error"] != row["error"]:
            index_items(connection, database, "run", [row["id"]])
        is_end = after["status"] != row["status"] and after["status"] in _ENDED
        note_change(connection, database, row["id"], "ended" if is_end else "changed")
        return True


def is_purged(connection: Connection, run_id: str) -> bool:
    """Whether a run was removed for good: what is sent of it is acknowledged and passed over."""
    return connection.execute(_PURGED, {"run_id_": run_id}).first() is not None


def _pass_over(offset: int) -> Ingested:
    """What is answered to the sender of lines of a purged run: that they arrived, so that it stops."""
    return Ingested(offset=offset, n_points=0, n_events=0, bad=(), is_ended=False)


def _load_draft(
    connection: Connection, database: Database, run_id: str, writer_id: str, batch: Batch
) -> RunDraft | None:
    """The rows of a run and its writer, made if they are not there; `None` for a run that was purged."""
    is_new = False
    row = connection.execute(_RUN, {"run_id_": run_id}).mappings().one_or_none()
    if row is None:
        if is_purged(connection, run_id):
            return None
        blank = RunDraft.blank_run(run_id, batch)
        made = connection.execute(
            database.insert_or_ignore(runs), blank, execution_options={"preserve_rowcount": True}
        )
        is_new = made.rowcount == 1  # not if another process was faster
        row = connection.execute(_RUN, {"run_id_": run_id}).mappings().one()
    keys = {"run_": row["id"], "writer_id_": writer_id}
    writer = connection.execute(_WRITER, keys).mappings().one_or_none()
    if writer is None:
        blank = RunDraft.blank_writer(row["id"], writer_id, row["started_us"] // 1000)
        connection.execute(database.insert_or_ignore(writers), blank)
        writer = connection.execute(_WRITER, keys).mappings().one()
    return RunDraft(dict(row), dict(writer), is_new=is_new)


def _apply(
    connection: Connection,
    database: Database,
    draft: RunDraft,
    batch: Batch,
    visible: Collection[str] | None,
) -> None:
    run, writer = draft.run["id"], draft.writer["id"]
    before = dict(draft.run)
    draft.writer["state"] = "live" if draft.writer["state"] == "dead" else draft.writer["state"]
    draft.apply(batch)
    if draft.run["project_id"] != before["project_id"]:
        claim_project(connection, database, draft.run["project_id"])
        if not draft.is_new:
            unlink_foreign(connection, draft.run)
    if draft.texts:
        connection.execute(database.insert_or_ignore(texts), draft.texts)
    if draft.console:
        connection.execute(console.insert(), draft.console)
    own = draft.run["project_id"]
    named = [(own, file["sha256"]) for file in draft.artifacts.values()]
    named += [(new.project_id or own, new.sha256) for new in draft.datasets]
    name_bytes(connection, database, named, visible)
    if draft.artifacts:
        connection.execute(database.upsert(artifacts), list(draft.artifacts.values()))
    if draft.reports:
        record_reports(connection, database, draft.run, draft.reports.values(), draft.returned)
    if draft.run["dataset_id"] != before["dataset_id"]:
        link_named(connection, database, draft.run, visible)
    if draft.datasets:
        record_uses(connection, database, draft.run, draft.datasets, visible)
    if draft.params:
        connection.execute(database.upsert(params), draft.params)
    if draft.tags:
        save_tags(connection, database, run, draft.tags)
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
        save_status(connection, run, draft.run, before)
    else:
        _save_run(connection, run, draft.run, before)
    if draft.is_new or draft.datasets or any(draft.run[name] != before[name] for name in RUN_FIELDS):
        index_items(connection, database, "run", [run])
    changes = list(_name_changes(draft, batch, before["status"]))
    if changes:
        note_change(connection, database, run, *changes)


def _name_changes(draft: RunDraft, batch: Batch, status: str) -> Iterator[Change]:
    """What listeners are told of a batch; `status` is the run's from before."""
    if draft.is_new:
        yield "started"
    if batch.columns:
        yield "points"
    is_news = draft.run["status"] != status
    if is_news and draft.run["status"] in _ENDED:
        yield "ended"
    elif not draft.is_new and (is_news or any(event["event"] not in _UNSEEN for event in batch.events)):
        yield "changed"


def save_tags(
    connection: Connection, database: Database, run: int, changed: Mapping[str, str | None]
) -> None:
    """Index the tags of a run that were set, and no more those that were taken away (`None`)."""
    kept = [{"run": run, "key": key, "text": text} for key, text in changed.items() if text is not None]
    if kept:
        connection.execute(database.upsert(tags), kept)
    gone = [key for key, text in changed.items() if text is None]
    if gone:
        connection.execute(delete(tags).where(tags.c.run == run, tags.c.key.in_(gone)))


def save_status(
    connection: Connection, run: int, row: dict[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """Bring a run's row up to date with its writers: status, end, error, what was dropped."""
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
