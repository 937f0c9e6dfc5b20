"""What the events of a journal mean for a run: applied to its row, kept in memory until it is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from modellab.ids import digest_text
from modellab.journal.line import Batch, check_name, decode_value, encode_value
from modellab.records import MAX_NAME_LENGTH, RUN_STATUSES, SYSTEM_PREFIX
from modellab.records.artifacts import SHA256_PATTERN, check_path, choose_media_type
from modellab.store.dataset_events import NewDataset, read_event
from modellab.store.evaluation_events import NewReport, read_evaluation, read_latency
from modellab.store.json_columns import decode_json, encode_json
from modellab.store.replays import list_replay_texts
from modellab.store.tables import INDEXED_TEXT_LENGTH
from modellab.store.times import LAST_US, format_time

API_WRITER = "api"
"""The writer of what is recorded over HTTP. It is no process: it neither lives nor dies."""

_LIMIT = 2**63  # integers from here on fit no database
_STATES = {"pending": "pending", "running": "live", "completed": "ended", "failed": "ended"}
_START_FIELDS = ("name", "project_id", "parent_id", "function", "dataset_id", "description")
_CONTEXT_FIELDS = (
    "git_hash",
    "git_branch",
    "command",
    "python_version",
    "device_info",
    "hostname",
    "user",
)


class RunDraft:
    """The rows of a run and one of its writers while a batch is applied to them."""

    def __init__(self, run: dict[str, Any], writer: dict[str, Any], *, is_new: bool = False) -> None:
        self.run = run
        self.is_new = is_new
        self.writer = writer
        self.params: list[dict[str, Any]] = []
        self.tags: dict[str, str | None] = {}
        self.texts: list[dict[str, str]] = []
        self.console: list[dict[str, Any]] = []
        self.artifacts: dict[str, dict[str, Any]] = {}
        self.datasets: list[NewDataset] = []
        self.reports: dict[tuple[str, str], NewReport] = {}
        self.returned: dict[str, float] = {}
        self.touches_status = False
        self.has_ended = False

    @staticmethod
    def blank_run(run_id: str, batch: Batch) -> dict[str, Any]:
        """A new row of `runs`, started when its start event says, else at its first line."""
        starts = [_read_start(event) for event in batch.events if event["event"] == "start"]
        times = [event["time"] * 1000 for event in batch.events]
        times += [column.times[0] * 1000 for column in batch.columns.values()]
        return {
            "run_id": run_id,
            "status": "running",
            **_say_start(min(starts or times, default=time.time_ns() // 1000)),
            "params_json": "{}",
            "final_metrics_json": "{}",
            "artifacts_json": "[]",
        }

    @staticmethod
    def blank_writer(run: int, writer_id: str, started_ms: int) -> dict[str, Any]:
        """A new row of `writers`."""
        return {
            "run": run,
            "writer_id": writer_id,
            "offset": 0,
            "role": "api" if writer_id == API_WRITER else "fork",
            "state": "ended" if writer_id == API_WRITER else "live",
            "started_ms": started_ms,
            "last_ms": started_ms,
        }

    def apply(self, batch: Batch) -> None:
        """Take in the events, and the times of the points."""
        last_ms = [column.times[-1] for column in batch.columns.values()]
        for event in batch.events:
            last_ms.append(event["time"])
            apply = _APPLY.get(event["event"], _pass_over)
            try:
                apply(self, event)
            except (AttributeError, KeyError, TypeError, ValueError):
                batch.bad.append(orjson.dumps(event))
        self.writer["last_ms"] = max([self.writer["last_ms"], *last_ms])

    def set_final_metrics(self, summaries: Sequence[Mapping[str, Any]]) -> None:
        """Bring `final_metrics_json` up to date with the rows of `metrics` that changed."""
        final = decode_json(self.run["final_metrics_json"], dict)
        for row in summaries:
            if not row["key"].startswith(SYSTEM_PREFIX):
                value = row["final"]
                final[row["key"]] = "nan" if value is None else encode_value(value)
        self.run["final_metrics_json"] = encode_json(final)

    def _start(self, event: Mapping[str, Any]) -> None:
        if self.writer["role"] != "api":
            self.writer.update(role="main", started_ms=event["time"])
        self.touches_status = True
        started_us = _read_start(event)
        # A forked child's journal, say, came in first; or the run was announced before it began.
        if started_us < self.run["started_us"] or self.run["status"] == "pending":
            self.run.update(_say_start(started_us))
        self._fill(event, _START_FIELDS)
        seed = event.get("seed")
        if seed.__class__ is int and abs(seed) < _LIMIT and self.run["seed"] is None:
            self.run["seed"] = seed
        self._add_params(event)
        self._add_tags(event)
        self._set_note(event)
        if isinstance(event.get("config"), Mapping) and self.run["config_json"] is None:
            self._set_config(event)

    def _fork(self, event: Mapping[str, Any]) -> None:
        self.writer["started_ms"] = event["time"]

    def _context(self, event: Mapping[str, Any]) -> None:
        # A resumed run keeps what its first process ran on: that is where its numbers come from.
        self._fill(event, _CONTEXT_FIELDS)
        if event.get("git_dirty") is not None and self.run["git_dirty"] is None:
            self.run["git_dirty"] = int(bool(event["git_dirty"]))
        for name in ("git_diff", "pip_freeze"):
            column = f"{name}_digest"
            if isinstance(event.get(name), str) and self.run[column] is None:
                body = clean_text(event[name])
                self.run[column] = digest_text(body)
                self.texts.append({"digest": self.run[column], "body": body})
        self.texts += list_replay_texts(self.run["run_id"], event)

    def _fill(self, event: Mapping[str, Any], names: Sequence[str]) -> None:
        """Take texts that the run does not have yet; what is no text comes from no ModelLab."""
        for name in names:
            if isinstance(event.get(name), str) and self.run[name] is None:
                self.run[name] = clean_text(event[name])

    def _add_params(self, event: Mapping[str, Any]) -> None:
        new = event.get("params")
        if not new:
            return
        self.run["params_json"] = encode_json({**decode_json(self.run["params_json"], dict), **new})
        rows = {row["key"]: row for row in self.params}
        for key, value in new.items():
            if len(key) <= MAX_NAME_LENGTH:  # an index entry has its limits
                rows[clean_text(key)] = _index_param(self.run["id"], clean_text(key), value)
        self.params = list(rows.values())

    def _add_tags(self, event: Mapping[str, Any]) -> None:
        """Set tags; one whose value is null is taken away."""
        new = event.get("tags")
        if not new:
            return
        merged = {**decode_json(self.run["tags_json"], dict), **new}
        self.run["tags_json"] = encode_json({k: v for k, v in merged.items() if v is not None})
        for key, value in new.items():
            if len(key) <= MAX_NAME_LENGTH:  # an index entry has its limits
                self.tags[clean_text(key)] = None if value is None else index_text(value)

    def _set_note(self, event: Mapping[str, Any]) -> None:
        if event.get("note") is not None:
            self.run["note"] = clean_text(_check_text(event["note"]))

    def _set_name(self, event: Mapping[str, Any]) -> None:
        self.run["name"] = _text_or_none(event["name"])

    def _set_description(self, event: Mapping[str, Any]) -> None:
        self.run["description"] = _text_or_none(event["description"])

    def _set_config(self, event: Mapping[str, Any]) -> None:
        if not isinstance(event["config"], Mapping):
            raise TypeError(event["config"])
        self.run["config_json"] = encode_json(event["config"])

    def _set_status(self, event: Mapping[str, Any]) -> None:
        """Take a status that was told over HTTP; that of a process is found out, not told."""
        status = event["status"]
        if status not in RUN_STATUSES:
            raise ValueError(status)
        if self.writer["role"] != "api":
            return
        self.touches_status = True
        if status == "running" and self.run["status"] == "pending":
            self.run.update(_say_start(event["time"] * 1000))
        self.has_ended = _STATES[status] == "ended"
        self.run["ended_us"] = (self.run["ended_us"] or event["time"] * 1000) if self.has_ended else None
        self.writer.update(
            state=_STATES[status],
            outcome=status if self.has_ended else None,
            error=_text_or_none(event.get("error")),
            started_ms=event["time"],
        )

    def _add_artifact(self, event: Mapping[str, Any]) -> None:
        paths = decode_json(self.run["artifacts_json"], list)
        if _check_text(event["path"]) not in paths:
            paths.append(event["path"])
        files = [_read_file(self.run["id"], file, event["time"]) for file in event.get("files") or ()]
        self.run.update(artifacts_json=encode_json(paths), n_artifacts=len(paths))
        self.artifacts |= {file["path"]: file for file in files}

    def _add_dataset(self, event: Mapping[str, Any]) -> None:
        self.datasets.append(read_event(event))

    def _add_evaluation(self, event: Mapping[str, Any]) -> None:
        self._add_report(read_evaluation(event))

    def _add_latency(self, event: Mapping[str, Any]) -> None:
        self._add_report(read_latency(event))

    def _add_report(self, new: NewReport) -> None:
        """Take in a report; one of the same name before it leaves nothing, also in one and the same batch."""
        key = (new.table.name, new.name)
        before = self.reports.get(key)
        if before is not None:
            new = replace(new, replaced_files=before.files | before.replaced_files)
            for name in before.headline:
                self.returned.pop(name, None)
        self.reports[key] = new
        self.returned |= new.headline

    def _set_final(self, event: Mapping[str, Any]) -> None:
        metrics = event["metrics"].items()
        self.returned |= {check_name(name, "metric"): decode_value(value) for name, value in metrics}

    def _set_wandb_url(self, event: Mapping[str, Any]) -> None:
        self.run["wandb_url"] = clean_text(_check_text(event["url"]))

    def _add_console(self, event: Mapping[str, Any]) -> None:
        self.console.append(
            {
                "run": self.run["id"],
                "stream": clean_text(_check_text(event["stream"])),
                "time_ms": event["time"],
                "text": clean_text(_check_text(event["text"])),
            }
        )

    def _end(self, event: Mapping[str, Any]) -> None:
        self.touches_status = self.has_ended = True
        self.writer.update(
            state="ended",
            outcome="completed" if event.get("status") == "completed" else "failed",
            error=_text_or_none(event.get("error")),
            traceback=_text_or_none(event.get("traceback")),
        )
        dropped = event.get("dropped")
        if dropped.__class__ is int and 0 <= dropped < _LIMIT:
            self.writer["n_dropped"] = dropped


def _pass_over(_draft: RunDraft, _event: Mapping[str, Any]) -> None:
    """An event of a newer ModelLab means nothing to this one."""


_APPLY: dict[str, Callable[[RunDraft, Mapping[str, Any]], None]] = {
    "start": RunDraft._start,
    "fork": RunDraft._fork,
    "context": RunDraft._context,
    "params": RunDraft._add_params,
    "tags": RunDraft._add_tags,
    "note": RunDraft._set_note,
    "name": RunDraft._set_name,
    "description": RunDraft._set_description,
    "config": RunDraft._set_config,
    "status": RunDraft._set_status,
    "artifact": RunDraft._add_artifact,
    "dataset": RunDraft._add_dataset,
    "evaluation": RunDraft._add_evaluation,
    "latency": RunDraft._add_latency,
    "final": RunDraft._set_final,
    "wandb": RunDraft._set_wandb_url,
    "console": RunDraft._add_console,
    "end": RunDraft._end,
}


def clean_text(value: Any) -> Any:
    """Text without NUL characters, which PostgreSQL cannot keep; other values as they are."""
    return value.replace("\x00", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def _check_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _read_file(run: int, file: Mapping[str, Any], time_ms: int) -> dict[str, Any]:
    """A file that an `artifact` event names, as a row; raises `ValueError` for what can be none."""
    sha256, size = file["sha256"], file["size"]
    if not SHA256_PATTERN.fullmatch(sha256) or size.__class__ is not int or not 0 <= size < _LIMIT:
        raise ValueError(file)
    path = check_path(file["path"])
    return {
        "run": run,
        "path": path,
        "sha256": sha256,
        "size": size,
        "media_type": choose_media_type(path, _text_or_none(file.get("media_type"))),
        "created_us": time_ms * 1000,
    }


def _text_or_none(value: Any) -> str | None:
    return clean_text(value) if value and isinstance(value, str) else None


def _read_start(event: Mapping[str, Any]) -> int:
    """When a run started, in microseconds: as its event says, or when that was written."""
    started_us = event.get("started_us")
    if started_us.__class__ is int and 0 < started_us <= LAST_US:  # and no boolean
        return started_us
    return int(event["time"]) * 1000


def _say_start(started_us: int) -> dict[str, Any]:
    return {"timestamp": format_time(started_us), "started_us": started_us}


def index_text(value: Any) -> str:
    """A param's value as text, as its index keeps it: JSON, but text without quotes."""
    text: str = clean_text(value if isinstance(value, str) else encode_json(value))
    return text[:INDEXED_TEXT_LENGTH]


def _index_param(run: int, key: str, value: Any) -> dict[str, Any]:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {"run": run, "key": key, "text": index_text(value), "number": float(value) if is_number else None}
