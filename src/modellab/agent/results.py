"""What each tool gives back, for clients of MCP. Parts that a run does not have are left out."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

Number = float | Literal["nan", "inf", "-inf"] | None
"""JSON has no word for the three."""


class Run(BaseModel):
    """A run in short; long texts are cut."""

    run_id: str
    name: str | None
    status: str
    started_at: str | None = None
    duration_s: float | None = None
    duration: str | None = Field(None, description="In words.")
    project_id: str | None = None
    dataset_id: str | None = None
    seed: int | None = None
    metrics: dict[str, Number] = Field({}, description="Final values.")
    params: dict[str, Any] = {}
    tags: dict[str, Any] = {}
    note: str | None = None
    error: str | None = None


class Runs(BaseModel):
    """Runs in the order that was asked for."""

    query: str | None
    total: int = Field(description="How many match.")
    runs: list[Run]


class RankedRun(Run):
    """A run with its place."""

    rank: int
    value: Number = Field(description="Of the metric.")


class RankedRuns(BaseModel):
    """Runs by one metric, best first."""

    metric: str
    higher_is_better: bool
    query: str | None
    total: int = Field(description="How many have the metric.")
    runs: list[RankedRun]


class MeanOfMetric(BaseModel):
    """A metric in a group of runs."""

    metric: str
    n: int = Field(description="Runs that have it.")
    n_finite: int = Field(description="Runs that the mean is of.")
    mean: Number = None
    low: Number = Field(None, description="Of the interval of the mean.")
    high: Number = None
    level: float | None = None
    sd: Number = Field(None, description="Standard deviation.")
    min: Number = None
    max: Number = None


class RunGroup(BaseModel):
    """Runs that have the same values of the fields that make the groups."""

    key: dict[str, Any] = Field(description="The value of each of those fields.")
    n: int = Field(description="Runs in it.")
    metrics: list[MeanOfMetric]
    run_ids: list[str] = Field(description="The first of them.")


class RunGroups(BaseModel):
    """Runs in groups; a mean alone shows no group to be better."""

    query: str | None
    by: list[str]
    total: int = Field(description="Groups in all.")
    n_runs: int
    n_ungrouped: int
    groups: list[RunGroup]


class RunDetails(Run):
    """A run."""

    description: str | None = None
    command: str | None = None
    function: str | None = None
    git_hash: str | None = None
    git_branch: str | None = None
    git_dirty: bool | None = None
    python_version: str | None = None
    hostname: str | None = None
    user: str | None = None
    config: dict[str, Any] = {}
    parent_id: str | None = None
    children: list[Any] = []
    artifacts: list[Any] = []
    n_artifacts: int | None = None
    datasets: list[dict[str, Any]] = []
    curves: dict[str, int] = Field({}, description="Metrics with more than one point, and how many.")
    traceback: str | None = Field(None, description="Its end.")


class Verdict(BaseModel):
    """Whether two runs, or groups of seeds, differ on a metric."""

    a: str
    b: str
    metric: str
    verdict: str
    sentence: str
    difference: Number = Field(None, description="B - A.")
    low: Number = Field(None, description="Of the interval of the difference.")
    high: Number = None
    adjusted_p: float | None = None


class MetricValues(BaseModel):
    """A metric of the compared runs."""

    metric: str
    values: dict[str, Number] = Field(description="By run.")


class ComparedRuns(BaseModel):
    """Runs compared; `sentences` and `warnings` say what may be said of them."""

    runs: list[dict[str, Any]]
    baseline: str | None = None
    primary_metric: str | None
    higher_is_better: bool | None = None
    verdicts: list[Verdict]
    secondary: list[Verdict] = Field([], description="On other metrics.")
    metrics: list[MetricValues]
    differences: dict[str, list[Any]] = Field(description="In params, environment and code.")
    warnings: list[str]
    sentences: list[str]


class Curve(BaseModel):
    """A metric over steps."""

    metric: str
    n_points: int
    n_nonfinite: int
    is_reduced: bool = Field(description="Whether points are left out; lows and highs never are.")
    steps: list[int]
    values: list[Number]
    first: Number = None
    last: Number = None
    final: Number = None
    min: Number = None
    max: Number = None
    min_step: int | None = None
    max_step: int | None = None


class Curves(BaseModel):
    """Curves of a run."""

    run_id: str
    name: str | None
    status: str
    curves: list[Curve]


class FoundRun(Run):
    """A run with the texts that match."""

    found_in: dict[str, str] = Field({}, description="By where they stand.")


class FoundRuns(BaseModel):
    """Runs in which words occur, best first."""

    text: str
    total: int
    runs: list[FoundRun]
    notes: list[str] = Field([], description="What was not done, and why.")


class SimilarRun(BaseModel):
    """A run that is like another."""

    run_id: str
    name: str | None
    project_id: str | None
    status: str
    distance: float = Field(description="0 is the same, 1 nothing in common.")
    shared_params: list[str]
    different_params: list[dict[str, Any]]
    why: str


class SimilarRuns(BaseModel):
    """Runs like one, nearest first."""

    run_id: str
    n_considered: int
    runs: list[SimilarRun]


class Suggestions(BaseModel):
    """Params to try; `sentences` say what stands behind them."""

    metric: str
    higher_is_better: bool
    n_runs: int = Field(description="Runs that were learned from.")
    fixed: dict[str, Any] = Field(description="Params that are the same in all of them.")
    best: dict[str, Any] | None = Field(description="The best run so far.")
    explained: Number = Field(description="Share of the variance of unseen runs that the model tells.")
    sentences: list[str]
    suggestions: list[dict[str, Any]]


class Dataset(BaseModel):
    """A version of a dataset."""

    dataset_id: str
    name: str
    version: int
    project_id: str | None = None
    n_rows: int | None = None
    n_columns: int | None = None
    size: int | None = Field(None, description="Bytes.")
    n_runs: int | None = Field(None, description="Runs that used it.")
    created_at: str | None = None
    tags: dict[str, Any] = {}
    description: str | None = None


class Datasets(BaseModel):
    """Datasets, newest first."""

    datasets: list[Dataset]
    has_more: bool


class Evaluation(BaseModel):
    """An evaluation of a run."""

    run_id: str
    name: str
    task_type: str
    n: int = Field(description="Rows.")
    classes: list[Any] | None
    primary_metric: str
    metrics: dict[str, Number]
    intervals: dict[str, dict[str, Number]] = Field(description="Low, high and level, by metric.")
    takeaway: str = Field(description="What came out, in five sentences.")
    evaluations: list[str] = Field(description="All that the run has.")


class WrittenNote(BaseModel):
    """A note as it is now and was before."""

    run_id: str
    name: str | None
    note: str
    note_before: str | None


class FlaggedRun(BaseModel):
    """The tags of a run that was flagged."""

    run_id: str
    name: str | None
    tags: dict[str, Any]
