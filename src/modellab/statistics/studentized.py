"""The test that divides a difference by its standard error, with the interval that belongs to it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from modellab.records.estimates import LEVEL, Interval, Test
from modellab.statistics.columns import is_constant
from modellab.statistics.distributions import critical_value, two_sided_p

IDENTICAL = "identical"
"""The note where no row differs: the difference is 0 and p is 1."""


def error_of_mean(values: NDArray[np.float64]) -> float | None:
    """The standard error of the mean of values (n,): `None` of one, 0 where all are the same."""
    if len(values) < 2:
        return None
    return 0.0 if is_constant(values) else float(np.std(values, ddof=1)) / math.sqrt(len(values))


def studentize(
    name: str,
    estimate: float,
    standard_error: float | None,
    *,
    df: float | None,
    n: int,
    level: float = LEVEL,
    note: str | None = None,
) -> Test:
    """The test of `estimate` against 0; of the t distribution with `df`, or of the normal with `None`.

    Without a standard error above 0 there is no test, and `note` or a general word says why.
    """
    method = "normal" if df is None else "t"
    if note == IDENTICAL:
        interval = Interval(estimate=0.0, low=0.0, high=0.0, level=level, method=method, note=note)
        return Test(name=name, p_value=1.0, n=n, interval=interval, standard_error=0.0, note=note)
    if not standard_error or not math.isfinite(standard_error):
        note = note or "too few values, or too alike, to estimate how much the difference varies"
        interval = Interval(estimate=estimate, low=None, high=None, level=level, method=method, note=note)
        return Test(name=name, p_value=None, n=n, interval=interval, note=note)
    reach = critical_value(level, df) * standard_error
    interval = Interval(
        estimate=estimate, low=estimate - reach, high=estimate + reach, level=level, method=method
    )
    statistic = estimate / standard_error
    return Test(
        name=name,
        p_value=two_sided_p(statistic, df),
        n=n,
        interval=interval,
        statistic=statistic,
        standard_error=standard_error,
        note=note,
    )
