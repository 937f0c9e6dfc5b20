"""Tables of projects, datasets, artifacts, kept bytes, tags, saved views, and what live listeners read."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from modellab.store.tables import RowId, metadata, runs

projects = Table(
    "projects",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("project_id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("tags_json", Text),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Column("deleted_us", BigInteger),
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("dataset_id", Text, nullable=False, unique=True),
    # '' is no project: NULLs would not make the versions of a name unique.
    Column("project_id", Text, nullable=False, default="", server_default=""),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("parent_id", Text),
    Column("description", Text),
    Column("tags_json", Text),
    Column("filename", Text),
    Column("format", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("n_rows", BigInteger),
    Column("n_columns", Integer),
    Column("columns_json", Text),
    Column("unread", Text),
    Column("changes_json", Text),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Column("deleted_us", BigInteger),
    # When it was purged while runs name it: what stays is a stone with their data's name and checksum.
    Column("purged_us", BigInteger),
    UniqueConstraint("project_id", "name", "version"),
    Index("datasets_by_content", "sha256"),
)

run_datasets = Table(
    "run_datasets",
    metadata,
    Column("run", RowId, ForeignKey("runs.id"), primary_key=True),
    Column("dataset", RowId, ForeignKey("datasets.id"), primary_key=True),
    Column("split", Text, primary_key=True),  # '' is none
    Index("run_datasets_by_dataset", "dataset", "run"),
    sqlite_with_rowid=False,
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("run", RowId, ForeignKey("runs.id"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Index("artifacts_by_content", "sha256"),
    sqlite_with_rowid=False,
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("created_us", BigInteger, nullable=False),
)

withheld = Table(
    "withheld",
    metadata,
    # Bytes that a project names but nobody there has sent: see `store/withholding.py`.
    Column("sha256", Text, primary_key=True),
    Column("project_id", Text, primary_key=True),
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    Column("run", RowId, ForeignKey("runs.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Index("tags_by_text", "key", "text", "run"),
    sqlite_with_rowid=False,
)

feed = Table(
    "feed",
    metadata,
    # One row a run, however often it changes; `seq` is the number of its newest change, and the others
    # those of the newest change of a kind. Who knows what came before a number asks for what came after.
    Column("run", RowId, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("started_seq", BigInteger, nullable=False, default=0, server_default="0"),
    Column("points_seq", BigInteger, nullable=False, default=0, server_default="0"),
    Column("ended_seq", BigInteger, nullable=False, default=0, server_default="0"),
    Column("changed_seq", BigInteger, nullable=False, default=0, server_default="0"),
    Index("feed_by_seq", "seq", unique=True),
)

purged_runs = Table(
    "purged_runs",
    metadata,
    # Lines of a purged run may still arrive, from a machine that was away: they are passed over.
    Column("run_id", Text, primary_key=True),
    Column("purged_us", BigInteger, nullable=False),
)

views = Table(
    "views",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("view_id", Text, nullable=False, unique=True),
    # '' is no project, and '' nobody: NULLs would not make names unique.
    Column("project_id", Text, nullable=False, default="", server_default=""),
    Column("page", Text, nullable=False),
    Column("owner", Text, nullable=False, default="", server_default=""),
    Column("name", Text, nullable=False),
    Column("state_json", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    UniqueConstraint("project_id", "page", "owner", "name"),
)

PLATFORM_TABLES = (projects, datasets, run_datasets, artifacts, blobs, withheld, tags, feed, purged_runs)
"""The tables that the second migration adds, in the order of their references."""

Index("runs_by_project", runs.c.project_id, runs.c.started_us)

OVERVIEW_INDEX = Index(
    "runs_overview",
    *(
        runs.c[name]
        for name in ("status", "started_us", "id", "ended_us", "project_id", "deleted_us", "n_artifacts")
    ),
)
"""All that an overview counts: the rows of the table are large."""

# Only of the few that are in the trash: nearly all are not, and finding those by an index is slow. As text,
# because SQLAlchemy loads the dialects of both databases for an index with a condition.
TRASH_INDEX = "CREATE INDEX IF NOT EXISTS runs_in_trash ON runs (deleted_us) WHERE deleted_us IS NOT NULL"
