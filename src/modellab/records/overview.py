"""What an overview is: what runs, what failed, what is best so far, and how much there is of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modellab.records import RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """The runs that started on a day (UTC, such as `2026-11-20`), and how many of them have failed."""

    day: str
    n_runs: int
    n_failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestValue:
    """The value of a metric at its largest step."""

    metric: str
    step: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningRun:
    """A run that is running. `values` are the newest of a few of its `n_metrics` metrics."""

    run_id: str
    name: str | None
    project_id: str | None
    started_at: str
    last_at: str | None
    last_step: int | None
    n_metrics: int
    values: Sequence[NewestValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRun:
    """A run that failed, when and why."""

    run_id: str
    name: str | None
    project_id: str | None
    ended_at: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BestValue:
    """The best finite final value of a metric, and the run that was the first to reach it.

    `previous` is the best value among runs that started before that run: what it was better than.
    `n_runs` have a finite value of the metric.
    """

    metric: str
    higher_is_better: bool
    value: float
    previous: float | None
    run_id: str
    name: str | None
    project_id: str | None
    at: str
    n_runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """An overview of one project or of all that a caller may see. What lies in the trash is left out.

    `n_datasets` counts the versions of one name once, `n_bytes` equal content once; of all projects, for who
    may see them all, bytes of the trash are among them.
    """

    n_runs: int
    n_by_status: Mapping[RunStatus, int]
    n_projects: int
    n_datasets: int
    n_artifacts: int
    n_bytes: int
    last_activity_at: str | None
    days: Sequence[DayCount]
    running: Sequence[RunningRun]
    failed: Sequence[FailedRun]
    best: Sequence[BestValue]
