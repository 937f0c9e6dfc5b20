"""How long does a chart of a long series take over HTTP, and does it keep every peak?

A noisy curve with single spikes is asked for in 1 000 buckets, the lowest and highest point of each. The
floor is the very same bytes from memory, out of a bare FastAPI app; rows in SQLite, reduced by SQL, stand
beside it for the million.
"""

from __future__ import annotations

import random
import sqlite3
from array import array
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.journals import START_MS, STEP_MS, ingest_batches, join_batches
from benchmarks.project import temporary_project
from benchmarks.servers import OURS, Server, serve_both
from benchmarks.table import Row
from benchmarks.timing import percentile, time_once
from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.settings import Settings
from modellab.store import open_store

BUCKETS = 1000
_SPIKES = 200
_BY_BUCKETS = (
    "SELECT step / ? AS bucket, MIN(value), MAX(value), COUNT(*) FROM points WHERE run = 0 AND key = 0 "
    "GROUP BY bucket ORDER BY bucket"
)
_TARGETS_MS = {1_000_000: 8, 10_000_000: 20}


def measure(quick: bool) -> list[Row]:
    """One and ten million points, and a quarter of one: too few for the summaries of blocks to do."""
    sizes, requests = ((100_000,), 10) if quick else ((250_000, 1_000_000, 10_000_000), 200)
    rows = []
    for size in sizes:
        rows += _measure_size(size, requests)
    return rows


def _measure_size(size: int, requests: int) -> list[Row]:
    values = _make_curve(size)
    run_id = new_run_id()
    with temporary_project() as settings:
        _store_curve(settings, run_id, values)
        path = f"/runs/{run_id}/series?metric=loss&max_points={2 * BUCKETS}"
        blob = settings.root / "answer.json"
        with Server(OURS, settings.root) as server:
            blob.write_bytes(server.connection.get(path))
            shown = server.connection.get_json(path)["series"][0]
        rows = _ask(settings, blob, path, size, requests, _check(shown, values))
        rows.append(_compare_stretches(shown, values))
        if size == 1_000_000:
            rows.append(_ask_rows(settings.root / "rows.db", values, rows[0]))
    return rows


def _make_curve(size: int) -> array[float]:
    """A decaying curve with noise, and spikes far outside it, at most one in a bucket."""
    values = array("d", (2 / (1 + 10 * step / size) + random.gauss(0, 0.05) for step in range(size)))
    width = size // _SPIKES
    for number in range(_SPIKES):
        values[number * width + random.randrange(width // 2)] += random.choice((-5, 5)) + random.random()
    return values


def _store_curve(settings: Settings, run_id: str, values: array[float]) -> None:
    def lines() -> Iterator[bytes]:
        yield encode_event("start", START_MS, {"version": 1, "started_us": START_MS * 1000, "params": {}})
        for step, value in enumerate(values):
            yield encode_points(step, START_MS + STEP_MS * step, {"loss": value})
        yield encode_event("end", START_MS + STEP_MS * len(values), {"status": "completed", "dropped": 0})

    with open_store(settings) as store:
        ingest_batches(store, run_id, join_batches(lines()))


def _check(shown: dict[str, Any], values: array[float]) -> str:
    """What is not exact in a chart; empty if all is."""
    faults = []
    if shown["count"] != len(values) or len(shown["steps"]) > 2 * BUCKETS:
        faults.append(f"{shown['count']} points counted, {len(shown['steps'])} shown")
    pairs = dict(zip(shown["steps"], shown["values"], strict=True))
    if any(values[step] != value for step, value in pairs.items()):
        faults.append("points that are none of the series")
    if min(pairs.values()) != min(values) or max(pairs.values()) != max(values):
        faults.append("the lowest or highest point is missing")
    spikes = [step for step, value in enumerate(values) if not -1 <= value <= 3.5]
    missing = sum(step not in pairs for step in spikes)
    if missing:
        faults.append(f"{missing} of {len(spikes)} spikes missing")
    return ", ".join(faults)


def _compare_stretches(shown: dict[str, Any], values: array[float]) -> Row:
    """How many extremes of exactly equal stretches are shown; ours end where parts of blocks do."""
    steps, width = set(shown["steps"]), len(values) // BUCKETS
    found = 0
    for start in range(0, BUCKETS * width, width):
        part = values[start : start + width]
        found += sum(start + part.index(extreme) in steps for extreme in (min(part), max(part)))
    return Row(
        f"chart of {len(values):,} points: extremes of {BUCKETS:,} exactly equal stretches shown",
        f"{found:,}",
        f"{2 * BUCKETS:,} (all)",
        None,
        "",
        None,
    )


def _ask(settings: Settings, blob: Path, path: str, size: int, requests: int, faults: str) -> list[Row]:
    with serve_both(settings.root, settings.root / "raw.db", blob) as (ours, bare):
        for _ in range(5):
            ours.connection.get(path)
            bare.connection.get("/bytes")
        before = ours.rss_bytes()
        times = [
            (ours.connection.time_get(path) * 1000, bare.connection.time_get("/bytes") * 1000)
            for _ in range(requests)
        ]
        grown = (ours.rss_bytes() - before) / 1e6
    mine, floor = [a for a, _ in times], [b for _, b in times]
    target = _TARGETS_MS.get(size)
    return [
        Row(
            f"chart of {size:,} points in {BUCKETS:,} buckets: p50 (p99)",
            f"{median(mine):.2f} ms ({percentile(mine, 99):.2f}); {faults or 'peaks kept'}",
            f"{median(floor):.2f} ms (same bytes from memory)",
            median(mine) / median(floor),
            f"≤ {target} ms, peaks kept" if target else "peaks kept",
            not faults and (target is None or median(mine) <= target),
        ),
        Row(
            f"chart of {size:,} points: server's memory over {requests} requests",
            f"{before / 1e6:.0f} MB {grown:+.1f}",
            "",
            None,
            "flat",
            grown < 10,
        ),
    ]


def _ask_rows(path: Path, values: array[float], row: Row) -> Row:
    """The same chart by SQL over a row a point, without HTTP."""
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE points (run INTEGER, key INTEGER, step INTEGER, time INTEGER, value REAL, "
        "PRIMARY KEY (run, key, step)) WITHOUT ROWID"
    )
    rows = ((0, 0, step, START_MS + STEP_MS * step, value) for step, value in enumerate(values))
    connection.executemany("INSERT INTO points VALUES (?, ?, ?, ?, ?)", rows)
    connection.commit()
    width = len(values) // BUCKETS
    times = [time_once(lambda: connection.execute(_BY_BUCKETS, (width,)).fetchall()) for _ in range(5)]
    connection.close()
    ours = float(row.measured.split()[0])
    rows_ms = median(times) * 1000
    return Row(
        f"the same chart of {len(values):,} points by SQL over rows",
        f"{ours:.2f} ms",
        f"{rows_ms:.0f} ms (SQLite rows, no HTTP)",
        ours / rows_ms,
        "",
        None,
    )
