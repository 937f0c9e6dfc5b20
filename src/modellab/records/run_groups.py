"""Many runs at once: their configurations, groups of them with means, and which params go with a metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from modellab.records.datasets import DatasetUse
from modellab.records.estimates import Interval

Summary = Literal["final", "last", "first", "min", "max"]
"""The value of a metric that stands for a run."""

MAX_GROUPED = 20_000
"""Runs that are grouped, the newest."""
MAX_BY = 8
"""Fields that runs are grouped by."""
MAX_METRICS = 10
"""Metrics of a group."""
MAX_GROUPS = 1000
"""Groups in one answer."""
MAX_RANKED = 2000
"""Runs in which params are held against a metric, the newest."""
MAX_PARAMS = 200
"""Params that are held against a metric: those that most runs have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfiguration:
    """What a run was told to do, with what, and on which data; the fields are those of `Run`."""

    run_id: str
    project_id: str | None
    seed: int | None
    params: Mapping[str, Any]
    config: Mapping[str, Any]
    git_hash: str | None
    git_diff_digest: str | None
    function: str | None
    command: str | None
    dataset_id: str | None
    datasets: Sequence[DatasetUse]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricOfGroup:
    """One metric over the runs of a group. `n` runs have it, in `n_finite` it is a number.

    `mean` has the t interval of the finite values, `sd` is their standard deviation with n - 1.
    """

    metric: str
    n: int
    n_finite: int
    mean: Interval
    sd: float | None
    min: float | None
    max: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunGroup:
    """Runs that are alike in what they are grouped by.

    `key` is what tells the group from the others, by field. `run_ids` and `seeds` are the first 100 of `n`,
    newest first. `n_unfinished` are pending or running, so that their metrics may still change. `notes` say
    what makes the intervals doubtful.
    """

    group_id: str
    key: Mapping[str, Any]
    n: int
    n_unfinished: int
    run_ids: Sequence[str]
    seeds: Sequence[int | None]
    metrics: Sequence[MetricOfGroup]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunGroups:
    """Groups in the order of their first metric; `total` counts those beyond the limit too.

    Of `n_runs` that match, `n_ungrouped` are in no group, because their seed is not known or nothing else is,
    and `n_left_out` were not looked at because there are too many: the oldest.
    """

    by: Sequence[str]
    summary: Summary
    total: int
    n_runs: int
    n_ungrouped: int
    n_left_out: int
    groups: Sequence[RunGroup]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamImportance:
    """How strongly one param goes with a metric.

    `measure` is `spearman`, the rank correlation of a numeric param (-1 to 1), or `eta_squared`, the share of
    the metric's rank variance between the values of any other (0 to 1). `strength`, from 0 to 1, is the size
    of either on one scale. `p_value` is that of a permutation test, `adjusted_p` adjusted for all params that
    were tested (Holm). Where there is no test all are `None`, and `note` says why.
    """

    name: str
    field: str
    n: int
    n_values: int
    measure: Literal["spearman", "eta_squared"] | None
    value: float | None
    strength: float | None
    p_value: float | None
    adjusted_p: float | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """Which params go with a metric, strongest first, over `n` runs that have a finite value of it.

    `family_size` is how many params p-values are adjusted for. `sentences` say what this shows and what not.
    """

    metric: str
    summary: Summary
    n: int
    n_left_out: int
    family_size: int
    params: Sequence[ParamImportance]
    sentences: Sequence[str]
