"""The fields that a query may name, what kind of value each has, and the words that MLflow has for them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Literal

from modellab.records import MetricSummary, RunStatus

FieldType = Literal["number", "text", "time", "bool", "any"]

SUMMARIES = tuple(name for name in MetricSummary.__dataclass_fields__ if name != "name")
"""What `metrics.NAME.` may be followed by."""
NAN_SUMMARIES = ("final", "last", "first")
"""The summaries that may be NaN; the others are over finite values, counts and steps."""

RUN_FIELDS: Mapping[str, FieldType] = {
    "run_id": "text",
    "name": "text",
    "status": "text",
    "project_id": "text",
    "parent_id": "text",
    "dataset_id": "text",
    "started_at": "time",
    "ended_at": "time",
    "duration_s": "number",
    "seed": "number",
    "function": "text",
    "command": "text",
    "git_hash": "text",
    "git_branch": "text",
    "git_dirty": "bool",
    "python_version": "text",
    "hostname": "text",
    "user": "text",
    "description": "text",
    "note": "text",
    "error": "text",
    "wandb_url": "text",
    "n_artifacts": "number",
    "n_dropped": "number",
}
"""The fields of a run itself, and the kind of each."""

DATASET_FIELDS: Mapping[str, FieldType] = {
    "dataset_id": "text",
    "name": "text",
    "version": "number",
    "split": "text",
    "sha256": "text",
}
"""The fields of the datasets that a run used; a condition holds if it does for one of them."""

Kind = Literal["metrics", "params", "tags", "datasets", "run"]
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("metrics", "metric"), "metrics"),
    **dict.fromkeys(("params", "param", "parameters", "parameter"), "params"),
    **dict.fromkeys(("tags", "tag"), "tags"),
    **dict.fromkeys(("datasets", "dataset"), "datasets"),
    **dict.fromkeys(("attributes", "attribute", "attr", "run"), "run"),
}
"""What may stand before the dot; the first of each is ours, the others are MLflow's words."""

MILLISECOND_FIELDS: Mapping[str, str] = {
    "start_time": "started_at",
    "created": "started_at",
    "Created": "started_at",
    "end_time": "ended_at",
}
"""MLflow's times, which it compares with milliseconds since 1970."""

ALIASES: Mapping[str, str] = {
    "timestamp": "started_at",
    "run_name": "name",
    "run name": "name",
    "Run name": "name",
    "Run Name": "name",
    "user_id": "user",
    **MILLISECOND_FIELDS,
}
"""Other words for fields of a run: the record's for its start, and MLflow's."""

DATASET_ALIASES: Mapping[str, str] = {"digest": "sha256", "context": "split"}
"""MLflow's words for fields of a dataset."""

MLFLOW_STATUS: Mapping[str, RunStatus] = {
    "FINISHED": "completed",
    "FAILED": "failed",
    "KILLED": "failed",
    "RUNNING": "running",
    "SCHEDULED": "pending",
}


def find_nearest(name: str) -> Sequence[str]:
    """What somebody who wrote the unknown field `name` may have meant, the likeliest first."""
    head, dot, rest = name.partition(".")
    if dot:
        kinds = difflib.get_close_matches(head.lower(), KINDS, n=1, cutoff=0.6)
        return [f"{'attributes' if KINDS[kind] == 'run' else KINDS[kind]}.{rest}" for kind in kinds]
    similar = difflib.get_close_matches(name.lower(), [*RUN_FIELDS, *ALIASES], n=3, cutoff=0.6)
    similar += [field for field in RUN_FIELDS if field.startswith(f"{name.lower()}_")]
    return list(dict.fromkeys(similar)) or [f"metrics.{name}", f"params.{name}", f"tags.{name}"]
