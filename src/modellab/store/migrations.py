"""Changes of the schema, numbered; applied by themselves when a store is opened.

A new database is made whole from `tables.py`. An older one gets the steps it lacks, all in one
transaction, after a copy of the SQLite file. A table `manifests` of an existing user's database is
adopted: its rows go into the new tables, the table itself stays as `manifests_adopted`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, inspect, text

from modellab.errors import NewerDatabase, StoreError
from modellab.store import manifests
from modellab.store.adoption import adopt_rows
from modellab.store.engine import Database, enable_wal
from modellab.store.tables import metadata, schema_migrations


class Migration(NamedTuple):
    """One step: what it is called and what it does."""

    number: int
    name: str
    apply: Callable[[Connection, Database], None]


def _m001_initial(connection: Connection, database: Database) -> None:
    metadata.create_all(connection)
    manifests.create_view(connection, database)


MIGRATIONS: tuple[Migration, ...] = (Migration(1, "initial", _m001_initial),)


def migrate(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> list[str]:
    """Bring the database to the newest schema; the names of the steps applied.

    Raises `NewerDatabase` (and touches nothing) if it was written by a newer ModelLab, `StoreError` if
    its tables belong to another program.
    """
    if _find_pending(database, migrations) is False:
        return []
    with database.read() as connection:
        _check_ownership(connection, database)
    enable_wal(database)
    with database.migrating() as connection:
        # Asked again under the lock: another process may have been faster.
        done = _applied(connection)
        pending = [step for step in migrations if step.number not in done]
        found = inspect(connection).get_table_names()
        if pending and found:
            database.back_up(f"backup-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        adopt = "manifests" in found
        if adopt:
            connection.execute(text("ALTER TABLE manifests RENAME TO manifests_adopted"))
        for step in pending:
            step.apply(connection, database)
            connection.execute(
                schema_migrations.insert().values(
                    number=step.number, name=step.name, applied_at=datetime.now(UTC).isoformat()
                )
            )
        if adopt:
            adopt_rows(connection, database)
    return [step.name for step in pending]


def schema_number(database: Database) -> int:
    """The number of the newest step applied; 0 for a database without any."""
    with database.read() as connection:
        return max(_applied(connection), default=0)


def _find_pending(database: Database, migrations: Sequence[Migration]) -> bool:
    newest = max(step.number for step in migrations)
    with database.read() as connection:
        done = _applied(connection)
    if done and max(done) > newest:
        raise NewerDatabase(
            f"The database has schema {max(done)}; this ModelLab knows up to {newest}. Nothing was changed.",
            hint="pip install --upgrade modellab",
        )
    return any(step.number not in done for step in migrations)


def _applied(connection: Connection) -> set[int]:
    if not inspect(connection).has_table(schema_migrations.name):
        return set()
    return set(connection.execute(schema_migrations.select()).scalars())


def _check_ownership(connection: Connection, database: Database) -> None:
    inspector = inspect(connection)
    found = set(inspector.get_table_names())
    if schema_migrations.name in found:
        return
    # A PostgreSQL database may have room for others; a file with tables that are not ours is theirs.
    is_theirs = database.is_sqlite and "manifests" not in found
    foreign = sorted(found if is_theirs else found & set(metadata.tables))
    if "manifests" in found and "run_id" not in {c["name"] for c in inspector.get_columns("manifests")}:
        foreign.append("manifests")
    if foreign:
        raise StoreError(
            f"The database belongs to another program: it has tables named {', '.join(foreign[:5])}. "
            "Nothing was changed.",
            hint="Set DB_PATH to another file.",
        )
