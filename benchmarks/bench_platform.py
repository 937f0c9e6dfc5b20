"""Do 50 requests at one time on `/api/modellab/runs` all get an answer, and how long does the slowest wait?

`modellab serve` with 10 000 runs; 50 connections ask for pages of 100 runs, one after the other on each.
The floor is the same number of requests on one connection. A second question purges half of the runs while
another process goes on writing.
"""

from __future__ import annotations

import threading
import time

from benchmarks.fill import fill_ours
from benchmarks.project import temporary_project
from benchmarks.servers import OURS, Connection, Server
from benchmarks.table import Row
from benchmarks.timing import percentile, show_spread
from modellab.settings import Settings
from modellab.store import open_store

IN_FLIGHT = 50
PATH = "/api/modellab/runs?limit=100"
_MS = 1000


def measure(quick: bool) -> list[Row]:
    """The rows of this benchmark."""
    with temporary_project() as settings:
        open_store(settings).close()
        fill_ours(settings.db_path, 0, 500 if quick else 10_000)
        with Server(OURS, settings.root) as server:
            row = _ask_together(server.port, 2 if quick else 20)
        return [row, *_purge_half(settings)]


def _ask_together(port: int, rounds: int) -> Row:
    alone: list[float] = []
    _ask(port, rounds * 5, alone, [])
    together: list[float] = []
    errors: list[str] = []
    threads = [threading.Thread(target=_ask, args=(port, rounds, together, errors)) for _ in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = IN_FLIGHT * rounds
    return Row(
        f"platform: {IN_FLIGHT} requests in flight, pages of 100 runs",
        f"{show_spread(together, 'ms', _MS, 0)}, {wanted - len(together)} errors of {wanted}",
        show_spread(alone, "ms", _MS) + " (one at a time)",
        # Fifty at one time may each wait fifty times as long; more would be waiting for each other.
        percentile(together, 50) / percentile(alone, 50) / IN_FLIGHT,
        "0 errors",
        not errors,
    )


def _ask(port: int, times: int, taken: list[float], errors: list[str]) -> None:
    connection = Connection(port)
    try:
        for _ in range(times):
            taken.append(connection.time_get(PATH))
    except (OSError, RuntimeError) as error:
        errors.append(str(error))
    finally:
        connection.close()


def _purge_half(settings: Settings) -> list[Row]:
    """How long a purge takes, and how long others who write wait meanwhile."""
    with open_store(settings) as store:
        for run in store.runs.list(limit=10_000).items[::2]:
            store.trash.put_run(run.run_id)
        stop, waits = threading.Event(), [0.0]

        def write() -> None:
            while not stop.is_set():
                start = time.perf_counter()
                store.editing.create()
                waits.append(time.perf_counter() - start)
                time.sleep(0.02)

        writer = threading.Thread(target=write)
        writer.start()
        size, start = store.database.size_bytes(), time.perf_counter()
        report = store.trash.purge()
        took = time.perf_counter() - start
        stop.set()
        writer.join()
    return [
        Row(
            f"platform: purge of {report.n_runs} runs",
            f"{took:.1f} s, {size / 1e6:.0f} MB before, {store.database.size_bytes() / 1e6:.0f} MB after",
            "",
            None,
            "",
            None,
        ),
        Row(
            "platform: a write beside that purge waits",
            f"p50 {percentile(waits, 50) * _MS:.0f} ms, longest {max(waits) * _MS:.0f} ms",
            "",
            None,
            "longest ≤ 2 s",
            max(waits) <= 2,
        ),
    ]
