"""The store: the only room with SQL. `open_store` gives a `Store`, whose shelves hold the verbs.

store.runs      list, rank, get, compare, annotate
store.table     runs as a table of any fields, sorted by any
store.fields    which fields and values runs have
store.configurations
                what runs were told to do, of many at once
store.alike     runs that have much in common with one
store.series    points of a metric, whole or reduced
store.ingest    journal bytes in, exactly once
store.collector local journals in
store.feed      what changed, in order
store.files     bytes of artifacts and datasets, by their checksum
store.artifacts files of runs
store.evaluations, store.latencies
                evaluations and latency reports of runs
store.datasets  versions of data, and which runs used them
store.editing   runs made and changed by hand
store.bulk      several runs changed at once
store.projects  projects and what is in them
store.overview  what runs, what failed, what is best, and how much there is
store.search    what is found by words
store.embeddings
                what the texts of runs mean, as vectors
store.storage   how much room things take
store.views     saved views of pages
store.trash     deleted things: restored or purged
store.accounts  users and their memberships; who may log in
store.keys      API keys
store.audit     who changed what
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from modellab.blobs import BlobStore, open_blobs
from modellab.settings import Settings
from modellab.store.accounts import AccountShelf
from modellab.store.alike import AlikeShelf
from modellab.store.artifacts import ArtifactShelf
from modellab.store.audit import AuditShelf
from modellab.store.bulk import BulkEditor
from modellab.store.collector import Collector
from modellab.store.configurations import ConfigurationShelf
from modellab.store.datasets import DatasetShelf
from modellab.store.editing import RunEditor
from modellab.store.embeddings import EmbeddingShelf
from modellab.store.engine import Database, open_database
from modellab.store.evaluations import EvaluationShelf, LatencyShelf
from modellab.store.feed import FeedShelf
from modellab.store.fields import FieldShelf
from modellab.store.files import FileShelf
from modellab.store.ingest import Ingested, ingest, mark_dead, read_offset, record
from modellab.store.keys import KeyShelf
from modellab.store.migrations import migrate, schema_number
from modellab.store.overview import OverviewShelf
from modellab.store.pages import Page
from modellab.store.points import SeriesShelf
from modellab.store.presence import mark_unheard, note_heartbeat
from modellab.store.projects import ProjectShelf
from modellab.store.run_table import RunTable
from modellab.store.runs import RunShelf
from modellab.store.search import SearchShelf
from modellab.store.storage import StorageShelf
from modellab.store.trash import TrashShelf
from modellab.store.views import ViewShelf
from modellab.store.withholding import give_bytes, is_stored_for

__all__ = ["Ingested", "Page", "Store", "open_store"]


class Store:
    """An open store; made by `open_store`, closed by `close` or at the end of a `with` block."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.runs = RunShelf(database)
        self.table = RunTable(database)
        self.fields = FieldShelf(database)
        self.configurations = ConfigurationShelf(database)
        self.alike = AlikeShelf(database)
        self.series = SeriesShelf(database)
        self.collector = Collector(database, settings.journals)
        self.feed = FeedShelf(database)
        self.files = FileShelf(database, lambda: open_blobs(settings))
        self.artifacts = ArtifactShelf(database, self.files)
        self.evaluations = EvaluationShelf(database, self.files, self.artifacts)
        self.latencies = LatencyShelf(database, self.files, self.artifacts)
        self.datasets = DatasetShelf(database, self.files)
        self.projects = ProjectShelf(database)
        self.editing = RunEditor(database, self.runs)
        self.overview = OverviewShelf(database)
        self.search = SearchShelf(database)
        self.embeddings = EmbeddingShelf(database)
        self.storage = StorageShelf(database)
        self.views = ViewShelf(database)
        self.bulk = BulkEditor(database)
        self.trash = TrashShelf(database, settings.journals, self.files)
        self.accounts = AccountShelf(database)
        self.keys = KeyShelf(database)
        self.audit = AuditShelf(database)

    def ingest(
        self,
        run_id: str,
        writer_id: str,
        offset: int,
        data: bytes,
        *,
        visible: Collection[str] | None = None,
        seen_ms: int | None = None,
    ) -> Ingested:
        """Take in complete journal lines that begin at byte `offset`; see `store/ingest.py`."""
        return ingest(self.database, run_id, writer_id, offset, data, visible=visible, seen_ms=seen_ms)

    def record(
        self, run_id: str, events: Sequence[bytes], *, visible: Collection[str] | None = None
    ) -> Ingested:
        """Add journal lines to a run in the name of nobody's process; see `store/ingest.py: record`."""
        return record(self.database, run_id, lambda *_: events, visible=visible)

    def note_heartbeat(
        self, run_id: str, writer_id: str, offset: int, *, visible: Collection[str] | None = None
    ) -> int:
        """Note that a writer on another machine lives; see `store/presence.py`."""
        return note_heartbeat(self.database, run_id, writer_id, offset, visible=visible)

    def mark_unheard(self, since_ms: int) -> int:
        """Mark writers on other machines dead that were last heard of before a time."""
        return mark_unheard(self.database, since_ms)

    def is_stored_for(self, sha256: str, visible: Collection[str] | None) -> bool:
        """Whether bytes need not be sent by who may log to these projects; see `store/withholding.py`."""
        with self.database.read() as connection:
            return is_stored_for(connection, sha256, visible)

    def give_bytes(self, sha256: str, visible: Collection[str]) -> None:
        """Note that who may log to these projects has sent bytes, whole."""
        with self.database.write() as connection:
            give_bytes(connection, [sha256], visible)

    def take_in_files(self) -> int:
        """Keep the files that runs of this machine have logged; how many. See `store/files.py`."""
        return self.files.take_in(self.settings.spool)

    def read_offset(self, run_id: str, writer_id: str) -> int:
        """How many bytes of a writer's journal are in the store."""
        return read_offset(self.database, run_id, writer_id)

    def mark_dead(self, run_id: str, writer_id: str) -> bool:
        """Note that a writer is gone without having ended; whether that is news."""
        return mark_dead(self.database, run_id, writer_id)

    @property
    def blobs(self) -> BlobStore:
        """Where the bytes of files lie; opened when it is first asked for."""
        return self.files.blobs

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
    # What waits for a server is not this store's to read.
    settings = replace(settings, api_url=None)
    database = open_database(settings)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return Store(settings, database)
