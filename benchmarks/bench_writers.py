"""How many points a second do eight processes bring into one store, each with a run or all with one?

Timed from the word to start until the last process has ended, when all can be read. The floor is eight
processes that insert the same points into one SQLite file in batches.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.children.writer import NAMES
from benchmarks.project import start_python, temporary_project
from benchmarks.raw_sqlite import RawPoints
from benchmarks.table import Row
from benchmarks.timing import alternate
from modellab import get_metric_history, new_run_id
from modellab.settings import Settings

PROCESSES = 8


@dataclass
class _Faults:
    """What went wrong, over all rounds."""

    errors: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0

    def __str__(self) -> str:
        return f"{self.errors} errors, {self.lost} lost, {self.doubled} doubled, {self.wrong} wrong"

    def any(self) -> bool:
        return bool(self.errors or self.lost or self.doubled or self.wrong)


def measure(quick: bool) -> list[Row]:
    """Points a second, and every point checked afterwards."""
    steps = 1_000 if quick else 50_000
    rounds = 1 if quick else 3
    apart, together = _Faults(), _Faults()
    with temporary_project() as settings:
        found = alternate(
            rounds,
            lambda: _time_runs(settings, [new_run_id() for _ in range(PROCESSES)], steps, apart),
            lambda: _time_runs(settings, [new_run_id()] * PROCESSES, steps, together),
            lambda: _time_raw(settings, steps),
        )
    points = PROCESSES * steps * len(NAMES)
    rates = [points / median(times) for times in found]
    return [
        _as_row("a run each", rates[0], rates[2], apart),
        _as_row("all into one run", rates[1], rates[2], together),
    ]


def _as_row(what: str, rate: float, floor: float, faults: _Faults) -> Row:
    return Row(
        f"{PROCESSES} processes at once, {what}",
        f"{rate / 1e6:.2f} M points/s; {faults}",
        f"{floor / 1e6:.2f} M points/s (SQLite rows)",
        floor / rate,
        "≥ 0.6 M points/s; no faults",
        rate >= 0.6e6 and not faults.any(),
    )


def _time_runs(settings: Settings, run_ids: Sequence[str], steps: int, faults: _Faults) -> float:
    taken, codes = _time_processes(settings, run_ids, steps)
    faults.errors += sum(code != 0 for code in codes)
    for run_id in dict.fromkeys(run_ids):
        ranks = [rank for rank, given in enumerate(run_ids) if given == run_id]
        _check(settings, run_id, range(ranks[0] * steps, (ranks[-1] + 1) * steps), faults)
    return taken


def _time_raw(settings: Settings, steps: int) -> float:
    path = settings.root / "raw.db"
    RawPoints(path).close()  # makes the table
    taken, codes = _time_processes(settings, ["raw"] * PROCESSES, steps)
    points = RawPoints(path)
    if any(codes) or points.count() != PROCESSES * steps * len(NAMES):
        raise RuntimeError("The floor lost points.")
    points.close()
    path.unlink()
    return taken


def _time_processes(settings: Settings, run_ids: Sequence[str], steps: int) -> tuple[float, list[int]]:
    """Seconds from the word to start to the end of the last, and the exit codes."""
    processes = [
        start_python(
            "-m",
            "benchmarks.children.writer",
            str(settings.root),
            run_id,
            str(rank),
            str(steps),
            stdin=subprocess.PIPE,
        )
        for rank, run_id in enumerate(run_ids)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        start = time.perf_counter()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        codes = [process.wait(timeout=300) for process in processes]
        return time.perf_counter() - start, codes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _check(settings: Settings, run_id: str, numbers: range, faults: _Faults) -> None:
    """Compare a run's points in the store with what was logged: each of `numbers` once."""
    for name in NAMES:
        points = get_metric_history(run_id, name, settings=settings)
        steps = {point.step for point in points}
        faults.lost += len(set(numbers) - steps)
        faults.doubled += len(points) - len(steps)
        faults.wrong += len(steps - set(numbers))
        faults.wrong += sum(point.value != point.step + 0.5 for point in points)
