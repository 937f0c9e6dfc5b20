"""How fast two runs answer: percentiles of their measured calls, compared by blocks of consecutive calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.comparison.evidence import Evidence, Source
from modellab.comparison.measured import SEED, Measured
from modellab.errors import ModelLabError, NotFound
from modellab.latency import compare_latency, decode_samples
from modellab.records.evaluations import Latency
from modellab.statistics.streams import Stream

_PERCENTILE = re.compile(r"latency/(?P<name>[^/]+)/p(?P<percent>50|95|99)_ms")
_LOAD = ("mode", "concurrency", "rate_per_s", "expected_interval_s")
_MACHINE = "the calls were measured on different machines"

Times = NDArray[np.float64]


def is_latency(metric: str) -> bool:
    """Whether a metric is a percentile of measured calls."""
    return _PERCENTILE.fullmatch(metric) is not None


def compare_calls(source: Source, a: Evidence, b: Evidence, metric: str) -> tuple[Measured, list[str]]:
    """The outcome for a percentile such as `latency/default/p95_ms`, B - A, and what to know about it.

    Without the measured times of both, or where they were measured under another load, there is no test.
    """
    found = _PERCENTILE.fullmatch(metric)
    values = (a.run.final_metrics.get(metric), b.run.final_metrics.get(metric))
    nothing = Measured(a_value=values[0], b_value=values[1])
    if found is None or values[0] is None or values[1] is None:
        return nothing, []
    try:
        reports = [_find(source, one.run_id, found["name"]) for one in (a, b)]
        times = [_read(source, one.run_id, found["name"]) for one in (a, b)]
    except (ModelLabError, OSError) as error:
        return _refuse(nothing, f"the measured times cannot be read ({str(error).splitlines()[0]})"), []
    other = [name for name in _LOAD if reports[0].report.get(name) != reports[1].report.get(name)]
    if other:
        return _refuse(nothing, f"the calls were made under another load ({', '.join(other)})"), []
    measured = _compare(times[0], times[1], int(found["percent"]) / 100, values[0], values[1])
    return measured, [] if _machine(reports[0].report) == _machine(reports[1].report) else [_MACHINE]


def _compare(a: Times, b: Times, q: float, value_a: float, value_b: float) -> Measured:
    """The same for A and B and for B and A, but for the sign."""
    if np.array_equal(a, b):
        return _refuse(Measured(a_value=value_a, b_value=value_b), "the measured times are the same ones")
    turned = np.sort(b).tobytes() < np.sort(a).tobytes()
    first, second = (b, a) if turned else (a, b)
    test = compare_latency(first, second, q=q, stream=Stream(SEED, "comparison", "latency"))
    values = (value_b, value_a) if turned else (value_a, value_b)
    reason = None if test.p_value is not None else f"it {test.note}"
    measured = Measured(a_value=values[0], b_value=values[1], test=test, reason=reason)
    return measured.flip() if turned else measured


def _find(source: Source, run_id: str, name: str) -> Latency:
    for one in source.latencies.list(run_id):
        if one.name == name:
            return one
    raise NotFound(f"run {run_id} has no latency report {name!r}")


def _read(source: Source, run_id: str, name: str) -> Times:
    """The times of the first load, in seconds: those that the metrics are of."""
    levels = decode_samples(source.latencies.read_samples(run_id, name))
    return levels[0] if levels else np.empty(0)


def _machine(report: Mapping[str, Any]) -> Any:
    return report.get("machine")


def _refuse(values: Measured, reason: str) -> Measured:
    return Measured(a_value=values.a_value, b_value=values.b_value, reason=reason)
