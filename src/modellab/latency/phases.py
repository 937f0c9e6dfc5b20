"""A phase of calls: which are still to be made, when each is planned, and what came of those made."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

from modellab.latency.clock import Clock

MAX_CALLS = 10_000_000
"""No phase makes more."""

Progress = Callable[[int, int | None, str], object]
"""Told a few times a second: calls made, calls wanted (`None` if time decides), and at which load."""

_MOST_MESSAGES = 5  # of a worker, that differ
_LONGEST_MESSAGE = 300
_TOLD_EVERY_NS = 200_000_000


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of the calls of one worker; times in nanoseconds are those of calls that succeeded."""

    is_first: bool
    planned: array[int] = field(default_factory=lambda: array("q"))
    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    failed: dict[Literal["error", "timeout"], int] = field(default_factory=lambda: {"error": 0, "timeout": 0})
    messages: dict[tuple[Literal["error", "timeout"], str], int] = field(default_factory=dict)
    last_end: int = 0

    @property
    def n(self) -> int:
        """How many calls were made."""
        return len(self.ends) + self.failed["error"] + self.failed["timeout"]

    def keep(self, planned: int, start: int, end: int) -> None:
        """Keep the times of a call that succeeded."""
        self.planned.append(planned)
        self.starts.append(start)
        self.ends.append(end)

    def fail(self, error: Exception) -> None:
        """Count a call that did not, and keep the first messages."""
        kind: Literal["error", "timeout"] = "timeout" if isinstance(error, TimeoutError) else "error"
        self.failed[kind] += 1
        message = _say(error)
        if (kind, message) in self.messages or len(self.messages) < _MOST_MESSAGES:
            self.messages[kind, message] = self.messages.get((kind, message), 0) + 1


def _say(error: Exception) -> str:
    """An exception in one line that any file can hold."""
    name = type(error).__name__
    try:
        text = " ".join(str(error).split())
    except Exception:  # one that cannot say what it is
        return name
    return (f"{name}: {text}" if text else name)[:_LONGEST_MESSAGE].encode("utf-8", "replace").decode()


@dataclass(slots=True, kw_only=True)
class Phase:
    """At most `n_calls` over `items` in turn, for at most `duration_s`; with a `rate` each at its time.

    Workers take calls from it and settle them. A call that took longer than `timeout_s` is a timeout.
    """

    items: Sequence[Any]
    clock: Clock
    n_calls: int = MAX_CALLS
    duration_s: float | None = None
    rate: float | None = None
    timeout_s: float | None = None
    progress: Progress | None = None
    label: str = ""
    is_over: bool = False
    begun: int = 0
    tallies: list[Tally] = field(default_factory=list)
    _counter: itertools.count[int] = field(default_factory=itertools.count)
    _told: int = 0

    def add_worker(self) -> Tally:
        """The tally of one more worker."""
        self.tallies.append(Tally(is_first=not self.tallies))
        return self.tallies[-1]

    def begin(self) -> None:
        """Set the time that plans and limits count from."""
        self.begun = self._told = self.clock.now()

    def take(self) -> int | None:
        """The number of the next call, from 0; `None` when there is none any more."""
        if self.is_over:
            return None
        number = next(self._counter)  # one worker each: the iterator is written in C
        return number if number < self.n_calls else None

    def plan(self, number: int) -> int | None:
        """When a call is to begin; `None` in a closed loop."""
        return None if self.rate is None else self.begun + round(number * 1e9 / self.rate)

    def settle(
        self, tally: Tally, planned: int | None, start: int, end: int, error: Exception | None = None
    ) -> None:
        """Count a call that ended, and say whether the phase is over."""
        if error is None and self.timeout_s is not None and end - start > self.timeout_s * 1e9:
            error = TimeoutError(f"took longer than {self.timeout_s:g} s")
        if error is None:
            tally.keep(start if planned is None else planned, start, end)
        else:
            tally.fail(error)
        tally.last_end = end
        if self.duration_s is not None and end - self.begun >= self.duration_s * 1e9:
            self.is_over = True
        if self.progress is not None and tally.is_first and end - self._told >= _TOLD_EVERY_NS:
            self._told = end
            wanted = None if self.n_calls == MAX_CALLS else self.n_calls
            self.progress(self.n_made, wanted, self.label)

    @property
    def n_made(self) -> int:
        """How many calls were made."""
        return sum(tally.n for tally in self.tallies)

    @property
    def n_succeeded(self) -> int:
        """How many of them succeeded."""
        return sum(len(tally.ends) for tally in self.tallies)

    @property
    def wall_s(self) -> float:
        """From the beginning to the end of the last call."""
        return (
            max(0, max(tally.last_end for tally in self.tallies) - self.begun) / 1e9 if self.n_made else 0.0
        )


@dataclass(slots=True, kw_only=True)
class Warmup(Phase):
    """Calls until the target is warm: 50 of them and 2 s, or two windows of 50 with like medians, or 10 s."""

    is_automatic: bool = True
    _taken: array[int] = field(default_factory=lambda: array("q"))

    def settle(
        self, tally: Tally, planned: int | None, start: int, end: int, error: Exception | None = None
    ) -> None:
        """Count a call that ended, and say whether the target is warm."""
        Phase.settle(self, tally, planned, start, end, error)
        if not self.is_automatic:
            return
        self._taken.append(end - start)
        elapsed = end - self.begun
        if (
            elapsed >= 10_000_000_000
            or (len(self._taken) >= 50 and elapsed >= 2_000_000_000)
            or self._is_steady()
        ):
            self.is_over = True

    def _is_steady(self) -> bool:
        taken = self._taken
        if len(taken) < 100 or len(taken) % 50:
            return False
        before, now = median(taken[-100:-50]), median(taken[-50:])
        return abs(now - before) < 0.05 * before or now == before
