"""What does the latency profiler add to the calls that it measures?

The floor is a bare loop that looks at the clock before and after each call and keeps both times.
"""

from __future__ import annotations

import time
from array import array
from statistics import median

import numpy as np

from benchmarks.table import Row
from modellab.latency import profile_latency

_SHOWN_TARGET = 1.5
_BETWEEN_TARGET = 4.0


def measure(quick: bool) -> list[Row]:
    """300 000 calls of a function that does nothing, in turn with the bare loop; 5000 if `quick`."""
    n_calls, rounds = (5_000, 1) if quick else (300_000, 7)
    pairs = [(_run_bare(n_calls), _run_profiled(n_calls)) for _ in range(rounds)]
    shown_bare, shown = (median(pair[side][0] for pair in pairs) for side in (0, 1))
    whole_bare, whole = (median(pair[side][1] for pair in pairs) for side in (0, 1))
    return [
        Row(
            "time of a call that does nothing, as the latency profiler shows it",
            f"{shown:.0f} ns",
            f"{shown_bare:.0f} ns (two looks at the clock)",
            shown / shown_bare,
            f"≤ {_SHOWN_TARGET:g} times",
            None if quick else shown <= _SHOWN_TARGET * shown_bare,
        ),
        Row(
            "time from one call to the next, one worker in a closed loop",
            f"{whole:.0f} ns",
            f"{whole_bare:.0f} ns (bare loop)",
            whole / whole_bare,
            f"≤ {_BETWEEN_TARGET:g} times",
            None if quick else whole <= _BETWEEN_TARGET * whole_bare,
        ),
    ]


def _do_nothing(_: object) -> None:
    pass


def _run_bare(n_calls: int) -> tuple[float, float]:
    """The median time shown of a call, and the time from one call to the next, in nanoseconds."""
    clock, starts, ends = time.perf_counter_ns, array("q"), array("q")
    begun = clock()
    for _ in range(n_calls):
        start = clock()
        _do_nothing(None)
        ends.append(clock())
        starts.append(start)
    return float(np.median(np.asarray(ends) - np.asarray(starts))), (clock() - begun) / n_calls


def _run_profiled(n_calls: int) -> tuple[float, float]:
    profile = profile_latency(_do_nothing, [None], warmup=100, n_calls=n_calls)
    wall_s = profile.report.levels[0].wall_s or 0.0
    return float(np.median(profile.samples_s[0])) * 1e9, wall_s * 1e9 / n_calls
