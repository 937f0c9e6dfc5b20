"""What requests and answers about the trash hold."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from modellab.records.projects import TrashKind
from modellab.server.bodies.values import Body, PageQuery, Text

MAX_DAYS = 36_500
"""Days that `older_than_days` may say."""

_ITEM: dict[str, Any] = {
    "kind": "run",
    "id": "18b2f6c3a1d40e57a0c4f1e29b7d3586",
    "name": "baseline",
    "project_id": "iris-study",
    "deleted_at": "2026-11-20T09:40:00.000000+00:00",
    "n_runs": 1,
    "n_datasets": 0,
}


class TrashQuery(PageQuery):
    """What of the trash to list."""

    kind: TrashKind | None = Field(None, description="Only things of this kind.", examples=["run"])


class RestoreBody(Body):
    """What to bring back."""

    kind: TrashKind = Field(description="What it is.", examples=["run"])
    id: Text = Field(description="Its id, whole.", examples=["18b2f6c3a1d40e57a0c4f1e29b7d3586"])


class PurgeBody(Body):
    """What to remove for good: one thing, or all that lies in the trash."""

    kind: TrashKind | None = Field(None, description="What it is; needs `id`.", examples=["run"])
    id: Text | None = Field(
        None, description="Its id, whole; needs `kind`.", examples=["18b2f6c3a1d40e57a0c4f1e29b7d3586"]
    )
    older_than_days: float | None = Field(
        None,
        ge=0,
        le=MAX_DAYS,
        allow_inf_nan=False,
        description="Only what was deleted so many days ago or earlier.",
        examples=[30],
    )

    @model_validator(mode="after")
    def _check_pair(self) -> PurgeBody:
        if (self.kind is None) is not (self.id is None):
            raise ValueError("`kind` and `id` go together")
        return self


class TrashItemBody(BaseModel):
    """Something in the trash."""

    kind: TrashKind = Field(description="What it is.")
    id: str = Field(description="Its id.")
    name: str | None = Field(description="What it is called.")
    project_id: str | None = Field(description="The project it belongs to.")
    deleted_at: str = Field(description="When it was deleted.")
    n_runs: int = Field(description="Runs that went with it and come back with it, itself among them.")
    n_datasets: int = Field(description="Datasets that went with it and come back with it, or itself.")

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM]})


class TrashPageBody(BaseModel):
    """A page of the trash."""

    items: list[TrashItemBody] = Field(description="What was deleted, the latest first.")
    next_cursor: str | None = Field(description="Asks for the next page; null on the last.", examples=[None])


class PurgeReportBody(BaseModel):
    """What was removed for good."""

    n_projects: int = Field(description="Projects.", examples=[0])
    n_datasets: int = Field(description="Versions of datasets.", examples=[0])
    n_runs: int = Field(description="Runs.", examples=[3])
    n_artifacts: int = Field(description="Artifacts of those runs.", examples=[6])
    n_bytes: int = Field(
        description="Bytes that are free now: of files that nothing else has, of journals, of the database.",
        examples=[1_048_576],
    )
