"""The only file that knows which database it is: SQLite (one file, WAL) or PostgreSQL."""

from __future__ import annotations

import glob
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, bindparam, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

from modellab.errors import InvalidInput, InvalidSetting, NotADatabase, StoreError
from modellab.journal.place import make_home
from modellab.settings import Settings

BUSY_TIMEOUT_S = 30
"""How long a writer waits for another one before it gives up."""

MAX_REWRITTEN = 2_000_000_000
"""Bytes of a SQLite file that are written anew to make it smaller; more would keep others waiting."""

_MIGRATION_LOCK = 0x6D6C6162  # "mlab"; PostgreSQL's advisory locks are numbered


class Database:
    """An open database: `read()` and `write()` give connections; the rest is where the dialects differ."""

    def __init__(self, engine: Engine, path: Path | None) -> None:
        self.engine = engine
        self.path = path
        self._statements: dict[tuple[str, str], Any] = {}

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a SQLite file (otherwise PostgreSQL)."""
        return self.path is not None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; each statement sees what was committed before it."""
        with _plain_errors(self), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection for reading whose statements all see the same, whatever others write meanwhile."""
        with _plain_errors(self), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                if self.is_sqlite:
                    connection.exec_driver_sql("BEGIN")
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction for writing: committed at the end of the block, undone by an exception.

        SQLite has one writer at a time; others wait here, up to `BUSY_TIMEOUT_S`.
        """
        with _plain_errors(self), self.engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                # Ask for the write lock first: a transaction that has read before may not be let in.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """A transaction that no other process migrates beside."""
        with self.write() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            yield connection

    def insert_or_ignore(self, table: Table) -> Any:
        """An INSERT that passes over rows that are there already."""
        return self._remember(table, "ignore", lambda: self._insert(table).on_conflict_do_nothing())

    def upsert(self, table: Table) -> Any:
        """An INSERT that replaces a row with the same primary key."""

        def build() -> Any:
            statement = self._insert(table)
            columns = {c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key}
            return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=columns)

        return self._remember(table, "upsert", build)

    def insert_or_update(self, table: Table, names: tuple[str, ...]) -> Any:
        """An INSERT of the columns `names` that, where the row is there, changes only those."""

        def build() -> Any:
            statement = self._insert(table).values({name: bindparam(name) for name in names})
            keys = {column.name for column in table.primary_key}
            columns = {name: statement.excluded[name] for name in names if name not in keys}
            return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=columns)

        return self._remember(table, f"update {' '.join(names)}", build)

    def back_up(self, name: str) -> Path | None:
        """A copy of the SQLite file under `<file>.<name>`; `None` on PostgreSQL, which has its own tools."""
        if self.path is None:
            return None
        target = self.path.with_name(f"{self.path.name}.{name}")
        target.touch(mode=self.path.stat().st_mode & 0o777)  # a copy is for no more eyes than the file
        with sqlite3.connect(self.path) as source, sqlite3.connect(target) as copy:
            source.backup(copy)
        source.close()
        copy.close()
        return target

    def close_to_others(self) -> None:
        """Let nobody but its owner read or write the SQLite file, and its copies: it has secrets from now on.

        PostgreSQL has its own users. A file of somebody else stays as it is.
        """
        if self.path is not None:
            for path in self.path.parent.glob(f"{glob.escape(self.path.name)}*"):
                with suppress(OSError):
                    path.chmod(0o600)

    def as_bytes(self, column: str) -> str:
        """An expression for a text column of another program's, whatever it holds."""
        return f"CAST({column} AS BLOB)" if self.is_sqlite else column

    def size_bytes(self) -> int:
        """What the database takes on disk, with the write-ahead log."""
        if self.path is not None:
            files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
            return sum(file.stat().st_size for file in files if file.exists())
        with self.read() as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())

    def shrink(self, *, is_much: bool) -> int:
        """Give the space that deleted rows took back to the disk, if `is_much` or many pages are empty.

        Returns by how many bytes the database is smaller. SQLite writes the file anew, and others who write
        wait; what is too large for that is left, and the space used again. PostgreSQL reuses space by itself.
        """
        if self.path is None:
            return 0
        with self.read() as connection:

            def ask(name: str) -> int:
                return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())

            pages, free, size = ask("page_count"), ask("freelist_count"), ask("page_size")
            with suppress(OperationalError):  # no room on the disk for a copy, or others write all the time
                if (is_much or free * 10 >= pages) and (pages - free) * size <= MAX_REWRITTEN:
                    connection.exec_driver_sql("VACUUM")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return max(0, pages - ask("page_count")) * size

    def version(self) -> str:
        """The name and version of the database program."""
        return f"SQLite {sqlite3.sqlite_version}" if self.is_sqlite else _server_version(self)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _remember(self, table: Table, kind: str, build: Callable[[], Any]) -> Any:
        # Building a statement takes longer than running it.
        key = (table.name, kind)
        if key not in self._statements:
            self._statements[key] = build()
        return self._statements[key]

    def _insert(self, table: Table) -> Any:
        # Late: each dialect takes time and memory to import, and only one is used.
        if self.is_sqlite:
            from sqlalchemy.dialects.sqlite import insert

            return insert(table)
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql(table)


