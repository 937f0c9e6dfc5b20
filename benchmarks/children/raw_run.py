"""Puts runs into SQLite with `sqlite3` alone, and prints the nanoseconds of each as JSON."""

from __future__ import annotations

import json
import sqlite3
import sys
import time

_TABLE = (
    "CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, started REAL, command TEXT, params TEXT, "
    "metrics TEXT)"
)


def main() -> None:
    """Insert as many rows as the command line says, each in a transaction of its own."""
    connection: sqlite3.Connection | None = None
    taken = []
    for i in range(int(sys.argv[1])):
        start = time.perf_counter_ns()
        if connection is None:
            connection = sqlite3.connect("raw.db", isolation_level=None)
            connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_TABLE}")
        params, metrics = {"learning_rate": i / 1000, "epochs": 10}, {"accuracy": i / 1000}
        row = (time.time(), " ".join(sys.argv), json.dumps(params), json.dumps(metrics))
        connection.execute("INSERT INTO runs (started, command, params, metrics) VALUES (?, ?, ?, ?)", row)
        taken.append(time.perf_counter_ns() - start)
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
