"""Changes of the schema, numbered; applied by themselves when a store is opened.

A new database is made whole from the tables as they are now. An older one gets the steps it lacks, all in
one transaction, after a copy of the SQLite file; a test holds the two ways to the same schema. A table
`manifests` of an existing user's database is adopted: its rows go into the new tables, the table itself
stays as `manifests_adopted`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, func, inspect, select, text
from sqlalchemy.schema import CreateColumn

from modellab.errors import NewerDatabase, StoreError
from modellab.records import MAX_NAME_LENGTH
from modellab.store import manifests
from modellab.store.account_tables import ACCOUNT_TABLES
from modellab.store.adoption import adopt_rows
from modellab.store.engine import Database, enable_wal
from modellab.store.evaluation_tables import EVALUATION_TABLES
from modellab.store.events import index_text
from modellab.store.json_columns import decode_json
from modellab.store.platform_tables import (
    OVERVIEW_INDEX,
    PLATFORM_TABLES,
    TRASH_INDEX,
    feed,
    projects,
    tags,
    views,
)
from modellab.store.search_index import index_everything, index_pending
from modellab.store.search_tables import SEARCH_TABLES, create_search_index
from modellab.store.tables import metadata, runs, schema_migrations, writers


class Migration(NamedTuple):
    """One step: what it is called and what it does."""

    number: int
    name: str
    apply: Callable[[Connection, Database], None]


def _m001_initial(connection: Connection, database: Database) -> None:
    """Only ever done to a new database, and so with all that the other steps bring."""
    metadata.create_all(connection)
    connection.exec_driver_sql(TRASH_INDEX)
    create_search_index(connection, database)
    manifests.create_view(connection, database)


def _m002_platform(connection: Connection, database: Database) -> None:
    for name in ("description", "config_json", "deleted_us"):
        _add_column(connection, runs, runs.c[name])
    _add_column(connection, writers, writers.c.seen_ms)
    metadata.create_all(connection, [*PLATFORM_TABLES, *ACCOUNT_TABLES])
    for index in sorted(runs.indexes, key=lambda index: str(index.name)):
        index.create(connection, checkfirst=True)
    connection.exec_driver_sql(TRASH_INDEX)
    manifests.drop_view(connection, database)
    manifests.create_view(connection, database)
    _index_tags(connection, database)
    # Runs from before count as changes, in the order in which they were made.
    connection.execute(
        feed.insert().from_select(["run", "seq", "started_seq"], select(runs.c.id, runs.c.id, runs.c.id))
    )
    named = select(runs.c.project_id, runs.c.project_id, *_earliest_and_latest()).group_by(runs.c.project_id)
    connection.execute(
        projects.insert().from_select(
            ["project_id", "name", "created_us", "updated_us"], named.where(runs.c.project_id.is_not(None))
        )
    )


def _m003_evaluations(connection: Connection, _database: Database) -> None:
    metadata.create_all(connection, EVALUATION_TABLES)


def _m004_web_app(connection: Connection, _database: Database) -> None:
    metadata.create_all(connection, [views])
    OVERVIEW_INDEX.create(connection, checkfirst=True)


def _m005_search(connection: Connection, database: Database) -> None:
    metadata.create_all(connection, SEARCH_TABLES)
    create_search_index(connection, database)
    manifests.drop_view(connection, database)
    manifests.create_view(connection, database)
    index_everything(connection, database)


def _earliest_and_latest() -> tuple[Any, Any]:
    return func.min(runs.c.started_us), func.max(runs.c.started_us)


def _add_column(connection: Connection, table: Table, column: Column[Any]) -> None:
    definition = CreateColumn(column).compile(dialect=connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")


def _index_tags(connection: Connection, database: Database) -> None:
    tagged = connection.execute(select(runs.c.id, runs.c.tags_json).where(runs.c.tags_json.is_not(None)))
    rows = [
        {"run": row.id, "key": key, "text": index_text(value)}
        for row in tagged
        for key, value in decode_json(row.tags_json, dict).items()
        if len(key) <= MAX_NAME_LENGTH
    ]
    if rows:
        connection.execute(database.insert_or_ignore(tags), rows)


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "initial", _m001_initial),
    Migration(2, "platform", _m002_platform),
    Migration(3, "evaluations", _m003_evaluations),
    Migration(4, "web app", _m004_web_app),
    Migration(5, "search", _m005_search),
)
NEWEST = MIGRATIONS[-1].number


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
            if done or step.number == 1 or step.number > NEWEST:
                step.apply(connection, database)
            connection.execute(
                schema_migrations.insert().values(
                    number=step.number, name=step.name, applied_at=datetime.now(UTC).isoformat()
                )
            )
        if adopt:
            adopt_rows(connection, database)
            index_pending(connection, database)
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
