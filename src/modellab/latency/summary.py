"""Makes reports of measured times: of one load, or of several side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput
from modellab.latency.percentiles import correct_omission, describe_times
from modellab.records.evaluations import DEFAULT_LATENCY, check_latency_name
from modellab.records.latency import (
    CallEnvironment,
    CallFailure,
    Distribution,
    LatencyLevel,
    LatencyReport,
    Mode,
)

_ALIKE = 0.2  # an autocorrelation from which on intervals of independent calls are plainly too narrow


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured under one load: times in seconds of calls that succeeded, in the order they began."""

    latencies_s: NDArray[np.float64]
    services_s: NDArray[np.float64] | None = None
    concurrency: int = 1
    rate: float | None = None
    wall_s: float | None = None
    n_errors: int = 0
    n_timeouts: int = 0
    n_unstarted: int = 0
    failures: Sequence[CallFailure] = ()
    warmup_calls: int = 0
    warmup_s: float = 0.0
    gc_collections: int | None = None


def summarise_samples(
    durations_s: ArrayLike,
    *,
    name: str = DEFAULT_LATENCY,
    mode: Mode = "given",
    concurrency: int = 1,
    rate: float | None = None,
    wall_s: float | None = None,
    n_errors: int = 0,
    n_timeouts: int = 0,
    warmup_calls: int = 0,
    expected_interval: float | None = None,
    target: str | None = None,
    machine: Mapping[str, Any] | None = None,
) -> LatencyReport:
    """The report of calls that were measured elsewhere: `durations_s` in seconds, shape (n,), in their order.

    They are those of calls that succeeded, after `warmup_calls` that were left out; `n_errors` and
    `n_timeouts` failed besides. Without `wall_s`, what all of them took together, there is no throughput.
    `mode` says how they were made, and whether they count from the planned beginning (`open`).
    `InvalidInput` for no calls at all, and for times that are negative or not finite.
    """
    measured = Measured(
        latencies_s=read_durations(durations_s),
        concurrency=_check_count("concurrency", concurrency, 1),
        rate=check_positive("rate", rate),
        wall_s=check_positive("wall_s", wall_s),
        n_errors=_check_count("n_errors", n_errors),
        n_timeouts=_check_count("n_timeouts", n_timeouts),
        warmup_calls=_check_count("warmup_calls", warmup_calls),
    )
    return make_report(
        [measured],
        name=name,
        mode=mode,
        target=target,
        expected_interval=expected_interval,
        machine=machine,
    )


def make_report(
    levels: Sequence[Measured],
    *,
    name: str,
    mode: Mode,
    target: str | None = None,
    expected_interval: float | None = None,
    timeout: float | None = None,
    environment: CallEnvironment | None = None,
    machine: Mapping[str, Any] | None = None,
) -> LatencyReport:
    """The report of one load or several; its figures at the top are those of the first."""
    check_latency_name(name)
    if mode not in get_args(Mode):
        raise InvalidInput(f"mode is {mode!r}; it is one of {', '.join(get_args(Mode))}.")
    check_positive("expected_interval", expected_interval)
    if mode == "open" and expected_interval is not None:
        raise InvalidInput(
            "expected_interval is given for an open loop; it corrects a closed one.",
            hint="An open loop counts from planned times, and needs no correction.",
        )
    described = [_describe_level(level, expected_interval, timeout) for level in levels]
    first = described[0]
    return LatencyReport(
        name=name,
        target=target,
        mode=mode,
        concurrency=first.concurrency,
        rate_per_s=first.rate_per_s,
        expected_interval_s=expected_interval,
        timeout_s=timeout,
        n=first.n,
        n_errors=first.n_errors,
        n_timeouts=first.n_timeouts,
        p50_ms=first.p50_ms,
        p95_ms=first.p95_ms,
        p99_ms=first.p99_ms,
        throughput_per_s=first.throughput_per_s,
        levels=described,
        environment=environment,
        machine=None if machine is None else dict(machine),
    )


