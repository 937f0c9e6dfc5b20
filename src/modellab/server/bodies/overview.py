"""What requests and answers about overviews hold."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from modellab.records import RunStatus
from modellab.server.bodies.values import Number, Query, Text
from modellab.store.best_values import MAX_BEST
from modellab.store.overview import MAX_DAYS, MAX_FAILED, MAX_RUNNING, MAX_VALUES

_AT = "2026-11-20T09:30:00.000000+00:00"
_RUN: dict[str, Any] = {
    "run_id": "18b2f6c3a1d40e57a0c4f1e29b7d3586",
    "name": "baseline",
    "project_id": "iris-study",
}
_VALUE: dict[str, Any] = {"metric": "train_loss", "step": 99, "value": 0.21}
_DAY: dict[str, Any] = {"day": "2026-11-20", "n_runs": 12, "n_failed": 1}
_RUNNING = {
    **_RUN, "started_at": _AT, "last_at": _AT, "last_step": 99, "n_metrics": 2, "values": [_VALUE]
}  # fmt: skip
_FAILED = {**_RUN, "ended_at": _AT, "error": "ValueError: the loss is nan"}
_BEST = {
    "metric": "accuracy",
    "higher_is_better": True,
    "value": 0.953,
    "previous": 0.941,
    **_RUN,
    "at": _AT,
    "n_runs": 42,
}
_OVERVIEW: dict[str, Any] = {
    "n_runs": 120,
    "n_by_status": {"pending": 0, "running": 1, "completed": 110, "failed": 9},
    "n_projects": 3,
    "n_datasets": 2,
    "n_artifacts": 240,
    "n_bytes": 1_048_576,
    "last_activity_at": _AT,
    "days": [_DAY],
    "running": [_RUNNING],
    "failed": [_FAILED],
    "best": [_BEST],
}


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]})


class OverviewQuery(Query):
    """An overview of what."""

    project_id: Text | None = Field(None, description="Only of this project.", examples=["iris-study"])
    days: int = Field(90, ge=1, le=MAX_DAYS, description="Days whose runs are counted.", examples=[90])


class DayCountBody(BaseModel):
    """The runs that started on a day."""

    day: str = Field(description="The day, in UTC.")
    n_runs: int = Field(description="Runs that started.")
    n_failed: int = Field(description="How many of them have failed.")

    model_config = _example(_DAY)


class NewestValueBody(BaseModel):
    """The newest point of a metric."""

    metric: str = Field(description="Its name.")
    step: int = Field(description="The largest step.")
    value: Number = Field(description="The value there.")

    model_config = _example(_VALUE)


class _NamedRun(BaseModel):
    run_id: str = Field(description="Its id.")
    name: str | None = Field(description="Its name.")
    project_id: str | None = Field(description="The project it belongs to.")


class RunningRunBody(_NamedRun):
    """A run that is running."""

    started_at: str = Field(description="When it started.")
    last_at: str | None = Field(description="When it was last heard of, by its own clock.")
    last_step: int | None = Field(description="The largest step of its metrics, those of the machine aside.")
    n_metrics: int = Field(description="How many metrics with points it has, those of the machine aside.")
    values: list[NewestValueBody] = Field(
        description=f"The newest values of its metrics, the first {MAX_VALUES} by name."
    )

    model_config = _example(_RUNNING)


class FailedRunBody(_NamedRun):
    """A run that failed."""

    ended_at: str | None = Field(description="When it ended.")
    error: str | None = Field(description="Why, in a line.")

    model_config = _example(_FAILED)


class BestValueBody(BaseModel):
    """The best finite final value of a metric, and the run that was the first to reach it."""

    metric: str = Field(description="The metric.")
    higher_is_better: bool = Field(description="Which way is better.")
    value: float = Field(description="The best value.")
    previous: float | None = Field(description="The best one of the runs that started before.")
    run_id: str = Field(description="The run that reached it first.")
    name: str | None = Field(description="That run's name.")
    project_id: str | None = Field(description="The project it belongs to.")
    at: str = Field(description="When it ended, or started if it is still running.")
    n_runs: int = Field(description="How many runs have a finite value of the metric.")

    model_config = _example(_BEST)


class OverviewBody(BaseModel):
    """What runs, what failed, what is best so far, and how much there is; without what lies in the trash."""

    n_runs: int = Field(description="Runs.")
    n_by_status: dict[RunStatus, int] = Field(description="Runs by what has become of them.")
    n_projects: int = Field(description="Projects.")
    n_datasets: int = Field(description="Datasets; the versions of one name count once.")
    n_artifacts: int = Field(description="Artifacts of the runs.")
    n_bytes: int = Field(
        description="Bytes of kept files, the same content once. Of all projects, for who may see them all, "
        "those of the trash are among them."
    )
    last_activity_at: str | None = Field(description="When something last started, ended or was changed.")
    days: list[DayCountBody] = Field(description="Runs by day, the last one today.")
    running: list[RunningRunBody] = Field(description=f"Running runs, the {MAX_RUNNING} newest.")
    failed: list[FailedRunBody] = Field(description=f"Failed runs, the {MAX_FAILED} that ended last.")
    best: list[BestValueBody] = Field(
        description=f"The best values of up to {MAX_BEST} metrics that the newest runs have in common and of "
        "which it is known which way is better; the one that was reached last first."
    )

    model_config = _example(_OVERVIEW)
