"""What storage is: how much room things take, by project, and what emptying the trash would give back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStorage:
    """What a project takes, or with a `project_id` of `None` what is in none.

    The same content counts once in `artifact_bytes`, and once in `dataset_bytes`. `n_points` are those of
    its runs. These are without the trash: `trash_bytes` are those that nothing outside of it has.
    """

    project_id: str | None
    n_runs: int
    n_points: int
    artifact_bytes: int
    dataset_bytes: int
    trash_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """What everything takes that the caller may see, the largest project first.

    `kept_bytes` are those of all kept files, `database_bytes` those of the database: told to those who may
    see all projects, else `None`. Content that lies in the trash of several projects counts in each.
    """

    database_bytes: int | None
    kept_bytes: int | None
    n_points: int
    trash_bytes: int
    projects: Sequence[ProjectStorage]
