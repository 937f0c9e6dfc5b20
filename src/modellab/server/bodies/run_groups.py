"""What requests and answers about groups of runs, and about params that go with a metric, hold."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from modellab.records import MAX_NAME_LENGTH
from modellab.records.run_groups import MAX_BY, MAX_GROUPS, MAX_METRICS, Summary
from modellab.server.bodies.evaluations import IntervalBody
from modellab.server.bodies.matching_runs import MatchingRunsQuery
from modellab.server.bodies.run_table import Cell
from modellab.server.bodies.values import Text

_RUN_ID = "18b2f6c3a1d40e57a0c4f1e29b7d3586"


class GroupsQuery(MatchingRunsQuery):
    """Which runs to group, by what, and which metrics to summarise."""

    by: list[Text] = Field(
        min_length=1,
        max_length=MAX_BY,
        description="Fields of the query language, repeated. Or only `seed`: runs that are alike in all else "
        "but folds.",
        examples=[["params.model", "tags.team"], ["seed"]],
    )
    metric: list[Text] = Field(
        default=[], max_length=MAX_METRICS, description="Metrics, repeated.", examples=[["accuracy"]]
    )
    summary: Summary = Field("final", description="Which value of the metrics.", examples=["final"])
    ascending: bool = Field(False, description="Smallest mean first, as for a loss.", examples=[False])
    limit: int = Field(100, ge=1, le=MAX_GROUPS, description="The most groups.", examples=[100])


class MetricOfGroupBody(BaseModel):
    """One metric over the runs of a group."""

    metric: str = Field(description="The metric.", examples=["accuracy"])
    n: int = Field(description="How many runs have it.", examples=[5])
    n_finite: int = Field(description="In how many it is a number; only these count.", examples=[5])
    mean: IntervalBody = Field(description="The mean with its t interval, which needs two different values.")
    sd: float | None = Field(description="The standard deviation, with n - 1.", examples=[0.004])
    min: float | None = Field(description="The smallest.", examples=[0.94])
    max: float | None = Field(description="The largest.", examples=[0.95])


class RunGroupBody(BaseModel):
    """Runs that are alike in what they are grouped by."""

    group_id: str = Field(description="Its name in this answer; by seed also in comparisons.")
    key: dict[str, Cell] = Field(
        description="What tells it from the other groups, by field; null where its runs have none.",
        examples=[{"params.model": "svm"}],
    )
    n: int = Field(description="How many runs it has.", examples=[5])
    n_unfinished: int = Field(description="How many are pending or running.", examples=[0])
    run_ids: list[str] = Field(description="The first 100, newest first.", examples=[[_RUN_ID]])
    seeds: list[int | None] = Field(description="Their seeds.", examples=[[7]])
    metrics: list[MetricOfGroupBody] = Field(description="The metrics, in the order asked for.")
    notes: list[str] = Field(description="What makes the intervals doubtful.", examples=[[]])


class RunGroupsBody(BaseModel):
    """Groups of runs, those with the largest mean of the first metric first."""

    by: list[str] = Field(description="What they are grouped by.", examples=[["params.model"]])
    summary: Summary = Field(description="Which value of the metrics.", examples=["final"])
    total: int = Field(description="How many groups there are.", examples=[12])
    n_runs: int = Field(description="How many runs match.", examples=[60])
    n_ungrouped: int = Field(
        description="By seed: how many are in no group, because their seed or all else is not known."
    )
    n_left_out: int = Field(description="How many were not looked at: all but the newest 20,000.")
    groups: list[RunGroupBody] = Field(description="The groups.")


class ImportanceQuery(MatchingRunsQuery):
    """Which metric, over which runs."""

    metric: Text = Field(max_length=MAX_NAME_LENGTH, description="The metric.", examples=["accuracy"])
    summary: Summary = Field("final", description="Which value of it.", examples=["final"])


class ParamImportanceBody(BaseModel):
    """How strongly one param goes with the metric."""

    name: str = Field(description="The param.", examples=["lr"])
    field: str = Field(description="As queries and columns write it.", examples=["params.lr"])
    n: int = Field(description="How many runs have both.", examples=[60])
    n_values: int = Field(description="How many values it has among them.", examples=[12])
    measure: Literal["spearman", "eta_squared"] | None = Field(
        description="The rank correlation of a numeric param, or the share of the metric's rank variance "
        "between the values of any other; null without a test."
    )
    value: float | None = Field(description="Of that measure: -1 to 1, or 0 to 1.", examples=[-0.61])
    strength: float | None = Field(description="Its size, 0 to 1: what params are sorted by.")
    p_value: float | None = Field(description="Of a permutation test.", examples=[0.0005])
    adjusted_p: float | None = Field(description="Adjusted for all params tested (Holm).", examples=[0.004])
    note: str | None = Field(description="Why there is no test.")


class ImportanceBody(BaseModel):
    """Which params go with a metric, strongest first. An association is no cause."""

    metric: str = Field(description="The metric.", examples=["accuracy"])
    summary: Summary = Field(description="Which value of it.", examples=["final"])
    n: int = Field(description="How many runs have a finite value of it.", examples=[60])
    n_left_out: int = Field(description="How many were not looked at: all but the newest 2,000.")
    family_size: int = Field(description="Params that p-values are adjusted for.", examples=[8])
    params: list[ParamImportanceBody] = Field(description="The params.")
    sentences: list[str] = Field(description="What this shows, and what not.")
