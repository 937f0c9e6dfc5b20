"""What a journal's `evaluation` and `latency` events say; their rows are `evaluation_rows.py`'s."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from modellab.journal.line import check_name
from modellab.records.artifacts import SHA256_PATTERN, check_path
from modellab.records.estimates import Interval
from modellab.records.evaluations import (
    EVALUATIONS_FOLDER,
    LATENCY_FOLDER,
    check_evaluation_name,
    check_latency_name,
    name_headline,
    name_latencies,
)
from modellab.store.evaluation_tables import evaluations, latencies
from modellab.store.json_columns import encode_json

_LIMIT = 2**63
_MOST_FILES = 1000  # one statement removes them all
_TASK_TYPE = re.compile(r"[a-z_]{1,50}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """An evaluation or a latency report that is to be there, in the place of one of the same name.

    `values` are its columns. `headline` are the metrics that it gives its run, `files` the artifacts it
    consists of. `replaced_files` are those of an earlier one that was never written.
    """

    table: Table
    name: str
    values: Mapping[str, Any]
    headline: Mapping[str, float]
    files: frozenset[str]
    replaced_files: frozenset[str] = frozenset()


def read_evaluation(event: Mapping[str, Any]) -> NewReport:
    """What an `evaluation` event says; raises `TypeError`, `ValueError` or `KeyError` for what is none."""
    name = check_evaluation_name(event["name"])
    metrics = {check_name(key, "metric"): _number_or_none(item) for key, item in event["metrics"].items()}
    primary = check_name(event["primary_metric"], "metric")
    files = _read_files(event, f"{EVALUATIONS_FOLDER}/{name}/")
    values = {
        "task_type": _match(_TASK_TYPE, event["task_type"]),
        "n": _count(event["n"]),
        "primary_metric": primary,
        "classes_json": _encode_classes(event.get("classes")),
        "metrics_json": encode_json(metrics),
        "notes_json": encode_json({_text(key): _text(item) for key, item in event["notes"].items()}),
        "intervals_json": encode_json(
            {_text(key): read_interval(item) for key, item in event["intervals"].items()}
        ),
        "takeaway": _text(event["takeaway"]),
        "rows_sha256": _match(SHA256_PATTERN, event["rows_sha256"]),
        "examples_sha256": _sum_or_none(event.get("examples_sha256")),
    }
    return _finish(evaluations, name, values, name_headline(name, primary, metrics), files, event)


def read_latency(event: Mapping[str, Any]) -> NewReport:
    """What a `latency` event says; raises `TypeError`, `ValueError` or `KeyError` for what is none."""
    name, report = check_latency_name(event["name"]), event["report"]
    if not isinstance(report, Mapping):
        raise TypeError(report)
    values = {
        "report_json": encode_json(report),
        "samples_sha256": _sum_or_none(event.get("samples_sha256")),
    }
    files = _read_files(event, f"{LATENCY_FOLDER}/{name}/")
    return _finish(latencies, name, values, name_latencies(name, report), files, event)


def read_interval(item: Mapping[str, Any]) -> Interval:
    """An interval as JSON says it; what a newer ModelLab says besides is left out."""
    known = {name: check(item[name]) for name, check in _INTERVAL.items() if name in item}
    return Interval(**known)


def _finish(
    table: Table,
    name: str,
    values: Mapping[str, Any],
    headline: Mapping[str, float],
    files: frozenset[str],
    event: Mapping[str, Any],
) -> NewReport:
    shared = {"name": name, "files_json": encode_json(sorted(files)), "created_us": event["time"] * 1000}
    return NewReport(table=table, name=name, values={**values, **shared}, headline=headline, files=files)


def _read_files(event: Mapping[str, Any], folder: str) -> frozenset[str]:
    """The artifacts that a report says it consists of: none outside of its own folder."""
    files = frozenset(check_path(path) for path in event.get("files") or ())
    if len(files) > _MOST_FILES:
        raise ValueError(len(files))
    if not all(path.startswith(folder) for path in files):
        raise ValueError(files)
    return files


def _encode_classes(classes: Any) -> str | None:
    if classes is None:
        return None
    if not isinstance(classes, list) or not all(isinstance(one, (str, int, float)) for one in classes):
        raise TypeError(classes)
    return encode_json(classes)


def _number_or_none(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(value)
    return value


def _sum_or_none(value: Any) -> str | None:
    return None if value is None else _match(SHA256_PATTERN, value)


def _match(pattern: re.Pattern[str], value: Any) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(value)
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _count(value: Any) -> int:
    if value.__class__ is not int or not 0 <= value < _LIMIT:
        raise ValueError(value)
    return int(value)


def _number(value: Any) -> float:
    number = _number_or_none(value)
    if number is None:
        raise ValueError(value)
    return number


_INTERVAL: Mapping[str, Callable[[Any], Any]] = {
    "estimate": _number_or_none,
    "low": _number_or_none,
    "high": _number_or_none,
    "level": _number,
    "method": _text,
    "n_resamples": _count,
    "n_dropped": _count,
    "seed": lambda value: None if value is None else _count(value),
    "note": lambda value: None if value is None else _text(value),
}
