"""Means of a few values with their t intervals, such as those of one metric over seeds."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.records.estimates import LEVEL, Interval
from modellab.statistics.columns import is_constant
from modellab.statistics.distributions import critical_value

_ROUNDING = 1e-12
_FEW = "one value shows nothing of how much it varies"
_ALIKE = "all values are the same, which shows nothing of how much they vary"
_HUGE = "the values are too large to add up"


def estimate_mean(values: ArrayLike, level: float = LEVEL) -> Interval:
    """The mean of finite values with the interval of t; without one where nothing shows how they vary."""
    column = np.asarray(values, dtype=np.float64)
    if not len(column):
        return Interval(estimate=None, low=None, high=None, level=level, method="t", note="there is no value")
    with np.errstate(over="ignore"):
        mean, sd = float(np.mean(column)), standard_deviation(column)
    note = _FEW if sd is None else _ALIKE if is_constant(column) else None
    if not math.isfinite(mean) or (sd is not None and not math.isfinite(sd)):
        mean, note = math.nan, _HUGE
    if note is not None or sd is None:
        estimate = mean if math.isfinite(mean) else None
        return Interval(estimate=estimate, low=None, high=None, level=level, method="t", note=note)
    reach = _reach(level, len(column)) * sd / math.sqrt(len(column))
    return Interval(estimate=mean, low=mean - reach, high=mean + reach, level=level, method="t")


def standard_deviation(values: NDArray[np.float64]) -> float | None:
    """The standard deviation with n - 1; `None` of fewer than two values."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def estimate_means(
    values: NDArray[np.float64], level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The means of the columns of (runs, columns) with both ends of their t intervals; NaN is no value.

    A mean of no value is NaN, and so are the ends where fewer than two values, or only equal ones, are.
    """
    there = ~np.isnan(values)
    n = there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = np.where(n > 0, np.where(there, values / n, 0.0).sum(axis=0), math.nan)
        squares = (np.where(there, values - mean, 0.0) ** 2).sum(axis=0)
        error = np.sqrt(squares / (n - 1) / n)
        least, greatest = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
        is_alike = greatest - least <= _ROUNDING * np.maximum(np.abs(least), np.abs(greatest))
    factors = np.array([math.nan, math.nan, *(_reach(level, k) for k in range(2, len(values) + 1))])
    reach = np.where(is_alike | ~np.isfinite(error), math.nan, error) * factors[n]
    return mean, mean - reach, mean + reach


@lru_cache(maxsize=1024)
def _reach(level: float, n: int) -> float:
    """Standard errors that the interval of `n` values reaches to each side."""
    return critical_value(level, n - 1)
