"""How soon does the server answer after its start, and what does it take while it idles?

Processes are started in turn: `modellab serve`, and a bare FastAPI app on `sqlite3`. Time runs from the
start of the process to its first answer. Memory is read after a few requests and two seconds of rest.
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from benchmarks.fill import fill_ours
from benchmarks.project import temporary_project
from benchmarks.servers import OURS, Server
from benchmarks.table import Row
from modellab.store import open_store

_PATHS = ("/health", "/runs?limit=50", "/runs/leaderboard?metric_name=accuracy")


def measure(quick: bool) -> list[Row]:
    """The start, memory, and number of processes of both."""
    rounds = 1 if quick else 9
    ours: list[tuple[float, float, int]] = []
    bare: list[tuple[float, float, int]] = []
    with temporary_project() as settings:
        open_store(settings).close()
        fill_ours(settings.db_path, 0, 100 if quick else 1000)
        raw = ("-m", "benchmarks.raw_app", str(settings.root / "raw.db"))
        for _ in range(rounds):
            ours.append(_start(OURS, settings.root, _PATHS))
            bare.append(_start(raw, settings.root, _PATHS[:2]))
    start, floor_start = median(s for s, _, _ in ours), median(s for s, _, _ in bare)
    rss, floor_rss = median(m for _, m, _ in ours), median(m for _, m, _ in bare)
    processes = max(n for _, _, n in ours)
    return [
        Row(
            "server: first answer after its start",
            f"{start:.2f} s",
            f"{floor_start:.2f} s (bare FastAPI on SQLite)",
            start / floor_start,
            "≤ 0.6 s",
            start <= 0.6,
        ),
        Row(
            "server: resident while idle",
            f"{rss:.0f} MB",
            f"{floor_rss:.0f} MB (bare FastAPI on SQLite)",
            rss / floor_rss,
            "≤ 80 MB",
            rss <= 80,
        ),
        Row("server: processes", str(processes), "1", float(processes), "1", processes == 1),
    ]


def _start(arguments: tuple[str, ...], folder: Path, paths: tuple[str, ...]) -> tuple[float, float, int]:
    """Seconds to the first answer, megabytes at rest, processes."""
    with Server(arguments, folder) as server:
        for path in paths * 5:
            server.connection.get(path)
        time.sleep(2)
        return server.start_s, server.rss_bytes() / 1e6, server.n_processes()
