"""What requests and answers about evaluations and latency reports hold; the answers are records."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from modellab.records.evaluations import DEFAULT_EVALUATION, NAME_PATTERN

MAX_LATENCY_MS = 1e12
"""The longest time that is believed, some thirty years."""

_RUN_ID = "18b2f6c3a1d40e57a0c4f1e29b7d3586"
_SUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class EvaluateBody(BaseModel):
    """What is to be evaluated; `row_ids` and `split` are other names of `rowIds` and `name`.

    It is read without the checks of other bodies, each of which would look at every value: JSON that no
    database can take is refused when it is parsed.
    """

    predictions: list[Any] = Field(
        description="For each row the probability of the positive class, a list of those of all classes, a "
        "class, or a number.",
        examples=[[0.9, 0.2, 0.7]],
    )
    labels: list[Any] = Field(description="For each row its class or number.", examples=[["yes", "no", "no"]])
    data: list[Any] | dict[str, Any] | None = Field(
        None,
        description="Columns beside the predictions: an object for each row, or a list for each column.",
        examples=[[{"age": 31}, {"age": 47}, {"age": None}]],
    )
    row_ids: list[int | str] | None = Field(
        None,
        validation_alias=AliasChoices("rowIds", "row_ids"),
        description="For each row its id, by which runs are paired; its number from 0 if not given.",
        examples=[["a", "b", "c"]],
    )
    clusters: list[Any] | None = Field(
        None,
        description="For each row what it belongs to, such as a patient: those are resampled whole.",
        examples=[[1, 1, 2]],
    )
    name: str = Field(
        DEFAULT_EVALUATION,
        pattern=NAME_PATTERN,
        validation_alias=AliasChoices("name", "split"),
        description="What it is called: the split. Another evaluation of the same name is replaced.",
        examples=["test"],
    )
    config: dict[str, Any] | None = Field(
        None,
        description="Settings, in camelCase or snake_case: `taskType` (`classification` or `regression`), "
        "`classes` (in their order, the positive one last), `sliceAttributes` (columns of `data`; all if not "
        "given), `primaryMetric`, `baseline`, `computeCis`, `nResamples` (100 to 10 000), "
        "`nFailuresPerType`, `seed`. Stress tests need a model and are not run.",
        examples=[{"taskType": "classification", "classes": ["no", "yes"], "sliceAttributes": ["age"]}],
    )

    model_config = ConfigDict(extra="forbid")


EVALUATE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "What is to be evaluated: JSON of at most 64 MiB.",
        "content": {"application/json": {"schema": EvaluateBody.model_json_schema(by_alias=True)}},
    }
}
"""The body, for the OpenAPI document: a thread of its own parses it, so no model of the route does."""


class IntervalBody(BaseModel):
    """A value and the interval around it."""

    estimate: float | None = Field(description="The value.", examples=[0.953])
    low: float | None = Field(description="The lower end; null where there is no interval.", examples=[0.91])
    high: float | None = Field(description="The upper end; null where there is no interval.", examples=[0.98])
    level: float = Field(description="How often such an interval covers the truth.", examples=[0.95])
    method: str = Field(description="How it was made.", examples=["bca"])
    n_resamples: int = Field(description="Resamples; 0 for a formula.", examples=[1000])
    n_dropped: int = Field(description="Resamples in which the metric is undefined.", examples=[0])
    seed: int | None = Field(description="What the resamples started from.", examples=[0])
    note: str | None = Field(description="What to know about it.")


class EvaluationBody(BaseModel):
    """The headline of an evaluation."""

    run_id: str = Field(description="The run.", examples=[_RUN_ID])
    name: str = Field(description="What it is called: the split.", examples=["test"])
    task_type: str = Field(description="`classification` or `regression`.", examples=["classification"])
    n: int = Field(description="Rows.", examples=[150])
    classes: list[Any] | None = Field(description="Classes in their order; null of a regression.")
    primary_metric: str = Field(description="The metric that counts.", examples=["f1"])
    metrics: dict[str, float | None] = Field(
        description="Values by name; null where undefined, and `notes` say why.", examples=[{"f1": 0.953}]
    )
    notes: dict[str, str] = Field(description="What to know about a metric, by its name.")
    intervals: dict[str, IntervalBody] = Field(description="Intervals by metric.")
    takeaway: str = Field(description="Five sentences that say what came out.")
    rows_sha256: str = Field(
        description="Over row ids and labels: evaluations on the same rows have the same.", examples=[_SUM]
    )
    examples_path: str | None = Field(
        description="The artifact with labels and predictions row by row; null if it was not kept.",
        examples=["evaluations/test/examples.npz"],
    )
    examples_sha256: str | None = Field(description="The SHA-256 of that artifact.", examples=[_SUM])
    folder: str = Field(description="Where its files lie among the artifacts.", examples=["evaluations/test"])
    created_at: str = Field(
        description="When it was recorded, in UTC.", examples=["2026-11-20T09:30:00.000000+00:00"]
    )


class EvaluationListBody(BaseModel):
    """The evaluations of a run."""

    items: list[EvaluationBody] = Field(description="Headlines, by name.")


class WholeEvaluationBody(EvaluationBody):
    """An evaluation, whole."""

    report: dict[str, Any] | None = Field(
        description="All of it: metrics, intervals, slices, failures, stress tests, curves, takeaway. Null "
        "while its bytes are on the way from where it was made, or if it was not kept."
    )


class MeasuredBody(BaseModel):
    """Times that were measured elsewhere, of calls that succeeded after a warm-up."""

    latencies_ms: list[Annotated[float, Field(ge=0, le=MAX_LATENCY_MS)]] = Field(
        min_length=1,
        description="What each call took, in milliseconds, in the order in which they were made.",
        examples=[[1.9, 2.1, 2.0, 8.4]],
    )
    name: str = Field(
        "default",
        pattern=NAME_PATTERN,
        description="What it is called. Another latency report of the same name is replaced.",
        examples=["default"],
    )
    target: str | None = Field(
        None, max_length=1000, description="What was called.", examples=["POST /predict"]
    )
    concurrency: int = Field(1, ge=1, le=100_000, description="Calls at one time.", examples=[4])
    rate_per_s: float | None = Field(
        None, gt=0, le=1e12, description="Calls a second that were planned.", examples=[50.0]
    )
    wall_s: float | None = Field(
        None,
        gt=0,
        le=1e12,
        description="What all calls took together, in seconds; without it there is no throughput.",
        examples=[8.1],
    )
    n_errors: int = Field(0, ge=0, lt=2**53, description="Further calls that failed.", examples=[0])
    n_timeouts: int = Field(0, ge=0, lt=2**53, description="Further calls that took too long.", examples=[0])
    warmup_calls: int = Field(
        0, ge=0, lt=2**53, description="Calls before, which were left out.", examples=[50]
    )
    machine: dict[str, Any] | None = Field(
        None, description="What is to be known of the machine.", examples=[{"cpu": "EPYC"}]
    )

    model_config = ConfigDict(extra="forbid")


MEASURED_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "Measured times: JSON of at most 4 MiB.",
        "content": {"application/json": {"schema": MeasuredBody.model_json_schema()}},
    }
}


class LatencyBody(BaseModel):
    """A latency report."""

    run_id: str = Field(description="The run.", examples=[_RUN_ID])
    name: str = Field(description="What it is called.", examples=["default"])
    report: dict[str, Any] = Field(description="Percentiles with intervals, histogram, machine, and how.")
    samples_path: str | None = Field(
        description="The artifact with the measured times; null if it was not kept.",
        examples=["latency/default/samples.npy"],
    )
    samples_sha256: str | None = Field(description="The SHA-256 of that artifact.", examples=[_SUM])
    folder: str = Field(description="Where its files lie among the artifacts.", examples=["latency/default"])
    created_at: str = Field(
        description="When it was recorded, in UTC.", examples=["2026-11-20T09:30:00.000000+00:00"]
    )


class LatencyListBody(BaseModel):
    """The latency reports of a run."""

    items: list[LatencyBody] = Field(description="Reports, by name.")


class RemovedReportBody(BaseModel):
    """What the removal of an evaluation or a latency report did."""

    name: str = Field(description="What was removed.", examples=["test"])
    freed_bytes: int = Field(
        description="The bytes that were freed: 0 if another thing has the same content.", examples=[104857]
    )
