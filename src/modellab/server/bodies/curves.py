"""What requests and answers about curves of several runs hold."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, Field, model_validator

from modellab.records import MAX_NAME_LENGTH
from modellab.records.mean_curves import MeanCurve
from modellab.server.bodies.runs import MAX_SERIES, CurveBody, CurveQuery
from modellab.server.bodies.values import Text

MAX_CURVE_RUNS = 50
"""Runs whose curves are in one answer."""
MAX_CURVES = 1000
"""Curves in one answer: runs times metrics."""
MAX_CURVE_POINTS = 1_000_000
"""Points in one answer: runs times metrics times `max_points`."""

_RUN_ID = "18b2f6c3a1d40e57a0c4f1e29b7d3586"


class CurvesQuery(CurveQuery):
    """Which curves of which runs, how finely, and over which steps."""

    run_id: list[Text] = Field(
        min_length=1, max_length=MAX_CURVE_RUNS, description="Runs, repeated.", examples=[[_RUN_ID]]
    )
    metric: list[Text] = Field(
        min_length=1,
        max_length=MAX_SERIES,
        description="Metrics, repeated.",
        examples=[["train_loss", "val_loss"]],
    )

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        n_runs, n_metrics = len(set(self.run_id)), len(set(self.metric))
        if n_runs * n_metrics > MAX_CURVES:
            raise ValueError(
                f"{n_runs} runs times {n_metrics} metrics are {n_runs * n_metrics} curves; "
                f"at most {MAX_CURVES} are allowed"
            )
        n_points = n_runs * n_metrics * self.max_points
        if n_points > MAX_CURVE_POINTS:
            raise ValueError(
                f"{n_runs} runs times {n_metrics} metrics times {self.max_points} max_points are "
                f"{n_points} points; at most {MAX_CURVE_POINTS} are allowed"
            )
        return self


class RunCurvesBody(BaseModel):
    """The curves of one of the runs."""

    run_id: str = Field(description="The run.", examples=[_RUN_ID])
    series: list[CurveBody] = Field(description="Of the metrics asked for, those that it has.")


class CurvesBody(BaseModel):
    """Curves of several runs."""

    items: list[RunCurvesBody] = Field(description="One for each run that is there, in the order asked for.")
    missing: list[str] = Field(
        description="Runs that are not there, that lie in the trash, or that the caller may not see.",
        examples=[[]],
    )


class MeanCurveQuery(CurveQuery):
    """The mean of which metric over which runs, how finely, and over which steps."""

    run_id: list[Text] = Field(
        min_length=1, max_length=MAX_CURVE_RUNS, description="Runs, repeated.", examples=[[_RUN_ID]]
    )
    metric: Text = Field(max_length=MAX_NAME_LENGTH, description="The metric.", examples=["val_loss"])


class MeanCurveBody(BaseModel):
    """A metric over steps in several runs: at each step the mean with its 95 % t interval."""

    metric: str = Field(description="The metric.", examples=["val_loss"])
    run_ids: list[str] = Field(description="The runs that have it.", examples=[[_RUN_ID]])
    missing: list[str] = Field(description="Runs that are not there or may not be seen.", examples=[[]])
    count: int = Field(description="Points stored in the range of steps, of all runs.", examples=[5000])
    n_nonfinite: int = Field(description="How many of those are NaN or infinite; they count in no mean.")
    n_shown: int = Field(description="Steps in this answer.", examples=[1000])
    reduced: bool = Field(description="Whether steps were left out; extremes of the mean are kept.")
    stretch: int = Field(
        description="1: steps are single ones. More: each stands for so many, in which a run counts with the "
        "mean of its points.",
        examples=[1],
    )
    steps: list[int] = Field(description="Steps, in order.", examples=[[0, 1]])
    n: list[int] = Field(description="How many runs have a finite value there.", examples=[[5, 5]])
    mean: list[float] = Field(description="Their mean.", examples=[[2.3, 2.1]])
    low: list[float | None] = Field(
        description="The lower end of its interval; null where fewer than two runs, or only equal ones, are.",
        examples=[[2.2, 2.0]],
    )
    high: list[float | None] = Field(description="The upper end.", examples=[[2.4, 2.2]])
    min: list[float] = Field(description="The least value.", examples=[[2.2, 1.9]])
    max: list[float] = Field(description="The greatest value.", examples=[[2.5, 2.3]])


def encode_mean_curve(curve: MeanCurve, missing: list[str]) -> dict[str, Any]:
    """A mean curve as `MeanCurveBody` describes it."""
    body: dict[str, Any] = {name: getattr(curve, name) for name in MeanCurve.__slots__}
    # NaN, where there is no interval, is null in the answer: orjson writes it so.
    return {**body, "missing": missing, "n_shown": len(curve.steps)}
