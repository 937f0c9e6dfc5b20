"""Evaluations and latency reports of runs: listed, read whole, added, removed.

Most come in journals (`store/ingest.py`); what is added here becomes the same events. Their files are
artifacts of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Generic, TypeVar, cast

import orjson
from sqlalchemy import Connection, Table, bindparam, select, update

from modellab.errors import InvalidInput, NotFound
from modellab.records.artifacts import Artifact
from modellab.records.evaluations import (
    EVALUATIONS_FOLDER,
    LATENCY_FOLDER,
    REPORT_FILE,
    Evaluation,
    Latency,
)
from modellab.store.arrivals import Arrived
from modellab.store.artifacts import ArtifactShelf
from modellab.store.engine import Database
from modellab.store.evaluation_rows import as_evaluation, as_latency, find_report, remove_report
from modellab.store.evaluation_tables import evaluations, latencies
from modellab.store.feed import note_change
from modellab.store.files import FileShelf
from modellab.store.ingest import record
from modellab.store.json_columns import decode_json, encode_json
from modellab.store.tables import runs
from modellab.tracking.evaluations import Report, encode_report
from modellab.tracking.spool import list_file

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Of a report or of examples, which are read into memory whole."""

Kind = TypeVar("Kind", Evaluation, Latency)

_RUN = select(runs).where(runs.c.run_id == bindparam("run_id_"), runs.c.deleted_us.is_(None))


class _ReportShelf(Generic[Kind]):
    """What runs have of one kind of report."""

    _table: Table
    _what: str
    _folder: str
    _read: Callable[[Any, str], Kind]

    def __init__(self, database: Database, files: FileShelf, artifacts: ArtifactShelf) -> None:
        self._database = database
        self._files = files
        self._artifacts = artifacts

    def list(self, run_id: str) -> Sequence[Kind]:
        """Those of a run, by name; raises `NotFound` for a run that is not there."""
        with self._database.read() as connection:
            run = _find_run(connection, run_id)
            wanted = select(self._table).where(self._table.c.run == run["id"]).order_by(self._table.c.name)
            return [type(self)._read(row, run_id) for row in connection.execute(wanted)]

    def get(self, run_id: str, name: str) -> Kind:
        """One by its name; raises `NotFound`, which names those that are there."""
        found = self.list(run_id)
        for one in found:
            if one.name == name:
                return one
        raise report_absent(self._what, run_id, name, [one.name for one in found])

    def list_of_runs(self, run_ids: Sequence[str], name: str) -> Mapping[str, Kind]:
        """Those called `name`, by run, in the order of `run_ids`; runs that have none are left out."""
        wanted = (
            select(self._table, runs.c.run_id)
            .join(runs, runs.c.id == self._table.c.run)
            .where(runs.c.run_id.in_(run_ids), runs.c.deleted_us.is_(None), self._table.c.name == name)
        )
        with self._database.read() as connection:
            found = {row.run_id: type(self)._read(row, row.run_id) for row in connection.execute(wanted)}
        return {run_id: found[run_id] for run_id in run_ids if run_id in found}

    def add(self, run_id: str, report: Report) -> Kind:
        """Keep a report with its files, all of it or nothing, in the place of one of the same name.

        Raises `NotFound` for a run that is not there or lies in the trash, and `StoreError`.
        """
        with ExitStack() as stack:
            arrived = {}
            for name, content in report.contents():
                upload = self._files.start()
                stack.callback(upload.abort)
                upload.write(content)
                arrived[f"{report.folder}/{name}"] = upload.check()
            before = self._find_sums(run_id, report.name)
            self._record(run_id, report, arrived)
        self._files.release(before)
        return self.get(run_id, report.name)

    def remove(self, run_id: str, name: str) -> int:
        """Remove one with its files and its metrics of the run; how many bytes that freed.

        Raises `NotFound`.
        """
        with self._database.write() as connection:
            run = _find_run(connection, run_id, to_change=True)
            row = find_report(connection, self._table, run["id"], name)
            if row is None:
                names = select(self._table.c.name).where(self._table.c.run == run["id"])
                raise report_absent(self._what, run_id, name, connection.execute(names).scalars().all())
            sums = remove_report(connection, self._table, run, row)
            folder = type(self)._read(row, run_id).folder
            paths = [path for path in decode_json(run["artifacts_json"], list) if path != folder]
            changed = {
                "artifacts_json": encode_json(paths),
                "n_artifacts": len(paths),
                "final_metrics_json": run["final_metrics_json"],
            }
            connection.execute(update(runs).where(runs.c.id == run["id"]).values(changed))
            note_change(connection, self._database, run["id"], "changed")
        return self._files.release(sums)

    def _record(self, run_id: str, report: Report, arrived: Mapping[str, Arrived]) -> None:
        """Keep the bytes, then write the rows that name them."""
        sums = [one.sha256 for one in arrived.values()]
        listed = [list_file(path, one.sha256, one.size) for path, one in arrived.items()]
        try:
            for one in arrived.values():
                self._files.keep(one.source, one.sha256, one.size)
            record(self._database, run_id, lambda *_: [encode_report(report, listed)])
        except BaseException:
            self._files.release(sums)
            raise
        for one in arrived.values():  # a purge may have freed the same bytes before these rows named them
            if not self._files.is_stored(one.sha256):
                self._files.keep(one.source, one.sha256, one.size)

    def _find_sums(self, run_id: str, name: str) -> Sequence[str]:
        """The checksums of the files of a report that is about to be replaced."""
        found = self._artifacts.list(run_id, folder=f"{self._folder}/{name}", limit=1000)
        return [file.sha256 for file in found.items]

    def _read_file(self, run_id: str, path: str | None, sha256: str | None = None) -> bytes:
        if path is None:
            raise NotFound(f"Run {run_id[:60]} has not kept the examples or samples of this report.")
        found = self._artifacts.get(run_id, path)
        _check_readable(found, sha256)
        return b"".join(self._files.read(found.sha256))


