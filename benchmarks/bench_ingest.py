"""How fast do journals enter the store, and how many bytes does a point take there?

The rate is of `store.ingest` with batches of 4 MiB, as the collector hands them over. The floor reads the
same lines with orjson and inserts a row a point. Bytes are what the file grew by once the log is in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import orjson

from benchmarks.journals import (
    Curve,
    float32_noise,
    float64_noise,
    ingest_batches,
    join_batches,
    rounded_loss,
    write_lines,
)
from benchmarks.project import temporary_project
from benchmarks.raw_sqlite import RawPoints
from benchmarks.table import Row
from benchmarks.timing import alternate, time_once
from modellab.ids import new_run_id
from modellab.store import open_store

_SERIES: Mapping[str, Curve] = {
    "float32 noise": float32_noise,
    "float64 noise": float64_noise,
    "loss of 4 digits": rounded_loss(4),
    "loss of 6 digits": rounded_loss(6),
}
_LIVE_BYTES = 10_000
"""What a run of 1 000 lines a second writes in the 200 ms between two looks of the server, about."""


def measure(quick: bool) -> list[Row]:
    """Rates for three shapes of journal, then bytes for typical series."""
    points = 50_000 if quick else 1_000_000
    rounds = 1 if quick else 3
    rows = []
    for what, names, batch_bytes in (
        ("1 metric a line", 1, 4 << 20),
        ("5 metrics a line", 5, 4 << 20),
        ("5 metrics a line, live (10 kB at a time)", 5, _LIVE_BYTES),
    ):
        curves = {f"metric_{i}": float32_noise for i in range(names)}
        lines = write_lines(curves, points // names)
        rows.append(_measure_rate(what, list(join_batches(lines, batch_bytes)), points, rounds))
    return [*rows, *(_measure_bytes(what, curve, points) for what, curve in _SERIES.items())]


def _measure_rate(what: str, batches: Sequence[bytes], points: int, rounds: int) -> Row:
    is_live = len(batches) > points // 4096
    with temporary_project() as settings, open_store(settings) as store:
        ours, raw = alternate(
            rounds,
            lambda: time_once(partial(ingest_batches, store, new_run_id(), batches)),
            lambda: _time_rows(settings.root / "raw.db", batches),
        )
    rate, floor = points / median(ours), points / median(raw)
    return Row(
        f"journal → store, {what}",
        f"{rate / 1e6:.2f} M points/s",
        f"{floor / 1e6:.2f} M points/s (SQLite rows)",
        floor / rate,
        "" if is_live else "≥ 1 M points/s",
        None if is_live else rate >= 1e6,
    )


def _time_rows(path: Path, batches: Sequence[bytes]) -> float:
    taken = time_once(lambda: _insert_rows(path, batches))
    path.unlink()
    return taken


def _insert_rows(path: Path, batches: Sequence[bytes]) -> None:
    points = RawPoints(path)
    for batch in batches:
        for line in batch.splitlines():  # kept no longer than needed: all at once is slower by half
            row = orjson.loads(line)
            if isinstance(row, list):
                step, time_ms, values = row
                points.add(values, step, time_ms)
    points.close()


def _measure_bytes(what: str, curve: Curve, points: int) -> Row:
    batches = list(join_batches(write_lines({"loss": curve}, points)))
    with temporary_project() as settings:
        path, raw = settings.db_path, settings.root / "raw.db"
        with open_store(settings) as store:
            empty = _settle(path)
            ingest_batches(store, new_run_id(), batches)
            at_rest = (_settle(path) - empty) / points
        bodies = _read_number(path, "SELECT SUM(LENGTH(body)) FROM metric_chunks") / points
        _read_number(path, "VACUUM")
        vacuumed = (_settle(path) - empty) / points
        _insert_rows(raw, batches)
        floor = _settle(raw) / points
    return Row(
        f"bytes a point at rest, {what}",
        f"{at_rest:.2f} (blocks alone {bodies:.2f}, after VACUUM {vacuumed:.2f})",
        f"{floor:.1f} (SQLite rows)",
        at_rest / floor,
        "≤ 8",
        at_rest <= 8,
    )


def _settle(path: Path) -> int:
    """The size of a SQLite file once its write-ahead log is in it."""
    _read_number(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def _read_number(path: Path, statement: str) -> int:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        row = connection.execute(statement).fetchone()
        return int(row[0]) if row else 0
    finally:
        connection.close()
