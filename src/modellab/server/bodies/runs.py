"""What requests and answers about runs hold.

Answers are encoded straight from records, without a model in between: that is several times faster,
and tests hold the two together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from modellab.journal.line import encode_value
from modellab.records import MAX_NOTE_LENGTH, MAX_STEP, Run, RunStatus, RunSummary, Series
from modellab.server.bodies.values import Number, Query, Text

MAX_COMPARE = 100
"""Runs in one comparison."""
MAX_SERIES = 200
"""Curves in one answer."""

_RUN_ID = "18b2f6c3a1d40e57a0c4f1e29b7d3586"
_OTHER_ID = "18b2f6c3b5e81f20c7d9034a6be1f872"
_SUMMARY: dict[str, Any] = {
    "run_id": _RUN_ID,
    "timestamp": "2026-11-20T09:30:00.000000+00:00",
    "git_hash": "9fceb02d0ae598e95dc970b74767f19372d61af8",
    "command": "python train.py --lr 0.01",
    "dataset_id": "iris-v1",
    "wandb_url": None,
    "final_metrics": {"accuracy": 0.953, "loss": 0.21},
}
_DETAIL = {
    **_SUMMARY,
    "git_diff": None,
    "python_version": "3.12.4",
    "pip_freeze": "numpy==2.3.0\nscikit-learn==1.7.0",
    "device_info": '{"cpu":"x86_64","cpu_count":8}',
    "params": {"lr": 0.01, "model_name": "linear_svm"},
    "artifacts": ["checkpoints/linear_svm.joblib"],
    "note": "baseline",
}


class RunQuery(Query):
    """Which runs to list: everything given must hold; bounds are inclusive."""

    dataset_id: Text | None = Field(None, description="Exactly this dataset.", examples=["iris-v1"])
    command_substring: Text | None = Field(
        None, description="Found in the command, in any letter case.", examples=["train.py"]
    )
    note_substring: Text | None = Field(
        None, description="Found in the note, in any letter case.", examples=["baseline"]
    )
    from_timestamp: Text | None = Field(
        None,
        description="Started then or later. ISO-8601; UTC if no zone is named.",
        examples=["2026-11-01", "2026-11-20T09:30:00Z"],
    )
    to_timestamp: Text | None = Field(
        None,
        description="Started then or earlier. ISO-8601; a date alone means the end of that day.",
        examples=["2026-11-30"],
    )
    has_artifacts: bool | None = Field(
        None, description="With at least one artifact, or with none.", examples=[True]
    )
    metric_name: Text | None = Field(
        None, description="Have a final value of this metric.", examples=["accuracy"]
    )
    metric_min: float | None = Field(
        None, description="The least final value of `metric_name`; not NaN.", examples=[0.9]
    )
    metric_max: float | None = Field(
        None, description="The greatest final value of `metric_name`; not NaN.", examples=[1.0]
    )
    param_name: Text | None = Field(None, description="Have this param.", examples=["lr"])
    param_value: Text | None = Field(
        None,
        description="The value of `param_name`; compared as a number if it reads as one.",
        examples=["0.01"],
    )
    status: RunStatus | None = Field(None, description="In this state.", examples=["completed"])
    query: Text | None = Field(
        None,
        description="Runs for which this text of the query language holds; at most 10 000 characters.",
        examples=["metrics.accuracy > 0.9 and params.model = 'svm'"],
    )
    limit: int = Field(1000, ge=1, le=10_000, description="The most runs in one answer.", examples=[50])
    cursor: Text | None = Field(
        None, description="Where to go on: `X-Next-Cursor` of the page before.", examples=["MTc2MzYuNDI"]
    )


class LeaderboardQuery(Query):
    """Which runs to rank, and by what."""

    metric_name: Text = Field(description="The metric whose final value ranks runs.", examples=["accuracy"])
    top_k: int = Field(10, ge=1, le=1000, description="The most runs in the answer.", examples=[10])
    dataset_id: Text | None = Field(None, description="Only runs on this dataset.", examples=["iris-v1"])
    has_artifacts: bool | None = Field(
        None, description="Only runs with at least one artifact, or with none.", examples=[True]
    )
    query: Text | None = Field(
        None,
        description="Runs for which this text of the query language holds; at most 10 000 characters.",
        examples=["metrics.accuracy > 0.9 and params.model = 'svm'"],
    )
    ascending: bool = Field(
        False, description="Smallest first, as for a loss; otherwise largest first.", examples=[False]
    )


class CurveQuery(Query):
    """How finely curves are drawn, and over which steps."""

    max_points: int = Field(
        1000, ge=2, le=100_000, description="The most points of one metric.", examples=[1000]
    )
    from_step: int | None = Field(
        None, ge=-MAX_STEP, le=MAX_STEP, description="The first step wanted.", examples=[0]
    )
    to_step: int | None = Field(
        None, ge=-MAX_STEP, le=MAX_STEP, description="The last step wanted.", examples=[5000]
    )

    @model_validator(mode="after")
    def _check_range(self) -> Self:
        if self.from_step is not None and self.to_step is not None and self.from_step > self.to_step:
            raise ValueError(f"from_step {self.from_step} is greater than to_step {self.to_step}")
        return self


class SeriesQuery(CurveQuery):
    """Which curves of a run, how finely, and over which steps."""

    metric: list[Text] = Field(
        default=[],
        max_length=MAX_SERIES,
        description=f"Metrics, repeated. Without any: those with points, the first {MAX_SERIES} by name.",
        examples=[["train_loss", "val_loss"]],
    )


class CompareQuery(Query):
    """Which runs to compare."""

    ids: list[Text] = Field(
        min_length=1,
        max_length=MAX_COMPARE,
        description=f"Run ids, repeated; 1 to {MAX_COMPARE}.",
        examples=[[_RUN_ID, _OTHER_ID]],
    )


class CompareBody(BaseModel):
    """Which runs to compare."""

    run_ids: list[Text] = Field(
        min_length=1,
        max_length=MAX_COMPARE,
        description=f"Run ids; 1 to {MAX_COMPARE}.",
        examples=[[_RUN_ID, _OTHER_ID]],
    )


class NoteBody(BaseModel):
    """A note to put in the place of the one before."""

    note: Text = Field(
        max_length=MAX_NOTE_LENGTH, description="Any text; empty to remove the note.", examples=["baseline"]
    )


class HealthBody(BaseModel):
    """That the server is up, and whose runs it has."""

    status: Literal["ok"] = Field(description="Always `ok`.", examples=["ok"])
    project: str = Field(description="The project's name.", examples=["iris"])


class RunSummaryBody(BaseModel):
    """A run as a list shows it."""

    run_id: str = Field(description="The run's id.")
    timestamp: str | None = Field(description="Its start, ISO-8601.")
    git_hash: str | None = Field(description="The commit it ran from.")
    command: str | None = Field(description="The command that started it.")
    dataset_id: str | None = Field(description="The dataset it says it used.")
    wandb_url: str | None = Field(description="Its page at Weights & Biases, if it was mirrored there.")
    final_metrics: dict[str, Number] = Field(description="What it returned, else the last value logged.")

    model_config = ConfigDict(json_schema_extra={"examples": [_SUMMARY]})


class RunDetailBody(RunSummaryBody):
    """A run, whole: the 14 columns of `manifests`, with the JSON ones decoded."""

    git_diff: str | None = Field(description="What was not committed.")
    python_version: str | None = Field(description="The version of Python.")
    pip_freeze: str | None = Field(description="Installed packages, one `name==version` a line.")
    device_info: str | None = Field(description="CPU, memory and GPU, as JSON text.")
    params: dict[str, Any] = Field(description="Its arguments and other params.")
    artifacts: list[str] = Field(description="Paths of the files it made.")
    note: str | None = Field(description="What someone wrote about it.")

    model_config = ConfigDict(json_schema_extra={"examples": [_DETAIL]})


class ComparisonBody(BaseModel):
    """Runs side by side."""

    metric_keys: list[str] = Field(description="Every metric that any of them has.", examples=[["accuracy"]])
    param_keys: list[str] = Field(description="Every param that any of them has.", examples=[["lr"]])
    runs: list[RunDetailBody] = Field(description="The runs, in the order asked for.")
    warnings: list[str] = Field(
        description="What makes their scores hard to compare, such as different test data.", examples=[[]]
    )


class CurveBody(BaseModel):
    """The points of one metric, or a reduction of them in which the extremes are kept."""

    name: str = Field(description="The metric.", examples=["train_loss"])
    count: int = Field(description="Points stored in the range of steps.", examples=[100_000])
    n_nonfinite: int = Field(description="How many of those are NaN or infinite.", examples=[0])
    n_shown: int = Field(description="Points in this answer.", examples=[2])
    reduced: bool = Field(description="Whether points were left out.", examples=[True])
    steps: list[int] = Field(description="Steps, in order.", examples=[[0, 99_999]])
    values: list[Number] = Field(description="The value at each step.", examples=[[2.31, 0.21]])
    times: list[float] = Field(
        description="When each was logged, in seconds since 1970.", examples=[[1763631000.0, 1763631060.5]]
    )


class SeriesBody(BaseModel):
    """Curves of one run."""

    run_id: str = Field(description="The run's id.", examples=[_RUN_ID])
    series: list[CurveBody] = Field(description="One for each metric.")


def encode_summary(run: RunSummary) -> dict[str, Any]:
    """A run as `RunSummaryBody` describes it."""
    return {
        "run_id": run.run_id,
        "timestamp": run.timestamp,
        "git_hash": run.git_hash,
        "command": run.command,
        "dataset_id": run.dataset_id,
        "wandb_url": run.wandb_url,
        "final_metrics": _encode_metrics(run.final_metrics),
    }


def encode_detail(run: Run) -> dict[str, Any]:
    """A run as `RunDetailBody` describes it."""
    return {
        "run_id": run.run_id,
        "timestamp": run.timestamp,
        "git_hash": run.git_hash,
        "git_diff": run.git_diff,
        "command": run.command,
        "python_version": run.python_version,
        "pip_freeze": run.pip_freeze,
        "device_info": run.device_info,
        "dataset_id": run.dataset_id,
        "params": run.params,
        "final_metrics": _encode_metrics(run.final_metrics),
        "artifacts": run.artifacts,
        "wandb_url": run.wandb_url,
        "note": run.note,
    }


def encode_series(series: Series) -> dict[str, Any]:
    """Points as `CurveBody` describes them."""
    # A reduction shows finite points only.
    plain = series.reduced or series.n_nonfinite == 0
    return {
        "name": series.name,
        "count": series.count,
        "n_nonfinite": series.n_nonfinite,
        "n_shown": len(series.steps),
        "reduced": series.reduced,
        "steps": list(series.steps),
        "values": list(series.values) if plain else [encode_value(value) for value in series.values],
        "times": list(series.times),
    }


def _encode_metrics(metrics: Mapping[str, float]) -> Mapping[str, float | str]:
    if math.isfinite(sum(metrics.values())):  # one sum is cheaper than a look at each
        return metrics
    return {name: encode_value(value) for name, value in metrics.items()}
