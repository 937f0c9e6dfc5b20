"""Every table and index. `docs/reference/database.md` describes them for readers of the file.

Times in `…_us` are microseconds since 1970 (UTC), in `…_ms` and blocks milliseconds. A number that is
NaN is NULL, because SQLite knows no NaN; ±inf is itself.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

INDEXED_TEXT_LENGTH = 300
"""Characters of a param's text that its index keeps; a filter compares no more of it."""

metadata = MetaData()

# SQLite numbers rows by itself only in a column that says INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

schema_migrations = Table(
    "modellab_migrations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("applied_at", Text, nullable=False),
)

texts = Table(
    "texts",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("run_id", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("timestamp", Text),
    Column("started_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("name", Text),
    Column("project_id", Text),
    Column("parent_id", Text),
    Column("function", Text),
    Column("seed", BigInteger),
    Column("dataset_id", Text),
    Column("git_hash", Text),
    Column("git_branch", Text),
    Column("git_dirty", Integer),
    Column("git_diff_digest", Text, ForeignKey("texts.digest")),
    Column("command", Text),
    Column("python_version", Text),
    Column("pip_freeze_digest", Text, ForeignKey("texts.digest")),
    Column("device_info", Text),
    Column("hostname", Text),
    Column("user", Text),
    Column("description", Text),
    Column("config_json", Text),
    Column("params_json", Text),
    Column("final_metrics_json", Text),
    Column("artifacts_json", Text),
    Column("n_artifacts", Integer, nullable=False, default=0, server_default="0"),
    Column("tags_json", Text),
    Column("wandb_url", Text),
    Column("note", Text),
    Column("error", Text),
    Column("traceback", Text),
    Column("n_dropped", BigInteger, nullable=False, default=0, server_default="0"),
    Column("deleted_us", BigInteger),
    Index("runs_newest", "started_us", "id"),
    Index("runs_parent", "parent_id"),
)

writers = Table(
    "writers",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("run", RowId, ForeignKey("runs.id"), nullable=False),
    Column("writer_id", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("role", Text, nullable=False),  # main: its end is the run's end; fork: a child process
    Column("state", Text, nullable=False),  # pending, live, ended, dead
    Column("outcome", Text),  # completed or failed, once ended
    Column("error", Text),
    Column("traceback", Text),
    Column("n_dropped", BigInteger, nullable=False, default=0, server_default="0"),
    Column("started_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger),  # when a writer that sends over HTTP was last heard of, by our clock
    UniqueConstraint("run", "writer_id"),
)

params = Table(
    "params",
    metadata,
    Column("run", RowId, ForeignKey("runs.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("number", Double),
    Index("params_by_text", "key", "text", "run"),
    Index("params_by_number", "key", "number", "run"),
    sqlite_with_rowid=False,  # the row lies in its key: asking about one run is one search, not two
)

metrics = Table(
    "metrics",
    metadata,
    Column("run", RowId, ForeignKey("runs.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("final", Double),
    Column("last", Double),
    Column("first", Double),
    Column("min", Double),
    Column("max", Double),
    Column("count", BigInteger, nullable=False),
    Column("n_nonfinite", BigInteger, nullable=False),
    Column("first_step", BigInteger),
    Column("last_step", BigInteger),
    Column("min_step", BigInteger),
    Column("max_step", BigInteger),
    Column("returned", Integer, nullable=False),  # 1: `final` is what the run returned
    Index("metrics_by_final", "key", "final", "run"),
    sqlite_with_rowid=False,
)

metric_chunks = Table(
    "metric_chunks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("run", RowId, ForeignKey("runs.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("writer", RowId, nullable=False),
    Column("lo", BigInteger, nullable=False),
    Column("hi", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    Column("stride", BigInteger),
    Column("t0", BigInteger, nullable=False),
    Column("t1", BigInteger, nullable=False),
    Column("vmin", Double),
    Column("vmin_step", BigInteger),
    Column("vmin_time", BigInteger),
    Column("vmax", Double),
    Column("vmax_step", BigInteger),
    Column("vmax_time", BigInteger),
    Column("vsum", Double, nullable=False),
    Column("n_nonfinite", Integer, nullable=False),
    Column("rollup", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

CHART_COLUMNS = (
    "lo",
    "hi",
    "n",
    "vmin",
    "vmin_step",
    "vmin_time",
    "vmax",
    "vmax_step",
    "vmax_time",
    "n_nonfinite",
    "id",
)
"""What a chart of many points reads: all of it stands in an index, so that no body is touched."""
Index(
    "metric_chunks_chart",
    metric_chunks.c.run,
    metric_chunks.c.key,
    *(metric_chunks.c[name] for name in CHART_COLUMNS),
)
Index("metric_chunks_writer", metric_chunks.c.run, metric_chunks.c.writer, metric_chunks.c.n)

console = Table(
    "console",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("run", RowId, ForeignKey("runs.id"), nullable=False),
    Column("stream", Text, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Index("console_by_run", "run", "id"),
)
