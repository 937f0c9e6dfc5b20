"""What requests and answers about projects hold."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from modellab.records import MAX_NAME_LENGTH
from modellab.records.projects import MAX_DESCRIPTION_LENGTH, MAX_TAGS
from modellab.server.bodies.values import Body, PageQuery, Query, TagValue, Text
from modellab.store.projects import MAX_ACTIVITY

_STATISTICS: dict[str, Any] = {
    "n_runs": 12,
    "n_running": 1,
    "n_failed": 2,
    "n_datasets": 1,
    "n_artifacts": 24,
    "n_bytes": 1_048_576,
    "last_activity_at": "2026-11-20T09:31:02.000000+00:00",
}
_PROJECT: dict[str, Any] = {
    "project_id": "iris-study",
    "name": "Iris study",
    "description": "Which classifier, and how sure are we?",
    "tags": {"team": "vision"},
    "created_at": "2026-11-20T09:30:00.000000+00:00",
    "updated_at": "2026-11-20T09:30:00.000000+00:00",
    "deleted_at": None,
    "statistics": _STATISTICS,
}


class ProjectQuery(PageQuery):
    """Which projects to list."""

    search: Text | None = Field(
        None, description="Found in the name or the id, in any letter case.", examples=["iris"]
    )


class ActivityQuery(Query):
    """How much of what happened."""

    limit: int = Field(
        50, ge=1, le=MAX_ACTIVITY, description="The most entries in the answer.", examples=[50]
    )


class NewProjectBody(Body):
    """A project to make."""

    name: Text = Field(
        min_length=1,
        max_length=MAX_NAME_LENGTH,
        description="Printable characters, not only blanks.",
        examples=["Iris study"],
    )
    project_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
        description="Its id; if it is not given, one is made from the name.",
        examples=["iris-study"],
    )
    description: Text | None = Field(
        None, max_length=MAX_DESCRIPTION_LENGTH, description="Any text.", examples=["Which classifier?"]
    )
    tags: dict[str, TagValue] = Field(
        default={}, max_length=MAX_TAGS, description="Text by name.", examples=[{"team": "vision"}]
    )


class ProjectChangeBody(Body):
    """What to change of a project; what is not given stays."""

    name: Text | None = Field(
        None, min_length=1, max_length=MAX_NAME_LENGTH, description="The new name.", examples=["Iris, again"]
    )
    description: Text | None = Field(
        None,
        max_length=MAX_DESCRIPTION_LENGTH,
        description="The new description; null removes it.",
        examples=["Which classifier?"],
    )
    tags: dict[str, TagValue | None] | None = Field(
        None,
        max_length=MAX_TAGS,
        description="Added to the tags that are there; one that is null is removed.",
        examples=[{"team": "vision", "old": None}],
    )


class StatisticsBody(BaseModel):
    """What is in a project and not in the trash."""

    n_runs: int = Field(description="Runs.")
    n_running: int = Field(description="Runs that are running.")
    n_failed: int = Field(description="Runs that have failed.")
    n_datasets: int = Field(description="Datasets; the versions of one name count once.")
    n_artifacts: int = Field(description="Artifacts of its runs.")
    n_bytes: int = Field(description="Bytes of its kept files; the same content counts once.")
    last_activity_at: str | None = Field(description="When something last happened in it.")

    model_config = ConfigDict(json_schema_extra={"examples": [_STATISTICS]})


class ProjectBody(BaseModel):
    """A project, and what is in it."""

    project_id: str = Field(description="Its id, which never changes.")
    name: str = Field(description="Its name.")
    description: str | None = Field(description="What it is about.")
    tags: dict[str, str] = Field(description="Text by name.")
    created_at: str = Field(description="When it was made.")
    updated_at: str = Field(description="When its name, description or tags were last changed.")
    deleted_at: str | None = Field(description="When it was put into the trash.")
    statistics: StatisticsBody = Field(description="What is in it.")

    model_config = ConfigDict(json_schema_extra={"examples": [_PROJECT]})


class ProjectPageBody(BaseModel):
    """A page of projects."""

    items: list[ProjectBody] = Field(description="Projects, newest first.")
    next_cursor: str | None = Field(description="Asks for the next page; null on the last.", examples=[None])


class ActivityBody(BaseModel):
    """Something that happened in a project."""

    at: str = Field(description="When.", examples=["2026-11-20T09:30:00.000000+00:00"])
    kind: Literal["run", "dataset"] = Field(description="To what.", examples=["run"])
    id: str = Field(description="To which.", examples=["18b2f6c3a1d40e57a0c4f1e29b7d3586"])
    name: str | None = Field(description="What that is called.", examples=["baseline"])
    event: str = Field(
        description="Of a run `created`, `started`, `completed` or `failed`; of a dataset `added`.",
        examples=["completed"],
    )


class ActivityListBody(BaseModel):
    """What happened in a project."""

    items: list[ActivityBody] = Field(description="What happened, newest first.")
