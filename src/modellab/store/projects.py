"""Projects in the database: made, listed with what is in them, changed; deleting one is the trash's work."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
    union,
    update,
)

from modellab.errors import Conflict, InvalidInput, NotFound
from modellab.records.projects import (
    MAX_TAGS,
    Activity,
    Project,
    ProjectStatistics,
)
from modellab.store.engine import Database
from modellab.store.events import clean_text
from modellab.store.json_columns import decode_json, encode_json
from modellab.store.pages import MAX_PAGE, Page, check_count, read_cursor, write_cursor
from modellab.store.platform_tables import artifacts, blobs, datasets, projects
from modellab.store.search_index import index_items
from modellab.store.tables import runs
from modellab.store.times import format_time, now_us
from modellab.tracking.values import check_description as check_length
from modellab.tracking.values import check_label, check_project_id, plain_tags

MAX_ACTIVITY = 1000
"""Entries in one answer about what happened in a project."""
_SLUG_LENGTH = 100

_BY_ID = select(projects).where(projects.c.project_id == bindparam("project_id_"))
_NUMBER = select(projects.c.id).where(projects.c.project_id == bindparam("project_id_"))
_TAKE_BACK = (
    update(projects)
    .where(projects.c.project_id == bindparam("project_id_"), projects.c.deleted_us.is_not(None))
    .values(deleted_us=None)
)
_WANTED: BindParameter[Any] = bindparam("ids", expanding=True)
_RUN_COUNTS = (
    select(
        runs.c.project_id,
        func.count().label("n_runs"),
        func.sum(case((runs.c.status == "running", 1), else_=0)).label("n_running"),
        func.sum(case((runs.c.status == "failed", 1), else_=0)).label("n_failed"),
        func.sum(runs.c.n_artifacts).label("n_artifacts"),
        func.max(runs.c.started_us).label("started_us"),
        func.max(runs.c.ended_us).label("ended_us"),
    )
    .where(runs.c.project_id.in_(_WANTED), runs.c.deleted_us.is_(None))
    .group_by(runs.c.project_id)
)
_DATASET_COUNTS = (
    select(
        datasets.c.project_id,
        func.count(datasets.c.name.distinct()).label("n_datasets"),
        func.max(datasets.c.updated_us).label("updated_us"),
    )
    .where(datasets.c.project_id.in_(_WANTED), datasets.c.deleted_us.is_(None))
    .group_by(datasets.c.project_id)
)
# UNION leaves out what is there twice: bytes that two runs of a project share count once.
_CONTENT = union(
    select(runs.c.project_id, artifacts.c.sha256)
    .join(runs, runs.c.id == artifacts.c.run)
    .where(runs.c.project_id.in_(_WANTED), runs.c.deleted_us.is_(None)),
    select(datasets.c.project_id, datasets.c.sha256).where(
        datasets.c.project_id.in_(_WANTED), datasets.c.deleted_us.is_(None)
    ),
).subquery()
_SIZES = (
    select(_CONTENT.c.project_id, func.sum(blobs.c.size).label("n_bytes"))
    .join(blobs, blobs.c.sha256 == _CONTENT.c.sha256)
    .group_by(_CONTENT.c.project_id)
)


class ProjectShelf:
    """The projects of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        name: str,
        project_id: str | None = None,
        *,
        description: str | None = None,
        tags: Mapping[str, Any] | None = None,
    ) -> Project:
        """A new project; without an id it gets one made from its name, such as `iris-study-2`.

        Names have 1 to 250 characters, ids 1 to 128 letters, digits, dots, hyphens and underscores.
        Raises `InvalidInput`, and `Conflict` if the id is taken, also by a project in the trash.
        """
        row: dict[str, Any] = {
            "name": check_label(name, "project"),
            "description": check_description(description),
            "tags_json": encode_json(_check_tags(plain_tags(tags or {}))),
            "created_us": now_us(),
        }
        row["updated_us"] = row["created_us"]
        given = None if project_id is None else check_project_id(project_id)
        with self._database.write() as connection:
            statement = self._database.insert_or_ignore(projects).returning(projects.c.id)
            row["project_id"] = given or _find_free_id(connection, name)
            while (number := connection.execute(statement, row).scalar_one_or_none()) is None:
                if given is None:  # somebody took the free one at this very moment
                    row["project_id"] = _find_free_id(connection, name)
                    continue
                raise Conflict(
                    f"There is a project {row['project_id']} already.", hint="It may lie in the trash."
                )
            index_items(connection, self._database, "project", [number])
        return self.get(row["project_id"])

    def list(
        self,
        *,
        visible: Collection[str] | None = None,
        search: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Project]:
        """Projects, newest first, `limit` (1 to 1000) at a time.

        `search` is found in names and ids in any letter case; `visible` are the ids of those that the
        caller may see, `None` for all.
        """
        check_count("limit", limit, MAX_PAGE)
        statement = _select_page(visible, search, cursor).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
            found = _as_projects(connection, rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(found, write_cursor(last.created_us, last.id) if last else None)

    def get(self, project_id: str, *, in_trash: bool = False) -> Project:
        """A project; one that lies in the trash only if asked for. Raises `NotFound`."""
        with self._database.read() as connection:
            row = _find(connection, project_id, in_trash=in_trash)
            return _as_projects(connection, [row])[0]

    def update(self, project_id: str, changes: Mapping[str, Any]) -> Project:
        """Change some of `name`, `description` and `tags`; the project as it is then.

        Tags are added to those that are there; one whose value is `None` is taken away, and so is a
        description of `None`. Raises `NotFound` or `InvalidInput`, and then changes nothing.
        """
        values = _check_changes(changes)
        with self._database.write() as connection:
            row = _find(connection, project_id, to_change=True)
            if "tags" in changes:
                merged = decode_json(row.tags_json, dict) | _plain_changes(changes["tags"] or {})
                kept = {key: value for key, value in merged.items() if value is not None}
                values["tags_json"] = encode_json(_check_tags(kept))
            statement = update(projects).where(projects.c.id == row.id)
            connection.execute(statement.values(**values, updated_us=now_us()))
            index_items(connection, self._database, "project", [row.id])
        return self.get(project_id)

    def read_activity(self, project_id: str, *, limit: int = 50) -> Sequence[Activity]:
        """What happened in a project, newest first, at most `limit` (1 to 1000); raises `NotFound`."""
        check_count("limit", limit, MAX_ACTIVITY)
        with self._database.read() as connection:
            _find(connection, project_id)
            rows = [
                (at, kind, item_id, name, event)
                for statement, kind, event in _select_activity(project_id)
                for item_id, name, at, event in _with_event(connection.execute(statement.limit(limit)), event)
            ]
        rows.sort(key=lambda row: row[0], reverse=True)
        return [
            Activity(at=format_time(at), kind=kind, id=item_id, name=name, event=event)
            for at, kind, item_id, name, event in rows[:limit]
        ]


def claim_project(connection: Connection, database: Database, project_id: str) -> None:
    """See that a project is there for a run or dataset that is new in it; one in the trash comes back."""
    now = now_us()
    row = {"project_id": project_id, "name": project_id, "created_us": now, "updated_us": now}
    made = connection.execute(
        database.insert_or_ignore(projects), row, execution_options={"preserve_rowcount": True}
    )
    if made.rowcount == 1:
        number = connection.execute(_NUMBER, {"project_id_": project_id}).scalar_one()
        index_items(connection, database, "project", [number])
    connection.execute(_TAKE_BACK, {"project_id_": project_id})


def check_description(description: str | None) -> str | None:
    """`description` as every database keeps it; raises `InvalidInput` if it is too long."""
    text: str | None = clean_text(check_length(description))
    return text


def _check_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(changes) - {"name", "description", "tags"})
    if unknown:
        raise InvalidInput(f"A project has no {', '.join(unknown)} that can be changed.")
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = check_label(changes["name"], "project")
    if "description" in changes:
        values["description"] = check_description(changes["description"])
    return values


