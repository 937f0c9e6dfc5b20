"""What requests and answers about similar runs hold."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from modellab.records import RunStatus
from modellab.records.similar import MAX_NAMED, MAX_SIMILAR, PART_WEIGHTS
from modellab.server.bodies.values import Query

_RUN_ID = "18b2f6c3a1d40e57a0c4f1e29b7d3586"
_WEIGHTS = ", ".join(f"{name} {weight:g}" for name, weight in PART_WEIGHTS.items())


class SimilarQuery(Query):
    """How many similar runs."""

    limit: int = Field(10, ge=1, le=MAX_SIMILAR, description="The most runs in the answer.", examples=[10])


class ValuePairBody(BaseModel):
    """A param or metric of both runs."""

    name: str = Field(description="Its name.", examples=["lr"])
    value: Any = Field(description="What the run has that was asked about; null if it has none.")
    other: Any = Field(description="What the similar run has.", examples=[0.01])


class SimilarRunBody(BaseModel):
    """A run that is like another, and in what."""

    run_id: str = Field(description="Its id.", examples=[_RUN_ID])
    name: str | None = Field(description="Its name.", examples=["baseline"])
    project_id: str | None = Field(description="The project it belongs to.")
    status: RunStatus = Field(description="Its status.")
    distance: float = Field(description=f"0 is the same, 1 nothing in common. The weights: {_WEIGHTS}.")
    parts: dict[str, float | None] = Field(
        description="The distances that it is made of; null where neither run has anything to measure.",
        examples=[{"params": 0.1, "metrics": 0.02, "data": 0.0, "code": None}],
    )
    shared_params: list[str] = Field(description=f"Params with the same value, at most {MAX_NAMED}.")
    different_params: list[ValuePairBody] = Field(description=f"The others, at most {MAX_NAMED}.")
    near_metrics: list[ValuePairBody] = Field(description="Metrics that hardly differ, nearest first.")
    shared_datasets: list[str] = Field(description="Ids of datasets that both used.")
    same_function: bool = Field(description="Whether both ran the same function.")
    same_commit: bool = Field(description="Whether both ran the same commit.")
    why: str = Field(description="In words.", examples=["5 of 6 params are the same; the same dataset"])


class SimilarRunsBody(BaseModel):
    """The runs most like one, nearest first."""

    run_id: str = Field(description="The run that was asked about.", examples=[_RUN_ID])
    n_considered: int = Field(description="How many runs were measured.", examples=[120])
    items: list[SimilarRunBody] = Field(description="The nearest.")
