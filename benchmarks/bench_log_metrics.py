"""How long does a caller wait for `log_metrics` of five scalars?

The floor is `os.write` of the very same lines to another file. Blocks of calls are timed in turn: with
a step, without one, and the floor. The time of looking at the clock is taken off every median.
"""

from __future__ import annotations

import os
import random
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from benchmarks.project import temporary_project
from benchmarks.table import Row
from benchmarks.timing import measure_clock, percentile
from modellab import ActiveRun, start_run

NAMES = ("loss", "accuracy", "learning_rate", "val/loss", "val/accuracy")
BLOCK = 10_000


@dataclass
class _Timings:
    """Nanoseconds of single calls, block by block."""

    with_step: list[array[int]] = field(default_factory=list)
    without_step: list[array[int]] = field(default_factory=list)
    floor: list[array[int]] = field(default_factory=list)


def measure(quick: bool) -> list[Row]:
    """The percentiles of a call, and how they and the memory change over a million calls."""
    calls = 40_000 if quick else 1_000_000
    with temporary_project() as settings, start_run(settings=settings) as run:
        journal = next((settings.journals / run.run_id).glob("*.jsonl"))
        timings = _Timings()
        _measure_blocks(run, journal, 2, _Timings())
        before = psutil.Process().memory_info().rss
        _measure_blocks(run, journal, calls // (2 * BLOCK), timings)
        grown = psutil.Process().memory_info().rss - before
    samples = sum(len(block) for kind in vars(timings).values() for block in kind)
    return _as_rows(timings, measure_clock(), calls, grown - 8 * samples)


def _measure_blocks(run: ActiveRun, journal: Path, blocks: int, timings: _Timings) -> None:
    fd = os.open(journal.with_suffix(".floor"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for number in range(blocks):
            metrics = [dict(zip(NAMES, _five_numbers(), strict=True)) for _ in range(BLOCK)]
            offset = journal.stat().st_size
            timings.with_step.append(_time_with_step(run, metrics, number * 10 * BLOCK))
            lines = _read_lines(journal, offset)
            timings.floor.append(_time_writes(fd, lines))
            timings.without_step.append(_time_without_step(run, metrics))
    finally:
        os.close(fd)


def _five_numbers() -> list[float]:
    return [random.random() for _ in NAMES]


def _read_lines(journal: Path, offset: int) -> list[bytes]:
    with journal.open("rb") as file:
        file.seek(offset)
        return file.read().splitlines(keepends=True)


def _time_with_step(run: ActiveRun, metrics: Sequence[dict[str, float]], first: int) -> array[int]:
    clock, log, taken = time.perf_counter_ns, run.log_metrics, array("q", bytes(8 * len(metrics)))
    for i, values in enumerate(metrics):
        step = first + i
        start = clock()
        log(values, step=step)
        taken[i] = clock() - start
    return taken


def _time_without_step(run: ActiveRun, metrics: Sequence[dict[str, float]]) -> array[int]:
    clock, log, taken = time.perf_counter_ns, run.log_metrics, array("q", bytes(8 * len(metrics)))
    for i, values in enumerate(metrics):
        start = clock()
        log(values)
        taken[i] = clock() - start
    return taken


def _time_writes(fd: int, lines: Sequence[bytes]) -> array[int]:
    clock, write, taken = time.perf_counter_ns, os.write, array("q", bytes(8 * len(lines)))
    for i, line in enumerate(lines):
        start = clock()
        write(fd, line)
        taken[i] = clock() - start
    return taken


def _as_rows(timings: _Timings, clock_ns: float, calls: int, grown_bytes: int) -> list[Row]:
    rows = []
    floor = [ns for block in timings.floor for ns in block]
    for what, blocks in (
        ("step given", timings.with_step),
        ("no step", timings.without_step),
    ):
        ours = [ns for block in blocks for ns in block]
        # Block by block: a machine that is slow for a while is slow for both.
        ratio = median(
            (median(mine) - clock_ns) / (median(bare) - clock_ns)
            for mine, bare in zip(blocks, timings.floor, strict=True)
        )
        rows.append(
            Row(
                f"`log_metrics` of 5, {what}: p50",
                f"{(median(ours) - clock_ns) / 1000:.2f} µs",
                f"{(median(floor) - clock_ns) / 1000:.2f} µs (write)",
                ratio,
                "≤ 3x write",
                ratio <= 3,
            )
        )
        p99 = percentile(ours, 99) / 1000
        rows.append(
            Row(
                f"`log_metrics` of 5, {what}: p99",
                f"{p99:.1f} µs",
                f"{percentile(floor, 99) / 1000:.1f} µs (write)",
                percentile(ours, 99) / percentile(floor, 99),
                "≤ 20 µs",
                p99 <= 20,
            )
        )
    return [*rows, _growth(timings, clock_ns, calls, grown_bytes)]


def _growth(timings: _Timings, clock_ns: float, calls: int, grown_bytes: int) -> Row:
    """How the first tenth of the calls compares with the last, as multiples of the floor beside them."""
    tenth = max(1, len(timings.floor) // 10)

    def ratio(part: slice) -> float:
        return median(
            (median(mine) - clock_ns) / (median(bare) - clock_ns)
            for mine, bare in zip(timings.with_step[part], timings.floor[part], strict=True)
        )

    first, last = ratio(slice(0, tenth)), ratio(slice(-tenth, None))
    return Row(
        f"`log_metrics` of 5: last tenth of {calls:,} calls over the first; memory",
        f"x{last / first:.2f}; {grown_bytes / 2**20:+.1f} MiB",
        "",
        last / first,
        "no growth",
        last / first <= 1.2 and grown_bytes < 16 * 2**20,
    )
