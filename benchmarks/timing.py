"""Statistics of timings, and how long looking at the clock takes by itself."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Sequence
from statistics import median


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` per cent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def measure_clock() -> float:
    """What one timing of nothing shows, in nanoseconds: the median of 100 000."""
    clock = time.perf_counter_ns
    taken = array("q", bytes(8 * 100_000))
    for i in range(len(taken)):
        start = clock()
        taken[i] = clock() - start
    return median(taken)


def time_once(work: Callable[[], object]) -> float:
    """How long one call takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def alternate(rounds: int, *works: Callable[[], float]) -> list[list[float]]:
    """What each of `works` returns in `rounds` rounds, in turn, so that all meet the same machine."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for values, work in zip(found, works, strict=True):
            values.append(work())
    return found


def show_spread(values: Sequence[float], unit: str, scale: float = 1.0, digits: int = 2) -> str:
    """The 50th and 99th percentile as text."""
    p50, p99 = percentile(values, 50) * scale, percentile(values, 99) * scale
    return f"p50 {p50:.{digits}f} {unit}, p99 {p99:.{digits}f} {unit}"
