"""Many made-up runs with 10 params and 10 metrics each, the same ones in our store and in plain SQLite.

Ours enter by `INSERT INTO manifests` in one transaction, a documented way in (a run at a time through
`ingest` would take minutes for 100 000). Plain SQLite gets them in one transaction too.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

OPTIMIZERS = ("sgd", "adam", "adamw", "lion")

RAW_TABLES = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=NORMAL;
CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, timestamp TEXT,
  git_hash TEXT, git_diff TEXT, command TEXT, python_version TEXT, pip_freeze TEXT, device_info TEXT,
  dataset_id TEXT, artifacts TEXT, wandb_url TEXT, note TEXT);
CREATE TABLE IF NOT EXISTS params (run INTEGER, key TEXT, text TEXT, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics (run INTEGER, key TEXT, value REAL, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS params_by_text ON params (key, text, run);
CREATE INDEX IF NOT EXISTS metrics_by_value ON metrics (key, value, run);
"""

_MANIFEST = (
    "INSERT INTO manifests (run_id, timestamp, git_hash, command, python_version, device_info, dataset_id, "
    "params_json, final_metrics_json, artifacts_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_RAW_RUN = (
    "INSERT INTO runs (id, run_id, timestamp, git_hash, command, python_version, device_info, dataset_id, "
    "artifacts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


class MadeUpRun(NamedTuple):
    """One run as both databases get it."""

    run_id: str
    timestamp: str
    git_hash: str
    command: str
    python_version: str
    device_info: str
    dataset_id: str
    params: dict[str, Any]
    metrics: dict[str, float]


def make_run_id(number: int) -> str:
    """The id of the made-up run of this number."""
    return f"{number:016x}0123456789abcdef"


def make_runs(start: int, stop: int) -> Iterator[MadeUpRun]:
    """Runs of these numbers, oldest first; a number always gives the same run."""
    for number in range(start, stop):
        chance = random.Random(number)
        params: dict[str, Any] = {f"param_{i}": round(chance.random(), 4) for i in range(7)}
        params |= {"optimizer": chance.choice(OPTIMIZERS), "seed": number, "model": f"resnet{number % 8}"}
        metrics = {f"metric_{i}": chance.random() for i in range(9)}
        yield MadeUpRun(
            run_id=make_run_id(number),
            timestamp=(_FIRST + timedelta(seconds=10 * number)).isoformat(timespec="microseconds"),
            git_hash=f"{number % 97:040x}",
            command=f"python train.py --seed {number}",
            python_version="3.11.7",
            device_info='{"cpu": "x86_64", "cores": 8}',
            dataset_id=f"data-{number % 5}",
            params=params,
            metrics={"accuracy": chance.random(), **metrics},
        )


def fill_ours(path: Path, start: int, stop: int) -> None:
    """Insert runs through the `manifests` view of an existing store."""
    rows = (
        (*run[:7], json.dumps(run.params), json.dumps(run.metrics), '["model.pt"]')
        for run in make_runs(start, stop)
    )
    _in_one_transaction(path, [(_MANIFEST, rows)])


def fill_raw(path: Path, start: int, stop: int) -> None:
    """Insert the same runs as rows of plain tables."""
    connection = sqlite3.connect(path)
    connection.executescript(RAW_TABLES)
    connection.close()
    runs = list(make_runs(start, stop))
    numbered = list(enumerate(runs, start + 1))
    _in_one_transaction(
        path,
        [
            (_RAW_RUN, ((number, *run[:7], '["model.pt"]') for number, run in numbered)),
            (
                "INSERT INTO params VALUES (?, ?, ?)",
                ((number, key, str(value)) for number, run in numbered for key, value in run.params.items()),
            ),
            (
                "INSERT INTO metrics VALUES (?, ?, ?)",
                ((number, key, value) for number, run in numbered for key, value in run.metrics.items()),
            ),
        ],
    )


def _in_one_transaction(path: Path, statements: list[tuple[str, Iterator[tuple[Any, ...]]]]) -> None:
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    for statement, rows in statements:
        connection.executemany(statement, rows)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
