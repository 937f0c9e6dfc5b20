"""The audit log: who changed what, when and from where. Written once, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select

from modellab.records.accounts import AuditEntry
from modellab.store.account_tables import audit
from modellab.store.engine import Database
from modellab.store.events import clean_text
from modellab.store.json_columns import decode_json, encode_json
from modellab.store.pages import MAX_PAGE, Page, check_count, read_cursor, write_cursor
from modellab.store.times import format_time, now_us

MAX_DETAIL_LENGTH = 300
"""Characters of a text among the details; of a longer one the beginning is kept."""
MAX_DETAIL_PARTS = 50
"""Parts of a list or mapping among the details; of more the first are kept."""


class AuditShelf:
    """The audit log of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(
        self,
        *,
        actor: str,
        action: str,
        kind: str,
        target: str,
        details: Mapping[str, Any] | None = None,
        key_id: str | None = None,
        address: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Write one change down. Large values among the details are shortened to `MAX_DETAIL_LENGTH`."""
        values = {
            "at_us": now_us(),
            "actor": clean_text(actor),
            "key_id": key_id,
            "action": action,
            "kind": kind,
            "target": clean_text(target),
            "details_json": encode_json(_shorten(dict(details or {}))),
            "address": address,
            "request_id": request_id,
        }
        with self._database.write() as connection:
            connection.execute(insert(audit), values)

    def list(
        self,
        *,
        kind: str | None = None,
        target: str | None = None,
        actor: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[AuditEntry]:
        """Entries, newest first, `limit` (1 to 1000) at a time; of one kind, target or actor if given."""
        check_count("limit", limit, MAX_PAGE)
        wanted = {"kind": kind, "target": target, "actor": actor}
        statement = select(audit).order_by(audit.c.id.desc()).limit(limit + 1)
        statement = statement.where(*(audit.c[name] == value for name, value in wanted.items() if value))
        if cursor is not None:
            statement = statement.where(audit.c.id < read_cursor(cursor, 1)[0])
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        shown = rows[:limit]
        following = write_cursor(shown[-1].id) if len(rows) > limit else None
        return Page([_as_entry(row) for row in shown], following)


def _as_entry(row: Any) -> AuditEntry:
    return AuditEntry(
        at=format_time(row.at_us),
        actor=row.actor,
        key_id=row.key_id,
        action=row.action,
        kind=row.kind,
        target=row.target,
        details=decode_json(row.details_json, dict),
        address=row.address,
        request_id=row.request_id,
    )


def _shorten(value: Any) -> Any:
    """`value` as JSON can say it, with the beginning of what is long; mappings and lists part by part."""
    if isinstance(value, str):
        text = clean_text(value)
        return text if len(text) <= MAX_DETAIL_LENGTH else f"{text[:MAX_DETAIL_LENGTH]}…"
    if isinstance(value, Mapping):
        return {_shorten(str(key)): _shorten(part) for key, part in list(value.items())[:MAX_DETAIL_PARTS]}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_shorten(part) for part in list(value)[:MAX_DETAIL_PARTS]]
    if value is None or isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    return _shorten(str(value))
