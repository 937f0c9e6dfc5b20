"""What does logging to a server cost the caller, and how fast does what is logged arrive?

`log_metrics` of five scalars is timed in blocks, in turn: in a run that is sent to a server, in a local
one, and as the bare `os.write` of the same lines. The training sleeps between blocks, as one that computes.
"""

from __future__ import annotations

import os
import random
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.project import temporary_project
from benchmarks.servers import OURS, Server
from benchmarks.table import Row
from benchmarks.timing import measure_clock, percentile
from modellab import ActiveRun, start_run
from modellab.settings import Settings

NAMES = ("loss", "accuracy", "learning_rate", "val/loss", "val/accuracy")
BLOCK = 5_000


def measure(quick: bool) -> list[Row]:
    """The caller's time beside that of a local run, the time to arrive, and the rate of a backlog."""
    blocks = 6 if quick else 60
    with temporary_project() as served, Server(OURS, served.root) as server, temporary_project() as here:
        remote = replace(here, api_url=f"http://127.0.0.1:{server.port}", capture_console=False)
        local = replace(here, capture_console=False)
        with start_run(settings=remote) as sent, start_run(settings=local) as kept:
            rows = _time_callers(sent, kept, blocks, next((remote.journals / sent.run_id).glob("*.jsonl")))
        arrival = [_time_arrival(server, remote) for _ in range(3 if quick else 20)]
        rate = _time_backlog(remote, 50_000 if quick else 500_000)
    return [
        *rows,
        Row(
            "remote: from `log_metrics` to the server's answer",
            f"median {1000 * median(arrival):.0f} ms, max {1000 * max(arrival):.0f} ms",
            "",
            None,
            "≤ 1 s",
            max(arrival) <= 1.0,
        ),
        Row("remote: a backlog of one metric is sent", f"{rate:,.0f} points/s", "", None, "", None),
    ]


def _time_callers(sent: ActiveRun, kept: ActiveRun, blocks: int, journal: Path) -> list[Row]:
    remote, local, floor = array("q"), array("q"), array("q")
    ratios = []
    clock_ns = measure_clock()
    with _open_floor(journal) as fd:
        for number in range(blocks):
            metrics = [dict(zip(NAMES, (random.random() for _ in NAMES), strict=True)) for _ in range(BLOCK)]
            offset = journal.stat().st_size
            mine = _time_calls(sent, metrics, number * BLOCK)
            beside = _time_calls(kept, metrics, number * BLOCK)
            bare = _time_writes(fd, journal.read_bytes()[offset:].splitlines(keepends=True))
            ratios.append((median(mine) - clock_ns) / (median(beside) - clock_ns))
            for whole, part in ((remote, mine), (local, beside), (floor, bare)):
                whole.extend(part)
            time.sleep(0.05)
    ratio = median(ratios)
    return [
        Row(
            "remote: `log_metrics` of 5: p50",
            f"{(median(remote) - clock_ns) / 1000:.2f} µs",
            f"{(median(local) - clock_ns) / 1000:.2f} µs (local), "
            f"{(median(floor) - clock_ns) / 1000:.2f} µs (write)",
            ratio,
            "as local: ≤ 1.2x",
            ratio <= 1.2,
        ),
        Row(
            "remote: `log_metrics` of 5: p99",
            f"{percentile(remote, 99) / 1000:.1f} µs",
            f"{percentile(local, 99) / 1000:.1f} µs (local)",
            percentile(remote, 99) / percentile(local, 99),
            "≤ 20 µs",
            percentile(remote, 99) <= 20_000,
        ),
    ]


@contextmanager
def _open_floor(journal: Path) -> Iterator[int]:
    fd = os.open(journal.with_suffix(".floor"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        yield fd
    finally:
        os.close(fd)


def _time_calls(run: ActiveRun, metrics: Sequence[dict[str, float]], first: int) -> array[int]:
    clock, log, taken = time.perf_counter_ns, run.log_metrics, array("q", bytes(8 * len(metrics)))
    for i, values in enumerate(metrics):
        start = clock()
        log(values, step=first + i)
        taken[i] = clock() - start
    return taken


def _time_writes(fd: int, lines: Sequence[bytes]) -> array[int]:
    clock, write, taken = time.perf_counter_ns, os.write, array("q", bytes(8 * len(lines)))
    for i, line in enumerate(lines):
        start = clock()
        write(fd, line)
        taken[i] = clock() - start
    return taken


def _time_arrival(server: Server, settings: Settings) -> float:
    """Seconds until a point that was just logged is in an answer of the server."""
    with start_run(settings=settings) as run:
        run.log_metrics({"loss": 0.5})
        path = f"/runs/{run.run_id}/series?metric=loss"
        _wait_for(server, path, 1)
        time.sleep(random.uniform(0.0, 0.4))
        start = time.perf_counter()
        run.log_metrics({"loss": 0.25})
        _wait_for(server, path, 2)
        return time.perf_counter() - start


def _wait_for(server: Server, path: str, count: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            if server.connection.get_json(path)["series"][0]["count"] == count:
                return
        except RuntimeError:  # the run is not there yet
            if time.monotonic() > deadline:
                raise
        time.sleep(0.005)


def _time_backlog(settings: Settings, n_points: int) -> float:
    """Points a second from the first `log_metrics` of a run to the end of its `finish`."""
    start = time.perf_counter()
    with start_run(settings=settings) as run:
        for step in range(n_points):
            run.log_metrics({"loss": 0.5}, step=step)
    return n_points / (time.perf_counter() - start)
