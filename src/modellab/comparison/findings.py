"""The difference of two runs or groups on one metric, as it was found and before it is judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from modellab.records.comparisons import Basis
from modellab.records.estimates import Interval, Test
from modellab.statistics.distributions import critical_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """B - A on one metric. Without a `test`, `reason` says why, and `needed` what would allow one.

    `df` are the degrees of freedom of the standard error, `None` for the normal. `is_identical` is said of
    predictions that are the same row by row.
    """

    a: str
    b: str
    label_a: str
    label_b: str
    metric: str
    higher_is_better: bool
    basis: Basis
    a_value: float | None = None
    b_value: float | None = None
    test: Test | None = None
    df: float | None = None
    n_text: str = ""
    is_identical: bool = False
    reason: str | None = None
    needed: str | None = None
    notes: Sequence[str] = ()

    @property
    def p_value(self) -> float | None:
        """The p-value of the test, `None` without one."""
        return None if self.test is None else self.test.p_value

    @property
    def why(self) -> str:
        """The reason for no test, as a clause that stands alone: as `reason` it leads to what follows."""
        return (self.reason or "none applies").removesuffix(", so").removesuffix(";")

    @property
    def difference(self) -> float | None:
        """B - A: the test's own estimate of it (such as a median), or that of the two values."""
        if self.test is not None and self.test.interval.estimate is not None:
            return self.test.interval.estimate
        if self.a_value is None or self.b_value is None:
            return None
        difference = self.b_value - self.a_value
        return difference if math.isfinite(difference) else None


def flip(test: Test) -> Test:
    """The test of A - B, from that of B - A."""

    def negate(value: float | None) -> float | None:
        return None if value is None else 0.0 - value

    found = test.interval
    interval = replace(found, estimate=negate(found.estimate), low=negate(found.high), high=negate(found.low))
    return replace(test, interval=interval, statistic=negate(test.statistic))


def estimate_error(test: Test) -> float | None:
    """The standard error of the difference; where the method has none, from the width of its interval."""
    if test.standard_error is not None:
        return test.standard_error
    interval: Interval = test.interval
    if interval.low is None or interval.high is None:
        return None
    return (interval.high - interval.low) / (2 * critical_value(interval.level))
