"""Tables of evaluations and latency reports: their headlines. Their files are artifacts of the run."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from modellab.store.tables import RowId, metadata

evaluations = Table(
    "evaluations",
    metadata,
    Column("run", RowId, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("task_type", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("primary_metric", Text, nullable=False),
    Column("classes_json", Text),
    Column("metrics_json", Text, nullable=False),
    Column("notes_json", Text, nullable=False),
    Column("intervals_json", Text, nullable=False),
    Column("takeaway", Text, nullable=False),
    Column("rows_sha256", Text, nullable=False),
    Column("examples_sha256", Text),
    Column("files_json", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
)

latencies = Table(
    "latencies",
    metadata,
    Column("run", RowId, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("report_json", Text, nullable=False),
    Column("samples_sha256", Text),
    Column("files_json", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
)

EVALUATION_TABLES = (evaluations, latencies)
"""The tables that the third migration adds."""
