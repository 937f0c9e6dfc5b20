"""Measures how long calls take: warm-up, then closed or open loops of one or several workers."""

from __future__ import annotations

import gc
import inspect
import os
import platform
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.latency.clock import Clock
from modellab.latency.phases import MAX_CALLS, Phase, Progress, Warmup
from modellab.latency.summary import Measured, check_positive, make_report
from modellab.latency.workers import Caller, run_in_event_loop, run_in_threads
from modellab.records.evaluations import DEFAULT_LATENCY, check_latency_name
from modellab.records.latency import CallEnvironment, CallFailure, LatencyReport

DEFAULT_CALLS = 1000
"""Calls that are made if nothing is said, if they take no longer than `DEFAULT_DURATION_S`."""
DEFAULT_DURATION_S = 60.0

_MOST_WORKERS = 1024

Run = Callable[[Sequence[Phase], int], None]
"""Makes the calls of phases with so many workers."""


@dataclass(frozen=True, slots=True)
class LatencyProfile:
    """A report, and the times that it was made of.

    `samples_s` has an array for each level: seconds, float64, in the order in which calls began.
    """

    report: LatencyReport
    samples_s: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How calls are to be made; see `profile_latency`."""

    warmup: int | None = None
    n_calls: int | None = None
    duration_s: float | None = None
    concurrency: int | Sequence[int] = 1
    rate: float | None = None
    expected_interval: float | None = None
    timeout: float | None = None
    name: str = DEFAULT_LATENCY
    machine: Mapping[str, Any] | None = None
    progress: Progress | None = None
    clock: Clock = field(default_factory=Clock)

    def check(self) -> list[int]:
        """The levels of concurrency, if all that was given is allowed; else `InvalidInput`."""
        check_latency_name(self.name)
        for name in ("duration_s", "rate", "expected_interval", "timeout"):
            check_positive(name, getattr(self, name))
        _check_whole("warmup", self.warmup, 0, MAX_CALLS)
        _check_whole("n_calls", self.n_calls, 1, MAX_CALLS)
        levels = list(self.concurrency) if isinstance(self.concurrency, Sequence) else [self.concurrency]
        if not levels or len(set(levels)) < len(levels):
            raise InvalidInput(
                f"concurrency is {self.concurrency!r}; it is a number, or several that differ."
            )
        for level in levels:
            _check_whole("concurrency", level, 1, _MOST_WORKERS)
        if self.rate is not None and self.expected_interval is not None:
            raise InvalidInput(
                "rate and expected_interval are both given; the second corrects a closed loop."
            )
        return levels


def profile_latency(
    fn: Callable[[Any], object] | Callable[[Any], Awaitable[object]],
    inputs: Iterable[Any],
    *,
    warmup: int | None = None,
    n_calls: int | None = None,
    duration_s: float | None = None,
    concurrency: int | Sequence[int] = 1,
    rate: float | None = None,
    expected_interval: float | None = None,
    timeout: float | None = None,
    name: str = DEFAULT_LATENCY,
    progress: Progress | None = None,
    machine: Mapping[str, Any] | None = None,
    clock: Clock | None = None,
) -> LatencyProfile:
    """How long `fn(input)` takes, over `inputs` in turn; a coroutine function is awaited.

    `warmup` calls are made first and left out. By default they go on until 50 calls and 2 s, or until the
    medians of two windows of 50 differ by less than 5 %, or for 10 s. Then come `n_calls` calls, or calls for
    `duration_s` seconds, whichever ends first; if neither is given, 1000 calls within 60 s.

    Without `rate` the loop is closed: `concurrency` workers (threads; tasks of an event loop for coroutines)
    each make the next call when their last one ended. Long calls keep others from being made, so percentiles
    of a target that stalls look too good; `expected_interval`, in seconds, adds a corrected series. With
    `rate`, calls a second, the loop is open: calls are planned evenly, and latency counts from the planned
    beginning, whether a worker was free or not. Several numbers as `concurrency` make one level each.

    An exception of `fn` is an error that is counted, `TimeoutError` a timeout; so is a call that took longer
    than `timeout` seconds, but only a coroutine is stopped then. `InvalidInput` if every call of the warm-up
    fails. `machine` is kept in the report as it is; `clock` stands in for that of the process.
    """
    load = Load(
        warmup=warmup,
        n_calls=n_calls,
        duration_s=duration_s,
        concurrency=concurrency,
        rate=rate,
        expected_interval=expected_interval,
        timeout=timeout,
        name=name,
        machine=machine,
        progress=progress,
        clock=clock or Clock(),
    )
    if not callable(fn):
        raise InvalidInput(f"fn is {type(fn).__name__}; it is what is called with one input.")
    if inspect.iscoroutinefunction(fn) or inspect.iscoroutinefunction(getattr(fn, "__call__", None)):  # noqa: B004
        call = cast(Callable[[Any], Awaitable[object]], fn)
        return measure(lambda phases, n: run_in_event_loop(phases, call, n), inputs, load, name_target(fn))
    return measure(partial(_run_plain, fn), inputs, load, name_target(fn))


def measure(run: Run, inputs: Iterable[Any], load: Load, target: str) -> LatencyProfile:
    """Measure what `run` calls, at each level of concurrency, and report."""
    levels = load.check()
    items = read_inputs(inputs)
    environment = _describe_environment()
    measured = [_measure_level(run, items, load, level, target) for level in levels]
    report = make_report(
        measured,
        name=load.name,
        mode="closed" if load.rate is None else "open",
        target=target,
        expected_interval=load.expected_interval,
        timeout=load.timeout,
        environment=environment,
        machine=load.machine,
    )
    return LatencyProfile(report, tuple(level.latencies_s for level in measured))


def read_inputs(inputs: Iterable[Any]) -> list[Any]:
    """What calls get, one after the other; `InvalidInput` for nothing, and for what is plainly one input."""
    if (
        isinstance(inputs, (str, bytes, Mapping))
        or hasattr(inputs, "columns")
        or not hasattr(inputs, "__iter__")
    ):
        raise InvalidInput(
            f"inputs is {type(inputs).__name__}; it is a list of what single calls get.",
            hint="For one input write [input]; for the rows of a table, a list of what one call gets.",
        )
    items = list(inputs)
    if not items:
        raise InvalidInput("inputs is empty; at least one input is needed, and is given again and again.")
    return items


def name_target(fn: object) -> str:
    """What a callable is called: `module.function`."""
    named = fn.func if isinstance(fn, partial) else fn
    name = getattr(named, "__qualname__", type(named).__qualname__)
    return f"{getattr(named, '__module__', None) or type(named).__module__}.{name}"


def _run_plain(fn: Callable[[Any], object], phases: Sequence[Phase], n_workers: int) -> None:
    connect: Caller = lambda: nullcontext(fn)  # noqa: E731
    run_in_threads(phases, connect, n_workers)


def _measure_level(run: Run, items: list[Any], load: Load, n_workers: int, target: str) -> Measured:
    label = f"{n_workers} worker{'s' * (n_workers > 1)}"
    warmup = Warmup(
        items=items,
        clock=load.clock,
        rate=load.rate,
        timeout_s=load.timeout,
        progress=load.progress,
        label=f"warm-up, {label}",
        is_automatic=load.warmup is None,
        n_calls=MAX_CALLS if load.warmup is None else load.warmup,
    )
    n_calls, duration_s = _plan(load)
    phase = Phase(
        items=items,
        clock=load.clock,
        rate=load.rate,
        timeout_s=load.timeout,
        progress=load.progress,
        label=label,
        n_calls=n_calls,
        duration_s=duration_s,
    )
    collections = _count_collections()
    run([warmup, phase], n_workers)
    collections = _count_collections() - collections
    if warmup.n_made and not warmup.n_succeeded:
        (_, message), *_ = [*warmup.tallies[0].messages, *(m for t in warmup.tallies for m in t.messages)]
        raise InvalidInput(
            f"Every one of {warmup.n_made} calls of {target} to warm up failed, the first with {message}",
            hint="Call it once by hand with one of the inputs.",
        )
    return _gather(warmup, phase, n_workers, load, collections)


def _plan(load: Load) -> tuple[int, float | None]:
    """How many calls are made at most, and for how long at most.

    In an open loop time limits what is planned; what is planned is made, if that takes no more than twice as
    long and 10 s.
    """
    n_calls, duration_s = load.n_calls, load.duration_s
    if n_calls is None and duration_s is None:
        n_calls, duration_s = DEFAULT_CALLS, DEFAULT_DURATION_S
    n_calls = MAX_CALLS if n_calls is None else n_calls
    if load.rate is None:
        return n_calls, duration_s
    if duration_s is not None:
        n_calls = min(n_calls, max(1, int(duration_s * load.rate)))
    return n_calls, 2 * n_calls / load.rate + 10


def _gather(warmup: Phase, phase: Phase, n_workers: int, load: Load, collections: int) -> Measured:
    """What the workers found, in the order in which calls began."""
    planned, starts, ends = (
        np.concatenate([np.asarray(getattr(tally, name), np.int64) for tally in phase.tallies])
        for name in ("planned", "starts", "ends")
    )
    order = np.argsort(planned, kind="stable")
    services = (ends - starts)[order] / 1e9
    latencies = (ends - planned)[order] / 1e9
    messages: dict[tuple[Any, str], int] = {}
    for tally in phase.tallies:
        for key, count in tally.messages.items():
            messages[key] = messages.get(key, 0) + count
    return Measured(
        latencies_s=latencies,
        services_s=None if load.rate is None else services,
        concurrency=n_workers,
        rate=load.rate,
        wall_s=phase.wall_s,
        n_errors=sum(tally.failed["error"] for tally in phase.tallies),
        n_timeouts=sum(tally.failed["timeout"] for tally in phase.tallies),
        n_unstarted=0 if load.rate is None else phase.n_calls - phase.n_made,
        failures=[
            CallFailure(kind=kind, message=message, count=count)
            for (kind, message), count in list(messages.items())[:5]
        ],
        warmup_calls=warmup.n_made,
        warmup_s=warmup.wall_s,
        gc_collections=collections,
    )


def _describe_environment() -> CallEnvironment:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return CallEnvironment(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        cpus=os.cpu_count(),
        usable_cpus=usable,
        threads=threading.active_count(),
        gc_enabled=gc.isenabled(),
    )


def _count_collections() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())


def _check_whole(name: str, value: object, least: int, most: int) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidInput(f"{name} is {value!r}; it is a whole number, {least} to {most:,}.")
