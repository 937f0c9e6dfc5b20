"""Rows of `evaluations` and `latencies`: written, read and removed within a transaction.

With a report go the metrics that it gave its run and the artifacts it consisted of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from modellab.journal.line import encode_value
from modellab.records.evaluations import (
    EVALUATIONS_FOLDER,
    EXAMPLES_FILE,
    LATENCY_FOLDER,
    SAMPLES_FILE,
    Evaluation,
    Latency,
    name_headline,
    name_latencies,
)
from modellab.store.engine import Database
from modellab.store.evaluation_events import NewReport, read_interval
from modellab.store.evaluation_tables import evaluations
from modellab.store.events import clean_text
from modellab.store.json_columns import decode_json, encode_json
from modellab.store.platform_tables import artifacts
from modellab.store.tables import metrics
from modellab.store.times import format_time


def record_reports(
    connection: Connection,
    database: Database,
    run: dict[str, Any],
    news: Iterable[NewReport],
    returned: Mapping[str, float],
) -> None:
    """Write the reports of a run, given as its row; `returned` are the metrics that will be written then.

    What reports that they replace had besides is taken away. To be called after the artifacts are written.
    """
    for new in news:
        gone = set(new.replaced_files)
        before = find_report(connection, new.table, run["id"], new.name)
        if before is not None:
            gone |= _list_files(before)
            drop_returned(connection, run, _list_headline(new.table, before) - returned.keys())
        _delete_artifacts(connection, run["id"], gone - new.files)
        row = {name: clean_text(value) for name, value in new.values.items()}
        connection.execute(database.upsert(new.table), {**row, "run": run["id"]})


def remove_report(connection: Connection, table: Table, run: dict[str, Any], row: Any) -> list[str]:
    """Remove a report, given as its row, with its metrics and artifacts; the checksums of those."""
    connection.execute(delete(table).where(table.c.run == run["id"], table.c.name == row.name))
    drop_returned(connection, run, _list_headline(table, row))
    return _delete_artifacts(connection, run["id"], _list_files(row))


def find_report(connection: Connection, table: Table, run: int, name: str) -> Any:
    """The row of a report; `None` if there is none of that name."""
    return connection.execute(select(table).where(table.c.run == run, table.c.name == name)).one_or_none()


def drop_returned(connection: Connection, run: dict[str, Any], names: Collection[str]) -> None:
    """Take back final values of a run's metrics; what was logged of them as points counts again."""
    if not names:
        return
    mine = (metrics.c.run == run["id"], metrics.c.key.in_(names), metrics.c.returned == 1)
    final = decode_json(run["final_metrics_json"], dict)
    wanted = select(metrics.c.key, metrics.c.count.label("n_points"), metrics.c.last).where(*mine)
    for row in connection.execute(wanted):
        if row.n_points:
            final[row.key] = "nan" if row.last is None else encode_value(row.last)
        else:
            final.pop(row.key, None)
    run["final_metrics_json"] = encode_json(final)
    connection.execute(delete(metrics).where(*mine, metrics.c.count == 0))
    connection.execute(update(metrics).where(*mine).values(final=metrics.c.last, returned=0))


def as_evaluation(row: Any, run_id: str) -> Evaluation:
    """An evaluation from a row of `evaluations`."""
    folder = f"{EVALUATIONS_FOLDER}/{row.name}"
    intervals = decode_json(row.intervals_json, dict)
    return Evaluation(
        run_id=run_id,
        name=row.name,
        task_type=row.task_type,
        n=row.n,
        classes=None if row.classes_json is None else decode_json(row.classes_json, list),
        primary_metric=row.primary_metric,
        metrics=decode_json(row.metrics_json, dict),
        notes=decode_json(row.notes_json, dict),
        intervals={name: read_interval(item) for name, item in intervals.items()},
        takeaway=row.takeaway,
        rows_sha256=row.rows_sha256,
        examples_path=f"{folder}/{EXAMPLES_FILE}" if row.examples_sha256 else None,
        examples_sha256=row.examples_sha256,
        folder=folder,
        created_at=format_time(row.created_us),
    )


def as_latency(row: Any, run_id: str) -> Latency:
    """A latency report from a row of `latencies`."""
    folder = f"{LATENCY_FOLDER}/{row.name}"
    return Latency(
        run_id=run_id,
        name=row.name,
        report=decode_json(row.report_json, dict),
        samples_path=f"{folder}/{SAMPLES_FILE}" if row.samples_sha256 else None,
        samples_sha256=row.samples_sha256,
        folder=folder,
        created_at=format_time(row.created_us),
    )


def _list_headline(table: Table, row: Any) -> set[str]:
    """The metrics that a report, given as its row, gave its run."""
    if table is evaluations:
        return set(name_headline(row.name, row.primary_metric, decode_json(row.metrics_json, dict)))
    return set(name_latencies(row.name, decode_json(row.report_json, dict)))


def _list_files(row: Any) -> set[str]:
    return set(decode_json(row.files_json, list))


def _delete_artifacts(connection: Connection, run: int, paths: Collection[str]) -> list[str]:
    gone = delete(artifacts).where(artifacts.c.run == run, artifacts.c.path.in_(paths))
    return list(connection.execute(gone.returning(artifacts.c.sha256)).scalars())
