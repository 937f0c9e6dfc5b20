"""What requests and answers of `/api/modellab/runs` hold: runs whole, and what makes and changes one.

Answers are encoded straight from records, without a model in between; a test holds the two together.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from modellab.records import MAX_NAME_LENGTH, MAX_NOTE_LENGTH, MAX_STEP, Run, RunStatus, RunSummary
from modellab.records.projects import MAX_DESCRIPTION_LENGTH
from modellab.server.bodies.datasets import DatasetUseBody
from modellab.server.bodies.matching_runs import MatchingRunsQuery, RunConditions
from modellab.server.bodies.values import Body, Number, PageQuery, TagValue, Text, encode
from modellab.store.bulk import MAX_BULK
from modellab.store.editing import MAX_ERROR_LENGTH, MAX_POINTS

_MAX_SEED = 2**63

_RUN_ID = "18b2f6c3a1d40e57a0c4f1e29b7d3586"
_OVERVIEW: dict[str, Any] = {
    "run_id": _RUN_ID,
    "name": "baseline",
    "project_id": "iris-study",
    "status": "completed",
    "timestamp": "2026-11-20T09:30:00.000000+00:00",
    "duration_s": 62.5,
    "git_hash": "9fceb02d0ae598e95dc970b74767f19372d61af8",
    "command": "python train.py --lr 0.01",
    "dataset_id": "iris-v1",
    "wandb_url": None,
    "params": {"lr": 0.01},
    "final_metrics": {"accuracy": 0.953},
    "tags": {"team": "vision"},
    "note": None,
    "parent_id": None,
    "n_artifacts": 0,
    "seed": 42,
    "error": None,
}


class ProjectRunQuery(PageQuery, RunConditions):
    """Which runs of a project to list: everything given must hold."""

    parent_id: Text | None = Field(None, description="Nested in this run.", examples=[_RUN_ID])
    dataset_id: Text | None = Field(None, description="On exactly this dataset.", examples=["iris-v1"])


class RunRecordQuery(ProjectRunQuery, MatchingRunsQuery):
    """Which runs to list: everything given must hold."""


class StepBody(Body):
    """The values of metrics at one step."""

    step: int = Field(ge=-MAX_STEP, le=MAX_STEP, description="The step.", examples=[0])
    metrics: dict[str, Number] = Field(
        min_length=1, description="Numbers by name.", examples=[{"train_loss": 0.61, "val_loss": "nan"}]
    )
    time: float | None = Field(
        None,
        ge=0,
        le=253_402_300_799,
        allow_inf_nan=False,
        description="When they were measured, in seconds since 1970; now if not given.",
        examples=[1763631000.25],
    )


class _SaidOfRun(Body):
    """What both a new run and a change of one may say."""

    status: RunStatus | None = Field(None, description="See above.", examples=["completed"])
    error: Text | None = Field(
        None,
        max_length=MAX_ERROR_LENGTH,
        description="Why it failed, in a line; only with the status `failed`.",
        examples=["ValueError: the loss is nan"],
    )
    name: Text | None = Field(
        None, min_length=1, max_length=MAX_NAME_LENGTH, description="Its name.", examples=["baseline"]
    )
    description: Text | None = Field(
        None,
        max_length=MAX_DESCRIPTION_LENGTH,
        description="What it is about; null removes it.",
        examples=["Linear, as a floor."],
    )
    note: Text | None = Field(
        None,
        max_length=MAX_NOTE_LENGTH,
        description="What someone says about it; null or empty removes it.",
        examples=["too few epochs"],
    )
    tags: dict[str, TagValue | None] | None = Field(
        None,
        description="Text by name, added to the tags that are there; one that is null is removed.",
        examples=[{"team": "vision"}],
    )
    params: dict[str, Any] | None = Field(
        None,
        description="Arguments and other params by name, added to those that are there.",
        examples=[{"lr": 0.01}],
    )
    hyperparameters: dict[str, Any] | None = Field(
        None, description="Another name of `params`; not both.", examples=[{"lr": 0.01}]
    )
    config: dict[str, Any] | None = Field(
        None,
        description="One JSON object, which replaces the one before; at most 65,536 characters.",
        examples=[{"model": {"depth": 3}}],
    )
    metrics: dict[str, Number] | None = Field(
        None,
        description="Numbers by name, at `step`, or each one after its last.",
        examples=[{"accuracy": 0.953}],
    )
    step: int | None = Field(
        None, ge=-MAX_STEP, le=MAX_STEP, description="The step of `metrics`.", examples=[10]
    )
    points: list[StepBody] | None = Field(
        None, max_length=MAX_POINTS, description="Curves: values at many steps, in any order."
    )

    @model_validator(mode="after")
    def _check_names(self) -> _SaidOfRun:
        if self.params is not None and self.hyperparameters is not None:
            raise ValueError("`params` and `hyperparameters` are the same: give one of them")
        if self.step is not None and not self.metrics:
            raise ValueError("`step` is that of `metrics`, and there are none")
        return self


class NewRunBody(_SaidOfRun):
    """A run to make: with the status given, `pending` if none is."""

    run_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
        description="Its id; a fresh one if not given.",
        examples=[_RUN_ID],
    )
    project_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
        description="The project it belongs to; made if it is not there.",
        examples=["iris-study"],
    )
    parent_id: Text | None = Field(
        None,
        min_length=1,
        description="The run it is nested in, which must be there and not in the trash.",
        examples=[_RUN_ID],
    )
    dataset_id: Text | None = Field(
        None,
        min_length=1,
        max_length=MAX_NAME_LENGTH,
        description="The dataset it uses.",
        examples=["iris-v1"],
    )
    seed: int | None = Field(
        None, ge=-_MAX_SEED + 1, lt=_MAX_SEED, description="Its random seed.", examples=[42]
    )
    git_hash: Text | None = Field(
        None,
        max_length=MAX_NAME_LENGTH,
        description="The commit it runs from.",
        examples=["9fceb02d0ae598e9"],
    )
    git_commit: Text | None = Field(
        None,
        max_length=MAX_NAME_LENGTH,
        description="Another name of `git_hash`; not both.",
        examples=["9fceb02d0ae598e9"],
    )
    command: Text | None = Field(
        None, max_length=10_000, description="The command that starts it.", examples=["python train.py"]
    )

    @model_validator(mode="after")
    def _check_commit(self) -> NewRunBody:
        if self.git_hash is not None and self.git_commit is not None:
            raise ValueError("`git_hash` and `git_commit` are the same: give one of them")
        return self


class EditRunBody(_SaidOfRun):
    """What to change of a run; what is not given stays."""


class BulkBody(Body):
    """What to do with several runs."""

    run_ids: list[Text] = Field(
        min_length=1, max_length=MAX_BULK, description=f"Run ids; 1 to {MAX_BULK}.", examples=[[_RUN_ID]]
    )
    tags: dict[str, TagValue | None] | None = Field(
        None,
        description="Text by name, added to the tags that each has; one that is null is removed.",
        examples=[{"team": "vision"}],
    )
    note: Text | None = Field(
        None,
        max_length=MAX_NOTE_LENGTH,
        description="The note of each, in the place of the one before; null or empty removes it.",
        examples=["too few epochs"],
    )
    trash: bool = Field(False, description="Put them into the trash.", examples=[False])
    restore: bool = Field(False, description="Bring them back from the trash.", examples=[False])

    @model_validator(mode="after")
    def _check_work(self) -> BulkBody:
        if self.trash and self.restore:
            raise ValueError("`trash` and `restore` are opposites: give one of them")
        if not (self.tags or self.trash or self.restore or "note" in self.model_fields_set):
            raise ValueError("there is nothing to do: give `tags`, `note`, `trash` or `restore`")
        return self


class BulkReportBody(BaseModel):
    """What was done."""

    n_changed: int = Field(
        description="Runs that were changed; those nested in runs that went into the trash or came back are "
        "among them.",
        examples=[12],
    )


class ListedRunBody(BaseModel):
    """A run as a list shows it."""

    run_id: str = Field(description="Its id.")
    name: str | None = Field(description="Its name.")
    project_id: str | None = Field(description="The project it belongs to.")
    status: RunStatus = Field(description="What has become of it so far.")
    timestamp: str | None = Field(description="Its start, ISO-8601.")
    duration_s: float | None = Field(description="From start to end, in seconds; null until it has ended.")
    git_hash: str | None = Field(description="The commit it ran from.")
    command: str | None = Field(description="The command that started it.")
    dataset_id: str | None = Field(description="The dataset it says it used.")
    wandb_url: str | None = Field(description="Its page at Weights & Biases, if it was mirrored there.")
    params: dict[str, Any] = Field(description="Its arguments and other params.")
    final_metrics: dict[str, Number] = Field(description="What it returned, else the last value logged.")
    tags: dict[str, Any] = Field(description="Text by name.")
    note: str | None = Field(description="What someone wrote about it.")
    parent_id: str | None = Field(description="The run it is nested in.")
    n_artifacts: int = Field(description="How many files it made.")
    seed: int | None = Field(description="Its random seed.")
    error: str | None = Field(description="Why it failed, in a line.")

    model_config = ConfigDict(json_schema_extra={"examples": [_OVERVIEW]})


class RunPageBody(BaseModel):
    """A page of runs."""

    items: list[ListedRunBody] = Field(description="Runs, newest first.")
    next_cursor: str | None = Field(description="Asks for the next page; null on the last.", examples=[None])


class MetricBody(BaseModel):
    """What is known of a metric without its points."""

    name: str = Field(description="The metric.", examples=["accuracy"])
    final: Number = Field(description="What the run returned, else `last`.", examples=[0.953])
    last: Number = Field(description="At the largest step.", examples=[0.953])
    first: Number = Field(description="At the smallest step.", examples=[0.41])
    min: float | None = Field(description="The least finite value.", examples=[0.41])
    max: float | None = Field(description="The greatest finite value.", examples=[0.96])
    count: int = Field(description="Points; 0 for a metric that was only returned.", examples=[100])
    n_nonfinite: int = Field(description="Points that are NaN or infinite.", examples=[0])
    first_step: int | None = Field(description="The smallest step.", examples=[0])
    last_step: int | None = Field(description="The largest step.", examples=[99])
    min_step: int | None = Field(description="Where `min` is.", examples=[0])
    max_step: int | None = Field(description="Where `max` is.", examples=[97])


class WholeRunBody(ListedRunBody):
    """A run, whole."""

    git_branch: str | None = Field(description="The branch it ran from.")
    git_dirty: bool | None = Field(description="Whether something was not committed.")
    git_diff: str | None = Field(description="What was not committed.")
    python_version: str | None = Field(description="The version of Python.")
    pip_freeze: str | None = Field(description="Installed packages, one `name==version` a line.")
    device_info: str | None = Field(description="CPU, memory and GPU, as JSON text.")
    hostname: str | None = Field(description="The machine it ran on.")
    user: str | None = Field(description="Who ran it.")
    function: str | None = Field(description="The function that was recorded.")
    description: str | None = Field(description="What it is about.")
    config: dict[str, Any] = Field(description="Its config.")
    deleted_at: str | None = Field(description="When it was put into the trash.")
    artifacts: list[str] = Field(description="Paths of the files it made.")
    traceback: str | None = Field(description="Where it failed.")
    n_dropped: int = Field(description="Values and events that could not be recorded.")
    metrics: dict[str, MetricBody] = Field(description="Summaries by name.")
    datasets: list[DatasetUseBody] = Field(description="Datasets it used.")
    children: list[str] = Field(description="The runs nested in it, oldest first; at most 1000.")


class ConsoleBody(BaseModel):
    """What a run printed."""

    run_id: str = Field(description="The run's id.", examples=[_RUN_ID])
    text: str = Field(description="Lines, as far as they were recorded.", examples=["epoch 1: loss 0.61\n"])
    next_after: int = Field(description="Asks for what is printed from then on.", examples=[118])


_OVERVIEW_FIELDS = tuple(field.name for field in dataclasses.fields(RunSummary))


def encode_overview(run: RunSummary) -> dict[str, Any]:
    """A run as `ListedRunBody` describes it."""
    # Params, tags and the like come from JSON and need no look at each value.
    found = {name: getattr(run, name) for name in _OVERVIEW_FIELDS}
    return {**found, "final_metrics": encode(run.final_metrics)}


def encode_run(run: Run) -> dict[str, Any]:
    """A run as `WholeRunBody` describes it."""
    found: dict[str, Any] = encode(run)
    return found