def read_durations(durations_s: ArrayLike) -> NDArray[np.float64]:
    """Times in seconds as finite float64, shape (n,), n at least 1, none negative."""
    try:
        times = np.asarray(durations_s, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInput("durations_s is not numbers; it is a list of times in seconds.") from None
    if times.ndim != 1 or not times.size:
        raise InvalidInput(f"durations_s has the shape {times.shape}; it is one list of at least one time.")
    bad = np.flatnonzero(~(np.isfinite(times) & (times >= 0)))
    if bad.size:
        raise InvalidInput(
            f"durations_s has {bad.size} values that are no durations, first {times[bad[0]]} at {bad[0]}; "
            "they are finite and not negative."
        )
    return times


def check_positive(name: str, value: float | None) -> float | None:
    """`value`, if it is a finite number above 0 or `None`; else `InvalidInput`."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
        raise InvalidInput(f"{name} is {value!r}; it is a number above 0.")
    return float(value)


def _check_count(name: str, value: int, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidInput(f"{name} is {value!r}; it is a whole number, at least {least}.")
    return value


def _describe_level(level: Measured, expected_interval: float | None, timeout: float | None) -> LatencyLevel:
    times = level.latencies_s
    latency = describe_times(times)
    corrected = None
    if expected_interval is not None:
        corrected = describe_times(correct_omission(times, expected_interval), is_observed=False)
    by_q = {percentile.q: percentile.value_ms for percentile in latency.percentiles}
    autocorrelation = _correlate_neighbours(times)
    return LatencyLevel(
        concurrency=level.concurrency,
        rate_per_s=level.rate,
        n=len(times),
        n_errors=level.n_errors,
        n_timeouts=level.n_timeouts,
        n_unstarted=level.n_unstarted,
        failures=tuple(level.failures),
        warmup_calls=level.warmup_calls,
        warmup_s=level.warmup_s,
        wall_s=level.wall_s,
        throughput_per_s=len(times) / level.wall_s if level.wall_s else None,
        p50_ms=by_q[0.5],
        p95_ms=by_q[0.95],
        p99_ms=by_q[0.99],
        latency=latency,
        service=None if level.services_s is None else describe_times(level.services_s),
        corrected=corrected,
        autocorrelation=autocorrelation,
        gc_collections=level.gc_collections,
        notes=tuple(_write_notes(level, latency, autocorrelation, timeout)),
    )


def _correlate_neighbours(times: NDArray[np.float64]) -> float | None:
    """The correlation of the logarithm of each time with that of the next; of fewer than ten, none."""
    logarithms = np.log(np.maximum(times, 1e-9))
    spread = logarithms - logarithms.mean() if len(times) >= 10 else np.zeros(1)
    square = float(spread @ spread)
    return float(spread[1:] @ spread[:-1]) / square if square > 1e-12 * len(times) else None


def _write_notes(
    level: Measured, latency: Distribution, autocorrelation: float | None, timeout: float | None
) -> list[str]:
    notes = []
    failed = level.n_errors + level.n_timeouts
    if failed:
        notes.append(
            f"{failed:,} of {latency.n + failed:,} calls failed ({level.n_errors:,} errors, "
            f"{level.n_timeouts:,} timeouts); times are of those that succeeded"
        )
    if timeout is not None and level.n_timeouts:
        share = 1 - level.n_timeouts / (latency.n + failed)
        notes.append(
            f"with the timeouts, percentiles above {100 * share:.4g} are at least {1e3 * timeout:g} ms"
        )
    if level.n_unstarted:
        notes.append(f"the rate was not held: {level.n_unstarted:,} planned calls were not begun")
    if autocorrelation is not None and autocorrelation > _ALIKE:
        notes.append(
            f"calls resemble the one before (autocorrelation {autocorrelation:.2f}): "
            "the intervals, which take them as independent, are too narrow"
        )
    return notes
