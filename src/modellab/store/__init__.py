"""The store: the only room with SQL. `open_store` gives a `Store`, whose shelves hold the verbs.

store.runs      list, rank, get, compare, annotate
store.series    points of a metric, whole or reduced
store.ingest    journal bytes in, exactly once
store.collector local journals in
"""

from __future__ import annotations

from modellab.settings import Settings
from modellab.store.collector import Collector
from modellab.store.engine import Database, open_database
from modellab.store.ingest import Ingested, ingest, mark_dead, read_offset
from modellab.store.migrations import migrate, schema_number
from modellab.store.pages import Page
from modellab.store.points import SeriesShelf
from modellab.store.runs import RunShelf

__all__ = ["Ingested", "Page", "Store", "open_store"]


class Store:
    """An open store; made by `open_store`, closed by `close` or at the end of a `with` block."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.runs = RunShelf(database)
        self.series = SeriesShelf(database)
        self.collector = Collector(database, settings.journals)

    def ingest(self, run_id: str, writer_id: str, offset: int, data: bytes) -> Ingested:
        """Take in complete journal lines that begin at byte `offset`; see `store/ingest.py`."""
        return ingest(self.database, run_id, writer_id, offset, data)

    def read_offset(self, run_id: str, writer_id: str) -> int:
        """How many bytes of a writer's journal are in the store."""
        return read_offset(self.database, run_id, writer_id)

    def mark_dead(self, run_id: str, writer_id: str) -> None:
        """Note that a writer is gone without having ended."""
        mark_dead(self.database, run_id, writer_id)

    @property
    def schema_number(self) -> int:
        """The number of the database's newest migration."""
        return schema_number(self.database)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(settings: Settings) -> Store:
    """The project's store: made if it is not there, migrated if it is old.

    Raises `NotADatabase`, `NewerDatabase`, `StoreError` or `InvalidSetting`, and then changes nothing.
    """
    database = open_database(settings)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return Store(settings, database)
