"""Runs made and changed by hand: what is said of them becomes the same events that a process writes."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from modellab.errors import Conflict, InvalidInput, NotFound
from modellab.ids import new_run_id
from modellab.journal.line import FORMAT_VERSION, encode_event, encode_points
from modellab.journal.place import check_run_id
from modellab.records import RUN_STATUSES, Run, RunStatus
from modellab.store.engine import Database
from modellab.store.ingest import record
from modellab.store.runs import RunShelf
from modellab.store.tables import metrics, runs, writers
from modellab.tracking.values import (
    PlainParams,
    check_description,
    check_label,
    check_note,
    check_project_id,
    plain_config,
    plain_tags,
)

MAX_POINTS = 10_000
"""Points (a step and its metrics) in one request."""
MAX_ERROR_LENGTH = 2000
"""Characters in the error of a failed run."""

_LABELS = {"name": "run", "parent_id": "run", "dataset_id": "data set"}
_CONTEXT = ("git_hash", "git_branch", "command")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMetrics:
    """The values of metrics at one step; `time_ms` is when they were measured, else now."""

    step: int
    metrics: Mapping[str, float]
    time_ms: int | None = None


class RunEditor:
    """Makes and changes runs of one database on behalf of people and programs that are not the run's own."""

    def __init__(self, database: Database, shelf: RunShelf) -> None:
        self._database = database
        self._shelf = shelf

    def create(
        self,
        *,
        run_id: str | None = None,
        status: RunStatus = "pending",
        error: str | None = None,
        visible: Collection[str] | None = None,
        **said: Any,
    ) -> Run:
        """A new run. `said` are a run's own fields, and `metrics` and `points` as in `update`.

        `visible` are the projects whose things the caller may see, `None` for all.

        A run id has 1 to 128 letters, digits, dots, hyphens and underscores. Raises `InvalidInput`,
        `Conflict` if the id is taken or was that of a run that was purged, and `NotFound` for a parent that
        is not there or lies in the trash.
        """
        run_id = new_run_id() if run_id is None else check_run_id(run_id)
        now_us = time.time_ns() // 1000
        lines = _write_creation(run_id, now_us, said)
        lines += _write_changes(said, now_us // 1000, skip=("name", "tags", "note", "params"))
        lines += _write_status(status, error, now_us // 1000)

        def write(connection: Connection, _row: Mapping[str, Any] | None) -> Sequence[bytes]:
            if said.get("parent_id") is not None:
                _check_parent(connection, said["parent_id"])
            points = _write_points(said, {}, now_us // 1000)
            return [*lines[:-1], *points, lines[-1]]

        record(self._database, run_id, write, is_new=True, visible=visible)
        return self._shelf.get(run_id)

    def update(
        self, run_id: str, *, status: RunStatus | None = None, error: str | None = None, **said: Any
    ) -> Run:
        """Change what is given of a run; the run as it is then.

        `name`, `description`, `note` and `config` are replaced; `params` and `tags` are added to those
        that are there, a tag of `None` is taken away. `metrics` are values by name at the `step` given,
        or each one after its last; `points` are `StepMetrics`. A `status` is refused with `Conflict`
        while a process of the run lives. Raises `NotFound` or `InvalidInput`. Nothing is changed by a
        call that raises.
        """
        now_ms = time.time_ns() // 1_000_000
        lines = _write_changes(said, now_ms)
        if error is not None and status is None:
            raise InvalidInput("An error has no status with it.", hint="Give the status `failed` too.")
        told = [] if status is None else _write_status(status, error, now_ms)

        def write(connection: Connection, row: Mapping[str, Any] | None) -> Sequence[bytes]:
            assert row is not None
            if told:
                _check_ended(connection, row)
            return [*lines, *_write_points(said, _find_last_steps(connection, row), now_ms), *told]

        record(self._database, run_id, write)
        return self._shelf.get(run_id)


def _write_creation(run_id: str, now_us: int, said: Mapping[str, Any]) -> list[bytes]:
    fields: dict[str, Any] = {"version": FORMAT_VERSION, "run_id": run_id, "started_us": now_us}
    for name, what in _LABELS.items():
        if said.get(name) is not None:
            fields[name] = check_label(said[name], what)
    if said.get("project_id") is not None:
        fields["project_id"] = check_project_id(said["project_id"])
    fields["params"] = PlainParams(said.get("params") or {}).values
    if said.get("seed") is not None:
        fields["seed"] = said["seed"]
    if said.get("tags"):
        fields["tags"] = plain_tags({k: v for k, v in said["tags"].items() if v is not None})
    if said.get("note") is not None:
        fields["note"] = check_note(said["note"])
    context = {name: said[name] for name in _CONTEXT if said.get(name) is not None}
    start = encode_event("start", now_us // 1000, fields)
    return [start, encode_event("context", now_us // 1000, context)] if context else [start]


def _write_changes(said: Mapping[str, Any], now_ms: int, *, skip: Sequence[str] = ()) -> list[bytes]:
    """The events that say what is to be changed of a run's own fields."""
    return [
        encode_event(name, now_ms, {name: value})
        for name, value in check_changes({k: v for k, v in said.items() if k not in skip})
    ]


def check_changes(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is to be changed of a run's own fields, as it is kept; raises `InvalidInput`."""
    if "name" in said:
        yield "name", None if said["name"] is None else check_label(said["name"], "run")
    if "description" in said:
        yield "description", check_description(said["description"])
    if "note" in said:
        yield "note", check_note(said["note"] or "")
    if said.get("params"):
        yield "params", PlainParams(said["params"]).values
    if said.get("tags"):
        gone = {check_label(name, "tag"): None for name, value in said["tags"].items() if value is None}
        yield "tags", plain_tags({k: v for k, v in said["tags"].items() if v is not None}) | gone
    if "config" in said:
        yield "config", plain_config(said["config"] or {})


def _write_status(status: RunStatus, error: str | None, now_ms: int) -> list[bytes]:
    if status not in RUN_STATUSES:
        raise InvalidInput(f"There is no status {status!r}.", hint=f"One of: {', '.join(RUN_STATUSES)}.")
    if error is not None and status != "failed":
        raise InvalidInput(f"A run that is {status} has no error.", hint="Give the status `failed` with it.")
    if error is not None and len(error) > MAX_ERROR_LENGTH:
        raise InvalidInput(f"The error has {len(error)} characters; at most {MAX_ERROR_LENGTH} are allowed.")
    return [encode_event("status", now_ms, {"status": status, **({"error": error} if error else {})})]


def _write_points(said: Mapping[str, Any], last_steps: Mapping[str, int], now_ms: int) -> list[bytes]:
    """Lines of points: those given with their steps, then single values at the next step of each."""
    points: Sequence[StepMetrics] = said.get("points") or ()
    if len(points) > MAX_POINTS:
        raise InvalidInput(f"There are {len(points)} points; at most {MAX_POINTS} are allowed at once.")
    lines = []
    last = dict(last_steps)
    for point in points:
        time_ms = now_ms if point.time_ms is None else point.time_ms
        lines.append(encode_points(point.step, time_ms, point.metrics))
        last |= {name: max(point.step, last.get(name, point.step)) for name in point.metrics}
    for name, value in (said.get("metrics") or {}).items():
        step = last.get(name, -1) + 1 if said.get("step") is None else said["step"]
        lines.append(encode_points(step, now_ms, {name: value}))
    return lines


def _find_last_steps(connection: Connection, row: Mapping[str, Any]) -> dict[str, int]:
    wanted = select(metrics.c.key, metrics.c.last_step).where(
        metrics.c.run == row["id"], metrics.c.last_step.is_not(None)
    )
    return {found.key: found.last_step for found in connection.execute(wanted)}


def _check_parent(connection: Connection, run_id: str) -> None:
    there = select(runs.c.id).where(runs.c.run_id == run_id, runs.c.deleted_us.is_(None))
    if connection.execute(there).first() is None:
        raise NotFound(f"There is no run {run_id[:60]} to nest in.", hint="It may lie in the trash.")


def _check_ended(connection: Connection, row: Mapping[str, Any]) -> None:
    """Raise `Conflict` if a process of the run lives: its status is what becomes of that."""
    alive = select(writers.c.id).where(
        writers.c.run == row["id"], writers.c.role != "api", writers.c.state == "live"
    )
    if connection.execute(alive).first() is not None:
        raise Conflict(
            f"The status of run {row['run_id']} cannot be set: a process is still recording it.",
            hint="It becomes completed or failed when that process ends.",
        )
