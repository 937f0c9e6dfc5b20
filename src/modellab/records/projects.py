"""What a project is: a named place for datasets and runs, with what there is to say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TrashKind = Literal["project", "dataset", "run"]
TRASH_KINDS: tuple[TrashKind, ...] = ("project", "dataset", "run")

MAX_DESCRIPTION_LENGTH = 20_000
"""Characters in the description of a project, dataset or run."""
MAX_TAGS = 100
"""Tags of one project or dataset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatistics:
    """Counts of what is in a project and not in the trash. `n_bytes` are those of its kept files."""

    n_runs: int
    n_running: int
    n_failed: int
    n_datasets: int
    n_artifacts: int
    n_bytes: int
    last_activity_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project. Times are ISO-8601 in UTC; `deleted_at` is set while it lies in the trash."""

    project_id: str
    name: str
    description: str | None
    tags: Mapping[str, str]
    created_at: str
    updated_at: str
    deleted_at: str | None
    statistics: ProjectStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that happened in a project: what (`run` or `dataset`), which, its name, and when."""

    at: str
    kind: str
    id: str
    name: str | None
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashItem:
    """Something in the trash: a `project`, a `dataset` or a `run`.

    `n_runs` and `n_datasets` went there with it and come back with it, itself among them.
    """

    kind: TrashKind
    id: str
    name: str | None
    project_id: str | None
    deleted_at: str
    n_runs: int
    n_datasets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What emptying the trash took away for good.

    `n_bytes` were freed: those of kept files that no other run or dataset has, of journals, and those by
    which the database file is smaller.
    """

    n_projects: int
    n_datasets: int
    n_runs: int
    n_artifacts: int
    n_bytes: int
