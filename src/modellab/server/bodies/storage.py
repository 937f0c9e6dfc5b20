"""What answers about storage hold."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_PROJECT: dict[str, Any] = {
    "project_id": "iris-study",
    "n_runs": 120,
    "n_points": 1_200_000,
    "artifact_bytes": 734_003_200,
    "dataset_bytes": 4551,
    "trash_bytes": 1_048_576,
}


class ProjectStorageBody(BaseModel):
    """What a project takes, or what is in none."""

    project_id: str | None = Field(description="The project; null for what is in none.")
    n_runs: int = Field(description="Its runs that are not in the trash.")
    n_points: int = Field(description="Points of their metrics.")
    artifact_bytes: int = Field(description="Bytes of their kept files, the same content once.")
    dataset_bytes: int = Field(description="Bytes of its kept datasets, the same content once.")
    trash_bytes: int = Field(description="Bytes of what lies in the trash that nothing else has.")

    model_config = ConfigDict(json_schema_extra={"examples": [_PROJECT]})


class StorageBody(BaseModel):
    """How much room things take."""

    database_bytes: int | None = Field(
        description="The database; null for who may not see all projects.", examples=[52_428_800]
    )
    kept_bytes: int | None = Field(
        description="All kept files; null for who may not see all projects.", examples=[735_051_776]
    )
    n_points: int = Field(description="Points of all metrics of the projects below.", examples=[1_200_000])
    trash_bytes: int = Field(
        description="What the trash of the projects below takes, in sum: what a purge would free, or more "
        "where several have the same content in it.",
        examples=[1_048_576],
    )
    projects: list[ProjectStorageBody] = Field(description="By project, the largest first.")
    trash_days: int = Field(
        description="After so many days in the trash things are purged; 0 for never.", examples=[30]
    )
