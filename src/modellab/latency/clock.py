"""The clock that calls are timed with, and what waits until a planned time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

_SPIN_NS = 200_000  # sleeping ends this much too late on a usual kernel


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` in nanoseconds, never backwards; `sleep` for seconds."""

    now: Callable[[], int] = time.perf_counter_ns
    sleep: Callable[[float], None] = time.sleep

    def wait_until(self, planned: int) -> None:
        """Return at `planned`: sleep through most of the time, and let others run in the rest."""
        while (left := planned - self.now()) > 0:
            self.sleep((left - _SPIN_NS) / 1e9 if left > 2 * _SPIN_NS else 0)
