"""What a listener asks for, and what it is told: of runs that changed, as they are now."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from modellab.server.bodies.run_records import ListedRunBody, encode_overview
from modellab.server.bodies.values import Number, Query, Text, encode
from modellab.store.feed import MAX_LATEST, PLACE_PATTERN, RunChange

_RUN_ID = "18b2f6c3a1d40e57a0c4f1e29b7d3586"


class LiveQuery(Query):
    """Where to go on, and what of."""

    cursor: str | None = Field(
        None,
        pattern=PLACE_PATTERN,
        description="The id of the last event that came, or `next_cursor` of the answer before; only what "
        "came after it is told. Without it: what comes from now on.",
        examples=["41", "17-41"],
    )
    project_id: Text | None = Field(
        None, max_length=1000, description="Only runs of this project.", examples=["iris-study"]
    )
    run_id: Text | None = Field(None, max_length=1000, description="Only this run.", examples=[_RUN_ID])


class ChangesQuery(LiveQuery):
    """Where to go on, what of, and how much."""

    limit: int = Field(100, ge=1, le=1000, description="The most runs in one answer.", examples=[100])


class LatestValueBody(BaseModel):
    """The newest point of a metric."""

    step: int = Field(description="The largest step.")
    value: Number = Field(description="The value there.")
    count: int = Field(description="How many points the metric has.")


class LiveRunBody(ListedRunBody):
    """A run as it is now."""

    deleted_at: str | None = Field(description="When it was put in the trash, ISO-8601; null if it was not.")


class RunChangeBody(BaseModel):
    """A run that changed."""

    kinds: list[Literal["started", "points", "ended", "changed"]] = Field(
        description="What happened to it since the cursor asked with, in order.",
        examples=[["points", "ended"]],
    )
    run: LiveRunBody = Field(description="The run as it is now.")
    metrics: dict[str, LatestValueBody] | None = Field(
        description=f"If points came: the newest of each metric, the first {MAX_LATEST} by name."
    )


class ChangesBody(BaseModel):
    """Runs that changed, in the order of their newest changes; each is there once."""

    items: list[RunChangeBody] = Field(description="The runs.")
    next_cursor: str = Field(description="What to ask with next time.", examples=["42"])
    is_all: bool = Field(description="Whether there is no more for now.", examples=[True])
    is_reset: bool = Field(
        description="Whether the cursor asked with is not of this database, which was replaced: what is "
        "known of it is to be read anew.",
        examples=[False],
    )


def encode_run(change: RunChange) -> dict[str, Any]:
    """The run of a change as `LiveRunBody` describes it."""
    return {**encode_overview(change.run), "deleted_at": change.deleted_at}


def encode_points(change: RunChange) -> dict[str, Any]:
    """The newest points of a run, as the event `run.points` tells them."""
    run = change.run
    return {
        "run_id": run.run_id,
        "project_id": run.project_id,
        "status": run.status,
        "metrics": encode(change.metrics or {}),
    }


def encode_change(change: RunChange, known: int) -> dict[str, Any]:
    """A change as `RunChangeBody` describes it, for a listener that knows what came up to a number."""
    return {
        "kinds": list(change.kinds_after(known)),
        "run": encode_run(change),
        "metrics": None if change.metrics is None else encode(change.metrics),
    }