def _plain_changes(tags: Mapping[str, Any]) -> dict[str, str | None]:
    gone = {check_label(name, "tag"): None for name, value in tags.items() if value is None}
    return plain_tags({name: value for name, value in tags.items() if value is not None}) | gone


def _check_tags(tags: Mapping[str, str]) -> Mapping[str, str]:
    if len(tags) > MAX_TAGS:
        raise InvalidInput(f"The project would have {len(tags)} tags; at most {MAX_TAGS} are allowed.")
    return tags


def _find_free_id(connection: Connection, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_LENGTH].rstrip("-") or "project"
    near = select(projects.c.project_id).where(projects.c.project_id.startswith(slug, autoescape=True))
    taken = set(connection.execute(near).scalars())
    number = 1
    while (free := slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return free


def _find(connection: Connection, project_id: str, *, in_trash: bool = False, to_change: bool = False) -> Any:
    statement = _BY_ID.with_for_update() if to_change else _BY_ID
    row = connection.execute(statement, {"project_id_": project_id}).one_or_none()
    if row is None or (row.deleted_us is not None and not in_trash):
        hint = (
            "It lies in the trash." if row is not None else "`modellab projects` lists those that are there."
        )
        raise NotFound(f"There is no project {project_id[:60]}.", hint=hint)
    return row


def _select_page(visible: Collection[str] | None, search: str | None, cursor: str | None) -> Select[Any]:
    statement = select(projects).where(projects.c.deleted_us.is_(None))
    if visible is not None:
        statement = statement.where(projects.c.project_id.in_(sorted(visible)))
    if search:
        columns = (projects.c.name, projects.c.project_id)
        statement = statement.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    if cursor is not None:
        place = tuple_(projects.c.created_us, projects.c.id)
        statement = statement.where(place < tuple_(*read_cursor(cursor)))
    return statement.order_by(projects.c.created_us.desc(), projects.c.id.desc())


def _as_projects(connection: Connection, rows: Sequence[Any]) -> list[Project]:
    """Projects with their statistics, which cost as many queries for one as for many."""
    ids = [row.project_id for row in rows]
    found = [
        {row["project_id"]: dict(row) for row in connection.execute(statement, {"ids": ids}).mappings()}
        for statement in (_RUN_COUNTS, _DATASET_COUNTS, _SIZES)
    ]
    return [_as_project(row, *(by_id.get(row.project_id, {}) for by_id in found)) for row in rows]


def _as_project(
    row: Any, of_runs: Mapping[str, Any], of_datasets: Mapping[str, Any], of_files: Mapping[str, Any]
) -> Project:
    moments = [of_runs.get("started_us"), of_runs.get("ended_us"), of_datasets.get("updated_us")]
    counts = {
        name: int(of_runs.get(name) or 0) for name in ("n_runs", "n_running", "n_failed", "n_artifacts")
    }
    return Project(
        project_id=row.project_id,
        name=row.name,
        description=row.description,
        tags=decode_json(row.tags_json, dict),
        created_at=format_time(row.created_us),
        updated_at=format_time(row.updated_us),
        deleted_at=format_time(row.deleted_us),
        statistics=ProjectStatistics(
            **counts,
            n_datasets=int(of_datasets.get("n_datasets") or 0),
            n_bytes=int(of_files.get("n_bytes") or 0),
            last_activity_at=format_time(max((m for m in moments if m is not None), default=None)),
        ),
    )


def _select_activity(project_id: str) -> list[tuple[Select[Any], str, str | None]]:
    """Statements of id, name, time and event, newest first; an event of `None` is the run's status."""
    own_runs = (runs.c.project_id == project_id, runs.c.deleted_us.is_(None))
    own_data = (datasets.c.project_id == project_id, datasets.c.deleted_us.is_(None))
    started = select(runs.c.run_id, runs.c.name, runs.c.started_us, runs.c.status).where(*own_runs)
    ended = select(runs.c.run_id, runs.c.name, runs.c.ended_us, runs.c.status)
    added = select(datasets.c.dataset_id, datasets.c.name, datasets.c.created_us, datasets.c.version)
    return [
        (started.order_by(runs.c.started_us.desc()), "run", "started"),
        (ended.where(*own_runs, runs.c.ended_us.is_not(None)).order_by(runs.c.ended_us.desc()), "run", None),
        (added.where(*own_data).order_by(datasets.c.created_us.desc()), "dataset", "added"),
    ]


def _with_event(rows: Any, event: str | None) -> list[tuple[str, str | None, int, str]]:
    return [
        (item_id, name, at, "created" if event and last == "pending" else event or last)
        for item_id, name, at, last in rows
    ]
