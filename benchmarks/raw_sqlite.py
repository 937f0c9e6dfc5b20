"""The floor for points: what somebody would write with `sqlite3` alone, a row a point, in batches.

Write-ahead log, `synchronous=NORMAL`, integer keys, one B-tree in the order of reading and no other
index: the quickest honest form (a table with an index beside it takes a quarter longer).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

BATCH_ROWS = 5000


class RawPoints:
    """Points of one run in a SQLite file of their own."""

    def __init__(self, path: Path, run: int = 0) -> None:
        self._connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
            "CREATE TABLE IF NOT EXISTS points (run INTEGER, key INTEGER, step INTEGER, time INTEGER, "
            "value REAL, PRIMARY KEY (run, key, step)) WITHOUT ROWID;"
        )
        self._run = run
        self._keys: dict[str, int] = {}
        self._rows: list[tuple[int, int, int, int, float]] = []

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Keep one call's points, and write them out when there are enough for a batch."""
        self.add(metrics, step, time.time_ns() // 1_000_000)

    def add(self, metrics: Mapping[str, float], step: int, time_ms: int) -> None:
        """The same, with the time given."""
        run, keys, rows = self._run, self._keys, self._rows
        for name, value in metrics.items():
            rows.append((run, keys.setdefault(name, len(keys)), step, time_ms, value))
        if len(rows) >= BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is kept, in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO points VALUES (?, ?, ?, ?, ?)", self._rows)
        self._connection.execute("COMMIT")
        self._rows.clear()

    def count(self) -> int:
        """How many points are in the file."""
        return int(self._connection.execute("SELECT COUNT(*) FROM points").fetchone()[0])

    def close(self) -> None:
        """Write what is kept, bring the log into the file, and close it."""
        self.flush()
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()
