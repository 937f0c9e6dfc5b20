"""Files of runs: listed by folder, added, removed. Their bytes are `store/files.py`'s."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from modellab.errors import InvalidInput, NotFound
from modellab.records.artifacts import Artifact, check_path, choose_media_type
from modellab.store.engine import Database
from modellab.store.feed import note_change
from modellab.store.files import Arrived, FileShelf, Kept
from modellab.store.json_columns import decode_json, encode_json
from modellab.store.pages import MAX_PAGE, Page, check_count
from modellab.store.platform_tables import artifacts, blobs
from modellab.store.tables import runs
from modellab.store.times import format_time, now_us
from modellab.store.withholding import ARTIFACT_IS_STORED, ARTIFACT_SIZE, give_bytes

_PLACE = (runs.c.run_id == bindparam("run_id_"), runs.c.deleted_us.is_(None))
_RUN = select(runs.c.id).where(*_PLACE)
_RUN_LOCKED = select(runs.c.id, runs.c.project_id, runs.c.artifacts_json).where(*_PLACE).with_for_update()
_UPDATE_RUN = update(runs).where(runs.c.id == bindparam("number"))
_ARTIFACTS = select(
    *(column for column in artifacts.columns if column.name != "size"),
    ARTIFACT_SIZE,
    runs.c.run_id.label("run_id"),
    ARTIFACT_IS_STORED.label("is_stored"),
).select_from(
    artifacts.join(runs, runs.c.id == artifacts.c.run).outerjoin(blobs, blobs.c.sha256 == artifacts.c.sha256)
)
_ONE = _ARTIFACTS.where(*_PLACE, artifacts.c.path == bindparam("path_"))
_DELETE = delete(artifacts).where(
    artifacts.c.run == bindparam("run_"), artifacts.c.path == bindparam("path_")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What adding a file did; `is_new` is false if the very same bytes were there under that path."""

    artifact: Artifact
    is_new: bool


class ArtifactShelf:
    """The artifacts of one store."""

    def __init__(self, database: Database, files: FileShelf) -> None:
        self._database = database
        self._files = files

    def list(
        self, run_id: str, *, folder: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Page[Artifact]:
        """A run's artifacts in order of path, `limit` (1 to 1000) at a time: all, or those below a folder.

        Raises `NotFound` for a run that is not there, and `InvalidInput`.
        """
        check_count("limit", limit, MAX_PAGE)
        wanted = _ARTIFACTS.order_by(artifacts.c.path).limit(limit + 1)
        if folder:
            below = f"{check_path(folder.removesuffix('/'))}/"
            wanted = wanted.where(func.substr(artifacts.c.path, 1, len(below)) == below)
        if cursor is not None:
            wanted = wanted.where(artifacts.c.path > _read_cursor(cursor))
        with self._database.read() as connection:
            number = _find_run(connection, run_id)
            rows = connection.execute(wanted.where(artifacts.c.run == number)).all()
        more = len(rows) > limit
        items = [_as_artifact(row) for row in rows[:limit]]
        return Page(items, _write_cursor(items[-1].path) if more else None)

    def get(self, run_id: str, path: str) -> Artifact:
        """One artifact; raises `NotFound`, and `InvalidInput` for what can be no path."""
        with self._database.read() as connection:
            return _read_one(connection, run_id, check_path(path))

    def add(self, run_id: str, path: str, given: Arrived | Kept, media_type: str | None = None) -> Added:
        """Keep bytes under a path of a run, in place of others that were there.

        The run's list of artifacts names the path then. Without a media type that says something, it
        follows from the path. Raises `NotFound`, `InvalidInput`, or what `FileShelf.keep_named` does, and
        leaves nothing behind then.
        """
        check_path(path)
        before: Any = None

        def name(connection: Connection) -> Added:
            nonlocal before
            run = _lock_run(connection, run_id)
            if run.project_id is not None:
                give_bytes(connection, [given.sha256], [run.project_id])
            before = connection.execute(_ONE, {"run_id_": run_id, "path_": path}).one_or_none()
            if before is not None and before.sha256 == given.sha256:
                return Added(artifact=_as_artifact(before), is_new=False)
            row = {
                "run": run.id,
                "path": path,
                "sha256": given.sha256,
                "size": given.size,
                "media_type": choose_media_type(path, media_type),
                "created_us": now_us(),
            }
            connection.execute(self._database.upsert(artifacts), row)
            _list_path(connection, run, path, is_there=True)
            added = _read_one(connection, run_id, path)
            note_change(connection, self._database, run.id, "changed")
            return Added(artifact=added, is_new=True)

        added = self._files.keep_named(given, name)
        if before is not None and added.is_new:
            self._files.release([before.sha256])
        return added

    def remove(self, run_id: str, path: str) -> int:
        """Take a file from a run; how many bytes that freed: 0 if others have the same. Raises `NotFound`."""
        check_path(path)
        with self._database.write() as connection:
            run = _lock_run(connection, run_id)
            gone = _read_one(connection, run_id, path)
            connection.execute(_DELETE, {"run_": run.id, "path_": path})
            _list_path(connection, run, path, is_there=False)
            note_change(connection, self._database, run.id, "changed")
        return self._files.release([gone.sha256])


def _find_run(connection: Connection, run_id: str) -> int:
    return int(_found(connection.execute(_RUN, {"run_id_": run_id}).one_or_none(), run_id).id)


def _lock_run(connection: Connection, run_id: str) -> Any:
    return _found(connection.execute(_RUN_LOCKED, {"run_id_": run_id}).one_or_none(), run_id)


def _found(row: Any, run_id: str) -> Any:
    if row is None:
        raise NotFound(
            f"There is no run {run_id[:60]}.", hint="`modellab runs` lists the runs that are there."
        )
    return row


def _read_one(connection: Connection, run_id: str, path: str) -> Artifact:
    row = connection.execute(_ONE, {"run_id_": run_id, "path_": path}).one_or_none()
    if row is None:
        raise NotFound(
            f"Run {run_id[:60]} has no artifact {path}.",
            hint=f"`modellab artifacts {run_id[:60]}` lists them.",
        )
    return _as_artifact(row)


def _list_path(connection: Connection, run: Any, path: str, *, is_there: bool) -> None:
    """Have the run's own list name a path, or not."""
    paths = [known for known in decode_json(run.artifacts_json, list) if known != path]
    if is_there:
        paths.append(path)
    values = {"artifacts_json": encode_json(paths), "n_artifacts": len(paths)}
    connection.execute(_UPDATE_RUN, {"number": run.id, **values})


def _as_artifact(row: Any) -> Artifact:
    return Artifact(
        run_id=row.run_id,
        path=row.path,
        sha256=row.sha256,
        size=row.size,
        media_type=row.media_type,
        is_stored=bool(row.is_stored),
        created_at=format_time(row.created_us),
    )


def _write_cursor(path: str) -> str:
    return base64.urlsafe_b64encode(path.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    try:
        return check_path(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
    except (ValueError, binascii.Error):
        raise InvalidInput(f"{cursor[:60]!r} is no cursor.", hint="Take it from the page before.") from None
