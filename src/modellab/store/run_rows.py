"""Rows of `runs` and `metrics` as the records that they stand for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from modellab.journal.line import decode_value
from modellab.records import MetricSummary, Run, RunSummary
from modellab.records.datasets import DatasetUse
from modellab.store.json_columns import decode_json
from modellab.store.times import format_time

_METRIC_FIELDS = tuple(name for name in MetricSummary.__dataclass_fields__ if name != "name")


def as_summary(row: Any) -> RunSummary:
    """A run as a list shows it, from a row with `selection.SUMMARY_COLUMNS`."""
    return RunSummary(**_summary_fields(row))


def _summary_fields(row: Any) -> dict[str, Any]:
    ended_us = row.ended_us
    return {
        "run_id": row.run_id,
        "name": row.name,
        "project_id": row.project_id,
        "status": row.status,
        "timestamp": row.timestamp,
        "duration_s": None if ended_us is None else (ended_us - row.started_us) / 1e6,
        "git_hash": row.git_hash,
        "command": row.command,
        "dataset_id": row.dataset_id,
        "wandb_url": row.wandb_url,
        "params": decode_json(row.params_json, dict),
        "final_metrics": _decode_metrics(decode_json(row.final_metrics_json, dict)),
        "tags": decode_json(row.tags_json, dict),
        "note": row.note,
        "parent_id": row.parent_id,
        "n_artifacts": row.n_artifacts,
        "seed": row.seed,
        "error": row.error,
    }


def as_run(
    row: Any,
    summaries: Mapping[str, MetricSummary],
    children: Sequence[str] = (),
    datasets: Sequence[DatasetUse] = (),
) -> Run:
    """A run, whole, from its row with its texts, the summaries of its metrics, and the datasets it used."""
    return Run(
        **_summary_fields(row),
        git_branch=row.git_branch,
        git_dirty=None if row.git_dirty is None else bool(row.git_dirty),
        git_diff=row.git_diff,
        python_version=row.python_version,
        pip_freeze=row.pip_freeze,
        device_info=row.device_info,
        hostname=row.hostname,
        user=row.user,
        function=row.function,
        description=row.description,
        config=decode_json(row.config_json, dict),
        deleted_at=format_time(row.deleted_us),
        artifacts=decode_json(row.artifacts_json, list),
        traceback=row.traceback,
        n_dropped=row.n_dropped,
        metrics=summaries,
        children=children,
        datasets=datasets,
    )


def as_metric(row: RowMapping) -> MetricSummary:
    """A metric's summary from its row; NULL is NaN."""
    fields: dict[str, Any] = {name: row[name] for name in _METRIC_FIELDS}
    for name in ("final", "last", "first"):
        fields[name] = math.nan if row[name] is None else row[name]
    return MetricSummary(name=row["key"], **fields)


def _decode_metrics(final: Mapping[str, Any]) -> dict[str, float]:
    return dict(_numbers(final.items()))


def _numbers(items: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, float]]:
    for name, value in items:
        if isinstance(value, str):
            try:
                yield name, decode_value(value)
            except ValueError:
                continue
        elif isinstance(value, (int, float)):
            yield name, value
