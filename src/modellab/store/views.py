"""Saved views in the database: made, listed, changed, removed."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, Select, bindparam, delete, exists, select, update
from sqlalchemy.exc import IntegrityError

from modellab.errors import Conflict, InvalidInput, NotFound
from modellab.records.views import MAX_STATE_BYTES, VIEW_PAGES, View, ViewPage
from modellab.store.engine import Database
from modellab.store.json_columns import decode_json
from modellab.store.pages import MAX_PAGE, Page, check_count, read_cursor, write_cursor
from modellab.store.platform_tables import projects, views
from modellab.store.times import format_time, now_us
from modellab.tracking.values import check_label

# Those of a project in the trash are there again when it is restored.
_SHOWN = select(views).where(
    ~exists().where(projects.c.project_id == views.c.project_id, projects.c.deleted_us.is_not(None))
)
_BY_ID = _SHOWN.where(views.c.view_id == bindparam("view_id_"))


class ViewShelf:
    """The saved views of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        page: ViewPage,
        name: str,
        state: Mapping[str, Any],
        *,
        project_id: str | None = None,
        owner: str | None = None,
    ) -> View:
        """A new view of a page, in a project or of all of them.

        Names have 1 to 250 printable characters, states at most 65 536 bytes as JSON. Raises
        `InvalidInput`, `Conflict` if the owner has a view of that name there, and `NotFound` for a project
        that is not there.
        """
        if page not in VIEW_PAGES:
            raise InvalidInput(f"There is no page {page!r}.", hint=f"One of: {', '.join(VIEW_PAGES)}.")
        row = {
            "view_id": os.urandom(8).hex(),
            "project_id": project_id or "",
            "page": page,
            "name": check_label(name, "view"),
            "state_json": _encode_state(state),
            "owner": owner or "",
            "created_us": now_us(),
        }
        row["updated_us"] = row["created_us"]
        statement = self._database.insert_or_ignore(views).returning(views.c.id)
        with self._database.write() as connection:
            if project_id is not None:
                _check_project(connection, project_id)
            if connection.execute(statement, row).one_or_none() is None:
                raise _conflict(name)
        return self.get(str(row["view_id"]))

    def list(
        self,
        *,
        project_id: str | None = None,
        page: ViewPage | None = None,
        visible: Collection[str] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[View]:
        """Views, the first made first, `limit` (1 to 1000) at a time; of one project or page if given.

        `visible` are the ids of the projects that the caller may see, `None` for all.
        """
        check_count("limit", limit, MAX_PAGE)
        statement = _select_page(project_id, page, visible, cursor).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        shown = rows[:limit]
        following = write_cursor(shown[-1].id) if len(rows) > limit else None
        return Page([_as_view(row) for row in shown], following)

    def get(self, view_id: str) -> View:
        """A view; raises `NotFound`."""
        with self._database.read() as connection:
            return _as_view(_get_row(connection, view_id))

    def update(self, view_id: str, changes: Mapping[str, Any]) -> View:
        """Change `name`, `state` or both; the view as it is then. Raises what `create` does."""
        values: dict[str, Any] = {"updated_us": now_us()}
        if "name" in changes:
            values["name"] = check_label(changes["name"], "view")
        if "state" in changes:
            values["state_json"] = _encode_state(changes["state"])
        with self._database.write() as connection:
            number = _get_row(connection, view_id).id
            try:
                connection.execute(update(views).where(views.c.id == number).values(values))
            except IntegrityError:
                raise _conflict(values["name"]) from None
        return self.get(view_id)

    def remove(self, view_id: str) -> View:
        """Remove a view for good; what it was. Raises `NotFound`."""
        with self._database.write() as connection:
            row = _get_row(connection, view_id)
            connection.execute(delete(views).where(views.c.id == row.id))
        return _as_view(row)


def _select_page(
    project_id: str | None, page: ViewPage | None, visible: Collection[str] | None, cursor: str | None
) -> Select[Any]:
    statement = _SHOWN.order_by(views.c.id)
    if project_id is not None:
        statement = statement.where(views.c.project_id == project_id)
    if page is not None:
        statement = statement.where(views.c.page == page)
    if visible is not None:
        statement = statement.where(views.c.project_id.in_(sorted(visible)))
    if cursor is not None:
        statement = statement.where(views.c.id > read_cursor(cursor, 1)[0])
    return statement


def _get_row(connection: Connection, view_id: str) -> Any:
    row = connection.execute(_BY_ID, {"view_id_": view_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no view {view_id[:60]}.")
    return row


def _check_project(connection: Connection, project_id: str) -> None:
    there = (projects.c.project_id == project_id, projects.c.deleted_us.is_(None))
    # Locked, lest it be purged before the view is there, which nothing would remove then.
    if connection.execute(select(projects.c.id).where(*there).with_for_update()).first() is None:
        raise NotFound(f"There is no project {project_id[:60]}.")


def _encode_state(state: Mapping[str, Any]) -> str:
    try:
        text = orjson.dumps(state)
    except (orjson.JSONEncodeError, TypeError) as error:
        raise InvalidInput(f"The state of a view is a JSON object; this one is none: {error}.") from None
    if not text.startswith(b"{"):
        raise InvalidInput(f"The state of a view is a JSON object, not {text[:60].decode(errors='ignore')}.")
    if len(text) > MAX_STATE_BYTES:
        raise InvalidInput(f"The state has {len(text):,} bytes; at most {MAX_STATE_BYTES:,} are allowed.")
    return text.decode()


def _conflict(name: str) -> Conflict:
    return Conflict(
        f"There is a view {name!r} of that page already.", hint="Change that one, or choose another name."
    )


def _as_view(row: Any) -> View:
    return View(
        view_id=row.view_id,
        project_id=row.project_id or None,
        page=row.page,
        name=row.name,
        state=decode_json(row.state_json, dict),
        owner=row.owner or None,
        created_at=format_time(row.created_us),
        updated_at=format_time(row.updated_us),
    )
