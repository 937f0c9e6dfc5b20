"""Tables of the search: an index of words, what waits to be put into it, and embeddings by text.

The index is what each database has for that: an FTS5 table of SQLite, a `tsvector` with a GIN index of
PostgreSQL. Both hold the words that `search/words.py` finds, so that both find the same. A row's number
tells what it is of: see `search_index.number_item`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Integer, LargeBinary, Table, Text, table
from sqlalchemy import column as named

from modellab.errors import StoreError
from modellab.store.engine import Database
from modellab.store.tables import RowId, metadata

search_pending = Table(
    "search_pending",
    metadata,
    # Runs that plain SQL has put into `manifests` or changed there: its triggers know no words.
    Column("run", RowId, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
)

embeddings = Table(
    "embeddings",
    metadata,
    Column("model", Text, primary_key=True),
    Column("digest", Text, primary_key=True),  # of the text
    Column("n_dimensions", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # float32, little-endian, of length 1
    sqlite_with_rowid=False,
)

embedded_runs = Table(
    "embedded_runs",
    metadata,
    # The text of a run as it was embedded last; gone as soon as the run's text may be another.
    Column("run", RowId, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
)

SEARCH_TABLES = (search_pending, embeddings, embedded_runs)

CLASSES = ("title", "labels", "prose", "details")
"""Parts of a text by how much they count: names; tags and datasets; notes; params, columns and errors."""

# SQLite numbers the rows of an FTS5 table itself, as `rowid`.
sqlite_index = table("search_index", named("rowid", BigInteger), named("search_index", Text))
postgresql_index = table("search_index", named("id", BigInteger), named("body"))

# Every byte that is no ASCII belongs to a word: the words are found already, with blanks between them.
_SQLITE = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS search_index USING fts5({', '.join(CLASSES)}, tokenize = 'ascii')",
)
_POSTGRESQL = (
    "CREATE TABLE IF NOT EXISTS search_index (id BIGINT PRIMARY KEY, body TSVECTOR NOT NULL)",
    "CREATE INDEX IF NOT EXISTS search_index_body ON search_index USING gin (body)",
)


def create_search_index(connection: Connection, database: Database) -> None:
    """Create the index of words; raises `StoreError` where Python's SQLite has no FTS5."""
    if database.is_sqlite:
        has_fts5 = "SELECT sqlite_compileoption_used('ENABLE_FTS5')"
        if not connection.exec_driver_sql(has_fts5).scalar_one():
            raise StoreError(
                f"This Python's {database.version()} lacks FTS5, which the search needs.",
                hint="Use a Python from python.org, conda, or a distribution.",
            )
    for statement in _SQLITE if database.is_sqlite else _POSTGRESQL:
        connection.exec_driver_sql(statement)