def open_database(settings: Settings) -> Database:
    """The project's database; a SQLite file is made (with its folder) if it is not there.

    Raises `NotADatabase` for a file that is something else, `InvalidSetting` for a place that cannot
    be written or a missing driver, `StoreError` if the server cannot be reached.
    """
    if settings.database_url is not None:
        return _open_postgresql(settings.database_url)
    return _open_sqlite(settings.db_path)


def _open_sqlite(path: Path) -> Database:
    if path.exists():
        _check_header(path)
    try:
        make_home(path.parent)
    except OSError as error:
        raise InvalidSetting(
            f"The folder of the database cannot be made: {path.parent} ({error.strerror}).",
            hint="Set DB_PATH to a place that can be written to.",
        ) from error
    engine = create_engine(
        f"sqlite:///{quote(str(path))}",
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=24,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        # Rows that others wrote with plain SQL may hold what is no UTF-8; one must not hide the others.
        connection.text_factory = _decode
        connection.executescript(
            "PRAGMA foreign_keys=OFF; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
        )

    return Database(engine, path)


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def enable_wal(database: Database) -> None:
    """Let readers and the writer of a SQLite file work side by side; lasts for the file's life.

    Where the file system cannot do it (some network ones), the file keeps its safe, slower mode.
    """
    if not database.is_sqlite:
        return
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    with database.read() as connection:
        while True:
            try:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                return
            except OperationalError as error:
                # Only here SQLite does not wait by itself, when others open the file at this moment.
                if "locked" not in str(error.orig) or time.monotonic() > deadline:
                    raise
                time.sleep(0.005)


def _check_header(path: Path) -> None:
    try:
        with path.open("rb") as file:
            header = file.read(16)
    except OSError as error:
        raise InvalidSetting(f"The database cannot be read: {path} ({error.strerror}).") from error
    if header and header != b"SQLite format 3\x00":
        raise NotADatabase(
            f"{path} is not a SQLite database; it is left as it is.",
            hint="Set DB_PATH to another place, or move the file away.",
        )


def _open_postgresql(url: str) -> Database:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise InvalidSetting(
            "MODELLAB_DATABASE_URL names PostgreSQL, but its driver is not installed.",
            hint="pip install 'modellab[postgres]'",
        ) from error
    address = "postgresql+psycopg://" + url.split("://", 1)[1]
    try:
        engine = create_engine(
            address, pool_size=8, max_overflow=24, pool_pre_ping=True, connect_args={"connect_timeout": 10}
        )
    except (ArgumentError, ValueError):
        raise InvalidSetting(  # without the address and its password
            "MODELLAB_DATABASE_URL cannot be read as an address.",
            hint="postgresql://user:password@host:5432/database, special characters written as %xx.",
        ) from None
    return Database(engine, None)


def _server_version(database: Database) -> str:
    with database.read() as connection:
        return f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar_one()}"


@contextmanager
def _plain_errors(database: Database) -> Iterator[None]:
    """Turn what the driver says about the database as a whole into a sentence for its user."""
    try:
        yield
    except OperationalError as error:
        where = str(database.path) if database.path else database.engine.url.render_as_string()
        raise StoreError(f"The database {where} cannot be used: {_first_line(error)}.") from error
    except DBAPIError as error:
        if "not a database" in str(error.orig):
            raise NotADatabase(f"{database.path} is not a SQLite database; it is left as it is.") from error
        if database.is_sqlite and "malformed" in str(error.orig):
            raise StoreError(
                f"The database {database.path} is damaged: {_first_line(error)}.",
                hint="Move it away; `modellab doctor --rebuild` fills a new one from the journals beside it.",
            ) from error
        if "NUL (0x00)" in str(error.orig):
            raise InvalidInput("Text may not contain NUL characters.") from error
        raise


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0].rstrip(".")
