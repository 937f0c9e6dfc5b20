"""What changed, in order: who knows a number of the feed asks for what came after it.

One row a run, so the feed never grows beyond the runs, and who was away long gets each run once.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Connection, func, select, text

from modellab.store.engine import Database
from modellab.store.platform_tables import feed

Change = Literal["started", "points", "ended", "changed"]

_LOCK = 0x6D6C6665  # "mlfe"
_NEXT = select(func.coalesce(func.max(feed.c.seq), 0) + 1)


def note_change(connection: Connection, database: Database, run: int, *changes: Change) -> None:
    """Put changes of a run at the end of the feed; the last thing to do in a transaction.

    Numbers must become visible in their order, or a listener would pass over one: PostgreSQL's
    transactions wait for each other from here to their end.
    """
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    seq = connection.execute(_NEXT).scalar_one()
    values: dict[str, Any] = {"run": run, "seq": seq, **{f"{change}_seq": seq for change in changes}}
    statement = database.insert_or_update(feed, tuple(values))
    connection.execute(statement, values)


def read_newest_number(connection: Connection) -> int:
    """The number of the newest change; 0 if there is none."""
    return int(connection.execute(select(func.coalesce(func.max(feed.c.seq), 0))).scalar_one())
