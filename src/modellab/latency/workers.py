"""Workers that make the calls of phases: threads, or tasks of one event loop for coroutine functions."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from modellab.latency.phases import Phase, Tally

Caller = Callable[[], AbstractContextManager[Callable[[Any], object]]]
"""Gives each worker what it calls, such as a connection of its own, and takes it back when all is done."""

_SPIN_S = 0.0015  # an event loop wakes up at whole milliseconds


def run_in_threads(phases: Sequence[Phase], connect: Caller, n_workers: int) -> None:
    """Make the calls of one phase after the other with workers in threads; a single one is this thread."""
    crew = _Crew(phases, n_workers)
    if n_workers == 1:
        crew.work(connect)
    else:
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=(crew.work, connect), daemon=True)
            for _ in range(n_workers)
        ]
        crew.run(threads)
    crew.raise_error()


def run_in_event_loop(
    phases: Sequence[Phase], call: Callable[[Any], Awaitable[object]], n_workers: int
) -> None:
    """The same for a coroutine function, with workers as tasks of one event loop in a thread of its own."""
    crew = _Crew(phases, 1)
    context = contextvars.copy_context()

    def work() -> None:
        try:
            asyncio.run(_run_tasks(phases, call, n_workers))
        except BaseException as error:
            crew.stop(error)

    crew.run([threading.Thread(target=context.run, args=(work,), daemon=True)])
    crew.raise_error()


class _Crew:
    """Workers that begin each phase together, and end together when one meets what no call may raise."""

    def __init__(self, phases: Sequence[Phase], n_workers: int) -> None:
        self._phases = phases
        self._barriers = [
            threading.Barrier(n_workers, action=partial(_begin, phases, phase)) for phase in phases
        ]
        self._error: BaseException | None = None
        self._lock = threading.Lock()

    def work(self, connect: Caller) -> None:
        """Make calls of all phases, as one worker."""
        with self._lock:
            tallies = [phase.add_worker() for phase in self._phases]
        try:
            with connect() as call:
                for phase, barrier, tally in zip(self._phases, self._barriers, tallies, strict=True):
                    barrier.wait()
                    _make_calls(phase, call, tally)
        except threading.BrokenBarrierError:
            pass
        except BaseException as error:
            self.stop(error)

    def run(self, threads: Sequence[threading.Thread]) -> None:
        """Start threads and wait until they are done."""
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except BaseException as error:
            self.stop(error)

    def stop(self, error: BaseException) -> None:
        """Let no further call begin."""
        self._error = self._error or error
        for phase, barrier in zip(self._phases, self._barriers, strict=True):
            phase.is_over = True
            barrier.abort()

    def raise_error(self) -> None:
        """Raise what stopped the workers, if anything did."""
        if self._error is not None:
            raise self._error


def _begin(phases: Sequence[Phase], phase: Phase) -> None:
    """Begin a phase; it is over at once where all calls before failed, for there is nothing to measure."""
    phase.begin()
    made = sum(earlier.n_made for earlier in phases)
    phase.is_over = phase.is_over or (made > 0 and not any(earlier.n_succeeded for earlier in phases))


def _make_calls(phase: Phase, call: Callable[[Any], object], tally: Tally) -> None:
    """The hot loop: nothing but the call stands between two looks at the clock."""
    items, n_items, now = phase.items, len(phase.items), phase.clock.now
    while (number := phase.take()) is not None:
        item, planned = items[number % n_items], phase.plan(number)
        if planned is not None:
            phase.clock.wait_until(planned)
            if phase.is_over:
                return
        start = now()
        try:
            call(item)
            end = now()
        except Exception as error:
            phase.settle(tally, planned, start, now(), error)
        else:
            phase.settle(tally, planned, start, end)


async def _run_tasks(
    phases: Sequence[Phase], call: Callable[[Any], Awaitable[object]], n_workers: int
) -> None:
    for phase in phases:
        _begin(phases, phase)
        await asyncio.gather(*(_make_calls_async(phase, call, phase.add_worker()) for _ in range(n_workers)))


async def _make_calls_async(phase: Phase, call: Callable[[Any], Awaitable[object]], tally: Tally) -> None:
    items, n_items, now = phase.items, len(phase.items), phase.clock.now
    while (number := phase.take()) is not None:
        item, planned = items[number % n_items], phase.plan(number)
        while planned is not None and (left := (planned - now()) / 1e9) > 0:
            await asyncio.sleep(left - _SPIN_S if left > 2 * _SPIN_S else 0)
        if phase.is_over:
            return
        start = now()
        try:
            async with asyncio.timeout(phase.timeout_s):
                await call(item)
            end = now()
        except Exception as error:
            phase.settle(tally, planned, start, now(), error)
        else:
            phase.settle(tally, planned, start, end)
