"""Which runs and datasets an overview looks at: those of a project, or of all that the caller may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from modellab.store.platform_tables import datasets, projects
from modellab.store.tables import metrics, runs


@dataclass(frozen=True, slots=True)
class Scope:
    """One project, or with `None` all in `visible` (`None`: all there are, and what is in none)."""

    project_id: str | None
    visible: Collection[str] | None

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.project_id is None and self.visible is None

    def hold(self, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """The conditions on a column of project ids."""
        found = [] if self.project_id is None else [column == self.project_id]
        return found if self.visible is None else [*found, column.in_(sorted(self.visible))]

    def runs(self) -> list[ColumnElement[bool]]:
        """The conditions on runs that few of them meet: found by the index of projects."""
        return [*self.hold(runs.c.project_id), runs.c.deleted_us.is_(None)]

    def most_runs(self) -> list[ColumnElement[bool]]:
        """The same where most runs may meet them: all are looked at, in an index that has all that is asked.

        Else SQLite would find those of a project one by one in a table whose rows are large.
        """
        return [*self.hold(func.coalesce(runs.c.project_id, "")), runs.c.deleted_us.is_(None)]

    def metrics(self) -> ColumnElement[bool]:
        """The condition on metrics, those of most runs."""
        if self.is_all:  # few lie in the trash
            return metrics.c.run.not_in(select(runs.c.id).where(runs.c.deleted_us.is_not(None)))
        return metrics.c.run.in_(select(runs.c.id).where(*self.most_runs()))

    def datasets(self) -> list[ColumnElement[bool]]:
        """The conditions on datasets."""
        return [*self.hold(datasets.c.project_id), datasets.c.deleted_us.is_(None)]

    def projects(self) -> Select[Any]:
        """The statement that counts projects."""
        there = [*self.hold(projects.c.project_id), projects.c.deleted_us.is_(None)]
        return select(func.count()).select_from(projects).where(*there)