class EvaluationShelf(_ReportShelf[Evaluation]):
    """The evaluations of one store."""

    _table, _what, _folder = evaluations, "evaluation", EVALUATIONS_FOLDER
    _read = staticmethod(as_evaluation)

    def read_report(self, run_id: str, name: str) -> dict[str, Any]:
        """The whole report: metrics, intervals, slices, failures, stress, curves, takeaway.

        Raises `NotFound` if there is none, or if its bytes are not here (yet).
        """
        path = f"{self.get(run_id, name).folder}/{REPORT_FILE}"
        return parse_report(self._read_file(run_id, path), path)

    def read_examples(self, run_id: str, name: str) -> bytes:
        """Labels and predictions row by row, for `decode_examples`; raises `NotFound` as `read_report`."""
        found = self.get(run_id, name)
        return self._read_file(run_id, found.examples_path, found.examples_sha256)


class LatencyShelf(_ReportShelf[Latency]):
    """The latency reports of one store."""

    _table, _what, _folder = latencies, "latency report", LATENCY_FOLDER
    _read = staticmethod(as_latency)

    def read_samples(self, run_id: str, name: str) -> bytes:
        """The measured times, an `.npy` of milliseconds; raises `NotFound` if they are not here."""
        found = self.get(run_id, name)
        return self._read_file(run_id, found.samples_path, found.samples_sha256)


def report_absent(what: str, run_id: str, name: str, there: Sequence[str]) -> NotFound:
    """The error that says that a run has no such report, and which it has."""
    known = f"It has: {', '.join(there)}." if there else "It has none."
    return NotFound(f"Run {run_id[:60]} has no {what} {name[:100]!r}.", hint=known)


def parse_report(content: bytes, path: str) -> dict[str, Any]:
    """A report from its file; raises `InvalidInput` for what other hands have put in its place."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInput(f"The artifact {path} is no report: its content is no JSON object.")
    return cast("dict[str, Any]", found)


def _check_readable(found: Artifact, sha256: str | None) -> None:
    if not found.is_stored:
        raise NotFound(
            f"The bytes of {found.path} are not here.",
            hint="They are still on the way from the machine that logged it, or were not kept.",
        )
    if sha256 is not None and found.sha256 != sha256:
        raise NotFound(f"The artifact {found.path} was replaced by another file since.")
    if found.size > MAX_FILE_BYTES:
        raise InvalidInput(f"{found.path} has {found.size:,} bytes; at most {MAX_FILE_BYTES:,} are read.")


def _find_run(connection: Connection, run_id: str, *, to_change: bool = False) -> dict[str, Any]:
    wanted = _RUN.with_for_update() if to_change else _RUN
    row = connection.execute(wanted, {"run_id_": run_id}).mappings().one_or_none()
    if row is None:
        raise NotFound(
            f"There is no run {run_id[:60]}.", hint="`modellab runs` lists the runs that are there."
        )
    return dict(row)
