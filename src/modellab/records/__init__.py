"""What things *are*: the one place. Tables and API schemas follow from it.

Runs, metrics and series are here; projects, datasets, artifacts and accounts in modules of their own.

Records are plain frozen data. They are checked where they enter (tracking, server, store), not here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from modellab.records.datasets import DatasetUse

RunStatus = Literal["pending", "running", "completed", "failed"]
RUN_STATUSES: tuple[RunStatus, ...] = ("pending", "running", "completed", "failed")

MAX_NAME_LENGTH = 250
"""Characters in the name of a run, metric, param or tag."""
MAX_NOTE_LENGTH = 100_000
"""Characters in a note."""
MAX_PARAM_LENGTH = 65_536
"""Characters of a param's JSON; a longer one is recorded shortened, and the run says so."""
MAX_STEP = 2**53
"""The largest step, exact in every language that reads JSON; the smallest is its negative."""
SYSTEM_PREFIX = "system/"
"""Metrics of the machine; kept as series, left out of `final_metrics`."""

MANIFEST_COLUMNS: tuple[str, ...] = (
    "run_id",
    "timestamp",
    "git_hash",
    "git_diff",
    "command",
    "python_version",
    "pip_freeze",
    "device_info",
    "dataset_id",
    "params_json",
    "final_metrics_json",
    "artifacts_json",
    "wandb_url",
    "note",
)
"""The columns of `manifests`, in order. Others build on them: they never change."""


class MetricPoint(NamedTuple):
    """One value of a metric; `time` is in seconds since 1970 (UTC, to the millisecond)."""

    step: int
    value: float
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSummary:
    """All that is known of one metric of one run without reading its points.

    `final` is the value that the run returned, else `last`. `last` and `first` are the values at
    the largest and the smallest step. `min` and `max` are over finite values, `None` if there are
    none; NaN and ±inf are counted in `n_nonfinite`. `count` is 0 for a metric that was only returned.
    """

    name: str
    final: float
    last: float
    first: float
    min: float | None
    max: float | None
    count: int
    n_nonfinite: int
    first_step: int | None
    last_step: int | None
    min_step: int | None
    max_step: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The points of one metric, in order of step, or a reduction of them that keeps the extremes.

    `count` and `n_nonfinite` speak of the points stored in the range asked for; `steps`, `values`
    and `times` (seconds since 1970) are what is shown. `reduced` says whether points were left out.
    """

    name: str
    count: int
    n_nonfinite: int
    reduced: bool
    steps: Sequence[int]
    values: Sequence[float]
    times: Sequence[float]

    def points(self) -> list[MetricPoint]:
        """The shown points as rows."""
        return list(map(MetricPoint._make, zip(self.steps, self.values, self.times, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run as a list shows it. `timestamp` is its start, ISO-8601 in UTC; `error` says why it failed."""

    run_id: str
    name: str | None
    project_id: str | None
    status: RunStatus
    timestamp: str
    duration_s: float | None
    git_hash: str | None
    command: str | None
    dataset_id: str | None
    wandb_url: str | None
    params: Mapping[str, Any]
    final_metrics: Mapping[str, float]
    tags: Mapping[str, str]
    note: str | None
    parent_id: str | None
    n_artifacts: int
    seed: int | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(RunSummary):
    """A run, whole. `traceback` ends with `error`; `n_dropped` counts what could not be logged.

    `children` are the runs nested in it that are not in the trash, the first 1000 by start.
    """

    git_branch: str | None
    git_dirty: bool | None
    git_diff: str | None
    python_version: str | None
    pip_freeze: str | None
    device_info: str | None
    hostname: str | None
    user: str | None
    function: str | None
    description: str | None
    config: Mapping[str, Any]
    deleted_at: str | None
    artifacts: Sequence[str]
    traceback: str | None
    n_dropped: int
    metrics: Mapping[str, MetricSummary] = field(default_factory=dict)
    children: Sequence[str] = ()
    datasets: Sequence[DatasetUse] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """Two or more runs side by side, with every metric and param name that any of them has.

    `warnings` are sentences about what makes their scores hard to compare, such as different test data.
    """

    metric_keys: Sequence[str]
    param_keys: Sequence[str]
    runs: Sequence[Run]
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs to list; everything given must hold. Bounds are inclusive.

    `metric_min` and `metric_max` need `metric_name`; `param_value` needs `param_name` and is compared
    as a number if it reads as one. Substrings are found in any letter case. Times are ISO-8601, UTC
    if they name no zone. `query` is a text of the query language. `visible` are the projects that the
    caller may see, `None` for all.
    """

    dataset_id: str | None = None
    command_substring: str | None = None
    note_substring: str | None = None
    from_timestamp: str | None = None
    to_timestamp: str | None = None
    has_artifacts: bool | None = None
    metric_name: str | None = None
    metric_min: float | None = None
    metric_max: float | None = None
    param_name: str | None = None
    param_value: str | None = None
    status: RunStatus | None = None
    project_id: str | None = None
    parent_id: str | None = None
    query: str | None = None
    in_trash: bool = False
    visible: frozenset[str] | None = None
