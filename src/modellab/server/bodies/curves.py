"""What requests and answers about curves of several runs hold."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field, model_validator

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
