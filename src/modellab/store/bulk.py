"""Several runs changed at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from modellab.errors import NotFound
from modellab.store.editing import check_changes
from modellab.store.engine import Database
from modellab.store.events import clean_text, index_text
from modellab.store.feed import note_changes
from modellab.store.ingest import save_tags
from modellab.store.json_columns import decode_json, encode_json
from modellab.store.pages import check_count
from modellab.store.projects import claim_project
from modellab.store.runs import report_no_runs
from modellab.store.search_index import index_items
from modellab.store.tables import runs
from modellab.store.times import now_us
from modellab.store.trash import read_trees, stamp_runs

MAX_BULK = 1000
"""Runs that are changed at once."""

_COLUMNS = (runs.c.id, runs.c.run_id, runs.c.project_id, runs.c.deleted_us, runs.c.tags_json)
_SET_TAGS = update(runs).where(runs.c.id == bindparam("number")).values(tags_json=bindparam("tags"))


class BulkEditor:
    """Changes several runs of one database in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(
        self, run_ids: Sequence[str], *, trash: bool = False, restore: bool = False, **said: Any
    ) -> int:
        """Change `note` and `tags` of 1 to 1000 runs as `RunEditor.update` does; how many were changed.

        With `trash` they then lie in the trash, with `restore` they come back from it, and so do those that
        are nested in them. Raises `InvalidInput`, and `NotFound` if one is not there: in the trash to restore
        it, outside of it for all else. Nothing is changed by a call that raises.
        """
        wanted = list(dict.fromkeys(run_ids))
        check_count("The number of runs to change", len(wanted), MAX_BULK)
        changes = dict(check_changes({name: said[name] for name in ("note", "tags") if name in said}))
        with self._database.write() as connection:
            rows = _hold(connection, wanted, in_trash=restore)
            if "note" in changes:
                numbers = [row.id for row in rows]
                note = clean_text(changes["note"])
                connection.execute(update(runs).where(runs.c.id.in_(numbers)).values(note=note))
            if "tags" in changes:
                self._set_tags(connection, rows, changes["tags"])
            if changes:
                index_items(connection, self._database, "run", [row.id for row in rows])
            return self._finish(connection, rows, trash=trash, restore=restore)

    def _set_tags(
        self, connection: Connection, rows: Sequence[Any], changed: Mapping[str, str | None]
    ) -> None:
        values = []
        for row in rows:
            merged = {**decode_json(row.tags_json, dict), **changed}
            kept = {name: text for name, text in merged.items() if text is not None}
            values.append({"number": row.id, "tags": encode_json(kept)})
        connection.execute(_SET_TAGS, values)
        indexed = {
            clean_text(name): None if text is None else index_text(text) for name, text in changed.items()
        }
        for row in rows:
            save_tags(connection, self._database, row.id, indexed)

    def _finish(self, connection: Connection, rows: Sequence[Any], *, trash: bool, restore: bool) -> int:
        """Move the runs in or out of the trash, and tell of all that changed; how many runs that were."""
        if not trash and not restore:
            note_changes(connection, self._database, [row.id for row in rows], "changed")
            return len(rows)
        tree = read_trees(connection, [row.run_id for row in rows])
        if restore:
            for project_id in sorted({row.project_id for row in rows if row.project_id}):
                claim_project(connection, self._database, project_id)
        return stamp_runs(connection, self._database, tree, None if restore else now_us())


def _hold(connection: Connection, wanted: Sequence[str], *, in_trash: bool) -> Sequence[Any]:
    """The rows of the runs, which nobody else changes until the transaction ends."""
    statement = select(*_COLUMNS).where(runs.c.run_id.in_(wanted)).order_by(runs.c.id).with_for_update()
    rows = connection.execute(statement).all()
    there = {row.run_id for row in rows if (row.deleted_us is not None) == in_trash}
    missing = [run_id for run_id in wanted if run_id not in there]
    if missing and in_trash:
        shown = ", ".join(run_id[:60] for run_id in missing[:5]) + (", …" if len(missing) > 5 else "")
        raise NotFound(f"Not in the trash: {shown}.", hint="`modellab trash` lists what there is.")
    if missing:
        raise report_no_runs(missing)
    return rows
