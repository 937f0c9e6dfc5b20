"""Which final metrics a second run can be expected to have again, and up to what difference."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from modellab.errors import InvalidInput
from modellab.records.repro import ExpectedMetric

# They measure the machine and its day, not the model: no second run has them again.
_MEASURES_MACHINE = frozenset(
    ["runtime", "walltime", "wallclock", "elapsed", "duration", "latency", "throughput", "timestamp", "fps"]
)
_UNITS_OF_MACHINE = frozenset(
    [
        "time",
        "seconds",
        "second",
        "secs",
        "sec",
        "s",
        "ms",
        "us",
        "ns",
        "minutes",
        "hours",
        "memory",
        "mb",
        "gb",
        "mib",
        "gib",
        "ram",
        "rss",
        "watts",
    ]
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def measures_machine(name: str) -> bool:
    """Whether a metric's name says that it is a time, a speed or an amount of memory."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return bool(words) and (words[-1] in _UNITS_OF_MACHINE or not _MEASURES_MACHINE.isdisjoint(words))


def expect_metrics(final: Mapping[str, float], tolerance: float) -> list[ExpectedMetric]:
    """The final metrics by name; times, speeds and amounts of memory without a tolerance."""
    return [
        ExpectedMetric(name=name, value=value, tolerance=None if measures_machine(name) else tolerance)
        for name, value in sorted(final.items())
    ]


def check_tolerance(tolerance: float) -> float:
    """`tolerance`, if it is a relative difference; else `InvalidInput`."""
    if not 0 <= tolerance <= 1:
        raise InvalidInput(f"The tolerance is {tolerance}; it may be from 0 (exactly the same) to 1.")
    return tolerance


def agree(expected: float, found: float, tolerance: float) -> bool:
    """Whether two values are the same, or differ by at most `tolerance` of the larger one."""
    if math.isnan(expected) or math.isnan(found):
        return math.isnan(expected) and math.isnan(found)
    return math.isclose(expected, found, rel_tol=tolerance, abs_tol=0.0)
